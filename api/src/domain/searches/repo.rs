//! Rows of executed and of saved searches.

use shared::time::Millis;

use super::history::{Waiting, median};
use super::model::Kept;
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::{CustomerId, new_id};

/// Stores executed searches.
///
/// # Errors
/// When the database fails.
pub async fn insert_executed(conn: &mut Conn, waiting: &Waiting) -> Result<u64, DbError> {
    let rows: Vec<_> = waiting
        .iter()
        .map(|(asked, noted)| {
            let mut durations = noted.durations.clone();
            (
                new_id(noted.at),
                asked.customer.0,
                &asked.actor,
                &asked.query,
                asked.occurred.0,
                asked.occurred.1,
                durations.len(),
                noted.hits,
                noted.capped,
                median(&mut durations).unwrap_or_default(),
                noted.at.0,
            )
        })
        .collect();
    let text = format!(
        "INSERT INTO search_log (id, customer_id, actor, query, occurred_from, occurred_to, times, hits, hits_capped, \
         duration_ms, searched_at) SELECT v ->> 0, CAST(v ->> 1 AS BIGINT), v ->> 2, v ->> 3, CAST(v ->> 4 AS BIGINT), \
         CAST(v ->> 5 AS BIGINT), CAST(v ->> 6 AS BIGINT), CAST(v ->> 7 AS BIGINT), CAST(v ->> 8 AS BOOLEAN), \
         CAST(v ->> 9 AS BIGINT), CAST(v ->> 10 AS BIGINT) FROM {}",
        conn.dialect().json_rows()
    );
    sql_owned(text).bind(serde_json::to_string(&rows).unwrap_or_default()).execute(conn).await
}

/// An executed search.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Executed {
    /// Query.
    pub query: String,
    /// How often within moments.
    pub times: i64,
    /// Logs found.
    pub hits: i64,
    /// Whether there were more.
    pub hits_capped: bool,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// When.
    pub searched_at: i64,
}

/// The latest searches of somebody.
///
/// # Errors
/// When the database fails.
pub async fn list_latest(
    conn: &mut Conn,
    customer: CustomerId,
    actor: &str,
    limit: i64,
) -> Result<Vec<Executed>, DbError> {
    sql("SELECT query, times, hits, hits_capped, duration_ms, searched_at FROM search_log \
         WHERE customer_id = $1 AND actor = $2 ORDER BY searched_at DESC, id DESC LIMIT $3")
    .bind(customer)
    .bind(actor)
    .bind(limit)
    .all(conn)
    .await
}

