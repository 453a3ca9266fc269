//! The answer to a bulk request: one result for each item, in its order.

use serde_json::{Value, json};
use shared::lang::Lang;
use shared::problem::Code;

use super::bulk::{Item, Verb};
use super::errors;
use crate::app::App;
use crate::domain::logs::model::Origin;
use crate::domain::logs::service;
use crate::domain::logs::writer::Outcome;
use crate::http::problem::{Answer, Problem};

/// Stores what can be stored and answers for every item.
///
/// # Errors
/// What the writer says; then nothing was stored, and the whole request may be repeated.
pub async fn store(app: &App, origin: &Origin, items: Vec<Item>, lang: Lang) -> Answer<(bool, Vec<Value>)> {
    let mut logs = Vec::with_capacity(items.len());
    let mut heads = Vec::with_capacity(items.len());
    for Item { verb, index, id, log } in items {
        heads.push((verb, index, id, log.map(|log| logs.push(log))));
    }
    let mut outcomes = service::store(app, origin, logs).await?.into_iter();
    let mut errors = false;
    let mut results = Vec::with_capacity(heads.len());
    for (verb, index, id, read) in heads {
        let outcome =
            read.and_then(|()| outcomes.next().unwrap_or_else(|| Err(Problem::new(Code::Internal))));
        let mut result = match outcome.and_then(|outcome| judge(origin, verb, outcome, id.as_deref())) {
            Ok((status, word, seq)) => json!({
                "_id": id.clone().unwrap_or_else(|| seq.to_string()), "_version": 1, "result": word,
                "_shards": { "total": 1, "successful": 1, "failed": 0 }, "_seq_no": seq, "_primary_term": 1, "status": status,
            }),
            Err(problem) => {
                errors = true;
                let cause = errors::cause(problem.code, &problem.detail(lang));
                json!({ "_id": id, "status": errors::status(problem.code), "error": cause })
            }
        };
        result["_index"] = Value::from(index);
        results.push(json!({ verb.as_str(): result }));
    }
    Ok((errors, results))
}

/// Status, word and number for what became of an item.
fn judge(
    origin: &Origin,
    verb: Verb,
    outcome: Outcome,
    id: Option<&str>,
) -> Answer<(u16, &'static str, i64)> {
    match (verb, outcome) {
        (_, Outcome::Created(seq)) => Ok((201, "created", seq)),
        (_, Outcome::OverQuota) => Err(service::over_quota(origin)),
        // Delivered before: shippers take this for success.
        (Verb::Index, Outcome::Duplicate(seq)) => Ok((200, "noop", seq)),
        (_, Outcome::Duplicate(seq) | Outcome::Conflict(seq)) => Err(Problem::new(Code::ExternalIdConflict)
            .with("external_id", id.unwrap_or("–"))
            .with("log_id", seq)),
    }
}
