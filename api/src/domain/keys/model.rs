//! Keys as the server knows them, and the rules about them that need nothing else.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net};
use shared::access::{Permission, Scope};
use shared::api_version;
use shared::keys::{KeyIn, KeyMode, KeyOut, KeyRotateIn, KeyStatus};
use shared::mail::KEY_WARNINGS_DAYS;
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::{Checks, FieldCode};

use crate::http::auth::{Caller, Principal};
use crate::http::client_ip::parse_net;
use crate::http::cors::WebOrigin;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, Space};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const MAX_NAME: usize = 80;
const MAX_DAYS: i64 = 3_650;
const DEFAULT_DAYS: u32 = 365;
const MAX_CIDRS: i64 = 50;
const MAX_ORIGINS: i64 = 50;
/// Overlaps that a rotation may have, in hours (KEY-05).
const OVERLAPS: [u32; 5] = [0, 1, 24, 168, 720];
const DEFAULT_OVERLAP: u32 = 24;

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Identifier.
    pub id: String,
    /// Customer that it belongs to.
    pub customer: CustomerId,
    /// The eight characters by which it is found.
    pub key_id: String,
    /// Keyed digest of the whole key.
    pub digest: String,
    /// Version of the key of the digest.
    pub key_version: String,
    /// Last four characters.
    pub last4: String,
    /// Name.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Networks that may use it; empty for everywhere.
    pub cidrs: Vec<IpNet>,
    /// Web sites whose pages may use it; empty for none.
    pub origins: Vec<WebOrigin>,
    /// Space that it works in.
    pub space: Space,
    /// When it expires.
    pub expires_at: Option<Millis>,
    /// Key that it replaces.
    pub rotated_from: Option<String>,
    /// When it stops working because another has replaced it.
    pub overlap_until: Option<Millis>,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
    /// Last use.
    pub last_used_at: Option<Millis>,
    /// Address of the last use.
    pub last_used_ip: Option<String>,
    /// Operation of the last use.
    pub last_used_route: Option<String>,
    /// Requests made with it.
    pub usage_count: i64,
    /// When it was created.
    pub created_at: Millis,
}

impl StoredKey {
    /// KEY-04: state at an instant; what ended it first in the order revoked, expired counts.
    #[must_use]
    pub fn status(&self, now: Millis) -> KeyStatus {
        let past = |end: Option<Millis>| end.is_some_and(|end| end <= now);
        if self.revoked_at.is_some() {
            KeyStatus::Revoked
        } else if past(self.expires_at) || past(self.overlap_until) {
            KeyStatus::Expired
        } else if self.overlap_until.is_some() {
            KeyStatus::Rotating
        } else {
            KeyStatus::Active
        }
    }

    /// Whether it works at an instant.
    #[must_use]
    pub fn is_active(&self, now: Millis) -> bool {
        matches!(self.status(now), KeyStatus::Active | KeyStatus::Rotating)
    }

    /// Live or test.
    #[must_use]
    pub const fn mode(&self) -> KeyMode {
        if self.space.is_test() { KeyMode::Test } else { KeyMode::Live }
    }

    /// Beginning and end of the key, as people see it.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("mvai_{}_{}…{}", self.mode().as_str(), self.key_id, self.last4)
    }

    /// KEY-02: the key as its owner sees it; of the secret only the beginning and the end.
    #[must_use]
    pub fn out(&self, now: Millis) -> KeyOut {
        let mode = self.mode();
        KeyOut {
            id: self.id.clone(),
            key_value: self.shown(),
            name: self.name.clone(),
            mode,
            status: self.status(now),
            is_active: self.is_active(now),
            scopes: self.scopes.clone(),
            cidrs: self.cidrs.iter().map(ToString::to_string).collect(),
            allowed_origins: self.origins.iter().map(ToString::to_string).collect(),
            created_at: self.created_at,
            api_version: api_version::of(self.created_at).to_owned(),
            expires_at: self.expires_at,
            overlap_until: self.overlap_until,
            revoked_at: self.revoked_at,
            rotated_from: self.rotated_from.clone(),
            last_used_at: self.last_used_at,
            last_used_ip: self.last_used_ip.clone(),
            last_used_route: self.last_used_route.clone(),
            usage_count: self.usage_count,
        }
    }
}

