//! The end of a quota in the words of each protocol.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::tenancy::Plan;

use super::{RESET_S, app, fill, set_used};
use crate::support::{Actor, Answer, TestApp, audit};

const NDJSON: &str = "application/x-ndjson";

/// A demo customer with so many logs left.
async fn world(left: usize) -> (TestApp, Actor) {
    let test = app(Plan::Demo, false).await;
    let (_, _, key) = test.tenant().await;
    fill(&key, 100 - left).await;
    (test, key)
}

#[track_caller]
fn retry(answer: &Answer) {
    assert_eq!(answer.headers["retry-after"], RESET_S.to_string());
}

/// BIL-04, LOG-19: Elasticsearch: items that do not fit get 429, which shippers hold back and send again.
#[tokio::test]
async fn elasticsearch_items_are_held_back() {
    let (test, key) = world(2).await;
    let line = |id: &str| {
        format!("{{\"index\":{{\"_index\":\"scan\",\"_id\":\"{id}\"}}}}\n{{\"message\":\"{id}\"}}\n")
    };
    let body: String = ["a", "b", "c", "a"].map(line).concat();
    for expected in [[201, 201, 429, 200], [200, 200, 429, 200]] {
        let out = key.post_raw("/es/_bulk", NDJSON, body.clone()).await.expect_ok().json();
        let statuses: Vec<u64> = out["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["index"]["status"].as_u64().unwrap())
            .collect();
        assert_eq!((statuses, &out["errors"]), (expected.to_vec(), &json!(true)));
        assert_eq!(out["items"][2]["index"]["error"]["type"], "es_rejected_execution_exception");
    }
    assert_eq!(audit(&test.app.db).await, 100);
}

/// BIL-04, LOG-19: Loki: 429 with a line of text and the time to wait; what was stored of it is known when it is sent again.
#[tokio::test]
async fn loki_agents_are_held_back() {
    let (test, key) = world(1).await;
    let body = json!({ "streams": [{ "stream": { "app": "sorter" }, "values": [["1795334400000000000", "een"], ["1795334400000000001", "twee"]] }] });
    for _ in 0..2 {
        let answer = key.post("/loki/api/v1/push", &body).await;
        retry(&answer);
        let answer = answer.expect(StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert!(answer.text().contains("100") && answer.text().ends_with('\n'), "{}", answer.text());
    }
    assert_eq!(audit(&test.app.db).await, 100);
}

/// BIL-04, LOG-19: OpenTelemetry: a part that fits is told as partial success; where nothing fits, 429 as a status.
#[tokio::test]
async fn opentelemetry_hears_a_part_or_a_status() {
    let (test, key) = world(1).await;
    let records: Vec<Value> = (0..3)
        .map(|n| json!({ "timeUnixNano": (1_795_334_400_000_000_000_u64 + n).to_string(), "body": { "stringValue": "x" } }))
        .collect();
    let body = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] });
    let partial = key.post("/otlp/v1/logs", &body).await.expect_ok().json();
    assert_eq!(partial["partialSuccess"]["rejectedLogRecords"], "2");
    assert!(partial["partialSuccess"]["errorMessage"].as_str().unwrap().contains("100"), "{partial}");
    let answer = key.post("/otlp/v1/logs", &body).await;
    retry(&answer);
    let status = answer.expect(StatusCode::TOO_MANY_REQUESTS).json();
    assert_eq!(status["code"], 8, "RESOURCE_EXHAUSTED");
    assert_eq!(audit(&test.app.db).await, 100);
}

fn epcis(count: usize) -> Value {
    let events: Vec<Value> = (0..count)
        .map(|n| {
            json!({ "type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE",
                "bizStep": "shipping", "epcList": [format!("urn:epc:id:sscc:0614141.12345678{n:02}")] })
        })
        .collect();
    json!({ "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-11-22T08:00:00Z", "epcisBody": { "eventList": events } })
}

