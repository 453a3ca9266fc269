//! Lines that did not fit the schema of their kind: kept for 30 days, to be corrected and stored after all.
//!
//! The same line again is the same entry with a higher count, as long as nothing was decided about it. Whatever is
//! decided, the data goes: a stored line is a log now, and a discarded one is not wanted.

pub mod replay;
pub mod repo;
pub mod routes;
pub mod service;
