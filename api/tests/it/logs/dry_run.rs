//! Trying without storing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, audit, record};

async fn usage(app: &TestApp) -> (i64, i64) {
    (
        app.number("SELECT COUNT(*) AS n FROM log").await,
        app.number("SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) AS n FROM usage_counter").await,
    )
}

/// LOG-14: a log that is only tried is told as it is understood, with its warnings; nothing is stored or counted.
#[tokio::test]
async fn a_log_is_tried_without_being_stored() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let log = json!({ "type": "scan", "msg": "Pakket", "level": "loud", "time": "2026-11-20 09:00", "external_id": "a" });
    for path in ["/api/v1/logs?dry_run=true", "/api/v1/log?dry_run=1"] {
        let out = key.with("accept-language", "en").post(path, &log).await.expect_ok().json();
        assert_eq!(
            out,
            json!({ "dry_run": true, "duplicate": false, "log_id": null,
                "log": { "kind": "scan", "level": "info", "message": "Pakket", "timestamp": "2026-11-20T08:00:00.000Z", "external_id": "a", "flags": ["late"] },
                "warnings": [{ "pointer": "/level", "code": "unusable_value", "detail": "This member was not used; expected is debug, info, notice, warning, error, critical." }] })
        );
    }
    assert_eq!(usage(&app).await, (0, 0));
    record(&key, &log.to_string()).await;
    let before = usage(&app).await;
    let out = key.post("/api/v1/logs?dry_run=true", &log).await.expect_ok().json();
    assert_eq!((&out["duplicate"], &out["log_id"]), (&json!(true), &json!(1)));
    key.post("/api/v1/logs?dry_run=true", &json!({ "external_id": "a" }))
        .await
        .expect_problem(409, "external_id_conflict");
    key.post("/api/v1/logs?dry_run=true", &json!({})).await.expect_problem(400, "empty_body");
    key.post("/api/v1/logs?dry_run=perhaps", &log).await.expect_problem(400, "invalid_parameter");
    assert_eq!(usage(&app).await, before);
    key.post("/api/v1/logs?dry_run=false", &json!({ "x": 1 })).await.expect(StatusCode::CREATED);
    audit(&app.app.db).await;
}

async fn tried(key: &Actor, kind: &str, query: &str, body: &str) -> Value {
    let path = format!("/api/v1/logs/batch?dry_run=true{query}");
    key.post_raw(&path, kind, body.to_owned()).await.expect_ok().json()
}

/// LOG-14, LOG-06: of a batch that is only tried each item has the verdict that storing it would give, in every form.
#[tokio::test]
async fn a_batch_is_tried_without_being_stored() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    record(&key, r#"{"kind":"scan","external_id":"a"}"#).await;
    let before = usage(&app).await;
    let items = [
        r#"{"kind":"scan","external_id":"a"}"#,
        r#"{"external_id":"a"}"#,
        r#"{"external_id":"b"}"#,
        r#"{"external_id":"b"}"#,
        "{}",
        r#"{"kind":"own"}"#,
    ];
    let forms = [
        ("application/x-ndjson", items.join("\n")),
        ("application/json", format!("[{}]", items.join(","))),
        ("application/json", format!("{{\"logs\":[{}]}}", items.join(","))),
    ];
    for (kind, body) in &forms {
        let out = tried(&key, kind, "", body).await;
        let verdicts: Vec<(&str, Option<i64>)> = out["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|verdict| (verdict["status"].as_str().unwrap(), verdict["log_id"].as_i64()))
            .collect();
        let expected = [
            ("duplicate", Some(1)),
            ("rejected", None),
            ("created", None),
            ("duplicate", None),
            ("rejected", None),
            ("created", None),
        ];
        assert_eq!(verdicts, expected, "{kind}");
        assert_eq!(
            (
                &out["dry_run"],
                &out["success"],
                &out["created_count"],
                &out["duplicates"],
                &out["rejected_count"],
                &out["created_ids"]
            ),
            (&json!(true), &json!(false), &json!(2), &json!(2), &json!(2), &json!([]))
        );
        assert_eq!(out["verdicts"][5]["log"]["kind"], "own");
        assert_eq!(out["verdicts"][4].get("log"), None, "what cannot be read is not understood");
    }
    let csv = tried(&key, "text/csv", "", "kind,order\nscan,88213\n").await;
    assert_eq!(
        (&csv["success"], &csv["verdicts"][0]["log"]["kind"], &csv["verdicts"][0]["line"]),
        (&json!(true), &json!("scan"), &json!(2))
    );
    let atomic = tried(&key, forms[0].0, "&atomic=true", "{\"a\":1}\n{}").await;
    assert_eq!(
        (&atomic["created_count"], &atomic["verdicts"][0]["code"]),
        (&json!(0), &json!("not_stored_atomic"))
    );
    let nothing = tried(&key, "application/json", "", "[{}]").await;
    assert_eq!(nothing["rejected_count"], 1);
    assert_eq!(usage(&app).await, before);
    // The same without the flag stores what was promised.
    let stored = key.post_raw("/api/v1/logs/batch", forms[0].0, forms[0].1.clone()).await;
    let stored = stored.expect(StatusCode::MULTI_STATUS).json();
    assert_eq!((&stored["created_count"], stored.get("dry_run")), (&json!(2), None));
    audit(&app.app.db).await;
}

/// LOG-14: trying needs the same right as storing.
#[tokio::test]
async fn trying_needs_the_right_to_store() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    let reader = app.key(&owner, Some(&["logs:read"])).await;
    for path in ["/api/v1/logs?dry_run=true", "/api/v1/logs/batch?dry_run=true"] {
        reader.post(path, &json!([1])).await.expect_problem(403, "insufficient_scope");
    }
}

/// LOG-14, GEN-08: trying leaves its idempotency key free; `dry_run` without a value stores nothing by mistake.
#[tokio::test]
async fn trying_leaves_nothing_behind() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let log = json!({ "kind": "scan" });
    let keyed = key.with("idempotency-key", "een");
    keyed.post("/api/v1/logs?dry_run=true", &log).await.expect_ok();
    keyed.post("/api/v1/logs", &log).await.expect(StatusCode::CREATED);
    for path in ["/api/v1/logs?dry_run", "/api/v1/logs?dry_run="] {
        key.post(path, &log).await.expect_problem(400, "invalid_parameter");
    }
    assert_eq!(usage(&app).await.0, 1);
}
