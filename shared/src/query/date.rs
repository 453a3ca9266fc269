//! Local dates of a query. The zone is the customer's and is applied by whoever runs the query.

use std::fmt;

/// A valid local date and time; what was not typed is the start of the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDateTime {
    /// 1–9999.
    pub year: i16,
    /// 1–12.
    pub month: i8,
    /// 1–31, valid for the month.
    pub day: i8,
    /// 0–23.
    pub hour: i8,
    /// 0–59.
    pub minute: i8,
    /// 0–59.
    pub second: i8,
    /// Smallest unit that was typed.
    pub granularity: Granularity,
}

/// Smallest unit that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Granularity {
    /// `2026`
    Year,
    /// `2026-11`
    Month,
    /// `2026-11-01`, `1-11-2026`
    Day,
    /// `2026-11-01T14:30`
    Minute,
    /// `2026-11-01T14:30:05`
    Second,
}

/// Days in a month of the Gregorian calendar; 0 for a month that does not exist.
fn days_in(year: i16, month: i8) -> i8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Reads `min..=max` ASCII digits and nothing else.
fn digits(text: &str, min: usize, max: usize) -> Option<i16> {
    let fits = (min..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

fn small(text: &str, min: usize) -> Option<i8> {
    digits(text, min, 2).and_then(|number| i8::try_from(number).ok())
}

impl LocalDateTime {
    /// Makes the start of a day, if it exists.
    pub fn day(year: i16, month: i8, day: i8) -> Option<Self> {
        let valid = (1..=9999).contains(&year) && (1..=days_in(year, month)).contains(&day);
        let granularity = Granularity::Day;
        valid.then_some(Self { year, month, day, hour: 0, minute: 0, second: 0, granularity })
    }

    /// Reads `2026`, `2026-11`, `2026-11-01` or `1-11-2026`; the last two also with `T14:30`, ` 14:30` or
    /// with seconds.
    pub fn parse(text: &str) -> Option<Self> {
        let split = text.find(['T', 't', ' ']);
        let (date, time) = match split {
            Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?.trim_start_matches(' '))),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let (first, second, third) = (parts.next()?, parts.next(), parts.next());
        if parts.next().is_some() {
            return None;
        }
        let read = match (second, third) {
            (None, _) => Self::day(digits(first, 4, 4)?, 1, 1)?.with(Granularity::Year),
            (Some(month), None) => {
                Self::day(digits(first, 4, 4)?, small(month, 2)?, 1)?.with(Granularity::Month)
            }
            (Some(month), Some(day)) if first.len() == 4 => {
                Self::day(digits(first, 4, 4)?, small(month, 2)?, small(day, 2)?)?
            }
            (Some(month), Some(year)) => Self::day(digits(year, 4, 4)?, small(month, 1)?, small(first, 1)?)?,
        };
        match time {
            None => Some(read),
            Some(time) if read.granularity == Granularity::Day => read.at(time),
            Some(_) => None,
        }
    }

    fn with(self, granularity: Granularity) -> Self {
        Self { granularity, ..self }
    }

    fn at(self, time: &str) -> Option<Self> {
        let mut parts = time.split(':');
        let hour = small(parts.next()?, 1)?;
        let minute = small(parts.next()?, 2)?;
        let (second, granularity) = match parts.next() {
            None => (0, Granularity::Minute),
            Some(second) => (small(second, 2)?, Granularity::Second),
        };
        let valid = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
        valid.then_some(Self { hour, minute, second, granularity, ..self })
    }

    /// Returns the start of the next unit (day after a day, month after a month); the end of this one,
    /// excluded. Stays at the last second of 9999 beyond which there is nothing.
    pub fn end(self) -> Self {
        let mut next = self;
        let carry_day = match self.granularity {
            Granularity::Year => {
                next.year = next.year.saturating_add(1);
                false
            }
            Granularity::Month => {
                next.month = next.month.saturating_add(1);
                false
            }
            Granularity::Day => true,
            Granularity::Minute | Granularity::Second => {
                if self.granularity == Granularity::Second {
                    next.second = next.second.saturating_add(1);
                } else {
                    next.minute = next.minute.saturating_add(1);
                }
                next.minute = next.minute.saturating_add(next.second / 60);
                next.second %= 60;
                next.hour = next.hour.saturating_add(next.minute / 60);
                next.minute %= 60;
                let midnight = next.hour == 24;
                next.hour %= 24;
                midnight
            }
        };
        if carry_day {
            next.day = next.day.saturating_add(1);
            if next.day > days_in(next.year, next.month) {
                next.day = 1;
                next.month = next.month.saturating_add(1);
            }
        }
        if next.month > 12 {
            next.month = 1;
            next.year = next.year.saturating_add(1);
        }
        if next.year <= 9999 {
            return next;
        }
        Self {
            year: 9999,
            month: 12,
            day: 31,
            hour: 23,
            minute: 59,
            second: 59,
            granularity: Granularity::Second,
        }
    }

    /// Tells whether `self..to` has nothing in it.
    pub(super) fn is_past(self, to: Self) -> bool {
        let clock = |t: Self| (t.year, t.month, t.day, t.hour, t.minute, t.second);
        clock(self) > clock(to) && clock(self) >= clock(to.end())
    }

    /// A date that was probably meant by a text that [`Self::parse`] refuses.
    pub(super) fn suggestion(text: &str) -> Option<String> {
        let dashed = text.replace(['/', '.'], "-");
        let whole = Self::parse(&dashed);
        // An offset, a fraction of a second or a stray sign behind a date.
        let shorter = || (10..text.len().min(40)).rev().find_map(|end| Self::parse(text.get(..end)?));
        whole.or_else(shorter).map(|date| date.to_string()).or_else(|| {
            let parts: Vec<i16> = dashed.split('-').map(|part| digits(part, 1, 4)).collect::<Option<_>>()?;
            let [first, month, last] = parts.try_into().ok()?;
            let (year, day) = if first > 31 { (first, last) } else { (last, first) };
            let (month, day) = if month > 12 { (day, month) } else { (month, day) };
            let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
            Self::day(year, month, day.min(days_in(year, month))).map(|date| date.to_string())
        })
    }
}

impl fmt::Display for LocalDateTime {
    /// Writes the ISO form, as exact as it was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.granularity >= Granularity::Month {
            write!(f, "-{:02}", self.month)?;
        }
        if self.granularity >= Granularity::Day {
            write!(f, "-{:02}", self.day)?;
        }
        if self.granularity >= Granularity::Minute {
            write!(f, "T{:02}:{:02}", self.hour, self.minute)?;
        }
        if self.granularity >= Granularity::Second {
            write!(f, ":{:02}", self.second)?;
        }
        Ok(())
    }
}
