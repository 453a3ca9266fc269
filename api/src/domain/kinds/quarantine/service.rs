//! Keeping lines, showing them, deciding against them, and letting them go.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::audit::AuditAction;
use shared::kinds::{
    QUARANTINE_BYTES, QUARANTINE_DAYS, QUARANTINE_LINES, QuarantineState, QuarantinedOut, QuarantinedState,
};
use shared::lang::Lang;
use shared::page::Page;
use shared::problem::{Args, Code, FieldCode, FieldError};
use shared::query::Query;
use shared::time::Millis;

use super::repo::{self, Filter, Line, LineRow, Reading, Settled};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::kinds::screen::Rejected;
use crate::domain::kinds::service::count_not_kept;
use crate::domain::logs::model::{BookKey, Origin, Source};
use crate::domain::logs::reader;
use crate::domain::search::doc::{self, Doc};
use crate::domain::search::eval;
use crate::domain::search::words::path_token;
use crate::domain::tenancy;
use crate::http::auth::{Caller, Tenant};
use crate::http::page::{Cursor, ListKey, Position};
use crate::http::problem::{Answer, Problem};
use crate::util::crypto;
use crate::util::ids::{CustomerId, Space, new_id};

const DAY_MS: i64 = 24 * 3_600_000;
/// Lines that are looked at in one go by an erasure.
const PORTION: i64 = 200;

pub(super) fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

/// A fault as it is kept: without words, because readers have different languages.
#[derive(Serialize, Deserialize)]
struct Reason {
    pointer: String,
    code: String,
    args: Args,
}

fn written(faults: &[FieldError]) -> String {
    let reason = |fault: &FieldError| Reason {
        pointer: fault.pointer.clone(),
        code: fault.code.as_str().to_owned(),
        args: fault.args.clone(),
    };
    serde_json::to_string(&faults.iter().map(reason).collect::<Vec<_>>()).unwrap_or_default()
}

fn read(reasons: &str) -> Vec<FieldError> {
    let reasons: Vec<Reason> = serde_json::from_str(reasons).unwrap_or_default();
    let fault = |reason: Reason| {
        let code = FieldCode::ALL.iter().find(|code| code.as_str() == reason.code)?;
        Some(FieldError { pointer: reason.pointer, code: *code, args: reason.args })
    };
    reasons.into_iter().filter_map(fault).collect()
}

/// What tells lines apart: kind, identifier and data.
fn digest(rejected: &Rejected) -> String {
    let mut hash = Sha256::new();
    let id = rejected.log.external_id.as_deref().unwrap_or_default();
    for part in [rejected.log.kind.as_str(), id, rejected.log.data.trim()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    crypto::hex(&hash.finalize())
}

fn line(origin: &Origin, rejected: &Rejected, digest: String) -> Line {
    let log = &rejected.log;
    Line {
        id: new_id(origin.received_at),
        kind: log.kind.clone(),
        digest,
        data: log.data.clone(),
        reading: Reading {
            level: log.level.as_str().to_owned(),
            message: log.message.clone(),
            occurred_at: log.occurred_at.0,
            external_id: log.external_id.clone(),
            same_as: log.same_as.clone(),
        },
        reasons: written(&rejected.faults),
        way: origin.way,
        actor: origin.actor.clone(),
        times: 1,
    }
}

/// Keeps rejected lines as long as there is room, and tells of each whether it is kept. Those for which there is no room
/// are counted.
///
/// # Errors
/// When the database fails; then nothing was kept.
pub async fn keep(app: &App, origin: &Origin, rejected: &[&Rejected]) -> Answer<Vec<bool>> {
    let digests: Vec<String> = rejected.iter().map(|rejected| digest(rejected)).collect();
    let mut lines: HashMap<&str, Line> = HashMap::new();
    for (rejected, digest) in rejected.iter().zip(&digests) {
        let line = lines
            .entry(digest)
            .or_insert_with(|| Line { times: 0, ..line(origin, rejected, digest.clone()) });
        line.times += 1;
    }
    let (customer, space) = (origin.customer, origin.space);
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    // One after the other for a customer, so that nobody gets past the limit together.
    tenancy::service::lock_plan(&mut tx, customer).await?;
    let all: Vec<&str> = lines.keys().copied().collect();
    let waiting: HashSet<String> =
        repo::list_waiting(&mut tx, customer, space, &all).await?.into_iter().collect();
    let present = repo::find_waiting(&mut tx, customer).await?;
    let (mut room, mut bytes) = (QUARANTINE_LINES - present.open, QUARANTINE_BYTES - present.bytes);
    let mut kept: HashSet<&str> = HashSet::new();
    let mut not_kept: HashMap<String, i64> = HashMap::new();
    for digest in &digests {
        let Some(line) = lines.get(digest.as_str()).filter(|_| !kept.contains(digest.as_str())) else {
            continue;
        };
        let size = i64::try_from(line.data.len()).unwrap_or(i64::MAX);
        if waiting.contains(digest) {
            kept.insert(digest);
        } else if room > 0 && bytes >= size {
            (room, bytes) = (room - 1, bytes - size);
            kept.insert(digest);
        }
    }
    for line in lines.values().filter(|line| !kept.contains(line.digest.as_str())) {
        *not_kept.entry(line.kind.clone()).or_default() += line.times;
    }
    let chosen: Vec<&Line> = lines.values().filter(|line| kept.contains(line.digest.as_str())).collect();
    if !chosen.is_empty() {
        let now = origin.received_at;
        let times = (now, Millis(now.0 + QUARANTINE_DAYS * DAY_MS));
        repo::insert(&mut tx, customer, space, &chosen, times).await?;
    }
    count_not_kept(&mut tx, customer, &not_kept).await?;
    tx.commit().await?;
    Ok(digests.iter().map(|digest| kept.contains(digest.as_str())).collect())
}

/// How full the quarantine of a customer is.
///
/// # Errors
/// When the database fails.
pub async fn state(conn: &mut Conn, customer: CustomerId) -> Answer<QuarantineState> {
    let found = repo::find_waiting(conn, customer).await?;
    Ok(QuarantineState {
        open: found.open,
        limit: QUARANTINE_LINES,
        bytes: found.bytes,
        bytes_limit: QUARANTINE_BYTES,
        oldest_at: found.oldest_at.map(Millis),
    })
}

/// Lines that wait, by kind.
///
/// # Errors
/// When the database fails.
pub async fn open_by_kind(conn: &mut Conn, customer: CustomerId) -> Answer<HashMap<String, i64>> {
    let rows = repo::count_by_kind(conn, customer).await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.n)).collect())
}

