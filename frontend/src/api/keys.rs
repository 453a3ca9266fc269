//! API keys of the own account.

use shared::keys::{KeyCreatedOut, KeyIn, KeyOut, KeyPatch, KeyRotateIn, KeyUsesOut, KeysOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::encode;

/// All keys, newest first.
pub fn list(api: &AuthedApi) -> Reply<KeysOut> {
    api.fetch(Call::get("/keys"))
}

/// Creates a key; the answer holds the secret for the only time.
pub fn create(api: &AuthedApi, body: &KeyIn) -> Reply<KeyCreatedOut> {
    api.fetch(Call::post("/keys").json(body))
}

/// Renames a key or takes scopes away.
pub fn update(api: &AuthedApi, id: &str, body: &KeyPatch) -> Reply<KeyOut> {
    api.fetch(Call::patch(format!("/keys/{}", encode(id))).json(body))
}

/// Replaces a key; the answer holds the new secret for the only time.
pub fn rotate(api: &AuthedApi, id: &str, body: &KeyRotateIn) -> Reply<KeyCreatedOut> {
    api.fetch(Call::post(format!("/keys/{}/rotate", encode(id))).json(body))
}

/// Ends a key at once.
pub fn revoke(api: &AuthedApi, id: &str) -> Reply<KeyOut> {
    api.fetch(Call::post(format!("/keys/{}/revoke", encode(id))).json(&serde_json::json!({})))
}

/// Who still uses a key that is being replaced.
pub fn uses(api: &AuthedApi, id: &str) -> Reply<KeyUsesOut> {
    api.fetch(Call::get(format!("/keys/{}/uses", encode(id))))
}
