//! Time cut into local buckets. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::analytics::Unit;
use shared::time::Millis;

use crate::util::zone;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Most buckets of one answer.
const MAX_BUCKETS: usize = 2_000;
/// More logs than these are not looked at one by one for a chart.
const DENSE: i64 = 100_000;
/// As many as a chart shows well.
const COMFORTABLE: i64 = 90;

/// About how long a bucket of a unit is, in milliseconds.
const fn length(unit: Unit) -> i64 {
    match unit {
        Unit::Minute => MINUTE,
        Unit::FiveMinutes => 5 * MINUTE,
        Unit::QuarterHour => 15 * MINUTE,
        Unit::Hour => HOUR,
        Unit::Day => DAY,
        Unit::Week => 7 * DAY,
        Unit::Month => 30 * DAY,
    }
}

/// The finest unit that shows a range well.
#[must_use]
pub fn comfortable(from: Millis, to: Millis) -> Unit {
    let range = to.0.saturating_sub(from.0);
    Unit::ALL.into_iter().find(|unit| range / length(*unit) <= COMFORTABLE).unwrap_or(Unit::Month)
}

/// The finest unit from `unit` on in which so many logs are counted at once: hours are counted already, within one each
/// log is looked at.
#[must_use]
pub fn affordable(unit: Unit, logs: i64) -> Unit {
    if logs > DENSE && length(unit) < length(Unit::Hour) { Unit::Hour } else { unit }
}

/// Borders of the buckets that cover a range: its beginning, each local border within, its end. `None` when there
/// would be too many for an answer.
#[must_use]
pub fn borders(zone: &TimeZone, unit: Unit, from: Millis, to: Millis) -> Option<Vec<i64>> {
    borders_up_to(zone, unit, from, to, MAX_BUCKETS)
}

/// The same with another limit.
#[must_use]
pub fn borders_up_to(zone: &TimeZone, unit: Unit, from: Millis, to: Millis, most: usize) -> Option<Vec<i64>> {
    if to.0 <= from.0 {
        return Some(vec![from.0]);
    }
    let mut borders = vec![from.0];
    let mut at = from;
    loop {
        at = next(zone, unit, at);
        if at.0 >= to.0 {
            borders.push(to.0);
            return Some(borders);
        }
        borders.push(at.0);
        if borders.len() > most {
            return None;
        }
    }
}

/// The first local border after an instant.
fn next(zone: &TimeZone, unit: Unit, at: Millis) -> Millis {
    let date = zone::date_of(zone, at);
    let day = |date: Date| zone::start_of(zone, date);
    let next = match unit {
        Unit::Minute | Unit::FiveMinutes | Unit::QuarterHour | Unit::Hour => {
            let width = length(unit);
            let offset = zone::offset_of(zone, at);
            // Counted from local midnight by the clock, so that buckets begin at full local hours.
            Millis(at.0 - (at.0 + offset).rem_euclid(width) + width)
        }
        Unit::Day => day(zone::add_days(date, 1)),
        Unit::Week => day(zone::add_days(zone::monday_of(date), 7)),
        Unit::Month => day(zone::first_of_next_month(date)),
    };
    // Where a calendar ends, or a zone skips a day, time goes on all the same.
    if next.0 > at.0 { next } else { Millis(at.0.saturating_add(length(unit))) }
}

/// The first local border at or after an instant.
#[must_use]
pub fn end(zone: &TimeZone, unit: Unit, at: Millis) -> Millis {
    next(zone, unit, Millis(at.0 - 1))
}

