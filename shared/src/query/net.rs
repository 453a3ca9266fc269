//! Addresses of a query: one address or a network, kept as a network.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address or network; the bits behind the prefix are zero. IPv4 inside IPv6 is kept as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IpTest {
    /// First address.
    pub network: IpAddr,
    /// Number of fixed bits: 32 or 128 for a single address.
    pub prefix: u8,
}

impl IpTest {
    /// Makes a network; `None` if the prefix is too long. Bits behind the prefix are cleared.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let network = match address {
            IpAddr::V4(v4) if prefix <= 32 => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask4(prefix))),
            IpAddr::V6(v6) if prefix <= 128 => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask6(prefix))),
            _ => return None,
        };
        Some(Self { network, prefix })
    }

    /// Reads `203.0.113.7`, `203.0.113.0/24`, `203.0.113.*`, `203.*`, `2001:db8::1` or `2001:db8::/32`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((address, prefix)) = text.split_once('/') {
            let short = prefix.len() <= 3 && prefix.bytes().all(|b| b.is_ascii_digit());
            return Self::new(address.parse().ok()?, if short { prefix.parse().ok()? } else { return None });
        }
        if text.ends_with('*') {
            return Self::wildcard(text);
        }
        let address = text.parse::<IpAddr>().ok()?.to_canonical();
        Self::new(address, if address.is_ipv4() { 32 } else { 128 })
    }

    fn wildcard(text: &str) -> Option<Self> {
        let mut octets = [0_u8; 4];
        let mut fixed = 0_u8;
        let mut starred = false;
        let parts: Vec<&str> = text.split('.').collect();
        for (slot, part) in octets.iter_mut().zip(&parts) {
            if *part == "*" {
                starred = true;
            } else if starred || part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            } else {
                *slot = part.parse().ok()?;
                fixed += 8;
            }
        }
        if fixed == 0 || parts.len() > 4 {
            return None;
        }
        Self::new(IpAddr::from(octets), fixed)
    }

    /// Tells whether the address is in the network; IPv4 inside IPv6 counts as IPv4.
    pub fn contains(self, address: IpAddr) -> bool {
        Self::new(address.to_canonical(), self.prefix).is_some_and(|other| other == self)
    }

    /// Tells whether this is one address.
    pub fn is_single(self) -> bool {
        self.prefix == if self.network.is_ipv4() { 32 } else { 128 }
    }

    /// Returns the last address of the network; the first is [`Self::network`].
    pub fn last(self) -> IpAddr {
        match self.network {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() | !mask4(self.prefix))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() | !mask6(self.prefix))),
        }
    }
}

fn mask4(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(u32::from(prefix))).unwrap_or(0)
}

fn mask6(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(prefix))).unwrap_or(0)
}

impl fmt::Display for IpTest {
    /// Writes `203.0.113.7` or `203.0.113.0/24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() {
            write!(f, "{}", self.network)
        } else {
            write!(f, "{}/{}", self.network, self.prefix)
        }
    }
}

/// Tells whether a text with colons is an IPv6 or MAC address and so cannot be `field:value`.
pub(super) fn is_address(text: &str) -> bool {
    let hex_pair = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
    text.parse::<Ipv6Addr>().is_ok() || (text.len() == 17 && text.split(':').all(hex_pair))
}
