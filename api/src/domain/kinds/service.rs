//! Rules of describing kinds, and of trying a schema.

use std::collections::{HashMap, HashSet};

use shared::audit::AuditAction;
use shared::kinds::{
    KindCheckFault, KindCheckIn, KindCheckOut, KindCount, KindIn, KindOut, KindPatch, KindsOut, MAX_KINDS,
    TRIED_LOGS,
};
use shared::logs::MAX_KIND_CHARS;
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::Checks;

use super::model::{Described, schema};
use super::quarantine;
use super::repo::{self, KindRow};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::logs::model::Flag;
use crate::domain::logs::service as logs;
use crate::domain::tenancy;
use crate::domain::tenancy::model::IfMatch;
use crate::http::auth::Tenant;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::crypto;
use crate::util::ids::{CustomerId, Space, new_id};

/// Kinds that are not described are shown up to this number.
const MAX_UNDESCRIBED: usize = 200;
/// Faulty logs that are named by a trial.
const EXAMPLES: usize = 10;

/// A kind with its version.
#[derive(Debug)]
pub struct Versioned {
    /// The kind.
    pub kind: KindOut,
    /// The `ETag`.
    pub version: i64,
}

fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

fn taken(name: &str) -> impl Fn(DbError) -> Problem {
    move |error| match error {
        DbError::Unique(_) => Problem::new(Code::NameTaken).with("name", name),
        other => other.into(),
    }
}

fn seen(row: KindRow, logs: i64, quarantined: i64, whole: bool) -> KindOut {
    KindOut {
        mode: row.mode(),
        limits: row.limits(),
        has_schema: row.schema.is_some(),
        id: row.id,
        name: row.name,
        title_nl: row.title_nl,
        title_en: row.title_en,
        schema: row.schema.filter(|_| whole),
        logs,
        quarantined,
        not_kept: row.not_kept,
        created_at: Millis(row.created_at),
        updated_at: Millis(row.updated_at),
    }
}

/// All kinds: those that are described, and those that occur in logs alone.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, customer: CustomerId) -> Answer<KindsOut> {
    let mut conn = app.db.snapshot(Scope::Customer(customer)).await?;
    let rows = repo::list(&mut conn, customer).await?;
    let counts = logs::kinds(&mut conn, customer).await?;
    let waiting = quarantine::service::open_by_kind(&mut conn, customer).await?;
    let state = quarantine::service::state(&mut conn, customer).await?;
    let described: HashSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let other = counts.iter().filter(|(name, logs)| **logs > 0 && !described.contains(name.as_str()));
    let mut undescribed: Vec<KindCount> =
        other.map(|(name, logs)| KindCount { name: name.clone(), logs: *logs }).collect();
    undescribed.sort_by(|a, b| (b.logs, &a.name).cmp(&(a.logs, &b.name)));
    undescribed.truncate(MAX_UNDESCRIBED);
    let of = |counts: &HashMap<String, i64>, name: &str| counts.get(name).copied().unwrap_or_default();
    let kinds = rows.into_iter().map(|row| {
        let (logs, open) = (of(&counts, &row.name), of(&waiting, &row.name));
        seen(row, logs, open, false)
    });
    Ok(KindsOut { kinds: kinds.collect(), undescribed, limit: MAX_KINDS, quarantine: state })
}

async fn read_back(conn: &mut Conn, customer: CustomerId, id: &str) -> Answer<Versioned> {
    let row = repo::find(conn, customer, id).await?.ok_or_else(missing)?;
    let logs = logs::kinds(conn, customer).await?.get(&row.name).copied().unwrap_or_default();
    let open = quarantine::service::open_by_kind(conn, customer).await?;
    let open = open.get(&row.name).copied().unwrap_or_default();
    Ok(Versioned { version: row.version, kind: seen(row, logs, open, true) })
}

/// A kind.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, customer: CustomerId, id: &str) -> Answer<Versioned> {
    read_back(&mut app.db.snapshot(Scope::Customer(customer)).await?, customer, id).await
}

/// Describes a kind.
///
/// # Errors
/// `invalid_body`, `name_taken`, `kind_limit_reached`.
pub async fn create(app: &App, customer: CustomerId, input: KindIn) -> Answer<Versioned> {
    let kind = blocking(move || Described::judge(input)).await?;
    let id = new_id(app.clock.now());
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    // One after the other for a customer, so that nobody gets past the limit together.
    tenancy::service::lock_plan(&mut tx, customer).await?;
    if repo::count(&mut tx, customer).await? >= MAX_KINDS {
        return Err(Problem::new(Code::KindLimitReached).with("limit", MAX_KINDS));
    }
    repo::insert(&mut tx, customer, &id, &kind, app.clock.now()).await.map_err(taken(&kind.name))?;
    let made = read_back(&mut tx, customer, &id).await?;
    audit::service::record(app, &mut tx, told((AuditAction::KindCreate, customer, &id), None, &kind)).await?;
    tx.commit().await?;
    app.kinds.in_force.forget();
    Ok(made)
}

