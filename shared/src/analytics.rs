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

const fn is_zero(n: &i64) -> bool {
    *n == 0
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
    /// Of these, logs that are deleted and of which only the total was kept (retention).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: i64,
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

/// Length of a bucket; weeks are those of ISO 8601, all are local.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// A quarter of an hour.
    QuarterHour,
    /// An hour.
    Hour,
    /// A local day.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
}

impl Unit {
    /// All units, shortest first.
    pub const ALL: [Self; 7] =
        [Self::Minute, Self::FiveMinutes, Self::QuarterHour, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::FiveMinutes => "five_minutes",
            Self::QuarterHour => "quarter_hour",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

/// Why a figure has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is nothing to compute from.
    NoData,
    /// The number to divide by is zero.
    NoDenominator,
    /// Fewer observations than the figure needs.
    TooFew,
    /// The time budget ended before everything was counted.
    Incomplete,
    /// The customer has not said what to compute with.
    NoAssumption,
}

/// Logs of one bucket of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bucket {
    /// Where it begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Logs that happened in it.
    pub count: i64,
    /// Whether it is cut by the range or still running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// Logs over time, zero-filled, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistogramOut {
    /// Length of a bucket.
    pub unit: Unit,
    /// Where the range begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Time zone of the buckets.
    pub time_zone: String,
    /// Logs in all buckets.
    pub n: i64,
    /// Of these, logs that are deleted and of which only the total was kept (retention).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: i64,
    /// False when the time budget ended first: then the newest arrivals alone are counted.
    pub complete: bool,
    /// The buckets.
    pub buckets: Vec<Bucket>,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// A value with the number of logs that hold it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// Logs that hold it.
    pub count: i64,
    /// Share of all counted logs, 0 to 1.
    pub share: f64,
    /// Term of the search grammar that finds them.
    pub term: String,
}

/// The most frequent values of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FacetOut {
    /// The field: `kind`, `level`, `source`, `ip` or a path into the data.
    pub field: String,
    /// The values, most frequent first.
    pub values: Vec<ValueCount>,
    /// Logs with values beyond the list; a log with several of them counts for each.
    pub other: i64,
    /// Logs without the field.
    pub missing: i64,
    /// Different values.
    pub distinct: i64,
    /// Whether there are more different values than that.
    pub distinct_capped: bool,
}

/// The most frequent values of fields among the logs that a filter finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FacetsOut {
    /// One for each field that was asked for.
    pub facets: Vec<FacetOut>,
    /// Logs that were counted.
    pub n: i64,
    /// False when the time budget ended first: then the newest arrivals alone are counted.
    pub complete: bool,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// Part of time with its logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeriodCount {
    /// Where it begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Logs that happened in it.
    pub count: i64,
    /// Of these, logs that are deleted and of which only the total was kept (retention).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: i64,
}

/// A period beside an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    /// The period.
    pub current: PeriodCount,
    /// The one before.
    pub previous: PeriodCount,
    /// (current − previous) ÷ previous.
    pub change: Option<f64>,
    /// Why there is no change to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Logs over time, beside an earlier period of the same length if asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesOut {
    /// The period.
    pub current: HistogramOut,
    /// The earlier period, bucket by bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<HistogramOut>,
    /// The two beside each other: up to the same elapsed moment when the period still runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Logs per local day that has passed.
    pub mean_per_day: Option<f64>,
}

/// The busiest hour of a week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BusiestHour {
    /// Day of the week, 1 is Monday.
    pub weekday: u8,
    /// Hour of the day, 0 to 23.
    pub hour: u8,
    /// Logs in it.
    pub count: i64,
    /// Share of all logs, 0 to 1.
    pub share: f64,
}

/// Logs by day of the week and hour of the day, local time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PatternOut {
    /// Seven days from Monday, each with 24 hours.
    pub cells: Vec<Vec<i64>>,
    /// The busiest hour; none without logs.
    pub busiest: Option<BusiestHour>,
    /// Where the range begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Time zone of the hours.
    pub time_zone: String,
    /// Logs counted.
    pub n: i64,
    /// Of these, logs that are deleted and of which only the total was kept (retention).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub kept: i64,
    /// False when the time budget ended first.
    pub complete: bool,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// Complete periods beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrowthOut {
    /// The last complete week beside the one before.
    pub week: Comparison,
    /// The last complete month beside the one before.
    pub month: Comparison,
    /// Time zone of weeks and months.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// How a forecast was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ForecastMethod {
    /// Additive Holt–Winters with the week as season.
    HoltWinters,
    /// The same day of the last week.
    SeasonalNaive,
    /// Simple exponential smoothing.
    ExponentialSmoothing,
}

/// What is expected of one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastDay {
    /// Local date, `YYYY-MM-DD`.
    pub date: String,
    /// Logs expected.
    pub expected: f64,
    /// Four days in five lie above this …
    pub low: f64,
    /// … and below this (80 % interval).
    pub high: f64,
}

