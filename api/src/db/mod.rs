//! The data layer: one SQL text, two engines.
//!
//! [`Db`] opens the database, [`Conn`] is a connection for one unit of work, [`sql`] runs a statement on either.
//! Who works on tenant data says for whom ([`Scope`]): PostgreSQL then shows that customer's rows alone.

pub mod checkpoint;
pub mod dialect;
pub mod error;
pub mod lock;
pub mod open;
mod query;
pub mod registry;
pub mod write;

pub use dialect::Dialect;
pub use error::DbError;
pub use query::{Bind, Row, Statement, sql, sql_owned};

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use self::write::{SqliteWriter, WriteTx};
use crate::util::ids::CustomerId;

/// Whose rows a unit of work may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One customer.
    Customer(CustomerId),
    /// The installation: sign-in, back office, writer.
    Installation,
}

/// An open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// Embedded: one writer connection, a pool of readers.
    Sqlite {
        /// The one connection that writes.
        write: SqliteWriter,
        /// Connections that only read.
        read: SqlitePool,
        /// The one connection that folds the write-ahead log.
        maintain: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A connection for one unit of work.
#[derive(Debug)]
pub enum Conn {
    /// Reads outside a transaction: each statement sees the latest state.
    SqliteRead(PoolConnection<Sqlite>),
    /// A transaction that reads.
    Sqlite(Transaction<'static, Sqlite>),
    /// A transaction that writes.
    SqliteWrite(WriteTx),
    /// A transaction; the scope is set in it.
    Postgres(Transaction<'static, Postgres>),
}

impl Db {
    /// The engine's way of saying what differs.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A connection for single reads.
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn read(&self, scope: Scope) -> Result<Conn, DbError> {
        match self {
            Self::Sqlite { read, .. } => Ok(Conn::SqliteRead(read.acquire().await?)),
            Self::Postgres(pool) => scoped(pool.begin().await?, scope).await,
        }
    }

    /// A connection whose reads all see the same state.
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn snapshot(&self, scope: Scope) -> Result<Conn, DbError> {
        match self {
            Self::Sqlite { read, .. } => Ok(Conn::Sqlite(read.begin().await?)),
            Self::Postgres(pool) => {
                scoped(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?, scope).await
            }
        }
    }

    /// A transaction that writes; nothing happens before [`Conn::commit`].
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn write(&self, scope: Scope) -> Result<Conn, DbError> {
        match self {
            Self::Sqlite { write, .. } => Ok(Conn::SqliteWrite(write.begin().await?)),
            Self::Postgres(pool) => scoped(pool.begin().await?, scope).await,
        }
    }

    /// A connection for reading what [`Self::transact`] will depend on. On PostgreSQL it is the transaction itself,
    /// so that rows stay locked; on SQLite the caller must be the only one who changes what it reads.
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn look(&self, scope: Scope) -> Result<Conn, DbError> {
        match self {
            Self::Sqlite { .. } => self.read(scope).await,
            Self::Postgres(_) => self.write(scope).await,
        }
    }

    /// Runs statements as one transaction, after [`Self::look`] if something was read for them. SQLite does so in
    /// one trip, which is what a small commit mostly costs.
    ///
    /// # Errors
    /// When a statement or the commit fails; then nothing was stored.
    pub async fn transact(&self, looked: Option<Conn>, statements: Vec<Statement>) -> Result<(), DbError> {
        if let Self::Sqlite { write, .. } = self {
            drop(looked);
            return write.transact(statements).await;
        }
        let mut tx = match looked {
            Some(tx) => tx,
            None => self.write(Scope::Installation).await?,
        };
        for statement in statements {
            statement.execute(&mut tx).await?;
        }
        tx.commit().await
    }

    /// Asks for one value, to see whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbError> {
        let mut conn = self.read(Scope::Installation).await?;
        sql("SELECT 1").execute(&mut conn).await.map(drop)
    }

    /// Gives up the writer connection: after a failed flush the kernel may have dropped what it reported as
    /// written, so SQLite recovers on a new connection.
    pub async fn renew_writer(&self) {
        if let Self::Sqlite { write, .. } = self {
            write.renew().await;
        }
    }

    /// Folds the write-ahead log into the file and cuts it, so that old content of pages leaves the disk. Gives way to
    /// those who read or write; PostgreSQL does this by itself.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn fold(&self) -> Result<(), DbError> {
        if let Self::Sqlite { maintain, .. } = self {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(maintain).await?;
        }
        Ok(())
    }

    /// Closes all connections; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, maintain, .. } => {
                read.close().await;
                maintain.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

async fn scoped(tx: Transaction<'static, Postgres>, scope: Scope) -> Result<Conn, DbError> {
    let mut conn = Conn::Postgres(tx);
    let customer = match scope {
        Scope::Customer(customer) => customer.to_string(),
        Scope::Installation => "all".to_owned(),
    };
    sql("SELECT set_config('mvai.customer', $1, true)").bind(customer).execute(&mut conn).await?;
    Ok(conn)
}

impl Conn {
    /// The engine's way of saying what differs.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::SqliteRead(_) | Self::Sqlite(_) | Self::SqliteWrite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Makes the work of a transaction last.
    ///
    /// # Errors
    /// When the commit fails; then nothing was stored.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::SqliteRead(_) => Ok(()),
            Self::Sqlite(tx) => Ok(tx.commit().await?),
            Self::SqliteWrite(tx) => tx.commit().await,
            Self::Postgres(tx) => Ok(tx.commit().await?),
        }
    }
}
