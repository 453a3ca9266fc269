//! Writing: single logs, uploads, and what one customer's load does to another.

use std::time::Instant;

use api::domain::auth::accounts;
use api::domain::auth::device::Device;

use crate::load::{self, request};
use crate::product::{PASSWORD, Product, ROW, customer, latency, ndjson, ratio};
use crate::report::{Report, rate};
use crate::{Plan, yardsticks};

/// Single durable posts at 1, 16 and 64 connections against REF, RGC and HELLO.
pub async fn singles(plan: Plan, report: &mut Report) {
    let product = Product::start().await;
    let dir = tempfile::tempdir().expect("directory");
    let reference = yardsticks::reference(&dir.path().join("ref.db")).await;
    let hello = yardsticks::hello().await;
    for connections in [1, 16, 64] {
        let key = product.key.clone();
        let post = move |_| {
            request(
                "POST",
                "/api/v1/logs",
                &[("X-API-Key", &key), ("Content-Type", "application/json")],
                ROW.as_bytes(),
            )
        };
        let ours = load::run(product.address, connections, plan.each, post).await;
        let theirs =
            load::run(reference, connections, plan.each, |_| request("POST", "/logs", &[], ROW.as_bytes()))
                .await;
        let empty =
            load::run(hello, connections, plan.each, |_| request("POST", "/", &[], ROW.as_bytes())).await;
        let path = dir.path().join(format!("rgc-{connections}.db"));
        let bare = tokio::task::spawn_blocking(move || yardsticks::rgc(&path, connections, plan.each, ROW))
            .await
            .expect("RGC");
        let compared = format!(
            "{} REF ({}), {} RGC ({}), {} HELLO ({})",
            ratio(ours.per_second, theirs.per_second),
            rate(theirs.per_second),
            ratio(ours.per_second, bare.per_second),
            rate(bare.per_second),
            ratio(ours.per_second, empty.per_second),
            rate(empty.per_second)
        );
        let goal = if connections == 64 {
            "≥ 0.8 × REF, ≥ 0.6 × RGC; p99 ≤ 10 ms, no pause > 50 ms"
        } else {
            "–"
        };
        report.add(&format!("single durable POST, {connections} connections"), latency(ours), compared, goal);
    }
    product.stop().await;
}

/// NDJSON uploads against a raw loader with the same indexes.
pub async fn batches(plan: Plan, report: &mut Report) {
    let product = Product::start().await;
    let key = product.key.clone();
    let body = ndjson(2_000, 0);
    let ours = load::run(product.address, 2, plan.each, move |_| {
        request(
            "POST",
            "/api/v1/logs/batch",
            &[("X-API-Key", &key), ("Content-Type", "application/x-ndjson")],
            &body,
        )
    })
    .await;
    let dir = tempfile::tempdir().expect("directory");
    let path = dir.path().join("raw.db");
    let raw = tokio::task::spawn_blocking(move || {
        let mut db = yardsticks::open(&path);
        let started = Instant::now();
        let mut id = 0;
        while started.elapsed() < plan.each {
            let rows: Vec<(i64, &str)> = (0..2_000)
                .map(|_| {
                    id += 1;
                    (id, ROW)
                })
                .collect();
            yardsticks::commit(&mut db, &rows);
        }
        id as f64 / started.elapsed().as_secs_f64()
    })
    .await
    .expect("raw loader");
    let rows = ours.per_second * 2_000.0;
    report.add(
        "batch NDJSON, 2,000 rows, 2 connections",
        format!("{} rows", rate(rows)),
        format!("{} raw loader ({} rows)", ratio(rows, raw), rate(raw)),
        "≥ 0.8 × raw loader",
    );
    product.stop().await;
}

/// A customer's single posts while another one uploads as fast as it can.
pub async fn neighbour(plan: Plan, report: &mut Report) {
    let product = Product::start().await;
    let other = customer(&product.app, "Buur").await;
    let single = move |_| {
        request(
            "POST",
            "/api/v1/logs",
            &[("X-API-Key", &other), ("Content-Type", "application/json")],
            ROW.as_bytes(),
        )
    };
    let quiet = load::run(product.address, 1, plan.each, single.clone()).await;
    let key = product.key.clone();
    let body = ndjson(2_000, 0);
    let uploads = load::run(product.address, 2, plan.each * 2, move |_| {
        request(
            "POST",
            "/api/v1/logs/batch",
            &[("X-API-Key", &key), ("Content-Type", "application/x-ndjson")],
            &body,
        )
    });
    let (busy, uploads) = tokio::join!(load::run(product.address, 1, plan.each * 2, single), uploads);
    report.add(
        "single durable POST beside two uploads of another customer",
        latency(busy),
        format!(
            "p99 {} quiet ({:.2} ms); uploads {} rows",
            ratio(busy.p99_ms, quiet.p99_ms),
            quiet.p99_ms,
            rate(uploads.per_second * 2_000.0)
        ),
        "p99 ≤ 3 × quiet",
    );
    product.stop().await;
}

/// The cookie of a device that the administrator signed in with before: what slows strangers down is no part of a log-in.
async fn known_device(product: &Product) -> String {
    let app = &product.app;
    let known = accounts::by_password(app, "admin", PASSWORD.to_owned(), None).await.expect("password");
    let cookie = Device::new(known.name()).cookie(&app.keys).expect("cookie");
    cookie.to_str().expect("text").split(';').next().unwrap_or_default().to_owned()
}

/// Fifty log-ins of staff at once, against bare hashes, and what they do to other requests.
pub async fn log_ins(plan: Plan, report: &mut Report) {
    let product = Product::start().await;
    let page = product.get("/api/v1/analytics/overview");
    let quiet = load::run(product.address, 1, plan.each, {
        let page = page.clone();
        move |_| page.clone()
    })
    .await;
    let body = format!("{{\"username\":\"admin\",\"password\":\"{PASSWORD}\"}}");
    let cookie = known_device(&product).await;
    let log_in = load::run(product.address, 50, plan.each * 2, move |_| {
        let headers = [("Content-Type", "application/json"), ("Cookie", cookie.as_str())];
        request("POST", "/api/v1/auth/login", &headers, body.as_bytes())
    });
    let (log_ins, beside) =
        tokio::join!(log_in, load::run(product.address, 1, plan.each * 2, move |_| page.clone()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    let threads: Vec<_> = (0..cores)
        .map(|_| {
            std::thread::spawn(move || {
                let mut hashes = 0_u32;
                while started.elapsed() < plan.each {
                    assert!(api::domain::auth::password::hash(PASSWORD).is_some());
                    hashes += 1;
                }
                hashes
            })
        })
        .collect();
    let hashes: u32 = threads.into_iter().map(|thread| thread.join().expect("thread")).sum();
    let bare = f64::from(hashes) / started.elapsed().as_secs_f64();
    report.add(
        "50 log-ins at once",
        latency(log_ins),
        format!(
            "{} bare argon2id on all cores ({}); p99 of the dashboard {} quiet ({:.2} ms)",
            ratio(log_ins.per_second, bare),
            rate(bare),
            ratio(beside.p99_ms, quiet.p99_ms),
            quiet.p99_ms
        ),
        "≥ 0.9 × cores; p99 < 2 × quiet",
    );
    product.stop().await;
}
