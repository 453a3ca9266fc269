//! Rows of the audit log. They are written, read, and as whole ranges cut off; nothing changes one.

use shared::audit::{AuditActorKind, AuditEventOut};
use shared::time::Millis;

use super::chain::{self, Checkpoint};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// The end of a chain.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct End {
    /// Number of the newest row.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

/// Takes the next number of a chain and locks its end until the transaction ends. The hash is that of the row before.
///
/// # Errors
/// When the database fails.
pub async fn next(conn: &mut Conn, customer: CustomerId) -> Result<End, DbError> {
    sql("INSERT INTO audit_chain (customer_id, number, hash, mark_number, mark_hash, mark_at, mark_key, mark_signature, \
         cut_number, cut_hash, cut_at, cut_key, cut_signature) VALUES ($1, 1, '', 0, '', 0, '', '', 0, '', 0, '', '') \
         ON CONFLICT (customer_id) DO UPDATE SET number = audit_chain.number + 1 RETURNING number, hash")
    .bind(customer)
    .one(conn)
    .await
}

/// Stores a row with what may be about a person (salt and text), and makes it the end of its chain.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &mut Conn,
    row: &AuditEventOut,
    private: Option<(&str, &str)>,
) -> Result<(), DbError> {
    sql("INSERT INTO audit_event (customer_id, number, id, at, actor_kind, actor_id, impersonator, action, target, outcome, \
         request_id, changes, private_digest, key_version, prev_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)")
    .bind(row.customer_id)
    .bind(row.number)
    .bind(&row.id)
    .bind(row.at)
    .bind(row.actor_kind.as_str())
    .bind(row.actor_id.as_deref())
    .bind(row.impersonator.as_deref())
    .bind(&row.action)
    .bind(row.target.as_deref())
    .bind(&row.outcome)
    .bind(row.request_id.as_deref())
    .bind(chain::changes_text(&row.changes))
    .bind(row.private_digest.as_deref())
    .bind(&row.key_version)
    .bind(&row.prev_hash)
    .bind(&row.hash)
    .execute(conn)
    .await?;
    if let Some((salt, text)) = private {
        sql("INSERT INTO audit_private (customer_id, number, salt, data) VALUES ($1, $2, $3, $4)")
            .bind(row.customer_id)
            .bind(row.number)
            .bind(salt)
            .bind(text)
            .execute(conn)
            .await?;
    }
    sql("UPDATE audit_chain SET hash = $1 WHERE customer_id = $2")
        .bind(&row.hash)
        .bind(row.customer_id)
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    customer_id: i64,
    customer_name: Option<String>,
    number: i64,
    id: String,
    at: i64,
    actor_kind: String,
    actor_id: Option<String>,
    key_name: Option<String>,
    staff_name: Option<String>,
    user_name: Option<String>,
    impersonator: Option<String>,
    action: String,
    target: Option<String>,
    outcome: String,
    request_id: Option<String>,
    changes: String,
    private_digest: Option<String>,
    private: Option<String>,
    salt: Option<String>,
    key_version: String,
    prev_hash: String,
    hash: String,
}

/// A row as it was read.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The row.
    pub row: AuditEventOut,
    /// Whether what was read says all that is stored: a text that we did not write may be lost in reading.
    pub faithful: bool,
    /// What may be about a person, as stored.
    pub private: Option<String>,
}

impl From<EventRow> for Stored {
    fn from(row: EventRow) -> Self {
        let out = AuditEventOut {
            id: row.id,
            customer_id: row.customer_id,
            customer_name: row.customer_name,
            number: row.number,
            at: Millis(row.at),
            // A word that is not ours cannot have been written by us; verifying compares with the stored hash.
            actor_kind: AuditActorKind::parse(&row.actor_kind).unwrap_or(AuditActorKind::Anonymous),
            actor_id: row.actor_id,
            actor_name: row.key_name.or(row.staff_name).or(row.user_name),
            impersonator: row.impersonator,
            action: row.action,
            target: row.target,
            outcome: row.outcome,
            request_id: row.request_id,
            changes: serde_json::from_str(&row.changes).unwrap_or_default(),
            private: row.private.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            private_digest: row.private_digest,
            private_salt: row.salt,
            key_version: row.key_version,
            prev_hash: row.prev_hash,
            hash: row.hash,
        };
        let faithful =
            out.actor_kind.as_str() == row.actor_kind && chain::changes_text(&out.changes) == row.changes;
        Self { row: out, faithful, private: row.private }
    }
}

