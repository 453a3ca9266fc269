//! The list of customers: search, filters and order stand in the address.

use std::time::Duration;

use shared::access::Permission;
use shared::page::Page;
use shared::tenancy::{CustomerOut, CustomerStatus, Plan};

use crate::api::admin::{self, CustomerQuery};
use crate::api::params::Params;
use crate::api::{AbortSlot, use_api};
use crate::i18n::use_i18n;
use crate::pages::more;
use crate::pages::parts::{ago, date, plan_badge, plan_name, status_badge, status_name};
use crate::pages::public::errors::allowed;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::use_session;
use crate::ui::{
    Async, Button, Choice, EmptyState, Icon, LinkButton, Load, PageHeader, SelectField, Skeleton,
    TableScroll, TextField, Variant,
};

/// Rows that one answer brings.
const PAGE_ROWS: i64 = 50;
/// Typing rests this long before it becomes a search.
const REST: Duration = Duration::from_millis(250);

/// The filters as they stand in the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filters {
    q: String,
    status: String,
    plan: String,
    sort: String,
}

impl Filters {
    fn is_narrow(&self) -> bool {
        !(self.q.is_empty() && self.status.is_empty() && self.plan.is_empty())
    }

    fn address(&self) -> String {
        Params::new()
            .with("q", &self.q)
            .with("status", &self.status)
            .with("plan", &self.plan)
            .with("sort", &self.sort)
            .finish()
    }

    fn query(&self, cursor: Option<String>) -> CustomerQuery {
        let known = |value: &str, ok: bool| if ok { value.to_owned() } else { String::new() };
        CustomerQuery {
            q: self.q.clone(),
            status: known(&self.status, CustomerStatus::parse(&self.status).is_some()),
            plan: known(&self.plan, Plan::parse(&self.plan).is_some()),
            sort: known(&self.sort, SORTS.contains(&self.sort.as_str())),
            limit: PAGE_ROWS,
            cursor,
        }
    }
}

const SORTS: [&str; 3] = ["name", "-created_at", "-logs"];

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    filters: Memo<Filters>,
    change: Callback<Filters>,
    load: Load<Page<CustomerOut>>,
}

/// The page.
#[component]
pub fn CustomersPage() -> AnyView {
    allowed(Permission::CustomersRead, page)
}

fn page() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    let router = use_router();
    let filters = Memo::new(move |_| {
        let get = |name: &str| router.parameter(name).unwrap_or_default();
        Filters { q: get("q"), status: get("status"), plan: get("plan"), sort: get("sort") }
    });
    let slot = AbortSlot::new();
    let load = Load::idle(move || {
        admin::customers(&api.latest(slot), &filters.with_untracked(|filters| filters.query(None)))
    });
    Effect::new(move |_| {
        filters.track();
        load.reload();
    });
    let change = Callback::new(move |filters: Filters| {
        let target = format!("{}{}", router.path_untracked(), filters.address());
        router.go(&target, Go::StateInstead);
    });
    let view = View { filters, change, load };
    let may_create = Memo::new(move |_| session.can(Permission::CustomersWrite));
    let count = move || {
        load.data.with(|data| {
            let count = i64::try_from(data.as_ref()?.data.len()).ok()?;
            Some((i18n.t().admin.shown)(count, &i18n.fmt().int(count)))
        })
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.admin.customers_title)>
            {move || may_create.get().then(create_link)}
        </PageHeader>
        {toolbar(view)}
        <section class="card flush" aria-labelledby="customers">
            <div class="bar2">
                <h2 id="customers">{i18n.tr(|t| t.admin.customers_title)}</h2>
                <span class="sub2 push" role="status">
                    {count}
                </span>
            </div>
            <div class:dim=move || load.busy.get() && load.data.with(Option::is_some)>
                <Async load skeleton=|| view! { <Skeleton lines=8 /> } view=move || content(view, may_create) />
            </div>
        </section>
    }
}

fn create_link() -> AnyView {
    let i18n = use_i18n();
    view! {
        <LinkButton href="/admin/klanten/nieuw" variant=Variant::Primary icon=Icon::PLUS>
            {i18n.tr(|t| t.admin.new_customer)}
        </LinkButton>
    }
}

