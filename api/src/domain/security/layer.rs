//! The layer that looks at requests for attacks.
//!
//! It looks at paths, queries and some headers, never at bodies: what customers store is theirs. A request without a
//! credential that is plainly an attack is refused before anything is done for it. Whoever shows a credential is
//! watched alone, and what they search for is not looked at: an honest sender is never harmed.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::problem::Code;

use super::detector::{self, Part, Verdict};
use crate::domain::ingest::protocol::Protocol;
use crate::http::auth::Public;
use crate::http::params::Params;
use crate::http::problem::Problem;

/// Headers that are looked at; `X-…` as well.
const HEADERS: [HeaderName; 4] = [header::HOST, header::USER_AGENT, header::REFERER, header::CONTENT_TYPE];
/// Parameters in which people write what they look for.
const FREE: [&str; 1] = ["q"];
/// Paths under which logs arrive; these are answered by what ingest says alone.
const INGEST: [&str; 4] = ["/api/v1/log", "/api/v1/logs", "/api/v1/logs/batch", "/api/v1/logs/upload"];

/// Looks at a request; see the module.
pub async fn watch(Public { app, info, .. }: Public, request: Request, next: Next) -> Response {
    if !app.config.threat_detection {
        return next.run(request).await;
    }
    let shown = request.headers().contains_key(header::AUTHORIZATION)
        || request.headers().contains_key(HeaderName::from_static("x-api-key"));
    // The address of a page holds what somebody looks for, and pages are fetched without a credential: no query of a
    // page has it refused, there is nothing behind it.
    let is_page = !request.uri().path().starts_with("/api/");
    let worst = worst(request.uri(), request.headers(), shown || is_page);
    let Some(found) = worst.filter(|found| found.verdict.is_event()) else {
        return next.run(request).await;
    };
    let path = request.uri().path();
    let ingests = !request.method().is_safe() && (INGEST.contains(&path) || Protocol::of(path).is_some());
    let in_page = is_page && found.part == Part::Query;
    let refused = found.verdict.is_refusal() && !shown && !ingests && !in_page;
    let response = if refused {
        Problem::new(Code::RequestRefused).with_body(&json!({ "incident_id": info.id })).into_response()
    } else {
        next.run(request).await
    };
    let known = info.sender.get().is_some();
    let (part, score, rules) = (found.part, found.verdict.score, found.verdict.rules.join(" "));
    tracing::warn!(event = "threat", request_id = info.id, client = %info.ip, known, ?part, score, rules, refused);
    response
}

/// The part of a request that looks most like an attack.
#[derive(Debug)]
struct Found {
    part: Part,
    verdict: Verdict,
}

fn worst(uri: &Uri, headers: &HeaderMap, free_text: bool) -> Option<Found> {
    let mut worst: Option<Found> = None;
    let mut look = |part: Part, value: &str| {
        let verdict = detector::inspect(part, value);
        if worst.as_ref().is_none_or(|worst| worst.verdict.score < verdict.score) {
            worst = Some(Found { part, verdict });
        }
    };
    look(Part::Path, uri.path());
    for (name, value) in Params::parse(uri.query().unwrap_or_default()).iter() {
        look(Part::Query, name);
        if !(free_text && (FREE.contains(&name) || name.starts_with("field."))) {
            look(Part::Query, value);
        }
    }
    for (name, value) in headers {
        if HEADERS.contains(name) || name.as_str().starts_with("x-") && name != "x-api-key" {
            look(Part::Header, &String::from_utf8_lossy(value.as_bytes()));
        }
    }
    for cookies in headers.get_all(header::COOKIE) {
        for cookie in String::from_utf8_lossy(cookies.as_bytes()).split(';') {
            look(Part::Header, cookie.trim());
        }
    }
    worst
}
