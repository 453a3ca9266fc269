//! `/requests` and `/analytics/performance`.

use axum::response::Response;
use shared::requests::{FIGURE_DAYS, PerformanceOut, RequestsOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Filter, MAX_ROUTE};
use super::service::{self, Asked};
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{AnalyticsRead, KeysRead, Tenant};
use crate::http::page::NextPage;
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;

/// Word for people in the web app where a key could stand.
const PEOPLE: &str = "people";

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_requests)).routes(routes!(get_performance))
}

/// Latest API requests
///
/// The last 1,000 requests with keys of the customer, of at most 7 days, newest first; requests with a key that was
/// revoked, expired or used from a foreign network too, with the reason. Neither bodies nor values of parameters are
/// kept. Requests are in the list at once; on an installation of several servers those of the others follow within
/// half a minute. A test key sees requests of test keys.
#[utoipa::path(get, path = "/requests", tag = "usage", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:read"))),
    params(
        ("key_id" = Option<String>, Query, description = "Identifier of a key", max_length = 64, example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e")),
        ("status" = Option<String>, Query, description = "Class of the status", pattern = "^[245]xx$", example = json!("4xx")),
        ("route" = Option<String>, Query, description = "Part of the path of the operation", max_length = 200, example = json!("/logs")),
        ("method" = Option<String>, Query, description = "HTTP method", pattern = "^(GET|POST|PUT|PATCH|DELETE)$", example = json!("POST")),
        ("after" = Option<String>, Query, description = "Answered after this instant", format = "date-time", example = json!("2026-11-22T08:00:00Z")),
        ("before" = Option<String>, Query, description = "Answered before this instant", format = "date-time", example = json!("2026-11-22T09:00:00Z")),
        ("limit" = Option<i64>, Query, description = "Rows on a page; 50 if absent", minimum = 1, maximum = 1000, example = json!(50)),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024),
    ),
    responses((status = 200, description = "A page of requests", body = RequestsOut)))]
async fn list_requests(tenant: Tenant<KeysRead>, params: Params) -> Answer<Response> {
    let filter = Filter::read(&params)?;
    let page = service::list(&tenant, &filter, params.get("cursor")).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// Speed and errors of the own requests
///
/// Percentiles of the time until answers began, and the share of answers from 400 on: in all, by operation, by key and
/// by local day. Percentiles are those of the nearest rank in buckets, at most 5 % off; percentiles are never averaged.
/// A p95 needs 20 answers, a p99 100, a rate 30. People in the web app count as one sender, test keys do not count.
/// Figures are at most a minute behind.
#[utoipa::path(get, path = "/analytics/performance", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(
        ("days" = Option<u32>, Query, description = "Local days up to now, the running one included", minimum = 1, maximum = 90, example = 30),
        ("key_id" = Option<String>, Query, description = "Identifier of a key, or `people`", max_length = 64, example = json!("people")),
        ("route" = Option<String>, Query, description = "Method and path of one operation", max_length = 200, example = json!("GET /api/v1/logs/{id}")),
    ),
    responses((status = 200, description = "The figures", body = PerformanceOut)))]
async fn get_performance(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<PerformanceOut>> {
    params.allow(&["days", "key_id", "route"])?;
    let days = params.int("days", 30, 1, FIGURE_DAYS)?;
    let key = params.get("key_id").map(|key| if key == PEOPLE { "" } else { key });
    if key.is_some_and(|key| !key.is_empty() && uuid::Uuid::parse_str(key).is_err()) {
        return Err(invalid("key_id", "UUID, people"));
    }
    service::performance(&tenant, &Asked { days, key, route: params.text("route", MAX_ROUTE)? })
        .await
        .map(Json)
}
