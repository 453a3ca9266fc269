//! Rows of logs, their words, books and roll-ups.

use std::collections::HashMap;
use std::sync::Arc;

use shared::logs::{Level, LogOut};
use shared::time::Millis;

use super::model::{BookKey, Prepared};
use crate::db::{Conn, DbError, Dialect, Statement, sql, sql_owned};
use crate::domain::search::doc::{self, Doc};
use crate::util::ids::{CustomerId, LogId, Space};

#[derive(sqlx::FromRow)]
struct SequenceRow {
    customer_id: i64,
    test: bool,
    seq: i64,
}

pub(super) fn list(rows: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut json = String::from("[");
    for row in rows {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(row.as_ref());
    }
    json.push(']');
    json
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Last numbers of books; on PostgreSQL the rows stay locked until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn lock_books(conn: &mut Conn, keys: &[BookKey]) -> Result<HashMap<BookKey, i64>, DbError> {
    let dialect = conn.dialect();
    let text = format!(
        "SELECT customer_id, test, seq FROM log_book WHERE (customer_id, test) IN (SELECT CAST(v ->> 0 AS BIGINT), \
         CAST(v ->> 1 AS BOOLEAN) FROM {}{}) ORDER BY customer_id, test{}",
        dialect.json_rows(),
        dialect.fence(),
        dialect.for_update()
    );
    let json = list(keys.iter().map(|key| format!("[{},{}]", key.customer, key.space.is_test())));
    let rows: Vec<SequenceRow> = sql_owned(text).bind(json).all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| (BookKey { customer: CustomerId(row.customer_id), space: Space::of(row.test) }, row.seq))
        .collect())
}

/// A stored log with an external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Number.
    pub seq: i64,
    /// Fingerprint of its data.
    pub digest: i64,
}

#[derive(sqlx::FromRow)]
struct ExternalRow {
    customer_id: i64,
    test: bool,
    external_id: String,
    id: i64,
    digest: Option<i64>,
}

/// Finds logs by the customers, spaces and external ids in the JSON rows bound as `$1`.
#[must_use]
pub fn external_text(dialect: Dialect) -> String {
    format!(
        "SELECT l.customer_id, l.test, l.external_id, l.id, l.digest FROM (SELECT CAST(v ->> 0 AS BIGINT) AS customer_id, \
         CAST(v ->> 1 AS BOOLEAN) AS test, v ->> 2 AS external_id FROM {}{}) AS a JOIN log l \
         ON l.customer_id = a.customer_id AND l.test = a.test AND l.external_id = a.external_id \
         WHERE l.external_id IS NOT NULL",
        dialect.json_rows(),
        dialect.fence()
    )
}

/// Stored logs with certain external ids.
///
/// # Errors
/// When the database fails.
pub async fn find_external(
    conn: &mut Conn,
    asked: &[(CustomerId, Space, &str)],
) -> Result<HashMap<(BookKey, String), Known>, DbError> {
    let text = external_text(conn.dialect());
    let json = list(
        asked.iter().map(|(customer, space, id)| format!("[{customer},{},{}]", space.is_test(), quoted(id))),
    );
    let rows: Vec<ExternalRow> = sql_owned(text).bind(json).all(conn).await?;
    let known = |row: ExternalRow| {
        let key = BookKey { customer: CustomerId(row.customer_id), space: Space::of(row.test) };
        ((key, row.external_id), Known { seq: LogId(row.id).seq(), digest: row.digest.unwrap_or_default() })
    };
    Ok(rows.into_iter().map(known).collect())
}

/// Stores logs; each is a JSON list.
#[must_use]
pub fn insert_logs(dialect: Dialect, logs: &[String]) -> Statement {
    let text = format!(
        "INSERT INTO log (id, customer_id, test, kind, level, message, data, occurred_at, received_at, source, ip_address, \
         actor_ref, external_id, digest, flags, corrects_id, salt) SELECT CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT), \
         CAST(v ->> 2 AS BOOLEAN), v ->> 3, v ->> 4, v ->> 5, v ->> 6, CAST(v ->> 7 AS BIGINT), CAST(v ->> 8 AS BIGINT), \
         v ->> 9, v ->> 10, v ->> 11, v ->> 12, CAST(v ->> 13 AS BIGINT), v ->> 14, CAST(v ->> 15 AS BIGINT), \
         v ->> 16 FROM {}",
        dialect.json_rows()
    );
    sql_owned(text).bind(list(logs.iter()))
}

