//! The client's address: the socket's peer, or what a trusted proxy says. Nowhere else is it decided.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Bits before an IPv4 address in the form of IPv6.
const MAPPED_BITS: u8 = 96;

/// The address of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClientIp {
    /// The address; unknown only where no socket is (tests).
    pub addr: Option<IpAddr>,
    /// Whether a trusted proxy named it.
    pub via_trusted_proxy: bool,
    /// Whether it is a private address that says it forwards for others and is not trusted: most likely a proxy that
    /// nobody named in `TRUSTED_PROXIES`, and everybody comes from it.
    pub may_be_proxy: bool,
}

impl fmt::Display for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addr {
            Some(addr) => addr.fmt(f),
            None => f.write_str("-"),
        }
    }
}

impl ClientIp {
    /// What limits count by: the address, and for IPv6 its /64, because one customer has 2⁶⁴ of them.
    #[must_use]
    pub fn bucket(&self) -> String {
        match self.addr {
            Some(IpAddr::V6(v6)) => {
                let mut octets = v6.octets();
                octets[8..].fill(0);
                format!("{}/64", Ipv6Addr::from(octets))
            }
            Some(v4) => v4.to_string(),
            None => "-".to_owned(),
        }
    }
}

/// Finds the address: from right to left through `X-Forwarded-For`, skipping trusted proxies. An entry that
/// cannot be read ends the walk at the last good address. Other forwarding headers are never read.
#[must_use]
pub fn client_ip(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> ClientIp {
    let is_trusted = |addr: &IpAddr| trusted.iter().any(|net| net.contains(addr));
    let Some(mut addr) = peer.map(normalise) else {
        return ClientIp::default();
    };
    if !is_trusted(&addr) {
        let forwards = ["x-forwarded-for", "forwarded"].iter().any(|name| headers.contains_key(*name));
        let may_be_proxy = forwards && is_private(addr);
        return ClientIp { addr: Some(addr), via_trusted_proxy: false, may_be_proxy };
    }
    let joined = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().unwrap_or("?"))
        .collect::<Vec<_>>()
        .join(",");
    for entry in joined.rsplit(',').map(str::trim).filter(|entry| !entry.is_empty()).take(64) {
        let Some(next) = parse_entry(entry) else { break };
        addr = next;
        if !is_trusted(&addr) {
            break;
        }
    }
    ClientIp { addr: Some(addr), via_trusted_proxy: true, may_be_proxy: false }
}

/// Whether an address is of a private network: that of the machine itself, a company, a provider.
fn is_private(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

fn normalise(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(addr, IpAddr::V4),
        IpAddr::V4(_) => addr,
    }
}

fn parse_entry(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_matches('"');
    let host = match bare.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None if bare.matches(':').count() == 1 => bare.split_once(':')?.0,
        None => bare,
    };
    host.parse().ok().map(normalise)
}

/// Reads a network or a single address.
#[must_use]
pub fn parse_net(text: &str) -> Option<IpNet> {
    let text = text.trim();
    if let Ok(addr) = text.parse::<IpAddr>() {
        return Some(IpNet::from(normalise(addr)));
    }
    let net = text.parse::<IpNet>().ok()?.trunc();
    // Networks of IPv4 in the form of IPv6 are IPv4, like their addresses.
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= MAPPED_BITS => {
            let mapped = v6.addr().to_ipv4_mapped();
            mapped.map_or(Some(net), |v4| IpNet::new(v4.into(), v6.prefix_len() - MAPPED_BITS).ok())
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        headers.insert("x-real-ip", "6.6.6.6".parse().unwrap());
        let trusted: Vec<IpNet> = trusted.iter().map(|net| parse_net(net).unwrap()).collect();
        client_ip(Some(peer.parse().unwrap()), &headers, &trusted).to_string()
    }

    /// LOG-13: only a trusted proxy is believed, and it is read from the right.
    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        let proxy = ["10.0.0.0/8"];
        assert_eq!(resolve("203.0.113.9", &["1.1.1.1"], &proxy), "203.0.113.9", "not a proxy of ours");
        assert_eq!(resolve("10.0.0.1", &["1.1.1.1, 203.0.113.9"], &proxy), "203.0.113.9");
        assert_eq!(resolve("10.0.0.1", &["203.0.113.9, 10.2.2.2"], &proxy), "203.0.113.9");
        assert_eq!(
            resolve("10.0.0.1", &["1.1.1.1", "203.0.113.9"], &proxy),
            "203.0.113.9",
            "lines are joined in order"
        );
        assert_eq!(
            resolve("10.0.0.1", &["203.0.113.9, unknown"], &proxy),
            "10.0.0.1",
            "the last good address counts"
        );
        assert_eq!(resolve("10.0.0.1", &["203.0.113.9:4711"], &proxy), "203.0.113.9");
        assert_eq!(resolve("10.0.0.1", &["[2001:db8::1]:443"], &proxy), "2001:db8::1");
        assert_eq!(
            resolve("::ffff:10.0.0.1", &["::ffff:203.0.113.9"], &proxy),
            "203.0.113.9",
            "mapped addresses"
        );
        assert_eq!(resolve("10.0.0.1", &[], &proxy), "10.0.0.1");
    }

    /// ACC-10: a whole /64 is one client.
    #[test]
    fn ipv6_is_counted_by_its_64() {
        let bucket =
            |addr: &str| ClientIp { addr: Some(addr.parse().unwrap()), ..ClientIp::default() }.bucket();
        assert_eq!(bucket("2001:db8:1:2:3:4:5:6"), bucket("2001:db8:1:2::1"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
    }
}
