//! The installation at a glance: its figures are the sum of its customers.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::CUSTOMERS;
use crate::support::TestApp;

const HOUR: i64 = 3_600_000;

/// ANA-18: totals, days, states and rankings equal the sum of what the customers see themselves.
#[tokio::test]
async fn figures_equal_the_sum_of_the_customers() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let empty = admin.get("/api/v1/admin/overview").await.expect_ok().json();
    assert_eq!(
        (&empty["total_logs"], &empty["logs_today"], &empty["customers"]["total"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(
        (empty["daily"].as_array().unwrap().len(), &empty["most_active"], &empty["newest"]),
        (30, &json!([]), &json!([]))
    );

    let mut tenants = Vec::new();
    for (count, days) in [(5, 0), (3, 1), (2, 6), (4, 7), (1, 29), (6, 40)] {
        test.clock.advance(1_000);
        let (customer, owner, key) = test.tenant().await;
        let at = shared::time::Millis(test.clock.now().0 - i64::from(days) * 24 * HOUR).to_rfc3339();
        for _ in 0..count {
            key.post("/api/v1/logs", &json!({ "x": 1, "occurred_at": at })).await.expect(StatusCode::CREATED);
        }
        // What test keys write is in no figure.
        let body = json!({ "name": "proef", "mode": "test" });
        let secret = owner.post("/api/v1/keys", &body).await.expect(StatusCode::CREATED).json()["api_key"]
            .as_str()
            .unwrap()
            .to_owned();
        test.bearer(&secret).post("/api/v1/logs", &json!({ "x": 1 })).await.expect(StatusCode::CREATED);
        tenants.push((customer, owner));
    }
    test.run_sql(&format!("UPDATE customer SET status = 'read_only' WHERE id = {}", tenants[0].0.id)).await;
    test.run_sql(&format!("UPDATE customer SET status = 'closing' WHERE id = {}", tenants[1].0.id)).await;

    let (mut total, mut today, mut listed) = (0, 0, 0);
    let mut daily = vec![0; 30];
    for (customer, owner) in &tenants {
        let stats = owner.get("/api/v1/analytics/stats").await.expect_ok().json();
        total += stats["total_logs"].as_i64().unwrap();
        today += stats["logs_today"].as_i64().unwrap();
        let days = owner.get("/api/v1/analytics/daily?days=30").await.expect_ok().json();
        for (sum, day) in daily.iter_mut().zip(days["data"].as_array().unwrap()) {
            *sum += day["count"].as_i64().unwrap();
        }
        listed += admin.get(&format!("{CUSTOMERS}/{}", customer.id)).await.expect_ok().json()["total_logs"]
            .as_i64()
            .unwrap();
    }
    admin
        .post(&format!("{CUSTOMERS}/{}/suspend", tenants[2].0.id), &json!({ "reason": "proef" }))
        .await
        .expect_ok();
    let seen = admin.get("/api/v1/admin/overview").await.expect_ok().json();
    assert_eq!((total, listed), (21, 21));
    assert_eq!((&seen["total_logs"], &seen["logs_today"]), (&json!(total), &json!(today)));
    let counts: Vec<i64> =
        seen["daily"].as_array().unwrap().iter().map(|day| day["count"].as_i64().unwrap()).collect();
    assert_eq!(counts, daily);
    assert_eq!(
        seen["customers"],
        json!({ "total": 6, "active": 3, "read_only": 1, "suspended": 1, "closing": 1 })
    );
    assert_eq!(seen["logs_last_24h"], json!(5));
    let ranking: Vec<(i64, i64)> = seen["most_active"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["id"].as_i64().unwrap(), row["logs"].as_i64().unwrap()))
        .collect();
    assert_eq!(
        ranking,
        [(tenants[0].0.id, 5), (tenants[1].0.id, 3), (tenants[2].0.id, 2)],
        "seven days, today included"
    );
    let newest: Vec<i64> =
        seen["newest"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(newest, tenants.iter().rev().take(5).map(|(customer, _)| customer.id).collect::<Vec<_>>());
    let last = seen["daily"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["date"], &last["partial"]), (&json!("2026-11-22"), &json!(true)));
    assert_eq!(
        (&seen["time_zone"], &seen["computed_at"]),
        (&json!("Europe/Amsterdam"), &json!("2026-11-22T12:00:06.000Z"))
    );
    assert!(!seen.to_string().contains("access_code\":"), "no codes");
}

/// ANA-18: no more than ten customers are ranked and no more than five are named as new; closed ones are not counted.
#[tokio::test]
async fn rankings_are_short() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for at in 0..12 {
        let (_, owner, _) = test.tenant().await;
        let logs: Vec<Value> = (0..=at).map(|n| json!({ "n": n })).collect();
        owner.post("/api/v1/logs/batch", &json!({ "logs": logs })).await.expect(StatusCode::CREATED);
    }
    test.run_sql("UPDATE customer SET status = 'closed' WHERE id = 1").await;
    let seen = admin.get("/api/v1/admin/overview").await.expect_ok().json();
    let counts: Vec<i64> =
        seen["most_active"].as_array().unwrap().iter().map(|row| row["logs"].as_i64().unwrap()).collect();
    assert_eq!(counts, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    assert_eq!((seen["newest"].as_array().unwrap().len(), &seen["customers"]["total"]), (5, &json!(11)));
}
