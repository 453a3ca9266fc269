//! Logs of all customers: query and customer stand in the address. Each look is in the audit log.

use shared::access::Permission;
use shared::logs::{AllLogsOut, CustomerLogOut};
use shared::page::Page;
use shared::query::ParseError;

use crate::api::admin::{self, AllLogsQuery, CustomerQuery};
use crate::api::{AbortSlot, Reply, use_api};
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::logs::summary;
use crate::pages::files::file_button;
use crate::pages::more;
use crate::pages::parts::moment;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, EmptyState, Icon, Load, PageHeader, Skeleton, TableScroll, TextField, Variant, dom, icon,
    level_badge,
};

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    query: Memo<AllLogsQuery>,
    change: Callback<AllLogsQuery>,
    load: Load<Page<CustomerLogOut>>,
    /// Whether the last answer came before everything was looked at.
    partial: RwSignal<bool>,
    /// What is wrong with the query.
    fault: RwSignal<Option<ParseError>>,
}

/// The page.
#[component]
pub fn AllLogsPage() -> AnyView {
    let i18n = use_i18n();
    if !untrack(|| use_session().can(Permission::AllLogsRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.across.title) />
            <NotAllowed />
        };
    }
    let view = shared_view();
    view! {
        <PageHeader title=i18n.tr(|t| t.across.title)>{take_out(view, "csv")} {take_out(view, "ndjson")}</PageHeader>
        <p class="sub2">{i18n.tr(|t| t.across.lead)}</p>
        {query_box(view)}
        <section class="card flush" aria-labelledby="all-logs">
            <div class="bar2">
                <h2 id="all-logs">{i18n.tr(|t| t.across.list)}</h2>
            </div>
            <div class:dim=move || view.load.busy.get() && view.load.data.with(Option::is_some)>{body(view)}</div>
        </section>
    }
}

fn shared_view() -> View {
    let (api, router) = (use_api(), use_router());
    let query = Memo::new(move |_| {
        let get = |name: &str| router.parameter(name).unwrap_or_default();
        AllLogsQuery { q: get("q"), customer: get("customer") }
    });
    let (partial, fault) = (RwSignal::new(false), RwSignal::new(None));
    let slot = AbortSlot::new();
    let load = Load::idle(move || {
        page_of(query.with_untracked(|query| admin::logs(&api.latest(slot), query, None)), partial)
    });
    // A link may bring a query that cannot be read; what was found last stays.
    Effect::new(move |_| {
        let wrong = query.with(|query| shared::query::parse(&query.q).err());
        if wrong.is_none() {
            load.reload();
        }
        fault.set(wrong);
    });
    let change = Callback::new(move |next: AllLogsQuery| {
        if query.with_untracked(|query| *query == next) {
            load.reload();
        }
        router.go(&format!("{}{}", router.path_untracked(), next.params().finish()), Go::State);
    });
    View { query, change, load, partial, fault }
}

/// The rows of an answer; whether it is partial is kept.
fn page_of(reply: Reply<AllLogsOut>, partial: RwSignal<bool>) -> Reply<Page<CustomerLogOut>> {
    Box::pin(async move {
        let AllLogsOut { data, next_cursor, has_more, partial: early } = reply.await?;
        partial.try_set(early);
        Ok(Page { data, next_cursor, has_more })
    })
}

/// Takes the logs out as a file.
fn take_out(view: View, format: &'static str) -> AnyView {
    let api = use_api();
    file_button(format, move || view.query.with_untracked(|query| admin::save_logs(api, query, format)))
}

/// What is wrong with the query, in words.
fn fault_text(i18n: I18n, view: View) -> Option<String> {
    let lang = i18n.lang().code();
    view.fault.with(|fault| fault.as_ref().map(|fault| fault.message(lang)))
}

