//! Figures about a customer's own logs.

mod counts;
mod findings;
mod headlines;
mod periods;
