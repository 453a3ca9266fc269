//! OTLP over HTTP.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::wire::{bytes, fixed, int, message};
use super::{gzip, logs};
use crate::support::{TestApp, audit};

const PATH: &str = "/otlp/v1/logs";
const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
/// 22 November 2026, 08:00 UTC.
const NANOS: u64 = 1_795_334_400_123_456_789;

fn attribute(key: &str, text: &str) -> Vec<u8> {
    message(&[bytes(1, key.as_bytes()), bytes(2, &bytes(1, text.as_bytes()))])
}

/// A record with a text, as Protocol Buffers.
fn record(nanos: u64, text: &str) -> Vec<u8> {
    message(&[
        fixed(1, nanos),
        int(2, 13),
        bytes(5, &bytes(1, text.as_bytes())),
        bytes(6, &attribute("dock", "3")),
        bytes(9, &[0xab; 16]),
        bytes(10, &[0xcd; 8]),
    ])
}

fn request(records: &[Vec<u8>]) -> Vec<u8> {
    let resource = bytes(1, &attribute("service.name", "sorter"));
    let scope = message(&[bytes(1, b"lib"), bytes(2, b"1.2")]);
    let records: Vec<u8> = records.iter().flat_map(|record| bytes(2, record)).collect();
    let scoped = message(&[bytes(1, &scope), records]);
    bytes(1, &message(&[bytes(1, &resource), bytes(2, &scoped)]))
}

fn record_json(nanos: &Value, text: &str) -> Value {
    json!({ "timeUnixNano": nanos, "severityNumber": "SEVERITY_NUMBER_WARN", "body": { "stringValue": text },
        "attributes": [{ "key": "dock", "value": { "stringValue": "3" } }],
        "traceId": "AB".repeat(16), "spanId": "cd".repeat(8), "unknownField": [1] })
}

fn request_json(records: &[Value]) -> Value {
    json!({ "resourceLogs": [{ "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "sorter" } }] },
        "scopeLogs": [{ "scope": { "name": "lib", "version": "1.2" }, "logRecords": records }] }] })
}

/// LOG-19, LOG-08: both encodings say the same; a repeated delivery in either is stored once, equal records in one
/// request are all kept.
#[tokio::test]
async fn both_encodings_store_the_same_records_once() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let wire =
        request(&[record(NANOS, "Band stil"), record(NANOS, "Band stil"), record(NANOS + 1, "Band loopt")]);
    let answer = key.post_raw(PATH, PROTOBUF, wire.clone()).await.expect_ok();
    assert_eq!((answer.header("content-type"), answer.body.len()), (PROTOBUF, 0));
    let nanos = [json!(NANOS.to_string()), json!(NANOS), json!((NANOS + 1).to_string())];
    let records = [
        record_json(&nanos[0], "Band stil"),
        record_json(&nanos[1], "Band stil"),
        record_json(&nanos[2], "Band loopt"),
    ];
    let answer = key.post(PATH, &request_json(&records)).await.expect_ok();
    assert_eq!((answer.header("content-type"), answer.json()), (JSON, json!({})));
    let packed = key.with("content-encoding", "gzip").post_raw(PATH, PROTOBUF, gzip(&wire)).await;
    assert!(packed.expect_ok().body.is_empty());
    let stored = logs(&key, "").await;
    assert_eq!(stored.len(), 3, "two equal ones, one other");
    let log = &stored[0];
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
    assert_eq!(
        data,
        json!({ "resource": { "service.name": "sorter" }, "scope": { "name": "lib", "version": "1.2" }, "attributes": { "dock": "3" },
            "body": "Band stil", "severity_number": 13, "time_unix_nano": NANOS.to_string(),
            "trace_id": "ab".repeat(16), "span_id": "cd".repeat(8) })
    );
    assert_eq!(logs(&key, "data.attributes.dock:3 Band loopt").await.len(), 1, "attributes are found");
    audit(&app.app.db).await;
}

/// LOG-19: values of every kind arrive; records without a time are kept each time, because nothing tells them apart.
#[tokio::test]
async fn values_of_every_kind_arrive() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let body = json!({ "kvlistValue": { "values": [
        { "key": "i", "value": { "intValue": "-9223372036854775808" } }, { "key": "n", "value": { "intValue": 7 } },
        { "key": "d", "value": { "doubleValue": 1.5 } }, { "key": "nan", "value": { "doubleValue": "NaN" } },
        { "key": "b", "value": { "boolValue": true } }, { "key": "y", "value": { "bytesValue": "AQI=" } },
        { "key": "a", "value": { "arrayValue": { "values": [{ "stringValue": "x" }, {}] } } }, { "key": "null" } ] } });
    let request =
        request_json(&[json!({ "body": body, "severityText": "fatal", "eventName": "belt.stopped" })]);
    for _ in 0..2 {
        key.post(PATH, &request).await.expect_ok();
    }
    let stored = logs(&key, "").await;
    assert_eq!(stored.len(), 2);
    assert_eq!((&stored[0]["kind"], &stored[0]["level"]), (&json!("belt.stopped"), &json!("critical")));
    let data: Value = serde_json::from_str(stored[0]["data"].as_str().unwrap()).unwrap();
    let expected = json!({ "i": i64::MIN, "n": 7, "d": 1.5, "nan": "NaN", "b": true, "y": "AQI=", "a": ["x", null], "null": null });
    assert_eq!(data["body"], expected);
}

