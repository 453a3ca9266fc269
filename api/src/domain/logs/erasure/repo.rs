//! Rows of erasures, of hidden logs, and what erasing takes out of books and roll-ups.

use std::collections::HashMap;

use shared::erasure::{ErasureCause, ErasureOut, ErasureState};
use shared::time::Millis;

use crate::db::{Conn, DbError, sql, sql_owned};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::{HourKind, LogRow, add_kinds, list, quoted};
use crate::util::ids::{CustomerId, LogId, Space};

/// An erasure as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Erasure {
    /// Its id, in order of time.
    pub id: String,
    /// Whose logs.
    pub customer_id: i64,
    /// Whether it is about the test space.
    pub test: bool,
    /// Why.
    pub cause: String,
    /// Fields to make unreadable, a JSON list; empty for whole logs.
    pub fields: String,
    /// Search grammar.
    pub query: String,
    /// Kinds that it is about, as JSON (`finder::Kinds`); none is all.
    pub kinds: Option<String>,
    /// Happened at or after.
    pub occurred_from: Option<i64>,
    /// Happened before.
    pub occurred_to: Option<i64>,
    /// Highest number.
    pub up_to: i64,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who asked.
    pub actor: String,
    /// Logs counted before.
    pub expected: i64,
    /// Logs erased so far.
    pub done: i64,
    /// Identity behind which it goes on, downwards.
    pub position: i64,
    /// How far it is.
    pub state: String,
    /// Until when somebody works on it.
    pub leased_until: i64,
    /// When it was asked for.
    pub created_at: i64,
    /// When the last log went out of sight.
    pub hidden_at: Option<i64>,
    /// When the last log was removed.
    pub purged_at: Option<i64>,
    /// When the last trace was removed.
    pub finished_at: Option<i64>,
}

const COLUMNS: &str = "id, customer_id, test, cause, fields, query, kinds, occurred_from, occurred_to, up_to, reason, actor, \
    expected, done, position, state, leased_until, created_at, hidden_at, purged_at, finished_at";

impl Erasure {
    /// Book that it works on.
    #[must_use]
    pub const fn key(&self) -> BookKey {
        BookKey { customer: CustomerId(self.customer_id), space: Space::of(self.test) }
    }

    /// Fields to make unreadable.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        serde_json::from_str(&self.fields).unwrap_or_default()
    }

    /// The erasure as the API shows it.
    #[must_use]
    pub fn out(self) -> ErasureOut {
        ErasureOut {
            fields: self.fields(),
            id: self.id,
            cause: ErasureCause::parse(&self.cause).unwrap_or(ErasureCause::Request),
            q: self.query,
            from: self.occurred_from.map(Millis),
            to: self.occurred_to.map(Millis),
            test: self.test,
            up_to: self.up_to,
            reason: self.reason,
            actor: self.actor,
            state: ErasureState::parse(&self.state).unwrap_or(ErasureState::Hiding),
            expected_count: self.expected,
            count: self.done,
            created_at: Millis(self.created_at),
            hidden_at: self.hidden_at.map(Millis),
            purged_at: self.purged_at.map(Millis),
            finished_at: self.finished_at.map(Millis),
        }
    }
}

#[derive(sqlx::FromRow)]
struct KindRow {
    kind: String,
    n: i64,
}

/// How many logs of each kind happened before an instant, up to a number.
///
/// # Errors
/// When the database fails.
pub async fn count_kinds_before(
    conn: &mut Conn,
    key: BookKey,
    before: Millis,
    up_to: LogId,
) -> Result<HashMap<String, i64>, DbError> {
    let rows: Vec<KindRow> = sql(
        "SELECT l.kind, COUNT(*) AS n FROM log l WHERE l.test = $1 AND l.customer_id = $2 AND l.occurred_at < $3 \
         AND l.id <= $4 AND NOT EXISTS (SELECT 1 FROM log_hidden x WHERE x.id = l.id) GROUP BY l.kind",
    )
    .bind(key.space.is_test())
    .bind(key.customer)
    .bind(before)
    .bind(up_to.0)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.n)).collect())
}

