//! Storing lines of the quarantine after all, as they are or corrected, through the same writer as any log.
//!
//! A line without an identifier gets one made of its entry, so that a replay that is repeated, or that two people do at
//! once, stores it once.

use shared::audit::AuditAction;
use shared::kinds::{QuarantinedState, REPLAYED_AT_ONCE, ReplayIn, ReplayManyIn, ReplayManyOut};
use shared::logs::{Level, LogCreatedOut, MAX_KIND_CHARS};
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::Checks;

use super::repo::{self, LineRow, Settled};
use super::service::{open_by_kind, source, visible};
use crate::db::Scope;
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::kinds::screen::{Keeping, screen};
use crate::domain::logs::model::{Flag, NewLog, Origin};
use crate::domain::logs::reader::{self, Context, Hints};
use crate::domain::logs::service as logs;
use crate::domain::logs::writer::Outcome;
use crate::http::auth::Tenant;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::Space;

/// Reads a line again, with the data that it has now. What its protocol had said beside the data stays; what was read
/// from the data is read anew, as of the moment when the line first came.
fn read<P>(tenant: &Tenant<P>, row: &LineRow, corrected: Option<&str>) -> Answer<NewLog> {
    let context = Context { now: Millis(row.received_at), ..logs::context(tenant) };
    let (reading, original) = (row.reading(), row.data.as_deref().unwrap_or_default());
    let base = reader::read(original.as_bytes(), &context)?;
    let differs = |hint: Option<String>, own: Option<&String>| hint.filter(|hint| own != Some(hint));
    let hints = Hints {
        kind: differs(Some(row.kind.clone()), Some(&base.kind)),
        message: differs(reading.message, base.message.as_ref()),
        level: Level::parse(&reading.level).filter(|level| *level != base.level),
        occurred_at: Some(Millis(reading.occurred_at)).filter(|at| *at != base.occurred_at),
        external_id: differs(reading.external_id, base.external_id.as_ref()),
        same_as: reading.same_as.filter(|_| corrected.is_none()),
        ..Hints::default()
    };
    let mut log = reader::read_with(corrected.unwrap_or(original).as_bytes(), &context, hints)?;
    log.external_id.get_or_insert_with(|| format!("quarantine:{}", row.id));
    log.flags.push(Flag::QuarantineReplayed);
    Ok(log)
}

fn origin<P>(tenant: &Tenant<P>, row: &LineRow) -> Origin {
    let now = tenant.app.clock.now();
    Origin { space: Space::of(row.test), ..logs::origin(tenant, source(&row.way), now) }
}

/// Stores one line, corrected or as it is.
///
/// # Errors
/// `not_found`, `state_conflict` when it was discarded, `schema_rejected` when it still does not fit, and whatever is wrong
/// with a log otherwise; then it waits on.
pub async fn one<P>(tenant: &Tenant<P>, id: &str, input: Option<ReplayIn>) -> Answer<LogCreatedOut> {
    let (app, customer, lang) = (&tenant.app, tenant.id(), tenant.info.lang);
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let row = visible(&mut conn, tenant, id).await?;
    drop(conn);
    match (row.state(), row.log_seq) {
        (QuarantinedState::Open, _) => {}
        (QuarantinedState::Replayed, Some(seq)) => {
            let log = logs::find(app, customer, Space::of(row.test), seq).await?;
            return Ok(LogCreatedOut {
                success: true,
                log_id: seq,
                timestamp: log.timestamp,
                received_at: log.received_at,
                duplicate: true,
                warnings: Vec::new(),
            });
        }
        (state, _) => return Err(Problem::new(Code::StateConflict).with("state", state.as_str())),
    }
    let corrected = input.and_then(|input| input.data);
    let log = read(tenant, &row, corrected.as_deref())?;
    let origin = origin(tenant, &row);
    let screened = screen(app, &origin, vec![log], Keeping::Nothing, lang).await?;
    let log = screened.into_iter().next().ok_or_else(|| Problem::new(Code::Internal))??;
    let out = logs::create_screened(app, &origin, log, lang).await?;
    settle(tenant, &[(&row.id, out.log_id)]).await?;
    Ok(out)
}

/// Notes of lines which logs they became.
async fn settle<P>(tenant: &Tenant<P>, stored: &[(&str, i64)]) -> Answer<()> {
    if stored.is_empty() {
        return Ok(());
    }
    let by = tenant.principal.actor_ref();
    let mut tx = tenant.app.db.write(Scope::Customer(tenant.id())).await?;
    for (id, seq) in stored {
        let settled = Settled {
            state: QuarantinedState::Replayed,
            log_seq: Some(*seq),
            by: &by,
            at: tenant.app.clock.now(),
        };
        repo::settle(&mut tx, tenant.id(), id, settled).await?;
    }
    let event = Event::of(AuditAction::QuarantineReplay, tenant.id()).with("lines", stored.len());
    let event = match stored {
        [(id, seq)] => event.target(*id).with("log_id", seq),
        _ => event,
    };
    audit::service::record(&tenant.app, &mut tx, event).await?;
    Ok(tx.commit().await?)
}

/// Stores lines of a kind as they are, the oldest first; those that still cannot be stored wait on.
///
/// # Errors
/// `invalid_body`, or what the writer says.
pub async fn many<P>(tenant: &Tenant<P>, input: &ReplayManyIn) -> Answer<ReplayManyOut> {
    let mut checks = Checks::default();
    let kind = checks.line("/kind", &input.kind, 1, MAX_KIND_CHARS);
    no_faults(checks)?;
    let (app, customer, space) = (&tenant.app, tenant.id(), tenant.space());
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let rows = repo::list_open(&mut conn, customer, space, Some(&kind), "", REPLAYED_AT_ONCE).await?;
    drop(conn);
    let mut out =
        ReplayManyOut { tried: i64::try_from(rows.len()).unwrap_or(i64::MAX), ..ReplayManyOut::default() };
    let Some(first) = rows.first() else { return Ok(out) };
    let common = origin(tenant, first);
    let read = rows.iter().filter_map(|row| Some((row, read(tenant, row, None).ok()?)));
    let (rows, read): (Vec<&LineRow>, Vec<NewLog>) = read.unzip();
    let screened = screen(app, &common, read, Keeping::Nothing, tenant.info.lang).await?;
    let fitting = rows.into_iter().zip(screened).filter_map(|(row, log)| Some((row, log.ok()?)));
    let (rows, prepared): (Vec<&LineRow>, Vec<_>) =
        fitting.map(|(row, log)| (row, log.prepare(&origin(tenant, row)))).unzip();
    let outcomes = logs::submit(app, &common, prepared).await?;
    let mut stored: Vec<(&str, i64)> = Vec::with_capacity(outcomes.len());
    for (row, outcome) in rows.into_iter().zip(outcomes) {
        let seq = match outcome {
            Outcome::Created(seq) => {
                out.stored += 1;
                seq
            }
            Outcome::Duplicate(seq) => {
                out.duplicates += 1;
                seq
            }
            Outcome::Conflict(_) | Outcome::OverQuota => continue,
        };
        stored.push((&row.id, seq));
    }
    settle(tenant, &stored).await?;
    out.refused = out.tried - out.stored - out.duplicates;
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let open = open_by_kind(&mut conn, customer).await?;
    out.remaining = (open.get(&kind).copied().unwrap_or_default() - out.refused).max(0);
    Ok(out)
}
