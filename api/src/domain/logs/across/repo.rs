//! Rows of logs of all customers.

use crate::db::{Conn, DbError, sql_owned};
use crate::domain::logs::finder::Position;
use crate::domain::logs::repo::{COLUMNS, LogRow, SEEN, list, page};
use crate::util::ids::LogId;

const ORDER: &str = "l.received_at DESC, l.id DESC";

/// Live logs behind a position (arrival and identity), newest arrival first, that arrived at an instant or later.
///
/// # Errors
/// When the database fails.
pub async fn list_arrivals(
    conn: &mut Conn,
    after: Position,
    from: i64,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    // Two steps: SQLite compares a pair with the first column of the index alone, so in a large upload, whose logs all arrive
    // in one instant, each portion would read those before it again.
    let mut rows = arrivals(conn, "l.received_at = $1 AND l.id < $2", after, from, limit).await?;
    let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
    if left > 0 {
        rows.extend(arrivals(conn, "l.received_at < $1 AND $2 >= 0", after, from, left).await?);
    }
    Ok(rows)
}

async fn arrivals(
    conn: &mut Conn,
    behind: &str,
    after: Position,
    from: i64,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM log l WHERE NOT l.test AND {behind} AND l.received_at >= $3 AND {SEEN} \
         ORDER BY {ORDER} LIMIT $4"
    );
    let text = conn.dialect().page(COLUMNS, &text, ORDER);
    page(conn, sql_owned(text).bind(after.0).bind(after.1).bind(from).bind(limit)).await
}

/// Some logs by their identities, as [`list_arrivals`] lists them.
///
/// # Errors
/// When the database fails.
pub async fn list_hits(
    conn: &mut Conn,
    ids: &[LogId],
    after: Position,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    let text = format!(
        "WITH r AS MATERIALIZED (SELECT CAST(v ->> 0 AS BIGINT) AS customer_id, CAST(v ->> 1 AS BIGINT) AS id FROM {}) \
         SELECT {COLUMNS} FROM r CROSS JOIN log l WHERE l.customer_id = r.customer_id AND l.id = r.id AND NOT l.test \
         AND (l.received_at, l.id) < ($2, $3) AND {SEEN} ORDER BY {ORDER} LIMIT $4",
        conn.dialect().json_rows()
    );
    let text = conn.dialect().page(COLUMNS, &text, ORDER);
    let json = list(ids.iter().map(|id| format!("[{},{}]", id.customer(), id.0)));
    page(conn, sql_owned(text).bind(json).bind(after.0).bind(after.1).bind(limit)).await
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

/// Identities of logs whose words fit a condition of the index, in no order, at most so many.
///
/// # Errors
/// When the database fails.
pub async fn list_with_words(conn: &mut Conn, words: &str, limit: i64) -> Result<Vec<LogId>, DbError> {
    let text = conn.dialect().all_ids_with_words().to_owned();
    let rows: Vec<IdRow> = sql_owned(text).bind(words).bind(limit).all(conn).await?;
    Ok(rows.into_iter().map(|row| LogId(row.id)).collect())
}
