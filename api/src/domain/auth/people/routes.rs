//! `/users`, `/sessions`, and the links with which users choose a password.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::people::{
    CodeRoleIn, EndedOut, InvitationOut, LinkIn, LinkOut, LinkPasswordIn, ResetIn, SessionsOut, UserIn,
    UserOut, UserPatch, UsersOut,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::super::repo::Of;
use super::super::sessions;
use super::service;
use crate::app::App;
use crate::http::Json;
use crate::http::auth::{CustomersRead, CustomersWrite, Person, PublicForm, Staff, Tenant, UsersManage};
use crate::http::extract::{ValidJson, ValidPath, ValidPath2};
use crate::http::problem::Answer;
use crate::router::BASE;
use crate::util::ids::CustomerId;

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(get_user, update_user, delete_user))
        .routes(routes!(create_user_invitation))
        .routes(routes!(delete_user_sessions))
        .routes(routes!(update_access_code_role))
        .routes(routes!(list_sessions))
        .routes(routes!(delete_session_of_user))
        .routes(routes!(list_customer_sessions))
        .routes(routes!(delete_customer_session))
        .routes(routes!(list_my_sessions, delete_my_other_sessions))
        .routes(routes!(delete_my_session))
        .routes(routes!(check_link))
        .routes(routes!(change_password_by_link))
        .routes(routes!(create_password_reset))
}

fn created(out: InvitationOut) -> Response {
    let location = HeaderValue::from_str(&format!("{BASE}/users/{}", out.user.id));
    let mut response = (StatusCode::CREATED, Json(out)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// List users
///
/// By name, with the number that the plan has room for and what the access code may do beside an owner by name.
#[utoipa::path(get, path = "/users", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    responses((status = 200, description = "The users", body = UsersOut)))]
async fn list_users(tenant: Tenant<UsersManage>) -> Answer<Json<UsersOut>> {
    service::list(&tenant.app, &tenant.customer).await.map(Json)
}

/// Invite a user
///
/// The user gets a mail with a link that works once, for 72 hours. The link is in the answer as well, for handing it
/// over by yourself. As soon as an owner is active, the access code is no owner any more: see `code_role`.
#[utoipa::path(post, path = "/users", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    request_body(content = UserIn, example = json!({"email": "sanne@bedrijf.example", "name": "Sanne de Wit", "role": "member"})),
    responses((status = 201, description = "The user with the link", body = InvitationOut, headers(("Location" = String, description = "Address of the user")))))]
async fn create_user(tenant: Tenant<UsersManage>, ValidJson(input): ValidJson<UserIn>) -> Answer<Response> {
    service::invite(&tenant.app, &tenant.customer, &input).await.map(created)
}

/// A user
///
/// By its permanent identifier.
#[utoipa::path(get, path = "/users/{id}", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    params(("id" = String, Path, description = "Id of the user", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The user", body = UserOut)))]
async fn get_user(tenant: Tenant<UsersManage>, ValidPath(id): ValidPath<Uuid>) -> Answer<Json<UserOut>> {
    service::find(&tenant.app, tenant.id(), &id.to_string()).await.map(Json)
}

/// Change a user
///
/// Name, role, and whether the user is kept out. With another role, or out, the sessions of the user end. There is an
/// active owner, or the access code works, at all times: what would leave nobody is refused with `last_way_in`.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    params(("id" = String, Path, description = "Id of the user", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    request_body(content = UserPatch, example = json!({"role": "viewer"})),
    responses((status = 200, description = "The user afterwards", body = UserOut)))]
async fn update_user(
    tenant: Tenant<UsersManage>,
    ValidPath(id): ValidPath<Uuid>,
    ValidJson(patch): ValidJson<UserPatch>,
) -> Answer<Json<UserOut>> {
    service::update(&tenant.app, tenant.id(), &id.to_string(), &patch).await.map(Json)
}

