//! Rules of recording and finding logs that span more than one step.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::tz::TimeZone;
use shared::lang::Lang;
use shared::logs::{AroundOut, BatchError, BatchOut, LogCreatedOut, LogOut, Payload, Verdict, VerdictStatus};
use shared::problem::{Args, Code, FieldCode, FieldError};
use shared::query::{Expr, Query};
use shared::time::Millis;

use super::dry_run::numbered;
use super::finder::{BUDGET, COUNT_CAP, Order, Search};
use super::model::BookKey;
use super::model::{NewLog, Origin, Period, Prepared, Source, Stop};
use super::reader::Context;
use super::repo::{self, Window};
use super::upload::Item;
use super::writer::Outcome;
use crate::app::App;
use crate::db::Conn;
use crate::domain::kinds::screen::{Keeping, screen};
use crate::http::auth::{Customer, Tenant};
use crate::http::limits::until_next_month;
use crate::http::page::{Cursor, ListKey, Position};
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, LogId, Space};
use crate::util::zone;

/// What a reader of logs knows about the request.
pub fn context<P>(tenant: &Tenant<P>) -> Context {
    Context {
        now: tenant.app.clock.now(),
        zone: tenant.customer.zone.clone(),
        lang: tenant.info.lang,
        retention: Arc::clone(&tenant.customer.retention),
    }
}

/// Where the logs of a request come from.
pub fn origin<P>(tenant: &Tenant<P>, source: Source, now: Millis) -> Origin {
    Origin {
        customer: tenant.id(),
        space: tenant.space(),
        source,
        way: source.as_str(),
        ip: tenant.info.ip.addr.map(|addr| addr.to_string()),
        actor: tenant.principal.actor_ref(),
        received_at: now,
        period: Period { name: period(&tenant.customer.zone, now), stop: stop(&tenant.customer) },
    }
}

/// BIL-04: where recording stops in a month, by the customer's plan.
fn stop(customer: &Customer) -> Option<Stop> {
    let limits = customer.plan.limits();
    limits.stops.then(|| Stop { limit: limits.logs_a_month, zone: customer.zone.clone() })
}

/// BIL-04: the logs of the month are used up.
#[must_use]
pub fn over_quota(origin: &Origin) -> Problem {
    let problem = Problem::new(Code::LogQuotaExhausted);
    match &origin.period.stop {
        Some(stop) => until_next_month(problem, &stop.zone, origin.received_at).with("limit", stop.limit),
        None => problem,
    }
}

/// The calendar month that logs received now count in.
#[must_use]
pub fn period(zone: &TimeZone, now: Millis) -> Arc<str> {
    zone::month_of(zone, now).into()
}

/// Stores one log, if it fits the schema of its kind.
///
/// # Errors
/// `quarantined`, `quarantine_full`, `external_id_conflict`, `log_quota_exhausted`, or what the writer says.
pub async fn create(app: &App, origin: &Origin, log: NewLog, lang: Lang) -> Answer<LogCreatedOut> {
    let screened = screen(app, origin, vec![log], Keeping::Quarantine, lang).await?;
    let log = screened.into_iter().next().ok_or_else(|| Problem::new(Code::Internal))??;
    create_screened(app, origin, log, lang).await
}

/// Stores one log that has been screened.
///
/// # Errors
/// `external_id_conflict`, `log_quota_exhausted`, or what the writer says.
pub async fn create_screened(
    app: &App,
    origin: &Origin,
    mut log: NewLog,
    lang: Lang,
) -> Answer<LogCreatedOut> {
    settle_corrections(app, origin, correcting(std::iter::once(&mut log)), lang).await?;
    let (occurred_at, received_at) = (log.occurred_at, origin.received_at);
    let warnings = log.warnings.clone();
    let external_id = log.external_id.clone();
    let prepared = log.prepare(origin);
    let outcomes = app
        .writer
        .submit(origin.customer, origin.space, origin.period.clone(), vec![prepared], false)
        .await?;
    match outcomes.first() {
        Some(Outcome::Created(log_id)) => Ok(LogCreatedOut {
            success: true,
            log_id: *log_id,
            timestamp: occurred_at,
            received_at,
            duplicate: false,
            warnings,
        }),
        Some(Outcome::Duplicate(seq)) => {
            let before = find(app, origin.customer, origin.space, *seq).await?;
            let (timestamp, received_at) = (before.timestamp, before.received_at);
            Ok(LogCreatedOut {
                success: true,
                log_id: *seq,
                timestamp,
                received_at,
                duplicate: true,
                warnings,
            })
        }
        Some(Outcome::Conflict(seq)) => Err(conflict(Some(*seq), external_id.as_deref())),
        Some(Outcome::OverQuota) => Err(over_quota(origin)),
        None => Err(Problem::new(Code::Internal)),
    }
}

