//! Elasticsearch and `OpenSearch`: the bulk interface, as far as shippers of logs need it.
//!
//! Logs are append-only: `index` and `create` store, `update` and `delete` are answered with an error of their item.
//! An `_id` is the log's `external_id`, unique per customer and not per index.

mod answer;
mod bulk;
pub mod errors;
pub mod media;
pub mod routes;
