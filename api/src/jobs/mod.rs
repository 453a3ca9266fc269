//! What runs beside the requests.

use std::time::Duration;

use crate::app::App;
use crate::db::{DbError, Scope};
use crate::domain::keys;
use crate::domain::keys::usage::UsedKeys;
use crate::util::swallow::OrLog;

/// KEY-07 allows a minute; a write that fails once is tried again within it.
const FLUSH_EVERY: Duration = Duration::from_secs(20);

/// Starts the background tasks; they end when the application stops.
pub fn start(app: &App) {
    tokio::spawn(crate::db::checkpoint::run(app.db.clone(), app.stopping.subscribe()));
    let app = app.clone();
    let mut stopping = app.stopping.subscribe();
    tokio::spawn(async move {
        let stopped = stopping.wait_for(|stopping| *stopping);
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                // The last write is made by `App::close`.
                _ = &mut stopped => return,
                () = tokio::time::sleep(FLUSH_EVERY) => {}
            }
            flush_key_usage(&app).await;
        }
    });
}

/// KEY-07: writes the use of keys that was counted since the last time. What cannot be written is kept.
pub async fn flush_key_usage(app: &App) {
    let _writing = app.key_usage.writing.lock().await;
    let taken = app.key_usage.take();
    if taken.is_empty() {
        return;
    }
    if write_key_usage(app, &taken).await.or_log("writing the use of API keys").is_none() {
        app.key_usage.put_back(taken);
    }
}

async fn write_key_usage(app: &App, used: &UsedKeys) -> Result<(), DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    keys::repo::update_usage(&mut tx, used).await?;
    tx.commit().await
}
