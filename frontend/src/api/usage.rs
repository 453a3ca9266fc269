//! Use of the own account.

use shared::savings::{SavingsIn, SavingsOut};
use shared::usage::AccountUsageOut;

use super::call::{Call, Reply};
use super::client::AuthedApi;

/// Use of the running month against the plan.
pub fn account(api: &AuthedApi) -> Reply<AccountUsageOut> {
    api.fetch(Call::get("/usage"))
}

/// What searches and exports save.
pub fn savings(api: &AuthedApi) -> Reply<SavingsOut> {
    api.fetch(Call::get("/usage/savings"))
}

/// Says what they save, unless somebody else did since a version.
pub fn update_savings(api: &AuthedApi, version: i64, input: &SavingsIn) -> Reply<SavingsOut> {
    api.fetch(Call::put("/usage/savings").header("If-Match", format!("\"{version}\"")).json(input))
}