fn correcting<'a>(logs: impl Iterator<Item = &'a mut NewLog>) -> Vec<&'a mut NewLog> {
    logs.filter(|log| log.corrects_id.is_some()).collect()
}

/// LOG-10: a log corrects one that is there, or nothing: then a warning says so. A correction may repeat the external id
/// of what it corrects.
async fn settle_corrections(
    app: &App,
    origin: &Origin,
    correcting: Vec<&mut NewLog>,
    lang: Lang,
) -> Answer<()> {
    if correcting.is_empty() {
        return Ok(());
    }
    let key = BookKey { customer: origin.customer, space: origin.space };
    let asked: Vec<i64> = correcting.iter().filter_map(|log| log.corrects_id).collect();
    let present = repo::find_present(&mut super::finder::connect(app, key).await?, key, &asked).await?;
    for log in correcting {
        match log.corrects_id.and_then(|seq| present.get(&seq)) {
            None => {
                log.corrects_id = None;
                log.warnings.push(super::reader::unknown_correction(lang));
            }
            // It says the same event again, and otherwise: the identifier stays with the log that it corrects.
            Some(own) if own.is_some() && *own == log.external_id => log.external_id = None,
            Some(_) => {}
        }
    }
    Ok(())
}

/// Stores logs that were read by the protocol of another product, and says what became of each: the outcome, or why it
/// does not fit the schema of its kind.
///
/// # Errors
/// What the writer says; then nothing was stored.
pub async fn store(app: &App, origin: &Origin, logs: Vec<NewLog>) -> Answer<Vec<Answer<Outcome>>> {
    let screened = screen(app, origin, logs, Keeping::Quarantine, Lang::En).await?;
    let mut fitting = Vec::with_capacity(screened.len());
    let places: Vec<Answer<()>> = screened.into_iter().map(|log| log.map(|log| fitting.push(log))).collect();
    let mut outcomes = write(app, origin, fitting, false).await?.into_iter();
    let outcome =
        |place: Answer<()>| place.and_then(|()| outcomes.next().ok_or_else(|| Problem::new(Code::Internal)));
    Ok(places.into_iter().map(outcome).collect())
}

/// What became of logs that are stored together or not at all.
#[derive(Debug)]
pub enum Together {
    /// All fit their schemas; whether all were stored, the outcomes say.
    Written(Vec<Outcome>),
    /// Some do not fit, by their places; nothing was stored or put in quarantine.
    Unfit(Vec<(usize, Problem)>),
}

/// Stores logs that were read by the protocol of another product, all or none.
///
/// # Errors
/// What the writer says; then nothing was stored.
pub async fn store_together(app: &App, origin: &Origin, logs: Vec<NewLog>) -> Answer<Together> {
    let screened = screen(app, origin, logs, Keeping::Nothing, Lang::En).await?;
    let (mut fitting, mut unfit) = (Vec::with_capacity(screened.len()), Vec::new());
    for (at, log) in screened.into_iter().enumerate() {
        match log {
            Ok(log) => fitting.push(log),
            Err(problem) => unfit.push((at, problem)),
        }
    }
    if !unfit.is_empty() {
        return Ok(Together::Unfit(unfit));
    }
    write(app, origin, fitting, true).await.map(Together::Written)
}

async fn write(app: &App, origin: &Origin, mut logs: Vec<NewLog>, atomic: bool) -> Answer<Vec<Outcome>> {
    settle_corrections(app, origin, correcting(logs.iter_mut()), Lang::En).await?;
    let rows = logs.into_iter().map(|log| log.prepare(origin)).collect();
    app.writer.submit(origin.customer, origin.space, origin.period.clone(), rows, atomic).await
}

