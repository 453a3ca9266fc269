//! Making, narrowing, rotating and revoking keys.
//!
//! Every change locks the customer's row first: limits and names are judged on what the change will meet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use shared::audit::AuditAction;
use shared::keys::{
    KeyCreatedOut, KeyIn, KeyOut, KeyPatch, KeyRotateIn, KeyStatus, KeyUsesOut, KeysOut, MAX_USES,
};
use shared::problem::Code;
use shared::tenancy::Plan;
use shared::time::Millis;
use shared::validate::Checks;

use super::model::{self, Grantor, StoredKey, Wish};
use super::repo;
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit::model::Event;
use crate::domain::mail::words::{KeyFacts, Occasion};
use crate::domain::{audit, mail, tenancy};
use crate::http::cors::WebOrigin;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::crypto::{self, Purpose};
use crate::util::ids::{CustomerId, new_id};
use crate::util::swallow::OrLog;

fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

/// What the audit log is told of a key: never its secret, nor what is stored of that.
fn told(action: AuditAction, before: Option<&StoredKey>, key: &StoredKey) -> Event {
    let scopes =
        |key: &StoredKey| key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    let networks = |key: &StoredKey| key.cidrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let origins = |key: &StoredKey| key.origins.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mode = |key: &StoredKey| if key.space.is_test() { "test" } else { "live" };
    Event::of(action, key.customer)
        .target(&key.id)
        .typed("name", before.map(|key| key.name.as_str()), Some(&key.name))
        .changed("scopes", before.map(scopes), Some(scopes(key)))
        .changed(
            "networks",
            before.map(networks),
            Some(networks(key)).filter(|text| !text.is_empty() || before.is_some()),
        )
        .changed(
            "origins",
            before.map(origins),
            Some(origins(key)).filter(|text| !text.is_empty() || before.is_some()),
        )
        .changed("mode", before.map(mode), Some(mode(key)))
        .changed(
            "expires_at",
            before.and_then(|key| key.expires_at).map(Millis::to_rfc3339),
            key.expires_at.map(Millis::to_rfc3339),
        )
}

fn conflict(status: KeyStatus) -> Problem {
    Problem::new(Code::StateConflict).with("state", model::status_name(status))
}

/// KEY-04: the keys of a customer, newest first; of those that no longer work the latest 500.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, scope: Scope, customer: CustomerId, plan: Plan) -> Answer<KeysOut> {
    let now = app.clock.now();
    let mut conn = app.db.read(scope).await?;
    let keys: Vec<KeyOut> =
        repo::list(&mut conn, customer, now).await?.iter().map(|key| key.out(now)).collect();
    Ok(KeysOut { count: keys.len(), keys, limit: plan.active_keys() })
}

/// A key of a customer as it is now; one read by primary key.
///
/// # Errors
/// `not_found` when the customer has no such key.
pub async fn find(app: &App, customer: CustomerId, id: &str) -> Answer<Arc<StoredKey>> {
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    repo::find(&mut conn, customer, id).await?.map(Arc::new).ok_or_else(missing)
}

/// The key that a caller presents, over all customers: that is how it is recognised.
///
/// # Errors
/// When the database fails.
pub async fn find_by_key_id(app: &App, key_id: &str) -> Answer<Option<StoredKey>> {
    let mut conn = app.db.read(Scope::Installation).await?;
    Ok(repo::find_by_key_id(&mut conn, key_id).await?)
}

/// API-08: web sites that working keys of any customer list.
///
/// # Errors
/// When the database fails.
pub async fn list_origins(app: &App) -> Answer<HashSet<WebOrigin>> {
    let mut conn = app.db.read(Scope::Installation).await?;
    Ok(repo::list_origins(&mut conn, app.clock.now()).await?)
}

/// KEY-02: makes a key; the secret is in the answer and nowhere else.
///
/// # Errors
/// `invalid_body`, `insufficient_scope`, `name_taken`, `key_limit_reached`.
pub async fn create(app: &App, customer: CustomerId, by: &Grantor, input: KeyIn) -> Answer<KeyCreatedOut> {
    let wish = Wish::judge(input, by)?;
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let limit = tenancy::service::lock_plan(&mut tx, customer).await?.active_keys();
    let working = repo::list_working(&mut tx, customer, now).await?;
    model::name_is_free(&working, &wish.name, None)?;
    if model::places(&working, now) >= limit {
        return Err(Problem::new(Code::KeyLimitReached).with("limit", limit));
    }
    let (key, api_key) = make(app, customer, wish, None, now);
    repo::insert(&mut tx, customer, &key, &by.actor_ref).await?;
    mail::service::queue(app, &mut tx, customer, &Occasion::KeyCreated(facts(&key, by))).await?;
    audit::service::record(app, &mut tx, told(AuditAction::KeyCreate, None, &key)).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(KeyCreatedOut { key: key.out(now), api_key })
}

