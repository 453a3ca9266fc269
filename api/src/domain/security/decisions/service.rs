//! Making, changing, lifting and finding decisions.

use std::net::IpAddr;

use ipnet::IpNet;
use shared::audit::AuditAction;
use shared::problem::Code;
use shared::security::{
    DecisionAction, DecisionIn, DecisionOrigin, DecisionOut, DecisionPatch, DecisionScope, DecisionState,
    DetectorModes, EVENT_DAYS, GRACE_HOURS, MAX_DECISION_HOURS, MAX_REASON,
};
use shared::time::Millis;
use shared::validate::{Checks, FieldCode};

use super::guard::{NeverDenied, Spared};
use super::model::{Decision, network_of, read_network};
use super::repo::{self, Filter};
use super::table::Table;
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit::model::Event as Done;
use crate::domain::security::events::{self, memory::Events};
use crate::domain::security::state::Known;
use crate::domain::{audit, auth};
use crate::http::acting::Actor;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::new_id;

const HOUR_MS: i64 = 3_600_000;
/// Automatic decisions in force at once: whoever has more networks than this is not stopped by their list.
const MAX_AUTOMATIC: usize = 5_000;
/// Events that an automatic decision names as its evidence.
const MAX_EVIDENCE: usize = 20;

/// Learns what changed since the last time, here or on another server. One small read when nothing did.
///
/// # Errors
/// When the database fails.
pub async fn refresh(app: &App) -> Result<(), DbError> {
    let _loading = app.security.loading.lock().await;
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let state = repo::state(&mut conn).await?;
    if state.version == app.security.known().version {
        return Ok(());
    }
    let now = app.clock.now();
    let decisions = repo::list_active(&mut conn, now).await?;
    let lifted = repo::list_lifted(&mut conn, Millis(now.0 - GRACE_HOURS * HOUR_MS)).await?;
    let graces = lifted
        .into_iter()
        .map(|(network, origin, at)| (network, origin, Millis(at.0 + GRACE_HOURS * HOUR_MS)));
    let table = Table::new(decisions, graces);
    app.security.learn(Known { version: state.version, table, modes: state.modes() });
    Ok(())
}

/// What became of an attempt to deny an address automatically.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// It is denied from now on, by this decision.
    Now(String),
    /// It was denied already.
    Already,
    /// It is one that is never denied.
    Spared(Spared),
    /// Staff lifted that a short while ago.
    Grace,
    /// There are so many automatic decisions that one more would harm the server more than the address.
    Full,
}

/// What an address is denied, or slowed, for.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Who decides.
    pub origin: DecisionOrigin,
    /// What is done.
    pub action: DecisionAction,
    /// Where.
    pub scope: DecisionScope,
    /// For how long.
    pub hours: u32,
    /// Why, in English.
    pub reason: String,
    /// Events that it rests on.
    pub evidence: Vec<String>,
}

/// Why no automatic decision is made about an address, by the decisions that are known here.
fn kept_from(app: &App, addr: IpAddr, cause: &Cause) -> Option<Denied> {
    let (network, now) = (network_of(addr), app.clock.now());
    let known = app.security.known();
    let same = |decision: &&std::sync::Arc<Decision>| {
        decision.network == network
            && decision.action == cause.action
            && decision.scope == cause.scope
            && !decision.simulated
    };
    if known.table.about(addr, now).any(|decision| same(&decision)) {
        Some(Denied::Already)
    } else if known.table.all().filter(|decision| decision.is_automatic()).count() >= MAX_AUTOMATIC {
        Some(Denied::Full)
    } else {
        known.table.is_in_grace(network, cause.origin, now).then_some(Denied::Grace)
    }
}

