//! What can go wrong with a call, in three kinds that need three answers.

use shared::problem::{Code, FieldErrorOut, ProblemOut};

use crate::i18n::Texts;

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// The server could not be reached, or took too long.
    Network,
    /// The server refused, and says why.
    Problem(Box<ProblemOut>),
    /// The answer is not one that this version of the app knows.
    Decode,
    /// The app itself dropped the call because a newer one replaced it; show nothing.
    Aborted,
}

impl ApiError {
    /// The problem, when the server named one.
    #[must_use]
    pub fn problem(&self) -> Option<&ProblemOut> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Short name for a heading.
    #[must_use]
    pub fn title(&self, t: &Texts) -> String {
        match self {
            Self::Network => t.api.network_title.to_owned(),
            Self::Problem(problem) => problem.title.clone(),
            Self::Decode => t.api.decode_title.to_owned(),
            Self::Aborted => t.api.aborted.to_owned(),
        }
    }

    /// What happened and what to do.
    #[must_use]
    pub fn detail(&self, t: &Texts) -> String {
        match self {
            Self::Network => t.api.network_detail.to_owned(),
            Self::Problem(problem) => problem.detail.clone(),
            Self::Decode => t.api.decode_detail.to_owned(),
            Self::Aborted => t.api.aborted.to_owned(),
        }
    }

    /// Number of the request, for support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.problem().map(|problem| problem.request_id.as_str()).filter(|id| !id.is_empty())
    }

    /// HTTP status, when there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.problem().map(|problem| problem.status)
    }

    /// Whether it is this problem.
    #[must_use]
    pub fn is(&self, code: Code) -> bool {
        self.problem().is_some_and(|problem| problem.code == code.as_str())
    }

    /// Faults of single members.
    #[must_use]
    pub fn fields(&self) -> &[FieldErrorOut] {
        self.problem().map_or(&[], |problem| &problem.errors)
    }

    /// Seconds to wait, when the server said so.
    #[must_use]
    pub fn wait_seconds(&self) -> Option<i64> {
        self.problem()?.args.get("seconds")?.parse().ok()
    }

    /// Whether trying again may help without the person changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Network) || self.status().is_some_and(|status| status >= 500 || status == 429)
    }
}
