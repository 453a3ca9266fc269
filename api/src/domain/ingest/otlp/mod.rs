//! `OpenTelemetry`: logs by OTLP over HTTP, as Protocol Buffers and as JSON.
//!
//! Resource and scope stand in `data` of every record. What a record has no place for is said in `partial_success`.

pub mod encoding;
mod json;
mod proto;
mod record;
pub mod routes;

const STANDARD: &str = "OTLP";
