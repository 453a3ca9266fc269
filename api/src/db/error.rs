//! What can go wrong with the database, as far as somebody acts on it.

use shared::problem::Code;

use crate::http::problem::Problem;

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique value exists already; the constraint or column is named by the engine.
    #[error("unique constraint violated")]
    Unique(#[source] sqlx::Error),
    /// The disk is full.
    #[error("disk is full")]
    Full(#[source] sqlx::Error),
    /// Reading from or writing to the disk failed: the connection must not be used any more.
    #[error("disk input or output failed")]
    Io(#[source] sqlx::Error),
    /// No connection, or none in time.
    #[error("database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else is a defect of ours.
    #[error("database error: {0}")]
    Other(#[source] sqlx::Error),
}

/// Primary result codes of SQLite (<https://sqlite.org/rescode.html>).
const SQLITE_FULL: i32 = 13;
const SQLITE_IOERR: i32 = 10;
const SQLITE_BUSY: i32 = 5;
const SQLITE_CANTOPEN: i32 = 14;

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Unique(error),
            sqlx::Error::Database(db) => {
                let code = db.code().unwrap_or_default();
                let sqlite = code.parse::<i32>().map(|number| number & 0xff).ok();
                match (code.len(), sqlite, code.as_ref()) {
                    (1..=4, Some(SQLITE_FULL), _) | (5, _, "53100") => Self::Full(error),
                    (1..=4, Some(SQLITE_IOERR), _) | (5, _, "58030") => Self::Io(error),
                    (1..=4, Some(SQLITE_BUSY | SQLITE_CANTOPEN), _)
                    | (5, _, "40001" | "40P01" | "57P01" | "57P02" | "57P03" | "53300") => {
                        Self::Unavailable(error)
                    }
                    _ => Self::Other(error),
                }
            }
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            _ => Self::Other(error),
        }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let code = match &error {
            DbError::Full(_) => Code::StorageFull,
            DbError::Io(_) | DbError::Unavailable(_) => Code::StorageUnavailable,
            DbError::Unique(_) | DbError::Other(_) => Code::Internal,
        };
        Self::new(code).caused_by(&error)
    }
}
