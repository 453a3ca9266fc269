//! `/quarantine`: lines that did not fit, correcting and storing them.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::kinds::{QuarantinedOut, QuarantinedState, ReplayIn, ReplayManyIn, ReplayManyOut};
use shared::logs::LogCreatedOut;
use shared::page::Page;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::repo::Filter;
use super::{replay, service};
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{Caller, LogsErase, LogsRead, LogsWrite, Tenant};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::Answer;
use crate::util::ids::Space;

/// Routes of the quarantine.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_quarantine))
        .routes(routes!(replay_quarantine))
        .routes(routes!(get_quarantined, delete_quarantined))
        .routes(routes!(replay_quarantined))
}

/// List lines in quarantine
///
/// The newest first, without their data. A line is kept for 30 days; the same line again counts up.
#[utoipa::path(get, path = "/quarantine", tag = "kinds", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("kind" = Option<String>, Query, description = "Kind", max_length = 64),
        ("state" = Option<QuarantinedState>, Query, description = "State"),
        ("test" = Option<bool>, Query, description = "Lines of the test space; keys see their own space"),
        ("limit" = Option<u32>, Query, description = "Lines on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "Position of a former page", max_length = 512)),
    responses((status = 200, description = "A page of lines", body = Page<QuarantinedOut>)))]
async fn list_quarantine(tenant: Tenant<LogsRead>, params: Params) -> Answer<Response> {
    params.allow(&["kind", "state", "test", "limit", "cursor"])?;
    let limit = usize::try_from(params.int("limit", 50, 1, 1_000)?).unwrap_or(50);
    let states = QuarantinedState::ALL.map(|state| (state.as_str(), state));
    let filter = Filter { kind: params.text("kind", 64)?, state: params.choice("state", &states)? };
    let test = params.flag("test")?;
    let is_key = matches!(tenant.principal.caller, Caller::Key { .. });
    let space = if is_key { tenant.space() } else { Space::of(test) };
    let page = service::list(&tenant, space, filter, params.get("cursor"), limit).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// A line in quarantine
///
/// With its data, as long as nothing was decided about it.
#[utoipa::path(get, path = "/quarantine/{id}", tag = "kinds", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("id" = String, Path, description = "Identifier of the line", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The line", body = QuarantinedOut)))]
async fn get_quarantined(
    tenant: Tenant<LogsRead>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<QuarantinedOut>> {
    service::find(&tenant, &id.to_string()).await.map(Json)
}

/// Discard a line in quarantine
///
/// Its data is removed at once; that it was there stays visible until its 30 days are over.
#[utoipa::path(delete, path = "/quarantine/{id}", tag = "kinds", security(("bearer" = [])), extensions(("x-permission" = json!("logs:erase"))),
    params(("id" = String, Path, description = "Identifier of the line", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Discarded")))]
async fn delete_quarantined(tenant: Tenant<LogsErase>, ValidPath(id): ValidPath<Uuid>) -> Answer<StatusCode> {
    service::discard(&tenant, &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Store a line of the quarantine
///
/// Corrected, or as it is. It passes the schema again and is stored like any log, with the flag `quarantine_replayed`.
/// A repeated request stores nothing twice.
#[utoipa::path(post, path = "/quarantine/{id}/replay", tag = "kinds", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    params(("id" = String, Path, description = "Identifier of the line", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    request_body(content = Option<ReplayIn>, example = json!({"data": "{\"kind\": \"temperature\", \"temperature_c\": 4.2}"})),
    responses((status = 201, description = "Stored", body = LogCreatedOut, headers(("Location" = String, description = "Address of the log"))),
        (status = 200, description = "Was stored before", body = LogCreatedOut)))]
async fn replay_quarantined(
    tenant: Tenant<LogsWrite>,
    ValidPath(id): ValidPath<Uuid>,
    input: Option<ValidJson<ReplayIn>>,
) -> Answer<Response> {
    let out = replay::one(&tenant, &id.to_string(), input.map(|ValidJson(input)| input)).await?;
    if out.duplicate {
        return Ok(Json(out).into_response());
    }
    let location = HeaderValue::from_str(&format!("/api/v1/logs/{}", out.log_id));
    let mut response = (StatusCode::CREATED, Json(out)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Store all lines of a kind
///
/// As they are, the oldest first, up to 500 in one request: for after a schema was corrected. What still does not fit
/// waits on.
#[utoipa::path(post, path = "/quarantine/replay", tag = "kinds", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    request_body(content = ReplayManyIn, example = json!({"kind": "temperature"})),
    responses((status = 200, description = "What became of them", body = ReplayManyOut)))]
async fn replay_quarantine(
    tenant: Tenant<LogsWrite>,
    ValidJson(input): ValidJson<ReplayManyIn>,
) -> Answer<Json<ReplayManyOut>> {
    replay::many(&tenant, &input).await.map(Json)
}
