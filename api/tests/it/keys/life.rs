//! Changing, replacing and ending keys.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{DAY, KEYS, act, listed, make, named};
use crate::support::TestApp;

async fn revoke(by: &crate::support::Actor, id: &str) -> crate::support::Answer {
    by.send(Method::POST, &act(id, "/revoke"), None, "".into()).await
}

/// KEY-04: a revoked key is refused on the next request; revoking again changes nothing.
#[tokio::test]
async fn revocation_works_on_the_next_request() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let key = named(&test, &owner, "weg").await;
    key.actor.get("/api/v1/logs").await.expect_ok();
    let out = revoke(&owner, &key.id).await.expect_ok().json();
    assert_eq!(
        (&out["status"], &out["is_active"], &out["revoked_at"]),
        (&json!("revoked"), &json!(false), &json!("2026-11-22T12:00:00.000Z"))
    );
    key.actor.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    test.clock.advance(60_000);
    let again = revoke(&owner, &key.id).await.expect_ok().json();
    assert_eq!(again["revoked_at"], "2026-11-22T12:00:00.000Z");
    assert_eq!(listed(&owner, &key.id).await["status"], "revoked", "the owner still sees it");
    // A key may end itself.
    let suicidal = make(&test, &owner, json!({ "name": "zelf", "scopes": ["keys:manage"] })).await;
    revoke(&suicidal.actor, &suicidal.id).await.expect_ok();
    suicidal.actor.get("/api/v1/me").await.expect_problem(401, "invalid_api_key");
}

/// KEY-02, KEY-04: a key works until its last millisecond.
#[tokio::test]
async fn keys_expire_by_the_clock() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let day = make(&test, &owner, json!({ "name": "dag", "expires_in_days": 1 })).await;
    let longest = make(&test, &owner, json!({ "name": "lang", "expires_in_days": 3650 })).await;
    test.clock.advance(DAY - 1);
    day.actor.get("/api/v1/logs").await.expect_ok();
    test.clock.advance(1);
    day.actor.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    longest.actor.get("/api/v1/logs").await.expect_ok();
    let owner = test.owner(&customer).await;
    let seen = listed(&owner, &day.id).await;
    assert_eq!((&seen["status"], &seen["is_active"]), (&json!("expired"), &json!(false)));
    let problem =
        owner.patch(&act(&day.id, ""), &json!({ "name": "x" })).await.expect_problem(409, "state_conflict");
    assert_eq!(problem["args"]["state"], "expired");
    owner.post(&act(&day.id, "/rotate"), &json!({})).await.expect_problem(409, "state_conflict");
}

/// KEY-04: scopes can only be taken away, with effect on the next request; a new name is a new name.
#[tokio::test]
async fn keys_can_be_narrowed_and_renamed() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let key = named(&test, &owner, "breed").await;
    key.actor.post("/api/v1/logs", &json!({ "x": 1 })).await.expect(StatusCode::CREATED);
    let out = owner
        .patch(&act(&key.id, ""), &json!({ "name": "smal", "scopes": ["logs:read", "keys:read"] }))
        .await
        .expect_ok()
        .json();
    assert_eq!((&out["name"], &out["scopes"]), (&json!("smal"), &json!(["logs:read", "keys:read"])));
    key.actor.post("/api/v1/logs", &json!({ "x": 1 })).await.expect_problem(403, "insufficient_scope");
    for wider in [
        json!(["logs:write"]),
        json!(["logs:read", "keys:read", "export:read"]),
        json!(["logs:read", "keys:manage"]),
    ] {
        owner
            .patch(&act(&key.id, ""), &json!({ "scopes": wider }))
            .await
            .expect_problem(422, "scope_widening");
    }
    let problem =
        owner.patch(&act(&key.id, ""), &json!({ "scopes": [] })).await.expect_problem(422, "invalid_body");
    assert_eq!(problem["errors"][0]["pointer"], "/scopes");
    let out = owner.patch(&act(&key.id, ""), &json!({})).await.expect_ok().json();
    assert_eq!(
        (&out["name"], &out["scopes"]),
        (&json!("smal"), &json!(["logs:read", "keys:read"])),
        "nothing asked, nothing changed"
    );
    for member in ["cidrs", "expires_in_days", "mode", "expires_at", "usage_count"] {
        let problem = owner
            .patch(&act(&key.id, ""), &json!({ member: null }))
            .await
            .expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["code"], "unknown_field", "{member}");
    }
    revoke(&owner, &key.id).await.expect_ok();
    let problem =
        owner.patch(&act(&key.id, ""), &json!({ "name": "x" })).await.expect_problem(409, "state_conflict");
    assert_eq!(problem["args"]["state"], "revoked");
}

