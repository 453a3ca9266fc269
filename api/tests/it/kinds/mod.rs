//! Kinds of logs: describing them, schemas in force on every way in, and the quarantine.

mod describing;
mod dialects;
mod quarantine;
mod screening;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, Expected};

const KINDS: &str = "/api/v1/kinds";
const QUARANTINE: &str = "/api/v1/quarantine";

/// A log of `temperature` has a number, and it says where.
fn schema() -> String {
    json!({
        "type": "object", "required": ["temperature_c"],
        "properties": { "temperature_c": { "type": "number", "maximum": 30 } },
    })
    .to_string()
}

/// Describes a kind with the schema of temperatures.
async fn describe(owner: &Actor, name: &str, mode: &str) -> Expected {
    let body = json!({ "name": name, "mode": mode, "schema": schema() });
    owner.post(KINDS, &body).await.expect(StatusCode::CREATED)
}

/// Changes a kind, whatever its version.
async fn change(owner: &Actor, kind: &Value, patch: &Value) -> Value {
    let path = format!("{KINDS}/{}", kind["id"].as_str().unwrap());
    owner.with("if-match", "*").patch(&path, patch).await.expect_ok().json()
}

/// Lines in quarantine, the newest first.
async fn lines(actor: &Actor, filter: &str) -> Vec<Value> {
    let path = format!("{QUARANTINE}?{filter}");
    actor.get(&path).await.expect_ok().json()["data"].as_array().unwrap().clone()
}

async fn line(actor: &Actor, id: &Value) -> Value {
    actor.get(&format!("{QUARANTINE}/{}", id.as_str().unwrap())).await.expect_ok().json()
}

/// How many logs a customer has.
async fn stored(actor: &Actor) -> usize {
    let out = actor.get("/api/v1/logs?limit=1000").await.expect_ok().json();
    out["logs"].as_array().unwrap().len()
}
