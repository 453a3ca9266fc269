//! The audit log, for owners and for staff. Filters stand in the address.

use shared::access::Permission;
use shared::audit::{AuditActorKind, AuditChange, AuditCheckOut, AuditEventOut};
use shared::page::Page;

use crate::api::audit::{self, AuditQuery};
use crate::api::{AbortSlot, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::files::file_button;
use crate::pages::more;
use crate::pages::parts::moment;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::use_session;
use crate::ui::{
    Async, Button, Choice, EmptyState, Icon, Load, PageHeader, SelectField, Skeleton, TableScroll, Tone,
    badge,
};

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    staff: bool,
    filters: Memo<AuditQuery>,
    load: Load<Page<AuditEventOut>>,
    change: Callback<AuditQuery>,
}

/// The page of owners.
#[component]
pub fn AuditPage() -> AnyView {
    page(false)
}

/// The page of staff.
#[component]
pub fn AllAuditPage() -> AnyView {
    page(true)
}

fn page(staff: bool) -> AnyView {
    let i18n = use_i18n();
    let needed = if staff { Permission::AllAuditRead } else { Permission::AuditRead };
    if !untrack(|| use_session().can(needed)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.audit.title) />
            <NotAllowed />
        };
    }
    let api = use_api();
    let router = use_router();
    let filters = Memo::new(move |_| {
        let get = |name: &str| router.parameter(name).unwrap_or_default();
        AuditQuery {
            action: get("action"),
            actor_kind: get("actor_kind"),
            outcome: get("outcome"),
            customer: get("customer"),
        }
    });
    let slot = AbortSlot::new();
    let load = Load::idle(move || {
        filters.with_untracked(|query| audit::list(&api.latest(slot), staff, query, None))
    });
    Effect::new(move |_| {
        filters.track();
        load.reload();
    });
    let change = Callback::new(move |query: AuditQuery| {
        router.go(&format!("{}{}", router.path_untracked(), query.params().finish()), Go::StateInstead);
    });
    let view = View { staff, filters, load, change };
    view! {
        <PageHeader title=i18n.tr(|t| t.audit.title)>{take_out(view, "csv")} {take_out(view, "ndjson")}</PageHeader>
        <p class="sub2">{i18n.tr(|t| t.audit.lead)}</p>
        {verdict(staff)}
        {toolbar(view)}
        <section class="card flush" aria-labelledby="audit">
            <div class="bar2">
                <h2 id="audit">{i18n.tr(|t| t.audit.list)}</h2>
                <span class="push"></span>
                <Button small=true icon=Icon::REFRESH_CW on_press=move |()| load.reload()>
                    {i18n.tr(|t| t.requests.refresh)}
                </Button>
            </div>
            <div class:dim=move || load.busy.get() && load.data.with(Option::is_some)>
                <Async load skeleton=|| view! { <Skeleton lines=8 /> } view=move || content(view) />
            </div>
        </section>
    }
}

/// Takes the rows out as a file.
fn take_out(view: View, format: &'static str) -> AnyView {
    let api = use_api();
    file_button(format, move || {
        let query = view.filters.get_untracked();
        Box::pin(async move { audit::save(&api, view.staff, &query, format).await })
    })
}

/// Whether the chain is intact, as the server computes it now.
fn verdict(staff: bool) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || audit::check(&api, staff));
    let shown = move || {
        load.data.with(|data| {
            data.as_ref().map(|check| {
                let (tone, icon, text): (_, _, fn(&'static Texts) -> &'static str) = match check {
                    AuditCheckOut { intact: false, .. } => (Tone::Bad, Icon::OCTAGON_ALERT, |t| t.audit.changed),
                    AuditCheckOut { complete: false, .. } => {
                        (Tone::Warn, Icon::TRIANGLE_ALERT, |t| t.audit.incomplete)
                    }
                    _ => (Tone::Ok, Icon::SHIELD_CHECK, |t| t.audit.intact),
                };
                let rows = check.rows;
                let counted = move || (i18n.t().audit.counted)(&i18n.fmt().int(rows));
                let first = check.findings.first().map(|finding| {
                    format!(
                        " {}/{} {}",
                        finding.customer_id,
                        finding.number,
                        finding.id.as_deref().unwrap_or_default()
                    )
                });
                view! {
                    <p class="row" role="status">
                        {badge(tone, Some(icon), i18n.tr(text))} <span class="sub2 num">{counted} {first}</span>
                    </p>
                }
            })
        })
    };
    view! { <Async load skeleton=|| view! { <Skeleton lines=1 /> } view=shown /> }
}