/// KEY-05: a replaced key keeps working during its overlap, and the new one is like it.
#[tokio::test]
async fn rotation_keeps_what_the_key_is() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let body = json!({ "name": "poort", "scopes": ["logs:write", "logs:read"], "cidrs": ["203.0.113.0/24"], "expires_in_days": 90 });
    let old = make(&test, &owner, body).await;
    test.clock.advance(30 * 60_000);
    old.actor.get("/api/v1/logs").await.expect_ok();
    let owner = test.owner(&customer).await;
    let new = owner
        .post(&act(&old.id, "/rotate"), &json!({ "overlap_hours": 1 }))
        .await
        .expect(StatusCode::CREATED);
    let out = new.json();
    assert_eq!(new.header("location"), format!("{KEYS}/{}", out["id"].as_str().unwrap()));
    for member in ["name", "mode", "scopes", "cidrs"] {
        assert_eq!(out[member], old.out[member], "{member}");
    }
    assert_eq!((&out["rotated_from"], &out["status"]), (&json!(old.id), &json!("active")));
    assert_eq!(out["expires_at"], "2027-02-20T12:30:00.000Z", "the same length of life");
    let seen = listed(&owner, &old.id).await;
    assert_eq!(
        (&seen["status"], &seen["overlap_until"]),
        (&json!("rotating"), &json!("2026-11-22T13:30:00.000Z"))
    );
    let fresh = test.bearer(out["api_key"].as_str().unwrap());
    for actor in [&fresh, &old.actor] {
        actor.get("/api/v1/logs").await.expect_ok();
    }
    owner.post(&act(&old.id, "/rotate"), &json!({})).await.expect_problem(409, "state_conflict");
    test.clock.advance(3_600_000 - 1);
    old.actor.get("/api/v1/logs").await.expect_ok();
    test.clock.advance(1);
    old.actor.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    fresh.get("/api/v1/logs").await.expect_ok();
}

/// KEY-05: without an overlap the old key ends at once; the body may be left out; other overlaps are refused.
#[tokio::test]
async fn overlaps_are_those_on_offer() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let at_once = named(&test, &owner, "nu").await;
    owner
        .post(&act(&at_once.id, "/rotate"), &json!({ "overlap_hours": 0 }))
        .await
        .expect(StatusCode::CREATED);
    at_once.actor.get("/api/v1/me").await.expect_problem(401, "invalid_api_key");
    let default = named(&test, &owner, "standaard").await;
    owner.send(Method::POST, &act(&default.id, "/rotate"), None, "".into()).await.expect(StatusCode::CREATED);
    assert_eq!(listed(&owner, &default.id).await["overlap_until"], "2026-11-23T12:00:00.000Z");
    let key = named(&test, &owner, "derde").await;
    for hours in [2, 25, 721] {
        let problem = owner
            .post(&act(&key.id, "/rotate"), &json!({ "overlap_hours": hours }))
            .await
            .expect_problem(422, "invalid_body");
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
            (&json!("/overlap_hours"), &json!("one_of"))
        );
    }
    for (hours, until) in [(168, "2026-11-29T12:00:00.000Z"), (720, "2026-12-22T12:00:00.000Z")] {
        let key = named(&test, &owner, &format!("met {hours}")).await;
        owner
            .post(&act(&key.id, "/rotate"), &json!({ "overlap_hours": hours }))
            .await
            .expect(StatusCode::CREATED);
        assert_eq!(listed(&owner, &key.id).await["overlap_until"], until);
    }
}

