//! GS1 EPCIS 2.0: the 46 example documents of the standard, and what is beside them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use boon::{Compiler, Schemas};
use serde_json::{Value, json};

use super::logs;
use crate::support::{Actor, Expected, TestApp, audit, encode};

const CAPTURE: &str = "/epcis/v2/capture";
const EVENTS: &str = "/epcis/v2/events";

fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/epcis")).to_owned()
}

fn documents() -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = std::fs::read_dir(folder().join("documents"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found.len(), 46);
    found
}

/// Says `^(?!x)` without looking ahead, which the engine does not know: not `^x`.
fn look_not_ahead(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(look_not_ahead),
        Value::Object(members) => {
            let pattern =
                members.get("pattern").and_then(Value::as_str).and_then(|text| text.strip_prefix("^(?!"));
            if let Some(inner) = pattern.and_then(|text| text.strip_suffix(')')) {
                let negated = json!({ "pattern": format!("^{inner}") });
                members.remove("pattern");
                members.insert("not".to_owned(), negated);
            }
            members.values_mut().for_each(look_not_ahead);
        }
        _ => {}
    }
}

/// The schema of the standard.
struct Schema {
    schemas: Schemas,
    index: boon::SchemaIndex,
}

impl Schema {
    fn new() -> Self {
        let text = std::fs::read_to_string(folder().join("EPCIS-JSON-Schema.json")).unwrap();
        let mut text: Value = serde_json::from_str(&text).unwrap();
        look_not_ahead(&mut text);
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler.add_resource("http://epcis.example/schema.json", text).unwrap();
        let index = compiler.compile("http://epcis.example/schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    #[track_caller]
    fn check(&self, document: &Value, name: &str) {
        // Where the examples and this edition of the schema contradict each other, the examples are followed: a
        // persistent disposition in any type of event, master data of an item at an observation.
        let mut document = document.clone();
        let events = document.pointer_mut("/epcisBody/queryResults/resultsBody/eventList").unwrap();
        for event in events.as_array_mut().unwrap() {
            let is = |name: &str, words: &[&str]| words.contains(&event[name].as_str().unwrap_or_default());
            let (disposition, item) =
                (is("type", &["ObjectEvent", "TransformationEvent"]), is("action", &["OBSERVE"]));
            let members = event.as_object_mut().unwrap();
            members.retain(|name, _| {
                (disposition || name != "persistentDisposition") && (!item || name != "ilmd")
            });
        }
        if let Err(error) = self.schemas.validate(&document, self.index) {
            panic!("{name}: {error:#}");
        }
    }
}

fn events(document: &Value) -> Vec<Value> {
    document["epcisBody"]["queryResults"]["resultsBody"]["eventList"].as_array().unwrap().clone()
}

async fn query(actor: &Actor, query: &str) -> Vec<Value> {
    events(&actor.get(&format!("{EVENTS}?perPage=1000&{query}")).await.expect_ok().json())
}

async fn capture(actor: &Actor, document: &Value) -> Value {
    let answer = actor.post(CAPTURE, document).await.expect(StatusCode::ACCEPTED);
    assert_eq!(answer.header("gs1-epcis-version"), "2.0");
    actor.get(answer.header("location")).await.expect_ok().json()
}

fn event(more: &Value) -> Value {
    let mut event = json!({ "type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE", "epcList": ["urn:epc:id:sgtin:0614141.107346.1"] });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

fn document(events: &[Value]) -> Value {
    json!({ "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-11-22T08:00:00Z", "epcisBody": { "eventList": events } })
}

/// What an event says, without what a repository adds and without what only some ways to write it have.
fn said(event: &Value) -> Value {
    let mut event = event.clone();
    let members = event.as_object_mut().unwrap();
    for name in ["@context", "recordTime", "eventID", "id"] {
        members.remove(name);
    }
    for name in ["sourceList", "destinationList"] {
        if let Some(one) = members.get_mut(name).filter(|value| value.is_object()) {
            *one = json!([one.clone()]);
        }
    }
    for element in members.get_mut("sensorElementList").and_then(Value::as_array_mut).into_iter().flatten() {
        element.as_object_mut().unwrap().remove("type");
    }
    event
}

/// LOG-18: each example document of the standard is captured, its events are found again, and the answer is valid
/// against the schema of the standard; a repeated capture stores nothing twice.
#[tokio::test]
async fn every_example_of_the_standard_comes_back() {
    let schema = Schema::new();
    for (name, document) in documents() {
        let app = TestApp::new().await;
        let (_, _, key) = app.tenant().await;
        for _ in 0..2 {
            let job = capture(&key, &document).await;
            assert_eq!(
                (&job["running"], &job["success"], &job["errors"]),
                (&json!(false), &json!(true), &json!([])),
                "{name}: {job}"
            );
        }
        let answer = key.get(&format!("{EVENTS}?perPage=100")).await.expect_ok().json();
        schema.check(&answer, &name);
        let sent = document["epcisBody"]["eventList"].as_array().unwrap();
        let texts =
            |events: &[Value]| events.iter().map(|event| said(event).to_string()).collect::<BTreeSet<_>>();
        let found = events(&answer);
        assert_eq!(texts(&found), texts(sent), "{name}");
        for event in &found {
            let id = event["eventID"].as_str().unwrap();
            let one = key.get(&format!("{EVENTS}/{}", encode(id))).await.expect_ok().json();
            schema.check(&one, &name);
            assert_eq!(events(&one), std::slice::from_ref(event), "{name}");
            let with_id = query(&key, &format!("EQ_eventID={}", encode(id))).await;
            assert_eq!(with_id, std::slice::from_ref(event), "{name}");
        }
        let stored = logs(&key, "kind:epcis*").await;
        assert_eq!(stored.len(), found.len(), "{name}");
    }
}

/// LOG-18: each parameter of the standard finds what a look at all events finds.
#[tokio::test]
async fn parameters_find_what_a_look_at_all_events_finds() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (_, document) in documents() {
        key.with("gs1-capture-error-behaviour", "proceed")
            .post(CAPTURE, &document)
            .await
            .expect(StatusCode::ACCEPTED);
    }
    let all = query(&key, "").await;
    assert!(all.len() > 40, "{}", all.len());
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            other => other.as_str().map(str::to_owned).into_iter().collect(),
        }
    };
    let bare = |value: &str| {
        let standard =
            value.starts_with("urn:epcglobal:cbv:") || value.starts_with("https://ref.gs1.org/cbv/");
        let word = if standard { value.rsplit([':', '/', '-']).next().unwrap() } else { value };
        word.to_owned()
    };
    let mut found = 0;
    for (parameter, pointers) in [
        ("eventType", &["/type"][..]),
        ("EQ_action", &["/action"]),
        ("EQ_readPoint", &["/readPoint/id"]),
        ("WD_bizLocation", &["/bizLocation/id"]),
        ("EQ_transformationID", &["/transformationID"]),
        ("MATCH_epc", &["/epcList", "/childEPCs"]),
        ("MATCH_parentID", &["/parentID"]),
        ("MATCH_inputEPC", &["/inputEPCList"]),
        ("MATCH_outputEPC", &["/outputEPCList"]),
        ("MATCH_anyEPC", &["/epcList", "/childEPCs", "/parentID", "/inputEPCList", "/outputEPCList"]),
        ("EQ_bizStep", &["/bizStep"]),
        ("EQ_disposition", &["/disposition"]),
        ("EQ_persistentDisposition_set", &["/persistentDisposition/set"]),
        ("EQ_correctiveEventID", &["/errorDeclaration/correctiveEventIDs"]),
    ] {
        let vocabulary = parameter.contains("bizStep") || parameter.to_lowercase().contains("disposition");
        let values = |event: &Value| -> BTreeSet<String> {
            let own = pointers.iter().filter_map(|pointer| event.pointer(pointer)).flat_map(texts);
            own.map(|value| if vocabulary { bare(&value) } else { value }).collect()
        };
        let wanted: BTreeSet<String> = all.iter().flat_map(values).collect();
        assert!(!wanted.is_empty(), "{parameter}");
        for value in wanted.iter().take(12) {
            let expected: BTreeSet<String> =
                all.iter().filter(|event| values(event).contains(value)).map(Value::to_string).collect();
            for order in ["", "&orderBy=eventTime"] {
                let got = query(&key, &format!("{parameter}={}{order}", encode(value))).await;
                let got: BTreeSet<String> = got.iter().map(Value::to_string).collect();
                assert_eq!(got, expected, "{parameter}={value}{order}");
            }
            found += 1;
        }
    }
    assert!(found > 60, "{found}");
    let several = query(&key, "EQ_action=ADD|DELETE").await;
    assert!(several.iter().all(|event| event["action"] != "OBSERVE") && !several.is_empty());
    let declared = query(&key, "EXISTS_errorDeclaration=true").await;
    assert!(!declared.is_empty() && declared.iter().all(|event| event["errorDeclaration"].is_object()));
    let late = query(&key, "GE_eventTime=2013-06-08T00:00:00Z&LT_eventTime=2014-01-01T00:00:00Z").await;
    assert!(
        late.iter().all(|event| event["eventTime"].as_str().unwrap().starts_with("2013")) && !late.is_empty()
    );
    assert!(query(&key, "GE_recordTime=2026-11-22T12:00:00.001Z").await.is_empty());
    assert_eq!(query(&key, "GE_recordTime=2026-11-22T12:00:00Z").await.len(), all.len());
}