/// What the audit log is told of a kind; of a schema only its digest, because it may be large.
fn told(
    (action, customer, id): (AuditAction, CustomerId, &str),
    before: Option<&Described>,
    now: &Described,
) -> Event {
    let schema = |kind: &Described| kind.schema.as_ref().map(|text| crypto::sha256_hex(text.as_bytes()));
    Event::of(action, customer)
        .target(id)
        .changed("mode", before.map(|kind| kind.mode.as_str()), Some(now.mode.as_str()))
        .changed("schema_sha256", before.and_then(schema), schema(now))
        .changed("limits", before.map(|kind| kind.limits.len()), Some(now.limits.len()))
        .typed("name", before.map(|kind| kind.name.as_str()), Some(&now.name))
        .typed("title_nl", before.and_then(|kind| kind.title_nl.as_deref()), now.title_nl.as_deref())
        .typed("title_en", before.and_then(|kind| kind.title_en.as_deref()), now.title_en.as_deref())
}

/// Changes a kind; logs keep the kind that they have.
///
/// # Errors
/// `not_found`, `precondition_required`, `precondition_failed`, `invalid_body`, `name_taken`.
pub async fn update(
    app: &App,
    customer: CustomerId,
    id: &str,
    if_match: &IfMatch,
    patch: KindPatch,
) -> Answer<Versioned> {
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let before = repo::find(&mut conn, customer, id).await?.ok_or_else(missing)?;
    drop(conn);
    if_match.check(before.version)?;
    let version = before.version;
    let kind = Described {
        mode: before.mode(),
        limits: before.limits(),
        name: before.name,
        title_nl: before.title_nl,
        title_en: before.title_en,
        schema: before.schema,
    };
    let described = kind.clone();
    let kind = blocking(move || kind.patched(patch)).await?;
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let changed = repo::update(&mut tx, customer, (id, version), &kind, app.clock.now()).await;
    // Somebody was faster: the version that was looked at is not there any more.
    if changed.map_err(taken(&kind.name))? == 0 {
        return Err(Problem::new(Code::PreconditionFailed));
    }
    let made = read_back(&mut tx, customer, id).await?;
    let event = told((AuditAction::KindUpdate, customer, id), Some(&described), &kind);
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.kinds.in_force.forget();
    Ok(made)
}

/// Forgets what is said about a kind; its logs, and its lines in quarantine, stay.
///
/// # Errors
/// `not_found`.
pub async fn delete(app: &App, customer: CustomerId, id: &str) -> Answer<()> {
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let before = repo::find(&mut tx, customer, id).await?.ok_or_else(missing)?;
    repo::delete(&mut tx, customer, id).await?;
    let event =
        Event::of(AuditAction::KindDelete, customer).target(id).typed("name", Some(&before.name), None);
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.kinds.in_force.forget();
    Ok(())
}

/// Tries a schema on the newest logs of a kind. Nothing is changed.
///
/// # Errors
/// `invalid_body`.
pub async fn check<P>(tenant: &Tenant<P>, input: KindCheckIn) -> Answer<KindCheckOut> {
    let (app, lang) = (&tenant.app, tenant.info.lang);
    let KindCheckIn { name, schema: text } = input;
    let (name, schema) = blocking(move || {
        let mut checks = Checks::default();
        let name = checks.line("/name", &name, 1, MAX_KIND_CHARS);
        let schema = schema(&mut checks, &text);
        no_faults(checks)?;
        Ok((name, schema.ok_or_else(|| Problem::new(Code::Internal))?))
    })
    .await?;
    let found = logs::newest_of_kind(app, &tenant.customer, Space::Live, &name, TRIED_LOGS).await?;
    blocking(move || {
        let mut out = KindCheckOut::default();
        for log in found {
            // A field that was made unreadable is not how it was sent.
            if log.flags.iter().any(|flag| flag == Flag::Redacted.as_str()) {
                continue;
            }
            out.checked += 1;
            let faults = schema.faults(log.data.as_deref().unwrap_or_default());
            let Some(first) = faults.first() else { continue };
            out.failing += 1;
            if out.examples.len() < EXAMPLES {
                out.examples.push(KindCheckFault { log_id: log.id, fault: first.render(lang) });
            }
        }
        Ok(out)
    })
    .await
}

/// Counts lines that were rejected and not kept.
///
/// # Errors
/// When the database fails.
pub async fn count_not_kept(
    conn: &mut Conn,
    customer: CustomerId,
    lines: &HashMap<String, i64>,
) -> Answer<()> {
    for (name, lines) in lines {
        repo::add_not_kept(conn, customer, name, *lines).await?;
    }
    Ok(())
}
