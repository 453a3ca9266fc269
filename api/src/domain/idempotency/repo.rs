//! Rows of keyed requests.

use shared::time::Millis;

use super::LEASE_MS;
use crate::db::{Conn, DbError, sql};
use crate::util::ids::CustomerId;

/// A keyed request as it comes in.
#[derive(Debug)]
pub struct Claim<'a> {
    /// Names caller, route and key.
    pub digest: &'a str,
    /// The customer; staff have none.
    pub customer: Option<CustomerId>,
    /// Names what was asked.
    pub fingerprint: &'a str,
    /// Names this attempt.
    pub claim: &'a str,
    /// Now.
    pub now: Millis,
    /// When the answer is forgotten.
    pub expires_at: Millis,
}

/// What stands under a key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Found {
    /// Names what was asked.
    pub fingerprint: String,
    /// The sealed answer; none while the work runs.
    pub answer: Option<String>,
}

/// Takes the key for this attempt, or says what stands under it. A key whose work has died, or whose time is over,
/// is taken again.
///
/// # Errors
/// When the database fails.
pub async fn claim(conn: &mut Conn, claim: &Claim<'_>) -> Result<Option<Found>, DbError> {
    let taken = sql(
        "INSERT INTO idempotency (digest, customer_id, fingerprint, claim, answer, started_at, expires_at) \
         VALUES ($1, $2, $3, $4, NULL, $5, $6) ON CONFLICT (digest) DO UPDATE SET fingerprint = excluded.fingerprint, \
         claim = excluded.claim, answer = NULL, started_at = excluded.started_at, expires_at = excluded.expires_at \
         WHERE idempotency.expires_at <= $5 OR (idempotency.answer IS NULL AND idempotency.started_at <= $7)",
    )
    .bind(claim.digest)
    .bind(claim.customer)
    .bind(claim.fingerprint)
    .bind(claim.claim)
    .bind(claim.now)
    .bind(claim.expires_at)
    .bind(claim.now.0 - LEASE_MS)
    .execute(conn)
    .await?;
    if taken > 0 {
        return Ok(None);
    }
    sql("SELECT fingerprint, answer FROM idempotency WHERE digest = $1")
        .bind(claim.digest)
        .optional(conn)
        .await
}

/// Keeps the answer of an attempt.
///
/// # Errors
/// When the database fails.
pub async fn keep(conn: &mut Conn, digest: &str, claim: &str, answer: &str) -> Result<u64, DbError> {
    sql("UPDATE idempotency SET answer = $3 WHERE digest = $1 AND claim = $2")
        .bind(digest)
        .bind(claim)
        .bind(answer)
        .execute(conn)
        .await
}

/// Gives the key back after an attempt that changed nothing.
///
/// # Errors
/// When the database fails.
pub async fn release(conn: &mut Conn, digest: &str, claim: &str) -> Result<u64, DbError> {
    sql("DELETE FROM idempotency WHERE digest = $1 AND claim = $2")
        .bind(digest)
        .bind(claim)
        .execute(conn)
        .await
}

/// Forgets what is over, and says how much that was.
///
/// # Errors
/// When the database fails.
pub async fn delete_expired(conn: &mut Conn, now: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM idempotency WHERE expires_at <= $1").bind(now).execute(conn).await
}
