//! Bodies: broken, wrong, too large, compressed.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::{Layer, ServiceExt};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;

use crate::support::{Actor, TestApp};

const KEYS: &str = "/api/v1/keys";
const LOGS: &str = "/api/v1/logs";
const BATCH: &str = "/api/v1/logs/batch";
const KIB: usize = 1024;

/// Compresses by the layer that compresses answers.
async fn compress(encoding: &str, bytes: Vec<u8>) -> Vec<u8> {
    let service = tower::service_fn(move |_: Request<Body>| {
        let bytes = Bytes::from(bytes.clone());
        async move { Ok::<_, Infallible>(Response::new(Body::from(bytes))) }
    });
    let layer = CompressionLayer::new().compress_when(SizeAbove::new(0));
    let request = Request::builder().header("accept-encoding", encoding).body(Body::empty()).unwrap();
    let response = layer.layer(service).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], encoding);
    Body::new(response.into_body()).collect().await.unwrap().to_bytes().to_vec()
}

async fn encoded(actor: &Actor, path: &str, encoding: &str, bytes: Vec<u8>) -> crate::support::Answer {
    actor.with("content-encoding", encoding).post_raw(path, "application/json", bytes).await
}

/// GEN-05, API-10: broken JSON is refused with line and column.
#[tokio::test]
async fn broken_json_is_refused_with_its_place() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for (body, line, column) in [
        ("{\"name\": }", "1", "10"),
        ("{\n  \"name\": \"x\",\n}", "3", "1"),
        ("{\"name\": \"x\"", "1", "12"),
        ("{'name': 'x'}", "1", "2"),
        ("{\"name\": \"x\"} trailing", "1", "15"),
        ("nul", "1", "3"),
        ("{\"name\": \"a\nb\"}", "2", "0"),
        ("{\"name\": \"\\x\"}", "1", "12"),
        ("{\"name\": 01}", "1", "11"),
    ] {
        let problem =
            owner.post_raw(KEYS, "application/json", body).await.expect_problem(400, "invalid_json");
        assert_eq!(
            (&problem["args"]["line"], &problem["args"]["column"]),
            (&json!(line), &json!(column)),
            "{body}"
        );
        let stored = owner.post_raw(LOGS, "application/json", body).await;
        assert_eq!(stored.status, 400, "{body} is no log either");
    }
}

/// GEN-05, API-10: JSON of the wrong shape is refused with the place of the fault and its fix.
#[tokio::test]
async fn wrong_shapes_are_refused_with_their_place() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let admin = test.admin().await;
    let customers = "/api/v1/admin/customers";
    for (actor, path, body, pointer, code, mentions) in [
        (&owner, KEYS, json!({ "name": 7 }), "/name", "wrong_type", "a text"),
        (&owner, KEYS, json!({ "name": null }), "/name", "wrong_type", "a text"),
        (&owner, KEYS, json!({ "name": "x", "scopes": [7] }), "/scopes/0", "wrong_type", ""),
        (&owner, KEYS, json!({ "name": "x", "scopes": ["logs:reed"] }), "/scopes/0", "one_of", "logs:read"),
        (&owner, KEYS, json!({ "name": "x", "colour": 1 }), "/colour", "unknown_field", "cidrs"),
        (&owner, KEYS, json!({ "name": "x", "a/b~c": 1 }), "/a~1b~0c", "unknown_field", ""),
        (&owner, KEYS, json!({}), "/name", "required", ""),
        (&owner, KEYS, json!([]), "", "wrong_type", "object"),
        (&owner, KEYS, json!(["naam", "live", null, null, null]), "", "wrong_type", "object"),
        (&owner, "/api/v1/access-code/rotate", json!([0]), "", "wrong_type", "object"),
        (&owner, KEYS, json!("x"), "", "wrong_type", "object"),
        (&owner, KEYS, json!(null), "", "wrong_type", ""),
        (&admin, customers, json!({ "name": "x" }), "/contact_email", "required", ""),
        (
            &admin,
            customers,
            json!({ "name": "x", "contact_email": "a@b.nl", "plan": "gold" }),
            "/plan",
            "one_of",
            "enterprise",
        ),
        (&owner, BATCH, json!({ "log": [] }), "/log", "unknown_field", "logs"),
        (&owner, BATCH, json!({}), "/logs", "required", ""),
        (&owner, BATCH, json!({ "logs": 1 }), "/logs", "wrong_type", ""),
    ] {
        let problem =
            actor.with("accept-language", "en").post(path, &body).await.expect_problem(422, "invalid_body");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{body}");
        assert!(fault["detail"].as_str().unwrap().contains(mentions), "{fault}");
        assert!(fault["fix"].as_str().unwrap().ends_with('.'));
    }
}

/// GEN-05: an empty body is named as such.
#[tokio::test]
async fn empty_bodies_are_named() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for body in ["", " ", "\r\n\t"] {
        for path in [KEYS, LOGS, BATCH, "/api/v1/access-code/rotate"] {
            owner.post_raw(path, "application/json", body).await.expect_problem(400, "empty_body");
        }
    }
}

