//! Histograms and facets: whatever the query, they equal the logs counted one by one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::time::Millis;

use crate::support::{Actor, Dice, TestApp, encode, names, record, upload};

const QUERIES: [&str; 12] = [
    "",
    "kind:scan",
    "location:Venlo",
    "pallet -level:error",
    "\"pallet aangekomen\"",
    "level:>=warning",
    "weight:>500",
    "result:AFKEUR OR location:Breda",
    "id:100..300",
    "after:2026-10-20 before:2026-10-30",
    "*akke*",
    "niets",
];

/// Logs around both changes of the clock, with everything that facets count.
async fn fill(key: &Actor) {
    let mut dice = Dice::new(21);
    let at = |text: &str| Millis::from_rfc3339(text).unwrap().0;
    let lines: Vec<String> = (0..700)
        .map(|number| {
            let range = *dice.pick(&[
                ("2026-03-28T00:00:00Z", "2026-03-31T00:00:00Z"),
                ("2026-10-18T00:00:00Z", "2026-10-31T00:00:00Z"),
                ("2026-11-20T00:00:00Z", "2026-11-22T12:00:00Z"),
            ]);
            let mut log = json!({
                "occurred_at": Millis(dice.within(at(range.0), at(range.1))).to_rfc3339(),
                "kind": dice.pick(&["scan", "scan_failed", "quality_check"]),
                "level": dice.pick(&["info", "warning", "error"]),
                "message": dice.pick(&["pallet aangekomen", "aangekomen pallet", "bakken geteld"]),
                "weight": dice.below(1_000),
                "order": format!("ORD-{}", number / 2),
            });
            if dice.below(4) > 0 {
                log["location"] = json!(dice.pick(&["Venlo", "Breda", "Den Haag", "'s-Hertogenbosch"]));
            }
            if dice.below(3) == 0 {
                log["result"] = json!([dice.pick(&["AFKEUR", "OK"]), dice.pick(&["AFKEUR", "OK"])]);
            }
            log.to_string()
        })
        .collect();
    upload(key, &lines).await;
}

