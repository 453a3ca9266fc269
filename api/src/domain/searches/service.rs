//! Rules of remembering, keeping and counting searches.

use std::collections::HashMap;
use std::time::Duration;

use shared::audit::AuditAction;
use shared::lang::Lang;
use shared::problem::Code;
use shared::searches::{
    AllSearchesOut, HISTORY, HISTORY_DAYS, HistoryOut, MIN_CUSTOMERS, PastSearch, QueryFigure, SavedSearchIn,
    SavedSearchOut, SavedSearchPatch, SavedSearchesOut, SearchPatternsOut,
};
use shared::time::Millis;

use super::history::{Asked, Hits, Noted, median};
use super::model::Kept;
use super::repo::{self, Executed, Saved};
use crate::app::App;
use crate::db::{DbError, Scope};
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::tenancy::model::IfMatch;
use crate::http::auth::Tenant;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, Space, new_id};
use crate::util::swallow::OrLog;

/// Executed searches that figures are computed from.
const MOST: i64 = 200_000;
/// Queries in each list of figures.
const TOP: usize = 20;
/// Rows that a history is made of: the same search stands once in it.
const LOOKED_AT: i64 = 500;
const DAY_MS: i64 = 24 * 3_600_000;

/// SRCH-09: notes a search that was done. The test space, and customers that do not want it, leave no trace.
pub fn note<P>(tenant: &Tenant<P>, query: &str, occurred: (i64, i64), hits: Hits, took: Duration) {
    if query.trim().is_empty() || tenant.space() == Space::Test || !tenant.customer.search_history {
        return;
    }
    let asked = Asked {
        customer: tenant.id(),
        actor: tenant.principal.actor_ref(),
        query: query.trim().to_owned(),
        occurred: (
            Some(occurred.0).filter(|at| *at != i64::MIN),
            Some(occurred.1).filter(|at| *at != i64::MAX),
        ),
    };
    tenant.app.searches.note(asked, hits, took, tenant.app.clock.now());
}

/// Writes the searches that were noted since the last time. What cannot be written is kept.
pub async fn flush(app: &App) {
    let _writing = app.searches.writing.lock().await;
    let taken = app.searches.take();
    if taken.is_empty() {
        return;
    }
    let written = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::insert_executed(&mut tx, &taken).await?;
        tx.commit().await
    };
    if written.await.or_log("writing searches").is_none() {
        app.searches.put_back(taken);
    }
}

/// Forgets searches that are older than they are kept.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_older(&mut tx, Millis(app.clock.now().0 - HISTORY_DAYS * DAY_MS)).await?;
    tx.commit().await?;
    Ok(gone)
}

/// The latest searches of the caller, each query once.
///
/// # Errors
/// When the database fails.
pub async fn history<P>(tenant: &Tenant<P>) -> Answer<HistoryOut> {
    let (app, customer, actor) = (&tenant.app, tenant.id(), tenant.principal.actor_ref());
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let rows = repo::list_latest(&mut conn, customer, &actor, LOOKED_AT).await?;
    let stored = rows.into_iter().map(|row| PastSearch {
        q: row.query,
        searched_at: Millis(row.searched_at),
        hits: row.hits,
        hits_capped: row.hits_capped,
    });
    let waiting = app.searches.of(customer, Some(&actor)).into_iter().map(|(asked, noted)| PastSearch {
        q: asked.query,
        searched_at: noted.at,
        hits: noted.hits,
        hits_capped: noted.capped,
    });
    let mut all: Vec<PastSearch> = waiting.chain(stored).collect();
    all.sort_by_key(|search| std::cmp::Reverse(search.searched_at));
    let mut searches: Vec<PastSearch> = Vec::new();
    for search in all {
        if searches.len() == HISTORY {
            break;
        }
        if searches.iter().all(|known| known.q != search.q) {
            searches.push(search);
        }
    }
    Ok(HistoryOut { enabled: tenant.customer.search_history, searches })
}

