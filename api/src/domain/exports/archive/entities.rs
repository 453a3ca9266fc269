//! Rows of a table as lines: without secrets, with times that people can read.

use serde_json::{Map, Value};
use shared::time::Millis;

use super::bundle::Bundle;
use super::schema;
use crate::db::Conn;
use crate::db::registry::{Kind, Sensitivity, Table};
use crate::domain::exports::repo;
use crate::http::problem::Answer;
use crate::http::work::blocking;
use crate::util::ids::CustomerId;

/// Rows that are read at once.
const PORTION: i64 = 1_000;

/// Adds all rows of a customer.
///
/// # Errors
/// When the database or the disk fails.
pub async fn add(
    conn: &mut Conn,
    customer: CustomerId,
    table: &'static Table,
    bundle: Bundle,
) -> Answer<Bundle> {
    let schema = schema::of_table(table);
    let mut bundle = blocking(move || bundle.begin(table.name, &schema)).await?;
    let mut after: Option<Vec<Value>> = None;
    loop {
        let rows: Vec<Map<String, Value>> =
            repo::list_rows(conn, table, customer, after.as_deref(), PORTION).await?;
        after = rows.last().map(|row| table.key.iter().map(|name| row[*name].clone()).collect());
        let full = i64::try_from(rows.len()).unwrap_or_default() == PORTION;
        bundle = blocking(move || {
            let lines: Vec<Map<String, Value>> = rows.into_iter().map(|row| line(table, row)).collect();
            bundle.add_lines(&lines)
        })
        .await?;
        if !full {
            return blocking(move || bundle.end()).await;
        }
    }
}

/// A row as it leaves the database.
fn line(table: &Table, mut row: Map<String, Value>) -> Map<String, Value> {
    for (name, kind, sensitivity) in table.columns {
        if *sensitivity == Sensitivity::Secret {
            row.remove(*name);
        } else if *kind == Kind::Time
            && let Some(value) = row.get_mut(*name)
            && let Some(at) = value.as_i64()
        {
            *value = Millis(at).to_rfc3339().into();
        }
    }
    row
}
