//! Requests in a short time.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;
use shared::tenancy::Plan;

use super::{LOGS, app, change_plan, fields, left};
use crate::support::{Actor, TestApp};

/// Sends reads until one is refused; returns how many were let in.
async fn exhaust(actor: &Actor, most: usize) -> usize {
    for heard in 0..most {
        let answer = actor.get("/api/v1/logs?limit=1").await;
        if answer.status == 429 {
            answer.expect_problem(429, "rate_limited");
            return heard;
        }
        answer.expect_ok();
    }
    most
}

/// API-06: a key sends its burst at once and then as many as refill; each answer says how many are left, and a refusal
/// when the next may come.
#[tokio::test]
async fn a_key_has_its_burst_and_what_refills() {
    let test = app(Plan::Demo, true).await;
    let (_, _, key) = test.tenant().await;
    for left in (0..30).rev() {
        let answer = key.get("/api/v1/logs?limit=1").await.expect_ok();
        assert_eq!(super::left(&answer.headers, "key"), Some(left));
        assert_eq!(super::left(&answer.headers, "customer"), Some(left));
    }
    let refused = key.get("/api/v1/logs?limit=1").await;
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(
        fields(&refused.headers, "ratelimit"),
        [("key".to_owned(), vec![("r".to_owned(), 0), ("t".to_owned(), 30)])]
    );
    let problem = refused.expect_problem(429, "rate_limited");
    assert_eq!(problem["args"]["seconds"], "1");
    // Recording is limited as well: a rate is no quota.
    key.post(LOGS, &json!({ "a": 1 })).await.expect_problem(429, "rate_limited");
    test.clock.advance(999);
    assert_eq!(exhaust(&key, 5).await, 0);
    test.clock.advance(1);
    assert_eq!(exhaust(&key, 5).await, 1, "one a second in this plan");
    test.clock.advance(10_000);
    assert_eq!(exhaust(&key, 50).await, 10);
    test.clock.advance(3_600_000);
    assert_eq!(exhaust(&key, 50).await, 30, "no more than a burst, however long it was away");
}

/// API-06: the headers are lists of structured fields, as the draft of the IETF writes them, with the month beside.
#[tokio::test]
async fn headers_tell_policy_and_state() {
    let test = app(Plan::Mkb, true).await;
    let (_, owner, key) = test.tenant().await;
    let answer = key.get("/api/v1/keys").await.expect_ok();
    assert_eq!(
        answer.header("ratelimit-policy"),
        "\"key\";q=300;w=30, \"customer\";q=300;w=30, \"month\";q=50000;w=2592000"
    );
    assert_eq!(
        answer.header("ratelimit"),
        format!("\"key\";r=299;t=1, \"customer\";r=299;t=1, \"month\";r=49999;t={}", super::RESET_S)
    );
    assert_eq!(fields(&answer.headers, "ratelimit-policy").len(), 3);
    // Errors tell it too; people and those without a key are told nothing.
    let missing = key.get("/api/v1/logs/77").await;
    assert_eq!(left(&missing.headers, "key"), Some(298));
    for answer in [owner.get("/api/v1/keys").await, test.anon().get("/api/v1/health").await] {
        assert!(
            answer.headers.get("ratelimit").is_none() && answer.headers.get("ratelimit-policy").is_none()
        );
        answer.expect_ok();
    }
    // A protocol of others hears it as well.
    let info = key.get("/es").await;
    assert_eq!(left(&info.headers, "key"), Some(297));
}

/// API-06: the keys of a customer share one limit; another customer has its own, and people have theirs.
#[tokio::test]
async fn one_customer_never_uses_up_what_is_anothers() {
    let test = app(Plan::Particulier, true).await;
    let (_, owner, first) = test.tenant().await;
    let second = test.key(&owner, None).await;
    let (_, _, foreign) = test.tenant().await;
    for at in 0..60 {
        let key = if at % 2 == 0 { &first } else { &second };
        key.get("/api/v1/logs?limit=1").await.expect_ok();
    }
    for key in [&first, &second] {
        let refused = key.get("/api/v1/logs?limit=1").await;
        assert_eq!(left(&refused.headers, "customer"), Some(0), "its own limit would let it in");
        refused.expect_problem(429, "rate_limited");
    }
    assert_eq!(exhaust(&foreign, 100).await, 60);
    // Two of them made the keys.
    assert_eq!(exhaust(&owner, 700).await, 598, "people: a generous limit of their own");
    let refused = owner.get("/api/v1/me").await;
    assert!(refused.headers.contains_key("retry-after"));
    refused.expect_problem(429, "rate_limited");
    test.clock.advance(1_000);
    assert_eq!(exhaust(&owner, 50).await, 20);
}