fn toolbar(view: View) -> AnyView {
    let i18n = use_i18n();
    let View { filters, change, .. } = view;
    let typed = RwSignal::new(filters.with_untracked(|filters| filters.q.clone()));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    // The address is the truth: going back in history also changes the field.
    Effect::new(move |before: Option<String>| {
        let q = filters.with(|filters| filters.q.clone());
        if before.is_some_and(|before| before != q) && typed.with_untracked(|typed| typed.trim() != q) {
            typed.set(q.clone());
        }
        q
    });
    Effect::new(move |before: Option<String>| {
        let text = typed.get();
        if before.is_some() {
            let q = text.trim().to_owned();
            if let Some(Some(handle)) = timer.try_update_value(Option::take) {
                handle.clear();
            }
            let search = move || {
                let now = filters.get_untracked();
                if now.q != q {
                    change.run(Filters { q, ..now });
                }
            };
            timer.set_value(set_timeout_with_handle(search, REST).ok());
        }
        text
    });
    on_cleanup(move || {
        if let Some(Some(handle)) = timer.try_update_value(Option::take) {
            handle.clear();
        }
    });
    let field = move |read: fn(&Filters) -> &String| {
        Signal::derive(move || filters.with(|filters| read(filters).clone()))
    };
    let statuses = Signal::derive(move || {
        let t = i18n.t();
        let mut choices = vec![Choice::new("", t.admin.filter_all_status)];
        choices
            .extend(CustomerStatus::ALL.map(|status| Choice::new(status.as_str(), status_name(t, status))));
        choices
    });
    let plans = Signal::derive(move || {
        let t = i18n.t();
        let mut choices = vec![Choice::new("", t.admin.filter_all_plans)];
        choices.extend(Plan::ALL.map(|plan| Choice::new(plan.as_str(), plan_name(t, plan))));
        choices
    });
    let sorts = Signal::derive(move || {
        let t = &i18n.t().admin;
        vec![
            Choice::new("name", t.sort_name),
            Choice::new("-created_at", t.sort_created),
            Choice::new("-logs", t.sort_logs),
        ]
    });
    let sort = Signal::derive(move || {
        filters.with(|filters| if filters.sort.is_empty() { "name".to_owned() } else { filters.sort.clone() })
    });
    let set = move |edit: fn(&mut Filters, String)| {
        Callback::new(move |value: String| {
            let mut next = filters.get_untracked();
            edit(&mut next, value);
            change.run(next);
        })
    };
    view! {
        <search class="card filters">
            <TextField id="q" label=i18n.tr(|t| t.admin.filter_search) value=typed kind="search" />
            <SelectField
                id="status"
                label=i18n.tr(|t| t.admin.filter_status)
                value=field(|filters| &filters.status)
                on_change=set(|filters, value| filters.status = value)
                options=statuses
            />
            <SelectField
                id="plan"
                label=i18n.tr(|t| t.admin.filter_plan)
                value=field(|filters| &filters.plan)
                on_change=set(|filters, value| filters.plan = value)
                options=plans
            />
            <SelectField
                id="sort"
                label=i18n.tr(|t| t.admin.sort)
                value=sort
                on_change=set(|filters, value| {
                    filters.sort = if value == "name" { String::new() } else { value };
                })
                options=sorts
            />
        </search>
    }
}

fn content(view: View, may_create: Memo<bool>) -> AnyView {
    let empty =
        Memo::new(move |_| view.load.data.with(|data| data.as_ref().is_none_or(|page| page.data.is_empty())));
    live(move || if empty.get() { nothing(view, may_create) } else { table(view) })
}

fn nothing(view: View, may_create: Memo<bool>) -> AnyView {
    let i18n = use_i18n();
    let View { filters, change, .. } = view;
    if filters.with(Filters::is_narrow) {
        return view! {
            <EmptyState
                mark=Icon::SEARCH_X
                title=i18n.tr(|t| t.admin.no_match_title)
                text=i18n.tr(|t| t.admin.no_match_text)
            >
                <Button on_press=move |()| change.run(Filters::default())>
                    {i18n.tr(|t| t.admin.filter_clear)}
                </Button>
            </EmptyState>
        };
    }
    view! {
        <EmptyState mark=Icon::USERS title=i18n.tr(|t| t.admin.none_title) text=i18n.tr(|t| t.admin.none_text)>
            {move || may_create.get().then(create_link)}
        </EmptyState>
    }
}

