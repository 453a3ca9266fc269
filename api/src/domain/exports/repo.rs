//! Rows of exports.

use serde_json::{Map, Value};
use shared::time::Millis;

use crate::db::registry::{Kind, Sensitivity, Table};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// Columns of [`Run`].
const COLUMNS: &str = "id, customer_id, test, job, state, actor, role, format, dialect, exact, query, occurred_from, \
    occurred_to, after_id, up_to, language, time_zone, file_name, rows_total, rows_done, bytes, sha256, first_id, last_id, \
    problem, attempts, created_at, started_at, finished_at, expires_at, email_to";

/// An export as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Run {
    /// Its id, in order of time.
    pub id: String,
    /// Whose logs.
    pub customer_id: i64,
    /// Whether of the test space.
    pub test: bool,
    /// Whether a job makes it.
    pub job: bool,
    /// See `ExportState`.
    pub state: String,
    /// Session or key that asked for it.
    pub actor: String,
    /// Role of who asked for it.
    pub role: String,
    /// See `ExportFormat`.
    pub format: String,
    /// See `CsvDialect`.
    pub dialect: String,
    /// Whether cells stay as they are.
    pub exact: bool,
    /// The filter, in the search grammar.
    pub query: String,
    /// Happened at or after.
    pub occurred_from: Option<i64>,
    /// Happened before.
    pub occurred_to: Option<i64>,
    /// Logs with a higher number only.
    pub after_id: i64,
    /// Logs up to this number only.
    pub up_to: i64,
    /// Language of words in the file.
    pub language: String,
    /// Zone of times in the file.
    pub time_zone: String,
    /// Name of the file.
    pub file_name: String,
    /// Logs that fit, once counted.
    pub rows_total: Option<i64>,
    /// Logs in the file so far.
    pub rows_done: i64,
    /// Bytes of the file so far.
    pub bytes: i64,
    /// SHA-256 of the complete file.
    pub sha256: Option<String>,
    /// Number of the first log.
    pub first_id: Option<i64>,
    /// Number of the last log.
    pub last_id: Option<i64>,
    /// Code of what went wrong.
    pub problem: Option<String>,
    /// How often it was begun.
    pub attempts: i64,
    /// When it was asked for.
    pub created_at: i64,
    /// When it was begun.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// When its file goes.
    pub expires_at: Option<i64>,
    /// Who gets the file by mail.
    pub email_to: Option<String>,
}

/// Who may see an export: everybody of a customer (`None`), or who has the same actor and role.
pub type Viewer<'a> = Option<(&'a str, &'a str)>;

/// How an export ended.
#[derive(Debug, Clone)]
pub struct End<'a> {
    /// See `ExportState`.
    pub state: &'a str,
    /// Logs in the file.
    pub rows: i64,
    /// Bytes of the file.
    pub bytes: i64,
    /// SHA-256, if the file is complete.
    pub sha256: Option<&'a str>,
    /// Numbers of the first and the last log.
    pub ids: Option<(i64, i64)>,
    /// Code of what went wrong.
    pub problem: Option<&'a str>,
    /// When it ended.
    pub at: Millis,
    /// When its file goes.
    pub expires_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    n: i64,
}

/// Keeps an export; a streamed one names who holds it and until when.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, run: &Run, lease: Option<(&str, Millis)>) -> Result<u64, DbError> {
    sql("INSERT INTO export_run (id, customer_id, test, job, state, actor, role, format, dialect, exact, query, occurred_from, \
         occurred_to, after_id, up_to, language, time_zone, file_name, rows_done, bytes, attempts, lease, lease_until, created_at, started_at, email_to) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0, 0, $19, $20, $21, $22, $23, $24)")
    .bind(&run.id)
    .bind(run.customer_id)
    .bind(run.test)
    .bind(run.job)
    .bind(&run.state)
    .bind(&run.actor)
    .bind(&run.role)
    .bind(&run.format)
    .bind(&run.dialect)
    .bind(run.exact)
    .bind(&run.query)
    .bind(run.occurred_from)
    .bind(run.occurred_to)
    .bind(run.after_id)
    .bind(run.up_to)
    .bind(&run.language)
    .bind(&run.time_zone)
    .bind(&run.file_name)
    .bind(run.attempts)
    .bind(lease.map(|(lease, _)| lease))
    .bind(lease.map_or(0, |(_, until)| until.0))
    .bind(run.created_at)
    .bind(run.started_at)
    .bind(run.email_to.clone())
    .execute(conn)
    .await
}

