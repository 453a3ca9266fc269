//! Kinds of logs, and the quarantine.

use shared::kinds::{
    KindCheckIn, KindCheckOut, KindIn, KindPatch, KindsOut, QuarantinedOut, ReplayIn, ReplayManyIn,
    ReplayManyOut,
};
use shared::logs::LogCreatedOut;
use shared::page::Page;

use super::call::{Answer, Call, Reply};
use super::client::AuthedApi;
use super::params::{Params, encode};

/// All kinds.
pub fn list(api: &AuthedApi) -> Reply<KindsOut> {
    api.fetch(Call::get("/kinds"))
}

/// A kind with its version.
pub fn get(api: &AuthedApi, id: &str) -> Reply<Answer> {
    api.call(Call::get(format!("/kinds/{}", encode(id))))
}

/// Describes a kind.
pub fn create(api: &AuthedApi, body: &KindIn) -> Reply<()> {
    api.done(Call::post("/kinds").json(body))
}

/// Changes a kind, if nobody else did in the meantime (412 otherwise).
pub fn update(api: &AuthedApi, id: &str, etag: &str, patch: &KindPatch) -> Reply<()> {
    api.done(Call::patch(format!("/kinds/{}", encode(id))).header("If-Match", etag).json(patch))
}

/// Forgets what is said about a kind.
pub fn forget(api: &AuthedApi, id: &str) -> Reply<()> {
    api.done(Call::delete(format!("/kinds/{}", encode(id))))
}

/// Tries a schema on the newest logs of a kind.
pub fn check(api: &AuthedApi, body: &KindCheckIn) -> Reply<KindCheckOut> {
    api.fetch(Call::post("/kinds/check").json(body))
}

/// A page of lines in quarantine, newest first.
pub fn lines(api: &AuthedApi, kind: &str, state: &str, cursor: Option<&str>) -> Reply<Page<QuarantinedOut>> {
    let params = Params::new().with("kind", kind).with("state", state).with_int("limit", 50);
    api.fetch(Call::get(format!("/quarantine{}", params.with_some("cursor", cursor).finish())))
}

/// A line with its data.
pub fn line(api: &AuthedApi, id: &str) -> Reply<QuarantinedOut> {
    api.fetch(Call::get(format!("/quarantine/{}", encode(id))))
}

/// Stores a line, corrected.
pub fn replay(api: &AuthedApi, id: &str, data: String) -> Reply<LogCreatedOut> {
    let call = Call::post(format!("/quarantine/{}/replay", encode(id)));
    api.fetch(call.json(&ReplayIn { data: Some(data) }))
}

/// Stores lines of a kind as they are.
pub fn replay_all(api: &AuthedApi, kind: &str) -> Reply<ReplayManyOut> {
    api.fetch(Call::post("/quarantine/replay").json(&ReplayManyIn { kind: kind.to_owned() }))
}

/// Decides against a line.
pub fn discard(api: &AuthedApi, id: &str) -> Reply<()> {
    api.done(Call::delete(format!("/quarantine/{}", encode(id))))
}
