//! Sends an operation as a caller and says what is wrong with the answer.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::policy::{ALLOWED_LEAKS, Verdict};
use super::world::{Pair, Seat, Side};
use crate::meta::document::Operation;
use crate::support::Answer;

/// Whose number stands in the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    Own,
    Foreign,
    Random,
    Malformed(&'static str),
}

/// What numbers look like that are none.
pub const MALFORMED: [&str; 10] = [
    "abc",
    "0",
    "-1",
    "1.0",
    "1e3",
    "%00",
    "%2e%2e%2f1",
    "9223372036854775808",
    "'%20OR%20'1'='1",
    "00000000-0000-0000-0000-00000000000g",
];

/// The values of a path's parameters.
fn path(operation: &Operation, id: Id, own: &Side, other: &Side, export_id: Option<&str>) -> String {
    let mut path = operation.path.clone();
    for param in operation.params("path") {
        let name = param["name"].as_str().unwrap();
        let side = if id == Id::Foreign { other } else { own };
        let about_customers = path.starts_with("/api/v1/admin/customers/");
        let value = match (name, id) {
            ("index", _) => "scan".to_owned(),
            // Links are made by mails alone; this one looks like one.
            ("token", Id::Own | Id::Foreign | Id::Random) => "A".repeat(64),
            (_, Id::Malformed(text)) => text.to_owned(),
            ("eventID", Id::Random) => "urn:x:1".to_owned(),
            ("eventID", _) => side.event_id.clone(),
            ("captureID", Id::Random) => "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e".to_owned(),
            ("captureID", _) => side.capture_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/audit/") => side.audit_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/searches/") => side.search_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/mails/") => side.mail_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/security/events/") => side.security_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/decisions/") => side.decision_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/users/") => side.user_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/sessions/") && !about_customers => {
                side.session_id.clone()
            }
            ("id", Id::Own | Id::Foreign) if path.contains("/kinds/") => side.kind_id.clone(),
            ("id", Id::Own | Id::Foreign) if path.contains("/quarantine/") => side.quarantined_id.clone(),
            ("id", Id::Random) if path.contains("/erasures/") => {
                "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e".to_owned()
            }
            ("id", _) if path.contains("/erasures/") => side.erasure_id.clone(),
            ("id", Id::Own | Id::Foreign)
                if path.starts_with("/api/v1/jobs/") || path.starts_with("/api/v1/exports/") =>
            {
                export_id.filter(|_| id == Id::Own).unwrap_or(&side.export_id).to_owned()
            }
            // Where a customer and its key are named, only the key is of somebody else.
            ("id", Id::Foreign | Id::Random)
                if path.contains("{key_id}") || path.contains("{session_id}") =>
            {
                own.customer.id.to_string()
            }
            ("session_id", Id::Random) => "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e".to_owned(),
            ("session_id", _) => side.session_id.clone(),
            ("id", Id::Random) if about_customers => "999999".to_owned(),
            ("id", _) if about_customers => side.customer.id.to_string(),
            ("id" | "key_id", Id::Random) if !operation.path.contains("/logs/") => {
                "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e".to_owned()
            }
            ("id" | "key_id", _) if !operation.path.contains("/logs/") => side.key_id.clone(),
            ("id", Id::Random) => "999999".to_owned(),
            ("id", Id::Foreign) => "5".to_owned(),
            ("id", _) => "1".to_owned(),
            (other, _) => panic!("{}: no value for the path parameter {other}", operation.name()),
        };
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    path
}

/// The path with the numbers of the first customer.
pub fn path_of(operation: &Operation, pair: &Pair) -> String {
    path(operation, Id::Own, &pair.sides[0], &pair.sides[1], None)
}

fn query(operation: &Operation) -> &'static str {
    match operation.id.as_str() {
        "search_installation" | "search_logs" | "search_logs_alias" => "?q=gedeeld",
        "stream_logs" => "?last_event_id=0",
        "list_usage_days" => "?period=2026-11",
        "get_mail_preview" => "?kind=key_created",
        _ => "",
    }
}

fn body(operation: &Operation, own: &Side) -> Option<String> {
    let unique = api::util::crypto::hex(&api::util::crypto::random::<6>());
    let value = match operation.id.as_str() {
        "create_customer" => {
            json!({ "name": format!("Nieuw {unique}"), "contact_email": "nieuw@klant.example" })
        }
        "create_security_acknowledgement" => json!({ "until": own.security_id }),
        "create_user" => {
            json!({ "email": format!("{unique}@klant.example"), "name": "Nieuw", "role": "viewer" })
        }
        "create_key" => json!({ "name": format!("Nieuw {unique}"), "scopes": ["logs:read"] }),
        "update_key" => json!({ "name": format!("Anders {unique}") }),
        "create_log" | "create_log_alias" => json!({ "kind": "scan", "message": own.content }),
        "create_saved_search" => json!({ "name": format!("Nieuw {unique}"), "q": "kind:scan" }),
        "create_kind" => json!({ "name": format!("nieuw{unique}") }),
        "create_erasure" => json!({ "q": "id:1", "up_to": 1, "expected_count": 1 }),
        "create_logs" => json!({ "logs": [{ "kind": "scan", "message": own.content }] }),
        "create_es_bulk" | "create_es_bulk_in" => {
            return Some(format!(
                "{{\"index\":{{\"_index\":\"scan\"}}}}\n{{\"message\":\"{}\"}}\n",
                own.content
            ));
        }
        _ => return operation.example().map(|example| example.to_string()),
    };
    Some(value.to_string())
}

