//! Which protocol an address belongs to, and how errors read there.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::otlp::encoding::Encoding;
use super::{elastic, epcis, loki, otm};
use crate::http::problem::Wording;

/// A protocol of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Elasticsearch and `OpenSearch`.
    Elastic,
    /// GS1 EPCIS.
    Epcis,
    /// Grafana Loki.
    Loki,
    /// `OpenTelemetry`.
    Otlp,
    /// Open Trip Model.
    Otm,
}

/// Where each protocol lives. A base of its own keeps our `/` for the web app; every shipper takes one as part of
/// its address, such as `https://host/es`.
const BASES: [(&str, Protocol); 5] = [
    ("/es", Protocol::Elastic),
    ("/epcis", Protocol::Epcis),
    ("/loki", Protocol::Loki),
    ("/otlp", Protocol::Otlp),
    ("/otm", Protocol::Otm),
];

impl Protocol {
    /// The protocol of an address.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let below =
            |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        BASES.into_iter().find(|(base, _)| below(base)).map(|(_, protocol)| protocol)
    }

    /// Takes away what only looks as if it had to be unpacked: the packing of a push is part of its encoding.
    pub fn prepare(self, headers: &mut HeaderMap) {
        let packed = headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "snappy");
        if self == Self::Loki && packed {
            headers.remove(header::CONTENT_ENCODING);
        }
    }

    /// How an error reads for the sender of a request.
    #[must_use]
    pub fn wording(self, method: &Method, headers: &HeaderMap) -> Wording {
        match self {
            Self::Elastic => {
                let kind = elastic::media::of_answer(headers);
                Wording(Arc::new(move |code, out| elastic::errors::worded(code, out, &kind)))
            }
            Self::Epcis => {
                let method = method.clone();
                Wording(Arc::new(move |code, out| epcis::errors::worded(code, out, &method)))
            }
            Self::Loki => Wording(Arc::new(loki::errors::worded)),
            Self::Otm => Wording(Arc::new(otm::errors::worded)),
            Self::Otlp => {
                // Who sends neither encoding can at least read JSON.
                let encoding = Encoding::of(headers).unwrap_or(Encoding::Json);
                Wording(Arc::new(move |code, out| encoding.worded(code, out)))
            }
        }
    }

    /// Headers that every answer carries.
    pub fn stamp(self, headers: &mut HeaderMap) {
        match self {
            Self::Loki | Self::Otlp | Self::Otm => {}
            Self::Epcis => {
                headers.insert("gs1-epcis-version", HeaderValue::from_static("2.0"));
                headers.insert("gs1-cbv-version", HeaderValue::from_static("2.0"));
            }
            // The official clients refuse to work with a server that does not say so.
            Self::Elastic => {
                headers.insert("x-elastic-product", HeaderValue::from_static("Elasticsearch"));
            }
        }
    }
}
