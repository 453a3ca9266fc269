//! Both engines get the same tables from migrations of the same names.

use std::collections::BTreeMap;
use std::path::Path;

use api::config::{Durability, Storage};
use api::db::{Conn, Db, Scope, sql, sql_owned};

use crate::support::{TestApp, TestDatabase};

/// Type and whether it may be null, by table and column.
type Columns = BTreeMap<(String, String), (String, bool)>;

/// The word index is a virtual table on SQLite, with a list of words, and a table of word vectors on PostgreSQL.
fn engine_specific(table: &str) -> bool {
    table.starts_with("log_words")
        || table == "vocabulary"
        || table.starts_with("sqlite_")
        || table == "_sqlx_migrations"
        || (table.starts_with("log_p") && table.len() == 6)
}

fn folder(engine: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(engine);
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// GEN-13, OPS-02: every migration exists for both engines, numbered without a gap.
#[test]
fn migrations_have_the_same_names() {
    let names = |engine: &str| folder(engine).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("sqlite"), names("postgres"));
    for (at, name) in names("sqlite").iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", at + 1)) && name.ends_with(".sql"), "{name}");
    }
}

#[derive(sqlx::FromRow)]
struct Column {
    table_name: String,
    column_name: String,
    kind: String,
    nullable: bool,
}

fn columns(rows: Vec<Column>) -> Columns {
    let rows = rows.into_iter().filter(|row| !engine_specific(&row.table_name));
    rows.map(|row| {
        // The number of a customer is the row's own number on SQLite, which has one type for whole numbers.
        let kind = match row.kind.to_uppercase().as_str() {
            "INTEGER" | "BIGINT" => "BIGINT".to_owned(),
            other => other.to_owned(),
        };
        ((row.table_name, row.column_name), (kind, row.nullable))
    })
    .collect()
}

async fn of_sqlite(conn: &mut Conn) -> Columns {
    let text = "SELECT m.name AS table_name, c.name AS column_name, c.type AS kind, c.\"notnull\" = 0 AS nullable \
                FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'";
    columns(sql(text).all(conn).await.unwrap())
}

async fn of_postgres(conn: &mut Conn) -> Columns {
    let text = "SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name, \
                CAST(data_type AS TEXT) AS kind, is_nullable = 'YES' AS nullable FROM information_schema.columns \
                WHERE table_schema = current_schema()";
    columns(sql(text).all(conn).await.unwrap())
}

/// Columns as the text of the migrations says, for runs without a server.
fn of_text(engine: &str) -> Columns {
    let mut found = Columns::new();
    for (_, text) in folder(engine) {
        for line in text.lines() {
            let added = line.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" ADD COLUMN "));
            if let Some((table, column)) = added {
                let mut words = column.trim_end_matches(';').split_whitespace();
                let (name, kind) = (words.next().unwrap(), words.next().unwrap());
                let required = column.contains("NOT NULL");
                found.insert((table.to_owned(), name.to_owned()), (kind.to_owned(), !required));
            }
        }
        for part in text.split("\nCREATE TABLE ").skip(1) {
            let (table, rest) = part.split_once(" (\n").unwrap();
            let body = rest.split_once("\n)").unwrap().0;
            for line in body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"))
            {
                let mut words = line.trim_end_matches(',').split_whitespace();
                let (name, kind) = (words.next().unwrap(), words.next().unwrap());
                if name.chars().all(|c| c.is_ascii_uppercase()) {
                    continue; // PRIMARY KEY (…)
                }
                let kind = if kind == "INTEGER" { "BIGINT" } else { kind };
                let required = line.contains("NOT NULL") || line.contains("PRIMARY KEY");
                found.insert((table.to_owned(), name.to_owned()), (kind.to_owned(), !required));
            }
        }
    }
    found.retain(|(table, _), _| !engine_specific(table));
    found
}

async fn fresh_sqlite() -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::Sqlite(folder.path().join("parity.db"));
    let opened = Db::open(&storage, Durability::Relaxed, false).await.unwrap();
    (folder, opened.db)
}

/// GEN-13: tables, columns, types and whether they may be null are the same on both engines.
#[tokio::test]
async fn migrations_make_the_same_tables() {
    let (_folder, sqlite) = fresh_sqlite().await;
    let expected = of_sqlite(&mut sqlite.read(Scope::Installation).await.unwrap()).await;
    assert!(expected.len() > 100, "{}", expected.len());
    let found = if TestDatabase::is_postgres() {
        let test = TestApp::new().await;
        of_postgres(&mut test.app.db.read(Scope::Installation).await.unwrap()).await
    } else {
        of_text("postgres")
    };
    assert_eq!(found, expected);
    assert_eq!(of_text("sqlite"), expected, "the text is read as the engine reads it");
}