/// An export that somebody may see.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut Conn,
    customer: CustomerId,
    viewer: Viewer<'_>,
    id: &str,
) -> Result<Option<Run>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM export_run WHERE customer_id = $1 AND id = $2 AND ($3 = '' OR (actor = $3 AND role = $4))"
    ))
    .bind(customer)
    .bind(id)
    .bind(viewer.map_or("", |(actor, _)| actor))
    .bind(viewer.map_or("", |(_, role)| role))
    .optional(conn)
    .await
}

/// An export of any customer, for those who have its link and for the mail with its file.
///
/// # Errors
/// When the database fails.
pub async fn find_any(conn: &mut Conn, id: &str) -> Result<Option<Run>, DbError> {
    sql_owned(format!("SELECT {COLUMNS} FROM export_run WHERE id = $1")).bind(id).optional(conn).await
}

/// Exports older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    customer: CustomerId,
    viewer: Viewer<'_>,
    before: &str,
    limit: i64,
) -> Result<Vec<Run>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM export_run WHERE customer_id = $1 AND id < $2 AND ($3 = '' OR (actor = $3 AND role = $4)) \
         ORDER BY id DESC LIMIT $5"
    ))
    .bind(customer)
    .bind(before)
    .bind(viewer.map_or("", |(actor, _)| actor))
    .bind(viewer.map_or("", |(_, role)| role))
    .bind(limit)
    .all(conn)
    .await
}

/// Jobs of a customer that wait, run or hold a file.
///
/// # Errors
/// When the database fails.
pub async fn count_kept(conn: &mut Conn, customer: CustomerId) -> Result<i64, DbError> {
    let found: CountRow = sql(
        "SELECT COUNT(*) AS n FROM export_run WHERE customer_id = $1 AND job AND state IN ('queued', 'running', 'ready')",
    )
    .bind(customer)
    .one(conn)
    .await?;
    Ok(found.n)
}

/// Exports of live logs that were taken or made, begun within a period; with `keys` those by keys as well.
///
/// # Errors
/// When the database fails.
pub async fn count_taken(
    conn: &mut Conn,
    customer: CustomerId,
    (from, to): (Millis, Millis),
    keys: bool,
) -> Result<i64, DbError> {
    let found: CountRow = sql(
        "SELECT COUNT(*) AS n FROM export_run WHERE customer_id = $1 AND NOT test AND (role <> 'key' OR $4) \
         AND state IN ('ready', 'expired', 'sent') AND created_at >= $2 AND created_at < $3",
    )
    .bind(customer)
    .bind(from)
    .bind(to)
    .bind(keys)
    .one(conn)
    .await?;
    Ok(found.n)
}

/// The oldest job of each customer that nobody works on.
///
/// # Errors
/// When the database fails.
pub async fn list_due(conn: &mut Conn, now: Millis) -> Result<Vec<Run>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM export_run WHERE id IN (SELECT MIN(id) FROM export_run WHERE job AND (state = 'queued' \
         OR (state = 'running' AND lease_until < $1)) GROUP BY customer_id) ORDER BY id LIMIT 50"
    ))
    .bind(now)
    .all(conn)
    .await
}

/// Takes a job that nobody works on. Whether it was still free.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    conn: &mut Conn,
    id: &str,
    (lease, until): (&str, Millis),
    now: Millis,
) -> Result<bool, DbError> {
    let claimed = sql(
        "UPDATE export_run SET state = 'running', attempts = attempts + 1, lease = $2, lease_until = $3, \
         started_at = $4, rows_done = 0, bytes = 0 \
         WHERE id = $1 AND job AND (state = 'queued' OR (state = 'running' AND lease_until < $4))",
    )
    .bind(id)
    .bind(lease)
    .bind(until)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(claimed > 0)
}

