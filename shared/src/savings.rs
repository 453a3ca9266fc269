//! What the product saves its customer, by the customer's own assumptions (ANA-15).

use serde::{Deserialize, Serialize};

use crate::analytics::Reason;
use crate::tenancy::Plan;
use crate::time::Millis;
use crate::validate::Checks;

/// Longest time that one search or export may be said to save, in minutes: a working day.
const MAX_MINUTES: i64 = 480;

/// How much time a search and an export save, as the customer sees it; nothing is assumed for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SavingsIn {
    /// Minutes that a search saves; searches do not count if absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 480, example = 4))]
    pub minutes_per_search: Option<i64>,
    /// Minutes that an export saves; exports do not count if absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 480, example = 30))]
    pub minutes_per_export: Option<i64>,
}

impl SavingsIn {
    /// What is wrong with it.
    #[must_use]
    pub fn check(&self) -> Checks {
        let mut checks = Checks::default();
        for (place, minutes) in [
            ("/minutes_per_search", self.minutes_per_search),
            ("/minutes_per_export", self.minutes_per_export),
        ] {
            if let Some(minutes) = minutes {
                checks.range(place, minutes, 1, MAX_MINUTES);
            }
        }
        checks
    }
}

/// What was saved in a calendar month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavingsMonth {
    /// The month, `YYYY-MM`.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^\d{4}-\d{2}$", example = "2026-11"))]
    pub period: String,
    /// Whether the month is over.
    pub complete: bool,
    /// First day that was counted, `YYYY-MM-DD`, when counting began within the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-09"))]
    pub counted_from: Option<String>,
    /// Searches by people; a next page of the same search is none. Absent before counting began.
    pub searches: Option<i64>,
    /// Exports that people took or had made. Absent before counting began.
    pub exports: Option<i64>,
    /// Hours saved.
    pub hours: Option<f64>,
    /// What the present plan costs for each hour saved, in cents; of months that are over and were counted from their first
    /// day.
    pub cents_per_hour: Option<i64>,
    /// Why there is no number of hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What the product saves, against what it costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavingsOut {
    /// The customer's own assumptions.
    pub assumptions: SavingsIn,
    /// Their version, for `If-Match`.
    pub version: i64,
    /// The plan.
    pub plan: Plan,
    /// What it costs in a month without VAT, in euro cents.
    #[cfg_attr(feature = "openapi", schema(example = 4900))]
    pub plan_cents: i64,
    /// The running month and the one before.
    pub months: Vec<SavingsMonth>,
    /// Zone of the months.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
    /// Where they come from; always `derived`.
    #[cfg_attr(feature = "openapi", schema(example = "derived"))]
    pub basis: String,
}
