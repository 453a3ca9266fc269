//! Figures about a customer's own logs.

use serde::{Deserialize, Serialize};

use crate::logs::LogOut;
use crate::time::Millis;

/// Figures that open every dashboard (documented shape).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatsOut {
    /// Logs in all.
    pub total_logs: i64,
    /// When the first one happened.
    pub first_log: Option<Millis>,
    /// When the last one happened.
    pub last_log: Option<Millis>,
    /// Logs of today, local time.
    pub logs_today: i64,
    /// Logs of this week, from Monday, local time.
    pub logs_week: i64,
    /// Logs of yesterday up to the same moment of the day.
    pub logs_yesterday_same_time: i64,
    /// Logs of last week up to the same moment of the week.
    pub logs_last_week_same_time: i64,
    /// Time zone of days and weeks.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// Logs of one local day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayCount {
    /// Local date, `YYYY-MM-DD`.
    pub date: String,
    /// Logs that happened on that day.
    pub count: i64,
    /// Whether the day is still running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// Logs per day (documented shape), oldest first, zero-filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailyOut {
    /// Length of the period, such as `30 days`.
    pub period: String,
    /// Time zone of the days.
    pub time_zone: String,
    /// Logs in the period.
    pub n: i64,
    /// The days.
    pub data: Vec<DayCount>,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// The whole dashboard from one snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverviewOut {
    /// Headline figures.
    pub stats: StatsOut,
    /// Logs per day.
    pub daily: DailyOut,
    /// Use of the plan in the running month.
    pub usage: UsageOut,
    /// The newest logs.
    pub recent: Vec<LogOut>,
    /// Number of the newest log; the live stream continues after it.
    pub last_id: i64,
}

/// Use of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageOut {
    /// Calendar month in the customer's zone, `YYYY-MM`.
    pub period: String,
    /// Logs received in it.
    pub logs_used: i64,
    /// Logs that the plan includes.
    pub logs_included: i64,
}

/// Summary of the own account (documented shape of `/status`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusOut {
    /// The customer.
    pub customer: StatusCustomer,
    /// Headline figures.
    pub stats: StatsOut,
}

/// The customer in `/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatusCustomer {
    /// Number of the customer.
    pub id: i64,
    /// Name of the customer.
    pub name: String,
    /// State of the customer.
    pub status: crate::tenancy::CustomerStatus,
    /// When it was created.
    pub created_at: Millis,
}
