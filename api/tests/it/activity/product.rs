//! ANA-19: people, systems, stickiness, features, visits.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{DAY, MINUTE, arrives, feature, product};
use crate::support::{Actor, TestApp};

/// A session with a fresh access token.
fn renewed(test: &TestApp, customer: i64, session: &str) -> Actor {
    let (subject, now) = (format!("customer:{customer}"), test.clock.now());
    let role = shared::access::Role::Owner;
    let token =
        api::domain::auth::token::sign(&test.app.keys, &subject, customer, session, role, now).unwrap();
    test.bearer(&token)
}

/// ANA-19, GEN-01: nothing on record has no value, and says so.
#[tokio::test]
async fn nothing_recorded_is_not_zero() {
    let test = TestApp::new().await;
    let empty = product(&test, "?days=3").await;
    assert_eq!(empty["recorded_since"], Value::Null);
    assert_eq!((&empty["first_day"], &empty["last_day"]), (&json!("2026-11-20"), &json!("2026-11-22")));
    assert_eq!((&empty["time_zone"], &empty["basis"]), (&json!("Europe/Amsterdam"), &json!("measured")));
    for day in empty["days"].as_array().unwrap() {
        for member in ["dau", "wau", "mau", "systems"] {
            assert_eq!(day[member], Value::Null, "{day}");
        }
    }
    assert_eq!(
        (&empty["stickiness"]["ratio"], &empty["stickiness"]["reason"]),
        (&Value::Null, &json!("no_data"))
    );
    assert_eq!((&empty["stickiness"]["mau"], &empty["stickiness"]["n"]), (&Value::Null, &json!(0)));
    assert_eq!(
        (&empty["active_customers"], &feature(&empty, "search")["adoption"]),
        (&json!(0), &Value::Null)
    );
    let visits = &empty["visits"];
    assert_eq!(
        (&visits["n"], &visits["mean_s"], &visits["reason"]),
        (&json!(0), &Value::Null, &json!("no_data"))
    );
}

/// ANA-19: three customers over days that are worked out by hand: people once a day and once in a window, keys apart,
/// days of the installation's zone, the running day partial.
#[tokio::test]
async fn people_are_counted_by_day_week_and_month() {
    let test = TestApp::new().await;
    let (a, b, c) = (test.customer().await, test.customer().await, test.customer().await);
    // Day 0, Sunday 22 November: a twice (one code is one person), b once; two keys of a.
    let owner = arrives(&test, &a).await;
    arrives(&test, &a).await;
    arrives(&test, &b).await;
    let (first, second) = (test.key(&owner, None).await, test.key(&owner, None).await);
    for _ in 0..3 {
        first.get("/api/v1/logs").await.expect_ok();
    }
    second.get("/api/v1/logs/9").await.expect_problem(404, "log_not_found");
    // 23:30 in Amsterdam, which is 22:30 UTC: still day 0. 23:30 UTC is day 1 there.
    test.clock.advance(10 * 60 * MINUTE + 30 * MINUTE);
    arrives(&test, &c).await;
    test.clock.advance(60 * MINUTE);
    arrives(&test, &c).await;
    // Day 7: b. Day 8: nobody, a key of a.
    test.clock.advance(6 * DAY + 12 * 60 * MINUTE);
    arrives(&test, &b).await;
    test.clock.advance(DAY);
    first.get("/api/v1/me").await.expect_ok();
    let found = product(&test, "?days=10").await;
    let days: Vec<_> = found["days"].as_array().unwrap().iter().collect();
    let row = |at: usize| {
        let day = days[at];
        (
            day["date"].as_str().unwrap(),
            day["dau"].clone(),
            day["wau"].clone(),
            day["mau"].clone(),
            day["systems"].clone(),
        )
    };
    let n = |value: i64| json!(value);
    assert_eq!(
        row(0),
        ("2026-11-21", Value::Null, Value::Null, Value::Null, Value::Null),
        "before the record"
    );
    assert_eq!(row(1), ("2026-11-22", n(3), n(3), n(3), n(2)));
    assert_eq!(row(2), ("2026-11-23", n(1), n(3), n(3), n(0)));
    assert_eq!(row(3), ("2026-11-24", n(0), n(3), n(3), n(0)));
    assert_eq!(row(7), ("2026-11-28", n(0), n(3), n(3), n(0)));
    assert_eq!(row(8), ("2026-11-29", n(1), n(2), n(3), n(0)), "b and c within seven days");
    assert_eq!(row(9), ("2026-11-30", n(0), n(1), n(3), n(1)));
    assert_eq!((&days[9]["partial"], days[8].get("partial")), (&json!(true), None));
    assert_eq!(found["recorded_since"], json!("2026-11-22"));
    // Four calls on day 0, one on day 8; the one that found nothing is a call as well.
    assert_eq!((&found["api_calls"], &found["sign_ins"]), (&json!(5), &json!(6)));
    let sticky = &found["stickiness"];
    assert_eq!(
        (&sticky["n"], &sticky["ratio"], &sticky["reason"]),
        (&json!(8), &Value::Null, &json!("too_few"))
    );
    // Thirty complete days: 3 + 1 + 1 person-days, of three people.
    test.clock.advance(22 * DAY);
    let sticky = product(&test, "").await["stickiness"].clone();
    assert_eq!((&sticky["first_day"], &sticky["last_day"]), (&json!("2026-11-22"), &json!("2026-12-21")));
    assert_eq!((&sticky["n"], &sticky["mau"], sticky.get("reason")), (&json!(30), &json!(3), None));
    assert!((sticky["mean_dau"].as_f64().unwrap() - 5.0 / 30.0).abs() < 1e-12);
    assert!((sticky["ratio"].as_f64().unwrap() - 5.0 / 30.0 / 3.0).abs() < 1e-12);
}

