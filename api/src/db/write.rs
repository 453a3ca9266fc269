//! The one connection that writes to SQLite. It is kept by itself and not in a pool: a pool asks a connection on
//! every way in and out whether it lives, which costs as much as a small commit.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::DbError;
use super::query::Statement;
use crate::util::swallow::OrLog;

/// How long a writer waits for those before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// See the module.
#[derive(Debug, Clone)]
pub struct SqliteWriter {
    options: Arc<SqliteConnectOptions>,
    slot: Arc<Mutex<Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    conn: Option<SqliteConnection>,
    /// A transaction was begun and neither committed nor rolled back; found by the next one, its owner has gone.
    open: bool,
    closed: bool,
}

/// An open transaction; what is dropped before its commit is rolled back.
#[derive(Debug)]
pub struct WriteTx {
    slot: Option<OwnedMutexGuard<Slot>>,
}

fn closed() -> DbError {
    DbError::from(sqlx::Error::PoolClosed)
}

impl Slot {
    async fn conn(&mut self, options: &SqliteConnectOptions) -> Result<&mut SqliteConnection, DbError> {
        if self.closed {
            return Err(closed());
        }
        if self.open {
            self.roll_back().await;
        }
        if self.conn.is_none() {
            self.conn = Some(options.connect().await?);
        }
        self.conn.as_mut().ok_or_else(closed)
    }

    /// Rolls back; a connection that cannot do that is given up.
    async fn roll_back(&mut self) {
        if let Some(conn) = &mut self.conn
            && sqlx::query("ROLLBACK").execute(conn).await.or_log("rolling back").is_none()
        {
            self.conn = None;
        }
        self.open = false;
    }

    /// A connection on which a transaction is about to begin.
    async fn begin(&mut self, options: &SqliteConnectOptions) -> Result<&mut SqliteConnection, DbError> {
        self.conn(options).await?;
        self.open = true;
        self.conn.as_mut().ok_or_else(closed)
    }
}

impl SqliteWriter {
    /// The writer of a database; it connects when it is first needed.
    #[must_use]
    pub fn new(options: SqliteConnectOptions) -> Self {
        Self { options: Arc::new(options), slot: Arc::default() }
    }

    async fn lock(&self) -> Result<OwnedMutexGuard<Slot>, DbError> {
        tokio::time::timeout(PATIENCE, Arc::clone(&self.slot).lock_owned())
            .await
            .map_err(|_| DbError::from(sqlx::Error::PoolTimedOut))
    }

    /// Begins a transaction that holds the write lock from the start: what it reads first cannot be overtaken.
    ///
    /// # Errors
    /// When others write for too long, or the engine refuses.
    pub async fn begin(&self) -> Result<WriteTx, DbError> {
        let mut slot = self.lock().await?;
        if let Err(error) = sqlx::query("BEGIN IMMEDIATE").execute(slot.begin(&self.options).await?).await {
            slot.open = false;
            return Err(error.into());
        }
        Ok(WriteTx { slot: Some(slot) })
    }

    /// Runs statements as one transaction, in one trip to the engine.
    ///
    /// # Errors
    /// When a statement or the commit fails; then nothing was stored.
    pub async fn transact(&self, statements: Vec<Statement>) -> Result<(), DbError> {
        if statements.is_empty() {
            return Ok(());
        }
        let mut slot = self.lock().await?;
        let (text, binds) = Statement::join(statements, "BEGIN IMMEDIATE;", "COMMIT");
        let query = Statement::bound_sqlite(AssertSqlSafe(text), binds);
        if let Err(error) = query.execute(slot.begin(&self.options).await?).await {
            slot.roll_back().await;
            return Err(error.into());
        }
        slot.open = false;
        Ok(())
    }

    /// Gives the connection up: after a failed flush the kernel may have dropped what it reported as written, so
    /// SQLite recovers on a new one.
    pub async fn renew(&self) {
        if let Some(mut slot) = self.lock().await.or_log("renewing the writer") {
            slot.conn = None;
        }
    }

    /// Hands the connection out for migrations.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> T + Send,
    ) -> Result<T, DbError> {
        let mut slot = self.lock().await?;
        Ok(work(slot.conn(&self.options).await?).await)
    }

    /// Closes the connection for good; the write-ahead log is folded into the file.
    pub async fn close(&self) {
        let Some(mut slot) = self.lock().await.or_log("closing the writer") else { return };
        slot.closed = true;
        if let Some(mut conn) = slot.conn.take() {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&mut conn)
                .await
                .or_log("folding at close");
            conn.close().await.or_log("closing the writer");
        }
    }
}

impl WriteTx {
    /// The connection.
    ///
    /// # Errors
    /// Never while the transaction is open.
    pub fn conn(&mut self) -> Result<&mut SqliteConnection, DbError> {
        self.slot.as_mut().and_then(|slot| slot.conn.as_mut()).ok_or_else(closed)
    }

    /// Makes the work last.
    ///
    /// # Errors
    /// When the commit fails; then nothing was stored.
    pub async fn commit(mut self) -> Result<(), DbError> {
        sqlx::query("COMMIT").execute(self.conn()?).await?;
        if let Some(mut slot) = self.slot.take() {
            slot.open = false;
        }
        Ok(())
    }
}

impl Drop for WriteTx {
    fn drop(&mut self) {
        let (Some(mut slot), Ok(runtime)) = (self.slot.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move { slot.roll_back().await });
    }
}
