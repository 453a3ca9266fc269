//! The back office of the operator's staff.

pub mod account;
pub mod customers;
pub mod logs;
pub mod lookup;
pub mod overview;
pub mod product;
pub mod security;
pub mod system;
