//! How the product is used, for staff: figures worked out by hand from what people and systems did through the API.

mod customers;
mod product;

use serde_json::Value;

use crate::support::{Actor, TestApp, TestCustomer};

pub const DAY: i64 = 24 * 3_600_000;
pub const MINUTE: i64 = 60_000;

pub async fn product(test: &TestApp, query: &str) -> Value {
    api::domain::activity::service::flush(&test.app).await;
    test.admin().await.get(&format!("/api/v1/admin/analytics/product{query}")).await.expect_ok().json()
}

/// Somebody who signs in, which is an action, and looks at a log that is not there, which is none.
pub async fn arrives(test: &TestApp, customer: &TestCustomer) -> Actor {
    let owner = test.owner(customer).await;
    owner.get("/api/v1/logs/4711").await.expect_problem(404, "log_not_found");
    owner
}

/// The part of the figures about a part of the product.
pub fn feature<'a>(figures: &'a Value, name: &str) -> &'a Value {
    figures["features"].as_array().unwrap().iter().find(|row| row["feature"] == name).unwrap()
}
