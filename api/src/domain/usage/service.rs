//! What a customer used of its plan, and the writing of what was counted.

use shared::usage::{AccountUsageOut, AtLimit, QuotaOut};

use super::calls::{Counted, Month};
use super::{history, repo};
use crate::app::App;
use crate::db::{DbError, Scope};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::service as logs;
use crate::http::auth::Tenant;
use crate::http::problem::Answer;
use crate::util::ids::Space;
use crate::util::zone;

/// Servers on one database write their calls, and so learn of each other's, after so many seconds.
pub const SHARE_EVERY_S: u32 = 2;
const HOUR_MS: i64 = 3_600_000;

/// Calls of a month, as written.
///
/// # Errors
/// When the database fails.
pub async fn stored_calls(app: &App, month: &Month) -> Result<i64, DbError> {
    let mut conn = app.db.read(Scope::Customer(month.0)).await?;
    repo::find_calls(&mut conn, month).await
}

/// Writes calls that were counted here, and learns of those that others counted. What cannot be written is kept.
///
/// # Errors
/// When the database fails.
pub async fn write_calls(app: &App) -> Result<(), DbError> {
    let counted = app.usage.calls.take();
    if counted.is_empty() {
        return Ok(());
    }
    let work = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        let stored = repo::add_calls(&mut tx, &counted).await?;
        tx.commit().await?;
        Ok(stored)
    };
    match work.await {
        Ok(stored) => {
            app.usage.calls.settle(&stored);
            Ok(())
        }
        Err(error) => {
            app.usage.calls.put_back();
            Err(error)
        }
    }
}

/// API-06: takes a call from the database itself, as all servers on it do when a month nears its end.
///
/// # Errors
/// When the database fails.
pub async fn take_call(app: &App, month: &Month, limit: i64) -> Result<Counted, DbError> {
    let calls = &app.usage.calls;
    let _writing = calls.writing.lock().await;
    let counted: Vec<_> = calls.take_one(month).map(|count| (month.clone(), count)).into_iter().collect();
    let work = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::add_calls(&mut tx, &counted).await?;
        let taken = repo::take_call(&mut tx, month, limit).await?;
        let stored = match taken {
            Some(stored) => stored,
            None => repo::find_calls(&mut tx, month).await?,
        };
        tx.commit().await?;
        Ok((taken.is_some(), stored))
    };
    match work.await {
        Ok((taken, stored)) => {
            calls.settle(&[(month.clone(), stored)]);
            Ok(if taken { Counted::Yes(stored) } else { Counted::Exhausted(stored) })
        }
        Err(error) => {
            calls.put_back();
            Err(error)
        }
    }
}

/// ANA-09: use of the own account in the running month. Live logs and live keys, whoever asks.
///
/// # Errors
/// When the database fails.
pub async fn account<P>(tenant: &Tenant<P>) -> Answer<AccountUsageOut> {
    let (app, customer) = (&tenant.app, &tenant.customer);
    let (now, limits) = (app.clock.now(), customer.plan.limits());
    let (from, reset_at) = zone::month_around(&customer.zone, now);
    let month: Month = (customer.id, zone::month_of(&customer.zone, now).into());
    let mut conn = app.db.snapshot(Scope::Customer(customer.id)).await?;
    let received = logs::usage(&mut conn, customer.id, &month.1).await?;
    let book = logs::book(&mut conn, customer.id, Space::Live).await?;
    let key = BookKey { customer: customer.id, space: Space::Live };
    let (first, end) = (from.0.div_euclid(HOUR_MS), now.0.div_euclid(HOUR_MS) + 1);
    let hours = logs::hours(&mut conn, key, (first, end)).await?;
    let written = repo::find_calls(&mut conn, &month).await?;
    drop(conn);
    // What is counted and not yet written counts too.
    let calls = app.usage.calls.used(&month).unwrap_or(written);
    let at_limit = if limits.stops { AtLimit::Stops } else { AtLimit::Continues };
    Ok(AccountUsageOut {
        plan: customer.plan,
        period: month.1.to_string(),
        time_zone: customer.time_zone.clone(),
        from,
        reset_at,
        computed_at: now,
        basis: "measured".to_owned(),
        logs: QuotaOut::of(received, limits.logs_a_month, at_limit),
        api_calls: QuotaOut::of(calls, limits.api_calls_a_month, AtLimit::ReadsStop),
        storage_bytes: book.bytes,
        requests: limits.requests,
        days: history::days(&customer.zone, (from, now), now, &hours),
    })
}
