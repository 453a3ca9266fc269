//! Schemas in force for protocols of others: each answers in its own form.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{KINDS, lines, stored};
use crate::support::{Actor, TestApp};

/// Makes a kind strict about what a protocol stores.
async fn strict(owner: &Actor, name: &str, schema: &Value) {
    let body = json!({ "name": name, "mode": "reject", "schema": schema.to_string() });
    owner.post(KINDS, &body).await.expect(StatusCode::CREATED);
}

async fn kept(actor: &Actor, way: &str) -> Value {
    let all = lines(actor, "").await;
    assert_eq!((all.len(), &all[0]["way"]), (1, &json!(way)));
    all[0].clone()
}

/// LOG-15, LOG-19: Elasticsearch hears of the item that does not fit, with type and reason.
#[tokio::test]
async fn elastic_hears_of_the_item() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    strict(&owner, "scan", &json!({ "required": ["order"] })).await;
    let body = "{\"create\":{\"_index\":\"scan\",\"_id\":\"a\"}}\n{\"order\":\"1\"}\n{\"create\":{\"_index\":\"scan\",\"_id\":\"b\"}}\n{\"x\":1}\n";
    for _ in 0..2 {
        let out = key.post_raw("/es/_bulk", "application/x-ndjson", body).await.expect_ok().json();
        assert_eq!(out["errors"], true);
        let failed = &out["items"][1]["create"];
        assert_eq!(
            (&failed["status"], &failed["error"]["type"]),
            (&json!(400), &json!("document_parsing_exception"))
        );
        assert!(failed["error"]["reason"].as_str().unwrap().contains("/order"));
    }
    assert_eq!((stored(&key).await, &kept(&key, "elastic").await["times"]), (1, &json!(2)));
}

/// LOG-15, LOG-19: Loki is told how many entries were ignored, and why the first.
#[tokio::test]
async fn loki_is_told_what_was_ignored() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    strict(&owner, "sorter", &json!({ "properties": { "line": { "pattern": "^Pakket" } } })).await;
    let body = json!({ "streams": [{ "stream": { "app": "sorter" }, "values": [
        ["1795334400000000000", "Pakket gescand"], ["1795334401000000000", "Band stil"],
    ] }] });
    let answer = key.post("/loki/api/v1/push", &body).await.expect(StatusCode::BAD_REQUEST);
    let text = answer.text();
    assert!(text.contains("/line") && text.ends_with("total ignored: 1 out of 2\n"), "{text}");
    kept(&key, "loki").await;
    assert_eq!(stored(&key).await, 1);
}

/// LOG-15, LOG-19: OTLP counts rejected records in its partial success.
#[tokio::test]
async fn otlp_counts_rejected_records() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    strict(&owner, "sorter", &json!({ "properties": { "body": { "type": "string" } } })).await;
    let record = |value: Value, at: u64| json!({ "timeUnixNano": at.to_string(), "body": value });
    let records = [
        record(json!({ "stringValue": "Pakket" }), 1_795_334_400_000_000_000),
        record(json!({ "intValue": "7" }), 1_795_334_401_000_000_000),
    ];
    let body = json!({ "resourceLogs": [{
        "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "sorter" } }] },
        "scopeLogs": [{ "logRecords": records }],
    }] });
    let out = key.post("/otlp/v1/logs", &body).await.expect_ok().json();
    assert_eq!(out["partialSuccess"]["rejectedLogRecords"], "1");
    let message = out["partialSuccess"]["errorMessage"].as_str().unwrap();
    assert!(message.starts_with("record 1: ") && message.contains("/body"), "{message}");
    kept(&key, "otlp").await;
    assert_eq!(stored(&key).await, 1);
}

fn event(id: &str, step: &str) -> Value {
    json!({ "type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE",
        "bizStep": step, "epcList": ["urn:epc:id:sscc:0614141.1234567890"], "eventID": id })
}

fn document(events: &[Value]) -> Value {
    json!({ "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": "2026-11-22T08:00:00Z", "epcisBody": { "eventList": events } })
}

