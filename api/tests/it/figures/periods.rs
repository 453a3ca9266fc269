//! Figures over a period: series with comparison, weekly pattern, growth, forecast, cohorts, funnels.

use serde_json::{Value, json};
use shared::time::Millis;

use crate::support::{TestApp, encode, upload};

fn log(at: &str, more: &Value) -> String {
    let mut log = json!({"occurred_at": at});
    for (name, value) in more.as_object().unwrap() {
        log[name] = value.clone();
    }
    log.to_string()
}

/// ANA-16, ANA-05, GEN-01: a running week is compared up to the same moment; complete weeks and months are compared
/// whole; nothing before is a reason and not a percentage. Now is Sunday 22 November 2026, 13:00 in Amsterdam.
#[tokio::test]
async fn periods_are_compared_fairly() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let mut lines = Vec::new();
    for (at, count) in [
        ("2026-11-22T11:00:00Z", 2),
        ("2026-11-17T10:00:00Z", 4),
        // Last Sunday after this moment.
        ("2026-11-15T20:00:00Z", 5),
        ("2026-11-10T10:00:00Z", 3),
        ("2026-11-04T10:00:00Z", 10),
        ("2026-10-10T10:00:00Z", 6),
        ("2026-09-30T21:59:59Z", 8),
    ] {
        for number in 0..count {
            lines.push(log(at, &json!({"number": number})));
        }
    }
    upload(&key, &lines).await;
    let week = "from=2026-11-15T23:00:00Z&to=2026-11-22T23:00:00Z";
    let out = key
        .get(&format!("/api/v1/analytics/series?unit=day&compare=previous&{week}"))
        .await
        .expect_ok()
        .json();
    assert_eq!(out["current"]["n"], 6);
    assert_eq!(out["previous"]["n"], 8);
    assert_eq!(out["current"]["buckets"].as_array().unwrap().len(), 7);
    assert_eq!(
        (&out["comparison"]["previous"]["count"], &out["comparison"]["change"]),
        (&json!(3), &json!(1.0))
    );
    assert_eq!(out["mean_per_day"].as_f64().unwrap(), 6.0 / 7.0);
    let year =
        key.get(&format!("/api/v1/analytics/series?unit=day&compare=year&{week}")).await.expect_ok().json();
    assert_eq!(
        (&year["comparison"]["change"], &year["comparison"]["reason"]),
        (&Value::Null, &json!("no_denominator"))
    );
    assert_eq!(year["previous"]["from"], "2025-11-16T23:00:00.000Z");

    let growth = key.get("/api/v1/analytics/growth").await.expect_ok().json();
    let counts =
        |part: &str| (growth[part]["current"]["count"].clone(), growth[part]["previous"]["count"].clone());
    assert_eq!(counts("week"), (json!(8), json!(10)), "9–15 beside 2–8 November");
    assert_eq!(counts("month"), (json!(6), json!(8)), "October beside September");
    assert_eq!((&growth["week"]["change"], &growth["month"]["change"]), (&json!(-0.2), &json!(-0.25)));
    let none =
        key.get(&format!("/api/v1/analytics/growth?q={}", encode("number:9"))).await.expect_ok().json();
    assert_eq!((&none["week"]["change"], &none["week"]["reason"]), (&json!(-1.0), &Value::Null));
    assert_eq!(none["month"]["reason"], "no_denominator");
}

/// ANA-03, GEN-02: the pattern counts local hours, both passes of the double hour in one, none of the hour that is
/// skipped, and only the chosen range.
#[tokio::test]
async fn the_pattern_is_local() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let lines: Vec<String> = [
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-03-29T01:10:00Z",
        "2026-11-18T22:59:59Z",
        "2026-11-18T23:00:00Z",
        "2026-11-18T23:59:59Z",
    ]
    .map(|at| log(at, &json!({})))
    .into();
    upload(&key, &lines).await;
    let out = key.get("/api/v1/analytics/pattern?from=2026-01-01T00:00:00Z").await.expect_ok().json();
    let cell = |weekday: usize, hour: usize| out["cells"][weekday][hour].as_i64().unwrap();
    assert_eq!((cell(6, 2), cell(6, 3), cell(2, 23), cell(3, 0)), (2, 1, 1, 2));
    assert_eq!(out["n"], 6);
    let sum: i64 = (0..7).flat_map(|day| (0..24).map(move |hour| (day, hour))).map(|(d, h)| cell(d, h)).sum();
    assert_eq!(sum, 6);
    assert_eq!(
        (&out["busiest"]["weekday"], &out["busiest"]["hour"], &out["busiest"]["count"]),
        (&json!(4), &json!(0), &json!(2))
    );
    let part = key.get("/api/v1/analytics/pattern").await.expect_ok().json();
    assert_eq!(part["n"], 5, "the last thirty days");
    let empty = key.get("/api/v1/analytics/pattern?q=niets").await.expect_ok().json();
    assert_eq!((&empty["n"], &empty["busiest"]), (&json!(0), &Value::Null));
}

