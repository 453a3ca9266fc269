//! Which requests somebody asks for. Pure.

use shared::requests::KEPT;
use shared::time::Millis;

use super::memory::Request;
use crate::http::page::{Cursor, ListKey, Position};
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;
use crate::util::ids::CustomerId;

/// Classes of statuses.
const CLASSES: [(&str, u16); 3] = [("2xx", 2), ("4xx", 4), ("5xx", 5)];
const METHODS: [(&str, &str); 5] =
    [("GET", "GET"), ("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("DELETE", "DELETE")];
/// Characters of a path, and of an operation.
pub(super) const MAX_ROUTE: usize = 200;

/// A filter on requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Identifier of the key.
    pub key: Option<String>,
    /// First digit of the status.
    pub class: Option<u16>,
    /// Part of the path.
    pub route: Option<String>,
    /// Method.
    pub method: Option<&'static str>,
    /// Answered after.
    pub after: Option<Millis>,
    /// Answered before.
    pub before: Option<Millis>,
    /// Rows on a page.
    pub limit: usize,
}

impl Filter {
    /// Reads the parameters of a list.
    ///
    /// # Errors
    /// `unknown_parameter`, `invalid_parameter`.
    pub fn read(params: &Params) -> Answer<Self> {
        params.allow(&["key_id", "status", "route", "method", "after", "before", "limit", "cursor"])?;
        let key = params.get("key_id").map(|text| text.trim().to_ascii_lowercase());
        if key.as_ref().is_some_and(|text| uuid::Uuid::parse_str(text).is_err()) {
            return Err(invalid("key_id", "UUID"));
        }
        let route = params.text("route", MAX_ROUTE)?.map(|text| text.trim().to_owned());
        Ok(Self {
            key,
            class: params.choice("status", &CLASSES)?,
            route,
            method: params.choice("method", &METHODS)?,
            after: params.instant("after")?,
            before: params.instant("before")?,
            limit: usize::try_from(params.int("limit", 50, 1, 1_000)?).unwrap_or_default(),
        })
    }

    /// The list that cursors belong to.
    #[must_use]
    pub fn list(&self, customer: CustomerId) -> ListKey {
        let at = |at: Option<Millis>| at.map_or_else(String::new, |at| at.0.to_string());
        ListKey::new(&[
            "requests",
            &customer.to_string(),
            self.key.as_deref().unwrap_or_default(),
            &self.class.map_or_else(String::new, |class| class.to_string()),
            self.route.as_deref().unwrap_or_default(),
            self.method.unwrap_or_default(),
            &at(self.after),
            &at(self.before),
        ])
    }

    fn fits(&self, request: &Request) -> bool {
        self.key.as_ref().is_none_or(|key| *key == request.key)
            && self.class.is_none_or(|class| request.status / 100 == class)
            && self.route.as_ref().is_none_or(|part| request.route.contains(part.as_str()))
            && self.method.is_none_or(|method| method == request.method)
            && self.after.is_none_or(|after| request.at > after)
            && self.before.is_none_or(|before| request.at < before)
    }

    /// One page out of all requests in any order, and whether there are more: of the latest thousand, each once, those
    /// that fit, newest first, from behind the cursor.
    #[must_use]
    pub fn page(&self, mut all: Vec<Request>, cursor: Option<&Cursor>) -> (Vec<Request>, bool) {
        all.sort_by(|a, b| b.id.cmp(&a.id));
        all.dedup_by(|a, b| a.id == b.id);
        all.truncate(KEPT);
        let behind = cursor.and_then(|cursor| cursor.text(0));
        all.retain(|request| behind.is_none_or(|id| request.id.as_str() < id) && self.fits(request));
        let has_more = all.len() > self.limit;
        all.truncate(self.limit);
        (all, has_more)
    }
}

/// The position behind a request.
#[must_use]
pub fn behind(request: &Request) -> Cursor {
    Cursor { at: vec![Position::Text(request.id.clone())] }
}
