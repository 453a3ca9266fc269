//! Sends what is in the outbox: one mail after the other, each leased, so that of several servers one sends it.
//!
//! What the mail server does not take now is tried again after 1, 5 and 30 minutes, 2, 6 and 12 hours. What it refuses for
//! good is given up; an address that does not exist gets no more mail until staff says otherwise.

use std::time::Duration;

use shared::mail::{MailStage, MailState};
use shared::time::Millis;

use super::LINK;
use super::message::{self, Parts};
use super::repo::{self, Outcome, Row};
use super::service;
use super::smtp::{Refusal, Way};
use crate::app::App;
use crate::config::Smtp;
use crate::db::Scope;
use crate::domain::auth::people;
use crate::domain::exports;
use crate::domain::exports::service::Mailed;
use crate::http::problem::Answer;
use crate::util::ids;

/// How often the worker looks.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// How long a mail stays with a worker that says nothing; longer than a conversation can last.
const LEASE_MS: i64 = 600_000;
/// When it is tried again, in milliseconds after each attempt.
const RETRIES_MS: [i64; 6] = [60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000];
/// Mails that are looked up at once.
const PORTION: i64 = 20;

/// Starts the worker; it ends when the application stops.
pub fn start(app: &App) {
    tokio::spawn(run(app.clone()));
}

async fn run(app: App) {
    let mut stopping = app.stopping.subscribe();
    loop {
        if let Err(problem) = work_off(&app).await {
            tracing::warn!(code = problem.code.as_str(), cause = problem.cause(), "sending mails");
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Sends every mail that is due now, and says how many were tried. When the mail server cannot be reached the rest waits
/// for the next time.
///
/// # Errors
/// When the database fails between two mails; what goes wrong with one is written down there.
pub async fn work_off(app: &App) -> Answer<usize> {
    let Some(smtp) = &app.config.smtp else { return Ok(0) };
    let mut tried = 0;
    loop {
        let due =
            repo::list_due(&mut app.db.read(Scope::Installation).await?, app.clock.now(), PORTION).await?;
        if due.is_empty() {
            return Ok(tried);
        }
        let way = service::way(&app.config, smtp);
        for row in due {
            // Held until the attempt is written down: a server that stops waits for it.
            let _sending = app.sending.lock().await;
            if *app.stopping.borrow() {
                return Ok(tried);
            }
            let Some(lease) = claim(app, &row).await? else { continue };
            tried += 1;
            let done = attempt(app, smtp, &way, &row).await;
            let reached = done.as_ref().err().is_none_or(|refusal| {
                !matches!(refusal.stage, MailStage::Connect | MailStage::Tls | MailStage::SignIn)
            });
            finish(app, &row, &lease, &done).await?;
            if !reached {
                return Ok(tried);
            }
        }
    }
}

async fn claim(app: &App, row: &Row) -> Answer<Option<String>> {
    let now = app.clock.now();
    let lease = ids::new_id(now);
    let mut tx = app.db.write(Scope::Installation).await?;
    let mine = repo::claim(&mut tx, &row.id, (&lease, Millis(now.0 + LEASE_MS)), now).await?;
    tx.commit().await?;
    Ok(mine.then_some(lease))
}

fn refused(permanent: bool, answer: &str) -> Refusal {
    Refusal { stage: MailStage::Content, permanent, no_such_address: false, answer: answer.to_owned() }
}

async fn attempt(app: &App, smtp: &Smtp, way: &Result<Way, String>, row: &Row) -> Result<String, Refusal> {
    let way = way.as_ref().map_err(|error| Refusal { stage: MailStage::Tls, ..refused(false, error) })?;
    let (mut link, mut file) = (None, None);
    if let Some(export) = &row.export_id {
        let found = exports::service::mailed(app, export, row.file_name.is_some()).await;
        match found.map_err(|problem| refused(false, problem.code.as_str()))? {
            Mailed::Gone => return Err(refused(true, "the export is gone")),
            Mailed::Link(address) => link = Some(address),
            Mailed::File(bytes, media_type) => {
                let name = row.file_name.clone().unwrap_or_default();
                file = Some(message::AttachedFile { name, media_type, bytes });
            }
        }
    }
    if let Some(id) = &row.access_link_id {
        let found = people::service::mailed_link(app, id).await;
        link = found.map_err(|problem| refused(false, problem.code.as_str()))?;
        if link.is_none() {
            return Err(refused(true, "the link of this mail no longer works"));
        }
    }
    let filled = |text: &str| link.as_ref().map_or_else(|| text.to_owned(), |link| text.replace(LINK, link));
    let (text, html) = (filled(&row.body_text), filled(&row.body_html));
    let parts = Parts {
        id: &row.id,
        recipient: &row.recipient,
        language: &row.language,
        subject: &row.subject,
        text: &text,
        html: &html,
    };
    let message = message::build(smtp, &parts, file, Millis(row.created_at))
        .map_err(|problem| refused(true, problem.cause().unwrap_or("the mail cannot be put together")))?;
    way.deliver(&message).await
}

async fn finish(app: &App, row: &Row, lease: &str, done: &Result<String, Refusal>) -> Answer<()> {
    let now = app.clock.now();
    let again = usize::try_from(row.attempts).ok().and_then(|made| RETRIES_MS.get(made));
    let (state, next) = match done {
        Ok(_) => (MailState::Sent, now),
        Err(refusal) if refusal.no_such_address => (MailState::Suppressed, now),
        Err(refusal) if refusal.permanent => (MailState::Failed, now),
        Err(_) => again.map_or((MailState::Failed, now), |wait| (MailState::Queued, Millis(now.0 + wait))),
    };
    let answer = match done {
        Ok(answer) => answer,
        Err(refusal) => &refusal.answer,
    };
    let outcome =
        Outcome { state, answer, next_attempt_at: next, sent_at: (state == MailState::Sent).then_some(now) };
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::update_tried(&mut tx, &row.id, lease, &outcome).await?;
    tx.commit().await?;
    match state {
        MailState::Sent => tracing::info!(event = "mail_sent", id = row.id, kind = row.kind),
        MailState::Queued => tracing::warn!(event = "mail_delayed", id = row.id, kind = row.kind, answer),
        MailState::Failed | MailState::Suppressed | MailState::Held => {
            tracing::error!(
                event = "mail_given_up",
                id = row.id,
                kind = row.kind,
                state = state.as_str(),
                answer
            );
        }
    }
    Ok(())
}
