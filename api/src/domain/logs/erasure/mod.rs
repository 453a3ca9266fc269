//! Erasing logs: by an owner's request, by retention, and of the test space.
//!
//! First the logs go out of sight, in portions that each take them out of books and roll-ups as well (`service`).
//! Then they are removed, and at night the traces that the index still has of them (`purge`). What is to be done
//! stands in the database, so a restart goes on where it was.

mod edit;
pub mod purge;
pub mod repo;
pub mod retention;
pub mod routes;
pub mod service;
