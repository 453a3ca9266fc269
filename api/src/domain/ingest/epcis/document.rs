//! The two documents: what is captured, and what a query answers with.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::logs::{LogOut, MAX_UPLOAD_LINES};
use shared::problem::Code;
use shared::time::Millis;

use super::members::Members;
use super::{CONTEXT, STANDARD, event, normal};
use crate::domain::ingest::{parts, unreadable};
use crate::http::problem::{Answer, Problem};

/// A captured document.
#[derive(Debug)]
pub struct Document<'a> {
    /// Its context, where that is more than the standard one.
    pub context: Option<Value>,
    /// Its events as they stand.
    pub events: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(rename = "@context")]
    context: Value,
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "schemaVersion")]
    version: Option<Value>,
    #[serde(rename = "creationDate")]
    created: Option<String>,
    #[serde(borrow, rename = "epcisBody")]
    body: Body<'a>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, rename = "eventList")]
    events: Option<Vec<&'a RawValue>>,
    #[serde(borrow, rename = "queryResults")]
    results: Option<Results<'a>>,
}

#[derive(Deserialize)]
struct Results<'a> {
    #[serde(borrow, rename = "resultsBody")]
    body: ResultsBody<'a>,
}

#[derive(Deserialize)]
struct ResultsBody<'a> {
    #[serde(borrow, rename = "eventList")]
    events: Vec<&'a RawValue>,
}

/// Reads an `EPCISDocument`, or an `EPCISQueryDocument` that another repository answered with.
///
/// # Errors
/// `invalid_message`, `too_many_items`.
pub fn read(bytes: &[u8]) -> Answer<Document<'_>> {
    parts::count_json(bytes)?;
    let written: Written<'_> = serde_json::from_slice(bytes).map_err(|error| unreadable(STANDARD, error))?;
    let fault = |reason: &str| Err(unreadable(STANDARD, reason));
    let events = match (written.kind.as_str(), written.body.events, written.body.results) {
        ("EPCISDocument", Some(events), _) => events,
        ("EPCISQueryDocument", _, Some(results)) => results.body.events,
        _ => {
            return fault(
                "the body holds no events, or the type is neither EPCISDocument nor EPCISQueryDocument",
            );
        }
    };
    // Written as text; `2.0` without quotes occurs.
    if written.version.is_some_and(|version| !version.to_string().trim_matches('"').starts_with('2')) {
        return fault("schemaVersion is not 2");
    }
    if written.created.is_some_and(|at| Millis::from_rfc3339(&at).is_none()) {
        return fault("creationDate is no time with zone");
    }
    if !matches!(written.context, Value::String(_) | Value::Object(_) | Value::Array(_)) {
        return fault("@context is no context of JSON-LD");
    }
    if events.len() > MAX_UPLOAD_LINES {
        return Err(Problem::new(Code::TooManyItems)
            .with("actual", events.len())
            .with("limit", MAX_UPLOAD_LINES));
    }
    let context = Some(written.context).filter(|context| !event::is_standard(context));
    Ok(Document { context, events })
}

/// The answer to a query; events are as they were captured, with our time of recording.
#[must_use]
pub fn answer(events: &[String], now: Millis) -> String {
    let head = json!({ "@context": [CONTEXT], "type": "EPCISQueryDocument", "schemaVersion": "2.0", "creationDate": now.to_rfc3339() });
    let head = head.to_string();
    format!(
        "{},\"epcisBody\":{{\"queryResults\":{{\"queryName\":\"SimpleEventQuery\",\"resultsBody\":{{\"eventList\":[{}]}}}}}}}}",
        head.trim_end_matches('}'),
        events.join(",")
    )
}

/// An event as an answer holds it: as it was sent, in the one form that the schema of the standard allows.
#[must_use]
pub fn event(log: &LogOut) -> Option<String> {
    let data = log.data.as_deref()?;
    let recorded = Value::from(log.received_at.to_rfc3339()).to_string();
    let normal = normal::form(serde_json::from_str(data).ok()?).map(|event| event.to_string());
    let members: Members<'_> = serde_json::from_str(normal.as_deref().unwrap_or(data)).ok()?;
    Some(members.with(&[("recordTime", recorded)]))
}
