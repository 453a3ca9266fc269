//! Media types: clients from version 8 on name the version that they speak, and want it back.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use shared::problem::Code;

use crate::http::extract::media_type;
use crate::http::problem::{Answer, Problem};

const READ: [&str; 6] = [
    "application/x-ndjson",
    "application/json",
    "application/vnd.elasticsearch+x-ndjson",
    "application/vnd.elasticsearch+json",
    "application/ndjson",
    "text/plain",
];

/// Requires a media type of bulk requests; `text/plain` is what simple HTTP outputs of syslog daemons send.
///
/// # Errors
/// `unsupported_media_type`.
pub fn expect(headers: &HeaderMap) -> Answer<()> {
    let kind = media_type(headers);
    if READ.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType)
        .with("actual", kind)
        .with("expected", "application/x-ndjson, application/json"))
}

/// The media type of the answer.
#[must_use]
pub fn of_answer(headers: &HeaderMap) -> HeaderValue {
    let named = |name: HeaderName| {
        let text = headers.get(name)?.to_str().ok()?.to_ascii_lowercase();
        let (_, version) =
            text.split_once("application/vnd.elasticsearch+")?.1.split_once("compatible-with=")?;
        version.bytes().next().filter(u8::is_ascii_digit).map(char::from)
    };
    let version = named(header::ACCEPT).or_else(|| named(header::CONTENT_TYPE));
    let text = version.map(|version| format!("application/vnd.elasticsearch+json;compatible-with={version}"));
    text.and_then(|text| HeaderValue::from_str(&text).ok())
        .unwrap_or(HeaderValue::from_static("application/json"))
}
