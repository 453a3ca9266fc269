//! Limits: reaching one is no fault, passing it is refused by name, and nothing of it is stored.

use std::io::Write;

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{TestApp, record};

const KIB: usize = 1024;

/// LOG-05: a record of 256 KiB is stored; one byte more is refused with limit and size, in both languages.
#[tokio::test]
async fn a_record_of_256_kib_is_the_largest() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let text = |size: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(size - 8));
    assert_eq!(text(256 * KIB).len(), 256 * KIB);
    record(&key, &text(256 * KIB)).await;
    for (size, shown) in [(256 * KIB + 1, "257 KiB"), (2_000_000, "1954 KiB"), (3 * KIB * KIB, "2 MiB")] {
        for language in ["nl", "en"] {
            let answer = key
                .with("accept-language", language)
                .post_raw("/api/v1/logs", "application/json", text(size))
                .await;
            let problem = answer.expect_problem(413, "record_too_large");
            assert_eq!(problem["args"]["limit"], "256 KiB");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("256 KiB") && detail.contains(shown), "{detail}");
        }
    }
    for kind in ["application/json", "application/x-ndjson"] {
        let (open, close) = if kind == "application/json" { ("[", "]") } else { ("", "") };
        let separator = if kind == "application/json" { "," } else { "\n" };
        let body = format!("{open}{}{separator}{}{close}", text(256 * KIB + 1), text(256 * KIB));
        let out =
            key.post_raw("/api/v1/logs/batch", kind, body).await.expect(StatusCode::MULTI_STATUS).json();
        assert_eq!(
            (&out["verdicts"][0]["code"], &out["verdicts"][1]["status"]),
            (&json!("record_too_large"), &json!("created")),
            "{kind}"
        );
    }
    assert_eq!(key.get("/api/v1/logs?fields=id").await.expect_ok().json()["last_id"], 3);
}

/// LOG-05, SEC-21: 64 levels are stored; deeper ones are refused, also 100,000 of them, and brackets in texts do not count.
#[tokio::test]
async fn sixty_four_levels_are_the_deepest() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    record(&key, &deep(64)).await;
    record(&key, &objects(64)).await;
    record(&key, &format!("\"{}\"", "[{".repeat(1_000))).await;
    for raw in [deep(65), objects(65), deep(10_000), "[".repeat(100_000), "{\"a\":".repeat(40_000)] {
        let problem = key
            .post_raw("/api/v1/logs", "application/json", raw.clone())
            .await
            .expect_problem(413, "nesting_too_deep");
        assert_eq!(problem["args"]["limit"], "64");
        let line = key
            .post_raw("/api/v1/logs/batch", "application/x-ndjson", raw)
            .await
            .expect_problem(422, "all_rejected");
        assert_eq!(line["verdicts"][0]["code"], "nesting_too_deep");
    }
    let batch = format!("[{},{}]", deep(64), deep(65));
    let out = key
        .post_raw("/api/v1/logs/batch", "application/json", batch)
        .await
        .expect(StatusCode::MULTI_STATUS)
        .json();
    assert_eq!((&out["created_count"], &out["errors"][0]["code"]), (&json!(1), &json!("nesting_too_deep")));
    // The batch itself may be nonsense as well.
    for raw in ["[".repeat(100_000), "{\"logs\":".repeat(40_000)] {
        let answer = key.post_raw("/api/v1/logs/batch", "application/json", raw).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
}

/// LOG-05: 1,000 items and 10,000 lines are stored together; one more is refused as a whole.
#[tokio::test]
async fn items_and_lines_have_a_limit() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let items = |count: usize| format!("{{\"logs\":[{}]}}", vec!["1"; count].join(","));
    let problem = key
        .post_raw("/api/v1/logs/batch", "application/json", items(1_001))
        .await
        .expect_problem(413, "too_many_items");
    assert_eq!((&problem["args"]["limit"], &problem["args"]["actual"]), (&json!("1000"), &json!("1001")));
    let lines = |count: usize| "1\n".repeat(count);
    let table = |count: usize| format!("a\n{}", "1\n".repeat(count));
    for (kind, body) in [
        ("application/x-ndjson", lines(10_001)),
        ("text/csv", table(10_001)),
        ("application/x-ndjson", lines(400_000)),
    ] {
        let problem =
            key.post_raw("/api/v1/logs/batch", kind, body).await.expect_problem(413, "too_many_items");
        assert_eq!(problem["args"]["limit"], "10000");
    }
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 0);

    let out = key
        .post_raw("/api/v1/logs/batch", "application/json", items(1_000))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(out["created_ids"], json!((1..=1_000).collect::<Vec<_>>()));
    let out = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", lines(10_000))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!((&out["created_count"], &out["created_ids"][9_999]), (&json!(10_000), &json!(11_000)));
    let out = key
        .post_raw("/api/v1/logs/batch", "text/csv", table(10_000))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!((&out["created_count"], &out["verdicts"][9_999]["line"]), (&json!(10_000), &json!(10_001)));
    assert_eq!(crate::support::audit(&app.app.db).await, 21_000);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 1).unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 1, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).unwrap();
    out
}