/// Keeps an erasure.
///
/// # Errors
/// When the database fails.
pub async fn insert(conn: &mut Conn, erasure: &Erasure) -> Result<u64, DbError> {
    sql_owned(format!(
        "INSERT INTO log_erasure ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
         $16, $17, $18, $19, $20, $21)"
    ))
    .bind(&erasure.id)
    .bind(erasure.customer_id)
    .bind(erasure.test)
    .bind(&erasure.cause)
    .bind(&erasure.fields)
    .bind(&erasure.query)
    .bind(erasure.kinds.as_deref())
    .bind(erasure.occurred_from)
    .bind(erasure.occurred_to)
    .bind(erasure.up_to)
    .bind(erasure.reason.as_deref())
    .bind(&erasure.actor)
    .bind(erasure.expected)
    .bind(erasure.done)
    .bind(erasure.position)
    .bind(&erasure.state)
    .bind(erasure.leased_until)
    .bind(erasure.created_at)
    .bind(erasure.hidden_at)
    .bind(erasure.purged_at)
    .bind(erasure.finished_at)
    .execute(conn)
    .await
}

/// An erasure by its id.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<Option<Erasure>, DbError> {
    sql_owned(format!("SELECT {COLUMNS} FROM log_erasure WHERE customer_id = $1 AND id = $2"))
        .bind(customer)
        .bind(id)
        .optional(conn)
        .await
}

/// Erasures of a customer before one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list_before(
    conn: &mut Conn,
    customer: CustomerId,
    before: &str,
    limit: i64,
) -> Result<Vec<Erasure>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_erasure WHERE customer_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    ))
    .bind(customer)
    .bind(before)
    .bind(limit)
    .all(conn)
    .await
}

/// Erasures in a state on which nobody works, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn list_open(conn: &mut Conn, state: ErasureState, now: Millis) -> Result<Vec<Erasure>, DbError> {
    sql_owned(format!(
        "SELECT {COLUMNS} FROM log_erasure WHERE finished_at IS NULL AND state = $1 AND leased_until < $2 ORDER BY id"
    ))
    .bind(state.as_str())
    .bind(now)
    .all(conn)
    .await
}

/// Takes an erasure to work on it, unless somebody else did.
///
/// # Errors
/// When the database fails.
pub async fn lease(conn: &mut Conn, id: &str, now: Millis, until: Millis) -> Result<bool, DbError> {
    let taken = sql("UPDATE log_erasure SET leased_until = $1 WHERE id = $2 AND leased_until < $3")
        .bind(until)
        .bind(id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(taken == 1)
}

/// Notes how far an erasure is.
///
/// # Errors
/// When the database fails.
pub async fn advance(conn: &mut Conn, erasure: &Erasure) -> Result<u64, DbError> {
    sql("UPDATE log_erasure SET done = $1, position = $2, state = $3, leased_until = $4, hidden_at = $5, purged_at = $6, \
         finished_at = $7 WHERE id = $8")
    .bind(erasure.done)
    .bind(erasure.position)
    .bind(&erasure.state)
    .bind(erasure.leased_until)
    .bind(erasure.hidden_at)
    .bind(erasure.purged_at)
    .bind(erasure.finished_at)
    .bind(&erasure.id)
    .execute(conn)
    .await
}

/// Moves all erasures of a state whose logs are gone on to the next one.
///
/// # Errors
/// When the database fails.
pub async fn settle_purged(conn: &mut Conn, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE log_erasure SET state = 'cleaning', purged_at = $1 WHERE state = 'purging' AND finished_at IS NULL \
         AND NOT EXISTS (SELECT 1 FROM log_hidden h WHERE h.customer_id = log_erasure.customer_id)")
    .bind(now)
    .execute(conn)
    .await
}

/// Ends all erasures whose traces were removed: those whose logs were gone before the cleaning began.
///
/// # Errors
/// When the database fails.
pub async fn settle_cleaned(conn: &mut Conn, before: Millis, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE log_erasure SET state = 'done', finished_at = $1 WHERE state = 'cleaning' AND finished_at IS NULL \
         AND purged_at <= $2")
    .bind(now)
    .bind(before)
    .execute(conn)
    .await
}

fn id_rows(ids: &[LogId]) -> String {
    list(ids.iter().map(|id| format!("[{}]", id.0)))
}

/// Takes logs out of sight. The external ids of those that have one (`named`) become free, as if they had never been
/// given. A condition on `external_id` would lead SQLite through all external ids of the customer instead.
///
/// # Errors
/// When the database fails.
pub async fn hide(
    conn: &mut Conn,
    customer: CustomerId,
    ids: &[LogId],
    named: &[LogId],
) -> Result<(), DbError> {
    let rows = conn.dialect().json_rows();
    let fence = conn.dialect().fence();
    sql_owned(format!(
        "INSERT INTO log_hidden (id, customer_id) SELECT CAST(v ->> 0 AS BIGINT), $2 FROM {rows} WHERE true"
    ))
    .bind(id_rows(ids))
    .bind(customer)
    .execute(conn)
    .await?;
    sql_owned(format!(
        "UPDATE log SET external_id = NULL, digest = NULL WHERE customer_id = $2 \
         AND id IN (SELECT CAST(v ->> 0 AS BIGINT) FROM {rows}{fence})"
    ))
    .bind(id_rows(named))
    .bind(customer)
    .execute(conn)
    .await?;
    Ok(())
}

/// What erasing takes out of an hour.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loss {
    /// Logs that happened in it.
    pub total: i64,
    /// Their size.
    pub bytes: i64,
    /// Logs that were received in it.
    pub received: i64,
}

