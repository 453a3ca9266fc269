//! The product as the measurements meet it: a server in this process, customers with keys, rows.

use std::net::SocketAddr;
use std::path::PathBuf;

use api::app::App;
use api::config::{Config, Storage};
use api::db::Db;
use api::util::clock::Clock;
use shared::tenancy::{CustomerIn, Plan as Tier};

use crate::load::{Client, Measured, request};
use crate::report::rate;

/// About 220 bytes, as the design says.
pub const ROW: &str = r#"{"kind":"scan","message":"Pakbon 88213 bevestigd dok 3","location":"Rotterdam","temperature_c":4.2,"order":"88213","vehicle":"VX-204-K","driver":"J. de Vries","note":"klaar voor vertrek naar Venlo om half elf","weight_kg":412}"#;

/// The first password of the installation.
pub const PASSWORD: &str = "een lange zin voor de meting";

/// A running server.
pub struct Product {
    pub app: App,
    pub address: SocketAddr,
    /// Of the customer that has the rows.
    pub key: String,
    dir: tempfile::TempDir,
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Product {
    /// Starts on an empty file.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("directory");
        let storage = Storage::Sqlite(dir.path().join("bench.db"));
        Self::start_on(storage, dir).await
    }

    /// Starts on a database.
    pub async fn start_on(storage: Storage, dir: tempfile::TempDir) -> Self {
        let mut config = Config::development(dir.path().join("bench.db"));
        config.storage = storage;
        config.ratelimit_enabled = false;
        config.admin_password = Some(PASSWORD.to_owned().into());
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
        api::domain::auth::service::first_admin(&app).await.expect("administrator");
        let key = customer(&app, "Bench 1").await;
        Self { app, address, key, dir, stop, task }
    }

    /// The database file.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("bench.db")
    }

    /// A request of the customer with the rows.
    pub fn get(&self, path: &str) -> Vec<u8> {
        request("GET", path, &[("X-API-Key", &self.key)], b"")
    }

    /// Stops; the file stays as long as what is returned.
    pub async fn stop(self) -> tempfile::TempDir {
        assert!(self.stop.send(()).is_ok(), "the server runs");
        self.task.await.expect("server");
        self.app.close().await;
        self.dir
    }
}

/// Makes a customer and returns a key of it.
pub async fn customer(app: &App, name: &str) -> String {
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

/// Writes how many times one figure is of another.
pub fn ratio(product: f64, other: f64) -> String {
    format!("{:.2} ×", product / other)
}

/// Writes a rate with its latencies.
pub fn latency(measured: Measured) -> String {
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

/// Rows to upload, each with an order number of its own.
pub fn ndjson(rows: usize, first: u64) -> Vec<u8> {
    let mut text = String::with_capacity(rows * (ROW.len() + 20));
    for at in 0..rows as u64 {
        text.push_str(&ROW.replace("88213", &format!("{}", 10_000 + (first + at) % 80_000)));
        text.push('\n');
    }
    text.into_bytes()
}

/// Stores rows of a customer.
pub async fn fill(product: &Product, key: &str, rows: u64) {
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

/// Anonymous memory of a process.
pub fn memory_kib(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|text| text.parse().ok()).unwrap_or(0)
}
