//! Figures about a customer's own logs. Counts over time come from roll-ups: their cost does not grow with history.

mod cohorts;
mod days;
mod explore;
mod findings;
mod forecast;
mod funnel;
mod history;
mod period;
pub mod routes;
mod routes_explore;
mod service;
mod statistics;
