//! The period of a figure, and the one before it. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::analytics::{Comparison, PeriodCount, Reason};
use shared::time::Millis;

use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;
use crate::util::zone;

/// Longest period, in days.
const MAX_DAYS: i64 = 5 * 366;
/// Days of a period that nobody named, today included (calculations.md, decision 16).
pub const DEFAULT_DAYS: i64 = 30;

/// Part of time; the end is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Where it begins.
    pub from: Millis,
    /// Where it ends.
    pub to: Millis,
}

impl Period {
    /// The period that was asked for: `from` to `to`, or the last `days` local days up to `to`, today included.
    ///
    /// # Errors
    /// `invalid_parameter` for ends that are no instants, in the wrong order or too far apart.
    pub fn asked(params: &Params, zone: &TimeZone, now: Millis, days: i64) -> Answer<Self> {
        let days = params.int("days", days, 1, MAX_DAYS)?;
        Self::between(params.instant("from")?, params.instant("to")?, zone, now, days)
    }

    /// The same from ends that may be missing.
    ///
    /// # Errors
    /// `invalid_parameter` for ends in the wrong order or too far apart.
    pub fn between(
        from: Option<Millis>,
        to: Option<Millis>,
        zone: &TimeZone,
        now: Millis,
        days: i64,
    ) -> Answer<Self> {
        let to = to.unwrap_or_else(|| zone::start_of(zone, zone::add_days(zone::date_of(zone, now), 1)));
        let last = zone::date_of(zone, Millis(to.0.saturating_sub(1)));
        let default = || zone::start_of(zone, zone::add_days(last, 1 - days));
        let from = from.unwrap_or_else(default);
        if from >= to {
            return Err(invalid("from", "< to"));
        }
        if to.0.saturating_sub(from.0) > MAX_DAYS * 86_400_000 {
            return Err(invalid("from", "≤ 5 × 366 d"));
        }
        Ok(Self { from, to })
    }

    /// A whole number of local days, if it is one.
    fn days(self, zone: &TimeZone) -> Option<(Date, i64)> {
        let (first, end) = (zone::date_of(zone, self.from), zone::date_of(zone, self.to));
        let whole = zone::start_of(zone, first) == self.from && zone::start_of(zone, end) == self.to;
        whole.then(|| (first, i64::from(end.since(first).map_or(0, |span| span.get_days()))))
    }

    /// A whole number of calendar months, if it is one.
    fn months(self, zone: &TimeZone) -> Option<i64> {
        let (first, end) = (zone::date_of(zone, self.from), zone::date_of(zone, self.to));
        self.days(zone)?;
        let number = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
        (first.day() == 1 && end.day() == 1).then(|| number(end) - number(first)).filter(|months| *months > 0)
    }

    /// The period before (decision 17): as many calendar months before calendar months, else the same length before.
    #[must_use]
    pub fn before(self, zone: &TimeZone) -> Self {
        if let Some(months) = self.months(zone) {
            let mut first = zone::date_of(zone, self.from);
            for _ in 0..months {
                first = zone::first_of_month(zone::add_days(first, -1));
            }
            return Self { from: zone::start_of(zone, first), to: self.from };
        }
        match self.days(zone) {
            Some((first, days)) => {
                Self { from: zone::start_of(zone, zone::add_days(first, -days)), to: self.from }
            }
            None => Self { from: Millis(self.from.0 - (self.to.0 - self.from.0)), to: self.from },
        }
    }

    /// The same weekdays a year before: 52 weeks.
    #[must_use]
    pub fn year_before(self, zone: &TimeZone) -> Self {
        let back = |at: Millis| shifted(zone, at, -364);
        Self { from: back(self.from), to: back(self.to) }
    }

    /// The part of an earlier period that is as far along as this one is now.
    #[must_use]
    pub fn elapsed_of(self, earlier: Self, zone: &TimeZone, now: Millis) -> Self {
        if now >= self.to {
            return earlier;
        }
        let days = zone::date_of(zone, self.from)
            .since(zone::date_of(zone, earlier.from))
            .map_or(0, |span| i64::from(span.get_days()));
        let to = shifted(zone, now.max(self.from), -days);
        Self { from: earlier.from, to: to.min(earlier.to).max(earlier.from) }
    }

    /// Local days that have begun.
    #[must_use]
    pub fn days_passed(self, zone: &TimeZone, now: Millis) -> i64 {
        let end = zone::date_of(zone, Millis(self.to.min(now).0.max(self.from.0 + 1) - 1));
        i64::from(end.since(zone::date_of(zone, self.from)).map_or(0, |span| span.get_days())) + 1
    }
}

/// The same local time some days earlier or later.
fn shifted(zone: &TimeZone, at: Millis, days: i64) -> Millis {
    let local = zone::local(zone, at);
    zone::resolve(zone, zone::add_days(local.date(), days).to_datetime(local.time())).0
}

