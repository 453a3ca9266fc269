//! Customers and the installation, for staff.

use shared::activity::{CustomerActivityPage, CustomerCohortsOut, ProductOut};
use shared::auth::{AccessCodeOut, RotateCodeIn};
use shared::keys::{KeyOut, KeysOut};
use shared::logs::AllLogsOut;
use shared::lookup::LookupOut;
use shared::page::Page;
use shared::tenancy::{
    AdminOverviewOut, CustomerCreatedOut, CustomerIn, CustomerOut, CustomerPatch, StatusChangeOut, SuspendIn,
};

use super::call::{Answer, Call, Reply};
use super::client::AuthedApi;
use super::download::{self, Saved};
use super::params::{Params, encode};

/// The installation at a glance.
pub fn overview(api: &AuthedApi) -> Reply<AdminOverviewOut> {
    api.fetch(Call::get("/admin/overview"))
}

/// How the product is used.
pub fn product(api: &AuthedApi, days: &str) -> Reply<ProductOut> {
    api.fetch(Call::get(format!("/admin/analytics/product{}", Params::new().with("days", days).finish())))
}

/// Customers by the month in which they began.
pub fn cohorts(api: &AuthedApi) -> Reply<CustomerCohortsOut> {
    api.fetch(Call::get("/admin/analytics/cohorts"))
}

/// What customers do: a page of them.
pub fn activity(api: &AuthedApi, days: &str, cursor: Option<&str>) -> Reply<CustomerActivityPage> {
    let params = Params::new().with("days", days).with_some("cursor", cursor).finish();
    api.fetch(Call::get(format!("/admin/analytics/customers{params}")))
}

/// Which logs of all customers to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllLogsQuery {
    /// Query in the search grammar.
    pub q: String,
    /// Number of a customer; empty for all.
    pub customer: String,
}

impl AllLogsQuery {
    /// The parameters, as they stand in addresses.
    #[must_use]
    pub fn params(&self) -> Params {
        Params::new().with("q", &self.q).with("customer", &self.customer)
    }
}

/// Logs of all customers, newest arrival first, or those behind a position.
pub fn logs(api: &AuthedApi, query: &AllLogsQuery, cursor: Option<&str>) -> Reply<AllLogsOut> {
    api.fetch(Call::get(format!("/admin/logs{}", query.params().with_some("cursor", cursor).finish())))
}

/// Downloads logs of all customers as a file.
pub fn save_logs(api: AuthedApi, query: &AllLogsQuery, format: &'static str) -> Reply<Saved> {
    let params = query.params().with("format", format).finish();
    let call = Call::get(format!("/admin/logs/export{params}")).without_timeout();
    Box::pin(async move { download::save(&api, call, &format!("logs.{format}"), &|_| ()).await })
}

/// What is found of what somebody types, by sort.
pub fn lookup(api: &AuthedApi, q: &str) -> Reply<LookupOut> {
    api.fetch(Call::get(format!("/admin/search{}", Params::new().with("q", q).finish())))
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
pub fn customers(api: &AuthedApi, query: &CustomerQuery) -> Reply<Page<CustomerOut>> {
    let params = Params::new()
        .with("q", &query.q)
        .with("status", &query.status)
        .with("plan", &query.plan)
        .with("sort", &query.sort)
        .with_int("limit", query.limit)
        .with_some("cursor", query.cursor.as_deref())
        .finish();
    api.fetch(Call::get(format!("/admin/customers{params}")))
}

/// Creates a customer; the answer holds the access code for the only time.
pub fn create_customer(api: &AuthedApi, body: &CustomerIn) -> Reply<CustomerCreatedOut> {
    api.fetch(Call::post("/admin/customers").json(body))
}

/// A resource with the version that it had.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// The resource.
    pub value: T,
    /// Its version, for `If-Match`.
    pub etag: String,
}

/// Reads a customer with its version.
fn versioned(answer: Reply<Answer>) -> Reply<Versioned<CustomerOut>> {
    Box::pin(async move {
        let answer = answer.await?;
        Ok(Versioned { value: answer.json()?, etag: answer.etag.unwrap_or_default() })
    })
}

/// One customer with its version.
pub fn customer(api: &AuthedApi, id: i64) -> Reply<Versioned<CustomerOut>> {
    versioned(api.call(Call::get(format!("/admin/customers/{id}"))))
}

/// Changes a customer, if nobody else did in the meantime (412 otherwise).
pub fn update_customer(
    api: &AuthedApi,
    id: i64,
    etag: &str,
    patch: &CustomerPatch,
) -> Reply<Versioned<CustomerOut>> {
    let call = Call::patch(format!("/admin/customers/{id}")).header("If-Match", etag).json(patch);
    versioned(api.call(call))
}

/// Stops a customer, with a reason that its owner sees.
pub fn suspend(api: &AuthedApi, id: i64, reason: &str) -> Reply<StatusChangeOut> {
    let body = SuspendIn { reason: reason.to_owned() };
    api.fetch(Call::post(format!("/admin/customers/{id}/suspend")).json(&body))
}

/// Lets a suspended customer continue.
pub fn reactivate(api: &AuthedApi, id: i64) -> Reply<StatusChangeOut> {
    let call = Call::post(format!("/admin/customers/{id}/reactivate")).json(&serde_json::json!({}));
    api.fetch(call)
}

/// Replaces the access code of a customer; the answer holds it for the only time.
pub fn rotate_code(api: &AuthedApi, id: i64, body: &RotateCodeIn) -> Reply<AccessCodeOut> {
    api.fetch(Call::post(format!("/admin/customers/{id}/rotate-code")).json(body))
}

/// Keys of a customer.
pub fn customer_keys(api: &AuthedApi, id: i64) -> Reply<KeysOut> {
    api.fetch(Call::get(format!("/admin/customers/{id}/keys")))
}

/// Ends a key of a customer at once.
pub fn revoke_key(api: &AuthedApi, id: i64, key_id: &str) -> Reply<KeyOut> {
    let path = format!("/admin/customers/{id}/keys/{}/revoke", encode(key_id));
    api.fetch(Call::post(path).json(&serde_json::json!({})))
}
