//! Errors as a list in JSON.

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use shared::problem::{Code, ProblemOut};

use crate::http::problem::Worded;

/// The error of a whole request.
#[must_use]
pub fn worded(code: Code, out: &ProblemOut) -> Worded {
    Worded {
        status: StatusCode::from_u16(status(code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        kind: HeaderValue::from_static("application/json"),
        body: json!({ "errors": [error(code, &out.detail)] }).to_string().into_bytes(),
    }
}

/// One error.
#[must_use]
pub fn error(code: Code, message: &str) -> Value {
    json!({ "code": code.as_str(), "message": message })
}

/// The status; whatever is wrong with an event is a bad request.
#[must_use]
pub const fn status(code: Code) -> u16 {
    match code.status() {
        422 => 400,
        other => other,
    }
}
