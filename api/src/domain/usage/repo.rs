//! Counted use by calendar month.

use serde_json::json;

use super::calls::Month;
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// Rows of one statement.
const ROWS: usize = 1_000;

#[derive(sqlx::FromRow)]
struct ValueRow {
    value: i64,
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    customer_id: i64,
    period: String,
    value: i64,
}

/// Calls of a month, as written.
///
/// # Errors
/// When the database fails.
pub async fn find_calls(conn: &mut Conn, (customer, period): &Month) -> Result<i64, DbError> {
    let found: Option<ValueRow> = sql(
        "SELECT value FROM usage_counter WHERE customer_id = $1 AND period = $2 AND metric = 'api_calls'",
    )
    .bind(*customer)
    .bind(&**period)
    .optional(conn)
    .await?;
    Ok(found.map_or(0, |row| row.value))
}

/// Adds one call unless the month has as many as it may, and gives what it has afterwards; `None` when nothing was
/// added. The row stays locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn take_call(
    conn: &mut Conn,
    (customer, period): &Month,
    limit: i64,
) -> Result<Option<i64>, DbError> {
    let taken: Option<ValueRow> =
        sql("UPDATE usage_counter SET value = value + 1 WHERE customer_id = $1 AND period = $2 \
         AND metric = 'api_calls' AND value < $3 RETURNING value")
        .bind(*customer)
        .bind(&**period)
        .bind(limit)
        .optional(conn)
        .await?;
    Ok(taken.map(|row| row.value))
}

/// Adds calls and gives what each month has afterwards, those of other servers included.
///
/// # Errors
/// When the database fails.
pub async fn add_calls(conn: &mut Conn, counted: &[(Month, i64)]) -> Result<Vec<(Month, i64)>, DbError> {
    let mut rows: Vec<_> = counted.iter().collect();
    // One order for all servers, so that two of them do not wait for each other.
    rows.sort_unstable();
    let text = format!(
        "INSERT INTO usage_counter (customer_id, period, metric, value) SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, 'api_calls', \
         CAST(v ->> 2 AS BIGINT) FROM {} WHERE true ON CONFLICT (customer_id, period, metric) \
         DO UPDATE SET value = usage_counter.value + excluded.value RETURNING customer_id, period, value",
        conn.dialect().json_rows()
    );
    let mut stored = Vec::with_capacity(rows.len());
    for part in rows.chunks(ROWS) {
        let values: Vec<_> =
            part.iter().map(|((customer, period), count)| json!([customer.0, &**period, count])).collect();
        let found: Vec<MonthRow> = sql_owned(text.clone()).bind(json!(values).to_string()).all(conn).await?;
        stored.extend(
            found.into_iter().map(|row| ((CustomerId(row.customer_id), row.period.into()), row.value)),
        );
    }
    Ok(stored)
}
