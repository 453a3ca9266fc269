//! Users of customers: inviting them, what they may do, and how they get back in.

pub mod model;
mod repo;
pub mod routes;
pub mod service;
