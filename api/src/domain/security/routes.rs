//! `/admin/security`: what happened, and what staff decides.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::page::Page;
use shared::security::{
    AcknowledgeIn, AcknowledgedOut, DecisionAction, DecisionIn, DecisionOrigin, DecisionOut, DecisionPatch,
    DetectorModes, EVENT_PAGE, SecurityEventKind, SecurityEventOut, SecurityOut, Severity,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::decisions::model::read_network;
use super::decisions::{repo as decision_rows, service as decisions};
use super::events::{export, repo as event_rows, service as events};
use super::overview;
use crate::app::App;
use crate::http::Json;
use crate::http::attachment::LineForm;
use crate::http::auth::{SecurityManage, SecurityRead, Staff};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::page::{ListKey, NextPage};
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;
use crate::router::BASE;

/// Parameters that choose events.
const EVENT_FILTERS: [&str; 5] = ["kind", "severity", "network", "from", "open"];

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_security))
        .routes(routes!(update_detector_modes))
        .routes(routes!(list_security_events))
        .routes(routes!(export_security_events))
        .routes(routes!(create_security_acknowledgement))
        .routes(routes!(get_security_event))
        .routes(routes!(list_decisions, create_decision))
        .routes(routes!(update_decision, delete_decision))
}

/// Security at a glance
///
/// The level with the figures that it rests on, the last 24 hours by severity, the networks with most events, and how
/// the installation is set up.
#[utoipa::path(get, path = "/admin/security", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:read"))),
    responses((status = 200, description = "Security at a glance", body = SecurityOut)))]
async fn get_security(staff: Staff<SecurityRead>) -> Answer<Json<SecurityOut>> {
    overview::overview(&staff.app, staff.info.ip).await.map(Json)
}

/// Set what the detector may do
///
/// `observe` notes the same events and says what it would have done. A change holds within a second on every server.
#[utoipa::path(put, path = "/admin/security/modes", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:manage"))),
    request_body(content = DetectorModes, example = json!({"anonymous": "enforce", "signed_in": "observe"})),
    responses((status = 200, description = "The modes", body = DetectorModes)))]
async fn update_detector_modes(
    staff: Staff<SecurityManage>,
    ValidJson(modes): ValidJson<DetectorModes>,
) -> Answer<Json<DetectorModes>> {
    decisions::set_modes(&staff.app, modes).await.map(Json)
}

fn event_filter(params: &Params, more: &[&str]) -> Answer<event_rows::Filter> {
    params.allow(&[EVENT_FILTERS.as_slice(), more].concat())?;
    let kinds: Vec<_> = SecurityEventKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let severities: Vec<_> = Severity::ALL.iter().map(|severity| (severity.as_str(), *severity)).collect();
    let network = match params.text("network", 64)? {
        Some(text) => {
            let network = read_network(text).ok_or_else(|| invalid("network", "192.0.2.7, 2001:db8::/64"))?;
            let single = network.prefix_len() == network.max_prefix_len();
            Some(if single { network.addr().to_string() } else { network.to_string() })
        }
        None => None,
    };
    Ok(event_rows::Filter {
        kind: params.choice("kind", &kinds)?,
        severity: params.choice("severity", &severities)?,
        network,
        since: params.instant("from")?,
        open: params.flag("open")?,
    })
}

/// List security events
///
/// Newest first; kept for 400 days. One that repeats itself within seconds is one row with a number.
#[utoipa::path(get, path = "/admin/security/events", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:read"))),
    params(("kind" = Option<SecurityEventKind>, Query, description = "What happened"),
        ("severity" = Option<Severity>, Query, description = "How bad it is"),
        ("network" = Option<String>, Query, description = "An address; of IPv6 its /64", max_length = 64, example = "203.0.113.7"),
        ("from" = Option<shared::time::Millis>, Query, description = "At or after"),
        ("open" = Option<bool>, Query, description = "Only those that nobody acknowledged"),
        ("limit" = Option<u32>, Query, description = "Rows on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024)),
    responses((status = 200, description = "A page of events", body = Page<SecurityEventOut>)))]
