//! Figures about the own logs.

use shared::analytics::{DailyOut, OverviewOut, StatsOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::Params;

/// The whole dashboard from one snapshot; an unchanged one costs no body.
pub fn overview(api: &AuthedApi, days: u32) -> Reply<OverviewOut> {
    api.fetch_cached(format!("/analytics/overview?days={days}"))
}

/// Headline figures.
pub fn stats(api: &AuthedApi) -> Reply<StatsOut> {
    api.fetch(Call::get("/analytics/stats"))
}

/// Logs per day.
pub fn daily(api: &AuthedApi, days: u32, time_zone: Option<&str>) -> Reply<DailyOut> {
    let query = Params::new().with_int("days", i64::from(days)).with_some("tz", time_zone).finish();
    api.fetch(Call::get(format!("/analytics/daily{query}")))
}
