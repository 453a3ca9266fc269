//! Figures about a customer's own logs, from roll-ups: their cost does not grow with history.

mod days;
pub mod routes;
mod service;
