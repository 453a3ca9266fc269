//! API keys: made, narrowed, used, counted and ended.

mod bounds;
mod late;
mod life;
mod making;
mod origins;
mod usage;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp};

pub const KEYS: &str = "/api/v1/keys";
pub const DAY: i64 = 24 * 3_600_000;

/// A key with its secret.
pub struct Made {
    pub id: String,
    pub secret: String,
    pub out: Value,
    pub actor: Actor,
}

/// Makes a key and requires success.
pub async fn make(test: &TestApp, by: &Actor, body: Value) -> Made {
    let out = by.post(KEYS, &body).await.expect(StatusCode::CREATED).json();
    let secret = out["api_key"].as_str().unwrap().to_owned();
    Made { id: out["id"].as_str().unwrap().to_owned(), actor: test.bearer(&secret), secret, out }
}

pub async fn named(test: &TestApp, by: &Actor, name: &str) -> Made {
    make(test, by, json!({ "name": name })).await
}

/// The key as the list shows it.
pub async fn listed(by: &Actor, id: &str) -> Value {
    let list = by.get(KEYS).await.expect_ok().json();
    list["keys"].as_array().unwrap().iter().find(|key| key["id"] == id).unwrap().clone()
}

/// Path of an action on a key.
pub fn act(id: &str, verb: &str) -> String {
    format!("{KEYS}/{id}{verb}")
}
