//! The bulk interface of Elasticsearch.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use base64::Engine;
use serde_json::{Value, json};

use super::{gzip, logs};
use crate::support::{Actor, TestApp, audit};

const NDJSON: &str = "application/x-ndjson";

async fn bulk(actor: &Actor, path: &str, lines: &[Value]) -> Value {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    actor.post_raw(path, NDJSON, body).await.expect_ok().json()
}

/// LOG-19, LOG-08: each item has its own result; what is known is no error for `index` and one for `create`.
#[tokio::test]
async fn every_item_has_its_own_result() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let document = json!({ "message": "Pakket gescand", "@timestamp": "2026-11-22T10:00:00+01:00", "log": { "level": "error" } });
    let lines = [
        json!({ "index": { "_index": "scan-2026.11.22", "_id": "a" } }),
        document.clone(),
        json!({ "index": { "_index": "scan", "_id": "a" } }),
        document.clone(),
        json!({ "create": { "_index": "scan", "_id": "a" } }),
        document.clone(),
        json!({ "index": { "_index": "scan", "_id": "a" } }),
        json!({ "message": "anders" }),
        json!({ "create": { "_index": "own" } }),
        json!({ "kind": "named", "message": "zonder id" }),
        json!({ "update": { "_index": "scan", "_id": "a" } }),
        json!({ "doc": {} }),
        json!({ "delete": { "_index": "scan", "_id": "a" } }),
        json!({ "index": { "_index": "scan" } }),
        json!({ "@timestamp": "2030-01-01T00:00:00Z" }),
        json!({ "index": { "_index": "scan", "_id": "x".repeat(129) } }),
        json!({ "a": 1 }),
        json!({ "index": { "_index": "x".repeat(65) } }),
        json!({ "a": 1 }),
        json!({ "index": { "_index": "scan" } }),
        json!([1]),
    ];
    let out = bulk(&key, "/es/_bulk", &lines).await;
    assert_eq!(out["errors"], true);
    assert!(out["took"].is_u64());
    let results: Vec<(&str, u64, &str)> = out["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let (verb, result) = item.as_object().unwrap().iter().next().unwrap();
            let word = result["result"].as_str().or_else(|| result["error"]["type"].as_str()).unwrap();
            (verb.as_str(), result["status"].as_u64().unwrap(), word)
        })
        .collect();
    let conflict = "version_conflict_engine_exception";
    let argument = "illegal_argument_exception";
    assert_eq!(
        results,
        [
            ("index", 201, "created"),
            ("index", 200, "noop"),
            ("create", 409, conflict),
            ("index", 409, conflict),
            ("create", 201, "created"),
            ("update", 400, argument),
            ("delete", 400, argument),
            ("index", 400, "document_parsing_exception"),
            ("index", 400, argument),
            ("index", 400, argument),
            ("index", 400, argument),
        ]
    );
    assert!(out["items"][5]["update"]["error"]["reason"].as_str().unwrap().contains("append-only"));
    let stored = logs(&key, "").await;
    assert_eq!(stored.len(), 2);
    assert_eq!(
        (
            &stored[0]["kind"],
            &stored[0]["level"],
            &stored[0]["external_id"],
            &stored[0]["timestamp"],
            &stored[0]["source"]
        ),
        (
            &json!("scan"),
            &json!("error"),
            &json!("scan/a"),
            &json!("2026-11-22T09:00:00.000Z"),
            &json!("integration")
        )
    );
    assert_eq!(stored[0]["data"], document.to_string(), "kept as sent");
    assert_eq!((&stored[1]["kind"], &stored[1]["message"]), (&json!("named"), &json!("zonder id")));
    audit(&app.app.db).await;
}