/// KEY-08: the notice that is due when a key ends at an instant: that of the fewest days that it still has.
#[must_use]
pub fn warning_due(end: Millis, now: Millis) -> Option<i64> {
    let within = |days: i64| end.0 - now.0 <= days * DAY_MS;
    KEY_WARNINGS_DAYS.into_iter().filter(|days| end > now && within(*days)).min()
}

/// The published name of a state.
#[must_use]
pub const fn status_name(status: KeyStatus) -> &'static str {
    match status {
        KeyStatus::Active => "active",
        KeyStatus::Rotating => "rotating",
        KeyStatus::Expired => "expired",
        KeyStatus::Revoked => "revoked",
    }
}

/// How many places of the plan the keys take: each working key one, but a replaced key and the active key
/// that replaces it only one together (KEY-05).
#[must_use]
pub fn places(keys: &[StoredKey], now: Millis) -> i64 {
    let replaced = |key: &StoredKey| {
        keys.iter()
            .any(|next| next.rotated_from.as_ref() == Some(&key.id) && next.status(now) == KeyStatus::Active)
    };
    let counted = keys.iter().filter(|key| match key.status(now) {
        KeyStatus::Active => true,
        KeyStatus::Rotating => !replaced(key),
        KeyStatus::Expired | KeyStatus::Revoked => false,
    });
    i64::try_from(counted.count()).unwrap_or(i64::MAX)
}

/// Refuses a name that another working key has; a key, its predecessor and its successor may share one (KEY-02).
///
/// # Errors
/// `name_taken`.
pub fn name_is_free(working: &[StoredKey], name: &str, own: Option<&StoredKey>) -> Answer<()> {
    let wanted = name.to_lowercase();
    let related = |key: &StoredKey| {
        own.is_some_and(|own| {
            key.id == own.id
                || own.rotated_from.as_ref() == Some(&key.id)
                || key.rotated_from.as_ref() == Some(&own.id)
        })
    };
    if working.iter().any(|key| !related(key) && key.name.to_lowercase() == wanted) {
        return Err(Problem::new(Code::NameTaken).with("name", name));
    }
    Ok(())
}

/// Who makes and changes keys: a person may grant everything, a key no more than it has itself.
#[derive(Debug, Clone)]
pub struct Grantor {
    /// Stored as the author of a key.
    pub actor_ref: String,
    bounds: Option<Bounds>,
}

#[derive(Debug, Clone)]
struct Bounds {
    scopes: Vec<Scope>,
    cidrs: Vec<IpNet>,
    origins: Vec<WebOrigin>,
    space: Space,
}

impl From<&Principal> for Grantor {
    fn from(principal: &Principal) -> Self {
        let bounds = match &principal.caller {
            Caller::Key { scopes, cidrs, origins, space, .. } => Some(Bounds {
                scopes: scopes.clone(),
                cidrs: cidrs.clone(),
                origins: origins.clone(),
                space: *space,
            }),
            Caller::Person { .. } | Caller::Staff { .. } => None,
        };
        Self { actor_ref: principal.actor_ref(), bounds }
    }
}

impl Grantor {
    /// Somebody without bounds: the command line, the demo data.
    #[must_use]
    pub fn unbounded(actor_ref: &str) -> Self {
        Self { actor_ref: actor_ref.to_owned(), bounds: None }
    }

