//! Rows of the outbox.

use shared::mail::{MailCount, MailState};
use shared::time::Millis;

use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

const COLUMNS: &str = "id, customer_id, kind, state, recipient, language, subject, body_text, body_html, export_id, file_name, \
    access_link_id, attempts, next_attempt_at, answer, created_at, sent_at";

/// A mail as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Row {
    /// Its id, in order of time.
    pub id: String,
    /// The customer that it concerns.
    pub customer_id: Option<i64>,
    /// See `MailKind`.
    pub kind: String,
    /// See `MailState`.
    pub state: String,
    /// Address.
    pub recipient: String,
    /// Language of its words.
    pub language: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body_text: String,
    /// HTML.
    pub body_html: String,
    /// The export that it is about.
    pub export_id: Option<String>,
    /// Name of the file that travels with it.
    pub file_name: Option<String>,
    /// The link that it is about, which lets its recipient in once.
    pub access_link_id: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried (again).
    pub next_attempt_at: i64,
    /// What was said last.
    pub answer: Option<String>,
    /// When it was written.
    pub created_at: i64,
    /// When the mail server took it.
    pub sent_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    state: String,
    n: i64,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    n: i64,
}

/// Keeps a mail.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, row: &Row) -> Result<u64, DbError> {
    sql("INSERT INTO mail (id, customer_id, kind, state, recipient, language, subject, body_text, body_html, export_id, file_name, \
         attempts, next_attempt_at, lease_until, created_at, access_link_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, 0, $12, $13)")
        .bind(&row.id)
        .bind(row.customer_id)
        .bind(&row.kind)
        .bind(&row.state)
        .bind(&row.recipient)
        .bind(&row.language)
        .bind(&row.subject)
        .bind(&row.body_text)
        .bind(&row.body_html)
        .bind(row.export_id.clone())
        .bind(row.file_name.clone())
        .bind(row.created_at)
        .bind(row.access_link_id.clone())
        .execute(conn)
        .await
}

/// Whether a mail server has said that an address does not exist.
///
/// # Errors
/// When the database fails.
pub async fn is_suppressed(conn: &mut Conn, recipient: &str) -> Result<bool, DbError> {
    let found: NumberRow =
        sql("SELECT COUNT(*) AS n FROM mail WHERE recipient = $1 AND state = 'suppressed' AND attempts > 0")
            .bind(recipient)
            .one(conn)
            .await?;
    Ok(found.n > 0)
}

/// Mails about exports that a customer got since an instant.
///
/// # Errors
/// When the database fails.
pub async fn count_exports(conn: &mut Conn, customer: CustomerId, since: Millis) -> Result<i64, DbError> {
    let found: NumberRow = sql(
        "SELECT COUNT(*) AS n FROM mail WHERE customer_id = $1 AND export_id IS NOT NULL AND created_at >= $2",
    )
    .bind(customer)
    .bind(since)
    .one(conn)
    .await?;
    Ok(found.n)
}

/// Mails that are due, those that wait longest first.
///
/// # Errors
/// When the database fails.
pub async fn list_due(conn: &mut Conn, now: Millis, limit: i64) -> Result<Vec<Row>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM mail WHERE state = 'queued' AND next_attempt_at <= $1 AND lease_until <= $1 \
         ORDER BY next_attempt_at, id LIMIT $2"
    ))
    .bind(now)
    .bind(limit)
    .all(conn)
    .await
}

/// Takes a mail that nobody sends. Whether it was still free.
///
/// # Errors
/// When the database fails.
pub async fn claim(
    conn: &mut Conn,
    id: &str,
    (lease, until): (&str, Millis),
    now: Millis,
) -> Result<bool, DbError> {
    let claimed = sql("UPDATE mail SET attempts = attempts + 1, lease = $2, lease_until = $3 \
         WHERE id = $1 AND state = 'queued' AND next_attempt_at <= $4 AND lease_until <= $4")
    .bind(id)
    .bind(lease)
    .bind(until)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(claimed > 0)
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The state after it.
    pub state: MailState,
    /// What was said.
    pub answer: &'a str,
    /// When it is tried again.
    pub next_attempt_at: Millis,
    /// When the mail server took it.
    pub sent_at: Option<Millis>,
}

/// Writes what became of an attempt. `false`: it was no longer theirs who made it.
///
/// # Errors
/// When the database fails.
pub async fn update_tried(
    conn: &mut Conn,
    id: &str,
    lease: &str,
    outcome: &Outcome<'_>,
) -> Result<bool, DbError> {
    let updated = sql("UPDATE mail SET state = $3, answer = $4, next_attempt_at = $5, sent_at = $6, lease = NULL, lease_until = 0 \
         WHERE id = $1 AND lease = $2 AND state = 'queued'")
    .bind(id)
    .bind(lease)
    .bind(outcome.state.as_str())
    .bind(outcome.answer)
    .bind(outcome.next_attempt_at)
    .bind(outcome.sent_at)
    .execute(conn)
    .await?;
    Ok(updated > 0)
}

/// Has a mail sent that was given up, suppressed or held. Whether it was one.
///
/// # Errors
/// When the database fails.
pub async fn update_queued(conn: &mut Conn, id: &str, recipient: &str, now: Millis) -> Result<bool, DbError> {
    let updated = sql(
        "UPDATE mail SET state = 'queued', attempts = 0, next_attempt_at = $2, lease = NULL, lease_until = 0 \
         WHERE id = $1 AND state IN ('failed', 'suppressed', 'held')",
    )
    .bind(id)
    .bind(now)
    .execute(conn)
    .await?;
    if updated == 0 {
        return Ok(false);
    }
    // The address is given another chance: what was refused before says no more.
    sql("UPDATE mail SET state = 'failed' WHERE recipient = $1 AND state = 'suppressed'")
        .bind(recipient)
        .execute(conn)
        .await?;
    Ok(true)
}

/// A mail.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Row>, DbError> {
    sql_owned(format!("SELECT {COLUMNS} FROM mail WHERE id = $1")).bind(id).optional(conn).await
}

/// Mails older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    (state, kind): (&str, &str),
    before: &str,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM mail WHERE id < $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR kind = $3) \
         ORDER BY id DESC LIMIT $4"
    ))
    .bind(before)
    .bind(state)
    .bind(kind)
    .bind(limit)
    .all(conn)
    .await
}

/// Mails in each state.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn) -> Result<Vec<MailCount>, DbError> {
    let rows: Vec<CountRow> = sql("SELECT state, COUNT(*) AS n FROM mail GROUP BY state").all(conn).await?;
    let found = |state: MailState| rows.iter().find(|row| row.state == state.as_str()).map_or(0, |row| row.n);
    Ok(MailState::ALL.map(|state| MailCount { state, count: found(state) }).to_vec())
}

/// Forgets mails from before an instant that need no more work; who must not be written to is known longer.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, than: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM mail WHERE created_at < $1 AND state IN ('sent', 'failed', 'held')")
        .bind(than)
        .execute(conn)
        .await
}
