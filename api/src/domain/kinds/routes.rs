//! `/kinds`: what kinds are called and what their data must look like.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use shared::kinds::{KindCheckIn, KindCheckOut, KindIn, KindOut, KindPatch, KindsOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::service::{self, Versioned};
use crate::app::App;
use crate::domain::tenancy::model::{IfMatch, etag};
use crate::http::Json;
use crate::http::auth::{KindsManage, LogsRead, Tenant};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(super::quarantine::routes::router())
        .routes(routes!(list_kinds, create_kind))
        .routes(routes!(check_kind))
        .routes(routes!(get_kind, update_kind, delete_kind))
}

fn versioned(found: Versioned) -> impl IntoResponse {
    ([(header::ETAG, etag(found.version))], Json(found.kind))
}

/// List kinds
///
/// Those that are described, by name and without the text of their schemas, and those that occur in logs alone.
#[utoipa::path(get, path = "/kinds", tag = "kinds", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    responses((status = 200, description = "The kinds", body = KindsOut)))]
async fn list_kinds(tenant: Tenant<LogsRead>) -> Answer<Json<KindsOut>> {
    service::list(&tenant.app, tenant.id()).await.map(Json)
}

/// Describe a kind
///
/// Titles, specification limits and a JSON Schema (2020-12) of `data`: the JSON of a log as it was sent and is stored.
/// With `warn` a log that does not fit is stored with a warning, with `reject` it goes to the quarantine. The schema
/// refers to itself alone, its patterns know no look-around, and `unevaluatedItems`, `unevaluatedProperties` and
/// `$dynamicRef` are refused. It acts on the next request; on other servers within a second.
#[utoipa::path(post, path = "/kinds", tag = "kinds", security(("bearer" = [])), extensions(("x-permission" = json!("kinds:manage"))),
    request_body(content = KindIn, example = json!({"name": "temperature", "title_nl": "Temperatuurmeting", "title_en": "Temperature reading", "schema": "{\"type\": \"object\", \"required\": [\"temperature_c\"], \"properties\": {\"temperature_c\": {\"type\": \"number\"}}}", "mode": "warn", "limits": [{"field": "temperature_c", "lower": 2.0, "upper": 8.0, "unit": "°C"}]})),
    responses((status = 201, description = "The kind", body = KindOut,
        headers(("Location" = String, description = "Address of the kind"), ("ETag" = String, description = "Version of the kind")))))]
async fn create_kind(
    tenant: Tenant<KindsManage>,
    ValidJson(input): ValidJson<KindIn>,
) -> Answer<impl IntoResponse> {
    let made = service::create(&tenant.app, tenant.id(), input).await?;
    let location = format!("/api/v1/kinds/{}", made.kind.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], versioned(made)))
}

/// Try a schema
///
/// How many of the newest 100 logs of a kind would not fit. Nothing is changed.
#[utoipa::path(post, path = "/kinds/check", tag = "kinds", security(("bearer" = [])), extensions(("x-permission" = json!("kinds:manage"))),
    request_body(content = KindCheckIn, example = json!({"name": "scan", "schema": "{\"required\": [\"order\"]}"})),
    responses((status = 200, description = "What the schema makes of them", body = KindCheckOut)))]
async fn check_kind(
    tenant: Tenant<KindsManage>,
    ValidJson(input): ValidJson<KindCheckIn>,
) -> Answer<Json<KindCheckOut>> {
    service::check(&tenant, input).await.map(Json)
}

/// A kind
///
/// With its schema as it was written.
#[utoipa::path(get, path = "/kinds/{id}", tag = "kinds", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("id" = String, Path, description = "Identifier of the kind", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The kind", body = KindOut,
        headers(("ETag" = String, description = "Version of the kind")))))]
async fn get_kind(tenant: Tenant<LogsRead>, ValidPath(id): ValidPath<Uuid>) -> Answer<impl IntoResponse> {
    service::find(&tenant.app, tenant.id(), &id.to_string()).await.map(versioned)
}

/// Change a kind
///
/// `If-Match` names the version that was seen. Logs keep the kind that they have, also when it gets another name.
#[utoipa::path(patch, path = "/kinds/{id}", tag = "kinds", security(("bearer" = [])), extensions(("x-permission" = json!("kinds:manage"))),
    params(("id" = String, Path, description = "Identifier of the kind", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e")),
        ("If-Match" = String, Header, description = "`ETag` of the version that was seen", max_length = 64, example = json!("\"1\""))),
    request_body(content = KindPatch, example = json!({"mode": "off"})),
    responses((status = 200, description = "The kind afterwards", body = KindOut,
        headers(("ETag" = String, description = "Version of the kind")))))]
async fn update_kind(
    tenant: Tenant<KindsManage>,
    ValidPath(id): ValidPath<Uuid>,
    headers: HeaderMap,
    ValidJson(patch): ValidJson<KindPatch>,
) -> Answer<impl IntoResponse> {
    let if_match = IfMatch::read(&headers);
    service::update(&tenant.app, tenant.id(), &id.to_string(), &if_match, patch).await.map(versioned)
}

/// Forget what is said about a kind
///
/// Its logs stay, and so do its lines in quarantine.
#[utoipa::path(delete, path = "/kinds/{id}", tag = "kinds", security(("bearer" = [])), extensions(("x-permission" = json!("kinds:manage"))),
    params(("id" = String, Path, description = "Identifier of the kind", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Forgotten")))]
async fn delete_kind(tenant: Tenant<KindsManage>, ValidPath(id): ValidPath<Uuid>) -> Answer<StatusCode> {
    service::delete(&tenant.app, tenant.id(), &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}
