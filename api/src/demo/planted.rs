//! What is hidden in the demonstration for people, charts and tests to find.
//!
//! | story | company | when (relative to the last day) |
//! |---|---|---|
//! | cold chain broken for three hours: 13 readings of 9.5–12.4 °C | VanderMeer | 11–14 h on the last Thursday that is 8 days back or more |
//! | dock minutes drift by +25 % | VanderMeer | the last 30 days |
//! | one night with 8 times the usual logs, from one address | VanderMeer | night after the last Tuesday that is 5 days back or more |
//! | nothing for two days, then 1,100 late logs at once | TransLog | Tuesday and Wednesday six weeks before the running week |
//! | quality rejects in Venlo 14 % instead of 5 % | TransLog | three weeks, over one week before the running week |
//! | 14 shipments without arrival within 48 h (10 arrive later) | TransLog | Monday to Thursday two weeks before the running week |
//! | use of 1,043 logs in the running month, 1,000 included | Rotterdam Cargo | the month of the last day |
//!
//! Counts of the late batch, of the night and of the month follow the size of the demonstration.

use shared::tenancy::Plan;
use shared::time::Millis;

use super::company::{COMPANIES, Place, ROTTERDAM_CARGO, TRANSLOG, VANDERMEER};
use super::story::{
    Course, DOCK_MINUTES, DOCK_RISE, EXCURSION, LATE_BATCH, MONTH_LOGS, NIGHT_ADDRESS, NIGHT_FACTOR, OVERDUE,
    OVERDUE_ARRIVED, REJECTS, REJECTS_VENLO,
};

/// Something hidden, with the figures that must be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Planted {
    /// What it is.
    pub story: Story,
    /// Name of the company.
    pub customer: &'static str,
    /// Where it begins (by occurrence).
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
}

/// Kinds of hidden things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Story {
    /// `container_arrived` in Rotterdam with too high a `temperature_c`.
    ColdChain {
        /// Readings.
        readings: usize,
        /// Lowest of them.
        lowest_c: f64,
        /// Highest of them.
        highest_c: f64,
    },
    /// `minutes` of `dock_occupied` rise evenly.
    DockDrift {
        /// Mean before.
        minutes: f64,
        /// Mean at the end in relation to it.
        rise_percent: f64,
    },
    /// `track_trace_update` and others through the night.
    BusyNight {
        /// Logs of the night.
        logs: u64,
        /// In relation to an ordinary night.
        factor: u64,
        /// The one address.
        ip: &'static str,
    },
    /// Nothing is received from `from` to `to`; later all at once, flagged `late`.
    LateBatch {
        /// Logs of the batch.
        logs: u64,
        /// When it is received.
        received_at: Millis,
    },
    /// `quality_check` in a town with result `AFKEUR`.
    QualityRejects {
        /// The town.
        place: &'static str,
        /// Share outside the period.
        usual_percent: f64,
        /// Share within it.
        percent: f64,
    },
    /// `pallet_shipped` without `container_arrived` of the same `order` within the hours.
    MissingArrivals {
        /// Shipments.
        shipments: u32,
        /// The hours.
        hours: u32,
        /// Arrivals that come after all.
        late_arrivals: u32,
    },
    /// Use of the calendar month is over what the plan includes.
    OverQuota {
        /// Counted logs, a handful more or less.
        logs: u64,
        /// Included logs.
        included: i64,
    },
}

impl Course {
    /// Everything hidden.
    #[must_use]
    pub fn planted(&self) -> Vec<Planted> {
        let plant = |story, company: u8, (from, to): (i64, i64)| Planted {
            story,
            customer: COMPANIES[usize::from(company)].name,
            from: Millis(from),
            to: Millis(to),
        };
        let degrees = |tenths: Option<&u16>| f64::from(tenths.copied().unwrap_or_default()) / 10.0;
        vec![
            plant(
                Story::ColdChain {
                    readings: EXCURSION.len(),
                    lowest_c: degrees(EXCURSION.iter().min()),
                    highest_c: degrees(EXCURSION.iter().max()),
                },
                VANDERMEER,
                self.cold(),
            ),
            plant(
                Story::DockDrift { minutes: DOCK_MINUTES, rise_percent: DOCK_RISE as f64 / 10.0 },
                VANDERMEER,
                self.drift(),
            ),
            plant(
                Story::BusyNight { logs: self.night_logs(), factor: NIGHT_FACTOR, ip: NIGHT_ADDRESS },
                VANDERMEER,
                self.night(),
            ),
            plant(
                Story::LateBatch { logs: self.scaled(LATE_BATCH), received_at: Millis(self.batch_at()) },
                TRANSLOG,
                self.gap(),
            ),
            plant(
                Story::QualityRejects {
                    place: Place::Venlo.as_str(),
                    usual_percent: REJECTS as f64,
                    percent: REJECTS_VENLO as f64,
                },
                TRANSLOG,
                self.rejects(),
            ),
            plant(
                Story::MissingArrivals { shipments: OVERDUE, hours: 48, late_arrivals: OVERDUE_ARRIVED },
                TRANSLOG,
                self.overdue(),
            ),
            plant(
                Story::OverQuota { logs: self.scaled(MONTH_LOGS), included: Plan::Starter.logs_included() },
                ROTTERDAM_CARGO,
                self.month(),
            ),
        ]
    }
}
