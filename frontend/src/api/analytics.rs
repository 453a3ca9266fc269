//! Figures about the own logs.

use shared::analytics::{DailyOut, OverviewOut, StatsOut};

use super::call::Call;
use super::client::AuthedApi;
use super::error::ApiError;
use super::params::Params;

/// The whole dashboard from one snapshot; an unchanged one costs no body.
///
/// # Errors
/// See [`ApiError`].
pub async fn overview(api: &AuthedApi, days: u32) -> Result<OverviewOut, ApiError> {
    api.call_cached(format!("/analytics/overview?days={days}")).await?.json()
}

/// Headline figures.
///
/// # Errors
/// See [`ApiError`].
pub async fn stats(api: &AuthedApi) -> Result<StatsOut, ApiError> {
    api.call(Call::get("/analytics/stats")).await?.json()
}

/// Logs per day.
///
/// # Errors
/// See [`ApiError`].
pub async fn daily(api: &AuthedApi, days: u32, time_zone: Option<&str>) -> Result<DailyOut, ApiError> {
    let query = Params::new().with_int("days", i64::from(days)).with_some("tz", time_zone).finish();
    api.call(Call::get(format!("/analytics/daily{query}"))).await?.json()
}