/// ANA-19: what the web app fetches by itself, what fails, and test keys are no activity.
#[tokio::test]
async fn what_nobody_does_is_no_activity() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let tester = owner.post("/api/v1/keys", &json!({ "name": "t", "mode": "test" })).await;
    let tester = test.bearer(tester.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    let narrow = test.key(&owner, Some(&["webhooks:manage"])).await;
    // The next day nobody does anything.
    test.clock.advance(5 * MINUTE);
    drop(test.app.activity.take());
    for path in ["me", "analytics/overview", "exports", "logs/histogram", "logs/erasures"] {
        owner.get(&format!("/api/v1/{path}")).await.expect_ok();
    }
    owner.get("/api/v1/logs/7").await.expect_problem(404, "log_not_found");
    tester.get("/api/v1/logs").await.expect_ok();
    narrow.get("/api/v1/logs").await.expect_problem(403, "insufficient_scope");
    test.anon().get("/api/v1/logs").await.expect_problem(401, "unauthenticated");
    let wrong = json!({ "access_code": "MVAI-00000-00000-00000-00000-000000" });
    test.anon().post("/api/v1/auth/login", &wrong).await.expect_problem(401, "invalid_credentials");
    assert!(test.app.activity.take().is_empty());
    owner.get("/api/v1/logs").await.expect_ok();
    assert_eq!(product(&test, "?days=1").await["days"][0]["dau"], json!(1), "the measure sees an action");
}

/// ANA-19: adoption is the share of the active customers; people and systems are counted apart; a list with words is a
/// search.
#[tokio::test]
async fn adoption_is_a_share_of_active_customers() {
    let test = TestApp::new().await;
    let (a, b, c) = (test.customer().await, test.customer().await, test.customer().await);
    test.customer().await;
    let (a, b) = (test.owner(&a).await, test.owner(&b).await);
    let key = test.key(&b, None).await;
    test.owner(&c).await;
    a.post("/api/v1/logs", &json!({ "message": "een" })).await.expect(StatusCode::CREATED);
    for _ in 0..3 {
        key.post("/api/v1/logs", &json!({ "message": "twee" })).await.expect(StatusCode::CREATED);
    }
    key.post("/api/v1/logs", &json!({})).await.expect_problem(400, "empty_body");
    a.get("/api/v1/logs").await.expect_ok();
    a.get("/api/v1/logs?q=een").await.expect_ok();
    a.get("/api/v1/logs/search?q=een").await.expect_ok();
    key.get("/api/v1/search?q=een").await.expect_ok();
    let found = product(&test, "").await;
    assert_eq!(found["active_customers"], json!(3), "one did nothing");
    let part = |name: &str| {
        let row = feature(&found, name);
        (
            row["customers"].clone(),
            row["adoption"].as_f64().unwrap(),
            row["by_people"].clone(),
            row["by_systems"].clone(),
        )
    };
    assert_eq!(part("sign_in"), (json!(3), 1.0, json!(3), json!(0)));
    assert_eq!(part("record"), (json!(2), 2.0 / 3.0, json!(1), json!(3)));
    assert_eq!(part("search"), (json!(2), 2.0 / 3.0, json!(2), json!(1)));
    assert_eq!(part("read"), (json!(1), 1.0 / 3.0, json!(1), json!(0)));
    assert_eq!(part("keys"), (json!(1), 1.0 / 3.0, json!(1), json!(0)));
    assert_eq!(part("erasure"), (json!(0), 0.0, json!(0), json!(0)), "measured, and not used");
    assert_eq!(
        (&found["searches"], &found["api_calls"], &found["sign_ins"]),
        (&json!(3), &json!(5), &json!(3))
    );
}

