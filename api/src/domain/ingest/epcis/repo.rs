//! Rows of capture jobs.

use shared::time::Millis;

use crate::db::{Conn, DbError, sql};
use crate::util::ids::{CustomerId, Space};

/// A capture job; it is done when it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Job {
    /// Its id, in order of time.
    pub id: String,
    /// `rollback` or `proceed`.
    pub behaviour: String,
    /// Errors as a JSON list.
    pub errors: String,
    /// When it began.
    pub created_at: i64,
    /// When it ended.
    pub finished_at: i64,
}

/// Keeps a job.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, customer: CustomerId, space: Space, job: &Job) -> Result<u64, DbError> {
    sql("INSERT INTO epcis_capture (id, customer_id, test, behaviour, errors, created_at, finished_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
    .bind(&job.id)
    .bind(customer)
    .bind(space.is_test())
    .bind(&job.behaviour)
    .bind(&job.errors)
    .bind(job.created_at)
    .bind(job.finished_at)
    .execute(conn)
    .await
}

/// A job by its id.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut Conn,
    customer: CustomerId,
    space: Space,
    id: &str,
) -> Result<Option<Job>, DbError> {
    sql("SELECT id, behaviour, errors, created_at, finished_at FROM epcis_capture \
         WHERE customer_id = $1 AND test = $2 AND id = $3")
    .bind(customer)
    .bind(space.is_test())
    .bind(id)
    .optional(conn)
    .await
}

/// Jobs older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    customer: CustomerId,
    space: Space,
    before: &str,
    limit: i64,
) -> Result<Vec<Job>, DbError> {
    sql("SELECT id, behaviour, errors, created_at, finished_at FROM epcis_capture \
         WHERE customer_id = $1 AND test = $2 AND id < $3 ORDER BY id DESC LIMIT $4")
    .bind(customer)
    .bind(space.is_test())
    .bind(before)
    .bind(limit)
    .all(conn)
    .await
}

/// Forgets jobs that ended before an instant, and says how many that were.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, than: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM epcis_capture WHERE finished_at < $1").bind(than).execute(conn).await
}
