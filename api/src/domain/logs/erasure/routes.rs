//! `/logs/erasures` and `/retention`: for owners alone, and closed to keys.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::erasure::{ErasureIn, ErasureOut, ErasurePreviewOut, ErasureState, RetentionIn, RetentionOut};
use shared::page::Page;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{retention, service};
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{LogsErase, LogsRead, Tenant};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_erasure_preview))
        .routes(routes!(list_erasures, create_erasure))
        .routes(routes!(get_erasure))
        .routes(routes!(get_retention, update_retention))
        .routes(routes!(delete_next_retention))
}

/// Count what an erasure would take away
///
/// The exact number of logs that fit, and the highest number that was looked at. Both are repeated when the erasure is
/// asked for.
#[utoipa::path(get, path = "/logs/erasures/preview", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    params(("q" = Option<String>, Query, description = "Search grammar", max_length = 4096, example = "driver:Jansen"),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("test" = Option<bool>, Query, description = "Logs of the test space")),
    responses((status = 200, description = "The number", body = ErasurePreviewOut)))]
async fn get_erasure_preview(tenant: Tenant<LogsErase>, params: Params) -> Answer<Json<ErasurePreviewOut>> {
    params.allow(&["q", "from", "to", "test"])?;
    service::preview(&tenant, &params).await.map(Json)
}

/// Erase logs, or fields of them
///
/// Without `fields` the logs that fit are deleted, with it these fields become `null` in them, and a message, kind or
/// external id that holds what stood there goes as well. It cannot be undone.
/// `up_to` and `expected_count` come from the preview; when another number of logs fits by now, nothing is done. The
/// logs are out of sight, and out of every figure, when the answer is 200; with 202 this takes longer and goes on by
/// itself. Removed from disk they are within a day; files of
/// exports that the server keeps are removed as well. Numbers are never given twice; an external id becomes free.
#[utoipa::path(post, path = "/logs/erasures", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    request_body(content = ErasureIn, example = json!({"q": "driver:Jansen", "up_to": 1200, "expected_count": 12, "reason": "Verzoek om verwijdering"})),
    responses((status = 200, description = "The logs are out of sight", body = ErasureOut),
        (status = 202, description = "The logs are going out of sight", body = ErasureOut,
            headers(("Location" = String, description = "Where to see how far it is")))))]
async fn create_erasure(
    tenant: Tenant<LogsErase>,
    ValidJson(input): ValidJson<ErasureIn>,
) -> Answer<Response> {
    let out = service::begin(&tenant, input).await?;
    if out.state != ErasureState::Hiding {
        return Ok(Json(out).into_response());
    }
    let location = format!("/api/v1/logs/erasures/{}", out.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(out)).into_response())
}

/// List erasures
///
/// Who erased what, by request and by retention, newest first.
#[utoipa::path(get, path = "/logs/erasures", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    params(("limit" = Option<u32>, Query, description = "Erasures on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "Position of a former page", max_length = 512)),
    responses((status = 200, description = "A page of erasures", body = Page<ErasureOut>)))]
async fn list_erasures(tenant: Tenant<LogsErase>, params: Params) -> Answer<Response> {
    params.allow(&["limit", "cursor"])?;
    let limit = usize::try_from(params.int("limit", 50, 1, 1_000)?).unwrap_or(50);
    let page = service::list(&tenant.app, tenant.id(), params.get("cursor"), limit).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// One erasure
///
/// How far it is.
#[utoipa::path(get, path = "/logs/erasures/{id}", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    params(("id" = String, Path, description = "Identifier of the erasure", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The erasure", body = ErasureOut)))]
async fn get_erasure(tenant: Tenant<LogsErase>, ValidPath(id): ValidPath<Uuid>) -> Answer<Json<ErasureOut>> {
    service::find(&tenant.app, tenant.id(), &id.to_string()).await.map(Json)
}

/// How long logs are kept
///
/// Counted from when they happened; kinds may have a time of their own. A shorter time that does not count yet says how
/// many logs it will erase.
#[utoipa::path(get, path = "/retention", tag = "logs", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    responses((status = 200, description = "The retention", body = RetentionOut)))]
async fn get_retention(tenant: Tenant<LogsRead>) -> Answer<Json<RetentionOut>> {
    retention::get(&tenant.app, tenant.id()).await.map(Json)
}

/// Choose how long logs are kept
///
/// A longer time counts at once. A shorter one counts after seven days and can be withdrawn until then; each night
/// what is older is deleted. With `kind` it is about the logs of that kind alone, which are then kept longer or shorter than
/// all others; `null` lets them go with these again.
#[utoipa::path(put, path = "/retention", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    request_body(content = RetentionIn, example = json!({"days": 730})),
    responses((status = 200, description = "The retention afterwards", body = RetentionOut)))]
async fn update_retention(
    tenant: Tenant<LogsErase>,
    ValidJson(input): ValidJson<RetentionIn>,
) -> Answer<Json<RetentionOut>> {
    retention::put(&tenant.app, tenant.id(), input).await.map(Json)
}

/// Withdraw a shorter retention
///
/// As long as it does not count yet; with `kind` the one of that kind.
#[utoipa::path(delete, path = "/retention/next", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    params(("kind" = Option<String>, Query, description = "The kind, as it stands in logs", max_length = 64, example = "scan")),
    responses((status = 200, description = "The retention afterwards", body = RetentionOut)))]
async fn delete_next_retention(tenant: Tenant<LogsErase>, params: Params) -> Answer<Json<RetentionOut>> {
    params.allow(&["kind"])?;
    retention::withdraw(&tenant.app, tenant.id(), params.text("kind", 64)?).await.map(Json)
}
