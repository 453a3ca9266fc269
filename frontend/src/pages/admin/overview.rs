//! The installation at a glance: figures, logs per day, the most active and the newest customers.

use shared::access::Permission;
use shared::tenancy::{ActiveCustomer, AdminOverviewOut, CustomerOut};

use crate::api::{admin, use_api};
use crate::charts::{Point, TimeSeries};
use crate::i18n::{Formats, Texts, use_i18n};
use crate::pages::parts::{date, plan_badge, plan_name, status_badge, status_name};
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{
    Async, Icon, Kpi, LinkButton, Load, PageHeader, Rows, Skeleton, TableScroll, Variant, csv_button,
};

/// The page.
#[component]
pub fn AdminOverviewPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    let load = Load::new(move || admin::overview(&api));
    let may_create = Memo::new(move |_| session.can(Permission::CustomersWrite));
    view! {
        <PageHeader title=i18n.tr(|t| t.admin.overview_title)>
            {move || {
                may_create
                    .get()
                    .then(|| {
                        view! {
                            <LinkButton href="/admin/klanten/nieuw" variant=Variant::Primary icon=Icon::PLUS>
                                {i18n.tr(|t| t.admin.new_customer)}
                            </LinkButton>
                        }
                    })
            }}
        </PageHeader>
        <Async load skeleton=skeleton view=move || content(load) />
    }
}

fn skeleton() -> AnyView {
    let tile = |_| view! { <div class="card kpi"><Skeleton lines=2 /></div> };
    view! {
        <div class="kpis">{(0..4).map(tile).collect_view()}</div>
        <div class="card"><Skeleton lines=8 /></div>
        <div class="halves">
            <div class="card flush"><Skeleton lines=6 /></div>
            <div class="card flush"><Skeleton lines=6 /></div>
        </div>
    }
}

fn content(load: Load<AdminOverviewOut>) -> AnyView {
    view! {
        {kpis(load)}
        {chart(load)}
        <div class="halves">{most_active(load)} {newest(load)}</div>
    }
}

/// Fewer logs than this wait all the time.
const MANY_TO_INDEX: i64 = 10_000;

/// Reads a part of the answer.
fn part<T>(load: Load<AdminOverviewOut>, read: impl Fn(&AdminOverviewOut) -> T) -> Option<T> {
    load.data.with(|data| data.as_ref().map(read))
}

fn kpis(load: Load<AdminOverviewOut>) -> AnyView {
    let i18n = use_i18n();
    let figure = move |read: fn(&AdminOverviewOut) -> i64| {
        move || i18n.fmt().int(part(load, read).unwrap_or_default())
    };
    let states = move || {
        let (t, fmt) = (&i18n.t().admin, i18n.fmt());
        part(load, |out| out.customers).map(|counts| {
            let mut text =
                (t.states)(&fmt.int(counts.active), &fmt.int(counts.read_only), &fmt.int(counts.suspended));
            if counts.closing > 0 {
                text.push_str(", ");
                text.push_str(&(t.closing_too)(&fmt.int(counts.closing)));
            }
            text
        })
    };
    let as_of =
        move || part(load, |out| out.computed_at).map(|at| (i18n.t().admin.as_of)(&i18n.fmt().time(at)));
    let stored = move || {
        let waiting = part(load, |out| out.logs_to_index).filter(|waiting| *waiting > MANY_TO_INDEX);
        let t = &i18n.t().admin;
        waiting.map_or_else(|| t.stored.to_owned(), |waiting| (t.to_index)(&i18n.fmt().int(waiting)))
    };
    view! {
        <dl class="kpis">
            <Kpi label=i18n.tr(|t| t.admin.kpi_customers) value=figure(|out| out.customers.total) sub=move || move || states() />
            <Kpi
                label=i18n.tr(|t| t.admin.kpi_today)
                value=figure(|out| out.logs_today)
                sub=move || i18n.tr(|t| t.admin.since_midnight)
            />
            <Kpi label=i18n.tr(|t| t.admin.kpi_last_24h) value=figure(|out| out.logs_last_24h) sub=move || move || as_of() />
            <Kpi
                label=i18n.tr(|t| t.admin.kpi_total)
                value=figure(|out| out.total_logs)
                sub=move || move || stored()
            />
        </dl>
    }
}

