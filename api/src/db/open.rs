//! Opening: directory, lock, version, migrations, quick check — in this order (OPS-02).

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::lock::{LockError, ProcessLock};
use super::write::SqliteWriter;
use super::{Db, DbError, Scope, sql};
use crate::config::{Durability, Storage};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Below this version SQLite can lose committed data when a checkpoint meets a writer (WAL-reset bug).
const MIN_SQLITE: (u32, u32, u32) = (3, 51, 3);
const READERS: u32 = 8;
const PG_CONNECTIONS: u32 = 16;

/// Why the database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory of the file cannot be made or written.
    #[error("the data directory {path} cannot be used: {source}")]
    Directory {
        /// The directory.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The engine is too old.
    #[error("SQLite {0} is linked, 3.51.3 or later is needed (WAL-reset bug)")]
    Version(String),
    /// The PostgreSQL server does not keep what it confirms.
    #[error("PostgreSQL has {0} off; production needs it on")]
    NotDurable(String),
    /// The schema is newer than this program, or a migration failed.
    #[error("migration failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// Only looking, which changes nothing, and the schema is not the one of this program.
    #[error(
        "the database has schema {found}, this program {expected}; start the server or run `migrate` first"
    )]
    Schema {
        /// Last migration of the database.
        found: i64,
        /// Last migration that this program knows.
        expected: i64,
    },
    /// The file is damaged.
    #[error("the database is damaged ({0}); restore a backup, the file was left as it is")]
    Damaged(String),
    /// The database cannot be reached.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What opening found.
#[derive(Debug)]
pub struct Opened {
    /// The database, migrated.
    pub db: Db,
    /// Version of the engine.
    pub version: String,
    /// Held for the life of the process (SQLite).
    pub lock: Option<ProcessLock>,
}

#[derive(sqlx::FromRow)]
struct Text {
    text: String,
}

#[derive(sqlx::FromRow)]
struct Version {
    version: Option<i64>,
}

impl Db {
    /// Opens and migrates the database.
    ///
    /// # Errors
    /// See [`OpenError`]; nothing is changed by a refused start.
    pub async fn open(
        storage: &Storage,
        durability: Durability,
        production: bool,
    ) -> Result<Opened, OpenError> {
        match storage {
            Storage::Sqlite(path) => open_sqlite(path, durability).await,
            Storage::Postgres(url) => open_postgres(url.expose_secret(), production).await,
        }
    }
}

impl Db {
    /// Opens the database to look into it, beside a running server if need be: nothing is made, migrated or changed, and
    /// no lock is taken.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn look_into(storage: &Storage) -> Result<Self, OpenError> {
        Self::attach(storage, true).await
    }

    /// Opens a database that exists for a few small changes, beside a running server: what that server keeps in memory
    /// it must read again by itself.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn beside(storage: &Storage) -> Result<Self, OpenError> {
        Self::attach(storage, false).await
    }

    async fn attach(storage: &Storage, read_only: bool) -> Result<Self, OpenError> {
        let (db, migrator) = match storage {
            Storage::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .read_only(read_only)
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(5))
                    .pragma("cache_size", "-4096");
                let pool =
                    |most| SqlitePoolOptions::new().max_connections(most).connect_lazy_with(options.clone());
                let write = SqliteWriter::new(options.clone());
                (Self::Sqlite { write, read: pool(READERS), maintain: pool(1) }, &SQLITE)
            }
            Storage::Postgres(url) => {
                let pool = PgPoolOptions::new()
                    .max_connections(PG_CONNECTIONS)
                    .acquire_timeout(Duration::from_secs(10))
                    .connect(url.expose_secret())
                    .await
                    .map_err(DbError::from)?;
                (Self::Postgres(pool), &POSTGRES)
            }
        };
        let expected = migrator.iter().map(|migration| migration.version).max().unwrap_or_default();
        let mut conn = db.read(Scope::Installation).await?;
        let found: Version =
            sql("SELECT MAX(version) AS version FROM _sqlx_migrations").one(&mut conn).await?;
        drop(conn);
        let found = found.version.unwrap_or_default();
        if found == expected { Ok(db) } else { Err(OpenError::Schema { found, expected }) }
    }
}

