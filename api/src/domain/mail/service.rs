//! Writing mails into the outbox, and what staff does with them.

use shared::audit::AuditAction;
use shared::lang::Lang;
use shared::mail::{
    MailDetailOut, MailKind, MailOut, MailPreviewOut, MailSetupOut, MailStage, MailState, MailTestIn,
    MailTestOut,
};
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::Checks;

use super::message::{self, Parts};
use super::repo::{self, Row};
use super::smtp::Way;
use super::words::{Occasion, Reader, zone_of};
use super::{KEEP_MS, LINK};
use crate::app::App;
use crate::config::{Config, Smtp};
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit::model::Event;
use crate::domain::{audit, tenancy};
use crate::http::auth::Customer;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{self, CustomerId};

/// Stands where a link is that is for the recipient alone.
const HIDDEN: &str = "••••••••";
/// Mails about exports that a customer gets within an hour at most.
const MAX_EXPORTS_AN_HOUR: i64 = 20;
const HOUR_MS: i64 = 3_600_000;

/// The file of an export, as a mail is about it.
#[derive(Debug, Clone, Copy)]
pub struct ExportFile<'a> {
    /// Id of the export.
    pub id: &'a str,
    /// Name of the file.
    pub name: &'a str,
    /// Whether the file travels with the mail.
    pub attached: bool,
}

/// Who gets a mail.
#[derive(Debug, Clone, Copy)]
pub struct To<'a> {
    /// Address.
    pub address: &'a str,
    /// Language.
    pub language: Lang,
}

/// What a mail brings beside its words.
#[derive(Debug, Clone, Copy)]
enum Brings<'a> {
    Nothing,
    /// An export.
    File(ExportFile<'a>),
    /// A link that lets its recipient in once, by its identifier.
    Link(&'a str),
}

fn reader(config: &Config, customer: &Customer, lang: Lang) -> Reader {
    Reader { lang, zone: customer.local(), customer: Some(customer.name.clone()), address: config.address() }
}

/// MAIL-01: writes a mail to the contact address of a customer, in the transaction of its cause.
///
/// # Errors
/// When the database fails.
pub async fn queue(app: &App, tx: &mut Conn, customer: CustomerId, occasion: &Occasion) -> Answer<()> {
    let customer = tenancy::service::find_in(tx, customer).await?;
    let to = To { address: &customer.contact_email, language: customer.language };
    Ok(insert(app, tx, &customer, to, occasion, Brings::Nothing).await?)
}

/// Writes a mail to somebody of a customer, with the link that it is about, if any.
///
/// # Errors
/// When the database fails.
pub async fn queue_link(
    app: &App,
    tx: &mut Conn,
    customer: &Customer,
    to: To<'_>,
    occasion: &Occasion,
    link: Option<&str>,
) -> Result<(), DbError> {
    insert(app, tx, customer, to, occasion, link.map_or(Brings::Nothing, Brings::Link)).await
}

/// EXP-06: writes the mail about an export to an address of the customer.
///
/// # Errors
/// When the database fails.
pub async fn queue_export(
    app: &App,
    tx: &mut Conn,
    customer: &Customer,
    to: &str,
    occasion: &Occasion,
    file: ExportFile<'_>,
) -> Result<(), DbError> {
    let to = To { address: to, language: customer.language };
    insert(app, tx, customer, to, occasion, Brings::File(file)).await
}

async fn insert(
    app: &App,
    tx: &mut Conn,
    customer: &Customer,
    to: To<'_>,
    occasion: &Occasion,
    brings: Brings<'_>,
) -> Result<(), DbError> {
    let now = app.clock.now();
    let letter = occasion.write(&reader(&app.config, customer, to.language));
    let file = if let Brings::File(file) = brings { Some(file) } else { None };
    let state = if app.config.smtp.is_none() {
        MailState::Held
    } else if repo::is_suppressed(tx, to.address).await? {
        MailState::Suppressed
    } else {
        MailState::Queued
    };
    let row = Row {
        id: ids::new_id(now),
        customer_id: Some(customer.id.0),
        kind: occasion.kind().as_str().to_owned(),
        state: state.as_str().to_owned(),
        recipient: to.address.to_owned(),
        language: to.language.code().to_owned(),
        body_text: letter.text(),
        body_html: letter.html(to.language),
        subject: letter.subject,
        access_link_id: if let Brings::Link(id) = brings { Some(id.to_owned()) } else { None },
        export_id: file.map(|file| file.id.to_owned()),
        file_name: file.filter(|file| file.attached).map(|file| file.name.to_owned()),
        attempts: 0,
        next_attempt_at: now.0,
        answer: None,
        created_at: now.0,
        sent_at: None,
    };
    repo::insert(tx, &row).await.map(drop)
}

/// EXP-06: whether a customer may have one more export sent by mail now.
///
/// # Errors
/// `rate_limited`.
pub async fn admit_export(app: &App, tx: &mut Conn, customer: CustomerId) -> Answer<()> {
    let since = Millis(app.clock.now().0 - HOUR_MS);
    if repo::count_exports(tx, customer, since).await? >= MAX_EXPORTS_AN_HOUR {
        return Err(crate::http::limits::too_many(std::time::Duration::from_secs(3_600)));
    }
    Ok(())
}

fn out(row: &Row) -> MailOut {
    let state = MailState::parse(&row.state).unwrap_or(MailState::Failed);
    MailOut {
        id: row.id.clone(),
        kind: MailKind::parse(&row.kind).unwrap_or(MailKind::Test),
        state,
        customer_id: row.customer_id,
        recipient: row.recipient.clone(),
        language: Lang::from_code(&row.language).unwrap_or_default(),
        subject: row.subject.clone(),
        attachment: row.file_name.clone(),
        attempts: row.attempts,
        created_at: Millis(row.created_at),
        next_attempt_at: (state == MailState::Queued).then_some(Millis(row.next_attempt_at)),
        sent_at: row.sent_at.map(Millis),
        answer: row.answer.clone(),
    }
}

fn missing() -> Problem {
    Problem::new(Code::NotFound)
}

/// Mails older than one, newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(
    app: &App,
    (state, kind): (Option<MailState>, Option<MailKind>),
    before: &str,
    limit: i64,
) -> Answer<Vec<MailOut>> {
    let mut conn = app.db.read(Scope::Installation).await?;
    let filter = (state.map_or("", MailState::as_str), kind.map_or("", MailKind::as_str));
    let rows = repo::list(&mut conn, filter, before, limit).await?;
    Ok(rows.iter().map(out).collect())
}

