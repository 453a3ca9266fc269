//! `/admin/logs`, for staff who may look at logs across customers.

use axum::response::Response;
use shared::logs::AllLogsOut;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::export;
use super::service::{self, Wanted};
use crate::app::App;
use crate::domain::logs::service::FILTERS;
use crate::http::Json;
use crate::http::attachment::LineForm;
use crate::http::auth::{AllLogsRead, Staff};
use crate::http::page::NextPage;
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_all_logs)).routes(routes!(export_all_logs))
}

/// List logs across customers
///
/// Newest arrival first, each with its customer; test spaces are left out. Query and filters are those of `/logs`; days in
/// them are days of the installation's time zone. A query whose words few logs have is found at once; any other one looks
/// at logs as they arrived, and a page that takes longer than two seconds is given as it is: `partial`, with a cursor that
/// continues. Each page is a row of the audit log, also of that of the customer it is narrowed to.
#[utoipa::path(get, path = "/admin/logs", tag = "logs", security(("bearer" = [])), extensions(("x-permission" = json!("all-logs:read"))),
    params(("q" = Option<String>, Query, description = "Search grammar, such as `kind:container_arrived location:Rotterdam`", max_length = 4096),
        ("customer" = Option<i64>, Query, description = "Number of a customer", minimum = 1),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("kind" = Option<String>, Query, description = "Kind", max_length = 64),
        ("level" = Option<shared::logs::Level>, Query, description = "Level"),
        ("source" = Option<String>, Query, description = "Way in", max_length = 16),
        ("ip" = Option<String>, Query, description = "Address or network of the sender", max_length = 64),
        ("limit" = Option<u32>, Query, description = "Logs on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024)),
    responses((status = 200, description = "A page of logs", body = AllLogsOut),
        (status = 404, description = "There is no customer with this number", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn list_all_logs(staff: Staff<AllLogsRead>, params: Params) -> Answer<Response> {
    params.allow(&[FILTERS.as_slice(), &["customer", "limit", "cursor"]].concat())?;
    let limit = usize::try_from(params.int("limit", 50, 1, 1_000)?).unwrap_or(1);
    let wanted = Wanted::read(&staff.app, &params, staff.info.lang).await?;
    let page = service::page(&staff.app, &wanted, params.get("cursor"), limit).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

/// Export logs across customers
///
/// The filtered logs as CSV or NDJSON, newest arrival first, without a limit: those that had arrived when the export began.
/// The customer stands first. It is a row of the audit log before the first log leaves.
///
/// A file that was cut can be continued: ask again with `after`, which is `received_at`, `customer_id` and `id` of the last
/// line that arrived whole, separated by commas. What comes then has no heading and fits behind what is there.
#[utoipa::path(get, path = "/admin/logs/export", tag = "exports", security(("bearer" = [])), extensions(("x-permission" = json!("all-logs:read"))),
    params(("format" = Option<String>, Query, description = "`csv` (default) or `ndjson`", pattern = "^(csv|ndjson)$"),
        ("q" = Option<String>, Query, description = "Search grammar", max_length = 4096),
        ("customer" = Option<i64>, Query, description = "Number of a customer", minimum = 1),
        ("from" = Option<shared::time::Millis>, Query, description = "Happened at or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Happened before"),
        ("after" = Option<String>, Query, description = "Continue behind the log with this arrival, customer and number", max_length = 64)),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 404, description = "There is no customer with this number", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn export_all_logs(staff: Staff<AllLogsRead>, params: Params) -> Answer<Response> {
    params.allow(&[FILTERS.as_slice(), &["customer", "format", "after"]].concat())?;
    let form = params.choice("format", &LineForm::CHOICES)?.unwrap_or_default();
    let after = export::after(&params)?;
    let wanted = Wanted::read(&staff.app, &params, staff.info.lang).await?;
    export::stream(&staff.app, staff.principal.clone(), wanted, form, after).await
}
