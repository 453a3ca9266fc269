//! ANA-14: how fast own requests are answered, and how many of them fail.

use shared::requests::{AnswerFigures, PerformanceOut};

use crate::api::{requests, use_api};
use crate::charts::{Point, TimeSeries};
use crate::i18n::{I18n, Texts, use_i18n};
use crate::prelude::*;
use crate::ui::{Async, Card, Choice, Kpi, Load, Rows, SelectField, Skeleton, TableScroll, csv_button};

type Data = Load<PerformanceOut>;
/// A figure of some answers.
type Pick = fn(&AnswerFigures) -> Option<f64>;

const PERIODS: [&str; 4] = ["1", "7", "30", "90"];

/// The panel with the figures, and the chart.
pub fn view() -> (AnyView, AnyView) {
    let i18n = use_i18n();
    let api = use_api();
    let days = RwSignal::new("30".to_owned());
    let load: Data = Load::idle(move || days.with_untracked(|days| requests::performance(&api, days)));
    Effect::new(move |_| {
        days.track();
        load.reload();
    });
    let periods = Signal::derive(move || {
        let words = |days: &str| (i18n.t().product.days)(days.parse().unwrap_or_default(), days);
        PERIODS.map(|days| Choice::new(days, words(days))).to_vec()
    });
    let panel = view! {
        <Card
            title=i18n.tr(|t| t.requests.speed)
            tools=move || {
                let rows = move || load.data.with(|data| data.as_ref().map(|data| file(i18n.t(), data)));
                csv_button("api-snelheid.csv", move || rows().unwrap_or_default())
            }
        >
            <div class="stack">
                <SelectField
                    id="speed-period"
                    label=i18n.tr(|t| t.logs.range_label)
                    value=days
                    on_change=move |chosen| days.set(chosen)
                    options=periods
                />
                <Async load skeleton=|| view! { <Skeleton lines=6 /> } view=move || content(load) />
            </div>
        </Card>
    };
    (panel, chart(load))
}

/// Milliseconds in the language of the person; a dash where there is no value.
pub fn ms(i18n: I18n, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| i18n.fmt().decimal(value))
}

fn share(i18n: I18n, value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| i18n.fmt().percent(value))
}

fn content(load: Data) -> AnyView {
    let i18n = use_i18n();
    let total = move |pick: Pick| load.data.with(|data| data.as_ref().and_then(|data| pick(&data.total)));
    let n = move || load.data.with(|data| data.as_ref().map_or(0, |data| data.n));
    let basis = move || {
        let fmt = i18n.fmt();
        let text = |data: &PerformanceOut| {
            let (first, last) = (fmt.day_medium(&data.first_day), fmt.day_medium(&data.last_day));
            let words = (i18n.t().requests.basis)(&fmt.int(data.n), &first, &last, &data.time_zone);
            format!("{words} {}", (i18n.t().requests.accuracy)(&fmt.percent(data.accuracy)))
        };
        load.data.with(|data| data.as_ref().map(text)).unwrap_or_default()
    };
    let errors = move || {
        let fmt = i18n.fmt();
        let text = |data: &PerformanceOut| {
            (i18n.t().requests.errors_of)(&fmt.int(data.total.refused), &fmt.int(data.total.failed))
        };
        load.data.with(|data| data.as_ref().map(text)).unwrap_or_default()
    };
    let needs =
        move |least: i64| move || (n() < least).then(|| (i18n.t().requests.too_few)(&i18n.fmt().int(least)));
    let tables = move || {
        load.data.with(|data| {
            let data = data.as_ref().filter(|data| data.n > 0)?;
            let t = &i18n.t().requests;
            let routes = data.routes.iter().map(|row| (row.route.clone(), row.figures.clone())).collect();
            let senders =
                data.senders.iter().map(|row| (sender(i18n.t(), row), row.figures.clone())).collect();
            Some(view! {
                {table(i18n, t.by_route, t.request, routes)}
                {table(i18n, t.by_key, t.key, senders)}
            })
        })
    };
    view! {
        <dl class="kpis">
            <Kpi label=i18n.tr(|t| t.requests.p50) value=move || ms(i18n, total(|all| all.p50_ms)) of=|| "ms" sub=move || needs(1) />
            <Kpi label=i18n.tr(|t| t.requests.p95) value=move || ms(i18n, total(|all| all.p95_ms)) of=|| "ms" sub=move || needs(20) />
            <Kpi label=i18n.tr(|t| t.requests.p99) value=move || ms(i18n, total(|all| all.p99_ms)) of=|| "ms" sub=move || needs(100) />
            <Kpi label=i18n.tr(|t| t.requests.error_rate) value=move || share(i18n, total(|all| all.error_rate)) sub=move || errors />
        </dl>
        <p class="sub2">{basis}</p>
        {tables}
    }
}

