//! Events of Open Trip Model 5.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::logs;
use crate::support::{TestApp, audit};

const PATH: &str = "/otm/v5/events";
const ID: &str = "4fc1a1e2-6e0c-4a1e-9d8c-2f6f5f9d1c11";

fn event(id: &str) -> Value {
    json!({ "id": id, "eventType": "locationUpdateEvent", "lifecycle": "actual", "name": "Aankomst dok 3",
        "dateTime": "2026-11-22T09:00:00+01:00", "geoReference": { "lat": 51.95, "lon": 4.14 } })
}

/// LOG-18, LOG-08: an event becomes a log with its id, kind and time; the original is kept; the same again is known.
#[tokio::test]
async fn an_event_becomes_a_log() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let created = key.post(PATH, &event(ID)).await.expect(StatusCode::CREATED);
    assert_eq!((created.header("location"), created.json()), ("/api/v1/logs/1", json!({ "id": ID })));
    key.post(PATH, &event(ID)).await.expect_ok();
    let mut other = event(ID);
    other["lifecycle"] = json!("planned");
    let conflict = key.post(PATH, &other).await.expect(StatusCode::CONFLICT).json();
    assert_eq!(conflict["errors"][0]["code"], "external_id_conflict");
    let stored = logs(&key, "").await;
    assert_eq!(stored.len(), 1);
    assert_eq!(
        (
            &stored[0]["kind"],
            &stored[0]["external_id"],
            &stored[0]["timestamp"],
            &stored[0]["message"],
            &stored[0]["source"]
        ),
        (
            &json!("locationUpdateEvent"),
            &json!(ID),
            &json!("2026-11-22T08:00:00.000Z"),
            &json!("Aankomst dok 3"),
            &json!("integration")
        )
    );
    assert_eq!(stored[0]["data"], event(ID).to_string());
    let mut actual = event("b");
    actual["actualTime"] = json!("2026-11-22T07:00:00Z");
    key.post(PATH, &actual).await.expect(StatusCode::CREATED);
    assert_eq!(logs(&key, "").await[1]["timestamp"], "2026-11-22T07:00:00.000Z");
}

/// LOG-18: a list has a status for each event; the good ones are stored.
#[tokio::test]
async fn a_list_has_a_status_for_each_event() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let all = key.post(PATH, &json!([event("a"), event("b")])).await.expect(StatusCode::CREATED).json();
    assert_eq!(
        all,
        json!([{ "index": 0, "id": "a", "status": 201 }, { "index": 1, "id": "b", "status": 201 }])
    );
    let mut wrong = event("c");
    wrong["lifecycle"] = json!("someday");
    let mixed = json!([event("a"), wrong, { "id": "d" }, 7, { "eventType": "e", "dateTime": "2030-01-01T00:00:00Z" }, { "eventType": "x".repeat(65) }, { "eventType": "e" }]);
    let out = key.post(PATH, &mixed).await.expect(StatusCode::MULTI_STATUS).json();
    let statuses: Vec<u64> =
        out.as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 400, 400, 400, 400, 400, 201]);
    assert!(out[1]["errors"][0]["message"].as_str().unwrap().contains("lifecycle"));
    assert_eq!(logs(&key, "").await.len(), 3);
    audit(&app.app.db).await;
}

/// LOG-18, LOG-05: what cannot be read is answered with a list of errors; nothing is stored.
#[tokio::test]
async fn broken_requests_get_a_list_of_errors() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (body, status) in [
        (String::new(), 400),
        ("{".to_owned(), 400),
        ("{}".to_owned(), 400),
        ("[".repeat(100_000), 400),
        (format!("{{\"eventType\":\"e\",\"a\":{}1{}}}", "[".repeat(70), "]".repeat(70)), 413),
        (json!(vec![json!({}); 10_001]).to_string(), 413),
    ] {
        let out =
            key.post_raw(PATH, "application/json", body).await.expect(StatusCode::from_u16(status).unwrap());
        let error = &out.json()["errors"][0];
        assert!(error["code"].is_string() && error["message"].is_string());
    }
    let out = key.post_raw(PATH, "application/json", b"{\"eventType\":\"\xff\"}".to_vec()).await;
    out.expect(StatusCode::BAD_REQUEST);
    key.post_raw(PATH, "text/csv", "a").await.expect(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    app.anon().post(PATH, &event(ID)).await.expect(StatusCode::UNAUTHORIZED);
    assert!(logs(&key, "").await.is_empty());
}
