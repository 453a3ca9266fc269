//! Who still uses a key that is being replaced.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{DAY, act, named};
use crate::support::{Actor, TestApp};

async fn uses(by: &Actor, id: &str) -> Value {
    by.get(&act(id, "/uses")).await.expect_ok().json()
}

async fn stored(test: &TestApp) -> i64 {
    test.number("SELECT COUNT(*) AS n FROM key_use").await
}

/// KEY-10: during the overlap the owner sees address, client, operation and last time of each use of the old key; uses
/// of keys that are not being replaced are not noted.
#[tokio::test]
async fn the_owner_sees_who_still_uses_the_old_key() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let old = named(&test, &owner, "magazijn").await;
    old.actor.get("/api/v1/me").await.expect_ok();
    api::jobs::flush_key_usage(&test.app).await;
    let before = uses(&owner, &old.id).await;
    assert_eq!((&before["status"], &before["uses"]), (&json!("active"), &json!([])));
    let rotated = owner.post(&act(&old.id, "/rotate"), &json!({ "overlap_hours": 24 })).await;
    let rotated = rotated.expect(StatusCode::CREATED).json();
    let new = test.bearer(rotated["api_key"].as_str().unwrap());

    let script = old.actor.with("user-agent", "python-requests/2.32").from("203.0.113.9:1");
    script.get("/api/v1/logs/7").await.expect_problem(404, "log_not_found");
    test.clock.advance(1_000);
    script.get("/api/v1/logs/8").await.expect_problem(404, "log_not_found");
    test.clock.advance(1_000);
    old.actor
        .from("[2001:db8::9]:1")
        .post("/api/v1/logs", &json!({ "message": "een" }))
        .await
        .expect(StatusCode::CREATED);
    new.with("user-agent", "nieuw").get("/api/v1/me").await.expect_ok();
    assert_eq!(stored(&test).await, 0, "a request writes nothing");
    api::jobs::flush_key_usage(&test.app).await;
    let seen = uses(&owner, &old.id).await;
    assert_eq!((&seen["status"], &seen["truncated"]), (&json!("rotating"), &json!(false)));
    assert_eq!(seen["overlap_until"], json!("2026-11-23T12:00:00.000Z"));
    assert_eq!(
        seen["uses"],
        json!([
            { "ip": "2001:db8::9", "client": null, "route": "POST /api/v1/logs", "last_used_at": "2026-11-22T12:00:02.000Z", "times": 1 },
            { "ip": "203.0.113.9", "client": "python-requests/2.32", "route": "GET /api/v1/logs/{id}", "last_used_at": "2026-11-22T12:00:01.000Z", "times": 2 },
        ])
    );
    test.clock.advance(1_000);
    script.get("/api/v1/logs/9").await.expect_problem(404, "log_not_found");
    api::jobs::flush_key_usage(&test.app).await;
    let seen = uses(&owner, &old.id).await;
    assert_eq!(
        (&seen["uses"][0]["times"], &seen["uses"][0]["last_used_at"]),
        (&json!(3), &json!("2026-11-22T12:00:03.000Z"))
    );
    assert_eq!(uses(&owner, rotated["id"].as_str().unwrap()).await["uses"], json!([]));
}

/// KEY-10: addresses are for the owner; another customer finds nothing, and when the overlap ends they are gone.
#[tokio::test]
async fn uses_are_forgotten_with_the_overlap() {
    let test = TestApp::new().await;
    let (customer, other) = (test.customer().await, test.customer().await);
    let owner = test.owner(&customer).await;
    let (ended, revoked, goes_on) =
        (named(&test, &owner, "a").await, named(&test, &owner, "b").await, named(&test, &owner, "c").await);
    for (key, hours) in [(&ended, 1), (&revoked, 720), (&goes_on, 720)] {
        owner
            .post(&act(&key.id, "/rotate"), &json!({ "overlap_hours": hours }))
            .await
            .expect(StatusCode::CREATED);
        key.actor.get("/api/v1/me").await.expect_ok();
    }
    api::jobs::flush_key_usage(&test.app).await;
    assert_eq!(stored(&test).await, 3);
    let viewer = test.person(&customer, shared::access::Role::Viewer).await;
    viewer.get(&act(&ended.id, "/uses")).await.expect_problem(403, "forbidden");
    test.owner(&other).await.get(&act(&ended.id, "/uses")).await.expect_problem(404, "not_found");
    owner.post(&act(&revoked.id, "/revoke"), &json!({})).await.expect_ok();
    assert_eq!(uses(&owner, &revoked.id).await["uses"], json!([]));
    api::domain::keys::service::forget_uses(&test.app).await.unwrap();
    assert_eq!(stored(&test).await, 2);
    test.clock.advance(DAY / 24);
    let owner = test.owner(&customer).await;
    assert_eq!(uses(&owner, &ended.id).await["status"], json!("expired"));
    api::domain::keys::service::forget_uses(&test.app).await.unwrap();
    assert_eq!(stored(&test).await, 1);
    assert_eq!(uses(&owner, &goes_on.id).await["uses"].as_array().unwrap().len(), 1);
    test.clock.advance(30 * DAY);
    api::domain::keys::service::forget_uses(&test.app).await.unwrap();
    assert_eq!(stored(&test).await, 0);
}

/// KEY-10, GEN-10: a hundred ways are shown; that there were more is said.
#[tokio::test]
async fn more_than_are_shown_is_said() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let old = named(&test, &owner, "druk").await;
    owner.post(&act(&old.id, "/rotate"), &json!({ "overlap_hours": 24 })).await.expect(StatusCode::CREATED);
    for number in 0..103 {
        test.clock.advance(1);
        let name = format!("client {number}");
        old.actor.with("user-agent", &name).get("/api/v1/me").await.expect_ok();
    }
    api::jobs::flush_key_usage(&test.app).await;
    let seen = uses(&owner, &old.id).await;
    assert_eq!((seen["uses"].as_array().unwrap().len(), &seen["truncated"]), (100, &json!(true)));
    assert_eq!(
        (&seen["uses"][0]["client"], &seen["uses"][99]["client"]),
        (&json!("client 102"), &json!("client 3"))
    );
    assert_eq!(stored(&test).await, 101, "the table stays small");
}

/// KEY-10: what cannot be written is kept; long names of clients are cut.
#[tokio::test]
async fn uses_survive_a_failed_write() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let old = named(&test, &owner, "a").await;
    owner.post(&act(&old.id, "/rotate"), &json!({ "overlap_hours": 24 })).await.expect(StatusCode::CREATED);
    old.actor.with("user-agent", &"x".repeat(400)).get("/api/v1/me").await.expect_ok();
    test.run_sql("ALTER TABLE key_use RENAME TO away").await;
    api::jobs::flush_key_usage(&test.app).await;
    test.run_sql("ALTER TABLE away RENAME TO key_use").await;
    api::jobs::flush_key_usage(&test.app).await;
    let seen = uses(&owner, &old.id).await;
    assert_eq!((&seen["uses"][0]["client"], &seen["uses"][0]["times"]), (&json!("x".repeat(120)), &json!(1)));
    assert_eq!(super::listed(&owner, &old.id).await["usage_count"], 1);
}
