//! Rows of described kinds.

use shared::kinds::{KindMode, SpecLimit};
use shared::time::Millis;

use super::model::Described;
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// A kind as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KindRow {
    /// Identifier.
    pub id: String,
    /// Name as it stands in logs.
    pub name: String,
    /// What it is called in Dutch.
    pub title_nl: Option<String>,
    /// What it is called in English.
    pub title_en: Option<String>,
    /// JSON Schema; in lists only whether there is one.
    pub schema: Option<String>,
    mode: String,
    limits: String,
    /// Lines that were rejected and not kept.
    pub not_kept: i64,
    /// Grows with every change; the `ETag`.
    pub version: i64,
    /// When it was described.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

impl KindRow {
    /// What happens to logs that do not fit.
    #[must_use]
    pub fn mode(&self) -> KindMode {
        KindMode::parse(&self.mode).unwrap_or_default()
    }

    /// Specification limits.
    #[must_use]
    pub fn limits(&self) -> Vec<SpecLimit> {
        serde_json::from_str(&self.limits).unwrap_or_default()
    }
}

const COLUMNS: &str =
    "id, name, title_nl, title_en, schema, mode, limits, not_kept, version, created_at, updated_at";

/// Kinds of a customer by name, without the text of their schemas.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, customer: CustomerId) -> Result<Vec<KindRow>, DbError> {
    sql("SELECT id, name, title_nl, title_en, CASE WHEN schema IS NULL THEN NULL ELSE '' END AS schema, mode, limits, \
         not_kept, version, created_at, updated_at FROM log_kind WHERE customer_id = $1 ORDER BY name")
    .bind(customer)
    .all(conn)
    .await
}

/// A kind.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<Option<KindRow>, DbError> {
    sql_owned(format!("SELECT {COLUMNS} FROM log_kind WHERE customer_id = $1 AND id = $2"))
        .bind(customer)
        .bind(id)
        .optional(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// Kinds that a customer has described.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, customer: CustomerId) -> Result<i64, DbError> {
    let found: Count =
        sql("SELECT COUNT(*) AS n FROM log_kind WHERE customer_id = $1").bind(customer).one(conn).await?;
    Ok(found.n)
}

/// A kind whose schema is in force.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InForceRow {
    /// Identifier.
    pub id: String,
    /// Name as it stands in logs.
    pub name: String,
    /// What happens to logs that do not fit.
    pub mode: String,
    /// Grows with every change.
    pub version: i64,
}

/// Kinds whose schemas are in force.
///
/// # Errors
/// When the database fails.
pub async fn list_in_force(conn: &mut Conn, customer: CustomerId) -> Result<Vec<InForceRow>, DbError> {
    sql("SELECT id, name, mode, version FROM log_kind WHERE customer_id = $1 AND mode <> 'off' AND schema IS NOT NULL")
        .bind(customer)
        .all(conn)
        .await
}

fn json(limits: &[SpecLimit]) -> String {
    serde_json::to_string(limits).unwrap_or_else(|_| "[]".to_owned())
}

/// Describes a kind.
///
/// # Errors
/// When it is described already, or the database fails.
pub async fn insert(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    kind: &Described,
    now: Millis,
) -> Result<u64, DbError> {
    sql("INSERT INTO log_kind (id, customer_id, name, title_nl, title_en, schema, mode, limits, not_kept, version, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 1, $9, $10)")
    .bind(id)
    .bind(customer)
    .bind(&kind.name)
    .bind(kind.title_nl.as_deref())
    .bind(kind.title_en.as_deref())
    .bind(kind.schema.as_deref())
    .bind(kind.mode.as_str())
    .bind(json(&kind.limits))
    .bind(now)
    .bind(now)
    .execute(conn)
    .await
}

/// Changes a kind of one version.
///
/// # Errors
/// When another kind has the name, or the database fails.
pub async fn update(
    conn: &mut Conn,
    customer: CustomerId,
    (id, version): (&str, i64),
    kind: &Described,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE log_kind SET name = $1, title_nl = $2, title_en = $3, schema = $4, mode = $5, limits = $6, \
         version = version + 1, updated_at = $7 WHERE customer_id = $8 AND id = $9 AND version = $10")
    .bind(&kind.name)
    .bind(kind.title_nl.as_deref())
    .bind(kind.title_en.as_deref())
    .bind(kind.schema.as_deref())
    .bind(kind.mode.as_str())
    .bind(json(&kind.limits))
    .bind(now)
    .bind(customer)
    .bind(id)
    .bind(version)
    .execute(conn)
    .await
}

/// Forgets what is said about a kind.
///
/// # Errors
/// When the database fails.
pub async fn delete(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<u64, DbError> {
    sql("DELETE FROM log_kind WHERE customer_id = $1 AND id = $2").bind(customer).bind(id).execute(conn).await
}

/// Counts lines of a kind that were rejected and not kept. What is said about the kind stays the same version.
///
/// # Errors
/// When the database fails.
pub async fn add_not_kept(
    conn: &mut Conn,
    customer: CustomerId,
    name: &str,
    lines: i64,
) -> Result<u64, DbError> {
    sql("UPDATE log_kind SET not_kept = not_kept + $1 WHERE customer_id = $2 AND name = $3")
        .bind(lines)
        .bind(customer)
        .bind(name)
        .execute(conn)
        .await
}