/// LOG-05, API-09, SEC-21: bodies may be compressed in three ways; the limit counts what they unpack to.
#[tokio::test]
async fn compressed_bodies_are_read_up_to_the_unpacked_limit() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    type Pack = fn(&[u8]) -> Vec<u8>;
    let ways: [(&str, Pack); 3] = [("gzip", gzip), ("zstd", zstd), ("br", brotli)];
    let spaces = vec![b' '; 33 * KIB * KIB];
    for (name, pack) in ways {
        let packed = key.with("content-encoding", name);
        packed
            .post_raw("/api/v1/logs", "application/json", pack(b"{\"a\":1}"))
            .await
            .expect(StatusCode::CREATED);
        packed
            .post_raw("/api/v1/logs/batch", "application/x-ndjson", pack(b"1\n2\n"))
            .await
            .expect(StatusCode::CREATED);
        let bomb = pack(&spaces);
        assert!(bomb.len() < 512 * KIB, "{name} {}", bomb.len());
        let problem = packed
            .post_raw("/api/v1/logs/batch", "application/x-ndjson", bomb.clone())
            .await
            .expect_problem(413, "body_too_large");
        assert_eq!(problem["args"]["limit"], "32 MiB", "{name}");
        packed
            .post_raw("/api/v1/logs", "application/json", bomb.clone())
            .await
            .expect_problem(413, "record_too_large");
        packed
            .post_raw("/api/v1/auth/login", "application/json", bomb)
            .await
            .expect_problem(413, "body_too_large");
        let mut broken = pack(b"{\"a\":\"12345678901234567890\"}");
        let middle = broken.len() / 2;
        broken.truncate(middle);
        let answer = packed.post_raw("/api/v1/logs", "application/json", broken).await;
        assert!(answer.status == StatusCode::BAD_REQUEST, "{name}: {}", answer.status);
        packed
            .post_raw("/api/v1/logs", "application/json", "{\"a\":1}")
            .await
            .expect_problem(400, "invalid_encoding");
    }
    let plain = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", spaces[..32 * KIB * KIB + 1].to_vec())
        .await;
    plain.expect_problem(413, "body_too_large");
    key.post_raw("/api/v1/logs/batch", "application/x-ndjson", spaces[..32 * KIB * KIB].to_vec())
        .await
        .expect_problem(400, "empty_body");
    for encoding in ["compress", "deflate, gzip", "rot13"] {
        let problem = key
            .with("content-encoding", encoding)
            .post_raw("/api/v1/logs", "application/json", "{}")
            .await
            .expect_problem(415, "unsupported_encoding");
        assert_eq!(problem["args"]["actual"], encoding);
    }
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 9);
}

/// LOG-01, LOG-04: the columns have limits of their own; what is longer stays in the data alone.
#[tokio::test]
async fn columns_have_limits_of_their_own() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (name, most) in [("kind", 64), ("message", 8_192), ("external_id", 128)] {
        for (length, fits) in [(most, true), (most + 1, false)] {
            let value = "ë".repeat(length);
            let raw = json!({ name: value, "n": length }).to_string();
            let out = key
                .post_raw("/api/v1/logs", "application/json", raw.clone())
                .await
                .expect(StatusCode::CREATED)
                .json();
            assert_eq!(out["warnings"].as_array().unwrap().is_empty(), fits, "{name} {length}");
            let log = key.get(&format!("/api/v1/logs/{}", out["log_id"])).await.expect_ok().json();
            assert_eq!((log[name] == json!(value), &log["data"]), (fits, &json!(raw)), "{name} {length}");
        }
    }
}
