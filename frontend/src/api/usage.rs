//! Use of the own account.

use shared::savings::{SavingsIn, SavingsOut};
use shared::usage::{AccountUsageOut, UsageDaysOut, UsageHistoryOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::Params;

/// Use of the running month against the plan.
pub fn account(api: &AuthedApi) -> Reply<AccountUsageOut> {
    api.fetch(Call::get("/usage"))
}

/// Use of each month.
pub fn months(api: &AuthedApi) -> Reply<UsageHistoryOut> {
    api.fetch(Call::get("/usage/months"))
}

/// Logs received on each day of a month, `YYYY-MM`.
pub fn days(api: &AuthedApi, period: &str) -> Reply<UsageDaysOut> {
    api.fetch(Call::get(format!("/usage/days{}", Params::new().with("period", period).finish())))
}

/// What searches and exports save.
pub fn savings(api: &AuthedApi) -> Reply<SavingsOut> {
    api.fetch(Call::get("/usage/savings"))
}

/// Says what they save, unless somebody else did since a version.
pub fn update_savings(api: &AuthedApi, version: i64, input: &SavingsIn) -> Reply<SavingsOut> {
    api.fetch(Call::put("/usage/savings").header("If-Match", format!("\"{version}\"")).json(input))
}
