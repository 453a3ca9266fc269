//! Exports: files of logs, streamed at once or made by a job and kept for a while. Each is recorded (EXP-07).
//!
//! `order` says what is taken out, `make` reads the logs portion by portion and hands the file to whoever takes it:
//! `stream` to the caller, `worker` to a file on disk. The forms are `text`, `xlsx` and `pdf`,
//! and `archive`, which holds everything of a customer.

pub mod archive;
mod files;
pub mod lines;
mod link;
pub mod make;
pub mod order;
mod pdf;
mod range;
pub mod repo;
pub mod routes;
mod routes_jobs;
pub mod service;
pub mod slots;
mod stream;
pub mod text;
pub mod worker;
mod xlsx;

/// How long the record of an export is kept, in milliseconds: 400 days, as security events are (SEC-15).
pub const KEEP_RECORD_MS: i64 = 400 * 86_400_000;