/// Stores logs that are ready.
///
/// # Errors
/// What the writer says; then nothing was stored.
pub async fn submit(app: &App, origin: &Origin, rows: Vec<Prepared>) -> Answer<Vec<Outcome>> {
    app.writer.submit(origin.customer, origin.space, origin.period.clone(), rows, false).await
}

/// Which of these identifiers belong to stored logs.
///
/// # Errors
/// When the database fails.
pub async fn known_ids(
    app: &App,
    customer: CustomerId,
    space: Space,
    ids: &[&str],
) -> Answer<HashSet<String>> {
    let mut conn = super::finder::connect(app, BookKey { customer, space }).await?;
    let asked: Vec<_> = ids.iter().map(|id| (customer, space, *id)).collect();
    let known = repo::find_external(&mut conn, &asked).await?;
    Ok(known.into_keys().map(|(_, id)| id).collect())
}

/// Logs of each kind.
///
/// # Errors
/// When the database fails.
pub async fn kinds(conn: &mut Conn, customer: CustomerId) -> Answer<HashMap<String, i64>> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for (kind, _, n) in repo::totals_by_kind(conn, customer, (i64::MIN, i64::MAX)).await? {
        *counts.entry(kind).or_default() += n;
    }
    Ok(counts)
}

/// The newest logs of a kind.
///
/// # Errors
/// When the database fails.
pub async fn newest_of_kind(
    app: &App,
    customer: &Customer,
    space: Space,
    kind: &str,
    limit: usize,
) -> Answer<Vec<LogOut>> {
    let key = BookKey { customer: customer.id, space };
    let term = shared::query::field_term("kind", kind, false);
    let query = shared::query::parse(&term).map_err(|_| invalid("kind", "…"))?;
    let asked = Asked { query, occurred: (i64::MIN, i64::MAX), text: String::new(), order: Order::default() };
    let mut conn = super::finder::connect(app, key).await?;
    let found = asked.search(key, &customer.zone).page(&mut conn, limit).await?;
    Ok(found.rows.into_iter().map(repo::LogRow::out).filter(|log| log.kind == kind).collect())
}

/// Another log has the same external id.
pub(super) fn conflict(seq: Option<i64>, external_id: Option<&str>) -> Problem {
    let number = seq.map_or_else(|| "–".to_owned(), |seq| seq.to_string());
    Problem::new(Code::ExternalIdConflict)
        .with("external_id", external_id.unwrap_or("–"))
        .with("log_id", number)
}

/// How a batch is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// All or nothing.
    pub atomic: bool,
    /// Not at all: only what would become of it is told.
    pub dry_run: bool,
}