/// Stores the words of logs; each is a JSON list.
#[must_use]
pub fn insert_words(dialect: Dialect, words: &[String]) -> Statement {
    sql_owned(dialect.insert_words()).bind(list(words.iter()))
}

/// What a commit adds to an hour.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hour {
    total: i64,
    bytes: i64,
    first_id: i64,
    last_id: i64,
    received: i64,
}

impl Hour {
    /// Adds a log that was received in this hour.
    pub const fn receive(&mut self) {
        self.received += 1;
    }

    /// Adds a log that happened in this hour.
    pub fn add(&mut self, id: LogId, bytes: i64) {
        self.first_id = if self.total == 0 { id.0 } else { self.first_id.min(id.0) };
        self.last_id = self.last_id.max(id.0);
        self.total += 1;
        self.bytes += bytes;
    }
}

/// Adds to the roll-up by hour.
#[must_use]
pub fn add_hours(dialect: Dialect, hours: &HashMap<(CustomerId, i64), Hour>) -> Statement {
    let (least, greatest) = dialect.least_greatest();
    let text = format!(
        "INSERT INTO log_hour (customer_id, hour, total, bytes, first_id, last_id, received) \
         SELECT CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT), CAST(v ->> 2 AS BIGINT), CAST(v ->> 3 AS BIGINT), \
         CAST(v ->> 4 AS BIGINT), CAST(v ->> 5 AS BIGINT), CAST(v ->> 6 AS BIGINT) FROM {} WHERE true \
         ON CONFLICT (customer_id, hour) DO UPDATE SET total = log_hour.total + excluded.total, \
         bytes = log_hour.bytes + excluded.bytes, received = log_hour.received + excluded.received, \
         first_id = {least}(log_hour.first_id, excluded.first_id), last_id = {greatest}(log_hour.last_id, excluded.last_id)",
        dialect.json_rows()
    );
    let row = |((customer, hour), add): (&(CustomerId, i64), &Hour)| {
        // An hour in which nothing happened has no range of identities.
        let first = if add.total == 0 { i64::MAX } else { add.first_id };
        format!("[{customer},{hour},{},{},{first},{},{}]", add.total, add.bytes, add.last_id, add.received)
    };
    sql_owned(text).bind(list(hours.iter().map(row)))
}

/// A cell of the roll-up by kind and level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HourKind {
    /// The customer.
    pub customer: CustomerId,
    /// Unix hour.
    pub hour: i64,
    /// Kind.
    pub kind: String,
    /// Level.
    pub level: &'static str,
}

/// Adds to the roll-up by kind and level.
#[must_use]
pub fn add_kinds(dialect: Dialect, kinds: &HashMap<HourKind, i64>) -> Statement {
    let text = format!(
        "INSERT INTO log_hour_kind (customer_id, hour, kind, level, total) SELECT CAST(v ->> 0 AS BIGINT), \
         CAST(v ->> 1 AS BIGINT), v ->> 2, v ->> 3, CAST(v ->> 4 AS BIGINT) FROM {} WHERE true \
         ON CONFLICT (customer_id, hour, kind, level) DO UPDATE SET total = log_hour_kind.total + excluded.total",
        dialect.json_rows()
    );
    let row = |(cell, total): (&HourKind, &i64)| {
        format!("[{},{},{},{},{total}]", cell.customer, cell.hour, quoted(&cell.kind), quoted(cell.level))
    };
    sql_owned(text).bind(list(kinds.iter().map(row)))
}