/// What a mail says of a key.
fn facts(key: &StoredKey, by: &Grantor) -> KeyFacts {
    KeyFacts {
        name: key.name.clone(),
        shown: key.shown(),
        expires_at: key.expires_at,
        actor: by.actor_ref.clone(),
    }
}

/// KEY-08: tells the owners of keys that end within 30, 7 or 1 days, once each, and says how many were told. A notice that
/// came due while the server was away is not made up for when a later one is due by now; a key that was made for a
/// shorter time gets those that fit into its life. The key remembers what was told, in the transaction of the mail.
///
/// # Errors
/// When the database fails.
pub async fn warn_expiring(app: &App) -> Answer<u64> {
    let now = app.clock.now();
    let mut told = 0;
    for (customer, id) in repo::list_expiring(&mut app.db.read(Scope::Installation).await?, now).await? {
        let mut tx = app.db.write(Scope::Customer(customer)).await?;
        let Some(key) = repo::find(&mut tx, customer, &id).await? else { continue };
        let Some(days) = key.expires_at.and_then(|end| model::warning_due(end, now)) else { continue };
        if repo::claim_warning(&mut tx, customer, &id, days).await? {
            let by = Grantor::unbounded("");
            let occasion = Occasion::KeyExpiring(facts(&key, &by), days);
            mail::service::queue(app, &mut tx, customer, &occasion).await?;
            tx.commit().await?;
            told += 1;
        }
    }
    Ok(told)
}

fn make(
    app: &App,
    customer: CustomerId,
    wish: Wish,
    rotated_from: Option<String>,
    now: Millis,
) -> (StoredKey, String) {
    let secret = crypto::new_api_key(wish.space.is_test());
    let root = app.keys.current();
    let key = StoredKey {
        id: new_id(now),
        customer,
        key_id: secret[10..18].to_owned(),
        digest: root.digest(Purpose::ApiKey, &[secret.as_bytes()]),
        key_version: root.version.clone(),
        last4: secret[secret.len() - 4..].to_owned(),
        name: wish.name,
        scopes: wish.scopes,
        cidrs: wish.cidrs,
        origins: wish.origins,
        space: wish.space,
        expires_at: wish.life_ms.map(|life| Millis(now.0 + life)),
        rotated_from,
        overlap_until: None,
        revoked_at: None,
        last_used_at: None,
        last_used_ip: None,
        last_used_route: None,
        usage_count: 0,
        created_at: now,
    };
    (key, secret)
}

/// KEY-04, API-08: renames a key that works, takes scopes away from it, or opens it to other web sites.
///
/// # Errors
/// `not_found`, `state_conflict`, `scope_widening`, `name_taken`, `invalid_body`.
pub async fn update(
    app: &App,
    customer: CustomerId,
    by: &Grantor,
    id: &str,
    patch: KeyPatch,
) -> Answer<KeyOut> {
    let mut checks = Checks::default();
    let name = patch.name.map(|name| model::name(&mut checks, &name));
    let scopes = patch.scopes.map(|scopes| model::scopes(&mut checks, scopes));
    let origins = patch.allowed_origins.map(|origins| by.origins(&mut checks, &origins));
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let mut key = locked(&mut tx, customer, by, id).await?;
    no_faults(checks)?;
    if !key.is_active(now) {
        return Err(conflict(key.status(now)));
    }
    let before = key.clone();
    if let Some(scopes) = scopes {
        if scopes.iter().any(|scope| !key.scopes.contains(scope)) {
            return Err(Problem::new(Code::ScopeWidening));
        }
        key.scopes = scopes;
    }
    if let Some(origins) = origins {
        key.origins = origins;
    }
    if let Some(name) = name {
        model::name_is_free(&repo::list_working(&mut tx, customer, now).await?, &name, Some(&key))?;
        key.name = name;
    }
    repo::update(&mut tx, customer, &key, now).await?;
    audit::service::record(app, &mut tx, told(AuditAction::KeyUpdate, Some(&before), &key)).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(key.out(now))
}

/// Locks the customer and reads one of its keys.
async fn locked(tx: &mut Conn, customer: CustomerId, by: &Grantor, id: &str) -> Answer<StoredKey> {
    tenancy::service::lock_plan(tx, customer).await?;
    let key = repo::find(tx, customer, id).await?.ok_or_else(missing)?;
    by.reaches(&key)?;
    Ok(key)
}

