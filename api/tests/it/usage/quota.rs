//! Logs of the month.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::tenancy::Plan;

use super::{BATCH, LOGS, RESET, RESET_S, USAGE, app, change_plan, fill};
use crate::support::{Answer, audit};

#[track_caller]
fn stopped(answer: Answer) -> Value {
    assert_eq!(answer.headers["retry-after"], RESET_S.to_string());
    let problem = answer.expect_problem(402, "log_quota_exhausted");
    assert_eq!((&problem["reset_at"], &problem["args"]["limit"]), (&json!(RESET), &json!("100")));
    problem
}

/// BIL-04, GEN-10: demo stops at its hundredth log, says so and until when; what is known stays known, reading goes on,
/// the test space and other customers are not concerned.
#[tokio::test]
async fn demo_stops_at_its_quota() {
    let test = app(Plan::Demo, false).await;
    let (customer, owner, key) = test.tenant().await;
    let (_, _, foreign) = test.tenant().await;
    fill(&key, 98).await;
    key.post(LOGS, &json!({ "external_id": "e", "n": 99 })).await.expect(StatusCode::CREATED);
    owner.post(LOGS, &json!({ "n": 100 })).await.expect(StatusCode::CREATED);
    for actor in [&key, &owner] {
        let problem = stopped(actor.post(LOGS, &json!({ "n": 101 })).await);
        assert!(problem["detail"].as_str().unwrap().contains("2026-12-01"), "{problem}");
        stopped(actor.post("/api/v1/log", &json!({ "n": 101 })).await);
        stopped(actor.post("/api/v1/logs?dry_run=true", &json!({ "n": 101 })).await);
    }
    let known = key.post(LOGS, &json!({ "external_id": "e", "n": 99 })).await.expect_ok().json();
    assert_eq!((&known["log_id"], &known["duplicate"]), (&json!(99), &json!(true)));
    let usage = owner.get(USAGE).await.expect_ok().json();
    assert_eq!(
        usage["logs"],
        json!({ "used": 100, "limit": 100, "remaining": 0, "overage": 0, "at_limit": "stops" })
    );
    owner.get("/api/v1/export/json").await.expect_ok();
    foreign.post(LOGS, &json!({ "a": 1 })).await.expect(StatusCode::CREATED);
    let made = owner.post("/api/v1/keys", &json!({ "name": "proef", "mode": "test" })).await;
    // The only key of the plan is in use; its place is given free.
    made.expect_problem(409, "key_limit_reached");
    let keys = owner.get("/api/v1/keys").await.expect_ok().json();
    let path = format!("/api/v1/keys/{}/revoke", keys["keys"][0]["id"].as_str().unwrap());
    owner.post(&path, &json!({})).await.expect_ok();
    let made = owner.post("/api/v1/keys", &json!({ "name": "proef", "mode": "test" })).await;
    let proof = test.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    fill(&proof, 120).await;
    change_plan(&test, &customer, "particulier").await;
    owner.post(LOGS, &json!({ "n": 101 })).await.expect(StatusCode::CREATED);
    change_plan(&test, &customer, "demo").await;
    stopped(owner.post(LOGS, &json!({ "n": 102 })).await);
    assert_eq!(audit(&test.app.db).await, 222);
}

/// BIL-04, GEN-02: the next month of the customer's zone begins with a full quota.
#[tokio::test]
async fn a_new_month_begins_anew() {
    let test = app(Plan::Demo, false).await;
    let (customer, _, key) = test.tenant().await;
    fill(&key, 100).await;
    stopped(key.post(LOGS, &json!({ "n": 1 })).await);
    test.clock.advance(i64::try_from(RESET_S).unwrap() * 1_000 - 1);
    key.post(LOGS, &json!({ "n": 1 })).await.expect_problem(402, "log_quota_exhausted");
    test.clock.advance(1);
    fill(&key, 100).await;
    key.post(LOGS, &json!({ "n": 1 })).await.expect_problem(402, "log_quota_exhausted");
    let owner = test.owner(&customer).await;
    let usage = owner.get(USAGE).await.expect_ok().json();
    assert_eq!((&usage["period"], &usage["logs"]["used"]), (&json!("2026-12"), &json!(100)));
    audit(&test.app.db).await;
}

