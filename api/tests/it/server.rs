//! The accept loop on real sockets: patience, caps, strange bytes, and a stop that cuts nothing off.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::server::{Caps, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{TestApp, audit, upload, wire};

const HANG: Duration = Duration::from_secs(20);
const HEALTH: &[u8] = b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Short enough for tests; what is tested is that they hold, not how long they are.
fn caps() -> Caps {
    Caps {
        head: Duration::from_millis(400),
        write: Duration::from_millis(400),
        stop: Duration::from_millis(600),
        ..Caps::default()
    }
}

struct Served {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl Served {
    async fn start(app: &TestApp, caps: Caps) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(serve(app.app.clone(), app.router.clone(), listener, caps, async move {
            drop(stopped.await)
        }));
        Self { address, stop: Some(stop), task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes.
    async fn ask(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect().await;
        // The server may have heard enough before everything is sent.
        drop(stream.write_all(bytes).await);
        to_end(&mut stream).await
    }

    async fn is_healthy(&self) {
        let answer = self.ask(HEALTH).await;
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }

    async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        tokio::time::timeout(HANG, self.task).await.expect("the server stops").unwrap().unwrap();
    }
}

/// Reads until the peer closes; a reset is an end as well.
async fn to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        match tokio::time::timeout(HANG, stream.read(&mut part))
            .await
            .expect("the server closes the connection")
        {
            Ok(0) | Err(_) => return all,
            Ok(read) => all.extend_from_slice(&part[..read]),
        }
    }
}

/// SEC-21: whoever sends nothing, a head byte by byte, or nothing more after an answer is let go; others are served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_and_silent_clients_are_let_go() {
    let app = TestApp::new().await;
    let served = Served::start(&app, caps()).await;
    let mut silent = served.connect().await;
    let mut idle = served.connect().await;
    idle.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut slow = served.connect().await;
    let drip = async {
        for byte in b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\nX-Filling: "
            .iter()
            .chain(std::iter::repeat(&b'a'))
            .take(10_000)
        {
            if slow.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a head may arrive without end");
    };
    tokio::time::timeout(HANG, drip).await.expect("the slow client is let go");
    served.is_healthy().await;
    assert_eq!(to_end(&mut silent).await, b"");
    let answer = to_end(&mut idle).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    served.stop().await;
}

/// SEC-21: whoever does not read a long answer is let go and gives the place back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_do_not_read_are_let_go() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let line = format!("\"{}\"", ".".repeat(8_000));
    upload(&key, &vec![line; 3_000]).await;
    let served = Served::start(&app, Caps { per_address: 1, ..caps() }).await;
    let mut lazy = served.connect().await;
    let bearer = key.credential.clone().unwrap();
    lazy.write_all(format!("GET /api/v1/logs/export?format=ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\n\r\n").as_bytes()).await.unwrap();
    // The place is free again when the server has given up on the lazy one.
    let free = async {
        loop {
            let mut next = served.connect().await;
            if next.write_all(HEALTH).await.is_ok() && to_end(&mut next).await.starts_with(b"HTTP/1.1 200") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(HANG, free).await.expect("the place is given back");
    assert!(to_end(&mut lazy).await.len() < 24_000_000);
    served.stop().await;
}

/// SEC-21: an address has a cap on connections, the server has one in all, and places are given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_capped_per_address_and_in_all() {
    let app = TestApp::with(|config| config.trusted_proxies = vec!["127.0.0.2/32".parse().unwrap()]).await;
    let patient = Caps { head: HANG, ..caps() };
    for cap in [Caps { per_address: 3, ..patient }, Caps { total: 3, ..patient }] {
        let served = Served::start(&app, cap).await;
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut stream = served.connect().await;
            // Only an answer shows that the connection was accepted.
            stream.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            assert!(stream.read(&mut [0; 15]).await.unwrap() > 0);
            open.push(stream);
        }
        assert_eq!(served.ask(HEALTH).await, b"", "the fourth is turned away");
        drop(open.pop());
        let free = async {
            while served.ask(HEALTH).await.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(HANG, free).await.expect("a place is free again");
        if cap.per_address == 3 {
            // Another address has places of its own, and a trusted proxy is not counted.
            for (from, count) in [("127.0.0.3", 3), ("127.0.0.2", 10)] {
                let mut streams = Vec::new();
                for _ in 0..count {
                    let socket = tokio::net::TcpSocket::new_v4().unwrap();
                    socket.bind(SocketAddr::new(from.parse().unwrap(), 0)).unwrap();
                    let mut stream = socket.connect(served.address).await.unwrap();
                    stream.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
                    assert!(stream.read(&mut [0; 15]).await.unwrap() > 0, "{from}");
                    streams.push(stream);
                }
            }
        }
        served.stop().await;
        app.app.stopping.send_replace(false);
    }
}