/// LOG-19: clients of version 8 and 9 find the product, the version and the media type that they insist on.
#[tokio::test]
async fn clients_find_the_product_that_they_insist_on() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for version in ["8", "9"] {
        let json = format!("application/vnd.elasticsearch+json;compatible-with={version}");
        let lines = format!("application/vnd.elasticsearch+x-ndjson; compatible-with={version}");
        let client = key.with("accept", &json);
        for path in ["/es", "/es/"] {
            let info = client.get(path).await.expect_ok();
            assert_eq!(
                (info.header("x-elastic-product"), info.header("content-type")),
                ("Elasticsearch", json.as_str())
            );
            assert!(info.json()["version"]["number"].as_str().unwrap().starts_with("8."));
            let head = client.send(Method::HEAD, path, None, Body::empty()).await.expect_ok();
            assert_eq!((head.header("x-elastic-product"), head.body.len()), ("Elasticsearch", 0));
        }
        let body = "{\"index\":{}}\n{\"a\":1}\n";
        let out = client.send(Method::PUT, "/es/scan/_bulk", Some(&lines), body.into()).await.expect_ok();
        assert_eq!((out.header("content-type"), &out.json()["errors"]), (json.as_str(), &json!(false)));
    }
    let missing = key.get("/es/_cat/nodes").await.expect(StatusCode::NOT_FOUND);
    assert_eq!(missing.header("x-elastic-product"), "Elasticsearch");
    assert_eq!(missing.json()["status"], 404);
}

/// LOG-19, KEY-06: shippers show their key in any of the ways that they know; other credentials open nothing.
#[tokio::test]
async fn keys_are_shown_in_the_ways_of_shippers() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let secret = key.credential.clone().unwrap();
    let pair = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    for (name, value) in [
        ("authorization", format!("ApiKey {}", pair(format!("id:{secret}")))),
        ("authorization", format!("ApiKey {secret}")),
        ("authorization", format!("Basic {}", pair(format!("elastic:{secret}")))),
        ("authorization", format!("Bearer {secret}")),
        ("x-api-key", secret.clone()),
    ] {
        let out = bulk(
            &app.anon().with(name, &value),
            "/es/_bulk",
            &[json!({ "index": { "_index": "scan" } }), json!({ "a": 1 })],
        )
        .await;
        assert_eq!(out["errors"], false, "{value}");
    }
    for value in [format!("Basic {}", pair("elastic:changeme".to_owned())), format!("ApiKey {secret}x")] {
        let answer = app.anon().with("authorization", &value).post_raw("/es/_bulk", NDJSON, "{}\n").await;
        let out = answer.expect(StatusCode::UNAUTHORIZED).json();
        assert_eq!((&out["status"], &out["error"]["type"]), (&json!(401), &json!("security_exception")));
        assert_eq!(
            out["error"]["root_cause"][0],
            json!({ "type": "security_exception", "reason": out["error"]["reason"] })
        );
    }
    // The ways of shippers are theirs alone.
    let basic = format!("Basic {}", pair(format!("x:{secret}")));
    app.anon().with("authorization", &basic).get("/api/v1/logs").await.expect_problem(401, "unauthenticated");
}

