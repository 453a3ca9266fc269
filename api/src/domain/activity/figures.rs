//! ANA-19: from who was active on which day to people per day, week and month, and how sticky the product is. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use shared::activity::{ActiveDay, MONTH_DAYS, Stickiness, VisitFigures, WEEK_DAYS};
use shared::analytics::Reason;

use crate::util::zone::add_days;

/// Somebody or something that was active on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Active {
    /// The day.
    pub day: Date,
    /// Customer and name in it.
    pub who: (i64, String),
    /// Whether it is a system.
    pub system: bool,
}

/// People and systems by day.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    people: BTreeMap<Date, HashSet<(i64, String)>>,
    systems: BTreeMap<Date, i64>,
    /// First day on record.
    since: Option<Date>,
}

impl Calendar {
    /// Sorts what is on record into days; each of `rows` is there once. `since` is the first day on record.
    #[must_use]
    pub fn new(rows: Vec<Active>, since: Option<Date>) -> Self {
        let mut this = Self { since, ..Self::default() };
        for row in rows {
            if row.system {
                *this.systems.entry(row.day).or_default() += 1;
            } else {
                this.people.entry(row.day).or_default().insert(row.who);
            }
        }
        this
    }

    fn on(&self, day: Date) -> i64 {
        self.people.get(&day).map_or(0, |people| count(people.len()))
    }

    /// Different people of some days up to one, for each of `days` days from `first` on.
    fn rolling(&self, first: Date, days: i64, length: i64) -> Vec<i64> {
        let mut seen: HashMap<&(i64, String), i64> = HashMap::new();
        let mut all = Vec::new();
        for at in 1 - length..days {
            for person in self.people.get(&add_days(first, at)).into_iter().flatten() {
                *seen.entry(person).or_default() += 1;
            }
            for person in self.people.get(&add_days(first, at - length)).into_iter().flatten() {
                if let Some(times) = seen.get_mut(person) {
                    *times -= 1;
                    if *times == 0 {
                        seen.remove(person);
                    }
                }
            }
            if at >= 0 {
                all.push(count(seen.len()));
            }
        }
        all
    }

    /// Who was active on each of some days, the last of which is still running.
    #[must_use]
    pub fn days(&self, first: Date, days: i64) -> Vec<ActiveDay> {
        let weeks = self.rolling(first, days, WEEK_DAYS);
        let months = self.rolling(first, days, MONTH_DAYS);
        let day = |at: i64, wau: i64, mau: i64| {
            let date = add_days(first, at);
            let known = |value: i64| self.since.is_some_and(|since| since <= date).then_some(value);
            ActiveDay {
                date: date.to_string(),
                dau: known(self.on(date)),
                wau: known(wau),
                mau: known(mau),
                systems: known(self.systems.get(&date).copied().unwrap_or_default()),
                partial: at == days - 1,
            }
        };
        (0..days).zip(weeks).zip(months).map(|((at, wau), mau)| day(at, wau, mau)).collect()
    }

    /// Mean DAU ÷ MAU of the 30 days that end with `last`; only when all of them are on record.
    #[must_use]
    pub fn stickiness(&self, last: Date) -> Stickiness {
        let first = add_days(last, 1 - MONTH_DAYS);
        let days = (0..MONTH_DAYS).map(|at| add_days(first, at));
        let known = days.clone().filter(|day| self.since.is_some_and(|since| since <= *day)).count();
        let sum: i64 = days.map(|day| self.on(day)).sum();
        let mau = self.rolling(last, 1, MONTH_DAYS).pop().unwrap_or_default();
        let n = count(known);
        let mean = sum as f64 / MONTH_DAYS as f64;
        let (whole, ratio, reason) = match (n, mau) {
            (0, _) => (false, None, Some(Reason::NoData)),
            (MONTH_DAYS, 0) => (true, None, Some(Reason::NoDenominator)),
            (MONTH_DAYS, _) => (true, Some(mean / mau as f64), None),
            _ => (false, None, Some(Reason::TooFew)),
        };
        Stickiness {
            first_day: first.to_string(),
            last_day: last.to_string(),
            n,
            mean_dau: whole.then_some(mean),
            mau: whole.then_some(mau),
            ratio,
            reason,
        }
    }
}

/// Days from `first` to `last` that are on record.
#[must_use]
pub fn recorded(first: Date, last: Date, since: Option<Date>) -> i64 {
    since.map_or(0, |since| {
        let days = first.max(since).until(last).map_or(0, |span| i64::from(span.get_days()));
        (days + 1).max(0)
    })
}

