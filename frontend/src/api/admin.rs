//! Customers and the installation, for staff.

use shared::auth::{AccessCodeOut, RotateCodeIn};
use shared::keys::{KeyOut, KeysOut};
use shared::page::Page;
use shared::tenancy::{
    AdminOverviewOut, CustomerCreatedOut, CustomerIn, CustomerOut, CustomerPatch, StatusChangeOut, SuspendIn,
};

use super::call::Call;
use super::client::AuthedApi;
use super::error::ApiError;
use super::params::{Params, encode};

/// The installation at a glance.
///
/// # Errors
/// See [`ApiError`].
pub async fn overview(api: &AuthedApi) -> Result<AdminOverviewOut, ApiError> {
    api.call(Call::get("/admin/overview")).await?.json()
}

/// Which customers to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerQuery {
    /// Part of the name or address.
    pub q: String,
    /// State, by its stored name.
    pub status: String,
    /// Plan, by its stored name.
    pub plan: String,
    /// Order: `name`, `-created_at` or `-logs`.
    pub sort: String,
    /// Rows on a page.
    pub limit: i64,
    /// Position to continue at.
    pub cursor: Option<String>,
}

/// One page of customers.
///
/// # Errors
/// See [`ApiError`].
pub async fn customers(api: &AuthedApi, query: &CustomerQuery) -> Result<Page<CustomerOut>, ApiError> {
    let params = Params::new()
        .with("q", &query.q)
        .with("status", &query.status)
        .with("plan", &query.plan)
        .with("sort", &query.sort)
        .with_int("limit", query.limit)
        .with_some("cursor", query.cursor.as_deref())
        .finish();
    api.call(Call::get(format!("/admin/customers{params}"))).await?.json()
}

/// Creates a customer; the answer holds the access code for the only time.
///
/// # Errors
/// See [`ApiError`].
pub async fn create_customer(api: &AuthedApi, body: &CustomerIn) -> Result<CustomerCreatedOut, ApiError> {
    api.call(Call::post("/admin/customers").json(body)).await?.json()
}

/// A resource with the version that it had.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// The resource.
    pub value: T,
    /// Its version, for `If-Match`.
    pub etag: String,
}

/// One customer with its version.
///
/// # Errors
/// See [`ApiError`].
pub async fn customer(api: &AuthedApi, id: i64) -> Result<Versioned<CustomerOut>, ApiError> {
    let answer = api.call(Call::get(format!("/admin/customers/{id}"))).await?;
    Ok(Versioned { value: answer.json()?, etag: answer.etag.unwrap_or_default() })
}

/// Changes a customer, if nobody else did in the meantime (412 otherwise).
///
/// # Errors
/// See [`ApiError`].
pub async fn update_customer(
    api: &AuthedApi,
    id: i64,
    etag: &str,
    patch: &CustomerPatch,
) -> Result<Versioned<CustomerOut>, ApiError> {
    let call = Call::patch(format!("/admin/customers/{id}")).header("If-Match", etag).json(patch);
    let answer = api.call(call).await?;
    Ok(Versioned { value: answer.json()?, etag: answer.etag.unwrap_or_default() })
}

/// Stops a customer, with a reason that its owner sees.
///
/// # Errors
/// See [`ApiError`].
pub async fn suspend(api: &AuthedApi, id: i64, reason: &str) -> Result<StatusChangeOut, ApiError> {
    let body = SuspendIn { reason: reason.to_owned() };
    api.call(Call::post(format!("/admin/customers/{id}/suspend")).json(&body)).await?.json()
}

/// Lets a suspended customer continue.
///
/// # Errors
/// See [`ApiError`].
pub async fn reactivate(api: &AuthedApi, id: i64) -> Result<StatusChangeOut, ApiError> {
    let call = Call::post(format!("/admin/customers/{id}/reactivate")).json(&serde_json::json!({}));
    api.call(call).await?.json()
}

/// Replaces the access code of a customer; the answer holds it for the only time.
///
/// # Errors
/// See [`ApiError`].
pub async fn rotate_code(api: &AuthedApi, id: i64, body: &RotateCodeIn) -> Result<AccessCodeOut, ApiError> {
    api.call(Call::post(format!("/admin/customers/{id}/rotate-code")).json(body)).await?.json()
}

/// Keys of a customer.
///
/// # Errors
/// See [`ApiError`].
pub async fn customer_keys(api: &AuthedApi, id: i64) -> Result<KeysOut, ApiError> {
    api.call(Call::get(format!("/admin/customers/{id}/keys"))).await?.json()
}

/// Ends a key of a customer at once.
///
/// # Errors
/// See [`ApiError`].
pub async fn revoke_key(api: &AuthedApi, id: i64, key_id: &str) -> Result<KeyOut, ApiError> {
    let path = format!("/admin/customers/{id}/keys/{}/revoke", encode(key_id));
    api.call(Call::post(path).json(&serde_json::json!({}))).await?.json()
}
