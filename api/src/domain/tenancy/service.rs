//! Life of a customer: created, edited, suspended, reactivated (ACC-11); and the installation at a glance.
//!
//! After the commit of every change the callers that are kept in memory are forgotten: it counts from the next
//! request on.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use shared::audit::AuditAction;
use shared::auth::{AccessCodeOut, AccountPatch};
use shared::keys::{KeyOut, KeysOut};
use shared::page::Page;
use shared::problem::Code;
use shared::tenancy::{
    AdminOverviewOut, CustomerIn, CustomerOut, CustomerPatch, CustomerStatus, Plan, StatusChangeOut,
    SuspendIn,
};
use shared::time::Millis;
use shared::validate::Checks;

use super::model::{self, CustomerFilter, CustomerSort, IfMatch, OfKind, Profile, Retention, Versioned};
use super::overview::{self, ACTIVE_DAYS, DAYS};
use super::repo::{self, Locked};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit::model::Event;
use crate::domain::auth::model::EndReason;
use crate::domain::keys::model::Grantor;
use crate::domain::logs::kept;
use crate::domain::logs::parts::follow;
use crate::domain::{audit, auth, keys, searches};
use crate::http::auth::Customer;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, MAX_CUSTOMER};
use crate::util::zone;

const NEWEST: usize = 5;
const MIN_REASON: usize = 3;
const MAX_REASON: usize = 500;

fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

fn conflict(status: CustomerStatus) -> Problem {
    Problem::new(Code::StateConflict).with("state", status.as_str())
}

/// A name that exists is the one unique value of a customer that people choose.
fn taken(name: &str) -> impl Fn(DbError) -> Problem {
    move |error| match error {
        DbError::Unique(_) => Problem::new(Code::NameTaken).with("name", name),
        other => other.into(),
    }
}

/// What the audit log is told of a customer.
fn told(action: AuditAction, before: Option<&CustomerOut>, now: &CustomerOut) -> Event {
    fn typed<'a>(
        before: Option<&'a CustomerOut>,
        now: &'a CustomerOut,
        of: impl Fn(&'a CustomerOut) -> Option<&'a str>,
    ) -> (Option<&'a str>, Option<&'a str>) {
        (before.and_then(&of), of(now))
    }
    let mut event = Event::of(action, CustomerId(now.id))
        .target(now.id.to_string())
        .changed("plan", before.map(|it| it.plan.as_str()), Some(now.plan.as_str()))
        .changed("country", before.map(|it| &it.country), Some(&now.country))
        .changed("segment", before.map(|it| it.segment.as_str()), Some(now.segment.as_str()))
        .changed("language", before.map(|it| it.language.code()), Some(now.language.code()))
        .changed("time_zone", before.map(|it| &it.time_zone), Some(&now.time_zone));
    let texts = [
        ("name", typed(before, now, |it| Some(&it.name))),
        ("contact_email", typed(before, now, |it| Some(&it.contact_email))),
        ("company_info", typed(before, now, |it| it.company_info.as_deref())),
        ("vat_number", typed(before, now, |it| it.vat_number.as_deref())),
    ];
    for (field, (before, after)) in texts {
        event = event.typed(field, before, after);
    }
    event
}

async fn lock(tx: &mut Conn, id: CustomerId) -> Answer<Locked> {
    repo::find_locked(tx, id).await?.ok_or_else(missing)
}

async fn read_back(conn: &mut Conn, app: &App, id: CustomerId) -> Answer<Versioned> {
    repo::find(conn, id, app.clock.now()).await?.ok_or_else(missing)
}

/// Locks a customer until the end of the transaction and says which plan it has.
///
/// # Errors
/// `not_found`, or when the database fails.
pub async fn lock_plan(tx: &mut Conn, id: CustomerId) -> Answer<Plan> {
    Ok(lock(tx, id).await?.plan)
}

/// ACC-11: creates a customer with its books and its first access code, which is returned once.
///
/// # Errors
/// `invalid_body`, `name_taken`.
pub async fn create(app: &App, input: CustomerIn, demo: bool) -> Answer<(CustomerOut, String)> {
    let profile = Profile::judge(&input, &app.config)?;
    let mut tx = app.db.write(Scope::Installation).await?;
    let id = repo::insert(&mut tx, &profile, demo, app.clock.now()).await.map_err(taken(&profile.name))?;
    if id.0 > MAX_CUSTOMER {
        return Err(Problem::new(Code::StorageFull));
    }
    repo::insert_books(&mut tx, id).await?;
    let access_code = auth::service::new_code(app, &mut tx, id).await?;
    let found = read_back(&mut tx, app, id).await?;
    let made = told(AuditAction::CustomerCreate, None, &found.customer).with("demo", demo);
    audit::service::record(app, &mut tx, made).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok((found.customer, access_code))
}