/// Why no automatic decision would be made about an address, if that is so.
///
/// # Errors
/// When the database fails.
pub async fn may_deny(app: &App, addr: IpAddr, cause: &Cause) -> Answer<Option<Denied>> {
    if let Some(kept) = kept_from(app, addr, cause) {
        return Ok(Some(kept));
    }
    let mut never = NeverDenied::by(&app.config);
    never.staff = auth::service::staff_addresses(app).await?;
    let (known, now) = (app.security.known(), app.clock.now());
    Ok(never.spares_from_machines(addr, network_of(addr), &known.table, now).map(Denied::Spared))
}

/// Denies or slows an address automatically; [`may_deny`] said that it may be. The events that it rests on are written
/// with it; when this returns, it holds.
///
/// # Errors
/// When the database fails.
pub async fn deny(app: &App, addr: IpAddr, mut cause: Cause) -> Answer<Denied> {
    // Another request may have got here first.
    if let Some(kept) = kept_from(app, addr, &cause) {
        return Ok(kept);
    }
    let now = app.clock.now();
    cause.evidence.truncate(MAX_EVIDENCE);
    let decision = Decision {
        id: new_id(now),
        network: network_of(addr),
        action: cause.action,
        scope: cause.scope,
        reason: cause.reason,
        origin: cause.origin,
        evidence: cause.evidence,
        simulated: false,
        created_at: now,
        expires_at: Some(Millis(now.0 + i64::from(cause.hours) * HOUR_MS)),
        lifted_at: None,
        hits: 0,
        last_hit_at: None,
    };
    // Nobody who goes away in the middle stops it.
    let (own, id) = (app.clone(), decision.id.clone());
    let work = tokio::spawn(async move {
        let mut tx = own.db.write(Scope::Installation).await?;
        let mut taken = Taken { events: &own.security.events, rows: own.security.events.take() };
        events::repo::insert(&mut tx, &taken.rows).await?;
        keep(&own, &mut tx, &decision, Some(Actor::System)).await?;
        tx.commit().await?;
        taken.rows.clear();
        refresh(&own).await
    });
    work.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))??;
    Ok(Denied::Now(id))
}

/// Events on their way into the database; they go back if they do not arrive.
struct Taken<'a> {
    events: &'a Events,
    rows: Vec<events::model::Event>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.rows.is_empty() {
            self.events.put_back(std::mem::take(&mut self.rows));
        }
    }
}

async fn keep(app: &App, tx: &mut Conn, decision: &Decision, by: Option<Actor>) -> Result<(), DbError> {
    repo::update_version(tx).await?;
    repo::insert(tx, decision).await?;
    let mut done = Done::of_installation(AuditAction::DecisionCreate)
        .target(&decision.id)
        .with("action", decision.action.as_str())
        .with("scope", decision.scope.as_str())
        .with("origin", decision.origin.as_str())
        .with("simulated", decision.simulated)
        // An address may be somebody's: it stays where it can be erased.
        .typed("network", None, Some(&decision.network.to_string()))
        .typed("reason", None, Some(&decision.reason));
    if let Some(end) = decision.expires_at {
        done = done.with("expires_at", end.to_rfc3339());
    }
    if let Some(actor) = by {
        done = done.by(actor);
    }
    audit::service::record(app, tx, done).await
}

fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

/// SEC-13: refuses to deny a network that must not be.
fn not_spared(app: &App, network: IpNet, you: Option<IpAddr>, staff: Vec<IpAddr>) -> Answer<()> {
    let mut never = NeverDenied::by(&app.config);
    (never.you, never.staff) = (you, staff);
    let Some(spared) = never.spares(network) else { return Ok(()) };
    let why = serde_json::json!({ "why": spared.as_str() });
    Err(Problem::new(Code::AddressSpared).with("network", network).with_body(&why))
}

