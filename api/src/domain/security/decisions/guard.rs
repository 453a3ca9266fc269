//! Who is never denied: this machine, trusted proxies, whom staff trusts, and staff that is signed in (SEC-13).

use std::net::IpAddr;

use ipnet::IpNet;

use super::table::Table;
use crate::config::Config;
use shared::time::Millis;

/// Why an address is spared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spared {
    /// This machine.
    Loopback,
    /// A trusted proxy: all clients would be denied with it.
    Proxy,
    /// An address of `TRUSTED_IPS`, or one that staff allows or exempts.
    Trusted,
    /// The address of the staff member who acts.
    You,
    /// The address of staff that is signed in.
    Staff,
}

impl Spared {
    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Proxy => "proxy",
            Self::Trusted => "trusted",
            Self::You => "you",
            Self::Staff => "staff",
        }
    }
}

/// Addresses that a decision must not hit.
#[derive(Debug, Clone)]
pub struct NeverDenied<'a> {
    config: &'a Config,
    /// The staff member who acts.
    pub you: Option<IpAddr>,
    /// Staff that is signed in.
    pub staff: Vec<IpAddr>,
}

impl<'a> NeverDenied<'a> {
    /// Those that settings name.
    #[must_use]
    pub const fn by(config: &'a Config) -> Self {
        Self { config, you: None, staff: Vec::new() }
    }

    /// Why a network may not be denied by staff, if that is so. What staff itself trusts may be: the newer word counts,
    /// but for what settings trust.
    #[must_use]
    pub fn spares(&self, network: IpNet) -> Option<Spared> {
        let overlaps = |net: &IpNet| net.contains(&network) || network.contains(net);
        let loopback: [IpNet; 2] = [
            IpNet::new_assert([127, 0, 0, 0].into(), 8),
            IpNet::from(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])),
        ];
        if loopback.iter().any(overlaps) {
            return Some(Spared::Loopback);
        }
        if self.config.trusted_proxies.iter().any(overlaps) {
            return Some(Spared::Proxy);
        }
        if self.config.trust_lists && self.config.trusted_ips.iter().any(overlaps) {
            return Some(Spared::Trusted);
        }
        if self.you.is_some_and(|you| network.contains(&you)) {
            return Some(Spared::You);
        }
        self.staff.iter().any(|addr| network.contains(addr)).then_some(Spared::Staff)
    }

    /// Why an address may not be denied automatically, if that is so.
    #[must_use]
    pub fn spares_from_machines(
        &self,
        addr: IpAddr,
        network: IpNet,
        table: &Table,
        now: Millis,
    ) -> Option<Spared> {
        self.spares(network)
            .or_else(|| (self.config.trust_lists && table.trusts(addr, now)).then_some(Spared::Trusted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::client_ip::parse_net;

    /// SEC-13: networks that hold one of them are spared as well, neighbours are not.
    #[test]
    fn who_is_never_denied() {
        let mut config = Config::development("unused.db".into());
        config.trusted_proxies = vec![parse_net("10.0.0.0/8").unwrap()];
        config.trusted_ips = vec![parse_net("198.51.100.0/24").unwrap()];
        let mut never = NeverDenied::by(&config);
        never.you = Some("203.0.113.7".parse().unwrap());
        never.staff = vec!["203.0.113.9".parse().unwrap()];
        let spares = |never: &NeverDenied<'_>, net: &str| never.spares(parse_net(net).unwrap());
        for (net, why) in [
            ("127.0.0.1", Spared::Loopback),
            ("::1", Spared::Loopback),
            ("::/0", Spared::Loopback),
            ("0.0.0.0/0", Spared::Loopback),
            ("10.1.0.0/16", Spared::Proxy),
            ("8.0.0.0/6", Spared::Proxy),
            ("198.51.100.17", Spared::Trusted),
            ("203.0.113.7", Spared::You),
            ("203.0.113.0/24", Spared::You),
            ("203.0.113.8/31", Spared::Staff),
        ] {
            assert_eq!(spares(&never, net), Some(why), "{net}");
        }
        for net in ["203.0.113.8", "192.0.2.0/24", "2001:db8::/32"] {
            assert_eq!(spares(&never, net), None, "{net}");
        }
        let mut distrusting = config.clone();
        distrusting.trust_lists = false;
        assert_eq!(spares(&NeverDenied::by(&distrusting), "198.51.100.17"), None, "ENABLE_IP_WHITELIST");
    }
}
