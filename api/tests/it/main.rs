//! The test estate: one binary, every test through the public door, on SQLite or (with `TEST_DATABASE_URL`) on
//! PostgreSQL. Test names are sentences of behaviour; doc comments name the requirement that they prove.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test or measurement ends where something is not as it must be"
)]

mod support;

mod across;
mod activity;
mod audit;
mod auth;
mod cli;
mod exports;
mod figures;
mod health;
mod http;
mod ingest;
mod keys;
mod kill;
mod kinds;
mod logs;
mod mail;
mod meta;
mod recount;
mod requests;
mod search;
mod security;
mod server;
mod stream;
mod tenancy;
mod usage;
