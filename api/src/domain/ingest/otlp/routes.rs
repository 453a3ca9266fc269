//! The address of logs.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use shared::logs::MAX_UPLOAD_BYTES;
use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::encoding::Encoding;
use super::proto::ExportLogsPartialSuccess;
use super::record;
use crate::app::App;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::service;
use crate::domain::logs::writer::Outcome;
use crate::http::auth::{LogsWrite, Tenant};
use crate::http::body;
use crate::http::problem::{Answer, Problem};
use crate::http::work::beside;

/// Routes of `OpenTelemetry`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_otlp_logs))
}

/// OpenTelemetry: logs
///
/// OTLP over HTTP, Protocol Buffers or JSON, up to 10,000 records and 32 MiB (unpacked). Point exporters at
/// `https://host/otlp`. What cannot be stored is counted in `partial_success`; errors are `google.rpc.Status`, both in
/// the encoding of the request. A repeated delivery of records with a time is stored once.
#[utoipa::path(post, path = "/otlp/v1/logs", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    request_body(content((serde_json::Value = "application/json", example = json!({"resourceLogs": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "sorter"}}]}, "scopeLogs": [{"logRecords": [{"timeUnixNano": "1795334400000000000", "severityNumber": 9, "body": {"stringValue": "Pakket gescand"}}]}]}]})), (String = "application/x-protobuf"))),
    responses((status = 200, description = "Stored; `partial_success` counts what was not", content((serde_json::Value = "application/json"), (String = "application/x-protobuf")))))]
async fn create_otlp_logs(tenant: Tenant<LogsWrite>, headers: HeaderMap, body: Body) -> Answer<Response> {
    let encoding = Encoding::of(&headers)?;
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    let context = service::context(&tenant);
    let origin = Origin { way: "otlp", ..service::origin(&tenant, Source::Integration, context.now) };
    let lang = context.lang;
    let records = beside(bytes.len(), move || {
        encoding.read(&bytes).and_then(|request| record::read(request, &context))
    })
    .await?;
    let (mut logs, mut places, mut faults) = (Vec::with_capacity(records.len()), Vec::new(), Vec::new());
    for (at, record) in records.into_iter().enumerate() {
        match record {
            Ok(log) => {
                logs.push(log);
                places.push(at);
            }
            Err(problem) => faults.push((at, problem)),
        }
    }
    let outcomes = service::store(&tenant.app, &origin, logs).await?;
    // Who hears of a part is not to send again, so what is refused as a whole is refused for now.
    let full = outcomes.iter().any(|outcome| matches!(outcome, Ok(Outcome::OverQuota)));
    if full && !outcomes.iter().any(|outcome| matches!(outcome, Ok(Outcome::Created(_)))) {
        return Err(service::over_quota(&origin));
    }
    let clashes = places.into_iter().zip(outcomes).filter_map(|(at, outcome)| match outcome {
        Err(problem) => Some((at, problem)),
        Ok(Outcome::OverQuota) => Some((at, service::over_quota(&origin))),
        Ok(Outcome::Conflict(seq)) => {
            Some((at, Problem::new(Code::ExternalIdConflict).with("external_id", "–").with("log_id", seq)))
        }
        Ok(Outcome::Created(_) | Outcome::Duplicate(_)) => None,
    });
    faults.extend(clashes);
    let partial = faults.first().map(|(at, problem)| ExportLogsPartialSuccess {
        rejected_log_records: i64::try_from(faults.len()).unwrap_or(i64::MAX),
        error_message: format!("record {at}: {}", problem.detail(lang)),
    });
    Ok(encoding.answer(partial))
}
