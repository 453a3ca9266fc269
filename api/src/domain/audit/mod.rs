//! The audit log (SEC-16, SEC-17): who did what, when, from where.
//!
//! Every change writes one row in its own transaction ([`service::record`]), so what is not on record did not happen.
//! Rows of a customer are a chain, those of no customer another one (number 0):
//! `h(n) = HMAC-SHA256(key, n ‖ h(n−1) ‖ fields of row n)`, each part with its length before it (`chain`). The key is made
//! of the installation's secret and not in the database. The end of a chain is a row of `audit_chain` that is locked until
//! the change is committed, so that several servers write one chain.
//!
//! A chain alone does not show that its end is missing. Checkpoints (number and hash of the newest row, signed with
//! Ed25519) are made each minute and also written to a file that may lie on another machine (`checkpoints`). `verify`
//! recomputes everything.
//!
//! Who acts stands in a row as an identifier; addresses and texts that people typed lie in `audit_private` and can be
//! erased: the chain holds their salted digest.

pub mod chain;
pub mod checkpoints;
pub mod export;
pub mod model;
pub mod repo;
pub mod routes;
pub mod service;
pub mod verify;
