//! The test estate: one binary, every test through the public door, on SQLite or (with `TEST_DATABASE_URL`) on
//! PostgreSQL. Test names are sentences of behaviour; doc comments name the requirement that they prove.

mod support;

mod analytics;
mod auth;
mod cli;
mod export;
mod health;
mod http;
mod keys;
mod kill;
mod logs;
mod meta;
mod search;
mod server;
mod stream;
mod tenancy;