fn out(row: LineRow, lang: Lang) -> QuarantinedOut {
    QuarantinedOut {
        state: row.state(),
        reasons: read(&row.reasons).iter().map(|fault| fault.render(lang)).collect(),
        id: row.id,
        kind: row.kind,
        data: row.data,
        bytes: row.bytes,
        way: row.way,
        actor: row.actor,
        test: row.test,
        times: row.times,
        received_at: Millis(row.received_at),
        last_received_at: Millis(row.last_received_at),
        expires_at: Millis(row.expires_at),
        log_id: row.log_seq,
        settled_at: row.settled_at.map(Millis),
        settled_by: row.settled_by,
    }
}

/// Lines of a customer, the newest first.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`.
pub async fn list<P>(
    tenant: &Tenant<P>,
    space: Space,
    filter: Filter<'_>,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<Page<QuarantinedOut>> {
    let (app, customer) = (&tenant.app, tenant.id());
    let state = filter.state.map_or("", QuarantinedState::as_str);
    let space_name = if space.is_test() { "test" } else { "live" };
    let key = ["quarantine", &customer.to_string(), space_name, state, filter.kind.unwrap_or_default()];
    let key = ListKey::new(&key);
    let before = cursor.map(|text| key.read(&app.keys, text)).transpose()?;
    let before = before.as_ref().and_then(|cursor| cursor.text(0)).unwrap_or("~").to_owned();
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = repo::list(&mut conn, customer, space, filter, &before, most).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more).map(|row| row.id.clone());
    let next_cursor = last.map(|id| key.write(&app.keys, &Cursor { at: vec![Position::Text(id)] }));
    let lang = tenant.info.lang;
    Ok(Page { data: rows.into_iter().map(|row| out(row, lang)).collect(), next_cursor, has_more })
}

/// A line that the caller may see: a key sees those of its own space.
pub(super) async fn visible<P>(conn: &mut Conn, tenant: &Tenant<P>, id: &str) -> Answer<LineRow> {
    let row = repo::find(conn, tenant.id(), id).await?;
    let is_key = matches!(tenant.principal.caller, Caller::Key { .. });
    row.filter(|row| !is_key || row.test == tenant.space().is_test()).ok_or_else(missing)
}

/// A line with its data.
///
/// # Errors
/// `not_found`.
pub async fn find<P>(tenant: &Tenant<P>, id: &str) -> Answer<QuarantinedOut> {
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    Ok(out(visible(&mut conn, tenant, id).await?, tenant.info.lang))
}