/// What a commit adds to a book.
#[derive(Debug, Clone, Copy, Default)]
pub struct BookUpdate {
    total: i64,
    bytes: i64,
    first: Option<i64>,
    last: Option<i64>,
    received: i64,
}

impl BookUpdate {
    /// Adds a log.
    pub fn add(&mut self, row: &Prepared) {
        let at = row.occurred_at.0;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        self.received = self.received.max(row.received_at.0);
        self.total += 1;
        self.bytes += row.bytes;
    }
}

/// Advances books; every log that was added has got a number.
#[must_use]
pub fn update_books(dialect: Dialect, books: &HashMap<BookKey, BookUpdate>) -> Statement {
    let (least, greatest) = dialect.least_greatest();
    let text = format!(
        "UPDATE log_book SET seq = seq + CAST(v ->> 2 AS BIGINT), total = total + CAST(v ->> 2 AS BIGINT), \
         bytes = bytes + CAST(v ->> 3 AS BIGINT), \
         first_occurred_at = {least}(coalesce(first_occurred_at, CAST(v ->> 4 AS BIGINT)), CAST(v ->> 4 AS BIGINT)), \
         last_occurred_at = {greatest}(coalesce(last_occurred_at, CAST(v ->> 5 AS BIGINT)), CAST(v ->> 5 AS BIGINT)), \
         last_received_at = {greatest}(coalesce(last_received_at, CAST(v ->> 6 AS BIGINT)), CAST(v ->> 6 AS BIGINT)) \
         FROM {} WHERE log_book.customer_id = CAST(v ->> 0 AS BIGINT) AND log_book.test = CAST(v ->> 1 AS BOOLEAN)",
        dialect.json_rows()
    );
    let row = |(key, add): (&BookKey, &BookUpdate)| {
        let (first, last) = (add.first.unwrap_or_default(), add.last.unwrap_or_default());
        format!(
            "[{},{},{},{},{first},{last},{}]",
            key.customer,
            key.space.is_test(),
            add.total,
            add.bytes,
            add.received
        )
    };
    sql_owned(text).bind(list(books.iter().map(row)))
}

/// Adds to the counted use.
#[must_use]
pub fn add_usage(dialect: Dialect, usage: &HashMap<(CustomerId, Arc<str>), i64>) -> Statement {
    let text = format!(
        "INSERT INTO usage_counter (customer_id, period, metric, value) SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, 'logs', \
         CAST(v ->> 2 AS BIGINT) FROM {} WHERE true ON CONFLICT (customer_id, period, metric) \
         DO UPDATE SET value = usage_counter.value + excluded.value",
        dialect.json_rows()
    );
    let row = |((customer, period), value): (&(CustomerId, Arc<str>), &i64)| {
        format!("[{customer},{},{value}]", quoted(period))
    };
    sql_owned(text).bind(list(usage.iter().map(row)))
}

/// A row as stored, in the order of the columns that are selected.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct LogRow {
    /// Identity over all customers.
    pub id: i64,
    pub(super) kind: String,
    pub(super) level: String,
    pub(super) message: Option<String>,
    pub(super) data: String,
    pub(super) metadata: Option<String>,
    /// When it happened.
    pub occurred_at: i64,
    /// When it arrived.
    pub received_at: i64,
    pub(super) source: String,
    pub(super) ip_address: Option<String>,
    pub(super) actor_ref: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) corrects_id: Option<i64>,
    pub(super) flags: String,
    pub(super) salt: Option<String>,
}

/// Logs that are being erased are seen by nobody (`erasure`).
pub(super) const SEEN: &str = "NOT EXISTS (SELECT 1 FROM log_hidden x WHERE x.id = l.id)";

pub(super) const COLUMNS: &str = "l.id, l.kind, l.level, l.message, l.data, l.metadata, l.occurred_at, l.received_at, l.source, \
    l.ip_address, l.actor_ref, l.external_id, l.corrects_id, l.flags, l.salt";

#[derive(sqlx::FromRow)]
struct PageRow {
    page: String,
}

