//! Requests of the own systems: the latest ones (API-13), and how fast and how well they are answered (ANA-14).

use serde::{Deserialize, Serialize};

use crate::analytics::Reason;
use crate::time::Millis;

/// Requests that a customer sees, newest first; older ones are forgotten.
pub const KEPT: usize = 1_000;
/// Days that a request is kept.
pub const KEPT_DAYS: i64 = 7;
/// Days that counted durations are kept.
pub const FIGURE_DAYS: i64 = 90;
/// How far a percentile may be off, as a share of it.
pub const ACCURACY: f64 = 0.05;
/// Answers that a p95, a p99 and a rate need at least.
pub const MIN_P95: i64 = 20;
/// See [`MIN_P95`].
pub const MIN_P99: i64 = 100;
/// See [`MIN_P95`].
pub const MIN_RATE: i64 = 30;

/// Why a genuine key was turned away; its sender only hears that the key is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The key was revoked.
    Revoked,
    /// Its life or its overlap is over.
    Expired,
    /// It was used from a network that is not in its list.
    Network,
    /// It was used in a page of a web site that is not in its list.
    Origin,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Revoked, Self::Expired, Self::Network, Self::Origin];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Network => "network",
            Self::Origin => "origin",
        }
    }

    /// Finds one by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == name)
    }
}

/// One request with an API key of the customer. Bodies, parameters and addresses are not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestOut {
    /// Identifier of the row.
    pub id: String,
    /// When it was answered.
    pub at: Millis,
    /// HTTP method.
    #[cfg_attr(feature = "openapi", schema(example = "GET"))]
    pub method: String,
    /// Path of the operation, with the names of its parameters.
    #[cfg_attr(feature = "openapi", schema(example = "/api/v1/logs/{id}"))]
    pub route: String,
    /// HTTP status of the answer.
    #[cfg_attr(feature = "openapi", schema(example = 200))]
    pub status: u16,
    /// Milliseconds until the answer began.
    #[cfg_attr(feature = "openapi", schema(example = 3.412))]
    pub duration_ms: f64,
    /// Identifier of the key.
    pub key_id: String,
    /// Present name of the key.
    pub key_name: Option<String>,
    /// Whether it is a key of the test space.
    pub test: bool,
    /// `X-Request-Id` of the answer.
    pub request_id: String,
    /// Code of the problem, when the answer was one.
    #[cfg_attr(feature = "openapi", schema(example = "log_not_found"))]
    pub code: Option<String>,
    /// Why the key was turned away, when it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// One page of requests, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestsOut {
    /// The requests of this page.
    pub data: Vec<RequestOut>,
    /// Opaque, signed position behind the last row; absent on the last page.
    pub next_cursor: Option<String>,
    /// Whether rows follow.
    pub has_more: bool,
}

/// How fast and how well something was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerFigures {
    /// Answers.
    pub n: i64,
    /// Answers with a status from 400 to 499.
    pub refused: i64,
    /// Answers with a status from 500.
    pub failed: i64,
    /// Share of answers with a status from 400; `null` below 30 answers.
    pub error_rate: Option<f64>,
    /// Mean of the milliseconds until the answer began.
    pub mean_ms: Option<f64>,
    /// Half of the answers began within so many milliseconds (nearest rank, within `accuracy`).
    pub p50_ms: Option<f64>,
    /// 95 of 100 did; `null` below 20 answers.
    pub p95_ms: Option<f64>,
    /// 99 of 100 did; `null` below 100 answers.
    pub p99_ms: Option<f64>,
    /// Why one of them is `null`: `no_data`, or `too_few` answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteFigures {
    /// Method and path, with the names of its parameters.
    #[cfg_attr(feature = "openapi", schema(example = "GET /api/v1/logs/{id}"))]
    pub route: String,
    /// Its figures.
    #[serde(flatten)]
    pub figures: AnswerFigures,
}

/// One key, or all people in the web app together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SenderFigures {
    /// Identifier of the key; absent for people in the web app.
    pub key_id: Option<String>,
    /// Present name of the key.
    pub key_name: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: AnswerFigures,
}

/// One local day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayFigures {
    /// Local date, `YYYY-MM-DD`.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-22"))]
    pub date: String,
    /// Whether the day is still running.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Its figures.
    #[serde(flatten)]
    pub figures: AnswerFigures,
}

/// How fast and how well own requests were answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PerformanceOut {
    /// First local day.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-10-24"))]
    pub first_day: String,
    /// Last local day, the running one.
    #[cfg_attr(feature = "openapi", schema(format = "date", example = "2026-11-22"))]
    pub last_day: String,
    /// Zone of the days.
    pub time_zone: String,
    /// Answers in the period.
    pub n: i64,
    /// When this was computed.
    pub computed_at: Millis,
    /// Where the figures come from; always `measured`.
    #[cfg_attr(feature = "openapi", schema(example = "measured"))]
    pub basis: String,
    /// How far a percentile may be off, as a share of it.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub accuracy: f64,
    /// Everything together.
    pub total: AnswerFigures,
    /// By operation, most answers first.
    pub routes: Vec<RouteFigures>,
    /// By key, most answers first.
    pub senders: Vec<SenderFigures>,
    /// By day, oldest first, without gaps.
    pub days: Vec<DayFigures>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-13: refusals have stable names.
    #[test]
    fn refusals_have_stable_names() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::parse(refusal.as_str()), Some(refusal));
            assert_eq!(serde_json::to_value(refusal).unwrap(), refusal.as_str());
        }
        assert_eq!(Refusal::parse("unknown"), None);
    }
}
