//! Taking logs out of sight, in portions: each portion is one transaction that also takes them out of books and
//! roll-ups and notes how far it is.

use std::collections::HashMap;
use std::time::Duration;

use shared::audit::AuditAction;
use shared::erasure::{
    ErasureCause, ErasureIn, ErasureOut, ErasurePreviewOut, ErasureState, MAX_REDACTED_FIELDS,
};
use shared::logs::Level;
use shared::page::Page;
use shared::problem::{Code, FieldCode};
use shared::query::{Expr, Query};
use shared::time::Millis;
use shared::validate::Checks;

use super::edit::{KEPT, Targets};
use super::purge;
use super::repo::{self, Erasure, Loss};
use crate::app::App;
use crate::db::{Conn, Scope};
use crate::domain::audit::model::Event;
use crate::domain::kinds::quarantine::service::{self as quarantine, Erased};
use crate::domain::logs::finder::{BUDGET, Found, Kinds, Order, Search, connect};
use crate::domain::logs::kept::{self, Totals};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::parts::change::Change;
use crate::domain::logs::parts::repo::find_mark;
use crate::domain::logs::repo::{HourKind, LogRow, add_kinds, find_book, lock_books};
use crate::domain::logs::seals::digest::{DAY_MS, leaf};
use crate::domain::logs::seals::{self, repo::Left};
use crate::domain::logs::service::{self as logs, Asked};
use crate::domain::search::words::path_token;
use crate::domain::{audit, exports, tenancy};
use crate::http::auth::{LogsErase, Tenant};
use crate::http::extract::no_faults;
use crate::http::page::{Cursor, ListKey, Position};
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, LogId, Space, new_id};
use crate::util::swallow::OrLog;

/// Logs that go out of sight in one transaction: each of them stands in the index of parts a hundred times.
const PORTION: usize = 500;
/// After so many of them others have their turn.
const BREATH: usize = 32;
/// Without a sign of life for this long somebody else goes on with an erasure.
const LEASE_MS: i64 = 60_000;
/// An answer waits for the erasure this long; it goes on by itself.
const PATIENCE: Duration = Duration::from_secs(10);
const HOUR_MS: i64 = 3_600_000;
const MAX_QUERY: usize = 4_096;
const MAX_REASON: usize = 500;
const MAX_FIELD: usize = 96;

/// What an erasure would take away.
///
/// # Errors
/// `invalid_query`, `invalid_parameter`.
pub async fn preview(tenant: &Tenant<LogsErase>, params: &Params) -> Answer<ErasurePreviewOut> {
    let asked = logs::asked(params, tenant.info.lang)?;
    says_something(params.get("q").unwrap_or_default(), &asked.query)?;
    let key = BookKey { customer: tenant.id(), space: Space::of(params.flag("test")?) };
    let mut conn = connect(&tenant.app, key).await?;
    let up_to = find_book(&mut conn, key).await?.seq;
    let search = Search { up_to: Some(up_to), ..asked.search(key, &tenant.customer.zone) };
    let count = search.count(&mut conn, None).await?.value;
    let mut edges = [None, None];
    for (edge, order) in edges.iter_mut().zip([Order::EarliestOccurrence, Order::LatestOccurrence]) {
        let found = Search { order, ..search.clone() }.page(&mut conn, 1).await?;
        *edge = found.rows.first().map(|row| Millis(row.occurred_at));
    }
    let [first_occurred_at, last_occurred_at] = edges;
    Ok(ErasurePreviewOut { count, up_to, first_occurred_at, last_occurred_at })
}

