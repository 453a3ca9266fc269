//! Describing kinds: titles, limits, schemas, versions, rights.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::access::Role;

use super::{KINDS, change, describe, schema, stored};
use crate::support::{Actor, TestApp, record, upload};

async fn all(actor: &Actor) -> Value {
    actor.get(KINDS).await.expect_ok().json()
}

fn names(list: &Value) -> Vec<(&str, i64)> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["logs"].as_i64().unwrap()))
        .collect()
}

/// LOG-15, GEN-09: a kind is described, read back as it was written, changed by who knows its version, and forgotten;
/// its logs keep their kind.
#[tokio::test]
async fn kinds_are_described_changed_and_forgotten() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    record(&key, r#"{"kind":"temperature","temperature_c":4.2}"#).await;
    record(&key, r#"{"kind":"scan"}"#).await;
    record(&key, r#"{"kind":"scan"}"#).await;
    let written = "{\n  \"required\": [\"temperature_c\"]\n}\n";
    let body = json!({
        "name": "temperature", "title_nl": " Temperatuurmeting ", "title_en": "Temperature reading", "schema": written, "mode": "warn",
        "limits": [{ "field": "temperature_c", "lower": 2.0, "upper": 8.0, "unit": "°C" }],
    });
    let made = owner.post(KINDS, &body).await.expect(StatusCode::CREATED);
    let (at, etag) = (made.header("location").to_owned(), made.header("etag").to_owned());
    let kind = made.json();
    assert_eq!((&kind["title_nl"], &kind["schema"]), (&json!("Temperatuurmeting"), &json!(written)));
    assert_eq!((&kind["limits"], &kind["logs"]), (&body["limits"], &json!(1)));
    assert_eq!(key.get(&at).await.expect_ok().json(), kind);
    let list = all(&key).await;
    assert_eq!(names(&list["kinds"]), [("temperature", 1)]);
    assert_eq!((&list["kinds"][0]["has_schema"], &list["kinds"][0]["schema"]), (&json!(true), &Value::Null));
    assert_eq!(names(&list["undescribed"]), [("scan", 2)]);
    owner.post(KINDS, &body).await.expect_problem(409, "name_taken");

    owner.patch(&at, &json!({ "mode": "off" })).await.expect_problem(428, "precondition_required");
    let knowing = owner.with("if-match", &etag);
    let patch = json!({ "name": "temp", "title_en": null, "schema": null, "mode": "off", "limits": [] });
    let changed = knowing.patch(&at, &patch).await.expect_ok().json();
    assert_eq!(
        (&changed["name"], &changed["title_en"], &changed["has_schema"]),
        (&json!("temp"), &Value::Null, &json!(false))
    );
    assert_eq!((&changed["title_nl"], &changed["logs"]), (&json!("Temperatuurmeting"), &json!(0)));
    knowing.patch(&at, &json!({ "name": "x" })).await.expect_problem(412, "precondition_failed");
    assert_eq!(
        names(&all(&key).await["undescribed"]),
        [("scan", 2), ("temperature", 1)],
        "logs keep their kind"
    );
    owner.delete(&at).await.expect(StatusCode::NO_CONTENT);
    owner.delete(&at).await.expect_problem(404, "not_found");
    owner.get(&at).await.expect_problem(404, "not_found");
    assert_eq!(stored(&key).await, 3);
}

/// LOG-15, ACC-01, ACC-02: members and keys read, owners write, strangers see nothing.
#[tokio::test]
async fn owners_describe_and_others_read() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    let (_, stranger, _) = app.tenant().await;
    let at = describe(&owner, "temperature", "off").await.header("location").to_owned();
    let member = app.person(&customer, Role::Member).await;
    let viewer = app.person(&customer, Role::Viewer).await;
    for reader in [&member, &viewer, &key] {
        reader.get(&at).await.expect_ok();
        assert_eq!(names(&all(reader).await["kinds"]), [("temperature", 0)]);
        let body = json!({ "name": "x" });
        reader.post(KINDS, &body).await.expect_problem(403, "forbidden");
        reader.with("if-match", "*").patch(&at, &body).await.expect_problem(403, "forbidden");
        reader.delete(&at).await.expect_problem(403, "forbidden");
    }
    assert!(names(&all(&stranger).await["kinds"]).is_empty());
    stranger.get(&at).await.expect_problem(404, "not_found");
    stranger.with("if-match", "*").patch(&at, &json!({ "name": "x" })).await.expect_problem(404, "not_found");
    stranger.delete(&at).await.expect_problem(404, "not_found");
    owner.get(&at).await.expect_ok();
}

/// LOG-15, API-10: what is wrong with a kind is told at its place; of a schema in its text.
#[tokio::test]
async fn what_is_said_is_judged() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    for (body, pointer, code) in [
        (json!({ "name": " " }), "/name", "required"),
        (json!({ "name": "a", "mode": "reject" }), "/schema", "required"),
        (json!({ "name": "a", "mode": "loud" }), "/mode", "one_of"),
        (json!({ "name": "a", "schema": "{\"type\": }" }), "/schema", "json_syntax"),
        (
            json!({ "name": "a", "schema": "{\"properties\": {\"b\": {\"type\": \"text\"}}}" }),
            "/schema/properties/b/type",
            "schema_value",
        ),
        (
            json!({ "name": "a", "limits": [{ "field": "t", "lower": 8, "upper": 2 }] }),
            "/limits/0/upper",
            "order",
        ),
    ] {
        let problem = owner.post(KINDS, &body).await.expect_problem(422, "invalid_body");
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
            (&json!(pointer), &json!(code))
        );
    }
    let broken = json!({ "name": "a", "schema": "{\n  \"type\": }" });
    let problem =
        owner.with("accept-language", "nl").post(KINDS, &broken).await.expect_problem(422, "invalid_body");
    assert_eq!(problem["errors"][0]["detail"], "Dit is geen geldige JSON (regel 2, kolom 11).");
}