/// ADM-03: one page of customers.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`.
pub async fn list(app: &App, filter: &CustomerFilter, cursor: Option<&str>) -> Answer<Page<CustomerOut>> {
    let key = filter.key();
    let after = cursor.map(|text| key.read(&app.keys, text)).transpose()?;
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let mut rows = repo::list(&mut conn, filter, after.as_ref(), app.clock.now()).await?;
    let limit = usize::try_from(filter.limit).unwrap_or_default();
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let data: Vec<CustomerOut> = rows.into_iter().map(|row| row.customer).collect();
    let last = data.last().filter(|_| has_more);
    let next_cursor = last.map(|row| key.write(&app.keys, &filter.behind(row)));
    Ok(Page { data, next_cursor, has_more })
}

/// A customer with its figures.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, id: CustomerId) -> Answer<Versioned> {
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    read_back(&mut conn, app, id).await
}

/// A customer as every request needs it.
///
/// # Errors
/// When the database fails.
pub async fn find_for_auth(app: &App, id: CustomerId) -> Answer<Option<Customer>> {
    let mut conn = app.db.read(Scope::Installation).await?;
    Ok(repo::find_for_auth(&mut conn, id).await?)
}

/// A customer, in a transaction that is open already.
///
/// # Errors
/// `not_found`.
pub async fn find_in(tx: &mut Conn, id: CustomerId) -> Answer<Customer> {
    repo::find_for_auth(tx, id).await?.ok_or_else(missing)
}

/// Addresses of a customer that are known to be its own: what goes out by mail goes to one of them.
#[must_use]
pub fn own_addresses(customer: &Customer) -> Vec<String> {
    vec![customer.contact_email.clone()]
}

/// ADM-03: edits a customer, if it still is what the caller has seen.
///
/// # Errors
/// `not_found`, `precondition_required`, `precondition_failed`, `state_conflict`, `invalid_body`, `name_taken`.
pub async fn update(app: &App, id: CustomerId, seen: &IfMatch, patch: &CustomerPatch) -> Answer<Versioned> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let locked = lock(&mut tx, id).await?;
    seen.check(locked.version)?;
    if locked.status == CustomerStatus::Closed {
        return Err(conflict(locked.status));
    }
    let before = read_back(&mut tx, app, id).await?.customer;
    let profile = Profile::patched(before.clone(), patch)?;
    repo::update(&mut tx, id, &profile, app.clock.now()).await.map_err(taken(&profile.name))?;
    let found = read_back(&mut tx, app, id).await?;
    let changed = told(AuditAction::CustomerUpdate, Some(&before), &found.customer);
    audit::service::record(app, &mut tx, changed).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(found)
}

/// LOG-11: how long a customer's logs are kept.
///
/// # Errors
/// `not_found`.
pub async fn retention(app: &App, id: CustomerId) -> Answer<Retention> {
    let mut conn = app.db.read(Scope::Customer(id)).await?;
    repo::find_retention(&mut conn, id, false).await?.ok_or_else(missing)
}

/// LOG-11: changes how long a customer's logs are kept, and says what came of it. Whoever keeps no totals any more has
/// those of before deleted.
///
/// # Errors
/// `not_found`.
pub async fn change_retention(
    app: &App,
    id: CustomerId,
    change: impl FnOnce(Retention) -> Retention,
) -> Answer<Retention> {
    let mut tx = app.db.write(Scope::Customer(id)).await?;
    let before = repo::find_retention(&mut tx, id, true).await?.ok_or_else(missing)?;
    let after = change(before.clone());
    if after != before {
        repo::update_retention(&mut tx, id, &after).await?;
        if before.totals && !after.totals {
            kept::forget(&mut tx, id).await?;
        }
        let next =
            |retention: &Retention| retention.next.map(|(days, at)| format!("{days} ({})", at.to_rfc3339()));
        let kinds = |retention: &Retention| {
            let own = retention.kinds.iter().map(OfKind::in_words).collect::<Vec<_>>().join(", ");
            (!own.is_empty()).then_some(own)
        };
        let changed = Event::of(AuditAction::RetentionUpdate, id)
            .changed("days", before.days, after.days)
            .changed("next", next(&before), next(&after))
            .changed("kinds", kinds(&before), kinds(&after))
            .changed("totals", Some(before.totals), Some(after.totals));
        audit::service::record(app, &mut tx, changed).await?;
        tx.commit().await?;
        app.auth.forget();
    }
    Ok(after)
}

