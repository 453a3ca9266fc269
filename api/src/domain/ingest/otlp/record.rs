//! From a record to a log: what all records of a resource and scope share is written once and stands in each.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json};
use shared::logs::{Level, MAX_UPLOAD_LINES};
use shared::problem::Code;
use shared::time::Millis;

use super::proto::{AnyValue, ExportLogsServiceRequest, KeyValue, LogRecord, Value};
use crate::domain::ingest::identity::Namer;
use crate::domain::ingest::parts::Budget;
use crate::domain::logs::model::NewLog;
use crate::domain::logs::reader::{self, Context, Hints};
use crate::http::problem::{Answer, Problem};
use crate::util::crypto;

const KIND: &str = "log";

/// Reads the records of a request.
///
/// # Errors
/// `too_many_items`, `body_too_large`.
pub fn read(request: ExportLogsServiceRequest, context: &Context) -> Answer<Vec<Result<NewLog, Problem>>> {
    let count: usize = request
        .resource_logs
        .iter()
        .flat_map(|logs| &logs.scope_logs)
        .map(|logs| logs.log_records.len())
        .sum();
    if count > MAX_UPLOAD_LINES {
        return Err(Problem::new(Code::TooManyItems).with("actual", count).with("limit", MAX_UPLOAD_LINES));
    }
    let (mut namer, mut budget) = (Namer::new("otlp"), Budget::default());
    let mut read = Vec::with_capacity(count);
    for of_resource in request.resource_logs {
        let resource = of_resource.resource.unwrap_or_default();
        let service = resource
            .attributes
            .iter()
            .find(|pair| pair.key == "service.name")
            .and_then(text)
            .map(str::to_owned);
        let mut shared = Map::new();
        add(&mut shared, "resource", Json::Object(object(resource.attributes)));
        add(&mut shared, "resource_schema_url", Json::from(of_resource.schema_url));
        for of_scope in of_resource.scope_logs {
            let mut shared = shared.clone();
            let scope = of_scope.scope.unwrap_or_default();
            let mut about = Map::new();
            add(&mut about, "name", Json::from(scope.name));
            add(&mut about, "version", Json::from(scope.version));
            add(&mut about, "attributes", Json::Object(object(scope.attributes)));
            add(&mut shared, "scope", Json::Object(about));
            add(&mut shared, "schema_url", Json::from(of_scope.schema_url));
            let shared = Json::Object(shared).to_string();
            for record in of_scope.log_records {
                budget.take(shared.len())?;
                read.push(log(record, &shared, service.as_deref(), &mut namer, &mut budget, context)?);
            }
        }
    }
    Ok(read)
}

fn log(
    record: LogRecord,
    shared: &str,
    service: Option<&str>,
    namer: &mut Namer,
    budget: &mut Budget,
    context: &Context,
) -> Answer<Result<NewLog, Problem>> {
    let nanos =
        if record.time_unix_nano == 0 { record.observed_time_unix_nano } else { record.time_unix_nano };
    let event = Some(record.event_name.as_str()).filter(|name| !name.is_empty());
    let event =
        event.or_else(|| record.attributes.iter().find(|pair| pair.key == "event.name").and_then(text));
    let mut hints = Hints {
        kind: Some(event.or(service).unwrap_or(KIND).to_owned()),
        kind_otherwise: Some(KIND.to_owned()),
        level: level(record.severity_number).or_else(|| Level::parse(&record.severity_text)),
        occurred_at: (nanos > 0).then_some(Millis((nanos / 1_000_000) as i64)),
        ..Hints::default()
    };
    hints.message = match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let mut own = Map::new();
    add(&mut own, "time_unix_nano", nanoseconds(record.time_unix_nano));
    add(&mut own, "observed_time_unix_nano", nanoseconds(record.observed_time_unix_nano));
    if record.severity_number != 0 {
        own.insert("severity_number".to_owned(), Json::from(record.severity_number));
    }
    add(&mut own, "severity_text", Json::from(record.severity_text));
    add(&mut own, "event_name", Json::from(record.event_name));
    if let Some(body) = record.body {
        own.insert("body".to_owned(), value(body));
    }
    add(&mut own, "attributes", Json::Object(object(record.attributes)));
    add(&mut own, "trace_id", Json::from(crypto::hex(&record.trace_id)));
    add(&mut own, "span_id", Json::from(crypto::hex(&record.span_id)));
    for (name, count) in
        [("flags", record.flags), ("dropped_attributes_count", record.dropped_attributes_count)]
    {
        if count != 0 {
            own.insert(name.to_owned(), Json::from(count));
        }
    }
    let own = Json::Object(own).to_string();
    budget.take(own.len())?;
    let data = joined(own, shared);
    hints.external_id = (nanos > 0).then(|| namer.name(&[data.as_bytes()]));
    Ok(reader::read_with(data.as_bytes(), context, hints))
}

