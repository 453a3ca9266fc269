//! Noting events, acting on them, writing and forgetting them.

use shared::audit::AuditAction;
use shared::problem::Code;
use shared::security::{
    AcknowledgedOut, DecisionAction, DecisionOrigin, DecisionScope, EVENT_DAYS, SecurityEventKind,
    SecurityEventOut, SecurityOutcome, Severity,
};
use shared::time::Millis;

use super::model::Event;
use super::repo::{self, Filter};
use crate::app::App;
use crate::db::{DbError, Scope};
use crate::domain::audit;
use crate::domain::audit::model::Event as Done;
use crate::domain::security::decisions::service::{self as decisions, Cause, Denied};
use crate::http::acting::{self, Actor};
use crate::http::frame::RequestInfo;
use crate::http::problem::{Answer, Problem};
use crate::util::swallow::OrLog;

const DAY_MS: i64 = 24 * 3_600_000;

/// Notes an event, and tells the server's log (SEC-15: one line an event, in a form that stays).
pub fn note(app: &App, event: Event) -> String {
    let (kind, severity, outcome) = (event.kind.as_str(), event.severity.as_str(), event.outcome.as_str());
    tracing::warn!(
        event = "security",
        kind,
        severity,
        outcome,
        client = event.ip_address,
        request_id = event.request_id,
        part = event.part,
        score = event.score,
        rules = event.rules.join(" "),
        customer = event.customer.map(|customer| customer.0),
    );
    app.security.events.note(event, app.clock.now())
}

/// SEC-11: an alarm that has an address denied or slowed at once, unless it must not be. Gives what was done.
pub async fn alarm(app: &App, info: &RequestInfo, event: Event, cause: Cause) -> SecurityOutcome {
    let Some(addr) = info.ip.addr else {
        note(app, event);
        return SecurityOutcome::Watched;
    };
    if info.ip.may_be_proxy {
        tracing::warn!(event = "proxy_not_named", client = %info.ip, "TRUSTED_PROXIES does not name this proxy; nobody behind it is denied");
        let told =
            if event.outcome == SecurityOutcome::Refused { event.outcome } else { SecurityOutcome::Spared };
        note(app, event.with(told));
        return told;
    }
    let kind = event.kind;
    let refused = event.outcome == SecurityOutcome::Refused;
    let told = match decisions::may_deny(app, addr, &cause).await {
        Ok(None) => SecurityOutcome::Blocked,
        Ok(Some(Denied::Spared(_))) if !refused => SecurityOutcome::Spared,
        Ok(Some(Denied::Grace)) if !refused => SecurityOutcome::Grace,
        _ => event.outcome,
    };
    let id = note(app, event.with(told));
    if told != SecurityOutcome::Blocked {
        return told;
    }
    let mut cause = cause;
    if !cause.evidence.contains(&id) {
        cause.evidence.push(id);
    }
    match decisions::deny(app, addr, cause).await {
        Ok(Denied::Now(decision)) => {
            tracing::warn!(event = "denied", kind = kind.as_str(), client = %info.ip, decision);
            SecurityOutcome::Blocked
        }
        Ok(_) => SecurityOutcome::Watched,
        Err(problem) => {
            // Nothing of it may stop the answer; the next threat tries again.
            tracing::error!(event = "denying_failed", cause = %problem);
            SecurityOutcome::Watched
        }
    }
}

/// SEC-09: a threat of an address without a credential. It counts, and the one that is one too many has the address
/// denied before the answer leaves.
pub async fn threat(app: &App, info: &RequestInfo, event: Event) {
    let network = event.network.clone();
    let known = event.clone();
    let id = note(app, event);
    let Some(evidence) = app.security.threats.note(&network, id, app.clock.now()) else {
        return;
    };
    let cause = Cause {
        origin: DecisionOrigin::Detector,
        action: DecisionAction::Deny,
        scope: DecisionScope::All,
        hours: app.config.blacklist_duration_hours,
        reason: format!(
            "{} requests that look like attacks within 10 minutes",
            app.config.auto_blacklist_threshold
        ),
        evidence,
    };
    let summary = Event { severity: Severity::High, score: None, part: None, ..known }
        .found(["threshold"])
        .with(SecurityOutcome::Watched);
    alarm(app, info, summary, cause).await;
}

