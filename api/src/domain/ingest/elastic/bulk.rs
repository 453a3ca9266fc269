//! Reading a bulk request: pairs of lines, an action and a document. Pure.

use serde::Deserialize;
use shared::logs::{MAX_EXTERNAL_ID_CHARS, MAX_KIND_CHARS, MAX_UPLOAD_LINES};
use shared::problem::Code;

use crate::domain::ingest::identity::external_id;
use crate::domain::ingest::unreadable;
use crate::domain::logs::model::NewLog;
use crate::domain::logs::reader::{self, Context, Hints};
use crate::http::problem::{Answer, Problem};

const STANDARD: &str = "the bulk API of Elasticsearch";

/// What an item asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Store; the same again is no fault.
    Index,
    /// Store what is not there yet.
    Create,
    /// Change, which logs do not know.
    Update,
    /// Delete, which logs do not know.
    Delete,
}

impl Verb {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One item of a bulk request.
#[derive(Debug)]
pub struct Item {
    /// What it asks for.
    pub verb: Verb,
    /// Its index.
    pub index: String,
    /// Its id.
    pub id: Option<String>,
    /// The log, or why there is none.
    pub log: Result<NewLog, Problem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Index(Meta),
    Create(Meta),
    Update(Meta),
    Delete(Meta),
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "_index")]
    index: Option<String>,
    #[serde(rename = "_id")]
    id: Option<Id>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

/// Reads all items; an index that stands in the address counts where an item names none.
///
/// # Errors
/// `empty_body`, `invalid_message` when actions and documents cannot be told apart, `too_many_items`.
pub fn read(bytes: &[u8], default_index: Option<&str>, context: &Context) -> Answer<Vec<Item>> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::new(Code::EmptyBody));
    }
    let Some(body) = bytes.strip_suffix(b"\n") else {
        return Err(unreadable(STANDARD, "the request must be terminated by a newline [\\n]"));
    };
    let mut lines = body.split(|byte| *byte == b'\n').enumerate();
    let mut items = Vec::new();
    while let Some((at, line)) = lines.next() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if items.len() == MAX_UPLOAD_LINES {
            let limit = MAX_UPLOAD_LINES;
            return Err(Problem::new(Code::TooManyItems)
                .with("actual", format!("> {limit}"))
                .with("limit", limit));
        }
        let malformed = |error: &dyn std::fmt::Display| {
            unreadable(STANDARD, format!("malformed action/metadata line [{}]: {error}", at + 1))
        };
        let action: Action = serde_json::from_slice(line).map_err(|error| malformed(&error))?;
        let (verb, meta) = match action {
            Action::Index(meta) => (Verb::Index, meta),
            Action::Create(meta) => (Verb::Create, meta),
            Action::Update(meta) => (Verb::Update, meta),
            Action::Delete(meta) => (Verb::Delete, meta),
        };
        let index = meta.index.or_else(|| default_index.map(str::to_owned));
        let index = index.ok_or_else(|| malformed(&"index is missing"))?;
        let id = meta.id.map(|id| match id {
            Id::Text(text) => text,
            Id::Number(number) => number.to_string(),
        });
        let log = match verb {
            Verb::Delete => Err(append_only(verb)),
            Verb::Update => lines
                .next()
                .ok_or_else(|| malformed(&"no document follows"))
                .map(|_| Err(append_only(verb)))?,
            Verb::Index | Verb::Create => {
                let (_, source) = lines.next().ok_or_else(|| malformed(&"no document follows"))?;
                document(source, &index, id.clone(), context)
            }
        };
        items.push(Item { verb, index, id, log });
    }
    Ok(items)
}

fn append_only(verb: Verb) -> Problem {
    unreadable(STANDARD, format!("[{}] is not supported: logs are append-only", verb.as_str()))
}

