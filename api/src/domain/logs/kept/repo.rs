//! Rows of kept totals.

use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// Adds to totals by quarter.
///
/// # Errors
/// When the database fails.
pub async fn add(
    conn: &mut Conn,
    customer: CustomerId,
    totals: impl Iterator<Item = (i64, i64)>,
) -> Result<u64, DbError> {
    let rows: Vec<_> = totals.map(|(quarter, total)| format!("[{quarter},{total}]")).collect();
    sql_owned(format!(
        "INSERT INTO log_kept (customer_id, quarter, total) \
         SELECT $2, CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT) FROM {} WHERE true \
         ON CONFLICT (customer_id, quarter) DO UPDATE SET total = log_kept.total + excluded.total",
        conn.dialect().json_rows()
    ))
    .bind(format!("[{}]", rows.join(",")))
    .bind(customer)
    .execute(conn)
    .await
}

/// Deletes the totals of a customer.
///
/// # Errors
/// When the database fails.
pub async fn delete(conn: &mut Conn, customer: CustomerId) -> Result<u64, DbError> {
    sql("DELETE FROM log_kept WHERE customer_id = $1").bind(customer).execute(conn).await
}

#[derive(sqlx::FromRow)]
struct KeptRow {
    quarter: i64,
    total: i64,
}

/// Lists totals with their quarters, from one quarter up to another that is not included.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    customer: CustomerId,
    (from, to): (i64, i64),
) -> Result<Vec<(i64, i64)>, DbError> {
    let rows: Vec<KeptRow> =
        sql("SELECT quarter, total FROM log_kept WHERE customer_id = $1 AND quarter >= $2 AND quarter < $3")
            .bind(customer)
            .bind(from)
            .bind(to)
            .all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.quarter, row.total)).collect())
}
