//! The portal of a customer.

pub mod account;
pub mod analytics;
mod buckets;
pub mod exports;
pub mod keys;
pub mod kinds;
pub mod logs;
pub mod overview;
pub mod parts;
pub mod plan;
pub mod privacy;
mod retention;
mod savings;
pub mod seals;
mod usage_months;
pub mod users;
