//! Figures: days that follow the clock changes, fair comparisons, and nothing made up.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::time::Millis;

use crate::support::{Dice, NOW_MS, TestApp, names, record, upload};

const STATS: [&str; 9] = [
    "computed_at",
    "first_log",
    "last_log",
    "logs_last_week_same_time",
    "logs_today",
    "logs_week",
    "logs_yesterday_same_time",
    "time_zone",
    "total_logs",
];

/// ANA-01, API-02, GEN-01: a customer without logs gets zeros and nulls, and status 200.
#[tokio::test]
async fn a_customer_without_logs_has_zeros_and_nulls() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    let stats = json!({
        "total_logs": 0, "first_log": null, "last_log": null, "logs_today": 0, "logs_week": 0, "logs_yesterday_same_time": 0,
        "logs_last_week_same_time": 0, "time_zone": "Europe/Amsterdam", "computed_at": NOW_MS,
    });
    assert_eq!(names(&stats), STATS);
    assert_eq!(key.get("/api/v1/analytics/stats").await.expect_ok().json(), stats);
    let status = key.get("/api/v1/status").await.expect_ok().json();
    let expected = json!({"customer": {"id": customer.id, "name": customer.name, "status": "active", "created_at": NOW_MS}, "stats": stats});
    assert_eq!(status, expected);
    let daily = key.get("/api/v1/analytics/daily").await.expect_ok().json();
    assert_eq!(names(&daily), ["computed_at", "data", "n", "period", "time_zone"]);
    let days = daily["data"].as_array().unwrap();
    assert_eq!((&daily["period"], &daily["n"], days.len()), (&json!("30 days"), &json!(0), 30));
    assert_eq!(
        (&days[0], &days[29]),
        (
            &json!({"date": "2026-10-24", "count": 0}),
            &json!({"date": "2026-11-22", "count": 0, "partial": true})
        )
    );
    let overview = owner.get("/api/v1/analytics/overview").await.expect_ok().json();
    assert_eq!(names(&overview), ["daily", "last_id", "recent", "stats", "usage"]);
    assert_eq!(
        (&overview["stats"], &overview["daily"], &overview["recent"], &overview["last_id"]),
        (&stats, &daily, &json!([]), &json!(0))
    );
    assert_eq!(
        (&overview["usage"]["logs_used"], &overview["usage"]["period"]),
        (&json!(0), &json!("2026-11"))
    );
}

/// ANA-01, GEN-02: today, this week and their comparisons run from local midnight and Monday to the same local moment.
#[tokio::test]
async fn comparisons_run_up_to_the_same_local_moment() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    // Now it is Sunday 22 November 2026, 13:00 in Amsterdam (UTC+1); the week began on Monday the 16th.
    for (at, what) in [
        ("2026-11-21T23:00:00Z", "today, its first moment"),
        ("2026-11-22T11:59:59.999Z", "today"),
        ("2026-11-22T12:30:00Z", "today, by a clock that is ahead"),
        ("2026-11-21T22:59:59.999Z", "yesterday, after this time"),
        ("2026-11-20T23:00:00Z", "yesterday, its first moment"),
        ("2026-11-21T11:59:59.999Z", "yesterday, up to now"),
        ("2026-11-21T12:00:00Z", "yesterday, after this time"),
        ("2026-11-15T23:00:00Z", "Monday, its first moment"),
        ("2026-11-15T22:59:59.999Z", "last week, after this time"),
        ("2026-11-15T12:00:00Z", "last week, after this time"),
        ("2026-11-15T11:59:59.999Z", "last week, up to now"),
        ("2026-11-08T23:00:00Z", "last week, its first moment"),
        ("2026-11-08T22:59:59.999Z", "the week before"),
    ] {
        record(&key, &json!({"occurred_at": at, "what": what}).to_string()).await;
    }
    let stats = key.get("/api/v1/analytics/stats").await.expect_ok().json();
    let figures =
        ["total_logs", "logs_today", "logs_yesterday_same_time", "logs_week", "logs_last_week_same_time"]
            .map(|name| stats[name].as_i64().unwrap());
    assert_eq!(figures, [13, 3, 2, 8, 2], "{stats}");
    assert_eq!(
        (&stats["first_log"], &stats["last_log"]),
        (&json!("2026-11-08T22:59:59.999Z"), &json!("2026-11-22T12:30:00.000Z"))
    );
}

