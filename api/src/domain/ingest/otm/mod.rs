//! Open Trip Model 5: events, one or many.
//!
//! `id` is the log's `external_id`, `eventType` its kind; `actualTime` or `dateTime` is when it happened.

pub mod errors;
mod event;
pub mod routes;