/// Reads rows as one value (`Dialect::page`).
pub(super) async fn page<T: serde::de::DeserializeOwned>(
    conn: &mut Conn,
    statement: Statement,
) -> Result<Vec<T>, DbError> {
    let found: PageRow = statement.one(conn).await?;
    serde_json::from_str(&found.page).map_err(|error| DbError::Other(sqlx::Error::Decode(Box::new(error))))
}

async fn rows(conn: &mut Conn, statement: Statement) -> Result<Vec<LogRow>, DbError> {
    page(conn, statement).await
}

impl LogRow {
    /// The log as a query sees it.
    #[must_use]
    pub fn doc(&self) -> Doc {
        let mut doc = Doc {
            seq: LogId(self.id).seq(),
            kind: self.kind.clone(),
            level: self.level.clone(),
            source: self.source.clone(),
            message: self.message.clone(),
            external_id: self.external_id.clone(),
            ip: self.ip_address.clone(),
            flags: self.flags.split_whitespace().map(str::to_owned).collect(),
            occurred_at: self.occurred_at,
            fields: Vec::new(),
        };
        if let Err(error) = doc::walk(&self.data, &mut doc) {
            tracing::error!(%error, id = self.id, "stored data is not JSON");
        }
        doc
    }

    /// The log with what goes into its digest, so that a reader of an export can compute it (LOG-16).
    #[must_use]
    pub fn out_to_prove(mut self) -> LogOut {
        let seal_salt = self.salt.take();
        LogOut { seal_salt, ..self.out() }
    }

    /// The log as the API shows it.
    #[must_use]
    pub fn out(self) -> LogOut {
        LogOut {
            id: LogId(self.id).seq(),
            customer_id: LogId(self.id).customer().0,
            timestamp: Millis(self.occurred_at),
            received_at: Millis(self.received_at),
            kind: self.kind,
            level: Level::parse(&self.level).unwrap_or_default(),
            message: self.message,
            data: Some(self.data),
            payload: None,
            metadata: self.metadata.and_then(|text| serde_json::from_str(&text).ok()),
            source: self.source,
            ip_address: self.ip_address,
            actor_ref: self.actor_ref,
            external_id: self.external_id,
            corrects_id: self.corrects_id,
            corrected_by: Vec::new(),
            sealed_at: None,
            seal_salt: None,
            flags: self.flags.split_whitespace().map(str::to_owned).collect(),
            test: LogId(self.id).space().is_test(),
        }
    }
}

/// Part of a customer's logs, by identity and by time of occurrence (to is excluded).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Lowest and highest identity.
    pub ids: (i64, i64),
    /// Time of occurrence.
    pub occurred: (i64, i64),
}

/// Logs of a window in order of arrival.
///
/// # Errors
/// When the database fails.
pub async fn list_window(
    conn: &mut Conn,
    customer: CustomerId,
    window: Window,
    ascending: bool,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    let order = if ascending { "ASC" } else { "DESC" };
    let timed = window.occurred != (i64::MIN, i64::MAX);
    let when = if timed { "AND l.occurred_at >= $5 AND l.occurred_at < $6" } else { "" };
    let text = format!(
        "SELECT {COLUMNS} FROM log l WHERE l.customer_id = $1 AND l.id BETWEEN $2 AND $3 AND {SEEN} {when} \
         ORDER BY l.id {order} LIMIT $4"
    );
    let text = conn.dialect().page(COLUMNS, &text, &format!("l.id {order}"));
    let statement = sql_owned(text).bind(customer).bind(window.ids.0).bind(window.ids.1).bind(limit);
    let statement = if timed { statement.bind(window.occurred.0).bind(window.occurred.1) } else { statement };
    rows(conn, statement).await
}

/// Rows from an identity up to another as they are stored, hidden ones included, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_stored(
    conn: &mut Conn,
    customer: CustomerId,
    ids: (i64, i64),
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    let text = format!(
        "SELECT {COLUMNS} FROM log l WHERE l.customer_id = $1 AND l.id BETWEEN $2 AND $3 ORDER BY l.id LIMIT $4"
    );
    let text = conn.dialect().page(COLUMNS, &text, "l.id");
    rows(conn, sql_owned(text).bind(customer).bind(ids.0).bind(ids.1).bind(limit)).await
}