/// ANA-19: half an hour without an action ends a visit, also over two writes and a restart of memory; a visit of one
/// action has no duration. A session that works all the time has one visit.
#[tokio::test]
async fn visits_end_after_half_an_hour() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    // Minute 0: sign-in. 5, 8: actions. Then nothing for half an hour.
    let owner = test.owner(&customer).await;
    let session = test.texts("SELECT id AS text FROM session").await.remove(0);
    for minutes in [5, 3] {
        test.clock.advance(minutes * MINUTE);
        owner.get("/api/v1/logs").await.expect_ok();
    }
    api::domain::activity::service::flush(&test.app).await;
    test.clock.advance(MINUTE);
    owner.get("/api/v1/logs").await.expect_ok();
    let first = product(&test, "").await["visits"].clone();
    assert_eq!(
        (&first["n"], &first["single"], &first["mean_s"]),
        (&json!(1), &json!(0), &json!(540.0)),
        "nine minutes"
    );
    // Another browser with the same code: a visit of its own, of one action.
    test.owner(&customer).await;
    // Thirty minutes later the first one is over; the token of the session is renewed for it.
    test.clock.advance(30 * MINUTE);
    let later = renewed(&test, customer.id, &session);
    later.get("/api/v1/logs").await.expect_ok();
    let second = product(&test, "").await["visits"].clone();
    assert_eq!((&second["n"], &second["single"]), (&json!(1), &json!(2)));
    test.clock.advance(29 * MINUTE + 59_999);
    let later = renewed(&test, customer.id, &session);
    later.get("/api/v1/logs").await.expect_ok();
    let third = product(&test, "").await["visits"].clone();
    // 9 minutes and 29 minutes 59.999 seconds.
    assert_eq!((&third["n"], &third["single"]), (&json!(2), &json!(1)));
    let mean = (540.0 + 1_799.999) / 2.0;
    assert!((third["mean_s"].as_f64().unwrap() - mean).abs() < 1e-9, "{third}");
    assert!((third["median_s"].as_f64().unwrap() - mean).abs() < 1e-9, "{third}");
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM visit").await, 3);
    assert_eq!(test.number("SELECT CAST(SUM(actions) AS BIGINT) AS n FROM visit").await, 7);
}

/// ANA-19: activity is kept for 400 days, visits for 90; what cannot be written is kept in memory.
#[tokio::test]
async fn activity_is_forgotten_in_time() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    arrives(&test, &customer).await;
    test.run_sql("ALTER TABLE visit RENAME TO away").await;
    api::domain::activity::service::flush(&test.app).await;
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM activity_day").await, 0, "all or nothing");
    test.run_sql("ALTER TABLE away RENAME TO visit").await;
    let counts = async || {
        api::domain::activity::service::forget_old(&test.app).await.unwrap();
        let days = test.number("SELECT COUNT(*) AS n FROM activity_day").await;
        (days, test.number("SELECT COUNT(*) AS n FROM visit").await)
    };
    api::domain::activity::service::flush(&test.app).await;
    assert_eq!(counts().await, (1, 1));
    test.clock.advance(90 * DAY);
    assert_eq!(counts().await, (1, 1), "90 days to the millisecond");
    test.clock.advance(1);
    assert_eq!(counts().await, (1, 0));
    test.clock.advance(309 * DAY);
    assert_eq!(counts().await, (1, 0), "the four hundredth day");
    test.clock.advance(DAY);
    assert_eq!(counts().await, (0, 0));
}

/// ANA-10, ANA-12, GEN-01: customers by the month in which they began and how many of them were active in later months;
/// before anything was recorded there is no value; keys count as activity, doing nothing does not.
#[tokio::test]
async fn customers_stay_or_leave() {
    let test = TestApp::new().await;
    let staff = test.analyst().await;
    let cohorts = async |staff: &Actor| staff.get("/api/v1/admin/analytics/cohorts").await.expect_ok().json();
    assert_eq!(cohorts(&staff).await["rows"], json!([]));
    let (a, _) = (test.customer().await, test.customer().await);
    let before = cohorts(&staff).await;
    assert_eq!(before["recorded_since"], Value::Null);
    assert_eq!(
        before["rows"],
        json!([{ "month": "2026-11", "size": 2, "cells": [{ "active": null, "share": null }] }])
    );
    let owner = arrives(&test, &a).await;
    let key = test.key(&owner, None).await;
    api::domain::activity::service::flush(&test.app).await;
    // In December a system of one alone, and a new customer; in January nobody.
    test.clock.advance(20 * DAY);
    key.get("/api/v1/logs").await.expect_ok();
    let c = test.customer().await;
    arrives(&test, &c).await;
    api::domain::activity::service::flush(&test.app).await;
    test.clock.advance(31 * DAY);
    let later = cohorts(&test.admin().await).await;
    let cell = |active: i64, share: f64, provisional: bool| {
        let mut cell = json!({ "active": active, "share": share });
        if provisional {
            cell["provisional"] = json!(true);
        }
        cell
    };
    assert_eq!(
        later["rows"],
        json!([
            { "month": "2026-11", "size": 2, "cells": [cell(1, 0.5, true), cell(1, 0.5, false), cell(0, 0.0, true)] },
            { "month": "2026-12", "size": 1, "cells": [cell(1, 1.0, false), cell(0, 0.0, true)] },
        ])
    );
    assert_eq!((&later["recorded_since"], &later["basis"]), (&json!("2026-11-22"), &json!("measured")));
}
