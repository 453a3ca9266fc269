//! ANA-12: what customers do, without what they do it with.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{DAY, arrives};
use crate::support::{TestApp, names};

const CUSTOMERS: &str = "/api/v1/admin/analytics/customers";

async fn page(test: &TestApp, query: &str) -> Value {
    api::domain::activity::service::flush(&test.app).await;
    test.admin().await.get(&format!("{CUSTOMERS}{query}")).await.expect_ok().json()
}

/// ANA-12: sign-ins, features, active days and last activity of each customer, those of customers that did nothing too.
#[tokio::test]
async fn staff_sees_what_customers_do() {
    let test = TestApp::new().await;
    let (busy, quiet) = (test.customer().await, test.customer().await);
    // Day 0: two sign-ins, two logs, a key with three calls. Day 2: a call. Day 3, today: nothing.
    let owner = arrives(&test, &busy).await;
    arrives(&test, &busy).await;
    for _ in 0..2 {
        owner.post("/api/v1/logs", &json!({ "message": "geheim" })).await.expect(StatusCode::CREATED);
    }
    let key = test.key(&owner, None).await;
    for path in ["logs", "logs/1"] {
        key.get(&format!("/api/v1/{path}")).await.expect_ok();
    }
    key.get("/api/v1/logs/99").await.expect_problem(404, "log_not_found");
    test.clock.advance(2 * DAY);
    key.get("/api/v1/logs/search?q=geheim").await.expect_ok();
    test.clock.advance(DAY);
    let found = page(&test, "?days=30").await;
    assert_eq!(
        (&found["first_day"], &found["last_day"], &found["n"]),
        (&json!("2026-10-27"), &json!("2026-11-25"), &json!(4))
    );
    assert_eq!(
        (&found["recorded_since"], &found["time_zone"]),
        (&json!("2026-11-22"), &json!("Europe/Amsterdam"))
    );
    let rows = found["data"].as_array().unwrap();
    assert_eq!(
        names(&rows[0]),
        [
            "active_days",
            "api_calls",
            "features",
            "id",
            "last_active_at",
            "name",
            "people",
            "sign_ins",
            "systems"
        ]
    );
    assert_eq!(
        rows[0],
        json!({
            "id": busy.id, "name": busy.name, "sign_ins": 2, "active_days": 2, "people": 1, "systems": 1, "api_calls": 4,
            "last_active_at": "2026-11-24T12:00:00.000Z",
            "features": [
                { "feature": "sign_in", "uses": 2 }, { "feature": "record", "uses": 2 }, { "feature": "read", "uses": 2 },
                { "feature": "search", "uses": 1 }, { "feature": "keys", "uses": 1 },
            ],
        })
    );
    assert_eq!(
        rows[1],
        json!({
            "id": quiet.id, "name": quiet.name, "sign_ins": 0, "active_days": 0, "people": 0, "systems": 0, "api_calls": 0,
            "last_active_at": null, "features": [],
        })
    );
    assert!(!found.to_string().contains("geheim"), "no content");
    // Within the last two days only the call of the key; the last activity is of all time.
    let short = page(&test, "?days=2").await;
    let row = &short["data"][0];
    assert_eq!(
        (&row["active_days"], &row["people"], &row["systems"], &row["api_calls"]),
        (&json!(1), &json!(0), &json!(1), &json!(1))
    );
    let shorter = page(&test, "?days=1").await;
    let row = &shorter["data"][0];
    assert_eq!(
        (&row["active_days"], &row["last_active_at"]),
        (&json!(0), &json!("2026-11-24T12:00:00.000Z"))
    );
}

/// ANA-12, GEN-07: pages follow each other by name, and a word finds customers; customers themselves see none of it.
#[tokio::test]
async fn customers_are_listed_page_by_page() {
    let test = TestApp::new().await;
    for _ in 0..5 {
        test.customer().await;
    }
    let (customer, owner, key) = test.tenant().await;
    let first = page(&test, "?limit=4").await;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"]), (4, &json!(true)));
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = page(&test, &format!("?limit=4&cursor={cursor}")).await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (2, &json!(false)));
    let found = page(&test, &format!("?q={}", customer.id)).await;
    assert_eq!(found["data"][0]["id"], json!(customer.id));
    let admin = test.admin().await;
    admin.get(&format!("{CUSTOMERS}?sort=name")).await.expect_problem(400, "unknown_parameter");
    admin.get(&format!("{CUSTOMERS}?days=91")).await.expect_problem(400, "invalid_parameter");
    let analyst = test.analyst().await;
    for path in [CUSTOMERS, "/api/v1/admin/analytics/product"] {
        analyst.get(path).await.expect_ok();
        owner.get(path).await.expect_problem(403, "forbidden");
        key.get(path).await.expect_problem(403, "forbidden");
    }
}
