//! Rows of security events.

use serde_json::json;
use shared::security::{SecurityEventKind, SecurityEventOut, SecurityOutcome, Severity};
use shared::time::Millis;

use super::model::Event;
use crate::db::{Conn, DbError, sql, sql_owned};

/// Rows of one statement.
const ROWS: usize = 500;
const COLUMNS: &str = "id, customer_id, at, last_at, times, kind, severity, outcome, ip_address, network, method, path, client, part, \
    score, rules, decision_id, request_id, acknowledged_at";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    customer_id: Option<i64>,
    at: i64,
    last_at: i64,
    times: i64,
    kind: String,
    severity: String,
    outcome: String,
    ip_address: String,
    network: String,
    method: Option<String>,
    path: Option<String>,
    client: Option<String>,
    part: Option<String>,
    score: Option<i64>,
    rules: String,
    decision_id: Option<String>,
    request_id: Option<String>,
    acknowledged_at: Option<i64>,
}

impl Row {
    fn out(self) -> SecurityEventOut {
        SecurityEventOut {
            id: self.id,
            at: Millis(self.at),
            last_at: Millis(self.last_at),
            times: self.times,
            kind: SecurityEventKind::parse(&self.kind).unwrap_or(SecurityEventKind::Threat),
            severity: Severity::parse(&self.severity).unwrap_or(Severity::Low),
            outcome: SecurityOutcome::parse(&self.outcome).unwrap_or(SecurityOutcome::Watched),
            ip_address: self.ip_address,
            network: self.network,
            method: self.method,
            path: self.path,
            client: self.client,
            part: self.part,
            score: self.score,
            rules: self.rules.split(' ').filter(|rule| !rule.is_empty()).map(str::to_owned).collect(),
            customer_id: self.customer_id,
            decision_id: self.decision_id,
            request_id: self.request_id,
            acknowledged_at: self.acknowledged_at.map(Millis),
        }
    }
}

/// Which events are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// What happened.
    pub kind: Option<SecurityEventKind>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// The network.
    pub network: Option<String>,
    /// From when.
    pub since: Option<Millis>,
    /// Those that nobody has seen to.
    pub open: bool,
}

/// Keeps events.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, events: &[Event]) -> Result<(), DbError> {
    let source = conn.dialect().json_rows();
    let text = format!(
        "INSERT INTO security_event (id, customer_id, at, last_at, times, kind, severity, outcome, ip_address, network, method, path, \
         client, part, score, rules, decision_id, request_id) SELECT v ->> 0, CAST(v ->> 1 AS BIGINT), CAST(v ->> 2 AS BIGINT), \
         CAST(v ->> 3 AS BIGINT), CAST(v ->> 4 AS BIGINT), v ->> 5, v ->> 6, v ->> 7, v ->> 8, v ->> 9, v ->> 10, v ->> 11, v ->> 12, \
         v ->> 13, CAST(v ->> 14 AS BIGINT), v ->> 15, v ->> 16, v ->> 17 FROM {source}"
    );
    for part in events.chunks(ROWS) {
        let rows: Vec<_> = part
            .iter()
            .map(|e| {
                json!([
                    e.id,
                    e.customer.map(|customer| customer.0),
                    e.at.0,
                    e.last_at.0,
                    e.times,
                    e.kind.as_str(),
                    e.severity.as_str(),
                    e.outcome.as_str(),
                    e.ip_address,
                    e.network,
                    e.method,
                    e.path,
                    e.client,
                    e.part,
                    e.score,
                    e.rules.join(" "),
                    e.decision,
                    e.request_id
                ])
            })
            .collect();
        sql_owned(text.clone()).bind(json!(rows).to_string()).execute(conn).await?;
    }
    Ok(())
}

/// Events older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    filter: &Filter,
    before: &str,
    limit: i64,
) -> Result<Vec<SecurityEventOut>, DbError> {
    let rows: Vec<Row> = sql_owned(format!(
        "SELECT {COLUMNS} FROM security_event WHERE id < $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR severity = $3) \
         AND ($4 = '' OR network = $4) AND at >= $5 AND ($6 = FALSE OR acknowledged_at IS NULL) ORDER BY id DESC LIMIT $7"
    ))
    .bind(before)
    .bind(filter.kind.map_or("", SecurityEventKind::as_str))
    .bind(filter.severity.map_or("", Severity::as_str))
    .bind(filter.network.as_deref().unwrap_or_default())
    .bind(filter.since.unwrap_or(Millis(0)))
    .bind(filter.open)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(Row::out).collect())
}

