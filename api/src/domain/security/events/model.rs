//! An event before it is a row.

use std::net::IpAddr;

use axum::http::{Method, Uri};
use shared::security::{SecurityEventKind, SecurityOutcome, Severity};
use shared::time::Millis;

use crate::domain::security::decisions::model::network_of;
use crate::domain::security::detector::is_invisible;
use crate::http::frame::RequestInfo;
use crate::util::ids::CustomerId;

/// Characters of a path and of a client that are kept.
const MAX_TEXT: usize = 120;

/// Something that happened; see the module. What staff reads of it is `SecurityEventOut`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id, in order of time.
    pub id: String,
    /// When it happened first.
    pub at: Millis,
    /// When it happened last.
    pub last_at: Millis,
    /// How often.
    pub times: i64,
    /// What happened.
    pub kind: SecurityEventKind,
    /// How bad it is.
    pub severity: Severity,
    /// What was done about it.
    pub outcome: SecurityOutcome,
    /// Address of the client.
    pub ip_address: String,
    /// The network that counts together.
    pub network: String,
    /// Method of the request.
    pub method: Option<String>,
    /// Path of the request.
    pub path: Option<String>,
    /// What the client calls itself.
    pub client: Option<String>,
    /// Part of the request that was found.
    pub part: Option<String>,
    /// How much it looks like an attack.
    pub score: Option<i64>,
    /// What was found.
    pub rules: Vec<String>,
    /// Customer whose key or person it was.
    pub customer: Option<CustomerId>,
    /// The decision that it led to, or that it met.
    pub decision: Option<String>,
    /// Number of the first request.
    pub request_id: Option<String>,
}

impl Event {
    /// What happened with a request of somebody.
    #[must_use]
    pub fn of(kind: SecurityEventKind, severity: Severity, info: &RequestInfo) -> Self {
        Self {
            id: String::new(),
            at: Millis(0),
            last_at: Millis(0),
            times: 1,
            kind,
            severity,
            outcome: SecurityOutcome::Watched,
            ip_address: info.ip.to_string(),
            network: info.ip.addr.map_or_else(|| "-".to_owned(), name_of),
            method: None,
            path: None,
            client: info.client.as_ref().map(|client| shown(client)),
            part: None,
            score: None,
            rules: Vec::new(),
            customer: info.sender.get().map(|sent| sent.customer.id),
            decision: None,
            request_id: Some(info.id.clone()),
        }
    }

    /// Of this request.
    #[must_use]
    pub fn on(mut self, method: &Method, uri: &Uri) -> Self {
        self.method = Some(method.to_string());
        self.path = Some(shown(uri.path()));
        self
    }

    /// With what was done about it.
    #[must_use]
    pub const fn with(mut self, outcome: SecurityOutcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// With what was found.
    #[must_use]
    pub fn found(mut self, rules: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rules = rules.into_iter().map(Into::into).collect();
        self
    }

    /// Of this customer.
    #[must_use]
    pub const fn about(mut self, customer: Option<CustomerId>) -> Self {
        self.customer = customer;
        self
    }

    /// With the decision that it met or led to.
    #[must_use]
    pub fn under(mut self, decision: &str) -> Self {
        self.decision = Some(decision.to_owned());
        self
    }

    /// Whether another one is the same again.
    #[must_use]
    pub fn repeats(&self, earlier: &Self) -> bool {
        (self.kind, self.severity, self.outcome, self.score, self.customer)
            == (earlier.kind, earlier.severity, earlier.outcome, earlier.score, earlier.customer)
            && self.network == earlier.network
            && self.rules == earlier.rules
            && self.part == earlier.part
            && self.decision == earlier.decision
    }
}

/// The network that an address counts with, as text.
#[must_use]
pub fn name_of(addr: IpAddr) -> String {
    match addr {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(_) => network_of(addr).to_string(),
    }
}

/// A text of a stranger: cut, and without anything that a screen or a file would not show as it is.
fn shown(text: &str) -> String {
    let cut: String = text.chars().take(MAX_TEXT).collect();
    cut.chars().map(|c| if c.is_control() || is_invisible(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
pub(in crate::domain::security) mod tests {
    use shared::lang::Lang;

    use super::*;
    use crate::http::client_ip::ClientIp;
    use crate::http::limits::Standing;
    use crate::http::sender::Sender;

    /// A request from an address.
    pub fn request_from(addr: &str) -> RequestInfo {
        RequestInfo {
            id: "r".to_owned(),
            lang: Lang::Nl,
            ip: ClientIp { addr: addr.parse().ok(), ..ClientIp::default() },
            client: Some("agent\u{202e}\u{1b}[31m".into()),
            foreign_origin: None,
            standing: Standing::default(),
            sender: Sender::default(),
        }
    }

    /// SEC-02: what strangers call themselves neither colours a terminal nor turns a line around.
    #[test]
    fn texts_of_strangers_are_harmless() {
        let info = request_from("2001:db8::7");
        let event = Event::of(SecurityEventKind::Threat, Severity::Low, &info)
            .on(&Method::GET, &format!("/{}", "é".repeat(300)).parse().unwrap_or_default());
        assert_eq!(event.client.as_deref(), Some("agent\u{fffd}\u{fffd}[31m"));
        assert_eq!((event.ip_address.as_str(), event.network.as_str()), ("2001:db8::7", "2001:db8::/64"));
    }
}
