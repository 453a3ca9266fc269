//! What is not written yet: the latest requests of each customer, and counted durations.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use shared::requests::{KEPT, Refusal};
use shared::time::Millis;

use super::latency::Count;
use crate::util::ids::{CustomerId, new_id_in_order};

/// Requests of all customers between two writes; a bound for safety.
const MAX_REQUESTS: usize = 200_000;
/// Different durations between two writes; a bound for safety.
const MAX_DURATIONS: usize = 200_000;

/// A request with an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Identifier; sorts by the order of requests.
    pub id: String,
    /// When it was answered.
    pub at: Millis,
    /// Method.
    pub method: String,
    /// Path of the operation, with the names of its parameters.
    pub route: String,
    /// Status of the answer.
    pub status: u16,
    /// Microseconds until the answer began.
    pub duration_us: i64,
    /// Identifier of the key.
    pub key: String,
    /// Whether it is a key of the test space.
    pub test: bool,
    /// Number of the request.
    pub request_id: String,
    /// Code of the problem.
    pub code: Option<String>,
    /// Why the key was turned away.
    pub refused: Option<Refusal>,
}

/// What durations are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Customer.
    pub customer: CustomerId,
    /// Day in the customer's zone.
    pub day: Date,
    /// Identifier of the key; empty for people.
    pub key: String,
    /// Method and path.
    pub route: String,
    /// Bucket of the duration.
    pub bucket: i64,
}

/// What came in between two writes.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The latest requests of each customer, oldest first.
    pub requests: HashMap<CustomerId, VecDeque<Request>>,
    /// Counted durations.
    pub durations: HashMap<Place, Count>,
    /// How many requests there are.
    len: usize,
}

impl Batch {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.durations.is_empty()
    }

    fn push(&mut self, customer: CustomerId, request: Request) {
        if self.len >= MAX_REQUESTS {
            tracing::warn!("too many requests between two writes; one was not noted");
            return;
        }
        let ring = self.requests.entry(customer).or_default();
        ring.push_back(request);
        self.len += 1;
        // Nobody would ever see the ones before.
        if ring.len() > KEPT {
            ring.pop_front();
            self.len -= 1;
        }
    }

    fn count(&mut self, place: Place, count: Count) {
        let room = self.durations.len() < MAX_DURATIONS;
        match self.durations.get_mut(&place) {
            Some(known) => known.add(count),
            None if room => {
                self.durations.insert(place, count);
            }
            None => tracing::warn!("too many durations between two writes; one was not counted"),
        }
    }

    /// Adds what came in later.
    fn extend(&mut self, later: Self) {
        for (customer, requests) in later.requests {
            for request in requests {
                self.push(customer, request);
            }
        }
        for (place, count) in later.durations {
            self.count(place, count);
        }
    }
}

#[derive(Debug, Default)]
struct State {
    waiting: Batch,
    /// On its way to the database; seen until it is there.
    writing: Option<Arc<Batch>>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Requests {
    state: Mutex<State>,
    order: AtomicU32,
    /// Held while requests are written, so that whoever closes the database waits for a write under way.
    pub writing: tokio::sync::Mutex<()>,
}

impl Requests {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the identifier of a request.
    #[must_use]
    pub fn next_id(&self, now: Millis) -> String {
        new_id_in_order(now, self.order.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes a request of a customer's system.
    pub fn note(&self, customer: CustomerId, request: Request) {
        self.state().waiting.push(customer, request);
    }

    /// Counts durations.
    pub fn count(&self, place: Place, count: Count) {
        self.state().waiting.count(place, count);
    }

    /// Takes what is to be written; it stays visible until [`Requests::settle`] or [`Requests::put_back`].
    #[must_use]
    pub fn take(&self) -> Arc<Batch> {
        let mut state = self.state();
        let batch = Arc::new(std::mem::take(&mut state.waiting));
        state.writing = Some(Arc::clone(&batch));
        batch
    }

    /// What was taken is in the database.
    pub fn settle(&self) {
        self.state().writing = None;
    }

    /// What was taken could not be written.
    pub fn put_back(&self) {
        let mut state = self.state();
        if let Some(taken) = state.writing.take() {
            let later = std::mem::replace(&mut state.waiting, Arc::unwrap_or_clone(taken));
            state.waiting.extend(later);
        }
    }

    /// Requests of a customer that are not known to be in the database.
    #[must_use]
    pub fn of(&self, customer: CustomerId) -> Vec<Request> {
        let state = self.state();
        let batches = state.writing.as_deref().into_iter().chain([&state.waiting]);
        batches.filter_map(|batch| batch.requests.get(&customer)).flatten().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: i64) -> Request {
        Request {
            id: new_id_in_order(Millis(number), 0),
            at: Millis(number),
            method: "GET".to_owned(),
            route: "/a".to_owned(),
            status: 200,
            duration_us: 10,
            key: "k".to_owned(),
            test: false,
            request_id: number.to_string(),
            code: None,
            refused: None,
        }
    }

    fn place(bucket: i64) -> Place {
        let day = jiff::civil::date(2026, 11, 22);
        Place { customer: CustomerId(1), day, key: String::new(), route: "GET /a".to_owned(), bucket }
    }

    /// API-13: of each customer the latest thousand wait, in order; a write that fails loses none of them.
    #[test]
    fn the_latest_thousand_wait() {
        let memory = Requests::default();
        (0..700).for_each(|number| memory.note(CustomerId(1), request(number)));
        memory.note(CustomerId(2), request(5));
        assert_eq!(memory.take().requests[&CustomerId(1)].len(), 700);
        (700..1_200).for_each(|number| memory.note(CustomerId(1), request(number)));
        assert_eq!(memory.of(CustomerId(1)).len(), 1_200, "what is being written is seen");
        memory.put_back();
        let kept: Vec<i64> = memory.of(CustomerId(1)).iter().map(|request| request.at.0).collect();
        assert_eq!((kept.len(), kept[0], kept[999], kept.is_sorted()), (KEPT, 200, 1_199, true));
        assert_eq!(memory.of(CustomerId(2)).len(), 1);
        let written = memory.take();
        assert_eq!(written.requests[&CustomerId(1)].len(), KEPT);
        memory.settle();
        assert!(memory.of(CustomerId(1)).is_empty() && memory.take().is_empty());
    }

    /// ANA-14: counted durations add up, also when a write fails between them.
    #[test]
    fn durations_add_up() {
        let memory = Requests::default();
        memory.count(place(3), Count::one(200, 10));
        drop(memory.take());
        memory.count(place(3), Count::one(404, 20));
        memory.count(place(4), Count::one(500, 30));
        memory.put_back();
        let all = memory.take();
        assert_eq!(all.durations[&place(3)], Count { n: 2, refused: 1, failed: 0, total_us: 30 });
        assert_eq!(all.durations[&place(4)], Count { n: 1, refused: 0, failed: 1, total_us: 30 });
    }
}
