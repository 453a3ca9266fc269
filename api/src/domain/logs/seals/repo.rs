//! Rows of seals, of what is kept beside the logs, and of the ends of chains.

use shared::seals::SealOut;
use shared::time::Millis;

use super::digest::{self, Hash, SealText};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::domain::logs::repo::list;
use crate::util::crypto;
use crate::util::ids::{CustomerId, LogId, Space};

/// A seal as stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Seal {
    /// Whose.
    pub customer_id: i64,
    /// Place in the chain, from 1.
    pub position: i64,
    /// Unix day.
    pub day: i64,
    /// First number.
    pub first_number: i64,
    /// How many numbers.
    pub total: i64,
    /// Root of the tree.
    pub root: String,
    /// Digest of the seal before; empty for the first.
    pub previous: String,
    /// Its digest.
    pub digest: String,
    /// When it was made.
    pub sealed_at: i64,
    /// The erasure that took the last of its logs.
    pub removed_by: Option<String>,
    /// Since when nothing of the day is kept.
    pub removed_at: Option<i64>,
}

const COLUMNS: &str = "customer_id, position, day, first_number, total, root, previous, digest, sealed_at, removed_by, \
    removed_at";

impl Seal {
    /// Last number.
    #[must_use]
    pub const fn last(&self) -> i64 {
        self.first_number + self.total - 1
    }

    /// The digest of what it says.
    #[must_use]
    pub fn computed(&self) -> String {
        crypto::hex(&digest::seal(&SealText {
            customer: CustomerId(self.customer_id),
            position: self.position,
            day: self.day,
            first: self.first_number,
            total: self.total,
            root: &self.root,
            previous: &self.previous,
            sealed_at: self.sealed_at,
        }))
    }

    /// The seal as the API shows it.
    #[must_use]
    pub fn out(self) -> SealOut {
        SealOut {
            position: self.position,
            day: digest::date(self.day),
            first_id: self.first_number,
            last_id: self.last(),
            logs: self.total,
            root: self.root,
            previous: Some(self.previous).filter(|previous| !previous.is_empty()),
            digest: self.digest,
            sealed_at: Millis(self.sealed_at),
            removed_at: self.removed_at.map(Millis),
        }
    }
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// Place of the newest seal; 0 before the first.
    pub position: i64,
    /// The last number that is sealed, or that is not going to be.
    pub last_number: i64,
    /// Digest of the newest seal.
    pub digest: String,
    /// Day of the newest seal.
    pub day: i64,
}

/// Part of a day: 256 numbers, fewer at its end.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Block {
    /// First number.
    pub first_number: i64,
    /// Root of its part of the tree.
    pub digest: String,
    /// Beginnings of its leaves, in base64.
    pub marks: String,
}

#[derive(sqlx::FromRow)]
struct CustomerRow {
    customer_id: i64,
}

/// Customers with logs that may have to be sealed up to a day, and on which nobody works.
///
/// # Errors
/// When the database fails.
pub async fn list_due(conn: &mut Conn, day: i64, now: Millis) -> Result<Vec<CustomerId>, DbError> {
    let rows: Vec<CustomerRow> = sql("SELECT b.customer_id FROM log_book b \
         LEFT JOIN log_seal_head h ON h.customer_id = b.customer_id \
         WHERE NOT b.test AND b.seq > COALESCE(h.last_number, 0) \
         AND (h.customer_id IS NULL OR (h.through_day <> $1 AND h.leased_until < $2)) ORDER BY b.customer_id")
    .bind(day)
    .bind(now)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| CustomerId(row.customer_id)).collect())
}

/// Takes a chain to work on it, unless somebody else did; makes its beginning when it has none.
///
/// # Errors
/// When the database fails.
pub async fn lease(
    conn: &mut Conn,
    customer: CustomerId,
    now: Millis,
    until: Millis,
) -> Result<bool, DbError> {
    sql("INSERT INTO log_seal_head (customer_id, position, last_number, digest, day, through_day, leased_until) \
         VALUES ($1, 0, 0, '', 0, 0, 0) ON CONFLICT (customer_id) DO NOTHING")
    .bind(customer)
    .execute(conn)
    .await?;
    let taken =
        sql("UPDATE log_seal_head SET leased_until = $2 WHERE customer_id = $1 AND leased_until < $3")
            .bind(customer)
            .bind(until)
            .bind(now)
            .execute(conn)
            .await?;
    Ok(taken == 1)
}

