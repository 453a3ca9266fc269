//! Demonstration data (`seed-demo`, OPS-12) and the import of the former edition's JSON file (`import-json`, OPS-13).
//!
//! The demonstration is deterministic: seed, last day, size and version of the program make its content, secrets
//! aside. What is hidden in it stands in [`planted`].

pub mod calendar;
pub mod company;
pub mod content;
pub mod feed;
mod import_file;
mod import_json;
mod import_report;
mod import_row;
mod json;
mod links;
mod plant;
pub mod planted;
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
#[cfg(test)]
mod tests_story;
pub mod words;

pub use import_json::import_json;
pub use import_report::{ImportError, ImportOptions, ImportReport, Rejected};
pub use seed::{SeedAdmin, SeedCustomer, SeedOptions, SeedReport, seed};