    /// KEY-03, KEY-09: a key reaches keys of its own space; a test key never touches a live one.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn reaches(&self, key: &StoredKey) -> Answer<()> {
        match &self.bounds {
            Some(bounds) if bounds.space.is_test() && !key.space.is_test() => Err(forbidden()),
            _ => Ok(()),
        }
    }

    /// KEY-03: whoever gets the secret of a key gets all that it may do, so a key must have all of that itself.
    ///
    /// # Errors
    /// `insufficient_scope` naming the first missing scope, `forbidden` for networks, web sites and space.
    pub fn covers(&self, key: &StoredKey) -> Answer<()> {
        self.reaches(key)?;
        self.has(&key.scopes)?;
        let Some(bounds) = &self.bounds else { return Ok(()) };
        let inside = bounds.cidrs.is_empty()
            || (!key.cidrs.is_empty() && key.cidrs.iter().all(|net| bounds.admits(net)));
        if inside && key.origins.iter().all(|origin| bounds.opens(origin)) {
            Ok(())
        } else {
            Err(forbidden())
        }
    }

    /// API-08: checks web sites that a key shall be open to; doubles count once. A key that is open to some opens others
    /// to no more.
    pub fn origins(&self, checks: &mut Checks, given: &[String]) -> Vec<WebOrigin> {
        checks.range("/allowed_origins", count(given.len()), 0, MAX_ORIGINS);
        let mut origins = Vec::new();
        for (at, text) in given.iter().enumerate().take(MAX_ORIGINS as usize) {
            let pointer = format!("/allowed_origins/{at}");
            let Some(origin) = WebOrigin::parse(text) else {
                let actual = text.chars().take(60).collect();
                checks.fail(&pointer, FieldCode::Origin, &[("actual", actual)]);
                continue;
            };
            if let Some(bounds) = self.bounds.as_ref().filter(|bounds| !bounds.opens(&origin)) {
                let allowed = bounds.origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let args = [("actual", origin.to_string()), ("allowed", allowed)];
                checks.fail(&pointer, FieldCode::OneOf, &args);
            }
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        origins
    }

    fn has(&self, scopes: &[Scope]) -> Answer<()> {
        let Some(bounds) = &self.bounds else { return Ok(()) };
        match scopes.iter().find(|scope| !bounds.scopes.contains(scope)) {
            Some(missing) => Err(Problem::new(Code::InsufficientScope).with("scope", missing.as_str())),
            None => Ok(()),
        }
    }
}

impl Bounds {
    fn opens(&self, origin: &WebOrigin) -> bool {
        self.origins.is_empty() || self.origins.contains(origin)
    }

    fn admits(&self, net: &IpNet) -> bool {
        self.cidrs.is_empty() || self.cidrs.iter().any(|own| own.contains(net))
    }
}

fn forbidden() -> Problem {
    Problem::new(Code::Forbidden).with("permission", Permission::KeysManage.as_str())
}

/// What a new key shall be, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Name.
    pub name: String,
    /// Space.
    pub space: Space,
    /// Scopes, each once, in the order of the catalogue.
    pub scopes: Vec<Scope>,
    /// Networks; empty for everywhere.
    pub cidrs: Vec<IpNet>,
    /// Web sites; empty for none.
    pub origins: Vec<WebOrigin>,
    /// Life in milliseconds; `None` for a key without an end.
    pub life_ms: Option<i64>,
}

impl Wish {
    /// KEY-02, KEY-03: checks what is asked for and by whom.
    ///
    /// # Errors
    /// `invalid_body` with a fault for each member, `insufficient_scope`.
    pub fn judge(input: KeyIn, by: &Grantor) -> Answer<Self> {
        let mut checks = Checks::default();
        let name = name(&mut checks, &input.name);
        let scopes = match input.scopes {
            Some(list) => scopes(&mut checks, list),
            None => Scope::DEFAULT.to_vec(),
        };
        let days = input.expires_in_days.unwrap_or(DEFAULT_DAYS);
        checks.range("/expires_in_days", i64::from(days), 0, MAX_DAYS);
        let mut cidrs = networks(&mut checks, &input.cidrs.unwrap_or_default());
        let origins = by.origins(&mut checks, &input.allowed_origins.unwrap_or_default());
        let space = match input.mode {
            KeyMode::Live => Space::Live,
            KeyMode::Test => Space::Test,
        };
        if let Some(bounds) = &by.bounds {
            bounds.check(&mut checks, &cidrs, space);
            if cidrs.is_empty() {
                // A key that is bound to networks makes keys that are bound to them as well.
                cidrs.clone_from(&bounds.cidrs);
            }
        }
        no_faults(checks)?;
        by.has(&scopes)?;
        let life_ms = (days > 0).then(|| i64::from(days) * DAY_MS);
        Ok(Self { name, space, scopes, cidrs, origins, life_ms })
    }
}

