//! Local days as ranges of instants. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::analytics::DayCount;

use crate::util::zone;

/// The beginnings of local days, `days` of them up to and including today, and the beginning of tomorrow.
#[must_use]
pub fn borders(zone: &TimeZone, today: Date, days: i64) -> Vec<i64> {
    (0..=days).map(|at| zone::start_of(zone, zone::add_days(today, at - days + 1)).0).collect()
}

/// Counts with their dates; the last day is still running.
#[must_use]
pub fn dated(today: Date, counts: &[i64]) -> Vec<DayCount> {
    let days = i64::try_from(counts.len()).unwrap_or_default();
    let day = |(at, count): (i64, &i64)| {
        let date = zone::add_days(today, at - days + 1);
        DayCount { date: date.to_string(), count: *count, partial: at + 1 == days }
    };
    (0..).zip(counts).map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// ANA-02: dates run up to today, and only today is partial.
    #[test]
    fn days_are_dated() {
        let days = dated(date(2026, 3, 1), &[1, 2, 3]);
        let text: Vec<String> =
            days.iter().map(|day| format!("{} {} {}", day.date, day.count, day.partial)).collect();
        assert_eq!(text, ["2026-02-27 1 false", "2026-02-28 2 false", "2026-03-01 3 true"]);
    }
}
