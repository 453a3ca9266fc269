//! `fields=id,kind,data`: answers with chosen members of each log. Values travel as they are written.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::problem::Code;

use crate::http::Json;
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};

/// Members that a log has.
const KNOWN: [&str; 17] = [
    "id",
    "customer_id",
    "timestamp",
    "received_at",
    "kind",
    "level",
    "message",
    "data",
    "payload",
    "metadata",
    "source",
    "ip_address",
    "actor_ref",
    "external_id",
    "corrects_id",
    "flags",
    "test",
];

type Members = BTreeMap<String, Box<RawValue>>;

/// Answers with the whole body, or with chosen members of the logs that stand under `list` (or of the body itself).
///
/// # Errors
/// `invalid_parameter` for a member that logs do not have.
pub fn answer<T: Serialize>(body: T, list: Option<&str>, params: &Params) -> Answer<Response> {
    let Some(asked) = params.get("fields") else {
        return Ok(Json(body).into_response());
    };
    let names: Vec<&str> = asked.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.iter().any(|name| !KNOWN.contains(name)) {
        return Err(invalid("fields", &KNOWN.join(", ")));
    }
    let chosen =
        choose(&body, list, &names).map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
    Ok(Json(chosen).into_response())
}

fn choose<T: Serialize>(body: &T, list: Option<&str>, names: &[&str]) -> Result<Members, serde_json::Error> {
    let mut members: Members = serde_json::from_str(&serde_json::to_string(body)?)?;
    let keep = |mut log: Members| -> Members {
        log.retain(|name, _| names.contains(&name.as_str()));
        log
    };
    let Some(list) = list else {
        return Ok(keep(members));
    };
    if let Some(raw) = members.get(list) {
        let logs: Vec<Members> = serde_json::from_str(raw.get())?;
        let chosen: Vec<Members> = logs.into_iter().map(keep).collect();
        members.insert(list.to_owned(), serde_json::value::to_raw_value(&chosen)?);
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-04: chosen members only, and numbers exactly as written.
    #[test]
    fn members_are_chosen() {
        let raw = RawValue::from_string("1.10000000000000000001".to_owned()).unwrap();
        let body = BTreeMap::from([("logs", vec![BTreeMap::from([("id", raw.clone()), ("kind", raw)])])]);
        let chosen = choose(&body, Some("logs"), &["id"]).unwrap();
        assert_eq!(chosen["logs"].get(), r#"[{"id":1.10000000000000000001}]"#);
    }
}
