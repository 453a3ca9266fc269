//! Calls of the month.

use api::app::App;
use api::db::Db;
use api::router::router;
use axum::http::StatusCode;
use serde_json::json;
use shared::tenancy::Plan;

use super::{BATCH, LOGS, RESET, RESET_S, USAGE, app, change_plan, left, set_used};
use crate::support::{Actor, TestApp, TestDatabase};

const STORED: &str = "SELECT COALESCE(MAX(value), 0) AS n FROM usage_counter WHERE metric = 'api_calls'";

async fn used(owner: &Actor) -> i64 {
    owner.get(USAGE).await.expect_ok().json()["api_calls"]["used"].as_i64().unwrap()
}

/// API-07: with the calls of the month used up, reading by key stops with the time at which it works again; recording,
/// managing keys and what a shipper asks go on, and so do people and other customers.
#[tokio::test]
async fn reading_stops_and_recording_goes_on() {
    let test = app(Plan::Demo, false).await;
    let (customer, owner, key) = test.tenant().await;
    let (_, _, foreign) = test.tenant().await;
    set_used(&test, &customer, "api_calls", 998).await;
    for left in [1, 0] {
        let answer = key.get("/api/v1/logs").await.expect_ok();
        assert_eq!(super::left(&answer.headers, "month"), Some(left));
    }
    for path in ["/api/v1/logs", "/api/v1/analytics/stats", "/api/v1/export/json", "/api/v1/keys", USAGE] {
        let refused = key.get(path).await;
        assert_eq!(refused.headers["retry-after"], RESET_S.to_string());
        assert_eq!(left(&refused.headers, "month"), Some(0));
        let problem = refused.expect_problem(429, "api_quota_exhausted");
        assert_eq!((&problem["reset_at"], &problem["args"]["limit"]), (&json!(RESET), &json!("1000")));
        assert!(problem["detail"].as_str().unwrap().contains("2026-12-01"), "{problem}");
    }
    let english = key.with("accept-language", "en").get("/api/v1/logs").await;
    let problem = english.expect_problem(429, "api_quota_exhausted");
    assert!(problem["detail"].as_str().unwrap().starts_with("The 1000 API calls of this month"));
    key.post(LOGS, &json!({ "a": 1 })).await.expect(StatusCode::CREATED);
    key.post(BATCH, &json!({ "logs": [{ "a": 2 }, { "a": 3 }] })).await.expect(StatusCode::CREATED);
    key.get("/api/v1/me").await.expect_ok();
    key.get("/es").await.expect_ok();
    owner.get("/api/v1/logs").await.expect_ok();
    foreign.get("/api/v1/logs").await.expect_ok();
    assert_eq!(used(&owner).await, 1_004, "a batch is one call, refusals are none");
}

/// API-06: calls count in memory at once and are written now and then; people, test keys and refusals do not count.
#[tokio::test]
async fn calls_are_counted_without_writing_each() {
    let test = app(Plan::Mkb, false).await;
    let (_, owner, key) = test.tenant().await;
    let weak = test.key(&owner, Some(&["logs:write"])).await;
    let made = owner.post("/api/v1/keys", &json!({ "name": "proef", "mode": "test" })).await;
    let proof = test.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    for _ in 0..3 {
        key.get("/api/v1/logs").await.expect_ok();
        key.get("/api/v1/logs/99").await.expect_problem(404, "log_not_found");
        weak.get("/api/v1/logs").await.expect_problem(403, "insufficient_scope");
        proof.get("/api/v1/logs").await.expect_ok();
        owner.get("/api/v1/logs").await.expect_ok();
    }
    let logs: Vec<_> = (0..50).map(|n| json!({ "n": n })).collect();
    key.post(BATCH, &json!({ "logs": logs })).await.expect(StatusCode::CREATED);
    assert_eq!((used(&owner).await, test.number(STORED).await), (7, 0));
    api::jobs::flush_calls(&test.app).await;
    assert_eq!((used(&owner).await, test.number(STORED).await), (7, 7));
    api::jobs::flush_calls(&test.app).await;
    weak.post(LOGS, &json!({ "a": 1 })).await.expect(StatusCode::CREATED);
    api::jobs::flush_calls(&test.app).await;
    assert_eq!((used(&owner).await, test.number(STORED).await), (8, 8), "nothing is counted twice");
    for _ in 0..3 {
        api::jobs::flush_calls(&test.app).await;
    }
    assert_eq!(used(&owner).await, 8, "who was away for a while is looked up again");
    // Calls and logs are counted apart.
    let usage = owner.get(USAGE).await.expect_ok().json();
    assert_eq!(usage["logs"]["used"], 51);
}

/// API-06: a stop writes what was counted; the next start goes on from there.
#[tokio::test]
async fn counts_survive_a_restart() {
    let test = app(Plan::Demo, false).await;
    let (customer, _, key) = test.tenant().await;
    set_used(&test, &customer, "api_calls", 990).await;
    for _ in 0..7 {
        key.get("/api/v1/logs").await.expect_ok();
    }
    let config = test.app.config.clone();
    test.app.close().await;
    let opened = Db::open(&config.storage, config.durability, false).await.unwrap();
    let again = App::new(config, opened.db, test.clock.clone()).unwrap();
    let key = Actor::new(router(again.clone()), test.peer, key.credential.clone());
    for left in [2, 1, 0] {
        assert_eq!(super::left(&key.get("/api/v1/logs").await.expect_ok().headers, "month"), Some(left));
    }
    key.get("/api/v1/logs").await.expect_problem(429, "api_quota_exhausted");
    again.close().await;
}