/// OPS-03, GEN-06: when the server stops, a running request is finished and stored, streams end with a word, idle
/// connections close, and nobody new is let in; one that never finishes is cut off.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_finishes_what_runs() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let bearer = key.credential.clone().unwrap();
    let head = |path: &str, more: &str| {
        format!("{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\n{more}\r\n").into_bytes()
    };
    let served = Served::start(&app, Caps { head: HANG, stop: HANG, ..caps() }).await;
    let mut stream = served.connect().await;
    stream.write_all(&head("GET /api/v1/logs/stream", "")).await.unwrap();
    assert!(stream.read(&mut [0; 8]).await.unwrap() > 0);
    let mut idle = served.connect().await;
    idle.write_all(b"GET /api/v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(idle.read(&mut [0; 8]).await.unwrap() > 0);
    let body = b"{\"message\":\"halverwege\"}";
    let mut half = served.connect().await;
    half.write_all(&head(
        "POST /api/v1/logs",
        &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
    ))
    .await
    .unwrap();
    half.write_all(&body[..10]).await.unwrap();
    let mut never = served.connect().await;
    never
        .write_all(&head("POST /api/v1/logs", "Content-Type: application/json\r\nContent-Length: 10\r\n"))
        .await
        .unwrap();
    // The server has begun with both when it answers a later request.
    served.is_healthy().await;
    tokio::time::sleep(Duration::from_millis(100)).await;

    let address = served.address;
    let Served { stop, task, .. } = served;
    if let Some(stop) = stop {
        stop.send(()).ok();
    }
    let ended = String::from_utf8(to_end(&mut stream).await).unwrap();
    assert!(ended.contains("event: end\ndata: ") && ended.contains("\"stopping\""), "{ended}");
    to_end(&mut idle).await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");
    assert!(!task.is_finished(), "a request is still running");
    half.write_all(&body[10..]).await.unwrap();
    let answer = wire::parse(&to_end(&mut half).await).unwrap();
    assert_eq!((answer.status, &answer.json()["log_id"]), (201, &serde_json::json!(1)));
    drop(never);
    tokio::time::timeout(HANG, task).await.expect("the server stops").unwrap().unwrap();
    assert_eq!(audit(&app.app.db).await, 1);

    // One that never finishes does not hold the stop up for ever.
    app.app.stopping.send_replace(false);
    let served = Served::start(&app, Caps { head: HANG, ..caps() }).await;
    let mut never = served.connect().await;
    never
        .write_all(&head("POST /api/v1/logs", "Content-Type: application/json\r\nContent-Length: 10\r\n"))
        .await
        .unwrap();
    served.is_healthy().await;
    served.stop().await;
}

/// What may become of a raw request: status codes, or the connection closed without an answer.
struct Case {
    file: &'static str,
    statuses: &'static [u16],
    silent: bool,
}

const fn case(file: &'static str, statuses: &'static [u16]) -> Case {
    Case { file, statuses, silent: false }
}

const fn or_silent(file: &'static str, statuses: &'static [u16]) -> Case {
    Case { file, statuses, silent: true }
}

/// One row for each row of `index.tsv`. `POST /` is no route of ours (405), which a sender of a strange body may hear as well.
const CASES: [Case; 41] = [
    case("cl-te-conflict.bin", &[400, 405]),
    case("te-cl-prefix.bin", &[400, 405]),
    case("te-obfuscated-space.bin", &[400]),
    case("te-tab.bin", &[405]),
    case("te-xchunked.bin", &[400, 501]),
    case("te-identity-chunked.bin", &[400]),
    case("double-cl.bin", &[400]),
    case("cl-list.bin", &[400]),
    case("cl-plus.bin", &[400]),
    case("cl-neg.bin", &[400]),
    case("cl-hex.bin", &[400]),
    case("cl-overflow.bin", &[400, 413]),
    or_silent("chunk-size-overflow.bin", &[400, 405]),
    or_silent("chunk-ext-lf.bin", &[400, 405]),
    or_silent("chunk-ext-huge.bin", &[400, 405]),
    case("bare-lf.bin", &[200, 400]),
    case("obs-fold.bin", &[400]),
    case("nul-in-header.bin", &[400]),
    case("cr-in-header.bin", &[400]),
    case("no-host.bin", &[400]),
    case("two-hosts.bin", &[400]),
    case("absolute-form.bin", &[200, 400, 404]),
    case("connect.bin", &[400, 404, 405]),
    case("trace.bin", &[405]),
    case("path-dotdot.bin", &[400, 403, 404]),
    case("path-enc-dotdot.bin", &[400, 403, 404]),
    case("path-nul.bin", &[400, 404]),
    case("uri-100k.bin", &[400, 414, 431]),
    case("headers-1000.bin", &[400, 431]),
    or_silent("header-1mb.bin", &[400, 431]),
    or_silent("http-0.9.bin", &[400]),
    or_silent("http-9.9.bin", &[400, 505]),
    or_silent("tls-hello.bin", &[400]),
    or_silent("h2-preface-garbage.bin", &[400]),
    case("xff-spoof.bin", &[200]),
    case("method-override.bin", &[400, 401, 415]),
    or_silent("slow-partial.bin", &[408]),
    case("json-depth-10000.bin", &[400, 401, 413]),
    case("json-dup-keys.bin", &[400, 401, 422]),
    case("json-bad-utf8.bin", &[400, 401]),
    case("text-plain-json.bin", &[401, 415]),
];

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Status of each answer in what came back.
fn statuses(answer: &[u8]) -> Vec<u16> {
    let text = String::from_utf8_lossy(answer);
    text.match_indices("HTTP/1.").filter_map(|(at, _)| text.get(at + 9..at + 12)?.parse().ok()).collect()
}