/// All logs that a query finds, page by page.
async fn found(actor: &Actor, query: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/logs?limit=300&expand=payload&q={}{cursor}", encode(query));
        let page = actor.get(&path).await.expect_ok().json();
        all.extend(page["logs"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn occurred(log: &Value) -> i64 {
    Millis::from_rfc3339(log["timestamp"].as_str().unwrap()).unwrap().0
}

/// SRCH-06, ANA-02, GEN-13: for every query, unit and zone the buckets are local, follow each other without gap, and
/// hold what counting one by one gives.
#[tokio::test]
async fn histograms_equal_a_recount() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    fill(&key).await;
    for query in QUERIES {
        let logs = found(&key, query).await;
        for (unit, zone) in [
            ("day", "Europe/Amsterdam"),
            ("week", "Europe/Amsterdam"),
            ("month", "America/St_Johns"),
            ("day", "Asia/Kathmandu"),
            ("", "Europe/Amsterdam"),
        ] {
            let path = format!("/api/v1/logs/histogram?q={}&unit={unit}&tz={}", encode(query), encode(zone));
            let out = key.get(&path).await.expect_ok().json();
            check(&out, &logs, zone, &path);
        }
        // Ranges that begin and end anywhere.
        for range in ["from=2026-10-24T21:17:03Z&to=2026-10-26T01:02:03Z", "from=2026-11-21T23:30:00Z"] {
            let path = format!("/api/v1/logs/histogram?q={}&unit=hour&{range}", encode(query));
            let out = key.get(&path).await.expect_ok().json();
            check(&out, &logs, "Europe/Amsterdam", &path);
        }
    }
}

#[track_caller]
fn check(out: &Value, logs: &[Value], zone: &str, what: &str) {
    let at = |value: &Value| Millis::from_rfc3339(value.as_str().unwrap()).unwrap().0;
    let (from, to) = (at(&out["from"]), at(&out["to"]));
    let buckets = out["buckets"].as_array().unwrap();
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    let mut end = from;
    for bucket in buckets {
        let (begin, finish) = (at(&bucket["from"]), at(&bucket["to"]));
        assert_eq!(begin, end, "{what}");
        end = finish;
        let count = logs.iter().filter(|log| (begin..finish).contains(&occurred(log))).count();
        assert_eq!(bucket["count"], count, "{what} {bucket}");
        if matches!(out["unit"].as_str(), Some("day" | "week" | "month")) && begin != from {
            let local = jiff::Timestamp::from_millisecond(begin).unwrap().to_zoned(zone.clone());
            assert_eq!((local.hour(), local.minute()), (0, 0), "{what} {bucket}");
        }
    }
    assert!(buckets.is_empty() || end == to, "{what}");
    let within = logs.iter().filter(|log| (from..to).contains(&occurred(log))).count();
    assert_eq!((&out["n"], &out["complete"]), (&json!(within), &json!(true)), "{what}");
}

/// SRCH-06, ANA-04: facets of any field equal counting one by one: several values of a log count once each, what is
/// not there is missing, and each value's term finds exactly its logs.
#[tokio::test]
async fn facets_equal_a_recount() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    fill(&key).await;
    let fields = ["kind", "level", "source", "ip", "location", "result", "order"];
    for query in QUERIES {
        let logs = found(&key, query).await;
        for asked in [fields.join(","), "kind,level".to_owned(), "ip,source".to_owned()] {
            let path = format!("/api/v1/logs/facets?limit=4&fields={asked}&q={}", encode(query));
            let out = key.get(&path).await.expect_ok().json();
            assert_eq!((&out["n"], &out["complete"]), (&json!(logs.len()), &json!(true)), "{path}");
            for facet in out["facets"].as_array().unwrap() {
                let mut counts: BTreeMap<String, i64> = BTreeMap::new();
                let mut missing = 0;
                for log in &logs {
                    let have = values(log, facet["field"].as_str().unwrap());
                    missing += i64::from(have.is_empty());
                    for value in have {
                        *counts.entry(value).or_default() += 1;
                    }
                }
                let mut expected: Vec<(String, i64)> = counts.clone().into_iter().collect();
                expected.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                let beyond: i64 = expected.iter().skip(4).map(|(_, count)| count).sum();
                expected.truncate(4);
                let shown: Vec<(String, i64)> = facet["values"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|value| {
                        (value["value"].as_str().unwrap().to_owned(), value["count"].as_i64().unwrap())
                    })
                    .collect();
                assert_eq!(shown, expected, "{path} {facet}");
                assert_eq!(
                    (&facet["missing"], &facet["other"], &facet["distinct"]),
                    (&json!(missing), &json!(beyond), &json!(counts.len())),
                    "{path}"
                );
            }
        }
    }
    let out = key.get("/api/v1/logs/facets?fields=location,kind,result").await.expect_ok().json();
    for facet in out["facets"].as_array().unwrap() {
        for value in facet["values"].as_array().unwrap() {
            let logs = found(&key, value["term"].as_str().unwrap()).await;
            assert_eq!(value["count"], logs.len(), "{value}");
            let share = value["count"].as_f64().unwrap() / 700.0;
            assert!((value["share"].as_f64().unwrap() - share).abs() < 1e-12);
        }
    }
}

fn values(log: &Value, field: &str) -> BTreeSet<String> {
    let value = match field {
        "kind" | "level" | "source" => &log[field],
        "ip" => &log["ip_address"],
        _ => &log["payload"][field],
    };
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        Value::String(text) => BTreeSet::from([text.clone()]),
        _ => BTreeSet::new(),
    }
}

