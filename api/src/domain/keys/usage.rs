//! KEY-07: use of keys is counted in memory and written now and then, never by the request itself. KEY-10: so is who
//! still uses a key that is being replaced.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::time::Millis;

use crate::http::client_ip::ClientIp;
use crate::http::frame::RequestInfo;
use crate::util::ids::CustomerId;

/// Keys that are remembered between two writes. Only keys that exist get here, so this is a bound for safety.
const MAX_KEYS: usize = 100_000;
const MAX_OPERATION: usize = 120;
/// Ways in which replaced keys are used between two writes; a bound for safety.
const MAX_LATE: usize = 20_000;

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

/// A way in which a key that is being replaced is used. What is not known is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LateUse {
    /// Customer.
    pub customer: CustomerId,
    /// Identifier of the key.
    pub key: String,
    /// Address.
    pub ip: String,
    /// What the client calls itself.
    pub client: String,
    /// Operation.
    pub operation: String,
}

/// How often each way was used since the last write, and when last.
pub type LateUses = HashMap<LateUse, (i64, Millis)>;

/// Use that is not written yet.
#[derive(Debug, Default)]
pub struct KeyUsage {
    counts: Mutex<UsedKeys>,
    late: Mutex<LateUses>,
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

    fn late(&self) -> MutexGuard<'_, LateUses> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes who uses a key that is being replaced.
    pub fn note_late(
        &self,
        customer: CustomerId,
        key: &str,
        now: Millis,
        info: &RequestInfo,
        operation: &str,
    ) {
        let used = LateUse {
            customer,
            key: key.to_owned(),
            ip: info.ip.addr.map(|addr| addr.to_string()).unwrap_or_default(),
            client: info.client.as_deref().unwrap_or_default().to_owned(),
            operation: operation.chars().take(MAX_OPERATION).collect(),
        };
        add_late(&mut self.late(), used, (1, now));
    }

    /// Takes the uses of replaced keys that are not written yet.
    #[must_use]
    pub fn take_late(&self) -> LateUses {
        std::mem::take(&mut *self.late())
    }

    /// Puts back uses of replaced keys that could not be written.
    pub fn put_back_late(&self, taken: LateUses) {
        let mut late = self.late();
        for (used, times) in taken {
            add_late(&mut late, used, times);
        }
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

fn add_late(late: &mut LateUses, used: LateUse, (times, at): (i64, Millis)) {
    let room = late.len() < MAX_LATE;
    match late.get_mut(&used) {
        Some(known) => *known = (known.0.saturating_add(times), known.1.max(at)),
        None if room => {
            late.insert(used, (times, at));
        }
        None => tracing::warn!(
            key = used.key,
            "too many uses of replaced keys between two writes; one was not noted"
        ),
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
        may_be_proxy: false,
    };

    /// KEY-07: counts add up, the latest use stands, and a failed write loses nothing.
    #[test]
    fn use_is_counted_and_survives_a_failed_write() {
        let usage = KeyUsage::default();
        usage.note(CustomerId(1), "a", Millis(10), HERE, "GET /a");
        usage.note(CustomerId(1), "a", Millis(20), HERE, "GET /b");
        usage.note(CustomerId(2), "b", Millis(5), ClientIp::default(), &"x".repeat(500));
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
