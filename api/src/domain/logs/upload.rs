//! Bodies with many logs: JSON batches, NDJSON and CSV, each line judged by itself.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::logs::{MAX_BATCH_ITEMS, MAX_UPLOAD_LINES};
use shared::problem::Code;

use super::csv_in;
use super::model::{NewLog, Source};
use super::reader::{self, Context};
use crate::http::extract::{media_type, syntax};
use crate::http::problem::{Answer, Problem};

/// Media types that are read.
const EXPECTED: &str = "application/json, application/x-ndjson, text/csv";

/// One item, read or not.
#[derive(Debug)]
pub struct Item {
    /// Line in the file, from 1.
    pub line: Option<usize>,
    /// The log, or why there is none.
    pub log: Result<NewLog, Problem>,
}

/// Form of a body with many logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{"logs": […]}` or `[…]`.
    Json,
    /// One JSON value a line.
    Ndjson,
    /// A table with names in its first line.
    Csv,
}

impl Form {
    /// The form of a request by its media type.
    ///
    /// # Errors
    /// `unsupported_media_type`.
    pub fn of(headers: &HeaderMap) -> Answer<Self> {
        let kind = media_type(headers);
        match kind.as_str() {
            "application/json" => Ok(Self::Json),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines" => Ok(Self::Ndjson),
            "text/csv" | "application/csv" => Ok(Self::Csv),
            _ => {
                Err(Problem::new(Code::UnsupportedMediaType).with("actual", kind).with("expected", EXPECTED))
            }
        }
    }

    /// What stands in a log as its way in.
    #[must_use]
    pub const fn source(self) -> Source {
        match self {
            Self::Json => Source::Batch,
            Self::Ndjson | Self::Csv => Source::Upload,
        }
    }

    /// Reads all items.
    ///
    /// # Errors
    /// What is wrong with the body as a whole: empty, broken, or too many items.
    pub fn read(self, bytes: &[u8], context: &Context) -> Answer<Vec<Item>> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::new(Code::EmptyBody));
        }
        let items = match self {
            Self::Json => json_items(bytes, context)?,
            Self::Ndjson => ndjson_items(bytes, context)?,
            Self::Csv => csv_in::rows(bytes, MAX_UPLOAD_LINES)?
                .into_iter()
                .map(|(line, row)| Item {
                    line: Some(line),
                    log: row.and_then(|json| reader::read(&json, context)),
                })
                .collect(),
        };
        if items.is_empty() { Err(Problem::new(Code::EmptyBody)) } else { Ok(items) }
    }
}

/// Many logs as JSON, for the specification: each is read from its own text.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
pub enum LogsIn {
    /// Beside nothing else.
    Named {
        /// Objects, or anything else that JSON holds.
        logs: Vec<serde_json::Value>,
    },
    /// As a list.
    List(Vec<serde_json::Value>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'a> {
    #[serde(borrow)]
    logs: Vec<&'a RawValue>,
}

fn json_items(bytes: &[u8], context: &Context) -> Answer<Vec<Item>> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::new(Code::InvalidUtf8));
    }
    let is_list = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let parsed = if is_list {
        serde_json::from_slice::<Vec<&RawValue>>(bytes)
    } else {
        serde_json::from_slice::<Batch<'_>>(bytes).map(|batch| batch.logs)
    };
    let raw = match parsed {
        Ok(raw) => raw,
        // The shape is wrong, not the syntax: say which member is missing or unknown.
        Err(error) if error.is_data() => {
            return Err(crate::http::extract::parse::<OwnedBatch>(bytes)
                .err()
                .unwrap_or_else(|| syntax(&error)));
        }
        Err(error) => return Err(syntax(&error)),
    };
    limit(raw.len(), MAX_BATCH_ITEMS)?;
    Ok(raw
        .into_iter()
        .map(|item| Item { line: None, log: reader::read(item.get().as_bytes(), context) })
        .collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnedBatch {
    #[expect(dead_code, reason = "only read to find what is wrong")]
    logs: Vec<Box<RawValue>>,
}

fn ndjson_items(bytes: &[u8], context: &Context) -> Answer<Vec<Item>> {
    let mut items = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        limit(items.len() + 1, MAX_UPLOAD_LINES)?;
        items.push(Item { line: Some(at + 1), log: reader::read(line, context) });
    }
    Ok(items)
}

fn limit(count: usize, most: usize) -> Answer<()> {
    if count <= most {
        Ok(())
    } else {
        Err(Problem::new(Code::TooManyItems).with("actual", count).with("limit", most))
    }
}