/// LOG-19, LOG-05: what cannot be read as a whole is refused as a whole, in the words of the protocol; nothing is stored.
#[tokio::test]
async fn broken_requests_are_refused_as_a_whole() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let good = "{\"index\":{\"_index\":\"scan\"}}\n{\"a\":1}\n";
    let many = "{\"index\":{}}\n{\"a\":1}\n".repeat(10_001);
    let deep = format!("{}{}\n", good, "[".repeat(100_000));
    let large = "x".repeat(33 * 1024 * 1024);
    for (kind, body, status, word) in [
        (NDJSON, String::new(), 400, "document_parsing_exception"),
        (NDJSON, good.trim_end().to_owned(), 400, "illegal_argument_exception"),
        (NDJSON, format!("{good}{{\"index\":{{\"_index\":\"scan\"}}}}\n"), 400, "illegal_argument_exception"),
        (NDJSON, format!("{good}{{\"put\":{{}}}}\n{{}}\n"), 400, "illegal_argument_exception"),
        (NDJSON, format!("{good}{{\"index\":{{}}}}\n{{}}\n"), 400, "illegal_argument_exception"),
        (NDJSON, format!("{good}nothing\n"), 400, "illegal_argument_exception"),
        (NDJSON, deep, 400, "illegal_argument_exception"),
        (NDJSON, large, 413, "content_too_long_exception"),
        ("application/xml", good.to_owned(), 415, "media_type_header_exception"),
    ] {
        let name: String = body.chars().take(60).collect();
        let answer = key.post_raw("/es/_bulk", kind, body).await;
        let out = answer.expect(StatusCode::from_u16(status).unwrap()).json();
        assert_eq!((&out["status"], &out["error"]["type"]), (&json!(status), &json!(word)), "{name}");
    }
    key.post_raw("/es/scan/_bulk", NDJSON, many).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    let packed = key.with("content-encoding", "gzip");
    packed.post_raw("/es/_bulk", NDJSON, bomb).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    packed.post_raw("/es/_bulk", NDJSON, "no gzip").await.expect(StatusCode::BAD_REQUEST);
    let unknown = key.with("content-encoding", "lzma").post_raw("/es/_bulk", NDJSON, good).await;
    assert_eq!(unknown.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE).json()["status"], 415);
    let method = key.send(Method::DELETE, "/es/_bulk", None, Body::empty()).await;
    assert_eq!(method.expect(StatusCode::METHOD_NOT_ALLOWED).json()["status"], 405);
    assert!(logs(&key, "").await.is_empty());
    packed.post_raw("/es/_bulk", NDJSON, gzip(good.as_bytes())).await.expect_ok();
    assert_eq!(logs(&key, "").await.len(), 1);
}

/// LOG-19, KEY-02: a test key writes to the test space, a key that may only read does not write.
#[tokio::test]
async fn the_key_decides_what_may_be_written_and_where() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let made = owner.post("/api/v1/keys", &json!({ "name": "Proef", "mode": "test" })).await;
    let test = app.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    let lines = [json!({ "index": { "_index": "scan" } }), json!({ "a": 1 })];
    bulk(&test, "/es/_bulk", &lines).await;
    assert_eq!((logs(&test, "").await.len(), logs(&key, "").await.len()), (1, 0));
    let reader = app.key(&owner, Some(&["logs:read"])).await;
    let out = reader.post_raw("/es/_bulk", NDJSON, "{}\n").await.expect(StatusCode::FORBIDDEN).json();
    assert_eq!(out["error"]["type"], "security_exception");
}

/// LOG-19, LOG-06: an id is unique within its index: what two indexes call the same are two logs, and a repeated
/// delivery is still one.
#[tokio::test]
async fn ids_belong_to_their_index() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let body = "{\"create\":{\"_index\":\"orders\",\"_id\":\"1\"}}\n{\"n\":1}\n\
                {\"create\":{\"_index\":\"shipments\",\"_id\":\"1\"}}\n{\"n\":1}\n\
                {\"index\":{\"_index\":\"orders\",\"_id\":\"1\"}}\n{\"n\":1}\n";
    let send = || key.post_raw("/es/_bulk", "application/x-ndjson", body.to_owned());
    let out = send().await.expect_ok().json();
    let statuses: Vec<i64> = out["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_object().unwrap().values().next().unwrap()["status"].as_i64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 201, 200]);
    send().await.expect_ok();
    assert_eq!(logs(&key, "").await.len(), 2);
}

/// LOG-14: a protocol that cannot try refuses to, and stores nothing.
#[tokio::test]
async fn protocols_do_not_store_what_should_be_tried() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let bulk = "{\"index\":{\"_index\":\"a\"}}\n{\"n\":1}\n";
    for (path, body) in [
        ("/es/_bulk", bulk),
        ("/otm/v5/events", "{\"id\":\"a\",\"eventType\":\"x\"}"),
        ("/loki/api/v1/push", "{\"streams\":[]}"),
        ("/otlp/v1/logs", "{\"resourceLogs\":[]}"),
        ("/epcis/v2/events", "{}"),
    ] {
        let answer = key.post_raw(&format!("{path}?dry_run=true"), "application/json", body.to_owned()).await;
        assert_eq!(answer.status.as_u16(), 400, "{path}");
    }
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log").await, 0);
}
