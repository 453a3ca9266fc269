//! Addresses of events: one in, many out.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::options;
use serde_json::Value;
use shared::logs::LogOut;
use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::event::Captured;
use super::event::DECLARATION;
use super::{KIND, STANDARD, capture, document, event, query, routes_capture};
use crate::app::App;
use crate::domain::ingest::identity::external_id;
use crate::domain::ingest::unreadable;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::service;
use crate::domain::logs::writer::Outcome;
use crate::http::auth::{LogsRead, LogsWrite, SignedIn, Tenant};
use crate::http::body::{self, CONTROL_LIMIT};
use crate::http::extract::{ValidPath, expect_json};
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};

/// Routes of EPCIS.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(routes_capture::router())
        .routes(routes!(create_epcis_event, list_epcis_events))
        .routes(routes!(get_epcis_event))
        .route("/epcis/v2/events", options(discover))
}

async fn discover(_caller: SignedIn) -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, "GET, POST, OPTIONS")]).into_response()
}

/// Requires that a request speaks version 2, if it names one.
///
/// # Errors
/// `invalid_message`.
pub fn expect_version(headers: &HeaderMap) -> Answer<()> {
    let other = headers.get("gs1-epcis-version").is_some_and(|version| !version.as_bytes().starts_with(b"2"));
    if other { Err(unreadable(STANDARD, "GS1-EPCIS-Version is not 2")) } else { Ok(()) }
}

/// Adds the address of the next page (RFC 8288): the same one with another token.
pub fn next_link(uri: &Uri, token: Option<String>, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    let Some(token) = token else {
        return response;
    };
    let mut target = format!("{}?", uri.path());
    let kept = uri.query().unwrap_or_default().split('&');
    for pair in kept.filter(|pair| !pair.is_empty() && !pair.starts_with("nextPageToken=")) {
        target.push_str(pair);
        target.push('&');
    }
    if let Ok(link) = HeaderValue::from_str(&format!("<{target}nextPageToken={token}>; rel=\"next\"")) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// EPCIS: capture an event
///
/// One event of EPCIS 2.0 in JSON-LD. Without an `eventID` it gets one, made of what it says; the same event again is
/// the same event, another one under its id is refused.
#[utoipa::path(post, path = "/epcis/v2/events", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    request_body(content = serde_json::Value, content_type = "application/json", example = json!({"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", "type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE", "bizStep": "shipping", "epcList": ["urn:epc:id:sscc:0614141.1234567890"]})),
    responses((status = 201, description = "Stored", content_type = "application/json", body = serde_json::Value, headers(("Location" = String, description = "Address of the event"))),
        (status = 409, description = "Another event has this id")))]
