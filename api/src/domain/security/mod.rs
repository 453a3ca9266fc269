//! What protects the product from outside: who gets in, traps, requests that look like attacks, and what staff sees and
//! decides of it.

pub mod classify;
pub mod counter;
pub mod decisions;
pub mod detector;
pub mod events;
pub mod gate;
pub mod honeypot;
pub mod layer;
pub mod overview;
pub mod routes;
pub mod state;
