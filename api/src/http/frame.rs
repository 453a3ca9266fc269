//! The outermost layer around every request: number, client address, language, log line, headers, and the
//! one place where errors are put into words.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::lang::Lang;
use shared::problem::Code;

use super::acting::{self, Acting};
use super::client_ip::{ClientIp, client_ip};
use super::cors;
use super::headers;
use super::limits::Standing;
use super::page::NextPage;
use super::params::Params;
use super::problem::{Problem, Worded, Wording};
use super::sender::{Answered, Sender};
use crate::app::App;
use crate::util::crypto;

/// Header that carries the number of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: &str = "traceparent";
/// Characters of the name of a client.
const MAX_CLIENT: usize = 120;

/// What is known about a request before it is handled.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Number of the request.
    pub id: String,
    /// Language of the texts in the answer.
    pub lang: Lang,
    /// Address of the client.
    pub ip: ClientIp,
    /// What the client calls itself.
    pub client: Option<Arc<str>>,
    /// Origin of the page of another web site that sends it.
    pub foreign_origin: Option<Arc<str>>,
    /// How the caller stands against limits, once that is known.
    pub standing: Standing,
    /// Who the caller is, once that is known.
    pub sender: Sender,
}

/// Marks an error answer whose body is documented and not a problem.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

/// Marks a request that breaks the protocol in a way that the HTTP library lets through.
#[derive(Debug, Clone, Copy)]
pub struct Malformed;

/// Wraps a request; see the module.
pub async fn frame(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let ip = client_ip(peer, request.headers(), &app.config.trusted_proxies);
    let info = RequestInfo {
        id: request_id(&request, &ip),
        lang: language(&request, app.config.default_language),
        ip,
        client: client(&request),
        foreign_origin: cors::foreign_origin(request.headers(), app.config.public_url.as_deref()),
        standing: Standing::default(),
        sender: Sender::default(),
    };
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(info.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let encoding = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("–")
        .to_owned();
    let too_long = request.uri().path_and_query().is_some_and(|target| target.as_str().len() > 16_384);

    let mut response = if request.extensions().get::<Malformed>().is_some() {
        Problem::new(Code::InvalidRequest).into_response()
    } else if too_long {
        Problem::new(Code::UriTooLong).with("limit", "16 KiB").into_response()
    } else {
        acting::scope(Acting::request(&info), next.run(request)).await
    };

    let problem =
        response.extensions_mut().remove::<Problem>().or_else(|| wordless(&response, &method, &encoding));
    let code = problem.as_ref().map(|problem| problem.code.as_str());
    if let Some(problem) = problem {
        log_problem(&problem, &info, &path);
        match response.extensions_mut().remove::<Wording>() {
            Some(wording) => write_worded(&mut response, &wording, &problem, &info, &path),
            None => write_problem(&mut response, &problem, &info, &path),
        }
    }
    if let Some(next) = response.extensions_mut().remove::<NextPage>()
        && let Some(link) = next.link(&path, &query)
    {
        response.headers_mut().append(header::LINK, link);
    }
    info.standing.write(response.headers_mut());
    headers::secure(&mut response, &path, app.config.is_production());
    if let Ok(value) = HeaderValue::from_str(&info.id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let took = started.elapsed();
    let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    if let (Some(sent), Some(route)) = (info.sender.get(), &route) {
        let params = Params::parse(&query);
        let asked = ["cursor", "preview"].into_iter().all(|name| params.get(name).is_none())
            && params.get("q").is_some();
        let route = route.as_str();
        let answered = Answered { request_id: &info.id, method: &method, route, asked, status, code, took };
        app.note_request(sent, &answered);
    }
    tracing::debug!(event = "request", request_id = info.id, %method, path, status, duration_us, client = %info.ip);
    response
}

/// A trusted proxy may bring the number of the request, or a `traceparent`; everybody else gets a new one.
fn request_id(request: &Request, ip: &ClientIp) -> String {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .filter(|_| ip.via_trusted_proxy)
        .and_then(|value| value.to_str().ok());
    let acceptable = given.filter(|id| {
        (8..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    });
    if let Some(id) = acceptable {
        return id.to_owned();
    }
    let parent = request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(trace_id);
    parent.unwrap_or_else(|| crypto::hex(&crypto::random::<16>()))
}

/// The trace id of a W3C `traceparent` header.
fn trace_id(value: &str) -> Option<String> {
    let mut parts = value.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let hexadecimal =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let version_good = version.len() == 2 && hexadecimal(version) && version != "ff";
    let good =
        version_good && trace.len() == 32 && span.len() == 16 && hexadecimal(trace) && hexadecimal(span);
    let named = |id: &str| id.bytes().any(|byte| byte != b'0');
    (good && named(trace) && named(span)).then(|| trace.to_owned())
}

/// What the client calls itself, cut to what is shown of it.
fn client(request: &Request) -> Option<Arc<str>> {
    let text = request.headers().get(header::USER_AGENT)?.to_str().ok()?.trim();
    let text: String = text.chars().take(MAX_CLIENT).collect();
    (!text.is_empty()).then(|| text.into())
}

fn language(request: &Request, default: Lang) -> Lang {
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.and_then(Lang::from_accept_language).unwrap_or(default)
}

/// Errors that come from the framework or a layer, and not from our handlers.
fn wordless(response: &Response, method: &Method, encoding: &str) -> Option<Problem> {
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let documented = response.extensions().get::<Plain>().is_some();
    if !(status.is_client_error() || status.is_server_error()) || is_page || documented {
        return None;
    }
    let code = match status.as_u16() {
        404 => Code::NotFound,
        405 => return Some(Problem::new(Code::MethodNotAllowed).with("method", method)),
        408 => Code::RequestTimeout,
        413 => return Some(Problem::new(Code::BodyTooLarge).with("limit", "2 MiB")),
        415 => {
            return Some(
                Problem::new(Code::UnsupportedEncoding)
                    .with("actual", encoding)
                    .with("expected", "gzip, zstd, br"),
            );
        }
        503 => Code::Overloaded,
        _ => Code::Internal,
    };
    Some(Problem::new(code))
}

fn log_problem(problem: &Problem, info: &RequestInfo, path: &str) {
    let (code, request_id, client) = (problem.code.as_str(), &info.id, &info.ip);
    if problem.code.status() >= 500 {
        tracing::error!(event = "problem", code, request_id, %client, path, cause = problem.cause());
    } else {
        tracing::info!(event = "problem", code, request_id, %client, path);
    }
}

fn write_worded(
    response: &mut Response,
    Wording(wording): &Wording,
    problem: &Problem,
    info: &RequestInfo,
    path: &str,
) {
    let Worded { status, kind, body } = wording(problem.code, &problem.render(info.lang, path, &info.id));
    *response.status_mut() = status;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(info.lang.code()));
    *response.body_mut() = Body::from(body);
}

fn write_problem(response: &mut Response, problem: &Problem, info: &RequestInfo, path: &str) {
    let out = problem.render(info.lang, path, &info.id);
    let bytes = match (problem.body(), serde_json::to_value(&out)) {
        (Some(more), Ok(serde_json::Value::Object(mut members))) => {
            for (name, value) in more {
                members.entry(name.clone()).or_insert_with(|| value.clone());
            }
            serde_json::to_vec(&members)
        }
        _ => serde_json::to_vec(&out),
    };
    *response.status_mut() = StatusCode::from_u16(out.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(info.lang.code()));
    *response.body_mut() = Body::from(bytes.unwrap_or_default());
}