/// Whether an operation changes something when it succeeds.
pub fn changes(operation: &Operation) -> bool {
    operation.method != Method::GET
}

/// Statuses and codes that an allowed request ends with.
fn success(operation: &Operation, id: Id) -> Vec<(u16, &'static str)> {
    match (operation.id.as_str(), id) {
        // Public operations that need more than permission.
        ("create_session", _) => vec![(401, "invalid_credentials")],
        ("get_download", _) => vec![(404, "not_found")],
        ("refresh_session", _) => vec![(401, "unauthenticated")],
        ("change_password", _) => vec![(422, "invalid_body")],
        ("check_link" | "change_password_by_link", _) => vec![(410, "link_spent")],
        // Searches that others share are read; only who saved one changes it.
        ("update_saved_search" | "delete_saved_search", Id::Own) => {
            vec![(200, ""), (204, ""), (403, "not_yours")]
        }
        // A user has sessions of its own, and so has staff; the probe names one with the access code.
        ("delete_my_session", _) => vec![(404, "not_found"), (204, "")],
        ("get_log" | "get_log_proof" | "list_logs_around", Id::Random | Id::Malformed(_)) => {
            vec![(404, "log_not_found")]
        }
        // A number of another customer is one's own log, or nothing.
        ("get_log" | "get_log_proof" | "list_logs_around", Id::Foreign) => {
            vec![(404, "log_not_found"), (200, "")]
        }
        (_, Id::Random | Id::Malformed(_)) => vec![(404, "not_found")],
        // Staff may name any customer.
        (_, Id::Foreign)
            if operation.path.contains("/admin/")
                && !operation.path.contains("{key_id}")
                && !operation.path.contains("{session_id}") =>
        {
            vec![(200, "")]
        }
        (_, Id::Foreign) => vec![(404, "not_found")],
        (_, Id::Own) => [200, 201, 202, 204].map(|status| (status, "")).to_vec(),
    }
}

/// Sends the operation and lists everything that is wrong with the answer.
pub async fn probe(
    operation: &Operation,
    seat: &Seat,
    id: Id,
    pair: &Pair,
    verdict: Verdict,
    forbidden: &[String],
) -> (Answer, Vec<String>) {
    let (own, other) = match seat.side {
        Some(1) => (&pair.sides[1], &pair.sides[0]),
        _ => (&pair.sides[0], &pair.sides[1]),
    };
    let path = format!("{}{}", path(operation, id, own, other, seat.export_id.as_deref()), query(operation));
    let actor = if operation.params("header").iter().any(|param| param["name"] == "If-Match") {
        seat.actor.with("if-match", "*")
    } else {
        seat.actor.clone()
    };
    let (kind, body) = match body(operation, own) {
        Some(text) => (Some("application/json"), Body::from(text)),
        None => (None, Body::empty()),
    };
    let response = actor.open(operation.method.clone(), &path, kind, body).await;
    let answer = finish(response).await;
    let what = format!("{:?} {} {path} ({id:?})", seat.who, operation.method);
    let mut findings = Vec::new();
    let status = answer.status.as_u16();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    // Errors of other standards have no code of ours; there the status counts.
    let code = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|value| value["code"].as_str().map(str::to_owned))
        .unwrap_or_default();
    let expected = match verdict {
        Verdict::Refused(status, code) => vec![(status, code)],
        Verdict::Allowed => success(operation, id),
    };
    let fits = |(wanted, word): &(u16, &str)| *wanted == status && (*word == code || operation.is_foreign());
    if !expected.iter().any(fits) {
        findings.push(format!(
            "{what}: got {status} {code}, expected {expected:?}: {}",
            &text[..text.len().min(300)]
        ));
    }
    if !operation.statuses.contains(&status) {
        findings.push(format!("{what}: {status} is not documented"));
    }
    if (status, id) == (200, Id::Foreign)
        && operation.id == "get_log"
        && !text.contains(&format!("\"customer_id\":{},", own.customer.id))
    {
        findings.push(format!("{what}: the log is not the caller's"));
    }
    // What the caller names may be named in the answer.
    let forbidden: Vec<String> =
        forbidden.iter().filter(|text| !path.contains(text.as_str())).cloned().collect();
    if !ALLOWED_LEAKS.contains(&operation.id.as_str()) {
        findings
            .extend(leaks(&answer, &forbidden).into_iter().map(|canary| format!("{what}: leaks {canary}")));
    }
    (answer, findings)
}

/// The forbidden texts that an answer holds, in its body or its headers.
pub fn leaks(answer: &Answer, forbidden: &[String]) -> Vec<String> {
    let mut all = answer.body.clone();
    for (name, value) in &answer.headers {
        all.extend(name.as_str().bytes());
        all.extend(value.as_bytes());
        all.push(b'\n');
    }
    let all = String::from_utf8_lossy(&all).to_lowercase();
    forbidden.iter().filter(|text| all.contains(&text.to_lowercase())).cloned().collect()
}

/// Reads an answer to its end; a stream until it is silent.
async fn finish(response: Response) -> Answer {
    let is_stream = response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
    if !is_stream {
        return Answer::read(String::new(), response).await;
    }
    let (parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(Duration::from_millis(300), body.frame()).await {
        bytes.extend(frame.into_data().unwrap_or_default());
    }
    Answer::read(String::new(), Response::from_parts(parts, Body::from(bytes))).await
}