/// API-06: a larger plan and a new month act on the next request; the month is that of the customer's zone.
#[tokio::test]
async fn plan_and_month_act_at_once() {
    let test = app(Plan::Demo, false).await;
    let (customer, _, key) = test.tenant().await;
    set_used(&test, &customer, "api_calls", 1_000).await;
    key.get("/api/v1/logs").await.expect_problem(429, "api_quota_exhausted");
    change_plan(&test, &customer, "particulier").await;
    key.get("/api/v1/logs").await.expect_ok();
    change_plan(&test, &customer, "demo").await;
    key.get("/api/v1/logs").await.expect_problem(429, "api_quota_exhausted");
    test.clock.advance(i64::try_from(RESET_S).unwrap() * 1_000 - 1);
    let refused = key.get("/api/v1/logs").await;
    assert_eq!(refused.headers["retry-after"], "1");
    refused.expect_problem(429, "api_quota_exhausted");
    test.clock.advance(1);
    key.get("/api/v1/logs").await.expect_ok();
    let owner = test.owner(&customer).await;
    let usage = owner.get(USAGE).await.expect_ok().json();
    assert_eq!((&usage["period"], &usage["api_calls"]["used"]), (&json!("2026-12"), &json!(1)));
}

/// API-06, GEN-14: calls at the same time are let in exactly as often as there are left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_at_once_are_counted_exactly() {
    let test = app(Plan::Demo, false).await;
    let (customer, owner, key) = test.tenant().await;
    set_used(&test, &customer, "api_calls", 960).await;
    let tasks: Vec<_> = (0..100)
        .map(|at| {
            let (key, app) = (key.clone(), test.app.clone());
            tokio::spawn(async move {
                if at % 10 == 0 {
                    api::jobs::flush_calls(&app).await;
                }
                key.get("/api/v1/logs").await.status
            })
        })
        .collect();
    let mut let_in = 0;
    for task in tasks {
        match task.await.unwrap() {
            StatusCode::OK => let_in += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!((let_in, used(&owner).await), (40, 1_000));
    api::jobs::flush_calls(&test.app).await;
    assert_eq!(test.number(STORED).await, 1_000);
}

/// A second server on the database of the first.
async fn beside(test: &TestApp) -> App {
    let config = test.app.config.clone();
    let opened = Db::open(&config.storage, config.durability, false).await.unwrap();
    App::new(config, opened.db, test.clock.clone()).unwrap()
}

/// API-06: two servers on one PostgreSQL learn of each other's calls when they write, and add up.
#[tokio::test]
async fn servers_on_one_database_add_up() {
    if !TestDatabase::is_postgres() {
        return; // One server alone opens a file.
    }
    let test: TestApp = app(Plan::Demo, false).await;
    let (_, owner, key) = test.tenant().await;
    let other = beside(&test).await;
    let there = Actor::new(router(other.clone()), test.peer, key.credential.clone());
    for _ in 0..4 {
        key.get("/api/v1/logs").await.expect_ok();
        there.get("/api/v1/logs").await.expect_ok();
    }
    assert_eq!(
        (used(&owner).await, test.number(STORED).await),
        (4, 0),
        "far from the end nothing is written"
    );
    api::jobs::flush_calls(&test.app).await;
    api::jobs::flush_calls(&other).await;
    assert_eq!(left(&there.get("/api/v1/logs").await.expect_ok().headers, "month"), Some(991));
    assert_eq!(test.number(STORED).await, 8);
    other.close().await;
    assert_eq!(test.number(STORED).await, 9);
}

/// API-06, C6: two servers on one PostgreSQL let in exactly what is left, however many calls come at once, although
/// neither has written what it counted before.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_on_one_database_do_not_exceed_a_quota() {
    if !TestDatabase::is_postgres() {
        return; // One server alone opens a file.
    }
    let test: TestApp = app(Plan::Demo, false).await;
    let (customer, owner, key) = test.tenant().await;
    set_used(&test, &customer, "api_calls", 930).await;
    let other = beside(&test).await;
    let there = Actor::new(router(other.clone()), test.peer, key.credential.clone());
    // Counted in memory, on both sides.
    for _ in 0..5 {
        key.get("/api/v1/logs").await.expect_ok();
        there.get("/api/v1/logs").await.expect_ok();
    }
    assert_eq!(test.number(STORED).await, 930);
    let tasks: Vec<_> = (0..160)
        .map(|at| {
            let actor = if at % 2 == 0 { key.clone() } else { there.clone() };
            tokio::spawn(async move { actor.get("/api/v1/logs").await.status })
        })
        .collect();
    let mut let_in = 0;
    for task in tasks {
        match task.await.unwrap() {
            StatusCode::OK => let_in += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!((let_in, test.number(STORED).await), (60, 1_000));
    assert_eq!(used(&owner).await, 1_000);
    for actor in [&key, &there] {
        actor.get("/api/v1/logs").await.expect_problem(429, "api_quota_exhausted");
        actor.post(LOGS, &json!({ "a": 1 })).await.expect(StatusCode::CREATED);
    }
    api::jobs::flush_calls(&test.app).await;
    api::jobs::flush_calls(&other).await;
    assert_eq!(test.number(STORED).await, 1_002);
    other.close().await;
}