impl Bounds {
    fn check(&self, checks: &mut Checks, cidrs: &[IpNet], space: Space) {
        if self.space.is_test() && !space.is_test() {
            let args = [("actual", "live".to_owned()), ("allowed", "test".to_owned())];
            checks.fail("/mode", FieldCode::OneOf, &args);
        }
        for (at, net) in cidrs.iter().enumerate().filter(|(_, net)| !self.admits(net)) {
            let allowed = self.cidrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let args = [("actual", net.to_string()), ("allowed", allowed)];
            checks.fail(&format!("/cidrs/{at}"), FieldCode::OneOf, &args);
        }
    }
}

/// Checks a name of a key.
pub fn name(checks: &mut Checks, given: &str) -> String {
    checks.line("/name", given, 1, MAX_NAME)
}

/// Checks a list of scopes; doubles count once.
pub fn scopes(checks: &mut Checks, given: Vec<Scope>) -> Vec<Scope> {
    checks.range("/scopes", count(given.len()), 1, count(Scope::ALL.len()));
    given.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

fn networks(checks: &mut Checks, given: &[String]) -> Vec<IpNet> {
    checks.range("/cidrs", count(given.len()), 0, MAX_CIDRS);
    let mut nets: Vec<IpNet> = Vec::new();
    // Beyond the limit the list is refused already; looking at the rest would cost time without end.
    for (at, text) in given.iter().enumerate().take(MAX_CIDRS as usize) {
        match network(text) {
            Some(net) if nets.contains(&net) => {}
            Some(net) => nets.push(net),
            None => {
                let actual = text.chars().take(60).collect();
                checks.fail(&format!("/cidrs/{at}"), FieldCode::Cidr, &[("actual", actual)]);
            }
        }
    }
    nets
}

/// Reads a network. IPv4 inside IPv6 becomes IPv4: addresses of clients are compared in that form.
fn network(text: &str) -> Option<IpNet> {
    let net = parse_net(text)?;
    let IpNet::V6(v6) = net else { return Some(net) };
    let mapped = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    match mapped {
        Some((addr, prefix)) => Ipv4Net::new(addr, prefix).ok().map(IpNet::V4),
        None => Some(IpNet::V6(v6)),
    }
}

/// KEY-05: the overlap of a rotation in milliseconds.
///
/// # Errors
/// `invalid_body` for hours that are not offered.
pub fn overlap_ms(input: &KeyRotateIn) -> Answer<i64> {
    let hours = input.overlap_hours.unwrap_or(DEFAULT_OVERLAP);
    let mut checks = Checks::default();
    if !OVERLAPS.contains(&hours) {
        let allowed = OVERLAPS.map(|hours| hours.to_string()).join(", ");
        checks.fail(
            "/overlap_hours",
            FieldCode::OneOf,
            &[("actual", hours.to_string()), ("allowed", allowed)],
        );
    }
    no_faults(checks)?;
    Ok(i64::from(hours) * HOUR_MS)
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);

    fn key(id: &str) -> StoredKey {
        StoredKey {
            id: id.to_owned(),
            customer: CustomerId(1),
            key_id: "AbCd1234".to_owned(),
            digest: String::new(),
            key_version: String::new(),
            last4: "wxyz".to_owned(),
            name: id.to_owned(),
            scopes: Scope::DEFAULT.to_vec(),
            cidrs: vec![],
            origins: Vec::new(),
            space: Space::Live,
            expires_at: None,
            rotated_from: None,
            overlap_until: None,
            revoked_at: None,
            last_used_at: None,
            last_used_ip: None,
            last_used_route: None,
            usage_count: 0,
            created_at: NOW,
        }
    }

    fn bounded(scopes: &[Scope], cidrs: &[&str], space: Space) -> Grantor {
        let cidrs = cidrs.iter().map(|net| network(net).unwrap()).collect();
        Grantor {
            actor_ref: "key:k".to_owned(),
            bounds: Some(Bounds { scopes: scopes.to_vec(), cidrs, origins: Vec::new(), space }),
        }
    }

    fn pointers(answer: Answer<Wish>) -> Vec<String> {
        let out = answer.unwrap_err().render(shared::lang::Lang::En, "/", "1");
        out.errors.into_iter().map(|error| error.pointer).collect()
    }

    /// KEY-04: revoked beats expired beats rotating beats active; an end counts from its very instant.
    #[test]
    fn states_have_an_order() {
        let (past, future) = (Some(Millis(NOW.0 - 1)), Some(Millis(NOW.0 + 1)));
        for (revoked_at, expires_at, overlap_until, expected) in [
            (None, None, None, KeyStatus::Active),
            (None, future, None, KeyStatus::Active),
            (None, future, future, KeyStatus::Rotating),
            (None, Some(NOW), future, KeyStatus::Expired),
            (None, future, Some(NOW), KeyStatus::Expired),
            (past, past, past, KeyStatus::Revoked),
        ] {
            let key = StoredKey { revoked_at, expires_at, overlap_until, ..key("a") };
            assert_eq!(key.status(NOW), expected);
            assert_eq!(key.is_active(NOW), matches!(expected, KeyStatus::Active | KeyStatus::Rotating));
        }
    }

    /// KEY-02: later views show the first eighteen and the last four characters.
    #[test]
    fn only_the_ends_of_a_key_are_shown() {
        let shown = key("a").out(NOW).key_value;
        assert_eq!(shown, "mvai_live_AbCd1234…wxyz");
        assert_eq!(
            StoredKey { space: Space::Test, ..key("a") }.out(NOW).key_value,
            "mvai_test_AbCd1234…wxyz"
        );
    }

    /// KEY-05: a replaced key and its successor take one place; without a successor that works it takes its own.
    #[test]
    fn replaced_keys_do_not_count_twice() {
        let until = Some(Millis(NOW.0 + HOUR_MS));
        let old = StoredKey { overlap_until: until, ..key("old") };
        let new = StoredKey { rotated_from: Some("old".to_owned()), ..key("new") };
        let revoked = StoredKey { revoked_at: Some(NOW), ..new.clone() };
        let rotated = StoredKey { overlap_until: until, ..new.clone() };
        let third = StoredKey { rotated_from: Some("new".to_owned()), ..key("third") };
        assert_eq!(places(&[key("x"), old.clone(), new], NOW), 2);
        assert_eq!(places(&[old.clone(), revoked], NOW), 1);
        assert_eq!(
            places(&[old, rotated, third], NOW),
            2,
            "rotating again and again is not a way around the plan"
        );
        assert_eq!(places(&[], NOW), 0);
    }

    /// KEY-02: a name is unique among working keys, without regard to case; a rotated pair shares it.
    #[test]
    fn names_are_unique() {
        let old = StoredKey { name: "Magazijn".to_owned(), ..key("old") };
        let new =
            StoredKey { name: "Magazijn".to_owned(), rotated_from: Some("old".to_owned()), ..key("new") };
        let other = key("other");
        let all = [old.clone(), new.clone(), other.clone()];
        assert_eq!(name_is_free(&all, "MAGAZIJN", None).unwrap_err().code, Code::NameTaken);
        assert!(name_is_free(&all, "Kantoor", None).is_ok());
        assert!(
            name_is_free(&all, "magazijn", Some(&new)).is_ok()
                && name_is_free(&all, "magazijn", Some(&old)).is_ok()
        );
        assert!(name_is_free(&all, "magazijn", Some(&other)).is_err());
    }

    /// KEY-02: what is absent has a default, and every fault has its place.
    #[test]
    fn wishes_are_checked() {
        let owner = Grantor::unbounded("access_code");
        let good = Wish::judge(KeyIn { name: " A ".to_owned(), ..KeyIn::default() }, &owner).unwrap();
        assert_eq!((good.name.as_str(), good.life_ms), ("A", Some(365 * DAY_MS)));
        assert_eq!(good.scopes, Scope::DEFAULT);
        let input = KeyIn {
            name: "a".to_owned(),
            mode: KeyMode::Test,
            scopes: Some(vec![Scope::KeysManage, Scope::LogsRead, Scope::LogsRead]),
            expires_in_days: Some(0),
            cidrs: Some(
                ["203.0.113.7/24", "203.0.113.0/24", "::ffff:10.0.0.0/104", "2001:db8::1"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            allowed_origins: Some(
                ["https://shop.example", "https://SHOP.example:443/"].map(str::to_owned).to_vec(),
            ),
        };
        let good = Wish::judge(input, &owner).unwrap();
        assert_eq!(good.scopes, [Scope::LogsRead, Scope::KeysManage]);
        assert_eq!((good.space, good.life_ms), (Space::Test, None));
        let nets: Vec<String> = good.cidrs.iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::1/128"]);
        assert_eq!(good.origins, [WebOrigin::parse("https://shop.example").unwrap()]);
        let input = KeyIn {
            name: "a\nb".to_owned(),
            scopes: Some(vec![]),
            expires_in_days: Some(3_651),
            cidrs: Some(["10.0.0.0/33", "10.0.0.0/8", "home"].map(str::to_owned).to_vec()),
            allowed_origins: Some(["https://shop.example", "*"].map(str::to_owned).to_vec()),
            ..KeyIn::default()
        };
        let faults = pointers(Wish::judge(input, &owner));
        assert_eq!(
            faults,
            ["/name", "/scopes", "/expires_in_days", "/cidrs/0", "/cidrs/2", "/allowed_origins/1"]
        );
    }

    /// KEY-03: a key grants nothing that it does not have: no scope, no network, no space.
    #[test]
    fn keys_grant_no_more_than_they_have() {
        let by = bounded(&[Scope::LogsRead, Scope::KeysManage], &["10.0.0.0/8"], Space::Test);
        let wish = |scopes: &[Scope], cidrs: &[&str], mode| {
            let cidrs = Some(cidrs.iter().map(|net| (*net).to_owned()).collect());
            let input = KeyIn {
                name: "n".to_owned(),
                mode,
                scopes: Some(scopes.to_vec()),
                cidrs,
                ..KeyIn::default()
            };
            Wish::judge(input, &by)
        };
        let made = wish(&[Scope::LogsRead], &[], KeyMode::Test).unwrap();
        assert_eq!(made.cidrs, [network("10.0.0.0/8").unwrap()], "networks are inherited");
        assert!(wish(&[Scope::LogsRead], &["10.1.0.0/16"], KeyMode::Test).is_ok());
        assert_eq!(wish(&[Scope::LogsWrite], &[], KeyMode::Test).unwrap_err().code, Code::InsufficientScope);
        assert_eq!(pointers(wish(&[Scope::LogsRead], &["0.0.0.0/0"], KeyMode::Live)), ["/mode", "/cidrs/0"]);

        let inside =
            StoredKey { scopes: vec![Scope::LogsRead], cidrs: made.cidrs, space: Space::Test, ..key("a") };
        assert!(by.covers(&inside).is_ok());
        for wider in [
            StoredKey { scopes: vec![Scope::LogsWrite], ..inside.clone() },
            StoredKey { cidrs: vec![], ..inside.clone() },
            StoredKey { space: Space::Live, ..inside.clone() },
        ] {
            assert_eq!(by.covers(&wider).unwrap_err().code.status(), 403);
            assert!(Grantor::unbounded("access_code").covers(&wider).is_ok());
        }
    }

    /// KEY-05: the overlaps on offer, and no others.
    #[test]
    fn overlaps_are_a_choice() {
        let ask = |hours| overlap_ms(&KeyRotateIn { overlap_hours: hours });
        assert_eq!(ask(None).unwrap(), DAY_MS);
        for hours in OVERLAPS {
            assert_eq!(ask(Some(hours)).unwrap(), i64::from(hours) * HOUR_MS);
        }
        for hours in [2, 25, 721, u32::MAX] {
            assert_eq!(ask(Some(hours)).unwrap_err().code.status(), 422);
        }
    }
}
