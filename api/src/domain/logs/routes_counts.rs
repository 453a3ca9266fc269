//! Counting what a search finds: over time and by value.

use shared::analytics::{FacetsOut, HistogramOut, Unit};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::BookKey;
use super::service::{self, FILTERS};
use super::{counts, finder};
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{LogsRead, Tenant};
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;

/// Most fields of one answer.
const MAX_FIELDS: usize = 10;
/// Longest name of a field, in characters.
const MAX_FIELD_CHARS: usize = 128;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_histogram)).routes(routes!(list_facets))
}

/// The unit that was asked for.
///
/// # Errors
/// `invalid_parameter` naming the units.
pub fn unit(params: &Params) -> Answer<Option<Unit>> {
    params.choice("unit", &Unit::ALL.map(|unit| (unit.as_str(), unit)))
}

/// A name of a field that can be counted.
///
/// # Errors
/// `invalid_parameter` with an example.
pub fn field<'a>(name: &'a str, parameter: &str) -> Answer<&'a str> {
    let name = name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= MAX_FIELD_CHARS && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(invalid(parameter, "kind, level, location")) }
}

/// The fields that were asked for, and how many values of each.
///
/// # Errors
/// `invalid_parameter` with what would fit.
pub fn fields(params: &Params) -> Answer<(Vec<&str>, usize)> {
    let names = params.get("fields").unwrap_or("kind,level,source");
    let names = names.split(',').map(|name| field(name, "fields")).collect::<Answer<Vec<_>>>()?;
    if names.len() > MAX_FIELDS {
        return Err(invalid("fields", &format!("1 – {MAX_FIELDS}")));
    }
    Ok((names, usize::try_from(params.int("limit", 10, 1, 100)?).unwrap_or(1)))
}

/// Logs over time
///
/// How many of the logs that a filter finds happened in each bucket of local time, zero-filled. Without `from` and
/// `to` the range is that of the filter, or of all logs. Without `unit` the finest that shows the range well.
#[utoipa::path(get, path = "/logs/histogram", tag = "search", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("q" = Option<String>, Query, description = "Search grammar", max_length = 4096, example = "result:AFKEUR"),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("kind" = Option<String>, Query, description = "Kind", max_length = 64),
        ("level" = Option<shared::logs::Level>, Query, description = "Level"),
        ("source" = Option<String>, Query, description = "Way in", max_length = 16),
        ("ip" = Option<String>, Query, description = "Address or network of the sender", max_length = 64),
        ("unit" = Option<Unit>, Query, description = "Length of a bucket"),
        ("tz" = Option<String>, Query, description = "IANA time zone; the customer's if absent", max_length = 64)),
    responses((status = 200, description = "The buckets", body = HistogramOut)))]
async fn get_histogram(tenant: Tenant<LogsRead>, params: Params) -> Answer<Json<HistogramOut>> {
    params.allow(&[FILTERS.as_slice(), &["unit", "tz"]].concat())?;
    let asked = service::asked(&params, tenant.info.lang)?;
    let zone = params.zone(tenant.customer.local())?;
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let mut conn = finder::connect(&tenant.app, key).await?;
    let search = asked.search(key, &tenant.customer.zone);
    counts::histogram(&search, &mut conn, unit(&params)?, &zone, tenant.app.clock.now()).await.map(Json)
}

/// Values of fields
///
/// The most frequent values of up to ten fields among the logs that a filter finds, each with the term that finds it.
/// A field is `kind`, `level`, `source`, `ip` or a path into the data such as `location`.
#[utoipa::path(get, path = "/logs/facets", tag = "search", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("fields" = Option<String>, Query, description = "Fields, separated by commas", max_length = 1024, example = "kind,level,location"),
        ("limit" = Option<u32>, Query, description = "Values of each field", minimum = 1, maximum = 100, example = 10),
        ("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("kind" = Option<String>, Query, description = "Kind", max_length = 64),
        ("level" = Option<shared::logs::Level>, Query, description = "Level"),
        ("source" = Option<String>, Query, description = "Way in", max_length = 16),
        ("ip" = Option<String>, Query, description = "Address or network of the sender", max_length = 64)),
    responses((status = 200, description = "The values", body = FacetsOut)))]
async fn list_facets(tenant: Tenant<LogsRead>, params: Params) -> Answer<Json<FacetsOut>> {
    params.allow(&[FILTERS.as_slice(), &["fields", "limit"]].concat())?;
    let asked = service::asked(&params, tenant.info.lang)?;
    let (names, limit) = fields(&params)?;
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let mut conn = finder::connect(&tenant.app, key).await?;
    let search = asked.search(key, &tenant.customer.zone);
    counts::facets(&search, &mut conn, &names, limit, tenant.app.clock.now()).await.map(Json)
}
