//! Lines in quarantine: kept once, corrected, replayed once, discarded, erased, forgotten.

use api::domain::kinds::quarantine::service::forget_expired;
use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::access::Role;

use super::{KINDS, QUARANTINE, change, describe, line, lines, stored};
use crate::support::{Actor, TestApp, encode, find};

const DAY: i64 = 24 * 3_600_000;

fn bad(n: i64) -> Value {
    json!({ "kind": "temperature", "temperature_c": "warm", "n": n })
}

async fn reject(key: &Actor, body: &Value) {
    key.post("/api/v1/logs", body).await.expect_problem(422, "quarantined");
}

fn replay_of(line: &Value) -> String {
    format!("{QUARANTINE}/{}/replay", line["id"].as_str().unwrap())
}

fn at(line: &Value) -> String {
    format!("{QUARANTINE}/{}", line["id"].as_str().unwrap())
}

/// LOG-15: a line is kept with its way in, sender and reasons, byte for byte; the same line again counts up.
#[tokio::test]
async fn lines_are_kept_once() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let raw = "{\"kind\": \"temperature\",  \"temperature_c\": \"4.20\\u0041\"}";
    for _ in 0..3 {
        app.clock.advance(1_000);
        key.post_raw("/api/v1/logs", "application/json", raw).await.expect_problem(422, "quarantined");
    }
    let list = lines(&key.with("accept-language", "nl"), "state=open&kind=temperature").await;
    assert_eq!(list.len(), 1);
    let kept = &list[0];
    assert_eq!(
        (&kept["times"], &kept["way"], &kept["state"], &kept["bytes"]),
        (&json!(3), &json!("api"), &json!("open"), &json!(raw.len()))
    );
    assert_eq!(
        (&kept["received_at"], &kept["last_received_at"]),
        (&json!("2026-11-22T12:00:01.000Z"), &json!("2026-11-22T12:00:03.000Z"))
    );
    assert_eq!(kept["expires_at"], "2026-12-22T12:00:01.000Z");
    assert!(kept["actor"].as_str().unwrap().starts_with("key:"));
    assert_eq!(kept["reasons"][0]["detail"], "Hier staat een tekst; verwacht is een getal.");
    assert!(kept.get("data").is_none());
    assert_eq!(line(&key, &kept["id"]).await["data"], raw);
    let kinds = key.get(KINDS).await.expect_ok().json();
    assert_eq!((&kinds["kinds"][0]["quarantined"], &kinds["quarantine"]["open"]), (&json!(1), &json!(1)));
    assert!(lines(&key, "state=replayed").await.is_empty() && lines(&key, "kind=scan").await.is_empty());
}

/// LOG-15, GEN-07: the list is paged, newest first.
#[tokio::test]
async fn the_list_is_paged() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    for n in 0..5 {
        app.clock.advance(1);
        reject(&key, &bad(n)).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = key.get(&format!("{QUARANTINE}?limit=2&state=open{cursor}")).await.expect_ok().json();
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| line["received_at"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encode(next)),
            None => break,
        }
    }
    let mut sorted = seen.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    assert_eq!((seen.len(), &seen), (5, &sorted));
    key.get(&format!("{QUARANTINE}?limit=2{cursor}")).await.expect_problem(400, "cursor_mismatch");
}

