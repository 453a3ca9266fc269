//! `/admin`: customers and the installation, for staff. Log content is never in it.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::auth::{AccessCodeOut, RotateCodeIn};
use shared::keys::{KeyOut, KeysOut};
use shared::page::Page;
use shared::tenancy::{
    AdminOverviewOut, CustomerCreatedOut, CustomerIn, CustomerOut, CustomerPatch, StatusChangeOut, SuspendIn,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::model::{CustomerFilter, IfMatch, Versioned, etag};
use super::{export, service};
use crate::app::App;
use crate::domain::keys::model::Grantor;
use crate::http::Json;
use crate::http::auth::{CustomerKeysRevoke, CustomersRead, CustomersWrite, Staff};
use crate::http::extract::{ValidJson, ValidPath, ValidPath2};
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::Answer;
use crate::util::ids::CustomerId;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_admin_overview))
        .routes(routes!(list_customers, create_customer))
        .routes(routes!(export_customers))
        .routes(routes!(get_customer, update_customer))
        .routes(routes!(suspend_customer))
        .routes(routes!(reactivate_customer))
        .routes(routes!(rotate_customer_code))
        .routes(routes!(list_customer_keys))
        .routes(routes!(revoke_customer_key))
}

fn versioned(found: Versioned) -> impl IntoResponse {
    ([(header::ETAG, etag(found.version))], Json(found.customer))
}

/// The installation at a glance
///
/// Customers by state, logs per day of the last 30 days over all customers, the most active and the newest
/// customers. Days are those of the installation's time zone; logs count in the hour in which they occurred, so
/// `logs_last_24h` is the running hour and the 23 before it.
#[utoipa::path(get, path = "/admin/overview", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    responses((status = 200, description = "The figures", body = AdminOverviewOut)))]
async fn get_admin_overview(staff: Staff<CustomersRead>) -> Answer<Json<AdminOverviewOut>> {
    service::overview(&staff.app).await.map(Json)
}

/// List customers
///
/// One page, by name unless another order is asked for.
#[utoipa::path(get, path = "/admin/customers", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name or e-mail address, or the number", max_length = 200, example = json!("dijk")),
        ("status" = Option<shared::tenancy::CustomerStatus>, Query, description = "State"),
        ("plan" = Option<shared::tenancy::Plan>, Query, description = "Plan"),
        ("sort" = Option<String>, Query, description = "Order: `name` (default), `-created_at` or `-logs`", pattern = "^(name|-created_at|-logs)$", example = json!("-created_at")),
        ("limit" = Option<i64>, Query, description = "Rows on a page; 50 if absent", minimum = 1, maximum = 1000, example = json!(50)),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024),
    ),
    responses((status = 200, description = "A page of customers", body = Page<CustomerOut>)))]
async fn list_customers(staff: Staff<CustomersRead>, params: Params) -> Answer<Response> {
    let filter = CustomerFilter::read(&params)?;
    let page = service::list(&staff.app, &filter, params.get("cursor")).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// Create a customer
///
/// The access code is in the answer and nowhere else. Names are unique without regard to case.
#[utoipa::path(post, path = "/admin/customers", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    request_body(content = CustomerIn, example = json!({"name": "Van Dijk Transport BV", "contact_email": "planning@vandijk.example", "plan": "mkb"})),
    responses((status = 201, description = "The customer with its access code, shown once", body = CustomerCreatedOut,
        headers(("Location" = String, description = "Address of the customer")))))]
async fn create_customer(
    staff: Staff<CustomersWrite>,
    ValidJson(input): ValidJson<CustomerIn>,
) -> Answer<impl IntoResponse> {
    let (customer, access_code) = service::create(&staff.app, input, false).await?;
    let location = format!("/api/v1/admin/customers/{}", customer.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(CustomerCreatedOut { customer, access_code }),
    ))
}

/// Export customers
///
/// All customers that fit, as CSV, with their figures. It is a row of the audit log.
#[utoipa::path(get, path = "/admin/customers/export", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    params(
        ("q" = Option<String>, Query, description = "Part of the name or e-mail address, or the number", max_length = 200, example = json!("dijk")),
        ("status" = Option<shared::tenancy::CustomerStatus>, Query, description = "State"),
        ("plan" = Option<shared::tenancy::Plan>, Query, description = "Plan"),
        ("sort" = Option<String>, Query, description = "Order: `name` (default), `-created_at` or `-logs`", pattern = "^(name|-created_at|-logs)$"),
    ),
    responses((status = 200, description = "The file", content((String = "text/csv")))))]
async fn export_customers(staff: Staff<CustomersWrite>, params: Params) -> Answer<Response> {
    params.allow(&["q", "status", "plan", "sort"])?;
    export::stream(&staff.app, CustomerFilter::read(&params)?).await
}