/// LOG-15, LOG-18: an EPCIS job that proceeds tells of the event and keeps it in quarantine; one that rolls back stores
/// and keeps nothing; a single event is refused in the words of the standard.
#[tokio::test]
async fn epcis_tells_of_the_event() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    strict(&owner, "epcis.ObjectEvent", &json!({ "properties": { "bizStep": { "enum": ["shipping"] } } }))
        .await;
    let both = document(&[event("urn:x:1", "shipping"), event("urn:x:2", "loading")]);
    for (behaviour, count) in [("rollback", 0), ("proceed", 1)] {
        let sender = key.with("gs1-capture-error-behaviour", behaviour);
        let job = sender.post("/epcis/v2/capture", &both).await.expect(StatusCode::ACCEPTED);
        let job = key.get(job.header("location")).await.expect_ok().json();
        assert_eq!((&job["success"], job["errors"].as_array().unwrap().len()), (&json!(false), 1), "{job}");
        assert_eq!(job["errors"][0]["type"], "epcisException:ValidationException");
        assert_eq!(job["errors"][0]["instance"], "#/epcisBody/eventList/1");
        assert!(job["errors"][0]["detail"].as_str().unwrap().contains("/bizStep"));
        assert_eq!((stored(&key).await, lines(&key, "").await.len()), (count, count), "{behaviour}");
    }
    let mut single = event("urn:x:3", "loading");
    single["@context"] = json!(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]);
    let refused = key.post("/epcis/v2/events", &single).await.expect(StatusCode::BAD_REQUEST).json();
    assert_eq!(
        (&refused["type"], &refused["code"]),
        (&json!("epcisException:ValidationException"), &json!("quarantined"))
    );
    assert_eq!(lines(&key, "").await[0]["way"], "epcis");
}

/// LOG-15, LOG-18: Open Trip Model answers with a status for each event.
#[tokio::test]
async fn otm_has_a_status_for_each_event() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    strict(&owner, "locationUpdateEvent", &json!({ "required": ["geoReference"] })).await;
    let event = |id: &str| json!({ "id": id, "eventType": "locationUpdateEvent", "lifecycle": "actual", "dateTime": "2026-11-22T08:00:00Z" });
    let mut good = event("a");
    good["geoReference"] = json!({ "lat": 51.95, "lon": 4.14 });
    let out =
        key.post("/otm/v5/events", &json!([good, event("b")])).await.expect(StatusCode::MULTI_STATUS).json();
    assert_eq!((&out[0]["status"], &out[1]["status"]), (&json!(201), &json!(400)));
    assert_eq!(out[1]["errors"][0]["code"], "quarantined");
    assert!(out[1]["errors"][0]["message"].as_str().unwrap().contains("/geoReference"));
    let out = key.post("/otm/v5/events", &event("b")).await.expect(StatusCode::BAD_REQUEST).json();
    assert_eq!(out["errors"][0]["code"], "quarantined");
    assert_eq!((stored(&key).await, &kept(&key, "otm").await["times"]), (1, &json!(2)));
}

/// LOG-15: what a protocol said beside the data is still there when a line is replayed.
#[tokio::test]
async fn replayed_lines_keep_what_their_protocol_said() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    strict(&owner, "sorter", &json!({ "properties": { "line": { "pattern": "^Pakket" } } })).await;
    let body = json!({ "streams": [{ "stream": { "app": "sorter", "level": "error" }, "values": [["1795334401000000000", "Band stil"]] }] });
    key.post("/loki/api/v1/push", &body).await.expect(StatusCode::BAD_REQUEST);
    let line = kept(&key, "loki").await;
    app.run_sql("UPDATE log_kind SET mode = 'off', version = version + 1").await;
    app.app.kinds.in_force.forget();
    let path = format!("/api/v1/quarantine/{}/replay", line["id"].as_str().unwrap());
    let out = key.post(&path, &json!({})).await.expect(StatusCode::CREATED).json();
    let log = key.get(&format!("/api/v1/logs/{}", out["log_id"])).await.expect_ok().json();
    assert_eq!(
        (&log["kind"], &log["level"], &log["message"], &log["timestamp"], &log["source"]),
        (
            &json!("sorter"),
            &json!("error"),
            &json!("Band stil"),
            &json!("2026-11-22T08:00:01.000Z"),
            &json!("integration")
        )
    );
    // The push that comes once more is known by the name that it was given.
    key.post("/loki/api/v1/push", &body).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(stored(&key).await, 1);
}