/// Gives a chain back that is sealed up to a day.
///
/// # Errors
/// When the database fails.
pub async fn give_back(conn: &mut Conn, customer: CustomerId, through: i64) -> Result<u64, DbError> {
    sql("UPDATE log_seal_head SET through_day = $2, leased_until = 0 WHERE customer_id = $1")
        .bind(customer)
        .bind(through)
        .execute(conn)
        .await
}

/// The end of a chain; none before anything was sealed.
///
/// # Errors
/// When the database fails.
pub async fn find_head(conn: &mut Conn, customer: CustomerId) -> Result<Option<Head>, DbError> {
    sql("SELECT position, last_number, digest, day FROM log_seal_head WHERE customer_id = $1")
        .bind(customer)
        .optional(conn)
        .await
}

/// Keeps parts of a day that is being sealed, and the numbers that had no log; says that somebody works on the chain.
///
/// # Errors
/// When the database fails.
pub async fn upsert_blocks(
    conn: &mut Conn,
    customer: CustomerId,
    blocks: &[Block],
    gaps: &[i64],
    until: Millis,
) -> Result<(), DbError> {
    let rows = conn.dialect().json_rows();
    sql_owned(format!(
        "INSERT INTO log_seal_block (customer_id, first_number, digest, marks) \
         SELECT $2, CAST(v ->> 0 AS BIGINT), v ->> 1, v ->> 2 FROM {rows} WHERE true \
         ON CONFLICT (customer_id, first_number) DO UPDATE SET digest = excluded.digest, marks = excluded.marks"
    ))
    .bind(list(
        blocks.iter().map(|block| format!("[{},\"{}\",\"{}\"]", block.first_number, block.digest, block.marks)),
    ))
    .bind(customer)
    .execute(conn)
    .await?;
    if !gaps.is_empty() {
        let base = LogId::base(customer, Space::Live);
        let gaps = gaps.iter().map(|number| {
            format!("[{},\"{}\"]", base + number, crypto::hex(&digest::gap(customer, *number)))
        });
        sql_owned(format!(
            "INSERT INTO log_leaf (id, customer_id, cause, digest) \
             SELECT CAST(v ->> 0 AS BIGINT), $2, 'gap', v ->> 1 FROM {rows} WHERE true ON CONFLICT (id) DO NOTHING"
        ))
        .bind(list(gaps))
        .bind(customer)
        .execute(conn)
        .await?;
    }
    sql("UPDATE log_seal_head SET leased_until = $2 WHERE customer_id = $1")
        .bind(customer)
        .bind(until)
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts a seal on the end of its chain, which must be as it was when the work began; false when it is not.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, seal: &Seal, before: &Head) -> Result<bool, DbError> {
    let advanced = sql("UPDATE log_seal_head SET position = $2, last_number = $3, digest = $4, day = $5 \
         WHERE customer_id = $1 AND position = $6 AND last_number = $7 AND digest = $8")
    .bind(seal.customer_id)
    .bind(seal.position)
    .bind(seal.last())
    .bind(&seal.digest)
    .bind(seal.day)
    .bind(before.position)
    .bind(before.last_number)
    .bind(&before.digest)
    .execute(conn)
    .await?;
    if advanced == 0 {
        return Ok(false);
    }
    sql_owned(format!(
        "INSERT INTO log_seal ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    ))
    .bind(seal.customer_id)
    .bind(seal.position)
    .bind(seal.day)
    .bind(seal.first_number)
    .bind(seal.total)
    .bind(&seal.root)
    .bind(&seal.previous)
    .bind(&seal.digest)
    .bind(seal.sealed_at)
    .bind(seal.removed_by.as_deref())
    .bind(seal.removed_at)
    .execute(conn)
    .await?;
    // What a former attempt wrote and gave up.
    sql("DELETE FROM log_seal_block WHERE customer_id = $1 AND first_number > $2")
        .bind(seal.customer_id)
        .bind(seal.last())
        .execute(conn)
        .await?;
    Ok(true)
}

/// Seals from a place on, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_from(
    conn: &mut Conn,
    customer: CustomerId,
    position: i64,
    limit: i64,
) -> Result<Vec<Seal>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_seal WHERE customer_id = $1 AND position >= $2 ORDER BY position LIMIT $3"
    ))
    .bind(customer)
    .bind(position)
    .bind(limit)
    .all(conn)
    .await
}