/// LOG-18: a step may be asked for in each of the three ways to write it, and was written in any of them.
#[tokio::test]
async fn vocabulary_is_one_however_it_is_written() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let ways = ["in_transit", "https://ref.gs1.org/cbv/Disp-in_transit", "urn:epcglobal:cbv:disp:in_transit"];
    let mut all: Vec<Value> = ways.iter().map(|way| event(&json!({ "disposition": way }))).collect();
    all.push(event(&json!({ "disposition": "in_progress" })));
    capture(&key, &document(&all)).await;
    for way in ways {
        assert_eq!(query(&key, &format!("EQ_disposition={}", encode(way))).await.len(), 3, "{way}");
    }
    let typed = event(
        &json!({ "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:t:1" }, { "type": "inv", "bizTransaction": "urn:t:2" }] }),
    );
    capture(
        &key,
        &document(&[typed, event(&json!({ "ex:dock": "3", "@context": { "ex": "http://ex.example/" } }))]),
    )
    .await;
    assert_eq!(query(&key, "EQ_bizTransaction_po=urn:t:1").await.len(), 1);
    assert_eq!(query(&key, "EQ_bizTransaction_po=urn:t:2").await.len(), 0);
    assert_eq!(query(&key, "EQ_ex:dock=3").await.len(), 1);
    assert_eq!(query(&key, "MATCH_epc=urn:epc:idpat:sgtin:0614141.107346.*").await.len(), 6);
    assert_eq!(query(&key, "MATCH_epc=urn:epc:idpat:sgtin:0614141.107347.*").await.len(), 0);
}

