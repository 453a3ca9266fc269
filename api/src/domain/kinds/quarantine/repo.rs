//! Rows of lines in quarantine.

use serde::{Deserialize, Serialize};
use shared::kinds::QuarantinedState;
use shared::time::Millis;

use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::{CustomerId, Space};

/// How a line was understood, beside its data: some protocols say it elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// How serious it is.
    pub level: String,
    /// One sentence about it.
    pub message: Option<String>,
    /// When it happened.
    pub occurred_at: i64,
    /// The sender's identifier.
    pub external_id: Option<String>,
    /// What makes a repeated delivery the same one, if that is not the data byte for byte.
    pub same_as: Option<String>,
}

/// A line to keep.
#[derive(Debug, Clone)]
pub struct Line {
    /// Identifier.
    pub id: String,
    /// Kind of the log.
    pub kind: String,
    /// What tells it from other lines.
    pub digest: String,
    /// The data as it was sent.
    pub data: String,
    /// How it was understood.
    pub reading: Reading,
    /// Why it was rejected, as JSON.
    pub reasons: String,
    /// Way in.
    pub way: &'static str,
    /// Who sent it.
    pub actor: String,
    /// How often it was sent.
    pub times: i64,
}

/// Keeps lines; one that waits already is counted.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &mut Conn,
    customer: CustomerId,
    space: Space,
    lines: &[&Line],
    (now, expires_at): (Millis, Millis),
) -> Result<u64, DbError> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                &line.id,
                &line.kind,
                &line.digest,
                &line.data,
                serde_json::to_string(&line.reading).unwrap_or_default(),
                line.data.len(),
                &line.reasons,
                line.way,
                &line.actor,
                line.times,
            )
        })
        .collect();
    let text = format!(
        "INSERT INTO quarantine (id, customer_id, test, kind, digest, data, reading, bytes, reasons, way, actor, times, \
         received_at, last_received_at, expires_at, state) SELECT v ->> 0, $2, $3, v ->> 1, v ->> 2, v ->> 3, v ->> 4, \
         CAST(v ->> 5 AS BIGINT), v ->> 6, v ->> 7, v ->> 8, CAST(v ->> 9 AS BIGINT), $4, $5, $6, 'open' FROM {} \
         WHERE true ON CONFLICT (customer_id, test, digest) WHERE state = 'open' DO UPDATE SET \
         times = quarantine.times + excluded.times, last_received_at = excluded.last_received_at, \
         reasons = excluded.reasons",
        conn.dialect().json_rows()
    );
    sql_owned(text)
        .bind(serde_json::to_string(&rows).unwrap_or_default())
        .bind(customer)
        .bind(space.is_test())
        .bind(now)
        .bind(now)
        .bind(expires_at)
        .execute(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct Digest {
    digest: String,
}

/// Which of these lines wait already.
///
/// # Errors
/// When the database fails.
pub async fn list_waiting(
    conn: &mut Conn,
    customer: CustomerId,
    space: Space,
    digests: &[&str],
) -> Result<Vec<String>, DbError> {
    let text = format!(
        "SELECT q.digest FROM (SELECT v ->> 0 AS digest FROM {}{}) AS a JOIN quarantine q ON q.digest = a.digest \
         WHERE q.customer_id = $2 AND q.test = $3 AND q.state = 'open'",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    let rows: Vec<[&str; 1]> = digests.iter().map(|digest| [*digest]).collect();
    let found: Vec<Digest> = sql_owned(text)
        .bind(serde_json::to_string(&rows).unwrap_or_default())
        .bind(customer)
        .bind(space.is_test())
        .all(conn)
        .await?;
    Ok(found.into_iter().map(|row| row.digest).collect())
}

/// How much waits.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Waiting {
    /// Lines.
    pub open: i64,
    /// Bytes of their data.
    pub bytes: i64,
    /// When the first of them came.
    pub oldest_at: Option<i64>,
}

/// How much of a customer waits.
///
/// # Errors
/// When the database fails.
pub async fn find_waiting(conn: &mut Conn, customer: CustomerId) -> Result<Waiting, DbError> {
    sql("SELECT COUNT(*) AS open, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes, MIN(received_at) AS oldest_at \
         FROM quarantine WHERE customer_id = $1 AND state = 'open'")
    .bind(customer)
    .one(conn)
    .await
}

/// Lines of a kind that wait.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KindCount {
    /// Kind.
    pub kind: String,
    /// Lines.
    pub n: i64,
}

/// How many lines of each kind wait.
///
/// # Errors
/// When the database fails.
pub async fn count_by_kind(conn: &mut Conn, customer: CustomerId) -> Result<Vec<KindCount>, DbError> {
    sql("SELECT kind, COUNT(*) AS n FROM quarantine WHERE customer_id = $1 AND state = 'open' GROUP BY kind")
        .bind(customer)
        .all(conn)
        .await
}

