//! Asks each area for what it knows of what was typed.

use shared::access::Permission;
use shared::logs::AllLogsOut;
use shared::lookup::{LOOKUP_FINDS, LookupOut, MAX_LOOKUP};
use shared::problem::Code;

use crate::domain::logs::across::service::{self as across, Wanted};
use crate::domain::tenancy::model::CustomerFilter;
use crate::domain::{audit, tenancy};
use crate::http::auth::{CustomersRead, Staff};
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};

/// What staff find; of logs and audit log only who may see them.
///
/// # Errors
/// `missing_query`, `invalid_parameter`, or what the database says.
pub async fn find(staff: &Staff<CustomersRead>, params: &Params) -> Answer<LookupOut> {
    let app = &staff.app;
    let q = params.get("q").map(str::trim).ok_or_else(|| Problem::new(Code::MissingQuery))?;
    if q.chars().count() > MAX_LOOKUP || q.chars().any(char::is_control) {
        return Err(invalid("q", &format!("1 – {MAX_LOOKUP}")));
    }
    let filter =
        CustomerFilter { q: Some(q.to_lowercase()), limit: LOOKUP_FINDS, ..CustomerFilter::default() };
    let customers = tenancy::service::list(app, &filter, None).await?;
    let (logs, logs_fault) =
        if staff.principal.may(Permission::AllLogsRead) { logs(staff, params).await? } else { (None, None) };
    let audit = if staff.principal.may(Permission::AllAuditRead) {
        Some(audit::service::search(app, q, LOOKUP_FINDS).await?)
    } else {
        None
    };
    Ok(LookupOut { query: q.to_owned(), customers, logs, logs_fault, audit })
}

/// The newest logs that match, or why they were not searched.
async fn logs(staff: &Staff<CustomersRead>, params: &Params) -> Answer<(Option<AllLogsOut>, Option<String>)> {
    match Wanted::read(&staff.app, params, staff.info.lang).await {
        Ok(wanted) => {
            let limit = usize::try_from(LOOKUP_FINDS).unwrap_or_default();
            Ok((Some(across::page(&staff.app, &wanted, None, limit).await?), None))
        }
        Err(problem) if problem.code == Code::InvalidQuery => {
            Ok((None, Some(problem.detail(staff.info.lang))))
        }
        Err(problem) => Err(problem),
    }
}
