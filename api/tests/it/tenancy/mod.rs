//! Customers, as staff creates, finds, edits and stops them.

mod editing;
mod listing;
mod overview;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::Actor;

pub const CUSTOMERS: &str = "/api/v1/admin/customers";

/// Makes a customer and returns it.
pub async fn make(admin: &Actor, name: &str) -> Value {
    let body = json!({ "name": name, "contact_email": "planning@klant.example" });
    admin.post(CUSTOMERS, &body).await.expect(StatusCode::CREATED).json()
}

/// Path of a customer, or of something under it.
pub fn of(customer: &Value, rest: &str) -> String {
    format!("{CUSTOMERS}/{}{rest}", customer["id"])
}

/// Places and codes of a refusal's faults.
pub fn faults(problem: &Value) -> Vec<(&str, &str)> {
    problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect()
}