/// A mail with its words; links for the recipient alone are left out.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, id: &str) -> Answer<MailDetailOut> {
    let row = repo::find(&mut app.db.read(Scope::Installation).await?, id).await?.ok_or_else(missing)?;
    let shown = |text: &str| text.replace(LINK, HIDDEN);
    Ok(MailDetailOut { mail: out(&row), text: shown(&row.body_text), html: shown(&row.body_html) })
}

/// Has a mail sent that was given up, suppressed or held; its attempts begin anew. One that waits already goes on waiting.
///
/// # Errors
/// `not_found`, `mail_not_set_up`, `state_conflict` when it was sent.
pub async fn retry(app: &App, id: &str) -> Answer<MailOut> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let row = repo::find(&mut tx, id).await?.ok_or_else(missing)?;
    if app.config.smtp.is_none() {
        return Err(Problem::new(Code::MailNotSetUp));
    }
    if row.state == MailState::Sent.as_str() {
        return Err(Problem::new(Code::StateConflict).with("state", &row.state));
    }
    repo::update_queued(&mut tx, id, &row.recipient, app.clock.now()).await?;
    let before = row.state;
    let row = repo::find(&mut tx, id).await?.ok_or_else(missing)?;
    let about = row.customer_id.map(CustomerId);
    let event = about.map_or_else(
        || Event::of_installation(AuditAction::MailRetry),
        |customer| Event::of(AuditAction::MailRetry, customer),
    );
    let event = event.target(id);
    let event = event.changed("state", Some(before), Some(row.state.clone()));
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    Ok(out(&row))
}

