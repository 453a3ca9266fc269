//! Reading a push in both encodings.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use prost::Message;
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::logs::MAX_UPLOAD_BYTES;
use shared::problem::Code;

use super::{STANDARD, labels};
use crate::domain::ingest::parts::{self, LEAF, Shape};
use crate::domain::ingest::unreadable;
use crate::http::body::human_bytes;
use crate::http::extract::media_type;
use crate::http::problem::{Answer, Problem};

/// Entries of the same labels.
#[derive(Debug)]
pub struct Stream {
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Debug)]
pub struct Entry {
    /// When, in nanoseconds since 1970.
    pub nanos: i64,
    /// What.
    pub line: String,
    /// Structured metadata.
    pub metadata: BTreeMap<String, String>,
}

/// How a push is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// JSON.
    Json,
    /// Protocol Buffers, packed with Snappy.
    Protobuf,
}

impl Encoding {
    /// The encoding of a request.
    ///
    /// # Errors
    /// `unsupported_media_type`.
    pub fn of(headers: &HeaderMap) -> Answer<Self> {
        let kind = media_type(headers);
        match kind.as_str() {
            "application/json" => Ok(Self::Json),
            "application/x-protobuf" => Ok(Self::Protobuf),
            _ => Err(Problem::new(Code::UnsupportedMediaType)
                .with("actual", kind)
                .with("expected", "application/json, application/x-protobuf")),
        }
    }

    /// Reads a push.
    ///
    /// # Errors
    /// `invalid_message`, `body_too_large`, `too_many_items`.
    pub fn read(self, bytes: &[u8]) -> Answer<Vec<Stream>> {
        match self {
            Self::Json => read_json(bytes),
            Self::Protobuf => read_protobuf(bytes),
        }
    }
}

#[derive(Deserialize)]
struct JsonPush<'a> {
    #[serde(borrow)]
    streams: Vec<JsonStream<'a>>,
}

#[derive(Deserialize)]
struct JsonStream<'a> {
    stream: BTreeMap<String, String>,
    #[serde(borrow, default)]
    values: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum JsonEntry {
    Plain((String, String)),
    WithMetadata((String, String, BTreeMap<String, String>)),
}

fn read_json(bytes: &[u8]) -> Answer<Vec<Stream>> {
    parts::count_json(bytes)?;
    let push: JsonPush<'_> = serde_json::from_slice(bytes).map_err(|error| unreadable(STANDARD, error))?;
    let entry = |raw: &RawValue| {
        let parsed = serde_json::from_str(raw.get())
            .map_err(|_| unreadable(STANDARD, "a value is [\"<nanoseconds>\", \"<line>\", {<metadata>}]"))?;
        let (nanos, line, metadata) = match parsed {
            JsonEntry::Plain((nanos, line)) => (nanos, line, BTreeMap::new()),
            JsonEntry::WithMetadata(all) => all,
        };
        let nanos =
            nanos.parse().map_err(|_| unreadable(STANDARD, format!("{nanos:?} are no nanoseconds")))?;
        Ok(Entry { nanos, line, metadata })
    };
    push.streams
        .into_iter()
        .map(|stream| {
            let entries = stream.values.into_iter().map(entry).collect::<Answer<_>>()?;
            Ok(Stream { labels: stream.stream, entries })
        })
        .collect()
}

static PUSH: Shape = Shape(&[(1, &STREAM)]);
static STREAM: Shape = Shape(&[(2, &ENTRY)]);
static ENTRY: Shape = Shape(&[(1, &LEAF), (3, &LEAF)]);

#[derive(Clone, PartialEq, Message)]
struct WirePush {
    #[prost(message, repeated, tag = "1")]
    streams: Vec<WireStream>,
}

#[derive(Clone, PartialEq, Message)]
struct WireStream {
    #[prost(string, tag = "1")]
    labels: String,
    #[prost(message, repeated, tag = "2")]
    entries: Vec<WireEntry>,
}

#[derive(Clone, PartialEq, Message)]
struct WireEntry {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<WireTime>,
    #[prost(string, tag = "2")]
    line: String,
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<WirePair>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct WireTime {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

#[derive(Clone, PartialEq, Message)]
struct WirePair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

fn read_protobuf(packed: &[u8]) -> Answer<Vec<Stream>> {
    let broken = |error: &dyn std::fmt::Display| unreadable(STANDARD, error);
    let size = snap::raw::decompress_len(packed).map_err(|error| broken(&error))?;
    if size > MAX_UPLOAD_BYTES {
        return Err(Problem::new(Code::BodyTooLarge).with("limit", human_bytes(MAX_UPLOAD_BYTES)));
    }
    let bytes = snap::raw::Decoder::new().decompress_vec(packed).map_err(|error| broken(&error))?;
    parts::count_messages(&bytes, &PUSH, STANDARD)?;
    let push = WirePush::decode(bytes.as_slice()).map_err(|error| broken(&error))?;
    push.streams
        .into_iter()
        .map(|stream| {
            let labels = labels::parse(&stream.labels)
                .ok_or_else(|| broken(&format!("error parsing labels {:?}", stream.labels)))?;
            let entry = |entry: WireEntry| {
                let at = entry.timestamp.unwrap_or_default();
                let nanos =
                    at.seconds.checked_mul(1_000_000_000).and_then(|all| all.checked_add(at.nanos.into()));
                let nanos = nanos.ok_or_else(|| broken(&"a timestamp is out of range"))?;
                let metadata = entry.metadata.into_iter().map(|pair| (pair.name, pair.value)).collect();
                Ok(Entry { nanos, line: entry.line, metadata })
            };
            Ok(Stream { labels, entries: stream.entries.into_iter().map(entry).collect::<Answer<_>>()? })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// LOG-19: any bytes are read or refused, in both encodings, and both say the same.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), line in "\\PC{0,20}", cut in 0_usize..40) {
            drop(Encoding::Json.read(&bytes));
            drop(Encoding::Protobuf.read(&bytes));
            let packed = |bytes: &[u8]| snap::raw::Encoder::new().compress_vec(bytes).unwrap();
            drop(Encoding::Protobuf.read(&packed(&bytes)));
            let entry = WireEntry { timestamp: Some(WireTime { seconds: 1, nanos: 2 }), line: line.clone(), metadata: vec![] };
            let wire = WirePush { streams: vec![WireStream { labels: "{a=\"b\"}".to_owned(), entries: vec![entry] }] }.encode_to_vec();
            drop(Encoding::Protobuf.read(&packed(&wire[..cut.min(wire.len())])));
            let json = serde_json::json!({"streams": [{"stream": {"a": "b"}, "values": [["1000000002", line]]}]}).to_string();
            let (wire, json) = (Encoding::Protobuf.read(&packed(&wire)).unwrap(), Encoding::Json.read(json.as_bytes()).unwrap());
            prop_assert_eq!(format!("{wire:?}"), format!("{json:?}"));
        }
    }
}
