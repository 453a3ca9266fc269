//! The specification is complete, and the same wherever it is found.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::document::{document, operations};
use super::layers::sources;
use crate::support::TestApp;

fn committed(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../openapi/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default()
}

/// API-05: the committed copies are what the program makes. `cargo xtask openapi` makes them anew.
#[test]
fn committed_specification_is_what_the_program_makes() {
    let made = api::router::document();
    assert!(committed("openapi.json") == api::openapi::to_json(&made), "openapi/openapi.json is not fresh");
    assert!(
        committed("openapi-3.0.json") == api::openapi::to_json_3_0(&made),
        "openapi/openapi-3.0.json is not fresh"
    );
}

/// Names under which types stand in the document, as the sources say; a name of its own stands in `schema(as = …)`.
fn schema_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split("utoipa::ToSchema").skip(1) {
        let head = part.split('{').next().unwrap();
        let own = head.split_once("schema(as = ").map(|(_, rest)| rest);
        let given =
            || head.split_once("pub struct ").or_else(|| head.split_once("pub enum ")).map(|(_, rest)| rest);
        let end = |c: char| !c.is_alphanumeric();
        names.extend(own.or_else(given).and_then(|rest| rest.split(end).next()).map(str::to_owned));
    }
    names
}

/// API-05, GEN-04: no two types have the same name in the document: the later one would take the place of the other.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let doubles = |texts: &[String]| {
        let mut seen = HashSet::new();
        let names = texts.iter().flat_map(|text| schema_names(text));
        names.filter(|name| !seen.insert(name.clone())).collect::<Vec<_>>()
    };
    let texts: Vec<String> =
        ["shared/src", "api/src"].into_iter().flat_map(sources).map(|(_, text)| text).collect();
    assert!(texts.iter().map(|text| schema_names(text).len()).sum::<usize>() > 150);
    assert_eq!(doubles(&texts), [""; 0]);
    let planted = "#[derive(utoipa::ToSchema)]\npub struct A {}\n#[derive(utoipa::ToSchema)]\npub enum A {}";
    assert_eq!(doubles(&[planted.to_owned()]), ["A"]);
}

/// API-05: the server serves the committed copies, with sign-in limits or without.
#[tokio::test]
async fn served_specification_is_the_committed_one() {
    for limited in [false, true] {
        let test = TestApp::with(|config| config.ratelimit_enabled = limited).await;
        for name in ["openapi.json", "openapi-3.0.json"] {
            let served = test.anon().get(&format!("/api/v1/{name}")).await.expect_ok();
            assert_eq!(served.header("content-type"), "application/json");
            assert!(served.text() == committed(name), "{name}");
        }
    }
}

/// API-05: Swagger UI and all that it loads come from the program itself.
#[tokio::test]
async fn swagger_ui_is_served_and_loads_nothing_from_elsewhere() {
    let test = TestApp::new().await;
    let page = test.anon().get("/api/docs/").await.expect_ok();
    assert!(page.header("content-type").starts_with("text/html"));
    let text = page.text();
    let sources: Vec<&str> =
        text.split(['"', '\'']).filter(|part| part.ends_with(".js") || part.ends_with(".css")).collect();
    assert!(sources.len() >= 3, "{sources:?}");
    for source in sources {
        assert!(!source.contains("//"), "{source} comes from elsewhere");
        let file =
            test.anon().get(&format!("/api/docs/{}", source.trim_start_matches("./"))).await.expect_ok();
        assert!(!file.body.is_empty() && !file.text().contains("petstore.swagger.io"), "{source}");
    }
    assert!(!page.header("content-security-policy").contains("http"));
}

