//! Seals: each day's logs of a customer in one digest, chained to the day before (LOG-16).

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Numbers of logs that a finding names; it counts all of them.
pub const MAX_NAMED: usize = 100;

/// The seal of a day. Digests are SHA-256 in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealOut {
    /// Its place in the chain: 1, 2, 3 …
    pub position: i64,
    /// The day of receipt in UTC, `YYYY-MM-DD`. A day without logs has no seal.
    pub day: String,
    /// Number of the first log that it covers.
    pub first_id: i64,
    /// Number of the last log that it covers.
    pub last_id: i64,
    /// Numbers that it covers, whether their logs are still there or not.
    pub logs: i64,
    /// Root of the tree over the digests of the logs.
    pub root: String,
    /// Digest of the seal before; absent for the first one.
    pub previous: Option<String>,
    /// The seal itself: digest of what stands above, of the customer and of `sealed_at`.
    pub digest: String,
    /// When it was made.
    pub sealed_at: Millis,
    /// Since when nothing of the day is kept any more but its seal.
    pub removed_at: Option<Millis>,
}

/// What verifying a seal has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SealState {
    /// Everything is as it was sealed, or was erased by somebody who is on record.
    Intact,
    /// The logs of the day were erased; the seal fits the chain, the day cannot be recomputed.
    Removed,
    /// Something was changed past the product.
    Changed,
}

impl SealState {
    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// Kind of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SealFindingKind))]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// These logs are not as they were sealed.
    LogChanged,
    /// These logs are gone and no erasure on record took them.
    LogMissing,
    /// These logs are there although they were erased, or have a number that was never given.
    LogAdded,
    /// These logs were erased or changed, and the erasure that did it is not on record.
    ErasureUnknown,
    /// Digests that are kept beside the logs do not lead to the seal.
    DigestsChanged,
    /// The seal does not fit its own digest.
    SealEdited,
    /// Seals are missing at this place; `ids` are their positions.
    SealMissing,
    /// The seal does not join the one before, or the end of the chain.
    ChainBroken,
}

impl FindingKind {
    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LogChanged => "log_changed",
            Self::LogMissing => "log_missing",
            Self::LogAdded => "log_added",
            Self::ErasureUnknown => "erasure_unknown",
            Self::DigestsChanged => "digests_changed",
            Self::SealEdited => "seal_edited",
            Self::SealMissing => "seal_missing",
            Self::ChainBroken => "chain_broken",
        }
    }
}

/// Something that was changed past the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingOut {
    /// What it is.
    pub kind: FindingKind,
    /// How many logs or seals.
    pub count: i64,
    /// The first hundred of them.
    pub ids: Vec<i64>,
}

/// What verifying a day, or a part of it, has come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealCheckOut {
    /// Place in the chain; absent for logs that are not sealed yet.
    pub position: Option<i64>,
    /// The day, where it is known.
    pub day: Option<String>,
    /// What it has come to.
    pub state: SealState,
    /// First number that was compared in this answer.
    pub first_id: i64,
    /// Last number that was compared in this answer.
    pub last_id: i64,
    /// Logs that were compared.
    pub logs: i64,
    /// Numbers whose log was erased and whose digest is kept.
    pub erased: i64,
    /// Logs of which fields were made unreadable.
    pub redacted: i64,
    /// What was changed.
    pub findings: Vec<FindingOut>,
}

/// A seal that somebody has kept elsewhere, looked for in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptSealOut {
    /// Whether the chain has it.
    pub found: bool,
    /// Its place in the chain.
    pub position: Option<i64>,
    /// Its day.
    pub day: Option<String>,
}

/// What verifying has come to, so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerificationOut {
    /// The days that were looked at in this answer, oldest first. A large day can go on in the next answer.
    pub data: Vec<SealCheckOut>,
    /// The worst of them.
    pub state: SealState,
    /// Seals in the chain.
    pub seals: i64,
    /// Logs that are not sealed yet: those of today, and yesterday's for some minutes after midnight (UTC).
    pub unsealed: i64,
    /// The newest seal. Whoever keeps it elsewhere can show later that nothing before it was written anew.
    pub newest: Option<SealOut>,
    /// Whether the chain has the seal that was asked for.
    pub kept: Option<KeptSealOut>,
    /// Position behind what was verified; absent when all is verified.
    pub next_cursor: Option<String>,
    /// Whether there is more to verify.
    pub has_more: bool,
}

/// Proof that a log stands in the seal of its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProofOut {
    /// Number of the log.
    pub id: i64,
    /// Digest of the log as it was received.
    pub leaf: String,
    /// What was mixed into the digest so that nobody can guess at erased content.
    pub salt: Option<String>,
    /// Fields of it were made unreadable: `leaf` is of the log before, and cannot be computed from what is left.
    pub redacted: bool,
    /// Its place among the logs of the day, from 0.
    pub index: Option<i64>,
    /// Digests beside the way from the log to the root, from below (RFC 9162, 2.1.3).
    pub path: Vec<String>,
    /// The seal; absent as long as the day is not sealed.
    pub seal: Option<SealOut>,
    /// Whether leaf and path lead to the root of the seal.
    pub fits: bool,
}

/// What an export says about seals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestSeals {
    /// The newest seal of the customer when the manifest was asked for.
    pub newest: Option<SealOut>,
    /// The seals that cover numbers of the export, oldest first. The newest logs may not be sealed yet.
    pub days: Vec<SealOut>,
}