fn judge(input: &ErasureIn) -> Answer<()> {
    let mut checks = Checks::default();
    checks.text("/q", &input.q, 0, MAX_QUERY);
    checks.range("/up_to", input.up_to, 0, LogId::range(CustomerId(1), Space::Live).1);
    checks.range("/expected_count", input.expected_count, 1, i64::MAX);
    if let Some(reason) = &input.reason {
        checks.text("/reason", reason, 0, MAX_REASON);
    }
    if input.fields.len() > MAX_REDACTED_FIELDS {
        let args = [
            ("min", "0".to_owned()),
            ("max", MAX_REDACTED_FIELDS.to_string()),
            ("actual", input.fields.len().to_string()),
        ];
        checks.fail("/fields", FieldCode::Range, &args);
    }
    for (at, field) in input.fields.iter().enumerate() {
        let pointer = format!("/fields/{at}");
        let name = checks.line(&pointer, field, 1, MAX_FIELD);
        if KEPT.contains(&path_token(name.strip_prefix("data.").unwrap_or(&name)).as_str()) {
            let allowed = "kind, message, external_id, ip_address, …".to_owned();
            checks.fail(&pointer, FieldCode::OneOf, &[("allowed", allowed)]);
        }
    }
    no_faults(checks)
}

/// A text that says nothing would erase everything: whoever means all logs leaves the query empty.
fn says_something(q: &str, query: &Query) -> Answer<()> {
    let empty = query.expr == Expr::All && !q.is_empty();
    if empty { Err(invalid("q", "kind:scan, driver:\"J. Jansen\"")) } else { Ok(()) }
}

/// Begins an erasure and waits for it for a while.
///
/// # Errors
/// `invalid_body`, `invalid_query`; `count_changed` when not as many logs fit as were confirmed.
pub async fn begin(tenant: &Tenant<LogsErase>, input: ErasureIn) -> Answer<ErasureOut> {
    judge(&input)?;
    let (app, key) = (&tenant.app, BookKey { customer: tenant.id(), space: Space::of(input.test) });
    let query = logs::parse(&input.q, tenant.info.lang)?;
    says_something(&input.q, &query)?;
    let asked = Asked {
        query,
        occurred: logs::occurred(input.from, input.to)?,
        text: String::new(),
        order: Order::NewestArrival,
    };
    let search = Search { up_to: Some(input.up_to), ..asked.search(key, &tenant.customer.zone) };
    let actual = search.count(&mut connect(app, key).await?, None).await?.value;
    if actual != input.expected_count {
        let problem = Problem::new(Code::CountChanged).with("actual", actual);
        return Err(problem.with("expected", input.expected_count));
    }
    let fields: Vec<String> = input.fields.iter().map(|field| field.trim().to_owned()).collect();
    let order = Ordered {
        key,
        cause: ErasureCause::Request,
        fields,
        query: input.q.trim().to_owned(),
        kinds: None,
        occurred: (input.from, input.to),
        up_to: input.up_to,
        reason: input.reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        actor: tenant.principal.actor_ref(),
        expected: actual,
    };
    let erasure = record(app, order).await?;
    let (id, working) = (erasure.id.clone(), app.clone());
    let (done, wait) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let carried_out = carry_out(&working, erasure).await.or_log("erasing logs");
        if done.send(()).is_err() {
            tracing::debug!("nobody waits for the erasure any more; its record tells");
        }
        if carried_out.is_some() {
            purge::run(&working).await.or_log("removing hidden logs");
        }
    });
    drop(tokio::time::timeout(PATIENCE, wait).await);
    find(app, key.customer, &id).await
}

/// What is to be erased.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// From which book.
    pub key: BookKey,
    /// Why.
    pub cause: ErasureCause,
    /// Fields to make unreadable; empty for whole logs.
    pub fields: Vec<String>,
    /// Search grammar.
    pub query: String,
    /// Kinds that it is about; none is all.
    pub kinds: Option<Kinds>,
    /// Happened at or after, and before.
    pub occurred: (Option<Millis>, Option<Millis>),
    /// Highest number.
    pub up_to: i64,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who asked.
    pub actor: String,
    /// How many logs fit.
    pub expected: i64,
}