/// Remove a user
///
/// Sessions and links end and the address becomes free. What the user did keeps the name; API keys that the user made
/// belong to the customer and keep working.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    params(("id" = String, Path, description = "Id of the user", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Removed")))]
async fn delete_user(tenant: Tenant<UsersManage>, ValidPath(id): ValidPath<Uuid>) -> Answer<StatusCode> {
    service::remove(&tenant.app, tenant.id(), &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invite a user again
///
/// For one who has not come yet. The link of before works no more.
#[utoipa::path(post, path = "/users/{id}/invitations", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    params(("id" = String, Path, description = "Id of the user", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 201, description = "The user with the new link", body = InvitationOut, headers(("Location" = String, description = "Address of the user")))))]
async fn create_user_invitation(
    tenant: Tenant<UsersManage>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Response> {
    service::invite_again(&tenant.app, &tenant.customer, &id.to_string()).await.map(created)
}

/// End the sessions of a user
///
/// Their next requests are refused; the user can sign in again.
#[utoipa::path(delete, path = "/users/{id}/sessions", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    params(("id" = String, Path, description = "Id of the user", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "How many were ended", body = EndedOut)))]
async fn delete_user_sessions(
    tenant: Tenant<UsersManage>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<EndedOut>> {
    let user = service::find(&tenant.app, tenant.id(), &id.to_string()).await?;
    let of = Of::Person(tenant.id(), &user.id);
    sessions::end_all(&tenant.app, of, sessions::current(&tenant.principal)).await.map(Json)
}

/// Set what the access code may do
///
/// Beside an active owner by name, whoever signs in with the access code has this role, or does not get in with `null`.
/// It holds for the next request of everybody who is signed in with it.
#[utoipa::path(put, path = "/access-code/role", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    request_body(content = CodeRoleIn, example = json!({"role": "member"})),
    responses((status = 200, description = "The users, as afterwards", body = UsersOut)))]
async fn update_access_code_role(
    tenant: Tenant<UsersManage>,
    ValidJson(input): ValidJson<CodeRoleIn>,
) -> Answer<Json<UsersOut>> {
    service::set_code_role(&tenant.app, tenant.id(), input).await?;
    service::list(&tenant.app, &tenant.customer).await.map(Json)
}

/// List sessions of the customer
///
/// Those of all users and of whoever signed in with the access code, the latest used first.
#[utoipa::path(get, path = "/sessions", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    responses((status = 200, description = "The sessions", body = SessionsOut)))]
async fn list_sessions(tenant: Tenant<UsersManage>) -> Answer<Json<SessionsOut>> {
    let current = sessions::current(&tenant.principal);
    sessions::list(&tenant.app, Of::Customer(tenant.id()), current).await.map(Json)
}

/// End a session of the customer
///
/// Its next request is refused.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "users", security(("bearer" = [])), extensions(("x-permission" = json!("users:manage"))),
    params(("id" = String, Path, description = "Id of the session", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Ended")))]
async fn delete_session_of_user(
    tenant: Tenant<UsersManage>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<StatusCode> {
    sessions::end_one(&tenant.app, Of::Customer(tenant.id()), &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List sessions of a customer
///
/// For staff: those of all users and of whoever signed in with the access code, the latest used first.
#[utoipa::path(get, path = "/admin/customers/{id}/sessions", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:read"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1))),
    responses((status = 200, description = "The sessions", body = SessionsOut)))]
async fn list_customer_sessions(
    staff: Staff<CustomersRead>,
    ValidPath(id): ValidPath<i64>,
) -> Answer<Json<SessionsOut>> {
    let id = CustomerId(id);
    service::exists(&staff.app, id).await?;
    sessions::list(&staff.app, Of::Customer(id), "").await.map(Json)
}

/// End a session of a customer
///
/// For staff. Its next request is refused.
#[utoipa::path(delete, path = "/admin/customers/{id}/sessions/{session_id}", tag = "tenancy", security(("bearer" = [])), extensions(("x-permission" = json!("customers:write"))),
    params(("id" = i64, Path, description = "Number of the customer", minimum = 1, example = json!(1)),
        ("session_id" = String, Path, description = "Id of the session", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Ended")))]
async fn delete_customer_session(
    staff: Staff<CustomersWrite>,
    ValidPath2(id, session): ValidPath2<i64, Uuid>,
) -> Answer<StatusCode> {
    let id = CustomerId(id);
    service::exists(&staff.app, id).await?;
    sessions::end_one(&staff.app, Of::Customer(id), &session.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the own sessions
///
/// The latest used first. People with the same access code cannot be told apart: each sees those of all of them.
#[utoipa::path(get, path = "/me/sessions", tag = "users", security(("bearer" = [])),
    responses((status = 200, description = "The sessions", body = SessionsOut)))]
async fn list_my_sessions(caller: Person) -> Answer<Json<SessionsOut>> {
    let of = Of::caller(&caller.principal)?;
    sessions::list(&caller.app, of, sessions::current(&caller.principal)).await.map(Json)
}

/// End the own sessions elsewhere
///
/// All but the one that asks.
#[utoipa::path(delete, path = "/me/sessions", tag = "users", security(("bearer" = [])),
    responses((status = 200, description = "How many were ended", body = EndedOut)))]
async fn delete_my_other_sessions(caller: Person) -> Answer<Json<EndedOut>> {
    let of = Of::caller(&caller.principal)?;
    sessions::end_all(&caller.app, of, sessions::current(&caller.principal)).await.map(Json)
}

/// End one of the own sessions
///
/// Its next request is refused. Ending the one that asks is signing out.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "users", security(("bearer" = [])),
    params(("id" = String, Path, description = "Id of the session", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 204, description = "Ended")))]
async fn delete_my_session(caller: Person, ValidPath(id): ValidPath<Uuid>) -> Answer<StatusCode> {
    let of = Of::caller(&caller.principal)?;
    sessions::end_one(&caller.app, of, &id.to_string()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom a link is for
///
/// The token is the part of the link behind `#`. Looking does not use it up.
#[utoipa::path(post, path = "/auth/links/check", tag = "auth", security(()), request_body(content = LinkIn, example = json!({"token": "AZqePF0vfECaUQ8rehw9Tg"})),
    responses((status = 200, description = "Whom it is for", body = LinkOut),
        (status = 410, description = "The link no longer works", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn check_link(form: PublicForm, ValidJson(input): ValidJson<LinkIn>) -> Answer<Json<LinkOut>> {
    service::check_link(&form.app, &input).await.map(Json)
}

/// Choose a password with a link
///
/// Of an invitation or for a new password. The link works once; all sessions of the user end. Sign in afterwards.
#[utoipa::path(post, path = "/auth/links/password", tag = "auth", security(()), request_body(content = LinkPasswordIn, example = json!({"token": "AZqePF0vfECaUQ8rehw9Tg", "new_password": "vier woorden op een rij"})),
    responses((status = 204, description = "Chosen"),
        (status = 410, description = "The link no longer works", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn change_password_by_link(
    form: PublicForm,
    ValidJson(input): ValidJson<LinkPasswordIn>,
) -> Answer<StatusCode> {
    service::use_link(&form.app, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a new password
///
/// A user with this address gets a mail with a link that works once, for 30 minutes. The answer is the same for every
/// address, and so is its time.
#[utoipa::path(post, path = "/auth/password-resets", tag = "auth", security(()), request_body(content = ResetIn, example = json!({"email": "sanne@bedrijf.example"})),
    responses((status = 202, description = "Taken")))]
async fn create_password_reset(form: PublicForm, ValidJson(input): ValidJson<ResetIn>) -> Answer<StatusCode> {
    service::ask_reset(&form.app, &input)?;
    Ok(StatusCode::ACCEPTED)
}
