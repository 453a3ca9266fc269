//! The two encodings: an answer comes in the one that was asked in.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use prost::Message;
use serde_json::json;
use shared::problem::{Code, ProblemOut};

use super::STANDARD;
use super::proto::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse, REQUEST, Status,
};
use crate::domain::ingest::{parts, unreadable};
use crate::http::extract::media_type;
use crate::http::problem::{Answer, Problem, Worded};

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Protocol Buffers.
    Protobuf,
    /// JSON.
    Json,
}

impl Encoding {
    /// The encoding of a request.
    ///
    /// # Errors
    /// `unsupported_media_type`.
    pub fn of(headers: &HeaderMap) -> Answer<Self> {
        let kind = media_type(headers);
        match kind.as_str() {
            "application/x-protobuf" => Ok(Self::Protobuf),
            "application/json" => Ok(Self::Json),
            _ => Err(Problem::new(Code::UnsupportedMediaType)
                .with("actual", kind)
                .with("expected", "application/x-protobuf, application/json")),
        }
    }

    const fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        })
    }

    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_message`, `too_many_items`.
    pub fn read(self, bytes: &[u8]) -> Answer<ExportLogsServiceRequest> {
        match self {
            Self::Protobuf => {
                parts::count_messages(bytes, &REQUEST, STANDARD)?;
                ExportLogsServiceRequest::decode(bytes).map_err(|error| unreadable(STANDARD, error))
            }
            Self::Json => {
                parts::count_json(bytes)?;
                if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
                    return Err(unreadable(STANDARD, "a request is an object"));
                }
                serde_json::from_slice(bytes).or_else(|_| {
                    // In this JSON `null` is the default of every field.
                    let mut value =
                        serde_json::from_slice(bytes).map_err(|error| unreadable(STANDARD, error))?;
                    without_nulls(&mut value);
                    serde_json::from_value(value).map_err(|error| unreadable(STANDARD, error))
                })
            }
        }
    }

    /// The answer to a request that was read.
    #[must_use]
    pub fn answer(self, partial: Option<ExportLogsPartialSuccess>) -> Response {
        let body = match self {
            Self::Protobuf => ExportLogsServiceResponse { partial_success: partial }.encode_to_vec(),
            Self::Json => match partial {
                // Whole numbers of 64 bits are texts in this JSON.
                Some(partial) => json!({ "partialSuccess": {
                    "rejectedLogRecords": partial.rejected_log_records.to_string(), "errorMessage": partial.error_message,
                } })
                .to_string()
                .into_bytes(),
                None => b"{}".to_vec(),
            },
        };
        (StatusCode::OK, [(header::CONTENT_TYPE, self.media_type())], body).into_response()
    }

    /// An error as `google.rpc.Status`.
    #[must_use]
    pub fn worded(self, code: Code, out: &ProblemOut) -> Worded {
        let status = match code.status() {
            // Senders give a record up unless they hear one of these.
            507 | 408 => 503,
            402 => 429,
            other => other,
        };
        let rpc = match status {
            401 => 16,
            403 => 7,
            404 => 5,
            405 => 12,
            413 | 429 => 8,
            500 => 13,
            503 => 14,
            _ => 3,
        };
        let body = match self {
            Self::Protobuf => Status { code: rpc, message: out.detail.clone() }.encode_to_vec(),
            Self::Json => json!({ "code": rpc, "message": out.detail }).to_string().into_bytes(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Worded { status, kind: self.media_type(), body }
    }
}

/// Takes out members that are `null`.
fn without_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(without_nulls);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
