//! A database of its own for every test: a file, or a database made from a migrated template.

use std::path::PathBuf;

use api::config::Storage;
use sqlx::{Connection, Executor, PgConnection};

/// Removed when the test ends.
pub enum TestDatabase {
    Sqlite(tempfile::TempDir),
    Postgres { admin_url: String, name: String },
}

#[expect(clippy::disallowed_methods, reason = "tests choose the engine by the environment")]
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

impl TestDatabase {
    /// Whether this run is on PostgreSQL.
    pub fn is_postgres() -> bool {
        server().is_some()
    }

    pub async fn create() -> Self {
        let Some(admin_url) = server() else {
            return Self::Sqlite(tempfile::tempdir().unwrap());
        };
        let name = format!("t_{}", api::util::crypto::hex(&api::util::crypto::random::<8>()));
        let template = template(&admin_url).await;
        let mut conn = PgConnection::connect(&admin_url).await.unwrap();
        // The template is briefly locked while another test copies it.
        for attempt in 0.. {
            let made = conn
                .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")))
                .await;
            match made {
                Ok(_) => break,
                Err(error) if attempt < 50 => {
                    drop(error);
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
                Err(error) => panic!("{error}"),
            }
        }
        Self::Postgres { admin_url, name }
    }

    pub fn storage(&self) -> Storage {
        match self {
            Self::Sqlite(dir) => Storage::Sqlite(dir.path().join("test.db")),
            Self::Postgres { admin_url, name } => Storage::Postgres(with_database(admin_url, name).into()),
        }
    }

    /// The database file, on SQLite.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(dir) => Some(dir.path().join("test.db")),
            Self::Postgres { .. } => None,
        }
    }
}

/// Named after what the migrations say, so that a changed migration gets a template of its own.
fn template_name() -> String {
    let mut files: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let texts: Vec<u8> = files.iter().flat_map(|file| std::fs::read(file).unwrap()).collect();
    format!("mvai_template_{}", &api::util::crypto::sha256_hex(&texts)[..12])
}

fn with_database(url: &str, name: &str) -> String {
    let (base, _) = url.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// Migrates the template once for all test processes of a run; an advisory lock keeps them apart.
async fn template(admin_url: &str) -> String {
    let template = template_name();
    let mut conn = PgConnection::connect(admin_url).await.unwrap();
    conn.execute("SELECT pg_advisory_lock(4711)").await.unwrap();
    let exists: Option<(i32,)> = sqlx::query_as("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(&template)
        .fetch_optional(&mut conn)
        .await
        .unwrap();
    if exists.is_none() {
        let draft = format!("{template}_draft");
        conn.execute(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {draft}"))).await.unwrap();
        conn.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {draft}"))).await.unwrap();
        let storage = Storage::Postgres(with_database(admin_url, &draft).into());
        let opened = api::db::Db::open(&storage, api::config::Durability::Full, false).await.unwrap();
        opened.db.close().await;
        conn.execute(sqlx::AssertSqlSafe(format!("ALTER DATABASE {draft} RENAME TO {template}")))
            .await
            .unwrap();
    }
    conn.execute("SELECT pg_advisory_unlock(4711)").await.unwrap();
    template
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Self::Postgres { admin_url, name } = self else {
            return;
        };
        let (url, name) = (admin_url.clone(), name.clone());
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut conn = PgConnection::connect(&url).await.unwrap();
                let text = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let mut dropped = conn.execute(sqlx::AssertSqlSafe(text.clone())).await;
                // The server's own cleaning may be at work in it; that belongs to nobody who may be sent away.
                for _ in 0..100 {
                    let busy = dropped.as_ref().is_err_and(|error| {
                        error
                            .as_database_error()
                            .is_some_and(|error| error.code().as_deref() == Some("42501"))
                    });
                    if !busy {
                        break;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    dropped = conn.execute(sqlx::AssertSqlSafe(text.clone())).await;
                }
                dropped.unwrap();
            });
        });
        done.join().unwrap();
    }
}