/// Logs per day expected for the next four weeks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastOut {
    /// How it was made; none without a forecast.
    pub method: Option<ForecastMethod>,
    /// The days, tomorrow first … of today at the earliest.
    pub days: Vec<ForecastDay>,
    /// Complete days that it rests on.
    pub n: i64,
    /// Mean absolute error in the last weeks, had they been forecast: logs per day.
    pub error: Option<f64>,
    /// That error in relation to repeating the week before (below 1 is better).
    pub error_ratio: Option<f64>,
    /// Why there is no forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Complete days that a forecast needs.
    pub needed: i64,
    /// Time zone of the days.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// What is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// More logs than usual for these hours of the week.
    Busy,
    /// Fewer logs than usual for these hours of the week.
    Quiet,
    /// Nothing was received although logs were due.
    Gap,
    /// Values of a field far from its others.
    Outliers,
    /// The mean of a field has shifted.
    Shift,
    /// A value is more frequent than before.
    Share,
}

/// Something unusual, with the reason why it is called so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Where it begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Field that it is about; none for numbers of logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Value of that field, for a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it was seen, such as `location` and `Venlo`; none when everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<FindingGroup>,
    /// What was observed: logs, the value farthest off, the mean or the share.
    pub observed: f64,
    /// What is usual.
    pub usual: f64,
    /// Lower end of what counts as usual.
    pub low: f64,
    /// Upper end of what counts as usual.
    pub high: f64,
    /// Logs that it rests on.
    pub n: i64,
    /// How far beyond the usual, in robust standard deviations.
    pub score: f64,
    /// Search that finds its logs.
    pub query: String,
    /// The value from which most of its logs come, if one stands out (`ip`, `203.0.113.7`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mostly: Option<FindingGroup>,
    /// Logs of this time that arrived more than a day later; for a gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_later: Option<i64>,
}

/// A field with a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingGroup {
    /// The field.
    pub field: String,
    /// Its value.
    pub value: String,
}

/// What is unusual in a range, most striking first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingsOut {
    /// The findings.
    pub findings: Vec<Finding>,
    /// Why nothing can be said about numbers of logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Complete days of history that were compared with.
    pub days: i64,
    /// Logs whose fields were read.
    pub n: i64,
    /// False when the time budget ended before all fields were read.
    pub complete: bool,
    /// Where the range begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Time zone of hours and weekdays.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// Logs of one group in one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CohortCell {
    /// Values that were active.
    pub active: i64,
    /// Share of the cohort, 0 to 1.
    pub share: f64,
    /// Whether the month still runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// The values that were first seen in one month, and in how many later months they were seen again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CohortRow {
    /// Month of the first log, `YYYY-MM`.
    pub month: String,
    /// Different values.
    pub size: i64,
    /// The month itself and those after it; months to come are left out.
    pub cells: Vec<CohortCell>,
}

/// Cohorts of the values of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CohortsOut {
    /// The field.
    pub field: String,
    /// One row for each month with new values, oldest first.
    pub rows: Vec<CohortRow>,
    /// Logs read.
    pub n: i64,
    /// False when the time budget ended first, or there are too many different values.
    pub complete: bool,
    /// Where the range begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// Time zone of the months.
    pub time_zone: String,
    /// When the figures were computed.
    pub computed_at: Millis,
}

/// A step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FunnelStepIn {
    /// Search that a log of this step fits.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 1024))]
    pub q: String,
}

/// A funnel: steps in order, tied together by the value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FunnelIn {
    /// Field whose value ties logs together, such as `order`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 128))]
    pub field: String,
    /// Two to eight steps.
    #[cfg_attr(feature = "openapi", schema(min_items = 2, max_items = 8))]
    pub steps: Vec<FunnelStepIn>,
    /// All steps must be done within this time after the first, in hours.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 8784))]
    pub window_hours: i64,
    /// The first step happened at or after this.
    #[serde(default)]
    pub from: Option<Millis>,
    /// The first step happened before this.
    #[serde(default)]
    pub to: Option<Millis>,
}

/// How many came as far as a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunnelStepOut {
    /// The search of the step.
    pub q: String,
    /// Values that came as far.
    pub reached: i64,
    /// Share of the step before, 0 to 1.
    pub share: Option<f64>,
    /// Median time since the step before, in milliseconds.
    pub median_ms: Option<i64>,
    /// Values that stopped at the step before although their time is up (the first hundred, latest first).
    pub dropped: Vec<String>,
    /// How many stopped there.
    pub dropped_count: i64,
    /// How many stand at the step before with time left.
    pub waiting: i64,
}

/// What became of those who entered a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunnelOut {
    /// The field that ties logs together.
    pub field: String,
    /// The steps.
    pub steps: Vec<FunnelStepOut>,
    /// Share that came to the end, 0 to 1.
    pub converted: Option<f64>,
    /// Why there is no share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Logs read.
    pub n: i64,
    /// False when the time budget ended first.
    pub complete: bool,
    /// Where the range begins.
    pub from: Millis,
    /// Where it ends, not included.
    pub to: Millis,
    /// When the figures were computed.
    pub computed_at: Millis,
}
