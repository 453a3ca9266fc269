//! The areas of the product. Each has the same files: `routes`, `service`, `repo`, `model`.

pub mod activity;
pub mod analytics;
pub mod audit;
pub mod auth;
pub mod exports;
pub mod idempotency;
pub mod ingest;
pub mod keys;
pub mod kinds;
pub mod logs;
pub mod lookup;
pub mod mail;
pub mod public;
pub mod requests;
pub mod search;
pub mod searches;
pub mod security;
pub mod tenancy;
pub mod usage;