/// How long visits were: their durations in milliseconds with the number of their actions.
#[must_use]
pub fn visits(rows: &[(i64, i64)]) -> VisitFigures {
    let mut long: Vec<i64> = rows.iter().filter(|(_, actions)| *actions > 1).map(|(ms, _)| *ms).collect();
    long.sort_unstable();
    let middle = |at: usize| long.get(at).copied().unwrap_or_default() as f64 / 1_000.0;
    let some = !long.is_empty();
    VisitFigures {
        n: count(long.len()),
        single: count(rows.len() - long.len()),
        mean_s: some.then(|| long.iter().sum::<i64>() as f64 / 1_000.0 / long.len() as f64),
        median_s: some.then(|| f64::midpoint(middle((long.len() - 1) / 2), middle(long.len() / 2))),
        reason: (!some).then_some(Reason::NoData),
    }
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn active(day: Date, name: &str) -> Active {
        Active { day, who: (1, name.to_owned()), system: name.starts_with("key:") }
    }

    /// ANA-19: people of 7 and of 30 days, worked out by hand; keys are counted apart.
    #[test]
    fn people_are_counted_once_in_a_window() {
        let day = |number: i64| add_days(date(2026, 10, 1), number - 1);
        let mut rows = vec![
            active(day(1), "a"),
            active(day(1), "b"),
            active(day(7), "a"),
            active(day(8), "c"),
            active(day(30), "a"),
            active(day(31), "d"),
            active(day(8), "key:x"),
            active(day(8), "key:y"),
        ];
        rows.push(Active { who: (2, "a".to_owned()), ..active(day(8), "a") });
        let calendar = Calendar::new(rows, Some(day(1)));
        let found: Vec<_> =
            calendar.days(day(1), 38).iter().map(|day| (day.dau, day.wau, day.mau, day.systems)).collect();
        let expected = |number: usize| found[number - 1];
        assert_eq!(expected(1), (Some(2), Some(2), Some(2), Some(0)));
        assert_eq!(expected(7), (Some(1), Some(2), Some(2), Some(0)), "a and b within seven days");
        assert_eq!(
            expected(8),
            (Some(2), Some(3), Some(4), Some(2)),
            "the first day has left the week: a, c, a of 2"
        );
        assert_eq!(expected(14), (Some(0), Some(2), Some(4), Some(0)), "c and a of 2");
        assert_eq!(expected(15), (Some(0), Some(0), Some(4), Some(0)));
        assert_eq!(expected(30), (Some(1), Some(1), Some(4), Some(0)), "a, b, c, a of 2");
        assert_eq!(expected(31), (Some(1), Some(2), Some(4), Some(0)), "b has left the month, d has come");
        assert_eq!(expected(38), (Some(0), Some(0), Some(2), Some(0)), "a and d");
        assert!(calendar.days(day(1), 38)[37].partial);
    }

    /// ANA-19, GEN-01: days before the record have no value, and the ratio needs thirty days on record.
    #[test]
    fn what_was_not_recorded_has_no_value() {
        let day = |number: i64| add_days(date(2026, 10, 1), number - 1);
        let rows = vec![active(day(1), "a"), active(day(1), "b"), active(day(30), "a")];
        let calendar = Calendar::new(rows, Some(day(1)));
        let days = calendar.days(day(0), 2);
        assert_eq!((days[0].dau, days[0].systems, days[1].dau), (None, None, Some(2)));
        let whole = calendar.stickiness(day(30));
        assert_eq!((whole.n, whole.mau, whole.mean_dau), (30, Some(2), Some(0.1)));
        assert!((whole.ratio.unwrap() - 0.05).abs() < 1e-12, "three person-days ÷ 30 ÷ two people");
        let early = calendar.stickiness(day(29));
        assert_eq!((early.n, early.ratio, early.mau, early.reason), (29, None, None, Some(Reason::TooFew)));
        let empty = Calendar::new(Vec::new(), Some(day(1))).stickiness(day(30));
        assert_eq!(
            (empty.mau, empty.mean_dau, empty.ratio, empty.reason),
            (Some(0), Some(0.0), None, Some(Reason::NoDenominator))
        );
        let nothing = Calendar::new(Vec::new(), None);
        assert_eq!(nothing.stickiness(day(30)).reason, Some(Reason::NoData));
        assert!(nothing.days(day(1), 3).iter().all(|day| day.dau.is_none()));
        assert_eq!(recorded(day(1), day(30), None), 0);
        assert_eq!(recorded(day(1), day(30), Some(day(1))), 30);
        assert_eq!(recorded(day(1), day(30), Some(day(30))), 1);
        assert_eq!(recorded(day(1), day(30), Some(date(2020, 1, 1))), 30);
    }

    /// ANA-19: visits of one action have no duration and stand apart.
    #[test]
    fn single_actions_have_no_duration() {
        let found = visits(&[(0, 1), (60_000, 2), (600_000, 9), (0, 1), (120_000, 3), (0, 2)]);
        assert_eq!((found.n, found.single, found.mean_s, found.median_s), (4, 2, Some(195.0), Some(90.0)));
        let none = visits(&[(0, 1)]);
        assert_eq!((none.n, none.single, none.mean_s, none.reason), (0, 1, None, Some(Reason::NoData)));
    }
}