/// Columns as the register of columns has them.
fn of_register() -> Columns {
    use api::db::registry::{Kind, TABLES};
    let mut found = Columns::new();
    for table in TABLES {
        for (name, kind, _) in table.columns {
            let kind = match kind {
                Kind::Text => "TEXT",
                Kind::Number | Kind::Time => "BIGINT",
                Kind::Flag => "BOOLEAN",
            };
            found.insert((table.name.to_owned(), (*name).to_owned()), (kind.to_owned(), true));
        }
    }
    found.retain(|(table, _), _| !engine_specific(table));
    found
}

/// EXP-08: every column of every table stands in the register with its type, and nothing else does.
#[test]
fn every_column_is_classified() {
    let optional = |columns: Columns| -> Columns {
        columns.into_iter().map(|(place, (kind, _))| (place, (kind, true))).collect()
    };
    let mut expected = optional(of_text("sqlite"));
    assert_eq!(of_register(), expected);
    expected.insert(("customer".to_owned(), "planted".to_owned()), ("TEXT".to_owned(), true));
    assert_ne!(of_register(), expected, "a column that is not in the register is noticed");
}

/// Names of indexes with what they cover, as the text of the migrations says.
fn indexes(engine: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (_, text) in folder(engine) {
        for line in text
            .lines()
            .filter(|line| line.starts_with("CREATE INDEX") || line.starts_with("CREATE UNIQUE INDEX"))
        {
            let (head, rest) = line.split_once(" ON ").unwrap();
            let name = head.rsplit(' ').next().unwrap().to_owned();
            if !engine_specific(&name) {
                found.insert(name, format!("{} {rest}", head.contains("UNIQUE")));
            }
        }
    }
    found
}

/// GEN-13, PERF-01: both engines have the same indexes.
#[test]
fn migrations_make_the_same_indexes() {
    let expected = indexes("sqlite");
    assert!(expected.len() >= 6, "{expected:?}");
    assert_eq!(indexes("postgres"), expected);
}

/// GEN-13: a column that is missing, of another type or optional on one engine alone is noticed.
#[tokio::test]
async fn planted_differences_are_noticed() {
    let (_folder, sqlite) = fresh_sqlite().await;
    let original = of_text("postgres");
    for change in [
        "ALTER TABLE customer ADD COLUMN extra TEXT",
        "ALTER TABLE customer DROP COLUMN vat_number",
        "ALTER TABLE staff RENAME COLUMN role TO kind",
        "CREATE TABLE more (id TEXT)",
    ] {
        let mut tx = sqlite.write(Scope::Installation).await.unwrap();
        sql_owned(change.to_owned()).execute(&mut tx).await.unwrap();
        assert_ne!(of_sqlite(&mut tx).await, original, "{change}");
    }
    assert_eq!(of_sqlite(&mut sqlite.read(Scope::Installation).await.unwrap()).await, original);
}

/// OPS-02: opening a database a second time changes nothing and keeps its data.
#[tokio::test]
async fn opening_again_migrates_nothing() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let before = test.number("SELECT COUNT(*) AS n FROM _sqlx_migrations").await;
    let storage = test.database.storage();
    test.app.db.close().await;
    let file = test.database.file();
    drop(test.router);
    let opened = match (file, &storage) {
        (Some(file), _) => {
            // The first opening still holds the lock of the file; a copy is opened instead.
            let folder = tempfile::tempdir().unwrap();
            let copy = folder.path().join("copy.db");
            std::fs::copy(file, &copy).unwrap();
            let opened = Db::open(&Storage::Sqlite(copy), Durability::Relaxed, false).await.unwrap();
            std::mem::forget(folder);
            opened
        }
        (None, storage) => Db::open(storage, Durability::Relaxed, false).await.unwrap(),
    };
    let mut conn = opened.db.read(Scope::Installation).await.unwrap();
    let name = sql("SELECT name AS table_name, name AS column_name, name AS kind, (1 = 1) AS nullable FROM customer WHERE id = $1").bind(customer.id).one::<Column>(&mut conn).await.unwrap();
    assert_eq!(name.table_name, customer.name);
    let migrations: Vec<Column> = sql("SELECT description AS table_name, description AS column_name, description AS kind, success AS nullable FROM _sqlx_migrations").all(&mut conn).await.unwrap();
    assert_eq!(i64::try_from(migrations.len()).unwrap(), before);
    drop(conn);
    opened.db.close().await;
}
