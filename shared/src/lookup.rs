//! One box over everything that staff look for (SRCH-10).

use serde::{Deserialize, Serialize};

use crate::audit::AuditEventOut;
use crate::logs::AllLogsOut;
use crate::page::Page;
use crate::tenancy::CustomerOut;

/// Finds of each sort.
pub const LOOKUP_FINDS: i64 = 6;
/// Characters of what is looked for.
pub const MAX_LOOKUP: usize = 200;

/// What was found, by sort. A sort that the caller may not see is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookupOut {
    /// What was looked for.
    pub query: String,
    /// Customers by number or part of their name or address; the cursor is one of `GET /admin/customers`.
    pub customers: Page<CustomerOut>,
    /// Logs of all customers, newest arrival first; the cursor is one of `GET /admin/logs`.
    pub logs: Option<AllLogsOut>,
    /// Why logs were not searched: what is no query of the search grammar may still be a name.
    pub logs_fault: Option<String>,
    /// The newest rows of the audit log that were done by, to or in what was looked for, or are called so.
    pub audit: Option<Vec<AuditEventOut>>,
}
