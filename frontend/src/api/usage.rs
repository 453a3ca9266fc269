//! Use of the own account.

use shared::usage::AccountUsageOut;

use super::call::{Call, Reply};
use super::client::AuthedApi;

/// Use of the running month against the plan.
pub fn account(api: &AuthedApi) -> Reply<AccountUsageOut> {
    api.fetch(Call::get("/usage"))
}
