//! Logs by weekday and hour: a table whose cells are shaded by their number.

use shared::analytics::PatternOut;

use super::scope::Scope;
use crate::api::analytics;
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::parts::shade;
use crate::prelude::*;
use crate::ui::{Async, Card, Rows, TableScroll, csv_button};

/// The pattern.
pub fn pattern(scope: Scope) -> AnyView {
    let i18n = use_i18n();
    let load = scope.load(analytics::pattern);
    let view = move || live(move || load.data.with(|data| data.as_ref().map(|data| table(i18n, data))));
    view! {
        <Card title=i18n.tr(|t| t.analytics.pattern_title)>
            <Async load view />
            {csv_button("weekpatroon.csv", move || load.data.with(|data| data.as_ref().map(|data| rows(i18n, data))).unwrap_or_default())}
        </Card>
    }
}

/// The cells as rows of a file.
fn rows(i18n: I18n, data: &PatternOut) -> Rows {
    let hours = (0..24).map(|hour| format!("{hour:02}:00"));
    let head: Vec<String> = std::iter::once(i18n.t().analytics.weekday.to_owned()).chain(hours).collect();
    let row = |(at, cells): (usize, &Vec<i64>)| {
        let cells = cells.iter().map(ToString::to_string);
        std::iter::once(weekday(i18n, at).to_owned()).chain(cells).collect()
    };
    std::iter::once(head).chain(data.cells.iter().enumerate().map(row)).collect()
}

fn table(i18n: I18n, data: &PatternOut) -> AnyView {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let mut summary = match &data.busiest {
        Some(busiest) => {
            let day = weekday(i18n, usize::from(busiest.weekday).saturating_sub(1));
            let hour = format!("{:02}:00", busiest.hour);
            (t.analytics.busiest)(day, &hour, &fmt.int(busiest.count), &fmt.percent(busiest.share))
        }
        None => t.overview.daily_none.to_owned(),
    };
    if data.kept > 0 {
        summary.push(' ');
        summary.push_str(&(t.overview.kept)(&fmt.int(data.kept)));
    }
    let highest = data.busiest.as_ref().map_or(0, |busiest| busiest.count);
    let row = |(at, cells): (usize, &Vec<i64>)| {
        let cell = |count: &i64| {
            let shown = fmt.int(*count);
            view! { <td class=shade(*count, highest)><span>{shown}</span></td> }
        };
        view! {
            <tr>
                <th scope="row">{weekday(i18n, at)}</th>
                {cells.iter().map(cell).collect_view()}
            </tr>
        }
    };
    let rows = data.cells.iter().enumerate().map(row).collect_view();
    let hour = |hour: usize| view! { <th scope="col">{format!("{hour:02}")}</th> };
    view! {
        <p class="sub">{summary}</p>
        <TableScroll label=t.analytics.pattern_table>
            <table class="heat">
                <caption class="vh">{t.analytics.pattern_title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.analytics.weekday}</th>
                        {(0..24).map(hour).collect_view()}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableScroll>
    }
}

/// The name of a day of the week, 0 is Monday.
fn weekday(i18n: I18n, day: usize) -> &'static str {
    i18n.t().analytics.weekdays.split(' ').nth(day).unwrap_or_default()
}
