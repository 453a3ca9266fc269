//! Who uses the product and what for, in counts alone: by customer (ANA-12), and over all (ANA-19).

use serde::{Deserialize, Serialize};

use crate::analytics::Reason;
use crate::time::Millis;

/// Days that counted activity is kept.
pub const KEPT_DAYS: i64 = 400;
/// Days that visits are kept; figures over visits go back no further.
pub const VISIT_DAYS: i64 = 90;
/// Who does nothing for this long has left; what comes after is another visit.
pub const INACTIVE_MS: i64 = 30 * 60_000;
/// Days of a "month" in MAU.
pub const MONTH_DAYS: i64 = 30;
/// Days of a "week" in WAU.
pub const WEEK_DAYS: i64 = 7;

macro_rules! features {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// Part of the product that somebody can use.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Feature {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Feature {
            /// All parts.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stored and published name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}
features! {
    /// Signing in.
    SignIn = "sign_in",
    /// Recording logs, by any protocol.
    Record = "record",
    /// Reading and listing logs.
    Read = "read",
    /// Searching logs.
    Search = "search",
    /// Searches that are kept.
    SavedSearches = "saved_searches",
    /// Figures about logs.
    Analytics = "analytics",
    /// Taking logs out.
    Export = "export",
    /// API keys.
    Keys = "keys",
    /// Use of the account, own requests, speed.
    OwnUse = "own_use",
    /// Erasing logs and how long they are kept.
    Erasure = "erasure",
    /// Kinds of logs and their quarantine.
    Kinds = "kinds",
    /// Proof that logs are unchanged.
    Seals = "seals",
    /// Settings and access code of the account.
    Account = "account",
}

impl Feature {
    /// Finds a part by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|feature| feature.as_str() == name)
    }
}

/// Who was active on a local day. Before the first day on record there are no values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActiveDay {
    /// Local date, `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-22"))]
    pub date: String,
    /// People on that day.
    pub dau: Option<i64>,
    /// Different people in the 7 days that end with it.
    pub wau: Option<i64>,
    /// Different people in the 30 days that end with it.
    pub mau: Option<i64>,
    /// Live API keys in use on that day.
    pub systems: Option<i64>,
    /// Whether the day is still running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// Mean DAU ÷ MAU over the 30 complete days before today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stickiness {
    /// First of the 30 days.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-10-23"))]
    pub first_day: String,
    /// Last of them.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-21"))]
    pub last_day: String,
    /// Days of them that are on record.
    pub n: i64,
    /// Mean of the people per day, days without people included.
    pub mean_dau: Option<f64>,
    /// Different people in them.
    pub mau: Option<i64>,
    /// The one ÷ the other.
    pub ratio: Option<f64>,
    /// Why there is none: `no_data`, `too_few` days on record, `no_denominator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Use of a part of the product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureUse {
    /// The part.
    pub feature: Feature,
    /// Customers of which somebody or something used it.
    pub customers: i64,
    /// Share of the active customers.
    pub adoption: Option<f64>,
    /// Successful requests of people.
    pub by_people: i64,
    /// Successful requests of live API keys.
    pub by_systems: i64,
}

/// How long people stay: what they do without a pause of half an hour is one visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VisitFigures {
    /// Visits of more than one action; the durations are theirs.
    pub n: i64,
    /// Visits of a single action, which have no duration.
    pub single: i64,
    /// Mean from first to last action, in seconds.
    pub mean_s: Option<f64>,
    /// Median of the same, in seconds.
    pub median_s: Option<f64>,
    /// Why there is none: `no_data`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Figures about the product, for staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductOut {
    /// First local day of the period.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-10-24"))]
    pub first_day: String,
    /// Last local day, the running one.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-22"))]
    pub last_day: String,
    /// Zone of the days: that of the installation.
    pub time_zone: String,
    /// First day on record; absent while nothing is.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-01"))]
    pub recorded_since: Option<String>,
    /// When this was computed.
    pub computed_at: Millis,
    /// Where the figures come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
    /// Who was active, by day, oldest first.
    pub days: Vec<ActiveDay>,
    /// Mean DAU ÷ MAU.
    pub stickiness: Stickiness,
    /// Customers of which somebody or something was active in the period.
    pub active_customers: i64,
    /// Use of each part of the product in the period.
    pub features: Vec<FeatureUse>,
    /// Searches in the period.
    pub searches: i64,
    /// Requests with live API keys in the period.
    pub api_calls: i64,
    /// Sign-ins of customers in the period.
    pub sign_ins: i64,
    /// Visits that began in the period.
    pub visits: VisitFigures,
}

/// Customers of a cohort in one month.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCohortCell {
    /// Customers of which somebody or something was active; absent where the month is not on record.
    pub active: Option<i64>,
    /// Share of the cohort, 0 to 1.
    pub share: Option<f64>,
    /// Whether the month still runs, or was recorded in part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// The customers that began in one month, and in which later months they were active.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCohort {
    /// Month in which they began, `YYYY-MM`.
    #[cfg_attr(feature = "openapi", schema(pattern = r"^\d{4}-\d{2}$", example = "2026-09"))]
    pub month: String,
    /// Customers, those that have ended included.
    pub size: i64,
    /// The month itself and those after it; months to come are left out.
    pub cells: Vec<CustomerCohortCell>,
}

/// Cohorts of customers, for staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCohortsOut {
    /// One row for each month with new customers, oldest first; two years back at most.
    pub rows: Vec<CustomerCohort>,
    /// Zone of the months: that of the installation.
    pub time_zone: String,
    /// First day on record; absent while nothing is.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-01"))]
    pub recorded_since: Option<String>,
    /// When this was computed.
    pub computed_at: Millis,
    /// Where the figures come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
}

/// Use of a part of the product by one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureCount {
    /// The part.
    pub feature: Feature,
    /// Successful requests of people and live API keys.
    pub uses: i64,
}

/// What a customer did with the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerActivity {
    /// Number of the customer.
    pub id: i64,
    /// Name of the customer.
    pub name: String,
    /// Sign-ins.
    pub sign_ins: i64,
    /// Local days of the period on which somebody or something was active.
    pub active_days: i64,
    /// Different people.
    pub people: i64,
    /// Different live API keys.
    pub systems: i64,
    /// Requests with live API keys.
    pub api_calls: i64,
    /// Last activity of anybody or anything, of the last 400 days, in the period or not.
    pub last_active_at: Option<Millis>,
    /// Parts that were used, most used first.
    pub features: Vec<FeatureCount>,
}

/// One page of customers with what they did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerActivityPage {
    /// First local day of the period.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-10-24"))]
    pub first_day: String,
    /// Last local day, the running one.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-22"))]
    pub last_day: String,
    /// Days of the period that are on record.
    pub n: i64,
    /// Zone of the days: that of the installation.
    pub time_zone: String,
    /// First day on record; absent while nothing is.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-01"))]
    pub recorded_since: Option<String>,
    /// When this was computed.
    pub computed_at: Millis,
    /// Where the figures come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
    /// The customers of this page.
    pub data: Vec<CustomerActivity>,
    /// Opaque, signed position behind the last row; absent on the last page.
    pub next_cursor: Option<String>,
    /// Whether rows follow.
    pub has_more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ANA-19: parts of the product have stable names.
    #[test]
    fn features_have_stable_names() {
        for feature in Feature::ALL {
            assert_eq!(Feature::parse(feature.as_str()), Some(*feature));
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.as_str());
        }
    }
}