fn query_box(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let View { query, change, fault, .. } = view;
    let (typed, named) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (unknown, busy) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| {
        typed.set(query.with(|query| query.q.clone()));
        named.set(String::new());
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        unknown.set(false);
        let q = typed.get_untracked().trim().to_owned();
        if let Err(wrong) = shared::query::parse(&q) {
            fault.set(Some(wrong));
            dom::focus_later("#q");
            return;
        }
        fault.set(None);
        let name = named.get_untracked().trim().to_owned();
        let next = AllLogsQuery { q, ..query.get_untracked() };
        if name.is_empty() {
            change.run(next);
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let asked = CustomerQuery { q: name.clone(), limit: 50, ..CustomerQuery::default() };
            let found = admin::customers(&api, &asked).await;
            busy.try_set(false);
            match found {
                Ok(page) => {
                    let by_number = page.data.iter().find(|customer| customer.id.to_string() == name);
                    match by_number.or(page.data.first()) {
                        Some(customer) => {
                            change.run(AllLogsQuery { customer: customer.id.to_string(), ..next })
                        }
                        None => drop(unknown.try_set(true)),
                    }
                }
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let message = Signal::derive(move || fault_text(i18n, view));
    let not_known =
        Signal::derive(move || unknown.get().then(|| i18n.t().across.customer_unknown.to_owned()));
    view! {
        <search>
            <form class="card query" on:submit=submit novalidate>
                <div class="qrow">
                    <TextField
                        id="q"
                        label=i18n.tr(|t| t.logs.query_label)
                        hint=i18n.tr(|t| t.logs.query_hint)
                        placeholder=i18n.tr(|t| t.logs.query_placeholder)
                        value=typed
                        error=message
                        mono=true
                    />
                    <TextField
                        id="customer"
                        label=i18n.tr(|t| t.across.customer)
                        hint=i18n.tr(|t| t.across.customer_hint)
                        value=named
                        error=not_known
                    />
                    <Button variant=Variant::Primary submit=true icon=Icon::SEARCH busy>
                        {i18n.tr(|t| t.logs.search)}
                    </Button>
                </div>
                {chosen(view)}
            </form>
        </search>
    }
}

/// The customer that the list is narrowed to; pressing it takes that away.
fn chosen(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let number = Memo::new(move |_| view.query.with(|query| query.customer.parse::<i64>().ok()));
    live(move || {
        let id = number.get()?;
        let load = Load::new(move || admin::customer(&api, id));
        let name = move || {
            let name = load.data.with(|found| found.as_ref().map(|found| found.value.name.clone()));
            name.unwrap_or_else(|| format!("#{id}"))
        };
        let remove = move |_| {
            view.change.run(AllLogsQuery { customer: String::new(), ..view.query.get_untracked() });
            dom::focus_later("#customer");
        };
        Some(view! {
            <div class="chips">
                <button type="button" class="chip" on:click=remove>
                    <span class="vh">{i18n.tr(|t| t.across.any_customer)} " "</span>
                    <span class="t">{name}</span>
                    {icon(Icon::X)}
                </button>
                <a href=format!("/admin/klanten/{id}")>{i18n.tr(|t| t.across.to_customer)}</a>
            </div>
        })
    })
}

fn body(view: View) -> AnyView {
    let i18n = use_i18n();
    let unread = Memo::new(move |_| view.fault.with(Option::is_some) && view.load.data.with(Option::is_none));
    live(move || {
        // Nothing was looked for, so nothing is said of what there is.
        if unread.get() {
            return view! { <p class="bar-note">{move || fault_text(i18n, view)}</p> };
        }
        let load = view.load;
        view! { <Async load skeleton=|| view! { <Skeleton lines=8 /> } view=move || content(view) /> }
    })
}

fn nothing(view: View) -> AnyView {
    let i18n = use_i18n();
    view! {
        <EmptyState mark=Icon::SEARCH_X title=i18n.tr(|t| t.across.none_title) text=i18n.tr(|t| t.across.none_text)>
            <Button on_press=move |()| view.change.run(AllLogsQuery::default())>
                {i18n.tr(|t| t.admin.filter_clear)}
            </Button>
        </EmptyState>
    }
}

fn content(view: View) -> AnyView {
    let rows = move |read: fn(&Page<CustomerLogOut>) -> bool| {
        view.load.data.with(|data| data.as_ref().is_some_and(read))
    };
    let state = Memo::new(move |_| (rows(|page| page.data.is_empty()), rows(|page| page.has_more)));
    live(move || match state.get() {
        (true, false) => nothing(view),
        (none, _) => view! {
            {(!none).then(|| table(view))}
            {more(view)}
        },
    })
}

fn table(view: View) -> AnyView {
    let i18n = use_i18n();
    let rows =
        move || view.load.data.with(|data| data.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    view! {
        <TableScroll label=i18n.tr(|t| t.across.table)>
            <table class="data cards">
                <caption class="vh">{i18n.tr(|t| t.across.list)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.across.arrived)}</th>
                        <th scope="col">{i18n.tr(|t| t.across.customer)}</th>
                        <th scope="col">{i18n.tr(|t| t.logs.column_level)}</th>
                        <th scope="col">{i18n.tr(|t| t.logs.column_message)}</th>
                        <th scope="col">{i18n.tr(|t| t.logs.column_kind)}</th>
                    </tr>
                </thead>
                <tbody>{each(rows, |row| format!("{}/{}", row.log.customer_id, row.log.id), move |log| row(view, log))}</tbody>
            </table>
        </TableScroll>
    }
}

/// Fetches the rows behind the last one, and says when the server has not looked at everything yet.
fn more(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let fetch = move |cursor: &str| {
        page_of(view.query.with_untracked(|query| admin::logs(&api, query, Some(cursor))), view.partial)
    };
    let early = move || {
        view.partial
            .get()
            .then(|| view! { <p class="bar-note" role="status">{i18n.tr(|t| t.across.partial)}</p> })
    };
    let same = |a: &CustomerLogOut, b: &CustomerLogOut| {
        (a.log.customer_id, a.log.id) == (b.log.customer_id, b.log.id)
    };
    view! {
        {early}
        {more::more(view.load, |t| t.across.more, same, fetch)}
    }
}

fn row(view: View, CustomerLogOut { customer_name, log }: CustomerLogOut) -> AnyView {
    let i18n = use_i18n();
    let (customer, number) = (log.customer_id, log.id);
    let narrowed = move || {
        let next = AllLogsQuery { customer: customer.to_string(), ..view.query.get() };
        format!("/admin/logs{}", next.params().finish())
    };
    let text = summary(&log);
    // What a customer wrote is in a language that nobody told.
    let lang = (!text.is_empty()).then_some("");
    let label = move || {
        if text.is_empty() { i18n.t().logs.no_message.to_owned() } else { text.clone() }
    };
    view! {
        <tr>
            <td class="num full">{moment(log.received_at)}</td>
            <th scope="row" class="full" data-label=i18n.tr(|t| t.across.customer)>
                <a href=narrowed>{customer_name}</a>
                " " <span class="hint">{format!("#{number}")}</span>
            </th>
            <td class="lvl">{level_badge(log.level)}</td>
            <td class="msg">
                <details class="record">
                    <summary lang=lang>{label}</summary>
                    <pre class="json" tabindex="0" role="group" aria-label=i18n.tr(|t| t.across.data)>
                        <code>{log.data}</code>
                    </pre>
                </details>
            </td>
            <td class="src">{log.kind}</td>
        </tr>
    }
}