/// Seals before a place, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list_before(
    conn: &mut Conn,
    customer: CustomerId,
    position: i64,
    limit: i64,
) -> Result<Vec<Seal>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_seal WHERE customer_id = $1 AND position < $2 ORDER BY position DESC LIMIT $3"
    ))
    .bind(customer)
    .bind(position)
    .bind(limit)
    .all(conn)
    .await
}

/// Seals that cover any of some numbers, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_covering(
    conn: &mut Conn,
    customer: CustomerId,
    numbers: (i64, i64),
) -> Result<Vec<Seal>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_seal WHERE customer_id = $1 AND first_number <= $3 AND first_number + total > $2 \
         ORDER BY position"
    ))
    .bind(customer)
    .bind(numbers.0)
    .bind(numbers.1)
    .all(conn)
    .await
}

/// The seal that covers a number.
///
/// # Errors
/// When the database fails.
pub async fn find_covering(
    conn: &mut Conn,
    customer: CustomerId,
    number: i64,
) -> Result<Option<Seal>, DbError> {
    let found: Option<Seal> = sql_owned(format!(
        "SELECT {COLUMNS} FROM log_seal WHERE customer_id = $1 AND first_number <= $2 ORDER BY first_number DESC LIMIT 1"
    ))
    .bind(customer)
    .bind(number)
    .optional(conn)
    .await?;
    Ok(found.filter(|seal| seal.last() >= number))
}

/// A seal by its digest.
///
/// # Errors
/// When the database fails.
pub async fn find_digest(
    conn: &mut Conn,
    customer: CustomerId,
    digest: &str,
) -> Result<Option<Seal>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_seal WHERE customer_id = $1 AND digest = $2 ORDER BY position LIMIT 1"
    ))
    .bind(customer)
    .bind(digest)
    .optional(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct DigestRow {
    first_number: i64,
    digest: String,
}

/// Roots of parts of a day, in order, with their first numbers.
///
/// # Errors
/// When the database fails.
pub async fn list_block_digests(
    conn: &mut Conn,
    customer: CustomerId,
    numbers: (i64, i64),
    limit: i64,
) -> Result<Vec<(i64, String)>, DbError> {
    let rows: Vec<DigestRow> = sql("SELECT first_number, digest FROM log_seal_block WHERE customer_id = $1 \
         AND first_number BETWEEN $2 AND $3 ORDER BY first_number LIMIT $4")
    .bind(customer)
    .bind(numbers.0)
    .bind(numbers.1)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.first_number, row.digest)).collect())
}

/// A part of a day.
///
/// # Errors
/// When the database fails.
pub async fn find_block(conn: &mut Conn, customer: CustomerId, first: i64) -> Result<Option<Block>, DbError> {
    sql("SELECT first_number, digest, marks FROM log_seal_block WHERE customer_id = $1 AND first_number = $2")
        .bind(customer)
        .bind(first)
        .optional(conn)
        .await
}

/// What is kept of a log whose content is gone or was changed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    /// Identity of the log.
    pub id: i64,
    /// Unix day of its receipt.
    pub day: Option<i64>,
    /// `erased`, `redacted` or `gap`.
    pub cause: String,
    /// Its leaf.
    pub digest: String,
    /// The leaf of what is left of a changed log.
    pub now_digest: Option<String>,
    /// Whether the erasure that did it is on record, and was one that does this.
    pub known: bool,
    /// Whether the log is out of sight and about to be removed.
    pub hidden: bool,
}

/// What is kept of logs, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_kept(conn: &mut Conn, customer: CustomerId, ids: (i64, i64)) -> Result<Vec<Kept>, DbError> {
    sql("SELECT f.id, f.day, f.cause, f.digest, f.now_digest, \
         EXISTS (SELECT 1 FROM log_erasure e WHERE e.customer_id = f.customer_id AND e.id = f.erasure_id \
         AND (e.fields = '[]') = (f.cause = 'erased')) AS known, \
         EXISTS (SELECT 1 FROM log_hidden h WHERE h.id = f.id) AS hidden \
         FROM log_leaf f WHERE f.customer_id = $1 AND f.id BETWEEN $2 AND $3 ORDER BY f.id")
    .bind(customer)
    .bind(ids.0)
    .bind(ids.1)
    .all(conn)
    .await
}

