//! Use of the own account in the running month (ANA-09).

use serde::{Deserialize, Serialize};

use crate::limits::Rate;
use crate::tenancy::Plan;
use crate::time::Millis;

/// Something that is counted over the month against what the plan includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuotaOut {
    /// Counted since the month began.
    #[cfg_attr(feature = "openapi", schema(example = 87))]
    pub used: i64,
    /// Included in the plan.
    #[cfg_attr(feature = "openapi", schema(example = 100))]
    pub limit: i64,
    /// What is left of it.
    #[cfg_attr(feature = "openapi", schema(example = 13))]
    pub remaining: i64,
    /// What is above it.
    #[cfg_attr(feature = "openapi", schema(example = 0))]
    pub overage: i64,
    /// What happens at the limit.
    pub at_limit: AtLimit,
}

/// What happens when the included amount is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AtLimit {
    /// Nothing more is taken until the month ends.
    Stops,
    /// It goes on, and what is above is counted.
    Continues,
    /// Reading by API key stops until the month ends; recording goes on.
    ReadsStop,
}

impl QuotaOut {
    /// What was used of a limit.
    #[must_use]
    pub fn of(used: i64, limit: i64, at_limit: AtLimit) -> Self {
        Self { used, limit, remaining: (limit - used).max(0), overage: (used - limit).max(0), at_limit }
    }
}

/// Logs received on a local day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayReceived {
    /// Local date, `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-22"))]
    pub date: String,
    /// Logs received, by the full hour.
    pub logs: i64,
    /// Whether the day is still running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// Use of the own account in the running month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountUsageOut {
    /// The plan.
    pub plan: Plan,
    /// The calendar month, `YYYY-MM`, in `time_zone`.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^\d{4}-\d{2}$", example = "2026-11"))]
    pub period: String,
    /// Zone of the month.
    pub time_zone: String,
    /// When the month began.
    pub from: Millis,
    /// When counting begins again.
    pub reset_at: Millis,
    /// When the figures were computed.
    pub computed_at: Millis,
    /// Where they come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
    /// Logs received; duplicates, rejected ones and test logs do not count.
    pub logs: QuotaOut,
    /// Calls by live API keys; a batch is one, people and test keys do not count.
    pub api_calls: QuotaOut,
    /// Bytes of all stored logs as they were sent, whatever month they are of.
    pub storage_bytes: i64,
    /// Requests of a key, and of all keys together.
    pub requests: Rate,
    /// Logs received on each local day of the month, the running one last. Together they are `logs.used`, unless the
    /// time zone was changed within the month.
    pub days: Vec<DayReceived>,
}

/// What was used in a calendar month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageMonth {
    /// The month, `YYYY-MM`.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^\d{4}-\d{2}$", example = "2026-10"))]
    pub period: String,
    /// Whether the month is over.
    pub complete: bool,
    /// Logs received; duplicates, rejected ones and test logs do not count.
    #[cfg_attr(feature = "openapi", schema(example = 12_480))]
    pub logs: i64,
    /// Calls by live API keys; a batch is one.
    #[cfg_attr(feature = "openapi", schema(example = 3_105))]
    pub api_calls: i64,
    /// Exports of live logs that were taken or made, by people and keys; absent where they are not kept so long.
    pub exports: Option<i64>,
}

/// Use of the own account by calendar month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageHistoryOut {
    /// The running month first, back to the month in which the account began.
    pub months: Vec<UsageMonth>,
    /// Zone of the months.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
    /// Where they come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
}

/// A month by its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDaysOut {
    /// The month, `YYYY-MM`.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^\d{4}-\d{2}$", example = "2026-10"))]
    pub period: String,
    /// Logs received on each local day of the month up to now. Days tell of logs that are still there; the month counts
    /// those as well that were erased later.
    pub days: Vec<DayReceived>,
    /// Zone of the days.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
    /// Where they come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
}