/// Says how far an export is and that somebody still works on it. `false`: it is no longer theirs.
///
/// # Errors
/// When the database fails.
pub async fn update_progress(
    conn: &mut Conn,
    id: &str,
    (lease, until): (&str, Millis),
    (rows, bytes): (i64, i64),
    total: Option<i64>,
) -> Result<bool, DbError> {
    let updated = sql("UPDATE export_run SET rows_done = $3, bytes = $4, rows_total = $5, lease_until = $6 \
         WHERE id = $1 AND lease = $2 AND state = 'running'")
    .bind(id)
    .bind(lease)
    .bind(rows)
    .bind(bytes)
    .bind(total)
    .bind(until)
    .execute(conn)
    .await?;
    Ok(updated > 0)
}

/// Ends an export. `false`: it is no longer theirs who did it.
///
/// # Errors
/// When the database fails.
pub async fn update_ended(conn: &mut Conn, id: &str, lease: &str, end: &End<'_>) -> Result<bool, DbError> {
    let updated = sql("UPDATE export_run SET state = $3, rows_done = $4, bytes = $5, sha256 = $6, first_id = $7, last_id = $8, \
         problem = $9, finished_at = $10, expires_at = $11, lease = NULL, lease_until = 0 \
         WHERE id = $1 AND lease = $2 AND state = 'running'")
    .bind(id)
    .bind(lease)
    .bind(end.state)
    .bind(end.rows)
    .bind(end.bytes)
    .bind(end.sha256)
    .bind(end.ids.map(|(first, _)| first))
    .bind(end.ids.map(|(_, last)| last))
    .bind(end.problem)
    .bind(end.at)
    .bind(end.expires_at)
    .execute(conn)
    .await?;
    Ok(updated > 0)
}

/// Gives a job back that was begun, so that it starts again.
///
/// # Errors
/// When the database fails.
pub async fn update_queued(conn: &mut Conn, id: &str, lease: &str) -> Result<u64, DbError> {
    sql("UPDATE export_run SET state = 'queued', lease = NULL, lease_until = 0 \
         WHERE id = $1 AND lease = $2 AND state = 'running'")
    .bind(id)
    .bind(lease)
    .execute(conn)
    .await
}

/// Gives back what nobody has said to be working on since an instant: jobs start again, streams have broken off.
///
/// # Errors
/// When the database fails.
pub async fn update_abandoned(conn: &mut Conn, since: Millis, now: Millis) -> Result<u64, DbError> {
    let jobs = sql("UPDATE export_run SET state = 'queued', lease = NULL, lease_until = 0 \
         WHERE job AND state = 'running' AND lease_until < $1")
    .bind(since)
    .execute(conn)
    .await?;
    let streams = sql("UPDATE export_run SET state = 'failed', problem = 'stopping', finished_at = $2, lease = NULL, lease_until = 0 \
         WHERE NOT job AND state = 'running' AND lease_until < $1")
    .bind(since)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(jobs + streams)
}

/// Stops a job that waits or runs, or lets its file go. Whether there was anything to do.
///
/// # Errors
/// When the database fails.
pub async fn update_cancelled(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    now: Millis,
) -> Result<bool, DbError> {
    let updated =
        sql("UPDATE export_run SET state = CASE WHEN state = 'ready' THEN 'expired' ELSE 'cancelled' END, \
         finished_at = CASE WHEN state = 'ready' THEN finished_at ELSE $3 END, \
         expires_at = CASE WHEN state = 'ready' THEN $3 ELSE NULL END, lease = NULL, lease_until = 0 \
         WHERE customer_id = $1 AND id = $2 AND job AND state IN ('queued', 'running', 'ready')")
        .bind(customer)
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(updated > 0)
}

/// Lets files go whose time is over, and those of customers that are closed.
///
/// # Errors
/// When the database fails.
pub async fn update_expired(conn: &mut Conn, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE export_run SET state = 'expired' WHERE state = 'ready' AND (expires_at <= $1 \
         OR customer_id IN (SELECT id FROM customer WHERE status = 'closed'))")
    .bind(now)
    .execute(conn)
    .await
}