/// Two objects as one.
fn joined(mut own: String, shared: &str) -> String {
    if shared.len() > 2 {
        own.pop();
        own.push_str(if own.len() > 1 { "," } else { "" });
        own.push_str(shared.trim_start_matches('{'));
    }
    own
}

/// Adds what is not empty.
fn add(object: &mut Map<String, Json>, name: &str, value: Json) {
    let empty = match &value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    };
    if !empty {
        object.insert(name.to_owned(), value);
    }
}

/// More digits than other readers of JSON keep in a number.
fn nanoseconds(value: u64) -> Json {
    if value == 0 { Json::Null } else { Json::from(value.to_string()) }
}

const fn level(number: i32) -> Option<Level> {
    match number {
        1..=8 => Some(Level::Debug),
        9 => Some(Level::Info),
        // The number for syslog's `notice`, and what lies between it and a warning.
        10..=12 => Some(Level::Notice),
        13..=16 => Some(Level::Warning),
        17 => Some(Level::Error),
        // `critical`, `alert` and `emergency` of syslog.
        18..=24 => Some(Level::Critical),
        _ => None,
    }
}

fn text(pair: &KeyValue) -> Option<&str> {
    match pair.value.as_ref()?.value.as_ref()? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn object(pairs: Vec<KeyValue>) -> Map<String, Json> {
    pairs.into_iter().map(|pair| (pair.key, pair.value.map_or(Json::Null, value))).collect()
}

fn value(any: AnyValue) -> Json {
    match any.value {
        None => Json::Null,
        Some(Value::Text(text)) => Json::from(text),
        Some(Value::Bool(value)) => Json::from(value),
        Some(Value::Int(number)) => Json::from(number),
        // JSON has no word for infinity.
        Some(Value::Double(number)) if !number.is_finite() => Json::from(number.to_string()),
        Some(Value::Double(number)) => Json::from(number),
        Some(Value::Array(list)) => list.values.into_iter().map(value).collect(),
        Some(Value::KeyValues(list)) => Json::Object(object(list.values)),
        Some(Value::Bytes(bytes)) => Json::from(BASE64.encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use prost::Message;
    use shared::lang::Lang;

    use super::super::encoding::Encoding;
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

    /// LOG-19: severities become levels as the data model of logs maps them to syslog.
    #[test]
    fn severities_become_levels() {
        let of = |number| level(number).map(Level::as_str);
        assert_eq!(
            [0, 1, 5, 9, 10, 13, 17, 18, 21, 24, 25, -1].map(of),
            [
                None,
                Some("debug"),
                Some("debug"),
                Some("info"),
                Some("notice"),
                Some("warning"),
                Some("error"),
                Some("critical"),
                Some("critical"),
                Some("critical"),
                None,
                None
            ]
        );
    }

    proptest! {
        /// LOG-19: any bytes are read or refused, in both encodings.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..80) {
            drop(Encoding::Protobuf.read(&bytes).map(|request| read(request, &context())));
            drop(Encoding::Json.read(&bytes).map(|request| read(request, &context())));
            let good = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"arrayValue":{"values":[{"intValue":1}]}}}]}]}]}"#;
            let mut request = Encoding::Json.read(good.as_bytes()).unwrap();
            drop(Encoding::Json.read(&good.as_bytes()[..cut]));
            request.resource_logs[0].schema_url = String::from_utf8_lossy(&bytes).into_owned();
            let wire = request.encode_to_vec();
            prop_assert_eq!(Encoding::Protobuf.read(&wire).unwrap(), request);
            drop(Encoding::Protobuf.read(&wire[..cut.min(wire.len())]).map(|request| read(request, &context())));
        }
    }
}