const COLUMNS: &str = "SELECT e.customer_id, c.name AS customer_name, e.number, e.id, e.at, e.actor_kind, e.actor_id, \
     k.name AS key_name, s.username AS staff_name, u.name AS user_name, e.impersonator, e.action, e.target, e.outcome, e.request_id, e.changes, \
     e.private_digest, p.data AS private, p.salt, e.key_version, e.prev_hash, e.hash FROM audit_event e \
     LEFT JOIN audit_private p ON p.customer_id = e.customer_id AND p.number = e.number \
     LEFT JOIN customer c ON c.id = e.customer_id \
     LEFT JOIN api_key k ON e.actor_kind = 'key' AND k.id = e.actor_id \
     LEFT JOIN staff s ON e.actor_kind = 'staff' AND s.id = e.actor_id \
     LEFT JOIN person u ON e.actor_kind = 'user' AND u.id = e.actor_id ";

/// Which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of which chain; all if absent.
    pub customer: Option<i64>,
    /// Name of an action, or the part before the dot.
    pub action: Option<String>,
    /// Kind of who did it.
    pub actor_kind: Option<String>,
    /// Identifier of who did it.
    pub actor: Option<String>,
    /// To what: an identifier.
    pub target: Option<String>,
    /// Outcome.
    pub outcome: Option<String>,
    /// At or after.
    pub from: Option<Millis>,
    /// Before.
    pub to: Option<Millis>,
}

/// The condition that rows are of one chain (`$2`), or of any. A condition for both at once would lead a customer's question
/// through the rows of everybody.
const fn of_chain(customer: Option<i64>) -> &'static str {
    if customer.is_some() { "e.customer_id = $2" } else { "CAST($2 AS BIGINT) IS NULL" }
}

/// Rows, newest first, older than one.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    filter: &Filter,
    before: &str,
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    let text = format!(
        "{COLUMNS} WHERE e.id < $1 AND {} \
         AND ($3 IS NULL OR e.action = $3 OR e.action LIKE $3 || '.%') AND ($4 IS NULL OR e.actor_kind = $4) \
         AND ($5 IS NULL OR e.actor_id = $5) AND ($6 IS NULL OR e.target = $6) AND ($7 IS NULL OR e.outcome = $7) \
         AND ($8 IS NULL OR e.at >= $8) AND ($9 IS NULL OR e.at < $9) ORDER BY e.id DESC LIMIT $10",
        of_chain(filter.customer)
    );
    let rows: Vec<EventRow> = sql_owned(text)
        .bind(before)
        .bind(filter.customer)
        .bind(filter.action.as_deref())
        .bind(filter.actor_kind.as_deref())
        .bind(filter.actor.as_deref())
        .bind(filter.target.as_deref())
        .bind(filter.outcome.as_deref())
        .bind(filter.from)
        .bind(filter.to)
        .bind(limit)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// A row; of one customer, if named.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, customer: Option<i64>, id: &str) -> Result<Option<Stored>, DbError> {
    let text = format!("{COLUMNS} WHERE e.id = $1 AND ($2 IS NULL OR e.customer_id = $2)");
    let row: Option<EventRow> = sql_owned(text).bind(id).bind(customer).optional(conn).await?;
    Ok(row.map(Stored::from))
}

/// As many of the newest rows are looked at for what somebody types: there is no index for it.
const LOOKED_AT: i64 = 20_000;

