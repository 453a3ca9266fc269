//! Searches: remembering what was looked for, keeping searches by name, and what is looked for most.

pub mod history;
pub mod model;
pub mod repo;
pub mod routes;
pub mod service;
