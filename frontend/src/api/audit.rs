//! The audit log: that of the own customer, or for staff that of everybody.

use shared::audit::{AuditCheckOut, AuditEventOut};
use shared::page::Page;

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::download::{self, Saved};
use super::error::ApiError;
use super::params::Params;

/// Which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// To what it was done, such as `key`.
    pub action: String,
    /// Kind of who did it.
    pub actor_kind: String,
    /// `ok` or `refused`.
    pub outcome: String,
    /// Number of a customer, for staff.
    pub customer: String,
}

impl AuditQuery {
    /// The parameters, as they stand in addresses.
    #[must_use]
    pub fn params(&self) -> Params {
        Params::new()
            .with("action", &self.action)
            .with("actor_kind", &self.actor_kind)
            .with("outcome", &self.outcome)
            .with("customer", &self.customer)
    }
}

const fn base(staff: bool) -> &'static str {
    if staff { "/admin/audit" } else { "/audit" }
}

/// Rows, newest first, or those behind a position.
pub fn list(
    api: &AuthedApi,
    staff: bool,
    query: &AuditQuery,
    cursor: Option<&str>,
) -> Reply<Page<AuditEventOut>> {
    let params = query.params().with_some("cursor", cursor).finish();
    api.fetch(Call::get(format!("{}{params}", base(staff))))
}

/// Has the log recomputed.
pub fn check(api: &AuthedApi, staff: bool) -> Reply<AuditCheckOut> {
    api.fetch(Call::get(format!("{}/verification", base(staff))).without_timeout())
}

/// Downloads rows as a file.
///
/// # Errors
/// See [`ApiError`].
pub async fn save(api: &AuthedApi, staff: bool, query: &AuditQuery, format: &str) -> Result<Saved, ApiError> {
    let params = query.params().with("format", format).finish();
    let call = Call::get(format!("{}/export{params}", base(staff))).without_timeout();
    download::save(api, call, &format!("audit.{format}"), &|_| ()).await
}