/// Keeps what is to be erased, leased to the caller.
///
/// # Errors
/// When the database fails.
pub async fn record(app: &App, order: Ordered) -> Answer<Erasure> {
    let now = app.clock.now();
    let base = LogId::base(order.key.customer, order.key.space);
    let erasure = Erasure {
        id: new_id(now),
        customer_id: order.key.customer.0,
        test: order.key.space.is_test(),
        cause: order.cause.as_str().to_owned(),
        fields: serde_json::to_string(&order.fields).unwrap_or_default(),
        query: order.query,
        kinds: order.kinds.and_then(|kinds| serde_json::to_string(&kinds).ok()),
        occurred_from: order.occurred.0.map(|at| at.0),
        occurred_to: order.occurred.1.map(|at| at.0),
        up_to: order.up_to,
        reason: order.reason,
        actor: order.actor,
        expected: order.expected,
        done: 0,
        position: base.saturating_add(order.up_to).saturating_add(1),
        state: ErasureState::Hiding.as_str().to_owned(),
        leased_until: now.0 + LEASE_MS,
        created_at: now.0,
        hidden_at: None,
        purged_at: None,
        finished_at: None,
    };
    let mut tx = app.db.write(Scope::Customer(order.key.customer)).await?;
    repo::insert(&mut tx, &erasure).await?;
    let event = Event::of(AuditAction::ErasureStart, order.key.customer)
        .target(&erasure.id)
        .with("cause", &erasure.cause)
        .with("expected", erasure.expected)
        .with("up_to", erasure.up_to)
        .with("test", erasure.test)
        .changed("from", None, order.occurred.0.map(Millis::to_rfc3339))
        .changed("to", None, order.occurred.1.map(Millis::to_rfc3339))
        .typed("q", None, Some(erasure.query.as_str()).filter(|query| !query.is_empty()))
        .typed("fields", None, Some(erasure.fields.as_str()).filter(|_| !order.fields.is_empty()))
        .typed("reason", None, erasure.reason.as_deref());
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(erasure)
}

/// Takes the logs of an erasure out of sight, portion by portion, from where it is.
///
/// # Errors
/// When the database fails; it goes on later.
pub async fn carry_out(app: &App, mut erasure: Erasure) -> Answer<()> {
    let key = erasure.key();
    let Some(customer) = tenancy::service::find_for_auth(app, key.customer).await? else { return Ok(()) };
    let query: Query = shared::query::parse(&erasure.query).map_err(|error| {
        Problem::new(Code::Internal).caused_by(&std::io::Error::other(format!("{error:?}")))
    })?;
    // Which kinds cannot be read is no reason to take all of them.
    let kinds: Option<Kinds> = erasure
        .kinds
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
    let fields = erasure.fields();
    let targets = (!fields.is_empty()).then(|| Targets::new(&fields));
    loop {
        let mut conn = connect(app, key).await?;
        let edits = find_book(&mut conn, key).await?.edits;
        let mark = find_mark(&mut conn, key).await?;
        let search = Search {
            key,
            query: &query,
            zone: &customer.zone,
            occurred: (erasure.occurred_from.unwrap_or(i64::MIN), erasure.occurred_to.unwrap_or(i64::MAX)),
            order: Order::NewestArrival,
            after: Some((i64::MAX, erasure.position)),
            up_to: Some(erasure.up_to),
            kinds: kinds.as_ref(),
            budget: BUDGET,
        };
        let found = search.page(&mut conn, PORTION).await?;
        drop(conn);
        let last = found.next.is_none();
        let mut next = erasure.clone();
        next.position = found.next.map_or(erasure.position, |(_, id)| id);
        next.leased_until = app.clock.now().0 + LEASE_MS;
        if last {
            next.hidden_at = Some(app.clock.now().0);
            next.purged_at = targets.is_some().then(|| app.clock.now().0);
            let state = if targets.is_some() { ErasureState::Cleaning } else { ErasureState::Purging };
            state.as_str().clone_into(&mut next.state);
        }
        let done = match &targets {
            Some(targets) => redact(app, &mut next, targets, &found, (edits, mark)).await?,
            None => hide(app, &mut next, &found, (edits, mark), last).await?,
        };
        // Otherwise another erasure has changed logs since these were read, or they came into the index of parts.
        if done {
            erasure = next;
            if last {
                break;
            }
        }
    }
    // What retention erases may stay in a file, and in quarantine, for the days that these are kept.
    if erasure.cause == ErasureCause::Request.as_str() {
        let erased = Erased {
            key,
            query: &query,
            zone: &customer.zone,
            occurred: (erasure.occurred_from.unwrap_or(i64::MIN), erasure.occurred_to.unwrap_or(i64::MAX)),
            received_until: Millis(erasure.created_at),
            fields: &fields,
        };
        quarantine::erase(app, &erased).await?;
        exports::service::withdraw(app, key.customer).await?;
    }
    Ok(())
}

