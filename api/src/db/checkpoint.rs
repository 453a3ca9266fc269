//! Folding the write-ahead log into the database file, off the hot path: on a connection of its own, beside the
//! writer; completely when nothing is being written. The writer itself does it only as a last resort.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use sqlx::SqlitePool;
use tokio::sync::watch;

use super::Db;
use crate::util::swallow::OrLog;

/// Above this size the log is folded while writing goes on.
const LARGE: u64 = 16 * 1024 * 1024;
/// Without growth for this long the log is folded completely and cut.
const IDLE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Pages of the log at which the writer folds it itself: 64 MiB.
pub const LAST_RESORT_PAGES: &str = "16384";

/// Keeps the log small until the application stops. PostgreSQL does this by itself.
pub async fn run(db: Db, mut stopping: watch::Receiver<bool>) {
    let Db::Sqlite { maintain, .. } = db else { return };
    let mut wal = maintain.connect_options().get_filename().as_os_str().to_owned();
    wal.push("-wal");
    let wal = PathBuf::from(wal);
    let (mut last_size, mut since) = (0, Instant::now());
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let size = std::fs::metadata(&wal).map_or(0, |meta| meta.len());
        if size != last_size {
            (last_size, since) = (size, Instant::now());
        }
        if size > LARGE {
            fold(&maintain, "PRAGMA wal_checkpoint(PASSIVE)").await;
        } else if size > 0 && since.elapsed() > IDLE {
            fold(&maintain, "PRAGMA wal_checkpoint(TRUNCATE)").await;
            since = Instant::now();
        }
    }
}

async fn fold(pool: &SqlitePool, how: &'static str) {
    sqlx::query(how).execute(pool).await.or_log("folding the write-ahead log");
}
