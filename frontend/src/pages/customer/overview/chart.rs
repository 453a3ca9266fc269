//! Logs per day, with the running day drawn apart and every new log counted at once.

use super::Board;
use crate::charts::{Point, TimeSeries};
use crate::i18n::use_i18n;
use crate::pages::customer::logs::count_text;
use crate::prelude::*;

/// The chart.
#[component]
pub fn Daily(
    /// The page.
    board: Board,
) -> AnyView {
    let i18n = use_i18n();
    let words = move |count: i64| count_text(i18n.t(), count, &i18n.fmt().int(count), false);
    let points = Memo::new(move |_| {
        let fmt = i18n.fmt();
        board.load.data.with(|data| {
            let Some(data) = data else { return Vec::new() };
            let last = data.daily.data.len().saturating_sub(1);
            let point = |(index, day): (usize, &shared::analytics::DayCount)| Point {
                key: day.date.clone(),
                label: fmt.day_month(&day.date),
                name: fmt.day_weekday(&day.date),
                value: day.count,
                text: words(day.count),
                running: day.partial || index == last,
                band: None,
                before: None,
            };
            data.daily.data.iter().enumerate().map(point).collect::<Vec<_>>()
        })
    });
    let summary = move || {
        let t = i18n.t();
        let zone = board.load.data.with(|data| data.as_ref().map(|data| data.daily.time_zone.clone()));
        let zone = zone.map(|zone| (t.overview.zone)(&zone)).unwrap_or_default();
        points.with(|points| {
            let total: i64 = points.iter().map(|point| point.value).sum();
            let busiest = points.iter().rev().max_by_key(|point| point.value);
            match busiest {
                Some(busiest) if total > 0 => {
                    format!(
                        "{} {zone}",
                        (t.overview.daily_summary)(&words(total), &busiest.label, &busiest.text)
                    )
                }
                _ => t.overview.daily_none.to_owned(),
            }
        })
    };
    let columns = Signal::derive(move || {
        (i18n.t().overview.column_day.to_owned(), i18n.t().overview.column_logs.to_owned())
    });
    view! {
        <TimeSeries
            id="daily"
            title=i18n.tr(|t| t.overview.daily_title)
            summary
            columns
            points=Signal::from(points)
            file_name="logs-per-dag.csv"
        />
    }
}
