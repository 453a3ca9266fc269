//! What was used in each month, and the days of the one that is open. Which one stands in the address.

use shared::usage::{AccountUsageOut, DayReceived, UsageDaysOut, UsageHistoryOut, UsageMonth};

use crate::api::{usage, use_api};
use crate::charts::{Point, TimeSeries};
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::logs::count_text;
use crate::prelude::*;
use crate::router::use_router;
use crate::ui::{Async, Card, Load, Rows, TableScroll, csv_button};

/// The days of a month: its name, whether it runs, zone and days.
#[derive(Clone, PartialEq)]
struct Month {
    period: String,
    running: bool,
    zone: String,
    days: Vec<DayReceived>,
}

/// The chart of the open month and the list of months.
pub fn months_card(account: Load<AccountUsageOut>) -> AnyView {
    let i18n = use_i18n();
    let (api, router) = (use_api(), use_router());
    let asked = Memo::new(move |_| router.parameter("maand").unwrap_or_default());
    let months = Load::new(move || usage::months(&api));
    let opened = Load::idle(move || usage::days(&api, &asked.get_untracked()));
    Effect::new(move |_| {
        if asked.with(String::is_empty) {
            opened.clear();
        } else {
            opened.reload();
        }
    });
    let running = move || {
        account.data.with(|data| {
            data.as_ref().map(|data| Month {
                period: data.period.clone(),
                running: true,
                zone: data.time_zone.clone(),
                days: data.days.clone(),
            })
        })
    };
    let of = |data: UsageDaysOut| Month {
        running: data.days.iter().any(|day| day.partial),
        period: data.period,
        zone: data.time_zone,
        days: data.days,
    };
    let shown =
        Memo::new(move |_| if asked.with(String::is_empty) { running() } else { opened.data.get().map(of) });
    let chart = move || {
        live(move || {
            if asked.with(String::is_empty) {
                chart(shown)
            } else {
                view! { <Async load=opened view=move || chart(shown) /> }
            }
        })
    };
    view! {
        {chart()}
        <Card title=i18n.tr(|t| t.plan.months) tools=move || csv_button("gebruik-per-maand.csv", move || file(i18n, months))>
            <Async load=months view=move || table(months, shown) />
        </Card>
    }
}

fn chart(shown: Memo<Option<Month>>) -> AnyView {
    let i18n = use_i18n();
    let words = move |count: i64| count_text(i18n.t(), count, &i18n.fmt().int(count), false);
    let points = Memo::new(move |_| {
        let fmt = i18n.fmt();
        let point = |day: &DayReceived| Point {
            key: day.date.clone(),
            label: fmt.day_month(&day.date),
            name: fmt.day_weekday(&day.date),
            value: day.logs,
            text: words(day.logs),
            running: day.partial,
            band: None,
            before: None,
        };
        shown.with(|month| {
            month.as_ref().map_or_else(Vec::new, |month| month.days.iter().map(point).collect())
        })
    });
    let summary = move || {
        let t = i18n.t();
        shown
            .with(|month| {
                let month = month.as_ref()?;
                let total = words(month.days.iter().map(|day| day.logs).sum());
                let counted = if month.running {
                    (t.plan.days_text)(&total)
                } else {
                    (t.plan.month_text)(&total, &i18n.fmt().month(&month.period))
                };
                Some(format!("{counted} {}", (t.overview.zone)(&month.zone)))
            })
            .unwrap_or_default()
    };
    let columns = Signal::derive(move || {
        (i18n.t().overview.column_day.to_owned(), i18n.t().overview.column_logs.to_owned())
    });
    view! {
        <TimeSeries
            id="received"
            title=i18n.tr(|t| t.plan.days)
            summary
            columns
            points=Signal::from(points)
            file_name="logs-per-ontvangstdag.csv"
        />
    }
}

fn table(months: Load<UsageHistoryOut>, shown: Memo<Option<Month>>) -> AnyView {
    let i18n = use_i18n();
    let rows = move || {
        live(move || {
            let of =
                |data: &UsageHistoryOut| data.months.iter().map(|month| row(month, shown)).collect_view();
            months.data.with(|data| data.as_ref().map(of))
        })
    };
    let summary = move || months.data.with(|data| data.as_ref().and_then(|data| sentence(i18n, data)));
    view! {
        <p class="sub">{summary}</p>
        <TableScroll label=i18n.tr(|t| t.plan.months_table)>
            <table class="data cards">
                <caption class="vh">{i18n.tr(|t| t.plan.months_table)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.plan.period)}</th>
                        <th scope="col" class="r">{i18n.tr(|t| t.plan.col_logs)}</th>
                        <th scope="col" class="r">{i18n.tr(|t| t.plan.col_calls)}</th>
                        <th scope="col" class="r">{i18n.tr(|t| t.plan.col_exports)}</th>
                    </tr>
                </thead>
                <tbody>{rows()}</tbody>
            </table>
        </TableScroll>
        <p class="sub2">{i18n.tr(|t| t.plan.months_text)}</p>
    }
}

/// All months together, and the busiest.
fn sentence(i18n: I18n, data: &UsageHistoryOut) -> Option<String> {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let busiest = data.months.iter().max_by_key(|month| month.logs)?;
    let total = data.months.iter().map(|month| month.logs).sum();
    let words = |count: i64| count_text(t, count, &fmt.int(count), false);
    let months = data.months.len() as i64;
    Some((t.plan.months_summary)(
        months,
        &fmt.int(months),
        &words(total),
        &fmt.month(&busiest.period),
        &words(busiest.logs),
    ))
}

/// The months as rows of a file; what was not counted is empty.
fn file(i18n: I18n, months: Load<UsageHistoryOut>) -> Rows {
    let t = &i18n.t().plan;
    let head = [t.period, t.col_logs, t.col_calls, t.col_exports].map(str::to_owned).to_vec();
    let row = |month: &UsageMonth| {
        let exports = month.exports.map(|exports| exports.to_string()).unwrap_or_default();
        vec![month.period.clone(), month.logs.to_string(), month.api_calls.to_string(), exports]
    };
    let rows =
        months.data.with(|data| data.as_ref().map(|data| data.months.iter().map(row).collect::<Rows>()));
    std::iter::once(head).chain(rows.unwrap_or_default()).collect()
}

fn row(month: &UsageMonth, shown: Memo<Option<Month>>) -> AnyView {
    let i18n = use_i18n();
    let (period, complete) = (month.period.clone(), month.complete);
    let (logs, calls, exports) = (month.logs, month.api_calls, month.exports);
    let href =
        if complete { format!("/app/abonnement?maand={period}") } else { "/app/abonnement".to_owned() };
    let own = period.clone();
    let is_open = move || shown.with(|month| month.as_ref().is_some_and(|month| month.period == own));
    let running = move || (!complete).then(|| format!(" ({})", i18n.t().plan.running));
    let exports = move || exports.map_or_else(|| i18n.t().common.unknown.to_owned(), |n| i18n.fmt().int(n));
    view! {
        <tr>
            <th scope="row">
                <a href=href aria-current=move || is_open().then_some("true")>
                    {move || i18n.fmt().month(&period)}
                </a>
                {running}
            </th>
            <td class="r num" data-label=i18n.tr(|t| t.plan.col_logs)>{move || i18n.fmt().int(logs)}</td>
            <td class="r num" data-label=i18n.tr(|t| t.plan.col_calls)>{move || i18n.fmt().int(calls)}</td>
            <td class="r num" data-label=i18n.tr(|t| t.plan.col_exports)>{exports}</td>
        </tr>
    }
}
