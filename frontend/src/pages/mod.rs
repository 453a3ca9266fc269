//! The pages, by audience and area.

pub mod account;
pub mod admin;
pub mod audit;
pub mod cohort_table;
pub mod customer;
pub mod entry;
pub mod files;
pub mod form;
pub mod more;
pub mod parts;
pub mod public;
pub mod rotate_code;
pub mod secret;
pub mod sessions;
