//! What protects the product from outside, and what staff sees of it: events, decisions about addresses, modes
//! (SEC-06 … SEC-15).

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// Events on a page.
pub const EVENT_PAGE: i64 = 50;
/// Days that events are kept (SEC-15).
pub const EVENT_DAYS: i64 = 400;
/// Hours that a decision of staff holds if nothing else is said, and at most (SEC-06).
pub const DECISION_HOURS: i64 = 24;
/// See [`DECISION_HOURS`].
pub const MAX_DECISION_HOURS: i64 = 24 * 365;
/// Characters of the reason of a decision.
pub const MAX_REASON: usize = 300;
/// Hours after lifting an automatic decision in which its cause only alerts.
pub const GRACE_HOURS: i64 = 24;
/// Failed sign-ins within an hour from which the level is raised (SEC-14).
pub const RAISED_BY_SIGN_INS: i64 = 20;
/// Severe events within a day from which the level is raised (SEC-14).
pub const RAISED_BY_HIGH: i64 = 3;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stored and published name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Finds one by its name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

words! {
    /// What happened.
    SecurityEventKind {
        /// Somebody could not sign in.
        FailedLogin = "failed_login",
        /// A path was asked for that no honest client visits.
        Honeypot = "honeypot",
        /// A request looked like an attack.
        Threat = "threat",
        /// Requests that are harmless one by one and not together.
        Behaviour = "behaviour",
        /// A key was used that works no longer, or from where it may not be.
        KeyMisuse = "key_misuse",
        /// A spent refresh token was used.
        TokenReuse = "token_reuse",
        /// What protects was changed.
        ConfigChange = "config_change",
        /// A decision turned somebody away.
        ListHit = "list_hit",
    }
}

words! {
    /// How bad it is; from the mildest to the worst.
    Severity {
        /// Everyday.
        Low = "low",
        /// Worth a look.
        Medium = "medium",
        /// Somebody tries something.
        High = "high",
        /// Somebody has to look now.
        Critical = "critical",
    }
}

words! {
    /// What was done about an event.
    SecurityOutcome {
        /// Nothing but noting it.
        Watched = "watched",
        /// The request was refused.
        Refused = "refused",
        /// The request was refused, or would have been, and its address is denied from now on.
        Blocked = "blocked",
        /// The address would have been denied, but is one that never is.
        Spared = "spared",
        /// The address would have been denied, but staff lifted that a short while ago.
        Grace = "grace",
        /// It would have been refused if the mode, or the decision, were in force.
        Simulated = "simulated",
    }
}

words! {
    /// What a decision does to an address.
    DecisionAction {
        /// Passes, whatever denies it; never denied automatically.
        Allow = "allow",
        /// Is turned away.
        Deny = "deny",
        /// Gets through slowly.
        Throttle = "throttle",
        /// Never denied automatically.
        Exempt = "exempt",
    }
}

words! {
    /// Where a decision holds.
    DecisionScope {
        /// Everywhere.
        All = "all",
        /// At sign-in.
        Login = "login",
        /// In the back office.
        Admin = "admin",
        /// At the API.
        Api = "api",
    }
}

words! {
    /// Who decided.
    DecisionOrigin {
        /// Staff, on the page or at the command line.
        Manual = "manual",
        /// Failed sign-ins.
        Login = "login",
        /// A trap.
        Honeypot = "honeypot",
        /// Requests that looked like attacks.
        Detector = "detector",
        /// Requests that were odd together.
        Behaviour = "behaviour",
    }
}

words! {
    /// Whether a decision holds.
    DecisionState {
        /// It does.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// Somebody ended it.
        Lifted = "lifted",
    }
}

words! {
    /// What the detector may do.
    DetectorMode {
        /// Nothing: it does not look.
        Off = "off",
        /// It looks and says what it would have done.
        Observe = "observe",
        /// Plain attacks are refused, and addresses that repeat it are denied.
        Enforce = "enforce",
    }
}

words! {
    /// How much is going on (SEC-14).
    SecurityLevel {
        /// Nothing out of the ordinary.
        Normal = "normal",
        /// Somebody tries something.
        Raised = "raised",
        /// Somebody has to look now.
        High = "high",
    }
}

