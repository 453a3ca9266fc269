//! Erasing logs: what would go, what is going, and how long logs are kept.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Shortest time that logs are kept, in days (LOG-11).
pub const MIN_RETENTION_DAYS: i64 = 30;
/// Longest time that can be chosen, in days: ten years (LOG-11).
pub const MAX_RETENTION_DAYS: i64 = 3_653;
/// Before a shorter time takes effect there are this many days to change one's mind (LOG-11).
pub const RETENTION_NOTICE_DAYS: i64 = 7;
/// Kinds with a time of their own at most.
pub const MAX_KIND_RETENTIONS: usize = 200;
/// Logs of the test space are kept this many days (KEY-09).
pub const TEST_RETENTION_DAYS: i64 = 30;
/// Most fields that one request makes unreadable.
pub const MAX_REDACTED_FIELDS: usize = 20;

/// What an erasure would take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasurePreviewOut {
    /// Logs that fit, exactly.
    pub count: i64,
    /// Highest number that was looked at: what arrives later is not touched.
    pub up_to: i64,
    /// When the first of them happened.
    pub first_occurred_at: Option<Millis>,
    /// When the last of them happened.
    pub last_occurred_at: Option<Millis>,
}

/// Which logs to erase, as the preview counted them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ErasureIn {
    /// Search grammar; an empty text with neither `from` nor `to` means all logs.
    #[cfg_attr(feature = "openapi", schema(max_length = 4096, example = "driver:\"J. Jansen\""))]
    pub q: String,
    /// Happened at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// Happened before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Millis>,
    /// Logs of the test space instead of the live ones.
    #[serde(default)]
    pub test: bool,
    /// `up_to` of the preview.
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub up_to: i64,
    /// `count` of the preview: another number means that something has changed, and nothing is done.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub expected_count: i64,
    /// Fields to make unreadable, such as `driver.name` or `message`; left out or empty, whole logs are deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub fields: Vec<String>,
    /// Why, for the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub reason: Option<String>,
}

/// Why logs are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErasureCause {
    /// Somebody asked for it.
    Request,
    /// Logs are not kept longer.
    Retention,
    /// The test space is emptied after 30 days.
    TestSpace,
}

impl ErasureCause {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Retention => "retention",
            Self::TestSpace => "test_space",
        }
    }

    /// Finds a cause by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Request, Self::Retention, Self::TestSpace].into_iter().find(|cause| cause.as_str() == name)
    }
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// Logs are being taken out of sight.
    Hiding,
    /// Nobody sees them any more; they are being removed.
    Purging,
    /// The logs are gone; their traces in the index are removed at night.
    Cleaning,
    /// Nothing of them is left in the database.
    Done,
}

impl ErasureState {
    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hiding => "hiding",
            Self::Purging => "purging",
            Self::Cleaning => "cleaning",
            Self::Done => "done",
        }
    }

    /// Finds a state by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Hiding, Self::Purging, Self::Cleaning, Self::Done]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// An erasure: the record of who did what, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasureOut {
    /// Identifier.
    pub id: String,
    /// Why it happens.
    pub cause: ErasureCause,
    /// The search that chose the logs.
    pub q: String,
    /// Happened at or after.
    pub from: Option<Millis>,
    /// Happened before.
    pub to: Option<Millis>,
    /// Whether it is about the test space.
    pub test: bool,
    /// Highest number that was looked at.
    pub up_to: i64,
    /// Fields made unreadable; empty when whole logs were deleted.
    pub fields: Vec<String>,
    /// Why, in the words of who asked.
    pub reason: Option<String>,
    /// Who asked: a session, or the retention of the customer.
    pub actor: String,
    /// How far it is.
    pub state: ErasureState,
    /// Logs that were counted before.
    pub expected_count: i64,
    /// Logs that were erased so far.
    pub count: i64,
    /// When it was asked for.
    pub created_at: Millis,
    /// When the last of the logs went out of sight.
    pub hidden_at: Option<Millis>,
    /// When the last of the logs was removed.
    pub purged_at: Option<Millis>,
    /// When the last trace was removed.
    pub finished_at: Option<Millis>,
}

/// How long logs are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetentionOut {
    /// Days that logs are kept after they happened; absent: without limit.
    pub days: Option<i64>,
    /// A shorter time that has been chosen and does not count yet.
    pub next: Option<NextRetention>,
    /// Kinds with a time of their own, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindRetention>,
    /// Whether figures go on counting logs that were deleted because their time was over: by numbers alone.
    pub keep_totals: bool,
}

impl RetentionOut {
    /// The time of a kind, if it has one of its own or will have.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> Option<&KindRetention> {
        self.kinds.iter().find(|own| own.kind == kind)
    }
}

/// How long logs of a kind are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindRetention {
    /// Name of the kind as it stands in logs.
    pub kind: String,
    /// Days that they are kept after they happened; absent: as long as all others.
    pub days: Option<i64>,
    /// A shorter time that has been chosen and does not count yet.
    pub next: Option<NextKindRetention>,
}

/// A shorter time of a kind that takes effect later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextKindRetention {
    /// Days; absent: as long as all others.
    pub days: Option<i64>,
    /// When it takes effect.
    pub at: Millis,
    /// Logs that will go then, as far as they are known now.
    pub would_erase: i64,
}

/// A shorter time that takes effect later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextRetention {
    /// Days.
    pub days: i64,
    /// When it takes effect.
    pub at: Millis,
    /// Logs that will go then, as far as they are known now.
    pub would_erase: i64,
}

/// How long logs are to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RetentionIn {
    /// Days, 30 to 3,653; `null` keeps logs without limit, and those of a kind as long as all others. To leave it out is no
    /// answer.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(minimum = 30, maximum = 3653, example = 730, required = true))]
    pub days: Option<i64>,
    /// The kind that it is about, as it stands in logs; without it all logs whose kind has no time of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64, example = "scan"))]
    pub kind: Option<String>,
    /// Whether totals of logs that are deleted because their time is over are kept: how many there were in each quarter of
    /// an hour, and nothing else. `false` deletes those of before; absent changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_totals: Option<bool>,
}
