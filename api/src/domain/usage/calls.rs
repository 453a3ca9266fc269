//! API-06: calls of the month by customer. Counted in memory, written now and then, never by the request itself.
//!
//! A count is what the database said when it was last asked, and what was counted here since. On one server that is
//! exact. Several servers learn of each other's calls when they write; shortly before the end of a quota each call is
//! therefore taken from the database itself (`service::take_call`), so that together they do not exceed it either.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::util::ids::CustomerId;

/// A customer and a calendar month in its zone, `YYYY-MM`.
pub type Month = (CustomerId, Arc<str>);

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    /// In the database, as far as it is known here.
    stored: i64,
    /// On its way there.
    writing: i64,
    /// Counted since.
    waiting: i64,
    /// Whether anybody asked since the last write.
    asked: bool,
}

impl Count {
    const fn used(self) -> i64 {
        self.stored + self.writing + self.waiting
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Calls {
    counts: Mutex<HashMap<Month, Count>>,
    /// Held while counts are written, so that whoever closes the database waits for a write under way.
    pub writing: tokio::sync::Mutex<()>,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Counted; so many calls were made with it.
    Yes(i64),
    /// Not counted: so many calls were made already.
    Exhausted(i64),
    /// The month is not known here yet; see [`Calls::learn`].
    Unknown,
}

impl Calls {
    fn counts(&self) -> MutexGuard<'_, HashMap<Month, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call, unless it is one too many.
    pub fn count(&self, month: &Month, limit: i64) -> Counted {
        let mut counts = self.counts();
        let Some(count) = counts.get_mut(month) else { return Counted::Unknown };
        count.asked = true;
        if count.used() >= limit {
            return Counted::Exhausted(count.used());
        }
        count.waiting += 1;
        Counted::Yes(count.used())
    }

    /// Calls of a month for somebody who is about to make one.
    #[must_use]
    pub fn ask(&self, month: &Month) -> Option<i64> {
        let mut counts = self.counts();
        let count = counts.get_mut(month)?;
        count.asked = true;
        Some(count.used())
    }

    /// Calls of a month, if they are known here.
    #[must_use]
    pub fn used(&self, month: &Month) -> Option<i64> {
        self.counts().get(month).map(|count| count.used())
    }

    /// Keeps what the database says about a month that is not known here.
    pub fn learn(&self, month: Month, stored: i64) {
        self.counts().entry(month).or_insert(Count { stored, asked: true, ..Count::default() });
    }

    /// Takes what is to be written; it counts as used until [`Calls::settle`] or [`Calls::put_back`]. Months that
    /// nobody asked about since the last time are forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<(Month, i64)> {
        let mut counts = self.counts();
        counts.retain(|_, count| std::mem::take(&mut count.asked) || count.used() > count.stored);
        let mut taken = Vec::new();
        for (month, count) in counts.iter_mut().filter(|(_, count)| count.waiting > 0) {
            count.writing = std::mem::take(&mut count.waiting);
            taken.push((month.clone(), count.writing));
        }
        taken
    }

    /// Takes what is to be written of one month, like [`Calls::take`].
    #[must_use]
    pub fn take_one(&self, month: &Month) -> Option<i64> {
        let mut counts = self.counts();
        let count = counts.get_mut(month).filter(|count| count.waiting > 0)?;
        count.writing = std::mem::take(&mut count.waiting);
        Some(count.writing)
    }

    /// Learns what stands in the database after a write.
    pub fn settle(&self, stored: &[(Month, i64)]) {
        let mut counts = self.counts();
        for (month, stored) in stored {
            if let Some(count) = counts.get_mut(month) {
                (count.stored, count.writing) = (*stored, 0);
            }
        }
    }

    /// Takes back what could not be written.
    pub fn put_back(&self) {
        for count in self.counts().values_mut() {
            count.waiting += std::mem::take(&mut count.writing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month() -> Month {
        (CustomerId(1), "2026-11".into())
    }

    /// API-06: what is counted counts at once, while it is written, when that fails, and after it.
    #[test]
    fn nothing_is_lost_or_counted_twice_on_the_way() {
        let calls = Calls::default();
        assert_eq!(calls.count(&month(), 10), Counted::Unknown);
        calls.learn(month(), 4);
        calls.learn(month(), 9);
        assert_eq!(calls.count(&month(), 10), Counted::Yes(5), "what is known stays");
        assert_eq!(calls.take(), [(month(), 1)]);
        assert_eq!(calls.count(&month(), 10), Counted::Yes(6), "what is being written counts");
        calls.put_back();
        assert_eq!((calls.used(&month()), calls.take()), (Some(6), vec![(month(), 2)]));
        assert_eq!(calls.count(&month(), 10), Counted::Yes(7));
        // Another server wrote three calls meanwhile.
        calls.settle(&[(month(), 9)]);
        assert_eq!(calls.count(&month(), 10), Counted::Exhausted(10));
        assert_eq!(calls.count(&month(), 11), Counted::Yes(11), "a larger plan acts at once");
        assert_eq!(calls.take(), [(month(), 2)]);
        calls.settle(&[(month(), 11)]);
        assert_eq!(calls.used(&month()), Some(11));
        assert!(calls.take().is_empty());
        assert_eq!(calls.used(&month()), None, "who is away from one write to the next is forgotten");
    }

    /// API-06: requests of many threads are let in exactly as often as they may be.
    #[test]
    fn many_threads_share_what_is_left() {
        let calls = Calls::default();
        calls.learn(month(), 100);
        let let_in = std::sync::atomic::AtomicI64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        if matches!(calls.count(&month(), 1_000), Counted::Yes(_)) {
                            let_in.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        }
                    }
                });
            }
            for _ in 0..50 {
                let before = calls.ask(&month()).unwrap();
                let stored: Vec<_> = calls.take();
                assert!(calls.used(&month()).unwrap() >= before);
                if !stored.is_empty() {
                    calls.put_back();
                }
            }
        });
        assert_eq!((let_in.into_inner(), calls.used(&month())), (900, Some(1_000)));
    }
}