/// LOG-18, GEN-07: pages follow each other by the `Link` header, complete and without repetition, in every order.
#[tokio::test]
async fn pages_follow_each_other() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let all: Vec<Value> = (0..25)
        .map(|at| event(&json!({ "eventTime": format!("2026-11-{:02}T08:00:00Z", 1 + (at * 7) % 20), "eventID": format!("urn:x:{at}"), "bizStep": if at % 2 == 0 { "shipping" } else { "receiving" } })))
        .collect();
    capture(&key, &document(&all)).await;
    for (order, count) in [
        ("", 25),
        ("&orderBy=eventTime", 25),
        ("&orderBy=eventTime&orderDirection=ASC&EQ_bizStep=shipping", 13),
        ("&orderBy=recordTime&EQ_bizStep=receiving", 12),
    ] {
        let (mut path, mut seen, mut times) =
            (format!("{EVENTS}?perPage=4{order}"), BTreeSet::new(), Vec::new());
        loop {
            let answer = key.get(&path).await.expect_ok();
            for event in events(&answer.json()) {
                assert!(seen.insert(event["eventID"].as_str().unwrap().to_owned()), "{order}");
                times.push(event["eventTime"].as_str().unwrap().to_owned());
            }
            let Some(link) = answer.headers.get("link") else { break };
            let link = link.to_str().unwrap();
            assert!(link.ends_with("; rel=\"next\""), "{link}");
            path = link[1..link.find('>').unwrap()].to_owned();
        }
        assert_eq!(seen.len(), count, "{order}");
        if order.contains("eventTime") {
            let mut sorted = times.clone();
            sorted.sort();
            if !order.contains("ASC") {
                sorted.reverse();
            }
            assert_eq!(times, sorted, "{order}");
        }
    }
    let first = key.get(&format!("{EVENTS}?orderBy=eventTime&eventCountLimit=3")).await.expect_ok();
    assert_eq!((events(&first.json()).len(), first.headers.get("link")), (3, None));
    key.get(&format!("{EVENTS}?maxEventCount=25")).await.expect_ok();
    let large = key.get(&format!("{EVENTS}?maxEventCount=24")).await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(large.json()["type"], "epcisException:QueryTooLargeException");
    let page = key.get(&format!("{EVENTS}?perPage=4")).await.expect_ok();
    let token = page.header("link").split("nextPageToken=").nth(1).unwrap().split('>').next().unwrap();
    let foreign = key.get(&format!("{EVENTS}?perPage=4&EQ_action=ADD&nextPageToken={token}")).await;
    assert_eq!(
        foreign.expect(StatusCode::BAD_REQUEST).json()["type"],
        "epcisException:QueryParameterException"
    );
    // Jobs as well.
    for _ in 0..2 {
        capture(&key, &document(&[])).await;
    }
    let (mut path, mut jobs) = (format!("{CAPTURE}?perPage=2"), Vec::new());
    loop {
        let answer = owner.get(&path).await.expect_ok();
        jobs.extend(
            answer.json().as_array().unwrap().iter().map(|job| job["captureID"].as_str().unwrap().to_owned()),
        );
        let Some(link) = answer.headers.get("link") else { break };
        let link = link.to_str().unwrap();
        path = link[1..link.find('>').unwrap()].to_owned();
    }
    assert_eq!((jobs.len(), jobs.iter().collect::<BTreeSet<_>>().len()), (3, 3));
}