/// Logs of a window whose words fit a condition of the index, in order of arrival.
///
/// # Errors
/// When the database fails.
pub async fn list_with_words(
    conn: &mut Conn,
    customer: CustomerId,
    words: &str,
    ids: (i64, i64),
    ascending: bool,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    let order = if ascending { "ASC" } else { "DESC" };
    let hits = conn.dialect().ids_with_words(ascending);
    let text = format!(
        "SELECT {COLUMNS} FROM ({hits}) AS h CROSS JOIN log l WHERE l.id = h.id AND l.customer_id = $2"
    );
    let text = conn.dialect().page(COLUMNS, &text, &format!("l.id {order}"));
    rows(conn, sql_owned(text).bind(words).bind(customer).bind(ids.0).bind(ids.1).bind(limit)).await
}

/// Identities of logs in a range whose words fit a condition of the index, in order.
///
/// # Errors
/// When the database fails.
pub async fn ids_with_words(
    conn: &mut Conn,
    customer: CustomerId,
    words: &str,
    ids: (i64, i64),
) -> Result<Vec<i64>, DbError> {
    let hits = conn.dialect().ids_with_words(true);
    let text = conn.dialect().page("l.id", &hits, "l.id");
    let statement = sql_owned(text).bind(words).bind(customer).bind(ids.0).bind(ids.1).bind(i64::MAX);
    let found: Vec<(i64,)> = page(conn, statement).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Some logs by their identities, in order; those that nobody sees are left out.
///
/// # Errors
/// When the database fails.
pub async fn list_of(
    conn: &mut Conn,
    customer: CustomerId,
    ids: &[LogId],
    ascending: bool,
) -> Result<Vec<LogRow>, DbError> {
    let order = if ascending { "ASC" } else { "DESC" };
    let text = format!(
        "WITH r AS MATERIALIZED (SELECT CAST(v ->> 0 AS BIGINT) AS id FROM {}) \
         SELECT {COLUMNS} FROM r CROSS JOIN log l WHERE l.customer_id = $2 AND l.id = r.id AND {SEEN}",
        conn.dialect().json_rows()
    );
    let text = conn.dialect().page(COLUMNS, &text, &format!("l.id {order}"));
    let json = list(ids.iter().map(|id| format!("[{}]", id.0)));
    rows(conn, sql_owned(text).bind(json).bind(customer)).await
}

/// Logs in order of occurrence, after a position.
///
/// # Errors
/// When the database fails.
pub async fn list_by_time(
    conn: &mut Conn,
    key: BookKey,
    window: Window,
    after: Option<(i64, i64)>,
    ascending: bool,
    limit: i64,
) -> Result<Vec<LogRow>, DbError> {
    let (order, sign) = if ascending { ("ASC", ">") } else { ("DESC", "<") };
    let start = if ascending { (i64::MIN, 0) } else { (i64::MAX, i64::MAX) };
    let (at, id) = after.unwrap_or(start);
    let text = format!(
        "SELECT {COLUMNS} FROM log l WHERE l.test = $1 AND l.customer_id = $2 AND (l.occurred_at, l.id) {sign} ($3, $4) \
         AND l.occurred_at >= $5 AND l.occurred_at < $6 AND l.id BETWEEN $7 AND $8 AND {SEEN} \
         ORDER BY l.occurred_at {order}, l.id {order} LIMIT $9"
    );
    let text = conn.dialect().page(COLUMNS, &text, &format!("l.occurred_at {order}, l.id {order}"));
    let statement = sql_owned(text)
        .bind(key.space.is_test())
        .bind(key.customer)
        .bind(at)
        .bind(id)
        .bind(window.occurred.0)
        .bind(window.occurred.1)
        .bind(window.ids.0)
        .bind(window.ids.1)
        .bind(limit);
    rows(conn, statement).await
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// Counts logs of a window, up to a number.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn, key: BookKey, window: Window, most: i64) -> Result<i64, DbError> {
    let text = format!(
        "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM log l WHERE l.test = $1 AND l.customer_id = $2 \
         AND l.occurred_at >= $3 AND l.occurred_at < $4 AND l.id BETWEEN $5 AND $6 AND {SEEN} LIMIT $7) AS counted"
    );
    let row: Count = sql_owned(text)
        .bind(key.space.is_test())
        .bind(key.customer)
        .bind(window.occurred.0)
        .bind(window.occurred.1)
        .bind(window.ids.0)
        .bind(window.ids.1)
        .bind(most)
        .one(conn)
        .await?;
    Ok(row.n)
}

/// Counts logs whose words fit a condition of the index, up to a number.
///
/// # Errors
/// When the database fails.
pub async fn count_with_words(
    conn: &mut Conn,
    customer: CustomerId,
    words: &str,
    ids: (i64, i64),
    most: i64,
) -> Result<i64, DbError> {
    let hits = conn.dialect().ids_with_words(false);
    let text = format!("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM ({hits}) AS l LIMIT $6) AS counted");
    let row: Count = sql_owned(text)
        .bind(words)
        .bind(customer)
        .bind(ids.0)
        .bind(ids.1)
        .bind(i64::MAX)
        .bind(most)
        .one(conn)
        .await?;
    Ok(row.n)
}

/// A column that logs are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Kind.
    Kind,
    /// Level.
    Level,
    /// Way in.
    Source,
    /// Address of the sender.
    Ip,
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Kind => "l.kind",
            Self::Level => "l.level",
            Self::Source => "l.source",
            Self::Ip => "l.ip_address",
        }
    }
}

