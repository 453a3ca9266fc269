//! Limits by address: on sign-in by `tower_governor` with our key and our error, on public forms by `governor`. And
//! how an answer tells a caller where it stands.

use std::fmt::Write;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request};
use axum::response::{IntoResponse, Response};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use jiff::tz::TimeZone;
use shared::problem::Code;
use shared::time::Millis;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

use super::client_ip::ClientIp;
use super::frame::RequestInfo;
use super::problem::Problem;
use crate::config::Allowance;
use crate::util::clock::Clock;
use crate::util::zone;

/// Attempts that a client may make at once, and the pause after which it gets another.
const BURST: u32 = 30;
const REFILL: Duration = Duration::from_secs(2);
const CLEAN_UP_EVERY: Duration = Duration::from_secs(60);

/// Counts by the client's address, for IPv6 by its /64.
#[derive(Debug, Clone, Copy)]
pub struct ByClient;

impl KeyExtractor for ByClient {
    type Key = String;

    fn extract<T>(&self, request: &Request<T>) -> Result<String, GovernorError> {
        let info = request.extensions().get::<RequestInfo>();
        Ok(info.map_or_else(|| "-".to_owned(), |info| info.ip.bucket()))
    }
}

type SignInConfig = GovernorConfig<ByClient, NoOpMiddleware>;
/// The layer in front of the sign-in routes.
pub type SignInLimit = GovernorLayer<ByClient, NoOpMiddleware, Body>;

/// Makes the layer; it forgets clients that have been away.
#[must_use]
pub fn sign_in() -> Option<SignInLimit> {
    let config: SignInConfig =
        GovernorConfigBuilder::default().key_extractor(ByClient).period(REFILL).burst_size(BURST).finish()?;
    let config = Arc::new(config);
    let limiter = Arc::downgrade(config.limiter());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(CLEAN_UP_EVERY).await;
            let Some(limiter) = limiter.upgrade() else { return };
            limiter.retain_recent();
        }
    });
    Some(GovernorLayer::new(config).error_handler(refuse))
}

fn refuse(error: GovernorError) -> Response {
    match error {
        GovernorError::TooManyRequests { wait_time, .. } => {
            let seconds = wait_time.max(1);
            Problem::new(Code::RateLimited).with("seconds", seconds).retry_after(seconds).into_response()
        }
        other => Problem::new(Code::Internal).caused_by(&other).into_response(),
    }
}

/// The application's clock as `governor` reads it: tests stop it, and a machine whose time is set back does not matter.
#[derive(Debug, Clone)]
pub struct Pace {
    clock: Clock,
    since: Instant,
}

impl Pace {
    /// Time by a clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, since: Instant::now() }
    }
}

impl governor::clock::Clock for Pace {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match &self.clock {
            Clock::System => self.since.elapsed().into(),
            Clock::Fixed(_) => {
                Duration::from_millis(u64::try_from(self.clock.now().0).unwrap_or_default()).into()
            }
        }
    }
}

/// A bucket that holds `count` requests and refills evenly, one of them in each `interval`.
#[must_use]
pub fn bucket(count: u32, interval: Duration) -> Option<Quota> {
    Some(Quota::with_period(interval)?.allow_burst(NonZeroU32::new(count)?))
}

type Addresses = RateLimiter<String, DefaultKeyedStateStore<String>, Pace, NoOpMiddleware<Nanos>>;

/// Addresses that are remembered; beyond it all begin anew. Who has more addresses than this has no need of that.
const MAX_ADDRESSES: usize = 100_000;

/// Limits on public forms, by address (`RATELIMIT_DEFAULT`).
#[derive(Debug)]
pub struct Forms {
    pace: Pace,
    windows: Vec<(Quota, RwLock<Addresses>)>,
}

impl Forms {
    /// Limits with these allowances; none for no limits.
    #[must_use]
    pub fn new(allowances: &[Allowance], clock: Clock) -> Self {
        let pace = Pace::new(clock);
        // The shortest first: what it refuses costs nothing of the longer ones.
        let mut allowances = allowances.to_vec();
        allowances.sort_by_key(|allowance| allowance.seconds);
        let window = |allowance: &Allowance| {
            let interval = Duration::from_secs(allowance.seconds.into()).checked_div(allowance.count)?;
            let quota = bucket(allowance.count, interval)?;
            Some((quota, RwLock::new(RateLimiter::dashmap_with_clock(quota, pace.clone()))))
        };
        Self { windows: allowances.iter().filter_map(window).collect(), pace }
    }

