//! ANA-14: percentiles, error rates, n and period, with figures worked out by hand.

use api::domain::requests::latency::{Count, bucket_of};
use api::domain::requests::memory::Place;
use api::util::ids::CustomerId;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, encode};

const PERFORMANCE: &str = "/api/v1/analytics/performance";

/// Counts answers as a server would that took exactly so long.
fn count(test: &TestApp, customer: i64, day: Date, key: &str, route: &str, answers: &[(u16, i64)]) {
    for (status, us) in answers {
        let place = Place {
            customer: CustomerId(customer),
            day,
            key: key.to_owned(),
            route: route.to_owned(),
            bucket: bucket_of(*us),
        };
        test.app.requests.count(place, Count::one(*status, *us));
    }
}

async fn figures(actor: &Actor, query: &str) -> Value {
    actor.get(&format!("{PERFORMANCE}{query}")).await.expect_ok().json()
}

#[track_caller]
fn near(value: &Value, ms: f64) {
    let found = value.as_f64().unwrap_or_else(|| panic!("{value} is not {ms}"));
    assert!((found - ms).abs() <= ms * 0.050_001, "{found} is not {ms} within 5 %");
}

/// A customer with keys whose use was counted on two days, and nothing of its own tests in the figures.
async fn counted(test: &TestApp) -> (i64, Actor, String, String) {
    let (customer, owner, _) = test.tenant().await;
    test.key(&owner, None).await;
    let keys = owner.get("/api/v1/keys").await.expect_ok().json();
    let id = |at: usize| keys["keys"][at]["id"].as_str().unwrap().to_owned();
    drop(test.app.requests.take());
    test.app.requests.settle();
    (customer.id, owner, id(0), id(1))
}

/// ANA-14: nearest rank over 1 to 100 ms; the rate of errors by route and key; merged over keys, days and two writes.
#[tokio::test]
async fn figures_are_those_worked_out_by_hand() {
    let test = TestApp::new().await;
    let (customer, owner, first, second) = counted(&test).await;
    let (today, yesterday) = (date(2026, 11, 22), date(2026, 11, 21));
    let (get, post) = ("GET /api/v1/logs", "POST /api/v1/logs");
    let ms: Vec<(u16, i64)> = (1..=100).map(|ms| (200, ms * 1_000)).collect();
    // Odd ones with the first key yesterday, even ones with the second key today.
    let part =
        |odd: bool| ms.iter().copied().filter(|(_, us)| (us / 1_000 % 2 == 1) == odd).collect::<Vec<_>>();
    count(&test, customer, yesterday, &first, get, &part(true));
    api::domain::requests::service::flush(&test.app).await;
    count(&test, customer, today, &second, get, &part(false)[..25]);
    api::domain::requests::service::flush(&test.app).await;
    count(&test, customer, today, &second, get, &part(false)[25..]);
    // Forty more of people: 30 good, 6 refused, 4 failed.
    let mut mixed = vec![(201, 10_000); 30];
    mixed.extend([(404, 10_000); 6]);
    mixed.extend([(503, 10_000); 4]);
    count(&test, customer, today, "", post, &mixed);
    api::domain::requests::service::flush(&test.app).await;

    let all = figures(&owner, "?days=2").await;
    assert_eq!((&all["first_day"], &all["last_day"]), (&json!("2026-11-21"), &json!("2026-11-22")));
    assert_eq!(
        (&all["time_zone"], &all["n"], &all["basis"]),
        (&json!("Europe/Amsterdam"), &json!(140), &json!("measured"))
    );
    assert_eq!(all["accuracy"], json!(0.05));
    assert_eq!(all["routes"][0]["route"], json!(get));
    let route = &all["routes"][0];
    assert_eq!(
        (&route["n"], &route["error_rate"], &route["mean_ms"]),
        (&json!(100), &json!(0.0), &json!(50.5))
    );
    near(&route["p50_ms"], 50.0);
    near(&route["p95_ms"], 95.0);
    near(&route["p99_ms"], 99.0);
    assert!(route.get("reason").is_none());
    let route = &all["routes"][1];
    assert_eq!((&route["route"], &route["n"]), (&json!(post), &json!(40)));
    assert_eq!(
        (&route["refused"], &route["failed"], &route["error_rate"]),
        (&json!(6), &json!(4), &json!(0.25))
    );
    near(&route["p95_ms"], 10.0);
    assert_eq!((&route["p99_ms"], &route["reason"]), (&Value::Null, &json!("too_few")));
    let total = &all["total"];
    assert_eq!((&total["n"], &total["error_rate"]), (&json!(140), &json!(10.0 / 140.0)));
    // 5050 + 400 ms over 140.
    assert!((total["mean_ms"].as_f64().unwrap() - 5_450.0 / 140.0).abs() < 1e-9);

    let senders = all["senders"].as_array().unwrap();
    assert_eq!(senders.len(), 3);
    let of = |id: &Value| senders.iter().find(|row| row["key_id"] == *id).unwrap();
    assert_eq!((&of(&Value::Null)["n"], &of(&Value::Null)["key_name"]), (&json!(40), &Value::Null));
    let odd = of(&json!(first));
    assert!(odd["key_name"].as_str().unwrap().starts_with("Sleutel"));
    // Odd numbers 1 to 99: the 25th is 49, the 48th 95.
    near(&odd["p50_ms"], 49.0);
    near(&odd["p95_ms"], 95.0);
    let days = all["days"].as_array().unwrap();
    assert_eq!((&days[0]["n"], &days[1]["n"], &days[1]["partial"]), (&json!(50), &json!(90), &json!(true)));

    let one = figures(&owner, &format!("?days=1&key_id={second}")).await;
    assert_eq!((&one["n"], one["routes"].as_array().unwrap().len()), (&json!(50), 1));
    let one = figures(&owner, &format!("?key_id=people&route={}", encode(post))).await;
    assert_eq!(one["n"], json!(40));
    assert_eq!(figures(&owner, &format!("?key_id=people&route={}", encode(get))).await["n"], json!(0));
}

