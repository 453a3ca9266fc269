//! When the hidden things of the demonstration happen, and how large they are. What they are stands in `planted`.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::company::{COMPANIES, Company, USUAL_LOGS, VANDERMEER};
use crate::util::zone;

/// Zone of the companies.
pub const TIME_ZONE: &str = "Europe/Amsterdam";
/// Days of history of the large companies.
pub const HISTORY_DAYS: i64 = 180;
/// Temperatures of the broken cold chain, in tenths of a degree, a quarter of an hour apart.
pub const EXCURSION: [u16; 13] = [95, 98, 103, 108, 114, 119, 122, 124, 121, 115, 109, 101, 96];
/// Minutes that a dock is in use, on average.
pub const DOCK_MINUTES: f64 = 40.0;
/// Rise of the minutes within the drift, in thousandths.
pub const DOCK_RISE: i64 = 250;
/// Rejects among quality checks, in hundredths.
pub const REJECTS: u64 = 5;
/// Rejects in Venlo within the three weeks, in hundredths.
pub const REJECTS_VENLO: u64 = 14;
/// Logs of the late batch at the usual size.
pub const LATE_BATCH: u64 = 1_100;
/// How many times as busy the night is.
pub const NIGHT_FACTOR: u64 = 8;
/// Address of the night.
pub const NIGHT_ADDRESS: &str = "203.0.113.66";
/// Shipments without arrival within 48 hours.
pub const OVERDUE: u32 = 14;
/// How many of them arrive after that.
pub const OVERDUE_ARRIVED: u32 = 10;
/// Carrier of these shipments.
pub const OVERDUE_CARRIER: &str = "Zilverlijn Koeriers";
/// Logs in the running month of the company over its quota, at the usual size.
pub const MONTH_LOGS: u64 = 1_043;

pub(super) const HOUR: i64 = 3_600_000;

/// What a demonstration is made from: the same course gives the same content.
#[derive(Debug, Clone)]
pub struct Course {
    /// Number that all random streams begin with.
    pub seed: u64,
    /// Last day of the history.
    pub until: Date,
    /// Logs of all companies.
    pub logs: u64,
    /// Zone of the companies.
    pub zone: TimeZone,
}

impl Course {
    /// The first instant of a local day.
    #[must_use]
    pub fn start(&self, date: Date) -> i64 {
        zone::start_of(&self.zone, date).0
    }

    /// The first instant after the history: nothing is received from then on.
    #[must_use]
    pub fn cutoff(&self) -> i64 {
        self.start(zone::add_days(self.until, 1))
    }

    /// The first day of a company's history.
    #[must_use]
    pub fn first_day(&self, company: &Company) -> Date {
        zone::add_days(self.until, 1 - company.days)
    }

    fn at(&self, date: Date, hour: i8, minute: i8) -> i64 {
        zone::resolve(&self.zone, date.at(hour, minute, 0, 0)).0.0
    }

    fn monday(&self) -> Date {
        zone::monday_of(self.until)
    }

    /// The last day of the week that lies so many days back, or more.
    fn last(&self, weekday: Weekday, days_back: i64) -> Date {
        let latest = zone::add_days(self.until, -days_back);
        zone::add_days(latest, -i64::from(latest.weekday().since(weekday)))
    }

    /// A figure of the usual size at the size of this demonstration.
    #[must_use]
    pub fn scaled(&self, usual: u64) -> u64 {
        let fixed =
            COMPANIES.iter().filter(|company| !company.scales).map(|company| company.logs).sum::<u64>();
        let part = u128::from(usual) * u128::from(self.logs.saturating_sub(fixed));
        let rounded = (part + u128::from(USUAL_LOGS - fixed) / 2) / u128::from(USUAL_LOGS - fixed);
        u64::try_from(rounded).unwrap_or(usual)
    }

    /// When the cold chain is broken.
    #[must_use]
    pub fn cold(&self) -> (i64, i64) {
        let date = self.last(Weekday::Thursday, 8);
        // The last reading lies on the end.
        (self.at(date, 11, 0), self.at(date, 14, 0) + 1)
    }

    /// When dock minutes drift.
    #[must_use]
    pub fn drift(&self) -> (i64, i64) {
        (self.start(zone::add_days(self.until, -29)), self.cutoff())
    }

    /// The busy night.
    #[must_use]
    pub fn night(&self) -> (i64, i64) {
        let date = self.last(Weekday::Tuesday, 5);
        (self.at(date, 22, 0), self.at(zone::add_days(date, 1), 6, 0))
    }

    /// The two days without a log.
    #[must_use]
    pub fn gap(&self) -> (i64, i64) {
        let tuesday = zone::add_days(self.monday(), -41);
        (self.start(tuesday), self.start(zone::add_days(tuesday, 2)))
    }

    /// When the batch of these two days is received: the evening after.
    #[must_use]
    pub fn batch_at(&self) -> i64 {
        self.at(zone::add_days(self.monday(), -39), 20, 30)
    }

    /// The weeks with more rejects.
    #[must_use]
    pub fn rejects(&self) -> (i64, i64) {
        (self.start(zone::add_days(self.monday(), -28)), self.start(zone::add_days(self.monday(), -7)))
    }

    /// When the shipments leave that do not arrive in time.
    #[must_use]
    pub fn overdue(&self) -> (i64, i64) {
        (self.start(zone::add_days(self.monday(), -14)), self.start(zone::add_days(self.monday(), -10)))
    }

    /// The month of the last day, as far as it is over.
    #[must_use]
    pub fn month(&self) -> (i64, i64) {
        (self.start(self.until.first_of_month()), self.cutoff())
    }

    /// Logs of the busy night: eight times those of a night between working days.
    #[must_use]
    pub fn night_logs(&self) -> u64 {
        let company = &COMPANIES[usize::from(VANDERMEER)];
        let first = self.first_day(company);
        let days: f64 =
            (0..company.days).map(|day| super::calendar::weight(zone::add_days(first, day))).sum();
        let usual = company.total(self.logs) as f64 / days * super::calendar::night_share();
        (usual * NIGHT_FACTOR as f64).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OPS-12: wherever the last day lies, the hidden things lie within the history and apart from each other
    /// where they would disturb each other.
    #[test]
    fn hidden_things_lie_within_the_history() {
        let zone = zone::find(TIME_ZONE).unwrap();
        for day in 0..800 {
            let until = zone::add_days(Date::constant(2026, 1, 1), day);
            let course = Course { seed: 42, until, logs: USUAL_LOGS, zone: zone.clone() };
            let first = course.start(zone::add_days(until, 1 - HISTORY_DAYS));
            for planted in course.planted() {
                assert!(planted.from.0 >= first && planted.to.0 <= course.cutoff(), "{until} {planted:?}");
                assert!(planted.from < planted.to);
            }
            assert!(course.gap().1 < course.batch_at() && course.batch_at() < course.rejects().0, "{until}");
            // The last late arrival comes within 90 hours.
            assert!(course.overdue().1 + 91 * HOUR < course.cutoff(), "{until}");
            assert!(course.cold().1 < course.cutoff() - 7 * 24 * HOUR, "{until}");
        }
    }
}
