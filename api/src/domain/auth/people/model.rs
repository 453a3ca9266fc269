//! What may be said about a user.

use shared::access::Role;
use shared::lang::Lang;
use shared::people::{MAX_NAME, USER_ROLES, UserIn, UserPatch};
use shared::validate::{Checks, FieldCode};

use crate::http::extract::no_faults;
use crate::http::problem::Answer;

/// Somebody to invite, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Language of mails.
    pub language: Lang,
}

fn judge_role(checks: &mut Checks, role: Role) {
    if !USER_ROLES.contains(&role) {
        let allowed = USER_ROLES.map(Role::as_str).join(", ");
        checks.fail("/role", FieldCode::OneOf, &[("actual", role.as_str().to_owned()), ("allowed", allowed)]);
    }
}

impl Wish {
    /// Checks who is to be invited.
    ///
    /// # Errors
    /// `invalid_body` with all that is wrong.
    pub fn judge(input: &UserIn, language: Lang) -> Answer<Self> {
        let mut checks = Checks::default();
        let email = checks.email("/email", &input.email);
        let name = checks.line("/name", &input.name, 1, MAX_NAME);
        judge_role(&mut checks, input.role);
        no_faults(checks)?;
        Ok(Self { email, name, role: input.role, language: input.language.unwrap_or(language) })
    }
}

/// Checks a change; gives the new name.
///
/// # Errors
/// `invalid_body` with all that is wrong.
pub fn judge_patch(patch: &UserPatch) -> Answer<Option<String>> {
    let mut checks = Checks::default();
    let name = patch.name.as_ref().map(|name| checks.line("/name", name, 1, MAX_NAME));
    if let Some(role) = patch.role {
        judge_role(&mut checks, role);
    }
    no_faults(checks)?;
    Ok(name)
}

/// What a role of the access code may be.
///
/// # Errors
/// `invalid_body`.
pub fn judge_code_role(role: Option<Role>) -> Answer<()> {
    let mut checks = Checks::default();
    if let Some(role) = role {
        judge_role(&mut checks, role);
    }
    no_faults(checks)
}

/// Words that are too easy to guess in the password of somebody (ACC-06).
#[must_use]
pub fn context(name: &str, email: &str, customer: &str) -> Vec<String> {
    let local = email.split('@').next().unwrap_or_default();
    let words = name.split_whitespace().chain(customer.split_whitespace()).chain([local]);
    words.map(str::to_owned).collect()
}