/// KEY-06: what is not let in costs nothing, and a missing scope is told before the rate.
#[tokio::test]
async fn scope_comes_before_rate() {
    let test = app(Plan::Particulier, true).await;
    let (_, owner, key) = test.tenant().await;
    let writer = test.key(&owner, Some(&["logs:write"])).await;
    for _ in 0..80 {
        writer.get("/api/v1/logs").await.expect_problem(403, "insufficient_scope");
        test.bearer("mvai_live_nonsense").get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    }
    assert_eq!(exhaust(&key, 100).await, 60);
    writer.get("/api/v1/logs").await.expect_problem(403, "insufficient_scope");
    writer
        .with("idempotency-key", "a")
        .post("/api/v1/keys", &json!({ "name": "x" }))
        .await
        .expect_problem(403, "insufficient_scope");
    key.from("198.51.100.1:1").get("/api/v1/logs").await.expect_problem(429, "rate_limited");
}

/// API-06: a change of plan acts on the next request.
#[tokio::test]
async fn a_change_of_plan_acts_at_once() {
    let test = app(Plan::Demo, true).await;
    let (customer, _, key) = test.tenant().await;
    assert_eq!(exhaust(&key, 50).await, 30);
    change_plan(&test, &customer, "starter").await;
    let answer = key.get("/api/v1/logs?limit=1").await.expect_ok();
    assert_eq!(left(&answer.headers, "key"), Some(119));
    change_plan(&test, &customer, "demo").await;
    key.get("/api/v1/logs?limit=1").await.expect_problem(429, "rate_limited");
}

/// API-06: health, the pages and files of the web app, and sign-in have nothing to do with the limits of a customer.
#[tokio::test]
async fn health_and_files_are_never_limited() {
    let test = app(Plan::Demo, true).await;
    let (customer, _, key) = test.tenant().await;
    exhaust(&key, 50).await;
    for path in
        ["/health", "/api/v1/health", "/api/v1/health/live", "/api/v1/permissions", "/api/v1/openapi.json"]
    {
        for _ in 0..70 {
            let answer = key.get(path).await;
            assert!(answer.headers.get("ratelimit").is_none());
            answer.expect_ok();
        }
    }
    for _ in 0..70 {
        assert_ne!(key.get("/app").await.status, 429);
    }
    test.owner(&customer).await.get("/api/v1/me").await.expect_ok();
}

/// API-06, GEN-08: a repeated request is counted like any other, once; what is refused leaves nothing behind.
#[tokio::test]
async fn repeated_requests_are_counted_once() {
    let test = app(Plan::Demo, true).await;
    let (_, _, key) = test.tenant().await;
    for left in [29, 28, 27] {
        let answer = key.with("idempotency-key", "same").post(LOGS, &json!({ "a": 1 })).await;
        assert_eq!(super::left(&answer.headers, "key"), Some(left));
        answer.expect(StatusCode::CREATED);
    }
    exhaust(&key, 50).await;
    let written = test.number("SELECT COUNT(*) AS n FROM idempotency").await;
    for name in ["same", "other"] {
        let refused = key.with("idempotency-key", name).post(LOGS, &json!({ "a": 1 })).await;
        refused.expect_problem(429, "rate_limited");
    }
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM idempotency").await, written);
    test.clock.advance(2_000);
    key.with("idempotency-key", "other").post(LOGS, &json!({ "a": 2 })).await.expect(StatusCode::CREATED);
}

/// API-06: requests that come at the same time are let in exactly as often as the limit says.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_at_once_are_counted_exactly() {
    let test = app(Plan::Particulier, true).await;
    let (_, owner, first) = test.tenant().await;
    let second = test.key(&owner, None).await;
    let tasks = (0..200).map(|at| {
        let key = if at % 2 == 0 { first.clone() } else { second.clone() };
        tokio::spawn(async move { key.get("/api/v1/me").await.status })
    });
    let mut let_in = 0;
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            StatusCode::OK => let_in += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(let_in, 60);
}

/// API-06: test keys have the same limits, and with the limits switched off there are none.
#[tokio::test]
async fn test_keys_are_limited_and_the_switch_works() {
    let test = app(Plan::Demo, true).await;
    let owner = test.owner(&test.customer().await).await;
    let made = owner.post("/api/v1/keys", &json!({ "name": "proef", "mode": "test" })).await;
    let key = test.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    assert_eq!(exhaust(&key, 50).await, 30);
    let test = app(Plan::Demo, false).await;
    let (_, _, key) = test.tenant().await;
    assert_eq!(exhaust(&key, 100).await, 100);
}

/// API-06: who has been away is forgotten, so that memory is bounded by who is here.
#[tokio::test]
async fn who_is_away_is_forgotten() {
    let test: TestApp = app(Plan::Demo, true).await;
    let (_, _, key) = test.tenant().await;
    for _ in 0..20 {
        key.send(Method::GET, "/api/v1/me", None, Body::empty()).await.expect_ok();
    }
    assert_eq!(test.app.usage.rates.remembered(), 3, "a key, its customer, the people");
    test.app.usage.rates.clean_up();
    assert!(test.app.usage.rates.remembered() >= 2, "twenty seconds are not over");
    test.clock.advance(60_000);
    test.app.usage.rates.clean_up();
    assert_eq!(test.app.usage.rates.remembered(), 0);
}
