//! The portal of a customer.

pub mod account;
pub mod keys;
pub mod logs;
pub mod overview;
