//! Searches: saved ones and those of before.

use shared::searches::{HistoryOut, SavedSearchIn, SavedSearchOut, SavedSearchesOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::encode;

/// The latest searches of the caller.
pub fn history(api: &AuthedApi) -> Reply<HistoryOut> {
    api.fetch(Call::get("/searches/history"))
}

/// Forgets the latest searches of the caller.
pub fn forget_history(api: &AuthedApi) -> Reply<()> {
    api.done(Call::delete("/searches/history"))
}

/// Saved searches.
pub fn saved(api: &AuthedApi) -> Reply<SavedSearchesOut> {
    api.fetch(Call::get("/searches"))
}

/// Keeps a search by name.
pub fn save(api: &AuthedApi, body: &SavedSearchIn) -> Reply<SavedSearchOut> {
    api.fetch(Call::post("/searches").json(body))
}

/// Forgets a saved search.
pub fn forget(api: &AuthedApi, id: &str) -> Reply<()> {
    api.done(Call::delete(format!("/searches/{}", encode(id))))
}
