//! Schemas in force on our own ways in: single logs, batches, uploads, trials.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{describe, lines, stored};
use crate::support::{Actor, TestApp, find};

const BATCH: &str = "/api/v1/logs/batch";

async fn sent(actor: &Actor, path: &str, kind: &str, body: &str, status: StatusCode) -> Value {
    actor.post_raw(path, kind, body.to_owned()).await.expect(status).json()
}

fn verdicts(out: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let verdict = |one: &Value| (text(&one["status"]), text(&one["code"]), text(&one["pointer"]));
    out["verdicts"].as_array().unwrap().iter().map(verdict).collect()
}

fn of(status: &str, code: &str, pointer: &str) -> (String, String, String) {
    (status.to_owned(), code.to_owned(), pointer.to_owned())
}

/// LOG-15: a single log that does not fit is refused with its place and reason in the language of the sender, and lies in
/// quarantine.
#[tokio::test]
async fn a_single_log_is_refused_with_its_reason() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let body = json!({ "kind": "temperature", "temperature_c": "warm" });
    let problem = key
        .with("accept-language", "nl")
        .post("/api/v1/logs", &body)
        .await
        .expect_problem(422, "quarantined");
    assert_eq!(
        problem["detail"],
        "De gegevens passen niet bij het schema van soort ‘temperature’. Bij /temperature_c: Hier staat een tekst; verwacht \
         is een getal. De log is niet opgeslagen, maar staat 30 dagen in quarantaine en kan daar worden verbeterd."
    );
    assert_eq!(
        (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
        (&json!("/temperature_c"), &json!("wrong_type"))
    );
    let problem = key
        .with("accept-language", "en")
        .post("/api/v1/logs", &body)
        .await
        .expect_problem(422, "quarantined");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("At /temperature_c: This is a text; expected is a number.")
    );
    // The web form is the same way in, and what fits is stored.
    owner.post("/api/v1/logs", &body).await.expect_problem(422, "quarantined");
    owner
        .post("/api/v1/logs", &json!({ "kind": "temperature", "temperature_c": 4 }))
        .await
        .expect(StatusCode::CREATED);
    key.post("/api/v1/logs", &json!({ "kind": "scan" })).await.expect(StatusCode::CREATED);
    assert_eq!((stored(&key).await, lines(&key, "").await.len()), (2, 1));
    assert_eq!(lines(&key, "").await[0]["times"], 3);
}

