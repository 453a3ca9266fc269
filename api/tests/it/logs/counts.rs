//! Numbers and counts under mixed and simultaneous writing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use crate::support::{Actor, Dice, TestApp, audit};

const BATCH: &str = "/api/v1/logs/batch";

fn any_log(dice: &mut Dice) -> String {
    let kind = dice.pick(&["scan", "container_arrived", "temp", "é", "laad bon", "Scan"]);
    let level = dice.pick(&["info", "warning", "error", "WARN", "debug", "onzin"]);
    let at = shared::time::Millis(1_795_348_800_000 - dice.within(0, 40 * 86_400_000)).to_rfc3339();
    let filling = "x".repeat(dice.below(200));
    match dice.below(6) {
        0 => format!(
            "{{\"kind\":\"{kind}\",\"level\":\"{level}\",\"occurred_at\":\"{at}\",\"f\":\"{filling}\"}}"
        ),
        1 => format!("{{\"external_id\":\"id-{}\",\"v\":{}}}", dice.below(60), dice.below(3)),
        2 => "{}".to_owned(),
        3 => "{\"occurred_at\":\"2027-06-01T00:00:00Z\"}".to_owned(),
        4 => format!("{{\"kind\":\"{kind}\",\"occurred_at\":\"1969-07-20 21:17\"}}"),
        _ => format!("{{\"message\":\"{filling} {kind}\"}}"),
    }
}

/// Sends logs by a random way in; an answer of the server's own failing ends the test. Returns the numbers given out.
async fn any_write(actor: &Actor, dice: &mut Dice) -> Vec<i64> {
    let count = 1 + dice.below(25);
    let logs: Vec<String> = (0..count).map(|_| any_log(dice)).collect();
    let atomic = if dice.below(4) == 0 { "?atomic=true" } else { "" };
    let answer = match dice.below(4) {
        0 => actor.post_raw("/api/v1/logs", "application/json", logs[0].clone()).await,
        1 => {
            actor
                .post_raw(&format!("{BATCH}{atomic}"), "application/json", format!("[{}]", logs.join(",")))
                .await
        }
        2 => actor.post_raw(&format!("{BATCH}{atomic}"), "application/x-ndjson", logs.join("\n")).await,
        _ => {
            actor
                .post_raw(
                    &format!("{BATCH}{atomic}"),
                    "text/csv",
                    format!(
                        "kind,external_id,n\n{}",
                        format!("scan,,1\nlos,csv-{},2\n", dice.below(30)).repeat(count)
                    ),
                )
                .await
        }
    };
    let status = answer.status.as_u16();
    assert!(
        [200, 201, 207, 400, 409, 422].contains(&status),
        "{status} {}",
        String::from_utf8_lossy(&answer.body)
    );
    let out: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    match (status, out["log_id"].as_i64()) {
        (201, Some(id)) => vec![id],
        (201 | 207, None) => {
            out["created_ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
        }
        _ => vec![],
    }
}

/// GEN-06, GEN-12, LOG-06, GEN-13: after random writes by all ways in, every count says exactly what the logs say.
#[tokio::test]
async fn counts_equal_the_logs_after_random_writes() {
    for seed in 0..2 {
        let app = TestApp::new().await;
        let mut dice = Dice::new(seed);
        let mut actors = Vec::new();
        for zone in ["Europe/Amsterdam", "Asia/Kolkata"] {
            let (_, owner, key) = app.tenant().await;
            owner.patch("/api/v1/me", &json!({"time_zone": zone})).await.expect_ok();
            let made = owner
                .post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"}))
                .await
                .expect(axum::http::StatusCode::CREATED)
                .json();
            // Sessions would end while the clock moves.
            actors.extend([key, app.bearer(made["api_key"].as_str().unwrap())]);
        }
        for _ in 0..60 {
            let actor = dice.pick(&actors).clone();
            any_write(&actor, &mut dice).await;
            // Some of it next month.
            app.clock.advance(dice.within(0, 12 * 3_600_000));
        }
        assert!(audit(&app.app.db).await > 100);
        for actor in &actors[..1] {
            let stats = actor.get("/api/v1/analytics/stats").await.expect_ok().json();
            let counted = actor.get("/api/v1/logs?count=exact").await.expect_ok().json();
            assert_eq!(stats["total_logs"], counted["total"]["value"]);
        }
    }
}

/// GEN-14, GEN-06: 64 writers at once get different numbers without gaps, none of them an error of the server's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_writers_get_numbers_without_gaps_or_doubles() {
    let app = Arc::new(TestApp::new().await);
    let mut keys = Vec::new();
    for _ in 0..4 {
        let (customer, _, key) = app.tenant().await;
        keys.push((customer.id, key));
    }
    let tasks: Vec<_> = (0..64_u64)
        .map(|task| {
            let (customer, key) = keys[usize::try_from(task).unwrap() % 4].clone();
            tokio::spawn(async move {
                let mut dice = Dice::new(1_000 + task);
                let mut numbers = Vec::new();
                for _ in 0..8 {
                    numbers.extend(any_write(&key, &mut dice).await);
                    if dice.below(3) == 0 {
                        key.get("/api/v1/logs?limit=20&q=scan").await.expect_ok();
                    }
                }
                (customer, numbers)
            })
        })
        .collect();
    let mut given: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for task in tasks {
        let (customer, numbers) = task.await.unwrap();
        given.entry(customer).or_default().extend(numbers);
    }
    let mut all = 0;
    for (customer, numbers) in given {
        let count = i64::try_from(numbers.len()).unwrap();
        let distinct: BTreeSet<i64> = numbers.into_iter().collect();
        assert_eq!(distinct, (1..=count).collect(), "customer {customer}");
        all += distinct.len();
    }
    assert_eq!(audit(&app.app.db).await, all);
}

