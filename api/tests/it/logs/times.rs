//! When it happened: the forms of times, their flags, and warnings about what cannot be used.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{NOW_MS, TestApp, record};

/// LOG-07, LOG-01: every form of a time is read in the customer's zone and flagged as it should be.
#[tokio::test]
async fn times_are_read_and_flagged() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (value, timestamp, flags) in [
        ("\"2026-11-22T11:00:00Z\"", "2026-11-22T11:00:00.000Z", json!([])),
        ("\"2026-11-22T13:00:00.5+02:00\"", "2026-11-22T11:00:00.500Z", json!([])),
        ("\"2026-11-22 11:30\"", "2026-11-22T10:30:00.000Z", json!([])),
        ("\"2026-11-22 11:30:15\"", "2026-11-22T10:30:15.000Z", json!([])),
        ("\"2026-11-22\"", "2026-11-21T23:00:00.000Z", json!([])),
        ("1795338000", "2026-11-22T09:00:00.000Z", json!([])),
        ("1795338000250", "2026-11-22T09:00:00.250Z", json!([])),
        ("\"1795338000\"", "2026-11-22T09:00:00.000Z", json!([])),
        ("\"2026-11-21T12:00:00Z\"", "2026-11-21T12:00:00.000Z", json!([])),
        ("\"2026-11-21T11:59:59.999Z\"", "2026-11-21T11:59:59.999Z", json!(["late"])),
        ("\"1999-12-31\"", "1999-12-30T23:00:00.000Z", json!(["late"])),
        ("\"2026-11-22T12:00:00.001Z\"", "2026-11-22T12:00:00.001Z", json!(["clock_skew"])),
        ("\"2026-11-23T12:00:00Z\"", "2026-11-23T12:00:00.000Z", json!(["clock_skew"])),
        ("\"2026-10-25 02:30\"", "2026-10-25T00:30:00.000Z", json!(["late", "ambiguous_time"])),
        ("\"2026-03-29 02:30\"", "2026-03-29T01:30:00.000Z", json!(["late", "ambiguous_time"])),
        ("\"2026-10-25T02:30:00+01:00\"", "2026-10-25T01:30:00.000Z", json!(["late"])),
    ] {
        for name in ["occurred_at", "timestamp", "time"] {
            let id = record(&key, &format!("{{\"{name}\":{value}}}")).await;
            let log = key.get(&format!("/api/v1/logs/{id}")).await.expect_ok().json();
            assert_eq!(
                (log["timestamp"].as_str(), &log["flags"]),
                (Some(timestamp), &flags),
                "{name} {value}"
            );
            assert_eq!(log["received_at"], NOW_MS);
        }
    }
    let late = key.get("/api/v1/logs/search?q=flag:ambiguous_time&count=exact").await.expect_ok().json();
    assert_eq!(late["total"], json!({"value": 6, "capped": false}));
}

/// LOG-07: a time more than a day ahead is refused with 422 by every way in, and nothing is stored.
#[tokio::test]
async fn times_far_in_the_future_are_refused() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let body = r#"{"occurred_at":"2026-11-23T12:00:00.001Z"}"#;
    let problem = key
        .post_raw("/api/v1/logs", "application/json", body)
        .await
        .expect_problem(422, "occurred_at_in_future");
    assert!(problem["detail"].as_str().unwrap().contains("2026-11-23T12:00:00.001Z"));
    for (kind, body) in [
        ("application/json", format!("[{body}]")),
        ("application/x-ndjson", body.to_owned()),
        ("text/csv", "occurred_at\n2026-11-23T12:00:00.001Z\n".to_owned()),
    ] {
        let problem =
            key.post_raw("/api/v1/logs/batch", kind, body).await.expect_problem(422, "all_rejected");
        assert_eq!(problem["verdicts"][0]["code"], "occurred_at_in_future", "{kind}");
    }
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 0);
}

/// LOG-04: members that cannot be used are named in warnings, in the caller's language, and stay in the data.
#[tokio::test]
async fn unusable_members_are_warned_about_and_kept() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let long = "x".repeat(65);
    let raw = format!(
        r#"{{"kind":"{long}","type":"scan","level":"loud","message":["x"],"msg":"goed","time":"half drie","external_id":true}}"#
    );
    let mut details = Vec::new();
    for language in ["nl", "en"] {
        let out = key
            .with("accept-language", language)
            .post_raw("/api/v1/logs", "application/json", raw.clone())
            .await
            .expect(StatusCode::CREATED)
            .json();
        let warnings = out["warnings"].as_array().unwrap().clone();
        let pointers: Vec<&str> =
            warnings.iter().map(|warning| warning["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/kind", "/message", "/level", "/external_id", "/time"]);
        assert!(warnings.iter().all(|warning| warning["code"] == "unusable_value"));
        details.push(warnings[0]["detail"].as_str().unwrap().to_owned());
        let log = key.get(&format!("/api/v1/logs/{}", out["log_id"])).await.expect_ok().json();
        assert_eq!(
            (&log["kind"], &log["level"], &log["message"]),
            (&json!("scan"), &json!("info"), &json!("goed"))
        );
        assert_eq!(
            (&log["data"], &log["external_id"], &log["timestamp"]),
            (&json!(raw), &json!(null), &json!(NOW_MS))
        );
    }
    assert_ne!(details[0], details[1]);
    let batch = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", raw)
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(batch["verdicts"][0]["warnings"].as_array().unwrap().len(), 5);
}

/// LOG-04: the members of the documented names are read in their order of preference.
#[tokio::test]
async fn known_members_are_read_in_order_of_preference() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (raw, kind, message, level, external) in [
        (r#"{"action":"a","event_type":"b","type":"c","kind":"d"}"#, "d", None, "info", None),
        (r#"{"action":"a","event_type":"b","type":"c"}"#, "c", None, "info", None),
        (r#"{"action":"a","event_type":"b"}"#, "b", None, "info", None),
        (
            r#"{"action":"a","txt":"x","msg":"y","severity":"FATAL","event_id":77}"#,
            "a",
            Some("y"),
            "critical",
            Some("77"),
        ),
        (
            r#"{"txt":"Alleen tekst","level":"notice","severity":"error","external_id":"p","event_id":"q"}"#,
            "note",
            Some("Alleen tekst"),
            "notice",
            Some("p"),
        ),
        ("\"zomaar een tekst\"", "note", None, "info", None),
        (r#"{"data":{"kind":"diep"},"kind":null}"#, "note", None, "info", None),
    ] {
        let id = record(&key, raw).await;
        let log = key.get(&format!("/api/v1/logs/{id}")).await.expect_ok().json();
        let seen = (
            log["kind"].as_str().unwrap(),
            log["message"].as_str(),
            log["level"].as_str().unwrap(),
            log["external_id"].as_str(),
        );
        assert_eq!(seen, (kind, message, level, external), "{raw}");
    }
}