fn sender(t: &'static Texts, row: &shared::requests::SenderFigures) -> String {
    let key = row.key_name.clone().or_else(|| row.key_id.clone());
    key.unwrap_or_else(|| t.requests.people.to_owned())
}

fn table(
    i18n: I18n,
    title: &'static str,
    first: &'static str,
    rows: Vec<(String, AnswerFigures)>,
) -> AnyView {
    let (t, fmt) = (&i18n.t().requests, i18n.fmt());
    let row = move |(name, figures): (String, AnswerFigures)| {
        view! {
            <tr>
                <th scope="row" class="full">{name}</th>
                <td class="r num" data-label=t.answers>{fmt.int(figures.n)}</td>
                <td class="r num" data-label=t.error_rate>{share(i18n, figures.error_rate)}</td>
                <td class="r num" data-label="p50">{ms(i18n, figures.p50_ms)}</td>
                <td class="r num" data-label="p95">{ms(i18n, figures.p95_ms)}</td>
                <td class="r num" data-label="p99">{ms(i18n, figures.p99_ms)}</td>
            </tr>
        }
    };
    view! {
        <details class="fold">
            <summary>{title}</summary>
            <TableScroll label=title>
                <table class="data cards">
                    <caption class="vh">{title}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{first}</th>
                            <th scope="col" class="r">{t.answers}</th>
                            <th scope="col" class="r">{t.error_rate}</th>
                            <th scope="col" class="r">"p50 (ms)"</th>
                            <th scope="col" class="r">"p95 (ms)"</th>
                            <th scope="col" class="r">"p99 (ms)"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
                </table>
            </TableScroll>
        </details>
    }
}

/// Answers per day.
fn chart(load: Data) -> AnyView {
    let i18n = use_i18n();
    let points = Memo::new(move |_| {
        let fmt = i18n.fmt();
        let point = |day: &shared::requests::DayFigures| Point {
            key: day.date.clone(),
            label: fmt.day_month(&day.date),
            name: fmt.day_weekday(&day.date),
            value: day.figures.n,
            text: (i18n.t().requests.count)(&fmt.int(day.figures.n), &ms(i18n, day.figures.p95_ms)),
            running: day.partial,
            band: None,
            before: None,
        };
        load.data
            .with(|data| data.as_ref().map_or_else(Vec::new, |data| data.days.iter().map(point).collect()))
    });
    let columns = Signal::derive(move || {
        (i18n.t().overview.column_day.to_owned(), i18n.t().requests.answers.to_owned())
    });
    live(move || {
        let some = points.with(|points: &Vec<Point>| points.len() > 1);
        some.then(|| {
            view! {
                <TimeSeries
                    id="answers"
                    title=i18n.tr(|t| t.requests.per_day)
                    summary=i18n.tr(|t| t.requests.per_day_text)
                    columns
                    points=Signal::from(points)
                    file_name="api-antwoorden-per-dag.csv"
                    bars=true
                    low=true
                />
            }
        })
    })
}

/// Everything as rows of a file.
fn file(t: &'static Texts, data: &PerformanceOut) -> Rows {
    let r = &t.requests;
    let head =
        [r.period_from, r.period_to, r.by, r.request, r.answers, r.refused, r.failed, r.error_rate, r.mean];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    if let Some(first) = rows.first_mut() {
        first.extend(["p50 (ms)", "p95 (ms)", "p99 (ms)"].map(str::to_owned));
    }
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let row = |by: &str, name: &str, f: &AnswerFigures| {
        let mut row = [&data.first_day, &data.last_day, by, name].map(str::to_owned).to_vec();
        row.extend([f.n, f.refused, f.failed].map(|value| value.to_string()));
        row.extend([f.error_rate, f.mean_ms, f.p50_ms, f.p95_ms, f.p99_ms].map(number));
        row
    };
    rows.push(row(r.total, "", &data.total));
    rows.extend(data.routes.iter().map(|route| row(r.by_route, &route.route, &route.figures)));
    rows.extend(data.senders.iter().map(|key| row(r.by_key, &sender(t, key), &key.figures)));
    rows
}
