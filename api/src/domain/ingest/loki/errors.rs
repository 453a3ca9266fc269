//! Errors in the words of Loki: a line of text.

use axum::http::{HeaderValue, StatusCode};
use shared::problem::{Code, ProblemOut};

use crate::http::problem::Worded;

/// The text of an error; agents give an entry up after 4xx and repeat it after 429 and 5xx.
#[must_use]
pub fn worded(code: Code, out: &ProblemOut) -> Worded {
    let status = match code {
        Code::RequestTimeout => StatusCode::SERVICE_UNAVAILABLE,
        Code::LogQuotaExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::from_u16(out.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    Worded { status, kind, body: format!("{}\n", out.detail).into_bytes() }
}