fn document(source: &[u8], index: &str, id: Option<String>, context: &Context) -> Result<NewLog, Problem> {
    let kind = kind(index);
    if !(1..=MAX_KIND_CHARS).contains(&kind.chars().count()) || index.contains('\0') {
        return Err(unreadable(
            STANDARD,
            format!("invalid index name, 1 to {MAX_KIND_CHARS} characters are read"),
        ));
    }
    let good = |id: &String| (1..=MAX_EXTERNAL_ID_CHARS).contains(&id.chars().count()) && !id.contains('\0');
    if id.as_ref().is_some_and(|id| !good(id)) {
        return Err(unreadable(STANDARD, format!("_id has 1 to {MAX_EXTERNAL_ID_CHARS} characters")));
    }
    let source = source.strip_suffix(b"\r").unwrap_or(source);
    if source.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(unreadable(STANDARD, "a document is a JSON object"));
    }
    let hints = Hints {
        kind_otherwise: Some(kind.to_owned()),
        level_paths: &["log.level", "syslog.severity.name"],
        time_names: &["@timestamp"],
        // An id is unique within its index alone; a delivery that is repeated after midnight has the next one's date.
        external_id: id.map(|id| external_id(&format!("{kind}/{id}"))),
        ..Hints::default()
    };
    reader::read_with(source, context, hints)
}

/// The kind that an index stands for: many shippers begin a new index every day, `logs-2026.11.22`.
fn kind(index: &str) -> &str {
    let is_date = |text: &str| {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        ["0000.00.00", "0000-00-00", "0000.00", "0000-00"].contains(&shape.as_str())
    };
    let dated = index.char_indices().find(|(at, c)| matches!(c, '-' | '_') && is_date(&index[at + 1..]));
    dated.map_or(index, |(at, _)| &index[..at]).trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shared::lang::Lang;
    use shared::time::Millis;

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

    /// LOG-19: indices by the day or month are one kind.
    #[test]
    fn dates_are_no_part_of_a_kind() {
        for (index, expected) in [
            ("logs-2026.11.22", "logs"),
            ("logstash_2026-11", "logstash"),
            ("app-1.2", "app-1.2"),
            ("2026.11.22", "2026.11.22"),
            ("a-2026.11.22-000001", "a-2026.11.22-000001"),
            ("é-2026.11", "é"),
        ] {
            assert_eq!(kind(index), expected);
        }
    }

    /// LOG-19: pairs are read; ids may be numbers; an item's index goes before that of the address.
    #[test]
    fn pairs_are_read() {
        let body = b"{\"index\":{\"_index\":\"own\",\"_id\":7}}\n{\"a\":1,\"@timestamp\":\"2026-11-22T10:00:00Z\",\"log\":{\"level\":\"error\"}}\r\n\n{\"create\":{}}\n{\"kind\":\"scan\"}\n{\"delete\":{\"_id\":\"x\"}}\n";
        let items = read(body, Some("far"), &context()).unwrap();
        let first = items[0].log.as_ref().unwrap();
        assert_eq!(
            (first.kind.as_str(), first.external_id.as_deref(), first.level.as_str()),
            ("own", Some("own/7"), "error")
        );
        assert_eq!(first.occurred_at.to_rfc3339(), "2026-11-22T10:00:00.000Z");
        assert_eq!((items[1].log.as_ref().unwrap().kind.as_str(), items[1].index.as_str()), ("scan", "far"));
        assert!(items[2].log.is_err());
    }

    proptest! {
        /// LOG-19: any bytes are read or refused.
        #[test]
        fn any_bytes_are_read_or_refused(
            lines in proptest::collection::vec(
                prop_oneof![
                    Just("{\"index\":{}}".to_owned()), Just("{\"create\":{\"_id\":\"a\"}}".to_owned()),
                    Just("{\"update\":{\"_id\":null}}".to_owned()), Just("{\"a\":1}".to_owned()), "\\PC{0,20}"
                ], 0..8),
            end in "\n?"
        ) {
            let text = lines.join("\n") + &end;
            if let Ok(items) = read(text.as_bytes(), Some("i"), &context()) {
                prop_assert!(items.len() <= lines.len());
            }
        }
    }
}