/// Stores the items of a batch or upload. Each gets a verdict; the accepted ones commit together.
///
/// # Errors
/// `log_quota_exhausted` or `all_rejected` with the verdicts when nothing was stored, or what the writer says.
pub async fn create_batch(
    app: &App,
    origin: &Origin,
    mut items: Vec<Item>,
    Manner { atomic, dry_run }: Manner,
    lang: Lang,
) -> Answer<BatchOut> {
    screen_items(
        app,
        origin,
        &mut items,
        if atomic || dry_run { Keeping::Nothing } else { Keeping::Quarantine },
        lang,
    )
    .await?;
    let read = items.iter_mut().filter_map(|item| item.log.as_mut().ok());
    settle_corrections(app, origin, correcting(read), lang).await?;
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(items.len());
    let mut accepted = Vec::new();
    for item in items {
        let index = verdicts.len();
        let blank = Verdict {
            index,
            line: item.line,
            status: VerdictStatus::Rejected,
            log_id: None,
            code: None,
            pointer: None,
            detail: None,
            warnings: vec![],
            log: None,
        };
        match item.log {
            Ok(log) => {
                let parsed = dry_run.then(|| super::dry_run::parsed(&log));
                verdicts.push(Verdict { warnings: log.warnings.clone(), log: parsed, ..blank });
                accepted.push((index, log.external_id.clone(), log.prepare(origin)));
            }
            Err(problem) => verdicts.push(reject(blank, &problem, lang)),
        }
    }
    let hindered = atomic && accepted.len() < verdicts.len();
    let (mut stored, mut full) = (false, false);
    if !hindered && !accepted.is_empty() {
        let (places, rows): (Vec<_>, Vec<_>) =
            accepted.into_iter().map(|(at, id, row)| ((at, id), row)).unzip();
        let outcomes = if dry_run {
            super::dry_run::outcomes(app, origin, &rows).await?
        } else {
            app.writer.submit(origin.customer, origin.space, origin.period.clone(), rows, atomic).await?
        };
        stored = !(atomic && outcomes.iter().any(|outcome| outcome.refused()));
        full = outcomes.contains(&Outcome::OverQuota);
        // Numbers that were given to logs of this batch and are free again.
        let given: HashSet<i64> = outcomes
            .iter()
            .filter(|_| !stored)
            .filter_map(|outcome| match outcome {
                Outcome::Created(seq) => Some(*seq),
                Outcome::Duplicate(_) | Outcome::Conflict(_) | Outcome::OverQuota => None,
            })
            .collect();
        for ((at, external_id), outcome) in places.into_iter().zip(outcomes) {
            let Some(verdict) = verdicts.get_mut(at) else {
                continue;
            };
            match outcome {
                Outcome::Created(seq) if stored => {
                    (verdict.status, verdict.log_id) = (VerdictStatus::Created, numbered(seq))
                }
                Outcome::Created(_) => {}
                Outcome::Duplicate(seq) if given.contains(&seq) => {}
                Outcome::Duplicate(seq) => {
                    (verdict.status, verdict.log_id) = (VerdictStatus::Duplicate, numbered(seq))
                }
                Outcome::Conflict(seq) => {
                    let problem =
                        conflict(numbered(seq).filter(|seq| !given.contains(seq)), external_id.as_deref());
                    *verdict = reject(verdict.clone(), &problem, lang);
                }
                Outcome::OverQuota => *verdict = reject(verdict.clone(), &over_quota(origin), lang),
            }
        }
    }
    if atomic && !stored {
        let hint = Problem::new(Code::AllRejected).with("actual", verdicts.len());
        for verdict in verdicts
            .iter_mut()
            .filter(|verdict| verdict.code.is_none() && verdict.status == VerdictStatus::Rejected)
        {
            verdict.code = Some("not_stored_atomic".to_owned());
            verdict.detail = Some(hint.detail(lang));
        }
    }
    let out = summary(verdicts, atomic, dry_run);
    if !dry_run && out.created_count == 0 && out.duplicates == 0 && out.rejected_count > 0 {
        let problem = if full { over_quota(origin) } else { Problem::new(Code::AllRejected) };
        return Err(problem.with("actual", out.rejected_count).with_body(&out));
    }
    Ok(out)
}

/// Looks at the items that could be read; those that do not fit the schema of their kind become problems.
async fn screen_items(
    app: &App,
    origin: &Origin,
    items: &mut [Item],
    keeping: Keeping,
    lang: Lang,
) -> Answer<()> {
    let (mut logs, mut places) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        // The problem stands there until the log comes back.
        match std::mem::replace(&mut item.log, Err(Problem::new(Code::Internal))) {
            Ok(log) => {
                logs.push(log);
                places.push(&mut item.log);
            }
            unread => item.log = unread,
        }
    }
    for (place, log) in places.into_iter().zip(screen(app, origin, logs, keeping, lang).await?) {
        *place = log;
    }
    Ok(())
}

fn reject(verdict: Verdict, problem: &Problem, lang: Lang) -> Verdict {
    Verdict {
        status: VerdictStatus::Rejected,
        code: Some(problem.code.as_str().to_owned()),
        pointer: Some(problem.pointer().to_owned()),
        detail: Some(problem.detail(lang)),
        ..verdict
    }
}

fn summary(verdicts: Vec<Verdict>, atomic: bool, dry_run: bool) -> BatchOut {
    let created_ids: Vec<i64> =
        verdicts.iter().filter(|v| v.status == VerdictStatus::Created).filter_map(|v| v.log_id).collect();
    let duplicates = verdicts.iter().filter(|v| v.status == VerdictStatus::Duplicate).count();
    let rejected = verdicts.iter().filter(|v| v.status == VerdictStatus::Rejected);
    let errors: Vec<BatchError> = rejected
        .map(|v| BatchError {
            index: v.index,
            line: v.line,
            detail: v.detail.clone().unwrap_or_default(),
            error: v.detail.clone().unwrap_or_default(),
            code: v.code.clone().unwrap_or_default(),
            pointer: v.pointer.clone().unwrap_or_default(),
        })
        .collect();
    BatchOut {
        success: errors.is_empty(),
        received_count: verdicts.len(),
        created_count: verdicts.iter().filter(|v| v.status == VerdictStatus::Created).count(),
        created_ids,
        duplicates,
        rejected_count: errors.len(),
        errors,
        verdicts,
        atomic,
        dry_run,
    }
}