/// The newest rows that have an identifier (their own, or who, to what, in which request), that a staff member of this name
/// did, or that are called so: an action, or the part before the dot.
///
/// # Errors
/// When the database fails.
pub async fn search(
    conn: &mut Conn,
    text: &str,
    action: Option<&str>,
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    let rows: Vec<EventRow> = sql_owned(format!(
        "{COLUMNS} WHERE e.id >= coalesce((SELECT x.id FROM audit_event x ORDER BY x.id DESC LIMIT 1 OFFSET $4), '') \
         AND (e.id = $1 OR e.target = $1 OR e.actor_id = $1 OR e.request_id = $1 OR s.username_key = $2 \
         OR e.action = $3 OR e.action LIKE $3 || '.%') ORDER BY e.id DESC LIMIT $5"
    ))
    .bind(text)
    .bind(text.to_lowercase())
    .bind(action)
    .bind(LOOKED_AT - 1)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// Rows of a chain behind a number, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list_chain(
    conn: &mut Conn,
    customer: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Stored>, DbError> {
    // Names are not needed, and reading them would cost most of the time.
    let rows: Vec<EventRow> = sql(
        "SELECT e.customer_id, NULL AS customer_name, e.number, e.id, e.at, e.actor_kind, e.actor_id, NULL AS key_name, \
         NULL AS staff_name, NULL AS user_name, e.impersonator, e.action, e.target, e.outcome, e.request_id, e.changes, e.private_digest, \
         p.data AS private, p.salt, e.key_version, e.prev_hash, e.hash FROM audit_event e \
         LEFT JOIN audit_private p ON p.customer_id = e.customer_id AND p.number = e.number \
         WHERE e.customer_id = $1 AND e.number > $2 ORDER BY e.number LIMIT $3",
    )
    .bind(customer)
    .bind(after)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

#[derive(sqlx::FromRow)]
struct ChainRow {
    customer_id: i64,
    number: i64,
    hash: String,
    mark_number: i64,
    mark_hash: String,
    mark_at: i64,
    mark_key: String,
    mark_signature: String,
    cut_number: i64,
    cut_hash: String,
    cut_at: i64,
    cut_key: String,
    cut_signature: String,
}

/// A chain: its end, its newest checkpoint, and where it was cut.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Number of the customer, 0 for the installation.
    pub customer_id: i64,
    /// The end.
    pub end: End,
    /// The newest checkpoint.
    pub mark: Option<Checkpoint>,
    /// What was cut off ends here.
    pub cut: Option<Checkpoint>,
}

impl From<ChainRow> for Chain {
    fn from(row: ChainRow) -> Self {
        let customer_id = row.customer_id;
        let mark = Checkpoint {
            customer_id,
            number: row.mark_number,
            hash: row.mark_hash,
            at: Millis(row.mark_at),
            key_version: row.mark_key,
            signature: row.mark_signature,
        };
        let cut = Checkpoint {
            customer_id,
            number: row.cut_number,
            hash: row.cut_hash,
            at: Millis(row.cut_at),
            key_version: row.cut_key,
            signature: row.cut_signature,
        };
        Self {
            customer_id,
            end: End { number: row.number, hash: row.hash },
            mark: Some(mark).filter(|mark| mark.number > 0),
            cut: Some(cut).filter(|cut| cut.number > 0),
        }
    }
}

const CHAIN: &str = "SELECT customer_id, number, hash, mark_number, mark_hash, mark_at, mark_key, mark_signature, \
     cut_number, cut_hash, cut_at, cut_key, cut_signature FROM audit_chain ";

/// Chains, those with rows but without an end included; of one customer, if named.
///
/// # Errors
/// When the database fails.
pub async fn list_chains(conn: &mut Conn, only: Option<i64>) -> Result<Vec<Chain>, DbError> {
    let rows: Vec<ChainRow> =
        sql_owned(format!("{CHAIN} WHERE $1 IS NULL OR customer_id = $1 ORDER BY customer_id"))
            .bind(only)
            .all(conn)
            .await?;
    Ok(rows.into_iter().map(Chain::from).collect())
}

#[derive(sqlx::FromRow)]
struct Id {
    id: i64,
}

/// Chains that have rows and no end on record.
///
/// # Errors
/// When the database fails.
pub async fn list_endless(conn: &mut Conn, only: Option<i64>) -> Result<Vec<i64>, DbError> {
    let one = if only.is_some() { "e.customer_id = $1" } else { "CAST($1 AS BIGINT) IS NULL" };
    let rows: Vec<Id> = sql_owned(format!(
        "SELECT DISTINCT e.customer_id AS id FROM audit_event e WHERE {one} \
         AND NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.customer_id = e.customer_id)"
    ))
    .bind(only)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Chains that are due for a checkpoint: with so many new rows, or with new ones and a checkpoint from before an instant.
///
/// # Errors
/// When the database fails.
pub async fn list_due(conn: &mut Conn, rows: i64, before: Millis) -> Result<Vec<Chain>, DbError> {
    let text = format!(
        "{CHAIN} WHERE number > mark_number AND (number - mark_number >= $1 OR mark_at <= $2) ORDER BY customer_id LIMIT 1000"
    );
    let found: Vec<ChainRow> = sql_owned(text).bind(rows).bind(before).all(conn).await?;
    Ok(found.into_iter().map(Chain::from).collect())
}

/// Keeps a newer checkpoint; false when another server was faster.
///
/// # Errors
/// When the database fails.
pub async fn put_mark(conn: &mut Conn, mark: &Checkpoint) -> Result<bool, DbError> {
    let touched =
        sql("UPDATE audit_chain SET mark_number = $1, mark_hash = $2, mark_at = $3, mark_key = $4, \
         mark_signature = $5 WHERE customer_id = $6 AND mark_number < $1")
        .bind(mark.number)
        .bind(&mark.hash)
        .bind(mark.at)
        .bind(&mark.key_version)
        .bind(&mark.signature)
        .bind(mark.customer_id)
        .execute(conn)
        .await?;
    Ok(touched == 1)
}

/// The last row of a chain from before an instant, up to a number.
///
/// # Errors
/// When the database fails.
pub async fn find_last_before(
    conn: &mut Conn,
    customer: i64,
    before: Millis,
    up_to: i64,
) -> Result<Option<End>, DbError> {
    // Where the first row is young enough nothing else is looked at.
    sql("SELECT number, hash FROM audit_event e WHERE customer_id = $1 AND number <= $2 AND at < $3 AND \
         (SELECT f.at FROM audit_event f WHERE f.customer_id = $1 ORDER BY f.number LIMIT 1) < $3 AND NOT EXISTS \
         (SELECT 1 FROM audit_event x WHERE x.customer_id = $1 AND x.number < e.number AND x.at >= $3) \
         ORDER BY number DESC LIMIT 1")
    .bind(customer)
    .bind(up_to)
    .bind(before)
    .optional(conn)
    .await
}

/// Cuts a chain off up to a signed place.
///
/// # Errors
/// When the database fails.
pub async fn cut(conn: &mut Conn, cut: &Checkpoint) -> Result<u64, DbError> {
    sql("UPDATE audit_chain SET cut_number = $1, cut_hash = $2, cut_at = $3, cut_key = $4, cut_signature = $5 \
         WHERE customer_id = $6 AND cut_number < $1 AND mark_number >= $1")
    .bind(cut.number)
    .bind(&cut.hash)
    .bind(cut.at)
    .bind(&cut.key_version)
    .bind(&cut.signature)
    .bind(cut.customer_id)
    .execute(conn)
    .await?;
    let mut gone = 0;
    for table in ["audit_private", "audit_event"] {
        gone = sql_owned(format!("DELETE FROM {table} WHERE customer_id = $1 AND number <= $2"))
            .bind(cut.customer_id)
            .bind(cut.number)
            .execute(conn)
            .await?;
    }
    Ok(gone)
}

/// Erases what may be about persons in the rows of a customer; says in how many.
///
/// # Errors
/// When the database fails.
pub async fn delete_private(conn: &mut Conn, customer: CustomerId) -> Result<u64, DbError> {
    sql("DELETE FROM audit_private WHERE customer_id = $1").bind(customer).execute(conn).await
}