/// Local dates of instants, one by one, by nothing but the zone.
fn by_date(instants: &[i64], zone: &str) -> BTreeMap<String, i64> {
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    let mut days = BTreeMap::new();
    for at in instants {
        let date = jiff::Timestamp::from_millisecond(*at).unwrap().to_zoned(zone.clone()).date();
        *days.entry(date.to_string()).or_default() += 1;
    }
    days
}

/// ANA-02, GEN-02, GEN-13: in every zone, days equal the logs counted one by one, through clock changes and half hours.
#[tokio::test]
async fn days_equal_the_logs_counted_one_by_one() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let mut dice = Dice::new(5);
    let at = |text: &str| Millis::from_rfc3339(text).unwrap().0;
    let mut instants = Vec::new();
    // Every half hour around both changes of the clock, and the milliseconds around local midnights.
    for (from, hours) in
        [("2026-03-27T00:00:00Z", 96), ("2026-10-23T00:00:00Z", 96), ("2026-11-19T00:00:00Z", 84)]
    {
        instants.extend((0..hours * 2).map(|half| at(from) + half * 1_800_000));
    }
    for midnight in [
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T23:00:00Z",
        "2026-10-24T18:30:00Z",
        "2026-11-20T18:15:00Z",
    ] {
        instants.extend([-1, 0, 1].map(|offset| at(midnight) + offset));
    }
    instants.extend((0..300).map(|_| dice.within(at("2025-11-23T12:00:00Z"), at(NOW_MS))));
    let lines: Vec<String> =
        instants.iter().map(|at| format!("{{\"occurred_at\":\"{}\"}}", Millis(*at).to_rfc3339())).collect();
    upload(&key, &lines).await;
    for zone in [
        "Europe/Amsterdam",
        "UTC",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/New_York",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "Pacific/Marquesas",
        "America/Sao_Paulo",
    ] {
        let daily = key.get(&format!("/api/v1/analytics/daily?days=365&tz={zone}")).await.expect_ok().json();
        let days = daily["data"].as_array().unwrap();
        assert_eq!((days.len(), &daily["time_zone"]), (365, &json!(zone)));
        let expected = by_date(&instants, zone);
        let mut sum = 0;
        for day in days {
            let date = day["date"].as_str().unwrap();
            let count = day["count"].as_i64().unwrap();
            assert_eq!(count, expected.get(date).copied().unwrap_or_default(), "{date} in {zone}");
            sum += count;
        }
        assert_eq!(daily["n"], sum, "{zone}");
        assert!(days.windows(2).all(|pair| pair[0]["date"].as_str() < pair[1]["date"].as_str()));
        assert_eq!(days.iter().filter(|day| day["partial"] == true).count(), 1);
        // The customer's own zone, without a parameter.
        owner.patch("/api/v1/me", &json!({"time_zone": zone})).await.expect_ok();
        assert_eq!(key.get("/api/v1/analytics/daily?days=365").await.expect_ok().json(), daily);
        let stats = key.get("/api/v1/analytics/stats").await.expect_ok().json();
        assert_eq!(stats["logs_today"], days[364]["count"], "{zone}");
        assert_eq!(stats, key.get(&format!("/api/v1/analytics/stats?tz={zone}")).await.expect_ok().json());
    }
    let count = |daily: &Value, date: &str| {
        daily["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|day| day["date"] == date)
            .map(|day| day["count"].clone())
    };
    owner.patch("/api/v1/me", &json!({"time_zone": "Europe/Amsterdam"})).await.expect_ok();
    let (app, _) = (TestApp::new().await, ());
    let (_, _, key) = app.tenant().await;
    let whole_days: Vec<String> = (0..96_i64 * 2)
        .flat_map(|half| {
            ["2026-03-27T00:00:00Z", "2026-10-23T00:00:00Z"].map(|from| at(from) + half * 1_800_000)
        })
        .map(|at| format!("{{\"time\":{at}}}"))
        .collect();
    upload(&key, &whole_days).await;
    let daily = key.get("/api/v1/analytics/daily?days=365").await.expect_ok().json();
    for (date, halves) in
        [("2026-03-28", 48), ("2026-03-29", 46), ("2026-03-30", 48), ("2026-10-24", 48), ("2026-10-25", 50)]
    {
        assert_eq!(count(&daily, date), Some(json!(halves)), "{date}");
    }
}

