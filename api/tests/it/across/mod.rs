//! What staff see across customers: logs, files of them, and one box over everything. Each look is on record.

mod finding;
mod lookup;
mod taking_out;

use serde_json::{Value, json};

use crate::support::{Actor, TestApp, TestCustomer, encode, upload};

const ALL: &str = "/api/v1/admin/logs";
const AUDIT: &str = "/api/v1/admin/audit";

/// Customer and number of each log on a page.
fn pairs(page: &Value) -> Vec<(i64, i64)> {
    let rows = page["data"].as_array().unwrap_or_else(|| panic!("no list: {page}"));
    rows.iter().map(|row| (row["customer_id"].as_i64().unwrap(), row["id"].as_i64().unwrap())).collect()
}

/// What a query finds, page by page of a size.
async fn walk(staff: &Actor, query: &str, limit: usize) -> Vec<(i64, i64)> {
    let (mut found, mut path) = (Vec::new(), format!("{ALL}?{query}&limit={limit}"));
    loop {
        let page = staff.get(&path).await.expect_ok().json();
        found.extend(pairs(&page));
        assert_eq!(page["has_more"], page["next_cursor"].is_string());
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        path = format!("{ALL}?{query}&limit={limit}&cursor={cursor}");
    }
}

/// What a query of the grammar finds.
async fn find(staff: &Actor, q: &str) -> Vec<(i64, i64)> {
    walk(staff, &format!("q={}", encode(q)), 1_000).await
}

/// Rows of the audit log about one action.
async fn noted(staff: &Actor, customer: i64, action: &str) -> Vec<Value> {
    let page = staff.get(&format!("{AUDIT}?customer={customer}&action={action}")).await.expect_ok().json();
    page["data"].as_array().unwrap().clone()
}

/// A value of a row of the audit log, among those of the product or those that were typed.
fn value(row: &Value, field: &str) -> Value {
    let lists = [&row["changes"], &row["private"]["changes"]];
    let mut all = lists.into_iter().filter_map(Value::as_array).flatten();
    all.find(|change| change["field"] == field).map_or(Value::Null, |change| change["after"].clone())
}

/// A customer with some logs, its owner and its key.
async fn with_logs(test: &TestApp, lines: &[String]) -> (TestCustomer, Actor, Actor) {
    let (customer, owner, key) = test.tenant().await;
    upload(&key, lines).await;
    (customer, owner, key)
}

/// A log about a container, with words, fields and numbers that differ.
fn scan(n: usize) -> String {
    json!({
        "kind": (["scan", "gate_in", "quality_check"])[n % 3],
        "level": (["info", "warning", "error"])[n % 3],
        "message": format!("Lading {} gelost in dok {}", ["Venlo", "Rotterdam"][n % 2], n % 7),
        "container": format!("MSKU{:07}", 4_500_000 + n),
        "temp": n % 11,
        "occurred_at": format!("2026-11-{:02}T0{}:30:00Z", 1 + n % 20, n % 9),
    })
    .to_string()
}
