//! Logs over time, and the growth of complete weeks and months.

use shared::analytics::{Comparison, GrowthOut, SeriesOut};

use super::scope::Scope;
use crate::api::analytics;
use crate::charts::{Point, TimeSeries};
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::buckets::{busiest, points, unit_title};
use crate::prelude::*;
use crate::ui::{Async, Kpi};

/// Growth and the series.
pub fn trend(scope: Scope) -> AnyView {
    let growth = scope.load(analytics::growth);
    let series = scope.load(analytics::series);
    let figures = move || live(move || growth.data.with(|data| data.as_ref().map(tiles)));
    let bone = || view! { <div class="card" aria-hidden="true"><div class="bone chart-bone"></div></div> };
    let view = move || chart(scope, series.data);
    view! {
        <Async load=growth view=figures />
        <Async load=series skeleton=bone view />
    }
}

fn tiles(growth: &GrowthOut) -> AnyView {
    let i18n = use_i18n();
    let tile = |label: &'static str, comparison: &Comparison| {
        let fmt = i18n.fmt();
        let before = fmt.int(comparison.previous.count);
        let period = period_text(i18n, comparison);
        let sub = match comparison.change {
            Some(change) => (i18n.t().analytics.change_against)(&fmt.signed_percent(change), &before),
            None => i18n.t().analytics.no_earlier.to_owned(),
        };
        let sub = format!("{sub} {period}");
        view! { <Kpi label value=fmt.int(comparison.current.count) sub=move || sub.clone() /> }
    };
    let t = i18n.t();
    view! {
        <dl class="kpis two">
            {tile(t.analytics.last_week, &growth.week)} {tile(t.analytics.last_month, &growth.month)}
        </dl>
    }
}

/// "9 nov 2026 – 15 nov 2026".
fn period_text(i18n: I18n, comparison: &Comparison) -> String {
    let fmt = i18n.fmt();
    let last = shared::time::Millis(comparison.current.to.0 - 1);
    (i18n.t().logs.range_chip)(&fmt.date_medium(comparison.current.from), &fmt.date_medium(last))
}

fn chart(scope: Scope, data: RwSignal<Option<SeriesOut>>) -> AnyView {
    let i18n = use_i18n();
    let line = Memo::new(move |_| {
        data.with(|data| data.as_ref().map(|data| compared(i18n, data)).unwrap_or_default())
    });
    let title = move || {
        let unit = data.with(|data| data.as_ref().map(|data| data.current.unit));
        unit.map(|unit| unit_title(i18n.t(), unit)).unwrap_or_default()
    };
    let summary = move || {
        data.with(|data| data.as_ref().map(|data| sentence(i18n, data, &line.get()))).unwrap_or_default()
    };
    let columns = Signal::derive(move || {
        (i18n.t().overview.column_day.to_owned(), i18n.t().overview.column_logs.to_owned())
    });
    let router = crate::router::use_router();
    let pick = move |(first, last): (usize, usize)| {
        let ends = data.with_untracked(|data| {
            let buckets = &data.as_ref()?.current.buckets;
            Some((buckets.get(first)?.from, buckets.get(last)?.to))
        });
        if let Some((from, to)) = ends {
            let q = scope.asked.with_untracked(|asked| asked.q.clone());
            router.go(&Scope::logs(&q, from, to), crate::router::Go::Page);
        }
    };
    view! {
        <TimeSeries
            id="trend"
            title
            summary
            columns
            points=Signal::from(line)
            file_name="logs-over-tijd.csv"
            on_pick=pick
        />
    }
}

/// The points, with the values of the earlier period.
fn compared(i18n: I18n, data: &SeriesOut) -> Vec<Point> {
    let mut line = points(i18n, &data.current);
    for (point, bucket) in line.iter_mut().zip(data.previous.iter().flat_map(|previous| &previous.buckets)) {
        point.before = Some(bucket.count);
    }
    line
}

/// What there is to see, with the comparison in words.
fn sentence(i18n: I18n, data: &SeriesOut, line: &[Point]) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    if data.current.n == 0 {
        return t.overview.daily_none.to_owned();
    }
    let mut text = busiest(i18n, data.current.n, line);
    if let Some(mean) = data.mean_per_day {
        text.push(' ');
        text.push_str(&(t.analytics.mean_per_day)(&fmt.decimal(mean)));
    }
    if let Some(comparison) = &data.comparison {
        let before = fmt.int(comparison.previous.count);
        text.push(' ');
        text.push_str(&match comparison.change {
            Some(change) => (t.analytics.change_against)(&fmt.signed_percent(change), &before),
            None => t.analytics.no_earlier.to_owned(),
        });
    }
    if data.current.kept > 0 {
        text.push(' ');
        text.push_str(&(t.overview.kept)(&fmt.int(data.current.kept)));
    }
    text.push(' ');
    text.push_str(&(t.overview.zone)(&data.current.time_zone));
    if !data.current.complete {
        text.push(' ');
        text.push_str(t.logs.newest_only);
    }
    text
}