/// LOG-15: a line is corrected and stored through the writer, and says so; repeating it stores nothing more.
#[tokio::test]
async fn a_corrected_line_is_stored_once() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    reject(&key, &bad(1)).await;
    let kept = lines(&key, "").await.remove(0);
    let replay = replay_of(&kept);
    app.clock.advance(DAY);
    key.post(&replay, &json!({})).await.expect_problem(422, "schema_rejected");
    let still = json!({ "data": "{\"kind\":\"temperature\",\"temperature_c\":99}" });
    let problem = key.post(&replay, &still).await.expect_problem(422, "schema_rejected");
    assert_eq!(problem["errors"][0]["code"], "bound");
    key.post(&replay, &json!({ "data": "{" })).await.expect_problem(400, "invalid_json");
    let data = "{\"kind\":\"temperature\", \"temperature_c\": 4.20, \"n\": 1}";
    let corrected = json!({ "data": data });
    let answer = key.post(&replay, &corrected).await.expect(StatusCode::CREATED);
    let out = answer.json();
    assert_eq!(answer.header("location"), format!("/api/v1/logs/{}", out["log_id"]));
    let log = key.get(&format!("/api/v1/logs/{}", out["log_id"])).await.expect_ok().json();
    assert_eq!((&log["data"], &log["source"]), (&json!(data), &json!("api")));
    assert_eq!(log["timestamp"], "2026-11-22T12:00:00.000Z", "it happened when it first came");
    assert_eq!(log["received_at"], "2026-11-23T12:00:00.000Z");
    assert_eq!(find(&key, "flag:quarantine_replayed").await, [1]);
    for _ in 0..2 {
        let again = key.post(&replay, &corrected).await.expect_ok().json();
        assert_eq!((&again["duplicate"], &again["log_id"]), (&json!(true), &out["log_id"]));
    }
    let settled = line(&key, &kept["id"]).await;
    assert_eq!((&settled["state"], &settled["log_id"]), (&json!("replayed"), &out["log_id"]));
    assert!(settled.get("data").is_none() && settled["settled_by"].is_string());
    assert_eq!(stored(&key).await, 1);
}

/// LOG-15, LOG-08: replaying at the same time, or after a stop between storing and noting, stores once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replaying_together_stores_once() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    reject(&key, &bad(1)).await;
    let kept = lines(&key, "").await.remove(0);
    let corrected = json!({ "data": "{\"kind\":\"temperature\",\"temperature_c\":4}" });
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let (key, path, body) = (key.clone(), replay_of(&kept), corrected.clone());
            tokio::spawn(async move { key.post(&path, &body).await.status.as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 201]);
    // As if the server had stopped before it noted what it had stored.
    app.run_sql("UPDATE quarantine SET state = 'open', log_seq = NULL, data = '{\"kind\":\"temperature\"}', reading = '{}'").await;
    let again = key.post(&replay_of(&kept), &corrected).await.expect_ok().json();
    assert_eq!(again["duplicate"], true);
    app.run_sql("UPDATE quarantine SET state = 'open', log_seq = NULL, data = '{\"kind\":\"temperature\"}', reading = '{}'").await;
    let other = json!({ "data": "{\"kind\":\"temperature\",\"temperature_c\":5}" });
    key.post(&replay_of(&kept), &other).await.expect_problem(409, "external_id_conflict");
    assert_eq!(stored(&key).await, 1);
}

/// LOG-15, LOG-08: the sender's identifier stays: what it sends corrected by itself is the same log.
#[tokio::test]
async fn the_senders_identifier_stays() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let mut body = bad(1);
    body["external_id"] = json!("t-1");
    reject(&key, &body).await;
    let kept = lines(&key, "").await.remove(0);
    body["temperature_c"] = json!(4);
    key.post("/api/v1/logs", &body).await.expect(StatusCode::CREATED);
    let corrected = json!({ "data": body.to_string() });
    assert_eq!(key.post(&replay_of(&kept), &corrected).await.expect_ok().json()["duplicate"], true);
    assert_eq!(stored(&key).await, 1);
}

