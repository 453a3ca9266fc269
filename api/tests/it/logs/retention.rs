//! How long logs are kept.

use api::domain::logs::erasure::{purge, retention};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, audit_erased, find, record};

const RETENTION: &str = "/api/v1/retention";
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn get(actor: &Actor, path: &str) -> Value {
    actor.get(path).await.expect_ok().json()
}

/// LOG-11: a longer time counts at once, a shorter one after a week with the number of logs that will go, and it can
/// be withdrawn until then; the night that it counts takes what is older, and leaves a record.
#[tokio::test]
async fn a_shorter_retention_waits_a_week() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    for at in ["2024-01-01", "2025-11-01", "2026-10-25", "2026-11-22"] {
        record(&key, &format!(r#"{{"kind":"a","occurred_at":"{at}"}}"#)).await;
    }
    app.index_parts(3).await;
    assert_eq!(get(&key, RETENTION).await, json!({ "days": null, "next": null }));
    let chosen = owner.put(RETENTION, &json!({ "days": 40 })).await.expect_ok().json();
    let next = json!({ "days": 40, "at": "2026-11-29T12:00:00.000Z", "would_erase": 2 });
    assert_eq!(chosen, json!({ "days": null, "next": next }));
    let withdrawn = owner.delete("/api/v1/retention/next").await.expect_ok().json();
    assert_eq!(withdrawn, json!({ "days": null, "next": null }));
    owner.put(RETENTION, &json!({ "days": 40 })).await.expect_ok();
    // Six nights change nothing.
    app.clock.advance(6 * DAY + 16 * HOUR);
    retention::run(&app.app).await.unwrap();
    assert_eq!(find(&key, "kind:a").await.len(), 4);
    // The seventh takes what is older than forty days by then.
    app.clock.advance(DAY);
    retention::run(&app.app).await.unwrap();
    purge::run(&app.app).await.unwrap();
    assert_eq!(find(&key, "kind:a").await, [4, 3]);
    let owner = app.owner(&customer).await;
    assert_eq!(get(&owner, RETENTION).await, json!({ "days": 40, "next": null }));
    let record = get(&owner, "/api/v1/logs/erasures").await["data"][0].clone();
    assert_eq!(
        (&record["cause"], &record["actor"], &record["count"]),
        (&json!("retention"), &json!("retention"), &json!(2))
    );
    // Once a night.
    let before = get(&owner, "/api/v1/logs/erasures").await["data"].as_array().unwrap().len();
    app.clock.advance(HOUR);
    retention::run(&app.app).await.unwrap();
    let owner = app.owner(&customer).await;
    assert_eq!(get(&owner, "/api/v1/logs/erasures").await["data"].as_array().unwrap().len(), before);
    let longer = owner.put(RETENTION, &json!({ "days": 365 })).await.expect_ok().json();
    assert_eq!(longer, json!({ "days": 365, "next": null }));
    assert_eq!(owner.put(RETENTION, &json!({ "days": null })).await.expect_ok().json()["days"], json!(null));
    assert_eq!(audit_erased(&app.app.db).await, 2);
}

/// LOG-11, API-10: thirty days to ten years, or without limit; nothing else.
#[tokio::test]
async fn the_time_has_bounds() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    for days in [29, 0, -1, 3_654] {
        owner.put(RETENTION, &json!({ "days": days })).await.expect_problem(422, "invalid_body");
    }
    for body in [json!({}), json!({ "days": "30" }), json!({ "days": 30.5 })] {
        owner.put(RETENTION, &body).await.expect_problem(422, "invalid_body");
    }
    let first = owner.put(RETENTION, &json!({ "days": 365 })).await.expect_ok().json();
    app.clock.advance(60_000);
    let again = owner.put(RETENTION, &json!({ "days": 365 })).await.expect_ok().json();
    assert_eq!(first, again, "repeating a choice does not put it off");
    for days in [30, 3_653] {
        let out = owner.put(RETENTION, &json!({ "days": days })).await.expect_ok().json();
        assert_eq!(out["next"]["days"], days);
    }
}

/// LOG-07, LOG-11: a log from before the retention is refused with the reason, whatever the way in, instead of being
/// stored for a night; the day before the border is taken.
#[tokio::test]
async fn logs_from_before_the_retention_are_refused() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    app.run_sql(&format!("UPDATE customer SET retention_days = 30 WHERE id = {}", customer.id)).await;
    let old = r#"{"occurred_at":"2026-10-23T11:59:59Z"}"#;
    let young = r#"{"occurred_at":"2026-10-23T12:00:01Z"}"#;
    let problem = key.post_raw("/api/v1/logs", "application/json", old).await;
    let problem = problem.expect_problem(422, "occurred_before_retention");
    assert!(problem["detail"].as_str().unwrap().contains("30"), "{problem}");
    record(&key, young).await;
    let batch = key.post_raw("/api/v1/logs/batch", "application/x-ndjson", format!("{old}\n{young}")).await;
    let batch = batch.expect(StatusCode::MULTI_STATUS).json();
    assert_eq!(batch["errors"][0]["code"], "occurred_before_retention");
    assert_eq!(batch["created_count"], 1);
}

/// KEY-09: logs of the test space go thirty days after they were received, however old what they tell is.
#[tokio::test]
async fn the_test_space_is_kept_for_thirty_days() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    let made = owner.post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"})).await;
    let test = app.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    record(&test, r#"{"kind":"a","occurred_at":"2020-01-01"}"#).await;
    app.clock.advance(20 * DAY + 16 * HOUR);
    record(&test, r#"{"kind":"a","occurred_at":"2020-01-01"}"#).await;
    retention::run(&app.app).await.unwrap();
    assert_eq!(find(&test, "kind:a").await, [2, 1]);
    app.clock.advance(10 * DAY);
    retention::run(&app.app).await.unwrap();
    assert_eq!(find(&test, "kind:a").await, [2]);
}