/// ANA-02, API-10: `days` runs from 1 to 365 and zones are IANA names; anything else is refused with what is allowed.
#[tokio::test]
async fn parameters_of_figures_have_bounds() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (days, period) in [("1", "1 days"), ("7", "7 days"), ("365", "365 days")] {
        let daily = key.get(&format!("/api/v1/analytics/daily?days={days}")).await.expect_ok().json();
        assert_eq!(
            (&daily["period"], daily["data"].as_array().unwrap().len().to_string()),
            (&json!(period), days.to_owned())
        );
        key.get(&format!("/api/v1/analytics/overview?days={days}")).await.expect_ok();
    }
    for bad in ["days=0", "days=366", "days=-1", "days=x", "days=1.5", "days=99999999999999999999"] {
        for path in ["daily", "overview"] {
            let problem = key
                .get(&format!("/api/v1/analytics/{path}?{bad}"))
                .await
                .expect_problem(400, "invalid_parameter");
            assert_eq!(problem["args"]["expected"], "1 – 365");
        }
    }
    for bad in ["Mars/Olympus", "Amsterdam", "CET", "+01:00", "../etc/passwd", "Europe/Amsterdam%00"] {
        key.get(&format!("/api/v1/analytics/daily?tz={bad}")).await.expect_problem(400, "invalid_parameter");
        key.get(&format!("/api/v1/analytics/stats?tz={bad}")).await.expect_problem(400, "invalid_parameter");
    }
    key.get("/api/v1/analytics/overview?dagen=3").await.expect_problem(400, "unknown_parameter");
    // The documented addresses ignore what they do not know.
    key.get("/api/v1/analytics/stats?dagen=3").await.expect_ok();
    key.get("/api/v1/analytics/daily?dagen=3").await.expect_ok();
}

/// ANA-01, ANA-08: one request brings the dashboard from one state; unchanged it costs 304, and whatever changes it is seen.
#[tokio::test]
async fn an_unchanged_dashboard_answers_304() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    for n in 0..14 {
        record(&key, &format!("{{\"n\":{n}}}")).await;
    }
    let path = "/api/v1/analytics/overview?days=7";
    let first = owner.get(path).await.expect_ok();
    let tag = first.header("etag").to_owned();
    assert!(first.header("cache-control").contains("private"), "{}", first.header("cache-control"));
    let overview = first.json();
    assert_eq!(overview["stats"], owner.get("/api/v1/analytics/stats").await.expect_ok().json());
    assert_eq!(overview["daily"], owner.get("/api/v1/analytics/daily?days=7").await.expect_ok().json());
    let recent: Vec<i64> =
        overview["recent"].as_array().unwrap().iter().map(|log| log["id"].as_i64().unwrap()).collect();
    assert_eq!((recent, &overview["last_id"]), ((5..=14).rev().collect(), &json!(14)));
    assert_eq!(overview["usage"]["logs_used"], 14);
    for given in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
        let same = owner.with("if-none-match", &given).get(path).await.expect(StatusCode::NOT_MODIFIED);
        assert!(same.body.is_empty());
    }
    let known = owner.with("if-none-match", &tag);
    known.get("/api/v1/analytics/overview?days=8").await.expect_ok();
    owner.patch("/api/v1/me", &json!({"time_zone": "Asia/Tokyo"})).await.expect_ok();
    assert_eq!(known.get(path).await.expect_ok().json()["stats"]["time_zone"], "Asia/Tokyo");
    owner.patch("/api/v1/me", &json!({"time_zone": "Europe/Amsterdam"})).await.expect_ok();
    known.get(path).await.expect(StatusCode::NOT_MODIFIED);
    record(&key, "1").await;
    assert_eq!(known.get(path).await.expect_ok().json()["last_id"], 15);
    let again = owner.get(path).await.expect_ok().header("etag").to_owned();
    app.clock.advance(60_000);
    assert_ne!(owner.get(path).await.expect_ok().header("etag"), again, "comparisons move with the clock");
    let (_, other, _) = app.tenant().await;
    other.with("if-none-match", &again).get(path).await.expect_ok();
}