    /// Counts a form of an address.
    ///
    /// # Errors
    /// `rate_limited`, with the time to wait.
    pub fn admit(&self, ip: ClientIp) -> Result<(), Problem> {
        let key = ip.bucket();
        for (quota, addresses) in &self.windows {
            let limiter = addresses.read().unwrap_or_else(PoisonError::into_inner);
            let refused = limiter.check_key(&key).err().map(|until| until.wait_time_from(self.pace.now()));
            let full = limiter.len() > MAX_ADDRESSES;
            drop(limiter);
            if full {
                make_room(*quota, addresses, &self.pace);
            }
            if let Some(wait) = refused {
                return Err(too_many(wait));
            }
        }
        Ok(())
    }

    /// Forgets addresses that have been away.
    pub fn clean_up(&self) {
        for (_, addresses) in &self.windows {
            addresses.read().unwrap_or_else(PoisonError::into_inner).retain_recent();
        }
    }

    /// Addresses that are remembered at most in one window; for tests.
    #[must_use]
    pub fn remembered(&self) -> usize {
        let lengths = self
            .windows
            .iter()
            .map(|(_, addresses)| addresses.read().unwrap_or_else(PoisonError::into_inner).len());
        lengths.max().unwrap_or_default()
    }
}

fn make_room(quota: Quota, addresses: &RwLock<Addresses>, pace: &Pace) {
    let mut limiter = addresses.write().unwrap_or_else(PoisonError::into_inner);
    limiter.retain_recent();
    if limiter.len() > MAX_ADDRESSES {
        tracing::warn!(addresses = limiter.len(), "too many addresses send forms; their limits begin anew");
        *limiter = RateLimiter::dashmap_with_clock(quota, pace.clone());
    }
}

/// The answer to who asks too often.
#[must_use]
pub fn too_many(wait: Duration) -> Problem {
    let seconds = whole_seconds(wait).max(1);
    Problem::new(Code::RateLimited).with("seconds", seconds).retry_after(seconds)
}

/// Seconds, rounded up.
#[must_use]
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Where a caller stands against one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Name of the limit.
    pub name: &'static str,
    /// What may be used within `seconds`.
    pub quota: u64,
    /// Length of the window in seconds.
    pub seconds: u64,
    /// What is left.
    pub remaining: u64,
    /// Seconds until all of it is there again.
    pub reset: u64,
}

/// Where a caller stands; written into the answer by `frame`.
#[derive(Debug, Clone, Default)]
pub struct Standing(Arc<Mutex<Vec<Window>>>);

impl Standing {
    /// Notes a limit; a later word on the same limit replaces the former.
    pub fn note(&self, window: Window) {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|known| known.name != window.name);
        windows.push(window);
    }

    /// Writes `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers: lists of structured fields).
    pub fn write(&self, headers: &mut HeaderMap) {
        let windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.is_empty() {
            return;
        }
        let (mut policy, mut state) = (String::new(), String::new());
        for Window { name, quota, seconds, remaining, reset } in windows.iter() {
            let comma = if policy.is_empty() { "" } else { ", " };
            let _ok = write!(policy, "{comma}\"{name}\";q={quota};w={seconds}");
            let _ok = write!(state, "{comma}\"{name}\";r={remaining};t={reset}");
        }
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Adds when the month ends: `Retry-After`, the member `reset_at`, and the local date for the text (`reset_on`).
#[must_use]
pub fn until_next_month(problem: Problem, zone: &TimeZone, now: Millis) -> Problem {
    let (_, reset_at) = zone::month_around(zone, now);
    let seconds = u64::try_from(reset_at.0 - now.0).unwrap_or_default().div_ceil(1_000).max(1);
    problem
        .with("reset_on", zone::date_of(zone, reset_at))
        .with_body(&serde_json::json!({ "reset_at": reset_at }))
        .retry_after(seconds)
}
