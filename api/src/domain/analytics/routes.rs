//! `/analytics` and `/status`.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::analytics::{DailyOut, OverviewOut, StatsOut, StatusCustomer, StatusOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service::{self, Subject};
use crate::app::App;
use crate::domain::logs::service as logs;
use crate::http::Json;
use crate::http::auth::{AnalyticsRead, LogsRead, Tenant};
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_stats))
        .routes(routes!(get_stats_alias))
        .routes(routes!(list_days))
        .routes(routes!(get_overview))
        .routes(routes!(get_status))
        .merge(super::routes_explore::router())
}

/// Headline figures
///
/// Total, first and last log, today and this week, each with the fair comparison up to the same moment.
#[utoipa::path(get, path = "/analytics/stats", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64, example = "Europe/Amsterdam")),
    responses((status = 200, description = "The figures", body = StatsOut)))]
async fn get_stats(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<StatsOut>> {
    stats(&tenant, &params).await
}

/// Headline figures (former address)
///
/// The same as `/analytics/stats`.
#[utoipa::path(get, path = "/analytics", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    responses((status = 200, description = "The figures", body = StatsOut)))]
async fn get_stats_alias(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<StatsOut>> {
    stats(&tenant, &params).await
}

async fn stats(tenant: &Tenant<AnalyticsRead>, params: &Params) -> Answer<Json<StatsOut>> {
    let zone = params.zone(tenant.customer.local())?;
    let mut conn = service::snapshot(tenant).await?;
    let subject =
        Subject { customer: tenant.id(), space: tenant.space(), zone: &zone, now: tenant.app.clock.now() };
    subject.stats(&mut conn).await.map(Json)
}

/// Logs per day
///
/// Oldest first, zero-filled, the running day last and marked `partial`.
#[utoipa::path(get, path = "/analytics/daily", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("days" = Option<u32>, Query, description = "How many days", minimum = 1, maximum = 365, example = 30),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The days", body = DailyOut)))]
async fn list_days(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<DailyOut>> {
    let days = params.int("days", 30, 1, 365)?;
    let zone = params.zone(tenant.customer.local())?;
    let mut conn = service::snapshot(&tenant).await?;
    let subject =
        Subject { customer: tenant.id(), space: tenant.space(), zone: &zone, now: tenant.app.clock.now() };
    subject.daily(&mut conn, days).await.map(Json)
}

/// The whole dashboard
///
/// Headline figures, days, use of the plan and newest logs from one snapshot. `ETag` and `If-None-Match` save the
/// answer when nothing changed.
#[utoipa::path(get, path = "/analytics/overview", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("days" = Option<u32>, Query, description = "How many days", minimum = 1, maximum = 365, example = 30)),
    responses((status = 200, description = "The dashboard", body = OverviewOut), (status = 304, description = "Nothing changed")))]
async fn get_overview(tenant: Tenant<AnalyticsRead>, headers: HeaderMap, params: Params) -> Answer<Response> {
    params.allow(&["days"])?;
    let days = params.int("days", 30, 1, 365)?;
    let mut conn = service::snapshot(&tenant).await?;
    let book = logs::book(&mut conn, tenant.id(), tenant.space()).await?;
    let state = format!("{}.{}", book.seq, book.edits);
    // Comparisons move with the clock: a minute is fine enough for them.
    let minute = tenant.app.clock.now().0 / 60_000;
    let (plan, zone) = (tenant.customer.plan.as_str(), tenant.customer.time_zone.replace('/', "."));
    let etag = format!("\"{state}-{minute}-{days}-{plan}-{zone}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = Json(service::overview(&tenant, &mut conn, days).await?).into_response();
    if let Ok(value) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, value);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    Ok(response)
}

/// Summary of the own account
///
/// The customer with its headline figures.
#[utoipa::path(get, path = "/status", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    responses((status = 200, description = "Customer and figures", body = StatusOut)))]
async fn get_status(tenant: Tenant<LogsRead>) -> Answer<Json<StatusOut>> {
    let mut conn = service::snapshot(&tenant).await?;
    let zone = tenant.customer.local();
    let subject =
        Subject { customer: tenant.id(), space: tenant.space(), zone: &zone, now: tenant.app.clock.now() };
    let customer = &tenant.customer;
    Ok(Json(StatusOut {
        customer: StatusCustomer {
            id: customer.id.0,
            name: customer.name.clone(),
            status: customer.status,
            created_at: customer.created_at,
        },
        stats: subject.stats(&mut conn).await?,
    }))
}
