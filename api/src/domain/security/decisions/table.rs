//! Decisions in force, found by address. Pure: who asks says when.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use shared::security::{DecisionAction, DecisionOrigin, DecisionScope};
use shared::time::Millis;

use super::model::Decision;

/// What decisions say of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It passes.
    Pass,
    /// It is turned away.
    Deny(Arc<Decision>),
    /// It waits its turn.
    Throttle(Arc<Decision>),
}

/// See the module.
#[derive(Debug, Default)]
pub struct Table {
    /// Lengths of prefixes that occur, of IPv4 and IPv6, longest first.
    lengths: [Vec<u8>; 2],
    by_network: HashMap<IpNet, Vec<Arc<Decision>>>,
    /// Automatic decisions that were lifted lately: their cause only alerts until then.
    graces: HashMap<(IpNet, DecisionOrigin), Millis>,
}

impl Table {
    /// Takes decisions that were made, and the graces of those that were lifted.
    #[must_use]
    pub fn new(
        decisions: impl IntoIterator<Item = Decision>,
        graces: impl IntoIterator<Item = (IpNet, DecisionOrigin, Millis)>,
    ) -> Self {
        let mut by_network: HashMap<IpNet, Vec<Arc<Decision>>> = HashMap::new();
        for decision in decisions.into_iter().filter(|decision| decision.lifted_at.is_none()) {
            by_network.entry(decision.network).or_default().push(Arc::new(decision));
        }
        let lengths = [false, true].map(|v6| {
            let of_family = by_network.keys().filter(|net| matches!(net, IpNet::V6(_)) == v6);
            of_family.map(IpNet::prefix_len).collect::<BTreeSet<u8>>().into_iter().rev().collect()
        });
        let mut latest = HashMap::new();
        for (network, origin, until) in graces {
            let known: &mut Millis = latest.entry((network, origin)).or_insert(until);
            *known = (*known).max(until);
        }
        Self { lengths, by_network, graces: latest }
    }

    /// Decisions in force about an address, those about the narrowest network first.
    pub fn about(&self, addr: IpAddr, now: Millis) -> impl Iterator<Item = &Arc<Decision>> {
        let nets = self.lengths[usize::from(addr.is_ipv6())]
            .iter()
            .filter_map(move |length| IpNet::new(addr, *length).ok().map(|net| net.trunc()));
        let all = nets.filter_map(|net| self.by_network.get(&net)).flatten();
        all.filter(move |decision| decision.expires_at.is_none_or(|end| end > now))
    }

    /// Whether an address may pass at a place: allowing beats denying, staff's denying comes before automatic denying,
    /// denying before slowing; among equals the narrowest network decides. Simulated decisions do not rule.
    #[must_use]
    pub fn rule(&self, addr: IpAddr, place: DecisionScope, now: Millis) -> Ruling {
        let holds = |decision: &&Arc<Decision>| {
            !decision.simulated && (decision.scope == DecisionScope::All || decision.scope == place)
        };
        let all: Vec<&Arc<Decision>> = self.about(addr, now).filter(holds).collect();
        let first = |action: DecisionAction, automatic: Option<bool>| {
            let fits = |decision: &&&Arc<Decision>| {
                decision.action == action
                    && automatic.is_none_or(|automatic| decision.is_automatic() == automatic)
            };
            all.iter().find(fits).map(|decision| Arc::clone(decision))
        };
        if first(DecisionAction::Allow, None).is_some() {
            return Ruling::Pass;
        }
        let denied =
            first(DecisionAction::Deny, Some(false)).or_else(|| first(DecisionAction::Deny, Some(true)));
        let ruling = denied.map(Ruling::Deny);
        ruling.or_else(|| first(DecisionAction::Throttle, None).map(Ruling::Throttle)).unwrap_or(Ruling::Pass)
    }

    /// Simulated denying and slowing that an address meets at a place.
    #[must_use]
    pub fn simulated(&self, addr: IpAddr, place: DecisionScope, now: Millis) -> Vec<Arc<Decision>> {
        let harsh = |decision: &&Arc<Decision>| {
            decision.simulated
                && matches!(decision.action, DecisionAction::Deny | DecisionAction::Throttle)
                && (decision.scope == DecisionScope::All || decision.scope == place)
        };
        self.about(addr, now).filter(harsh).cloned().collect()
    }

    /// Whether staff trusts an address: it is never denied automatically.
    #[must_use]
    pub fn trusts(&self, addr: IpAddr, now: Millis) -> bool {
        self.about(addr, now).any(|decision| {
            matches!(decision.action, DecisionAction::Allow | DecisionAction::Exempt) && !decision.simulated
        })
    }

    /// Whether staff lifted a decision of this origin about a network a short while ago.
    #[must_use]
    pub fn is_in_grace(&self, network: IpNet, origin: DecisionOrigin, now: Millis) -> bool {
        self.graces.get(&(network, origin)).is_some_and(|until| *until > now)
    }

    /// Decisions, in force or not yet forgotten.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Decision>> {
        self.by_network.values().flatten()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::model::read_network;
    use super::*;

    fn decision(network: &str, action: DecisionAction) -> Decision {
        Decision {
            id: format!("{action:?} {network}"),
            network: read_network(network).unwrap(),
            action,
            scope: DecisionScope::All,
            reason: String::new(),
            origin: DecisionOrigin::Manual,
            evidence: Vec::new(),
            simulated: false,
            created_at: Millis(0),
            expires_at: Some(Millis(1_000)),
            lifted_at: None,
            hits: 0,
            last_hit_at: None,
        }
    }