/// A security event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityEventOut {
    /// Its id, in order of time.
    pub id: String,
    /// When it happened first.
    pub at: Millis,
    /// When it happened last, for one that repeated itself within seconds.
    pub last_at: Millis,
    /// How often that was.
    pub times: i64,
    /// What happened.
    pub kind: SecurityEventKind,
    /// How bad it is.
    pub severity: Severity,
    /// What was done about it.
    pub outcome: SecurityOutcome,
    /// Address of the client.
    pub ip_address: String,
    /// The network that counts together: the address, for IPv6 its /64.
    pub network: String,
    /// Method of the request.
    pub method: Option<String>,
    /// Path of the request, cut and without anything unprintable.
    pub path: Option<String>,
    /// What the client calls itself.
    pub client: Option<String>,
    /// Part of the request that was found.
    pub part: Option<String>,
    /// How much it looks like an attack; 5 is an event, 10 plain.
    pub score: Option<i64>,
    /// What was found: rules of the detector, the trap, the reason.
    pub rules: Vec<String>,
    /// Customer whose key or person it was.
    pub customer_id: Option<i64>,
    /// The decision that it led to, or that it met.
    pub decision_id: Option<String>,
    /// Number of the (first) request: what was refused names it as `incident_id`.
    pub request_id: Option<String>,
    /// When staff said that it was seen to.
    pub acknowledged_at: Option<Millis>,
}

/// A decision about addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionOut {
    /// Its id.
    pub id: String,
    /// The network, as CIDR.
    pub network: String,
    /// What it does.
    pub action: DecisionAction,
    /// Where it holds.
    pub scope: DecisionScope,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub origin: DecisionOrigin,
    /// Events that it rests on, newest last.
    pub evidence: Vec<String>,
    /// Whether it only says what it would do.
    pub simulated: bool,
    /// Whether it holds.
    pub state: DecisionState,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends; without one only allowing and exempting can be.
    pub expires_at: Option<Millis>,
    /// When it was lifted.
    pub lifted_at: Option<Millis>,
    /// Requests that it met.
    pub hits: i64,
    /// When it met the last one.
    pub last_hit_at: Option<Millis>,
}

/// A new decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DecisionIn {
    /// An address, or a network as CIDR. Longer IPv6 prefixes than /64 count as their /64.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub network: String,
    /// What it does.
    pub action: DecisionAction,
    /// Where it holds; everywhere if absent.
    #[serde(default = "everywhere")]
    pub scope: DecisionScope,
    /// Why.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub reason: String,
    /// Hours that it holds; 24 if absent. `null` for allowing or exempting without an end.
    #[serde(default = "a_day")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 8760))]
    pub hours: Option<i64>,
    /// Only say what it would do.
    #[serde(default)]
    pub simulated: bool,
    /// Events that it rests on.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub evidence: Vec<String>,
}

const fn everywhere() -> DecisionScope {
    DecisionScope::All
}

#[expect(clippy::unnecessary_wraps, reason = "the value of a field that may be null")]
const fn a_day() -> Option<i64> {
    Some(DECISION_HOURS)
}

/// A change of a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DecisionPatch {
    /// Hours from now that it holds.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 8760))]
    pub hours: Option<i64>,
    /// Only say what it would do.
    pub simulated: Option<bool>,
}

/// What the detector may do, to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DetectorModes {
    /// Requests without a valid credential.
    pub anonymous: DetectorMode,
    /// Requests of customers and staff.
    pub signed_in: DetectorMode,
}

impl Default for DetectorModes {
    fn default() -> Self {
        Self { anonymous: DetectorMode::Enforce, signed_in: DetectorMode::Observe }
    }
}

/// Events that staff has seen to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeIn {
    /// The newest event that was seen: it and all before it are acknowledged.
    #[cfg_attr(feature = "openapi", schema(format = "uuid", max_length = 36))]
    pub until: String,
}

/// How many events that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcknowledgedOut {
    /// Events that were open before.
    pub acknowledged: i64,
}

