//! The hidden things that are logs of their own. Those that change ordinary logs (rejects, dock minutes) are in
//! `links`.

use super::company::{Kind, Place, TRANSLOG, VANDERMEER};
use super::schedule::{DAY, MINUTE, Maker, Mark};
use super::story::{EXCURSION, HOUR, LATE_BATCH, OVERDUE, OVERDUE_ARRIVED};
use crate::util::zone;

impl Maker<'_> {
    /// What is hidden, apart from what changes ordinary logs.
    pub(super) fn plant(&mut self) {
        match self.company.index {
            VANDERMEER => {
                self.plant_excursion();
                self.plant_night();
            }
            TRANSLOG => {
                self.plant_batch();
                self.plant_overdue();
            }
            _ => {}
        }
        self.plant_clock_changes();
    }

    fn plant_excursion(&mut self) {
        let (from, _) = self.course.cold();
        for (at, tenths) in (0..).zip(EXCURSION) {
            self.push(from + at * 15 * MINUTE, Kind::ContainerArrived, Place::Rotterdam, Mark::Cold(tenths));
        }
    }

    fn plant_night(&mut self) {
        let (from, to) = self.course.night();
        for _ in 0..self.course.night_logs() {
            let at = self.rng.range(from, to - 1);
            let kind = self.rng.pick(&[Kind::TrackTraceUpdate, Kind::TrackTraceUpdate, Kind::InventoryCount]);
            self.push(at, kind, Place::Eindhoven, Mark::Night);
        }
    }

    fn plant_batch(&mut self) {
        let (from, _) = self.course.gap();
        // All of them are more than a day old when they come.
        let to = self.course.batch_at() - DAY - 30 * MINUTE;
        for _ in 0..self.course.scaled(LATE_BATCH) {
            let at = self.rng.range(from + 6 * HOUR, to);
            let kind = match self.rng.weighted(&[45, 20, 15, 20]) {
                0 => Kind::TrackTraceUpdate,
                1 => Kind::ContainerArrived,
                2 => Kind::InventoryCount,
                _ => Kind::DockOccupied,
            };
            let place = self.place();
            self.push(at, kind, place, Mark::Backlog);
        }
    }

    /// Pairs of shipment and arrival have the same `number` until they are linked.
    fn plant_overdue(&mut self) {
        let (from, _) = self.course.overdue();
        for pair in 1..=OVERDUE {
            let day = i64::from(pair % 4);
            let at = from + day * DAY + self.rng.range(9 * HOUR, 17 * HOUR);
            self.push(at, Kind::PalletShipped, Place::Venlo, Mark::Overdue);
            if let Some(slot) = self.slots.last_mut() {
                slot.number = pair;
            }
            if pair <= OVERDUE_ARRIVED {
                let after = self.rng.range(51 * HOUR, 90 * HOUR);
                self.push(at + after, Kind::ContainerArrived, Place::Venlo, Mark::Overdue);
                if let Some(slot) = self.slots.last_mut() {
                    slot.number = pair;
                }
            }
        }
    }

    /// In the nights of the clock changes a counter writes a time that is there twice, or not at all.
    fn plant_clock_changes(&mut self) {
        if self.company.total(self.course.logs) < 500 {
            return;
        }
        let first = self.course.first_day(self.company);
        for day in (0..self.company.days).map(|day| zone::add_days(first, day)) {
            let (at, flagged) = zone::resolve(&self.course.zone, day.at(2, 30, 0, 0));
            if flagged {
                let place = self.place();
                self.push(at.0, Kind::InventoryCount, place, Mark::ClockChange);
            }
        }
    }
}
