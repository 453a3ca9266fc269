//! What runs beside the requests.

use std::time::Duration;

use shared::time::Millis;

use crate::app::App;
use crate::db::{DbError, Dialect, Scope};
use crate::domain::ingest::epcis;
use crate::domain::logs::erasure::{self, purge, retention};
use crate::domain::logs::parts::follow;
use crate::domain::logs::seals::{sealing, thin};
use crate::domain::{
    activity, audit, exports, idempotency, keys, kinds, mail, requests, searches, security, usage,
};
use crate::http::problem::Answer;
use crate::util::swallow::OrLog;

/// KEY-07 allows a minute. Who looks at the own use finds what was just done.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
const CLEAN_UP_EVERY: Duration = Duration::from_secs(60);
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// What is decided on another server, or at the command line, holds here after this time.
const LEARN_EVERY: Duration = Duration::from_millis(500);
/// An erasure that a stop has cut off goes on after this long.
const RESUME_EVERY: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// The index of parts of words is behind the logs by about this long.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// A day is sealed at most this long after it may be.
const SEAL_EVERY: Duration = Duration::from_secs(300);
/// A checkpoint of the audit log is this late at most.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);

/// Starts the background tasks; they end when the application stops.
pub fn start(app: &App) {
    tokio::spawn(crate::db::checkpoint::run(app.db.clone(), app.stopping.subscribe()));
    // The last write of use is made by `App::close`.
    every(app, FLUSH_EVERY, |app| async move {
        flush_key_usage(&app).await;
        searches::service::flush(&app).await;
        requests::service::flush(&app).await;
        activity::service::flush(&app).await;
    });
    let pause = match app.db.dialect() {
        Dialect::Sqlite => FLUSH_EVERY,
        // One server alone has nothing to learn.
        Dialect::Postgres => Duration::from_secs(usage::service::SHARE_EVERY_S.into()),
    };
    every(app, pause, |app| async move { flush_calls(&app).await });
    every(app, CLEAN_UP_EVERY, |app| async move {
        app.usage.rates.clean_up();
        app.forms.clean_up();
        app.security.slow.clean_up();
    });
    every(app, LEARN_EVERY, |app| async move {
        security::decisions::service::refresh(&app).await.or_log("learning decisions");
        security::events::service::flush(&app).await;
    });
    every(app, FORGET_EVERY, |app| async move {
        forget_answers(&app).await.or_log("forgetting the answers of idempotent requests");
        forget_captures(&app).await.or_log("forgetting capture jobs");
        searches::service::forget_old(&app).await.or_log("forgetting old searches");
        kinds::quarantine::service::forget_expired(&app).await.or_log("emptying the quarantine");
        keys::service::forget_uses(&app).await.or_log("forgetting uses of replaced keys");
        requests::service::forget_old(&app).await.or_log("forgetting old requests");
        activity::service::forget_old(&app).await.or_log("forgetting old activity");
        security::events::service::forget_old(&app).await.or_log("forgetting old security events");
        security::decisions::service::forget_old(&app).await.or_log("forgetting old decisions");
        told(keys::service::warn_expiring(&app).await, "telling that keys end");
        mail::service::forget_old(&app).await.or_log("forgetting old mails");
        retention::run(&app).await.or_log("erasing by retention");
        purge::clean_at_night(&app).await.or_log("removing traces of erased logs");
        audit::checkpoints::cut(&app).await.or_log("cutting off what the audit log keeps no longer");
    });
    every(app, RESUME_EVERY, |app| async move {
        erasure::service::resume(&app).await.or_log("going on with erasures");
    });
    every(app, FOLLOW_EVERY, |app| async move {
        follow::run(&app).await.or_log("indexing parts of words");
    });
    every(app, SEAL_EVERY, |app| async move {
        sealing::run(&app).await.or_log("sealing logs");
        thin::run(&app).await.or_log("removing what is kept of erased days");
    });
    every(app, CHECKPOINT_EVERY, |app| async move {
        audit::checkpoints::run(&app).await.or_log("signing checkpoints of the audit log");
    });
    export_files(app);
    mail::worker::start(app);
}

/// API-12: takes interrupted exports up again, makes the files of new ones, and removes those whose time is over.
fn export_files(app: &App) {
    let started = app.clone();
    tokio::spawn(async move {
        told(exports::service::recover(&started).await, "taking up exports");
        exports::worker::start(&started);
        told(exports::service::sweep(&started).await, "sweeping exports");
    });
    every(app, SWEEP_EVERY, |app| async move {
        told(exports::service::sweep(&app).await, "sweeping exports");
    });
}

fn told(done: Answer<u64>, doing: &'static str) {
    if let Err(problem) = done {
        tracing::warn!(doing, code = problem.code.as_str(), cause = problem.cause(), "swallowed");
    }
}

/// Repeats a piece of work until the application stops.
fn every<F: Future<Output = ()> + Send>(
    app: &App,
    pause: Duration,
    work: impl Fn(App) -> F + Send + 'static,
) {
    let app = app.clone();
    let mut stopping = app.stopping.subscribe();
    tokio::spawn(async move {
        let stopped = stopping.wait_for(|stopping| *stopping);
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                _ = &mut stopped => return,
                () = tokio::time::sleep(pause) => {}
            }
            work(app.clone()).await;
        }
    });
}

/// GEN-08: deletes answers whose 24 hours are over.
///
/// # Errors
/// When the database fails.
pub async fn forget_answers(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = idempotency::repo::delete_expired(&mut tx, app.clock.now()).await?;
    tx.commit().await?;
    Ok(gone)
}

/// LOG-18: forgets capture jobs that nobody asks for any more.
///
/// # Errors
/// When the database fails.
pub async fn forget_captures(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let than = Millis(app.clock.now().0 - epcis::KEEP_MS);
    let gone = epcis::repo::delete_older(&mut tx, than).await?;
    tx.commit().await?;
    Ok(gone)
}

/// KEY-07: writes the use of keys that was counted since the last time. What cannot be written is kept.
pub async fn flush_key_usage(app: &App) {
    keys::service::flush_usage(app).await;
}

/// API-06: writes the calls that were counted since the last time. What cannot be written is kept.
pub async fn flush_calls(app: &App) {
    let _writing = app.usage.calls.writing.lock().await;
    usage::service::write_calls(app).await.or_log("writing the calls of API keys");
}
