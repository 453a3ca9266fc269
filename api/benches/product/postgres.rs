//! Uploads on PostgreSQL, against COPY of the same rows into tables with the same indexes.

use std::fmt::Write;
use std::time::Instant;

use api::config::Storage;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::product::{Product, ROW, ndjson, ratio};
use crate::report::{Report, rate};
use crate::{Plan, load, yardsticks};

const ROWS: usize = 2_000;

#[expect(clippy::disallowed_methods, reason = "a measurement is told by the environment where its server is")]
fn server() -> Option<String> {
    std::env::var("BENCH_DATABASE_URL").ok()
}

/// NDJSON uploads; left out without `BENCH_DATABASE_URL`, the address of a server on which databases can be made.
pub async fn batches(plan: Plan, report: &mut Report) {
    let Some(url) = server() else {
        eprintln!("PostgreSQL is left out: BENCH_DATABASE_URL is not set");
        return;
    };
    let (base, _) = url.rsplit_once('/').expect("the name of a database");
    let mut admin = PgConnection::connect(&url).await.expect("PostgreSQL");
    let name = format!("mvai_bench_{}", std::process::id());
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("database");
    let own = format!("{base}/{name}");
    let dir = tempfile::tempdir().expect("directory");
    let product = Product::start_on(Storage::Postgres(own.clone().into()), dir).await;
    let (key, body) = (product.key.clone(), ndjson(ROWS, 0));
    let ours = load::run(product.address, 2, plan.each, move |_| {
        let headers = [("X-API-Key", key.as_str()), ("Content-Type", "application/x-ndjson")];
        load::request("POST", "/api/v1/logs/batch", &headers, &body)
    })
    .await;
    assert_eq!(ours.failed, 0, "uploads");
    let mut conn = PgConnection::connect(&own).await.expect("PostgreSQL");
    let flush: (String,) = sqlx::query_as("SHOW fsync").fetch_one(&mut conn).await.expect("settings");
    let copied = copies(&mut conn, plan).await;
    let rows = ours.per_second * ROWS as f64;
    report.add(
        "batch NDJSON on PostgreSQL, 2,000 rows, 2 connections",
        format!("{} rows (fsync {})", rate(rows), flush.0),
        format!("{} COPY over one connection ({} rows)", ratio(rows, copied), rate(copied)),
        "≥ 0.7 × COPY",
    );
    conn.close().await.expect("close");
    product.stop().await;
    admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.expect("drop");
}

/// Rows that COPY stores in a second, with their words, a transaction for each portion.
async fn copies(conn: &mut PgConnection, plan: Plan) -> f64 {
    for table in ["log", "log_words"] {
        let text = format!("CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)");
        conn.execute(AssertSqlSafe(text)).await.expect("table");
    }
    let words: String = yardsticks::words().split(' ').map(|word| format!("'{word}' ")).collect();
    let started = Instant::now();
    let mut id = 0;
    while started.elapsed() < plan.each {
        let (mut logs, mut indexed) = (String::new(), String::new());
        for _ in 0..ROWS {
            id += 1;
            writeln!(
                logs,
                "{id}\t1\tf\tscan\tinfo\tPakbon 88213 bevestigd dok 3\t{ROW}\t{id}\t{id}\tapi\t127.0.0.1\tkey:bench\t\tABCDEFGHIJKLMNOPQRSTUV"
            )
            .expect("text");
            writeln!(indexed, "1\t{id}\t{words}").expect("text");
        }
        let mut tx = conn.begin().await.expect("begin");
        let columns = "id, customer_id, test, kind, level, message, data, occurred_at, received_at, source, ip_address, actor_ref, flags, salt";
        for (table, text) in
            [(format!("copied_log ({columns})"), logs), ("copied_log_words".to_owned(), indexed)]
        {
            let mut copy = tx.copy_in_raw(&format!("COPY {table} FROM STDIN")).await.expect("COPY");
            copy.send(text.into_bytes()).await.expect("rows");
            copy.finish().await.expect("COPY");
        }
        tx.commit().await.expect("commit");
    }
    id as f64 / started.elapsed().as_secs_f64()
}
