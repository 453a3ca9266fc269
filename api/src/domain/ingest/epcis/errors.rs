//! Errors in the words of EPCIS: problem details (RFC 9457) whose type is an exception of the standard.

use axum::http::{HeaderValue, Method, StatusCode};
use shared::problem::{Code, ProblemOut};

use crate::http::problem::Worded;

/// The error of a request.
#[must_use]
pub fn worded(code: Code, out: &ProblemOut, method: &Method) -> Worded {
    let status = if out.status == 422 { 400 } else { out.status };
    let kind = format!("epcisException:{}", name(code, status, method != Method::POST));
    let body = serde_json::to_vec(&ProblemOut { kind, status, ..out.clone() }).unwrap_or_default();
    Worded {
        status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        kind: HeaderValue::from_static("application/problem+json"),
        body,
    }
}

/// The exception of the standard.
#[must_use]
pub const fn name(code: Code, status: u16, is_query: bool) -> &'static str {
    match (code, status) {
        (_, 401 | 403) => "SecurityException",
        (_, 404 | 405) => "NoSuchResourceException",
        (Code::ExternalIdConflict, _) => "ResourceAlreadyExistsException",
        (Code::TooManyItems | Code::BodyTooLarge, _) if is_query => "QueryTooLargeException",
        (_, 402 | 413) => "CaptureLimitExceededException",
        (_, 414) => "URITooLongException",
        (_, 415) => "UnsupportedMediaTypeException",
        (_, 500..) => "ImplementationException",
        _ if is_query => "QueryParameterException",
        _ => "ValidationException",
    }
}
