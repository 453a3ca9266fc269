//! Logs: reading what is sent, the one writer, finding, following live.

pub mod across;
pub mod buckets;
pub mod counts;
mod csv_in;
mod dry_run;
pub mod erasure;
mod fields;
pub mod finder;
pub mod kept;
pub mod live;
pub mod model;
pub mod parts;
pub mod reader;
pub mod repo;
pub mod routes;
pub mod routes_counts;
pub mod routes_ingest;
pub mod seals;
pub mod service;
pub mod stream;
pub mod tally;
pub mod upload;
pub mod writer;

/// Where logs are recorded in our own form.
const RECORDING: [&str; 3] = ["/api/v1/logs", "/api/v1/log", "/api/v1/logs/batch"];

/// Whether logs are recorded at an address, in our own form.
#[must_use]
pub fn records(path: &str) -> bool {
    RECORDING.contains(&path)
}
