//! `/usage`.

use shared::usage::AccountUsageOut;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{AnalyticsRead, Tenant};
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_usage))
}

/// Use of the own account
///
/// Logs, calls and storage of the running calendar month against what the plan includes. Calls count at once; the
/// figures are those of live logs and live keys, whoever asks.
#[utoipa::path(get, path = "/usage", tag = "usage", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("analytics:read"))),
    responses((status = 200, description = "The use of this month", body = AccountUsageOut)))]
async fn get_usage(tenant: Tenant<AnalyticsRead>, params: Params) -> Answer<Json<AccountUsageOut>> {
    params.allow(&[])?;
    service::account(&tenant).await.map(Json)
}
