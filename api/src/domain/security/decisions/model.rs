//! A decision, and the networks that it is about.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv6Net};
use shared::security::{DecisionAction, DecisionOrigin, DecisionOut, DecisionScope, DecisionState};
use shared::time::Millis;

use crate::http::client_ip::parse_net;

/// Bits of an IPv6 address that tell clients apart: one of them has the whole /64.
const V6_BITS: u8 = 64;

/// A decision about addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: String,
    /// Whom it is about.
    pub network: IpNet,
    /// What it does.
    pub action: DecisionAction,
    /// Where it holds.
    pub scope: DecisionScope,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub origin: DecisionOrigin,
    /// Events that it rests on.
    pub evidence: Vec<String>,
    /// Whether it only says what it would do.
    pub simulated: bool,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends.
    pub expires_at: Option<Millis>,
    /// When it was lifted.
    pub lifted_at: Option<Millis>,
    /// Requests that it met.
    pub hits: i64,
    /// When it met the last one.
    pub last_hit_at: Option<Millis>,
}

impl Decision {
    /// Whether it holds.
    #[must_use]
    pub fn state(&self, now: Millis) -> DecisionState {
        if self.lifted_at.is_some() {
            DecisionState::Lifted
        } else if self.expires_at.is_some_and(|end| end <= now) {
            DecisionState::Expired
        } else {
            DecisionState::Active
        }
    }

    /// Whether nobody in person decided it.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.origin != DecisionOrigin::Manual
    }

    /// As staff sees it.
    #[must_use]
    pub fn out(&self, now: Millis) -> DecisionOut {
        DecisionOut {
            id: self.id.clone(),
            network: self.network.to_string(),
            action: self.action,
            scope: self.scope,
            reason: self.reason.clone(),
            origin: self.origin,
            evidence: self.evidence.clone(),
            simulated: self.simulated,
            state: self.state(now),
            created_at: self.created_at,
            expires_at: self.expires_at,
            lifted_at: self.lifted_at,
            hits: self.hits,
            last_hit_at: self.last_hit_at,
        }
    }
}

/// The network that an address counts with: itself, for IPv6 its /64.
#[must_use]
pub fn network_of(addr: IpAddr) -> IpNet {
    widened(IpNet::from(addr))
}

/// Reads a network as people write it, in the form in which networks are compared: IPv4 in the clothes of IPv6 is IPv4,
/// and of IPv6 no less than a /64.
#[must_use]
pub fn read_network(text: &str) -> Option<IpNet> {
    parse_net(text).map(widened)
}

fn widened(net: IpNet) -> IpNet {
    match net {
        IpNet::V6(v6) if v6.prefix_len() > V6_BITS => {
            let first = Ipv6Addr::from(u128::from(v6.addr()) >> V6_BITS << V6_BITS);
            Ipv6Net::new(first, V6_BITS).map_or(net, IpNet::V6)
        }
        other => other,
    }
}