/// LOG-11: whether totals of a customer's deleted logs are kept; that stays so until the end of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn keeps_totals(conn: &mut Conn, id: CustomerId) -> Result<bool, DbError> {
    Ok(repo::find_retention(conn, id, true).await?.is_some_and(|retention| retention.totals))
}

/// LOG-11: takes a customer's retention of this night on oneself; false when somebody did.
///
/// # Errors
/// When the database fails.
pub async fn claim_retention(app: &App, id: CustomerId, tonight: Millis, now: Millis) -> Answer<bool> {
    let mut tx = app.db.write(Scope::Customer(id)).await?;
    let claimed = repo::claim_retention(&mut tx, id, tonight, now).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Customers with their time zones, those that are erased left out.
///
/// # Errors
/// When the database fails.
pub async fn zones(app: &App) -> Answer<Vec<(CustomerId, String)>> {
    Ok(repo::list_zones(&mut app.db.read(Scope::Installation).await?).await?)
}

/// Names of some customers; one that is gone has none.
///
/// # Errors
/// When the database fails.
pub async fn names(app: &App, ids: &[CustomerId]) -> Answer<HashMap<CustomerId, String>> {
    let ids: BTreeSet<CustomerId> = ids.iter().copied().collect();
    let ids: Vec<CustomerId> = ids.into_iter().collect();
    Ok(repo::list_names(&mut app.db.read(Scope::Installation).await?, &ids).await?)
}

/// When each customer began, those that have ended included.
///
/// # Errors
/// When the database fails.
pub async fn beginnings(app: &App) -> Answer<Vec<(CustomerId, Millis)>> {
    Ok(repo::list_beginnings(&mut app.db.read(Scope::Installation).await?).await?)
}

/// Changes language, time zone and memory of searches of the own account.
///
/// # Errors
/// `invalid_body` for a time zone that does not exist.
pub async fn update_account(app: &App, id: CustomerId, patch: AccountPatch) -> Answer<Arc<Customer>> {
    let mut checks = Checks::default();
    let time_zone = patch.time_zone.map(|name| model::time_zone(&mut checks, &name));
    no_faults(checks)?;
    let mut tx = app.db.write(Scope::Customer(id)).await?;
    lock(&mut tx, id).await?;
    let remember = patch.search_history;
    let before = repo::find_for_auth(&mut tx, id).await?.ok_or_else(missing)?;
    repo::update_account(&mut tx, id, patch.language, time_zone, remember, app.clock.now()).await?;
    let customer = repo::find_for_auth(&mut tx, id).await?.ok_or_else(missing)?;
    let changed = Event::of(AuditAction::AccountUpdate, id)
        .target(id.to_string())
        .changed("language", Some(before.language.code()), Some(customer.language.code()))
        .changed("time_zone", Some(&before.time_zone), Some(&customer.time_zone))
        .changed("search_history", Some(before.search_history), Some(customer.search_history));
    audit::service::record(app, &mut tx, changed).await?;
    tx.commit().await?;
    app.auth.forget();
    if !customer.search_history {
        searches::service::forget(app, id, None).await?;
    }
    Ok(Arc::new(customer))
}

/// ACC-11: stops a customer. Its sessions end; its keys are refused as long as it is suspended.
///
/// # Errors
/// `not_found`, `invalid_body`, `state_conflict` when it is suspended or closed already.
pub async fn suspend(app: &App, id: CustomerId, input: &SuspendIn) -> Answer<StatusChangeOut> {
    let mut checks = Checks::default();
    let reason = checks.text("/reason", &input.reason, MIN_REASON, MAX_REASON);
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let locked = lock(&mut tx, id).await?;
    no_faults(checks)?;
    match locked.status {
        CustomerStatus::Active | CustomerStatus::ReadOnly | CustomerStatus::Closing => {}
        CustomerStatus::Suspended | CustomerStatus::Closed => return Err(conflict(locked.status)),
    }
    repo::update_status(&mut tx, id, CustomerStatus::Suspended, Some(&reason), now).await?;
    let ended = auth::sessions::end_of_customer(&mut tx, id, EndReason::Suspended, now).await?;
    let event = changed_status(AuditAction::CustomerSuspend, id, locked.status, CustomerStatus::Suspended);
    let event = event.with("sessions_ended", ended).typed("reason", None, Some(&reason));
    finish(app, tx, (id, event), ended).await
}

/// ACC-11: lets a suspended or read-only customer continue; its keys work again.
///
/// # Errors
/// `not_found`, `state_conflict`.
pub async fn reactivate(app: &App, id: CustomerId) -> Answer<StatusChangeOut> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let locked = lock(&mut tx, id).await?;
    if !matches!(locked.status, CustomerStatus::Suspended | CustomerStatus::ReadOnly) {
        return Err(conflict(locked.status));
    }
    repo::update_status(&mut tx, id, CustomerStatus::Active, None, app.clock.now()).await?;
    let event = changed_status(AuditAction::CustomerReactivate, id, locked.status, CustomerStatus::Active);
    finish(app, tx, (id, event), 0).await
}

