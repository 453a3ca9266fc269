//! Corrections: a new log that names the one it corrects; nothing that is stored changes.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{TestApp, record};

async fn log(actor: &crate::support::Actor, id: i64) -> serde_json::Value {
    actor.get(&format!("/api/v1/logs/{id}")).await.expect_ok().json()
}

/// LOG-10: a correction is a new log, linked on both; the corrected one stays byte for byte.
#[tokio::test]
async fn a_correction_is_linked_on_both() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let first = record(&key, r#"{"kind":"temp","celsius": 42.0}"#).await;
    let second = record(&key, &format!(r#"{{"kind":"temp","celsius": 4.20,"corrects_id":{first}}}"#)).await;
    let body = format!(r#"[{{"celsius":4.3,"corrects_id":"{first}"}},{{"n":1}}]"#);
    let batch = key.post_raw("/api/v1/logs/batch", "application/json", body).await;
    let third = batch.expect(StatusCode::CREATED).json()["created_ids"][0].as_i64().unwrap();
    let before = log(&key, first).await;
    assert_eq!(before["corrected_by"], json!([second, third]));
    assert_eq!(
        (&before["corrects_id"], &before["data"]),
        (&json!(null), &json!(r#"{"kind":"temp","celsius": 42.0}"#))
    );
    for id in [second, third] {
        let after = log(&key, id).await;
        assert_eq!(after["corrects_id"], first);
        assert!(after.get("corrected_by").is_none());
    }
}

/// LOG-10, LOG-08: a correction repeats the data of what it corrects, its external id as well: that stays with the first;
/// the id of any other log is a conflict as ever.
#[tokio::test]
async fn a_correction_may_repeat_the_identifier() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    record(&key, r#"{"event_id":"e-1","celsius":42}"#).await;
    record(&key, r#"{"event_id":"e-2","celsius":5}"#).await;
    assert_eq!(record(&key, r#"{"event_id":"e-1","celsius":4.2,"corrects_id":1}"#).await, 3);
    let after = log(&key, 3).await;
    assert_eq!((&after["corrects_id"], &after["external_id"]), (&json!(1), &json!(null)));
    assert_eq!(log(&key, 1).await["external_id"], "e-1");
    let other = json!({ "event_id": "e-2", "celsius": 6, "corrects_id": 1 });
    key.post("/api/v1/logs", &other).await.expect_problem(409, "external_id_conflict");
    assert_eq!(record_again(&key).await, 1, "the first is still known by its id");
}

async fn record_again(key: &crate::support::Actor) -> serde_json::Value {
    let again = key.post_raw("/api/v1/logs", "application/json", r#"{"event_id":"e-1","celsius":42}"#).await;
    again.expect_ok().json()["log_id"].clone()
}

/// LOG-10, LOG-04: a number that belongs to no log leaves a warning and no reference, whatever the way in; another
/// customer's number is no different.
#[tokio::test]
async fn what_cannot_be_corrected_is_named() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    for _ in 0..3 {
        record(&other, "1").await;
    }
    for (value, code) in [
        ("2", "log_not_found"),
        ("99999999999", "log_not_found"),
        ("0", "unusable_value"),
        ("-1", "unusable_value"),
        ("1.5", "unusable_value"),
        ("\"x\"", "unusable_value"),
        ("true", "unusable_value"),
        ("[1]", "unusable_value"),
    ] {
        let (_, _, key) = app.tenant().await;
        let body = format!(r#"{{"corrects_id":{value}}}"#);
        let one = key.post_raw("/api/v1/logs", "application/json", body.clone()).await;
        let one = one.expect(StatusCode::CREATED).json();
        let many = key.post_raw("/api/v1/logs/batch", "application/x-ndjson", body).await;
        let many = many.expect(StatusCode::CREATED).json();
        let fits = value == "2" && one["log_id"] == 1;
        for warning in [&one["warnings"][0], &many["verdicts"][0]["warnings"][0]] {
            assert_eq!(warning["code"], code, "{value} {fits}");
            assert_eq!(warning["pointer"], "/corrects_id");
        }
        assert_eq!(log(&key, 1).await["corrects_id"], json!(null));
    }
    let (_, owner, gone) = app.tenant().await;
    record(&gone, "1").await;
    let body = json!({ "q": "", "up_to": 1, "expected_count": 1 });
    owner.post("/api/v1/logs/erasures", &body).await.expect_ok();
    let out =
        gone.post("/api/v1/logs", &json!({ "corrects_id": 1 })).await.expect(StatusCode::CREATED).json();
    assert_eq!(out["warnings"][0]["code"], "log_not_found", "an erased log cannot be corrected");
    assert_eq!(record(&key, r#"{"corrects_id":null}"#).await, 1, "the positive control");
}
