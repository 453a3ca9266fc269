//! Kinds of logs: their titles, what their data must look like, and the quarantine of what does not fit.
//!
//! A kind needs no row: what occurs in logs and is not described is shown as such. A row adds titles, specification
//! limits and a JSON Schema of `data`. `screen` lies on every way in, before the writer of logs.

pub mod cache;
pub mod model;
pub mod quarantine;
pub mod repo;
pub mod routes;
pub mod schema;
pub mod screen;
pub mod service;
