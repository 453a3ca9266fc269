//! How often something happened lately, by whom: a sliding window each. Bounded: whoever has more addresses than are
//! remembered here has no need of that.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use shared::time::Millis;

/// Subjects that are remembered.
const MAX_SUBJECTS: usize = 50_000;

/// Counts events; see the module.
#[derive(Debug)]
pub struct Counter {
    window_ms: i64,
    threshold: usize,
    seen: Mutex<HashMap<String, VecDeque<(Millis, String)>>>,
}

impl Counter {
    /// Counts within a window up to a threshold.
    #[must_use]
    pub fn new(window_ms: i64, threshold: usize) -> Self {
        Self { window_ms, threshold: threshold.max(1), seen: Mutex::default() }
    }

    /// Counts one more with the id of its event. At the threshold the ids of all of them are given, and the count
    /// begins anew.
    pub fn note(&self, subject: &str, id: String, now: Millis) -> Option<Vec<String>> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.0 - self.window_ms;
        if seen.len() >= MAX_SUBJECTS && !seen.contains_key(subject) {
            seen.retain(|_, events| events.back().is_some_and(|(at, _)| at.0 > since));
            if seen.len() >= MAX_SUBJECTS {
                seen.clear();
            }
        }
        let events = seen.entry(subject.to_owned()).or_default();
        while events.front().is_some_and(|(at, _)| at.0 <= since) {
            events.pop_front();
        }
        events.push_back((now, id));
        if events.len() < self.threshold {
            return None;
        }
        let mut ids: Vec<String> =
            seen.remove(subject).unwrap_or_default().into_iter().map(|(_, id)| id).collect();
        ids.dedup();
        Some(ids)
    }
}

/// Counts different things.
#[derive(Debug)]
pub struct Variety {
    window_ms: i64,
    threshold: usize,
    seen: Mutex<HashMap<String, (Millis, HashSet<u64>)>>,
}

impl Variety {
    /// More than a threshold within a window is too many.
    #[must_use]
    pub fn new(window_ms: i64, threshold: usize) -> Self {
        Self { window_ms, threshold, seen: Mutex::default() }
    }

    /// Notes a thing of a subject. Whether that makes it too many; the count begins anew then.
    pub fn note(&self, subject: &str, thing: u64, now: Millis) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let since = now.0 - self.window_ms;
        if seen.len() >= MAX_SUBJECTS && !seen.contains_key(subject) {
            seen.retain(|_, (begun, _)| begun.0 > since);
            if seen.len() >= MAX_SUBJECTS {
                seen.clear();
            }
        }
        let (begun, things) = seen.entry(subject.to_owned()).or_insert_with(|| (now, HashSet::new()));
        if begun.0 <= since {
            (*begun, *things) = (now, HashSet::new());
        }
        things.insert(thing);
        if things.len() <= self.threshold {
            return false;
        }
        seen.remove(subject);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fifth within ten minutes, not the fourth; what lies longer ago does not count, nor what others did.
    #[test]
    fn the_threshold_is_exact() {
        let counter = Counter::new(600_000, 5);
        for (number, at) in [0, 1_000, 2_000, 3_000].into_iter().enumerate() {
            assert_eq!(counter.note("a", number.to_string(), Millis(at)), None);
            assert_eq!(counter.note("b", "x".to_owned(), Millis(at)), None);
        }
        // The first has left the window in this very millisecond.
        assert_eq!(counter.note("a", "4".to_owned(), Millis(600_000)), None);
        let ids = counter.note("a", "5".to_owned(), Millis(600_001));
        assert_eq!(ids.unwrap(), ["1", "2", "3", "4", "5"]);
        assert_eq!(counter.note("a", "6".to_owned(), Millis(600_002)), None, "begins anew");
        assert!(counter.note("b", "x".to_owned(), Millis(4_000)).is_some());
    }

    /// Different things count, the same thing does not.
    #[test]
    fn variety_is_what_differs() {
        let variety = Variety::new(300_000, 3);
        for thing in [1, 2, 2, 2, 3, 3] {
            assert!(!variety.note("a", thing, Millis(1)));
        }
        assert!(variety.note("a", 4, Millis(2)));
        assert!(!variety.note("a", 5, Millis(3)));
        for thing in 10..13 {
            assert!(!variety.note("b", thing, Millis(1)));
        }
        assert!(!variety.note("b", 13, Millis(300_001)), "a window later");
    }

    /// E7 of the security goals: a million addresses do not fill the memory.
    #[test]
    fn subjects_are_bounded() {
        let counter = Counter::new(600_000, 5);
        for number in 0..200_000 {
            counter.note(&number.to_string(), String::new(), Millis(1));
        }
        assert!(counter.seen.lock().unwrap().len() <= MAX_SUBJECTS);
    }
}
