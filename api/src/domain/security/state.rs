//! What this server keeps in memory to judge a request without the database.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use shared::security::DetectorModes;
use shared::time::Millis;

use super::counter::{Counter, Variety};
use super::decisions::table::Table;
use super::events::memory::Events;
use crate::config::{Allowance, Config};
use crate::domain::auth::device::Distrusted;
use crate::http::limits::Forms;
use crate::util::clock::Clock;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Threats and failed sign-ins count within this time.
const THREAT_WINDOW_MS: i64 = 10 * MINUTE_MS;
/// Failed sign-ins of all networks together within that time that make a storm, and how long it keeps strangers out.
const ALL_SIGN_INS: usize = 500;
const STORM_MS: i64 = MINUTE_MS;
/// SEC-12: different addresses without anything behind them.
const MISSING: (i64, usize) = (5 * MINUTE_MS, 20);
/// SEC-12: different clients at one address.
const CLIENTS: (i64, usize) = (10 * MINUTE_MS, 5);
/// Requests a minute of an address that is slowed.
const SLOW_A_MINUTE: u32 = 60;

/// Decisions and modes, as they were at a version.
#[derive(Debug, Default)]
pub struct Known {
    /// The version; 0 before anything is known.
    pub version: i64,
    /// Decisions in force.
    pub table: Table,
    /// What the detector may do.
    pub modes: DetectorModes,
}

/// Requests that a decision met.
#[derive(Debug, Default)]
struct Hits {
    /// Those that are not written yet.
    count: i64,
    last: Millis,
    /// When an event told of one.
    told: Option<Millis>,
}

/// See the module.
#[derive(Debug)]
pub struct Security {
    known: RwLock<Arc<Known>>,
    /// Held by who loads what is known.
    pub loading: tokio::sync::Mutex<()>,
    /// What happened.
    pub events: Events,
    /// Threats by network.
    pub threats: Counter,
    /// Failed sign-ins by network.
    pub sign_ins: Counter,
    /// Failed sign-ins of everybody.
    pub all_sign_ins: Counter,
    /// Failed sign-ins by device that is known.
    pub devices: Counter,
    /// Devices that failed too often.
    pub distrusted: Distrusted,
    missing: Variety,
    clients: Variety,
    /// Limits on addresses that are slowed.
    pub slow: Forms,
    hits: Mutex<HashMap<String, Hits>>,
    storm_until: AtomicI64,
}

impl Security {
    /// Nothing has happened and nothing is known.
    #[must_use]
    pub fn new(config: &Config, clock: &Clock) -> Self {
        let many = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        Self {
            known: RwLock::default(),
            loading: tokio::sync::Mutex::default(),
            events: Events::default(),
            threats: Counter::new(THREAT_WINDOW_MS, many(config.auto_blacklist_threshold)),
            sign_ins: Counter::new(THREAT_WINDOW_MS, many(config.sign_in_failures)),
            all_sign_ins: Counter::new(THREAT_WINDOW_MS, ALL_SIGN_INS),
            storm_until: AtomicI64::new(0),
            devices: Counter::new(THREAT_WINDOW_MS, many(config.sign_in_failures)),
            distrusted: Distrusted::default(),
            missing: Variety::new(MISSING.0, MISSING.1),
            clients: Variety::new(CLIENTS.0, CLIENTS.1),
            slow: Forms::new(&[Allowance::new(SLOW_A_MINUTE, 60)], clock.clone()),
            hits: Mutex::default(),
        }
    }

    /// Decisions and modes.
    #[must_use]
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes what was loaded, unless something newer is known.
    pub fn learn(&self, loaded: Known) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if loaded.version >= known.version {
            *known = Arc::new(loaded);
        }
    }

    /// ACC-10: somebody guesses from many networks at once: sign-in waits for everybody who is not known.
    pub fn storm(&self, now: Millis) {
        self.storm_until.store(now.0 + STORM_MS, Ordering::Relaxed);
    }

    /// Milliseconds that sign-in waits for everybody who is not known; 0 for not at all.
    #[must_use]
    pub fn storm_left(&self, now: Millis) -> i64 {
        (self.storm_until.load(Ordering::Relaxed) - now.0).max(0)
    }

    /// Counts a request that a decision met. Whether it is the first within an hour: the others say nothing new.
    pub fn hit(&self, decision: &str, now: Millis) -> bool {
        let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        let hits = hits.entry(decision.to_owned()).or_default();
        hits.count += 1;
        hits.last = now;
        let is_news = hits.told.is_none_or(|told| now.0 - told.0 >= HOUR_MS);
        if is_news {
            hits.told = Some(now);
        }
        is_news
    }

    /// Takes the requests that decisions met since the last time: how many, and when the last was.
    #[must_use]
    pub fn take_hits(&self) -> Vec<(String, i64, Millis)> {
        let mut hits = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = hits.iter_mut().filter(|(_, hits)| hits.count > 0);
        let taken =
            taken.map(|(id, hits)| (id.clone(), std::mem::take(&mut hits.count), hits.last)).collect();
        let known = self.known();
        let in_force: std::collections::HashSet<&str> =
            known.table.all().map(|one| one.id.as_str()).collect();
        hits.retain(|id, _| in_force.contains(id.as_str()));
        taken
    }

    /// Notes an address without anything behind it. Whether that makes it too many.
    pub fn missed(&self, network: &str, path: &str, now: Millis) -> bool {
        self.missing.note(network, hash(path), now)
    }

    /// Notes what a client calls itself. Whether that makes it too many.
    pub fn called(&self, network: &str, client: &str, now: Millis) -> bool {
        self.clients.note(network, hash(client), now)
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
