//! How busy a day and an hour are in Dutch logistics.

use jiff::civil::{Date, Weekday};

use crate::util::holidays::is_holiday;

/// Share of each local hour in a day, in relation to each other: peaks from 8 to 10 and from 14 to 16.
pub const HOURS: [u16; 24] =
    [8, 6, 6, 7, 10, 16, 32, 60, 98, 98, 72, 64, 48, 62, 92, 92, 68, 50, 34, 24, 20, 15, 12, 10];

/// The hours of a night, from 22 to 6.
pub const NIGHT: [usize; 8] = [22, 23, 0, 1, 2, 3, 4, 5];

/// Share of a night in a day.
#[must_use]
pub fn night_share() -> f64 {
    let all: f64 = HOURS.iter().map(|hour| f64::from(*hour)).sum();
    NIGHT.iter().map(|hour| f64::from(HOURS[*hour])).sum::<f64>() / all
}

/// How busy a day is; an ordinary working day is 1.
#[must_use]
pub fn weight(date: Date) -> f64 {
    match date.weekday() {
        _ if is_holiday(date) => 0.10,
        Weekday::Saturday => 0.35,
        Weekday::Sunday => 0.15,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// OPS-12: Dutch holidays are quiet, whatever the day of the week.
    #[test]
    fn holidays_are_quiet() {
        assert!(weight(date(2026, 12, 25)) < 0.15 && weight(date(2026, 4, 27)) < 0.15);
        for (day, expected) in [(20, 1.0), (21, 0.35), (22, 0.15), (23, 1.0)] {
            assert!((weight(date(2026, 11, day)) - expected).abs() < 1e-9, "{day}");
        }
    }

    /// OPS-12: the peaks of a day lie from 8 to 10 and from 14 to 16.
    #[test]
    fn days_have_two_peaks() {
        let peak = [8, 9, 14, 15];
        let lowest = peak.iter().map(|hour| HOURS[*hour]).min().unwrap();
        assert!((0..24).filter(|hour| !peak.contains(hour)).all(|hour| HOURS[hour] < lowest));
        assert!((0.07..0.09).contains(&night_share()));
    }
}
