//! The address of events.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use shared::lang::Lang;
use shared::logs::MAX_UPLOAD_BYTES;
use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::errors;
use super::event::{self, Events};
use crate::app::App;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::service;
use crate::domain::logs::writer::Outcome;
use crate::http::auth::{LogsWrite, Tenant};
use crate::http::extract::expect_json;
use crate::http::problem::{Answer, Problem};
use crate::http::work::beside;
use crate::http::{Json, body};

/// Routes of Open Trip Model.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_otm_events))
}

/// Open Trip Model: events
///
/// One event of Open Trip Model 5, or a list of up to 10,000 events and 32 MiB (unpacked). A list is answered with a
/// status for each event; errors are a list of code and message. The same event again, by its `id`, is stored once.
#[utoipa::path(post, path = "/otm/v5/events", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    request_body(content = serde_json::Value, content_type = "application/json", example = json!({"id": "4fc1a1e2-6e0c-4a1e-9d8c-2f6f5f9d1c11", "eventType": "locationUpdateEvent", "lifecycle": "actual", "dateTime": "2026-11-22T08:00:00Z", "geoReference": {"lat": 51.95, "lon": 4.14, "type": "latLonPointGeoReference"}})),
    responses((status = 200, description = "The event was stored before", content_type = "application/json", body = Value),
        (status = 201, description = "Stored", content_type = "application/json", body = Value, headers(("Location" = String, description = "Address of the log"))),
        (status = 207, description = "A list of which some were not stored", content_type = "application/json", body = Value)))]
async fn create_otm_events(tenant: Tenant<LogsWrite>, headers: HeaderMap, body: Body) -> Answer<Response> {
    expect_json(&headers)?;
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    let context = service::context(&tenant);
    let origin = Origin { way: "otm", ..service::origin(&tenant, Source::Integration, context.now) };
    let lang = context.lang;
    let Events { is_list, events } = beside(bytes.len(), move || event::read(&bytes, &context)).await?;
    let (mut logs, mut heads) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
    for event in events {
        heads.push((event.id, event.log.map(|log| logs.push(log))));
    }
    let mut outcomes = service::store(&tenant.app, &origin, logs).await?.into_iter();
    let results = heads.into_iter().map(|(id, read)| {
        let outcome =
            read.and_then(|()| outcomes.next().unwrap_or_else(|| Err(Problem::new(Code::Internal))));
        let judged = outcome.and_then(|outcome| judge(&origin, outcome, id.as_deref()));
        (id, judged)
    });
    let mut results: Vec<_> = results.collect();
    if !is_list && let Some((id, judged)) = results.pop() {
        let (status, seq) = judged?;
        let mut response =
            (status, Json(json!({ "id": id.unwrap_or_else(|| seq.to_string()) }))).into_response();
        if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/logs/{seq}")) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        return Ok(response);
    }
    let all = results.iter().all(|(_, judged)| judged.is_ok());
    let status = if all { StatusCode::CREATED } else { StatusCode::MULTI_STATUS };
    let list: Vec<Value> =
        results.into_iter().enumerate().map(|(index, (id, judged))| told(index, id, judged, lang)).collect();
    Ok((status, Json(list)).into_response())
}

/// What became of an event of a list.
fn told(index: usize, id: Option<String>, judged: Answer<(StatusCode, i64)>, lang: Lang) -> Value {
    match judged {
        Ok((status, seq)) => {
            json!({ "index": index, "id": id.unwrap_or_else(|| seq.to_string()), "status": status.as_u16() })
        }
        Err(problem) => json!({
            "index": index, "id": id, "status": errors::status(problem.code),
            "errors": [errors::error(problem.code, &problem.detail(lang))],
        }),
    }
}

/// Status and number of a stored event.
fn judge(origin: &Origin, outcome: Outcome, id: Option<&str>) -> Answer<(StatusCode, i64)> {
    match outcome {
        Outcome::Created(seq) => Ok((StatusCode::CREATED, seq)),
        Outcome::Duplicate(seq) => Ok((StatusCode::OK, seq)),
        Outcome::OverQuota => Err(service::over_quota(origin)),
        Outcome::Conflict(seq) => Err(Problem::new(Code::ExternalIdConflict)
            .with("external_id", id.unwrap_or("–"))
            .with("log_id", seq)),
    }
}
