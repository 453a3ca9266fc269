//! What everybody may ask: health.

pub mod routes;