/// What an erasure leaves of a log.
#[derive(Debug, Clone)]
pub struct Left {
    /// Identity of the log.
    pub id: LogId,
    /// Unix day of its receipt.
    pub day: i64,
    /// Its leaf.
    pub leaf: Hash,
    /// The leaf of what is left of it; none when it is gone.
    pub now: Option<Hash>,
}

#[derive(sqlx::FromRow)]
struct Number {
    n: i64,
}

/// The last number that is not going to be sealed: logs from before there were seals.
///
/// # Errors
/// When the database fails.
pub async fn unsealed_for_good(conn: &mut Conn, customer: CustomerId) -> Result<i64, DbError> {
    let found: Number = sql(
        "SELECT COALESCE((SELECT first_number - 1 FROM log_seal WHERE customer_id = $1 AND position = 1), \
         (SELECT last_number FROM log_seal_head WHERE customer_id = $1 AND position = 0), 0) AS n",
    )
    .bind(customer)
    .one(conn)
    .await?;
    Ok(found.n)
}

/// Keeps the leaves of logs of which an erasure takes the content, or part of it. The leaf of a log that was changed
/// before stays as it is.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    conn: &mut Conn,
    customer: CustomerId,
    erasure: &str,
    leaves: &[Left],
) -> Result<(), DbError> {
    let never = LogId::base(customer, Space::Live) + unsealed_for_good(conn, customer).await?;
    let rows = leaves.iter().filter(|left| left.id.0 > never).map(|left| {
        let now = left.now.map_or_else(|| "null".to_owned(), |now| format!("\"{}\"", crypto::hex(&now)));
        let cause = if left.now.is_some() { "redacted" } else { "erased" };
        format!("[{},{},\"{cause}\",\"{}\",{now}]", left.id.0, left.day, crypto::hex(&left.leaf))
    });
    sql_owned(format!(
        "INSERT INTO log_leaf (id, customer_id, day, cause, digest, now_digest, erasure_id) \
         SELECT CAST(v ->> 0 AS BIGINT), $2, CAST(v ->> 1 AS BIGINT), v ->> 2, v ->> 3, v ->> 4, $3 FROM {} WHERE true \
         ON CONFLICT (id) DO UPDATE SET cause = excluded.cause, now_digest = excluded.now_digest, \
         erasure_id = excluded.erasure_id",
        conn.dialect().json_rows()
    ))
    .bind(list(rows))
    .bind(customer)
    .bind(erasure)
    .execute(conn)
    .await?;
    Ok(())
}

/// Logs of a range that are there, and numbers of it whose log was erased. A log that is about to be removed counts as
/// erased.
///
/// # Errors
/// When the database fails.
pub async fn count_range(
    conn: &mut Conn,
    customer: CustomerId,
    ids: (i64, i64),
) -> Result<(i64, i64), DbError> {
    let there: Number =
        sql("SELECT COUNT(*) AS n FROM log l WHERE l.customer_id = $1 AND l.id BETWEEN $2 AND $3 \
         AND NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.id = l.id AND f.cause = 'erased')")
        .bind(customer)
        .bind(ids.0)
        .bind(ids.1)
        .one(conn)
        .await?;
    let erased: Number =
        sql("SELECT COUNT(*) AS n FROM log_leaf WHERE customer_id = $1 AND id BETWEEN $2 AND $3 AND cause = 'erased'")
            .bind(customer)
            .bind(ids.0)
            .bind(ids.1)
            .one(conn)
            .await?;
    Ok((there.n, erased.n))
}

/// Identities of logs in a range, the first of them.
///
/// # Errors
/// When the database fails.
pub async fn list_ids(
    conn: &mut Conn,
    customer: CustomerId,
    ids: (i64, i64),
    limit: i64,
) -> Result<Vec<LogId>, DbError> {
    let rows: Vec<Number> =
        sql("SELECT id AS n FROM log WHERE customer_id = $1 AND id BETWEEN $2 AND $3 ORDER BY id LIMIT $4")
            .bind(customer)
            .bind(ids.0)
            .bind(ids.1)
            .bind(limit)
            .all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| LogId(row.n)).collect())
}

