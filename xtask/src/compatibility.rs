//! API-11: what the specification took away or narrowed since the last release. Additions break nobody; the rest needs a
//! new version of the API.

use std::collections::HashSet;

use crate::json::{self, Json};
use crate::paths::Workspace;
use crate::process::{self, Done};

const DOCUMENT: &str = "openapi/openapi.json";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// Bounds, and whether a higher number admits more.
const BOUNDS: [(&str, bool); 6] = [
    ("minimum", false),
    ("minLength", false),
    ("minItems", false),
    ("maximum", true),
    ("maxLength", true),
    ("maxItems", true),
];

/// Compares the specification with that of the last release: the highest tag `v…`, or the revision that is named.
pub fn check(workspace: &Workspace, revision: Option<&str>) -> Done {
    let revision = match revision {
        Some(revision) => revision.to_owned(),
        None => {
            let tags = process::capture(workspace.command("git").args([
                "tag",
                "--list",
                "v*",
                "--sort=-version:refname",
            ]))?;
            let Some(last) = tags.lines().next() else {
                eprintln!("  no release yet");
                return Ok(());
            };
            last.to_owned()
        }
    };
    let released =
        process::capture(workspace.command("git").args(["show", &format!("{revision}:{DOCUMENT}")]))?;
    let present = std::fs::read_to_string(workspace.root.join(DOCUMENT))
        .map_err(|error| format!("{DOCUMENT}: {error}"))?;
    let broken = breaks(&json::parse(&released)?, &json::parse(&present)?);
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!(
        "since {revision} the specification breaks its users:\n  {}\nThis needs a new version in shared/src/api_version.rs",
        broken.join("\n  ")
    ))
}

/// Everything that worked by the old document and does not by the new one.
fn breaks(old: &Json, new: &Json) -> Vec<String> {
    let mut compared = Compared { old, new, found: Vec::new(), seen: HashSet::new() };
    compared.paths();
    compared.found
}

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// From a client: what was taken must be taken.
    In,
    /// To a client: what was given must be given.
    Out,
}

struct Compared<'a> {
    old: &'a Json,
    new: &'a Json,
    found: Vec<String>,
    /// Pairs of named schemas that were compared.
    seen: HashSet<(String, String, Way)>,
}

impl<'a> Compared<'a> {
    fn say(&mut self, place: &str, what: &str) {
        self.found.push(format!("{place}: {what}"));
    }

    fn paths(&mut self) {
        for (path, old) in members(self.old.get("paths")) {
            for method in METHODS {
                let Some(old) = old.get(method) else { continue };
                let place = format!("{} {path}", method.to_uppercase());
                let new =
                    self.new.get("paths").and_then(|paths| paths.get(path)).and_then(|item| item.get(method));
                match new {
                    Some(new) => self.operation(&place, old, new),
                    None => self.say(&place, "is gone"),
                }
            }
        }
    }

    fn operation(&mut self, place: &str, old: &'a Json, new: &'a Json) {
        let key =
            |parameter: &Json| (text(parameter.get("in")).to_owned(), text(parameter.get("name")).to_owned());
        let (before, after) = (items(old.get("parameters")), items(new.get("parameters")));
        for parameter in before {
            let place = format!("{place} parameter {}", text(parameter.get("name")));
            match after.iter().find(|other| key(other) == key(parameter)) {
                Some(other) => {
                    if is_true(other.get("required")) && !is_true(parameter.get("required")) {
                        self.say(&place, "must be given now");
                    }
                    self.schemas(&place, parameter.get("schema"), other.get("schema"), Way::In);
                }
                None => self.say(&place, "is gone"),
            }
        }
        for parameter in after {
            let is_new = !before.iter().any(|other| key(other) == key(parameter));
            if is_new && is_true(parameter.get("required")) {
                self.say(
                    &format!("{place} parameter {}", text(parameter.get("name"))),
                    "is new and must be given",
                );
            }
        }
        self.contents(&format!("{place} body"), old.get("requestBody"), new.get("requestBody"), Way::In);
        for (status, response) in members(old.get("responses")) {
            if status.starts_with('2') {
                let other = new.get("responses").and_then(|responses| responses.get(status));
                let place = format!("{place} {status}");
                if other.is_none() {
                    self.say(&place, "is gone");
                }
                self.contents(&place, Some(response), other, Way::Out);
            }
        }
    }

    fn contents(&mut self, place: &str, old: Option<&'a Json>, new: Option<&'a Json>, way: Way) {
        for (media, content) in members(old.and_then(|old| old.get("content"))) {
            let other = new.and_then(|new| new.get("content")).and_then(|content| content.get(media));
            match other {
                Some(other) => self.schemas(place, content.get("schema"), other.get("schema"), way),
                None => self.say(place, &format!("{media} is gone")),
            }
        }
        if way == Way::In && is_true(new.and_then(|new| new.get("required"))) && old.is_none() {
            self.say(place, "must be given now");
        }
    }

