//! Logs per day for the next four weeks, with the band in which four days of five should lie.

use shared::analytics::{ForecastDay, ForecastMethod, ForecastOut, Reason};

use super::scope::Scope;
use crate::api::analytics;
use crate::charts::{Point, TimeSeries};
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::ui::{Async, Card, Icon, note};

/// The forecast.
pub fn forecast(scope: Scope) -> AnyView {
    let i18n = use_i18n();
    let load = scope.load(analytics::forecast);
    let made =
        Memo::new(move |_| load.data.with(|data| data.as_ref().is_some_and(|data| data.reason.is_none())));
    let view = move || {
        move || {
            if made.get() {
                return chart(load.data);
            }
            let text = load.data.with(|data| data.as_ref().map(|data| why_not(i18n, data)));
            view! {
                <Card title=i18n.tr(|t| t.analytics.forecast_title)>
                    {note(Icon::INFO, text.unwrap_or_default())}
                </Card>
            }
        }
    };
    view! { <Async load view /> }
}

fn why_not(i18n: I18n, data: &ForecastOut) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    match data.reason {
        Some(Reason::NoData) => t.overview.daily_none.to_owned(),
        Some(Reason::Incomplete) => t.analytics.forecast_incomplete.to_owned(),
        _ => (t.analytics.forecast_too_few)(&fmt.int(data.needed), &fmt.int(data.n)),
    }
}

fn chart(data: RwSignal<Option<ForecastOut>>) -> AnyView {
    let i18n = use_i18n();
    let line = Memo::new(move |_| {
        data.with(|data| {
            let days = data.as_ref().map(|data| data.days.as_slice()).unwrap_or_default();
            days.iter().map(|day| point(i18n, day)).collect::<Vec<Point>>()
        })
    });
    let summary =
        move || data.with(|data| data.as_ref().map(|data| sentence(i18n, data))).unwrap_or_default();
    let columns = Signal::derive(move || {
        (i18n.t().overview.column_day.to_owned(), i18n.t().analytics.expected.to_owned())
    });
    view! {
        <TimeSeries
            id="forecast"
            title=i18n.tr(|t| t.analytics.forecast_title)
            summary
            columns
            points=Signal::from(line)
            file_name="verwachting.csv"
        />
    }
}

fn point(i18n: I18n, day: &ForecastDay) -> Point {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let whole = |value: f64| value.round() as i64;
    let (value, low, high) = (whole(day.expected), whole(day.low), whole(day.high));
    Point {
        key: day.date.clone(),
        label: fmt.day_month(&day.date),
        name: fmt.day_weekday(&day.date),
        value,
        text: (t.analytics.expected_between)(&fmt.int(value), &fmt.int(low), &fmt.int(high)),
        running: false,
        band: Some((low, high)),
        before: None,
    }
}

fn sentence(i18n: I18n, data: &ForecastOut) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let sum: f64 = data.days.iter().map(|day| day.expected).sum();
    let method = match data.method {
        Some(ForecastMethod::HoltWinters) => t.analytics.holt_winters,
        Some(ForecastMethod::ExponentialSmoothing) => t.analytics.smoothing,
        _ => t.analytics.naive,
    };
    let error = data.error.map(|error| (t.analytics.forecast_error)(&fmt.decimal(error)));
    let base = (t.analytics.forecast_summary)(&fmt.int(sum.round() as i64), &fmt.int(data.n), method);
    format!("{base} {}", error.unwrap_or_default())
}
