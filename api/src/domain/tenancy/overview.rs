//! ANA-18: days and windows of the installation from hours of occurrence. Pure.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use shared::analytics::DayCount;
use shared::time::Millis;

use crate::util::zone;

const HOUR_MS: i64 = 3_600_000;
/// Days of the chart, the running one included.
pub const DAYS: i64 = 30;
/// Days in which the most active customers are found, the running one included.
pub const ACTIVE_DAYS: i64 = 7;

/// Unix hours from (included) to (excluded) of the last `days` local days, the running one included. An hour
/// belongs to the day in which it begins, so in zones with half hours a day is cut at the next full hour.
#[must_use]
pub fn hours_of(zone: &TimeZone, now: Millis, days: i64) -> (i64, i64) {
    let today = zone::date_of(zone, now);
    let first_hour = |date| {
        let start = zone::start_of(zone, date).0;
        start.div_euclid(HOUR_MS) + i64::from(start.rem_euclid(HOUR_MS) > 0)
    };
    (first_hour(zone::add_days(today, 1 - days)), first_hour(zone::add_days(today, 1)))
}

/// Logs per local day, oldest first, without gaps; the running day is partial.
#[must_use]
pub fn per_day(zone: &TimeZone, now: Millis, hours: &BTreeMap<i64, i64>) -> Vec<DayCount> {
    let today = zone::date_of(zone, now);
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (hour, logs) in hours {
        *counts.entry(zone::date_of(zone, Millis(hour * HOUR_MS)).to_string()).or_default() += logs;
    }
    let days = (0..DAYS).map(|at| zone::add_days(today, at + 1 - DAYS));
    days.map(|day| {
        let date = day.to_string();
        DayCount { count: counts.get(&date).copied().unwrap_or_default(), date, partial: day == today }
    })
    .collect()
}

/// Logs of the running hour and the 23 before it.
#[must_use]
pub fn last_24_hours(now: Millis, hours: &BTreeMap<i64, i64>) -> i64 {
    let hour = now.0.div_euclid(HOUR_MS);
    hours.range(hour - 23..=hour).map(|(_, logs)| logs).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::from_rfc3339(text).unwrap()
    }

    fn hour(text: &str) -> i64 {
        at(text).0 / HOUR_MS
    }

    /// ANA-18: days are local, also over a clock change; the sum over days is the sum over hours.
    #[test]
    fn hours_become_local_days() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let now = at("2026-10-26T10:30:00Z");
        let hours = BTreeMap::from([
            (hour("2026-10-24T21:00:00Z"), 1),
            (hour("2026-10-24T22:00:00Z"), 2),
            (hour("2026-10-25T22:00:00Z"), 4),
            (hour("2026-10-25T23:00:00Z"), 8),
            (hour("2026-10-26T10:00:00Z"), 16),
        ]);
        let days = per_day(&zone, now, &hours);
        assert_eq!(days.len(), 30);
        let last: Vec<(&str, i64, bool)> =
            days[27..].iter().map(|day| (day.date.as_str(), day.count, day.partial)).collect();
        assert_eq!(last, [("2026-10-24", 1, false), ("2026-10-25", 6, false), ("2026-10-26", 24, true)]);
        assert_eq!(days.iter().map(|day| day.count).sum::<i64>(), 31);
        let (from, to) = hours_of(&zone, now, 2);
        assert_eq!((from, to), (hour("2026-10-24T22:00:00Z"), hour("2026-10-26T23:00:00Z")));
        assert_eq!(to - from, 25 + 24, "the day of the clock change has 25 hours");
    }

    /// ANA-18: an empty installation has thirty days of nothing.
    #[test]
    fn nothing_is_thirty_zeros() {
        let zone = zone::find("UTC").unwrap();
        let days = per_day(&zone, at("2026-03-01T00:00:00Z"), &BTreeMap::new());
        assert_eq!(
            (days.len(), days[0].date.as_str(), days[29].date.as_str()),
            (30, "2026-01-31", "2026-03-01")
        );
        assert!(days.iter().all(|day| day.count == 0) && days[29].partial);
    }

    /// ANA-18: in zones with half hours each hour belongs to one day, and the bounds agree with it.
    #[test]
    fn half_hour_zones_lose_no_hour() {
        let zone = zone::find("Asia/Kolkata").unwrap();
        let now = at("2026-05-10T12:00:00Z");
        let (from, to) = hours_of(&zone, now, DAYS);
        let hours: BTreeMap<i64, i64> = (from..to).map(|hour| (hour, 1)).collect();
        let days = per_day(&zone, now, &hours);
        assert_eq!(days.iter().map(|day| day.count).sum::<i64>(), to - from);
        assert!(days.iter().all(|day| day.count == 24));
    }

    /// ANA-18: twenty-four hours are the running one and the 23 before it.
    #[test]
    fn the_last_day_ends_now() {
        let now = at("2026-05-10T12:34:00Z");
        let hour = hour("2026-05-10T12:00:00Z");
        let hours = BTreeMap::from([(hour - 24, 1), (hour - 23, 2), (hour, 4), (hour + 1, 8)]);
        assert_eq!(last_24_hours(now, &hours), 6);
    }
}
