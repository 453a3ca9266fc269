//! Users of the customer, sessions, and the links with which users choose a password.

use shared::people::{
    CodeRoleIn, EndedOut, InvitationOut, LinkIn, LinkOut, LinkPasswordIn, ResetIn, SessionsOut, UserIn,
    UserOut, UserPatch, UsersOut,
};

use super::call::{Call, Reply};
use super::client::{AuthedApi, PublicApi};
use super::error::ApiError;
use super::params::encode;

/// Whose sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One's own.
    Mine,
    /// Everybody's of the own customer.
    Customer,
    /// Everybody's of a customer, for staff.
    Of(i64),
}

impl Whose {
    fn path(self) -> String {
        match self {
            Self::Mine => "/me/sessions".to_owned(),
            Self::Customer => "/sessions".to_owned(),
            Self::Of(id) => format!("/admin/customers/{id}/sessions"),
        }
    }
}

/// The users.
pub fn users(api: &AuthedApi) -> Reply<UsersOut> {
    api.fetch(Call::get("/users"))
}

/// Invites somebody.
pub fn invite(api: &AuthedApi, user: &UserIn) -> Reply<InvitationOut> {
    api.fetch(Call::post("/users").json(user))
}

/// Invites somebody again.
pub fn invite_again(api: &AuthedApi, id: &str) -> Reply<InvitationOut> {
    api.fetch(Call::post(format!("/users/{}/invitations", encode(id))).json(&serde_json::json!({})))
}

/// Changes a user.
pub fn update(api: &AuthedApi, id: &str, patch: &UserPatch) -> Reply<UserOut> {
    api.fetch(Call::patch(format!("/users/{}", encode(id))).json(patch))
}

/// Removes a user.
///
/// # Errors
/// See [`ApiError`].
pub async fn remove(api: &AuthedApi, id: &str) -> Result<(), ApiError> {
    api.call(Call::delete(format!("/users/{}", encode(id)))).await.map(drop)
}

/// Sets what the access code may do.
pub fn set_code_role(api: &AuthedApi, role: CodeRoleIn) -> Reply<UsersOut> {
    api.fetch(Call::put("/access-code/role").json(&role))
}

/// Sessions that live.
pub fn sessions(api: &AuthedApi, whose: Whose) -> Reply<SessionsOut> {
    api.fetch(Call::get(whose.path()))
}

/// Ends a session.
///
/// # Errors
/// See [`ApiError`].
pub async fn end_session(api: &AuthedApi, whose: Whose, id: &str) -> Result<(), ApiError> {
    api.call(Call::delete(format!("{}/{}", whose.path(), encode(id)))).await.map(drop)
}

/// Ends the own sessions elsewhere.
pub fn end_others(api: &AuthedApi) -> Reply<EndedOut> {
    api.fetch(Call::delete("/me/sessions"))
}

/// Whom a link is for.
pub fn check_link(api: &PublicApi, token: String) -> Reply<LinkOut> {
    api.fetch(Call::post("/auth/links/check").json(&LinkIn { token }))
}

/// Chooses a password with a link.
///
/// # Errors
/// See [`ApiError`].
pub async fn choose_password(api: &PublicApi, chosen: &LinkPasswordIn) -> Result<(), ApiError> {
    api.call(Call::post("/auth/links/password").json(chosen)).await.map(drop)
}

/// Asks for a new password.
///
/// # Errors
/// See [`ApiError`].
pub async fn ask_reset(api: &PublicApi, email: String) -> Result<(), ApiError> {
    api.call(Call::post("/auth/password-resets").json(&ResetIn { email })).await.map(drop)
}
