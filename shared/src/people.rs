//! People of a customer: users, invitations, new passwords, sessions (ACC-09, ACC-14, ACC-16).

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::lang::Lang;
use crate::time::Millis;

/// Hours that an invitation works (ACC-14).
pub const INVITATION_HOURS: i64 = 72;
/// Minutes that a link for a new password works (ACC-16).
pub const RESET_MINUTES: i64 = 30;
/// Characters of a name.
pub const MAX_NAME: usize = 120;

/// Roles that a user can have, the least first.
pub const USER_ROLES: [Role; 3] = [Role::Viewer, Role::Member, Role::Owner];

/// Whether somebody can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// Has not chosen a password yet.
    Invited,
    /// Can sign in.
    Active,
    /// Cannot, until an owner says otherwise.
    Disabled,
}

impl UserState {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Finds a state by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Invited, Self::Active, Self::Disabled].into_iter().find(|state| state.as_str() == name)
    }
}

/// A user of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserOut {
    /// Its id.
    pub id: String,
    /// E-mail address, with which the user signs in.
    pub email: String,
    /// Name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Language of mails to the user.
    pub language: Lang,
    /// Whether the user can sign in.
    pub state: UserState,
    /// Until when the invitation works, for one who has not come yet; in the past if it works no more.
    pub invited_until: Option<Millis>,
    /// When the user signed in last.
    pub last_login_at: Option<Millis>,
    /// When the user was invited.
    pub created_at: Millis,
    /// Sessions that live.
    pub sessions: i64,
}

/// The users of the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsersOut {
    /// By name.
    pub users: Vec<UserOut>,
    /// How many count: all but disabled ones.
    pub count: i64,
    /// How many the plan has room for.
    pub limit: i64,
    /// What whoever signs in with the access code may do as soon as an owner is active; nobody signs in with it then if
    /// absent. Without an active owner the access code is one.
    pub code_role: Option<Role>,
    /// Whether there is an active owner by name.
    pub has_owner: bool,
}

/// Somebody to invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserIn {
    /// E-mail address.
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: String,
    /// Name.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub name: String,
    /// `viewer`, `member` or `owner`.
    pub role: Role,
    /// Language of mails; that of the customer if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Lang>,
}

/// A change of a user; absent members stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 120))]
    pub name: Option<String>,
    /// `viewer`, `member` or `owner`; sessions of the user end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether the user is kept out; sessions end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// A user with the link of the invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationOut {
    /// The user.
    pub user: UserOut,
    /// The link, for handing over by yourself; it is in the mail as well. Works once.
    pub link: String,
    /// Until when it works.
    pub expires_at: Millis,
    /// Whether a mail is on its way: without a mail server the link has to be handed over.
    pub mailed: bool,
}

/// What the access code may do once an owner is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeRoleIn {
    /// `viewer`, `member` or `owner`; `null` if nobody is to sign in with it.
    pub role: Option<Role>,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LinkPurpose {
    /// Somebody comes in for the first time.
    Invitation,
    /// Somebody chooses a new password.
    Reset,
}

impl LinkPurpose {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }

    /// Finds a purpose by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Invitation, Self::Reset].into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// A link that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkIn {
    /// The part of the link behind `#`.
    #[cfg_attr(feature = "openapi", schema(max_length = 128))]
    pub token: String,
}

/// Whom a link is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkOut {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Name of the user.
    pub name: String,
    /// Address that the user signs in with.
    pub email: String,
    /// Name of the customer.
    pub customer: String,
    /// Until when it works.
    pub expires_at: Millis,
}

/// A password that is chosen with a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkPasswordIn {
    /// The part of the link behind `#`.
    #[cfg_attr(feature = "openapi", schema(max_length = 128))]
    pub token: String,
    /// The new password: 15 to 128 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 15, max_length = 128))]
    pub new_password: String,
}

/// Somebody who asks for a new password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetIn {
    /// E-mail address of a user.
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: String,
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionOut {
    /// Its id.
    pub id: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Who it is, for a user or staff; whoever signed in with the access code has no name.
    pub who: Option<String>,
    /// What the browser calls itself.
    pub client: Option<String>,
    /// Address at sign-in.
    pub ip_address: Option<String>,
    /// When it began.
    pub created_at: Millis,
    /// When it was used last, at most ten minutes behind.
    pub last_seen_at: Millis,
    /// When it ends by itself.
    pub expires_at: Millis,
}

/// Sessions that live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionsOut {
    /// The latest used first, 500 at most.
    pub sessions: Vec<SessionOut>,
}

/// How many sessions were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedOut {
    /// How many.
    pub ended: i64,
}