/// Forgets the searches of the caller.
///
/// # Errors
/// When the database fails.
pub async fn clear_history<P>(tenant: &Tenant<P>) -> Answer<()> {
    let actor = tenant.principal.actor_ref();
    forget(&tenant.app, tenant.id(), Some(&actor)).await?;
    let event = Event::of(AuditAction::SearchForget, tenant.id());
    audit::service::record_alone(&tenant.app, event).await
}

/// What the audit log is told of a saved search.
fn told(
    (action, customer, id): (AuditAction, CustomerId, &str),
    before: Option<(&str, &str, bool)>,
    now: Option<(&str, &str, bool)>,
) -> Event {
    Event::of(action, customer)
        .target(id)
        .changed("shared", before.map(|(.., shared)| shared), now.map(|(.., shared)| shared))
        .typed("name", before.map(|(name, ..)| name), now.map(|(name, ..)| name))
        .typed("q", before.map(|(_, query, _)| query), now.map(|(_, query, _)| query))
}

/// Forgets searches: those of somebody, or all of a customer.
///
/// # Errors
/// When the database fails.
pub async fn forget(app: &App, customer: CustomerId, actor: Option<&str>) -> Answer<()> {
    let _writing = app.searches.writing.lock().await;
    app.searches.forget(customer, actor);
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    repo::delete_history(&mut tx, customer, actor).await?;
    Ok(tx.commit().await?)
}

/// A search that is not written yet.
fn unwritten((asked, mut noted): (Asked, Noted)) -> Executed {
    Executed {
        query: asked.query,
        times: i64::try_from(noted.durations.len()).unwrap_or(i64::MAX),
        hits: noted.hits,
        hits_capped: noted.capped,
        duration_ms: median(&mut noted.durations).unwrap_or_default(),
        searched_at: noted.at.0,
    }
}

/// Queries with how often they were asked, how long they took and whether they found anything.
fn figures(rows: &[Executed]) -> Vec<QueryFigure> {
    struct Sum {
        times: i64,
        empty: i64,
        durations: Vec<i64>,
        at: i64,
    }
    let mut sums: HashMap<&str, Sum> = HashMap::new();
    for row in rows {
        let sum = sums.entry(&row.query).or_insert(Sum {
            times: 0,
            empty: 0,
            durations: Vec::new(),
            at: row.searched_at,
        });
        sum.times += row.times;
        sum.empty += if row.hits == 0 { row.times } else { 0 };
        sum.durations.extend(durations(row));
        sum.at = sum.at.max(row.searched_at);
    }
    let mut figures: Vec<QueryFigure> = sums
        .into_iter()
        .map(|(query, mut sum)| QueryFigure {
            q: query.to_owned(),
            times: sum.times,
            empty: sum.empty,
            median_ms: median(&mut sum.durations).unwrap_or_default(),
            searched_at: Millis(sum.at),
        })
        .collect();
    figures.sort_by(|a, b| (b.times, b.searched_at, &a.q).cmp(&(a.times, a.searched_at, &b.q)));
    figures
}

/// The duration of a search, as often as it was done.
fn durations(row: &Executed) -> impl Iterator<Item = i64> {
    std::iter::repeat_n(row.duration_ms, usize::try_from(row.times).unwrap_or(1))
}

struct Totals {
    n: i64,
    empty: i64,
    median_ms: Option<i64>,
}

fn totals(rows: &[Executed]) -> Totals {
    let mut all: Vec<i64> = rows.iter().flat_map(durations).collect();
    Totals {
        n: rows.iter().map(|row| row.times).sum(),
        empty: rows.iter().filter(|row| row.hits == 0).map(|row| row.times).sum(),
        median_ms: median(&mut all),
    }
}

fn period(app: &App, days: i64) -> (Millis, Millis, Millis) {
    let now = app.clock.now();
    (Millis(now.0 - days * DAY_MS), Millis(now.0 + 1), now)
}