#[track_caller]
fn exception(answer: crate::support::Answer, status: u16, name: &str) -> Value {
    let expected: Expected = answer.expect(StatusCode::from_u16(status).unwrap());
    assert_eq!(expected.header("content-type"), "application/problem+json");
    let problem = expected.json();
    assert_eq!(
        (&problem["type"], &problem["status"]),
        (&json!(format!("epcisException:{name}")), &json!(status)),
        "{problem}"
    );
    assert!(problem["title"].is_string() && problem["detail"].is_string());
    problem
}

/// LOG-18: `rollback` stores nothing of a document with a broken event, `proceed` stores the rest; the job names what
/// was wrong, by its place.
#[tokio::test]
async fn a_job_tells_what_became_of_each_event() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let mixed = document(&[
        event(&json!({ "eventID": "urn:x:1" })),
        event(&json!({ "action": "LOOK" })),
        event(&json!({ "eventTime": "2030-01-01T00:00:00Z" })),
        event(&json!({ "eventID": "urn:x:2" })),
    ]);
    let job = capture(&key, &mixed).await;
    assert_eq!(
        (&job["success"], &job["running"], &job["captureErrorBehaviour"]),
        (&json!(false), &json!(false), &json!("rollback"))
    );
    assert_eq!(job["createdAt"], "2026-11-22T12:00:00.000Z");
    let errors = job["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2);
    assert_eq!(
        (&errors[0]["type"], &errors[0]["instance"]),
        (&json!("epcisException:ValidationException"), &json!("#/epcisBody/eventList/1"))
    );
    assert!(query(&key, "").await.is_empty());
    let proceeding = key.with("gs1-capture-error-behaviour", "proceed");
    let job = capture(&proceeding, &mixed).await;
    assert_eq!((&job["success"], job["errors"].as_array().unwrap().len()), (&json!(false), 2));
    assert_eq!(query(&key, "").await.len(), 2);
    // Another event under a known id.
    let other = document(&[
        event(&json!({ "eventID": "urn:x:3" })),
        event(&json!({ "eventID": "urn:x:1", "bizStep": "shipping" })),
    ]);
    let job = capture(&key, &other).await;
    assert_eq!(job["errors"][0]["type"], "epcisException:ResourceAlreadyExistsException");
    assert_eq!(query(&key, "").await.len(), 2, "all or nothing");
    audit(&app.app.db).await;
}

