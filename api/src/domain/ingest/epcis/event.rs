//! From an event to a log: what the standard requires of it, its id and its context.

use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::logs::MAX_RECORD_BYTES;
use shared::problem::Code;
use shared::time::Millis;

use super::members::Members;
use super::{EXTENDED, STANDARD, TYPES, kind, vocabulary};
use crate::domain::ingest::identity::external_id;
use crate::domain::ingest::unreadable;
use crate::domain::logs::model::NewLog;
use crate::domain::logs::reader::{self, Context, Hints};
use crate::http::body::human_bytes;
use crate::http::problem::{Answer, Problem};

const ACTIONS: [&str; 3] = ["OBSERVE", "ADD", "DELETE"];
/// Members that every event may have.
const COMMON: [&str; 9] = [
    "@context",
    "id",
    "type",
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "certificationInfo",
    "errorDeclaration",
];
/// Members of the types, beside those that are in all of them.
const IN_ALL: [&str; 9] = [
    "persistentDisposition",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "sourceList",
    "destinationList",
    "sensorElementList",
];
const OBJECT: [&str; 4] = ["action", "epcList", "quantityList", "ilmd"];
const CHILDREN: [&str; 4] = ["action", "parentID", "childEPCs", "childQuantityList"];
const TRANSACTION: [&str; 4] = ["action", "parentID", "epcList", "quantityList"];
const TRANSFORMATION: [&str; 6] =
    ["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "ilmd"];

/// Follows the id of an event in the external id of the declaration that it was an error.
pub const DECLARATION: &str = "#errorDeclaration";

/// An event on its way in.
#[derive(Debug)]
pub struct Captured {
    /// Its id.
    pub id: String,
    /// The log.
    pub log: NewLog,
}

/// Reads an event; `outer` is the context of its document where that is more than the standard one.
///
/// # Errors
/// What is wrong with the event.
pub fn read(raw: &str, outer: Option<&Value>, context: &Context) -> Answer<Captured> {
    if raw.len() > MAX_RECORD_BYTES {
        let problem = Problem::new(Code::RecordTooLarge).with("size", human_bytes(raw.len()));
        return Err(problem.with("limit", human_bytes(MAX_RECORD_BYTES)));
    }
    let event: Value = serde_json::from_str(raw).map_err(|error| unreadable(STANDARD, error))?;
    check(&event)?;
    let mut members: Members<'_> = serde_json::from_str(raw).map_err(|error| unreadable(STANDARD, error))?;
    let sent = members.0.len();
    // When an event was recorded is ours to say; a former answer of ours, or another's, is the same event.
    members.0.retain(|(name, _)| name != "recordTime");
    let mut set = Vec::new();
    let own = event.get("@context").filter(|own| !is_standard(own));
    if let Some(merged) = merge(outer, own) {
        set.push(("@context", merged.to_string()));
    }
    let given = ["eventID", "id"].iter().find_map(|name| event.get(name).and_then(Value::as_str));
    let named = given.map_or_else(String::new, |id| named(id, &event));
    let id = match given {
        Some(id) => id.to_owned(),
        None => {
            let id = made_id(&event);
            set.push(("eventID", Value::from(id.as_str()).to_string()));
            id
        }
    };
    let data = if set.is_empty() && members.0.len() == sent { raw.to_owned() } else { members.with(&set) };
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
    let words = [
        text("type"),
        text("action"),
        vocabulary::bare(text("bizStep")),
        vocabulary::bare(text("disposition")),
    ];
    let message: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let hints = Hints {
        kind: Some(kind(text("type"))),
        message: Some(message.join(" ")),
        occurred_at: Millis::from_rfc3339(text("eventTime")),
        external_id: Some(if named.is_empty() { external_id(&id) } else { named }),
        same_as: Some(meaning(&event)),
        ..Hints::default()
    };
    Ok(Captured { log: reader::read_with(data.as_bytes(), context, hints)?, id })
}

/// The external id of an event. A declaration that an event was an error carries the id of that event; it is a log
/// of its own.
fn named(id: &str, event: &Value) -> String {
    match event.get("errorDeclaration") {
        Some(declaration) if !declaration.is_null() => external_id(&format!("{id}{DECLARATION}")),
        _ => external_id(id),
    }
}

/// What an event says, whatever the order of its members: without its own id, its context, and when it was recorded.
fn meaning(event: &Value) -> String {
    let mut said = event.clone();
    if let Some(members) = said.as_object_mut() {
        for name in ["recordTime", "@context", "eventID", "id"] {
            members.remove(name);
        }
    }
    // Objects are written in the order of their names.
    said.to_string()
}

/// An id for an event that has none: a digest of what it says, without the time of its recording, as UUID version 8.
fn made_id(event: &Value) -> String {
    let digest = Sha256::digest(meaning(event));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!("urn:uuid:{}", uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Whether a context says nothing beyond the standard.
#[must_use]
pub fn is_standard(context: &Value) -> bool {
    match context {
        Value::String(uri) => {
            uri.contains("/epcis-context") && (uri.contains("ref.gs1.org") || uri.contains("gs1.github.io"))
        }
        Value::Array(items) => items.iter().all(is_standard),
        _ => false,
    }
}

/// One context from that of the document and that of the event; the inner one goes last and counts.
fn merge(outer: Option<&Value>, own: Option<&Value>) -> Option<Value> {
    let items = |context: &Value| match context {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    let mut merged: Vec<Value> = Vec::new();
    for item in outer.into_iter().chain(own).flat_map(items) {
        if !merged.contains(&item) {
            merged.push(item);
        }
    }
    outer.filter(|_| !merged.is_empty()).map(|_| Value::Array(merged))
}

/// What the standard requires, as far as an answer would break its schema without it.
fn check(event: &Value) -> Answer<()> {
    let Some(members) = event.as_object() else {
        return Err(unreadable(STANDARD, "an event is an object"));
    };
    let fault = |reason: String| Err(unreadable(STANDARD, reason));
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let Some(event_type) = text("type") else {
        return fault("type is missing".to_owned());
    };
    let known = TYPES.contains(&event_type);
    if !known && !event_type.contains(':') || event_type == EXTENDED {
        return fault(format!("{event_type} is no type of event"));
    }
    for name in ["eventTime", "recordTime"] {
        let required = name == "eventTime";
        let good = text(name).is_some_and(|time| Millis::from_rfc3339(time).is_some());
        if !good && (required || members.contains_key(name)) {
            return fault(format!("{name} is no time with zone"));
        }
    }
    if !text("eventTimeZoneOffset").is_some_and(is_offset) {
        return fault("eventTimeZoneOffset is no offset such as +01:00".to_owned());
    }
    for name in ["eventID", "id"] {
        if members.get(name).is_some_and(|id| !id.as_str().is_some_and(is_uri)) {
            return fault(format!("{name} is no URI"));
        }
    }
    if known {
        check_members(event_type, members)?;
    }
    check_values(members)
}

fn check_members(event_type: &str, members: &serde_json::Map<String, Value>) -> Answer<()> {
    let (own, required): (&[&str], &[&str]) = match event_type {
        "ObjectEvent" => (&OBJECT, &["action"]),
        "AggregationEvent" => (&CHILDREN, &["action"]),
        "AssociationEvent" => (&CHILDREN, &["action", "parentID"]),
        "TransactionEvent" => (&TRANSACTION, &["action", "bizTransactionList"]),
        _ => (&TRANSFORMATION, &[]),
    };
    let known = |name: &str| COMMON.contains(&name) || IN_ALL.contains(&name) || own.contains(&name);
    let fault = |reason: String| Err(unreadable(STANDARD, reason));
    if let Some(name) = members.keys().find(|name| !known(name) && !name.contains(':')) {
        return fault(format!("{name} is no member of {event_type}"));
    }
    if let Some(name) = required.iter().find(|name| !members.contains_key(**name)) {
        return fault(format!("{name} is missing"));
    }
    let action = members.get("action").map(|action| action.as_str().unwrap_or_default());
    if action.is_some_and(|action| !ACTIONS.contains(&action)) {
        return fault(format!("action is one of {}", ACTIONS.join(", ")));
    }
    let filled =
        |name: &str| members.get(name).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let deletes = action == Some("DELETE");
    let has = |name: &str| members.contains_key(name);
    let complete = match event_type {
        "ObjectEvent" => {
            has("epcList") || filled("quantityList") || (filled("sensorElementList") && has("readPoint"))
        }
        "TransactionEvent" => has("epcList") || filled("quantityList") || deletes,
        "TransformationEvent" => {
            let into = filled("inputEPCList") || filled("inputQuantityList");
            let out = filled("outputEPCList") || filled("outputQuantityList");
            (into && out) || ((into || out) && has("transformationID"))
        }
        _ => filled("childEPCs") || filled("childQuantityList") || deletes,
    };
    if complete { Ok(()) } else { fault(format!("{event_type} does not say what it is about")) }
}

/// Identifiers are URIs and stand where they belong.
fn check_values(members: &serde_json::Map<String, Value>) -> Answer<()> {
    for (name, value) in members {
        let uri = |value: &Value| value.as_str().is_some_and(is_uri);
        let objects = |list: &Value| list.as_array().is_some_and(|list| list.iter().all(Value::is_object));
        let good = match name.as_str() {
            "epcList" | "childEPCs" | "inputEPCList" | "outputEPCList" => {
                value.as_array().is_some_and(|list| list.iter().all(uri))
            }
            "parentID" | "transformationID" => uri(value),
            "readPoint" | "bizLocation" => value.get("id").is_some_and(uri),
            "bizStep" | "disposition" => value.is_string(),
            "quantityList" | "childQuantityList" | "inputQuantityList" | "outputQuantityList" => {
                objects(value)
                    && value
                        .as_array()
                        .is_some_and(|list| list.iter().all(|one| one.get("epcClass").is_some_and(uri)))
            }
            // A list of one may be written without the list.
            "bizTransactionList" | "sourceList" | "destinationList" => value.is_object() || objects(value),
            "sensorElementList" => objects(value),
            "errorDeclaration" => value
                .get("declarationTime")
                .and_then(Value::as_str)
                .is_some_and(|time| Millis::from_rfc3339(time).is_some()),
            _ => true,
        };
        if !good {
            return Err(unreadable(STANDARD, format!("{name} has no value that the standard knows")));
        }
    }
    Ok(())
}

fn is_uri(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, rest)| (scheme, !rest.is_empty()));
    scheme.is_some_and(|(scheme, more)| {
        more && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    }) && !text.contains(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '{' | '}' | '\\' | '^' | '`' | '|')
    })
}

