//! How busy a day and an hour are in Dutch logistics.

use jiff::civil::{Date, Weekday};

use crate::util::zone::add_days;

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

/// Easter Sunday in the Gregorian calendar (J. Meeus, Astronomical Algorithms, 1991, ch. 8).
#[must_use]
pub fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let of_march = h + l - 7 * m + 22;
    add_days(Date::constant(year, 3, 1), i64::from(of_march) - 1)
}

/// Whether work rests in the Netherlands: the general holidays, and Liberation Day every fifth year.
#[must_use]
pub fn is_holiday(date: Date) -> bool {
    match (date.month(), date.day()) {
        (1, 1) | (12, 25 | 26) => return true,
        (5, 5) if date.year() % 5 == 0 => return true,
        // King's Day moves to Saturday when the 27th is a Sunday.
        (4, 27) if date.weekday() != Weekday::Sunday => return true,
        (4, 26) if date.weekday() == Weekday::Saturday => return true,
        _ => {}
    }
    let easter = easter(date.year());
    [-2, 0, 1, 39, 49, 50].into_iter().any(|after| add_days(easter, after) == date)
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

    /// OPS-12: Easter as the almanac has it.
    #[test]
    fn easter_is_found() {
        for (year, month, day) in
            [(2_000, 4, 23), (2_008, 3, 23), (2_011, 4, 24), (2_025, 4, 20), (2_026, 4, 5), (2_038, 4, 25)]
        {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    /// OPS-12: Dutch holidays are quiet, whatever the day of the week.
    #[test]
    fn holidays_are_quiet() {
        let holidays =
            [(1, 1), (4, 3), (4, 5), (4, 6), (4, 27), (5, 14), (5, 24), (5, 25), (12, 25), (12, 26)];
        for (month, day) in holidays {
            assert!(weight(date(2026, month, day)) < 0.15, "{month}-{day}");
        }
        assert!(
            is_holiday(date(2025, 4, 26)) && !is_holiday(date(2025, 4, 27)) && is_holiday(date(2025, 5, 5))
        );
        let days = (0..365).map(|day| add_days(date(2026, 1, 1), day));
        assert_eq!(days.filter(|day| is_holiday(*day)).count(), holidays.len());
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
