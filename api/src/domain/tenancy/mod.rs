//! Customers: created, edited, suspended and counted by the operator's staff.

pub mod export;
pub mod model;
pub mod overview;
pub mod repo;
pub mod routes;
pub mod service;
