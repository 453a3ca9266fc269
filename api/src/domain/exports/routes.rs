//! Taking logs out at once, and the records of it.

use axum::response::Response;
use shared::exports::{ExportsOut, ManifestOut};
use shared::page::Page;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{service, stream, text};
use crate::app::App;
use crate::domain::logs::service::FILTERS;
use crate::http::Json;
use crate::http::auth::{ExportRead, Tenant};
use crate::http::extract::ValidPath;
use crate::http::page::{ListKey, NextPage};
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(export_logs))
        .routes(routes!(export_json))
        .routes(routes!(list_exports))
        .routes(routes!(get_export_manifest))
        .merge(super::routes_jobs::router())
}

/// Export logs
///
/// The filtered logs as CSV, NDJSON, JSON, Excel workbook or PDF report, as they were when the export began, without a
/// limit but for the report. A workbook has local times, a new sheet after each million rows, and tells on its first
/// sheet what it holds. A report has figures, charts and the first 5,000 logs, and says how many there are.
///
/// A CSV or NDJSON that was cut can be continued: ask again with `after`, the number of the last log that arrived whole,
/// and `up_to`, the answer's `X-Export-Up-To`. What comes then has no heading and fits behind what is there. Two exports
/// of a customer run at a time; the next one waits, up to 45 seconds.
#[utoipa::path(get, path = "/logs/export", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("format" = Option<String>, Query, description = "`csv` (default), `ndjson`, `json`, `xlsx` or `pdf`", pattern = "^(csv|ndjson|json|xlsx|pdf)$"),
        ("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("dialect" = Option<String>, Query, description = "`excel-nl`: byte order mark, semicolons, local times", pattern = "^(rfc4180|excel-nl)$"),
        ("exact" = Option<bool>, Query, description = "Leave cells that begin like a formula as they are"),
        ("after" = Option<i64>, Query, description = "Continue behind the log with this number (CSV and NDJSON)", minimum = 0),
        ("up_to" = Option<i64>, Query, description = "Leave out logs with a higher number (CSV and NDJSON)", minimum = 0)),
    responses((status = 200, description = "The file", headers(("X-Export-Up-To" = i64, description = "Number of the newest log that the export looks at")),
        content((String = "text/csv"), (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/pdf")))))]
async fn export_logs(tenant: Tenant<ExportRead>, params: Params) -> Answer<Response> {
    params.allow(&[FILTERS.as_slice(), &["format", "dialect", "exact", "after", "up_to"]].concat())?;
    stream::filtered(tenant, &params).await
}

/// Export logs as one JSON document
///
/// Oldest first, up to `limit`; says when logs were left out.
#[utoipa::path(get, path = "/export/json", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("limit" = Option<u32>, Query, description = "Most logs", minimum = 1, maximum = 100_000, example = 10_000)),
    responses((status = 200, description = "The document", body = text::ExportDocument)))]
async fn export_json(tenant: Tenant<ExportRead>, params: Params) -> Answer<Response> {
    let limit = params.int("limit", 10_000, 1, 100_000)?;
    stream::document(tenant, usize::try_from(limit).unwrap_or(1)).await
}

/// List exports
///
/// Each export of the customer, streamed or by a job: who, when, filter, rows, bytes and SHA-256. The owner sees those of
/// everybody, others their own. Newest first; kept for 400 days.
#[utoipa::path(get, path = "/exports", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("limit" = Option<u32>, Query, description = "Exports on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "Position of a former page", max_length = 512)),
    responses((status = 200, description = "A page of exports", body = ExportsOut)))]
async fn list_exports(tenant: Tenant<ExportRead>, params: Params) -> Answer<Response> {
    params.allow(&["limit", "cursor"])?;
    let limit = params.int("limit", 50, 1, 1_000)?;
    let list = ListKey::new(&["exports", &tenant.id().to_string(), &tenant.principal.actor_ref()]);
    let before = list.before(&tenant.app.keys, params.get("cursor"))?;
    let runs = service::list(&tenant, &before, limit + 1).await?;
    let Page { data, next_cursor, has_more } = list.page(&tenant.app.keys, runs, limit, |run| &run.id);
    Ok(NextPage::mark(next_cursor.clone(), Json(ExportsOut { data, next_cursor, has_more })))
}

/// Manifest of an export
///
/// What a complete file holds and how to check it: filter, period, zone, rows, bytes, SHA-256, first and last log.
#[utoipa::path(get, path = "/exports/{id}/manifest", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("id" = String, Path, description = "Id of the export", max_length = 64)),
    responses((status = 200, description = "The manifest", body = ManifestOut),
        (status = 409, description = "The file is not complete", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn get_export_manifest(
    tenant: Tenant<ExportRead>,
    ValidPath(id): ValidPath<String>,
) -> Answer<Json<ManifestOut>> {
    service::manifest(&tenant, &id).await.map(Json)
}