/// ANA-13: what a customer looks for.
///
/// # Errors
/// When the database fails.
pub async fn patterns<P>(tenant: &Tenant<P>, days: i64) -> Answer<SearchPatternsOut> {
    let (from, to, computed_at) = period(&tenant.app, days);
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    let mut rows = repo::list_period(&mut conn, Some(tenant.id()), (from, to), MOST).await?;
    let waiting = tenant.app.searches.of(tenant.id(), None).into_iter().map(unwritten);
    rows.extend(waiting.filter(|row| row.searched_at >= from.0));
    let all = figures(&rows);
    let totals = totals(&rows);
    let distinct = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let nothing_found = all.iter().filter(|figure| figure.empty == figure.times).take(TOP).cloned().collect();
    Ok(SearchPatternsOut {
        from,
        to,
        n: totals.n,
        distinct,
        empty: totals.empty,
        median_ms: totals.median_ms,
        top: all.into_iter().take(TOP).collect(),
        nothing_found,
        computed_at,
    })
}

/// ANA-13: how much is searched over all customers; too few customers would give each other away.
///
/// # Errors
/// When the database fails.
pub async fn over_all(app: &App, days: i64) -> Answer<AllSearchesOut> {
    let (from, to, computed_at) = period(app, days);
    let mut conn = app.db.read(Scope::Installation).await?;
    let customers = repo::count_customers(&mut conn, (from, to)).await?;
    if customers < MIN_CUSTOMERS {
        let reason = Some("too_few".to_owned());
        let none = None::<i64>;
        return Ok(AllSearchesOut {
            from,
            to,
            customers: none,
            n: none,
            empty: none,
            median_ms: none,
            reason,
            computed_at,
        });
    }
    let totals = totals(&repo::list_period(&mut conn, None, (from, to), MOST).await?);
    Ok(AllSearchesOut {
        from,
        to,
        customers: Some(customers),
        n: Some(totals.n),
        empty: Some(totals.empty),
        median_ms: totals.median_ms,
        reason: None,
        computed_at,
    })
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

/// A saved search with its version.
#[derive(Debug)]
pub struct Versioned {
    /// The search.
    pub search: SavedSearchOut,
    /// The `ETag`.
    pub version: i64,
}

fn seen(saved: Saved, actor: &str) -> Versioned {
    Versioned {
        version: saved.version,
        search: SavedSearchOut {
            own: saved.owner == actor,
            id: saved.id,
            name: saved.name,
            q: saved.query,
            shared: saved.shared,
            created_at: Millis(saved.created_at),
            updated_at: Millis(saved.updated_at),
        },
    }
}

/// Saved searches that the caller sees.
///
/// # Errors
/// When the database fails.
pub async fn list_saved<P>(tenant: &Tenant<P>) -> Answer<SavedSearchesOut> {
    let actor = tenant.principal.actor_ref();
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    let rows = repo::list_saved(&mut conn, tenant.id(), &actor).await?;
    Ok(SavedSearchesOut {
        searches: rows.into_iter().map(|saved| seen(saved, &actor).search).collect(),
        limit: tenant.customer.plan.saved_searches(),
    })
}

/// A saved search that the caller sees.
///
/// # Errors
/// `not_found`.
pub async fn find_saved<P>(tenant: &Tenant<P>, id: &str) -> Answer<Versioned> {
    let actor = tenant.principal.actor_ref();
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    let found = repo::find_saved(&mut conn, tenant.id(), &actor, id).await?;
    Ok(seen(found.ok_or_else(missing)?, &actor))
}

/// Keeps a search by name.
///
/// # Errors
/// `invalid_body`, `invalid_query`, `name_taken`, `search_limit_reached`.
pub async fn create_saved<P>(tenant: &Tenant<P>, input: &SavedSearchIn) -> Answer<Versioned> {
    let kept = Kept::judge(input, tenant.info.lang)?;
    keep(&tenant.app, tenant.id(), &tenant.principal.actor_ref(), &kept).await
}

/// Keeps a search of an archive for whose it was.
///
/// # Errors
/// As [`create_saved`].
pub async fn restore(
    app: &App,
    customer: CustomerId,
    owner: &str,
    input: &SavedSearchIn,
) -> Answer<Versioned> {
    keep(app, customer, owner, &Kept::judge(input, Lang::En)?).await
}

async fn keep(app: &App, customer: CustomerId, actor: &str, kept: &Kept) -> Answer<Versioned> {
    let id = new_id(app.clock.now());
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    // One after the other for a customer, so that nobody gets past the limit together.
    let limit = crate::domain::tenancy::service::lock_plan(&mut tx, customer).await?.saved_searches();
    if repo::count_saved(&mut tx, customer).await? >= limit {
        return Err(Problem::new(Code::SearchLimitReached).with("limit", limit));
    }
    repo::insert_saved(&mut tx, customer, actor, &id, kept, app.clock.now())
        .await
        .map_err(taken(&kept.name))?;
    let saved = repo::find_saved(&mut tx, customer, actor, &id).await?.ok_or_else(missing)?;
    let now = (saved.name.as_str(), saved.query.as_str(), saved.shared);
    let event = told((AuditAction::SearchCreate, customer, &id), None, Some(now));
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(seen(saved, actor))
}

/// What may be changed: one's own; what others share is only looked at.
fn own(saved: Option<Saved>, actor: &str) -> Answer<Saved> {
    let saved = saved.ok_or_else(missing)?;
    if saved.owner == actor { Ok(saved) } else { Err(Problem::new(Code::NotYours)) }
}

/// Changes a saved search of the caller.
///
/// # Errors
/// `not_found`, `not_yours`, `precondition_failed`, `invalid_body`, `invalid_query`, `name_taken`.
pub async fn update_saved<P>(
    tenant: &Tenant<P>,
    id: &str,
    if_match: &IfMatch,
    patch: SavedSearchPatch,
) -> Answer<Versioned> {
    let (app, customer, actor) = (&tenant.app, tenant.id(), tenant.principal.actor_ref());
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let before = own(repo::find_saved(&mut tx, customer, &actor, id).await?, &actor)?;
    if_match.check(before.version)?;
    let kept = Kept {
        name: before.name.clone(),
        name_key: String::new(),
        query: before.query.clone(),
        shared: before.shared,
    };
    let kept = kept.patched(patch, tenant.info.lang)?;
    let changed = repo::update_saved(&mut tx, customer, &before, &kept, app.clock.now()).await;
    if changed.map_err(taken(&kept.name))? == 0 {
        return Err(Problem::new(Code::PreconditionFailed));
    }
    let saved = repo::find_saved(&mut tx, customer, &actor, id).await?.ok_or_else(missing)?;
    let was = (before.name.as_str(), before.query.as_str(), before.shared);
    let now = (saved.name.as_str(), saved.query.as_str(), saved.shared);
    let event = told((AuditAction::SearchUpdate, customer, id), Some(was), Some(now));
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(seen(saved, &actor))
}

/// Forgets a saved search of the caller.
///
/// # Errors
/// `not_found`, `not_yours`.
pub async fn delete_saved<P>(tenant: &Tenant<P>, id: &str) -> Answer<()> {
    let (customer, actor) = (tenant.id(), tenant.principal.actor_ref());
    let mut tx = tenant.app.db.write(Scope::Customer(customer)).await?;
    let before = own(repo::find_saved(&mut tx, customer, &actor, id).await?, &actor)?;
    repo::delete_saved(&mut tx, customer, id).await?;
    let was = (before.name.as_str(), before.query.as_str(), before.shared);
    let event = told((AuditAction::SearchDelete, customer, id), Some(was), None);
    audit::service::record(&tenant.app, &mut tx, event).await?;
    Ok(tx.commit().await?)
}
