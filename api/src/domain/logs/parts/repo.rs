//! Rows of the index of parts, and its marks.

use crate::db::{Conn, DbError, Dialect, sql, sql_owned};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::{list, page};
use crate::domain::search::parts::Gram;
use crate::util::ids::{CustomerId, LogId, Space};

/// A book whose logs are not all in the index.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Due {
    customer_id: i64,
    test: bool,
    /// Its last number.
    pub seq: i64,
    /// The last number in the index.
    pub mark: i64,
    /// How often stored logs were changed or erased.
    pub edits: i64,
}

impl Due {
    /// The book.
    #[must_use]
    pub const fn key(&self) -> BookKey {
        BookKey { customer: CustomerId(self.customer_id), space: Space::of(self.test) }
    }
}

/// Which logs of a block have a gram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The block.
    pub block: i64,
    /// The gram.
    pub gram: Gram,
    /// The logs, as `search::postings` writes them; empty for none.
    pub ids: String,
}

/// Books with at least so many logs that are not in the index, those with the fewest of them first: who has just stored
/// something does not wait for millions of somebody else.
///
/// # Errors
/// When the database fails.
pub async fn list_due(conn: &mut Conn, least: i64, limit: i64) -> Result<Vec<Due>, DbError> {
    sql("SELECT b.customer_id, b.test, b.seq, coalesce(m.seq, 0) AS mark, b.edits FROM log_book b \
         LEFT JOIN log_part_mark m ON m.customer_id = b.customer_id AND m.test = b.test \
         WHERE b.seq - coalesce(m.seq, 0) >= $1 ORDER BY b.seq - coalesce(m.seq, 0), b.customer_id, b.test LIMIT $2")
    .bind(least)
    .bind(limit)
    .all(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct Number {
    n: i64,
}

/// Numbers of all books that are not in the index.
///
/// # Errors
/// When the database fails.
pub async fn count_waiting(conn: &mut Conn) -> Result<i64, DbError> {
    let row: Number =
        sql("SELECT CAST(coalesce(SUM(b.seq - coalesce(m.seq, 0)), 0) AS BIGINT) AS n FROM log_book b \
                           LEFT JOIN log_part_mark m ON m.customer_id = b.customer_id AND m.test = b.test")
        .one(conn)
        .await?;
    Ok(row.n)
}

/// The last number of a book that is in the index.
///
/// # Errors
/// When the database fails.
pub async fn find_mark(conn: &mut Conn, key: BookKey) -> Result<i64, DbError> {
    let found: Option<Number> =
        sql("SELECT seq AS n FROM log_part_mark WHERE customer_id = $1 AND test = $2")
            .bind(key.customer)
            .bind(key.space.is_test())
            .optional(conn)
            .await?;
    Ok(found.map_or(0, |row| row.n))
}

/// The same, locked until the transaction ends; made if it was not there.
///
/// # Errors
/// When the database fails.
pub async fn lock_mark(conn: &mut Conn, key: BookKey) -> Result<i64, DbError> {
    sql("INSERT INTO log_part_mark (customer_id, test, seq) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING")
        .bind(key.customer)
        .bind(key.space.is_test())
        .execute(conn)
        .await?;
    let text = format!(
        "SELECT seq AS n FROM log_part_mark WHERE customer_id = $1 AND test = $2{}",
        conn.dialect().for_update()
    );
    let row: Number = sql_owned(text).bind(key.customer).bind(key.space.is_test()).one(conn).await?;
    Ok(row.n)
}

/// Moves the mark.
///
/// # Errors
/// When the database fails.
pub async fn set_mark(conn: &mut Conn, key: BookKey, seq: i64) -> Result<u64, DbError> {
    sql("UPDATE log_part_mark SET seq = $3 WHERE customer_id = $1 AND test = $2")
        .bind(key.customer)
        .bind(key.space.is_test())
        .bind(seq)
        .execute(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct SizeRow {
    id: i64,
    bytes: i64,
}

/// Identities of stored logs in a range with the size of their data, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_sizes(
    conn: &mut Conn,
    customer: CustomerId,
    ids: (i64, i64),
    limit: i64,
) -> Result<Vec<(LogId, i64)>, DbError> {
    let rows: Vec<SizeRow> = sql("SELECT id, CAST(octet_length(data) AS BIGINT) AS bytes FROM log \
                                  WHERE customer_id = $1 AND id BETWEEN $2 AND $3 ORDER BY id LIMIT $4")
    .bind(customer)
    .bind(ids.0)
    .bind(ids.1)
    .bind(limit)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (LogId(row.id), row.bytes)).collect())
}

/// What the index has for some blocks and grams. The pairs are numbers before they meet the table, as PostgreSQL looks
/// nothing up by what is worked out on the way, and each is looked up by itself, whatever is known of the table's size.
///
/// # Errors
/// When the database fails.
pub async fn list_postings(
    conn: &mut Conn,
    key: BookKey,
    pairs: &[(i64, Gram)],
) -> Result<Vec<Posting>, DbError> {
    let json = list(pairs.iter().map(|(block, gram)| format!("[{block},{gram}]")));
    let text = postings_text(conn.dialect());
    let statement = sql_owned(text).bind(json).bind(key.customer).bind(key.space.is_test());
    let rows: Vec<(i64, Gram, Option<String>)> = page(conn, statement).await?;
    let posting = |(block, gram, ids): (i64, Gram, Option<String>)| Some(Posting { block, gram, ids: ids? });
    Ok(rows.into_iter().filter_map(posting).collect())
}

/// The statement of [`list_postings`]: `$1` pairs, `$2` customer, `$3` whether it is the test space.
#[must_use]
pub fn postings_text(dialect: Dialect) -> String {
    let found = format!(
        "WITH r AS MATERIALIZED (SELECT CAST(v ->> 0 AS BIGINT) AS block, CAST(v ->> 1 AS BIGINT) AS gram FROM {}) \
         SELECT r.block, r.gram, (SELECT p.ids FROM log_part p WHERE p.customer_id = $2 AND p.test = $3 \
         AND p.block = r.block AND p.gram = r.gram) AS ids FROM r",
        dialect.json_rows()
    );
    dialect.page("l.block, l.gram, l.ids", &found, "l.block, l.gram")
}

/// Writes what the index has for some blocks and grams.
///
/// # Errors
/// When the database fails.
pub async fn write_postings(conn: &mut Conn, key: BookKey, postings: &[Posting]) -> Result<(), DbError> {
    let rows = conn.dialect().json_rows();
    let (gone, kept): (Vec<&Posting>, Vec<&Posting>) =
        postings.iter().partition(|posting| posting.ids.is_empty());
    if !kept.is_empty() {
        let json = list(kept.iter().map(|p| format!("[{},{},\"{}\"]", p.block, p.gram, p.ids)));
        sql_owned(format!(
            "INSERT INTO log_part (customer_id, test, block, gram, ids) SELECT CAST($2 AS BIGINT), CAST($3 AS BOOLEAN), \
             CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT), v ->> 2 FROM {rows} WHERE true \
             ON CONFLICT (customer_id, test, block, gram) DO UPDATE SET ids = excluded.ids"
        ))
        .bind(json)
        .bind(key.customer)
        .bind(key.space.is_test())
        .execute(conn)
        .await?;
    }
    if !gone.is_empty() {
        sql_owned(format!(
            "DELETE FROM log_part WHERE customer_id = $2 AND test = $3 AND (block, gram) IN \
             (SELECT CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT) FROM {rows})"
        ))
        .bind(list(gone.iter().map(|p| format!("[{},{}]", p.block, p.gram))))
        .bind(key.customer)
        .bind(key.space.is_test())
        .execute(conn)
        .await?;
    }
    Ok(())
}
