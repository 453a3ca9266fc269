//! `/searches`: history and saved searches; what is looked for most.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use shared::searches::{
    AllSearchesOut, HistoryOut, SavedSearchIn, SavedSearchOut, SavedSearchPatch, SavedSearchesOut,
    SearchPatternsOut,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::service::{self, Versioned};
use crate::app::App;
use crate::domain::tenancy::model::{IfMatch, etag};
use crate::http::Json;
use crate::http::auth::{AnalyticsRead, CustomersRead, LogsRead, SearchesRead, SearchesWrite, Staff, Tenant};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_past_searches, delete_past_searches))
        .routes(routes!(list_saved_searches, create_saved_search))
        .routes(routes!(get_saved_search, update_saved_search, delete_saved_search))
        .routes(routes!(get_search_patterns))
        .routes(routes!(get_all_searches))
}

fn versioned(found: Versioned) -> impl IntoResponse {
    ([(header::ETAG, etag(found.version))], Json(found.search))
}

/// Latest searches
///
/// Of the caller, each query once, newest first, at most 20 from the last 90 days. Sessions by access code share them.
#[utoipa::path(get, path = "/searches/history", tag = "search", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    responses((status = 200, description = "The searches", body = HistoryOut)))]
async fn list_past_searches(tenant: Tenant<LogsRead>) -> Answer<Json<HistoryOut>> {
    service::history(&tenant).await.map(Json)
}

/// Forget the latest searches
///
/// Of the caller.
#[utoipa::path(delete, path = "/searches/history", tag = "search", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    responses((status = 204, description = "Forgotten")))]
async fn delete_past_searches(tenant: Tenant<LogsRead>) -> Answer<StatusCode> {
    service::clear_history(&tenant).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List saved searches
///
/// One's own and those that others share, by name.
#[utoipa::path(get, path = "/searches", tag = "search", security(("bearer" = [])), extensions(("x-permission" = json!("searches:read"))),
    responses((status = 200, description = "The searches", body = SavedSearchesOut)))]
async fn list_saved_searches(tenant: Tenant<SearchesRead>) -> Answer<Json<SavedSearchesOut>> {
    service::list_saved(&tenant).await.map(Json)
}

/// Save a search
///
/// The query must be readable. The plan limits how many a customer keeps.
#[utoipa::path(post, path = "/searches", tag = "search", security(("bearer" = [])), extensions(("x-permission" = json!("searches:write"))),
    request_body(content = SavedSearchIn, example = json!({"name": "Afkeur in Venlo", "q": "result:AFKEUR location:Venlo", "shared": true})),
    responses((status = 201, description = "The search", body = SavedSearchOut,
        headers(("Location" = String, description = "Address of the search"), ("ETag" = String, description = "Version of the search")))))]
async fn create_saved_search(
    tenant: Tenant<SearchesWrite>,
    ValidJson(input): ValidJson<SavedSearchIn>,
) -> Answer<impl IntoResponse> {
    let made = service::create_saved(&tenant, &input).await?;
    let location = format!("/api/v1/searches/{}", made.search.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], versioned(made)))
}

/// A saved search
///
/// One's own, or one that somebody shares.
#[utoipa::path(get, path = "/searches/{id}", tag = "search", security(("bearer" = [])), extensions(("x-permission" = json!("searches:read"))),
    params(("id" = String, Path, description = "Identifier of the search", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The search", body = SavedSearchOut,
        headers(("ETag" = String, description = "Version of the search")))))]
async fn get_saved_search(
    tenant: Tenant<SearchesRead>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<impl IntoResponse> {
    service::find_saved(&tenant, &id.to_string()).await.map(versioned)
}

/// Change a saved search
///
/// One's own; `If-Match` names the version that was seen.
#[utoipa::path(patch, path = "/searches/{id}", tag = "search", security(("bearer" = [])), extensions(("x-permission" = json!("searches:write"))),
    params(("id" = String, Path, description = "Identifier of the search", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e")),
        ("If-Match" = String, Header, description = "`ETag` of the version that was seen", max_length = 64, example = json!("\"1\""))),
    request_body(content = SavedSearchPatch, example = json!({"shared": false})),
    responses((status = 200, description = "The search afterwards", body = SavedSearchOut,
        headers(("ETag" = String, description = "Version of the search")))))]
async fn update_saved_search(
    tenant: Tenant<SearchesWrite>,
    ValidPath(id): ValidPath<Uuid>,
    headers: HeaderMap,
    ValidJson(patch): ValidJson<SavedSearchPatch>,
) -> Answer<impl IntoResponse> {
    let if_match = IfMatch::read(&headers);
    service::update_saved(&tenant, &id.to_string(), &if_match, patch).await.map(versioned)
}

/// Forget a saved search
///
/// One's own.
#[utoipa::path(delete, path = "/searches/{id}", tag = "search", security(("bearer" = [])), extensions(("x-permission" = json!("searches:write"))),
    params(("id" = String, Path, description = "Identifier of the search", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Forgotten")))]
async fn delete_saved_search(
    tenant: Tenant<SearchesWrite>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<StatusCode> {
    service::delete_saved(&tenant, &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is looked for
///
/// The most frequent queries of the customer, those that found nothing, and how long searching took.
#[utoipa::path(get, path = "/analytics/searches", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("days" = Option<u32>, Query, description = "How many days back from now", minimum = 1, maximum = 90, example = 30)),
    responses((status = 200, description = "The figures", body = SearchPatternsOut)))]
async fn get_search_patterns(
    tenant: Tenant<AnalyticsRead>,
    params: Params,
) -> Answer<Json<SearchPatternsOut>> {
    params.allow(&["days"])?;
    service::patterns(&tenant, params.int("days", 30, 1, 90)?).await.map(Json)
}

/// How much is searched
///
/// Over all customers, without their queries; nothing is shown while fewer than five of them search.
#[utoipa::path(get, path = "/admin/searches", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(("days" = Option<u32>, Query, description = "How many days back from now", minimum = 1, maximum = 90, example = 30)),
    responses((status = 200, description = "The figures", body = AllSearchesOut)))]
async fn get_all_searches(staff: Staff<CustomersRead>, params: Params) -> Answer<Json<AllSearchesOut>> {
    params.allow(&["days"])?;
    service::over_all(&staff.app, params.int("days", 30, 1, 90)?).await.map(Json)
}
