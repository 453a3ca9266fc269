//! What was decided about addresses.

use shared::security::{DECISION_HOURS, DecisionAction, DecisionOut, DecisionState};

use super::{View, words};
use crate::api::{security, use_api};
use crate::i18n::use_i18n;
use crate::pages::more;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Choice, EmptyState, Icon, SelectField, Skeleton, TableScroll, TextField, Tone, badge,
};

const ACTIVE: &str = "active";

pub fn card(view: View) -> AnyView {
    let i18n = use_i18n();
    let state = RwSignal::new(ACTIVE.to_owned());
    let typed = RwSignal::new(String::new());
    let states = Signal::derive(move || {
        let t = &i18n.t().security;
        vec![Choice::new(ACTIVE, t.in_force), Choice::new("ended", t.ended)]
    });
    let chosen = move |chosen: String| {
        view.active.set(chosen == ACTIVE);
        state.set(chosen);
    };
    let search = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        view.words.set(typed.get_untracked());
    };
    view! {
        <Card title=i18n.tr(|t| t.security.lists) flush=true>
            <form class="filters" on:submit=search>
                <TextField id="decision-words" label=i18n.tr(|t| t.security.search) value=typed />
                <SelectField id="decision-state" label=i18n.tr(|t| t.common.status) value=state on_change=chosen options=states />
                <div class="row end"><Button submit=true>{i18n.tr(|t| t.security.find)}</Button></div>
            </form>
            <Async load=view.decisions skeleton=|| view! { <Skeleton lines=5 /> } view=move || list(view) />
        </Card>
    }
}

fn list(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let rows = move || {
        view.decisions.data.with(|page| page.as_ref().map(|page| page.data.clone()).unwrap_or_default())
    };
    let empty = Memo::new(move |_| rows().is_empty());
    let fetch = move |cursor: &str| {
        security::decisions(&api, view.active.get_untracked(), &view.words.get_untracked(), Some(cursor))
    };
    live(move || {
        if empty.get() {
            return view! {
                <EmptyState mark=Icon::SHIELD_CHECK title=i18n.tr(|t| t.security.no_decisions) text=i18n.tr(|t| t.security.no_decisions_text) />
            };
        }
        view! {
            <TableScroll label=i18n.tr(|t| t.security.lists_table)>
                <table class="data cards">
                    <caption class="vh">{i18n.tr(|t| t.security.lists_table)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.security.network)}</th>
                            <th scope="col">{i18n.tr(|t| t.security.action)}</th>
                            <th scope="col">{i18n.tr(|t| t.security.reason)}</th>
                            <th scope="col">{i18n.tr(|t| t.security.origin)}</th>
                            <th scope="col">{i18n.tr(|t| t.security.until)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.security.hits)}</th>
                            <th scope="col"><span class="vh">{i18n.tr(|t| t.common.actions)}</span></th>
                        </tr>
                    </thead>
                    <tbody>{each(rows, |one| format!("{} {:?} {:?} {}", one.id, one.expires_at, one.lifted_at, one.hits), move |one| row(view, one))}</tbody>
                </table>
            </TableScroll>
            {more::more(view.decisions, |t| t.privacy.more, |a, b| a.id == b.id, fetch)}
        }
    })
}

fn row(view: View, decision: DecisionOut) -> AnyView {
    let i18n = use_i18n();
    let DecisionOut {
        id,
        network,
        action,
        scope,
        reason,
        origin,
        simulated,
        state,
        expires_at,
        lifted_at,
        hits,
        ..
    } = decision;
    let tone = match action {
        DecisionAction::Deny => Tone::Bad,
        DecisionAction::Throttle => Tone::Warn,
        DecisionAction::Allow | DecisionAction::Exempt => Tone::Ok,
    };
    let until = move || {
        let t = &i18n.t().security;
        match (lifted_at, expires_at) {
            (Some(at), _) => (t.lifted_at)(&i18n.fmt().date_time(at)),
            (None, Some(end)) => i18n.fmt().date_time(end),
            (None, None) => t.no_end.to_owned(),
        }
    };
    let place = move || {
        let t = i18n.t();
        let only = simulated.then_some(t.security.simulated);
        [Some(words::scope(t, scope)), only].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let buttons = live(move || {
        (state == DecisionState::Active && view.may_manage.get())
            .then(|| actions(view, &id, expires_at.is_some()))
    });
    view! {
        <tr>
            <th scope="row" class="full mono">{network}</th>
            <td data-label=i18n.tr(|t| t.security.action)>
                {badge(tone, None, move || words::action(i18n.t(), action))}
                <div class="sub2">{place}</div>
            </td>
            <td data-label=i18n.tr(|t| t.security.reason) lang="">{reason}</td>
            <td data-label=i18n.tr(|t| t.security.origin)>{move || words::origin(i18n.t(), origin)}</td>
            <td data-label=i18n.tr(|t| t.security.until)>{until}</td>
            <td class="r num" data-label=i18n.tr(|t| t.security.hits)>{move || i18n.fmt().int(hits)}</td>
            <td>{buttons}</td>
        </tr>
    }
}

fn actions(view: View, id: &str, ends: bool) -> AnyView {
    let i18n = use_i18n();
    let (api, other, toasts) = (use_api(), use_api(), use_toasts());
    let (lifted, extended) = (id.to_owned(), id.to_owned());
    let lift = move |()| {
        let id = lifted.clone();
        spawn_local(async move {
            match security::lift(&api, &id).await {
                Ok(_) => toasts.success(i18n.t_untracked().security.undone),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            view.reload();
        });
    };
    let extend = move |()| {
        let id = extended.clone();
        spawn_local(async move {
            match security::extend(&other, &id, DECISION_HOURS).await {
                Ok(_) => toasts.success(i18n.t_untracked().security.extended),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            view.reload();
        });
    };
    let longer = ends.then(|| {
        view! { <Button small=true on_press=extend>{i18n.tr(|t| t.security.extend)}</Button> }
    });
    view! {
        <div class="row">
            {longer}
            <Button small=true on_press=lift>{i18n.tr(|t| t.security.lift)}</Button>
        </div>
    }
}