    fn schemas(&mut self, place: &str, old: Option<&'a Json>, new: Option<&'a Json>, way: Way) {
        let (Some(old), Some(new)) = (old, new) else { return };
        let (old_name, new_name) = (text(old.get("$ref")), text(new.get("$ref")));
        if !old_name.is_empty() && !self.seen.insert((old_name.to_owned(), new_name.to_owned(), way)) {
            return;
        }
        let (Some(old), Some(new)) = (resolved(self.old, old), resolved(self.new, new)) else {
            self.say(place, "refers to nothing");
            return;
        };
        self.types(place, old, new, way);
        self.values(place, old, new, way);
        if way == Way::In {
            self.bounds(place, old, new);
        }
        for name in ["allOf", "anyOf", "oneOf"] {
            let (before, after) = (items(old.get(name)), items(new.get(name)));
            if before.len() > after.len() || (way == Way::In && before.is_empty() != after.is_empty()) {
                self.say(place, &format!("{name} has fewer forms"));
            }
            for (old, new) in before.iter().zip(after) {
                self.schemas(place, Some(old), Some(new), way);
            }
        }
        self.schemas(&format!("{place}[]"), old.get("items"), new.get("items"), way);
        self.members(place, old, new, way);
    }

    fn types(&mut self, place: &str, old: &Json, new: &Json, way: Way) {
        let (before, after) = (kinds(old), kinds(new));
        let (from, to) = if way == Way::In { (&before, &after) } else { (&after, &before) };
        // Nothing said is everything.
        let fits = to.is_empty() || (!from.is_empty() && from.iter().all(|kind| to.contains(kind)));
        if !fits {
            self.say(place, &format!("was {} and is {}", before.join(" or "), after.join(" or ")));
        }
    }

    /// Listed values: none may go that was taken. New ones may come back, lists are open.
    fn values(&mut self, place: &str, old: &Json, new: &Json, way: Way) {
        let (before, after) = (items(old.get("enum")), items(new.get("enum")));
        if way == Way::In && !after.is_empty() {
            if before.is_empty() {
                self.say(place, "takes listed values alone now");
            }
            for value in before.iter().filter(|value| !after.contains(value)) {
                self.say(place, &format!("{} is taken no more", text(Some(value))));
            }
        }
    }

    fn bounds(&mut self, place: &str, old: &Json, new: &Json) {
        for (name, higher_is_wider) in BOUNDS {
            let Some(after) = number(new.get(name)) else { continue };
            let narrower = number(old.get(name))
                .is_none_or(|before| if higher_is_wider { after < before } else { after > before });
            if narrower {
                self.say(place, &format!("{name} is narrower"));
            }
        }
        if new.get("pattern").is_some() && new.get("pattern") != old.get("pattern") {
            self.say(place, "has another pattern");
        }
        let closed =
            |schema: &Json| schema.get("additionalProperties") == Some(&Json::Plain("false".to_owned()));
        if closed(new) && !closed(old) {
            self.say(place, "takes no other members now");
        }
    }

    fn members(&mut self, place: &str, old: &'a Json, new: &'a Json, way: Way) {
        let (before, after) = (items(old.get("required")), items(new.get("required")));
        for (name, schema) in members(old.get("properties")) {
            let place = format!("{place}/{name}");
            let Some(other) = new.get("properties").and_then(|properties| properties.get(name)) else {
                self.say(&place, "is gone");
                continue;
            };
            let is_in = |list: &[Json]| list.iter().any(|one| text(Some(one)) == name);
            match way {
                Way::In if is_in(after) && !is_in(before) => self.say(&place, "must be given now"),
                Way::Out if is_in(before) && !is_in(after) => self.say(&place, "is not always there now"),
                Way::In | Way::Out => {}
            }
            self.schemas(&place, Some(schema), Some(other), way);
        }
        if way == Way::In {
            let known =
                |name: &str| old.get("properties").is_some_and(|properties| properties.get(name).is_some());
            for name in after.iter().map(|one| text(Some(one))).filter(|name| !known(name)) {
                self.say(&format!("{place}/{name}"), "is new and must be given");
            }
        }
    }
}

/// The schema itself; none when a reference leads nowhere.
fn resolved<'a>(document: &'a Json, schema: &'a Json) -> Option<&'a Json> {
    let mut schema = schema;
    // References to references are few.
    for _ in 0..8 {
        let Some(name) = schema.get("$ref") else { return Some(schema) };
        let name = text(Some(name)).strip_prefix("#/components/schemas/")?;
        schema = document.get("components")?.get("schemas")?.get(name)?;
    }
    None
}

fn members(value: Option<&Json>) -> &[(String, Json)] {
    match value {
        Some(Json::Object(members)) => members,
        _ => &[],
    }
}

fn items(value: Option<&Json>) -> &[Json] {
    match value {
        Some(Json::List(items)) => items,
        _ => &[],
    }
}

