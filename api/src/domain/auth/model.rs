//! Sessions and staff as the server knows them.

use shared::access::Role;
use shared::time::Millis;

use crate::http::auth::User;
use crate::util::ids::CustomerId;

/// Whom a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Somebody of a customer, signed in by access code.
    Customer(CustomerId),
    /// A user of a customer.
    User(CustomerId, Member),
    /// A staff member.
    Staff(StaffMember),
}

/// A user of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub user: User,
    /// Role.
    pub role: Role,
    /// Whether the user may sign in.
    pub active: bool,
}

/// A staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    /// Identifier.
    pub id: String,
    /// Username.
    pub username: String,
    /// Role.
    pub role: Role,
    /// Whether the account may be used.
    pub active: bool,
    /// Whether the password must be replaced first.
    pub must_change_password: bool,
}

/// A session (one family of refresh tokens).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identifier.
    pub id: String,
    /// Whom it belongs to.
    pub subject: Subject,
    /// Which refresh token is the current one.
    pub generation: i64,
    /// When the current one was issued.
    pub rotated_at: Millis,
    /// When the session ends, whatever happens.
    pub expires_at: Millis,
    /// When it was ended.
    pub revoked_at: Option<Millis>,
    /// Why it was ended.
    pub revoke_reason: Option<String>,
}

/// Why a session ended; stored and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// Another sign-in in the same browser.
    Replaced,
    /// A spent refresh token was used: it may have been stolen.
    TokenReuse,
    /// The access code was replaced.
    CodeRotated,
    /// The customer was suspended.
    Suspended,
    /// The password was changed elsewhere.
    PasswordChanged,
    /// Somebody ended it from another device, or an owner or staff did.
    Ended,
    /// The user has another role.
    RoleChanged,
    /// The user is kept out, or was removed.
    Disabled,
}

impl Subject {
    /// The customer that it belongs to, for everybody but staff.
    #[must_use]
    pub const fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Customer(id) | Self::User(id, _) => Some(*id),
            Self::Staff(_) => None,
        }
    }

    /// Whether the account is one that may be used.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        match self {
            Self::Customer(_) => true,
            Self::User(_, member) => member.active,
            Self::Staff(member) => member.active,
        }
    }
}

impl EndReason {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
            Self::TokenReuse => "token_reuse",
            Self::CodeRotated => "code_rotated",
            Self::Suspended => "suspended",
            Self::PasswordChanged => "password_changed",
            Self::Ended => "ended",
            Self::RoleChanged => "role_changed",
            Self::Disabled => "disabled",
        }
    }
}
