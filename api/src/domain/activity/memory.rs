//! What is not written yet: counts by day, and stretches of visits.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use shared::activity::{Feature, INACTIVE_MS};
use shared::time::Millis;

use crate::util::ids::CustomerId;

/// Different things that are remembered between two writes; a bound for safety.
const MAX_WAITING: usize = 100_000;

/// What is counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Customer.
    pub customer: CustomerId,
    /// Day in the installation's zone.
    pub day: Date,
    /// Person or system.
    pub actor: String,
    /// Part of the product, if it is a use of one.
    pub feature: Option<Feature>,
    /// Whether it is a system.
    pub system: bool,
}

/// Counted requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Requests.
    pub requests: i64,
    /// Those that succeeded.
    pub actions: i64,
    /// When the last one was.
    pub last: Millis,
}

/// What somebody did without a long pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch {
    /// First action.
    pub from: Millis,
    /// Last action.
    pub to: Millis,
    /// How many.
    pub actions: i64,
}

impl Stretch {
    /// Whether there is no pause of half an hour between the two.
    #[must_use]
    pub const fn touches(&self, other: &Self) -> bool {
        self.from.0 - other.to.0 < INACTIVE_MS && other.from.0 - self.to.0 < INACTIVE_MS
    }
}

/// Adds a stretch to others that do not touch each other; it may join several of them.
pub fn join(stretches: &mut Vec<Stretch>, mut new: Stretch) {
    while let Some(at) = stretches.iter().position(|known| known.touches(&new)) {
        let known = stretches.swap_remove(at);
        new = Stretch {
            from: known.from.min(new.from),
            to: known.to.max(new.to),
            actions: known.actions + new.actions,
        };
    }
    stretches.push(new);
}

/// A session of a customer.
pub type Session = (CustomerId, String);

/// What came in between two writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Counts.
    pub days: HashMap<Place, Count>,
    /// What was done in sessions.
    pub visits: HashMap<Session, Vec<Stretch>>,
}

impl Batch {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.visits.is_empty()
    }

    fn count(&mut self, place: Place, count: Count) {
        let room = self.days.len() < MAX_WAITING;
        match self.days.get_mut(&place) {
            Some(known) => {
                known.requests += count.requests;
                known.actions += count.actions;
                known.last = known.last.max(count.last);
            }
            None if room => {
                self.days.insert(place, count);
            }
            None => tracing::warn!("too much activity between two writes; something was not counted"),
        }
    }

    fn visit(&mut self, session: Session, stretch: Stretch) {
        let room = self.visits.len() < MAX_WAITING;
        match self.visits.get_mut(&session) {
            Some(known) => join(known, stretch),
            None if room => {
                self.visits.insert(session, vec![stretch]);
            }
            None => tracing::warn!("too many visits between two writes; something was not counted"),
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Activity {
    waiting: Mutex<Batch>,
    /// Held while activity is written, so that whoever closes the database waits for a write under way.
    pub writing: tokio::sync::Mutex<()>,
}

impl Activity {
    fn waiting(&self) -> MutexGuard<'_, Batch> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request.
    pub fn count(&self, place: Place, count: Count) {
        self.waiting().count(place, count);
    }

    /// Notes an action in a session.
    pub fn visit(&self, session: Session, at: Millis) {
        self.waiting().visit(session, Stretch { from: at, to: at, actions: 1 });
    }

    /// Takes what is not written yet.
    #[must_use]
    pub fn take(&self) -> Batch {
        std::mem::take(&mut *self.waiting())
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, taken: Batch) {
        let mut waiting = self.waiting();
        for (place, count) in taken.days {
            waiting.count(place, count);
        }
        for (session, stretches) in taken.visits {
            for stretch in stretches {
                waiting.visit(session.clone(), stretch);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn joined(minutes: &[i64]) -> Vec<(i64, i64, i64)> {
        let mut all = Vec::new();
        for at in minutes {
            let at = Millis(at * MINUTE);
            join(&mut all, Stretch { from: at, to: at, actions: 1 });
        }
        all.sort_unstable();
        all.iter().map(|visit| (visit.from.0 / MINUTE, visit.to.0 / MINUTE, visit.actions)).collect()
    }

    /// ANA-19: half an hour without an action ends a visit; a minute less does not; order does not matter.
    #[test]
    fn half_an_hour_of_nothing_ends_a_visit() {
        assert_eq!(joined(&[0, 10, 39, 69, 98]), [(0, 39, 3), (69, 98, 2)]);
        assert_eq!(joined(&[98, 39, 0, 69, 10]), [(0, 39, 3), (69, 98, 2)]);
        assert_eq!(joined(&[0, 30]), [(0, 0, 1), (30, 30, 1)]);
        assert_eq!(joined(&[0, 29]), [(0, 29, 2)]);
        assert_eq!(joined(&[0, 40, 20]), [(0, 40, 3)], "what lies between joins both");
    }

    /// ANA-19: a write that fails loses nothing.
    #[test]
    fn a_failed_write_loses_nothing() {
        let activity = Activity::default();
        let day = jiff::civil::date(2026, 11, 22);
        let place = Place {
            customer: CustomerId(1),
            day,
            actor: "access_code".to_owned(),
            feature: Some(Feature::Read),
            system: false,
        };
        let session = (CustomerId(1), "s".to_owned());
        let one = |at| Count { requests: 1, actions: 1, last: Millis(at) };
        activity.count(place.clone(), one(10));
        activity.visit(session.clone(), Millis(10));
        let taken = activity.take();
        assert!(activity.take().is_empty());
        activity.count(place.clone(), one(5));
        activity.visit(session.clone(), Millis(40));
        activity.put_back(taken);
        let all = activity.take();
        assert_eq!(all.days[&place], Count { requests: 2, actions: 2, last: Millis(10) });
        assert_eq!(all.visits[&session], [Stretch { from: Millis(10), to: Millis(40), actions: 2 }]);
    }
}
