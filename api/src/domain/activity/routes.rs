//! `/admin/analytics`: how the product is used, for staff. Nothing of what customers record or look for is in it.

use axum::response::Response;
use shared::activity::{CustomerActivityPage, CustomerCohortsOut, ProductOut, VISIT_DAYS};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::domain::tenancy::model::CustomerFilter;
use crate::http::Json;
use crate::http::auth::{CustomersRead, Staff};
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_product_figures))
        .routes(routes!(list_customer_activity))
        .routes(routes!(list_customer_cohorts))
}

/// How the product is used
///
/// People per day, week (7 days) and month (30 days) with at least one action; live API keys in use beside them; mean
/// DAU ÷ MAU over the 30 complete days before today; use of each part by the share of the active customers; searches,
/// calls, sign-ins; how long visits are. An action is a successful request that a person asked for; what the web app
/// fetches by itself is none. People who share an access code cannot be told apart and count as one. Days are those of
/// the installation's zone; figures are at most a minute behind.
#[utoipa::path(get, path = "/admin/analytics/product", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(("days" = Option<u32>, Query, description = "Local days up to now, the running one included", minimum = 1, maximum = 90, example = 30)),
    responses((status = 200, description = "The figures", body = ProductOut)))]
async fn get_product_figures(staff: Staff<CustomersRead>, params: Params) -> Answer<Json<ProductOut>> {
    params.allow(&["days"])?;
    service::product(&staff.app, params.int("days", 30, 1, VISIT_DAYS)?).await.map(Json)
}

/// Customers by the month in which they began
///
/// Of those that began in one month, how many were active in it and in each later month: with at least one action of a
/// person or request of a live API key. Two years back; months before activity was recorded have no value, the running one
/// and the one in which recording began are provisional. Months are those of the installation's zone.
#[utoipa::path(get, path = "/admin/analytics/cohorts", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    responses((status = 200, description = "The cohorts", body = CustomerCohortsOut)))]
async fn list_customer_cohorts(
    staff: Staff<CustomersRead>,
    params: Params,
) -> Answer<Json<CustomerCohortsOut>> {
    params.allow(&[])?;
    service::cohorts(&staff.app).await.map(Json)
}

/// What customers do
///
/// Of each customer sign-ins, parts of the product that were used, active days and last activity; never content. One
/// page, by name. Figures are at most a minute behind.
#[utoipa::path(get, path = "/admin/analytics/customers", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(
        ("days" = Option<u32>, Query, description = "Local days up to now, the running one included", minimum = 1, maximum = 90, example = 30),
        ("q" = Option<String>, Query, description = "Part of the name or e-mail address, or the number", max_length = 200, example = json!("dijk")),
        ("limit" = Option<i64>, Query, description = "Rows on a page; 50 if absent", minimum = 1, maximum = 1000, example = json!(50)),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024),
    ),
    responses((status = 200, description = "A page of customers", body = CustomerActivityPage)))]
async fn list_customer_activity(staff: Staff<CustomersRead>, params: Params) -> Answer<Response> {
    params.allow(&["days", "q", "limit", "cursor"])?;
    let days = params.int("days", 30, 1, VISIT_DAYS)?;
    let filter = CustomerFilter::read(&params.without("days"))?;
    let page = service::customers(&staff.app, &filter, params.get("cursor"), days).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}
