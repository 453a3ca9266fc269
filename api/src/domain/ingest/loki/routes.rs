//! The address of pushes.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::logs::MAX_UPLOAD_BYTES;
use shared::problem::Code;
use shared::time::Millis;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::entry::{self, Read};
use super::push::Encoding;
use crate::app::App;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::service;
use crate::domain::logs::writer::Outcome;
use crate::http::auth::{LogsWrite, Tenant};
use crate::http::body;
use crate::http::frame::Plain;
use crate::http::problem::{Answer, Problem};
use crate::http::work::beside;

/// Routes of Loki.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_loki_push))
}

/// Loki: push
///
/// JSON, or Protocol Buffers packed with Snappy, up to 10,000 entries and 32 MiB (unpacked). 204 when all are stored
/// or known; 400 with a line of text when some were ignored, the others are stored. Labels are fields below `labels`;
/// `kind`, `service_name`, `job` or `app` is the kind. A repeated push is stored once.
#[utoipa::path(post, path = "/loki/api/v1/push", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    request_body(content((serde_json::Value = "application/json", example = json!({"streams": [{"stream": {"app": "sorter", "level": "info"}, "values": [["1795334400000000000", "Pakket gescand", {"order": "88213"}]]}]})), (String = "application/x-protobuf"))),
    responses((status = 204, description = "All stored or known")))]
async fn create_loki_push(tenant: Tenant<LogsWrite>, headers: HeaderMap, body: Body) -> Answer<Response> {
    let encoding = Encoding::of(&headers)?;
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    let context = service::context(&tenant);
    let origin = Origin { way: "loki", ..service::origin(&tenant, Source::Integration, context.now) };
    let lang = context.lang;
    let entries =
        beside(bytes.len(), move || encoding.read(&bytes).and_then(|push| entry::read(push, &context)))
            .await?;
    let count = entries.len();
    let (mut logs, mut times, mut faults) =
        (Vec::with_capacity(count), Vec::with_capacity(count), Vec::new());
    for Read { nanos, log } in entries {
        match log {
            Ok(log) => {
                logs.push(log);
                times.push(nanos);
            }
            Err(problem) => faults.push((nanos, problem)),
        }
    }
    let outcomes = service::store(&tenant.app, &origin, logs).await?;
    // An agent gives up what is refused with 400 and holds back what is refused with 429; what it sends again and was
    // stored is known.
    if outcomes.iter().any(|outcome| matches!(outcome, Ok(Outcome::OverQuota))) {
        return Err(service::over_quota(&origin));
    }
    faults.extend(outcomes.into_iter().zip(times).filter_map(|(outcome, nanos)| match outcome {
        Err(problem) => Some((nanos, problem)),
        Ok(Outcome::Conflict(seq)) => Some((
            nanos,
            Problem::new(Code::ExternalIdConflict).with("external_id", nanos).with("log_id", seq),
        )),
        Ok(Outcome::Created(_) | Outcome::Duplicate(_) | Outcome::OverQuota) => None,
    }));
    let Some((nanos, problem)) = faults.first() else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let at = Millis(nanos.div_euclid(1_000_000)).to_rfc3339();
    let text = format!(
        "entry with timestamp {at} ignored, reason: '{}', total ignored: {} out of {count}\n",
        problem.detail(lang),
        faults.len()
    );
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    let mut response = (StatusCode::BAD_REQUEST, kind, text).into_response();
    response.extensions_mut().insert(Plain);
    Ok(response)
}