fn changed_status(
    action: AuditAction,
    id: CustomerId,
    before: CustomerStatus,
    after: CustomerStatus,
) -> Event {
    let status = |status: CustomerStatus| Some(status.as_str());
    Event::of(action, id).target(id.to_string()).changed("status", status(before), status(after))
}

async fn finish(
    app: &App,
    mut tx: Conn,
    (id, event): (CustomerId, Event),
    ended: u64,
) -> Answer<StatusChangeOut> {
    let customer = read_back(&mut tx, app, id).await?.customer;
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    app.auth.forget();
    let keys_affected = customer.active_keys;
    Ok(StatusChangeOut { customer, sessions_ended: i64::try_from(ended).unwrap_or(i64::MAX), keys_affected })
}

/// A customer that is not closed; what hangs on it may be changed.
async fn open(app: &App, id: CustomerId) -> Answer<Arc<Customer>> {
    let customer = app.customer(id).await?.ok_or_else(missing)?;
    if customer.status == CustomerStatus::Closed {
        return Err(conflict(customer.status));
    }
    Ok(customer)
}

/// ACC-04: replaces the access code of a customer; sessions made with the old one end.
///
/// # Errors
/// `not_found`, `state_conflict`, `invalid_body` when the overlap is longer than 72 hours.
pub async fn rotate_code(app: &App, id: CustomerId, overlap_hours: u32) -> Answer<AccessCodeOut> {
    open(app, id).await?;
    auth::service::rotate_code(app, id, overlap_hours).await
}

/// The keys of a customer.
///
/// # Errors
/// `not_found`.
pub async fn keys(app: &App, id: CustomerId) -> Answer<KeysOut> {
    let customer = app.customer(id).await?.ok_or_else(missing)?;
    keys::service::list(app, Scope::Installation, id, customer.plan).await
}

/// Ends a key of a customer at once.
///
/// # Errors
/// `not_found` when there is no such customer, or it has no such key.
pub async fn revoke_key(app: &App, id: CustomerId, by: &Grantor, key: &str) -> Answer<KeyOut> {
    keys::service::revoke(app, Scope::Installation, id, by, key).await
}

/// ANA-18: the installation at a glance. Days are those of the installation's zone, logs count by occurrence.
///
/// # Errors
/// When the database fails.
pub async fn overview(app: &App) -> Answer<AdminOverviewOut> {
    let now = app.clock.now();
    let zone = zone::find(&app.config.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let (from, to) = overview::hours_of(&zone, now, DAYS);
    let hours = repo::list_hours(&mut conn, from, to).await?;
    let daily = overview::per_day(&zone, now, &hours);
    let (from, to) = overview::hours_of(&zone, now, ACTIVE_DAYS);
    let newest =
        CustomerFilter { sort: CustomerSort::Newest, limit: NEWEST as i64, ..CustomerFilter::default() };
    let mut newest = repo::list(&mut conn, &newest, None, now).await?;
    newest.truncate(NEWEST);
    Ok(AdminOverviewOut {
        time_zone: app.config.time_zone.clone(),
        computed_at: now,
        customers: repo::count_by_status(&mut conn).await?,
        logs_today: daily.last().map_or(0, |day| day.count),
        logs_last_24h: overview::last_24_hours(now, &hours),
        total_logs: repo::count_logs(&mut conn).await?,
        logs_to_index: follow::waiting(&mut conn).await?,
        daily,
        most_active: repo::list_most_active(&mut conn, from, to).await?,
        newest: newest.into_iter().map(|row| row.customer).collect(),
    })
}
