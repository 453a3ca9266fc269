//! Signing in, sessions, and finding out who calls.

pub mod accounts;
pub mod attempts;
pub mod cache;
pub mod cookie;
pub mod device;
pub mod link;
pub mod model;
pub mod password;
pub mod people;
pub mod repo;
mod resolve;
pub mod routes;
pub mod service;
pub mod sessions;
pub mod token;
