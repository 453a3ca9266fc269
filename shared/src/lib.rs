//! What the API and the web app of MVAI Connexx say to each other.
//!
//! Plain data and pure rules only: everything here compiles to WASM and needs nothing but serde.

pub mod access;
pub mod activity;
pub mod analytics;
pub mod api_version;
pub mod audit;
pub mod auth;
pub mod erasure;
pub mod exports;
pub mod keys;
pub mod kinds;
pub mod lang;
pub mod limits;
pub mod logs;
pub mod lookup;
pub mod mail;
pub mod page;
pub mod people;
pub mod problem;
pub mod public;
pub mod query;
pub mod requests;
pub mod savings;
pub mod seals;
pub mod searches;
pub mod security;
pub mod tenancy;
pub mod time;
pub mod type_words;
pub mod usage;
pub mod validate;
