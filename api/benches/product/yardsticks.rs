//! What the product is measured against; each as small as it can be.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use api::domain::logs::model::{Origin, Source};
use api::domain::logs::reader::{self, Context};
use api::util::clock::Clock;
use api::util::ids::{CustomerId, Space};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bytes::Bytes;
use rusqlite::Connection;
use shared::lang::Lang;
use tokio::sync::oneshot;

use crate::load::Measured;

/// A row that waits for its commit.
type Waiting = (String, oneshot::Sender<()>);

/// Opens a database with the tables of the product's hot path and its flush settings.
pub fn open(path: &Path) -> Connection {
    let db = Connection::open(path).expect("open");
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;
         CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, customer_id BIGINT NOT NULL, test BOOLEAN NOT NULL, kind TEXT NOT NULL,
            data TEXT NOT NULL, occurred_at BIGINT NOT NULL);
         CREATE INDEX IF NOT EXISTS log_occurred ON log (test, customer_id, occurred_at, id);
         CREATE VIRTUAL TABLE IF NOT EXISTS log_words USING fts5 (words, content = '', contentless_delete = 1, detail = none,
            tokenize = \"ascii tokenchars ':._-@#'\");",
    )
    .expect("schema");
    db
}

/// Commits rows with their words in one transaction; the statements of the product.
pub fn commit(db: &mut Connection, rows: &[(i64, &str)]) {
    let tx = db.transaction().expect("begin");
    {
        let mut log =
            tx.prepare_cached("INSERT INTO log VALUES (?1, 1, 0, 'scan', ?2, ?3)").expect("prepare");
        let mut index =
            tx.prepare_cached("INSERT INTO log_words (rowid, words) VALUES (?1, ?2)").expect("prepare");
        for (id, data) in rows {
            log.execute(rusqlite::params![id, data, id]).expect("insert");
            index.execute(rusqlite::params![id, words()]).expect("words");
        }
    }
    tx.commit().expect("commit");
}

/// The words that the product keeps for a row of the benchmark.
pub fn words() -> &'static str {
    static WORDS: OnceLock<String> = OnceLock::new();
    WORDS.get_or_init(|| {
        let now = Clock::System.now();
        let context = Context {
            now,
            zone: jiff::tz::TimeZone::UTC,
            lang: Lang::Nl,
            retention: std::sync::Arc::default(),
        };
        let log = reader::read(crate::product::ROW.as_bytes(), &context).expect("log");
        let origin = Origin {
            customer: CustomerId(1),
            space: Space::Live,
            source: Source::Api,
            way: Source::Api.as_str(),
            ip: Some("127.0.0.1".to_owned()),
            actor: "key:bench".to_owned(),
            received_at: now,
            period: std::sync::Arc::<str>::from("2026-11").into(),
        };
        log.prepare(&origin).words.trim_matches('"').to_owned()
    })
}

fn write(mut db: Connection, waiting: &Receiver<Waiting>) {
    let mut id = 0;
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(4_095));
        let rows: Vec<(i64, &str)> = batch
            .iter()
            .map(|(data, _)| {
                id += 1;
                (id, data.as_str())
            })
            .collect();
        commit(&mut db, &rows);
        for (_, reply) in batch {
            assert!(reply.send(()).is_ok(), "the client waits");
        }
    }
}

fn writer(path: &Path) -> Sender<Waiting> {
    let db = open(path);
    let (sender, receiver) = channel();
    let thread = std::thread::Builder::new().name("yardstick".to_owned());
    thread.spawn(move || write(db, &receiver)).expect("thread");
    sender
}

/// RGC: threads that hand rows to one committing thread, without HTTP.
pub fn rgc(path: &Path, threads: usize, time: Duration, row: &str) -> Measured {
    let sender = writer(path);
    let started = Instant::now();
    let handles: Vec<_> = (0..threads)
        .map(|_| {
            let (sender, row) = (sender.clone(), row.to_owned());
            std::thread::spawn(move || {
                let mut latencies = Vec::new();
                while started.elapsed() < time {
                    let at = Instant::now();
                    let (reply, done) = oneshot::channel();
                    sender.send((row.clone(), reply)).expect("writer");
                    done.blocking_recv().expect("commit");
                    latencies.push(at.elapsed());
                }
                latencies
            })
        })
        .collect();
    let latencies = handles.into_iter().flat_map(|handle| handle.join().expect("thread")).collect();
    Measured::of(latencies, started.elapsed(), 0)
}

/// REF: an axum server whose handler hands the body to one committing thread.
pub async fn reference(path: &Path) -> SocketAddr {
    async fn create(State(sender): State<Sender<Waiting>>, body: Bytes) -> StatusCode {
        let (reply, done) = oneshot::channel();
        let text = String::from_utf8_lossy(&body).into_owned();
        match sender.send((text, reply)) {
            Ok(()) if done.await.is_ok() => StatusCode::CREATED,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    serve(Router::new().route("/logs", post(create)).with_state(writer(path))).await
}

/// HELLO: a server that answers a constant.
pub async fn hello() -> SocketAddr {
    serve(Router::new().route("/", get(|| async { "hello" }).post(|_: Bytes| async { "hello" }))).await
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// RAW: repeats a read on the product's own file, directly.
pub fn raw(path: &Path, sql: &str, params: &[&dyn rusqlite::ToSql], time: Duration) -> Measured {
    let db = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).expect("open");
    let mut statement = db.prepare(sql).expect("prepare");
    let started = Instant::now();
    let mut latencies = Vec::new();
    while started.elapsed() < time {
        let at = Instant::now();
        let mut rows = statement.query(params).expect("query");
        let mut bytes = 0;
        while let Some(row) = rows.next().expect("row") {
            for column in 0..row.as_ref().column_count() {
                bytes += row.get_ref(column).expect("value").as_str().map_or(8, str::len);
            }
        }
        assert!(bytes > 0, "the query finds something");
        latencies.push(at.elapsed());
    }
    Measured::of(latencies, started.elapsed(), 0)
}
