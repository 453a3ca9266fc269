//! Rows of decisions, and the version that they are known by.

use ipnet::IpNet;
use shared::security::{DecisionAction, DecisionOrigin, DecisionScope, DetectorMode, DetectorModes};
use shared::time::Millis;

use super::model::{Decision, read_network};
use crate::db::{Conn, DbError, sql, sql_owned};

/// The end of a decision without one.
const NEVER: i64 = i64::MAX;
const COLUMNS: &str = "id, network, action, scope, reason, origin, evidence, simulated, created_at, expires_at, lifted_at, hits, last_hit_at";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    network: String,
    action: String,
    scope: String,
    reason: String,
    origin: String,
    evidence: String,
    simulated: bool,
    created_at: i64,
    expires_at: i64,
    lifted_at: Option<i64>,
    hits: i64,
    last_hit_at: Option<i64>,
}

impl Row {
    /// A row that nobody can read is no decision.
    fn decision(self) -> Option<Decision> {
        Some(Decision {
            network: read_network(&self.network)?,
            action: DecisionAction::parse(&self.action)?,
            scope: DecisionScope::parse(&self.scope)?,
            origin: DecisionOrigin::parse(&self.origin)?,
            evidence: self.evidence.split_whitespace().map(str::to_owned).collect(),
            id: self.id,
            reason: self.reason,
            simulated: self.simulated,
            created_at: Millis(self.created_at),
            expires_at: Some(self.expires_at).filter(|end| *end != NEVER).map(Millis),
            lifted_at: self.lifted_at.map(Millis),
            hits: self.hits,
            last_hit_at: self.last_hit_at.map(Millis),
        })
    }
}

/// Version and modes.
#[derive(Debug, sqlx::FromRow)]
pub struct StateRow {
    /// Grows with each change.
    pub version: i64,
    mode_anonymous: String,
    mode_signed_in: String,
}

impl StateRow {
    /// What the detector may do.
    #[must_use]
    pub fn modes(&self) -> DetectorModes {
        let default = DetectorModes::default();
        DetectorModes {
            anonymous: DetectorMode::parse(&self.mode_anonymous).unwrap_or(default.anonymous),
            signed_in: DetectorMode::parse(&self.mode_signed_in).unwrap_or(default.signed_in),
        }
    }
}

/// Version and modes now.
///
/// # Errors
/// When the database fails.
pub async fn state(conn: &mut Conn) -> Result<StateRow, DbError> {
    sql("SELECT version, mode_anonymous, mode_signed_in FROM security_state WHERE id = 1").one(conn).await
}

/// Says that something changed, in the transaction of the change. From here to the commit nobody else changes anything.
///
/// # Errors
/// When the database fails.
pub async fn update_version(conn: &mut Conn) -> Result<u64, DbError> {
    sql("UPDATE security_state SET version = version + 1 WHERE id = 1").execute(conn).await
}

/// Sets the modes.
///
/// # Errors
/// When the database fails.
pub async fn update_modes(conn: &mut Conn, modes: DetectorModes) -> Result<u64, DbError> {
    sql("UPDATE security_state SET mode_anonymous = $1, mode_signed_in = $2 WHERE id = 1")
        .bind(modes.anonymous.as_str())
        .bind(modes.signed_in.as_str())
        .execute(conn)
        .await
}

/// Keeps a decision.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, decision: &Decision) -> Result<u64, DbError> {
    sql("INSERT INTO decision (id, network, action, scope, reason, origin, evidence, simulated, created_at, expires_at, hits) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)")
        .bind(&decision.id)
        .bind(decision.network.to_string())
        .bind(decision.action.as_str())
        .bind(decision.scope.as_str())
        .bind(&decision.reason)
        .bind(decision.origin.as_str())
        .bind(decision.evidence.join(" "))
        .bind(decision.simulated)
        .bind(decision.created_at)
        .bind(decision.expires_at.map_or(NEVER, |end| end.0))
        .execute(conn)
        .await
}

/// Decisions in force.
///
/// # Errors
/// When the database fails.
pub async fn list_active(conn: &mut Conn, now: Millis) -> Result<Vec<Decision>, DbError> {
    let rows: Vec<Row> = sql_owned(format!(
        "SELECT {COLUMNS} FROM decision WHERE lifted_at IS NULL AND expires_at > $1 ORDER BY id"
    ))
    .bind(now)
    .all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(Row::decision).collect())
}

