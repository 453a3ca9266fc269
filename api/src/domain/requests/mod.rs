//! Requests of customers: the latest ones with their answers, and how long answers take.
//!
//! `frame` hands every answered request of a known caller over. It is kept in `memory` and written now and then, all of
//! it in one transaction, never by the request itself. What was not written when a server is killed is lost: at most
//! what came in between two writes. A normal stop writes everything.

pub mod latency;
pub mod memory;
pub mod model;
pub mod repo;
pub mod routes;
pub mod service;
