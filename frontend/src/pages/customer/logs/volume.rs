//! How many of the logs happened when; a stretch that is chosen narrows the period to it.

use shared::analytics::HistogramOut;
use shared::time::Millis;

use super::explorer::Explorer;
use super::filters::{Filters, Range};
use crate::charts::{Point, TimeSeries};
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::buckets::{busiest, points, unit_title};
use crate::prelude::*;
use crate::ui::Async;

/// The histogram.
pub fn volume(explorer: Explorer) -> AnyView {
    let load = explorer.volume;
    let skeleton =
        || view! { <div class="card" aria-hidden="true"><div class="bone chart-bone low"></div></div> };
    // Nothing to draw: the list says so already.
    let some = Memo::new(move |_| load.data.with(|data| data.as_ref().is_none_or(|data| data.n > 0)));
    let view = move || move || some.get().then(|| chart(explorer));
    live(move || explorer.counts().then(|| view! { <Async load skeleton view /> }))
}

fn chart(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let load = explorer.volume;
    let bars = Memo::new(move |_| {
        load.data.with(|data| data.as_ref().map(|data| points(i18n, data)).unwrap_or_default())
    });
    let title = move || {
        let unit = load.data.with(|data| data.as_ref().map(|data| data.unit));
        unit.map(|unit| unit_title(i18n.t(), unit)).unwrap_or_default()
    };
    let summary = move || load.data.with(|data| data.as_ref().map(|data| sentence(i18n, data, &bars.get())));
    let pick = move |(first, last): (usize, usize)| {
        let ends = load.data.with_untracked(|data| {
            let buckets = &data.as_ref()?.buckets;
            Some((buckets.get(first)?.from, buckets.get(last)?.to))
        });
        if let Some((from, to)) = ends {
            narrow(explorer, from, to);
        }
    };
    let columns = Signal::derive(move || {
        (i18n.t().logs.column_time.to_owned(), i18n.t().overview.column_logs.to_owned())
    });
    view! {
        <TimeSeries
            id="volume"
            title
            summary=move || summary().unwrap_or_default()
            columns
            points=Signal::from(bars)
            file_name="logs-over-tijd.csv"
            bars=true
            low=true
            on_pick=pick
        />
    }
}

fn narrow(explorer: Explorer, from: Millis, to: Millis) {
    let filters = explorer.filters.get_untracked();
    explorer.filter(&Filters {
        range: Range::Exact,
        from: from.to_rfc3339(),
        to: to.to_rfc3339(),
        ..filters
    });
}

fn sentence(i18n: I18n, data: &HistogramOut, bars: &[Point]) -> String {
    let mut text = busiest(i18n, data.n, bars);
    if !data.complete {
        text.push(' ');
        text.push_str(i18n.t().logs.newest_only);
    }
    text
}