/// LOG-15, SEC-01: schemas that lead elsewhere, never end or are too large are refused at the door, and none of them
/// keeps the server.
#[tokio::test]
async fn hostile_schemas_are_refused() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    let deep = format!("{}{{}}{}", r#"{"not":"#.repeat(70), "}".repeat(70));
    let huge = format!(r#"{{"description": "{}"}}"#, "x".repeat(64 * 1024));
    let patterns: Vec<String> =
        (0..100).map(|n| format!(r#""p{n}": {{"pattern": "^a{{{}}}$"}}"#, n + 1)).collect();
    let many = format!(r#"{{"properties": {{{}}}}}"#, patterns.join(","));
    for (schema, code) in [
        (r#"{"$ref": "http://169.254.169.254/latest/meta-data"}"#, "schema_reference"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "schema_reference"),
        (r##"{"$ref": "#"}"##, "schema_loop"),
        (r##"{"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"not": {"$ref": "#"}}}}"##, "schema_loop"),
        (r#"{"pattern": "(a{1000}){1000}"}"#, "schema_pattern"),
        (r#"{"pattern": "(?=a)b"}"#, "schema_pattern"),
        (many.as_str(), "schema_pattern"),
        (deep.as_str(), "schema_size"),
        (huge.as_str(), "schema_size"),
    ] {
        let problem = owner.post(KINDS, &json!({ "name": "a", "schema": schema })).await;
        let problem = problem.expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
}

/// LOG-15: a schema whose work doubles at every step, and a pattern that stops other engines, end at once: the log is told
/// to be too dear, and others are served.
#[tokio::test]
async fn dear_schemas_are_given_up() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let doubling: Vec<String> = (0..40)
        .map(|n| {
            format!(
                r##""d{n}": {{"allOf": [{{"$ref": "#/$defs/d{m}"}}, {{"$ref": "#/$defs/d{m}"}}]}}"##,
                m = n + 1
            )
        })
        .collect();
    let doubling = format!(r##"{{"$ref": "#/$defs/d0", "$defs": {{{}, "d40": true}}}}"##, doubling.join(","));
    owner
        .post(KINDS, &json!({ "name": "dear", "mode": "reject", "schema": doubling }))
        .await
        .expect(StatusCode::CREATED);
    let catastrophic = r#"{"properties": {"text": {"pattern": "^(a+)+$"}}}"#;
    owner
        .post(KINDS, &json!({ "name": "slow", "mode": "reject", "schema": catastrophic }))
        .await
        .expect(StatusCode::CREATED);
    let begun = std::time::Instant::now();
    let problem =
        key.post("/api/v1/logs", &json!({ "kind": "dear" })).await.expect_problem(422, "quarantined");
    assert_eq!(problem["errors"][0]["code"], "too_complex");
    let text = format!("{}b", "a".repeat(100_000));
    let problem = key.post("/api/v1/logs", &json!({ "kind": "slow", "text": text })).await;
    assert_eq!(problem.expect_problem(422, "quarantined")["errors"][0]["pointer"], "/text");
    assert!(begun.elapsed().as_secs() < 20);
    record(&key, r#"{"kind":"slow","text":"aaaa"}"#).await;
}

/// LOG-15: a schema is tried on the newest logs of its kind and nothing is changed by it.
#[tokio::test]
async fn schemas_are_tried_before_they_count() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let log = |n: usize| {
        let value = if n.is_multiple_of(4) { "\"warm\"".to_owned() } else { n.to_string() };
        format!(r#"{{"kind":"temperature","temperature_c":{value}}}"#)
    };
    // Of 120 logs the newest hundred are 20 to 119, and those above 30 do not fit either.
    upload(&key, &(0..120).map(log).collect::<Vec<_>>()).await;
    record(&key, r#"{"kind":"other"}"#).await;
    let body = json!({ "name": "temperature", "schema": schema() });
    let out = owner.post(&format!("{KINDS}/check"), &body).await.expect_ok().json();
    let fitting = (20..=30_usize).filter(|n| !n.is_multiple_of(4)).count();
    assert_eq!((&out["checked"], &out["failing"]), (&json!(100), &json!(100 - fitting)));
    let examples = out["examples"].as_array().unwrap();
    assert_eq!(examples.len(), 10);
    assert_eq!((&examples[0]["log_id"], &examples[0]["fault"]["code"]), (&json!(120), &json!("bound")));
    let none = json!({ "name": "nothing", "schema": schema() });
    assert_eq!(owner.post(&format!("{KINDS}/check"), &none).await.expect_ok().json()["checked"], 0);
    owner
        .post(&format!("{KINDS}/check"), &json!({ "name": "x", "schema": "{" }))
        .await
        .expect_problem(422, "invalid_body");
    key.post(&format!("{KINDS}/check"), &body).await.expect_problem(403, "forbidden");
    assert!(names(&all(&owner).await["kinds"]).is_empty());
}

/// LOG-15: a change acts on the next request, and a renamed kind is another one.
#[tokio::test]
async fn changes_act_on_the_next_request() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let bad = json!({ "kind": "temperature" });
    key.post("/api/v1/logs", &bad).await.expect(StatusCode::CREATED);
    let kind = describe(&owner, "temperature", "reject").await.json();
    key.post("/api/v1/logs", &bad).await.expect_problem(422, "quarantined");
    change(&owner, &kind, &json!({ "mode": "warn" })).await;
    let warned = key.post("/api/v1/logs", &bad).await.expect(StatusCode::CREATED).json();
    assert_eq!(warned["warnings"][0]["code"], "required");
    change(&owner, &kind, &json!({ "schema": "{\"required\": [\"other\"]}", "mode": "reject" })).await;
    let problem = key.post("/api/v1/logs", &bad).await.expect_problem(422, "quarantined");
    assert_eq!(problem["errors"][0]["pointer"], "/other");
    change(&owner, &kind, &json!({ "name": "temp" })).await;
    key.post("/api/v1/logs", &bad).await.expect(StatusCode::CREATED);
    owner.delete(&format!("{KINDS}/{}", kind["id"].as_str().unwrap())).await.expect(StatusCode::NO_CONTENT);
    key.post("/api/v1/logs", &json!({ "kind": "temp" })).await.expect(StatusCode::CREATED);
}

/// LOG-15: a change that another server makes acts within a second here.
#[tokio::test]
async fn changes_of_other_servers_act_within_a_second() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let bad = json!({ "kind": "temperature" });
    key.post("/api/v1/logs", &bad).await.expect_problem(422, "quarantined");
    app.run_sql("UPDATE log_kind SET mode = 'off', version = version + 1").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    key.post("/api/v1/logs", &bad).await.expect(StatusCode::CREATED);
}

/// LOG-15: one customer's kinds say nothing about another's logs.
#[tokio::test]
async fn schemas_are_in_force_for_their_customer() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    describe(&owner, "temperature", "reject").await;
    let bad = json!({ "kind": "temperature" });
    key.post("/api/v1/logs", &bad).await.expect_problem(422, "quarantined");
    other.post("/api/v1/logs", &bad).await.expect(StatusCode::CREATED);
    assert_eq!(all(&other).await["quarantine"]["open"], 0);
}
