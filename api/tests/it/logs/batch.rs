//! Many logs at once: a verdict for each, no silent loss, and each event once.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, audit, ids, record};

const BATCH: &str = "/api/v1/logs/batch";
const NDJSON: &str = "application/x-ndjson";

fn verdicts(out: &Value) -> Vec<(i64, &str, Option<&str>)> {
    let one = |verdict: &Value| verdict["line"].as_i64().or_else(|| verdict["index"].as_i64()).unwrap();
    let all = out["verdicts"].as_array().unwrap();
    all.iter()
        .map(|verdict| (one(verdict), verdict["status"].as_str().unwrap(), verdict["code"].as_str()))
        .collect()
}

/// A way to send a record: path, media type and body.
type Way = fn(&str, &str) -> (&'static str, &'static str, String);

/// LOG-06, LOG-08, GEN-10: of a mixed upload each line has its verdict with line, reason and words, and the good ones
/// are stored.
#[tokio::test]
async fn a_mixed_upload_has_a_verdict_for_each_line() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let large = format!("\"{}\"", "x".repeat(256 * 1024));
    let lines = [
        r#"{"kind":"scan","external_id":"a"}"#,
        "",
        "no json",
        "{}",
        r#"{"occurred_at":"2027-01-01T00:00:00Z"}"#,
        r#"{"kind":"scan","external_id":"a"}"#,
        r#"{"kind":"other","external_id":"a"}"#,
        &large,
        "  ",
        r#"{"level":"loud","x":1}"#,
        "{\"a\":1} {\"b\":2}",
    ];
    let out = key.post_raw(BATCH, NDJSON, lines.join("\n")).await.expect(StatusCode::MULTI_STATUS).json();
    let expected = [
        (1, "created", None),
        (3, "rejected", Some("invalid_json")),
        (4, "rejected", Some("empty_body")),
        (5, "rejected", Some("occurred_at_in_future")),
        (6, "duplicate", None),
        (7, "rejected", Some("external_id_conflict")),
        (8, "rejected", Some("record_too_large")),
        (10, "created", None),
        (11, "rejected", Some("invalid_json")),
    ];
    assert_eq!(verdicts(&out), expected);
    assert_eq!(
        (&out["received_count"], &out["created_count"], &out["duplicates"], &out["rejected_count"]),
        (&json!(9), &json!(2), &json!(1), &json!(6))
    );
    assert_eq!(
        (&out["created_ids"], &out["success"], &out["atomic"]),
        (&json!([1, 2]), &json!(false), &json!(false))
    );
    assert_eq!(out["verdicts"][4]["log_id"], 1);
    assert_eq!(out["verdicts"][7]["warnings"][0]["pointer"], "/level");
    for (at, verdict) in out["verdicts"].as_array().unwrap().iter().enumerate() {
        assert_eq!(verdict["index"], at);
        if verdict["status"] == "rejected" {
            assert!(
                verdict["detail"].as_str().is_some_and(|detail| !detail.is_empty())
                    && verdict["pointer"].is_string(),
                "{verdict}"
            );
        }
    }
    let errors = out["errors"].as_array().unwrap();
    assert_eq!(
        errors.iter().map(|error| error["line"].as_i64().unwrap()).collect::<Vec<_>>(),
        [3, 4, 5, 7, 8, 11]
    );
    assert_eq!(ids(&key.get("/api/v1/logs").await.expect_ok().json()), [2, 1]);
    let english = key
        .with("accept-language", "en")
        .post_raw(BATCH, NDJSON, "{}\n1")
        .await
        .expect(StatusCode::MULTI_STATUS)
        .json();
    assert!(english["errors"][0]["error"].as_str().unwrap().starts_with("The request holds nothing"));
    audit(&app.app.db).await;
}

