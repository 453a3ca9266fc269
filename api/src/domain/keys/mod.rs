//! API keys of customers: made, narrowed, rotated and revoked here; checked in `auth::resolve`.

pub mod model;
pub mod repo;
pub mod routes;
pub mod service;
pub mod usage;
