//! When what happens: a company's logs as slots, in order of arrival. Pure; what stands in a log follows from its
//! slot alone (`content`), so that logs can be made in parts and in parallel.

use jiff::civil::Date;
use jiff::tz::AmbiguousOffset;

use super::calendar;
use super::company::{Company, Kind, Place, ROTTERDAM_CARGO, TRANSLOG, VANDERMEER};
use super::links;
use super::rng::Rng;
use super::story::{Course, DOCK_RISE, HOUR, MONTH_LOGS};
use crate::util::zone;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const DAY: i64 = 24 * HOUR;
/// Logs that come more than a day late, in thousandths.
const LATE: u64 = 20;
/// Of this many logs one is offered twice.
const OFFERED_TWICE: usize = 200;

/// What is special about a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    Plain,
    /// A quality check with result `AFKEUR`.
    Reject,
    /// A reading of the broken cold chain, in tenths of a degree.
    Cold(u16),
    /// Minutes of a dock, in thousandths of the usual.
    Drift(u16),
    /// Part of the late batch.
    Backlog,
    /// Part of the busy night.
    Night,
    /// A shipment that is not there in time, or its arrival after all.
    Overdue,
    /// Part of the count that brings a company over its quota.
    StockCount,
    /// A device that writes 02:30 in the night of a clock change.
    ClockChange,
}

/// One log to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it arrives.
    pub received_at: i64,
    /// When it happens.
    pub occurred_at: i64,
    /// Random stream of its content.
    pub seed: u64,
    /// Number of the event; a log that is offered twice has one number.
    pub number: u32,
    /// Order that it is about; 0 for none.
    pub order: u32,
    /// Type.
    pub kind: Kind,
    /// Town.
    pub place: Place,
    /// What is special about it.
    pub mark: Mark,
}

/// Makes the slots of a company in order of arrival, those offered twice included.
#[must_use]
pub fn schedule(course: &Course, company: &Company) -> Vec<Slot> {
    let mut rng = Rng::of(&[course.seed, u64::from(company.index), 1]);
    let mut maker = Maker { course, company, rng: &mut rng, slots: Vec::new() };
    maker.plant();
    maker.fill();
    let mut slots = maker.slots;
    slots.sort_unstable_by_key(|slot| (slot.occurred_at, slot.seed));
    links::link(course, company, &mut slots, &mut rng);
    for slot in &mut slots {
        slot.received_at = arrival(course, company, slot, &mut rng);
    }
    in_order_of_arrival(&mut slots);
    for (number, slot) in (1..).zip(&mut slots) {
        slot.number = number;
    }
    offer_twice(course, company, &mut slots, &mut rng);
    in_order_of_arrival(&mut slots);
    slots
}

fn in_order_of_arrival(slots: &mut [Slot]) {
    slots.sort_unstable_by_key(|slot| (slot.received_at, slot.occurred_at, slot.number, slot.seed));
}

pub(super) const fn within(at: i64, (from, to): (i64, i64)) -> bool {
    from <= at && at < to
}

/// Makes slots, not yet in order.
pub(super) struct Maker<'a> {
    pub(super) course: &'a Course,
    pub(super) company: &'a Company,
    pub(super) rng: &'a mut Rng,
    pub(super) slots: Vec<Slot>,
}

