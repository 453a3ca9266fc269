//! What everybody may ask.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Readiness (documented shape).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthOut {
    /// `healthy` or `unhealthy`.
    pub status: String,
    /// `connected` or `disconnected`.
    pub database: String,
    /// Version of the program.
    pub version: String,
    /// Now.
    pub timestamp: Millis,
    /// What is wrong, when unhealthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Liveness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveOut {
    /// Always `alive`.
    pub status: String,
}
