//! Grafana Loki: the push interface, as JSON and as Protocol Buffers packed with Snappy.
//!
//! Labels are fields of `data`, the line is its `line` and the message. As in Loki an entry is known by its labels, its
//! nanosecond and its line, and here by its metadata too; entries that are equal within one push are all kept.

mod entry;
pub mod errors;
mod labels;
mod push;
pub mod routes;

const STANDARD: &str = "the push API of Loki";
