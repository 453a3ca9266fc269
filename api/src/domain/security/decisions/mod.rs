//! Decisions about addresses: who is allowed, denied, slowed or exempt, where, why and until when.
//!
//! They are stored, and every server keeps those in force in memory ([`table`]): whether a request may pass is known
//! without the database. Automatic ones always end, never hit who must not be hit ([`guard`]), and staff lifts them.

pub mod guard;
pub mod model;
pub mod repo;
pub mod service;
pub mod table;
