//! Rows of the vocabulary.

use super::vocabulary::INCOMPLETE;
use crate::db::{Bind, Conn, DbError, Dialect, Statement, sql, sql_owned};

/// Puts entries into the vocabulary.
#[must_use]
pub fn insert_entries<'a>(dialect: Dialect, entries: impl Iterator<Item = &'a String>) -> Statement {
    let entries: Vec<[&String; 1]> = entries.map(|entry| [entry]).collect();
    let rows = dialect.json_rows();
    sql_owned(format!(
        "INSERT INTO vocabulary (entry) SELECT v ->> 0 FROM {rows} WHERE true ON CONFLICT DO NOTHING"
    ))
    .bind(serde_json::to_string(&entries).unwrap_or_default())
}

#[derive(sqlx::FromRow)]
struct Entry {
    entry: String,
}

/// Entries that begin with a text, in order, and the one that tells that words are missing. `names` asks for names
/// of fields; else a text without a colon asks for words alone, because a log with a field holds the words of its
/// name as well.
///
/// # Errors
/// When the database fails.
pub async fn list_entries(
    conn: &mut Conn,
    beginning: &str,
    names: bool,
    limit: usize,
) -> Result<Vec<String>, DbError> {
    let only = match (names, beginning.contains(':')) {
        (true, _) => "AND entry LIKE '%:'",
        (false, true) => "",
        (false, false) => "AND entry NOT LIKE '%:%'",
    };
    let entries: Vec<Entry> = sql_owned(format!(
        "SELECT entry FROM vocabulary WHERE entry = $3 OR (entry >= $1 AND entry < $2 {only}) ORDER BY entry LIMIT $4"
    ))
    .bind(beginning)
    .bind(format!("{beginning}\u{10FFFF}"))
    .bind(INCOMPLETE)
    .bind(Bind::Int(i64::try_from(limit).ok()))
    .all(conn)
    .await?;
    Ok(entries.into_iter().map(|entry| entry.entry).collect())
}

/// Entries behind one, in order.
///
/// # Errors
/// When the database fails.
pub async fn list_entries_after(conn: &mut Conn, after: &str, limit: usize) -> Result<Vec<String>, DbError> {
    let entries: Vec<Entry> = sql("SELECT entry FROM vocabulary WHERE entry > $1 ORDER BY entry LIMIT $2")
        .bind(after)
        .bind(Bind::Int(i64::try_from(limit).ok()))
        .all(conn)
        .await?;
    Ok(entries.into_iter().map(|entry| entry.entry).collect())
}

#[derive(sqlx::FromRow)]
struct Hit {
    n: i64,
}

/// Whether the word index (SQLite) has a token, or one that begins so.
///
/// # Errors
/// When the database fails.
pub async fn has_word(conn: &mut Conn, token: &str, prefix: bool) -> Result<bool, DbError> {
    let condition = conn.dialect().word(token, prefix);
    let hits: Vec<Hit> = sql("SELECT 1 AS n FROM log_words WHERE log_words MATCH $1 LIMIT 1")
        .bind(condition)
        .all(conn)
        .await?;
    Ok(hits.iter().any(|hit| hit.n == 1))
}

/// Takes an entry out of the vocabulary.
///
/// # Errors
/// When the database fails.
pub async fn delete_entry(conn: &mut Conn, entry: &str) -> Result<u64, DbError> {
    sql("DELETE FROM vocabulary WHERE entry = $1").bind(entry).execute(conn).await
}
