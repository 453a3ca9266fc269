//! Requests of the own systems.

use shared::requests::{PerformanceOut, RequestsOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::Params;

/// Which requests to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// Identifier of the key.
    pub key: String,
    /// Class of the status: `2xx`, `4xx`, `5xx`.
    pub status: String,
    /// Part of the path.
    pub route: String,
    /// Rows on a page.
    pub limit: i64,
}

/// The latest requests.
pub fn list(api: &AuthedApi, query: &RequestQuery) -> Reply<RequestsOut> {
    let params = Params::new()
        .with("key_id", &query.key)
        .with("status", &query.status)
        .with("route", &query.route)
        .with_int("limit", query.limit)
        .finish();
    api.fetch(Call::get(format!("/requests{params}")))
}

/// Speed and errors of the last days.
pub fn performance(api: &AuthedApi, days: &str) -> Reply<PerformanceOut> {
    api.fetch(Call::get(format!("/analytics/performance{}", Params::new().with("days", days).finish())))
}
