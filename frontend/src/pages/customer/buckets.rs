//! Buckets of time as points of a chart, in the words of their unit.

use shared::analytics::{Bucket, HistogramOut, Unit};

use crate::charts::Point;
use crate::i18n::{Formats, I18n, Texts};
use crate::pages::customer::logs::count_text;

/// "Logs per dag".
#[must_use]
pub fn unit_title(t: &'static Texts, unit: Unit) -> &'static str {
    match unit {
        Unit::Minute => t.analytics.per_minute,
        Unit::FiveMinutes => t.analytics.per_five_minutes,
        Unit::QuarterHour => t.analytics.per_quarter_hour,
        Unit::Hour => t.analytics.per_hour,
        Unit::Day => t.analytics.per_day,
        Unit::Week => t.analytics.per_week,
        Unit::Month => t.analytics.per_month,
    }
}

/// The points of a histogram (tracked by language).
#[must_use]
pub fn points(i18n: I18n, data: &HistogramOut) -> Vec<Point> {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let last = data.buckets.len().saturating_sub(1);
    let point = |(index, bucket): (usize, &Bucket)| {
        let (label, name) = names(t, &fmt, data.unit, bucket);
        Point {
            key: bucket.from.to_rfc3339(),
            label,
            name,
            value: bucket.count,
            text: count_text(t, bucket.count, &fmt.int(bucket.count), false),
            running: bucket.partial && index == last,
            band: None,
            before: None,
        }
    };
    data.buckets.iter().enumerate().map(point).collect()
}

/// "1.805 logs. Drukst: …" (tracked by language); the number alone when there is none.
#[must_use]
pub fn busiest(i18n: I18n, n: i64, points: &[Point]) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let count = count_text(t, n, &fmt.int(n), false);
    match points.iter().rev().max_by_key(|point| point.value).filter(|point| point.value > 0) {
        Some(point) => (t.logs.volume_summary)(&count, &point.name, &point.text),
        None => count,
    }
}

/// Short name for the axis and full name of a bucket.
fn names(t: &'static Texts, fmt: &Formats, unit: Unit, bucket: &Bucket) -> (String, String) {
    let day = fmt.iso_day(bucket.from);
    match unit {
        Unit::Minute | Unit::FiveMinutes | Unit::QuarterHour | Unit::Hour => {
            (fmt.time(bucket.from), fmt.date_time(bucket.from))
        }
        Unit::Day => (fmt.day_month(&day), fmt.day_weekday(&day)),
        Unit::Week => (fmt.day_month(&day), (t.analytics.week_from)(&fmt.day_medium(&day))),
        Unit::Month => {
            let month = fmt.month(day.get(..7).unwrap_or_default());
            (month.clone(), month)
        }
    }
}