/// Searches of a customer, or of all, within a period.
///
/// # Errors
/// When the database fails.
pub async fn list_period(
    conn: &mut Conn,
    customer: Option<CustomerId>,
    (from, to): (Millis, Millis),
    limit: i64,
) -> Result<Vec<Executed>, DbError> {
    sql("SELECT query, times, hits, hits_capped, duration_ms, searched_at FROM search_log \
         WHERE ($1 IS NULL OR customer_id = $1) AND searched_at >= $2 AND searched_at < $3 \
         ORDER BY searched_at DESC, id DESC LIMIT $4")
    .bind(customer)
    .bind(from)
    .bind(to)
    .bind(limit)
    .all(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// Customers that searched within a period.
///
/// # Errors
/// When the database fails.
pub async fn count_customers(conn: &mut Conn, (from, to): (Millis, Millis)) -> Result<i64, DbError> {
    let text = "SELECT COUNT(DISTINCT customer_id) AS n FROM search_log WHERE searched_at >= $1 AND searched_at < $2";
    let found: Count = sql(text).bind(from).bind(to).one(conn).await?;
    Ok(found.n)
}

/// Forgets searches from before an instant, and says how many that were.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, than: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM search_log WHERE searched_at < $1").bind(than).execute(conn).await
}

/// Forgets the searches of somebody, or of a whole customer.
///
/// # Errors
/// When the database fails.
pub async fn delete_history(
    conn: &mut Conn,
    customer: CustomerId,
    actor: Option<&str>,
) -> Result<u64, DbError> {
    sql("DELETE FROM search_log WHERE customer_id = $1 AND ($2 IS NULL OR actor = $2)")
        .bind(customer)
        .bind(actor)
        .execute(conn)
        .await
}

/// A saved search as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Saved {
    /// Identifier.
    pub id: String,
    /// Who saved it.
    pub owner: String,
    /// Name.
    pub name: String,
    /// Query.
    pub query: String,
    /// Whether everybody of the customer sees it.
    pub shared: bool,
    /// Grows with every change; the `ETag`.
    pub version: i64,
    /// When it was saved.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

const SAVED: &str = "id, owner, name, query, shared, version, created_at, updated_at";

/// Saved searches that somebody sees, by name.
///
/// # Errors
/// When the database fails.
pub async fn list_saved(conn: &mut Conn, customer: CustomerId, owner: &str) -> Result<Vec<Saved>, DbError> {
    sql_owned(format!(
        "SELECT {SAVED} FROM saved_search WHERE customer_id = $1 AND (owner = $2 OR shared) ORDER BY name_key, id"
    ))
    .bind(customer)
    .bind(owner)
    .all(conn)
    .await
}

/// A saved search that somebody sees.
///
/// # Errors
/// When the database fails.
pub async fn find_saved(
    conn: &mut Conn,
    customer: CustomerId,
    owner: &str,
    id: &str,
) -> Result<Option<Saved>, DbError> {
    sql_owned(format!(
        "SELECT {SAVED} FROM saved_search WHERE customer_id = $1 AND id = $3 AND (owner = $2 OR shared)"
    ))
    .bind(customer)
    .bind(owner)
    .bind(id)
    .optional(conn)
    .await
}

/// Saved searches of a customer, by everybody.
///
/// # Errors
/// When the database fails.
pub async fn count_saved(conn: &mut Conn, customer: CustomerId) -> Result<i64, DbError> {
    let found: Count =
        sql("SELECT COUNT(*) AS n FROM saved_search WHERE customer_id = $1").bind(customer).one(conn).await?;
    Ok(found.n)
}

/// Keeps a search.
///
/// # Errors
/// When the name is taken, or the database fails.
pub async fn insert_saved(
    conn: &mut Conn,
    customer: CustomerId,
    owner: &str,
    id: &str,
    kept: &Kept,
    now: Millis,
) -> Result<u64, DbError> {
    sql("INSERT INTO saved_search (id, customer_id, owner, name, name_key, query, shared, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9)")
    .bind(id)
    .bind(customer)
    .bind(owner)
    .bind(&kept.name)
    .bind(&kept.name_key)
    .bind(&kept.query)
    .bind(kept.shared)
    .bind(now)
    .bind(now)
    .execute(conn)
    .await
}

/// Changes a saved search of one version.
///
/// # Errors
/// When the name is taken, or the database fails.
pub async fn update_saved(
    conn: &mut Conn,
    customer: CustomerId,
    before: &Saved,
    kept: &Kept,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE saved_search SET name = $1, name_key = $2, query = $3, shared = $4, version = version + 1, updated_at = $5 \
         WHERE customer_id = $6 AND id = $7 AND version = $8")
    .bind(&kept.name)
    .bind(&kept.name_key)
    .bind(&kept.query)
    .bind(kept.shared)
    .bind(now)
    .bind(customer)
    .bind(&before.id)
    .bind(before.version)
    .execute(conn)
    .await
}

/// Forgets a saved search.
///
/// # Errors
/// When the database fails.
pub async fn delete_saved(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<u64, DbError> {
    sql("DELETE FROM saved_search WHERE customer_id = $1 AND id = $2")
        .bind(customer)
        .bind(id)
        .execute(conn)
        .await
}