fn chart(load: Load<AdminOverviewOut>) -> AnyView {
    let i18n = use_i18n();
    let points = Memo::new(move |_| {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        part(load, |out| out.daily.iter().map(|day| point(t, &fmt, day)).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let summary = move || {
        let (t, fmt) = (&i18n.t().admin, i18n.fmt());
        part(load, |out| {
            let days = fmt.int(i64::try_from(out.daily.len()).unwrap_or(0));
            let total: i64 = out.daily.iter().map(|day| day.count).sum();
            let text = match out.daily.iter().max_by_key(|day| day.count).filter(|day| day.count > 0) {
                Some(most) => (t.daily_sum)(
                    &days,
                    &fmt.int(total),
                    &fmt.day_medium(&most.date),
                    &(t.logs)(most.count, &fmt.int(most.count)),
                ),
                None => (t.daily_none)(&days),
            };
            format!("{text} {}.", (t.zone_note)(&out.time_zone))
        })
        .unwrap_or_default()
    };
    let columns = Signal::derive(move || {
        let t = &i18n.t().admin;
        (t.col_day.to_owned(), t.col_logs.to_owned())
    });
    view! {
        <TimeSeries
            id="daily"
            title=i18n.tr(|t| t.admin.daily_title)
            summary
            columns
            points
            file_name="mvai-connexx-logs-per-dag.csv"
        />
    }
}

fn point(t: &'static Texts, fmt: &Formats, day: &shared::analytics::DayCount) -> Point {
    Point {
        key: day.date.clone(),
        label: fmt.day_month(&day.date),
        name: fmt.day_weekday(&day.date),
        value: day.count,
        text: (t.admin.logs)(day.count, &fmt.int(day.count)),
        running: day.partial,
        band: None,
        before: None,
    }
}

fn most_active(load: Load<AdminOverviewOut>) -> AnyView {
    let i18n = use_i18n();
    let rows = Memo::new(move |_| part(load, |out| out.most_active.clone()).unwrap_or_default());
    let row = move |customer: ActiveCustomer| {
        let logs = customer.logs;
        view! {
            <tr>
                <th scope="row" class="msg">
                    <a href=format!("/admin/klanten/{}", customer.id)>{customer.name}</a>
                </th>
                <td class="r num">{move || i18n.fmt().int(logs)}</td>
            </tr>
        }
    };
    let body = move || {
        let rows = rows.get();
        if rows.is_empty() {
            return view! { <p class="bar-note">{i18n.tr(|t| t.admin.most_active_empty)}</p> };
        }
        let first = rows.first().cloned();
        let sentence = move || {
            let fmt = i18n.fmt();
            first.as_ref().map(|most| {
                let logs = (i18n.t().admin.logs)(most.logs, &fmt.int(most.logs));
                (i18n.t().admin.most_active_sum)(&most.name, &logs)
            })
        };
        view! {
            <p class="bar-note">{sentence}</p>
            <TableScroll label=i18n.tr(|t| t.admin.most_active_table)>
                <table class="data">
                    <caption class="vh">{i18n.tr(|t| t.admin.most_active)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.admin.col_name)}</th>
                            <th scope="col" class="r">
                                {i18n.tr(|t| t.admin.col_logs)}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableScroll>
        }
    };
    let file = move || -> Rows {
        let t = &i18n.t().admin;
        let row = |customer: ActiveCustomer| vec![customer.name, customer.logs.to_string()];
        let head = [t.col_name, t.col_logs].map(str::to_owned).to_vec();
        std::iter::once(head).chain(rows.get().into_iter().map(row)).collect()
    };
    view! {
        <section class="card flush" aria-labelledby="most-active">
            <div class="bar2">
                <h2 id="most-active">{i18n.tr(|t| t.admin.most_active)}</h2>
                <span class="push">{csv_button("drukste-klanten.csv", file)}</span>
            </div>
            {body}
        </section>
    }
}

fn newest(load: Load<AdminOverviewOut>) -> AnyView {
    let i18n = use_i18n();
    let rows = Memo::new(move |_| part(load, |out| out.newest.clone()).unwrap_or_default());
    let row = |customer: CustomerOut| {
        view! {
            <tr>
                <th scope="row" class="msg">
                    <a href=format!("/admin/klanten/{}", customer.id)>{customer.name}</a>
                </th>
                <td>{plan_badge(customer.plan)}</td>
                <td>{status_badge(customer.status)}</td>
                <td class="r">{date(customer.created_at)}</td>
            </tr>
        }
    };
    let body = move || {
        let rows = rows.get();
        if rows.is_empty() {
            return view! { <p class="bar-note">{i18n.tr(|t| t.admin.newest_empty)}</p> };
        }
        let first = rows.first().map(|newest| (newest.name.clone(), newest.created_at));
        let sentence = move || {
            let made = |at| i18n.fmt().date_medium(at);
            first.as_ref().map(|(name, at)| (i18n.t().admin.newest_sum)(name, &made(*at)))
        };
        view! {
            <p class="bar-note">{sentence}</p>
            <TableScroll label=i18n.tr(|t| t.admin.newest_table)>
                <table class="data">
                    <caption class="vh">{i18n.tr(|t| t.admin.newest)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.admin.col_name)}</th>
                            <th scope="col">{i18n.tr(|t| t.common.plan)}</th>
                            <th scope="col">{i18n.tr(|t| t.common.status)}</th>
                            <th scope="col" class="r">
                                {i18n.tr(|t| t.admin.col_created)}
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableScroll>
        }
    };
    let file = move || -> Rows {
        let t = i18n.t();
        let row = |customer: CustomerOut| {
            let (plan, status) = (plan_name(t, customer.plan), status_name(t, customer.status));
            vec![customer.name, plan.to_owned(), status.to_owned(), customer.created_at.to_rfc3339()]
        };
        let head = [t.admin.col_name, t.common.plan, t.common.status, t.admin.col_created];
        let head = head.map(str::to_owned).to_vec();
        std::iter::once(head).chain(rows.get().into_iter().map(row)).collect()
    };
    view! {
        <section class="card flush" aria-labelledby="newest">
            <div class="bar2">
                <h2 id="newest">{i18n.tr(|t| t.admin.newest)}</h2>
                <span class="push">
                    <a href="/admin/klanten">{i18n.tr(|t| t.admin.to_customers)}</a> " "
                    {csv_button("nieuwste-klanten.csv", file)}
                </span>
            </div>
            {body}
        </section>
    }
}
