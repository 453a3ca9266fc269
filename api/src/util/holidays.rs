//! Public holidays of the Netherlands.

use jiff::civil::{Date, Weekday};

use super::zone::add_days;

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

    /// OPS-12, ANA-07: the general holidays, and Liberation Day every fifth year.
    #[test]
    fn holidays_are_known() {
        let holidays =
            [(1, 1), (4, 3), (4, 5), (4, 6), (4, 27), (5, 14), (5, 24), (5, 25), (12, 25), (12, 26)];
        for (month, day) in holidays {
            assert!(is_holiday(date(2026, month, day)), "{month}-{day}");
        }
        assert!(
            is_holiday(date(2025, 4, 26)) && !is_holiday(date(2025, 4, 27)) && is_holiday(date(2025, 5, 5))
        );
        let days = (0..365).map(|day| add_days(date(2026, 1, 1), day));
        assert_eq!(days.filter(|day| is_holiday(*day)).count(), holidays.len());
    }
}