/// Why the level is what it is: figures, each with the bound that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelOut {
    /// The level.
    pub level: SecurityLevel,
    /// Critical events of the last 24 hours that nobody acknowledged; one makes it high.
    pub open_critical: i64,
    /// Severe events of the last 24 hours; three raise it.
    pub high: i64,
    /// Failed sign-ins of the last hour; twenty raise it.
    pub failed_logins: i64,
}

/// Events of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityHour {
    /// When the hour began.
    pub at: Millis,
    /// Mild ones.
    pub low: i64,
    /// Those worth a look.
    pub medium: i64,
    /// Severe ones.
    pub high: i64,
    /// Critical ones.
    pub critical: i64,
}

/// A network by its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecuritySource {
    /// The network.
    pub network: String,
    /// Its events of the last 24 hours.
    pub events: i64,
    /// The worst of them.
    pub worst: Severity,
    /// When the last was.
    pub last_at: Millis,
    /// The decision in force about it.
    pub decision: Option<DecisionAction>,
}

/// What protects, as it is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecuritySetup {
    /// What the detector may do.
    pub modes: DetectorModes,
    /// `ENABLE_THREAT_DETECTION`: without it the modes do nothing.
    pub threat_detection: bool,
    /// `ENABLE_HONEYPOT`
    pub honeypot: bool,
    /// `AUTO_BLACKLIST_THRESHOLD`: threats within ten minutes.
    pub threshold: u32,
    /// `BLACKLIST_DURATION_HOURS`
    pub deny_hours: u32,
    /// `HONEYPOT_BLOCK_HOURS`
    pub honeypot_hours: u32,
    /// `ENABLE_IP_WHITELIST`
    pub trust_lists: bool,
    /// `TRUSTED_IPS`
    pub trusted: Vec<String>,
    /// `TRUSTED_PROXIES`
    pub proxies: Vec<String>,
    /// Paths that are traps.
    pub traps: Vec<String>,
}

/// The security page at a glance (SEC-14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityOut {
    /// When this was computed.
    pub computed_at: Millis,
    /// How much is going on, and why that is said.
    pub level: LevelOut,
    /// The last 24 hours, the running one last.
    pub hours: Vec<SecurityHour>,
    /// Networks with most events of the last 24 hours.
    pub sources: Vec<SecuritySource>,
    /// Decisions in force.
    pub active_decisions: i64,
    /// Addresses that are denied now.
    pub denied: i64,
    /// Requests to traps in the last 24 hours.
    pub honeypot: i64,
    /// What protects.
    pub setup: SecuritySetup,
    /// The address that you come from.
    pub your_address: String,
}

/// The level by its figures.
#[must_use]
pub const fn level(open_critical: i64, high: i64, failed_logins: i64) -> LevelOut {
    let level = if open_critical > 0 {
        SecurityLevel::High
    } else if high >= RAISED_BY_HIGH || failed_logins >= RAISED_BY_SIGN_INS {
        SecurityLevel::Raised
    } else {
        SecurityLevel::Normal
    };
    LevelOut { level, open_critical, high, failed_logins }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each bound, from both sides.
    #[test]
    fn the_level_has_a_reason() {
        assert_eq!(level(0, 2, 19).level, SecurityLevel::Normal);
        assert_eq!(level(0, 3, 0).level, SecurityLevel::Raised);
        assert_eq!(level(0, 0, 20).level, SecurityLevel::Raised);
        assert_eq!(level(1, 0, 0).level, SecurityLevel::High);
    }

    /// A decision holds a day everywhere if nothing else is said; no end has to be asked for.
    #[test]
    fn decisions_end_unless_asked_otherwise() {
        let read = |text: &str| serde_json::from_str::<DecisionIn>(text).unwrap();
        let plain = read(r#"{"network":"192.0.2.1","action":"deny","reason":"x"}"#);
        assert_eq!((plain.hours, plain.scope), (Some(24), DecisionScope::All));
        assert_eq!(read(r#"{"network":"192.0.2.1","action":"allow","reason":"x","hours":null}"#).hours, None);
    }
}
