//! One box over customers, logs and the audit log. What is looked for stands in the address.

use shared::access::Permission;
use shared::audit::AuditEventOut;
use shared::logs::CustomerLogOut;
use shared::lookup::LookupOut;
use shared::tenancy::CustomerOut;
use shared::time::Millis;

use crate::api::admin;
use crate::api::params::encode;
use crate::api::{AbortSlot, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::audit::action_words;
use crate::pages::customer::logs::summary;
use crate::pages::parts::moment;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::use_session;
use crate::ui::{Async, Button, EmptyState, Icon, Load, PageHeader, Skeleton, TextField, Variant};

type Pick = fn(&'static Texts) -> &'static str;

/// The page.
#[component]
pub fn LookupPage() -> AnyView {
    let i18n = use_i18n();
    if !untrack(|| use_session().can(Permission::CustomersRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.lookup.title) />
            <NotAllowed />
        };
    }
    let (api, router) = (use_api(), use_router());
    let q = Memo::new(move |_| router.parameter("q").unwrap_or_default().trim().to_owned());
    let slot = AbortSlot::new();
    let load = Load::idle(move || admin::lookup(&api.latest(slot), &q.get_untracked()));
    Effect::new(move |_| {
        if !q.with(String::is_empty) {
            load.reload();
        }
    });
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| typed.set(q.get()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let next = typed.get_untracked().trim().to_owned();
        if !next.is_empty() && next == q.get_untracked() {
            load.reload();
        }
        let query = if next.is_empty() { String::new() } else { format!("?q={}", encode(&next)) };
        router.go(&format!("{}{query}", router.path_untracked()), Go::State);
    };
    let started = Memo::new(move |_| !q.with(String::is_empty));
    let body = live(move || {
        if started.get() {
            view! { <Async load skeleton=|| view! { <Skeleton lines=8 /> } view=move || move || found(load) /> }
        } else {
            view! {
                <div class="card">
                    <EmptyState mark=Icon::SEARCH title=i18n.tr(|t| t.lookup.start_title) text=i18n.tr(|t| t.lookup.start_text) />
                </div>
            }
        }
    });
    view! {
        <PageHeader title=i18n.tr(|t| t.lookup.title) />
        <search>
            <form class="card query" on:submit=submit novalidate>
                <div class="qrow">
                    <TextField
                        id="q"
                        label=i18n.tr(|t| t.lookup.label)
                        hint=i18n.tr(|t| t.lookup.hint)
                        value=typed
                        kind="search"
                        maxlength=200
                    />
                    <Button variant=Variant::Primary submit=true icon=Icon::SEARCH>
                        {i18n.tr(|t| t.logs.search)}
                    </Button>
                </div>
            </form>
        </search>
        <div class="stack" class:dim=move || load.busy.get() && load.data.with(Option::is_some)>
            {body}
        </div>
    }
}

/// What was found, sort by sort.
fn found(load: Load<LookupOut>) -> AnyView {
    let i18n = use_i18n();
    let Some(LookupOut { query, customers, logs, logs_fault, audit }) = load.data.get() else {
        return view! { <p class="vh"></p> };
    };
    let all = |page: &str| format!("{page}?q={}", encode(&query));
    let customers = group(
        "finds-customers",
        |t| t.shell.customers,
        customers.has_more.then(|| all("/admin/klanten")),
        customers.data.into_iter().map(customer).collect(),
    );
    let logs = logs.map(|logs| {
        let more = logs.has_more.then(|| all("/admin/logs"));
        group("finds-logs", |t| t.shell.logs, more, logs.data.into_iter().map(log).collect())
    });
    let fault = logs_fault.map(|reason| {
        view! { <p class="sub2" role="status">{move || (i18n.t().lookup.fault)(&reason)}</p> }
    });
    let audit = audit
        .map(|rows| group("finds-audit", |t| t.shell.audit, None, rows.into_iter().map(event).collect()));
    view! {
        {customers}
        {logs}
        {fault}
        {audit}
    }
}

fn group(id: &'static str, title: Pick, more: Option<String>, finds: Vec<AnyView>) -> AnyView {
    let i18n = use_i18n();
    let more = more.map(|href| {
        view! {
            <span class="push">
                <a href=href>{i18n.tr(|t| t.lookup.all)} <span class="vh">" " {i18n.tr(title)}</span></a>
            </span>
        }
    });
    let body = if finds.is_empty() {
        view! { <p class="bar-note">{i18n.tr(|t| t.lookup.none)}</p> }
    } else {
        view! { <ul role="list" class="finds">{finds}</ul> }
    };
    view! {
        <section class="card flush" aria-labelledby=id>
            <div class="bar2">
                <h2 id=id>{i18n.tr(title)}</h2>
                {more}
            </div>
            {body}
        </section>
    }
}

/// One find: where it leads, what it is called, and a line about it.
fn find(href: String, text: impl Fn() -> String + 'static, about: String, at: Option<Millis>) -> AnyView {
    view! {
        <li>
            <a href=href>{text}</a>
            <span class="hint">{about} " " {at.map(moment)}</span>
        </li>
    }
}

fn customer(customer: CustomerOut) -> AnyView {
    let CustomerOut { id, name, contact_email, .. } = customer;
    find(format!("/admin/klanten/{id}"), move || name.clone(), contact_email, None)
}

fn log(CustomerLogOut { customer_name, log }: CustomerLogOut) -> AnyView {
    let i18n = use_i18n();
    let text = summary(&log);
    let label = move || {
        if text.is_empty() { i18n.t().logs.no_message.to_owned() } else { text.clone() }
    };
    let href = format!("/admin/logs?customer={}&q=id%3A{}", log.customer_id, log.id);
    find(href, label, format!("{customer_name} · {}", log.kind), Some(log.received_at))
}

fn event(row: AuditEventOut) -> AnyView {
    let i18n = use_i18n();
    let subject = row.action.split('.').next().unwrap_or_default();
    let href = format!("/admin/audit?action={}&customer={}", encode(subject), row.customer_id);
    let about = row.customer_name.or(row.actor_name).unwrap_or_default();
    let action = row.action;
    find(href, move || action_words(i18n.t(), &action), about, Some(row.at))
}
