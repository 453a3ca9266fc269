//! What connects a company's logs: every shipment arrives within 48 hours (but those that are planted), checks and
//! positions are about orders that exist, rejects and dock minutes keep their shares. Slots are in order of
//! occurrence here.

use std::collections::HashMap;

use super::company::{Company, Kind, Place, TRANSLOG, VANDERMEER};
use super::rng::Rng;
use super::schedule::{Mark, Slot, drift, within};
use super::story::{Course, HOUR, REJECTS, REJECTS_VENLO};

/// A shipment is on its way for this long at least, and at most.
const ON_ITS_WAY: (i64, i64) = (3 * HOUR, 46 * HOUR);
/// Checks and positions are about one of this many latest orders.
const LATEST_ORDERS: u64 = 30;

/// Connects the slots.
pub(super) fn link(course: &Course, company: &Company, slots: &mut Vec<Slot>, rng: &mut Rng) {
    let missing = match_arrivals(course, company, slots, rng);
    make_room(slots, missing.len(), rng);
    slots.extend(missing);
    slots.sort_unstable_by_key(|slot| (slot.occurred_at, slot.seed));
    name_orders(slots, rng);
    mark_rejects(course, company, slots, rng);
    if company.index == VANDERMEER {
        for slot in
            slots.iter_mut().filter(|slot| slot.kind == Kind::DockOccupied && slot.mark == Mark::Plain)
        {
            slot.mark = Mark::Drift(drift(course, slot.occurred_at));
        }
    }
}

/// Where an order goes to.
#[must_use]
pub fn destination(company: &Company, order: u32) -> Place {
    Place::ALL[Rng::of(&[u64::from(company.index), u64::from(order), 2]).weighted(&company.places)]
}

/// Numbers the orders and finds an arrival for each. Returns arrivals that must be added.
fn match_arrivals(course: &Course, company: &Company, slots: &mut [Slot], rng: &mut Rng) -> Vec<Slot> {
    let usable = |slot: &Slot| matches!(slot.mark, Mark::Plain | Mark::Backlog);
    let closed = (company.index == VANDERMEER).then(|| course.cold());
    let arrivals: Vec<usize> = (0..slots.len())
        .filter(|at| slots[*at].kind == Kind::ContainerArrived && usable(&slots[*at]))
        .collect();
    let mut pairs: HashMap<u32, u32> = HashMap::new();
    let (mut order, mut next) = (0, 0);
    let mut missing = Vec::new();
    for at in 0..slots.len() {
        let slot = slots[at];
        match (slot.kind, slot.mark) {
            (Kind::PalletShipped, _) => order += 1,
            (Kind::ContainerArrived, Mark::Overdue) => {
                slots[at].order = pairs.get(&slot.number).copied().unwrap_or_default();
                continue;
            }
            _ => continue,
        }
        slots[at].order = order;
        if slot.mark == Mark::Overdue {
            pairs.insert(slot.number, order);
            continue;
        }
        let (from, to) = (slot.occurred_at + ON_ITS_WAY.0, slot.occurred_at + ON_ITS_WAY.1);
        while next < arrivals.len() && slots[arrivals[next]].occurred_at < from {
            next += 1;
        }
        let fitting = arrivals.get(next).copied().filter(|found| slots[*found].occurred_at < to);
        if fitting.is_some() {
            next += 1;
        }
        let later = || (at + 1..slots.len()).take_while(|later| slots[*later].occurred_at < to);
        let other = || {
            later().find(|later| {
                let slot = &slots[*later];
                let open = !closed.is_some_and(|closed| within(slot.occurred_at, closed));
                slot.kind == Kind::TrackTraceUpdate && usable(slot) && slot.occurred_at >= from && open
            })
        };
        if let Some(found) = fitting.or_else(other) {
            let arrival = &mut slots[found];
            (arrival.kind, arrival.order, arrival.place) =
                (Kind::ContainerArrived, order, destination(company, order));
        } else if to < course.cutoff() {
            missing.push(new_arrival(course, company, &slot, order, rng));
        }
    }
    missing
}

/// An arrival for a shipment that finds none among the slots: in small demonstrations, and over long holidays.
fn new_arrival(course: &Course, company: &Company, shipment: &Slot, order: u32, rng: &mut Rng) -> Slot {
    let mut occurred_at = shipment.occurred_at + rng.range(18 * HOUR, 28 * HOUR);
    let mut mark = Mark::Plain;
    if company.index == VANDERMEER && within(occurred_at, course.cold()) {
        occurred_at += 4 * HOUR;
    }
    if company.index == TRANSLOG && within(occurred_at, course.gap()) {
        mark = Mark::Backlog;
    }
    let seed = rng.next();
    let place = destination(company, order);
    Slot { received_at: 0, occurred_at, seed, number: 0, order, kind: Kind::ContainerArrived, place, mark }
}

/// Takes away as many ordinary positions as arrivals were added, so that the total stays.
fn make_room(slots: &mut Vec<Slot>, count: usize, rng: &mut Rng) {
    for _ in 0..count {
        let from = usize::try_from(rng.below(slots.len() as u64)).unwrap_or_default();
        let ordinary =
            |at: &usize| slots[*at].kind == Kind::TrackTraceUpdate && slots[*at].mark == Mark::Plain;
        let Some(at) = (from..slots.len()).chain(0..from).find(ordinary) else {
            return;
        };
        slots.remove(at);
    }
}

/// Checks and positions are about one of the latest orders.
fn name_orders(slots: &mut [Slot], rng: &mut Rng) {
    let mut latest = 0_u32;
    for slot in slots {
        match slot.kind {
            Kind::PalletShipped => latest = slot.order,
            Kind::QualityCheck | Kind::TrackTraceUpdate => {
                let back = u32::try_from(rng.below(LATEST_ORDERS)).unwrap_or_default();
                slot.order = latest.saturating_sub(back).max(1);
            }
            _ => {}
        }
    }
}

/// Draws rejects without replacement from blocks that hold exactly their share, so that the share of a few weeks
/// is what it should be.
struct Block {
    size: u64,
    rejects: u64,
    left: u64,
    rejects_left: u64,
}

impl Block {
    const fn new(size: u64, percent: u64) -> Self {
        Self { size, rejects: size * percent / 100, left: 0, rejects_left: 0 }
    }

    fn next(&mut self, rng: &mut Rng) -> bool {
        if self.left == 0 {
            (self.left, self.rejects_left) = (self.size, self.rejects);
        }
        let reject = rng.below(self.left) < self.rejects_left;
        self.left -= 1;
        self.rejects_left -= u64::from(reject);
        reject
    }
}

fn mark_rejects(course: &Course, company: &Company, slots: &mut [Slot], rng: &mut Rng) {
    let mut usual = [Block::new(40, REJECTS), Block::new(40, REJECTS)];
    let mut more = Block::new(50, REJECTS_VENLO);
    for slot in slots.iter_mut().filter(|slot| slot.kind == Kind::QualityCheck && slot.mark == Mark::Plain) {
        let venlo = slot.place == Place::Venlo;
        let story = company.index == TRANSLOG && venlo && within(slot.occurred_at, course.rejects());
        let block = if story { &mut more } else { &mut usual[usize::from(venlo)] };
        if block.next(rng) {
            slot.mark = Mark::Reject;
        }
    }
}
