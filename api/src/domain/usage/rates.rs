//! Requests in a short time, by key, by customer, and by the people of a customer: a bucket each, by `governor`.
//!
//! Each plan has limiters of its own, so a change of plan acts on the next request.

use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use shared::limits::Rate;
use shared::tenancy::Plan;

use super::shared_rates::SharedRates;
use crate::config::Config;
use crate::http::auth::{Caller, Customer, Principal};
use crate::http::limits::{Pace, Window, bucket, whole_seconds};
use crate::util::clock::Clock;
use crate::util::ids::CustomerId;

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One API key.
    Key(CustomerId, String),
    /// All keys of a customer.
    Customer(CustomerId),
    /// All people of a customer.
    People(CustomerId),
}

impl Subject {
    /// The name of the limit in answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Key(..) => "key",
            Self::Customer(_) => "customer",
            Self::People(_) => "people",
        }
    }
}

/// What a limit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// So many requests are left.
    Left(u32),
    /// None is left for so long.
    Wait(Duration),
}

/// Limits that hold for a caller, the narrowest first.
#[must_use]
pub fn limits(principal: &Principal, customer: &Customer) -> Vec<(Subject, Rate)> {
    let own = customer.plan.limits().requests;
    match &principal.caller {
        Caller::Key { id, .. } => {
            vec![(Subject::Key(customer.id, id.clone()), own), (Subject::Customer(customer.id), own)]
        }
        Caller::Person { .. } => vec![(Subject::People(customer.id), customer.plan.people())],
        Caller::Staff { .. } => Vec::new(),
    }
}

/// A limit as an answer tells it: what the bucket holds, and in which time it fills.
#[must_use]
pub fn window(subject: &Subject, rate: Rate, left: u32) -> Window {
    let fill = |count: u32| whole_seconds(Duration::from_millis(rate.interval_ms() * u64::from(count)));
    Window {
        name: subject.name(),
        quota: rate.burst.into(),
        seconds: fill(rate.burst),
        remaining: left.into(),
        reset: fill(rate.burst.saturating_sub(left)),
    }
}

type Limiter = RateLimiter<Subject, DefaultKeyedStateStore<Subject>, Pace, StateInformationMiddleware>;

/// The buckets of one plan.
#[derive(Debug)]
struct Shelf {
    systems: Limiter,
    people: Limiter,
}

/// All buckets of this server, and the way to those that servers share.
#[derive(Debug)]
pub struct Rates {
    enabled: bool,
    pace: Pace,
    shelves: Vec<(Plan, Shelf)>,
    shared: Option<SharedRates>,
}

impl Rates {
    /// Full buckets.
    #[must_use]
    pub fn new(config: &Config, clock: &Clock) -> Self {
        let pace = Pace::new(clock.clone());
        let limiter = |rate: Rate| -> Option<Limiter> {
            let quota: Quota = bucket(rate.burst, Duration::from_millis(rate.interval_ms()))?;
            Some(RateLimiter::dashmap_with_clock(quota, pace.clone()).with_middleware())
        };
        let shelf = |plan: Plan| {
            let (systems, people) = (limiter(plan.limits().requests)?, limiter(plan.people())?);
            Some((plan, Shelf { systems, people }))
        };
        let shared = config.rate_limit_storage.as_ref().and_then(SharedRates::new);
        Self {
            enabled: config.ratelimit_enabled,
            shelves: Plan::ALL.into_iter().filter_map(shelf).collect(),
            pace,
            shared,
        }
    }

    /// Whether requests are limited at all.
    #[must_use]
    pub const fn enabled(&self) -> bool {
        self.enabled
    }

    /// Counts a request against all its limits. Where one refuses, those after it are not counted.
    pub async fn check(&self, plan: Plan, limits: &[(Subject, Rate)]) -> Vec<Said> {
        if let Some(shared) = &self.shared
            && let Some(said) = shared.check(limits).await
        {
            return said;
        }
        let mut all = Vec::with_capacity(limits.len());
        for (subject, rate) in limits {
            let said = self.check_here(plan, subject).unwrap_or(Said::Left(rate.burst));
            let refused = matches!(said, Said::Wait(_));
            all.push(said);
            if refused {
                break;
            }
        }
        all
    }

    fn check_here(&self, plan: Plan, subject: &Subject) -> Option<Said> {
        let (_, shelf) = self.shelves.iter().find(|(of, _)| *of == plan)?;
        let limiter = match subject {
            Subject::Key(..) | Subject::Customer(_) => &shelf.systems,
            Subject::People(_) => &shelf.people,
        };
        Some(match limiter.check_key(subject) {
            Ok(state) => Said::Left(state.remaining_burst_capacity()),
            Err(until) => Said::Wait(until.wait_time_from(self.pace.now())),
        })
    }

    /// Forgets those whose buckets are full again. Subjects are keys and customers that exist, which is a bound too.
    pub fn clean_up(&self) {
        for (_, shelf) in &self.shelves {
            for limiter in [&shelf.systems, &shelf.people] {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }

    /// Buckets that are remembered here.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.shelves.iter().map(|(_, shelf)| shelf.systems.len() + shelf.people.len()).sum()
    }
}
