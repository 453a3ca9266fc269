//! `/keys`.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use shared::keys::{KeyCreatedOut, KeyIn, KeyOut, KeyPatch, KeyRotateIn, KeyUsesOut, KeysOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::model::Grantor;
use super::service;
use crate::app::App;
use crate::db::Scope;
use crate::http::Json;
use crate::http::auth::{KeysManage, KeysRead, Tenant};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::problem::Answer;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_keys, create_key))
        .routes(routes!(update_key))
        .routes(routes!(rotate_key))
        .routes(routes!(revoke_key))
        .routes(routes!(list_key_uses))
}

fn created(made: KeyCreatedOut) -> impl IntoResponse {
    let location = format!("/api/v1/keys/{}", made.key.id);
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(made))
}

/// List the own keys
///
/// Newest first: all keys that work, and the latest 500 of those that do not. Secrets are never shown again.
#[utoipa::path(get, path = "/keys", tag = "keys", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:read"))),
    responses((status = 200, description = "The keys", body = KeysOut)))]
async fn list_keys(tenant: Tenant<KeysRead>) -> Answer<Json<KeysOut>> {
    service::list(&tenant.app, Scope::Customer(tenant.id()), tenant.id(), tenant.customer.plan)
        .await
        .map(Json)
}

/// Create a key
///
/// The whole key is in the answer and nowhere else. A key that creates a key can give it no scope, network, web
/// site or mode that it does not have itself.
///
/// A key with `allowed_origins` can be used by pages of these web sites from a browser; other pages are refused. Whoever
/// looks at such a page can read the key: give it `logs:write` alone and, where you can, a network.
#[utoipa::path(post, path = "/keys", tag = "keys", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:manage"))),
    request_body(content = KeyIn, example = json!({"name": "Magazijn Venlo", "scopes": ["logs:read", "logs:write"], "expires_in_days": 365})),
    responses((status = 201, description = "The key with its secret, shown once", body = KeyCreatedOut,
        headers(("Location" = String, description = "Address of the key")))))]
async fn create_key(
    tenant: Tenant<KeysManage>,
    ValidJson(input): ValidJson<KeyIn>,
) -> Answer<impl IntoResponse> {
    let by = Grantor::from(tenant.principal.as_ref());
    service::create(&tenant.app, tenant.id(), &by, input).await.map(created)
}

/// Rename a key or narrow it
///
/// A key cannot gain scopes: for more scopes, create a new key. `allowed_origins` takes the place of the web sites before.
/// Only keys that work can be changed.
#[utoipa::path(patch, path = "/keys/{id}", tag = "keys", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:manage"))),
    params(("id" = String, Path, description = "Identifier of the key", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    request_body(content = KeyPatch, example = json!({"name": "Magazijn Venlo, poort 2", "scopes": ["logs:write"]})),
    responses((status = 200, description = "The key afterwards", body = KeyOut)))]
async fn update_key(
    tenant: Tenant<KeysManage>,
    ValidPath(id): ValidPath<Uuid>,
    ValidJson(patch): ValidJson<KeyPatch>,
) -> Answer<Json<KeyOut>> {
    let by = Grantor::from(tenant.principal.as_ref());
    service::update(&tenant.app, tenant.id(), &by, &id.to_string(), patch).await.map(Json)
}

/// Replace a key
///
/// The new key has the name, mode, scopes, networks, web sites and length of life of the old one. The old one keeps
/// working for `overlap_hours`; with 0 it is revoked at once. Only an active key can be replaced.
#[utoipa::path(post, path = "/keys/{id}/rotate", tag = "keys", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:manage"))),
    params(("id" = String, Path, description = "Identifier of the key", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    request_body(content = Option<KeyRotateIn>, description = "May be left out", example = json!({"overlap_hours": 24})),
    responses((status = 201, description = "The new key with its secret, shown once", body = KeyCreatedOut,
        headers(("Location" = String, description = "Address of the new key")))))]
async fn rotate_key(
    tenant: Tenant<KeysManage>,
    ValidPath(id): ValidPath<Uuid>,
    input: Option<ValidJson<KeyRotateIn>>,
) -> Answer<impl IntoResponse> {
    let by = Grantor::from(tenant.principal.as_ref());
    let input = input.map(|ValidJson(input)| input).unwrap_or_default();
    service::rotate(&tenant.app, tenant.id(), &by, &id.to_string(), &input).await.map(created)
}

/// Revoke a key
///
/// The next request with it is refused. A key that is revoked already stays as it is.
#[utoipa::path(post, path = "/keys/{id}/revoke", tag = "keys", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:manage"))),
    params(("id" = String, Path, description = "Identifier of the key", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The key afterwards", body = KeyOut)))]
async fn revoke_key(tenant: Tenant<KeysManage>, ValidPath(id): ValidPath<Uuid>) -> Answer<Json<KeyOut>> {
    let by = Grantor::from(tenant.principal.as_ref());
    let scope = Scope::Customer(tenant.id());
    service::revoke(&tenant.app, scope, tenant.id(), &by, &id.to_string()).await.map(Json)
}

/// Who still uses a key that is being replaced
///
/// Addresses, clients and operations that the old key of a rotation is used with during its overlap, latest first, at
/// most 100 and at most a minute behind. They are forgotten when the overlap ends; of other keys nothing is noted.
#[utoipa::path(get, path = "/keys/{id}/uses", tag = "keys", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("keys:manage"))),
    params(("id" = String, Path, description = "Identifier of the key", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The uses", body = KeyUsesOut)))]
async fn list_key_uses(
    tenant: Tenant<KeysManage>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<KeyUsesOut>> {
    let by = Grantor::from(tenant.principal.as_ref());
    service::uses(&tenant.app, tenant.id(), &by, &id.to_string()).await.map(Json)
}
