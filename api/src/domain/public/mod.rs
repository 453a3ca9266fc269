//! What everybody may ask: health.

pub mod problems;
pub mod routes;
