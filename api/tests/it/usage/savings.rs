//! What customers save, by their own minutes.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::access::Role;
use shared::tenancy::Plan;

use super::app;

const SAVINGS: &str = "/api/v1/usage/savings";

/// ANA-15, GEN-01, GEN-03: searches and exports by people, times the customer's own minutes, against the price of the
/// plan; nothing is assumed, a next page and systems count for nothing, and a month before counting began has no figure.
#[tokio::test]
async fn hours_follow_from_own_minutes() {
    let test = app(Plan::Mkb, false).await;
    let (customer, owner, key) = test.tenant().await;
    key.post("/api/v1/logs", &json!({ "note": "haven" })).await.expect(StatusCode::CREATED);
    let first = owner.get(SAVINGS).await.expect_ok();
    assert_eq!(first.header("etag"), "\"0\"");
    let empty = first.json();
    assert_eq!(empty["assumptions"], json!({ "minutes_per_search": null, "minutes_per_export": null }));
    assert_eq!((&empty["plan_cents"], &empty["basis"]), (&json!(4_900), &json!("derived")));
    assert_eq!(
        (&empty["months"][0]["hours"], &empty["months"][0]["reason"]),
        (&Value::Null, &json!("no_assumption"))
    );

    for path in ["/api/v1/logs/search?q=haven", "/api/v1/logs?q=note:haven", "/api/v1/logs"] {
        owner.get(path).await.expect_ok();
        key.get(path).await.expect_ok();
    }
    owner.get("/api/v1/logs/export?format=csv").await.expect_ok();
    key.get("/api/v1/logs/export?format=csv").await.expect_ok();
    api::domain::activity::service::flush(&test.app).await;
    let minutes = json!({ "minutes_per_search": 4, "minutes_per_export": 30 });
    let saved = owner.with("if-match", "\"0\"").put(SAVINGS, &minutes).await.expect_ok();
    assert_eq!(saved.header("etag"), "\"1\"");
    let saved = saved.json();
    let month = &saved["months"][0];
    assert_eq!((&month["period"], &month["complete"]), (&json!("2026-11"), &json!(false)));
    assert_eq!((&month["searches"], &month["exports"]), (&json!(2), &json!(1)));
    assert_eq!(month["hours"], json!(38.0 / 60.0));
    assert_eq!(month["cents_per_hour"], Value::Null, "the month is not over");
    let before = &saved["months"][1];
    assert_eq!(
        (&before["period"], &before["searches"], &before["hours"], &before["reason"]),
        (&json!("2026-10"), &Value::Null, &Value::Null, &json!("no_data"))
    );

    // A month later the same month is complete; it has a price if it was counted from its first day.
    test.clock.advance(20 * 24 * 3_600_000);
    let owner = test.owner(&customer).await;
    let later = owner.get(SAVINGS).await.expect_ok().json();
    let november = &later["months"][1];
    assert_eq!((&november["period"], &november["complete"]), (&json!("2026-11"), &json!(true)));
    assert_eq!(
        (&november["counted_from"], &november["cents_per_hour"]),
        (&json!("2026-11-22"), &Value::Null)
    );
    for path in ["/api/v1/logs?q=note:haven", "/api/v1/logs"] {
        owner.get(path).await.expect_ok();
    }
    api::domain::activity::service::flush(&test.app).await;
    test.clock.advance(31 * 24 * 3_600_000);
    let owner = test.owner(&customer).await;
    let later = owner.get(SAVINGS).await.expect_ok().json();
    let december = &later["months"][1];
    assert_eq!((&december["period"], &december["searches"]), (&json!("2026-12"), &json!(1)));
    assert_eq!(december["hours"], json!(4.0 / 60.0));
    assert_eq!(december["cents_per_hour"], json!(73_500), "49 euro over four minutes");
}

/// ANA-15, GEN-09, ACC-02: the owner says what is saved, within bounds, and not over somebody else's change.
#[tokio::test]
async fn owners_say_what_is_saved() {
    let test = app(Plan::Starter, false).await;
    let (customer, owner, _) = test.tenant().await;
    let minutes = json!({ "minutes_per_search": 5 });
    owner.put(SAVINGS, &minutes).await.expect(StatusCode::PRECONDITION_REQUIRED);
    owner.with("if-match", "\"0\"").put(SAVINGS, &minutes).await.expect_ok();
    owner.with("if-match", "\"0\"").put(SAVINGS, &minutes).await.expect(StatusCode::PRECONDITION_FAILED);
    for wrong in
        [json!({ "minutes_per_search": 0 }), json!({ "minutes_per_export": 481 }), json!({ "hours": 1 })]
    {
        owner.with("if-match", "\"1\"").put(SAVINGS, &wrong).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let member = test.person(&customer, Role::Member).await;
    member.with("if-match", "\"1\"").put(SAVINGS, &minutes).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(member.get(SAVINGS).await.expect_ok().json()["assumptions"]["minutes_per_search"], 5);
    let cleared = owner.with("if-match", "\"1\"").put(SAVINGS, &json!({})).await.expect_ok().json();
    assert_eq!(cleared["assumptions"]["minutes_per_search"], Value::Null);
}
