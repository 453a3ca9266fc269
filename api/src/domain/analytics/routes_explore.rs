//! `/analytics/…`: figures over a period and a filter.

use shared::analytics::{
    CohortsOut, FacetsOut, FindingsOut, ForecastOut, FunnelIn, FunnelOut, GrowthOut, PatternOut, SeriesOut,
    Unit,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::explore::{Earlier, View, first_log};
use super::findings::Look;
use super::period::{DEFAULT_DAYS, Period};
use super::service;
use crate::app::App;
use crate::db::Conn;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::routes_counts::{field, fields, unit};
use crate::domain::logs::service::{self as logs, Asked, FILTERS};
use crate::http::Json;
use crate::http::auth::{AnalyticsRead, Tenant};
use crate::http::extract::ValidJson;
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;
use crate::util::zone::Zone;

/// Days in which something unusual is looked for when no period is named.
const FINDING_DAYS: i64 = 60;
/// Steps of a funnel.
const STEPS: std::ops::RangeInclusive<usize> = 2..=8;
/// Longest query of a step, in characters.
const MAX_STEP_CHARS: usize = 1_024;
/// Longest window of a funnel, in hours: a year.
const MAX_WINDOW: i64 = 8_784;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_series))
        .routes(routes!(get_pattern))
        .routes(routes!(get_growth))
        .routes(routes!(get_forecast))
        .routes(routes!(list_findings))
        .routes(routes!(list_top_values))
        .routes(routes!(get_cohorts))
        .routes(routes!(compute_funnel))
}

/// What every figure of this page is asked with.
struct Question {
    asked: Asked,
    zone: Zone,
    period: Period,
    conn: Conn,
}

impl Question {
    async fn read(tenant: &Tenant<AnalyticsRead>, params: &Params, more: &[&str], days: i64) -> Answer<Self> {
        params.allow(&[FILTERS.as_slice(), &["days", "tz"], more].concat())?;
        let zone = params.zone(tenant.customer.local())?;
        let period = Period::asked(params, &zone.zone, tenant.app.clock.now(), days)?;
        let asked = logs::asked(params, tenant.info.lang)?;
        Ok(Self { asked, zone, period, conn: service::snapshot(tenant).await? })
    }

    fn view<'a>(
        asked: &'a Asked,
        zone: &'a Zone,
        period: Period,
        tenant: &'a Tenant<AnalyticsRead>,
    ) -> View<'a> {
        let key = BookKey { customer: tenant.id(), space: tenant.space() };
        View { search: asked.search(key, &tenant.customer.zone), zone, period, now: tenant.app.clock.now() }
    }
}

/// Logs over time with comparison
///
/// By hour, day, week or month, zero-filled, beside the period before or the same weekdays a year before. A period
/// that still runs is compared up to the same moment. Without a period: the last 30 days with today.
#[utoipa::path(get, path = "/analytics/series", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("unit" = Option<Unit>, Query, description = "Length of a bucket; one that suits the period if absent"),
        ("compare" = Option<String>, Query, description = "`previous` or `year`", pattern = "^(previous|year)$"),
        ("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Beginning of the period"),
        ("to" = Option<shared::time::Millis>, Query, description = "End of the period, not included"),
        ("days" = Option<u32>, Query, description = "Instead of `from`: so many local days, the last one included", minimum = 1, maximum = 1830),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The series", body = SeriesOut)))]
