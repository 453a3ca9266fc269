//! API keys of a customer.

use serde::{Deserialize, Serialize};

use crate::access::Scope;
use crate::time::Millis;

/// What a key writes to: real data or the customer's test space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyMode {
    /// Real data.
    #[default]
    Live,
    /// The test space: own numbering, in no figure.
    Test,
}

impl KeyMode {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// State of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyStatus {
    /// Works.
    Active,
    /// Replaced; works until its overlap ends.
    Rotating,
    /// Past its expiry or overlap.
    Expired,
    /// Revoked by a person.
    Revoked,
}

/// A new key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyIn {
    /// Name, 1 to 80 characters, unique among the customer's working keys.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80, example = "Magazijn Venlo"))]
    pub name: String,
    /// Live or test; live if absent.
    #[serde(default)]
    pub mode: KeyMode,
    /// Scopes; the five default ones if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 8))]
    pub scopes: Option<Vec<Scope>>,
    /// Days until the key expires, 1 to 3,650; 365 if absent, 0 for a key without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3650, example = 365))]
    pub expires_in_days: Option<u32>,
    /// Networks (CIDR) that may use the key; everywhere if absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, example = json!(["203.0.113.0/24"])))]
    pub cidrs: Option<Vec<String>>,
    /// Web sites whose pages may use the key from a browser, as exact origins; none if absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, example = json!(["https://www.example.com"])))]
    pub allowed_origins: Option<Vec<String>>,
}

/// What may be changed of a key: its name, scopes taken away, and the web sites that may use it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyPatch {
    /// New name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: Option<String>,
    /// Scopes that remain; each must be one that the key has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 8))]
    pub scopes: Option<Vec<Scope>>,
    /// Web sites whose pages may use the key from now on, in place of those before; none if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50, example = json!(["https://www.example.com"])))]
    pub allowed_origins: Option<Vec<String>>,
}

/// How a rotation treats the old key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyRotateIn {
    /// Hours that the old key keeps working: 0, 1, 24 (default), 168 or 720.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 720, example = 24))]
    pub overlap_hours: Option<u32>,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyOut {
    /// Identifier of the key.
    pub id: String,
    /// Beginning and end of the key with `…` between; never the whole.
    pub key_value: String,
    /// Name.
    pub name: String,
    /// Live or test.
    pub mode: KeyMode,
    /// State.
    pub status: KeyStatus,
    /// Whether it works at this moment.
    pub is_active: bool,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Networks that may use it; empty for everywhere.
    pub cidrs: Vec<String>,
    /// Web sites whose pages may use it from a browser; empty for none.
    pub allowed_origins: Vec<String>,
    /// When it was created.
    pub created_at: Millis,
    /// Version of the API that it was made for, and that answers it unless `MVAI-Version` asks for another.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-01"))]
    pub api_version: String,
    /// When it expires.
    pub expires_at: Option<Millis>,
    /// When the overlap of a rotated key ends.
    pub overlap_until: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
    /// Key that this one replaces.
    pub rotated_from: Option<String>,
    /// Last use, at most a minute behind.
    pub last_used_at: Option<Millis>,
    /// Address of the last use.
    pub last_used_ip: Option<String>,
    /// Operation of the last use.
    pub last_used_route: Option<String>,
    /// Requests made with it, at most a minute behind.
    pub usage_count: i64,
}

/// A new key with its secret, which is shown exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyCreatedOut {
    /// The key.
    #[serde(flatten)]
    pub key: KeyOut,
    /// The secret; never shown again.
    pub api_key: String,
}

/// The keys of a customer, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeysOut {
    /// The keys.
    pub keys: Vec<KeyOut>,
    /// How many.
    pub count: usize,
    /// Keys that the plan allows to be active at the same time.
    pub limit: i64,
}

/// Uses of a key that are shown; of more, the latest.
pub const MAX_USES: usize = 100;

/// Somebody who still uses a key that is being replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyUseOut {
    /// Address.
    #[cfg_attr(feature = "openapi", schema(example = "203.0.113.7"))]
    pub ip: Option<String>,
    /// What the sender calls itself (`User-Agent`), at most 120 characters.
    #[cfg_attr(feature = "openapi", schema(example = "python-requests/2.32"))]
    pub client: Option<String>,
    /// Operation.
    #[cfg_attr(feature = "openapi", schema(example = "POST /api/v1/logs"))]
    pub route: String,
    /// When it was last used that way, at most a minute behind.
    pub last_used_at: Millis,
    /// How often since the key is being replaced.
    pub times: i64,
}

/// Who still uses a key that is being replaced; forgotten when its overlap ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyUsesOut {
    /// Identifier of the key.
    pub key_id: String,
    /// State of the key; uses are noted while it is `rotating`.
    pub status: KeyStatus,
    /// When the overlap ends.
    pub overlap_until: Option<Millis>,
    /// The uses, latest first.
    pub uses: Vec<KeyUseOut>,
    /// Whether there were more than are shown.
    pub truncated: bool,
}