/// LOG-18: one event has its own address; the same again is the same, another one under its id is refused.
#[tokio::test]
async fn one_event_has_an_address() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let one = event(&json!({ "eventID": "ni:///sha-256;df7b?ver=CBV2.0" }));
    for _ in 0..2 {
        let answer = key.post(EVENTS, &one).await.expect(StatusCode::CREATED);
        let found = key.get(answer.header("location")).await.expect_ok().json();
        assert_eq!(events(&found)[0]["eventID"], one["eventID"]);
    }
    let mut other = one.clone();
    other["bizStep"] = json!("shipping");
    exception(key.post(EVENTS, &other).await, 409, "ResourceAlreadyExistsException");
    let long = event(&json!({ "eventID": format!("urn:x:{}", "y".repeat(300)) }));
    let answer = key.post(EVENTS, &long).await.expect(StatusCode::CREATED);
    key.get(answer.header("location")).await.expect_ok();
    exception(key.get(&format!("{EVENTS}/urn:x:none")).await, 404, "NoSuchResourceException");
    exception(key.get(&format!("{CAPTURE}/none")).await, 404, "NoSuchResourceException");
    // A log that only bears the name of an event is none.
    key.post(
        "/api/v1/logs",
        &json!({ "kind": "epcis.ObjectEvent", "external_id": "urn:x:log", "type": "ObjectEvent" }),
    )
    .await
    .expect(StatusCode::CREATED);
    assert_eq!(query(&key, "").await.len(), 2);
}

