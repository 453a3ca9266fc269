//! Signing in, staying in, signing out.

use shared::auth::{LoginIn, MeOut, PasswordIn, TokenOut};

use super::call::{Call, Reply};
use super::client::{AuthedApi, PublicApi};
use super::error::ApiError;
use crate::state::session::EndReason;

/// Signs in and takes the session over.
///
/// # Errors
/// See [`ApiError`].
pub async fn login(api: &PublicApi, credentials: &LoginIn) -> Result<MeOut, ApiError> {
    let out: TokenOut = api.call(Call::post("/auth/login").json(credentials)).await?.json()?;
    let me = out.me.clone();
    let client = api.client();
    client.end(None);
    client.adopt(out);
    Ok(me)
}

/// Asks for a fresh token with the cookie; use [`super::Client::refresh`], which shares the call.
pub fn refresh(api: &PublicApi) -> Reply<TokenOut> {
    api.fetch(Call::post("/auth/refresh").json(&serde_json::json!({})))
}

/// Signs out on the server, then here; when the server cannot be reached nobody is signed out.
///
/// # Errors
/// See [`ApiError`].
pub async fn logout(api: &AuthedApi) -> Result<(), ApiError> {
    let result = api.client().public().call(Call::post("/auth/logout").json(&serde_json::json!({}))).await;
    match result {
        Err(error) if error.status() != Some(401) => Err(error),
        _ => {
            api.client().end(Some(EndReason::SignedOut));
            Ok(())
        }
    }
}

/// Replaces the password of the signed-in staff member.
///
/// # Errors
/// See [`ApiError`].
pub async fn change_password(api: &AuthedApi, body: &PasswordIn) -> Result<(), ApiError> {
    api.call(Call::post("/me/password").json(body)).await.map(drop)
}
