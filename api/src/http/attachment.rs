//! Files of staff and owners that are made while they are sent.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use shared::time::Millis;
use tokio::sync::mpsc::Receiver;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

/// Form of a file that is written line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineForm {
    /// For spreadsheets: names of columns first; cells that begin like a formula are made harmless.
    #[default]
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl LineForm {
    /// Forms by name.
    pub const CHOICES: [(&'static str, Self); 2] = [("csv", Self::Csv), ("ndjson", Self::Ndjson)];

    /// The name, which is also the ending of the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// The answer whose parts come from a task; a part that is an error cuts the connection. The file is called
/// `mvai_<what>_<yyyymmddhhmm>.<ending>`.
#[must_use]
pub fn streamed(
    parts: Receiver<Result<Bytes, std::io::Error>>,
    media_type: &'static str,
    (what, ending): (&str, &str),
    now: Millis,
) -> Response {
    let body =
        ReceiverStream::new(parts).map(|part| part.map_err(Box::<dyn std::error::Error + Send + Sync>::from));
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let stamp: String = now.to_rfc3339().chars().filter(char::is_ascii_digit).take(12).collect();
    let name = format!("attachment; filename=\"mvai_{what}_{stamp}.{ending}\"");
    if let Ok(value) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