/// SEC-06: staff decides about a network. Allowing it ends automatic denying in it at once.
///
/// # Errors
/// `invalid_body` with what is wrong, `address_spared` for networks that must not be denied.
pub async fn create(app: &App, input: &DecisionIn, you: Option<IpAddr>) -> Answer<DecisionOut> {
    let mut checks = Checks::default();
    let reason = checks.line("/reason", &input.reason, 1, MAX_REASON);
    let network = read_network(&input.network);
    if network.is_none() {
        checks.fail("/network", FieldCode::Cidr, &[("actual", input.network.chars().take(64).collect())]);
    }
    let harsh = matches!(input.action, DecisionAction::Deny | DecisionAction::Throttle);
    match input.hours {
        Some(hours) => checks.range("/hours", hours, 1, MAX_DECISION_HOURS),
        // Nobody is turned away for ever.
        None if harsh => checks.fail("/hours", FieldCode::Required, &[]),
        None => {}
    }
    if input.evidence.len() > MAX_EVIDENCE
        || input.evidence.iter().any(|id| uuid::Uuid::parse_str(id).is_err())
    {
        checks.fail("/evidence", FieldCode::Syntax, &[("reason", "ids of events, 20 at most".to_owned())]);
    }
    no_faults(checks)?;
    let network = network.ok_or_else(missing)?;
    if harsh && !input.simulated {
        not_spared(app, network, you, auth::service::staff_addresses(app).await?)?;
    }
    let now = app.clock.now();
    let decision = Decision {
        id: new_id(now),
        network,
        action: input.action,
        scope: input.scope,
        reason,
        origin: DecisionOrigin::Manual,
        evidence: input.evidence.clone(),
        simulated: input.simulated,
        created_at: now,
        expires_at: input.hours.map(|hours| Millis(now.0 + hours * HOUR_MS)),
        lifted_at: None,
        hits: 0,
        last_hit_at: None,
    };
    let mut tx = app.db.write(Scope::Installation).await?;
    if decision.action == DecisionAction::Allow && !decision.simulated {
        lift_within(app, &mut tx, network, now).await?;
    }
    keep(app, &mut tx, &decision, None).await?;
    tx.commit().await?;
    refresh(app).await?;
    Ok(decision.out(now))
}

/// Ends automatic denying of networks within one that is allowed from now on.
async fn lift_within(app: &App, tx: &mut Conn, network: IpNet, now: Millis) -> Result<(), DbError> {
    for decision in repo::list_active(tx, now).await? {
        let harsh = matches!(decision.action, DecisionAction::Deny | DecisionAction::Throttle);
        if harsh && decision.is_automatic() && network.contains(&decision.network) {
            lift_one(app, tx, &decision, now).await?;
        }
    }
    Ok(())
}

async fn lift_one(app: &App, tx: &mut Conn, decision: &Decision, now: Millis) -> Result<bool, DbError> {
    repo::update_version(tx).await?;
    let lifted = repo::lift(tx, &decision.id, now).await?;
    if lifted {
        let done = Done::of_installation(AuditAction::DecisionLift)
            .target(&decision.id)
            .with("action", decision.action.as_str())
            .typed("network", Some(&decision.network.to_string()), None);
        audit::service::record(app, tx, done).await?;
    }
    Ok(lifted)
}

/// SEC-06: ends a decision now. The cause of an automatic one only alerts for a day.
///
/// # Errors
/// `not_found`, `state_conflict` when it holds no longer.
pub async fn lift(app: &App, id: &str) -> Answer<DecisionOut> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let mut decision = repo::find(&mut tx, id).await?.ok_or_else(missing)?;
    if !lift_one(app, &mut tx, &decision, now).await? {
        return Err(Problem::new(Code::StateConflict).with("state", decision.state(now).as_str()));
    }
    tx.commit().await?;
    refresh(app).await?;
    decision.lifted_at = Some(now);
    Ok(decision.out(now))
}

/// Ends everything that turns somebody away; says how many decisions that were. The way out when nobody gets in.
///
/// # Errors
/// When the database fails.
pub async fn clear(app: &App) -> Answer<u64> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let mut count = 0;
    for decision in repo::list_active(&mut tx, now).await? {
        if matches!(decision.action, DecisionAction::Deny | DecisionAction::Throttle) {
            count += u64::from(lift_one(app, &mut tx, &decision, now).await?);
        }
    }
    tx.commit().await?;
    refresh(app).await?;
    Ok(count)
}

