//! `/admin/search`.

use shared::lookup::LookupOut;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::service;
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{CustomersRead, Staff};
use crate::http::params::Params;
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(search_installation))
}

/// Search the installation
///
/// One box over customers (number, name, address), logs of all customers (search grammar) and the newest 20,000 rows of the
/// audit log (identifier, staff member, action): the first six of each. Who may not see logs or the audit log gets none
/// of them. A search of logs is a row of the audit log.
#[utoipa::path(get, path = "/admin/search", tag = "search", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(("q" = String, Query, description = "What is looked for", min_length = 1, max_length = 200, example = "dijk")),
    responses((status = 200, description = "What was found, by sort", body = LookupOut)))]
async fn search_installation(staff: Staff<CustomersRead>, params: Params) -> Answer<Json<LookupOut>> {
    params.allow(&["q"])?;
    service::find(&staff, &params).await.map(Json)
}