#[derive(sqlx::FromRow)]
struct ValueRow {
    value: Option<String>,
    n: i64,
}

/// Counts logs of a window by a column; `None` is no value. `words` is a condition of the index.
///
/// # Errors
/// When the database fails.
pub async fn count_values(
    conn: &mut Conn,
    customer: CustomerId,
    words: Option<&str>,
    window: Window,
    column: Column,
) -> Result<Vec<(Option<String>, i64)>, DbError> {
    let name = column.name();
    // The plus keeps the engine from walking the index by time: the identities are the narrower range.
    let when = "+l.occurred_at >= $6 AND +l.occurred_at < $7";
    let from = match words {
        Some(_) => format!(
            "({}) AS h CROSS JOIN log l WHERE l.id = h.id AND l.customer_id = $2 AND {when}",
            conn.dialect().ids_with_words(false)
        ),
        None => {
            format!(
                "log l WHERE l.customer_id = $2 AND l.id BETWEEN $3 AND $4 AND $5 > 0 AND $1 = '' AND {when} AND {SEEN}"
            )
        }
    };
    let text = format!("SELECT {name} AS value, COUNT(*) AS n FROM {from} GROUP BY {name}");
    let rows: Vec<ValueRow> = sql_owned(text)
        .bind(words.unwrap_or_default())
        .bind(customer)
        .bind(window.ids.0)
        .bind(window.ids.1)
        .bind(i64::MAX)
        .bind(window.occurred.0)
        .bind(window.occurred.1)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.value, row.n)).collect())
}

#[derive(sqlx::FromRow)]
struct SlotRow {
    slot: i64,
    n: i64,
}

