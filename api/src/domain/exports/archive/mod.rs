//! EXP-08, LEG-06: everything of one customer in one file, to keep or to take elsewhere.
//!
//! The archive is a ZIP:
//!
//! - `manifest.json` ([`manifest::Manifest`]): what is in it, with rows, bytes and SHA-256 of each file;
//! - `data/<entity>.ndjson`: a JSON object a line. `data/log.ndjson` and `data/log_test.ndjson` hold logs as the API gives
//!   them, oldest first, with `data` byte for byte as it was sent; the other entities are rows as they are stored, with
//!   times as RFC 3339 in UTC. Which ones there are follows from the register of columns (`db::registry`): everything that is
//!   a customer's own, but for what would let somebody in (digests of codes and keys);
//! - `schemas/<entity>.schema.json`: JSON Schema 2020-12 of a line;
//! - `README.txt`: the same in words, Dutch and English.
//!
//! `mvai-connexx import-archive` brings one to another installation ([`import()`]).

mod bundle;
mod entities;
mod import;
pub mod manifest;
mod reading;
mod schema;
mod words;

use shared::time::Millis;

use self::bundle::Bundle;
pub use self::import::{ImportError, ImportOptions, ImportReport, import};
use self::manifest::{ArchivedCustomer, SCHEMA};
use super::make::{Go, Out, Portion, Reading, Taker};
use super::order::Order;
use crate::app::App;
use crate::db::{Scope, registry};
use crate::http::problem::Answer;
use crate::http::work::blocking;
use crate::util::ids::Space;

/// Logs of the live space.
pub(super) const LOGS: &str = "log";
/// Logs of the test space.
pub(super) const TEST_LOGS: &str = "log_test";

/// Writes the archive to disk and hands it over when it is complete: its index stands at the end.
///
/// # Errors
/// When something cannot be read or the file not be kept.
pub async fn write<T: Taker>(app: &App, order: &Order, out: &mut Out<'_, T>) -> Answer<Go> {
    let folder = app.config.export_dir();
    let mut bundle = blocking(move || Bundle::new(&folder)).await?;
    let customer = order.key.customer;
    // One moment for all that is small; logs are read afterwards, up to the last one that was there when it was asked for.
    let mut conn = app.db.snapshot(Scope::Customer(customer)).await?;
    for table in registry::own().filter(|table| table.name != LOGS) {
        bundle = entities::add(&mut conn, customer, table, bundle).await?;
        if out.go().await? == Go::Stop {
            return Ok(Go::Stop);
        }
    }
    drop(conn);
    for (name, space) in [(LOGS, Space::Live), (TEST_LOGS, Space::Test)] {
        let schema = schema::of_log();
        bundle = blocking(move || bundle.begin(name, &schema)).await?;
        let mut reading = Reading::of(app, order, space);
        while let Some(logs) = reading.next().await? {
            if space == Space::Live {
                out.count(Portion::of(&logs));
            }
            bundle = blocking(move || bundle.add_lines(&logs)).await?;
            if out.go().await? == Go::Stop {
                return Ok(Go::Stop);
            }
        }
        bundle = blocking(move || bundle.end()).await?;
    }
    let about = ArchivedCustomer { id: customer.0, name: order.customer.name.clone() };
    let (made_at, up_to): (Millis, i64) = (order.made_at, order.up_to);
    let file = blocking(move || bundle.finish(SCHEMA, about, made_at, up_to)).await?;
    out.put_file(file).await
}