/// ANA-14, GEN-01: nothing measured has no figure, and too little has only those that it carries.
#[tokio::test]
async fn nothing_measured_is_not_zero() {
    let test = TestApp::new().await;
    let (customer, owner, first, _) = counted(&test).await;
    let empty = figures(&owner, "?days=3").await;
    let total = &empty["total"];
    assert_eq!((&total["n"], &total["reason"]), (&json!(0), &json!("no_data")));
    for member in ["error_rate", "mean_ms", "p50_ms", "p95_ms", "p99_ms"] {
        assert_eq!(total[member], Value::Null, "{member}");
    }
    assert!(empty["routes"].as_array().unwrap().is_empty());
    assert_eq!(empty["days"].as_array().unwrap().len(), 3);
    drop(test.app.requests.take());
    test.app.requests.settle();
    count(&test, customer, date(2026, 11, 22), &first, "GET /api/v1/me", &[(500, 4_000); 19]);
    api::domain::requests::service::flush(&test.app).await;
    let few = figures(&owner, &format!("?key_id={first}")).await;
    let total = &few["total"];
    assert_eq!(
        (&total["failed"], &total["error_rate"], &total["p95_ms"]),
        (&json!(19), &Value::Null, &Value::Null)
    );
    assert_eq!((&total["reason"], &total["mean_ms"]), (&json!("too_few"), &json!(4.0)));
    near(&total["p50_ms"], 4.0);
}

/// ANA-14, KEY-09: real requests are counted by key, route and people; test keys are in no figure, nor are other
/// customers.
#[tokio::test]
async fn requests_are_counted_where_they_belong() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let (_, other, other_key) = test.tenant().await;
    let made = owner.post("/api/v1/keys", &json!({ "name": "t", "mode": "test" })).await;
    let tester =
        test.bearer(made.expect(axum::http::StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    for _ in 0..4 {
        key.get("/api/v1/logs/7").await.expect_problem(404, "log_not_found");
        tester.get("/api/v1/logs/7").await.expect_problem(404, "log_not_found");
    }
    other_key.get("/api/v1/status").await.expect_ok();
    api::domain::requests::service::flush(&test.app).await;
    let all = figures(&owner, "").await;
    let by_route = all["routes"].as_array().unwrap();
    let of = |route: &str| by_route.iter().find(|row| row["route"] == route);
    let found = of("GET /api/v1/logs/{id}").unwrap();
    assert_eq!((&found["n"], &found["refused"]), (&json!(4), &json!(4)));
    assert_eq!(of("POST /api/v1/keys").unwrap()["n"], json!(2), "people count as one sender");
    assert!(of("GET /api/v1/status").is_none());
    assert_eq!(all["senders"].as_array().unwrap().len(), 2);
    assert!(figures(&other, "").await["routes"].to_string().contains("GET /api/v1/status"));
}

/// ANA-14: counted durations are kept for ninety days.
#[tokio::test]
async fn durations_are_forgotten_after_ninety_days() {
    let test = TestApp::new().await;
    let (customer, owner, first, _) = counted(&test).await;
    for day in [date(2026, 8, 23), date(2026, 8, 24), date(2026, 11, 22)] {
        count(&test, customer, day, &first, "GET /api/v1/me", &[(200, 1_000)]);
    }
    api::domain::requests::service::flush(&test.app).await;
    api::domain::requests::service::forget_old(&test.app).await.unwrap();
    let left =
        test.texts("SELECT DISTINCT day AS text FROM request_latency WHERE key_id <> '' ORDER BY 1").await;
    assert_eq!(left, ["2026-08-24", "2026-11-22"]);
    assert_eq!(
        figures(&owner, &format!("?days=90&key_id={first}")).await["n"],
        json!(1),
        "89 days before today are shown"
    );
    owner.get(&format!("{PERFORMANCE}?days=91")).await.expect_problem(400, "invalid_parameter");
    owner.get(&format!("{PERFORMANCE}?key_id=x")).await.expect_problem(400, "invalid_parameter");
}