/// LOG-15: after a schema was corrected, all lines of the kind are stored as they are; what still does not fit waits.
#[tokio::test]
async fn all_lines_of_a_kind_are_replayed() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let kind = describe(&owner, "temperature", "reject").await.json();
    let body: Vec<String> =
        (0..12)
            .map(|n| {
                if n < 10 { bad(n).to_string() } else { json!({ "kind": "temperature", "n": n }).to_string() }
            })
            .collect();
    key.post_raw("/api/v1/logs/batch", "application/x-ndjson", body.join("\n"))
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY);
    let path = format!("{QUARANTINE}/replay");
    let ask = json!({ "kind": "temperature" });
    let out = owner.post(&path, &ask).await.expect_ok().json();
    assert_eq!((&out["tried"], &out["stored"], &out["refused"]), (&json!(12), &json!(0), &json!(12)));
    change(&owner, &kind, &json!({ "schema": "{\"required\": [\"temperature_c\"]}" })).await;
    let out = owner.post(&path, &ask).await.expect_ok().json();
    assert_eq!(out, json!({ "tried": 12, "stored": 10, "duplicates": 0, "refused": 2, "remaining": 0 }));
    let out = owner.post(&path, &ask).await.expect_ok().json();
    assert_eq!(out, json!({ "tried": 2, "stored": 0, "duplicates": 0, "refused": 2, "remaining": 0 }));
    assert_eq!(
        (stored(&key).await, find(&key, "flag:quarantine_replayed source:upload").await.len()),
        (10, 10)
    );
    assert_eq!(lines(&key, "state=open").await.len(), 2);
    owner.post(&path, &json!({ "kind": "" })).await.expect_problem(422, "invalid_body");
}

/// LOG-15, ACC-02: owners discard, and the data is gone at once; what was decided stays decided.
#[tokio::test]
async fn owners_discard() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    let (_, stranger, _) = app.tenant().await;
    let (viewer, member) =
        (app.person(&customer, Role::Viewer).await, app.person(&customer, Role::Member).await);
    describe(&owner, "temperature", "reject").await;
    reject(&key, &bad(1)).await;
    reject(&key, &bad(2)).await;
    let all = lines(&viewer, "").await;
    for other in [&viewer, &member, &key] {
        other.delete(&at(&all[0])).await.expect_problem(403, "forbidden");
    }
    viewer.post(&replay_of(&all[0]), &json!({})).await.expect_problem(403, "forbidden");
    stranger.get(&at(&all[0])).await.expect_problem(404, "not_found");
    stranger.delete(&at(&all[0])).await.expect_problem(404, "not_found");
    stranger.post(&replay_of(&all[0]), &json!({})).await.expect_problem(404, "not_found");
    assert!(lines(&stranger, "").await.is_empty());
    for _ in 0..2 {
        owner.delete(&at(&all[0])).await.expect(StatusCode::NO_CONTENT);
    }
    assert_eq!(
        app.number("SELECT COUNT(*) AS n FROM quarantine WHERE data IS NOT NULL OR reading IS NOT NULL")
            .await,
        1
    );
    member.post(&replay_of(&all[0]), &json!({})).await.expect_problem(409, "state_conflict");
    let corrected = json!({ "data": "{\"kind\":\"temperature\",\"temperature_c\":4}" });
    member.post(&replay_of(&all[1]), &corrected).await.expect(StatusCode::CREATED);
    owner.delete(&at(&all[1])).await.expect_problem(409, "state_conflict");
    // The same line once more is a new one: nothing was decided about it.
    reject(&key, &bad(1)).await;
    assert_eq!((lines(&viewer, "").await.len(), lines(&viewer, "state=open").await.len()), (3, 1));
}

