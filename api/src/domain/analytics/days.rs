//! Local days as ranges of instants, and totals by hour summed into them. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::analytics::DayCount;
use shared::time::Millis;

use crate::util::zone;

const HOUR: i64 = 3_600_000;

/// The beginnings of local days, `days` of them up to and including today, and the beginning of tomorrow.
#[must_use]
pub fn borders(zone: &TimeZone, today: Date, days: i64) -> Vec<Millis> {
    (0..=days).map(|at| zone::start_of(zone, zone::add_days(today, at - days + 1))).collect()
}

/// The unix hours that ranges need: from (included) to (excluded).
#[must_use]
pub fn hours(from: Millis, to: Millis) -> (i64, i64) {
    (from.0.div_euclid(HOUR), (to.0 + HOUR - 1).div_euclid(HOUR))
}

/// Borders that do not fall on a full hour: the hour around each has to be counted from the logs themselves.
#[must_use]
pub fn uneven(borders: &[Millis]) -> Vec<Millis> {
    borders.iter().copied().filter(|at| at.0.rem_euclid(HOUR) != 0).collect()
}

/// Sums totals by hour into the ranges between borders. `before` tells for an uneven border how many logs of its
/// hour happened before it.
#[must_use]
pub fn sum(borders: &[Millis], totals: &[(i64, i64)], before: impl Fn(Millis) -> i64) -> Vec<i64> {
    let up_to: Vec<i64> = borders
        .iter()
        .map(|border| {
            let hour = border.0.div_euclid(HOUR);
            let whole: i64 = totals.iter().filter(|(at, _)| *at < hour).map(|(_, total)| total).sum();
            whole + if border.0.rem_euclid(HOUR) == 0 { 0 } else { before(*border) }
        })
        .collect();
    up_to.windows(2).map(|pair| pair[1] - pair[0]).collect()
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

    /// GEN-02, ANA-02: days of 23, 24 and 25 hours, and zones with half hours.
    #[test]
    fn hours_are_summed_into_local_days() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let borders = borders(&zone, date(2026, 10, 25), 2);
        let (from, to) = hours(borders[0], borders[2]);
        assert_eq!(to - from, 49, "24 and 25 hours");
        let totals: Vec<(i64, i64)> = (from - 5..to + 5).map(|hour| (hour, 1)).collect();
        assert_eq!(sum(&borders, &totals, |_| 0), [24, 25]);

        let kolkata = zone::find("Asia/Kolkata").unwrap();
        let uneven_borders = super::borders(&kolkata, date(2026, 10, 25), 1);
        assert_eq!(uneven(&uneven_borders).len(), 2);
        let (from, to) = hours(uneven_borders[0], uneven_borders[1]);
        let totals: Vec<(i64, i64)> = (from..to).map(|hour| (hour, 10)).collect();
        assert_eq!(sum(&uneven_borders, &totals, |_| 5), [240]);
    }

    /// ANA-02: dates run up to today, and only today is partial.
    #[test]
    fn days_are_dated() {
        let days = dated(date(2026, 3, 1), &[1, 2, 3]);
        let text: Vec<String> =
            days.iter().map(|day| format!("{} {} {}", day.date, day.count, day.partial)).collect();
        assert_eq!(text, ["2026-02-27 1 false", "2026-02-28 2 false", "2026-03-01 3 true"]);
    }
}
