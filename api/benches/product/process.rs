//! The program as a process: start, memory, sizes.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Plan;
use crate::load::{self, Client, request};
use crate::product::{PASSWORD, latency, memory_kib};
use crate::report::Report;

const BINARY: &str = env!("CARGO_BIN_EXE_mvai-connexx");

/// Start, memory at rest and sizes of the real program.
pub async fn small(web_app_bytes: Option<u32>, report: &mut Report) {
    let dir = tempfile::tempdir().expect("directory");
    let file = dir.path().join("start.db");
    let mut starts = Vec::new();
    let mut idle = 0;
    for _ in 0..5 {
        let mut server = Server::start(&file).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        starts.push(server.took);
        idle = server.memory_kib();
        server.end();
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

/// Start and memory with the large database.
pub async fn large(plan: Plan, directory: &Path, key: &str, report: &mut Report) {
    let file = directory.join("bench.db");
    let size = std::fs::metadata(&file).map_or(0, |meta| meta.len()) as f64 / 1e9;
    let mut server = Server::start(&file).await;
    report.add(
        &format!("start to first healthy answer, {size:.1} GB"),
        format!("{:.0} ms", server.took.as_secs_f64() * 1000.0),
        "–".to_owned(),
        "≤ 1 s",
    );
    let paths = [
        "/api/v1/logs/search?q=bevestigd",
        "/api/v1/analytics/overview",
        "/api/v1/logs/histogram",
        "/api/v1/logs?limit=50",
    ];
    let key = key.to_owned();
    let users = load::run(server.address, 100, plan.each * 2, move |at| {
        let path = paths.get(usize::try_from(at).unwrap_or(0) % paths.len()).copied().unwrap_or_default();
        request("GET", path, &[("X-API-Key", &key)], b"")
    })
    .await;
    report.add(
        "anonymous memory, 100 users on the large database",
        format!("{:.1} MiB after {}", server.memory_kib() as f64 / 1024.0, latency(users)),
        "–".to_owned(),
        "≤ 150 MB at 1 M rows",
    );
    server.end();
}

/// The real program as a process of its own.
struct Server {
    child: std::process::Child,
    address: SocketAddr,
    /// Time to the first healthy answer.
    took: Duration,
}

impl Server {
    async fn start(file: &Path) -> Self {
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
            listener.local_addr().expect("address").port()
        };
        let started = Instant::now();
        let child = std::process::Command::new(BINARY)
            .args(["serve", "--bind", "127.0.0.1", "--port", &port.to_string(), "--database-path"])
            .arg(file)
            .env("RATELIMIT_ENABLED", "false")
            .env("ADMIN_PASSWORD", PASSWORD)
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
        Self { child, address, took }
    }

    fn memory_kib(&self) -> u64 {
        memory_kib(&self.child.id().to_string())
    }

    fn end(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }
}