/// LOG-15: the test space has lines of its own, and a key of one space does not see the other's.
#[tokio::test]
async fn spaces_are_apart() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let made = owner
        .post("/api/v1/keys", &json!({ "name": "Proef", "mode": "test" }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    let test_key = app.bearer(made["api_key"].as_str().unwrap());
    reject(&key, &bad(1)).await;
    reject(&test_key, &bad(1)).await;
    let (live, test) = (lines(&key, "test=true").await, lines(&test_key, "").await);
    assert_eq!(
        (live.len(), &live[0]["test"], test.len(), &test[0]["test"]),
        (1, &json!(false), 1, &json!(true))
    );
    key.get(&at(&test[0])).await.expect_problem(404, "not_found");
    test_key.get(&at(&live[0])).await.expect_problem(404, "not_found");
    assert_eq!(lines(&owner, "test=true").await[0]["id"], test[0]["id"]);
    let corrected = json!({ "data": "{\"kind\":\"temperature\",\"temperature_c\":4}" });
    owner.post(&replay_of(&test[0]), &corrected).await.expect(StatusCode::CREATED);
    assert_eq!((stored(&key).await, stored(&test_key).await), (0, 1));
}

/// LOG-15: a line goes after 30 days, whatever was decided.
#[tokio::test]
async fn lines_go_after_thirty_days() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    reject(&key, &bad(1)).await;
    reject(&key, &bad(2)).await;
    owner.delete(&at(&lines(&key, "").await[0])).await.expect(StatusCode::NO_CONTENT);
    app.clock.advance(DAY);
    reject(&key, &bad(3)).await;
    app.clock.advance(29 * DAY - 1);
    assert_eq!(forget_expired(&app.app).await.unwrap(), 0);
    app.clock.advance(1);
    assert_eq!(forget_expired(&app.app).await.unwrap(), 2);
    // Sessions are over by now; the key still works.
    assert_eq!(lines(&key, "").await.len(), 1);
}

/// LOG-15: a full quarantine says so to the sender, counts what it could not keep, and loses nothing that it holds.
#[tokio::test]
async fn a_full_quarantine_says_so() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    reject(&key, &bad(1)).await;
    let limit = shared::kinds::QUARANTINE_BYTES;
    app.run_sql(&format!("UPDATE quarantine SET bytes = {limit} WHERE customer_id = {}", customer.id)).await;
    let body = format!("{}\n{}\n{}\n", bad(1), bad(2), bad(3));
    let out = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", body)
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY)
        .json();
    let codes: Vec<&str> =
        out["verdicts"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(
        codes,
        ["quarantined", "quarantine_full", "quarantine_full"],
        "what lies there already is counted"
    );
    let kinds = key.get(KINDS).await.expect_ok().json();
    assert_eq!((&kinds["kinds"][0]["not_kept"], &kinds["quarantine"]["open"]), (&json!(2), &json!(1)));
    assert_eq!(lines(&key, "").await[0]["times"], 2);
    owner.delete(&at(&lines(&key, "").await[0])).await.expect(StatusCode::NO_CONTENT);
    reject(&key, &bad(2)).await;
}

async fn erase(owner: &Actor, q: &str, fields: &[&str]) {
    let seen = owner.get(&format!("/api/v1/logs/erasures/preview?q={}", encode(q))).await.expect_ok().json();
    let body = json!({ "q": q, "up_to": seen["up_to"], "expected_count": seen["count"], "fields": fields });
    owner.post("/api/v1/logs/erasures", &body).await.expect_ok();
}

/// LOG-10, LOG-15: an erasure reaches the lines in quarantine that its search would have found, and no others.
#[tokio::test]
async fn erasures_reach_the_quarantine() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, other_owner, other_key) = app.tenant().await;
    for (owner, key) in [(&owner, &key), (&other_owner, &other_key)] {
        describe(owner, "temperature", "reject").await;
        for driver in ["Jansen", "Bakker"] {
            reject(key, &json!({ "kind": "temperature", "driver": driver })).await;
            let good = json!({ "kind": "temperature", "temperature_c": 1, "driver": driver });
            key.post("/api/v1/logs", &good).await.expect(StatusCode::CREATED);
        }
        reject(key, &json!({ "kind": "temperature", "dock": 3 })).await;
    }
    erase(&owner, "driver:Jansen", &[]).await;
    assert_eq!((lines(&owner, "").await.len(), lines(&other_owner, "").await.len()), (2, 3));
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM quarantine WHERE data LIKE '%Jansen%'").await, 1);
    erase(&owner, "kind:temperature", &["driver"]).await;
    let left = lines(&owner, "").await;
    assert_eq!(left.len(), 1);
    assert!(line(&owner, &left[0]["id"]).await["data"].as_str().unwrap().contains("dock"));
}
