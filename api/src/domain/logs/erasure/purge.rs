//! Removing hidden logs, and the traces that the word index keeps of them.
//!
//! Rows are removed within moments. The index of SQLite keeps words of removed rows until its parts are merged, its
//! vocabulary keeps words for good, and free pages keep their content until they are used again: `clean` merges,
//! looks through the vocabulary and overwrites the free pages. That reads the whole index, so it happens once a
//! night. PostgreSQL removes dead rows by itself (autovacuum).

use std::time::Duration;

use shared::erasure::ErasureState;
use shared::time::Millis;

use super::repo;
use crate::app::App;
use crate::db::{Dialect, Scope};
use crate::http::problem::Answer;
use crate::util::zone;

/// Logs that are removed in one transaction.
const PORTION: i64 = 500;
/// Pages of the index that are merged in one transaction.
const MERGE_PAGES: i64 = 200;
/// Free pages that are overwritten in one transaction.
const FREE_PAGES: i64 = 500;
/// Pause in which others write.
const BREATH: Duration = Duration::from_millis(5);
/// Hours of the night, local time of the installation.
const NIGHT: std::ops::Range<i8> = 2..5;
/// Traces do not wait longer than this for a night (LOG-10 allows 24 hours).
const LONGEST_MS: i64 = 20 * 3_600_000;

/// Removes hidden logs until none is left.
///
/// # Errors
/// When the database fails; it goes on later.
pub async fn run(app: &App) -> Answer<()> {
    let _one = app.purging.lock().await;
    loop {
        // Looked at without the write lock: mostly there is nothing to do.
        let hidden = repo::list_hidden(&mut app.db.read(Scope::Installation).await?, PORTION).await?;
        let Some((customer, ids)) = hidden else { break };
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::purge(&mut tx, customer, &ids).await?;
        tx.commit().await?;
        tokio::time::sleep(BREATH).await;
    }
    let now = app.clock.now();
    let mut conn = app.db.read(Scope::Installation).await?;
    if !repo::list_open(&mut conn, ErasureState::Purging, Millis(i64::MAX)).await?.is_empty() {
        drop(conn);
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::settle_purged(&mut tx, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Removes traces if it is night, or if they have waited for long.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn clean_at_night(app: &App) -> Answer<()> {
    let now = app.clock.now();
    let mut conn = app.db.read(Scope::Installation).await?;
    let open = repo::list_open(&mut conn, ErasureState::Cleaning, Millis(i64::MAX)).await?;
    drop(conn);
    let Some(oldest) = open.iter().filter_map(|erasure| erasure.purged_at).min() else { return Ok(()) };
    let zone = zone::find(&app.config.time_zone);
    let night = zone.is_none_or(|zone| NIGHT.contains(&zone::local(&zone, now).hour()));
    if night || now.0 - oldest > LONGEST_MS { clean(app).await } else { Ok(()) }
}

/// Removes the traces of logs that are gone.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn clean(app: &App) -> Answer<()> {
    let began = app.clock.now();
    if app.db.dialect() == Dialect::Sqlite {
        let mut first = true;
        loop {
            let mut tx = app.db.write(Scope::Installation).await?;
            let more = repo::merge_words(&mut tx, first, MERGE_PAGES).await?;
            tx.commit().await?;
            if !more && !first {
                break;
            }
            first = false;
            tokio::time::sleep(BREATH).await;
        }
        app.writer.forget_unused_words(&app.db).await?;
        overwrite_free_pages(app).await?;
        app.db.fold().await?;
    }
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::settle_cleaned(&mut tx, began, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Fills the free pages of the file with zeros, a few at a time, and gives them back. Of pages that others give free
/// meanwhile nothing erased is left.
async fn overwrite_free_pages(app: &App) -> Answer<()> {
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::free_pages_begin(&mut tx).await?;
    tx.commit().await?;
    loop {
        let mut tx = app.db.write(Scope::Installation).await?;
        let more = repo::overwrite_free_pages(&mut tx, FREE_PAGES).await?;
        tx.commit().await?;
        if !more {
            break;
        }
        tokio::time::sleep(BREATH).await;
    }
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::free_pages_end(&mut tx).await?;
    Ok(tx.commit().await?)
}