/// Get a customer
///
/// The `ETag` names the version that a change is made to. Figures move without a new version.
#[utoipa::path(get, path = "/admin/customers/{id}", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1))),
    responses((status = 200, description = "The customer", body = CustomerOut, headers(("ETag" = String, description = "Version")))))]
async fn get_customer(
    staff: Staff<CustomersRead>,
    ValidPath(id): ValidPath<i64>,
) -> Answer<impl IntoResponse> {
    service::find(&staff.app, CustomerId(id)).await.map(versioned)
}

/// Change a customer
///
/// Absent members stay, `null` clears. `If-Match` must name the version that was fetched (428 without it); if
/// somebody else has changed the customer since, the answer is 412 and nothing is changed.
#[utoipa::path(patch, path = "/admin/customers/{id}", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1)),
        ("If-Match" = String, Header, description = "`ETag` of the version to change", max_length = 200, example = json!("\"1\""))),
    request_body(content = CustomerPatch, example = json!({"plan": "professional", "company_info": null})),
    responses((status = 200, description = "The customer afterwards", body = CustomerOut, headers(("ETag" = String, description = "New version")))))]
async fn update_customer(
    staff: Staff<CustomersWrite>,
    ValidPath(id): ValidPath<i64>,
    headers: HeaderMap,
    ValidJson(patch): ValidJson<CustomerPatch>,
) -> Answer<impl IntoResponse> {
    service::update(&staff.app, CustomerId(id), &IfMatch::read(&headers), &patch).await.map(versioned)
}

/// Suspend a customer
///
/// Sessions end, keys are refused, data stays. The owner sees the reason.
#[utoipa::path(post, path = "/admin/customers/{id}/suspend", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1))),
    request_body(content = SuspendIn, example = json!({"reason": "invoice 2026-014 unpaid"})),
    responses((status = 200, description = "What it did", body = StatusChangeOut)))]
async fn suspend_customer(
    staff: Staff<CustomersWrite>,
    ValidPath(id): ValidPath<i64>,
    ValidJson(input): ValidJson<SuspendIn>,
) -> Answer<Json<StatusChangeOut>> {
    service::suspend(&staff.app, CustomerId(id), &input).await.map(Json)
}

/// Reactivate a customer
///
/// For suspended and read-only customers. Keys work again; people sign in anew.
#[utoipa::path(post, path = "/admin/customers/{id}/reactivate", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1))),
    responses((status = 200, description = "What it did", body = StatusChangeOut)))]
async fn reactivate_customer(
    staff: Staff<CustomersWrite>,
    ValidPath(id): ValidPath<i64>,
) -> Answer<Json<StatusChangeOut>> {
    service::reactivate(&staff.app, CustomerId(id)).await.map(Json)
}

/// Replace the access code of a customer
///
/// The new code is in the answer and nowhere else. Sessions made with the old code end.
#[utoipa::path(post, path = "/admin/customers/{id}/rotate-code", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1))),
    request_body(content = RotateCodeIn, example = json!({"overlap_hours": 0})),
    responses((status = 200, description = "The new code, shown once", body = AccessCodeOut)))]
async fn rotate_customer_code(
    staff: Staff<CustomersWrite>,
    ValidPath(id): ValidPath<i64>,
    ValidJson(input): ValidJson<RotateCodeIn>,
) -> Answer<Json<AccessCodeOut>> {
    service::rotate_code(&staff.app, CustomerId(id), input.overlap_hours).await.map(Json)
}

/// List the keys of a customer
///
/// Newest first: all keys that work, and the latest 500 of those that do not.
#[utoipa::path(get, path = "/admin/customers/{id}/keys", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1))),
    responses((status = 200, description = "The keys", body = KeysOut)))]
async fn list_customer_keys(
    staff: Staff<CustomersRead>,
    ValidPath(id): ValidPath<i64>,
) -> Answer<Json<KeysOut>> {
    service::keys(&staff.app, CustomerId(id)).await.map(Json)
}

/// Revoke a key of a customer
///
/// The next request with it is refused. A key that is revoked already stays as it is.
#[utoipa::path(post, path = "/admin/customers/{id}/keys/{key_id}/revoke", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customer-keys:revoke"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1)),
        ("key_id" = String, Path, description = "Identifier of the key", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The key afterwards", body = KeyOut)))]
async fn revoke_customer_key(
    staff: Staff<CustomerKeysRevoke>,
    ValidPath2(id, key): ValidPath2<i64, Uuid>,
) -> Answer<Json<KeyOut>> {
    let by = Grantor::from(staff.principal.as_ref());
    service::revoke_key(&staff.app, CustomerId(id), &by, &key.to_string()).await.map(Json)
}