/// Lets the files of a customer go, and has those that are being made begin anew. Says how many exports that were.
///
/// # Errors
/// When the database fails.
pub async fn update_withdrawn(conn: &mut Conn, customer: CustomerId, now: Millis) -> Result<u64, DbError> {
    let ready = sql(
        "UPDATE export_run SET state = 'expired', expires_at = $2 WHERE customer_id = $1 AND state = 'ready'",
    )
    .bind(customer)
    .bind(now)
    .execute(conn)
    .await?;
    let running = sql("UPDATE export_run SET state = 'queued', lease = NULL, lease_until = 0 \
         WHERE customer_id = $1 AND job AND state = 'running'")
    .bind(customer)
    .execute(conn)
    .await?;
    Ok(ready + running)
}

/// Whether an attempt's file, or the part of it that is written so far, is still wanted.
///
/// # Errors
/// When the database fails.
pub async fn has_file(conn: &mut Conn, id: &str, attempt: i64) -> Result<bool, DbError> {
    let found: CountRow = sql(
        "SELECT COUNT(*) AS n FROM export_run WHERE id = $1 AND attempts = $2 AND job AND state IN ('running', 'ready')",
    )
    .bind(id)
    .bind(attempt)
    .one(conn)
    .await?;
    Ok(found.n > 0)
}

/// Forgets exports that ended before an instant, and says how many that were.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, than: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM export_run WHERE finished_at < $1 AND state IN ('failed', 'expired', 'cancelled', 'sent')")
        .bind(than)
        .execute(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct LineRow {
    line: String,
}

/// Rows of a customer in a table with own content, in the order of its key, behind the key of another row. Secrets are not
/// read unless they are part of the key.
///
/// # Errors
/// When the database fails.
pub async fn list_rows(
    conn: &mut Conn,
    table: &Table,
    customer: CustomerId,
    after: Option<&[Value]>,
    limit: i64,
) -> Result<Vec<Map<String, Value>>, DbError> {
    let columns: Vec<(&str, bool)> = table
        .columns
        .iter()
        .filter(|(name, _, sensitivity)| *sensitivity != Sensitivity::Secret || table.key.contains(name))
        .map(|(name, kind, _)| (*name, *kind == Kind::Flag))
        .collect();
    let key = table.key.join(", ");
    let places = (3..3 + table.key.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let behind = if after.is_some() { format!("AND ({key}) > ({places})") } else { String::new() };
    let mut statement = sql_owned(format!(
        "SELECT {} AS line FROM {} WHERE {} = $1 {behind} ORDER BY {key} LIMIT $2",
        conn.dialect().object(&columns),
        table.name,
        table.owner()
    ))
    .bind(customer)
    .bind(limit);
    for value in after.unwrap_or_default() {
        statement = match value {
            Value::String(text) => statement.bind(text.as_str()),
            Value::Bool(flag) => statement.bind(*flag),
            other => statement.bind(other.as_i64()),
        };
    }
    let rows: Vec<LineRow> = statement.all(conn).await?;
    let read = |row: LineRow| serde_json::from_str(&row.line);
    let rows: Result<Vec<Map<String, Value>>, _> = rows.into_iter().map(read).collect();
    rows.map_err(|error| DbError::Other(sqlx::Error::Decode(Box::new(error))))
}

/// Archives of a customer that were begun since an instant and came to something.
///
/// # Errors
/// When the database fails.
pub async fn count_archives(conn: &mut Conn, customer: CustomerId, since: Millis) -> Result<i64, DbError> {
    let found: CountRow = sql("SELECT COUNT(*) AS n FROM export_run WHERE customer_id = $1 AND format = 'archive' \
         AND created_at > $2 AND (state IN ('queued', 'running', 'ready') OR (state = 'cancelled' AND sha256 IS NOT NULL))")
    .bind(customer)
    .bind(since)
    .one(conn)
    .await?;
    Ok(found.n)
}