fn toolbar(view: View) -> AnyView {
    let i18n = use_i18n();
    let View { filters, change, .. } = view;
    let of = move |read: fn(&AuditQuery) -> &String| {
        Signal::derive(move || filters.with(|query| read(query).clone()))
    };
    let subjects = Signal::derive(move || {
        let t = &i18n.t().audit;
        let known = pairs(t.subjects).map(|(name, text)| Choice::new(name, text));
        std::iter::once(Choice::new("", t.everything)).chain(known).collect::<Vec<_>>()
    });
    let actors = Signal::derive(move || {
        let t = &i18n.t().audit;
        let known = pairs(t.actors).map(|(name, text)| Choice::new(name, text));
        std::iter::once(Choice::new("", t.everybody)).chain(known).collect::<Vec<_>>()
    });
    let outcomes = Signal::derive(move || {
        let t = &i18n.t().audit;
        [("", t.everything), ("ok", t.ok), ("refused", t.refused)]
            .map(|(value, text)| Choice::new(value, text))
            .to_vec()
    });
    view! {
        <search>
            <div class="card query">
                <div class="qrow">
                    <SelectField
                        id="action"
                        label=i18n.tr(|t| t.audit.about)
                        value=of(|query| &query.action)
                        on_change=move |action| change.run(AuditQuery { action, ..filters.get_untracked() })
                        options=subjects
                    />
                    <SelectField
                        id="actor"
                        label=i18n.tr(|t| t.audit.who)
                        value=of(|query| &query.actor_kind)
                        on_change=move |actor_kind| {
                            change.run(AuditQuery { actor_kind, ..filters.get_untracked() })
                        }
                        options=actors
                    />
                    <SelectField
                        id="outcome"
                        label=i18n.tr(|t| t.audit.outcome)
                        value=of(|query| &query.outcome)
                        on_change=move |outcome| change.run(AuditQuery { outcome, ..filters.get_untracked() })
                        options=outcomes
                    />
                </div>
            </div>
        </search>
    }
}

fn content(view: View) -> AnyView {
    let i18n = use_i18n();
    let empty =
        Memo::new(move |_| view.load.data.with(|data| data.as_ref().is_none_or(|page| page.data.is_empty())));
    live(move || {
        if empty.get() {
            view! {
                <EmptyState mark=Icon::SEARCH_X title=i18n.tr(|t| t.audit.none_title) text=i18n.tr(|t| t.audit.none_text)>
                    <Button on_press=move |()| view.change.run(AuditQuery::default())>
                        {i18n.tr(|t| t.admin.filter_clear)}
                    </Button>
                </EmptyState>
            }
        } else {
            table(view)
        }
    })
}

fn table(view: View) -> AnyView {
    let i18n = use_i18n();
    let rows =
        move || view.load.data.with(|data| data.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    let staff = view.staff;
    let customer = staff.then(|| view! { <th scope="col">{i18n.tr(|t| t.audit.customer)}</th> });
    view! {
        <TableScroll label=i18n.tr(|t| t.audit.table)>
            <table class="data cards">
                <caption class="vh">{i18n.tr(|t| t.audit.list)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.requests.time)}</th>
                        <th scope="col">{i18n.tr(|t| t.audit.what)}</th>
                        <th scope="col">{i18n.tr(|t| t.audit.who)}</th>
                        {customer}
                        <th scope="col">{i18n.tr(|t| t.audit.change)}</th>
                        <th scope="col">{i18n.tr(|t| t.audit.address)}</th>
                    </tr>
                </thead>
                <tbody>{each(rows, |row| row.id.clone(), move |event| row(staff, event))}</tbody>
            </table>
        </TableScroll>
        {more(view)}
    }
}

/// Fetches the rows behind the last one.
fn more(view: View) -> AnyView {
    let api = use_api();
    let fetch = move |cursor: &str| {
        view.filters.with_untracked(|query| audit::list(&api, view.staff, query, Some(cursor)))
    };
    more::more(view.load, |t| t.privacy.more, |a, b| a.id == b.id, fetch)
}