/// LOG-18, LOG-05: what is no document, too much of it, or asked for wrongly is refused with an exception of the standard.
#[tokio::test]
async fn wrong_requests_get_an_exception_of_the_standard() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let good = document(&[event(&json!({}))]);
    let without = |name: &str| {
        let mut document = good.clone();
        document.as_object_mut().unwrap().remove(name);
        document.to_string()
    };
    for body in [
        String::new(),
        "{".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        without("@context"),
        good.to_string().replace("\"creationDate\":\"2026", "\"creationDate\":\"x"),
        without("epcisBody"),
        without("type"),
        good.to_string().replace("EPCISDocument", "Document"),
        "[".repeat(100_000),
    ] {
        exception(key.post_raw(CAPTURE, "application/json", body).await, 400, "ValidationException");
    }
    let many = document(&vec![json!({}); 10_001]).to_string();
    exception(key.post_raw(CAPTURE, "application/json", many).await, 413, "CaptureLimitExceededException");
    exception(key.post_raw(CAPTURE, "text/xml", "<x/>").await, 415, "UnsupportedMediaTypeException");
    exception(key.with("gs1-epcis-version", "1.2").post(CAPTURE, &good).await, 400, "ValidationException");
    exception(
        key.with("gs1-capture-error-behaviour", "stop").post(CAPTURE, &good).await,
        400,
        "ValidationException",
    );
    exception(app.anon().post(CAPTURE, &good).await, 401, "SecurityException");
    let reader = app.key(&owner, Some(&["logs:read"])).await;
    exception(reader.post(CAPTURE, &good).await, 403, "SecurityException");
    for parameters in [
        "EQ_color=red",
        "EQ_action=LOOK",
        "perPage=0",
        "eventCountLimit=1",
        "EQ_quantity=1",
        "nextPageToken=x",
    ] {
        exception(key.get(&format!("{EVENTS}?{parameters}")).await, 400, "QueryParameterException");
    }
    assert!(query(&key, "").await.is_empty());
    let options =
        key.send(Method::OPTIONS, CAPTURE, None, Body::empty()).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(
        (options.header("gs1-epcis-capture-limit"), options.header("gs1-epcis-version")),
        ("10000", "2.0")
    );
    key.send(Method::OPTIONS, EVENTS, None, Body::empty()).await.expect(StatusCode::NO_CONTENT);
}

/// LOG-18: capture jobs are forgotten after 30 days, events are not; another customer or space sees neither.
#[tokio::test]
async fn jobs_are_forgotten_and_belong_to_one_customer() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    let made = owner.post("/api/v1/keys", &json!({ "name": "Proef", "mode": "test" })).await;
    let test = app.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    let answer = key
        .post(CAPTURE, &document(&[event(&json!({ "eventID": "urn:x:1" }))]))
        .await
        .expect(StatusCode::ACCEPTED);
    let job = answer.header("location");
    for stranger in [&other, &test] {
        exception(stranger.get(job).await, 404, "NoSuchResourceException");
        exception(stranger.get(&format!("{EVENTS}/urn:x:1")).await, 404, "NoSuchResourceException");
        assert!(query(stranger, "").await.is_empty());
        assert_eq!(stranger.get(CAPTURE).await.expect_ok().json(), json!([]));
    }
    assert_eq!(api::jobs::forget_captures(&app.app).await.unwrap(), 0);
    app.clock.advance(31 * 86_400_000);
    assert_eq!(api::jobs::forget_captures(&app.app).await.unwrap(), 1);
    exception(key.get(job).await, 404, "NoSuchResourceException");
    assert_eq!(query(&key, "").await.len(), 1);
}

/// LOG-18, LOG-08: an answer of ours can be captured again without storing anything twice; when an event was recorded
/// makes it no other event; a declaration that it was an error is kept beside it under the same id.
#[tokio::test]
async fn answers_and_declarations_can_be_captured() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let first = event(&json!({ "recordTime": "2026-11-22T09:00:00Z" }));
    let again = event(&json!({ "recordTime": "2026-11-22T10:00:00Z" }));
    for event in [&first, &again] {
        capture(&key, &document(std::slice::from_ref(event))).await;
    }
    let count = async || app.number("SELECT COUNT(*) AS n FROM log").await;
    assert_eq!(count().await, 1);
    let answer = key.get("/epcis/v2/events").await.expect_ok().json();
    let told = capture(&key, &document(&events(&answer))).await;
    assert_eq!((&told["success"], count().await), (&json!(true), 1), "{told}");
    let named = event(&json!({ "eventID": "urn:uuid:0dd5c8d4-8a04-4d57-8a2e-000000000001" }));
    let mut wrong = named.clone();
    wrong["errorDeclaration"] =
        json!({ "declarationTime": "2026-11-22T09:00:00Z", "reason": "incorrect_data" });
    for event in [&named, &wrong] {
        let told = capture(&key, &document(std::slice::from_ref(event))).await;
        assert_eq!(told["success"], true, "{told}");
    }
    assert_eq!(count().await, 3);
}