fn table(view: View) -> AnyView {
    let i18n = use_i18n();
    let rows =
        move || view.load.data.with(|data| data.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    view! {
        <TableScroll label=i18n.tr(|t| t.admin.customers_table)>
            <table class="data cards customers-table">
                <caption class="vh">{i18n.tr(|t| t.admin.customers_title)}</caption>
                <thead>
                    <tr>
                        {sort_head(view, "name", "ascending", |t| t.admin.col_name)}
                        <th scope="col">{i18n.tr(|t| t.common.plan)}</th>
                        <th scope="col">{i18n.tr(|t| t.common.status)}</th>
                        <th scope="col" class="r">
                            {i18n.tr(|t| t.admin.col_logs_month)}
                        </th>
                        {sort_head(view, "-logs", "descending", |t| t.admin.col_total)}
                        <th scope="col">{i18n.tr(|t| t.admin.col_last_log)}</th>
                        <th scope="col" class="r">
                            {i18n.tr(|t| t.admin.col_keys)}
                        </th>
                        {sort_head(view, "-created_at", "descending", |t| t.admin.col_created)}
                    </tr>
                </thead>
                <tbody>
                    {each(
                        rows,
                        |customer| format!("{} {} {}", customer.id, customer.updated_at.0, customer.total_logs),
                        row,
                    )}
                </tbody>
            </table>
        </TableScroll>
        {more(view)}
    }
}

/// A heading that orders the list; each order has one direction.
fn sort_head(
    view: View,
    sort: &'static str,
    direction: &'static str,
    text: fn(&'static crate::i18n::Texts) -> &'static str,
) -> AnyView {
    let i18n = use_i18n();
    let View { filters, change, .. } = view;
    let chosen = Memo::new(move |_| {
        filters.with(|filters| filters.sort == sort || (filters.sort.is_empty() && sort == "name"))
    });
    let press = move |_| {
        let sort = if sort == "name" { String::new() } else { sort.to_owned() };
        change.run(Filters { sort, ..filters.get_untracked() });
    };
    view! {
        <th scope="col" class:r=sort == "-logs" aria-sort=move || if chosen.get() { direction } else { "none" }>
            <button type="button" class="th" on:click=press>
                <span>{i18n.tr(text)}</span>
                <span class="sort-mark" hidden=move || !chosen.get()>
                    {crate::ui::icon(if direction == "ascending" { Icon::ARROW_UP } else { Icon::CHEVRON_DOWN })}
                </span>
            </button>
        </th>
    }
}

fn row(customer: CustomerOut) -> AnyView {
    let i18n = use_i18n();
    let (month, total, keys) = (customer.logs_this_month, customer.total_logs, customer.active_keys);
    let last = match customer.last_log_at {
        Some(at) => ago(at),
        None => view! { <span>{i18n.tr(|t| t.admin.no_logs)}</span> },
    };
    view! {
        <tr>
            <th scope="row" class="c-name">
                <a href=format!("/admin/klanten/{}", customer.id)>{customer.name}</a>
                <span class="hint">{customer.contact_email}</span>
            </th>
            <td class="c-plan">{plan_badge(customer.plan)}</td>
            <td class="c-status">{status_badge(customer.status)}</td>
            <td class="c-month r num" data-label=i18n.tr(|t| t.admin.col_logs_month)>{move || i18n.fmt().int(month)}</td>
            <td class="c-total r num" data-label=i18n.tr(|t| t.admin.col_total)>{move || i18n.fmt().int(total)}</td>
            <td class="c-last" data-label=i18n.tr(|t| t.admin.col_last_log)>{last}</td>
            <td class="c-keys r num" data-label=i18n.tr(|t| t.admin.col_keys)>{move || i18n.fmt().int(keys)}</td>
            <td class="c-created" data-label=i18n.tr(|t| t.admin.col_created)>{date(customer.created_at)}</td>
        </tr>
    }
}

/// Fetches the rows behind the last one.
fn more(view: View) -> AnyView {
    let api = use_api();
    let fetch = move |cursor: &str| {
        let next = Some(cursor.to_owned());
        view.filters.with_untracked(|filters| admin::customers(&api, &filters.query(next)))
    };
    more::more(view.load, |t| t.admin.more_customers, |a, b| a.id == b.id, fetch)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-06: filters survive the address, and values that nobody knows are not sent.
    #[test]
    fn filters_stand_in_the_address() {
        let filters = Filters {
            q: "van dijk & zn".to_owned(),
            status: "suspended".to_owned(),
            plan: "goud".to_owned(),
            sort: "-logs".to_owned(),
        };
        assert_eq!(filters.address(), "?q=van%20dijk%20%26%20zn&status=suspended&plan=goud&sort=-logs");
        let query = filters.query(None);
        assert_eq!(
            (query.status.as_str(), query.plan.as_str(), query.sort.as_str()),
            ("suspended", "", "-logs")
        );
        assert_eq!(Filters::default().address(), "");
    }
}