/// LOG-15, LOG-06: in a batch each line has its own verdict, whether it came as JSON, NDJSON or CSV; the others are
/// stored.
#[tokio::test]
async fn lines_of_a_batch_are_judged_one_by_one() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let good = r#"{"kind":"temperature","temperature_c":4.2}"#;
    let json = format!(r#"{{"logs": [{good}, {{"kind":"temperature"}}, {{"kind":"scan"}}, {{}}]}}"#);
    let out = sent(&key, BATCH, "application/json", &json, StatusCode::MULTI_STATUS).await;
    let expected = [
        of("created", "", ""),
        of("rejected", "quarantined", "/temperature_c"),
        of("created", "", ""),
        of("rejected", "empty_body", ""),
    ];
    assert_eq!(verdicts(&out), expected);
    assert!(out["errors"][0]["error"].as_str().unwrap().contains("/temperature_c"));
    let ndjson = format!("{good}\n\n{{\"kind\":\"temperature\",\"temperature_c\":31}}\n");
    let out = sent(&key, BATCH, "application/x-ndjson", &ndjson, StatusCode::MULTI_STATUS).await;
    assert_eq!(verdicts(&out)[1], of("rejected", "quarantined", "/temperature_c"));
    assert_eq!(out["verdicts"][1]["line"], 3);
    let csv = "kind,temperature_c\ntemperature,4.2\ntemperature,koud\ntemperature,\n";
    let out = sent(&key, BATCH, "text/csv", csv, StatusCode::MULTI_STATUS).await;
    assert_eq!(
        verdicts(&out),
        [
            of("created", "", ""),
            of("rejected", "quarantined", "/temperature_c"),
            of("rejected", "quarantined", "/temperature_c")
        ]
    );
    let kept: Vec<(String, i64)> = lines(&key, "")
        .await
        .iter()
        .map(|line| (line["way"].as_str().unwrap().to_owned(), line["times"].as_i64().unwrap()))
        .collect();
    assert_eq!(kept.len(), 3, "the line without a value came as JSON and as CSV: {kept:?}");
    assert!(kept.contains(&("batch".to_owned(), 2)) && kept.contains(&("upload".to_owned(), 1)));
    assert_eq!(stored(&key).await, 4);
    let none = sent(
        &key,
        BATCH,
        "application/x-ndjson",
        "{\"kind\":\"temperature\"}",
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    assert_eq!(
        (&none["code"], &none["verdicts"][0]["code"]),
        (&json!("all_rejected"), &json!("quarantined"))
    );
}

/// LOG-15, LOG-06: who wants all or nothing gets nothing, neither stored nor in quarantine.
#[tokio::test]
async fn all_or_nothing_counts_for_the_quarantine_too() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let body = "{\"kind\":\"scan\"}\n{\"kind\":\"temperature\"}\n";
    let path = format!("{BATCH}?atomic=true");
    let out = sent(&key, &path, "application/x-ndjson", body, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(
        verdicts(&out),
        [of("rejected", "not_stored_atomic", ""), of("rejected", "schema_rejected", "/temperature_c")]
    );
    assert_eq!((stored(&key).await, lines(&key, "").await.len()), (0, 0));
}

/// LOG-15, LOG-14: a trial looks at the schema and leaves nothing behind.
#[tokio::test]
async fn a_dry_run_leaves_nothing_behind() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    describe(&owner, "mild", "warn").await;
    let (bad, mild) = (json!({ "kind": "temperature" }), json!({ "kind": "mild" }));
    let problem = key.post("/api/v1/logs?dry_run=true", &bad).await.expect_problem(422, "schema_rejected");
    assert_eq!(problem["errors"][0]["pointer"], "/temperature_c");
    let out = key.post("/api/v1/logs?dry_run=true", &mild).await.expect_ok().json();
    assert_eq!(out["warnings"][0]["code"], "required");
    assert_eq!(out["log"]["flags"], json!(["schema_mismatch"]));
    let body = format!("{bad}\n{mild}\n");
    let path = format!("{BATCH}?dry_run=true");
    let out = sent(&key, &path, "application/x-ndjson", &body, StatusCode::OK).await;
    assert_eq!(verdicts(&out), [of("rejected", "schema_rejected", "/temperature_c"), of("created", "", "")]);
    assert_eq!((stored(&key).await, lines(&key, "").await.len()), (0, 0));
}

/// LOG-15: with `warn` a log is stored, its sender is told what is wrong, and it can be found again.
#[tokio::test]
async fn warnings_are_told_and_can_be_found() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "warn").await;
    let body = json!({ "kind": "temperature", "temperature_c": "warm" });
    let out = key
        .with("accept-language", "nl")
        .post("/api/v1/logs", &body)
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(
        out["warnings"],
        json!([{ "pointer": "/temperature_c", "code": "wrong_type", "detail": "Hier staat een tekst; verwacht is een getal." }])
    );
    let ndjson = "{\"kind\":\"temperature\",\"temperature_c\":1}\n{\"kind\":\"temperature\"}\n";
    let out = sent(&key, BATCH, "application/x-ndjson", ndjson, StatusCode::CREATED).await;
    assert!(out["verdicts"][0].get("warnings").is_none());
    assert_eq!(out["verdicts"][1]["warnings"][0]["pointer"], "/temperature_c");
    assert_eq!(find(&key, "flag:schema_mismatch").await, [3, 1]);
    assert!(lines(&key, "").await.is_empty());
}

/// LOG-15, LOG-08: a log that was stored before its schema became stricter is known, and no line in quarantine.
#[tokio::test]
async fn stored_logs_are_known_whatever_the_schema_says() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let body = json!({ "kind": "temperature", "external_id": "t-1" });
    key.post("/api/v1/logs", &body).await.expect(StatusCode::CREATED);
    describe(&owner, "temperature", "reject").await;
    assert_eq!(key.post("/api/v1/logs", &body).await.expect_ok().json()["duplicate"], true);
    let other = json!({ "kind": "temperature", "external_id": "t-1", "x": 1 });
    key.post("/api/v1/logs", &other).await.expect_problem(409, "external_id_conflict");
    key.post("/api/v1/logs", &json!({ "kind": "temperature", "external_id": "t-2" }))
        .await
        .expect_problem(422, "quarantined");
    assert_eq!(lines(&key, "").await.len(), 1);
}