/// ANA-06, GEN-01: a forecast rests on complete days, tells its interval and error, and below two weeks its reason.
#[tokio::test]
async fn forecasts_tell_how_sure_they_are() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let none = key.get("/api/v1/analytics/forecast").await.expect_ok().json();
    assert_eq!(
        (&none["method"], &none["reason"], &none["days"]),
        (&Value::Null, &json!("no_data"), &json!([]))
    );
    let mut lines = Vec::new();
    let today = Millis::from_rfc3339("2026-11-22T08:00:00Z").unwrap().0;
    for back in 0..70_i64 {
        let day = today - back * 86_400_000;
        // 22 November is a Sunday.
        let usual = if back % 7 == 0 || back % 7 == 1 { 2 } else { 9 };
        for number in 0..usual + (back * 3 % 2) {
            lines.push(log(
                &Millis(day + number * 60_000).to_rfc3339(),
                &json!({"lot": if back < 10 { "a" } else { "b" }}),
            ));
        }
    }
    upload(&key, &lines).await;
    let out = key.get("/api/v1/analytics/forecast").await.expect_ok().json();
    let days = out["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["date"], out["n"].as_i64()), (28, &json!("2026-11-22"), Some(68)));
    for day in days {
        let date: jiff::civil::Date = day["date"].as_str().unwrap().parse().unwrap();
        let expected = day["expected"].as_f64().unwrap();
        assert!(day["low"].as_f64().unwrap() <= expected && expected <= day["high"].as_f64().unwrap());
        let weekend = matches!(date.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
        assert_eq!(expected < 6.0, weekend, "{day}");
    }
    assert!(out["error"].as_f64().unwrap() < 2.0);
    assert!(out["error_ratio"].as_f64().unwrap() <= 1.0);
    let short = key.get("/api/v1/analytics/forecast?q=lot:a%20after:2026-11-14").await.expect_ok().json();
    assert_eq!((&short["reason"], &short["needed"]), (&json!("too_few"), &json!(14)), "{short}");
}

/// ANA-10, GEN-01: carriers by the month in which they were first seen; the running month is provisional.
#[tokio::test]
async fn cohorts_follow_first_months() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let lines: Vec<String> = [
        ("2026-09-10T10:00:00Z", "Jansen"),
        // 1 October, 00:30 in Amsterdam.
        ("2026-09-30T22:30:00Z", "De Vries"),
        ("2026-11-02T10:00:00Z", "Jansen"),
        ("2026-11-03T10:00:00Z", "De Vries"),
        ("2026-11-03T11:00:00Z", "Bakker"),
    ]
    .map(|(at, carrier)| log(at, &json!({"carrier": carrier})))
    .into();
    upload(&key, &lines).await;
    let out = key.get("/api/v1/analytics/cohorts?field=carrier").await.expect_ok().json();
    let rows: Vec<String> = out["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let cells: Vec<String> =
                row["cells"].as_array().unwrap().iter().map(|cell| cell["active"].to_string()).collect();
            format!("{} {}: {}", row["month"].as_str().unwrap(), row["size"], cells.join(" "))
        })
        .collect();
    assert_eq!(rows, ["2026-09 1: 1 0 1", "2026-10 1: 1 1", "2026-11 1: 1"]);
    assert_eq!(out["rows"][0]["cells"][2]["provisional"], true);
    assert_eq!(out["rows"][0]["cells"][1].get("provisional"), None);
    let kinds = key.get("/api/v1/analytics/cohorts").await.expect_ok().json();
    assert_eq!((&kinds["field"], &kinds["rows"][0]["size"]), (&json!("kind"), &json!(1)));
    let none = key.get("/api/v1/analytics/cohorts?field=nergens").await.expect_ok().json();
    assert_eq!(none["rows"], json!([]));
}

/// ANA-10, ANA-06, ANA-07, GEN-01: one log from years ago breaks no table, and makes neither zeros for a forecast nor
/// a silence that others could be busy against.
#[tokio::test]
async fn one_old_log_changes_no_history() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let mut lines: Vec<String> = (0..8)
        .flat_map(|day| (0..40).map(move |at| (day, at)))
        .map(|(day, at)| {
            log(&format!("2026-11-{:02}T{:02}:10:00Z", 14 + day, 6 + at % 12), &json!({"kind": "scan"}))
        })
        .collect();
    lines.push(log("2019-01-01T10:00:00Z", &json!({"kind": "oud"})));
    upload(&key, &lines).await;
    let cohorts = key.get("/api/v1/analytics/cohorts?field=kind").await.expect_ok().json();
    assert_eq!(cohorts["rows"][0]["month"], "2019-01");
    let forecast = key.get("/api/v1/analytics/forecast").await.expect_ok().json();
    assert_eq!((&forecast["reason"], &forecast["n"]), (&json!("too_few"), &json!(8)));
    let findings = key.get("/api/v1/analytics/findings").await.expect_ok().json();
    assert_eq!((&findings["reason"], &findings["findings"]), (&json!("too_few"), &json!([])));
}

