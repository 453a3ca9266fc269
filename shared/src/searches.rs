//! Searches: saved ones, those of before, and what is looked for most.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Searches that a history shows (SRCH-09).
pub const HISTORY: usize = 20;
/// Days that executed searches are kept.
pub const HISTORY_DAYS: i64 = 90;
/// Figures about searches over all customers are shown from this many customers on (ANA-13).
pub const MIN_CUSTOMERS: i64 = 5;
/// Longest name of a saved search, in characters.
pub const MAX_NAME_CHARS: usize = 80;

/// A search that somebody has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastSearch {
    /// Query in the search grammar.
    pub q: String,
    /// When it was last done.
    pub searched_at: Millis,
    /// Logs found then.
    pub hits: i64,
    /// Whether there were more than that.
    pub hits_capped: bool,
}

/// The latest searches of the caller, each once, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryOut {
    /// Whether searches are remembered.
    pub enabled: bool,
    /// The searches.
    pub searches: Vec<PastSearch>,
}

/// A search to keep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedSearchIn {
    /// Name, 1 to 80 characters, unique without regard to case among one's own.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80, example = "Afkeur in Venlo"))]
    pub name: String,
    /// Query in the search grammar.
    #[cfg_attr(feature = "openapi", schema(max_length = 4096, example = "result:AFKEUR location:Venlo"))]
    pub q: String,
    /// Whether everybody of the customer sees it.
    #[serde(default)]
    pub shared: bool,
}

/// What to change of a saved search; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedSearchPatch {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 80))]
    pub name: Option<String>,
    /// Query in the search grammar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 4096))]
    pub q: Option<String>,
    /// Whether everybody of the customer sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
}

/// A saved search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearchOut {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: String,
    /// Query in the search grammar.
    pub q: String,
    /// Whether everybody of the customer sees it.
    pub shared: bool,
    /// Whether it is the caller's own, and may be changed.
    pub own: bool,
    /// When it was saved.
    pub created_at: Millis,
    /// When it was last changed.
    pub updated_at: Millis,
}

/// Saved searches, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedSearchesOut {
    /// The searches: one's own, and those that others share.
    pub searches: Vec<SavedSearchOut>,
    /// How many the plan allows.
    pub limit: i64,
}

/// A query as often as it was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueryFigure {
    /// Query in the search grammar.
    pub q: String,
    /// How often.
    pub times: i64,
    /// How many of these found nothing.
    pub empty: i64,
    /// Median of the time it took, in milliseconds.
    pub median_ms: i64,
    /// When it was last asked.
    pub searched_at: Millis,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchPatternsOut {
    /// From.
    pub from: Millis,
    /// To (excluded).
    pub to: Millis,
    /// Searches.
    pub n: i64,
    /// Different queries.
    pub distinct: i64,
    /// Searches that found nothing.
    pub empty: i64,
    /// Median of the time they took, in milliseconds; absent without searches.
    pub median_ms: Option<i64>,
    /// The most frequent queries.
    pub top: Vec<QueryFigure>,
    /// The most frequent queries that found nothing at all.
    pub nothing_found: Vec<QueryFigure>,
    /// When this was computed.
    pub computed_at: Millis,
}

/// What is looked for over all customers; hidden while too few of them search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AllSearchesOut {
    /// From.
    pub from: Millis,
    /// To (excluded).
    pub to: Millis,
    /// Customers that searched; absent below five.
    pub customers: Option<i64>,
    /// Searches.
    pub n: Option<i64>,
    /// Searches that found nothing.
    pub empty: Option<i64>,
    /// Median of the time they took, in milliseconds.
    pub median_ms: Option<i64>,
    /// Why there are no figures: `too_few`.
    pub reason: Option<String>,
    /// When this was computed.
    pub computed_at: Millis,
}