/// BIL-04, LOG-18: EPCIS: a job says which events did not fit, all or none of it stored as was asked; an event by itself
/// is refused with the exception of the standard.
#[tokio::test]
async fn epcis_jobs_name_what_did_not_fit() {
    let (test, key) = world(2).await;
    for (behaviour, stored) in [("rollback", 98), ("proceed", 100)] {
        let answer =
            key.with("gs1-capture-error-behaviour", behaviour).post("/epcis/v2/capture", &epcis(3)).await;
        let path = answer.expect(StatusCode::ACCEPTED).header("location").to_owned();
        let job = key.get(&path).await.expect_ok().json();
        assert_eq!((&job["success"], job["errors"].as_array().unwrap().len()), (&json!(false), 1));
        let error = &job["errors"][0];
        assert_eq!(
            (&error["type"], &error["status"], &error["instance"]),
            (
                &json!("epcisException:CaptureLimitExceededException"),
                &json!(402),
                &json!("#/epcisBody/eventList/2")
            )
        );
        assert_eq!(audit(&test.app.db).await, stored);
    }
    let mut event = epcis(9)["epcisBody"]["eventList"][8].clone();
    event["@context"] = epcis(1)["@context"].clone();
    let answer = key.post("/epcis/v2/events", &event).await;
    retry(&answer);
    let problem = answer.expect(StatusCode::PAYMENT_REQUIRED).json();
    assert_eq!(problem["type"], "epcisException:CaptureLimitExceededException");
    assert_eq!(audit(&test.app.db).await, 100);
}

/// BIL-04, LOG-18: Open Trip Model: 402 for each event of a list, and for one by itself.
#[tokio::test]
async fn open_trip_model_events_are_refused_one_by_one() {
    let (test, key) = world(1).await;
    let event = |id: &str| json!({ "id": id, "eventType": "e", "dateTime": "2026-11-22T08:00:00Z" });
    let list = json!([event("a"), event("b")]);
    let out = key.post("/otm/v5/events", &list).await.expect(StatusCode::MULTI_STATUS).json();
    assert_eq!((&out[0]["status"], &out[1]["status"]), (&json!(201), &json!(402)));
    assert_eq!(out[1]["errors"][0]["code"], "log_quota_exhausted");
    let answer = key.post("/otm/v5/events", &event("c")).await;
    retry(&answer);
    let out = answer.expect(StatusCode::PAYMENT_REQUIRED).json();
    assert_eq!(out["errors"][0]["code"], "log_quota_exhausted");
    key.post("/otm/v5/events", &event("a")).await.expect_ok();
    assert_eq!(audit(&test.app.db).await, 100);
}

/// API-06, API-07, LOG-19: too many requests and no calls left, as each protocol says it; recording goes on without calls.
#[tokio::test]
async fn rates_and_calls_end_in_the_words_of_each() {
    let test = app(Plan::Demo, true).await;
    let (customer, _, key) = test.tenant().await;
    set_used(&test, &customer, "api_calls", 1_000).await;
    let refused = key.get("/epcis/v2/events").await;
    retry(&refused);
    let problem = refused.expect(StatusCode::TOO_MANY_REQUESTS).json();
    assert_eq!(problem["code"], "api_quota_exhausted");
    let line = "{\"index\":{\"_index\":\"s\",\"_id\":\"1\"}}\n{\"m\":1}\n";
    key.post_raw("/es/_bulk", NDJSON, line).await.expect_ok();
    while key.get("/api/v1/me").await.status != 429 {}
    let es = key.post_raw("/es/_bulk", NDJSON, line).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        (es.header("retry-after"), &es.json()["error"]["type"]),
        ("1", &json!("es_rejected_execution_exception"))
    );
    let loki =
        key.post("/loki/api/v1/push", &json!({ "streams": [] })).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(loki.header("content-type"), "text/plain; charset=utf-8");
    let otlp = key.post("/otlp/v1/logs", &json!({})).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((otlp.header("retry-after"), &otlp.json()["code"]), ("1", &json!(8)));
    let otm = key.post("/otm/v5/events", &json!({})).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(otm.json()["errors"][0]["code"], "rate_limited");
}