/// Begins to write what was worked out from logs as they were after a number of edits; none when they have changed.
async fn begin_writing(app: &App, key: BookKey, edits: i64) -> Answer<Option<Conn>> {
    let mut tx = app.db.write(Scope::Customer(key.customer)).await?;
    // The order in which the writer of logs locks.
    lock_books(&mut tx, &[key]).await?;
    let unchanged = find_book(&mut tx, key).await?.edits == edits;
    Ok(unchanged.then_some(tx))
}

fn level_of(row: &LogRow) -> &'static str {
    Level::ALL.into_iter().find(|level| level.as_str() == row.level).unwrap_or_default().as_str()
}

/// What stays of a log for the seal of its day (LOG-16): its leaf, and the leaf of what it becomes.
fn left(row: &LogRow, now: Option<&LogRow>) -> Left {
    Left { id: LogId(row.id), day: row.received_at.div_euclid(DAY_MS), leaf: leaf(row), now: now.map(leaf) }
}

/// Takes a portion out of sight; false when it must be read again first.
async fn hide(
    app: &App,
    erasure: &mut Erasure,
    found: &Found,
    (edits, mark): (i64, i64),
    last: bool,
) -> Answer<bool> {
    let key = erasure.key();
    let (mut ids, mut named) = (Vec::with_capacity(found.rows.len()), Vec::new());
    let mut hours: HashMap<i64, Loss> = HashMap::new();
    let mut kinds: HashMap<HourKind, i64> = HashMap::new();
    let mut bytes = 0;
    let mut totals = Totals::default();
    let (mut leaves, mut parts) = (Vec::new(), Change::up_to(mark));
    for (at, row) in found.rows.iter().enumerate() {
        if at % BREATH == BREATH - 1 {
            tokio::task::yield_now().await;
        }
        leaves.push(left(row, None));
        parts.take(row);
        let size = i64::try_from(row.data.len()).unwrap_or(i64::MAX);
        ids.push(LogId(row.id));
        named.extend(row.external_id.as_ref().map(|_| LogId(row.id)));
        bytes += size;
        totals.count(row.occurred_at);
        let hour = row.occurred_at.div_euclid(HOUR_MS);
        let happened = hours.entry(hour).or_default();
        (happened.total, happened.bytes) = (happened.total + 1, happened.bytes + size);
        hours.entry(row.received_at.div_euclid(HOUR_MS)).or_default().received += 1;
        let cell = HourKind { customer: key.customer, hour, kind: row.kind.clone(), level: level_of(row) };
        *kinds.entry(cell).or_default() += 1;
    }
    let total = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    erasure.done += total;
    let Some(mut tx) = begin_writing(app, key, edits).await? else { return Ok(false) };
    if total > 0 {
        repo::hide(&mut tx, key.customer, &ids, &named).await?;
        if !parts.carry_out(&mut tx, key).await? {
            return Ok(false);
        }
        if key.space == Space::Live {
            seals::repo::keep(&mut tx, key.customer, &erasure.id, &leaves).await?;
            repo::subtract(&mut tx, key.customer, &hours, &kinds).await?;
            let by_retention = erasure.cause == ErasureCause::Retention.as_str();
            if by_retention && tenancy::service::keeps_totals(&mut tx, key.customer).await? {
                kept::add(&mut tx, key.customer, &totals).await?;
            }
        }
        repo::reduce_book(&mut tx, key, total, bytes).await?;
    }
    if last {
        repo::renew_bounds(&mut tx, key).await?;
    }
    repo::advance(&mut tx, erasure).await?;
    tx.commit().await?;
    Ok(true)
}

