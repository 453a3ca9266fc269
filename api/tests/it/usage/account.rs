//! What customers see of their use.

use axum::http::StatusCode;
use serde_json::json;
use shared::access::Role;
use shared::tenancy::Plan;

use super::{LOGS, RESET, USAGE, app, fill};
use crate::support::NOW_MS;

const MONTHS: &str = "/api/v1/usage/months";
const DAYS: &str = "/api/v1/usage/days";

/// ANA-09: logs, calls and storage of the month against the plan, and logs by the day on which they were received; the
/// days add up to the logs. Late logs count on the day on which they came.
#[tokio::test]
async fn the_account_shows_its_use() {
    let test = app(Plan::Starter, false).await;
    let (customer, owner, key) = test.tenant().await;
    let empty = owner.get(USAGE).await.expect_ok().json();
    assert_eq!((&empty["logs"]["used"], &empty["storage_bytes"]), (&json!(0), &json!(0)));
    assert_eq!(empty["days"].as_array().unwrap().len(), 22);
    test.clock.advance(-3 * 24 * 3_600_000);
    fill(&key, 4).await;
    test.clock.advance(3 * 24 * 3_600_000);
    key.post(LOGS, &json!({ "at": "2026-11-02", "timestamp": "2026-11-02T10:00:00Z" }))
        .await
        .expect(StatusCode::CREATED);
    fill(&key, 2).await;
    let usage = owner.get(USAGE).await.expect_ok().json();
    for (member, expected) in [
        ("plan", json!("starter")),
        ("period", json!("2026-11")),
        ("time_zone", json!("Europe/Amsterdam")),
        ("from", json!("2026-10-31T23:00:00.000Z")),
        ("reset_at", json!(RESET)),
        ("computed_at", json!(NOW_MS)),
        ("basis", json!("measured")),
        (
            "logs",
            json!({ "used": 7, "limit": 1000, "remaining": 993, "overage": 0, "at_limit": "continues" }),
        ),
        (
            "api_calls",
            json!({ "used": 3, "limit": 10_000, "remaining": 9_997, "overage": 0, "at_limit": "reads_stop" }),
        ),
        ("requests", json!({ "per_minute": 240, "burst": 120 })),
    ] {
        assert_eq!(usage[member], expected, "{member}");
    }
    let text =
        format!("SELECT CAST(SUM(LENGTH(data)) AS BIGINT) AS n FROM log WHERE customer_id = {}", customer.id);
    assert_eq!(usage["storage_bytes"], test.number(&text).await);
    let days = usage["days"].as_array().unwrap();
    let of = |at: usize| (days[at]["date"].as_str().unwrap(), days[at]["logs"].as_i64().unwrap());
    assert_eq!(
        (of(0), of(1), of(18), of(21)),
        (("2026-11-01", 0), ("2026-11-02", 0), ("2026-11-19", 4), ("2026-11-22", 3))
    );
    assert_eq!((&days[21]["partial"], days[20].get("partial")), (&json!(true), None));
    assert_eq!(days.iter().map(|day| day["logs"].as_i64().unwrap()).sum::<i64>(), 7);
}

/// ANA-09, ACC-02: everybody of the customer may look, and sees the same; another customer sees its own.
#[tokio::test]
async fn whoever_may_see_figures_sees_use() {
    let test = app(Plan::Starter, false).await;
    let (customer, owner, key) = test.tenant().await;
    let (_, stranger, _) = test.tenant().await;
    fill(&key, 5).await;
    let viewer = test.person(&customer, Role::Viewer).await;
    for actor in [&owner, &viewer] {
        assert_eq!(actor.get(USAGE).await.expect_ok().json()["logs"]["used"], 5);
    }
    let by_key = key.get(USAGE).await.expect_ok().json();
    assert_eq!((&by_key["logs"]["used"], &by_key["api_calls"]["used"]), (&json!(5), &json!(2)));
    assert_eq!(stranger.get(USAGE).await.expect_ok().json()["logs"]["used"], 0);
    owner.get(&format!("{USAGE}?x=1")).await.expect_problem(400, "unknown_parameter");
}

