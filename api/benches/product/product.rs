//! The measurements.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use api::app::App;
use api::config::Config;
use api::db::Db;
use api::util::clock::Clock;
use shared::tenancy::{CustomerIn, Plan as Tier};

use crate::load::{self, Client, Measured, request};
use crate::report::{Report, rate};
use crate::{Plan, yardsticks};

/// About 220 bytes, as the design says.
pub const ROW: &str = r#"{"kind":"scan","message":"Pakbon 88213 bevestigd dok 3","location":"Rotterdam","temperature_c":4.2,"order":"88213","vehicle":"VX-204-K","driver":"J. de Vries","note":"klaar voor vertrek naar Venlo om half elf","weight_kg":412}"#;
const BINARY: &str = env!("CARGO_BIN_EXE_mvai-connexx");

struct Product {
    app: App,
    address: SocketAddr,
    key: String,
    dir: tempfile::TempDir,
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Product {
    async fn start() -> Self {
        let dir = tempfile::tempdir().expect("directory");
        let mut config = Config::development(dir.path().join("bench.db"));
        config.ratelimit_enabled = false;
        let opened = Db::open(&config.storage, config.durability, false).await.expect("open");
        let app = App::new(config, opened.db, Clock::System).expect("app");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let router = api::router::router(app.clone());
        let served = app.clone();
        let task = tokio::spawn(async move {
            let stop = async { drop(stopped.await) };
            api::server::serve(served, router, listener, api::server::Caps::default(), stop)
                .await
                .expect("serve");
        });
        let key = customer(&app, "Bench 1").await;
        Self { app, address, key, dir, stop, task }
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("bench.db")
    }

    fn get(&self, path: &str) -> Vec<u8> {
        request("GET", path, &[("X-API-Key", &self.key)], b"")
    }

    async fn stop(self) {
        assert!(self.stop.send(()).is_ok(), "the server runs");
        self.task.await.expect("server");
        self.app.close().await;
    }
}

async fn customer(app: &App, name: &str) -> String {
    let input = CustomerIn {
        name: name.to_owned(),
        contact_email: "bench@bench.example".to_owned(),
        plan: Some(Tier::Enterprise),
        ..Default::default()
    };
    let (customer, code) = api::domain::tenancy::service::create(app, input, false).await.expect("customer");
    let router = api::router::router(app.clone());
    let login = format!("{{\"access_code\":\"{code}\"}}");
    let token = send(&router, "/api/v1/auth/login", None, login).await["access_token"]
        .as_str()
        .expect("token")
        .to_owned();
    let key = send(&router, "/api/v1/keys", Some(&token), "{\"name\":\"bench\"}".to_owned()).await;
    assert!(customer.id > 0);
    key["api_key"].as_str().expect("key").to_owned()
}

async fn send(router: &axum::Router, path: &str, token: Option<&str>, body: String) -> serde_json::Value {
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let mut request = axum::http::Request::post(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let response = router
        .clone()
        .oneshot(request.body(axum::body::Body::from(body)).expect("request"))
        .await
        .expect("answer");
    let bytes = response.into_body().collect().await.expect("body").to_bytes();
    serde_json::from_slice(&bytes).expect("JSON")
}

fn ratio(product: f64, other: f64) -> String {
    format!("{:.2} ×", product / other)
}

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

fn latency(measured: Measured) -> String {
    let failed =
        if measured.failed > 0 { format!(", **{} failed**", measured.failed) } else { String::new() };
    format!(
        "{}, p50 {:.2} ms, p99 {:.2} ms, max {:.1} ms{failed}",
        rate(measured.per_second),
        measured.p50_ms,
        measured.p99_ms,
        measured.max_ms
    )
}

fn ndjson(rows: usize, first: u64) -> Vec<u8> {
    let mut text = String::with_capacity(rows * (ROW.len() + 20));
    for at in 0..rows as u64 {
        text.push_str(&ROW.replace("88213", &format!("{}", 10_000 + (first + at) % 80_000)));
        text.push('\n');
    }
    text.into_bytes()
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

async fn fill(product: &Product, key: &str, rows: u64) {
    let mut client = Client::connect(product.address).await;
    let mut sent = 0;
    while sent < rows {
        let now = 5_000.min(rows - sent);
        let body = ndjson(usize::try_from(now).expect("size"), sent);
        let bytes = request(
            "POST",
            "/api/v1/logs/batch",
            &[("X-API-Key", key), ("Content-Type", "application/x-ndjson")],
            &body,
        );
        let (status, _) = client.send(&bytes).await;
        assert_eq!(status, 201);
        sent += now;
    }
}

/// Searches, dashboards, lists and exports at 10,000 and at the large number of rows.
pub async fn reads(plan: Plan, report: &mut Report) {
    let product = Product::start().await;
    for number in 2..=50 {
        let key = customer(&product.app, &format!("Bench {number}")).await;
        fill(&product, &key, 200).await;
    }
    let mut before: Option<(Measured, Measured)> = None;
    for rows in [10_000, plan.rows] {
        let stored = if rows == 10_000 { 0 } else { 10_000 };
        fill(&product, &product.key.clone(), rows - stored).await;
        // What is being compared is reading; let the checkpoint of the load go first.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let word = product.get("/api/v1/logs/search?q=bevestigd");
        let search = load::run(product.address, 1, plan.each / 2, move |_| word.clone()).await;
        let two = product.get("/api/v1/logs/search?q=location:rotterdam%20order:12345");
        let rare = load::run(product.address, 1, plan.each / 2, move |_| two.clone()).await;
        let dashboard_request = product.get("/api/v1/analytics/overview");
        let dashboard =
            load::run(product.address, 1, plan.each / 2, move |_| dashboard_request.clone()).await;
        let growth = before.map_or_else(
            || "–".to_owned(),
            |(search_before, dashboard_before)| {
                format!(
                    "search {}, dashboard {} of 10 k rows",
                    ratio(search.p50_ms, search_before.p50_ms),
                    ratio(dashboard.p50_ms, dashboard_before.p50_ms)
                )
            },
        );
        report.add(
            &format!("newest-50 search, common word, {rows} rows"),
            latency(search),
            growth.clone(),
            "p50 ≤ 1 ms, growth ≤ 2 ×",
        );
        report.add(
            &format!("newest-50 search, field and rare field, {rows} rows"),
            latency(rare),
            "–".to_owned(),
            "p50 ≤ 1 ms",
        );
        report.add(
            &format!("dashboard, {rows} rows"),
            latency(dashboard),
            growth,
            "p50 ≤ 0.5 ms, growth ≤ 1.2 ×",
        );
        before = Some((search, dashboard));
    }
    lists(plan, &product, report).await;
    export(plan, &product, report).await;
    let size = std::fs::metadata(product.file()).map_or(0, |meta| meta.len());
    let per_row = size as f64 / (plan.rows + 49 * 200) as f64;
    report.add(
        "disk a row with search",
        format!("{per_row:.0} bytes ({} bytes of data)", ROW.len()),
        "–".to_owned(),
        "≤ 340 bytes at 220-byte rows",
    );
    product.stop().await;
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

async fn export(plan: Plan, product: &Product, report: &mut Report) {
    let before = memory_kib("self");
    let mut client = Client::connect(product.address).await;
    let started = Instant::now();
    let (status, bytes) = client.send(&product.get("/api/v1/logs/export?format=ndjson")).await;
    assert_eq!(status, 200);
    let rows = plan.rows as f64 / started.elapsed().as_secs_f64();
    let grown = memory_kib("self").saturating_sub(before) / 1024;
    let mebibytes = bytes / 1024 / 1024;
    report.add(
        "export NDJSON",
        format!("{} rows, {mebibytes} MiB, anonymous memory +{grown} MiB (client included)", rate(rows)),
        "–".to_owned(),
        "≥ 500 k rows/s, ≤ +4 MB",
    );
}

/// Anonymous memory of a process.
fn memory_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Start, memory at rest and sizes of the real program.
pub async fn process(web_app_bytes: Option<u32>, report: &mut Report) {
    let dir = tempfile::tempdir().expect("directory");
    let file = dir.path().join("start.db");
    let mut starts = Vec::new();
    let mut idle = 0;
    for _ in 0..5 {
        let (took, memory) = start_once(&file).await;
        starts.push(took);
        idle = memory;
    }
    starts.sort();
    let first = starts.get(starts.len() / 2).copied().unwrap_or_default();
    report.add(
        "start to first healthy answer, small database",
        format!("{:.0} ms (median of 5)", first.as_secs_f64() * 1000.0),
        "–".to_owned(),
        "≤ 0.2 s",
    );
    report.add(
        "anonymous memory, idle",
        format!("{:.1} MiB", idle as f64 / 1024.0),
        "–".to_owned(),
        "≤ 40 MB",
    );
    let empty = std::fs::metadata(&file).map_or(0, |meta| meta.len());
    report.add("empty database", format!("{} KiB", empty / 1024), "–".to_owned(), "≤ 2 MB");
    let binary = Path::new(BINARY);
    let size = std::fs::metadata(binary).map_or(0, |meta| meta.len()) as f64 / 1024.0 / 1024.0;
    report.add(
        "program",
        format!(
            "{size:.1} MiB ({})",
            if cfg!(feature = "embed") { "web app inside" } else { "without web app" }
        ),
        "–".to_owned(),
        "≤ 40 MB",
    );
    if let Some(bytes) = web_app_bytes {
        let size = f64::from(bytes) / 1000.0;
        report.add("web app, compressed (brotli)", format!("{size:.0} KB"), "–".to_owned(), "≤ 260 KB");
    }
}

async fn start_once(file: &Path) -> (Duration, u64) {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
        listener.local_addr().expect("address").port()
    };
    let started = Instant::now();
    let mut child = std::process::Command::new(BINARY)
        .args(["serve", "--bind", "127.0.0.1", "--port", &port.to_string(), "--database-path"])
        .arg(file)
        .env("ADMIN_PASSWORD", "een lange zin voor de meting")
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("spawn");
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    while tokio::net::TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut client = Client::connect(address).await;
    let (status, _) = client.send(&request("GET", "/api/v1/health", &[], b"")).await;
    let took = started.elapsed();
    assert_eq!(status, 200);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let memory = memory_kib(&child.id().to_string());
    child.kill().expect("kill");
    child.wait().expect("wait");
    (took, memory)
}
