//! Statements: text with `$1` placeholders and values, run on whichever engine the connection belongs to.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};

use super::{Conn, DbError};

/// A statement that takes this long gets a line in the server's log.
const SLOW: Duration = Duration::from_secs(1);
/// Characters of it that stand there: enough to find it in the code.
const SHOWN: usize = 160;

/// A row of either engine; `#[derive(sqlx::FromRow)]` brings both.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Row for T {}

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// Whole number.
    Int(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// Truth value.
    Bool(bool),
}

macro_rules! bind_from {
    ($($ty:ty => $value:ident $make:expr;)+) => {
        $(impl From<$ty> for Bind { fn from($value: $ty) -> Self { $make } })+
    };
}
bind_from! {
    i64 => v Self::Int(Some(v));
    Option<i64> => v Self::Int(v);
    u32 => v Self::Int(Some(i64::from(v)));
    bool => v Self::Bool(v);
    &str => v Self::Text(Some(v.to_owned()));
    &String => v Self::Text(Some(v.clone()));
    String => v Self::Text(Some(v));
    Option<String> => v Self::Text(v);
    Option<&str> => v Self::Text(v.map(str::to_owned));
    shared::time::Millis => v Self::Int(Some(v.0));
    Option<shared::time::Millis> => v Self::Int(v.map(|at| at.0));
    crate::util::ids::CustomerId => v Self::Int(Some(v.0));
    Option<crate::util::ids::CustomerId> => v Self::Int(v.map(|id| id.0));
}

/// A statement with its values.
#[derive(Debug, Clone)]
pub struct Statement {
    text: Cow<'static, str>,
    binds: Vec<Bind>,
}

/// Starts a statement.
#[must_use]
pub const fn sql(text: &'static str) -> Statement {
    Statement { text: Cow::Borrowed(text), binds: Vec::new() }
}

/// Starts a statement that was put together from fixed fragments (never from input).
#[must_use]
pub const fn sql_owned(text: String) -> Statement {
    Statement { text: Cow::Owned(text), binds: Vec::new() }
}

macro_rules! bound {
    ($query:expr, $binds:expr) => {{
        let mut query = $query;
        for bind in $binds {
            query = match bind {
                Bind::Int(value) => query.bind(value),
                Bind::Text(value) => query.bind(value),
                Bind::Bool(value) => query.bind(value),
            };
        }
        query
    }};
}

macro_rules! dispatch {
    ($conn:expr, $raw:ident => $body:expr) => {
        match $conn {
            Conn::SqliteRead(conn) => {
                let $raw = &mut **conn;
                $body
            }
            Conn::Sqlite(tx) => {
                let $raw = &mut **tx;
                $body
            }
            Conn::SqliteWrite(tx) => {
                let $raw = tx.conn()?;
                $body
            }
            Conn::Postgres(tx) => {
                let $raw = &mut **tx;
                $body
            }
        }
    };
}

/// Waits for a statement, and names one that was slow by its beginning. Values are never shown.
async fn watched<T>(text: &str, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let done = work.await;
    let took = start.elapsed();
    if took >= SLOW {
        tracing::warn!(ms = took.as_millis(), statement = beginning(text), "slow statement");
    }
    done
}

/// The beginning of a statement, on one line.
fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

impl Statement {
    /// Gives the next placeholder its value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.binds.push(value.into());
        self
    }

    /// Several statements as one text for SQLite, their placeholders numbered through.
    pub(super) fn join(statements: Vec<Self>, before: &str, after: &str) -> (String, Vec<Bind>) {
        let (mut text, mut binds) = (before.to_owned(), Vec::new());
        for statement in statements {
            let mut parts = statement.text.split('$');
            text.push_str(parts.next().unwrap_or_default());
            for part in parts {
                let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
                let number: usize = part[..end].parse().unwrap_or_default();
                text.push_str(&format!("${}{}", number + binds.len(), &part[end..]));
            }
            text.push(';');
            binds.extend(statement.binds);
        }
        text.push_str(after);
        (text, binds)
    }

    pub(super) fn bound_sqlite(
        text: AssertSqlSafe<String>,
        binds: Vec<Bind>,
    ) -> sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
        bound!(sqlx::query(text), binds)
    }

    fn text(&self) -> AssertSqlSafe<String> {
        AssertSqlSafe(self.text.clone().into_owned())
    }

    /// Runs it and returns all rows.
    ///
    /// # Errors
    /// When the engine refuses or fails.
    pub async fn all<T: Row>(self, conn: &mut Conn) -> Result<Vec<T>, DbError> {
        let text = self.text();
        watched(&self.text, async {
            dispatch!(conn, raw => Ok(bound!(sqlx::query_as(text), self.binds).fetch_all(raw).await?))
        })
        .await
    }

    /// Runs it and returns the first row, if any.
    ///
    /// # Errors
    /// When the engine refuses or fails.
    pub async fn optional<T: Row>(self, conn: &mut Conn) -> Result<Option<T>, DbError> {
        let text = self.text();
        watched(&self.text, async {
            dispatch!(conn, raw => Ok(bound!(sqlx::query_as(text), self.binds).fetch_optional(raw).await?))
        })
        .await
    }

    /// Runs it and returns its one row.
    ///
    /// # Errors
    /// When the engine refuses or fails, or when there is no row.
    pub async fn one<T: Row>(self, conn: &mut Conn) -> Result<T, DbError> {
        let text = self.text();
        watched(&self.text, async {
            dispatch!(conn, raw => Ok(bound!(sqlx::query_as(text), self.binds).fetch_one(raw).await?))
        })
        .await
    }

    /// Runs it and returns how many rows it touched.
    ///
    /// # Errors
    /// When the engine refuses or fails.
    pub async fn execute(self, conn: &mut Conn) -> Result<u64, DbError> {
        let text = self.text();
        watched(&self.text, async {
            dispatch!(conn, raw => Ok(bound!(sqlx::query(text), self.binds).execute(raw).await?.rows_affected()))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OPS-06: a statement that was slow is named by its beginning, however long it is.
    #[test]
    fn slow_statements_are_cut() {
        assert_eq!(beginning("SELECT a,\n     b FROM log"), "SELECT a, b FROM log");
        let long = beginning(&"é ".repeat(4_000));
        assert!(long.chars().count() == SHOWN + 1 && long.ends_with('…'), "{long}");
    }
}