/// Counts logs of a window by slots of time: number of the slot from `origin`, which no log lies before.
///
/// # Errors
/// When the database fails.
pub async fn count_slots(
    conn: &mut Conn,
    key: BookKey,
    words: Option<&str>,
    window: Window,
    (origin, width): (i64, i64),
) -> Result<Vec<(i64, i64)>, DbError> {
    let slot = "(l.occurred_at - $8) / $9";
    let from = match words {
        Some(_) => format!(
            "({}) AS h CROSS JOIN log l WHERE l.id = h.id AND l.customer_id = $2 AND +l.occurred_at >= $6 \
             AND +l.occurred_at < $7 AND l.test = $10",
            conn.dialect().ids_with_words(false)
        ),
        // The index by time holds everything that is asked here.
        None => format!(
            "log l WHERE l.test = $10 AND l.customer_id = $2 AND l.occurred_at >= $6 AND l.occurred_at < $7 \
             AND +l.id BETWEEN $3 AND $4 AND $5 > 0 AND $1 = '' AND {SEEN}"
        ),
    };
    let text = format!("SELECT {slot} AS slot, COUNT(*) AS n FROM {from} GROUP BY {slot}");
    let rows: Vec<SlotRow> = sql_owned(text)
        .bind(words.unwrap_or_default())
        .bind(key.customer)
        .bind(window.ids.0)
        .bind(window.ids.1)
        .bind(i64::MAX)
        .bind(window.occurred.0)
        .bind(window.occurred.1)
        .bind(origin)
        .bind(width)
        .bind(key.space.is_test())
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.slot, row.n)).collect())
}

#[derive(sqlx::FromRow)]
struct KindRow {
    kind: String,
    level: String,
    n: i64,
}

/// Live logs by kind and level, within unix hours from (included) to (excluded).
///
/// # Errors
/// When the database fails.
pub async fn totals_by_kind(
    conn: &mut Conn,
    customer: CustomerId,
    hours: (i64, i64),
) -> Result<Vec<(String, String, i64)>, DbError> {
    let rows: Vec<KindRow> = sql("SELECT kind, level, CAST(SUM(total) AS BIGINT) AS n FROM log_hour_kind \
                                  WHERE customer_id = $1 AND hour >= $2 AND hour < $3 GROUP BY kind, level")
    .bind(customer)
    .bind(hours.0)
    .bind(hours.1)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.level, row.n)).collect())
}

/// One log.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, customer: CustomerId, id: LogId) -> Result<Option<LogRow>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM log l WHERE l.customer_id = $1 AND l.id = $2 AND {SEEN}");
    let text = conn.dialect().page(COLUMNS, &text, "l.id");
    Ok(rows(conn, sql_owned(text).bind(customer).bind(id.0)).await?.pop())
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

/// Numbers of the logs that correct one, oldest first, the first hundred of them.
///
/// # Errors
/// When the database fails.
pub async fn list_corrections(conn: &mut Conn, key: BookKey, seq: i64) -> Result<Vec<i64>, DbError> {
    let text = format!(
        "SELECT l.id FROM log l WHERE l.customer_id = $1 AND l.test = $2 AND l.corrects_id = $3 \
         AND l.corrects_id IS NOT NULL AND {SEEN} ORDER BY l.id LIMIT 100"
    );
    let rows: Vec<IdRow> =
        sql_owned(text).bind(key.customer).bind(key.space.is_test()).bind(seq).all(conn).await?;
    Ok(rows.into_iter().map(|row| LogId(row.id).seq()).collect())
}

#[derive(sqlx::FromRow)]
struct CorrectedRow {
    id: i64,
    external_id: Option<String>,
}

/// Of some numbers those that belong to logs which are there, with their external ids.
///
/// # Errors
/// When the database fails.
pub async fn find_present(
    conn: &mut Conn,
    key: BookKey,
    seqs: &[i64],
) -> Result<HashMap<i64, Option<String>>, DbError> {
    let ids = seqs.iter().filter_map(|seq| LogId::new(key.customer, key.space, *seq));
    let text = format!(
        "SELECT l.id, l.external_id FROM (SELECT CAST(v ->> 0 AS BIGINT) AS id FROM {}{}) AS a JOIN log l ON l.id = a.id \
         WHERE l.customer_id = $2 AND {SEEN}",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    let json = list(ids.map(|id| format!("[{}]", id.0)));
    let rows: Vec<CorrectedRow> = sql_owned(text).bind(json).bind(key.customer).all(conn).await?;
    Ok(rows.into_iter().map(|row| (LogId(row.id).seq(), row.external_id)).collect())
}

/// Totals of a book.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub struct Book {
    /// Highest number.
    pub seq: i64,
    /// Logs stored.
    pub total: i64,
    /// Their bytes as they were sent.
    pub bytes: i64,
    /// When the first one happened.
    pub first_occurred_at: Option<i64>,
    /// When the last one happened.
    pub last_occurred_at: Option<i64>,
    /// How often stored logs were changed or erased.
    pub edits: i64,
}