#[derive(sqlx::FromRow)]
struct GraceRow {
    network: String,
    origin: String,
    lifted_at: i64,
}

/// Automatic decisions that were lifted since an instant: network, origin, when.
///
/// # Errors
/// When the database fails.
pub async fn list_lifted(
    conn: &mut Conn,
    since: Millis,
) -> Result<Vec<(IpNet, DecisionOrigin, Millis)>, DbError> {
    let rows: Vec<GraceRow> =
        sql("SELECT network, origin, lifted_at FROM decision WHERE lifted_at > $1 AND origin <> 'manual'")
            .bind(since)
            .all(conn)
            .await?;
    let read = |row: GraceRow| {
        Some((read_network(&row.network)?, DecisionOrigin::parse(&row.origin)?, Millis(row.lifted_at)))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Which decisions are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those in force, or those that are not; all if absent.
    pub active: Option<bool>,
    /// What they do.
    pub action: Option<DecisionAction>,
    /// Who decided.
    pub origin: Option<DecisionOrigin>,
    /// Part of the network or of the reason, in small letters.
    pub words: String,
}

/// Decisions older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    filter: &Filter,
    before: &str,
    limit: i64,
    now: Millis,
) -> Result<Vec<Decision>, DbError> {
    let rows: Vec<Row> = sql_owned(format!(
        "SELECT {COLUMNS} FROM decision WHERE id < $1 AND ($2 = '' OR action = $2) AND ($3 = '' OR origin = $3) \
         AND ($4 = '' OR LOWER(network) LIKE $4 ESCAPE '!' OR LOWER(reason) LIKE $4 ESCAPE '!') \
         AND ($5 = 0 OR (CASE WHEN lifted_at IS NULL AND expires_at > $6 THEN 1 ELSE 2 END) = $5) \
         ORDER BY id DESC LIMIT $7"
    ))
    .bind(before)
    .bind(filter.action.map_or("", DecisionAction::as_str))
    .bind(filter.origin.map_or("", DecisionOrigin::as_str))
    .bind(pattern(&filter.words))
    .bind(filter.active.map_or(0_i64, |active| if active { 1 } else { 2 }))
    .bind(now)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(Row::decision).collect())
}

fn pattern(words: &str) -> String {
    let mut pattern = String::new();
    for c in words.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    if pattern.is_empty() { pattern } else { format!("%{pattern}%") }
}

/// A decision.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Decision>, DbError> {
    let row: Option<Row> =
        sql_owned(format!("SELECT {COLUMNS} FROM decision WHERE id = $1")).bind(id).optional(conn).await?;
    Ok(row.and_then(Row::decision))
}

/// Changes end and simulation of a decision in force. Whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn update(
    conn: &mut Conn,
    id: &str,
    (expires_at, simulated): (Option<Millis>, bool),
) -> Result<bool, DbError> {
    let changed =
        sql("UPDATE decision SET expires_at = $2, simulated = $3 WHERE id = $1 AND lifted_at IS NULL")
            .bind(id)
            .bind(expires_at.map_or(NEVER, |end| end.0))
            .bind(simulated)
            .execute(conn)
            .await?;
    Ok(changed > 0)
}

/// Ends a decision. Whether it was in force.
///
/// # Errors
/// When the database fails.
pub async fn lift(conn: &mut Conn, id: &str, now: Millis) -> Result<bool, DbError> {
    let lifted =
        sql("UPDATE decision SET lifted_at = $2 WHERE id = $1 AND lifted_at IS NULL AND expires_at > $2")
            .bind(id)
            .bind(now)
            .execute(conn)
            .await?;
    Ok(lifted > 0)
}

/// Adds requests that decisions met.
///
/// # Errors
/// When the database fails.
pub async fn add_hits(conn: &mut Conn, id: &str, hits: i64, last: Millis) -> Result<u64, DbError> {
    sql("UPDATE decision SET hits = hits + $2, last_hit_at = $3 WHERE id = $1")
        .bind(id)
        .bind(hits)
        .bind(last)
        .execute(conn)
        .await
}

/// Forgets decisions that ended before an instant.
///
/// # Errors
/// When the database fails.
pub async fn delete_ended(conn: &mut Conn, before: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM decision WHERE expires_at < $1 OR lifted_at < $1").bind(before).execute(conn).await
}