/// SEC-21, GEN-04, API-01: 41 kinds of smuggling, framing and forging get one answer at most, never a failure, never
/// a panic; with a credential the bodies are judged as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strange_bytes_get_one_answer_at_most() {
    std::panic::set_hook(Box::new(|info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        eprintln!("{info}");
    }));
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora/http-raw"));
    let index = std::fs::read_to_string(folder.join("index.tsv"))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut listed: Vec<&str> = index.lines().filter_map(|line| line.split('\t').next()).collect();
    let mut known: Vec<&str> = CASES.iter().map(|case| case.file).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known, "index.tsv and the table name different cases");

    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let bearer = format!("Authorization: Bearer {}\r\n", key.credential.clone().unwrap());
    let served = Arc::new(Served::start(&app, caps()).await);
    let mut failures = Vec::new();
    for case in &CASES {
        let raw = std::fs::read(folder.join(case.file)).unwrap();
        let answer = served.ask(&raw).await;
        let seen = statuses(&answer);
        let good = match seen.as_slice() {
            [] => case.silent,
            [status] => case.statuses.contains(status),
            _ => false,
        };
        let text = String::from_utf8_lossy(&answer);
        if !good || text.contains("root:x:") || text.contains("X-Secret") {
            failures.push(format!("{}: {seen:?} {}", case.file, text.chars().take(300).collect::<String>()));
        }
        if raw.windows(7).any(|part| part == b"/api/v1") {
            let line = raw.windows(2).position(|two| two == b"\r\n").unwrap() + 2;
            let signed = [&raw[..line], bearer.as_bytes(), &raw[line..]].concat();
            let answer = served.ask(&signed).await;
            let seen = statuses(&answer);
            if seen.len() != 1
                || seen[0] == 401 && case.file != "json-dup-keys.bin"
                || seen[0] >= 500
                || !case.statuses.contains(&seen[0])
            {
                failures.push(format!(
                    "{} with a key: {seen:?} {}",
                    case.file,
                    String::from_utf8_lossy(&answer)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    served.is_healthy().await;
    // Nothing was stored, and nothing was smuggled past the first answer.
    assert_eq!(audit(&app.app.db).await, 0);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
    Arc::into_inner(served).unwrap().stop().await;
}

/// GEN-04, API-01: errors of our own before any route are problems too, with the methods that exist.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_on_the_wire_are_problems() {
    let app = TestApp::new().await;
    let served = Served::start(&app, caps()).await;
    for (request, status, code) in [
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "invalid_request"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400, "invalid_request"),
        ("TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "method_not_allowed"),
        (
            "POST /app HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            405,
            "method_not_allowed",
        ),
        ("DELETE /api/v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405, "method_not_allowed"),
        ("GET /api/v1/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404, "not_found"),
        (
            "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            404,
            "not_found",
        ),
    ] {
        let answer = wire::parse(&served.ask(request.as_bytes()).await).unwrap();
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{request}");
        let head = answer.head.to_ascii_lowercase();
        assert!(
            head.contains("content-type: application/problem+json") && head.contains("x-request-id: "),
            "{head}"
        );
        assert_eq!(status == 405, head.contains("\r\nallow: "), "{head}");
    }
    // The former version of the protocol needs no host.
    let answer = served.ask(b"GET /api/v1/health HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with(b"HTTP/1.0 200"), "{}", String::from_utf8_lossy(&answer));
    served.stop().await;
}

/// OPS-02, OPS-08: a second opening of the same file is refused before it touches anything, and possible after the first.
#[tokio::test]
async fn a_database_file_is_opened_once() {
    use api::config::{Durability, Storage};
    use api::db::Db;
    use api::db::lock::LockError;
    use api::db::open::OpenError;
    let dir = tempfile::tempdir().unwrap();
    let storage = Storage::Sqlite(dir.path().join("een.db"));
    let first = Db::open(&storage, Durability::Full, false).await.unwrap();
    let second = Db::open(&storage, Durability::Full, false).await;
    assert!(matches!(second, Err(OpenError::Lock(LockError::Taken))), "{second:?}");
    first.db.close().await;
    drop(first.lock);
    let again = Db::open(&storage, Durability::Full, false).await.unwrap();
    again.db.close().await;
}
