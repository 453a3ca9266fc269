//! SRCH-09: executed searches are noted in memory and written now and then, never by the search itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::time::Millis;

use crate::util::ids::CustomerId;

/// Different searches that are remembered between two writes; a bound for safety.
const MAX_WAITING: usize = 50_000;

/// Who searched for what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Asked {
    /// The customer.
    pub customer: CustomerId,
    /// Session or key.
    pub actor: String,
    /// Query in the search grammar.
    pub query: String,
    /// Happened at or after, and before.
    pub occurred: (Option<i64>, Option<i64>),
}

/// The same search since the last write: people rarely repeat one within moments, systems do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// How long each took, in milliseconds.
    pub durations: Vec<i64>,
    /// Logs found by the last one.
    pub hits: i64,
    /// Whether there were more.
    pub capped: bool,
    /// When the last one was.
    pub at: Millis,
}

/// Searches by who asked what.
pub type Waiting = HashMap<Asked, Noted>;

/// Searches that are not written yet.
#[derive(Debug, Default)]
pub struct SearchHistory {
    waiting: Mutex<Waiting>,
    /// Held while searches are written, so that whoever closes the database waits for a write under way.
    pub writing: tokio::sync::Mutex<()>,
}

/// What a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hits {
    /// Logs.
    pub count: i64,
    /// Whether there are more.
    pub capped: bool,
}

impl SearchHistory {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a search.
    pub fn note(&self, asked: Asked, hits: Hits, took: Duration, now: Millis) {
        let duration = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        let noted = Noted { durations: vec![duration], hits: hits.count, capped: hits.capped, at: now };
        add(&mut self.waiting(), asked, noted);
    }

    /// Takes what is not written yet.
    #[must_use]
    pub fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting())
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, taken: Waiting) {
        let mut waiting = self.waiting();
        for (asked, noted) in taken {
            add(&mut waiting, asked, noted);
        }
    }

    /// What a customer, or somebody of it, asked that is not written yet.
    #[must_use]
    pub fn of(&self, customer: CustomerId, actor: Option<&str>) -> Vec<(Asked, Noted)> {
        let waiting = self.waiting();
        let own = waiting.iter().filter(|(asked, _)| {
            asked.customer == customer && actor.is_none_or(|actor| asked.actor == actor)
        });
        own.map(|(asked, noted)| (asked.clone(), noted.clone())).collect()
    }

    /// Forgets what somebody asked.
    pub fn forget(&self, customer: CustomerId, actor: Option<&str>) {
        self.waiting()
            .retain(|asked, _| asked.customer != customer || actor.is_some_and(|actor| asked.actor != actor));
    }
}

fn add(waiting: &mut Waiting, asked: Asked, noted: Noted) {
    let room = waiting.len() < MAX_WAITING;
    match waiting.get_mut(&asked) {
        Some(known) => {
            known.durations.extend(noted.durations);
            if noted.at >= known.at {
                (known.hits, known.capped, known.at) = (noted.hits, noted.capped, noted.at);
            }
        }
        None if room => {
            waiting.insert(asked, noted);
        }
        None => tracing::warn!("too many searches between two writes; one was not noted"),
    }
}

/// The middle of some values, the lower one of two.
#[must_use]
pub fn median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        Asked {
            customer: CustomerId(1),
            actor: "key:a".to_owned(),
            query: query.to_owned(),
            occurred: (None, None),
        }
    }

    /// SRCH-09: the same search counts up, the latest hits stand, and a failed write loses nothing.
    #[test]
    fn searches_add_up_and_survive_a_failed_write() {
        let history = SearchHistory::default();
        let hits = |count| Hits { count, capped: false };
        history.note(asked("a"), hits(1), Duration::from_millis(5), Millis(10));
        history.note(asked("b"), hits(2), Duration::from_millis(6), Millis(11));
        let taken = history.take();
        history.note(asked("a"), hits(3), Duration::from_millis(7), Millis(12));
        history.put_back(taken);
        let mut all = history.of(CustomerId(1), Some("key:a"));
        all.sort_by(|a, b| a.0.query.cmp(&b.0.query));
        assert_eq!(all.len(), 2);
        let mut durations = all[0].1.durations.clone();
        durations.sort_unstable();
        assert_eq!((durations, all[0].1.hits), (vec![5, 7], 3));
        history.forget(CustomerId(1), Some("key:b"));
        assert_eq!(history.of(CustomerId(1), None).len(), 2);
        history.forget(CustomerId(1), None);
        assert!(history.take().is_empty());
    }

    /// ANA-13: the median is a value that was measured.
    #[test]
    fn medians_are_measured_values() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [7]), Some(7));
        assert_eq!(median(&mut [9, 1]), Some(1));
        assert_eq!(median(&mut [9, 1, 5]), Some(5));
    }
}