/// LOG-19: what cannot be stored is counted in the answer, in the encoding of the request; the rest is stored.
#[tokio::test]
async fn rejected_records_are_counted_in_the_answer() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let key = key.with("accept-language", "en");
    let large = "x".repeat(256 * 1024);
    let future = NANOS + 3 * 86_400_000_000_000;
    let out = key
        .post(
            PATH,
            &request_json(&[
                record_json(&json!(future.to_string()), "later"),
                record_json(&json!(NANOS), "goed"),
                record_json(&json!(NANOS), &large),
            ]),
        )
        .await
        .expect_ok()
        .json();
    let partial = &out["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "2");
    assert!(partial["errorMessage"].as_str().unwrap().starts_with("record 0: "), "{partial}");
    let wire = key.post_raw(PATH, PROTOBUF, request(&[record(NANOS, &large)])).await.expect_ok();
    let reason = b"record 0: ";
    assert_eq!(
        (wire.body[0], &wire.body[2..4]),
        (0x0a, &[0x08, 0x01][..]),
        "partial_success.rejected_log_records = 1"
    );
    assert!(wire.body.windows(reason.len()).any(|window| window == reason));
    assert_eq!(logs(&key, "").await.len(), 1);
}

/// LOG-19, LOG-05: broken, hostile and misplaced requests are refused as `google.rpc.Status`; nothing is stored.
#[tokio::test]
async fn broken_requests_are_refused_with_a_status() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let good = request(&[record(NANOS, "x")]);
    let nested = (0..200).fold(bytes(1, b"x"), |inner, _| bytes(5, &bytes(1, &inner)));
    let huge = bytes(1, &bytes(2, &bytes(2, &[]).repeat(600_000)));
    let many = request(&vec![record(NANOS, "x"); 10_001]);
    for (body, status, code) in [
        (good[..good.len() - 3].to_vec(), 400, 3),
        (b"\xff\xff\xff\xff".to_vec(), 400, 3),
        (request(&[bytes(5, &nested)]), 400, 3),
        (request(&[bytes(3, b"\xff\xfe")]), 400, 3),
        (huge, 413, 8),
        (many, 413, 8),
        (vec![0; 33 * 1024 * 1024], 413, 8),
    ] {
        let answer = key.post_raw(PATH, PROTOBUF, body).await.expect(StatusCode::from_u16(status).unwrap());
        assert_eq!(answer.header("content-type"), PROTOBUF);
        assert_eq!(&answer.body[..2], &[0x08, code], "google.rpc.Status.code");
    }
    for (body, status) in [
        ("{".to_owned(), 400),
        ("[]".to_owned(), 400),
        (r#"{"resourceLogs":{}}"#.to_owned(), 400),
        (request_json(&[json!({ "traceId": "xyz" })]).to_string(), 400),
        (request_json(&[json!({ "severityNumber": "LOUD" })]).to_string(), 400),
        ("[".repeat(100_000), 400),
        (format!("{{\"resourceLogs\":[{}{{}}]}}", "{},".repeat(600_000)), 413),
    ] {
        let out = key.post_raw(PATH, JSON, body).await.expect(StatusCode::from_u16(status).unwrap()).json();
        assert!(out["code"].is_i64() && out["message"].is_string(), "{out}");
    }
    let bomb =
        key.with("content-encoding", "gzip").post_raw(PATH, PROTOBUF, gzip(&vec![0; 64 * 1024 * 1024])).await;
    bomb.expect(StatusCode::PAYLOAD_TOO_LARGE);
    let kind = key.post_raw(PATH, "text/plain", "x").await.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(kind.header("content-type"), JSON);
    let anonymous = app.anon().post_raw(PATH, PROTOBUF, good.clone()).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!((&anonymous.body[..2], anonymous.header("content-type")), (&[0x08, 16][..], PROTOBUF));
    let reader = app.key(&owner, Some(&["logs:read"])).await;
    let refused = reader.post(PATH, &request_json(&[])).await.expect(StatusCode::FORBIDDEN).json();
    assert_eq!(refused["code"], 7);
    assert!(logs(&key, "").await.is_empty());
}

/// LOG-19, GEN-14: while the server stops, senders hear 503 with a time after which they shall repeat.
#[tokio::test]
async fn a_stopping_server_asks_to_repeat() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    app.app.writer.stop().await;
    let answer = key.post_raw(PATH, PROTOBUF, request(&[record(NANOS, "x")])).await;
    let answer = answer.expect(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!((&answer.body[..2], answer.header("content-type")), (&[0x08, 14][..], PROTOBUF));
    assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
}

/// LOG-19: in the JSON encoding, `null` is the default of every field.
#[tokio::test]
async fn nulls_are_defaults() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let send = async |body: Value| {
        key.post_raw("/otlp/v1/logs", "application/json", body.to_string()).await.expect_ok();
    };
    send(json!({ "resourceLogs": null })).await;
    let mut record = record_json(&json!("1795334400000000000"), "met niets");
    record["attributes"] = Value::Null;
    record["traceId"] = Value::Null;
    send(request_json(&[record])).await;
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log").await, 1);
}
