//! Which protocol an address belongs to, and how errors read there.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};

use super::elastic;
use crate::http::problem::Wording;

/// A protocol of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Elasticsearch and `OpenSearch`.
    Elastic,
}

/// Where each protocol lives. A base of its own keeps our `/` for the web app; every shipper takes one as part of
/// its address, such as `https://host/es`.
const BASES: [(&str, Protocol); 1] = [("/es", Protocol::Elastic)];

impl Protocol {
    /// The protocol of an address.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let below =
            |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        BASES.into_iter().find(|(base, _)| below(base)).map(|(_, protocol)| protocol)
    }

    /// How an error reads for the sender of a request.
    #[must_use]
    pub fn wording(self, headers: &HeaderMap) -> Wording {
        match self {
            Self::Elastic => {
                let kind = elastic::media::of_answer(headers);
                Wording(Arc::new(move |code, out| elastic::errors::worded(code, out, &kind)))
            }
        }
    }

    /// Headers that every answer carries.
    pub fn stamp(self, headers: &mut HeaderMap) {
        match self {
            // The official clients refuse to work with a server that does not say so.
            Self::Elastic => {
                headers.insert("x-elastic-product", HeaderValue::from_static("Elasticsearch"));
            }
        }
    }
}
