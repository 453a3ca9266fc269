//! Sessions and staff as the server knows them.

use shared::access::Role;
use shared::time::Millis;

use crate::util::ids::CustomerId;

/// Whom a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A person of a customer, signed in by access code.
    Customer(CustomerId),
    /// A staff member.
    Staff(StaffMember),
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
    /// Role within the customer; for staff the role of the account counts.
    pub role: Role,
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
        }
    }
}