/// ANA-09, GEN-01: months since the account began with logs, calls and exports; a month opens by its days, the running
/// one as the account shows it; what a month counted stays when logs are erased later.
#[tokio::test]
async fn earlier_months_can_be_opened() {
    let test = app(Plan::Starter, false).await;
    test.clock.advance(-40 * 24 * 3_600_000);
    let (customer, _, key) = test.tenant().await;
    fill(&key, 3).await;
    key.get("/api/v1/logs/export?format=csv").await.expect_ok();
    api::domain::usage::service::write_calls(&test.app).await.unwrap();
    test.clock.advance(40 * 24 * 3_600_000);
    let owner = test.owner(&customer).await;
    let key = test.key(&owner, None).await;
    fill(&key, 2).await;
    let months = owner.get(MONTHS).await.expect_ok().json();
    assert_eq!(
        months["months"],
        json!([
            { "period": "2026-11", "complete": false, "logs": 2, "api_calls": 1, "exports": 0 },
            { "period": "2026-10", "complete": true, "logs": 3, "api_calls": 2, "exports": 1 },
        ])
    );
    assert_eq!(months["time_zone"], "Europe/Amsterdam");
    let october = owner.get(&format!("{DAYS}?period=2026-10")).await.expect_ok().json();
    let days = october["days"].as_array().unwrap();
    assert_eq!(
        (days.len(), &days[0]["date"], &days[30]["date"]),
        (31, &json!("2026-10-01"), &json!("2026-10-31"))
    );
    assert_eq!(days[12], json!({ "date": "2026-10-13", "logs": 3 }));
    assert_eq!(days.iter().map(|day| day["logs"].as_i64().unwrap()).sum::<i64>(), 3);
    let running = owner.get(&format!("{DAYS}?period=2026-11")).await.expect_ok().json();
    assert_eq!(running["days"], owner.get(USAGE).await.expect_ok().json()["days"]);
    for wrong in ["2026-12", "2026-13", "2026-1", "november", "", "2026-10-01", "+026-10", "0000-00"] {
        owner.get(&format!("{DAYS}?period={wrong}")).await.expect_problem(400, "invalid_parameter");
    }
    // Long before the account there is nothing, which is no error.
    let before = owner.get(&format!("{DAYS}?period=1999-02")).await.expect_ok().json();
    assert_eq!(before["days"].as_array().unwrap().len(), 28);

    let preview =
        owner.get("/api/v1/logs/erasures/preview?q=&to=2026-11-01T00:00:00Z").await.expect_ok().json();
    let body = json!({
        "q": "", "to": "2026-11-01T00:00:00Z", "up_to": preview["up_to"], "expected_count": preview["count"],
    });
    owner.post("/api/v1/logs/erasures", &body).await.expect_ok();
    let october = owner.get(&format!("{DAYS}?period=2026-10")).await.expect_ok().json();
    assert!(october["days"].as_array().unwrap().iter().all(|day| day["logs"] == 0));
    assert_eq!(owner.get(MONTHS).await.expect_ok().json()["months"][1]["logs"], 3);
}

/// ANA-09: no more than thirteen months, and exports only as long as they are kept.
#[tokio::test]
async fn months_go_back_a_year() {
    let test = app(Plan::Starter, false).await;
    test.clock.advance(-500 * 24 * 3_600_000);
    let (customer, ..) = test.tenant().await;
    test.clock.advance(500 * 24 * 3_600_000);
    let owner = test.owner(&customer).await;
    let months = owner.get(MONTHS).await.expect_ok().json();
    let months = months["months"].as_array().unwrap();
    assert_eq!((months.len(), &months[12]["period"]), (13, &json!("2025-11")));
    assert_eq!((&months[12]["exports"], &months[11]["exports"]), (&json!(0), &json!(0)));
}
