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
    assert_eq!(get(&key, RETENTION).await, json!({ "days": null, "next": null, "keep_totals": false }));
    let chosen = owner.put(RETENTION, &json!({ "days": 40 })).await.expect_ok().json();
    let next = json!({ "days": 40, "at": "2026-11-29T12:00:00.000Z", "would_erase": 2 });
    assert_eq!(chosen, json!({ "days": null, "next": next, "keep_totals": false }));
    let withdrawn = owner.delete("/api/v1/retention/next").await.expect_ok().json();
    assert_eq!(withdrawn, json!({ "days": null, "next": null, "keep_totals": false }));
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
    assert_eq!(get(&owner, RETENTION).await, json!({ "days": 40, "next": null, "keep_totals": false }));
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
    assert_eq!(longer, json!({ "days": 365, "next": null, "keep_totals": false }));
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

fn of<'a>(retention: &'a Value, kind: &str) -> &'a Value {
    retention["kinds"].as_array().unwrap().iter().find(|own| own["kind"] == kind).unwrap()
}

/// LOG-15, LOG-11: a kind is kept shorter or longer than all others; a shorter time waits a week with the number of its logs, and can
/// be withdrawn; the night takes what is older of each kind, by its exact name.
#[tokio::test]
async fn kinds_have_times_of_their_own() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    for at in ["2024-01-01", "2026-09-01", "2026-10-10", "2026-11-21"] {
        for kind in ["scan", "Scan", "temp", "rit"] {
            record(&key, &format!(r#"{{"kind":"{kind}","occurred_at":"{at}"}}"#)).await;
        }
    }
    app.index_parts(16).await;
    let put = async |body: Value| owner.put(RETENTION, &body).await.expect_ok().json();
    let chosen = put(json!({ "kind": "scan", "days": 30 })).await;
    assert_eq!(chosen["days"], Value::Null);
    let next = json!({ "days": 30, "at": "2026-11-29T12:00:00.000Z", "would_erase": 3 });
    assert_eq!(*of(&chosen, "scan"), json!({ "kind": "scan", "days": null, "next": next }));
    app.clock.advance(60_000);
    assert_eq!(put(json!({ "kind": "scan", "days": 30 })).await, chosen, "repeating does not put it off");
    let withdrawn = owner.delete("/api/v1/retention/next?kind=scan").await.expect_ok().json();
    assert_eq!(withdrawn, json!({ "days": null, "next": null, "keep_totals": false }));
    put(json!({ "kind": "scan", "days": 30 })).await;
    put(json!({ "days": 60 })).await;
    // Shorter than without limit, as long as all logs are kept without one.
    let temp = put(json!({ "kind": "temp", "days": 700 })).await;
    assert_eq!(of(&temp, "temp")["next"]["would_erase"], 1);
    assert_eq!(temp["next"]["would_erase"], 8, "the logs of four kinds");
    // Six nights change nothing.
    app.clock.advance(6 * DAY + 16 * HOUR);
    retention::run(&app.app).await.unwrap();
    assert_eq!(find(&key, "*").await.len(), 16);
    app.clock.advance(DAY);
    retention::run(&app.app).await.unwrap();
    purge::run(&app.app).await.unwrap();
    assert_eq!(find(&key, "kind:=temp").await, [15, 11, 7], "kept longer than all others");
    assert_eq!(find(&key, "kind:=rit").await, [16, 12]);
    let own: Vec<i64> = find(&key, "kind:=scan").await;
    assert_eq!(own, [14, 13, 10], "of scan the newest alone, of Scan as of all others");
    let owner = app.owner(&customer).await;
    let now = get(&owner, RETENTION).await;
    assert_eq!(
        (&now["days"], of(&now, "temp")),
        (&json!(60), &json!({ "kind": "temp", "days": 700, "next": null }))
    );
    let records = get(&owner, "/api/v1/logs/erasures").await;
    let told: Vec<(&str, i64)> = records["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["q"].as_str().unwrap(), one["count"].as_i64().unwrap()))
        .collect();
    assert!(
        told.contains(&("kind:=scan", 3)) && told.contains(&("kind:=temp", 1)) && told.contains(&("", 4)),
        "{told:?}"
    );
    // What comes in is judged by its kind.
    for (kind, at, taken) in [
        ("scan", "2026-10-10", false),
        ("Scan", "2026-10-10", true),
        ("temp", "2025-06-01", true),
        ("rit", "2025-06-01", false),
    ] {
        let sent = key.post("/api/v1/logs", &json!({ "kind": kind, "occurred_at": at })).await;
        if taken {
            sent.expect(StatusCode::CREATED);
        } else {
            sent.expect_problem(422, "occurred_before_retention");
        }
    }
    // As long as all others again: for scan that is longer and counts at once, for temp it is shorter and waits.
    let put = async |body: Value| owner.put(RETENTION, &body).await.expect_ok().json();
    let longer = put(json!({ "kind": "scan", "days": null })).await;
    assert!(longer["kinds"].as_array().unwrap().iter().all(|own| own["kind"] != "scan"));
    let shorter = put(json!({ "kind": "temp", "days": null })).await;
    assert_eq!(of(&shorter, "temp")["days"], 700);
    assert_eq!(of(&shorter, "temp")["next"]["days"], Value::Null);
    app.clock.advance(8 * DAY);
    retention::run(&app.app).await.unwrap();
    purge::run(&app.app).await.unwrap();
    assert_eq!(
        get(&app.owner(&customer).await, RETENTION).await,
        json!({ "days": 60, "next": null, "keep_totals": false })
    );
    assert_eq!(find(&key, "kind:=temp").await, [15, 11]);
    audit_erased(&app.app.db).await;
}

/// LOG-15, API-10: bounds of a kind's time, and of how many kinds have one.
#[tokio::test]
async fn times_of_kinds_have_bounds() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    for body in [
        json!({ "kind": "a", "days": 29 }),
        json!({ "kind": "a", "days": 3_654 }),
        json!({ "kind": "", "days": 30 }),
        json!({ "kind": "x".repeat(65), "days": 30 }),
        json!({ "kind": "a" }),
    ] {
        owner.put(RETENTION, &body).await.expect_problem(422, "invalid_body");
    }
    key.put(RETENTION, &json!({ "kind": "a", "days": 30 })).await.expect_problem(403, "forbidden");
    let full: Vec<Value> =
        (0..200).map(|n| json!({ "kind": format!("k{n}"), "days": 40, "next": null })).collect();
    let full = serde_json::to_string(&full).unwrap();
    app.run_sql(&format!("UPDATE customer SET retention_kinds = '{full}' WHERE id = {}", customer.id)).await;
    owner.put(RETENTION, &json!({ "kind": "a", "days": 50 })).await.expect_problem(409, "kind_limit_reached");
    owner.put(RETENTION, &json!({ "kind": "k7", "days": 50 })).await.expect_ok();
}

/// Logs of a day.
fn day_of(daily: &Value, date: &str) -> i64 {
    let days = daily["data"].as_array().unwrap();
    days.iter().find(|day| day["date"] == date).unwrap()["count"].as_i64().unwrap()
}

/// LOG-11, ANA-02, ANA-04: who says so keeps totals of what retention deletes: figures go on counting them and say how
/// many they are, search and export know nothing of them, and an owner's own erasure leaves none.
#[tokio::test]
async fn totals_are_kept_for_who_says_so() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    // Local midnight of Amsterdam is 22:00Z: the third log belongs to 1 October.
    let moments = [
        "2026-09-30T10:00:00Z",
        "2026-09-30T10:07:00Z",
        "2026-09-30T22:00:00Z",
        "2026-10-24T08:00:00Z",
        "2026-11-22T08:00:00Z",
    ];
    for (at, kind) in moments.iter().zip(["a", "b", "a", "a", "a"]) {
        record(&key, &format!(r#"{{"kind":"{kind}","occurred_at":"{at}"}}"#)).await;
    }
    app.index_parts(5).await;
    let chosen = owner.put(RETENTION, &json!({ "days": 40, "keep_totals": true })).await.expect_ok().json();
    assert_eq!(chosen["keep_totals"], true);
    // Erased by the owner: of this one nothing is kept.
    let order = json!({ "q": "kind:b", "up_to": 5, "expected_count": 1 });
    owner.post("/api/v1/logs/erasures", &order).await.expect_ok();
    let series =
        "/api/v1/analytics/series?from=2026-09-01T00:00:00%2B02:00&to=2026-11-01T00:00:00%2B01:00&unit=day";
    let before = get(&owner, series).await["current"].clone();
    assert_eq!((&before["n"], before.get("kept")), (&json!(3), None));

    app.clock.advance(7 * DAY + 16 * HOUR);
    retention::run(&app.app).await.unwrap();
    purge::run(&app.app).await.unwrap();
    let owner = app.owner(&customer).await;
    assert_eq!(find(&key, "*").await, [5, 4]);
    let after = get(&owner, series).await["current"].clone();
    assert_eq!((&after["n"], &after["kept"]), (&json!(3), &json!(2)));
    assert_eq!(after["buckets"], before["buckets"], "each day counts as before");
    let daily = get(&owner, "/api/v1/analytics/daily?days=90").await;
    assert_eq!((&daily["n"], &daily["kept"]), (&json!(4), &json!(2)));
    assert_eq!((day_of(&daily, "2026-09-30"), day_of(&daily, "2026-10-01")), (1, 1));
    let pattern = get(
        &owner,
        "/api/v1/analytics/pattern?from=2026-09-01T00:00:00%2B02:00&to=2026-11-01T00:00:00%2B01:00",
    )
    .await;
    assert_eq!((&pattern["n"], &pattern["kept"]), (&json!(3), &json!(2)));
    // Wednesday 30 September, noon in Amsterdam; Thursday, midnight.
    assert_eq!((&pattern["cells"][2][12], &pattern["cells"][3][0]), (&json!(1), &json!(1)));
    let found = get(&owner, &series.replace("?", "?q=kind:a&")).await["current"].clone();
    assert_eq!(
        (&found["n"], found.get("kept")),
        (&json!(1), None),
        "who looks for something finds what there is"
    );
    assert_eq!(get(&owner, "/api/v1/analytics/stats").await["total_logs"], 2);

    // The month before counts what is gone as well.
    app.clock.advance(DAY);
    let owner = app.owner(&customer).await;
    let growth = get(&owner, "/api/v1/analytics/growth").await;
    let (month, before) = (&growth["month"]["current"], &growth["month"]["previous"]);
    assert_eq!((&month["count"], month.get("kept")), (&json!(1), None));
    assert_eq!((&before["count"], &before["kept"]), (&json!(2), &json!(1)));

    // Another customer has its own, and a repeated choice without the member changes nothing.
    let (_, stranger, _) = app.tenant().await;
    assert_eq!(get(&stranger, "/api/v1/analytics/daily?days=90").await["n"], 0);
    let same = owner.put(RETENTION, &json!({ "days": 40 })).await.expect_ok().json();
    assert_eq!(same["keep_totals"], true);
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_kept").await, 2);
    owner.put(RETENTION, &json!({ "days": 40, "keep_totals": false })).await.expect_ok();
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_kept").await, 0, "those of before go as well");
    assert_eq!(get(&owner, series).await["current"]["n"], 1);
    let told = get(&owner, "/api/v1/audit?action=retention.update").await.to_string();
    assert!(told.contains("\"totals\""), "{told}");
}

/// LOG-11: nobody who did not ask for it keeps anything of what is deleted.
#[tokio::test]
async fn no_totals_are_kept_by_default() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    record(&key, r#"{"kind":"a","occurred_at":"2026-09-30T10:00:00Z"}"#).await;
    app.index_parts(1).await;
    owner.put(RETENTION, &json!({ "days": 40 })).await.expect_ok();
    app.clock.advance(7 * DAY + 16 * HOUR);
    retention::run(&app.app).await.unwrap();
    purge::run(&app.app).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_kept").await, 0);
    let owner = app.owner(&customer).await;
    assert_eq!(get(&owner, "/api/v1/analytics/daily?days=90").await["n"], 0);
}