/// LOG-08, GEN-14: of many simultaneous senders of the same event exactly one stores it, whatever the way in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_duplicates_are_stored_once() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let tasks: Vec<_> = (0..48)
        .map(|task| {
            let key = key.clone();
            tokio::spawn(async move {
                let mut made = 0;
                for event in 0..6 {
                    let body = format!("{{\"external_id\":\"evt-{event}\"}}");
                    let out = match task % 3 {
                        0 => key.post_raw("/api/v1/logs", "application/json", body).await,
                        1 => key.post_raw(BATCH, "application/json", format!("[{body},{body}]")).await,
                        _ => key.post_raw(BATCH, "application/x-ndjson", format!("{body}\n{body}")).await,
                    };
                    assert!(out.status.is_success(), "{}", out.status);
                    let out: serde_json::Value = serde_json::from_slice(&out.body).unwrap();
                    made +=
                        out["created_count"].as_i64().unwrap_or(i64::from(out["duplicate"] == json!(false)));
                }
                made
            })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += task.await.unwrap();
    }
    assert_eq!(made, 6);
    assert_eq!(audit(&app.app.db).await, 6);
}

/// GEN-14: a customer's large uploads and another's single logs all get through together.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn uploads_and_single_logs_get_through_together() {
    let app = TestApp::new().await;
    let (_, _, loud) = app.tenant().await;
    let (_, _, quiet) = app.tenant().await;
    let uploads: Vec<_> = (0..4)
        .map(|_| {
            let loud = loud.clone();
            tokio::spawn(async move {
                crate::support::upload(&loud, &vec![r#"{"kind":"scan"}"#.to_owned(); 1_500]).await.len()
            })
        })
        .collect();
    for n in 1..=40 {
        assert_eq!(crate::support::record(&quiet, "1").await, n);
    }
    for upload in uploads {
        assert_eq!(upload.await.unwrap(), 1_500);
    }
    assert_eq!(audit(&app.app.db).await, 6_040);
}
