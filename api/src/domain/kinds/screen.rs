//! Every way in of logs passes here: logs whose data does not fit the schema of their kind get a warning, or are
//! rejected and put in quarantine.
//!
//! What a schema looks at is `data`: the JSON as it was sent and is stored. Of a CSV file that is the object made of a
//! row, of another protocol the object that its record is stored as.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use shared::kinds::{KindMode, QUARANTINE_DAYS};
use shared::lang::Lang;
use shared::logs::LogWarning;
use shared::problem::{Code, FieldError};

use super::cache::{AllInForce, InForce};
use super::schema::{MAX_FAULTS, Schema};
use super::{quarantine, repo};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs::model::{Flag, NewLog, Origin};
use crate::domain::logs::service::known_ids;
use crate::http::problem::{Answer, Problem};
use crate::http::work::beside;
use crate::util::ids::CustomerId;

/// A log that is not to be stored, with the reasons.
#[derive(Debug)]
pub struct Rejected {
    /// The log.
    pub log: NewLog,
    /// What is wrong with it.
    pub faults: Vec<FieldError>,
}

/// Whether a rejected line is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// In quarantine.
    Quarantine,
    /// Nowhere: nothing is to be stored at all, or it lies in quarantine already.
    Nothing,
}

/// Looks at logs before they are stored; the answer has one entry for each, in their order.
///
/// # Errors
/// When the database fails; then nothing was stored. A single log that is rejected is a problem of its own.
pub async fn screen(
    app: &App,
    origin: &Origin,
    logs: Vec<NewLog>,
    keeping: Keeping,
    lang: Lang,
) -> Answer<Vec<Answer<NewLog>>> {
    let in_force = in_force(app, origin.customer).await?;
    if in_force.is_empty() || !logs.iter().any(|log| in_force.contains_key(&log.kind)) {
        return Ok(logs.into_iter().map(Ok).collect());
    }
    let names: HashSet<&str> = logs.iter().map(|log| log.kind.as_str()).collect();
    let mut schemas: HashMap<String, (KindMode, Arc<Schema>)> = HashMap::new();
    for name in names {
        if let Some(kind) = in_force.get(name)
            && let Some(schema) = schema(app, origin.customer, kind).await?
        {
            schemas.insert(name.to_owned(), (kind.mode, schema));
        }
    }
    let size = logs.iter().map(|log| log.data.len()).sum();
    let mut looked = beside(size, move || Ok(look(logs, &schemas, lang))).await?;
    settle_known(app, origin, &mut looked).await?;
    let rejected: Vec<&Rejected> =
        looked.iter().filter_map(|log| log.as_ref().err().map(Box::as_ref)).collect();
    if rejected.is_empty() {
        return Ok(looked.into_iter().map(|log| log.map_err(|rejected| problem(rejected, None))).collect());
    }
    let mut kept = match keeping {
        Keeping::Nothing => vec![None; rejected.len()],
        Keeping::Quarantine => {
            let kept = quarantine::service::keep(app, origin, &rejected).await?;
            kept.into_iter().map(Some).collect()
        }
    }
    .into_iter();
    let answer =
        |log: Result<NewLog, Box<Rejected>>| log.map_err(|rejected| problem(rejected, kept.next().flatten()));
    Ok(looked.into_iter().map(answer).collect())
}

fn problem(rejected: Box<Rejected>, kept: Option<bool>) -> Problem {
    let Rejected { log, faults } = *rejected;
    let code = match kept {
        None => Code::SchemaRejected,
        Some(true) => Code::Quarantined,
        Some(false) => Code::QuarantineFull,
    };
    Problem::new(code).with("kind", log.kind).with("days", QUARANTINE_DAYS).faults(faults)
}

fn look(
    logs: Vec<NewLog>,
    schemas: &HashMap<String, (KindMode, Arc<Schema>)>,
    lang: Lang,
) -> Vec<Result<NewLog, Box<Rejected>>> {
    let one = |mut log: NewLog| {
        let Some((mode, schema)) = schemas.get(&log.kind) else { return Ok(log) };
        let faults = schema.faults(&log.data);
        if faults.is_empty() {
            return Ok(log);
        }
        if *mode == KindMode::Reject {
            return Err(Box::new(Rejected { log, faults }));
        }
        log.flags.push(Flag::SchemaMismatch);
        log.warnings.extend(faults.iter().take(MAX_FAULTS).map(|fault| {
            let told = fault.render(lang);
            LogWarning { pointer: told.pointer, code: told.code, detail: told.detail }
        }));
        Ok(log)
    };
    logs.into_iter().map(one).collect()
}

/// A log that was stored before under its identifier is no new one: the writer says what it is, whatever the schema says
/// now (LOG-08).
async fn settle_known(
    app: &App,
    origin: &Origin,
    looked: &mut [Result<NewLog, Box<Rejected>>],
) -> Answer<()> {
    let ids: Vec<&str> =
        looked.iter().filter_map(|log| log.as_ref().err()?.log.external_id.as_deref()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let known = known_ids(app, origin.customer, origin.space, &ids).await?;
    for log in looked {
        let is_known =
            |rejected: &Rejected| rejected.log.external_id.as_ref().is_some_and(|id| known.contains(id));
        if let Err(rejected) = log
            && is_known(rejected)
        {
            *log = Ok(rejected.log.clone());
        }
    }
    Ok(())
}

/// Kinds of a customer whose schemas are in force.
async fn in_force(app: &App, customer: CustomerId) -> Answer<AllInForce> {
    let epoch = match app.kinds.in_force.get(&customer) {
        Ok(found) => return Ok(found),
        Err(epoch) => epoch,
    };
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let rows = repo::list_in_force(&mut conn, customer).await?;
    let found: HashMap<String, InForce> = rows
        .into_iter()
        .map(|row| {
            let mode = KindMode::parse(&row.mode).unwrap_or_default();
            (row.name, InForce { id: row.id, version: row.version, mode })
        })
        .collect();
    let found = Arc::new(found);
    app.kinds.in_force.keep(epoch, customer, Arc::clone(&found));
    Ok(found)
}

/// The schema of a kind; none when it has gone meanwhile, or cannot be read any more.
async fn schema(app: &App, customer: CustomerId, kind: &InForce) -> Answer<Option<Arc<Schema>>> {
    if let Some(ready) = app.kinds.schema(&kind.id, kind.version) {
        return Ok(ready);
    }
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let row = repo::find(&mut conn, customer, &kind.id).await?;
    drop(conn);
    let Some((version, Some(text))) = row.map(|row| (row.version, row.schema)) else { return Ok(None) };
    let read = crate::http::work::blocking(move || Ok(Schema::read(&text))).await?;
    let schema = match read {
        Ok(schema) => Some(Arc::new(schema)),
        Err(faults) => {
            tracing::error!(id = kind.id, ?faults, "a stored schema cannot be read");
            None
        }
    };
    app.kinds.keep(&kind.id, version, schema.clone());
    Ok(schema)
}
