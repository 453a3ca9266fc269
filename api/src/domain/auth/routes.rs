//! `/auth`, `/me`, `/permissions`, `/access-code`.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::access::{MATRIX, PermissionOut, PermissionsOut};
use shared::auth::{AccessCodeOut, AccountPatch, LoginIn, MeOut, PasswordIn, RotateCodeIn, TokenOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cookie;
use super::device::Device;
use super::service::{self, Browser, Issued};
use crate::app::App;
use crate::domain::tenancy;
use crate::http::Json;
use crate::http::auth::{AccountManage, Credential, Public, SignedIn, Tenant, credential};
use crate::http::extract::ValidJson;
use crate::http::limits;
use crate::http::problem::Answer;

/// Routes of the area; sign-in is limited per client.
pub fn router(limited: bool) -> OpenApiRouter<App> {
    let mut sign_in = OpenApiRouter::new().routes(routes!(create_session)).routes(routes!(refresh_session));
    if let Some(limit) = limited.then(limits::sign_in).flatten() {
        sign_in = sign_in.layer(limit);
    }
    OpenApiRouter::new()
        .merge(sign_in)
        .routes(routes!(delete_session))
        .routes(routes!(get_me, update_me))
        .routes(routes!(change_password))
        .routes(routes!(list_permissions))
        .routes(routes!(rotate_access_code))
}

fn with_cookie(issued: Issued) -> Response {
    let cookie = cookie::set(&issued.refresh, issued.cookie_seconds);
    let mut response = Json(issued.token).into_response();
    if let Some(value) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// Sign in
///
/// With an access code, with e-mail address and password (users), or with username and password (staff). The answer carries an access token
/// for ten minutes and sets the refresh token as an `HttpOnly` cookie. Every failure gets the same answer. Five failures of a network within ten
/// minutes close sign-in for it, but for devices that signed in before.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body(content = LoginIn,
    examples(("customer" = (value = json!({"access_code": "MVAI-7K3F9-2M8QX-4TR6W-H5NBD-C0JYVZ"}))), ("user" = (value = json!({"username": "sanne@bedrijf.example", "password": "een lange zin als wachtwoord"}))), ("staff" = (value = json!({"username": "admin", "password": "een lange zin als wachtwoord"}))))),
    responses((status = 200, description = "Signed in", body = TokenOut)))]
async fn create_session(
    public: Public,
    headers: HeaderMap,
    ValidJson(input): ValidJson<LoginIn>,
) -> Answer<Response> {
    let client = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(200).collect());
    let browser =
        Browser { client, former: cookie::read(&headers), device: Device::read(&headers, &public.app.keys) };
    let issued = service::sign_in(&public.app, input, &public.info, browser).await?;
    let device = issued.device.as_ref().and_then(|device| device.cookie(&public.app.keys));
    let mut response = with_cookie(issued);
    if let Some(device) = device {
        response.headers_mut().append(header::SET_COOKIE, device);
    }
    Ok(response)
}

/// Stay signed in
///
/// Exchanges the refresh cookie for a new access token and a new cookie. Using a spent cookie ends the session.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", security(("refresh_cookie" = [])),
    responses((status = 200, description = "New tokens", body = TokenOut)))]
async fn refresh_session(public: Public, headers: HeaderMap) -> Answer<Response> {
    cookie::same_site_only(&headers, public.app.config.public_url.as_deref())?;
    let mut response = match service::refresh(&public.app, cookie::read(&headers)).await {
        Ok(issued) => return Ok(with_cookie(issued)),
        Err(problem) if problem.code.status() == 401 => problem.into_response(),
        Err(problem) => return Err(problem),
    };
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear());
    Ok(response)
}

/// Sign out
///
/// Ends the session of the refresh cookie and of the access token, whichever is sent.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", security((), ("refresh_cookie" = []), ("bearer" = [])),
    responses((status = 204, description = "Signed out")))]
async fn delete_session(public: Public, headers: HeaderMap) -> Answer<Response> {
    cookie::same_site_only(&headers, public.app.config.public_url.as_deref())?;
    let token = match credential(&headers, None) {
        Ok(Credential::Token(token)) => Some(token),
        Ok(Credential::Key(_)) | Err(_) => None,
    };
    service::sign_out(&public.app, cookie::read(&headers), token).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie::clear());
    response.headers_mut().insert("clear-site-data", axum::http::HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// Who am I
///
/// The caller with role, customer and permissions.
#[utoipa::path(get, path = "/me", tag = "auth", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The caller", body = MeOut)))]
async fn get_me(caller: SignedIn) -> Json<MeOut> {
    Json(service::me(&caller.principal))
}

/// Change the own account
///
/// Language and time zone of the customer.
#[utoipa::path(patch, path = "/me", tag = "auth", security(("bearer" = [])), extensions(("x-permission" = json!("account:manage"))),
    request_body(content = AccountPatch, example = json!({"language": "en"})),
    responses((status = 200, description = "The caller afterwards", body = MeOut)))]
async fn update_me(
    tenant: Tenant<AccountManage>,
    ValidJson(patch): ValidJson<AccountPatch>,
) -> Answer<Json<MeOut>> {
    let customer = tenancy::service::update_account(&tenant.app, tenant.id(), patch).await?;
    let mut principal = (*tenant.principal).clone();
    principal.customer = Some(customer);
    Ok(Json(service::me(&principal)))
}

/// Replace the own password
///
/// For users and staff, who have one. Other sessions of the same person end.
#[utoipa::path(post, path = "/me/password", tag = "auth", security(("bearer" = [])),
    request_body(content = PasswordIn, example = json!({"current_password": "het oude wachtwoord", "new_password": "vier woorden op een rij"})),
    responses((status = 204, description = "Replaced")))]
async fn change_password(caller: SignedIn, ValidJson(input): ValidJson<PasswordIn>) -> Answer<StatusCode> {
    service::change_password(&caller.app, &caller.principal, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Roles and permissions
///
/// The matrix that every operation is guarded with. Deny is the default.
#[utoipa::path(get, path = "/permissions", tag = "auth", security(()),
    responses((status = 200, description = "The matrix", body = PermissionsOut)))]
async fn list_permissions(_public: Public) -> Json<PermissionsOut> {
    let rows = MATRIX.iter().map(|grant| PermissionOut {
        permission: grant.permission,
        roles: grant.roles.to_vec(),
        scope: grant.scope,
    });
    Json(PermissionsOut { permissions: rows.collect() })
}

/// Replace the own access code
///
/// The new code is in the answer and nowhere else. Sessions made with the old code end.
#[utoipa::path(post, path = "/access-code/rotate", tag = "auth", security(("bearer" = [])), extensions(("x-permission" = json!("account:manage"))),
    request_body(content = RotateCodeIn, example = json!({"overlap_hours": 0})),
    responses((status = 200, description = "The new code, shown once", body = AccessCodeOut)))]
async fn rotate_access_code(
    tenant: Tenant<AccountManage>,
    ValidJson(input): ValidJson<RotateCodeIn>,
) -> Answer<Json<AccessCodeOut>> {
    service::rotate_code(&tenant.app, tenant.id(), input.overlap_hours).await.map(Json)
}