/// Gives a decision in force another end, or puts it in force after it was simulated.
///
/// # Errors
/// `not_found`, `state_conflict` when it holds no longer, `invalid_body`, `address_spared`.
pub async fn update(app: &App, id: &str, patch: &DecisionPatch, you: Option<IpAddr>) -> Answer<DecisionOut> {
    let mut checks = Checks::default();
    if let Some(hours) = patch.hours {
        checks.range("/hours", hours, 1, MAX_DECISION_HOURS);
    }
    no_faults(checks)?;
    let now = app.clock.now();
    let staff = auth::service::staff_addresses(app).await?;
    let mut tx = app.db.write(Scope::Installation).await?;
    let before = repo::find(&mut tx, id).await?.ok_or_else(missing)?;
    if before.state(now) != DecisionState::Active {
        return Err(Problem::new(Code::StateConflict).with("state", before.state(now).as_str()));
    }
    let mut after = before.clone();
    after.simulated = patch.simulated.unwrap_or(before.simulated);
    after.expires_at = patch.hours.map_or(before.expires_at, |hours| Some(Millis(now.0 + hours * HOUR_MS)));
    let harsh = matches!(after.action, DecisionAction::Deny | DecisionAction::Throttle);
    if harsh && before.simulated && !after.simulated {
        not_spared(app, after.network, you, staff)?;
    }
    repo::update_version(&mut tx).await?;
    repo::update(&mut tx, id, (after.expires_at, after.simulated)).await?;
    let end = |decision: &Decision| decision.expires_at.map(Millis::to_rfc3339);
    let done = Done::of_installation(AuditAction::DecisionUpdate)
        .target(id)
        .changed("expires_at", end(&before), end(&after))
        .changed("simulated", Some(before.simulated), Some(after.simulated));
    audit::service::record(app, &mut tx, done).await?;
    tx.commit().await?;
    refresh(app).await?;
    Ok(after.out(now))
}

/// Decisions older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, filter: &Filter, before: &str, limit: i64) -> Answer<Vec<DecisionOut>> {
    let now = app.clock.now();
    let mut conn = app.db.read(Scope::Installation).await?;
    let rows = repo::list(&mut conn, filter, before, limit, now).await?;
    Ok(rows.iter().map(|decision| decision.out(now)).collect())
}

/// Sets what the detector may do; it holds on the next request here, within a second elsewhere.
///
/// # Errors
/// When the database fails.
pub async fn set_modes(app: &App, modes: DetectorModes) -> Answer<DetectorModes> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let before = repo::state(&mut tx).await?.modes();
    repo::update_version(&mut tx).await?;
    repo::update_modes(&mut tx, modes).await?;
    let done = Done::of_installation(AuditAction::DetectorUpdate)
        .changed("anonymous", Some(before.anonymous.as_str()), Some(modes.anonymous.as_str()))
        .changed("signed_in", Some(before.signed_in.as_str()), Some(modes.signed_in.as_str()));
    audit::service::record(app, &mut tx, done).await?;
    tx.commit().await?;
    refresh(app).await?;
    Ok(modes)
}

/// Writes the requests that decisions met since the last time.
///
/// # Errors
/// When the database fails; these are not counted then.
pub async fn flush_hits(app: &App) -> Result<(), DbError> {
    let hits = app.security.take_hits();
    if hits.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.write(Scope::Installation).await?;
    for (id, count, last) in hits {
        repo::add_hits(&mut tx, &id, count, last).await?;
    }
    tx.commit().await
}

/// Forgets decisions that ended as long ago as events are kept.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_ended(&mut tx, Millis(app.clock.now().0 - EVENT_DAYS * 24 * HOUR_MS)).await?;
    tx.commit().await?;
    Ok(gone)
}
