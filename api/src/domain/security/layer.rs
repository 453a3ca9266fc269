//! The layer between the network and everything else: who is denied goes no further, traps are watched, and requests
//! are looked at for attacks.
//!
//! It looks at paths, queries and some headers, never at bodies: what customers store is theirs. Whoever shows a valid
//! credential is watched alone, unless staff says otherwise: an honest sender is never harmed.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use shared::problem::Code;
use shared::security::{
    DecisionAction, DecisionOrigin, DecisionScope, DetectorMode, SecurityEventKind, SecurityOutcome, Severity,
};

use super::decisions::service::Cause;
use super::detector::{self, Part, Verdict};
use super::events::model::{Event, name_of};
use super::events::service as events;
use super::gate::{self, Admitted};
use super::honeypot;
use crate::app::App;
use crate::domain::ingest::protocol::Protocol;
use crate::domain::logs;
use crate::http::auth::Public;
use crate::http::frame::RequestInfo;
use crate::http::params::Params;
use crate::http::problem::Problem;

/// Headers that are looked at; `X-…` as well.
const HEADERS: [HeaderName; 4] = [header::HOST, header::USER_AGENT, header::REFERER, header::CONTENT_TYPE];
/// Parameters in which people write what they look for.
const FREE: [&str; 1] = ["q"];

/// Lets a request through, or answers it; see the module.
pub async fn watch(Public { app, info, .. }: Public, request: Request, next: Next) -> Response {
    let Admitted { request, health } = match gate::admit(&app, &info, request).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    if health {
        return next.run(request).await;
    }
    if app.config.honeypot
        && let Some(trap) = honeypot::trap(request.uri().path(), &app.config.honeypot_paths)
    {
        return trapped(&app, &info, trap.to_owned(), request, next).await;
    }
    if !app.config.threat_detection {
        return next.run(request).await;
    }
    let request = match look(&app, &info, request).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let path = request.uri().path().to_owned();
    let shown = gate::shows_credential(&request);
    let of_another_site = is_of_another_site(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    // A credential that is no good is a stranger's; whoever shows a good one is none.
    if status.is_client_error() && !of_another_site && (!shown || status == StatusCode::UNAUTHORIZED) {
        notice(&app, &info, &path, status).await;
    }
    response
}

/// SEC-11: the answer is that of any unknown path; what follows is not.
async fn trapped(app: &App, info: &RequestInfo, trap: String, request: Request, next: Next) -> Response {
    let (request, known) = gate::identify(app, request).await;
    let spared = known || is_of_another_site(request.headers()) || app.has_session(request.headers()).await;
    let event = Event::of(SecurityEventKind::Honeypot, Severity::Critical, info)
        .on(request.method(), request.uri())
        .found([trap.clone()]);
    if spared {
        events::note(app, Event { severity: Severity::High, ..event });
    } else {
        let cause = Cause {
            origin: DecisionOrigin::Honeypot,
            action: DecisionAction::Deny,
            scope: DecisionScope::All,
            hours: app.config.honeypot_block_hours,
            reason: format!("asked for {trap}, which no honest client visits"),
            evidence: Vec::new(),
        };
        events::alarm(app, info, event, cause).await;
    }
    next.run(request).await
}

/// Looks at a request for attacks.
async fn look(app: &App, info: &RequestInfo, request: Request) -> Result<Request, Response> {
    let modes = app.security.known().modes;
    if (modes.anonymous, modes.signed_in) == (DetectorMode::Off, DetectorMode::Off) {
        return Ok(request);
    }
    let path = request.uri().path();
    // The address of a page holds what somebody looks for, and pages are fetched without a credential: no query of a
    // page has it refused, there is nothing behind it.
    let is_page = !path.starts_with("/api/") && Protocol::of(path).is_none();
    let free_text = gate::shows_credential(&request) || is_page;
    let worst = worst(request.uri(), request.headers(), free_text);
    let Some(found) = worst.filter(|found| found.verdict.is_event()) else {
        return Ok(request);
    };
    let ingests = ingests(request.method(), path);
    let (request, known) = gate::identify(app, request).await;
    let mode = if known { modes.signed_in } else { modes.anonymous };
    if mode == DetectorMode::Off {
        return Ok(request);
    }
    let in_page = is_page && matches!(found.part, Part::Query);
    // Pages are asked for with the address of the page before: what stands there is what somebody looked for.
    let in_referer = found.part == Part::Header && found.is_referer;
    let refusable = found.verdict.is_refusal() && !ingests && !in_page && !in_referer;
    let outcome = match (refusable, mode) {
        (true, DetectorMode::Enforce) => SecurityOutcome::Refused,
        (true, _) => SecurityOutcome::Simulated,
        (false, _) => SecurityOutcome::Watched,
    };
    let severity = if refusable { Severity::High } else { Severity::Medium };
    let mut event = Event::of(SecurityEventKind::Threat, severity, info)
        .on(request.method(), request.uri())
        .found(found.verdict.rules.iter().copied())
        .with(outcome);
    event.part = Some(format!("{:?}", found.part).to_lowercase());
    event.score = Some(i64::from(found.verdict.score));
    let spared = known || is_of_another_site(request.headers());
    if spared || ingests || in_page || in_referer || mode != DetectorMode::Enforce {
        events::note(app, event);
    } else {
        events::threat(app, info, event).await;
    }
    if outcome != SecurityOutcome::Refused {
        return Ok(request);
    }
    let problem = Problem::new(Code::RequestRefused).with_body(&json!({ "incident_id": info.id }));
    Err(gate::turned_away(&request, info, problem))
}

/// Whether a page of another web site had a browser send a request: whoever looks at that page knows nothing of it, and
/// must not be denied for a picture in it.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site")
}