    fn ruling(decisions: &[Decision], addr: &str) -> String {
        let table = Table::new(decisions.to_vec(), []);
        match table.rule(addr.parse().unwrap(), DecisionScope::Api, Millis(500)) {
            Ruling::Pass => "pass".to_owned(),
            Ruling::Deny(decision) | Ruling::Throttle(decision) => decision.id.clone(),
        }
    }

    use DecisionAction::{Allow, Deny, Throttle};

    /// Allowing beats denying, staff beats machines, the narrowest decides among equals, and ends are kept.
    #[test]
    fn the_order_of_decisions() {
        let wide = decision("10.0.0.0/8", Deny);
        let narrow = decision("10.1.2.3", Deny);
        assert_eq!(ruling(&[wide.clone(), narrow.clone()], "10.1.2.3"), "Deny 10.1.2.3");
        assert_eq!(ruling(&[wide.clone(), narrow.clone()], "10.1.2.4"), "Deny 10.0.0.0/8");
        assert_eq!(ruling(std::slice::from_ref(&wide), "11.0.0.1"), "pass");
        let allowed = decision("10.0.0.0/9", Allow);
        assert_eq!(ruling(&[wide.clone(), narrow.clone(), allowed.clone()], "10.1.2.3"), "pass");
        let slow = decision("10.1.2.3", Throttle);
        assert_eq!(ruling(&[wide.clone(), slow.clone()], "10.1.2.3"), "Deny 10.0.0.0/8");
        assert_eq!(ruling(std::slice::from_ref(&slow), "10.1.2.3"), "Throttle 10.1.2.3");
        let automatic = Decision { origin: DecisionOrigin::Detector, ..narrow.clone() };
        assert_eq!(ruling(&[automatic, wide.clone()], "10.1.2.3"), "Deny 10.0.0.0/8");
        let elsewhere = Decision { scope: DecisionScope::Admin, ..wide.clone() };
        assert_eq!(ruling(&[elsewhere], "10.1.2.3"), "pass");
        for gone in [
            Decision { expires_at: Some(Millis(500)), ..wide.clone() },
            Decision { lifted_at: Some(Millis(400)), ..wide.clone() },
            Decision { simulated: true, ..wide.clone() },
        ] {
            assert_eq!(ruling(&[gone], "10.1.2.3"), "pass");
        }
        let simulated_allowing = Decision { simulated: true, ..allowed };
        assert_eq!(ruling(&[wide, simulated_allowing], "10.1.2.3"), "Deny 10.0.0.0/8");
    }

    /// SEC-03: addresses of IPv4 in the form of IPv6 are IPv4, in networks too; of IPv6 a /64 is one client.
    #[test]
    fn networks_are_compared_in_one_form() {
        assert_eq!(ruling(&[decision("::ffff:10.0.0.0/104", Deny)], "10.9.9.9"), "Deny ::ffff:10.0.0.0/104");
        assert_eq!(ruling(&[decision("::ffff:10.0.0.1", Deny)], "10.0.0.1"), "Deny ::ffff:10.0.0.1");
        assert_eq!(ruling(&[decision("2001:db8::1", Deny)], "2001:db8::ffff"), "Deny 2001:db8::1");
        assert_eq!(ruling(&[decision("2001:db8::1", Deny)], "2001:db8:0:1::1"), "pass");
        for everything in ["0.0.0.0/0", "::/0"] {
            let other = if everything == "::/0" { "192.0.2.1" } else { "2001:db8::1" };
            assert_eq!(ruling(&[decision(everything, Deny)], other), "pass", "a family of its own");
        }
    }

    /// An address by its bits, without anything of what is tested.
    fn bits(addr: IpAddr) -> (bool, u128) {
        match addr {
            IpAddr::V4(v4) => (false, u128::from(u32::from(v4)) << 96),
            IpAddr::V6(v6) => (true, u128::from(v6)),
        }
    }

    fn address() -> impl Strategy<Value = IpAddr> {
        // Few different bits, so that networks overlap and are hit.
        let v4 = (0_u32..8, 0_u32..4).prop_map(|(high, low)| IpAddr::from((high << 29 | low).to_be_bytes()));
        let v6 = (0_u128..8, 0_u128..4)
            .prop_map(|(high, low)| IpAddr::from((high << 125 | low << 64).to_be_bytes()));
        prop_oneof![v4, v6]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// A hundred thousand random pairs of address and network are matched as bits say, the narrowest first.
        #[test]
        fn networks_hold_the_addresses_that_bits_say(
            nets in prop::collection::vec((address(), 0_u8..=128), 0..6),
            addresses in prop::collection::vec(address(), 50),
        ) {
            let nets: Vec<IpNet> = nets
                .into_iter()
                .map(|(addr, length)| IpNet::new(addr, if addr.is_ipv4() { length % 33 } else { length % 65 }).unwrap().trunc())
                .collect();
            let table = Table::new(nets.iter().map(|net| decision(&net.to_string(), Deny)), []);
            for addr in addresses {
                let (family, own) = bits(addr);
                let mut expected: Vec<u8> = nets
                    .iter()
                    .filter(|net| {
                        let (of, theirs) = bits(net.addr());
                        let shift = 128 - u32::from(net.prefix_len());
                        of == family && own.checked_shr(shift).unwrap_or(0) == theirs.checked_shr(shift).unwrap_or(0)
                    })
                    .map(IpNet::prefix_len)
                    .collect();
                expected.sort_unstable_by(|a, b| b.cmp(a));
                let found: Vec<u8> = table.about(addr, Millis(0)).map(|decision| decision.network.prefix_len()).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
