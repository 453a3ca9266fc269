//! Makes the files of jobs. A job belongs to one worker of one server for as long as that one says so; a server that
//! dies stops saying so, and the job starts again elsewhere or after the restart.

use std::time::Duration;

use shared::exports::{ExportState, KEEP_FILE_MS};
use shared::mail::MAX_ATTACHMENT_BYTES;
use shared::problem::Code;
use shared::tenancy::CustomerStatus;
use shared::time::Millis;

use super::files::{self, Draft};
use super::make::{Meter, count, make};
use super::order::Order;
use super::repo::{self, End, Run};
use super::service;
use super::slots::Slot;
use crate::app::App;
use crate::db::{Conn, Scope};
use crate::domain::mail::service::ExportFile;
use crate::domain::mail::words::Occasion;
use crate::domain::{audit, mail, tenancy};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{self, CustomerId};

/// Jobs that one server makes at a time.
const WORKERS: usize = 2;
/// How often a worker says that it still works, and how far it is.
const BEAT: Duration = Duration::from_secs(1);
/// How long a job stays with a worker that says nothing.
const LEASE_MS: i64 = 60_000;
/// How often a worker looks for jobs that other servers were asked for, or left behind.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A job that was begun this often and never ended would take every server down with it.
const MAX_ATTEMPTS: i64 = 5;

/// A job that is ours.
struct Claim {
    run: Run,
    /// Our name on it.
    lease: String,
    _slot: Slot,
}

/// How our work on a job ended.
enum Outcome {
    /// The file is complete; its SHA-256.
    Done(String),
    /// It was cancelled, or is somebody else's by now.
    Lost,
    /// The server stops.
    Stopping,
}

/// Starts the workers; they end when the application stops.
pub fn start(app: &App) {
    for _ in 0..WORKERS {
        tokio::spawn(run(app.clone()));
    }
}

