//! API keys of the own account.

use shared::keys::{KeyCreatedOut, KeyIn, KeyOut, KeyPatch, KeyRotateIn, KeysOut};

use super::call::Call;
use super::client::AuthedApi;
use super::error::ApiError;
use super::params::encode;

/// All keys, newest first.
///
/// # Errors
/// See [`ApiError`].
pub async fn list(api: &AuthedApi) -> Result<KeysOut, ApiError> {
    api.call(Call::get("/keys")).await?.json()
}

/// Creates a key; the answer holds the secret for the only time.
///
/// # Errors
/// See [`ApiError`].
pub async fn create(api: &AuthedApi, body: &KeyIn) -> Result<KeyCreatedOut, ApiError> {
    api.call(Call::post("/keys").json(body)).await?.json()
}

/// Renames a key or takes scopes away.
///
/// # Errors
/// See [`ApiError`].
pub async fn update(api: &AuthedApi, id: &str, body: &KeyPatch) -> Result<KeyOut, ApiError> {
    api.call(Call::patch(format!("/keys/{}", encode(id))).json(body)).await?.json()
}

/// Replaces a key; the answer holds the new secret for the only time.
///
/// # Errors
/// See [`ApiError`].
pub async fn rotate(api: &AuthedApi, id: &str, body: &KeyRotateIn) -> Result<KeyCreatedOut, ApiError> {
    api.call(Call::post(format!("/keys/{}/rotate", encode(id))).json(body)).await?.json()
}

/// Ends a key at once.
///
/// # Errors
/// See [`ApiError`].
pub async fn revoke(api: &AuthedApi, id: &str) -> Result<KeyOut, ApiError> {
    api.call(Call::post(format!("/keys/{}/revoke", encode(id))).json(&serde_json::json!({}))).await?.json()
}