/// Whether an erasure of whole logs is on record.
///
/// # Errors
/// When the database fails.
pub async fn is_erasure(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<bool, DbError> {
    let found: Number =
        sql("SELECT COUNT(*) AS n FROM log_erasure WHERE customer_id = $1 AND id = $2 AND fields = '[]'")
            .bind(customer)
            .bind(id)
            .one(conn)
            .await?;
    Ok(found.n == 1)
}

/// Customers of whose live logs something was erased since an instant.
///
/// # Errors
/// When the database fails.
pub async fn list_erasing(conn: &mut Conn, since: Millis) -> Result<Vec<CustomerId>, DbError> {
    let rows: Vec<CustomerRow> =
        sql("SELECT DISTINCT customer_id FROM log_erasure WHERE NOT test AND fields = '[]' \
         AND (purged_at IS NULL OR purged_at >= $1) ORDER BY customer_id")
        .bind(since)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| CustomerId(row.customer_id)).collect())
}

/// Seals of days of which no log is left, but something beside them.
///
/// # Errors
/// When the database fails.
pub async fn list_emptied(conn: &mut Conn, customer: CustomerId) -> Result<Vec<Seal>, DbError> {
    let base = LogId::base(customer, Space::Live);
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_seal s WHERE s.customer_id = $1 \
         AND EXISTS (SELECT 1 FROM log_seal_block b WHERE b.customer_id = $1 AND b.first_number = s.first_number) \
         AND NOT EXISTS (SELECT 1 FROM log l WHERE l.customer_id = $1 \
         AND l.id BETWEEN $2 + s.first_number AND $2 + s.first_number + s.total - 1) ORDER BY s.position"
    ))
    .bind(customer)
    .bind(base)
    .all(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct LastErasure {
    n: i64,
    last: Option<String>,
}

/// How many logs of a range were erased, and the newest erasure that took one.
///
/// # Errors
/// When the database fails.
pub async fn last_erasure(
    conn: &mut Conn,
    customer: CustomerId,
    ids: (i64, i64),
) -> Result<(i64, Option<String>), DbError> {
    let found: LastErasure = sql("SELECT COUNT(*) AS n, MAX(erasure_id) AS last FROM log_leaf \
         WHERE customer_id = $1 AND id BETWEEN $2 AND $3 AND cause = 'erased'")
    .bind(customer)
    .bind(ids.0)
    .bind(ids.1)
    .one(conn)
    .await?;
    Ok((found.n, found.last))
}

/// Notes that nothing of a day is kept any more but its seal.
///
/// # Errors
/// When the database fails.
pub async fn update_removed(conn: &mut Conn, seal: &Seal, erasure: &str, at: Millis) -> Result<u64, DbError> {
    sql("UPDATE log_seal SET removed_by = $3, removed_at = $4 \
         WHERE customer_id = $1 AND position = $2 AND removed_at IS NULL")
    .bind(seal.customer_id)
    .bind(seal.position)
    .bind(erasure)
    .bind(at)
    .execute(conn)
    .await
}

/// Removes what is kept of logs of a range.
///
/// # Errors
/// When the database fails.
pub async fn delete_kept(conn: &mut Conn, customer: CustomerId, ids: (i64, i64)) -> Result<u64, DbError> {
    sql("DELETE FROM log_leaf WHERE customer_id = $1 AND id BETWEEN $2 AND $3")
        .bind(customer)
        .bind(ids.0)
        .bind(ids.1)
        .execute(conn)
        .await
}

/// Removes parts of a day, by their first numbers.
///
/// # Errors
/// When the database fails.
pub async fn delete_blocks(
    conn: &mut Conn,
    customer: CustomerId,
    numbers: (i64, i64),
) -> Result<u64, DbError> {
    sql("DELETE FROM log_seal_block WHERE customer_id = $1 AND first_number BETWEEN $2 AND $3")
        .bind(customer)
        .bind(numbers.0)
        .bind(numbers.1)
        .execute(conn)
        .await
}

/// A customer with logs.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Named {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// Customers that have recorded a log or have a seal, or one of them.
///
/// # Errors
/// When the database fails.
pub async fn list_customers(conn: &mut Conn, only: Option<CustomerId>) -> Result<Vec<Named>, DbError> {
    sql("SELECT c.id, c.name FROM customer c WHERE ($1 = 0 OR c.id = $1) AND ($1 <> 0 \
         OR c.id IN (SELECT customer_id FROM log_book WHERE NOT test AND seq > 0) \
         OR c.id IN (SELECT customer_id FROM log_seal)) ORDER BY c.id")
    .bind(only.map_or(0, |customer| customer.0))
    .all(conn)
    .await
}