/// One log by its number.
///
/// # Errors
/// `log_not_found`; a number of another customer is one's own log or nothing.
pub async fn find(app: &App, customer: CustomerId, space: Space, seq: i64) -> Answer<LogOut> {
    let missing = || Problem::new(Code::LogNotFound);
    let id = LogId::new(customer, space, seq).ok_or_else(missing)?;
    let mut conn = super::finder::connect(app, BookKey { customer, space }).await?;
    let row = repo::find(&mut conn, customer, id).await?.ok_or_else(missing)?;
    let corrected_by = repo::list_corrections(&mut conn, BookKey { customer, space }, seq).await?;
    let sealed_at = match space {
        Space::Live => super::seals::service::sealed_at(&mut conn, customer, seq).await?,
        Space::Test => None,
    };
    Ok(LogOut { corrected_by, sealed_at, ..row.out() })
}

/// One log by the sender's identifier.
///
/// # Errors
/// When the database fails.
pub async fn find_external(
    app: &App,
    customer: CustomerId,
    space: Space,
    external_id: &str,
) -> Answer<Option<LogOut>> {
    let mut conn = super::finder::connect(app, BookKey { customer, space }).await?;
    let known = repo::find_external(&mut conn, &[(customer, space, external_id)]).await?;
    let id = known.values().next().and_then(|known| LogId::new(customer, space, known.seq));
    match id {
        Some(id) => Ok(repo::find(&mut conn, customer, id).await?.map(repo::LogRow::out)),
        None => Ok(None),
    }
}

/// Up to ten logs before and after one, in order of arrival.
///
/// # Errors
/// `log_not_found`.
pub async fn around(app: &App, customer: CustomerId, space: Space, seq: i64) -> Answer<AroundOut> {
    let missing = || Problem::new(Code::LogNotFound);
    let id = LogId::new(customer, space, seq).ok_or_else(missing)?;
    let mut conn = super::finder::connect(app, BookKey { customer, space }).await?;
    repo::find(&mut conn, customer, id).await?.ok_or_else(missing)?;
    let (low, high) = LogId::range(customer, space);
    let always = (i64::MIN, i64::MAX);
    let mut before =
        repo::list_window(&mut conn, customer, Window { ids: (low, id.0 - 1), occurred: always }, false, 10)
            .await?;
    before.reverse();
    let after =
        repo::list_window(&mut conn, customer, Window { ids: (id.0 + 1, high), occurred: always }, true, 10)
            .await?;
    let out = |rows: Vec<repo::LogRow>| rows.into_iter().map(repo::LogRow::out).collect();
    Ok(AroundOut { before: out(before), after: out(after) })
}

/// What a list of logs was asked for.
#[derive(Debug)]
pub struct Asked {
    /// Query and filters as one expression.
    pub query: Query,
    /// When it happened: from (included) and to (excluded).
    pub occurred: (i64, i64),
    /// Everything asked for as text, for cursors.
    pub text: String,
    /// Order.
    pub order: Order,
}

/// Names of filter parameters.
pub const FILTERS: [&str; 8] = ["q", "from", "to", "kind", "level", "source", "ip", "field."];

/// Reads a query.
///
/// # Errors
/// `invalid_query` with position and suggestion.
pub fn parse(q: &str, lang: Lang) -> Answer<Query> {
    shared::query::parse(q).map_err(|error| {
        let mut problem = Problem::new(Code::InvalidQuery)
            .with("reason", error.message(lang.code()).trim_end_matches('.'))
            .with("position", error.position + 1)
            .with("length", error.length);
        let expected: Vec<String> =
            error.expected.iter().map(|expected| expected.label(lang.code()).to_owned()).collect();
        if !expected.is_empty() {
            problem = problem.with("expected", expected.join(", "));
        }
        if let Some(suggestion) = error.apply(q) {
            problem = problem.with("suggestion", suggestion);
        }
        problem
    })
}

