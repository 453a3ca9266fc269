//! Signing in, staying in, and who one is.

use serde::{Deserialize, Serialize};

use crate::access::{Permission, Role};
use crate::lang::Lang;
use crate::tenancy::{CustomerStatus, Plan};
use crate::time::Millis;

/// Credentials: either an access code, or a username with a password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginIn {
    /// Access code of a customer; case, spaces and hyphens do not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 128))]
    pub access_code: Option<String>,
    /// E-mail address of a user, or username of a staff member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 128))]
    pub username: Option<String>,
    /// Password of the user or staff member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 512))]
    pub password: Option<String>,
}

/// A session's access token; the refresh token travels in an `HttpOnly` cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenOut {
    /// JWT for the `Authorization` header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Life of the token in seconds.
    pub expires_in: u32,
    /// When the session ends, whatever happens.
    pub session_expires_at: Millis,
    /// Who signed in.
    pub me: MeOut,
}

/// The caller as the product knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeOut {
    /// Role of the caller.
    pub role: Role,
    /// Name on screen: the user, the customer for its access code, the key or the staff member.
    pub name: String,
    /// E-mail address, for a user by name.
    pub email: Option<String>,
    /// The customer, for everybody but staff.
    pub customer: Option<MeCustomer>,
    /// Username, for staff.
    pub username: Option<String>,
    /// Whether the password has to be replaced before anything else (staff with a one-time password).
    pub must_change_password: bool,
    /// What the caller may do.
    pub permissions: Vec<Permission>,
    /// When the session ends; absent for keys.
    pub session_expires_at: Option<Millis>,
}

/// The customer of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeCustomer {
    /// Number of the customer.
    pub id: i64,
    /// Name of the customer.
    pub name: String,
    /// Contact address.
    pub contact_email: String,
    /// State of the customer.
    pub status: CustomerStatus,
    /// Why it is not `active`.
    pub status_reason: Option<String>,
    /// Plan of the customer.
    pub plan: Plan,
    /// Language of the customer.
    pub language: Lang,
    /// IANA time zone of the customer.
    pub time_zone: String,
}

/// What the caller may change of the own account; absent members stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// Language of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Lang>,
    /// IANA time zone of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub time_zone: Option<String>,
    /// Whether searches are remembered; `false` forgets those of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search_history: Option<bool>,
}

/// A new password of the signed-in user or staff member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PasswordIn {
    /// The password in use.
    #[cfg_attr(feature = "openapi", schema(max_length = 512))]
    pub current_password: String,
    /// The new one: 15 to 128 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 15, max_length = 128))]
    pub new_password: String,
}

/// How a rotation treats the old secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct RotateCodeIn {
    /// Hours that the old code keeps working, 0 to 72.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 72))]
    pub overlap_hours: u32,
}

/// A secret that is shown exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessCodeOut {
    /// The access code; never shown again.
    pub access_code: String,
    /// Until when the former code keeps working.
    pub previous_valid_until: Option<Millis>,
}
