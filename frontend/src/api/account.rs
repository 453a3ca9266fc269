//! The own account.

use shared::auth::{AccessCodeOut, AccountPatch, MeOut, RotateCodeIn};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::error::ApiError;

/// Who the caller is now.
///
/// # Errors
/// See [`ApiError`].
pub async fn me(api: &AuthedApi) -> Result<MeOut, ApiError> {
    let me: MeOut = api.call(Call::get("/me")).await?.json()?;
    api.client().set_me(me.clone());
    Ok(me)
}

/// Changes language or time zone of the customer.
///
/// # Errors
/// See [`ApiError`].
pub async fn update(api: &AuthedApi, patch: &AccountPatch) -> Result<MeOut, ApiError> {
    let me: MeOut = api.call(Call::patch("/me").json(patch)).await?.json()?;
    api.client().set_me(me.clone());
    Ok(me)
}

/// Replaces the access code of the own account.
pub fn rotate_code(api: &AuthedApi, body: &RotateCodeIn) -> Reply<AccessCodeOut> {
    api.fetch(Call::post("/access-code/rotate").json(body))
}