/// What an operation lacks.
fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = HashSet::new();
    let tags: HashSet<&str> =
        document["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()).collect();
    for operation in operations(document) {
        let mut say = |what: &str| faults.push(format!("{}: {what}", operation.name()));
        let value = &operation.value;
        let filled = |member: &Value| member.as_str().is_some_and(|text| !text.trim().is_empty());
        if operation.id.is_empty() || !ids.insert(operation.id.clone()) {
            say("operationId is missing or not unique");
        }
        if !operation.id.split_once('_').is_some_and(|(verb, _)| VERBS.contains(&verb)) {
            say("operationId does not begin with a known verb");
        }
        if !filled(&value["summary"])
            || value["summary"].as_str().is_some_and(|text| text.len() > 80 || text.ends_with('.'))
        {
            say("summary is missing, long or a sentence");
        }
        if !filled(&value["description"]) {
            say("description is missing");
        }
        if !value["tags"].as_array().is_some_and(|own| {
            own.len() == 1 && own.iter().all(|tag| tags.contains(tag.as_str().unwrap_or_default()))
        }) {
            say("not exactly one declared tag");
        }
        if operation.security.is_empty() {
            say("security is missing");
        }
        if !operation.statuses.iter().any(|status| (200..300).contains(status)) {
            say("no success");
        }
        for needed in [400, 500, 503]
            .into_iter()
            .chain((!operation.security.iter().any(String::is_empty)).then_some(401))
        {
            if !operation.statuses.contains(&needed) {
                say(&format!("{needed} is missing"));
            }
        }
        for (status, answer) in value["responses"].as_object().unwrap() {
            if !filled(&answer["description"]) {
                say(&format!("{status} has no description"));
            }
            let is_error = status.starts_with('4') || status.starts_with('5');
            let is_problem = answer["content"]["application/problem+json"]["schema"]["$ref"]
                == "#/components/schemas/ProblemOut";
            let is_health = operation.id == "get_health" && status == "503";
            // A head that is too large is refused before anybody reads it: nobody is there to write a body.
            let is_bare = status == "431" && answer.get("content").is_none();
            if is_error && !is_problem && !is_health && !is_bare && !operation.is_foreign() {
                say(&format!("{status} is no problem"));
            }
            if status == "201" && answer["headers"]["Location"].is_null() && operation.id != "create_logs" {
                say("201 without Location");
            }
        }
        if let Some(body) = value.get("requestBody") {
            let contents = body["content"].as_object().unwrap();
            if !contents
                .values()
                .any(|content| content.get("example").is_some() || content.get("examples").is_some())
            {
                say("the body has no example");
            }
            if !operation.statuses.contains(&413) || !operation.statuses.contains(&415) {
                say("413 or 415 is missing");
            }
        }
        for param in value["parameters"].as_array().into_iter().flatten() {
            let name = param["name"].as_str().unwrap();
            if !filled(&param["description"]) {
                say(&format!("{name} has no description"));
            }
            if let Some(missing) = unbounded(&param["schema"]) {
                say(&format!("{name} has no {missing}"));
            }
            let in_path = param["in"] == "path";
            if in_path && (param["required"] != true || !operation.path.contains(&format!("{{{name}}}"))) {
                say(&format!("{name} is not in the path"));
            }
        }
        if operation.path.matches('{').count() != operation.params("path").len() {
            say("a path parameter is not described");
        }
    }
    faults
}

const VERBS: [&str; 19] = [
    "check",
    "compute",
    "list",
    "get",
    "create",
    "update",
    "delete",
    "replay",
    "rotate",
    "revoke",
    "search",
    "stream",
    "export",
    "suspend",
    "reactivate",
    "refresh",
    "change",
    "close",
    "restore",
];

/// The bound that an input lacks.
fn unbounded(schema: &Value) -> Option<&'static str> {
    let is = |name: &str| {
        schema["type"] == name
            || schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == name))
    };
    let has = |names: &[&str]| names.iter().any(|name| schema.get(*name).is_some());
    match () {
        () if is("string") && !has(&["maxLength", "pattern", "format", "enum"]) => {
            Some("length, pattern or format")
        }
        () if is("integer") && !has(&["minimum"]) => Some("minimum"),
        () if is("array") && !has(&["maxItems"]) => Some("maxItems"),
        () => None,
    }
}

