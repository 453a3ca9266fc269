//! Requests of customers: the latest ones, and how fast and well they were answered.

mod journal;
mod performance;

use serde_json::Value;

use crate::support::Actor;

pub const REQUESTS: &str = "/api/v1/requests";

/// The rows of a list.
pub async fn rows(actor: &Actor, query: &str) -> Vec<Value> {
    let page = actor.get(&format!("{REQUESTS}{query}")).await.expect_ok().json();
    page["data"].as_array().unwrap().clone()
}

/// Method, path and status of rows.
pub fn brief(rows: &[Value]) -> Vec<String> {
    let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| format!("{} {} {}", text(row, "method"), text(row, "route"), row["status"]))
        .collect()
}
