//! How much customers use: limits on requests, calls of the month, and what they see of it.
//!
//! Every request passes `admit`, after its credential and its permission were looked at. Short windows live in memory
//! (`rates`), or in Redis where several servers share them (`shared_rates`). Calls of a month are counted in memory and
//! written now and then (`calls`). Logs of a month are counted and stopped by the writer of logs, within its commit.
//! What was used in earlier months stays (`history`).

mod admit;
pub mod calls;
pub mod history;
pub mod rates;
mod repo;
pub mod routes;
pub mod savings;
pub mod service;
pub mod shared_rates;

use crate::config::Config;
use crate::util::clock::Clock;

/// What is known about use, between requests.
#[derive(Debug)]
pub struct Usage {
    /// Limits on requests.
    pub rates: rates::Rates,
    /// Calls of the month.
    pub calls: calls::Calls,
}

impl Usage {
    /// Nothing used yet.
    #[must_use]
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self { rates: rates::Rates::new(config, clock), calls: calls::Calls::default() }
    }
}
