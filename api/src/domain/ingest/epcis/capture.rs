//! A capture job: all events of a document, together or as far as they go.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use shared::lang::Lang;
use shared::problem::Code;
use shared::time::Millis;

use super::event::{self, Captured};
use super::repo::{self, Job};
use super::{STANDARD, document, errors};
use crate::app::App;
use crate::db::Scope;
use crate::domain::ingest::parts::Budget;
use crate::domain::ingest::unreadable;
use crate::domain::logs::model::Origin;
use crate::domain::logs::reader::Context;
use crate::domain::logs::service::{self, Together};
use crate::domain::logs::writer::Outcome;
use crate::http::problem::{Answer, Problem};
use crate::http::work::beside;
use crate::util::ids;

/// Errors that are told one by one.
const MAX_ERRORS: usize = 1_000;

/// What happens to the rest when an event cannot be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Nothing is stored.
    Rollback,
    /// The rest is stored.
    Proceed,
}

impl Behaviour {
    /// Reads the header.
    ///
    /// # Errors
    /// `invalid_message`.
    pub fn of(headers: &HeaderMap) -> Answer<Self> {
        match headers
            .get("gs1-capture-error-behaviour")
            .map(|value| value.as_bytes().to_ascii_lowercase())
            .as_deref()
        {
            None | Some(b"rollback") => Ok(Self::Rollback),
            Some(b"proceed") => Ok(Self::Proceed),
            Some(_) => Err(unreadable(STANDARD, "GS1-Capture-Error-Behaviour is rollback or proceed")),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Proceed => "proceed",
        }
    }
}

/// A capture job as the standard describes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobOut {
    #[serde(rename = "captureID")]
    id: String,
    created_at: Millis,
    finished_at: Millis,
    running: bool,
    success: bool,
    capture_error_behaviour: String,
    errors: Value,
}

impl From<Job> for JobOut {
    fn from(job: Job) -> Self {
        let errors: Value = serde_json::from_str(&job.errors).unwrap_or_default();
        Self {
            id: job.id,
            created_at: Millis(job.created_at),
            finished_at: Millis(job.finished_at),
            running: false,
            success: errors.as_array().is_none_or(Vec::is_empty),
            capture_error_behaviour: job.behaviour,
            errors,
        }
    }
}

/// Captures a document and keeps what became of it; gives the id of the job. Whether the sender hears of it or not,
/// the same document may be sent again.
///
/// # Errors
/// What is wrong with the document as a whole, or what the writer says.
pub async fn run(
    app: &App,
    origin: &Origin,
    context: Context,
    bytes: Bytes,
    behaviour: Behaviour,
) -> Answer<String> {
    let (created_at, lang) = (context.now, context.lang);
    let read = beside(bytes.len(), move || {
        let document = document::read(&bytes)?;
        let outer = document.context.as_ref();
        let outer_size = outer.map_or(0, |outer| outer.to_string().len());
        let mut budget = Budget::default();
        let mut events = Vec::with_capacity(document.events.len());
        for raw in document.events {
            budget.take(raw.get().len() + outer_size)?;
            events.push(event::read(raw.get(), outer, &context));
        }
        Ok(events)
    })
    .await?;
    let faults = store(app, origin, read, behaviour).await?;
    let job = Job {
        id: ids::new_id(created_at),
        behaviour: behaviour.as_str().to_owned(),
        errors: described(&faults, lang).to_string(),
        created_at: created_at.0,
        finished_at: app.clock.now().0,
    };
    let mut tx = app.db.write(Scope::Customer(origin.customer)).await?;
    repo::insert(&mut tx, origin.customer, origin.space, &job).await?;
    tx.commit().await?;
    Ok(job.id)
}

/// Stores what was read, and gives the faults by their place in the document.
async fn store(
    app: &App,
    origin: &Origin,
    read: Vec<Answer<Captured>>,
    behaviour: Behaviour,
) -> Answer<Vec<(usize, Problem)>> {
    let (mut logs, mut places, mut faults) = (Vec::with_capacity(read.len()), Vec::new(), Vec::new());
    for (at, captured) in read.into_iter().enumerate() {
        match captured {
            Ok(Captured { id, log }) => {
                logs.push(log);
                places.push((at, id));
            }
            Err(problem) => faults.push((at, problem)),
        }
    }
    let atomic = behaviour == Behaviour::Rollback;
    if atomic && !faults.is_empty() {
        return Ok(faults);
    }
    let outcomes: Vec<Answer<Outcome>> = if atomic {
        match service::store_together(app, origin, logs).await? {
            Together::Written(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Together::Unfit(unfit) => {
                let placed = |(at, problem): (usize, Problem)| Some((places.get(at)?.0, problem));
                return Ok(unfit.into_iter().filter_map(placed).collect());
            }
        }
    } else {
        service::store(app, origin, logs).await?
    };
    faults.extend(outcomes.into_iter().zip(places).filter_map(|(outcome, (at, id))| match outcome {
        Err(problem) => Some((at, problem)),
        Ok(Outcome::Conflict(seq)) => Some((at, taken(&id, seq))),
        Ok(Outcome::OverQuota) => Some((at, service::over_quota(origin))),
        Ok(Outcome::Created(_) | Outcome::Duplicate(_)) => None,
    }));
    faults.sort_by_key(|(at, _)| *at);
    Ok(faults)
}

/// Another event has the same id.
pub fn taken(id: &str, seq: i64) -> Problem {
    Problem::new(Code::ExternalIdConflict).with("external_id", id).with("log_id", seq)
}

fn described(faults: &[(usize, Problem)], lang: Lang) -> Value {
    let one = |(at, problem): &(usize, Problem)| {
        let status = if problem.code.status() == 422 { 400 } else { problem.code.status() };
        json!({
            "type": format!("epcisException:{}", errors::name(problem.code, status, false)), "title": problem.code.text(lang).0,
            "status": status, "detail": problem.detail(lang), "instance": format!("#/epcisBody/eventList/{at}"),
        })
    };
    let mut list: Vec<Value> = faults.iter().take(MAX_ERRORS).map(one).collect();
    if let Some(more) = faults.len().checked_sub(MAX_ERRORS).filter(|more| *more > 0) {
        list.push(json!({ "type": "epcisException:ValidationException", "title": format!("+ {more}"), "status": 400 }));
    }
    Value::Array(list)
}