/// GEN-05: media types that are not read are refused with those that are.
#[tokio::test]
async fn media_types_are_checked() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for kind in [
        "text/plain",
        "text/html",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "json",
        "",
        "*/*",
    ] {
        let body = json!({ "name": "x" }).to_string();
        let problem =
            owner.post_raw(KEYS, kind, body.clone()).await.expect_problem(415, "unsupported_media_type");
        assert_eq!(problem["args"]["expected"], "application/json", "{kind}");
        owner.post_raw(LOGS, kind, body).await.expect_problem(415, "unsupported_media_type");
    }
    owner
        .send(axum::http::Method::POST, KEYS, None, "{\"name\": \"x\"}".into())
        .await
        .expect_problem(415, "unsupported_media_type");
    for (at, kind) in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/vnd.mvai+json",
    ]
    .iter()
    .enumerate()
    {
        let body = json!({ "name": format!("goed {at}") }).to_string();
        owner.post_raw(KEYS, kind, body).await.expect(StatusCode::CREATED);
    }
}

/// GEN-05: bytes that are no UTF-8 are named as such.
#[tokio::test]
async fn broken_utf8_is_named() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for bytes in [
        &b"{\"name\": \"\xff\"}"[..],
        b"{\"name\": \"\xc3\"}",
        b"\xff\xfe{\x00}\x00",
        b"{\"name\": \"\xed\xa0\x80\"}",
        b"{\"name\": \"\xc0\xaf\"}",
    ] {
        for path in [KEYS, LOGS, BATCH] {
            owner
                .post_raw(path, "application/json", bytes.to_vec())
                .await
                .expect_problem(400, "invalid_utf8");
        }
    }
}

/// API-09: bodies are read as gzip, zstd and brotli, wherever a body is read.
#[tokio::test]
async fn compressed_bodies_are_read() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    for encoding in ["gzip", "zstd", "br"] {
        let body = json!({ "name": format!("met {encoding}") }).to_string().into_bytes();
        let made = encoded(&owner, KEYS, encoding, compress(encoding, body).await)
            .await
            .expect(StatusCode::CREATED)
            .json();
        assert_eq!(made["name"], format!("met {encoding}"));
        let data = json!({ "message": "samengeperst ".repeat(1_000) }).to_string();
        let stored = encoded(&key, LOGS, encoding, compress(encoding, data.clone().into_bytes()).await)
            .await
            .expect(StatusCode::CREATED)
            .json();
        let log = key.get(&format!("{LOGS}/{}", stored["log_id"])).await.expect_ok().json();
        assert_eq!(log["data"], data, "byte for byte");
        let lines = (0..500).map(|n| format!("{{\"n\": {n}}}\n")).collect::<String>().into_bytes();
        let packed = compress(encoding, lines).await;
        let answer =
            key.with("content-encoding", encoding).post_raw(BATCH, "application/x-ndjson", packed).await;
        assert_eq!(answer.expect(StatusCode::CREATED).json()["created_count"], 500);
    }
    encoded(&owner, KEYS, "identity", b"{\"name\": \"zonder\"}".to_vec()).await.expect(StatusCode::CREATED);
}

/// API-09, GEN-05: the limit counts unpacked bytes: sixteen kilobytes that unfold to many megabytes are refused.
#[tokio::test]
async fn compressed_bombs_are_refused() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    for (encoding, size) in [("gzip", 12), ("zstd", 48), ("br", 48)] {
        let bomb = compress(encoding, vec![b' '; size * KIB * KIB]).await;
        assert!(bomb.len() < 16 * KIB, "{encoding}: {}", bomb.len());
        let problem =
            encoded(&owner, KEYS, encoding, bomb.clone()).await.expect_problem(413, "body_too_large");
        assert_eq!(problem["args"]["limit"], "2 MiB");
        encoded(&key, LOGS, encoding, bomb.clone()).await.expect_problem(413, "record_too_large");
        if size > 32 {
            let problem =
                encoded(&key, BATCH, encoding, bomb.clone()).await.expect_problem(413, "body_too_large");
            assert_eq!(problem["args"]["limit"], "32 MiB");
        }
        test.anon()
            .with("content-encoding", encoding)
            .post_raw("/api/v1/auth/login", "application/json", bomb)
            .await
            .expect_problem(413, "body_too_large");
    }
    owner.get("/api/v1/me").await.expect_ok();
}

