//! A small cache for what every request asks: entries live for a second, and a change forgets them at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Other nodes see a change after this time at the latest.
const LIFE: Duration = Duration::from_secs(1);
const MAX_ENTRIES: usize = 50_000;

/// See the module.
#[derive(Debug)]
pub struct Cache<K, V> {
    state: RwLock<State<K, V>>,
}

#[derive(Debug)]
struct State<K, V> {
    /// Grows with every change; what was loaded before a change is not kept after it.
    epoch: u64,
    entries: HashMap<K, (V, Instant)>,
}

impl<K, V> Default for Cache<K, V> {
    fn default() -> Self {
        Self { state: RwLock::new(State { epoch: 0, entries: HashMap::new() }) }
    }
}

/// Says that nothing changed between looking and keeping.
#[derive(Debug, Clone, Copy)]
pub struct Epoch(u64);

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// The entry, or the epoch to load it in.
    ///
    /// # Errors
    /// The epoch, when there is no fresh entry.
    pub fn get<Q>(&self, key: &Q) -> Result<V, Epoch>
    where
        K: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        match state.entries.get(key) {
            Some((value, since)) if since.elapsed() < LIFE => Ok(value.clone()),
            _ => Err(Epoch(state.epoch)),
        }
    }

    /// Keeps what was loaded, unless something changed meanwhile.
    pub fn keep(&self, epoch: Epoch, key: K, value: V) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.epoch != epoch.0 {
            return;
        }
        if state.entries.len() >= MAX_ENTRIES {
            state.entries.retain(|_, (_, since)| since.elapsed() < LIFE);
            if state.entries.len() >= MAX_ENTRIES {
                state.entries.clear();
            }
        }
        state.entries.insert(key, (value, Instant::now()));
    }

    /// Forgets everything: called after each change of what is cached.
    pub fn forget(&self) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.epoch += 1;
        state.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-08: what was loaded before a change is not served after it.
    #[test]
    fn a_change_beats_a_slow_load() {
        let cache: Cache<String, i32> = Cache::default();
        let epoch = cache.get("a").unwrap_err();
        cache.forget();
        cache.keep(epoch, "a".to_owned(), 1);
        assert!(cache.get("a").is_err());
        let epoch = cache.get("a").unwrap_err();
        cache.keep(epoch, "a".to_owned(), 2);
        assert_eq!(cache.get("a").unwrap(), 2);
    }
}