/// API-05: every operation has a unique id, summary, description, tag, security, answers, an example and bounds.
#[test]
fn every_operation_is_complete() {
    let faults = faults(&document());
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Examples of requests that do not fit the schema beside them.
fn unfit(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for operation in operations(document) {
        let content = &operation.value["requestBody"]["content"]["application/json"];
        let named = content["examples"].as_object().into_iter().flat_map(serde_json::Map::values);
        let examples = named.map(|one| &one["value"]).chain(content.get("example"));
        let schema =
            serde_json::json!({ "allOf": [content["schema"]], "components": document["components"] });
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        let place = format!("mvai:///{}", operation.id);
        for example in examples {
            compiler.add_resource(&place, schema.clone()).unwrap();
            let compiled = compiler.compile(&place, &mut schemas).unwrap();
            if let Err(error) = schemas.validate(example, compiled) {
                found.push(format!("{}: {error}", operation.id));
            }
        }
    }
    found
}

/// API-05: every example of a request fits its schema; one that does not is noticed.
#[test]
fn examples_fit_their_schemas() {
    let mut document = document();
    assert_eq!(unfit(&document), Vec::<String>::new());
    let place = "/paths/~1api~1v1~1admin~1security~1modes/put/requestBody/content/application~1json/example";
    document.pointer_mut(place).unwrap()["anonymous"] = "Enforce".into();
    assert_eq!(unfit(&document).len(), 1);
}

/// API-05: every member of every request is described and bounded.
#[test]
fn every_request_member_is_described_and_bounded() {
    let document = document();
    let mut faults = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (member, value) in schema["properties"].as_object().into_iter().flatten() {
            let described = value.to_string().contains("\"description\":\"");
            if !described {
                faults.push(format!("{name}.{member} is not described"));
            }
            let is_input = name.ends_with("In") || name.ends_with("Patch");
            if let Some(missing) = unbounded(value).filter(|_| is_input) {
                faults.push(format!("{name}.{member} has no {missing}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// API-05: the check of completeness fails when something is taken away.
#[test]
fn taking_something_away_is_noticed() {
    for (pointer, member) in [
        ("/paths/~1api~1v1~1keys/post", "summary"),
        ("/paths/~1api~1v1~1keys/post", "description"),
        ("/paths/~1api~1v1~1keys/post", "security"),
        ("/paths/~1api~1v1~1keys/post", "tags"),
        ("/paths/~1api~1v1~1keys/post/requestBody/content/application~1json", "example"),
        ("/paths/~1api~1v1~1keys/post/responses", "201"),
        ("/paths/~1api~1v1~1keys/post/responses", "401"),
        ("/paths/~1api~1v1~1keys/post/responses/409/content", "application/problem+json"),
        ("/paths/~1api~1v1~1keys~1{id}/patch/parameters/0", "description"),
        ("/paths/~1api~1v1~1keys~1{id}/patch", "parameters"),
        ("/paths/~1api~1v1~1logs/get/parameters/0/schema", "minimum"),
    ] {
        let mut planted = document();
        let place = planted
            .pointer_mut(pointer)
            .and_then(Value::as_object_mut)
            .unwrap_or_else(|| panic!("{pointer}"));
        assert!(place.remove(member).is_some(), "{pointer} {member}");
        assert!(!faults(&planted).is_empty(), "{pointer} {member}");
    }
    let mut planted = document();
    planted["paths"]["/api/v1/keys"]["post"]["operationId"] = "list_keys".into();
    assert!(!faults(&planted).is_empty());
}

/// API-03: the former addresses are marked as deprecated and do what their successors do.
#[test]
fn former_addresses_are_deprecated() {
    let deprecated: Vec<String> = operations(&document())
        .into_iter()
        .filter(|one| one.value["deprecated"] == true)
        .map(|one| one.path)
        .collect();
    assert_eq!(deprecated, ["/api/v1/analytics", "/api/v1/log", "/api/v1/log", "/api/v1/search"]);
}

fn walk<'a>(value: &'a Value, place: &str, visit: &mut impl FnMut(&str, &'a serde_json::Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(place, members);
            for (name, member) in members {
                walk(member, &format!("{place}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{at}"), visit);
            }
        }
        _ => {}
    }
}

/// Constructs of a document that OpenAPI 3.0 does not know.
fn newer_than_3_0(document: &Value) -> Vec<String> {
    const UNKNOWN: [&str; 15] = [
        "const",
        "propertyNames",
        "prefixItems",
        "patternProperties",
        "contentEncoding",
        "contentMediaType",
        "$schema",
        "$defs",
        "$id",
        "if",
        "then",
        "dependentSchemas",
        "unevaluatedProperties",
        "webhooks",
        "jsonSchemaDialect",
    ];
    let mut found = Vec::new();
    walk(document, "", &mut |place, members| {
        // Examples hold data, not schemas; names of properties are free.
        if place.contains("/example") || place.ends_with("/properties") {
            return;
        }
        let is_type = |name: &str| members.get("type").is_some_and(|kind| kind == name);
        if members.get("type").is_some_and(Value::is_array) || is_type("null") {
            found.push(format!("{place}: type {}", members["type"]));
        }
        if members.get("examples").is_some_and(Value::is_array) {
            found.push(format!("{place}: a list of examples"));
        }
        if ["exclusiveMinimum", "exclusiveMaximum"]
            .iter()
            .any(|name| members.get(*name).is_some_and(|value| !value.is_boolean()))
        {
            found.push(format!("{place}: a numeric exclusive bound"));
        }
        if members.get("$ref").is_some() && members.len() > 1 {
            found.push(format!("{place}: members beside $ref"));
        }
        found.extend(
            UNKNOWN.iter().filter(|name| members.contains_key(**name)).map(|name| format!("{place}: {name}")),
        );
    });
    if !document["openapi"].as_str().is_some_and(|version| version.starts_with("3.0.")) {
        found.push(format!("openapi is {}", document["openapi"]));
    }
    if document["info"]["license"].get("identifier").is_some() {
        found.push("license.identifier".to_owned());
    }
    found
}

/// API-05: the 3.0 rendering holds nothing that 3.0 does not know, and as many operations and schemas.
#[test]
fn the_3_0_rendering_is_3_0() {
    let former: Value = serde_json::from_str(&api::openapi::to_json_3_0(&api::router::document())).unwrap();
    assert_eq!(newer_than_3_0(&former), Vec::<String>::new());
    let current = document();
    assert!(newer_than_3_0(&current).len() > 20, "the check sees what 3.1 brought");
    assert_eq!(operations(&former).len(), operations(&current).len());
    let names = |document: &Value| {
        document["components"]["schemas"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&former), names(&current));
}

/// API-05: each reference leads somewhere, and each schema is used.
#[test]
fn references_lead_somewhere() {
    for document in
        [document(), serde_json::from_str(&api::openapi::to_json_3_0(&api::router::document())).unwrap()]
    {
        let mut used: BTreeMap<String, usize> = BTreeMap::new();
        walk(&document, "", &mut |_, members| {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                *used.entry(reference.trim_start_matches('#').to_owned()).or_default() += 1;
            }
        });
        for reference in used.keys() {
            assert!(document.pointer(reference).is_some(), "{reference}");
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            assert!(used.contains_key(&format!("/components/schemas/{name}")), "{name} is not used");
        }
    }
}

/// API-02: the documented endpoints are there, by path and method.
#[test]
fn documented_endpoints_exist() {
    let have: HashSet<String> =
        operations(&document()).iter().map(|one| format!("{} {}", one.method, one.path)).collect();
    for wanted in [
        "GET /health",
        "GET /status",
        "GET /logs",
        "POST /logs",
        "GET /logs/{id}",
        "GET /logs/search",
        "POST /logs/batch",
        "GET /analytics/stats",
        "GET /analytics/daily",
        "GET /export/json",
        "GET /keys",
        "GET /search",
        "GET /log",
        "POST /log",
        "GET /analytics",
    ] {
        let (method, path) = wanted.split_once(' ').unwrap();
        assert!(have.contains(&format!("{method} /api/v1{path}")), "{wanted}");
    }
}
