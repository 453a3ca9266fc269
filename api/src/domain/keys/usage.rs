//! KEY-07: use of keys is counted in memory and written now and then, never by the request itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::time::Millis;

use crate::http::client_ip::ClientIp;
use crate::util::ids::CustomerId;

/// Keys that are remembered between two writes. Only keys that exist get here, so this is a bound for safety.
const MAX_KEYS: usize = 100_000;
const MAX_OPERATION: usize = 120;

/// Use of one key since the last write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Requests.
    pub count: i64,
    /// Last of them.
    pub at: Millis,
    /// Address of the last one.
    pub ip: Option<String>,
    /// Operation of the last one.
    pub operation: String,
}

/// Use by customer and key.
pub type UsedKeys = HashMap<(CustomerId, String), Used>;

/// Use that is not written yet.
#[derive(Debug, Default)]
pub struct KeyUsage {
    counts: Mutex<UsedKeys>,
    /// Held while counts are written, so that whoever closes the database waits for a write under way.
    pub writing: tokio::sync::Mutex<()>,
}

impl KeyUsage {
    fn counts(&self) -> MutexGuard<'_, UsedKeys> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request.
    pub fn note(&self, customer: CustomerId, id: &str, now: Millis, ip: ClientIp, operation: &str) {
        let operation = operation.chars().take(MAX_OPERATION).collect();
        let used = Used { count: 1, at: now, ip: ip.addr.map(|addr| addr.to_string()), operation };
        add(&mut self.counts(), (customer, id.to_owned()), used);
    }

    /// Takes what is not written yet.
    #[must_use]
    pub fn take(&self) -> UsedKeys {
        std::mem::take(&mut *self.counts())
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, taken: UsedKeys) {
        let mut counts = self.counts();
        for (key, used) in taken {
            add(&mut counts, key, used);
        }
    }
}

fn add(counts: &mut UsedKeys, key: (CustomerId, String), used: Used) {
    let room = counts.len() < MAX_KEYS;
    match counts.get_mut(&key) {
        Some(known) => {
            let count = known.count.saturating_add(used.count);
            if used.at >= known.at {
                *known = used;
            }
            known.count = count;
        }
        None if room => {
            counts.insert(key, used);
        }
        None => tracing::warn!(key = key.1, "too many keys in use between two writes; a use was not counted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: ClientIp = ClientIp {
        addr: Some(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)),
        via_trusted_proxy: false,
    };

    /// KEY-07: counts add up, the latest use stands, and a failed write loses nothing.
    #[test]
    fn use_is_counted_and_survives_a_failed_write() {
        let usage = KeyUsage::default();
        usage.note(CustomerId(1), "a", Millis(10), HERE, "GET /a");
        usage.note(CustomerId(1), "a", Millis(20), HERE, "GET /b");
        usage.note(
            CustomerId(2),
            "b",
            Millis(5),
            ClientIp { addr: None, via_trusted_proxy: false },
            &"x".repeat(500),
        );
        let taken = usage.take();
        assert!(usage.take().is_empty());
        usage.note(CustomerId(1), "a", Millis(30), HERE, "GET /c");
        usage.put_back(taken);
        let mut all = usage.take();
        let first = all.remove(&(CustomerId(1), "a".to_owned())).unwrap();
        assert_eq!((first.count, first.at, first.operation.as_str()), (3, Millis(30), "GET /c"));
        assert_eq!(first.ip.as_deref(), Some("127.0.0.1"));
        let second = all.remove(&(CustomerId(2), "b".to_owned())).unwrap();
        assert_eq!((second.count, second.ip, second.operation.len()), (1, None, MAX_OPERATION));
    }

    /// KEY-07: requests of many threads are all counted.
    #[test]
    fn no_count_is_lost_between_threads() {
        let usage = KeyUsage::default();
        let mut total = 0;
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    (0..1_000).for_each(|at| usage.note(CustomerId(1), "a", Millis(at), HERE, "GET /"))
                });
            }
            for _ in 0..100 {
                total += usage.take().values().map(|used| used.count).sum::<i64>();
            }
        });
        total += usage.take().values().map(|used| used.count).sum::<i64>();
        assert_eq!(total, 8_000);
    }
}