/// A line as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LineRow {
    /// Identifier.
    pub id: String,
    /// Whether it belongs to the test space.
    pub test: bool,
    /// Kind of the log.
    pub kind: String,
    /// The data; absent in lists, and when something was decided.
    pub data: Option<String>,
    reading: Option<String>,
    /// Size of the data.
    pub bytes: i64,
    /// Why it was rejected, as JSON.
    pub reasons: String,
    /// Way in.
    pub way: String,
    /// Who sent it.
    pub actor: String,
    /// How often it was sent.
    pub times: i64,
    /// When it first came.
    pub received_at: i64,
    /// When it last came.
    pub last_received_at: i64,
    /// When it is removed.
    pub expires_at: i64,
    state: String,
    /// Number of the log that it became.
    pub log_seq: Option<i64>,
    /// When something was decided.
    pub settled_at: Option<i64>,
    /// Who decided.
    pub settled_by: Option<String>,
}

impl LineRow {
    /// What became of it.
    #[must_use]
    pub fn state(&self) -> QuarantinedState {
        QuarantinedState::parse(&self.state).unwrap_or(QuarantinedState::Discarded)
    }

    /// How it was understood.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.reading.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

const HEAD: &str = "id, test, kind";
const REST: &str = "bytes, reasons, way, actor, times, received_at, last_received_at, expires_at, state, log_seq, \
     settled_at, settled_by";

/// Which lines are listed.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Of a kind.
    pub kind: Option<&'a str>,
    /// In a state.
    pub state: Option<QuarantinedState>,
}

/// Lines before one, the newest first, without their data.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    customer: CustomerId,
    space: Space,
    filter: Filter<'_>,
    before: &str,
    limit: i64,
) -> Result<Vec<LineRow>, DbError> {
    sql_owned(format!(
        "SELECT {HEAD}, CAST(NULL AS TEXT) AS data, CAST(NULL AS TEXT) AS reading, {REST} FROM quarantine \
         WHERE customer_id = $1 AND test = $2 AND ($3 = '' OR kind = $3) AND ($4 = '' OR state = $4) AND id < $5 \
         ORDER BY id DESC LIMIT $6"
    ))
    .bind(customer)
    .bind(space.is_test())
    .bind(filter.kind.unwrap_or_default())
    .bind(filter.state.map_or("", QuarantinedState::as_str))
    .bind(before)
    .bind(limit)
    .all(conn)
    .await
}

/// A line.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<Option<LineRow>, DbError> {
    sql_owned(format!(
        "SELECT {HEAD}, data, reading, {REST} FROM quarantine WHERE customer_id = $1 AND id = $2"
    ))
    .bind(customer)
    .bind(id)
    .optional(conn)
    .await
}

/// Lines that wait behind one, the oldest first, with their data; of one kind, or of all.
///
/// # Errors
/// When the database fails.
pub async fn list_open(
    conn: &mut Conn,
    customer: CustomerId,
    space: Space,
    kind: Option<&str>,
    after: &str,
    limit: i64,
) -> Result<Vec<LineRow>, DbError> {
    sql_owned(format!(
        "SELECT {HEAD}, data, reading, {REST} FROM quarantine WHERE customer_id = $1 AND test = $2 AND state = 'open' \
         AND ($3 = '' OR kind = $3) AND id > $4 ORDER BY id LIMIT $5"
    ))
    .bind(customer)
    .bind(space.is_test())
    .bind(kind.unwrap_or_default())
    .bind(after)
    .bind(limit)
    .all(conn)
    .await
}

/// What was decided about a line.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// What became of it.
    pub state: QuarantinedState,
    /// Number of the log that it became.
    pub log_seq: Option<i64>,
    /// Who decided.
    pub by: &'a str,
    /// When.
    pub at: Millis,
}

/// Decides about a line that waits, and lets its data go.
///
/// # Errors
/// When the database fails.
pub async fn settle(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    settled: Settled<'_>,
) -> Result<u64, DbError> {
    sql("UPDATE quarantine SET state = $1, log_seq = $2, settled_at = $3, settled_by = $4, data = NULL, reading = NULL \
         WHERE customer_id = $5 AND id = $6 AND state = 'open'")
    .bind(settled.state.as_str())
    .bind(settled.log_seq)
    .bind(settled.at)
    .bind(settled.by)
    .bind(customer)
    .bind(id)
    .execute(conn)
    .await
}

/// Removes lines.
///
/// # Errors
/// When the database fails.
pub async fn delete(conn: &mut Conn, customer: CustomerId, ids: &[String]) -> Result<u64, DbError> {
    let text = format!(
        "DELETE FROM quarantine WHERE customer_id = $2 AND id IN (SELECT v ->> 0 FROM {}{})",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    let rows: Vec<[&String; 1]> = ids.iter().map(|id| [id]).collect();
    sql_owned(text).bind(serde_json::to_string(&rows).unwrap_or_default()).bind(customer).execute(conn).await
}

/// Removes lines whose time is over, and says how many that were.
///
/// # Errors
/// When the database fails.
pub async fn delete_expired(conn: &mut Conn, now: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM quarantine WHERE expires_at <= $1").bind(now).execute(conn).await
}
