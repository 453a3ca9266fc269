//! Small things that many tests do: names of members, queries in addresses, writing and reading many logs, dice.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use super::Actor;

/// Names of the members of an object, sorted.
#[track_caller]
pub fn names(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    object.keys().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A text as it stands in a query string.
pub fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Records one log as it is written here and gives its number.
pub async fn record(actor: &Actor, json: &str) -> i64 {
    let answer = actor.post_raw("/api/v1/logs", "application/json", json.to_owned()).await;
    answer.expect(StatusCode::CREATED).json()["log_id"].as_i64().unwrap()
}

/// Records many logs in one upload.
pub async fn upload(actor: &Actor, lines: &[String]) -> Vec<i64> {
    let answer = actor.post_raw("/api/v1/logs/batch", "application/x-ndjson", lines.join("\n")).await;
    let out = answer.expect(StatusCode::CREATED).json();
    out["created_ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

/// Numbers of the logs under `logs` or `results`.
#[track_caller]
pub fn ids(answer: &Value) -> Vec<i64> {
    let list =
        answer.get("logs").or_else(|| answer.get("results")).unwrap_or_else(|| panic!("no list: {answer}"));
    list.as_array().unwrap().iter().map(|log| log["id"].as_i64().unwrap()).collect()
}

/// Numbers of the logs that a query finds, as the search gives them.
pub async fn find(actor: &Actor, query: &str) -> Vec<i64> {
    ids(&actor.get(&format!("/api/v1/logs/search?limit=1000&q={}", encode(query))).await.expect_ok().json())
}

/// Chance that can be repeated.
pub struct Dice(StdRng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A number from 0 up to a limit (excluded).
    pub fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit)
    }

    /// A number within bounds (the upper one excluded).
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        self.0.random_range(from..to)
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}