/// Reads query, filters and order.
///
/// # Errors
/// `invalid_query` with position and suggestion, `invalid_parameter`.
pub fn asked(params: &Params, lang: Lang) -> Answer<Asked> {
    let mut parts = Vec::new();
    let q = params.get("q").unwrap_or_default();
    let parsed = parse(q, lang)?;
    parts.push(parsed.expr);
    for (name, longest) in [("kind", 64), ("level", 16), ("source", 16), ("ip", 64)] {
        if let Some(value) = params.text(name, longest)? {
            let term = shared::query::field_term(name, value, false);
            parts.push(shared::query::parse(&term).map_err(|_| invalid(name, "…"))?.expr);
        }
    }
    for (name, value) in params.iter() {
        if let Some(field) = name.strip_prefix("field.") {
            let term = shared::query::field_term(&format!("data.{field}"), value, false);
            parts.push(shared::query::parse(&term).map_err(|_| invalid(name, "…"))?.expr);
        }
    }
    let order = params
        .choice(
            "sort",
            &[
                ("-id", Order::NewestArrival),
                ("id", Order::OldestArrival),
                ("-occurred_at", Order::LatestOccurrence),
                ("occurred_at", Order::EarliestOccurrence),
            ],
        )?
        .unwrap_or_default();
    let ends = (params.instant("from")?, params.instant("to")?);
    let occurred = ordered(ends.0, ends.1).ok_or_else(|| invalid("from", "≤ to"))?;
    let query = Query { expr: Expr::and(parts) };
    let text = format!("{query}|{}|{}|{order:?}", occurred.0, occurred.1);
    Ok(Asked { query, occurred, text, order })
}

/// The ends of a period, open where none is given; none when it ends before it begins.
fn ordered(from: Option<Millis>, to: Option<Millis>) -> Option<(i64, i64)> {
    let ends = (from.map_or(i64::MIN, |at| at.0), to.map_or(i64::MAX, |at| at.0));
    (ends.0 <= ends.1).then_some(ends)
}

/// The period of a body with the members `from` and `to`.
///
/// # Errors
/// `invalid_body` when it ends before it begins.
pub fn occurred(from: Option<Millis>, to: Option<Millis>) -> Answer<(i64, i64)> {
    ordered(from, to).ok_or_else(|| {
        let fault = FieldError { pointer: "/from".to_owned(), code: FieldCode::Order, args: Args::new() };
        Problem::new(Code::InvalidBody).faults(vec![fault])
    })
}

impl Asked {
    /// The search of a customer for this.
    #[must_use]
    pub fn search<'a>(&'a self, key: BookKey, zone: &'a TimeZone) -> Search<'a> {
        Search {
            key,
            query: &self.query,
            zone,
            occurred: self.occurred,
            order: self.order,
            after: None,
            up_to: None,
            kinds: None,
            budget: BUDGET,
        }
    }
}

/// A page of logs with its cursor.
#[derive(Debug)]
pub struct LogPage {
    /// The logs.
    pub logs: Vec<LogOut>,
    /// Position behind the last one.
    pub next_cursor: Option<String>,
    /// Whether the time budget ended first.
    pub partial: bool,
    /// Highest number when the page was read.
    pub last_id: i64,
    /// How many match in all, if asked for.
    pub total: Option<shared::logs::Total>,
}

/// Finds a page.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`, or what the database says.
pub async fn page<P>(
    tenant: &Tenant<P>,
    asked: &Asked,
    params: &Params,
    limit: usize,
    offset: usize,
) -> Answer<LogPage> {
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let list = list_key(key, &asked.text);
    let mut search = asked.search(key, &tenant.customer.zone);
    if let Some(text) = params.get("cursor") {
        let cursor = list.read(&tenant.app.keys, text)?;
        search.after = cursor.int(0).zip(cursor.int(1));
    }
    let cap = params
        .choice("count", &[("capped", Some(COUNT_CAP)), ("estimate", Some(COUNT_CAP)), ("exact", None)])?;
    let mut conn = super::finder::connect(&tenant.app, key).await?;
    let last_id = repo::find_book(&mut conn, key).await?.seq;
    let mut found = search.page(&mut conn, limit + offset).await?;
    let total = match cap {
        Some(cap) => Some(search.count(&mut conn, cap).await?),
        None => None,
    };
    let next_cursor = found.next.map(|(at, id)| {
        list.write(&tenant.app.keys, &Cursor { at: vec![Position::Int(at), Position::Int(id)] })
    });
    let mut logs: Vec<LogOut> =
        found.rows.drain(offset.min(found.rows.len())..).map(repo::LogRow::out).collect();
    if params.choice("expand", &[("payload", ())])?.is_some() {
        expand(&mut logs);
    }
    Ok(LogPage { logs, next_cursor, partial: found.partial, last_id, total })
}