async fn create_epcis_event(tenant: Tenant<LogsWrite>, headers: HeaderMap, body: Body) -> Answer<Response> {
    expect_json(&headers)?;
    expect_version(&headers)?;
    let bytes = body::read(body, CONTROL_LIMIT).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Problem::new(Code::InvalidUtf8))?;
    let context = service::context(&tenant);
    let origin = Origin { way: "epcis", ..service::origin(&tenant, Source::Integration, context.now) };
    let Captured { id, log } = event::read(text, None, &context)?;
    let stored = log.data.clone();
    let outcomes = service::store(&tenant.app, &origin, vec![log]).await?;
    match outcomes.into_iter().next().transpose()? {
        Some(Outcome::Conflict(seq)) => return Err(capture::taken(&id, seq)),
        Some(Outcome::OverQuota) => return Err(service::over_quota(&origin)),
        Some(Outcome::Created(_) | Outcome::Duplicate(_)) | None => {}
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded: String = id
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let mut response = (StatusCode::CREATED, json(stored)).into_response();
    if let Ok(location) = HeaderValue::from_str(&format!("/epcis/v2/events/{encoded}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// EPCIS: query events
///
/// An `EPCISQueryDocument` with the events that fit all parameters; values are separated by `|`. Beside those listed:
/// `EQ_persistentDisposition_set`, `EQ_transformationID`, `EQ_errorReason`, `EQ_correctiveEventID`,
/// `EXISTS_errorDeclaration`, `GE_errorDeclarationTime`, `MATCH_childEPC`, `MATCH_inputEPC`, `MATCH_outputEPC`,
/// `MATCH_epcClass` and its like, `EQ_bizTransaction_<type>`, `EQ_source_<type>`, `EQ_destination_<type>` and
/// `EQ_<prefix>:<name>` for extensions. Any other parameter is refused. Values of the core business vocabulary may be
/// written as word, web URI or URN.
#[utoipa::path(get, path = "/epcis/v2/events", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("eventType" = Option<String>, Query, description = "Types of events", max_length = 1024),
        ("GE_eventTime" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("LT_eventTime" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("GE_recordTime" = Option<shared::time::Millis>, Query, description = "Recorded at or after"),
        ("LT_recordTime" = Option<shared::time::Millis>, Query, description = "Recorded before"),
        ("EQ_action" = Option<String>, Query, description = "`ADD`, `OBSERVE`, `DELETE`", max_length = 64),
        ("EQ_bizStep" = Option<String>, Query, description = "Business steps", max_length = 4096, example = "shipping"),
        ("EQ_disposition" = Option<String>, Query, description = "Dispositions", max_length = 4096),
        ("EQ_readPoint" = Option<String>, Query, description = "Read points; `WD_readPoint` is the same", max_length = 4096),
        ("EQ_bizLocation" = Option<String>, Query, description = "Business locations; `WD_bizLocation` is the same", max_length = 4096),
        ("EQ_eventID" = Option<String>, Query, description = "Ids of events", max_length = 4096),
        ("MATCH_epc" = Option<String>, Query, description = "EPCs or patterns in `epcList` or `childEPCs`", max_length = 4096),
        ("MATCH_anyEPC" = Option<String>, Query, description = "EPCs or patterns anywhere", max_length = 4096),
        ("MATCH_parentID" = Option<String>, Query, description = "Parents", max_length = 4096),
        ("orderBy" = Option<String>, Query, description = "`eventTime` or `recordTime`", pattern = "^(eventTime|recordTime)$"),
        ("orderDirection" = Option<String>, Query, description = "`ASC` or `DESC` (default)", pattern = "^(ASC|DESC)$"),
        ("eventCountLimit" = Option<u32>, Query, description = "Only the first ones; needs `orderBy`", minimum = 1, maximum = 1000),
        ("maxEventCount" = Option<u32>, Query, description = "More events than this are refused", minimum = 1, maximum = 1000),
        ("perPage" = Option<u32>, Query, description = "Events on a page", minimum = 1, maximum = 1000),
        ("nextPageToken" = Option<String>, Query, description = "Position of a former page, from the `Link` header", max_length = 512)),
    responses((status = 200, description = "An EPCISQueryDocument", content_type = "application/json", body = serde_json::Value),
        (status = 413, description = "More events than `maxEventCount`")))]
async fn list_epcis_events(tenant: Tenant<LogsRead>, params: Params, uri: Uri) -> Answer<Response> {
    let query = query::read(&params)?;
    let keep = |log: &LogOut| {
        let parsed: Value = serde_json::from_str(log.data.as_deref()?).ok()?;
        let recorded = (query.recorded.0..query.recorded.1).contains(&log.received_at.0);
        let fits = recorded && query.conditions.iter().all(|condition| condition.holds(&parsed));
        fits.then(|| document::event(log)).flatten()
    };
    let found = service::select(&tenant, &query.asked, params.get("nextPageToken"), query.page, keep).await?;
    if let Some(most) = query.most.filter(|_| found.next_cursor.is_some()) {
        return Err(Problem::new(Code::TooManyItems).with("actual", format!("> {most}")).with("limit", most));
    }
    let token = found.next_cursor.filter(|_| !query.only_page);
    Ok(next_link(&uri, token, json(document::answer(&found.items, tenant.app.clock.now()))))
}

/// EPCIS: an event
///
/// An `EPCISQueryDocument` with the event of this id.
#[utoipa::path(get, path = "/epcis/v2/events/{eventID}", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("eventID" = String, Path, description = "Id of the event, percent-encoded", max_length = 4096)),
    responses((status = 200, description = "An EPCISQueryDocument with one event", content_type = "application/json", body = serde_json::Value)))]
async fn get_epcis_event(tenant: Tenant<LogsRead>, ValidPath(id): ValidPath<String>) -> Answer<Response> {
    let missing = || Problem::new(Code::NotFound);
    if id.contains('\0') {
        return Err(missing());
    }
    let named = [external_id(&id), external_id(&format!("{id}{DECLARATION}"))];
    let mut found = None;
    for name in &named {
        if found.is_none() {
            found = service::find_external(&tenant.app, tenant.id(), tenant.space(), name).await?;
        }
    }
    let event = found.filter(|log| log.kind.starts_with(KIND)).as_ref().and_then(document::event);
    let event = event.ok_or_else(missing)?;
    Ok(json(document::answer(&[event], tenant.app.clock.now())))
}