/// KEY-04: only the owner manages keys; members and viewers see them.
#[tokio::test]
async fn only_owners_manage_keys() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let key = named(&test, &owner, "sleutel").await;
    for role in [shared::access::Role::Member, shared::access::Role::Viewer] {
        let person = test.person(&customer, role).await;
        assert_eq!(person.get(KEYS).await.expect_ok().json()["count"], 1);
        person.post(KEYS, &json!({ "name": "x" })).await.expect_problem(403, "forbidden");
        revoke(&person, &key.id).await.expect_problem(403, "forbidden");
    }
    assert_eq!(test.texts("SELECT created_by AS text FROM api_key").await, ["access_code"]);
    let manager = make(&test, &owner, json!({ "name": "beheer", "scopes": ["keys:manage"] })).await;
    make(&test, &manager.actor, json!({ "name": "kind", "scopes": ["keys:manage"] })).await;
    let authors = test.texts("SELECT created_by AS text FROM api_key WHERE name = 'kind'").await;
    assert_eq!(authors, [format!("key:{}", manager.id)]);
}

/// KEY-09: a test key reads and writes a space of its own, with its own numbers, and is in no figure.
#[tokio::test]
async fn test_keys_have_a_space_of_their_own() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let live = named(&test, &owner, "echt").await.actor;
    let tester = make(&test, &owner, json!({ "name": "proef", "mode": "test" })).await.actor;
    for at in 0..3 {
        live.post("/api/v1/logs", &json!({ "message": "echt", "external_id": format!("e{at}") }))
            .await
            .expect(StatusCode::CREATED);
    }
    let stored = tester
        .post("/api/v1/logs", &json!({ "message": "proef", "external_id": "e1" }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(
        (&stored["log_id"], &stored["duplicate"]),
        (&json!(1), &json!(false)),
        "numbers and external ids of its own"
    );
    let seen = tester.get("/api/v1/logs").await.expect_ok().json();
    assert_eq!(
        (&seen["count"], &seen["logs"][0]["test"], &seen["logs"][0]["message"]),
        (&json!(1), &json!(true), &json!("proef"))
    );
    let seen = live.get("/api/v1/logs").await.expect_ok().json();
    assert_eq!((&seen["count"], &seen["logs"][0]["test"]), (&json!(3), &json!(false)));
    tester.get("/api/v1/logs/2").await.expect_problem(404, "log_not_found");
    assert_eq!(live.get("/api/v1/logs/1").await.expect_ok().json()["message"], "echt");
    assert_eq!(tester.get("/api/v1/search?q=echt").await.expect_ok().json()["count"], 0);
    assert_eq!(live.get("/api/v1/search?q=proef").await.expect_ok().json()["count"], 0);
    let exported = tester.get("/api/v1/export/json").await.expect_ok().json();
    assert_eq!((&exported["log_count"], &exported["logs"][0]["message"]), (&json!(1), &json!("proef")));
    for actor in [&owner, &live] {
        let stats = actor.get("/api/v1/analytics/stats").await.expect_ok().json();
        assert_eq!((&stats["total_logs"], &stats["logs_today"]), (&json!(3), &json!(3)));
    }
    let admin = test.admin().await;
    let out = admin.get(&format!("/api/v1/admin/customers/{}", customer.id)).await.expect_ok().json();
    assert_eq!((&out["total_logs"], &out["logs_this_month"]), (&json!(3), &json!(3)));
    assert_eq!(admin.get("/api/v1/admin/overview").await.expect_ok().json()["total_logs"], 3);
    let rollups = test.number("SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) AS n FROM log_hour").await;
    assert_eq!((rollups, Value::from(test.number("SELECT COUNT(*) AS n FROM log").await)), (3, json!(4)));
}