/// The book of a customer's space.
///
/// # Errors
/// When the database fails.
pub async fn find_book(conn: &mut Conn, key: BookKey) -> Result<Book, DbError> {
    let found: Option<Book> =
        sql("SELECT seq, total, bytes, first_occurred_at, last_occurred_at, edits FROM log_book WHERE customer_id = $1 AND test = $2")
            .bind(key.customer)
            .bind(key.space.is_test())
            .optional(conn)
            .await?;
    Ok(found.unwrap_or_default())
}

#[derive(sqlx::FromRow)]
struct Span {
    first_id: Option<i64>,
    last_id: Option<i64>,
}

/// Lowest and highest identity of live logs that happened in a period of unix hours (both included).
///
/// # Errors
/// When the database fails.
pub async fn ids_of_hours(
    conn: &mut Conn,
    customer: CustomerId,
    hours: (i64, i64),
) -> Result<Option<(i64, i64)>, DbError> {
    let row: Span = sql("SELECT MIN(first_id) AS first_id, MAX(last_id) AS last_id FROM log_hour \
                         WHERE customer_id = $1 AND hour BETWEEN $2 AND $3")
    .bind(customer)
    .bind(hours.0)
    .bind(hours.1)
    .one(conn)
    .await?;
    Ok(row.first_id.zip(row.last_id))
}

#[derive(sqlx::FromRow)]
struct ReceivedRow {
    hour: i64,
    total: i64,
    received: i64,
}

/// Live logs by unix hour: hour, logs that happened in it, logs that were received in it.
///
/// # Errors
/// When the database fails.
pub async fn hours(
    conn: &mut Conn,
    customer: CustomerId,
    hours: (i64, i64),
) -> Result<Vec<(i64, i64, i64)>, DbError> {
    let rows: Vec<ReceivedRow> = sql(
        "SELECT hour, total, received FROM log_hour WHERE customer_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour",
    )
    .bind(customer)
    .bind(hours.0)
    .bind(hours.1)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.hour, row.total, row.received)).collect())
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    value: i64,
}

/// Logs counted in a calendar month.
///
/// # Errors
/// When the database fails.
pub async fn find_usage(conn: &mut Conn, customer: CustomerId, period: &str) -> Result<i64, DbError> {
    let found: Option<UsageRow> =
        sql("SELECT value FROM usage_counter WHERE customer_id = $1 AND period = $2 AND metric = 'logs'")
            .bind(customer)
            .bind(period)
            .optional(conn)
            .await?;
    Ok(found.map_or(0, |row| row.value))
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    customer_id: i64,
    period: String,
    value: i64,
}

/// Logs counted in months of several customers; a month without logs has none.
///
/// # Errors
/// When the database fails.
pub async fn find_usages(
    conn: &mut Conn,
    months: &[(CustomerId, Arc<str>)],
) -> Result<HashMap<(CustomerId, Arc<str>), i64>, DbError> {
    let text = format!(
        "SELECT u.customer_id, u.period, u.value FROM (SELECT CAST(v ->> 0 AS BIGINT) AS customer_id, v ->> 1 AS period \
         FROM {}{}) AS a JOIN usage_counter u \
         ON u.customer_id = a.customer_id AND u.period = a.period AND u.metric = 'logs'",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    let json = list(months.iter().map(|(customer, period)| format!("[{customer},{}]", quoted(period))));
    let rows: Vec<MonthRow> = sql_owned(text).bind(json).all(conn).await?;
    Ok(rows.into_iter().map(|row| ((CustomerId(row.customer_id), row.period.into()), row.value)).collect())
}