fn is_offset(text: &str) -> bool {
    let (Some((hours, minutes)), true) =
        (text.get(1..).and_then(|rest| rest.split_once(':')), text.starts_with(['+', '-']))
    else {
        return false;
    };
    let number = |text: &str| (text.len() == 2).then(|| text.parse::<u32>().ok()).flatten();
    number(hours)
        .zip(number(minutes))
        .is_some_and(|(hours, minutes)| (hours < 14 && minutes < 60) || (hours == 14 && minutes == 0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::lang::Lang;

    use super::*;

    fn context() -> Context {
        let now = Millis::from_rfc3339("2026-11-22T12:00:00Z").unwrap();
        Context {
            now,
            zone: crate::util::zone::find("Europe/Amsterdam").unwrap(),
            lang: Lang::En,
            retention: std::sync::Arc::default(),
        }
    }

    fn event(more: &str) -> String {
        format!(
            r#"{{"type":"ObjectEvent","eventTime":"2026-11-22T08:00:00Z","eventTimeZoneOffset":"+01:00","action":"OBSERVE","epcList":["urn:x:1"]{more}}}"#
        )
    }

    /// LOG-18: an event without an id gets one from what it says; with one it is kept byte for byte.
    #[test]
    fn ids_come_from_what_an_event_says() {
        let read = |text: &str| read(text, None, &context()).unwrap();
        let (first, again) = (read(&event("")), read(&event(r#","recordTime":"2026-11-22T09:00:00Z""#)));
        assert_eq!(first.id, again.id);
        assert!(
            first.id.starts_with("urn:uuid:")
                && first.log.data.starts_with(&format!("{{\"eventID\":\"{}\",", first.id))
        );
        assert_ne!(first.id, read(&event(r#","bizStep":"shipping""#)).id);
        let own = event(r#","eventID":"urn:x:event" , "ext:n": 1.10"#);
        let kept = read(&own);
        assert_eq!(
            (kept.id.as_str(), kept.log.data.as_str(), kept.log.kind.as_str()),
            ("urn:x:event", own.as_str(), "epcis.ObjectEvent")
        );
        assert_eq!(external_id(&"é".repeat(129)).len(), 72);
    }

    /// LOG-18: the context of the document goes with the event where it means something.
    #[test]
    fn contexts_go_with_events() {
        let outer = serde_json::json!([super::super::CONTEXT, { "ex": "http://ex/" }]);
        let read = |more: &str| read(&event(more), Some(&outer), &context()).unwrap().log.data;
        assert!(read("").starts_with(&format!(
            "{{\"@context\":[\"{}\",{{\"ex\":\"http://ex/\"}}],",
            super::super::CONTEXT
        )));
        let both = read(r#","@context":{"own":"http://own/"}"#);
        assert!(both.contains(r#"{"ex":"http://ex/"},{"own":"http://own/"}]"#), "{both}");
        for standard in [
            serde_json::json!(super::super::CONTEXT),
            serde_json::json!(["https://gs1.github.io/EPCIS/epcis-context-simple.jsonld"]),
        ] {
            assert!(is_standard(&standard));
        }
    }

    /// LOG-18: what would break the schema of the standard is refused.
    #[test]
    fn events_are_checked() {
        for broken in [
            "1".to_owned(),
            "{}".to_owned(),
            event("").replace("ObjectEvent", "Event"),
            event("").replace("Z\"", "\""),
            event("").replace("+01:00", "+15:00"),
            event("").replace("OBSERVE", "LOOK"),
            event("").replace("urn:x:1", "x"),
            event("").replace("\"epcList\"", "\"epcs\""),
            event(r#","eventID":"x""#),
            event(r#","readPoint":{}"#),
        ] {
            assert_eq!(read(&broken, None, &context()).unwrap_err().code, Code::InvalidMessage, "{broken}");
        }
    }

    proptest! {
        /// LOG-18: any text is read or refused.
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}", name in "[a-zA-Z:@]{1,12}", value in "(null|1|\"x\"|\\[\\]|\\{\\}|\\[1\\])") {
            drop(read(&text, None, &context()));
            drop(read(&event(&format!(",\"{name}\":{value}")), None, &context()));
        }
    }
}