/// ACC-10: a sign-in that failed. Those of one network close sign-in for it.
pub async fn failed_sign_in(app: &App, info: &RequestInfo, with: &str) {
    let event = Event::of(SecurityEventKind::FailedLogin, Severity::Low, info).found([with]);
    let (network, known) = (event.network.clone(), event.clone());
    let id = note(app, event);
    let now = app.clock.now();
    if app.security.all_sign_ins.note("", id.clone(), now).is_some() {
        app.security.storm(now);
        note(app, Event { severity: Severity::Critical, ..known.clone() }.found(["storm"]));
    }
    let Some(evidence) = app.security.sign_ins.note(&network, id, now) else {
        return;
    };
    let cause = Cause {
        origin: DecisionOrigin::Login,
        action: DecisionAction::Deny,
        scope: DecisionScope::Login,
        hours: app.config.sign_in_block_hours,
        reason: format!("{} failed sign-ins within 10 minutes", app.config.sign_in_failures),
        evidence,
    };
    alarm(app, info, Event { severity: Severity::High, ..known }.found(["threshold"]), cause).await;
}

/// SEC-12: requests that are odd together: their address is slowed for an hour.
pub async fn odd(app: &App, info: &RequestInfo, rule: &'static str) {
    let cause = Cause {
        origin: DecisionOrigin::Behaviour,
        action: DecisionAction::Throttle,
        scope: DecisionScope::All,
        hours: 1,
        reason: match rule {
            "many-missing" => {
                "more than 20 different addresses without anything behind them within 5 minutes"
            }
            _ => "more than 5 different clients within 10 minutes",
        }
        .to_owned(),
        evidence: Vec::new(),
    };
    let event = Event::of(SecurityEventKind::Behaviour, Severity::Medium, info).found([rule]);
    alarm(app, info, event, cause).await;
}

/// Writes what was noted since the last time, in one transaction. What cannot be written is kept.
pub async fn flush(app: &App) {
    let _writing = app.security.events.writing.lock().await;
    let events = app.security.events.take();
    if !events.is_empty() {
        let written = async {
            let mut tx = app.db.write(Scope::Installation).await?;
            repo::insert(&mut tx, &events).await?;
            tx.commit().await
        };
        if written.await.or_log("writing security events").is_none() {
            app.security.events.put_back(events);
        }
    }
    decisions::flush_hits(app).await.or_log("writing what decisions met");
}

/// SEC-15: forgets events after 400 days.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_older(&mut tx, Millis(app.clock.now().0 - EVENT_DAYS * DAY_MS)).await?;
    tx.commit().await?;
    Ok(gone)
}

/// Events older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, filter: &Filter, before: &str, limit: i64) -> Answer<Vec<SecurityEventOut>> {
    let mut conn = app.db.read(Scope::Installation).await?;
    Ok(repo::list(&mut conn, filter, before, limit).await?)
}

/// An event.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, id: &str) -> Answer<SecurityEventOut> {
    let mut conn = app.db.read(Scope::Installation).await?;
    repo::find(&mut conn, id).await?.ok_or_else(|| Problem::new(Code::NotFound))
}

/// Says that staff has seen to an event and all before it.
///
/// # Errors
/// `not_found` when there is no such event.
pub async fn acknowledge(app: &App, until: &str) -> Answer<AcknowledgedOut> {
    let by = match acting::current().actor() {
        Actor::Staff(id) => id,
        _ => "cli".to_owned(),
    };
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::find(&mut tx, until).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let count = repo::acknowledge(&mut tx, until, &by, app.clock.now()).await?;
    let done = Done::of_installation(AuditAction::SecurityAcknowledge).target(until).with("events", count);
    audit::service::record(app, &mut tx, done).await?;
    tx.commit().await?;
    Ok(AcknowledgedOut { acknowledged: i64::try_from(count).unwrap_or(i64::MAX) })
}
