//! Typed calls to the API: one file per area over the one sender in `client.rs`.

mod abort;
pub mod account;
pub mod admin;
pub mod analytics;
pub mod audit;
pub mod auth;
mod call;
pub mod client;
pub mod download;
pub mod erasure;
pub mod error;
pub mod exports;
pub mod keys;
pub mod kinds;
pub mod logs;
pub mod mail;
pub mod params;
pub mod people;
pub mod requests;
pub mod seals;
pub mod searches;
pub mod security;
pub mod sse;
mod tabs;
pub mod usage;

pub use abort::AbortSlot;
pub use call::{Answer, Call, Reply, Stream};
pub use client::{AuthedApi, Client, PublicApi, use_client};
pub use error::ApiError;

/// The API for a signed-in person.
#[must_use]
pub fn use_api() -> AuthedApi {
    use_client().authed()
}

/// The API for everybody.
#[must_use]
pub fn use_public_api() -> PublicApi {
    use_client().public()
}
