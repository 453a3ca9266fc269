//! Reading at several sizes: searches, counts, dashboards, lists, exports.

use std::time::{Duration, Instant};

use api::domain::logs::parts::follow;
use tokio::io::AsyncWriteExt;

use crate::load::{self, Client, Measured, request};
use crate::product::{Product, ROW, customer, fill, latency, memory_kib, ratio};
use crate::report::{Report, rate};
use crate::{Plan, yardsticks};

/// What is read at each size: its name, the request, the goal.
const READS: [(&str, &str, &str); 9] = [
    ("newest-50 search, common word", "/api/v1/logs/search?q=bevestigd", "p50 ≤ 1 ms, 10 M ≤ 2 × 1 M"),
    (
        "newest-50 search, field and rare field",
        "/api/v1/logs/search?q=location:rotterdam%20order:12345",
        "p50 ≤ 1 ms, 10 M ≤ 2 × 1 M",
    ),
    ("newest-50 search, part of a word, rare", "/api/v1/logs/search?q=*2345*", "0.7–5 ms"),
    ("newest-50 search, part of a word, in every log", "/api/v1/logs/search?q=*evesti*", "0.7–5 ms"),
    ("newest-50 search, part of a word, in none", "/api/v1/logs/search?q=*evestx*", "0.7–5 ms"),
    ("dashboard", "/api/v1/analytics/overview", "p50 ≤ 0.5 ms, 10 M ≤ 1.2 × 1 M"),
    ("histogram of all", "/api/v1/logs/histogram", "–"),
    ("histogram of a rare word", "/api/v1/logs/histogram?q=order:12345", "–"),
    ("values of a field, counted", "/api/v1/logs/facets?fields=location", "–"),
];

/// Reads at 10,000 rows and at each larger size, then lists and exports at the largest. Returns the
/// directory of the file and the key.
pub async fn reads(plan: Plan, report: &mut Report) -> (tempfile::TempDir, String) {
    let product = Product::start().await;
    for number in 2..=50 {
        let key = customer(&product.app, &format!("Bench {number}")).await;
        fill(&product, &key, 200).await;
    }
    let mut stored = 0;
    let mut before: Option<(u64, Vec<Measured>)> = None;
    for &rows in [10_000].iter().chain(plan.rows) {
        let started = Instant::now();
        fill(&product, &product.key.clone(), rows - stored).await;
        let loaded = (rows - stored) as f64 / started.elapsed().as_secs_f64();
        report.add(
            &format!("upload over one connection, to {rows} rows"),
            format!("{} rows", rate(loaded)),
            "–".to_owned(),
            "–",
        );
        stored = rows;
        let started = Instant::now();
        follow::run(&product.app).await.expect("the index of parts");
        report.add(
            &format!("index of parts of words, catching up with the last of {rows} rows"),
            format!("{:.1} s after the upload", started.elapsed().as_secs_f64()),
            "–".to_owned(),
            "–",
        );
        // What is being compared is reading; let the checkpoint of the load go first.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut measured = Vec::new();
        for (at, (name, path, goal)) in READS.into_iter().enumerate() {
            let request = product.get(path);
            let now = load::run(product.address, 1, plan.each / 2, move |_| request.clone()).await;
            let compared = before.as_ref().map_or_else(
                || "–".to_owned(),
                |(size, then)| {
                    format!(
                        "p50 {} of {size} rows",
                        ratio(now.p50_ms, then.get(at).map_or(f64::NAN, |then| then.p50_ms))
                    )
                },
            );
            report.add(&format!("{name}, {rows} rows"), latency(now), compared, goal);
            measured.push(now);
        }
        before = Some((rows, measured));
    }
    lists(plan, &product, report).await;
    export(stored, &product, report).await;
    slow_clients(plan, &product, report).await;
    let size = std::fs::metadata(product.file()).map_or(0, |meta| meta.len());
    let per_row = size as f64 / (stored + 49 * 200) as f64;
    report.add(
        "disk a row with search",
        format!("{per_row:.0} bytes ({} bytes of data)", ROW.len()),
        "–".to_owned(),
        "≤ 340 bytes at 220-byte rows",
    );
    let key = product.key.clone();
    (product.stop().await, key)
}

async fn lists(plan: Plan, product: &Product, report: &mut Report) {
    let page = product.get("/api/v1/logs?limit=50");
    let ours = load::run(product.address, 64, plan.each, move |_| page.clone()).await;
    let path = product.file();
    let base = 1_i64 << 40;
    let raw = tokio::task::spawn_blocking(move || {
        let sql = "SELECT id, kind, level, message, data, occurred_at, received_at, source, ip_address, actor_ref, external_id, flags FROM log \
                   WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 50";
        yardsticks::raw(&path, sql, &[&(base + 1), &(base + (1 << 39) - 1)], plan.each)
    })
    .await
    .expect("RAW");
    report.add(
        "list page of 50, 64 connections",
        latency(ours),
        format!("{} RAW on one core ({})", ratio(ours.per_second, raw.per_second), rate(raw.per_second)),
        "≥ 0.3 × RAW",
    );
}

async fn export(stored: u64, product: &Product, report: &mut Report) {
    for format in ["ndjson", "csv"] {
        let before = memory_kib("self");
        let mut client = Client::connect(product.address).await;
        let watch = tokio::spawn(async {
            let mut most = 0;
            loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                most = memory_kib("self").max(most);
                MOST.store(most, std::sync::atomic::Ordering::Relaxed);
            }
        });
        let started = Instant::now();
        let (status, bytes) =
            client.send(&product.get(&format!("/api/v1/logs/export?format={format}"))).await;
        assert_eq!(status, 200);
        let rows = stored as f64 / started.elapsed().as_secs_f64();
        watch.abort();
        let grown = MOST.load(std::sync::atomic::Ordering::Relaxed).saturating_sub(before) / 1024;
        let mebibytes = bytes / 1024 / 1024;
        report.add(
            &format!("export {format}, {stored} rows"),
            format!(
                "{} rows, {mebibytes} MiB, anonymous memory at most +{grown} MiB (client included)",
                rate(rows)
            ),
            "–".to_owned(),
            "≥ 500 k rows/s, ≤ +4 MB",
        );
    }
}

static MOST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// Ten clients that ask for everything and read nothing, while others write.
async fn slow_clients(plan: Plan, product: &Product, report: &mut Report) {
    let wal = || {
        let path = format!("{}-wal", product.file().display());
        std::fs::metadata(path).map_or(0, |meta| meta.len()) / 1024 / 1024
    };
    let before = wal();
    let mut idle = Vec::new();
    for _ in 0..10 {
        let mut stream = tokio::net::TcpStream::connect(product.address).await.expect("connect");
        stream.write_all(&product.get("/api/v1/logs/export?format=ndjson")).await.expect("ask");
        idle.push(stream);
    }
    let key = product.key.clone();
    let body = crate::product::ndjson(2_000, 0);
    let uploads = load::run(product.address, 1, plan.each * 2, move |_| {
        let headers = [("X-API-Key", key.as_str()), ("Content-Type", "application/x-ndjson")];
        request("POST", "/api/v1/logs/batch", &headers, &body)
    })
    .await;
    let after = wal();
    drop(idle);
    report.add(
        "write-ahead log beside ten exports that nobody reads",
        format!(
            "{before} MiB before, {after} MiB after {:.0} rows",
            uploads.per_second * 2_000.0 * plan.each.as_secs_f64() * 2.0
        ),
        "–".to_owned(),
        "does not grow",
    );
}
