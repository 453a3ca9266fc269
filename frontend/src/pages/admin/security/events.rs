//! What happened lately.

use shared::security::{SecurityEventKind, SecurityEventOut};

use super::{View, words};
use crate::api::{security, use_api};
use crate::i18n::use_i18n;
use crate::pages::more;
use crate::pages::parts::ago;
use crate::prelude::*;
use crate::ui::{Async, Button, Card, Choice, EmptyState, Icon, SelectField, Skeleton, badge};

pub fn card(view: View) -> AnyView {
    let i18n = use_i18n();
    let kinds = Signal::derive(move || {
        let t = i18n.t();
        let mut all = vec![Choice::new("", t.common.all)];
        all.extend(
            SecurityEventKind::ALL.iter().map(|kind| Choice::new(kind.as_str(), words::kind(t, *kind))),
        );
        all
    });
    let narrowed = live(move || {
        let network = view.network.get();
        (!network.is_empty()).then(|| {
            view! {
                <div class="row">
                    <span class="mono">{network}</span>
                    <Button small=true on_press=move |()| view.network.set(String::new())>{i18n.tr(|t| t.security.all_networks)}</Button>
                </div>
            }
        })
    });
    view! {
        <Card title=i18n.tr(|t| t.security.signals) flush=true>
            <div class="filters">
                <SelectField id="event-kind" label=i18n.tr(|t| t.security.kind) value=view.kind on_change=move |chosen| view.kind.set(chosen) options=kinds />
                {narrowed}
            </div>
            <Async load=view.events skeleton=|| view! { <Skeleton lines=6 /> } view=move || list(view) />
        </Card>
    }
}

fn list(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let rows =
        move || view.events.data.with(|page| page.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    let empty = Memo::new(move |_| rows().is_empty());
    let fetch = move |cursor: &str| {
        security::events(&api, &view.kind.get_untracked(), &view.network.get_untracked(), Some(cursor))
    };
    live(move || {
        if empty.get() {
            return view! {
                <EmptyState mark=Icon::SHIELD_CHECK title=i18n.tr(|t| t.security.quiet) text=i18n.tr(|t| t.security.quiet_text) />
            };
        }
        view! {
            <ul class="events">{each(rows, |event| event.id.clone(), row)}</ul>
            {more::more(view.events, |t| t.privacy.more, |a, b| a.id == b.id, fetch)}
        }
    })
}

fn row(event: SecurityEventOut) -> AnyView {
    let i18n = use_i18n();
    let SecurityEventOut { kind, severity, outcome, times, ip_address, path, rules, client, last_at, .. } =
        event;
    let told = move || {
        let t = i18n.t();
        let often = (times > 1).then(|| (t.security.times)(&i18n.fmt().int(times)));
        [Some(words::outcome(t, outcome).to_owned()), often]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ")
    };
    view! {
        <li>
            <div class="row">
                {badge(words::tone(severity), None, move || words::severity(i18n.t(), severity))}
                <strong>{move || words::kind(i18n.t(), kind)}</strong>
                {ago(last_at)}
            </div>
            <div class="sub2">{told}</div>
            <div class="sub2 mono" lang="">{[Some(ip_address), path, Some(rules.join(", ")), client].into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ")}</div>
        </li>
    }
}