async fn run(app: App) {
    let mut stopping = app.stopping.subscribe();
    loop {
        if let Err(problem) = work_off(&app).await {
            tracing::warn!(code = problem.code.as_str(), cause = problem.cause(), "looking for export jobs");
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = app.exports.bell.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Makes every file that is due now, one after the other, and says how many jobs were taken.
///
/// # Errors
/// When the database fails between two jobs; what goes wrong within one is told by that one.
pub async fn work_off(app: &App) -> Answer<usize> {
    let mut taken = 0;
    while !*app.stopping.borrow() {
        let Some(claim) = claim(app).await? else { break };
        taken += 1;
        perform(app, &claim).await;
    }
    Ok(taken)
}

async fn claim(app: &App) -> Answer<Option<Claim>> {
    let now = app.clock.now();
    let due = repo::list_due(&mut app.db.read(Scope::Installation).await?, now).await?;
    for mut run in due {
        let Some(slot) = app.exports.take(CustomerId(run.customer_id)) else { continue };
        let lease = ids::new_id(now);
        let mut tx = app.db.write(Scope::Installation).await?;
        let mine = repo::claim(&mut tx, &run.id, (&lease, Millis(now.0 + LEASE_MS)), now).await?;
        tx.commit().await?;
        if mine {
            run.attempts += 1;
            return Ok(Some(Claim { run, lease, _slot: slot }));
        }
    }
    Ok(None)
}

async fn perform(app: &App, claim: &Claim) {
    let meter = Meter::default();
    let worked = tokio::select! {
        made = file(app, claim, &meter) => made.map(Outcome::Done),
        () = lost(app, claim, &meter) => Ok(Outcome::Lost),
        () = stopped(app) => Ok(Outcome::Stopping),
    };
    // Whatever was dropped here has removed its part of a file.
    let id = &claim.run.id;
    let told = match worked {
        Ok(Outcome::Done(sha256)) => ended(app, claim, &meter, &Ok(sha256)).await,
        Ok(Outcome::Lost) => Ok(false),
        Ok(Outcome::Stopping) => given_back(app, claim).await.map(|()| false),
        Err(problem) => {
            tracing::error!(
                event = "export_failed",
                id,
                code = problem.code.as_str(),
                cause = problem.cause()
            );
            ended(app, claim, &meter, &Err(problem)).await.map(|_| false)
        }
    };
    match told {
        Ok(true) => {}
        Ok(false) => files::remove(&app.config.export_dir(), id, claim.run.attempts).await,
        // Nobody knows; when the lease ends it starts again, and the sweep finds the file.
        Err(problem) => {
            tracing::error!(
                event = "export_untold",
                id,
                code = problem.code.as_str(),
                cause = problem.cause()
            );
        }
    }
}

/// Makes the file and gives its SHA-256.
async fn file(app: &App, claim: &Claim, meter: &Meter) -> Answer<String> {
    let run = &claim.run;
    let broken = || Problem::new(Code::Internal);
    if run.attempts > MAX_ATTEMPTS {
        return Err(broken());
    }
    let customer = app.customer(CustomerId(run.customer_id)).await?;
    let customer = customer.filter(|customer| customer.status != CustomerStatus::Closed);
    let order = Order::of(run, customer.ok_or_else(|| Problem::new(Code::NotFound))?)?;
    meter.count(count(app, &order).await?);
    let mut draft = Draft::begin(&app.config.export_dir(), &run.id, run.attempts).await?;
    let sha256 = make(app, &order, meter, &mut draft).await?.ok_or_else(broken)?;
    draft.finish().await?;
    Ok(sha256)
}

/// Says again and again that the job is ours; ends when it is not.
async fn lost(app: &App, claim: &Claim, meter: &Meter) {
    loop {
        tokio::time::sleep(BEAT).await;
        let until = Millis(app.clock.now().0 + LEASE_MS);
        let beat = async {
            let mut tx = app.db.write(Scope::Installation).await?;
            let lease = (claim.lease.as_str(), until);
            let mine =
                repo::update_progress(&mut tx, &claim.run.id, lease, meter.done(), meter.total()).await?;
            tx.commit().await?;
            Ok::<_, crate::db::DbError>(mine)
        };
        match beat.await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, id = claim.run.id, "telling the progress of an export"),
        }
    }
}

async fn stopped(app: &App) {
    let mut stopping = app.stopping.subscribe();
    drop(stopping.wait_for(|stop| *stop).await);
}

/// Writes how it ended. Whether it was still ours.
async fn ended(app: &App, claim: &Claim, meter: &Meter, made: &Answer<String>) -> Answer<bool> {
    let (rows, bytes) = meter.done();
    let now = app.clock.now();
    let end = End {
        state: if made.is_ok() { ExportState::Ready } else { ExportState::Failed }.as_str(),
        rows,
        bytes,
        sha256: made.as_deref().ok(),
        ids: meter.ids(),
        problem: made.as_ref().err().map(|problem| problem.code.as_str()),
        at: now,
        expires_at: made.is_ok().then(|| Millis(now.0 + KEEP_FILE_MS)),
    };
    let mut tx = app.db.write(Scope::Installation).await?;
    let lease = (claim.lease.as_str(), Millis(now.0 + LEASE_MS));
    repo::update_progress(&mut tx, &claim.run.id, lease, (rows, bytes), meter.total()).await?;
    let mine = repo::update_ended(&mut tx, &claim.run.id, &claim.lease, &end).await?;
    if mine && let (Some(expires_at), Some(email_to)) = (end.expires_at, &claim.run.email_to) {
        tell(app, &mut tx, &claim.run, email_to, (rows, bytes, expires_at)).await?;
    }
    if mine {
        let event = service::told_end(CustomerId(claim.run.customer_id), &claim.run.id, &end);
        audit::service::record(app, &mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(mine)
}

/// EXP-06: writes the mail about a file that is ready, in the transaction that makes it so.
async fn tell(
    app: &App,
    tx: &mut Conn,
    run: &Run,
    email_to: &str,
    (rows, bytes, expires_at): (i64, i64, Millis),
) -> Answer<()> {
    let customer = tenancy::service::find_in(tx, CustomerId(run.customer_id)).await?;
    let attached = bytes <= MAX_ATTACHMENT_BYTES;
    let file_name = run.file_name.clone();
    let occasion = Occasion::ExportReady { file_name, rows, bytes, attached, expires_at };
    let file = ExportFile { id: &run.id, name: &run.file_name, attached };
    Ok(mail::service::queue_export(app, tx, &customer, email_to, &occasion, file).await?)
}

async fn given_back(app: &App, claim: &Claim) -> Answer<()> {
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::update_queued(&mut tx, &claim.run.id, &claim.lease).await?;
    Ok(tx.commit().await?)
}
