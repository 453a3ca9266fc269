//! The push interface of Loki.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::wire::{bytes, int, message};
use super::{gzip, logs};
use crate::support::{TestApp, audit};

const PATH: &str = "/loki/api/v1/push";
const PROTOBUF: &str = "application/x-protobuf";
/// 22 November 2026, 08:00 UTC.
const NANOS: i64 = 1_795_334_400_123_456_789;

fn push(values: &[Value]) -> Value {
    json!({ "streams": [{ "stream": { "app": "sorter", "level": "warn" }, "values": values }] })
}

fn snappy(bytes: &[u8]) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(bytes).unwrap()
}

/// A push with one entry, as Protocol Buffers.
fn wire(labels: &str, line: &str) -> Vec<u8> {
    let time = message(&[int(1, (NANOS / 1_000_000_000) as u64), int(2, (NANOS % 1_000_000_000) as u64)]);
    let entry = message(&[bytes(1, &time), bytes(2, line.as_bytes())]);
    bytes(1, &message(&[bytes(1, labels.as_bytes()), bytes(2, &entry)]))
}

/// LOG-19, LOG-08: labels, line and metadata are kept; a push that is repeated in either encoding is stored once; equal
/// lines of one nanosecond within a push are all kept.
#[tokio::test]
async fn a_repeated_push_is_stored_once() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let nanos = NANOS.to_string();
    let body = push(&[
        json!([nanos, "Band stil"]),
        json!([nanos, "Band stil"]),
        json!([nanos, "Band stil", { "order": "88213" }]),
        json!(["1795334400000000000", "Band loopt"]),
    ]);
    for _ in 0..2 {
        let answer = key.post(PATH, &body).await.expect(StatusCode::NO_CONTENT);
        assert!(answer.body.is_empty());
    }
    let packed = snappy(&wire(r#"{app="sorter",level="warn"}"#, "Band stil"));
    key.post_raw(PATH, PROTOBUF, packed.clone()).await.expect(StatusCode::NO_CONTENT);
    key.with("content-encoding", "snappy")
        .post_raw(PATH, PROTOBUF, packed)
        .await
        .expect(StatusCode::NO_CONTENT);
    let json = gzip(body.to_string().as_bytes());
    let gzipped = key.with("content-encoding", "gzip").post_raw(PATH, "application/json", json).await;
    gzipped.expect(StatusCode::NO_CONTENT);
    let stored = logs(&key, "").await;
    assert_eq!(stored.len(), 4);
    let log = &stored[2];
    assert_eq!(
        (&log["kind"], &log["level"], &log["message"], &log["timestamp"], &log["source"]),
        (
            &json!("sorter"),
            &json!("warning"),
            &json!("Band stil"),
            &json!("2026-11-22T08:00:00.123Z"),
            &json!("integration")
        )
    );
    let data: Value = serde_json::from_str(log["data"].as_str().unwrap()).unwrap();
    let expected = json!({ "labels": { "app": "sorter", "level": "warn" }, "line": "Band stil", "metadata": { "order": "88213" }, "time_unix_nano": nanos });
    assert_eq!(data, expected);
    assert_eq!(logs(&key, "data.labels.app:sorter").await.len(), 4, "labels are found");
    audit(&app.app.db).await;
}

/// LOG-19: entries that cannot be stored are ignored with a line of text that says why; the others are stored.
#[tokio::test]
async fn ignored_entries_are_named() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let nanos = NANOS.to_string();
    let body = push(&[
        json!([nanos, "goed"]),
        json!(["1895334400000000000", "later"]),
        json!([nanos, "x".repeat(256 * 1024)]),
    ]);
    let answer = key.post(PATH, &body).await.expect(StatusCode::BAD_REQUEST);
    assert!(answer.header("content-type").starts_with("text/plain"));
    let text = answer.text();
    assert!(
        text.starts_with("entry with timestamp 2030-01-22T") && text.ends_with("total ignored: 2 out of 3\n"),
        "{text}"
    );
    assert_eq!(logs(&key, "").await.len(), 1);
}

/// LOG-19, LOG-05: broken and hostile pushes are refused with a line of text; nothing is stored.
#[tokio::test]
async fn broken_pushes_are_refused_with_a_line_of_text() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let json = |text: &str| ("application/json", text.as_bytes().to_vec());
    let good = wire(r#"{app="x"}"#, "x");
    let mut bomb = vec![0xff, 0xff, 0xff, 0xff, 0x0f];
    bomb.extend([0; 20]);
    for ((kind, body), status) in [
        (json("{"), 400),
        (json("{}"), 400),
        (json(r#"{"streams":[{"stream":{"a":1},"values":[]}]}"#), 400),
        (json(r#"{"streams":[{"stream":{},"values":[["x","line"]]}]}"#), 400),
        (json(r#"{"streams":[{"stream":{},"values":[["1"]]}]}"#), 400),
        (json(r#"{"streams":[{"stream":{},"values":[[1,"line"]]}]}"#), 400),
        (json(&"[".repeat(100_000)), 400),
        (("application/json", push(&vec![json!(["1", "x"]); 10_001]).to_string().into_bytes()), 413),
        ((PROTOBUF, good.clone()), 400),
        ((PROTOBUF, snappy(&good[..good.len() - 2])), 400),
        ((PROTOBUF, snappy(&wire("app=x", "x"))), 400),
        ((PROTOBUF, bomb), 413),
        ((PROTOBUF, snappy(&bytes(1, &bytes(2, &[]).repeat(600_000)))), 413),
        (("text/plain", b"x".to_vec()), 415),
    ] {
        let answer = key.post_raw(PATH, kind, body).await.expect(StatusCode::from_u16(status).unwrap());
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert!(answer.body.len() > 10 && answer.body.ends_with(b"\n"));
    }
    app.anon().post(PATH, &push(&[])).await.expect(StatusCode::UNAUTHORIZED);
    let reader = app.key(&owner, Some(&["logs:read"])).await;
    reader.post(PATH, &push(&[])).await.expect(StatusCode::FORBIDDEN);
    key.post(PATH, &push(&[])).await.expect(StatusCode::NO_CONTENT);
    assert!(logs(&key, "").await.is_empty());
}