/// Whether a request sends logs: it is answered by what ingest says alone.
fn ingests(method: &Method, path: &str) -> bool {
    !method.is_safe() && (logs::records(path) || Protocol::of(path).is_some())
}

/// SEC-12: what is odd about strangers' requests together.
async fn notice(app: &App, info: &RequestInfo, path: &str, status: StatusCode) {
    let (Some(addr), now) = (info.ip.addr, app.clock.now()) else { return };
    let network = name_of(addr);
    if status == StatusCode::NOT_FOUND && app.security.missed(&network, path, now) {
        events::odd(app, info, "many-missing").await;
    }
    if let Some(client) = &info.client
        && app.security.called(&network, client, now)
    {
        events::odd(app, info, "many-clients").await;
    }
}

/// The part of a request that looks most like an attack.
#[derive(Debug)]
struct Found {
    part: Part,
    is_referer: bool,
    verdict: Verdict,
}

fn worst(uri: &Uri, headers: &HeaderMap, free_text: bool) -> Option<Found> {
    let mut worst: Option<Found> = None;
    let mut look = |part: Part, is_referer: bool, value: &str| {
        let verdict = detector::inspect(part, value);
        if worst.as_ref().is_none_or(|worst| worst.verdict.score < verdict.score) {
            worst = Some(Found { part, is_referer, verdict });
        }
    };
    look(Part::Path, false, uri.path());
    for (name, value) in Params::parse(uri.query().unwrap_or_default()).iter() {
        look(Part::Query, false, name);
        if !(free_text && (FREE.contains(&name) || name.starts_with("field."))) {
            look(Part::Query, false, value);
        }
    }
    for (name, value) in headers {
        if HEADERS.contains(name) || name.as_str().starts_with("x-") && name != "x-api-key" {
            look(Part::Header, name == header::REFERER, &String::from_utf8_lossy(value.as_bytes()));
        }
    }
    for cookies in headers.get_all(header::COOKIE) {
        for cookie in String::from_utf8_lossy(cookies.as_bytes()).split(';') {
            look(Part::Header, false, cookie.trim());
        }
    }
    worst
}