/// Decides against a line; its data goes at once. Whoever repeats it changes nothing.
///
/// # Errors
/// `not_found`, `state_conflict` when it was replayed.
pub async fn discard<P>(tenant: &Tenant<P>, id: &str) -> Answer<()> {
    let (app, customer) = (&tenant.app, tenant.id());
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let row = visible(&mut tx, tenant, id).await?;
    if row.state() == QuarantinedState::Replayed {
        return Err(Problem::new(Code::StateConflict).with("state", row.state().as_str()));
    }
    let settled = Settled {
        state: QuarantinedState::Discarded,
        log_seq: None,
        by: &tenant.principal.actor_ref(),
        at: app.clock.now(),
    };
    repo::settle(&mut tx, customer, id, settled).await?;
    if row.state() == QuarantinedState::Open {
        let event = Event::of(AuditAction::QuarantineDiscard, customer).target(id);
        audit::service::record(app, &mut tx, event).await?;
    }
    Ok(tx.commit().await?)
}

/// Removes lines whose 30 days are over.
///
/// # Errors
/// When the database fails.
pub async fn forget_expired(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_expired(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    Ok(gone)
}

/// What an erasure is about.
#[derive(Debug)]
pub struct Erased<'a> {
    /// Of which book.
    pub key: BookKey,
    /// What fits.
    pub query: &'a Query,
    /// The zone of times in it.
    pub zone: &'a jiff::tz::TimeZone,
    /// Happened at or after, and before.
    pub occurred: (i64, i64),
    /// Received up to then.
    pub received_until: Millis,
    /// Fields to make unreadable; empty for whole logs.
    pub fields: &'a [String],
}

/// LOG-10: removes lines that wait and that an erasure of logs would have found. A line of which a field is to be
/// unreadable goes as a whole: what was not stored is no record that something has to stay of.
///
/// # Errors
/// When the database fails.
pub async fn erase(app: &App, erased: &Erased<'_>) -> Answer<u64> {
    let BookKey { customer, space } = erased.key;
    let (mut after, mut gone) = (String::new(), 0);
    loop {
        let mut conn = app.db.read(Scope::Customer(customer)).await?;
        let rows = repo::list_open(&mut conn, customer, space, None, &after, PORTION).await?;
        drop(conn);
        let Some(last) = rows.last().map(|row| row.id.clone()) else { return Ok(gone) };
        after = last;
        let found = rows
            .into_iter()
            .filter(|row| row.received_at <= erased.received_until.0 && concerns(erased, row));
        let found: Vec<String> = found.map(|row| row.id).collect();
        if !found.is_empty() {
            let mut tx = app.db.write(Scope::Customer(customer)).await?;
            gone += repo::delete(&mut tx, customer, &found).await?;
            tx.commit().await?;
        }
    }
}

fn concerns(erased: &Erased<'_>, row: &LineRow) -> bool {
    let reading = row.reading();
    let data = row.data.as_deref().unwrap_or_default();
    if !(erased.occurred.0..erased.occurred.1).contains(&reading.occurred_at) {
        return false;
    }
    let mut doc = Doc {
        // No number of a log.
        seq: 0,
        kind: row.kind.clone(),
        level: reading.level.clone(),
        source: source(&row.way).as_str().to_owned(),
        message: reading.message.clone(),
        external_id: reading.external_id.clone(),
        ip: None,
        flags: Vec::new(),
        occurred_at: reading.occurred_at,
        fields: Vec::new(),
    };
    if doc::walk(data, &mut doc).is_err() || !eval::matches(erased.query, &doc, erased.zone) {
        return false;
    }
    erased.fields.is_empty() || erased.fields.iter().any(|field| holds(field, &reading, data))
}

/// Whether a line has a field, as the search names it.
fn holds(field: &str, reading: &Reading, data: &str) -> bool {
    let wanted = path_token(field.strip_prefix("data.").unwrap_or(field));
    let below = format!("{wanted}.");
    let own = match wanted.as_str() {
        "kind" => true,
        "message" => reading.message.is_some(),
        "external_id" => reading.external_id.is_some(),
        _ => false,
    };
    own || reader::fields(data).unwrap_or_default().iter().any(|(path, _)| {
        let path = path_token(path);
        path == wanted || path.starts_with(&below)
    })
}

/// What stands in a log as its way in.
pub(super) fn source(way: &str) -> Source {
    [Source::Web, Source::Api, Source::Batch, Source::Upload]
        .into_iter()
        .find(|source| source.as_str() == way)
        .unwrap_or(Source::Integration)
}