/// LOG-06: items of a JSON batch are judged by their position; both documented forms are read.
#[tokio::test]
async fn a_mixed_json_batch_has_a_verdict_for_each_item() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let items = r#"[1, {}, {"external_id":"a"}, {"external_id":"a"}, {"external_id":"a","b":1}, null, "x"]"#;
    for (round, body) in [items.to_owned(), format!("{{\"logs\":{items}}}")].into_iter().enumerate() {
        let out = key
            .post_raw(BATCH, "application/json; charset=utf-8", body)
            .await
            .expect(StatusCode::MULTI_STATUS)
            .json();
        let third = if round == 0 { "created" } else { "duplicate" };
        let expected = [
            (0, "created", None),
            (1, "rejected", Some("empty_body")),
            (2, third, None),
            (3, "duplicate", None),
            (4, "rejected", Some("external_id_conflict")),
            (5, "rejected", Some("empty_body")),
            (6, "created", None),
        ];
        assert_eq!(verdicts(&out), expected);
        assert!(out["verdicts"].as_array().unwrap().iter().all(|verdict| verdict.get("line").is_none()));
    }
    for (body, status, code) in [
        ("{}", 422, "invalid_body"),
        (r#"{"log":[1]}"#, 422, "invalid_body"),
        (r#"{"logs":1}"#, 422, "invalid_body"),
        (r#"{"logs":[1],"x":1}"#, 422, "invalid_body"),
        ("1", 422, "invalid_body"),
        ("[1", 400, "invalid_json"),
        ("[1] 2", 400, "invalid_json"),
        ("[]", 400, "empty_body"),
        (r#"{"logs":[]}"#, 400, "empty_body"),
        (r#"{"logs":[1],"logs":[2]}"#, 422, "invalid_body"),
    ] {
        let problem = key.post_raw(BATCH, "application/json", body).await.expect_problem(status, code);
        if code == "invalid_body" {
            assert!(!problem["errors"].as_array().unwrap().is_empty(), "{body}: {problem}");
        }
    }
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 5);
}

/// LOG-06: rows of a table become logs with the names of the header; blank lines count, odd rows are named by line.
#[tokio::test]
async fn a_mixed_table_has_a_verdict_for_each_row() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let table = "kind;order;temp;note\r\nscan;007;4.2;\"a;\"\"b\"\"\r\nc\"\r\n\r\nscan;1\r\n;;;\r\nscan;12345678901234567890;-0.5;é\r\n";
    let out =
        key.post_raw(BATCH, "text/csv; charset=utf-8", table).await.expect(StatusCode::MULTI_STATUS).json();
    let expected = [
        (2, "created", None),
        (5, "rejected", Some("invalid_csv")),
        (6, "rejected", Some("empty_body")),
        (7, "created", None),
    ];
    assert_eq!(verdicts(&out), expected);
    let logs = key.get("/api/v1/logs?sort=id").await.expect_ok().json();
    assert_eq!(
        logs["logs"][0]["data"],
        "{\"kind\":\"scan\",\"order\":\"007\",\"temp\":4.2,\"note\":\"a;\\\"b\\\"\\r\\nc\"}"
    );
    assert_eq!(
        logs["logs"][1]["data"],
        r#"{"kind":"scan","order":"12345678901234567890","temp":-0.5,"note":"é"}"#
    );
    assert_eq!(logs["logs"][1]["kind"], "scan");
    for (body, status, code) in [
        ("a,a\n1,2\n", 400, "invalid_csv"),
        ("a,\n1,2\n", 400, "invalid_csv"),
        ("", 400, "empty_body"),
        ("a,b\n", 400, "empty_body"),
        ("a\n\n", 400, "empty_body"),
    ] {
        key.post_raw(BATCH, "text/csv", body).await.expect_problem(status, code);
    }
    key.post_raw(BATCH, "text/csv", b"a\n\xff\n".to_vec()).await.expect_problem(400, "invalid_utf8");
    for (body, data) in
        [("\u{feff}a\tb\n1\tx\n", r#"{"a":1,"b":"x"}"#), ("a,b\n\"1,5\",2\n", r#"{"a":"1,5","b":2}"#)]
    {
        let out = key.post_raw(BATCH, "text/csv", body).await.expect(StatusCode::CREATED).json();
        assert_eq!(
            key.get(&format!("/api/v1/logs/{}", out["created_ids"][0])).await.expect_ok().json()["data"],
            data
        );
    }
}

/// LOG-06, API-02: 201 when all were stored or known, 207 when some were, 422 with the verdicts when none was.
#[tokio::test]
async fn the_status_says_how_much_was_stored() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let line = r#"{"external_id":"x"}"#;
    for (body, status) in
        [("1\n2", 201), (line, 201), (line, 201), ("1\n{}", 207), ("{\"external_id\":\"x\"}\nnope", 207)]
    {
        let answer = key.post_raw(BATCH, NDJSON, body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
    }
    let problem = key
        .post_raw(BATCH, NDJSON, "{}\nnope\n{\"external_id\":\"x\",\"a\":1}")
        .await
        .expect_problem(422, "all_rejected");
    assert_eq!(
        verdicts(&problem).iter().map(|(_, status, code)| (*status, code.unwrap())).collect::<Vec<_>>(),
        [("rejected", "empty_body"), ("rejected", "invalid_json"), ("rejected", "external_id_conflict"),]
    );
    assert_eq!(
        (&problem["rejected_count"], &problem["created_count"], &problem["success"]),
        (&json!(3), &json!(0), &json!(false))
    );
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 4);
    key.post_raw(BATCH, "application/xml", "<a/>").await.expect_problem(415, "unsupported_media_type");
    key.post_raw(&format!("{BATCH}?atomic=maybe"), NDJSON, "1")
        .await
        .expect_problem(400, "invalid_parameter");
    key.post_raw(&format!("{BATCH}?atomc=true"), NDJSON, "1").await.expect_problem(400, "unknown_parameter");
}

async fn atomic(key: &Actor, body: &str) -> crate::support::Answer {
    key.post_raw(&format!("{BATCH}?atomic=true"), NDJSON, body.to_owned()).await
}

/// LOG-06, GEN-06: with `atomic=true` one bad line keeps all others out, and each says so; without one all are stored.
#[tokio::test]
async fn atomic_stores_all_or_nothing() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let problem = atomic(&key, "1\n{}\n2").await.expect_problem(422, "all_rejected");
    let expected = [
        (1, "rejected", Some("not_stored_atomic")),
        (2, "rejected", Some("empty_body")),
        (3, "rejected", Some("not_stored_atomic")),
    ];
    assert_eq!(verdicts(&problem), expected);
    assert_eq!((&problem["atomic"], &problem["created_count"]), (&json!(true), &json!(0)));
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 0);

    let out = atomic(&key, "1\n2\n{\"external_id\":\"a\"}\n{\"external_id\":\"a\"}")
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(
        (&out["created_ids"], &out["duplicates"], &out["atomic"]),
        (&json!([1, 2, 3]), &json!(1), &json!(true))
    );
    audit(&app.app.db).await;
}

/// LOG-06, LOG-08, GEN-10: an atomic batch that meets a conflict names no number of a log that was not stored.
#[tokio::test]
async fn an_atomic_conflict_leaves_no_trace() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    record(&key, r#"{"external_id":"old"}"#).await;
    let body = [
        r#"{"external_id":"new"}"#,
        r#"{"external_id":"new"}"#,
        r#"{"external_id":"old","changed":true}"#,
        "5",
    ]
    .join("\n");
    let problem = atomic(&key, &body).await.expect_problem(422, "all_rejected");
    let expected = [
        (1, "rejected", Some("not_stored_atomic")),
        (2, "rejected", Some("not_stored_atomic")),
        (3, "rejected", Some("external_id_conflict")),
        (4, "rejected", Some("not_stored_atomic")),
    ];
    assert_eq!(verdicts(&problem), expected);
    assert!(
        problem["verdicts"].as_array().unwrap().iter().all(|verdict| verdict.get("log_id").is_none()),
        "{problem}"
    );
    // What had been stored before is named as such.
    let mixed = [r#"{"external_id":"old"}"#, r#"{"external_id":"old","changed":true}"#, "6"].join("\n");
    let out = atomic(&key, &mixed).await.expect(StatusCode::MULTI_STATUS).json();
    assert_eq!(
        (&out["created_count"], &out["duplicates"], &out["rejected_count"]),
        (&json!(0), &json!(1), &json!(2))
    );
    let list = key.get("/api/v1/logs").await.expect_ok().json();
    assert_eq!((ids(&list), &list["last_id"]), (vec![1], &json!(1)));
    // Numbers go on without a gap.
    assert_eq!(record(&key, r#"{"external_id":"new"}"#).await, 2);
    audit(&app.app.db).await;
}

/// LOG-08, KEY-09: an event sent twice by any two ways in is stored once; another body under its id is 409 and names it;
/// other customers and the test space have ids of their own.
#[tokio::test]
async fn each_event_is_stored_once_across_all_ways_in() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, _, stranger) = app.tenant().await;
    let made = owner
        .post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"}))
        .await
        .expect(StatusCode::CREATED)
        .json();
    let test = app.bearer(made["api_key"].as_str().unwrap());
    // Four ways to send the same body.
    let ways: [Way; 4] = [
        |id, note| {
            ("/api/v1/logs", "application/json", format!("{{\"external_id\":\"{id}\",\"note\":\"{note}\"}}"))
        },
        |id, note| {
            (BATCH, "application/json", format!("[ {{\"external_id\":\"{id}\",\"note\":\"{note}\"}} ]"))
        },
        |id, note| (BATCH, NDJSON, format!("{{\"external_id\":\"{id}\",\"note\":\"{note}\"}}\r\n")),
        |id, note| (BATCH, "text/csv", format!("external_id,note\n{id},{note}\n")),
    ];
    let mut number = 0;
    for (a, first) in ways.iter().enumerate() {
        for (b, second) in ways.iter().enumerate() {
            let id = format!("evt-{a}-{b}");
            let (path, kind, body) = first(&id, "x");
            key.post_raw(path, kind, body).await.expect(StatusCode::CREATED);
            number += 1;
            let (path, kind, body) = second(&id, "x");
            let again = key.post_raw(path, kind, body).await;
            if path == BATCH {
                let out = again.expect(StatusCode::CREATED).json();
                assert_eq!(out["verdicts"][0], json!({"index": 0, "line": out["verdicts"][0]["line"], "status": "duplicate", "log_id": number}).as_object().map(|all| {
                    let kept: serde_json::Map<String, Value> = all.clone().into_iter().filter(|(_, value)| !value.is_null()).collect();
                    Value::Object(kept)
                }).unwrap());
            } else {
                let out = again.expect(StatusCode::OK);
                assert!(out.headers.get("location").is_none());
                assert_eq!((&out.json()["log_id"], &out.json()["duplicate"]), (&json!(number), &json!(true)));
            }
            let (path, kind, body) = second(&id, "y");
            let other = key.post_raw(path, kind, body).await;
            let problem = if path == BATCH {
                other.expect_problem(422, "all_rejected")
            } else {
                other.expect_problem(409, "external_id_conflict")
            };
            let detail =
                problem["errors"][0]["error"].as_str().or_else(|| problem["detail"].as_str()).unwrap();
            assert!(detail.contains(&id) && detail.contains(&number.to_string()), "{detail}");
        }
    }
    let (_, _, body) = ways[0]("evt-0-0", "y");
    for (who, number) in [(&stranger, 1), (&test, 1)] {
        assert_eq!(record(who, &body).await, number);
    }
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 16);
    audit(&app.app.db).await;
}

/// LOG-08: a duplicate answers the times of the stored log, however much later it comes.
#[tokio::test]
async fn a_duplicate_answers_the_times_of_the_first() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let body = r#"{"external_id":"evt-9"}"#;
    let first =
        key.post_raw("/api/v1/logs", "application/json", body).await.expect(StatusCode::CREATED).json();
    app.clock.advance(3_600_000);
    let again =
        key.post_raw("/api/v1/logs", "application/json", format!(" {body}\n")).await.expect_ok().json();
    assert_eq!(
        (&again["timestamp"], &again["received_at"], &again["log_id"]),
        (&first["timestamp"], &first["received_at"], &json!(1))
    );
    assert_eq!((&first["duplicate"], &again["duplicate"]), (&json!(false), &json!(true)));
}
