//! How long logs are kept, what was erased (by whom, why, and how far it is), and the seals.

use shared::access::Permission;
use shared::erasure::{ErasureCause, ErasureOut, ErasureState};

use crate::api::{erasure, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::customer::retention::retention_form;
use crate::pages::customer::seals::seals_card;
use crate::pages::parts::moment;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Card, Icon, LinkButton, Load, PageHeader, TableScroll, Tone, Variant, badge};

/// The page.
#[component]
pub fn PrivacyPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let (allowed, may_erase) =
        untrack(|| (session.can(Permission::LogsRead), session.can(Permission::LogsErase)));
    view! {
        <PageHeader title=i18n.tr(|t| t.privacy.title)>
            <LinkButton href="/app/account" variant=Variant::Ghost icon=Icon::CHEVRON_LEFT>
                {i18n.tr(|t| t.privacy.back)}
            </LinkButton>
        </PageHeader>
        {if allowed {
            view! {
                {may_erase.then(retention_card)}
                {may_erase.then(erasures_card)}
                {seals_card()}
            }
        } else {
            view! { <NotAllowed /> }
        }}
    }
}

fn retention_card() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || erasure::retention(&api));
    view! {
        <Card title=i18n.tr(|t| t.privacy.retention_title)>
            <Async load view=move || retention_form(load, api, None) />
        </Card>
    }
}

fn erasures_card() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let load = Load::new(move || erasure::list(&api, None));
    let earlier = move |()| {
        let Some(cursor) = load.data.with_untracked(|page| page.as_ref()?.next_cursor.clone()) else {
            return;
        };
        spawn_local(async move {
            match erasure::list(&api, Some(&cursor)).await {
                Ok(next) => load.data.update(|page| {
                    if let Some(page) = page {
                        page.data.extend(next.data);
                        (page.next_cursor, page.has_more) = (next.next_cursor, next.has_more);
                    }
                }),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let view = move || {
        let page = load.data.get()?;
        Some(if page.data.is_empty() {
            view! { <p class="sub2">{i18n.tr(|t| t.privacy.erasures_none)}</p> }
        } else {
            let more = page.has_more.then(|| {
                view! { <Button on_press=earlier>{i18n.tr(|t| t.privacy.more)}</Button> }
            });
            view! {
                {table(&page.data)}
                {more}
            }
        })
    };
    view! {
        <Card title=i18n.tr(|t| t.privacy.erasures_title)>
            <Async load view=move || view! { {view} } />
        </Card>
    }
}

fn table(rows: &[ErasureOut]) -> AnyView {
    let i18n = use_i18n();
    let rows = rows.iter().map(row).collect_view();
    view! {
        <TableScroll label=i18n.tr(|t| t.privacy.erasures_table)>
            <table class="data cards">
                <caption class="vh">{i18n.tr(|t| t.privacy.erasures_table)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.privacy.col_when)}</th>
                        <th scope="col">{i18n.tr(|t| t.privacy.col_what)}</th>
                        <th scope="col" class="r">{i18n.tr(|t| t.privacy.col_count)}</th>
                        <th scope="col">{i18n.tr(|t| t.privacy.col_who)}</th>
                        <th scope="col">{i18n.tr(|t| t.privacy.col_state)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableScroll>
    }
}

fn row(erasure: &ErasureOut) -> AnyView {
    let i18n = use_i18n();
    let (count, cause, state, actor) = (erasure.count, erasure.cause, erasure.state, erasure.actor.clone());
    let reason = erasure.reason.clone();
    let who = move || match cause {
        ErasureCause::Request => actor.clone(),
        ErasureCause::Retention => i18n.t().privacy.by_retention.to_owned(),
        ErasureCause::TestSpace => i18n.t().privacy.test_space.to_owned(),
    };
    view! {
        <tr>
            <td data-label=i18n.tr(|t| t.privacy.col_when)>{moment(erasure.created_at)}</td>
            <td data-label=i18n.tr(|t| t.privacy.col_what)>
                {what(erasure)}
                {reason
                    .map(|text| {
                        view! { <div class="sub2">{move || (i18n.t().privacy.reason)(&text)}</div> }
                    })}
            </td>
            <td class="r num" data-label=i18n.tr(|t| t.privacy.col_count)>{move || i18n.fmt().int(count)}</td>
            <td data-label=i18n.tr(|t| t.privacy.col_who)>{who}</td>
            <td data-label=i18n.tr(|t| t.privacy.col_state)>{state_badge(state)}</td>
        </tr>
    }
}

/// The search, the stretch of time and the fields.
fn what(erasure: &ErasureOut) -> AnyView {
    let i18n = use_i18n();
    let (q, from, to) = (erasure.q.clone(), erasure.from, erasure.to);
    let fields = erasure.fields.join(", ");
    let everything = q.is_empty() && from.is_none() && to.is_none();
    let rest = move || {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let span = match (from, to) {
            (Some(from), Some(to)) => Some((t.logs.span_chip)(&fmt.date_time(from), &fmt.date_time(to))),
            (Some(from), None) => Some((t.logs.since_chip)(&fmt.date_time(from))),
            (None, Some(to)) => Some((t.privacy.before)(&fmt.date_time(to))),
            (None, None) => None,
        };
        let all = everything.then(|| t.privacy.all_logs.to_owned());
        let names = (!fields.is_empty()).then(|| (t.privacy.fields)(&fields));
        [all, span, names].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    view! {
        {(!q.is_empty()).then(|| view! { <code>{q}</code> " " })}
        {rest}
    }
}

fn state_badge(state: ErasureState) -> AnyView {
    let i18n = use_i18n();
    let (tone, mark, text): (_, _, fn(&'static Texts) -> &'static str) = match state {
        ErasureState::Hiding => (Tone::Warn, Icon::CLOCK, |t| t.privacy.state_hiding),
        ErasureState::Purging => (Tone::Plain, Icon::CLOCK, |t| t.privacy.state_purging),
        ErasureState::Cleaning => (Tone::Plain, Icon::CIRCLE_CHECK, |t| t.privacy.state_cleaning),
        ErasureState::Done => (Tone::Ok, Icon::CIRCLE_CHECK, |t| t.privacy.state_done),
    };
    badge(tone, Some(mark), i18n.tr(text))
}