/// The beginning of the bucket that holds an instant.
#[must_use]
pub fn start(zone: &TimeZone, unit: Unit, at: Millis) -> Millis {
    let date = zone::date_of(zone, at);
    match unit {
        Unit::Day => zone::start_of(zone, date),
        Unit::Week => zone::start_of(zone, zone::monday_of(date)),
        Unit::Month => zone::start_of(zone, zone::first_of_month(date)),
        _ => {
            let width = length(unit);
            Millis(at.0 - (at.0 + zone::offset_of(zone, at)).rem_euclid(width))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::from_rfc3339(text).unwrap()
    }

    /// ANA-02: what is fine enough for a chart and dense is counted by hours; what was counted coarser stays.
    #[test]
    fn many_logs_are_counted_by_hours() {
        assert_eq!(affordable(Unit::Minute, DENSE), Unit::Minute);
        for unit in Unit::ALL {
            let expected = if length(unit) < HOUR { Unit::Hour } else { unit };
            assert_eq!(affordable(unit, DENSE + 1), expected);
        }
    }

    /// ANA-02, GEN-02: buckets begin at local borders, days of the clock changes have 23 and 25 hours, and the range
    /// is covered without gap or overlap.
    #[test]
    fn ranges_are_cut_at_local_borders() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let (from, to) = (at("2026-10-23T22:00:00Z"), at("2026-10-26T23:00:00Z"));
        let days = borders(&zone, Unit::Day, from, to).unwrap();
        let hours: Vec<i64> = days.windows(2).map(|pair| (pair[1] - pair[0]) / HOUR).collect();
        assert_eq!(hours, [24, 25, 24]);
        assert_eq!(borders(&zone, Unit::Hour, from, to).unwrap().len(), 74);
        let weeks =
            borders(&zone, Unit::Week, at("2026-10-21T10:00:00Z"), at("2026-11-04T10:00:00Z")).unwrap();
        let weeks: Vec<String> = weeks.into_iter().map(|at| Millis(at).to_rfc3339()).collect();
        assert_eq!(
            weeks,
            [
                "2026-10-21T10:00:00.000Z",
                "2026-10-25T23:00:00.000Z",
                "2026-11-01T23:00:00.000Z",
                "2026-11-04T10:00:00.000Z"
            ]
        );
        let months =
            borders(&zone, Unit::Month, at("2026-01-15T00:00:00Z"), at("2026-04-02T00:00:00Z")).unwrap();
        let months: Vec<String> = months.into_iter().map(|at| Millis(at).to_rfc3339()).collect();
        assert_eq!(
            months[1..4],
            ["2026-01-31T23:00:00.000Z", "2026-02-28T23:00:00.000Z", "2026-03-31T22:00:00.000Z"]
        );
        let kathmandu = zone::find("Asia/Kathmandu").unwrap();
        let quarter =
            borders(&kathmandu, Unit::Hour, at("2026-10-21T10:00:00Z"), at("2026-10-21T12:00:00Z")).unwrap();
        assert_eq!(Millis(quarter[1]).to_rfc3339(), "2026-10-21T10:15:00.000Z");
    }

    /// ANA-02: the unit follows the length of the range; what would be too much is refused, an empty range is empty.
    #[test]
    fn units_suit_the_range() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let from = at("2026-01-01T00:00:00Z");
        let after = |millis: i64| Millis(from.0 + millis);
        for (range, unit) in [
            (30 * MINUTE, Unit::Minute),
            (5 * HOUR, Unit::FiveMinutes),
            (DAY - 2 * HOUR, Unit::QuarterHour),
            (3 * DAY, Unit::Hour),
            (60 * DAY, Unit::Day),
            (365 * DAY, Unit::Week),
            (5 * 365 * DAY, Unit::Month),
        ] {
            assert_eq!(comfortable(from, after(range)), unit, "{range}");
        }
        assert_eq!(borders(&zone, Unit::Minute, from, after(10 * DAY)), None);
        assert_eq!(borders(&zone, Unit::Day, from, from), Some(vec![from.0]));
        // The ends of the calendar are no endless loop.
        assert_eq!(borders(&zone, Unit::Day, Millis(i64::MIN / 2), Millis(i64::MAX / 2)), None);
    }

    /// ANA-02: an instant lies in the bucket that begins at its start.
    #[test]
    fn buckets_have_a_beginning() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let now = at("2026-11-22T10:37:12Z");
        for (unit, expected) in [
            (Unit::QuarterHour, "2026-11-22T10:30:00.000Z"),
            (Unit::Hour, "2026-11-22T10:00:00.000Z"),
            (Unit::Day, "2026-11-21T23:00:00.000Z"),
            (Unit::Week, "2026-11-15T23:00:00.000Z"),
            (Unit::Month, "2026-10-31T23:00:00.000Z"),
        ] {
            assert_eq!(start(&zone, unit, now).to_rfc3339(), expected);
        }
    }
}
