//! Signing in, sessions, and finding out who calls.

pub mod cache;
pub mod cookie;
pub mod model;
pub mod password;
pub mod repo;
mod resolve;
pub mod routes;
pub mod service;
pub mod token;