async fn open_sqlite(path: &Path, durability: Durability) -> Result<Opened, OpenError> {
    make_directory(path)?;
    let lock = ProcessLock::take(path)?;
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Relaxed => SqliteSynchronous::Off,
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("wal_autocheckpoint", super::checkpoint::LAST_RESORT_PAGES)
        .pragma("journal_size_limit", "16777216")
        // What is deleted within a page is overwritten with it; free pages are when erased logs are cleaned up.
        .pragma("secure_delete", "FAST")
        .pragma("cache_size", "-16384")
        .statement_cache_capacity(200)
        // Statements that are slow are told by `query`.
        .disable_statement_logging();
    let write = SqliteWriter::new(options.clone());
    let maintain = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        // A complete fold gives way to the writer instead of holding it up.
        .connect_lazy_with(options.clone().busy_timeout(Duration::ZERO).pragma("cache_size", "-256"));
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .idle_timeout(Some(Duration::from_secs(300)))
        .max_lifetime(None)
        .acquire_timeout(Duration::from_secs(10))
        .connect_lazy_with(options.pragma("query_only", "ON").pragma("cache_size", "-4096"));
    let db = Db::Sqlite { write: write.clone(), read, maintain };
    let version = version(&db).await?;
    if !is_supported(&version) {
        return Err(OpenError::Version(version));
    }
    write.with(async |conn| SQLITE.run(conn).await).await??;
    let mut conn = db.write(Scope::Installation).await?;
    // Tables are checked page by page when they are read and on a schedule; the schema is checked here, so
    // that a start stays quick whatever the size.
    let found: Text =
        sql("SELECT quick_check AS text FROM pragma_quick_check('customer')").one(&mut conn).await?;
    drop(conn);
    if found.text != "ok" {
        return Err(OpenError::Damaged(found.text));
    }
    Ok(Opened { db, version, lock: Some(lock) })
}

async fn open_postgres(url: &str, production: bool) -> Result<Opened, OpenError> {
    let pool = PgPoolOptions::new()
        .max_connections(PG_CONNECTIONS)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(postgres_options(url)?)
        .await
        .map_err(DbError::from)?;
    let db = Db::Postgres(pool.clone());
    let version = version(&db).await?;
    if production {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let mut conn = db.read(Scope::Installation).await?;
            let found: Text = sql("SELECT current_setting($1) AS text").bind(setting).one(&mut conn).await?;
            if found.text == "off" {
                return Err(OpenError::NotDurable(setting.to_owned()));
            }
        }
    }
    POSTGRES.run(&pool).await?;
    Ok(Opened { db, version, lock: None })
}

/// Statements that are slow are told by `query`.
fn postgres_options(url: &str) -> Result<PgConnectOptions, DbError> {
    Ok(PgConnectOptions::from_str(url)?.disable_statement_logging())
}

async fn version(db: &Db) -> Result<String, DbError> {
    let mut conn = db.read(Scope::Installation).await?;
    let found: Text = sql(db.dialect().version()).one(&mut conn).await?;
    Ok(found.text)
}

/// Whether a version of SQLite is free of the WAL-reset bug.
#[must_use]
pub fn is_supported(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= MIN_SQLITE
}

/// Makes the directory of the database, readable by its owner alone.
fn make_directory(database: &Path) -> Result<(), OpenError> {
    let Some(parent) = database.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    let fail = |source| OpenError::Directory { path: parent.display().to_string(), source };
    if !parent.exists() {
        std::fs::create_dir_all(parent).map_err(fail)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(parent, std::fs::Permissions::from_mode(0o700)).map_err(fail)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D6 of the security goals: the linked SQLite is 3.51.3 or later, and older ones are refused.
    #[test]
    fn old_versions_are_refused() {
        for (version, ok) in [
            ("3.51.3", true),
            ("3.51.2", false),
            ("3.40.1", false),
            ("3.53.0", true),
            ("4.0.0", true),
            ("", false),
        ] {
            assert_eq!(is_supported(version), ok, "{version}");
        }
    }
}
