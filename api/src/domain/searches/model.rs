//! What may be said of a saved search.

use shared::lang::Lang;
use shared::searches::{MAX_NAME_CHARS, SavedSearchIn, SavedSearchPatch};
use shared::validate::Checks;

use crate::domain::logs::service::parse;
use crate::http::extract::no_faults;
use crate::http::problem::Answer;

const MAX_QUERY: usize = 4_096;

/// A saved search, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Name.
    pub name: String,
    /// What names are compared by.
    pub name_key: String,
    /// Query in the search grammar.
    pub query: String,
    /// Whether everybody of the customer sees it.
    pub shared: bool,
}

impl Kept {
    /// Checks a search to keep.
    ///
    /// # Errors
    /// `invalid_body` with a fault for each member, `invalid_query`.
    pub fn judge(input: &SavedSearchIn, lang: Lang) -> Answer<Self> {
        let mut checks = Checks::default();
        let name = checks.line("/name", &input.name, 1, MAX_NAME_CHARS);
        let query = checks.text("/q", &input.q, 0, MAX_QUERY);
        no_faults(checks)?;
        parse(&query, lang)?;
        Ok(Self { name_key: name.to_lowercase(), name, query, shared: input.shared })
    }

    /// What a patch makes of it.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn patched(self, patch: SavedSearchPatch, lang: Lang) -> Answer<Self> {
        let input = SavedSearchIn {
            name: patch.name.unwrap_or(self.name),
            q: patch.q.unwrap_or(self.query),
            shared: patch.shared.unwrap_or(self.shared),
        };
        Self::judge(&input, lang)
    }
}