/// BIL-04, LOG-06: a batch and a file have a verdict for each line: what fits is stored, the rest is named; all or
/// nothing stores nothing; a dry run says the same.
#[tokio::test]
async fn each_line_hears_its_verdict() {
    let test = app(Plan::Demo, false).await;
    let (_, owner, key) = test.tenant().await;
    fill(&key, 96).await;
    let lines = json!({ "logs": [{ "external_id": "a" }, "", { "external_id": "a" }, { "n": 3 }] });
    let dry = key.post(&format!("{BATCH}?dry_run=true"), &lines).await.expect_ok().json();
    let wet = key.post(BATCH, &lines).await.expect(StatusCode::MULTI_STATUS).json();
    for out in [&dry, &wet] {
        assert_eq!(
            (&out["created_count"], &out["duplicates"], &out["rejected_count"]),
            (&json!(2), &json!(1), &json!(1))
        );
    }
    // 98 of 100: two of four fit.
    let ndjson = "{\"n\":1}\n{\"external_id\":\"x\",\"n\":2}\n{\"external_id\":\"y\"}\n{\"external_id\":\"a\"}\n{\"external_id\":\"y\"}\n";
    for (path, status) in [("?atomic=true", 207), ("?dry_run=true", 200), ("", 207)] {
        let answer = key.post_raw(&format!("{BATCH}{path}"), "application/x-ndjson", ndjson).await;
        let out = answer.expect(StatusCode::from_u16(status).unwrap()).json();
        let verdicts: Vec<_> = out["verdicts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|verdict| verdict["code"].as_str().or_else(|| verdict["status"].as_str()).unwrap())
            .collect();
        let (fits, full) =
            (if path == "?atomic=true" { "not_stored_atomic" } else { "created" }, "log_quota_exhausted");
        assert_eq!(verdicts, [fits, fits, full, "duplicate", full], "{path}");
        assert_eq!(out["errors"].as_array().unwrap().last().unwrap()["line"], 5);
    }
    // Nothing fits any more, in any form.
    let whole = key.post(&format!("{BATCH}?atomic=true"), &json!([{ "n": 1 }, { "n": 2 }])).await;
    assert_eq!(stopped(whole)["verdicts"][0]["code"], "log_quota_exhausted");
    let problem = stopped(key.post_raw(BATCH, "text/csv", "kind,n\nscan,1\nscan,2\n").await);
    assert_eq!((&problem["rejected_count"], &problem["created_count"]), (&json!(2), &json!(0)));
    assert_eq!(problem["verdicts"][1]["code"], "log_quota_exhausted");
    assert!(problem["verdicts"][1]["detail"].as_str().unwrap().contains("100"));
    stopped(owner.post(BATCH, &json!([{ "n": 1 }])).await);
    let known = key.post(BATCH, &json!([{ "external_id": "a" }])).await;
    known.expect(StatusCode::CREATED);
    assert_eq!(audit(&test.app.db).await, 100);
}

/// BIL-04: other plans go on, and what is above is counted.
#[tokio::test]
async fn other_plans_go_on() {
    let test = app(Plan::Particulier, false).await;
    let (_, owner, key) = test.tenant().await;
    fill(&key, 500).await;
    key.post(LOGS, &json!({ "n": 501 })).await.expect(StatusCode::CREATED);
    fill(&key, 9).await;
    let usage = owner.get(USAGE).await.expect_ok().json();
    assert_eq!(
        usage["logs"],
        json!({ "used": 510, "limit": 500, "remaining": 0, "overage": 10, "at_limit": "continues" })
    );
}

/// BIL-04, GEN-14: writers at the same time store exactly what is left, and others are not kept waiting or stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_at_once_never_overshoot() {
    let test = app(Plan::Demo, false).await;
    let (_, owner, key) = test.tenant().await;
    let (_, _, foreign) = test.tenant().await;
    fill(&key, 83).await;
    let tasks: Vec<_> = (0..100)
        .map(|at| {
            let actor = if at % 5 == 4 { foreign.clone() } else { key.clone() };
            tokio::spawn(async move {
                let answer = if at % 2 == 0 {
                    actor.post(LOGS, &json!({ "n": at })).await
                } else {
                    actor.post(BATCH, &json!([{ "n": at }, { "m": at }])).await
                };
                (at % 5 == 4, answer)
            })
        })
        .collect();
    let (mut own, mut others, mut refused) = (0, 0, 0);
    for task in tasks {
        let (foreign, answer) = task.await.unwrap();
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        let created = body["created_count"].as_i64().unwrap_or(i64::from(body["log_id"].is_i64()));
        if foreign {
            assert_eq!(answer.status, StatusCode::CREATED);
            others += created;
        } else {
            own += created;
            refused += i64::from(answer.status == StatusCode::PAYMENT_REQUIRED);
        }
    }
    assert_eq!((own, others), (17, 30));
    assert!(refused > 50, "{refused}");
    assert_eq!(owner.get(USAGE).await.expect_ok().json()["logs"]["used"], 100);
    assert_eq!(audit(&test.app.db).await, 130);
}

/// BIL-04, GEN-14: two servers on one PostgreSQL do not overshoot either: the book of the customer is locked before the
/// month is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_at_once_never_overshoot() {
    use crate::support::{Actor, TestDatabase};
    if !TestDatabase::is_postgres() {
        return; // One server alone opens a file.
    }
    let test = app(Plan::Demo, false).await;
    let (_, _, key) = test.tenant().await;
    let config = test.app.config.clone();
    let opened = api::db::Db::open(&config.storage, config.durability, false).await.unwrap();
    let other = api::app::App::new(config, opened.db, test.clock.clone()).unwrap();
    let there = Actor::new(api::router::router(other.clone()), test.peer, key.credential.clone());
    fill(&key, 50).await;
    let tasks: Vec<_> = (0..120)
        .map(|at| {
            let actor = if at % 2 == 0 { key.clone() } else { there.clone() };
            tokio::spawn(async move { actor.post(LOGS, &json!({ "n": at })).await.status })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        match task.await.unwrap() {
            StatusCode::CREATED => created += 1,
            status => assert_eq!(status, StatusCode::PAYMENT_REQUIRED),
        }
    }
    assert_eq!((created, audit(&test.app.db).await), (50, 100));
    other.close().await;
}