async fn list_security_events(staff: Staff<SecurityRead>, params: Params) -> Answer<Response> {
    let filter = event_filter(&params, &["limit", "cursor"])?;
    let limit = params.int("limit", EVENT_PAGE, 1, 1_000)?;
    let list = ListKey::new(&[
        "security events",
        filter.kind.map_or("", SecurityEventKind::as_str),
        filter.severity.map_or("", Severity::as_str),
        filter.network.as_deref().unwrap_or_default(),
        &filter.since.map(|at| at.0.to_string()).unwrap_or_default(),
        if filter.open { "open" } else { "" },
    ]);
    let before = list.before(&staff.app.keys, params.get("cursor"))?;
    let data = events::list(&staff.app, &filter, &before, limit + 1).await?;
    let page = list.page(&staff.app.keys, data, limit, |event| &event.id);
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// Export security events
///
/// Those that fit, as CSV or NDJSON, newest first.
#[utoipa::path(get, path = "/admin/security/events/export", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:read"))),
    params(("format" = Option<String>, Query, description = "`csv` (default) or `ndjson`", pattern = "^(csv|ndjson)$"),
        ("kind" = Option<SecurityEventKind>, Query, description = "What happened"),
        ("severity" = Option<Severity>, Query, description = "How bad it is"),
        ("network" = Option<String>, Query, description = "An address; of IPv6 its /64", max_length = 64),
        ("from" = Option<shared::time::Millis>, Query, description = "At or after"),
        ("open" = Option<bool>, Query, description = "Only those that nobody acknowledged")),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson")))))]
async fn export_security_events(staff: Staff<SecurityRead>, params: Params) -> Answer<Response> {
    let filter = event_filter(&params, &["format"])?;
    let form = params.choice("format", &LineForm::CHOICES)?.unwrap_or_default();
    export::stream(&staff.app, filter, form).await
}

/// A security event
///
/// By its permanent identifier: decisions name those that they rest on.
#[utoipa::path(get, path = "/admin/security/events/{id}", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:read"))),
    params(("id" = String, Path, description = "Id of the event", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The event", body = SecurityEventOut)))]
async fn get_security_event(
    staff: Staff<SecurityRead>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<SecurityEventOut>> {
    events::find(&staff.app, &id.to_string()).await.map(Json)
}

/// Acknowledge security events
///
/// Says that staff has seen to an event and all before it. The level counts critical events that nobody acknowledged.
#[utoipa::path(post, path = "/admin/security/events/acknowledgements", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:manage"))),
    request_body(content = AcknowledgeIn, example = json!({"until": "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"})),
    responses((status = 200, description = "How many were open", body = AcknowledgedOut)))]
async fn create_security_acknowledgement(
    staff: Staff<SecurityManage>,
    ValidJson(input): ValidJson<AcknowledgeIn>,
) -> Answer<Json<AcknowledgedOut>> {
    events::acknowledge(&staff.app, &input.until).await.map(Json)
}

/// List decisions about addresses
///
/// Newest first, those that hold no longer as well.
#[utoipa::path(get, path = "/admin/security/decisions", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:read"))),
    params(("active" = Option<bool>, Query, description = "Those in force, or those that are not"),
        ("action" = Option<DecisionAction>, Query, description = "What they do"),
        ("origin" = Option<DecisionOrigin>, Query, description = "Who decided"),
        ("q" = Option<String>, Query, description = "Part of the network or of the reason", max_length = 100, example = "203.0.113"),
        ("limit" = Option<u32>, Query, description = "Rows on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024)),
    responses((status = 200, description = "A page of decisions", body = Page<DecisionOut>)))]
async fn list_decisions(staff: Staff<SecurityRead>, params: Params) -> Answer<Response> {
    params.allow(&["active", "action", "origin", "q", "limit", "cursor"])?;
    let actions: Vec<_> = DecisionAction::ALL.iter().map(|action| (action.as_str(), *action)).collect();
    let origins: Vec<_> = DecisionOrigin::ALL.iter().map(|origin| (origin.as_str(), *origin)).collect();
    let filter = decision_rows::Filter {
        active: params.get("active").map(|_| params.flag("active")).transpose()?,
        action: params.choice("action", &actions)?,
        origin: params.choice("origin", &origins)?,
        words: params.text("q", 100)?.unwrap_or_default().to_owned(),
    };
    let limit = params.int("limit", EVENT_PAGE, 1, 1_000)?;
    let list = ListKey::new(&[
        "decisions",
        filter.active.map_or("", |active| if active { "active" } else { "ended" }),
        filter.action.map_or("", DecisionAction::as_str),
        filter.origin.map_or("", DecisionOrigin::as_str),
        &filter.words,
    ]);
    let before = list.before(&staff.app.keys, params.get("cursor"))?;
    let data = decisions::list(&staff.app, &filter, &before, limit + 1).await?;
    let page = list.page(&staff.app.keys, data, limit, |decision| &decision.id);
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// Decide about a network
///
/// Allowing beats denying and ends automatic denying in the network at once. Networks that hold this server, a trusted
/// proxy or network, yourself or staff that is signed in are refused with `address_spared`.
#[utoipa::path(post, path = "/admin/security/decisions", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:manage"))),
    request_body(content = DecisionIn, example = json!({"network": "198.51.100.0/24", "action": "deny", "scope": "all", "reason": "scans since this morning", "hours": 24})),
    responses((status = 201, description = "The decision", body = DecisionOut, headers(("Location" = String, description = "Where it is changed and lifted")))))]
async fn create_decision(
    staff: Staff<SecurityManage>,
    ValidJson(input): ValidJson<DecisionIn>,
) -> Answer<Response> {
    let decision = decisions::create(&staff.app, &input, staff.info.ip.addr).await?;
    let location = HeaderValue::from_str(&format!("{BASE}/admin/security/decisions/{}", decision.id));
    let mut response = (StatusCode::CREATED, Json(decision)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Change a decision
///
/// Another end, counted from now, or in force after it was simulated.
#[utoipa::path(patch, path = "/admin/security/decisions/{id}", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:manage"))),
    params(("id" = String, Path, description = "Id of the decision", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    request_body(content = DecisionPatch, example = json!({"hours": 48})),
    responses((status = 200, description = "The decision as it is now", body = DecisionOut)))]
async fn update_decision(
    staff: Staff<SecurityManage>,
    ValidPath(id): ValidPath<Uuid>,
    ValidJson(patch): ValidJson<DecisionPatch>,
) -> Answer<Json<DecisionOut>> {
    decisions::update(&staff.app, &id.to_string(), &patch, staff.info.ip.addr).await.map(Json)
}

/// Lift a decision
///
/// It holds no longer, at once. The cause of an automatic one only alerts for a day.
#[utoipa::path(delete, path = "/admin/security/decisions/{id}", tag = "security", security(("bearer" = [])), extensions(("x-permission" = json!("security:manage"))),
    params(("id" = String, Path, description = "Id of the decision", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The decision as it was", body = DecisionOut)))]
async fn delete_decision(
    staff: Staff<SecurityManage>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<DecisionOut>> {
    decisions::lift(&staff.app, &id.to_string()).await.map(Json)
}