/// How mail leaves the installation, and how many mails are in each state.
///
/// # Errors
/// When the database fails.
pub async fn setup(app: &App) -> Answer<MailSetupOut> {
    let counts = repo::count(&mut app.db.read(Scope::Installation).await?).await?;
    let smtp = app.config.smtp.as_ref();
    Ok(MailSetupOut {
        server: smtp.map(|smtp| format!("{}:{}", smtp.server, smtp.port)),
        security: smtp.map(|smtp| smtp.tls.as_str().to_owned()),
        signs_in: smtp.is_some_and(|smtp| smtp.credentials.is_some()),
        from: smtp.map(|smtp| format!("{} <{}>", smtp.from_name, smtp.from_email)),
        counts,
    })
}

/// A reader for samples and tests.
fn staff_reader(app: &App, lang: Lang, customer: Option<&str>) -> Reader {
    Reader {
        lang,
        zone: zone_of(&app.config.time_zone),
        customer: customer.map(str::to_owned),
        address: app.config.address(),
    }
}

/// MAIL-03: a kind of mail with sample data.
#[must_use]
pub fn preview(app: &App, kind: MailKind, language: Lang) -> MailPreviewOut {
    let customer = (kind != MailKind::Test).then_some("Van Dijk Transport BV");
    let letter = Occasion::sample(kind, app.clock.now()).write(&staff_reader(app, language, customer));
    let shown = |text: &str| text.replace(LINK, HIDDEN);
    MailPreviewOut {
        kind,
        language,
        text: shown(&letter.text()),
        html: shown(&letter.html(language)),
        subject: letter.subject,
    }
}

/// The way to the mail server, and what we call ourselves there.
///
/// # Errors
/// A refusal that says what is wrong with the settings.
pub fn way(config: &Config, smtp: &Smtp) -> Result<Way, String> {
    let address = config.address();
    let host = address.split("://").nth(1).unwrap_or("localhost");
    let host = host.split(['/', ':']).next().filter(|host| !host.is_empty()).unwrap_or("localhost");
    Way::new(smtp, host)
}

/// MAIL-02: sends a test mail now and says what the server answered. It is not kept in the outbox.
///
/// # Errors
/// `invalid_body`, `mail_not_set_up`.
pub async fn test(app: &App, input: &MailTestIn, lang: Lang) -> Answer<MailTestOut> {
    let mut checks = Checks::default();
    let to = checks.email("/to", &input.to);
    no_faults(checks)?;
    let smtp = app.config.smtp.as_ref().ok_or_else(|| Problem::new(Code::MailNotSetUp))?;
    let now = app.clock.now();
    let letter = Occasion::Test.write(&staff_reader(app, lang, None));
    let (id, text, html) = (ids::new_id(now), letter.text(), letter.html(lang));
    let parts = Parts {
        id: &id,
        recipient: &to,
        language: lang.code(),
        subject: &letter.subject,
        text: &text,
        html: &html,
    };
    let message = message::build(smtp, &parts, None, now)?;
    let refused = |stage, answer| MailTestOut { accepted: false, stage, answer };
    let way = match way(&app.config, smtp) {
        Ok(way) => way,
        Err(answer) => return Ok(refused(MailStage::Tls, answer)),
    };
    // Answered within the time that a request has.
    let patience = std::time::Duration::from_secs(45);
    let out = match tokio::time::timeout(patience, way.deliver(&message)).await {
        Ok(Ok(answer)) => MailTestOut { accepted: true, stage: MailStage::Taken, answer },
        Ok(Err(refusal)) => refused(refusal.stage, refusal.answer),
        Err(_) => refused(MailStage::Connect, format!("no answer within {} s", patience.as_secs())),
    };
    let event = Event::of_installation(AuditAction::MailTest).with("accepted", out.accepted);
    audit::service::record_alone(app, event.typed("to", None, Some(&to))).await?;
    Ok(out)
}

/// Forgets mails that need no more work.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, DbError> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_older(&mut tx, Millis(app.clock.now().0 - KEEP_MS)).await?;
    tx.commit().await?;
    Ok(gone)
}
