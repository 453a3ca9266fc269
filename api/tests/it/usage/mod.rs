//! Limits on requests, quotas of the month, and what customers see of both.

mod account;
mod calls;
mod forms;
mod protocols;
mod quota;
mod rates;
mod savings;
mod several;

use axum::http::HeaderMap;
use serde_json::{Value, json};
use shared::tenancy::Plan;

use crate::support::{Actor, TestApp, TestCustomer};

pub const LOGS: &str = "/api/v1/logs";
pub const BATCH: &str = "/api/v1/logs/batch";
pub const USAGE: &str = "/api/v1/usage";
/// When the month of the tests ends in Amsterdam, and how far that is from now.
pub const RESET: &str = "2026-11-30T23:00:00.000Z";
pub const RESET_S: u64 = (8 * 24 + 11) * 3_600;

/// An application whose customers are on a plan, with the limits on requests switched on or off.
pub async fn app(plan: Plan, limited: bool) -> TestApp {
    TestApp::with(|config| {
        config.default_plan = plan;
        config.ratelimit_enabled = limited;
    })
    .await
}

/// Puts a customer on another plan, as staff does.
pub async fn change_plan(test: &TestApp, customer: &TestCustomer, plan: &str) {
    let (admin, path) = (test.admin().await, format!("/api/v1/admin/customers/{}", customer.id));
    let found = admin.get(&path).await.expect_ok();
    let admin = admin.with("if-match", found.header("etag"));
    admin.patch(&path, &json!({ "plan": plan })).await.expect_ok();
}

/// Sets what was counted in the running month.
pub async fn set_used(test: &TestApp, customer: &TestCustomer, metric: &str, value: i64) {
    test.run_sql(&format!(
        "INSERT INTO usage_counter (customer_id, period, metric, value) VALUES ({}, '2026-11', '{metric}', {value})",
        customer.id
    ))
    .await;
}

/// Uses a customer up to a number of logs.
pub async fn fill(actor: &Actor, count: usize) {
    let logs: Vec<Value> = (0..count).map(|at| json!({ "n": at })).collect();
    actor.post(BATCH, &json!({ "logs": logs })).await.expect(axum::http::StatusCode::CREATED);
}

/// Items of a header that is a list of structured fields: names with their parameters, read by the grammar of RFC 9651.
pub fn fields(headers: &HeaderMap, name: &str) -> Vec<(String, Vec<(String, u64)>)> {
    let Some(value) = headers.get(name) else { return Vec::new() };
    let item = |text: &str| {
        let (name, rest) = text.strip_prefix('"').unwrap().split_once('"').unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()), "{text}");
        let parameters = rest.split(';').skip(1).map(|parameter| {
            let (key, value) = parameter.split_once('=').unwrap();
            assert!(key.bytes().all(|byte| byte.is_ascii_lowercase()) && value.len() <= 15, "{text}");
            (key.to_owned(), value.parse().unwrap())
        });
        (name.to_owned(), parameters.collect())
    };
    value.to_str().unwrap().split(", ").map(item).collect()
}

/// What is left by a limit's name.
pub fn left(headers: &HeaderMap, limit: &str) -> Option<u64> {
    let found = fields(headers, "ratelimit").into_iter().find(|(name, _)| name == limit)?;
    found.1.into_iter().find(|(name, _)| name == "r").map(|(_, value)| value)
}
