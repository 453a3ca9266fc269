//! Words for what the server names.

use shared::security::{
    DecisionAction, DecisionOrigin, DecisionScope, DetectorMode, SecurityEventKind, SecurityLevel,
    SecurityOutcome, Severity,
};

use crate::i18n::Texts;
use crate::ui::Tone;

pub const fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Low => Tone::Plain,
        Severity::Medium => Tone::Info,
        Severity::High => Tone::Warn,
        Severity::Critical => Tone::Bad,
    }
}

pub fn severity(t: &'static Texts, severity: Severity) -> &'static str {
    match severity {
        Severity::Low => t.security.low,
        Severity::Medium => t.security.medium,
        Severity::High => t.security.high,
        Severity::Critical => t.security.critical,
    }
}

pub fn level(t: &'static Texts, level: SecurityLevel) -> &'static str {
    match level {
        SecurityLevel::Normal => t.security.normal,
        SecurityLevel::Raised => t.security.raised,
        SecurityLevel::High => t.security.high,
    }
}

pub fn kind(t: &'static Texts, kind: SecurityEventKind) -> &'static str {
    match kind {
        SecurityEventKind::FailedLogin => t.security.k_failed_login,
        SecurityEventKind::Honeypot => t.security.k_honeypot,
        SecurityEventKind::Threat => t.security.k_threat,
        SecurityEventKind::Behaviour => t.security.k_behaviour,
        SecurityEventKind::KeyMisuse => t.security.k_key_misuse,
        SecurityEventKind::TokenReuse => t.security.k_token_reuse,
        SecurityEventKind::ConfigChange => t.security.k_config_change,
        SecurityEventKind::ListHit => t.security.k_list_hit,
    }
}

pub fn outcome(t: &'static Texts, outcome: SecurityOutcome) -> &'static str {
    match outcome {
        SecurityOutcome::Watched => t.security.o_watched,
        SecurityOutcome::Refused => t.security.o_refused,
        SecurityOutcome::Blocked => t.security.o_blocked,
        SecurityOutcome::Spared => t.security.o_spared,
        SecurityOutcome::Grace => t.security.o_grace,
        SecurityOutcome::Simulated => t.security.o_simulated,
    }
}

pub fn action(t: &'static Texts, action: DecisionAction) -> &'static str {
    match action {
        DecisionAction::Allow => t.security.a_allow,
        DecisionAction::Deny => t.security.a_deny,
        DecisionAction::Throttle => t.security.a_throttle,
        DecisionAction::Exempt => t.security.a_exempt,
    }
}

pub fn scope(t: &'static Texts, scope: DecisionScope) -> &'static str {
    match scope {
        DecisionScope::All => t.security.s_all,
        DecisionScope::Login => t.security.s_login,
        DecisionScope::Admin => t.security.s_admin,
        DecisionScope::Api => t.security.s_api,
    }
}

pub fn origin(t: &'static Texts, origin: DecisionOrigin) -> &'static str {
    match origin {
        DecisionOrigin::Manual => t.security.by_staff,
        DecisionOrigin::Login => t.security.k_failed_login,
        DecisionOrigin::Honeypot => t.security.k_honeypot,
        DecisionOrigin::Detector => t.security.k_threat,
        DecisionOrigin::Behaviour => t.security.k_behaviour,
    }
}

pub fn mode(t: &'static Texts, mode: DetectorMode) -> &'static str {
    match mode {
        DetectorMode::Off => t.security.m_off,
        DetectorMode::Observe => t.security.m_observe,
        DetectorMode::Enforce => t.security.m_enforce,
    }
}
