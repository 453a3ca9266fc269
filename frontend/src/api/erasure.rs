//! Erasing logs, and how long they are kept.

use shared::erasure::{ErasureIn, ErasureOut, ErasurePreviewOut, RetentionIn, RetentionOut};
use shared::page::Page;

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::logs::LogQuery;
use super::params::{Params, encode};

/// What an erasure would take away.
pub fn preview(api: &AuthedApi, query: &LogQuery) -> Reply<ErasurePreviewOut> {
    let params = Params::new().with("q", &query.q).with("from", &query.from).with("to", &query.to).finish();
    api.fetch(Call::get(format!("/logs/erasures/preview{params}")).without_timeout())
}

/// Erases logs, or fields of them.
pub fn create(api: &AuthedApi, body: &ErasureIn) -> Reply<ErasureOut> {
    api.fetch(Call::post("/logs/erasures").json(body).without_timeout())
}

/// How far an erasure is.
pub fn get(api: &AuthedApi, id: &str) -> Reply<ErasureOut> {
    api.fetch(Call::get(format!("/logs/erasures/{}", encode(id))))
}

/// A page of erasures, newest first.
pub fn list(api: &AuthedApi, cursor: Option<&str>) -> Reply<Page<ErasureOut>> {
    let params = Params::new().with_int("limit", 20).with_some("cursor", cursor).finish();
    api.fetch(Call::get(format!("/logs/erasures{params}")))
}

/// How long logs are kept.
pub fn retention(api: &AuthedApi) -> Reply<RetentionOut> {
    api.fetch(Call::get("/retention"))
}

/// Chooses how long logs are kept, or those of a kind.
pub fn choose_retention(api: &AuthedApi, chosen: &RetentionIn) -> Reply<RetentionOut> {
    api.fetch(Call::put("/retention").json(chosen))
}

/// Withdraws a shorter time that does not count yet, of all logs or of a kind.
pub fn withdraw_retention(api: &AuthedApi, kind: Option<&str>) -> Reply<RetentionOut> {
    let params = Params::new().with_some("kind", kind).finish();
    api.fetch(Call::delete(format!("/retention/next{params}")))
}