/// An event.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<SecurityEventOut>, DbError> {
    let row: Option<Row> = sql_owned(format!("SELECT {COLUMNS} FROM security_event WHERE id = $1"))
        .bind(id)
        .optional(conn)
        .await?;
    Ok(row.map(Row::out))
}

/// Events of one hour and severity.
#[derive(Debug, sqlx::FromRow)]
pub struct HourRow {
    /// Hours since 1970.
    pub hour: i64,
    /// See `Severity`.
    pub severity: String,
    /// How many.
    pub n: i64,
}

/// Events by hour and severity since an instant.
///
/// # Errors
/// When the database fails.
pub async fn count_by_hour(conn: &mut Conn, since: Millis) -> Result<Vec<HourRow>, DbError> {
    sql("SELECT at / 3600000 AS hour, severity, CAST(SUM(times) AS BIGINT) AS n FROM security_event WHERE at >= $1 \
         GROUP BY at / 3600000, severity")
    .bind(since)
    .all(conn)
    .await
}

/// What the level rests on.
#[derive(Debug, sqlx::FromRow)]
pub struct LevelRow {
    /// Critical events that nobody acknowledged.
    pub open_critical: i64,
    /// Severe events.
    pub high: i64,
    /// Requests to traps.
    pub honeypot: i64,
}

/// Events since an instant that make the level.
///
/// # Errors
/// When the database fails.
pub async fn count_severe(conn: &mut Conn, since: Millis) -> Result<LevelRow, DbError> {
    sql("SELECT CAST(COALESCE(SUM(CASE WHEN severity = 'critical' AND acknowledged_at IS NULL THEN times ELSE 0 END), 0) AS BIGINT) AS open_critical, \
         CAST(COALESCE(SUM(CASE WHEN severity = 'high' THEN times ELSE 0 END), 0) AS BIGINT) AS high, \
         CAST(COALESCE(SUM(CASE WHEN kind = 'honeypot' THEN times ELSE 0 END), 0) AS BIGINT) AS honeypot \
         FROM security_event WHERE at >= $1")
    .bind(since)
    .one(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    n: i64,
}

/// Events of a kind since an instant.
///
/// # Errors
/// When the database fails.
pub async fn count_kind(conn: &mut Conn, kind: SecurityEventKind, since: Millis) -> Result<i64, DbError> {
    let row: NumberRow = sql(
        "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) AS n FROM security_event WHERE at >= $1 AND kind = $2",
    )
    .bind(since)
    .bind(kind.as_str())
    .one(conn)
    .await?;
    Ok(row.n)
}

/// A network with its events.
#[derive(Debug, sqlx::FromRow)]
pub struct SourceRow {
    /// The network.
    pub network: String,
    /// How many events.
    pub n: i64,
    /// How bad the worst is: 0 to 3.
    pub worst: i64,
    /// When the last was.
    pub last_at: i64,
}

/// Networks with most events since an instant.
///
/// # Errors
/// When the database fails.
pub async fn list_sources(conn: &mut Conn, since: Millis, limit: i64) -> Result<Vec<SourceRow>, DbError> {
    sql("SELECT network, CAST(SUM(times) AS BIGINT) AS n, CAST(MAX(CASE severity WHEN 'critical' THEN 3 WHEN 'high' THEN 2 \
         WHEN 'medium' THEN 1 ELSE 0 END) AS BIGINT) AS worst, MAX(last_at) AS last_at FROM security_event \
         WHERE at >= $1 AND kind <> 'config_change' GROUP BY network ORDER BY n DESC, network LIMIT $2")
    .bind(since)
    .bind(limit)
    .all(conn)
    .await
}

/// Says that staff has seen to an event and all before it.
///
/// # Errors
/// When the database fails.
pub async fn acknowledge(conn: &mut Conn, until: &str, by: &str, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE security_event SET acknowledged_at = $1, acknowledged_by = $2 WHERE id <= $3 AND acknowledged_at IS NULL")
        .bind(now)
        .bind(by)
        .bind(until)
        .execute(conn)
        .await
}

/// Forgets events before an instant.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, than: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM security_event WHERE at < $1").bind(than).execute(conn).await
}