/// GEN-05: bodies up to the limit are read, one byte more is too much.
#[tokio::test]
async fn limits_are_exact() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let padded = |size: usize, name: &str| {
        let mut body = json!({ "name": name }).to_string().into_bytes();
        body.resize(size, b' ');
        body
    };
    owner
        .post_raw(KEYS, "application/json", padded(2 * KIB * KIB, "precies"))
        .await
        .expect(StatusCode::CREATED);
    owner
        .post_raw(KEYS, "application/json", padded(2 * KIB * KIB + 1, "te veel"))
        .await
        .expect_problem(413, "body_too_large");
    let record = |size: usize| {
        let frame = json!({ "x": "" }).to_string().len();
        json!({ "x": "y".repeat(size - frame) }).to_string()
    };
    owner.post_raw(LOGS, "application/json", record(256 * KIB)).await.expect(StatusCode::CREATED);
    owner
        .post_raw(LOGS, "application/json", record(256 * KIB + 1))
        .await
        .expect_problem(413, "record_too_large");
}

/// API-09, GEN-05: damaged data is named as damaged, and encodings that are not read are refused with those that are.
#[tokio::test]
async fn damaged_and_unknown_encodings_are_refused() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for encoding in ["gzip", "zstd", "br"] {
        let good = compress(encoding, json!({ "name": "x".repeat(60) }).to_string().into_bytes()).await;
        let mut flipped = good.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0xff;
        for (what, bytes) in [
            ("plain", b"{\"name\": \"x\"}".to_vec()),
            ("cut", good[..good.len() - 4].to_vec()),
            ("flipped", flipped),
        ] {
            let answer = encoded(&owner, KEYS, encoding, bytes).await;
            // Brotli and zstd carry no checksum here: what is flipped may unfold to other bytes, which are then no JSON.
            assert_eq!(
                answer.status.as_u16(),
                400,
                "{encoding} {what}: {}",
                String::from_utf8_lossy(&answer.body)
            );
            if encoding == "gzip" || what != "flipped" {
                answer.expect_problem(400, "invalid_encoding");
            }
        }
    }
    for encoding in ["lzma", "compress", "bzip2", "x-unknown", "gzip, gzip", "aes128gcm"] {
        let problem = encoded(&owner, KEYS, encoding, b"{\"name\": \"x\"}".to_vec())
            .await
            .expect_problem(415, "unsupported_encoding");
        assert_eq!(
            (&problem["args"]["actual"], &problem["args"]["expected"]),
            (&json!(encoding), &json!("gzip, zstd, br"))
        );
    }
    assert_eq!(owner.get(KEYS).await.expect_ok().json()["count"], 1, "nothing was made");
}

/// GEN-05: deep and wide bodies are refused, not followed to the bottom.
#[tokio::test]
async fn deep_bodies_are_refused() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    for path in [KEYS, LOGS, "/api/v1/auth/login"] {
        for depth in [200, 10_000, 100_000] {
            let answer = owner.post_raw(path, "application/json", deep(depth)).await;
            assert!(answer.status.is_client_error(), "{path} {depth}: {}", answer.status);
        }
    }
    owner.post_raw(LOGS, "application/json", deep(64)).await.expect(StatusCode::CREATED);
    owner.post_raw(LOGS, "application/json", deep(65)).await.expect_problem(413, "nesting_too_deep");
    // Wide ones are judged up to the limit of the list, or a body of 2 MiB would keep a core busy for seconds.
    let addresses: Vec<String> =
        (0..100_000).map(|n| format!("10.{}.{}.{}", n >> 16, n >> 8 & 255, n & 255)).collect();
    for (cidrs, faults) in [(addresses, 1), (vec!["x".to_owned(); 100_000], 51)] {
        let started = std::time::Instant::now();
        let body = json!({ "name": "x", "cidrs": cidrs });
        let problem = owner.post(KEYS, &body).await.expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"].as_array().unwrap().len(), faults);
        assert_eq!(problem["errors"][0]["code"], "out_of_range");
        assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    }
}

/// GEN-05, GEN-06: a body that breaks off stores nothing.
#[tokio::test]
async fn bodies_that_break_off_store_nothing() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let pieces = || {
        futures_util::stream::iter([
            Ok::<_, std::io::Error>(Bytes::from("{\"message\": ")),
            Err(std::io::Error::other("gone")),
        ])
    };
    for path in [LOGS, BATCH, KEYS] {
        let answer = owner
            .send(axum::http::Method::POST, path, Some("application/json"), Body::from_stream(pieces()))
            .await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert_eq!(owner.get(LOGS).await.expect_ok().json()["last_id"], 0);
}

/// GEN-04: a panic while a request is handled is an error of ours, in words, without its cause, and the server goes on.
#[tokio::test]
async fn a_panic_is_an_internal_error() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for path in [KEYS, LOGS, "/api/v1/auth/login"] {
        let planted =
            futures_util::stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, Infallible>>> {
                panic!("planted cause")
            });
        let answer = owner
            .send(axum::http::Method::POST, path, Some("application/json"), Body::from_stream(planted))
            .await;
        let problem: Value = answer.expect_problem(500, "internal_error");
        assert!(!problem.to_string().contains("planted cause"));
    }
    owner.get("/api/v1/me").await.expect_ok();
    owner.post(LOGS, &json!({ "x": 1 })).await.expect(StatusCode::CREATED);
}
