//! Seals of days, and verifying them.

use shared::page::Page;
use shared::seals::{SealOut, VerificationOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::Params;

/// The newest seal, if there is one.
pub fn newest(api: &AuthedApi) -> Reply<Page<SealOut>> {
    api.fetch(Call::get("/seals?limit=1".to_owned()))
}

/// Verifies for a moment, from where a former answer ended; looks for a seal that was kept.
pub fn verify(api: &AuthedApi, cursor: Option<&str>, seal: Option<&str>) -> Reply<VerificationOut> {
    let params = Params::new().with_some("cursor", cursor).with_some("seal", seal).finish();
    api.fetch(Call::get(format!("/seals/verification{params}")).without_timeout())
}
