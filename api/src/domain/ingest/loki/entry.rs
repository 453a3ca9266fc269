//! From an entry to a log.

use serde_json::json;
use shared::logs::{Level, MAX_UPLOAD_LINES};
use shared::problem::Code;
use shared::time::Millis;

use super::push::{Entry, Stream};
use crate::domain::ingest::identity::Namer;
use crate::domain::ingest::parts::Budget;
use crate::domain::logs::model::NewLog;
use crate::domain::logs::reader::{self, Context, Hints};
use crate::http::problem::{Answer, Problem};

/// Labels that say what kind of log it is, and how serious.
const KINDS: [&str; 4] = ["kind", "service_name", "job", "app"];
const LEVELS: [&str; 3] = ["level", "severity", "detected_level"];

/// An entry that was read, with what a fault names it by.
#[derive(Debug)]
pub struct Read {
    /// When, in nanoseconds since 1970.
    pub nanos: i64,
    /// The log, or why there is none.
    pub log: Result<NewLog, Problem>,
}

/// Reads the entries of a push.
///
/// # Errors
/// `too_many_items`, `body_too_large`.
pub fn read(streams: Vec<Stream>, context: &Context) -> Answer<Vec<Read>> {
    let count: usize = streams.iter().map(|stream| stream.entries.len()).sum();
    if count > MAX_UPLOAD_LINES {
        return Err(Problem::new(Code::TooManyItems).with("actual", count).with("limit", MAX_UPLOAD_LINES));
    }
    let (mut namer, mut budget) = (Namer::new("loki"), Budget::default());
    let mut read = Vec::with_capacity(count);
    for Stream { labels, entries } in streams {
        let named = |names: &[&str]| names.iter().find_map(|name| labels.get(*name)).cloned();
        let kind = named(&KINDS);
        let level = named(&LEVELS);
        let written = json!(labels).to_string();
        for Entry { nanos, line, metadata } in entries {
            let mut data = format!("{{\"labels\":{written},\"line\":{}", json!(line));
            if !metadata.is_empty() {
                data.push_str(&format!(",\"metadata\":{}", json!(metadata)));
            }
            data.push_str(&format!(",\"time_unix_nano\":\"{nanos}\"}}"));
            budget.take(data.len())?;
            let level = level.as_ref().or_else(|| LEVELS.iter().find_map(|name| metadata.get(*name)));
            let hints = Hints {
                level: level.and_then(|level| Level::parse(level)),
                kind: kind.clone(),
                kind_otherwise: Some("log".to_owned()),
                occurred_at: Some(Millis(nanos.div_euclid(1_000_000))),
                external_id: Some(namer.name(&[data.as_bytes()])),
                message: Some(line),
                ..Hints::default()
            };
            read.push(Read { nanos, log: reader::read_with(data.as_bytes(), context, hints) });
        }
    }
    Ok(read)
}