/// Takes logs out of the roll-ups; an hour that has nothing left goes. Rows are looked up one by one: an `UPDATE` that
/// joins them would have SQLite read the list anew for each hour that the customer has.
///
/// # Errors
/// When the database fails.
pub async fn subtract(
    conn: &mut Conn,
    customer: CustomerId,
    hours: &HashMap<i64, Loss>,
    kinds: &HashMap<HourKind, i64>,
) -> Result<(), DbError> {
    let rows = conn.dialect().json_rows();
    let fence = conn.dialect().fence();
    let lost = hours
        .iter()
        .map(|(hour, loss)| format!("[{hour},{},{},{}]", -loss.total, -loss.bytes, -loss.received));
    let lost = list(lost);
    sql_owned(format!(
        "INSERT INTO log_hour (customer_id, hour, total, bytes, first_id, last_id, received) \
         SELECT $2, CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT), CAST(v ->> 2 AS BIGINT), {0}, 0, \
         CAST(v ->> 3 AS BIGINT) FROM {rows} WHERE true \
         ON CONFLICT (customer_id, hour) DO UPDATE SET total = log_hour.total + excluded.total, \
         bytes = log_hour.bytes + excluded.bytes, received = log_hour.received + excluded.received, \
         first_id = CASE WHEN log_hour.total + excluded.total = 0 THEN {0} ELSE log_hour.first_id END, \
         last_id = CASE WHEN log_hour.total + excluded.total = 0 THEN 0 ELSE log_hour.last_id END",
        i64::MAX
    ))
    .bind(&lost)
    .bind(customer)
    .execute(conn)
    .await?;
    sql_owned(format!(
        "DELETE FROM log_hour WHERE customer_id = $2 AND total <= 0 AND received <= 0 \
         AND hour IN (SELECT CAST(v ->> 0 AS BIGINT) FROM {rows}{fence})"
    ))
    .bind(lost)
    .bind(customer)
    .execute(conn)
    .await?;
    if kinds.is_empty() {
        return Ok(());
    }
    let less: HashMap<HourKind, i64> = kinds.iter().map(|(cell, total)| (cell.clone(), -total)).collect();
    add_kinds(conn.dialect(), &less).execute(conn).await?;
    sql_owned(format!(
        "DELETE FROM log_hour_kind WHERE customer_id = $2 AND total <= 0 \
         AND hour IN (SELECT CAST(v ->> 0 AS BIGINT) FROM {rows}{fence})"
    ))
    .bind(list(kinds.keys().map(|cell| format!("[{}]", cell.hour))))
    .bind(customer)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes logs out of a book, and notes that stored logs have changed.
///
/// # Errors
/// When the database fails.
pub async fn reduce_book(conn: &mut Conn, key: BookKey, total: i64, bytes: i64) -> Result<u64, DbError> {
    sql("UPDATE log_book SET total = total - $3, bytes = bytes - $4, edits = edits + 1 WHERE customer_id = $1 AND test = $2")
        .bind(key.customer)
        .bind(key.space.is_test())
        .bind(total)
        .bind(bytes)
        .execute(conn)
        .await
}

/// Finds anew when the first and the last log of a book happened.
///
/// # Errors
/// When the database fails.
pub async fn renew_bounds(conn: &mut Conn, key: BookKey) -> Result<u64, DbError> {
    let edge = |order: &str| {
        format!(
            "(SELECT l.occurred_at FROM log l WHERE l.test = $2 AND l.customer_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM log_hidden x WHERE x.id = l.id) ORDER BY l.occurred_at {order}, l.id {order} LIMIT 1)"
        )
    };
    sql_owned(format!(
        "UPDATE log_book SET first_occurred_at = {}, last_occurred_at = {} WHERE customer_id = $1 AND test = $2",
        edge("ASC"),
        edge("DESC")
    ))
    .bind(key.customer)
    .bind(key.space.is_test())
    .execute(conn)
    .await
}

/// A log after the removal of fields.
#[derive(Debug, Clone)]
pub struct Edited {
    /// Identity.
    pub id: LogId,
    /// Its kind.
    pub kind: String,
    /// Its external id.
    pub external_id: Option<String>,
    /// Its data.
    pub data: String,
    /// Its message.
    pub message: Option<String>,
    /// Address of its sender.
    pub ip: Option<String>,
    /// Its flags, separated by blanks.
    pub flags: String,
    /// Its words, as JSON text.
    pub words: String,
    /// What is mixed into its digest from now on; none if nothing was.
    pub salt: Option<String>,
}

impl Edited {
    /// The row as it will stand.
    #[must_use]
    pub fn over(&self, row: &LogRow) -> LogRow {
        LogRow {
            kind: self.kind.clone(),
            external_id: self.external_id.clone(),
            data: self.data.clone(),
            message: self.message.clone(),
            ip_address: self.ip.clone(),
            flags: self.flags.clone(),
            salt: self.salt.clone(),
            ..row.clone()
        }
    }
}

/// Writes logs after the removal of fields, with their words.
///
/// # Errors
/// When the database fails.
pub async fn rewrite(conn: &mut Conn, customer: CustomerId, logs: &[Edited]) -> Result<(), DbError> {
    let dialect = conn.dialect();
    let optional = |text: &Option<String>| text.as_deref().map_or_else(|| "null".to_owned(), quoted);
    let rows = logs.iter().map(|log| {
        let (message, ip, external_id) =
            (optional(&log.message), optional(&log.ip), optional(&log.external_id));
        let (data, flags, kind) = (quoted(&log.data), quoted(&log.flags), quoted(&log.kind));
        let salt = optional(&log.salt);
        format!("[{},{data},{message},{ip},{flags},{kind},{external_id},{salt}]", log.id.0)
    });
    // Without its digest no later body counts as the same, and without its salt its leaf says nothing: either would
    // tell who guesses what stood there.
    sql_owned(format!(
        "UPDATE log SET data = v ->> 1, message = v ->> 2, ip_address = v ->> 3, flags = v ->> 4, kind = v ->> 5, \
         external_id = v ->> 6, digest = NULL, salt = v ->> 7 \
         FROM (SELECT CAST(v ->> 0 AS BIGINT) AS log_id, v FROM {}{}) AS a WHERE log.customer_id = $2 AND log.id = a.log_id",
        dialect.json_rows(),
        dialect.fence()
    ))
    .bind(list(rows))
    .bind(customer)
    .execute(conn)
    .await?;
    let ids: Vec<LogId> = logs.iter().map(|log| log.id).collect();
    delete_words(conn, customer, &ids).await?;
    let words = logs.iter().map(|log| format!("[{customer},{},{}]", log.id.0, log.words));
    sql_owned(dialect.insert_words()).bind(list(words)).execute(conn).await?;
    Ok(())
}

async fn delete_words(conn: &mut Conn, customer: CustomerId, ids: &[LogId]) -> Result<u64, DbError> {
    let text = conn.dialect().delete_words_of();
    sql_owned(text).bind(id_rows(ids)).bind(customer).execute(conn).await
}

#[derive(sqlx::FromRow)]
struct HiddenRow {
    id: i64,
    customer_id: i64,
}

/// Some of the hidden logs, in order: those of one customer.
///
/// # Errors
/// When the database fails.
pub async fn list_hidden(conn: &mut Conn, limit: i64) -> Result<Option<(CustomerId, Vec<LogId>)>, DbError> {
    let mut rows: Vec<HiddenRow> =
        sql("SELECT id, customer_id FROM log_hidden ORDER BY id LIMIT $1").bind(limit).all(conn).await?;
    let Some(customer) = rows.first().map(|row| row.customer_id) else { return Ok(None) };
    rows.retain(|row| row.customer_id == customer);
    Ok(Some((CustomerId(customer), rows.into_iter().map(|row| LogId(row.id)).collect())))
}

/// Removes hidden logs with their words.
///
/// # Errors
/// When the database fails.
pub async fn purge(conn: &mut Conn, customer: CustomerId, ids: &[LogId]) -> Result<(), DbError> {
    delete_words(conn, customer, ids).await?;
    for table in ["log", "log_hidden"] {
        sql_owned(format!(
            "DELETE FROM {table} WHERE customer_id = $2 AND id IN (SELECT CAST(v ->> 0 AS BIGINT) FROM {}{})",
            conn.dialect().json_rows(),
            conn.dialect().fence()
        ))
        .bind(id_rows(ids))
        .bind(customer)
        .execute(conn)
        .await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Changes {
    n: i64,
}

/// Merges part of the word index, so that words of removed logs leave it; false when nothing is left to merge.
///
/// # Errors
/// When the database fails.
pub async fn merge_words(conn: &mut Conn, first: bool, pages: i64) -> Result<bool, DbError> {
    let changes = "SELECT total_changes() AS n";
    let before: Changes = sql(changes).one(conn).await?;
    sql("INSERT INTO log_words (log_words, rank) VALUES ('merge', $1)")
        .bind(if first { -pages } else { pages })
        .execute(conn)
        .await?;
    let after: Changes = sql(changes).one(conn).await?;
    // The statement itself counts as one change.
    Ok(after.n - before.n >= 2)
}

/// Overwrites some free pages of the file; false when none is left. `free_pages_begin` comes before, `free_pages_end`
/// after.
///
/// # Errors
/// When the database fails.
pub async fn overwrite_free_pages(conn: &mut Conn, pages: i64) -> Result<bool, DbError> {
    let free: Changes = sql("SELECT freelist_count AS n FROM pragma_freelist_count()").one(conn).await?;
    if free.n == 0 {
        return Ok(false);
    }
    sql("INSERT INTO overwritten (content) SELECT zeroblob(page_size * $1) FROM pragma_page_size()")
        .bind(free.n.min(pages))
        .execute(conn)
        .await?;
    Ok(true)
}

/// Makes the table that takes free pages up.
///
/// # Errors
/// When the database fails.
pub async fn free_pages_begin(conn: &mut Conn) -> Result<u64, DbError> {
    sql("CREATE TABLE IF NOT EXISTS overwritten (content BLOB)").execute(conn).await
}

/// Gives the pages back, empty.
///
/// # Errors
/// When the database fails.
pub async fn free_pages_end(conn: &mut Conn) -> Result<u64, DbError> {
    sql("DROP TABLE overwritten").execute(conn).await
}

/// The highest number of a space that was received before an instant. Numbers rise with the time of receipt.
///
/// # Errors
/// When the database fails.
pub async fn last_received_before(conn: &mut Conn, key: BookKey, at: Millis) -> Result<i64, DbError> {
    let (low, high) = LogId::range(key.customer, key.space);
    let found: Option<HiddenRow> = sql(
        "SELECT id, customer_id FROM log WHERE customer_id = $1 AND id BETWEEN $2 AND $3 AND received_at < $4 \
         ORDER BY id DESC LIMIT 1",
    )
    .bind(key.customer)
    .bind(low)
    .bind(high)
    .bind(at)
    .optional(conn)
    .await?;
    Ok(found.map_or(0, |row| LogId(row.id).seq()))
}