fn row(staff: bool, event: AuditEventOut) -> AnyView {
    let i18n = use_i18n();
    let action = event.action;
    let what = move || action_words(i18n.t(), &action);
    let refused = (event.outcome != "ok").then(|| badge(Tone::Warn, None, i18n.tr(|t| t.audit.refused)));
    let (kind, name) = (event.actor_kind, event.actor_name.clone());
    let who = move || {
        let kind = actor_words(i18n.t(), kind);
        name.as_ref().map_or_else(|| kind.to_owned(), |name| format!("{name} ({kind})"))
    };
    let customer = staff.then(|| {
        let name = event.customer_name.clone().filter(|_| event.customer_id > 0);
        let id = event.customer_id;
        let text = move || match (&name, id) {
            (Some(name), _) => name.clone(),
            (None, 0) => "–".to_owned(),
            (None, id) => format!("#{id}"),
        };
        view! { <td class="full" data-label=i18n.tr(|t| t.audit.customer)>{text}</td> }
    });
    let private = event.private.clone().unwrap_or_default();
    let changes: Vec<AnyView> = event.changes.iter().chain(&private.changes).map(told).collect();
    let erased = event.private_digest.is_some() && event.private.is_none();
    let address = move || match (&private.ip, erased) {
        (Some(ip), _) => ip.clone(),
        (None, true) => i18n.t().audit.erased.to_owned(),
        (None, false) => "–".to_owned(),
    };
    let target = event.target.clone().map(|target| view! { <span class="hint"><code>{target}</code></span> });
    view! {
        <tr>
            <td class="full">{moment(event.at)}</td>
            <th scope="row" class="full">{what} " " {refused} {target}</th>
            <td class="full" data-label=i18n.tr(|t| t.audit.who)>{who}</td>
            {customer}
            <td class="full" data-label=i18n.tr(|t| t.audit.change)>{changes}</td>
            <td class="full" data-label=i18n.tr(|t| t.audit.address)><code>{address}</code></td>
        </tr>
    }
}

fn told(change: &AuditChange) -> AnyView {
    let after = change.after.clone().unwrap_or_else(|| "–".to_owned());
    let text = match &change.before {
        Some(before) => format!("{}: {before} → {after}", change.field),
        None => format!("{}: {after}", change.field),
    };
    view! { <div class="sub2">{text}</div> }
}

/// Names with words, as they stand in one text: `key=Sleutel|kind=Soort`.
fn pairs(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.split('|').filter_map(|pair| pair.split_once('='))
}

fn word(text: &'static str, name: &str) -> Option<&'static str> {
    pairs(text).find(|(known, _)| *known == name).map(|(_, word)| word)
}

/// What was done, in words; a name that this version does not know stays as it is.
pub fn action_words(t: &'static Texts, action: &str) -> String {
    let known = action.split_once('.').and_then(|(subject, verb)| {
        Some(format!("{}: {}", word(t.audit.subjects, subject)?, word(t.audit.verbs, verb)?))
    });
    known.unwrap_or_else(|| action.to_owned())
}

fn actor_words(t: &'static Texts, kind: AuditActorKind) -> &'static str {
    word(t.audit.actors, kind.as_str()).unwrap_or_else(|| kind.as_str())
}

#[cfg(test)]
mod tests {
    use shared::audit::AuditAction;
    use shared::lang::Lang;

    use super::*;
    use crate::i18n::{bring_parts, texts_of};

    /// SEC-16, GEN-03: every action and every kind of actor has words in both languages, and no word is without one.
    #[test]
    fn actions_have_words() {
        bring_parts();
        for lang in Lang::ALL {
            let t = texts_of(lang);
            for action in AuditAction::ALL {
                let (subject, verb) = action.as_str().split_once('.').unwrap();
                assert!(word(t.audit.subjects, subject).is_some(), "{lang:?} {subject}");
                assert!(word(t.audit.verbs, verb).is_some(), "{lang:?} {verb}");
            }
            for (name, _) in pairs(t.audit.subjects) {
                assert!(AuditAction::ALL.iter().any(|action| action.subject() == name), "{name}");
            }
            let kinds: Vec<&str> = pairs(t.audit.actors).map(|(name, _)| name).collect();
            assert_eq!(kinds, AuditActorKind::ALL.map(AuditActorKind::as_str));
        }
    }
}
