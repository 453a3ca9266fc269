//! What happened that may matter for security: noted in memory, written within a second, kept for 400 days.

pub mod export;
pub mod memory;
pub mod model;
pub mod repo;
pub mod service;
