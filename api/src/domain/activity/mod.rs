//! Who uses the product and what for, in counts alone (ANA-10, ANA-12, ANA-19): nothing of what is recorded, searched or asked.
//!
//! - A **person** is who signed in. People who share an access code cannot be told apart and count as one; there is one
//!   code in use per customer.
//! - An **action** is a successful request of a session that somebody asked for; what the web app fetches by itself is
//!   none (`feature`).
//! - A **system** is a live API key that was let in. Test keys count nowhere.
//! - Days are those of the installation's zone.

pub mod cohorts;
pub mod feature;
pub mod figures;
pub mod memory;
pub mod repo;
pub mod routes;
pub mod service;
