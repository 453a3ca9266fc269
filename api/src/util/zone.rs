//! Local days, weeks and months of an IANA zone, with their clock changes.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use shared::time::Millis;

/// A zone with its name.
#[derive(Debug, Clone)]
pub struct Zone {
    /// IANA name.
    pub name: String,
    /// The zone.
    pub zone: TimeZone,
}

/// Finds a zone by its IANA name.
#[must_use]
pub fn find(name: &str) -> Option<TimeZone> {
    // `TimeZone::get` also takes POSIX-like names; the product promises IANA names alone.
    let known = name == "UTC" || (name.contains('/') && !name.starts_with(':'));
    known.then(|| TimeZone::get(name).ok()).flatten()
}

/// The local date of an instant.
#[must_use]
pub fn date_of(zone: &TimeZone, at: Millis) -> Date {
    local(zone, at).date()
}

/// The local date and time of an instant.
#[must_use]
pub fn local(zone: &TimeZone, at: Millis) -> DateTime {
    zone.to_datetime(jiff::Timestamp::from_millisecond(at.0).unwrap_or_default())
}

/// The first instant of a local date; where midnight is skipped, the first instant that exists.
#[must_use]
pub fn start_of(zone: &TimeZone, date: Date) -> Millis {
    resolve(zone, date.at(0, 0, 0, 0)).0
}

/// Resolves a local time: an autumn double hour takes the first pass, a spring gap moves forward by the gap.
/// The flag tells whether either happened (LOG-07).
#[must_use]
pub fn resolve(zone: &TimeZone, at: DateTime) -> (Millis, bool) {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    let flagged = !matches!(ambiguous.offset(), AmbiguousOffset::Unambiguous { .. });
    let instant = ambiguous.compatible().map(|stamp| stamp.as_millisecond()).unwrap_or_default();
    (Millis(instant), flagged)
}

/// The date `days` later (or earlier); dates at the end of the calendar stay.
#[must_use]
pub fn add_days(date: Date, days: i64) -> Date {
    date.checked_add(jiff::Span::new().days(days)).unwrap_or(date)
}

/// The Monday of the week of a date.
#[must_use]
pub fn monday_of(date: Date) -> Date {
    add_days(date, -i64::from(date.weekday().since(Weekday::Monday)))
}

/// The first day of the month of a date.
#[must_use]
pub fn first_of_month(date: Date) -> Date {
    date.first_of_month()
}

/// The first day of the month after that of a date.
#[must_use]
pub fn first_of_next_month(date: Date) -> Date {
    add_days(date.last_of_month(), 1)
}

/// How far local time is ahead of UTC at an instant, in milliseconds.
#[must_use]
pub fn offset_of(zone: &TimeZone, at: Millis) -> i64 {
    let stamp = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    i64::from(zone.to_offset(stamp).seconds()) * 1_000
}

/// The calendar month of an instant, `YYYY-MM`.
#[must_use]
pub fn month_of(zone: &TimeZone, at: Millis) -> String {
    let date = date_of(zone, at);
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The calendar month of an instant: from its first instant to that of the next month.
#[must_use]
pub fn month_around(zone: &TimeZone, at: Millis) -> (Millis, Millis) {
    let date = date_of(zone, at);
    (start_of(zone, first_of_month(date)), start_of(zone, first_of_next_month(date)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// GEN-02: the days of the clock changes have 23 and 25 hours.
    #[test]
    fn local_days_follow_the_clock_changes() {
        let zone = find("Europe/Amsterdam").unwrap();
        for (day, hours) in [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)] {
            let length = start_of(&zone, add_days(day, 1)).0 - start_of(&zone, day).0;
            assert_eq!(length, hours * 3_600_000, "{day}");
        }
    }

    /// LOG-07: the double hour takes its first pass, the gap moves an hour forward; both are flagged.
    #[test]
    fn ambiguous_times_are_resolved_and_flagged() {
        let zone = find("Europe/Amsterdam").unwrap();
        let (first, flagged) = resolve(&zone, date(2026, 10, 25).at(2, 30, 0, 0));
        assert_eq!((first.to_rfc3339().as_str(), flagged), ("2026-10-25T00:30:00.000Z", true));
        let (moved, flagged) = resolve(&zone, date(2026, 3, 29).at(2, 30, 0, 0));
        assert_eq!((moved.to_rfc3339().as_str(), flagged), ("2026-03-29T01:30:00.000Z", true));
        assert!(!resolve(&zone, date(2026, 3, 29).at(12, 0, 0, 0)).1);
    }

    /// GEN-02: weeks start on Monday.
    #[test]
    fn weeks_start_on_monday() {
        assert_eq!(monday_of(date(2026, 11, 22)), date(2026, 11, 16));
        assert_eq!(monday_of(date(2026, 11, 16)), date(2026, 11, 16));
    }

    /// ACC-19: names that are not IANA zones are refused.
    #[test]
    fn only_iana_names_are_zones() {
        assert!(
            find("Europe/Amsterdam").is_some() && find("UTC").is_some() && find("Asia/Kathmandu").is_some()
        );
        for wrong in ["", "Amsterdam", "CET", "Europe/Nowhere", "../etc/passwd", "CET-1CEST"] {
            assert!(find(wrong).is_none(), "{wrong}");
        }
    }
}
