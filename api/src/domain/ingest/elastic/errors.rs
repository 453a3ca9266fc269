//! Errors in the words of Elasticsearch.

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use shared::problem::{Code, ProblemOut};

use crate::http::problem::Worded;

/// The error of a whole request.
pub fn worded(code: Code, out: &ProblemOut, kind: &HeaderValue) -> Worded {
    let status = status(code);
    let cause = cause(code, &out.detail);
    let mut error = cause.clone();
    error["root_cause"] = json!([cause]);
    let body = json!({ "error": error, "status": status });
    Worded {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        kind: kind.clone(),
        body: body.to_string().into_bytes(),
    }
}

/// Type and reason of an error.
pub fn cause(code: Code, reason: &str) -> Value {
    json!({ "type": name(code), "reason": reason })
}

/// The status; shippers wait and repeat after 429.
pub const fn status(code: Code) -> u16 {
    match code {
        // Nothing is lost while a shipper holds it back.
        Code::Overloaded | Code::LogQuotaExhausted => 429,
        // Within a bulk request 422 is unknown.
        Code::OccurredAtInFuture | Code::SchemaRejected | Code::Quarantined | Code::QuarantineFull => 400,
        other => other.status(),
    }
}

const fn name(code: Code) -> &'static str {
    match code {
        Code::Overloaded | Code::LogQuotaExhausted | Code::ApiQuotaExhausted | Code::RateLimited => {
            "es_rejected_execution_exception"
        }
        Code::ExternalIdConflict => "version_conflict_engine_exception",
        Code::InvalidJson
        | Code::InvalidUtf8
        | Code::EmptyBody
        | Code::TooDeep
        | Code::OccurredAtInFuture
        | Code::SchemaRejected
        | Code::Quarantined
        | Code::QuarantineFull => "document_parsing_exception",
        Code::BodyTooLarge | Code::RecordTooLarge | Code::TooManyItems => "content_too_long_exception",
        Code::UnsupportedMediaType => "media_type_header_exception",
        other => match other.status() {
            401 | 403 => "security_exception",
            404 => "resource_not_found_exception",
            500.. => "exception",
            _ => "illegal_argument_exception",
        },
    }
}