impl Maker<'_> {
    pub(super) fn push(&mut self, occurred_at: i64, kind: Kind, place: Place, mark: Mark) {
        let seed = self.rng.next();
        self.slots.push(Slot { received_at: 0, occurred_at, seed, number: 0, order: 0, kind, place, mark });
    }

    pub(super) fn place(&mut self) -> Place {
        Place::ALL[self.rng.weighted(&self.company.places)]
    }

    /// Ordinary days, up to the total.
    fn fill(&mut self) {
        let (course, company) = (self.course, self.company);
        let wanted = company.total(course.logs).saturating_sub(self.slots.len() as u64);
        let first = course.first_day(company);
        let gap = (company.index == TRANSLOG).then(|| course.gap());
        let mut days: Vec<(Date, f64)> = Vec::new();
        for day in (0..company.days).map(|day| zone::add_days(first, day)) {
            let closed = gap.is_some_and(|gap| within(course.start(day), gap));
            let noise = self.rng.bell(1.0, 0.08);
            days.push((day, if closed { 0.0 } else { calendar::weight(day) * noise }));
        }
        let wanted = wanted.saturating_sub(self.fill_month(&days, wanted));
        let all: f64 = days.iter().map(|(_, weight)| weight).sum();
        let (mut sum, mut made) = (0.0, 0);
        for (date, weight) in days {
            sum += weight;
            let due = (sum / all * wanted as f64).round() as u64;
            let day = Day::new(course, date);
            for _ in made..due {
                let at = self.moment(&day);
                let kind = Kind::ALL[self.rng.weighted(&company.kinds)];
                let place = self.place();
                self.push(at, self.usual_kind(at, kind), place, Mark::Plain);
            }
            made = made.max(due);
        }
    }

    /// The stock count that brings a company over its quota: what ordinary days of the month leave open.
    fn fill_month(&mut self, days: &[(Date, f64)], wanted: u64) -> u64 {
        if self.company.index != ROTTERDAM_CARGO {
            return 0;
        }
        let until = self.course.until;
        let all: f64 = days.iter().map(|(_, weight)| weight).sum();
        let month: Vec<(Date, f64)> =
            days.iter().filter(|(day, _)| *day >= until.first_of_month()).copied().collect();
        let share = month.iter().map(|(_, weight)| weight).sum::<f64>() / all;
        let due = self.course.scaled(MONTH_LOGS) as f64;
        let ordinary = (wanted as f64 - due) / (1.0 - share);
        let extra = (wanted as f64 - ordinary).round().max(0.0) as u64;
        for _ in 0..extra {
            let (date, _) = self.rng.pick(&month);
            let day = Day::new(self.course, date);
            let at = day.start + self.rng.range(7 * HOUR, 18 * HOUR);
            self.push(at, Kind::InventoryCount, Place::Rotterdam, Mark::StockCount);
        }
        extra
    }

    /// No other container is measured while the cold chain is broken.
    fn usual_kind(&self, at: i64, kind: Kind) -> Kind {
        let cold = self.company.index == VANDERMEER && within(at, self.course.cold());
        if cold && kind == Kind::ContainerArrived { Kind::TrackTraceUpdate } else { kind }
    }

    /// A moment of a day, more likely in its busy hours; the busy night has its own logs alone.
    fn moment(&mut self, day: &Day) -> i64 {
        let night = (self.company.index == VANDERMEER).then(|| self.course.night());
        loop {
            let hour = self.rng.weighted(&calendar::HOURS);
            let within_hour = self.rng.range(0, HOUR - 1);
            let at = day.moment(self.course, hour, within_hour, self.rng);
            if !night.is_some_and(|night| within(at, night)) {
                return at;
            }
        }
    }
}

struct Day {
    date: Date,
    start: i64,
    length: i64,
}

impl Day {
    fn new(course: &Course, date: Date) -> Self {
        let start = course.start(date);
        Self { date, start, length: course.start(zone::add_days(date, 1)) - start }
    }

    /// The hour that is there twice takes either pass; the one that is not there moves forward.
    fn moment(&self, course: &Course, hour: usize, within_hour: i64, rng: &mut Rng) -> i64 {
        if self.length == DAY {
            return self.start + i64::try_from(hour).unwrap_or_default() * HOUR + within_hour;
        }
        let local = self.date.at(i8::try_from(hour).unwrap_or_default(), 0, 0, 0);
        let (first, _) = zone::resolve(&course.zone, local);
        let fold = matches!(course.zone.to_ambiguous_timestamp(local).offset(), AmbiguousOffset::Fold { .. });
        first.0 + within_hour + if fold && rng.per_mille(500) { HOUR } else { 0 }
    }
}

/// When a log arrives: seconds later as a rule, sometimes days later, and never after the history.
fn arrival(course: &Course, company: &Company, slot: &Slot, rng: &mut Rng) -> i64 {
    let last = course.cutoff() - 1;
    if slot.mark == Mark::Backlog {
        return course.batch_at() + rng.range(0, 4_000);
    }
    let slow = rng.per_mille(100);
    let delay = if slow { rng.range(10_000, 90_000) } else { rng.range(300, 9_000) };
    let late = slot.occurred_at + DAY + rng.range(30 * MINUTE, 60 * HOUR);
    let is_late = slot.mark == Mark::Plain && rng.per_mille(LATE) && late <= last;
    let at = if is_late { late } else { slot.occurred_at + delay };
    let gap = course.gap();
    if company.index == TRANSLOG && within(at, gap) {
        // Nothing comes through: what was under way came before, what would have come later comes after.
        return if is_late { gap.1 + rng.range(HOUR, 18 * HOUR) } else { gap.0 - 1 };
    }
    at.min(last)
}

/// Senders that did not hear the answer send again: one of 200 logs.
fn offer_twice(course: &Course, company: &Company, slots: &mut Vec<Slot>, rng: &mut Rng) {
    let (last, gap) = (course.cutoff() - 1, course.gap());
    let count = slots.len() / OFFERED_TWICE;
    for block in 0..count {
        let within_block = usize::try_from(rng.below(OFFERED_TWICE as u64)).unwrap_or_default();
        let mut copy = slots[block * OFFERED_TWICE + within_block];
        let again = copy.received_at + rng.range(2_000, 600_000);
        let nothing_through = company.index == TRANSLOG && within(again, gap);
        copy.received_at = if nothing_through { gap.0 - 1 } else { again.min(last) };
        slots.push(copy);
    }
}

/// Thousandths of the usual minutes of a dock at an instant.
#[must_use]
pub fn drift(course: &Course, at: i64) -> u16 {
    let (from, to) = course.drift();
    let part = if within(at, (from, to)) { (at - from) * DOCK_RISE / (to - from) } else { 0 };
    u16::try_from(1_000 + part).unwrap_or(1_000)
}
