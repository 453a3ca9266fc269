//! Demonstration data (`seed-demo`, OPS-12) and the import of the former edition's JSON file (`import-json`, OPS-13).
//!
//! The demonstration is deterministic: seed, last day, size and version of the program make its content, secrets
//! aside. What is hidden in it stands in [`story`].

pub mod calendar;
pub mod company;
pub mod content;
pub mod feed;
mod import_file;
mod import_json;
mod import_row;
mod links;
mod repo;
pub mod rng;
pub mod schedule;
mod seed;
pub mod story;
#[cfg(test)]
mod tests_content;
#[cfg(test)]
mod tests_import;
#[cfg(test)]
mod tests_seed;
pub mod words;

pub use import_json::{ImportError, ImportOptions, ImportReport, Rejected, import_json};
pub use seed::{SeedAdmin, SeedCustomer, SeedOptions, SeedReport, seed};
