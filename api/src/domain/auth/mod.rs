//! Signing in, sessions, and finding out who calls.

pub mod attempts;
pub mod cache;
pub mod cookie;
pub mod device;
pub mod model;
pub mod password;
pub mod repo;
mod resolve;
pub mod routes;
pub mod service;
pub mod token;
