//! Safe repetition (GEN-08): a request that is sent again under the same `Idempotency-Key` gets the first answer.
//!
//! The work of a keyed request runs to its end even when its caller goes away, so that the answer waits for the
//! one who asks again. What failed changed nothing and is not kept: the same key may then be tried again.

pub mod layer;
pub mod repo;
mod seal;

/// Answers are kept for 24 hours.
pub const KEEP_MS: i64 = 24 * 3_600_000;
/// After this time a request without an answer has died with its process.
pub const LEASE_MS: i64 = 90_000;