/// What was taken from logs that a query finds.
#[derive(Debug)]
pub struct Selection<T> {
    /// What was taken.
    pub items: Vec<T>,
    /// Position behind the last one, if there may be more.
    pub next_cursor: Option<String>,
}

/// Finds logs and takes of each what a closer look makes of it: for areas whose records are logs with a meaning that
/// the search grammar does not know. A page that takes too long ends early and can be continued.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`, or what the database says.
pub async fn select<P, T>(
    tenant: &Tenant<P>,
    asked: &Asked,
    cursor: Option<&str>,
    limit: usize,
    take: impl Fn(&LogOut) -> Option<T>,
) -> Answer<Selection<T>> {
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let list = list_key(key, &asked.text);
    let mut search = asked.search(key, &tenant.customer.zone);
    if let Some(text) = cursor {
        let cursor = list.read(&tenant.app.keys, text)?;
        search.after = cursor.int(0).zip(cursor.int(1));
    }
    let write = |(at, id): (i64, i64)| {
        list.write(&tenant.app.keys, &Cursor { at: vec![Position::Int(at), Position::Int(id)] })
    };
    let mut conn = super::finder::connect(&tenant.app, key).await?;
    let started = Instant::now();
    let mut items = Vec::new();
    loop {
        let found = search.page(&mut conn, limit).await?;
        for row in found.rows {
            let position = (row.occurred_at, row.id);
            if let Some(item) = take(&row.out()) {
                if items.len() == limit {
                    return Ok(Selection { items, next_cursor: search.after.map(write) });
                }
                items.push(item);
            }
            search.after = Some(position);
        }
        match found.next {
            None => return Ok(Selection { items, next_cursor: None }),
            Some(next) => search.after = Some(next),
        }
        if started.elapsed() > BUDGET {
            return Ok(Selection { items, next_cursor: search.after.map(write) });
        }
    }
}

/// A list of logs as cursors see it.
fn list_key(key: BookKey, asked: &str) -> ListKey {
    let space = if key.space.is_test() { "test" } else { "live" };
    ListKey::new(&["logs", &key.customer.to_string(), space, asked])
}

/// Replaces `data` by its parsed value where that is asked for.
pub fn expand(logs: &mut [LogOut]) {
    for log in logs {
        if let Some(Ok(raw)) = log.data.take().map(serde_json::value::RawValue::from_string) {
            log.payload = Some(Payload(raw));
        }
    }
}

/// Logs by unix hour: hour, logs that happened in it, logs that were received in it. The test space is in no roll-up.
///
/// # Errors
/// When the database fails.
pub async fn hours(conn: &mut Conn, key: BookKey, hours: (i64, i64)) -> Answer<Vec<(i64, i64, i64)>> {
    match key.space {
        Space::Live => Ok(repo::hours(conn, key.customer, hours).await?),
        Space::Test => Ok(Vec::new()),
    }
}

/// Counter and totals of a customer's space.
///
/// # Errors
/// When the database fails.
pub async fn book(conn: &mut Conn, customer: CustomerId, space: Space) -> Answer<repo::Book> {
    Ok(repo::find_book(conn, BookKey { customer, space }).await?)
}

/// Logs counted in a calendar month.
///
/// # Errors
/// When the database fails.
pub async fn usage(conn: &mut Conn, customer: CustomerId, period: &str) -> Answer<i64> {
    Ok(repo::find_usage(conn, customer, period).await?)
}

/// The newest logs.
///
/// # Errors
/// When the database fails.
pub async fn newest(conn: &mut Conn, customer: CustomerId, space: Space, limit: i64) -> Answer<Vec<LogOut>> {
    let window = Window { ids: LogId::range(customer, space), occurred: (i64::MIN, i64::MAX) };
    let rows = repo::list_window(conn, customer, window, false, limit).await?;
    Ok(rows.into_iter().map(repo::LogRow::out).collect())
}