/// Makes fields of a portion unreadable; false when it must be read again first.
async fn redact(
    app: &App,
    erasure: &mut Erasure,
    targets: &Targets,
    found: &Found,
    (edits, mark): (i64, i64),
) -> Answer<bool> {
    let key = erasure.key();
    let (mut edited, mut leaves, mut parts) = (Vec::new(), Vec::new(), Change::up_to(mark));
    let mut hours: HashMap<i64, Loss> = HashMap::new();
    let (mut lost, mut won): (HashMap<HourKind, i64>, HashMap<HourKind, i64>) = Default::default();
    let mut bytes = 0;
    for (at, row) in found.rows.iter().enumerate() {
        if at % BREATH == BREATH - 1 {
            tokio::task::yield_now().await;
        }
        let cut = targets.cut(row).map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
        if let Some(log) = cut {
            let saved = i64::try_from(row.data.len()).unwrap_or_default()
                - i64::try_from(log.data.len()).unwrap_or_default();
            bytes += saved;
            let hour = row.occurred_at.div_euclid(HOUR_MS);
            hours.entry(hour).or_default().bytes += saved;
            if log.kind != row.kind {
                let level = level_of(row);
                let cell =
                    |kind: &str| HourKind { customer: key.customer, hour, kind: kind.to_owned(), level };
                *lost.entry(cell(&row.kind)).or_default() += 1;
                *won.entry(cell(&log.kind)).or_default() += 1;
            }
            let now = log.over(row);
            leaves.push(left(row, Some(&now)));
            parts.exchange(row, &now);
            edited.push(log);
        }
    }
    erasure.done += i64::try_from(edited.len()).unwrap_or(i64::MAX);
    let Some(mut tx) = begin_writing(app, key, edits).await? else { return Ok(false) };
    if !edited.is_empty() {
        repo::rewrite(&mut tx, key.customer, &edited).await?;
        if !parts.carry_out(&mut tx, key).await? {
            return Ok(false);
        }
        if key.space == Space::Live {
            seals::repo::keep(&mut tx, key.customer, &erasure.id, &leaves).await?;
            repo::subtract(&mut tx, key.customer, &hours, &lost).await?;
            if !won.is_empty() {
                add_kinds(tx.dialect(), &won).execute(&mut tx).await?;
            }
        }
        repo::reduce_book(&mut tx, key, 0, bytes).await?;
    }
    repo::advance(&mut tx, erasure).await?;
    tx.commit().await?;
    Ok(true)
}

/// Goes on with erasures that somebody left unfinished, and removes what is hidden.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn resume(app: &App) -> Answer<()> {
    let now = app.clock.now();
    let open =
        repo::list_open(&mut app.db.read(Scope::Installation).await?, ErasureState::Hiding, now).await?;
    for erasure in open {
        let mut tx = app.db.write(Scope::Installation).await?;
        let mine = repo::lease(&mut tx, &erasure.id, now, Millis(now.0 + LEASE_MS)).await?;
        tx.commit().await?;
        // One customer's trouble holds nobody else's erasure up; this one is tried again when its lease ends.
        if mine {
            carry_out(app, erasure).await.or_log("going on with an erasure");
        }
    }
    purge::run(app).await
}

/// An erasure.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, customer: CustomerId, id: &str) -> Answer<ErasureOut> {
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let found = repo::find(&mut conn, customer, id).await?;
    found.map(Erasure::out).ok_or_else(|| Problem::new(Code::NotFound))
}

/// Erasures of a customer, newest first.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`.
pub async fn list(
    app: &App,
    customer: CustomerId,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<Page<ErasureOut>> {
    let key = ListKey::new(&["erasures", &customer.to_string()]);
    let before = cursor.map(|text| key.read(&app.keys, text)).transpose()?;
    let before = before.as_ref().and_then(|cursor| cursor.text(0)).unwrap_or("~").to_owned();
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = repo::list_before(&mut conn, customer, &before, most).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more).map(|row| row.id.clone());
    let next_cursor = last.map(|id| key.write(&app.keys, &Cursor { at: vec![Position::Text(id)] }));
    Ok(Page { data: rows.into_iter().map(Erasure::out).collect(), next_cursor, has_more })
}
