//! The layer around handlers that change something.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use sha2::{Digest, Sha256};
use shared::logs::MAX_UPLOAD_BYTES;
use shared::problem::Code;
use shared::time::Millis;

use super::KEEP_MS;
use super::repo::{self, Claim};
use super::seal::{self, Answer};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs;
use crate::http::acting;
use crate::http::auth::{Admission, Principal, Public, SignedIn};
use crate::http::body;
use crate::http::params::Params;
use crate::http::problem::Problem;
use crate::router::BASE;
use crate::util::crypto::{self, Purpose};
use crate::util::ids::CustomerId;
use crate::util::swallow::OrLog;

/// Names the request, by the caller's choice.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Tells that the answer was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Signing in and out.
const SESSIONS: &str = "/api/v1/auth/";
/// Longest key.
const MAX_KEY: usize = 255;
/// Headers that belong to an answer.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// Everything under which the answer of a request is found.
struct Keyed {
    digest: String,
    fingerprint: String,
    claim: String,
    /// Seals the answer; only the sender's key leads to it.
    seal: [u8; 32],
}

/// Answers a repeated request with its first answer; see the module.
pub async fn replay(Public { app, .. }: Public, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let path = request.uri().path();
    // A session is made anew each time: its cookie and tokens are not kept. Other protocols repeat in ways of their own.
    let kept = !reads && path.starts_with(BASE) && !path.starts_with(SESSIONS);
    let Some(key) = request.headers().get(KEY).filter(|_| kept).cloned() else {
        return next.run(request).await;
    };
    let key = match key.to_str() {
        Ok(key) if (1..=MAX_KEY).contains(&key.len()) && !key.contains('\t') => key.to_owned(),
        _ => return Problem::new(Code::InvalidIdempotencyKey).with("limit", MAX_KEY).into_response(),
    };
    if is_dry_run(&request) {
        return next.run(request).await;
    }
    match keyed(app, &key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

/// A dry run of recording leaves nothing behind that could be there twice. Elsewhere the word means nothing.
fn is_dry_run(request: &Request) -> bool {
    let params = Params::parse(request.uri().query().unwrap_or_default());
    logs::records(request.uri().path()) && params.flag("dry_run").is_ok_and(|dry| dry)
}

async fn keyed(app: App, key: &str, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let (principal, info) = match SignedIn::identify(&mut parts, &app).await {
        Ok(SignedIn { principal, info, .. }) => (principal, info),
        Err(problem) if problem.code.status() >= 500 => return Err(problem),
        // Who may not come in hears it from the handler, as without a key.
        Err(_) => return Ok(next.run(Request::from_parts(parts, body)).await),
    };
    // A repetition is a request like any other. Who sends too many gets no further than the handler's door, which
    // says so unless there is more to say; nothing is written for it.
    let said = app.admit(&principal, &info).await;
    let refused = said.is_err();
    parts.extensions.insert(Admission(said));
    if refused {
        parts.extensions.insert(principal);
        return Ok(next.run(Request::from_parts(parts, body)).await);
    }
    let customer = principal.customer.as_ref().map(|customer| customer.id);
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    let keyed = name(&app, key, &owner(&principal), &parts, &bytes);
    parts.extensions.insert(principal);
    let request = Request::from_parts(parts, Body::from(bytes));
    // A task of its own: when the caller goes away, the work is done all the same and its answer kept.
    let work = tokio::spawn(acting::carried(async move { run(&app, customer, &keyed, request, next).await }));
    work.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?
}

/// Carries the request out, unless it was carried out before.
async fn run(
    app: &App,
    customer: Option<CustomerId>,
    keyed: &Keyed,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let claim = Claim {
        digest: &keyed.digest,
        customer,
        fingerprint: &keyed.fingerprint,
        claim: &keyed.claim,
        now,
        expires_at: Millis(now.0 + KEEP_MS),
    };
    let mut tx = app.db.write(Scope::Installation).await?;
    let found = repo::claim(&mut tx, &claim).await?;
    tx.commit().await?;
    let Some(found) = found else {
        return Ok(finish(app, keyed, next.run(request).await).await);
    };
    if found.fingerprint != keyed.fingerprint {
        return Err(Problem::new(Code::IdempotencyKeyReused));
    }
    let text = found.answer.ok_or_else(|| Problem::new(Code::IdempotencyInProgress).retry_after(1))?;
    seal::open(&keyed.seal, &text).map(again).ok_or_else(|| Problem::new(Code::Internal))
}

/// Names who asks. Within a customer each caller has keys of its own: an answer that one may read, such as a new
/// API key, another may not.
fn owner(principal: &Principal) -> String {
    let customer = principal.customer.as_ref().map_or(0, |customer| customer.id.0);
    format!("{customer}/{}/{:?}", principal.actor_ref(), principal.role())
}

fn name(app: &App, key: &str, owner: &str, parts: &axum::http::request::Parts, body: &[u8]) -> Keyed {
    let root = app.keys.current();
    let place =
        [owner.as_bytes(), parts.method.as_str().as_bytes(), parts.uri.path().as_bytes(), key.as_bytes()];
    let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [parts.uri.query().unwrap_or_default().as_bytes(), kind, body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Keyed {
        digest: root.digest(Purpose::Idempotency, &place),
        fingerprint: crypto::hex(&hash.finalize()),
        claim: crypto::hex(&crypto::random::<16>()),
        seal: root.mac(Purpose::IdempotentAnswer, &place),
    }
}

/// Keeps an answer that something was done for; gives the key back otherwise.
async fn finish(app: &App, keyed: &Keyed, response: Response) -> Response {
    if !response.status().is_success() {
        release(app, keyed).await;
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        release(app, keyed).await;
        return Problem::new(Code::Internal).into_response();
    };
    let text =
        |name: &HeaderName| Some((name.to_string(), parts.headers.get(name)?.to_str().ok()?.to_owned()));
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: KEPT.iter().filter_map(text).collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    if let Some(sealed) = seal::seal(&keyed.seal, &answer) {
        keep(app, keyed, &sealed).await.or_log("keeping the answer of an idempotent request");
    }
    Response::from_parts(parts, Body::from(bytes))
}

async fn keep(app: &App, keyed: &Keyed, sealed: &str) -> Result<(), crate::db::DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::keep(&mut tx, &keyed.digest, &keyed.claim, sealed).await?;
    tx.commit().await
}

async fn release(app: &App, keyed: &Keyed) {
    let work = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::release(&mut tx, &keyed.digest, &keyed.claim).await?;
        tx.commit().await
    };
    work.await.or_log("giving back the key of an idempotent request");
}

fn again(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