/// ANA-16, GEN-12: what a clock that is ahead has sent is not counted before it happens.
#[tokio::test]
async fn comparisons_end_now() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let lines = ["2026-11-22T11:00:00Z", "2026-11-22T13:00:00Z", "2026-11-21T11:00:00Z"]
        .map(|at| log(at, &json!({})));
    upload(&key, &lines).await;
    let out = key.get("/api/v1/analytics/series?days=1&compare=previous").await.expect_ok().json();
    assert_eq!(
        (&out["comparison"]["current"]["count"], &out["comparison"]["change"]),
        (&json!(1), &json!(0.0))
    );
}

/// ANA-11, GEN-01: orders that go from step to step in order and in time; who dropped out is named; without entrants
/// there is no share but a reason.
#[tokio::test]
async fn funnels_follow_references() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let lines: Vec<String> = [
        ("2026-11-10T08:00:00Z", "pallet_shipped", "A"),
        ("2026-11-11T08:00:00Z", "container_arrived", "A"),
        ("2026-11-11T10:00:00Z", "quality_check", "A"),
        ("2026-11-10T08:00:00Z", "pallet_shipped", "B"),
        ("2026-11-13T08:00:00Z", "container_arrived", "B"),
        ("2026-11-09T08:00:00Z", "container_arrived", "C"),
        ("2026-11-10T08:00:00Z", "pallet_shipped", "C"),
        ("2026-11-22T08:00:00Z", "pallet_shipped", "D"),
    ]
    .map(|(at, kind, order)| log(at, &json!({"kind": kind, "order": order})))
    .into();
    upload(&key, &lines).await;
    let mut asked = json!({
        "field": "order", "window_hours": 48,
        "steps": [{"q": "kind:pallet_shipped"}, {"q": "kind:container_arrived"}, {"q": "kind:quality_check"}],
    });
    let out = key.post("/api/v1/analytics/funnel", &asked).await.expect_ok().json();
    let reached: Vec<i64> =
        out["steps"].as_array().unwrap().iter().map(|step| step["reached"].as_i64().unwrap()).collect();
    assert_eq!(reached, [4, 1, 1]);
    assert_eq!(out["steps"][1]["dropped"], json!(["B", "C"]), "late, and in the wrong order");
    assert_eq!((&out["steps"][1]["waiting"], &out["steps"][1]["median_ms"]), (&json!(1), &json!(86_400_000)));
    assert_eq!(out["converted"], 0.25);
    asked["from"] = json!("2026-11-12T00:00:00Z");
    asked["to"] = json!("2026-11-13T00:00:00Z");
    let none = key.post("/api/v1/analytics/funnel", &asked).await.expect_ok().json();
    assert_eq!((&none["converted"], &none["reason"]), (&Value::Null, &json!("no_denominator")));
    for (member, value) in [
        ("steps", json!([{"q": "kind:x"}])),
        ("steps", json!([{"q": " "}, {"q": "a"}])),
        ("steps", json!([{"q": "x".repeat(1_025)}, {"q": "a"}])),
        ("window_hours", json!(0)),
        ("field", json!(" ")),
    ] {
        let mut wrong = asked.clone();
        wrong[member] = value;
        key.post("/api/v1/analytics/funnel", &wrong).await.expect_problem(400, "invalid_parameter");
    }
    asked["steps"][0]["q"] = json!("(");
    key.post("/api/v1/analytics/funnel", &asked).await.expect_problem(400, "invalid_query");
}

/// ANA-04: top lists of a period tell share, rest, what has no value, and how many different values there are.
#[tokio::test]
async fn top_lists_cover_their_period() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let mut lines: Vec<String> = (0..6)
        .map(|at| {
            log("2026-11-20T10:00:00Z", &json!({"dock": format!("D{}", at / 2), "kind": "dock_occupied"}))
        })
        .collect();
    lines.push(log("2026-11-20T10:00:00Z", &json!({"kind": "scan"})));
    lines.push(log("2026-10-01T10:00:00Z", &json!({"dock": "D9"})));
    upload(&key, &lines).await;
    let out = key.get("/api/v1/analytics/top?fields=dock,kind&limit=1").await.expect_ok().json();
    let (dock, kind) = (&out["facets"][0], &out["facets"][1]);
    assert_eq!(out["n"], 7);
    assert_eq!((&dock["values"][0]["value"], &dock["values"][0]["count"]), (&json!("D0"), &json!(2)));
    assert_eq!((&dock["other"], &dock["missing"], &dock["distinct"]), (&json!(4), &json!(1), &json!(3)));
    assert_eq!((&kind["values"][0]["value"], &kind["other"]), (&json!("dock_occupied"), &json!(1)));
    let year = key.get("/api/v1/analytics/top?fields=dock&days=365").await.expect_ok().json();
    assert_eq!(year["facets"][0]["distinct"], 4);
}
