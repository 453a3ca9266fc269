//! Recording logs: one, many, and files.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::logs::{BatchOut, DryRunOut, LogCreatedOut, MAX_RECORD_BYTES, MAX_UPLOAD_BYTES};
use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Source;
use super::service::Manner;
use super::upload::{Form, LogsIn};
use super::{dry_run, reader, service};
use crate::app::App;
use crate::http::auth::{Caller, LogsWrite, Tenant};
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};
use crate::http::work::beside;
use crate::http::{Json, body, extract};

/// Routes of recording.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_log))
        .routes(routes!(create_log_alias))
        .routes(routes!(create_logs))
}

/// An answer to a log that was not stored now.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes two answers that are made elsewhere")]
enum LogSeen {
    /// Stored before.
    Known(LogCreatedOut),
    /// Not to be stored.
    DryRun(DryRunOut),
}

/// Record a log
///
/// Any JSON value that is not empty. Members such as `kind`, `message`, `level`, `occurred_at` and `external_id`
/// are read; everything is kept byte for byte. The answer comes after the log is on disk.
#[utoipa::path(post, path = "/logs", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    params(("dry_run" = Option<bool>, Query, description = "Store nothing; tell how the log is understood and what would become of it")),
    request_body(content = serde_json::Value, content_type = "application/json",
        example = json!({"kind": "container_arrived", "message": "Container MSKU1234567 aangekomen", "container": "MSKU1234567", "temperature_c": 4.2, "location": "Rotterdam", "external_id": "evt-20261122-0001"})),
    responses((status = 201, description = "Stored", body = LogCreatedOut, headers(("Location" = String, description = "Address of the log"))), (status = 200, description = "Was stored before under the same `external_id`, or (`DryRunOut`) nothing is stored", body = inline(LogSeen))))]
async fn create_log(
    tenant: Tenant<LogsWrite>,
    headers: HeaderMap,
    params: Params,
    body: Body,
) -> Answer<Response> {
    create(&tenant, &headers, &params, body).await
}

/// Record a log (former address)
///
/// The same as `POST /logs`.
#[utoipa::path(post, path = "/log", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    params(("dry_run" = Option<bool>, Query, description = "Store nothing; tell how the log is understood and what would become of it")),
    request_body(content = serde_json::Value, content_type = "application/json", example = json!({"kind": "note", "message": "Route 12 vertrokken"})),
    responses((status = 201, description = "Stored", body = LogCreatedOut, headers(("Location" = String, description = "Address of the log"))), (status = 200, description = "Was stored before, or nothing is stored", body = inline(LogSeen))))]
async fn create_log_alias(
    tenant: Tenant<LogsWrite>,
    headers: HeaderMap,
    params: Params,
    body: Body,
) -> Answer<Response> {
    create(&tenant, &headers, &params, body).await
}

async fn create(
    tenant: &Tenant<LogsWrite>,
    headers: &HeaderMap,
    params: &Params,
    body: Body,
) -> Answer<Response> {
    let dry = params.flag("dry_run")?;
    extract::expect_json(headers)?;
    let bytes = body::read(body, body::CONTROL_LIMIT).await.map_err(|problem| match problem.code {
        Code::BodyTooLarge => Problem::new(Code::RecordTooLarge)
            .with("size", "> 2 MiB")
            .with("limit", body::human_bytes(MAX_RECORD_BYTES)),
        _ => problem,
    })?;
    let context = service::context(tenant);
    let source =
        if matches!(tenant.principal.caller, Caller::Key { .. }) { Source::Api } else { Source::Web };
    let log = reader::read(&bytes, &context)?;
    let origin = service::origin(tenant, source, context.now);
    if dry {
        return Ok(Json(dry_run::one(&tenant.app, &origin, log, tenant.info.lang).await?).into_response());
    }
    let out = service::create(&tenant.app, &origin, log, tenant.info.lang).await?;
    let status = if out.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    let location = HeaderValue::from_str(&format!("/api/v1/logs/{}", out.log_id));
    let mut response = (status, Json(out)).into_response();
    if let (StatusCode::CREATED, Ok(location)) = (status, location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Record many logs
///
/// `{"logs": […]}` or a JSON list with up to 1,000 items, NDJSON or CSV with up to 10,000 lines and 32 MiB
/// (unpacked). Each item gets a verdict; the accepted ones are stored together. `atomic=true` stores all or nothing.
#[utoipa::path(post, path = "/logs/batch", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    params(("atomic" = Option<bool>, Query, description = "Store all or nothing"),
        ("dry_run" = Option<bool>, Query, description = "Store nothing; the verdicts say how each item is understood and what would become of it")),
    request_body(content((LogsIn = "application/json", example = json!({"logs": [{"kind": "scan", "order": "88213"}, {"kind": "scan", "order": "88214"}]})), (String = "application/x-ndjson"), (String = "text/csv"))),
    responses((status = 200, description = "With `dry_run=true`: nothing is stored", body = BatchOut), (status = 201, description = "All stored or known", body = BatchOut), (status = 207, description = "Some rejected", body = BatchOut)))]
async fn create_logs(
    tenant: Tenant<LogsWrite>,
    headers: HeaderMap,
    params: Params,
    body: Body,
) -> Answer<Response> {
    params.allow(&["atomic", "dry_run"])?;
    let manner = Manner { atomic: params.flag("atomic")?, dry_run: params.flag("dry_run")? };
    let form = Form::of(&headers)?;
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    let context = service::context(&tenant);
    let origin = service::origin(&tenant, form.source(), context.now);
    let lang = context.lang;
    let items = beside(bytes.len(), move || form.read(&bytes, &context)).await?;
    let out = service::create_batch(&tenant.app, &origin, items, manner, lang).await?;
    let status = match (out.dry_run, out.success) {
        (true, _) => StatusCode::OK,
        (false, true) => StatusCode::CREATED,
        (false, false) => StatusCode::MULTI_STATUS,
    };
    Ok((status, Json(out)).into_response())
}
