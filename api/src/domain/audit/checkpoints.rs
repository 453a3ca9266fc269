//! Signed places in the chains, kept beside them and in a file that may lie elsewhere; and cutting off what is kept no
//! longer.

use std::io::Write;
use std::path::Path;

use shared::problem::Code;
use shared::time::Millis;

use super::chain::Checkpoint;
use super::repo;
use crate::app::App;
use crate::db::Scope;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::zone;

/// A chain with new rows gets a checkpoint after this long.
const EVERY_MS: i64 = 60_000;
/// Or after so many rows.
const ROWS: i64 = 1_000;

/// Signs the ends of chains that are due, and says how many.
///
/// # Errors
/// When the database fails, or the file of checkpoints cannot be written.
pub async fn run(app: &App) -> Answer<usize> {
    let now = app.clock.now();
    let mut conn = app.db.read(Scope::Installation).await?;
    let due = repo::list_due(&mut conn, ROWS, Millis(now.0 - EVERY_MS)).await?;
    drop(conn);
    if due.is_empty() {
        return Ok(0);
    }
    let key = app.keys.current();
    let signed: Vec<Checkpoint> = due
        .iter()
        .map(|chain| Checkpoint::sign(key, chain.customer_id, chain.end.number, &chain.end.hash, now))
        .collect();
    // The file first: what is only in the database protects nothing from whoever can write there.
    keep(app, signed.clone()).await?;
    let mut tx = app.db.write(Scope::Installation).await?;
    for mark in &signed {
        repo::put_mark(&mut tx, mark).await?;
    }
    tx.commit().await?;
    Ok(signed.len())
}

/// Adds checkpoints to the file, one line of JSON each.
async fn keep(app: &App, checkpoints: Vec<Checkpoint>) -> Answer<()> {
    let path = app.config.audit_checkpoints();
    blocking(move || {
        let failed = |error: std::io::Error| Problem::new(Code::StorageUnavailable).caused_by(&error);
        let mut lines = String::new();
        for checkpoint in &checkpoints {
            lines.push_str(&serde_json::to_string(checkpoint).unwrap_or_default());
            lines.push('\n');
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
        file.write_all(lines.as_bytes()).and_then(|()| file.sync_data()).map_err(failed)
    })
    .await
}

/// Reads checkpoints that were kept in a file. A line that was cut by a crash is left out.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> std::io::Result<Vec<Checkpoint>> {
    let text = std::fs::read_to_string(path)?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// SEC-17: cuts off rows that are older than they are kept, as whole ranges up to a place that was signed before, and
/// says how many went.
///
/// # Errors
/// When the database fails, or the file of checkpoints cannot be written.
pub async fn cut(app: &App) -> Answer<u64> {
    let now = app.clock.now();
    let zone = jiff::tz::TimeZone::UTC;
    let months = i64::from(app.config.audit_months);
    // A month is counted with 31 days: kept a little longer rather than too short.
    let first = zone::add_days(zone::date_of(&zone, now), -31 * months);
    let before = zone::start_of(&zone, first);
    let mut conn = app.db.read(Scope::Installation).await?;
    let mut cuts = Vec::new();
    for chain in repo::list_chains(&mut conn, None).await? {
        let Some(mark) = &chain.mark else { continue };
        let last = repo::find_last_before(&mut conn, chain.customer_id, before, mark.number).await?;
        if let Some(last) = last {
            let key = app.keys.current();
            cuts.push(Checkpoint::sign(key, chain.customer_id, last.number, &last.hash, now));
        }
    }
    drop(conn);
    if cuts.is_empty() {
        return Ok(0);
    }
    keep(app, cuts.clone()).await?;
    let mut gone = 0;
    for cut in &cuts {
        let mut tx = app.db.write(Scope::Installation).await?;
        gone += repo::cut(&mut tx, cut).await?;
        tx.commit().await?;
    }
    Ok(gone)
}