/// A period with its logs, and whether all of them were counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// The period.
    pub period: Period,
    /// Logs in it.
    pub count: i64,
    /// Those of them of which only the total was kept.
    pub kept: i64,
    /// Whether these are all.
    pub complete: bool,
}

/// Two counts beside each other.
#[must_use]
pub fn compare(current: Counted, previous: Counted) -> Comparison {
    let shown =
        |Counted { period, count, kept, .. }| PeriodCount { from: period.from, to: period.to, count, kept };
    let reason = if !(current.complete && previous.complete) {
        Some(Reason::Incomplete)
    } else if previous.count == 0 {
        Some(Reason::NoDenominator)
    } else {
        None
    };
    let change = (current.count - previous.count) as f64 / previous.count as f64;
    Comparison {
        current: shown(current),
        previous: shown(previous),
        change: reason.is_none().then_some(change),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        Millis::from_rfc3339(text).unwrap()
    }

    fn zone() -> TimeZone {
        zone::find("Europe/Amsterdam").unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: at(from), to: at(to) }
    }

    /// ANA-16, ANA-05: the month before a month, else as many local days before; a year before falls on the same
    /// weekday. The clock change in between moves nothing.
    #[test]
    fn earlier_periods_are_local() {
        let zone = zone();
        let march = period("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z");
        assert_eq!(march.before(&zone), period("2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z"));
        let quarter = period("2026-03-31T22:00:00Z", "2026-06-30T22:00:00Z");
        assert_eq!(quarter.before(&zone), period("2025-12-31T23:00:00Z", "2026-03-31T22:00:00Z"));
        let year = period("2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z");
        assert_eq!(year.before(&zone), period("2023-12-31T23:00:00Z", "2024-12-31T23:00:00Z"));
        let week = period("2026-03-29T22:00:00Z", "2026-04-05T22:00:00Z");
        assert_eq!(week.before(&zone), period("2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z"));
        assert_eq!(week.year_before(&zone), period("2025-03-30T22:00:00Z", "2025-04-06T22:00:00Z"));
        let hours = period("2026-11-22T08:00:00Z", "2026-11-22T11:00:00Z");
        assert_eq!(hours.before(&zone), period("2026-11-22T05:00:00Z", "2026-11-22T08:00:00Z"));
    }

    /// ANA-01, ANA-16: a running period is compared up to the same local moment.
    #[test]
    fn running_periods_are_compared_fairly() {
        let zone = zone();
        let week = period("2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z");
        let now = at("2026-11-18T10:30:00Z");
        let part = week.elapsed_of(week.before(&zone), &zone, now);
        assert_eq!(part, period("2026-11-08T23:00:00Z", "2026-11-11T10:30:00Z"));
        assert_eq!(
            week.elapsed_of(week.before(&zone), &zone, at("2026-12-01T00:00:00Z")),
            week.before(&zone)
        );
        assert_eq!(week.days_passed(&zone, now), 3);
        assert_eq!(week.days_passed(&zone, at("2027-01-01T00:00:00Z")), 7);
    }

    /// ANA-05, GEN-01: nothing before means no percentage but a reason.
    #[test]
    fn nothing_to_compare_with_has_a_reason() {
        let one = period("2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z");
        let of = |count| Counted { period: one, count, kept: 0, complete: true };
        assert_eq!(compare(of(5), of(0)).reason, Some(Reason::NoDenominator));
        assert_eq!(compare(of(15), of(10)).change, Some(0.5));
        assert_eq!(compare(of(0), of(10)).change, Some(-1.0));
        for part in [
            compare(Counted { complete: false, ..of(5) }, of(4)),
            compare(of(5), Counted { complete: false, ..of(4) }),
        ] {
            assert_eq!((part.change, part.reason), (None, Some(Reason::Incomplete)));
        }
    }

    /// API-10: periods that make no sense are refused; without ends it is the last 30 days with today.
    #[test]
    fn periods_are_checked() {
        let (zone, now) = (zone(), at("2026-11-22T10:00:00Z"));
        let asked = |query: &str| Period::asked(&Params::parse(query), &zone, now, DEFAULT_DAYS);
        assert_eq!(asked("").unwrap(), period("2026-10-23T22:00:00Z", "2026-11-22T23:00:00Z"));
        assert!(asked("from=2026-11-22T08:00:00Z&to=2026-11-22T08:00:00Z").is_err());
        assert!(asked("from=2016-11-22T08:00:00Z").is_err());
        assert!(asked("from=yesterday").is_err());
        assert!(asked("days=0").is_err());
        assert_eq!(asked("days=7").unwrap().from, at("2026-11-15T23:00:00Z"));
        assert_eq!(asked("to=2026-11-01T23:00:00Z").unwrap().from, at("2026-10-02T22:00:00Z"));
    }
}
