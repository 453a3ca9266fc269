//! `/usage`: what was used of the plan, and what that saved.

use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use shared::savings::{SavingsIn, SavingsOut};
use shared::usage::{AccountUsageOut, UsageDaysOut, UsageHistoryOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{history, savings, service};
use crate::app::App;
use crate::domain::tenancy::model::{IfMatch, etag};
use crate::http::Json;
use crate::http::auth::{AccountManage, AnalyticsRead, Tenant};
use crate::http::extract::ValidJson;
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_usage))
        .routes(routes!(list_usage_months))
        .routes(routes!(list_usage_days))
        .routes(routes!(get_savings, update_savings))
}

/// Use of the own account
///
/// Logs, calls and storage of the running calendar month against what the plan includes. Calls count at once; the
/// figures are those of live logs and live keys, whoever asks.
#[utoipa::path(get, path = "/usage", tag = "usage", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    responses((status = 200, description = "The use of this month", body = AccountUsageOut)))]
async fn get_usage(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<AccountUsageOut>> {
    params.allow(&[])?;
    service::account(&tenant).await.map(Json)
}

/// Use by month
///
/// Logs, calls and exports of each calendar month, the running one first, a year back at most. Limits are not
/// repeated: the plan may have been another.
#[utoipa::path(get, path = "/usage/months", tag = "usage", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    responses((status = 200, description = "The months", body = UsageHistoryOut)))]
async fn list_usage_months(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<UsageHistoryOut>> {
    params.allow(&[])?;
    history::months(&tenant).await.map(Json)
}

/// Use of a month by day
///
/// Logs received on each local day of a month, up to now. Days count the logs that are still there; the figure of the
/// month stays as it was counted.
#[utoipa::path(get, path = "/usage/days", tag = "usage", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("period" = String, Query, description = "The month, `YYYY-MM`", pattern = r"^\d{4}-\d{2}$", example = "2026-10")),
    responses((status = 200, description = "The days", body = UsageDaysOut)))]
async fn list_usage_days(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<UsageDaysOut>> {
    let period = params.allow(&["period"])?.get("period").unwrap_or_default();
    history::month(&tenant, period).await.map(Json)
}

fn versioned(found: SavingsOut) -> impl IntoResponse {
    ([(header::ETAG, etag(found.version))], Json(found))
}

/// Hours saved
///
/// Searches and exports of people in the running calendar month and the one before, times the minutes that each saves
/// by the customer's own account, against the price of the plan. Without such an account there are no hours. Searches
/// are at most a minute behind.
#[utoipa::path(get, path = "/usage/savings", tag = "usage", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    responses((status = 200, description = "What was saved", body = SavingsOut,
        headers(("ETag" = String, description = "Version of the assumptions")))))]
async fn get_savings(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<impl IntoResponse> {
    params.allow(&[])?;
    savings::get(&tenant).await.map(versioned)
}

/// Say what a search and an export save
///
/// In whole minutes; what is absent does not count. `If-Match` names the version that was seen.
#[utoipa::path(put, path = "/usage/savings", tag = "usage", security(("bearer" = [])), extensions(("x-permission" = json!("account:manage"))),
    params(("If-Match" = String, Header, description = "`ETag` of the version that was seen", max_length = 64, example = json!("\"0\""))),
    request_body(content = SavingsIn, example = json!({"minutes_per_search": 4, "minutes_per_export": 30})),
    responses((status = 200, description = "What was saved, by the new assumptions", body = SavingsOut,
        headers(("ETag" = String, description = "Version of the assumptions")))))]
async fn update_savings(
    tenant: Tenant<AccountManage>,
    headers: HeaderMap,
    ValidJson(input): ValidJson<SavingsIn>,
) -> Answer<impl IntoResponse> {
    let if_match = IfMatch::read(&headers);
    savings::put(&tenant, &if_match, input).await.map(versioned)
}
