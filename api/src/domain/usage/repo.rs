//! Counted use by calendar month.

use serde_json::json;
use shared::savings::SavingsIn;
use shared::time::Millis;

use super::calls::Month;
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// Rows of one statement.
const ROWS: usize = 1_000;

#[derive(sqlx::FromRow)]
struct AssumptionRow {
    minutes_per_search: Option<i64>,
    minutes_per_export: Option<i64>,
    version: i64,
}

/// What a customer assumes about the time that it saves, with its version; version 0 where it never said anything.
///
/// # Errors
/// When the database fails.
pub async fn find_assumptions(conn: &mut Conn, customer: CustomerId) -> Result<(SavingsIn, i64), DbError> {
    let found: Option<AssumptionRow> = sql(
        "SELECT minutes_per_search, minutes_per_export, version FROM saving_assumption WHERE customer_id = $1",
    )
    .bind(customer)
    .optional(conn)
    .await?;
    Ok(found.map_or((SavingsIn::default(), 0), |row| {
        let AssumptionRow { minutes_per_search, minutes_per_export, version } = row;
        (SavingsIn { minutes_per_search, minutes_per_export }, version)
    }))
}

/// Keeps what a customer assumes, unless somebody else changed it since a version; says whether it was kept.
///
/// # Errors
/// When the database fails.
pub async fn put_assumptions(
    conn: &mut Conn,
    customer: CustomerId,
    input: SavingsIn,
    seen: i64,
    now: Millis,
) -> Result<bool, DbError> {
    let changed = sql("INSERT INTO saving_assumption (customer_id, minutes_per_search, minutes_per_export, version, \
         updated_at) VALUES ($1, $2, $3, 1, $5) ON CONFLICT (customer_id) DO UPDATE SET \
         minutes_per_search = excluded.minutes_per_search, minutes_per_export = excluded.minutes_per_export, \
         version = saving_assumption.version + 1, updated_at = excluded.updated_at WHERE saving_assumption.version = $4")
    .bind(customer)
    .bind(input.minutes_per_search)
    .bind(input.minutes_per_export)
    .bind(seen)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

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

/// What was counted in a month.
#[derive(Debug, sqlx::FromRow)]
pub struct CountedRow {
    /// The month, `YYYY-MM`.
    pub period: String,
    /// What was counted.
    pub metric: String,
    /// How much.
    pub value: i64,
}

/// Everything that was counted of a customer.
///
/// # Errors
/// When the database fails.
pub async fn list_counted(conn: &mut Conn, customer: CustomerId) -> Result<Vec<CountedRow>, DbError> {
    sql("SELECT period, metric, value FROM usage_counter WHERE customer_id = $1")
        .bind(customer)
        .all(conn)
        .await
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
