//! What is unusual is found where it was hidden, without being told.

use api::demo::company::USUAL_LOGS;
use api::demo::planted::{Planted, Story};
use api::demo::story::{Course, TIME_ZONE};
use serde_json::{Value, json};
use shared::time::Millis;

use crate::support::{TestApp, encode, upload};

fn overlap(finding: &Value, planted: &Planted) -> bool {
    let at = |name: &str| Millis::from_rfc3339(finding[name].as_str().unwrap()).unwrap();
    at("from") < planted.to && planted.from < at("to")
}

/// ANA-07, OPS-12: the cold chain, the drift, the gap with its late batch, the rejects in Venlo and the night with
/// eight times the logs are found with value, band and logs; and little else is called unusual.
#[tokio::test]
async fn the_hidden_things_are_found() {
    let test = TestApp::new().await;
    let options = api::demo::SeedOptions { seed: 42, until: None, logs: None, force: false };
    let seeded = api::demo::seed(&test.app, &options, &mut |_, _| {}).await.unwrap();
    let course = Course {
        seed: 42,
        until: jiff::civil::date(2026, 11, 21),
        logs: USUAL_LOGS,
        zone: jiff::tz::TimeZone::get(TIME_ZONE).unwrap(),
    };
    let mut told = 0;
    for customer in &seeded.customers {
        let key = test.bearer(&customer.api_key);
        let out = key.get("/api/v1/analytics/findings").await.expect_ok().json();
        let findings = out["findings"].as_array().unwrap();
        assert_eq!(out["complete"], true);
        let mut expected = 0;
        for planted in course.planted().iter().filter(|planted| planted.customer == customer.name) {
            let found = |kind: &str, test: &dyn Fn(&Value) -> bool| {
                let found = findings
                    .iter()
                    .find(|finding| finding["kind"] == kind && overlap(finding, planted) && test(finding));
                found.unwrap_or_else(|| panic!("not found: {planted:?}")).clone()
            };
            let finding = match planted.story {
                Story::ColdChain { readings, highest_c, .. } => {
                    let found = found("outliers", &|finding| finding["field"] == "temperature_c");
                    assert_eq!(
                        (found["observed"].as_f64(), found["n"].as_u64()),
                        (Some(highest_c), Some(readings as u64))
                    );
                    found
                }
                Story::DockDrift { minutes, rise_percent } => {
                    let found = found("shift", &|finding| finding["field"] == "minutes");
                    let now = found["observed"].as_f64().unwrap();
                    assert!((found["usual"].as_f64().unwrap() - minutes).abs() < 2.0, "{found}");
                    assert!(now > minutes * (1.0 + rise_percent / 200.0), "{found}");
                    found
                }
                Story::BusyNight { ip, .. } => {
                    let found = found("busy", &|_| true);
                    assert_eq!(found["mostly"], json!({"field": "ip", "value": ip}), "{found}");
                    found
                }
                Story::LateBatch { logs, .. } => {
                    let found = found("gap", &|_| true);
                    assert_eq!(found["arrived_later"], logs, "{found}");
                    found
                }
                Story::QualityRejects { place, .. } => {
                    let found = found("share", &|finding| finding["value"] == "AFKEUR");
                    assert_eq!(found["group"]["value"], place, "{found}");
                    found
                }
                Story::MissingArrivals { .. } => continue,
                // A month with more logs than any before has busy days.
                Story::OverQuota { .. } => {
                    let busy = findings.iter().filter(|finding| finding["kind"] == "busy").count();
                    expected += busy;
                    continue;
                }
            };
            expected += 1;
            told += 1;
            // Its search leads to its logs.
            let path = format!(
                "/api/v1/logs/histogram?q={}&from={}&to={}",
                encode(finding["query"].as_str().unwrap()),
                finding["from"].as_str().unwrap(),
                finding["to"].as_str().unwrap(),
            );
            let logs = key.get(&path).await.expect_ok().json()["n"].as_i64().unwrap();
            assert!(logs > 0, "{finding}");
        }
        assert!(findings.len() <= expected + 1, "{}: {findings:#?}", customer.name);
    }
    assert_eq!(told, 5);
}

/// ANA-07, GEN-01: without logs, or with a few days of them, there is a reason and no finding.
#[tokio::test]
async fn short_histories_have_a_reason() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let out = key.get("/api/v1/analytics/findings").await.expect_ok().json();
    assert_eq!((&out["reason"], &out["findings"]), (&json!("no_data"), &json!([])));
    let lines: Vec<String> = (0..200)
        .map(|at| {
            json!({"occurred_at": Millis(1_795_000_000_000 + at * 600_000).to_rfc3339(), "value": at % 7})
                .to_string()
        })
        .collect();
    upload(&key, &lines).await;
    let out = key.get("/api/v1/analytics/findings").await.expect_ok().json();
    assert_eq!((&out["reason"], &out["findings"]), (&json!("too_few"), &json!([])), "{out}");
    key.get("/api/v1/analytics/findings?q=x").await.expect_problem(400, "unknown_parameter");
}
