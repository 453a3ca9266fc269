//! Reading events: one object, or a list of them. Pure.

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::logs::{MAX_EXTERNAL_ID_CHARS, MAX_KIND_CHARS, MAX_UPLOAD_LINES};
use shared::problem::Code;

use crate::domain::ingest::unreadable;
use crate::domain::logs::model::NewLog;
use crate::domain::logs::reader::{self, Context, Hints};
use crate::http::problem::{Answer, Problem};

const STANDARD: &str = "Open Trip Model 5";
/// The stages of an event.
const LIFECYCLES: [&str; 5] = ["requested", "planned", "projected", "actual", "realized"];
/// Where events say when they happened, the most certain first.
const TIMES: [&str; 3] = ["actualTime", "dateTime", "creationDate"];

/// Events of a request.
#[derive(Debug)]
pub struct Events {
    /// Whether they came as a list.
    pub is_list: bool,
    /// The events.
    pub events: Vec<Read>,
}

/// One event, read or not.
#[derive(Debug)]
pub struct Read {
    /// Its id.
    pub id: Option<String>,
    /// The log, or why there is none.
    pub log: Result<NewLog, Problem>,
}

#[derive(Deserialize)]
struct Event {
    id: Option<String>,
    #[serde(rename = "eventType")]
    event_type: Option<String>,
    lifecycle: Option<String>,
    name: Option<String>,
}

/// Reads one event or a list.
///
/// # Errors
/// `invalid_message`, `too_many_items`.
pub fn read(bytes: &[u8], context: &Context) -> Answer<Events> {
    let is_list = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let broken = |error: serde_json::Error| unreadable(STANDARD, error);
    let raw: Vec<&RawValue> = if is_list {
        serde_json::from_slice(bytes).map_err(broken)?
    } else {
        vec![serde_json::from_slice(bytes).map_err(broken)?]
    };
    if raw.len() > MAX_UPLOAD_LINES {
        return Err(Problem::new(Code::TooManyItems)
            .with("actual", raw.len())
            .with("limit", MAX_UPLOAD_LINES));
    }
    Ok(Events { is_list, events: raw.into_iter().map(|raw| event(raw.get(), context)).collect() })
}

fn event(raw: &str, context: &Context) -> Read {
    let parsed: Event = match serde_json::from_str(raw) {
        Ok(parsed) => parsed,
        Err(error) => return Read { id: None, log: Err(unreadable(STANDARD, error)) },
    };
    let id = parsed.id.clone();
    let log = log(raw, parsed, context);
    Read { id, log }
}

fn log(raw: &str, event: Event, context: &Context) -> Result<NewLog, Problem> {
    let fault = |reason: String| Err(unreadable(STANDARD, reason));
    let within = |text: &str, most| (1..=most).contains(&text.trim().chars().count()) && !text.contains('\0');
    let Some(kind) = event.event_type.filter(|kind| within(kind, MAX_KIND_CHARS)) else {
        return fault(format!("eventType is a text of 1 to {MAX_KIND_CHARS} characters"));
    };
    if event.id.as_ref().is_some_and(|id| !within(id, MAX_EXTERNAL_ID_CHARS)) {
        return fault(format!("id is a text of 1 to {MAX_EXTERNAL_ID_CHARS} characters"));
    }
    if event.lifecycle.is_some_and(|stage| !LIFECYCLES.contains(&stage.as_str())) {
        return fault(format!("lifecycle is one of {}", LIFECYCLES.join(", ")));
    }
    let hints = Hints {
        kind: Some(kind),
        message: event.name,
        time_names: &TIMES,
        external_id: event.id,
        ..Hints::default()
    };
    reader::read_with(raw.as_bytes(), context, hints)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::lang::Lang;
    use shared::time::Millis;

    use super::*;

    proptest! {
        /// LOG-18: any bytes are read or refused.
        #[test]
        fn any_bytes_are_read_or_refused(
            bytes in proptest::collection::vec(any::<u8>(), 0..60), name in "(id|eventType|lifecycle|name|dateTime)",
            value in "(null|1|\"x\"|\\[\\]|\\{\\})"
        ) {
            let now = Millis::from_rfc3339("2026-11-22T12:00:00Z").unwrap();
            let zone = crate::util::zone::find("Europe/Amsterdam").unwrap();
            let context = Context { now, zone, lang: Lang::En, retention: std::sync::Arc::default() };
            drop(read(&bytes, &context));
            let event = format!("[{{\"eventType\":\"e\"}},{{\"{name}\":{value}}},1]");
            prop_assert_eq!(read(event.as_bytes(), &context).unwrap().events.len(), 3);
        }
    }
}
