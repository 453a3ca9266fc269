//! The security page at a glance (SEC-14): the level with its reason, the last day, and how it is set up.

use std::collections::HashMap;

use shared::security::{
    DecisionAction, SecurityEventKind, SecurityHour, SecurityOut, SecuritySetup, SecuritySource, Severity,
    level,
};
use shared::time::Millis;

use super::decisions::model::read_network;
use super::events::repo;
use super::honeypot;
use crate::app::App;
use crate::db::Scope;
use crate::http::client_ip::ClientIp;
use crate::http::problem::Answer;

const HOUR_MS: i64 = 3_600_000;
const HOURS: i64 = 24;
/// Networks that are named.
const SOURCES: i64 = 10;

/// See the module.
///
/// # Errors
/// When the database fails.
pub async fn overview(app: &App, you: ClientIp) -> Answer<SecurityOut> {
    let now = app.clock.now();
    let day = Millis(now.0 - HOURS * HOUR_MS);
    let first_hour = now.0 / HOUR_MS - HOURS + 1;
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let severe = repo::count_severe(&mut conn, day).await?;
    let hour = Millis(now.0 - HOUR_MS);
    let failed = repo::count_kind(&mut conn, SecurityEventKind::FailedLogin, hour).await?;
    let by_hour = repo::count_by_hour(&mut conn, Millis(first_hour * HOUR_MS)).await?;
    let sources = repo::list_sources(&mut conn, day, SOURCES).await?;
    drop(conn);
    let mut counts: HashMap<(i64, Severity), i64> = HashMap::new();
    for row in by_hour {
        let severity = Severity::parse(&row.severity).unwrap_or(Severity::Low);
        *counts.entry((row.hour, severity)).or_default() += row.n;
    }
    let of = |hour: i64, severity: Severity| counts.get(&(hour, severity)).copied().unwrap_or_default();
    let hours = (first_hour..first_hour + HOURS).map(|hour| SecurityHour {
        at: Millis(hour * HOUR_MS),
        low: of(hour, Severity::Low),
        medium: of(hour, Severity::Medium),
        high: of(hour, Severity::High),
        critical: of(hour, Severity::Critical),
    });
    let known = app.security.known();
    let active = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let in_force = || known.table.all().filter(|decision| decision.expires_at.is_none_or(|end| end > now));
    let source = |row: repo::SourceRow| {
        let addr = read_network(&row.network).map(|net| net.addr());
        let decision = addr.and_then(|addr| {
            known.table.about(addr, now).find(|decision| !decision.simulated).map(|decision| decision.action)
        });
        SecuritySource {
            network: row.network,
            events: row.n,
            worst: usize::try_from(row.worst)
                .ok()
                .and_then(|at| Severity::ALL.get(at))
                .copied()
                .unwrap_or(Severity::Low),
            last_at: Millis(row.last_at),
            decision,
        }
    };
    Ok(SecurityOut {
        computed_at: now,
        level: level(severe.open_critical, severe.high, failed),
        hours: hours.collect(),
        sources: sources.into_iter().map(source).collect(),
        active_decisions: active(in_force().count()),
        denied: active(in_force().filter(|one| one.action == DecisionAction::Deny && !one.simulated).count()),
        honeypot: severe.honeypot,
        setup: setup(app),
        your_address: you.to_string(),
    })
}

fn setup(app: &App) -> SecuritySetup {
    let config = &app.config;
    let names = |nets: &[ipnet::IpNet]| nets.iter().map(ToString::to_string).collect();
    SecuritySetup {
        modes: app.security.known().modes,
        threat_detection: config.threat_detection,
        honeypot: config.honeypot,
        threshold: config.auto_blacklist_threshold,
        deny_hours: config.blacklist_duration_hours,
        honeypot_hours: config.honeypot_block_hours,
        trust_lists: config.trust_lists,
        trusted: names(&config.trusted_ips),
        proxies: names(&config.trusted_proxies),
        traps: honeypot::all(&config.honeypot_paths).map(str::to_owned).collect(),
    }
}