/// SRCH-06, API-10, GEN-01: without logs there are no buckets and no values; parameters that make no sense are refused
/// with what would; hostile names of fields are names.
#[tokio::test]
async fn counts_of_nothing_and_of_nonsense() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let out = key.get("/api/v1/logs/histogram").await.expect_ok().json();
    assert_eq!(names(&out), ["buckets", "complete", "computed_at", "from", "n", "time_zone", "to", "unit"]);
    assert_eq!((&out["buckets"], &out["n"]), (&json!([]), &json!(0)));
    let out = key.get("/api/v1/logs/facets").await.expect_ok().json();
    assert_eq!(out["facets"].as_array().unwrap().len(), 3);
    record(&key, r#"{"a\"b'; drop table log": "x", "message": "een"}"#).await;
    for (path, code) in [
        ("logs/histogram?unit=year", "invalid_parameter"),
        ("logs/histogram?tz=Amsterdam", "invalid_parameter"),
        ("logs/histogram?bucket=day", "unknown_parameter"),
        ("logs/histogram?q=(", "invalid_query"),
        ("logs/facets?limit=0", "invalid_parameter"),
        ("logs/facets?fields=,", "invalid_parameter"),
        ("logs/facets?fields=a,b,c,d,e,f,g,h,i,j,k", "invalid_parameter"),
    ] {
        let answer = key.get(&format!("/api/v1/{path}")).await;
        let expected = if code == "invalid_query" { 400 } else { answer.status.as_u16() };
        assert!(answer.status.is_client_error(), "{path}");
        answer.expect_problem(expected, code);
    }
    let name = encode("a\"b'; drop table log");
    let out = key.get(&format!("/api/v1/logs/facets?fields={name}")).await.expect_ok().json();
    assert_eq!(out["facets"][0]["values"][0]["value"], "x", "{out}");
}

/// SRCH-06: fields of the data that are spelled like fields of the grammar have terms that find them.
#[tokio::test]
async fn terms_of_fields_with_known_names_find_them() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    record(&key, r#"{"id": "a", "na": "b", "has": "c", "soort": "d", "flag": 5, "after": "2026-01-01"}"#)
        .await;
    record(&key, r#"{"message": "een andere"}"#).await;
    let out = key.get("/api/v1/logs/facets?fields=id,na,has,soort,flag,after").await.expect_ok().json();
    for facet in out["facets"].as_array().unwrap() {
        let term = facet["values"][0]["term"].as_str().unwrap();
        assert_eq!(found(&key, term).await.len(), 1, "{term}");
    }
}

/// SRCH-06, SRCH-04: a range beyond all logs is cut to them; a word that is repeated a thousand times is one word.
#[tokio::test]
async fn far_ranges_and_long_queries_are_answered() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    fill(&key).await;
    for range in ["to=9999-12-31T00:00:00Z", "from=1000-01-01T00:00:00Z", "q=before:9999-01-01"] {
        let out = key.get(&format!("/api/v1/logs/histogram?{range}")).await.expect_ok().json();
        assert_eq!(out["n"], 700, "{range}");
    }
    key.get("/api/v1/logs/histogram?unit=minute").await.expect_problem(400, "invalid_parameter");
    let query = encode(&format!("{}aangekomen", "a OR ".repeat(800)));
    let out = key.get(&format!("/api/v1/logs/facets?q={query}")).await.expect_ok().json();
    assert_eq!(out["complete"], true);
}

/// KEY-09, SRCH-06: a test key counts its own space.
#[tokio::test]
async fn test_logs_are_counted_apart() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let made = owner
        .post("/api/v1/keys", &json!({"name": "proef", "mode": "test"}))
        .await
        .expect(axum::http::StatusCode::CREATED)
        .json();
    let trial = test.bearer(made["key"].as_str().or_else(|| made["api_key"].as_str()).unwrap());
    record(&key, r#"{"kind": "echt"}"#).await;
    for _ in 0..3 {
        record(&trial, r#"{"kind": "proef"}"#).await;
    }
    for (actor, kind, n) in [(&key, "echt", 1), (&trial, "proef", 3)] {
        let histogram = actor.get("/api/v1/logs/histogram").await.expect_ok().json();
        assert_eq!(histogram["n"], n);
        let facets = actor.get("/api/v1/logs/facets?fields=kind").await.expect_ok().json();
        assert_eq!(facets["facets"][0]["values"][0]["value"], kind);
        assert_eq!(facets["n"], n);
    }
}