async fn get_series(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<SeriesOut>> {
    let Question { asked, zone, period, mut conn } =
        Question::read(&tenant, &params, &["unit", "compare"], DEFAULT_DAYS).await?;
    let earlier = params.choice("compare", &[("previous", Earlier::Previous), ("year", Earlier::Year)])?;
    let unit = unit(&params)?;
    Question::view(&asked, &zone, period, &tenant).series(&mut conn, unit, earlier).await.map(Json)
}

/// Logs by weekday and hour
///
/// Seven days of 24 local hours, with the busiest hour and its share.
#[utoipa::path(get, path = "/analytics/pattern", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Beginning of the period"),
        ("to" = Option<shared::time::Millis>, Query, description = "End of the period, not included"),
        ("days" = Option<u32>, Query, description = "Instead of `from`: so many local days, the last one included", minimum = 1, maximum = 1830),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The pattern", body = PatternOut)))]
async fn get_pattern(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<PatternOut>> {
    let Question { asked, zone, period, mut conn } =
        Question::read(&tenant, &params, &[], DEFAULT_DAYS).await?;
    Question::view(&asked, &zone, period, &tenant).pattern(&mut conn).await.map(Json)
}

/// Growth of complete weeks and months
///
/// The last complete week beside the one before, and the last complete month likewise.
#[utoipa::path(get, path = "/analytics/growth", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The comparisons", body = GrowthOut)))]
async fn get_growth(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<GrowthOut>> {
    let Question { asked, zone, period, mut conn } =
        Question::read(&tenant, &params, &[], DEFAULT_DAYS).await?;
    Question::view(&asked, &zone, period, &tenant).growth(&mut conn).await.map(Json)
}

/// Forecast of the next four weeks
///
/// Logs per day with an 80 % interval and the error that the method would have made in the last weeks. Complete days
/// only; with fewer than 14 of them there is a reason instead.
#[utoipa::path(get, path = "/analytics/forecast", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The forecast", body = ForecastOut)))]
async fn get_forecast(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<ForecastOut>> {
    let Question { asked, zone, period, mut conn } =
        Question::read(&tenant, &params, &[], DEFAULT_DAYS).await?;
    Question::view(&asked, &zone, period, &tenant).forecast(&mut conn).await.map(Json)
}

/// What is unusual
///
/// Hours with more or fewer logs than the same hours of other weeks, gaps in what was received, clusters of outliers,
/// drifting means and rising shares of any field. Each with value, usual band, and the search that finds its logs.
/// Without a period: what began in the last 60 days.
#[utoipa::path(get, path = "/analytics/findings", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("from" = Option<shared::time::Millis>, Query, description = "Beginning of the period"),
        ("to" = Option<shared::time::Millis>, Query, description = "End of the period, not included"),
        ("days" = Option<u32>, Query, description = "Instead of `from`: so many local days, the last one included", minimum = 1, maximum = 1830),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The findings", body = FindingsOut)))]
async fn list_findings(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<FindingsOut>> {
    params.allow(&["from", "to", "days", "tz"])?;
    let zone = params.zone(tenant.customer.local())?;
    let now = tenant.app.clock.now();
    let period = Period::asked(&params, &zone.zone, now, FINDING_DAYS)?;
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let mut conn = service::snapshot(&tenant).await?;
    Look { key, zone: &zone, period, now }.findings(&mut conn).await.map(Json)
}

/// Top lists
///
/// The most frequent values of up to ten fields in a period, with share, the rest, and how many different ones there
/// are (exact up to 100,000).
#[utoipa::path(get, path = "/analytics/top", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("fields" = Option<String>, Query, description = "Fields, separated by commas", max_length = 1024, example = "kind,ip,location"),
        ("limit" = Option<u32>, Query, description = "Values of each field", minimum = 1, maximum = 100, example = 10),
        ("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Beginning of the period"),
        ("to" = Option<shared::time::Millis>, Query, description = "End of the period, not included"),
        ("days" = Option<u32>, Query, description = "Instead of `from`: so many local days, the last one included", minimum = 1, maximum = 1830),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The lists", body = FacetsOut)))]
async fn list_top_values(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<FacetsOut>> {
    let Question { asked, zone, period, mut conn } =
        Question::read(&tenant, &params, &["fields", "limit"], DEFAULT_DAYS).await?;
    let (names, limit) = fields(&params)?;
    Question::view(&asked, &zone, period, &tenant).top(&mut conn, &names, limit).await.map(Json)
}

/// Cohorts of a field
///
/// The values of a field by the month of their first log, and how many were seen again in later months. Without a
/// period: all logs.
#[utoipa::path(get, path = "/analytics/cohorts", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    params(("field" = Option<String>, Query, description = "The field, such as `carrier`; the kind if absent", min_length = 1, max_length = 128, example = "carrier"),
        ("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Beginning of the period"),
        ("to" = Option<shared::time::Millis>, Query, description = "End of the period, not included"),
        ("days" = Option<u32>, Query, description = "Instead of `from`: so many local days, the last one included", minimum = 1, maximum = 1830),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The cohorts", body = CohortsOut)))]
async fn get_cohorts(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<CohortsOut>> {
    let Question { asked, zone, mut period, mut conn } =
        Question::read(&tenant, &params, &["field"], DEFAULT_DAYS).await?;
    let name = field(params.get("field").unwrap_or("kind"), "field")?;
    if params.get("from").is_none() {
        let view = Question::view(&asked, &zone, period, &tenant);
        period.from = first_log(&view.search, &mut conn, view.now).await?.min(period.from);
    }
    Question::view(&asked, &zone, period, &tenant).cohorts(&mut conn, name).await.map(Json)
}

/// A funnel
///
/// Two to eight searches in order, tied together by the value of a field: how many came from step to step within a
/// window, how long they took, and who stopped where.
#[utoipa::path(post, path = "/analytics/funnel", tag = "analytics", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    request_body(content = FunnelIn, example = json!({"field": "order", "window_hours": 48,
        "steps": [{"q": "kind:pallet_shipped"}, {"q": "kind:container_arrived"}]})),
    responses((status = 200, description = "The steps", body = FunnelOut)))]
async fn compute_funnel(
    tenant: Tenant<AnalyticsRead>,
    params: Params,
    ValidJson(asked): ValidJson<FunnelIn>,
) -> Answer<Json<FunnelOut>> {
    params.allow(&[])?;
    if !STEPS.contains(&asked.steps.len()) {
        return Err(invalid("steps", "2 – 8"));
    }
    if asked.steps.iter().any(|step| !(1..=MAX_STEP_CHARS).contains(&step.q.trim().chars().count())) {
        return Err(invalid("steps", &format!("q: 1 – {MAX_STEP_CHARS}")));
    }
    if !(1..=MAX_WINDOW).contains(&asked.window_hours) {
        return Err(invalid("window_hours", &format!("1 – {MAX_WINDOW}")));
    }
    field(&asked.field, "field")?;
    let zone = tenant.customer.local();
    let now = tenant.app.clock.now();
    let period = Period::between(asked.from, asked.to, &zone.zone, now, DEFAULT_DAYS)?;
    let all = logs::asked(&params, tenant.info.lang)?;
    let mut conn = service::snapshot(&tenant).await?;
    Question::view(&all, &zone, period, &tenant).funnel(&mut conn, &asked, tenant.info.lang).await.map(Json)
}
