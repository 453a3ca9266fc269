//! Rows of requests, and of counted durations.

use std::collections::{HashMap, VecDeque};

use jiff::civil::Date;
use serde_json::json;
use shared::requests::{KEPT, Refusal};
use shared::time::Millis;

use super::latency::Count;
use super::memory::{Place, Request};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// Rows of one statement.
const ROWS: usize = 1_000;

/// Stores requests, and forgets those of the same customers that are not among the latest thousand any more.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &mut Conn,
    requests: &HashMap<CustomerId, VecDeque<Request>>,
) -> Result<(), DbError> {
    let source = conn.dialect().json_rows();
    let text = format!(
        "INSERT INTO api_request (customer_id, id, answered_at, method, route, status, duration_us, key_id, test, request_id, \
         code, refused) SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, CAST(v ->> 2 AS BIGINT), v ->> 3, v ->> 4, \
         CAST(v ->> 5 AS BIGINT), CAST(v ->> 6 AS BIGINT), v ->> 7, CAST(v ->> 8 AS BOOLEAN), v ->> 9, v ->> 10, v ->> 11 \
         FROM {source}"
    );
    let rows: Vec<_> = requests
        .iter()
        .flat_map(|(customer, ring)| ring.iter().map(move |request| (customer.0, request)))
        .map(|(customer, r)| {
            json!([
                customer,
                r.id,
                r.at.0,
                r.method,
                r.route,
                r.status,
                r.duration_us,
                r.key,
                r.test,
                r.request_id,
                r.code,
                r.refused.map(Refusal::as_str)
            ])
        })
        .collect();
    for part in rows.chunks(ROWS) {
        sql_owned(text.clone()).bind(json!(part).to_string()).execute(conn).await?;
    }
    // The latest that is one too many, of each customer that has one.
    let text = format!(
        "DELETE FROM api_request WHERE (customer_id, id) IN (SELECT a.customer_id, a.id FROM (SELECT \
         CAST(v ->> 0 AS BIGINT) AS customer, (SELECT id FROM api_request WHERE customer_id = CAST(v ->> 0 AS BIGINT) \
         ORDER BY id DESC LIMIT 1 OFFSET {KEPT}) AS id FROM {source}) AS l \
         JOIN api_request a ON a.customer_id = l.customer AND a.id <= l.id)"
    );
    let customers: Vec<_> = requests.keys().map(|customer| [customer.0]).collect();
    sql_owned(text).bind(json!(customers).to_string()).execute(conn).await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: String,
    answered_at: i64,
    method: String,
    route: String,
    status: i64,
    duration_us: i64,
    key_id: String,
    test: bool,
    request_id: String,
    code: Option<String>,
    refused: Option<String>,
}

/// The latest thousand requests of a customer since an instant, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, customer: CustomerId, since: Millis) -> Result<Vec<Request>, DbError> {
    let rows: Vec<RequestRow> = sql(
        "SELECT id, answered_at, method, route, status, duration_us, key_id, test, request_id, code, refused FROM api_request \
         WHERE customer_id = $1 AND answered_at >= $2 ORDER BY id DESC LIMIT $3",
    )
    .bind(customer)
    .bind(since)
    .bind(KEPT as i64)
    .all(conn)
    .await?;
    let request = |row: RequestRow| Request {
        id: row.id,
        at: Millis(row.answered_at),
        method: row.method,
        route: row.route,
        status: u16::try_from(row.status).unwrap_or_default(),
        duration_us: row.duration_us,
        key: row.key_id,
        test: row.test,
        request_id: row.request_id,
        code: row.code,
        refused: row.refused.as_deref().and_then(Refusal::parse),
    };
    Ok(rows.into_iter().map(request).collect())
}

/// Forgets requests from before an instant.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, than: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM api_request WHERE answered_at < $1").bind(than).execute(conn).await
}

/// Adds counted durations.
///
/// # Errors
/// When the database fails.
pub async fn add_durations(conn: &mut Conn, durations: &HashMap<Place, Count>) -> Result<(), DbError> {
    let mut rows: Vec<_> = durations.iter().collect();
    // One order for all servers, so that two of them do not wait for each other.
    rows.sort_unstable_by_key(|(place, _)| *place);
    let text = format!(
        "INSERT INTO request_latency (customer_id, day, key_id, route, bucket, n, refused, failed, total_us) \
         SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, v ->> 2, v ->> 3, CAST(v ->> 4 AS BIGINT), CAST(v ->> 5 AS BIGINT), \
         CAST(v ->> 6 AS BIGINT), CAST(v ->> 7 AS BIGINT), CAST(v ->> 8 AS BIGINT) FROM {} WHERE true \
         ON CONFLICT (customer_id, day, key_id, route, bucket) DO UPDATE SET n = request_latency.n + excluded.n, \
         refused = request_latency.refused + excluded.refused, failed = request_latency.failed + excluded.failed, \
         total_us = request_latency.total_us + excluded.total_us",
        conn.dialect().json_rows()
    );
    for part in rows.chunks(ROWS) {
        let values: Vec<_> = part
            .iter()
            .map(|(place, count)| {
                let day = place.day.to_string();
                let Count { n, refused, failed, total_us } = count;
                json!([
                    place.customer.0,
                    day,
                    place.key,
                    place.route,
                    place.bucket,
                    n,
                    refused,
                    failed,
                    total_us
                ])
            })
            .collect();
        sql_owned(text.clone()).bind(json!(values).to_string()).execute(conn).await?;
    }
    Ok(())
}

/// Counted durations of a day, sender and operation.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Durations {
    /// Local day.
    pub day: String,
    /// Identifier of the key; empty for people.
    pub key_id: String,
    /// Method and path.
    pub route: String,
    /// Bucket.
    pub bucket: i64,
    /// Answers.
    pub n: i64,
    /// Those with a status from 400 to 499.
    pub refused: i64,
    /// Those with a status from 500.
    pub failed: i64,
    /// Microseconds of all of them.
    pub total_us: i64,
}

/// Counted durations of a customer from a day on; of one key (`""` for people) or one operation, if named.
///
/// # Errors
/// When the database fails.
pub async fn list_durations(
    conn: &mut Conn,
    customer: CustomerId,
    from: Date,
    key: Option<&str>,
    route: Option<&str>,
) -> Result<Vec<Durations>, DbError> {
    sql("SELECT day, key_id, route, bucket, n, refused, failed, total_us FROM request_latency \
         WHERE customer_id = $1 AND day >= $2 AND ($3 IS NULL OR key_id = $3) AND ($4 IS NULL OR route = $4)")
    .bind(customer)
    .bind(from.to_string())
    .bind(key)
    .bind(route)
    .all(conn)
    .await
}

/// Forgets counted durations of days before a day.
///
/// # Errors
/// When the database fails.
pub async fn delete_durations(conn: &mut Conn, before: Date) -> Result<u64, DbError> {
    sql("DELETE FROM request_latency WHERE day < $1").bind(before.to_string()).execute(conn).await
}