fn text(value: Option<&Json>) -> &str {
    match value {
        Some(Json::Text(text) | Json::Plain(text)) => text,
        _ => "",
    }
}

fn is_true(value: Option<&Json>) -> bool {
    value == Some(&Json::Plain("true".to_owned()))
}

fn number(value: Option<&Json>) -> Option<f64> {
    text(value).parse().ok()
}

/// The types of a schema; empty where it says none. Whole numbers are numbers.
fn kinds(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::Text(one)) => vec![one],
        Some(Json::List(many)) => many.iter().map(|one| text(Some(one))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r##"{
        "paths": {
            "/a": {
                "get": {
                    "parameters": [
                        { "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 50 } },
                        { "name": "order", "in": "query", "schema": { "type": "string", "enum": ["up", "down"] } }
                    ],
                    "responses": { "200": { "content": { "json": { "schema": { "$ref": "#/components/schemas/Out" } } } }, "404": {} }
                },
                "post": {
                    "requestBody": { "content": { "json": { "schema": { "$ref": "#/components/schemas/In" } } } },
                    "responses": { "201": {} }
                }
            }
        },
        "components": { "schemas": {
            "Out": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "integer" }, "next": { "$ref": "#/components/schemas/Out" }, "state": { "enum": ["a"] } } },
            "In": { "type": "object", "required": ["name"], "properties": {
                "name": { "type": "string", "maxLength": 80 }, "note": { "type": ["string", "null"] } } }
        } }
    }"##;

    fn found(replacements: &[(&str, &str)]) -> Vec<String> {
        let new = replacements.iter().fold(OLD.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        breaks(&json::parse(OLD).unwrap(), &json::parse(&new).unwrap())
    }

    /// API-11: additions and wider bounds break nobody.
    #[test]
    fn additions_break_nobody() {
        assert_eq!(found(&[]), Vec::<String>::new());
        let more = [
            (r#""maximum": 50"#, r#""maximum": 100"#),
            (r#""enum": ["up", "down"]"#, r#""enum": ["up", "down", "none"]"#),
            (r#""enum": ["a"]"#, r#""enum": ["a", "b"]"#),
            (
                r#""id": { "type": "integer" }"#,
                r#""id": { "type": "integer" }, "extra": { "type": "string" }"#,
            ),
            (r#""maxLength": 80"#, r#""maxLength": 120"#),
            (r#""name": { "#, r#""kind": { "type": "string" }, "name": { "#),
            (r#""404": {}"#, r#""404": {}, "409": {}"#),
        ];
        assert_eq!(found(&more), Vec::<String>::new());
    }

    /// API-11: whatever is taken away, narrowed or asked for is found, with its place.
    #[test]
    fn whatever_breaks_is_found() {
        for (from, to, expected) in [
            (r#""post""#, r#""patch""#, "POST /a: is gone"),
            (r#""name": "limit""#, r#""name": "size""#, "GET /a parameter limit: is gone"),
            (r#""maximum": 50"#, r#""maximum": 49"#, "GET /a parameter limit: maximum is narrower"),
            (
                r#""type": "integer", "maximum""#,
                r#""type": "string", "maximum""#,
                "GET /a parameter limit: was integer and is string",
            ),
            (r#"["up", "down"]"#, r#"["up"]"#, "GET /a parameter order: down is taken no more"),
            (
                r#""name": "order","#,
                r#""name": "order", "required": true,"#,
                "GET /a parameter order: must be given now",
            ),
            (r#""200""#, r#""202""#, "GET /a 200: is gone"),
            (r#""id": { "type": "integer" }"#, r#""uid": { "type": "integer" }"#, "GET /a 200/id: is gone"),
            (
                r#""id": { "type": "integer" }"#,
                r#""id": { "type": "string" }"#,
                "GET /a 200/id: was integer and is string",
            ),
            (
                r#""id": { "type": "integer" }"#,
                r#""id": { "type": ["integer", "null"] }"#,
                "GET /a 200/id: was integer and is integer or null",
            ),
            (r#""required": ["id"]"#, r#""required": []"#, "GET /a 200/id: is not always there now"),
            (r#""maxLength": 80"#, r#""maxLength": 40"#, "POST /a body/name: maxLength is narrower"),
            (
                r#""type": ["string", "null"]"#,
                r#""type": "string""#,
                "POST /a body/note: was string or null and is string",
            ),
            (r#"["name"]"#, r#"["name", "note"]"#, "POST /a body/note: must be given now"),
            (r#"["name"]"#, r#"["name", "age"]"#, "POST /a body/age: is new and must be given"),
            (
                r##""$ref": "#/components/schemas/In""##,
                r##""$ref": "#/components/schemas/No""##,
                "POST /a body: refers to nothing",
            ),
        ] {
            let found = found(&[(from, to)]);
            assert!(found.iter().any(|one| one == expected), "{from} → {to}: {found:?}");
        }
    }
}