/// KEY-05: replaces an active key by one with the same name, mode, scopes, networks and length of life. The old
/// one works until its overlap ends; without an overlap it is revoked at once.
///
/// # Errors
/// `not_found`, `state_conflict`, `invalid_body`; `insufficient_scope` and `forbidden` for a key that would get
/// more than it has; `key_limit_reached` when an earlier overlap still runs and the plan has no place for it.
pub async fn rotate(
    app: &App,
    customer: CustomerId,
    by: &Grantor,
    id: &str,
    input: &KeyRotateIn,
) -> Answer<KeyCreatedOut> {
    let overlap = model::overlap_ms(input);
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let limit = tenancy::service::lock_plan(&mut tx, customer).await?.active_keys();
    let mut old = repo::find(&mut tx, customer, id).await?.ok_or_else(missing)?;
    let overlap = overlap?;
    by.covers(&old)?;
    if old.status(now) != KeyStatus::Active {
        return Err(conflict(old.status(now)));
    }
    let wish = Wish {
        name: old.name.clone(),
        space: old.space,
        scopes: old.scopes.clone(),
        cidrs: old.cidrs.clone(),
        origins: old.origins.clone(),
        life_ms: old.expires_at.map(|end| end.0 - old.created_at.0),
    };
    let (new, api_key) = make(app, customer, wish, Some(old.id.clone()), now);
    if overlap == 0 {
        old.revoked_at = Some(now);
    } else {
        let until = Millis(now.0 + overlap);
        old.overlap_until = Some(old.expires_at.map_or(until, |end| end.min(until)));
        let mut keys = repo::list_working(&mut tx, customer, now).await?;
        let before = model::places(&keys, now);
        keys.retain(|key| key.id != old.id);
        keys.extend([old.clone(), new.clone()]);
        if model::places(&keys, now) > before.max(limit) {
            return Err(Problem::new(Code::KeyLimitReached).with("limit", limit));
        }
    }
    repo::update_end(&mut tx, customer, &old, now).await?;
    repo::insert(&mut tx, customer, &new, &by.actor_ref).await?;
    let rotated = Occasion::KeyRotated(facts(&new, by), old.overlap_until);
    mail::service::queue(app, &mut tx, customer, &rotated).await?;
    let event = Event::of(AuditAction::KeyRotate, customer).target(&old.id).with("successor", &new.id);
    let event = event.changed("works_until", None, old.overlap_until.map(Millis::to_rfc3339));
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(KeyCreatedOut { key: new.out(now), api_key })
}

/// KEY-04: ends a key; the next request with it is refused. A key that is revoked already stays as it is.
///
/// # Errors
/// `not_found` when the customer has no such key.
pub async fn revoke(app: &App, scope: Scope, customer: CustomerId, by: &Grantor, id: &str) -> Answer<KeyOut> {
    let now = app.clock.now();
    let mut tx = app.db.write(scope).await?;
    let mut key = locked(&mut tx, customer, by, id).await?;
    if key.revoked_at.is_none() {
        key.revoked_at = Some(now);
        repo::update_end(&mut tx, customer, &key, now).await?;
        mail::service::queue(app, &mut tx, customer, &Occasion::KeyRevoked(facts(&key, by))).await?;
        let event = Event::of(AuditAction::KeyRevoke, customer).target(&key.id);
        audit::service::record(app, &mut tx, event).await?;
        tx.commit().await?;
        app.auth.forget();
    }
    Ok(key.out(now))
}

/// Names of all keys that a customer has or had, by identifier.
///
/// # Errors
/// When the database fails.
pub async fn names(conn: &mut Conn, customer: CustomerId) -> Result<HashMap<String, String>, DbError> {
    repo::list_names(conn, customer).await
}

/// KEY-10: who still uses a key that is being replaced.
///
/// # Errors
/// `not_found` when the customer has no such key.
pub async fn uses(app: &App, customer: CustomerId, by: &Grantor, id: &str) -> Answer<KeyUsesOut> {
    let now = app.clock.now();
    let mut conn = app.db.snapshot(Scope::Customer(customer)).await?;
    let key = repo::find(&mut conn, customer, id).await?.ok_or_else(missing)?;
    by.reaches(&key)?;
    let status = key.status(now);
    let mut uses = match status {
        KeyStatus::Rotating => repo::list_late_uses(&mut conn, customer, id, MAX_USES + 1).await?,
        // What is left of them is about to be forgotten.
        KeyStatus::Active | KeyStatus::Expired | KeyStatus::Revoked => Vec::new(),
    };
    let truncated = uses.len() > MAX_USES;
    uses.truncate(MAX_USES);
    Ok(KeyUsesOut { key_id: key.id, status, overlap_until: key.overlap_until, uses, truncated })
}

/// KEY-10: forgets who used keys whose overlap has ended: their addresses are needed no longer.
///
/// # Errors
/// When the database fails.
pub async fn forget_uses(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_late_uses(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    Ok(gone)
}

/// KEY-07: writes the use of keys that was counted since the last time. What cannot be written is kept.
pub async fn flush_usage(app: &App) {
    let usage = &app.key_usage;
    let _writing = usage.writing.lock().await;
    let (used, late) = (usage.take(), usage.take_late());
    if used.is_empty() && late.is_empty() {
        return;
    }
    let written = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::update_usage(&mut tx, &used).await?;
        if !late.is_empty() {
            repo::insert_late_uses(&mut tx, &late).await?;
        }
        tx.commit().await
    };
    if written.await.or_log("writing the use of API keys").is_none() {
        usage.put_back(used);
        usage.put_back_late(late);
    }
}
