//! Asking for exports, looking at them, stopping them.

use shared::access::Role;
use shared::audit::AuditAction;
use shared::exports::{
    ARCHIVE_EVERY_MS, ExportCustomer, ExportFormat, ExportIn, ExportOut, ExportState, JobError, JobOut,
    JobResult, MANIFEST_SCHEMA, MAX_KEPT, MAX_PDF_ROWS, ManifestOut,
};
use shared::lang::Lang;
use shared::problem::Code;
use shared::seals::ManifestSeals;
use shared::tenancy::CustomerStatus;
use shared::time::Millis;
use shared::validate::{Checks, FieldCode};
use tokio::io::AsyncReadExt;

use super::order::{Form, Order, dialect_of, format_of};
use super::repo::{self, End, Run, Viewer};
use super::{files, link};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::logs::finder::{self, connect};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::seals;
use crate::domain::logs::service::{self as logs, Asked};
use crate::domain::{mail, tenancy};
use crate::http::auth::{Caller, Customer, Tenant};
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::router::BASE;
use crate::util::ids::{self, CustomerId};

/// An export as it is first stored.
pub fn run_of<P>(tenant: &Tenant<P>, order: &Order, job: bool) -> Run {
    let (from, to) = order.asked.occurred;
    Run {
        id: ids::new_id(order.made_at),
        customer_id: order.key.customer.0,
        test: order.key.space.is_test(),
        job,
        state: ExportState::Queued.as_str().to_owned(),
        actor: tenant.principal.actor_ref(),
        role: tenant.principal.role().as_str().to_owned(),
        format: order.form.format.as_str().to_owned(),
        dialect: order.form.dialect.as_str().to_owned(),
        exact: order.form.exact,
        query: order.asked.query.to_string(),
        occurred_from: Some(from).filter(|from| *from != i64::MIN),
        occurred_to: Some(to).filter(|to| *to != i64::MAX),
        after_id: order.after,
        up_to: order.up_to,
        language: order.lang.code().to_owned(),
        time_zone: order.zone.name.clone(),
        file_name: order.file_name(),
        rows_total: None,
        rows_done: 0,
        bytes: 0,
        sha256: None,
        first_id: None,
        last_id: None,
        problem: None,
        attempts: 0,
        created_at: order.made_at.0,
        started_at: None,
        finished_at: None,
        expires_at: None,
        email_to: None,
    }
}

/// What the audit log is told of an export that begins.
pub(super) fn told(action: AuditAction, run: &Run) -> Event {
    let instant = |at: Option<i64>| at.map(|at| Millis(at).to_rfc3339());
    Event::of(action, CustomerId(run.customer_id))
        .target(&run.id)
        .with("format", &run.format)
        .with("test", run.test)
        .changed("from", None, instant(run.occurred_from))
        .changed("to", None, instant(run.occurred_to))
        .typed("q", None, Some(run.query.as_str()).filter(|query| !query.is_empty()))
}

/// What the audit log is told of an export that came to its end: EXP-07 wants rows, bytes and checksum.
pub(super) fn told_end(customer: CustomerId, id: &str, end: &End<'_>) -> Event {
    let event = Event::of(AuditAction::ExportFinish, customer)
        .target(id)
        .with("state", end.state)
        .with("rows", end.rows)
        .with("bytes", end.bytes)
        .changed("sha256", None, end.sha256);
    if end.problem.is_some() { event.changed("problem", None, end.problem).refused() } else { event }
}

/// Whose exports a caller sees: the owner those of everybody, others their own.
fn viewer<P>(tenant: &Tenant<P>) -> Option<(String, &'static str)> {
    let owner =
        matches!(tenant.principal.caller, Caller::Person { .. }) && tenant.principal.role() == Role::Owner;
    (!owner).then(|| (tenant.principal.actor_ref(), tenant.principal.role().as_str()))
}

fn seen_by<'a>(viewer: Option<&'a (String, &'static str)>) -> Viewer<'a> {
    viewer.map(|(actor, role)| (actor.as_str(), *role))
}

/// Asks for an export by a job. It holds the logs that were there when it was asked for.
///
/// # Errors
/// `invalid_body`, `invalid_query`, `export_limit_reached`, `rate_limited`, or what the database says.
pub async fn create<P>(tenant: &Tenant<P>, input: &ExportIn) -> Answer<JobOut> {
    if input.format == ExportFormat::Archive {
        let mut checks = Checks::default();
        let forms = ExportFormat::OF_LOGS.map(ExportFormat::as_str).join(", ");
        checks.fail("/format", FieldCode::OneOf, &[("allowed", forms)]);
        no_faults(checks)?;
    }
    begin(tenant, input).await
}

/// Asks for the archive of a customer, by a job: one a day (LEG-06).
///
/// # Errors
/// `archive_limit_reached`, `export_limit_reached`, or what the database says.
pub async fn create_archive<P>(tenant: &Tenant<P>) -> Answer<JobOut> {
    begin(tenant, &ExportIn { format: ExportFormat::Archive, ..ExportIn::default() }).await
}

async fn begin<P>(tenant: &Tenant<P>, input: &ExportIn) -> Answer<JobOut> {
    let app = &tenant.app;
    let email_to =
        input.email_to.as_deref().map(|address| own_address(&tenant.customer, address)).transpose()?;
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let asked = Asked {
        query: logs::parse(input.q.as_deref().unwrap_or_default(), tenant.info.lang)?,
        occurred: logs::occurred(input.from, input.to)?,
        text: String::new(),
        order: finder::Order::OldestArrival,
    };
    let up_to = logs::book(&mut connect(app, key).await?, key.customer, key.space).await?.seq;
    let order = Order {
        customer: tenant.customer.clone(),
        key,
        asked,
        form: Form { format: input.format, dialect: input.dialect, exact: input.exact },
        limit: usize::MAX,
        after: 0,
        up_to,
        lang: tenant.info.lang,
        zone: tenant.customer.local(),
        made_at: app.clock.now(),
    };
    let run = Run { email_to, ..run_of(tenant, &order, true) };
    let mut tx = app.db.write(Scope::Customer(tenant.id())).await?;
    if input.format == ExportFormat::Archive {
        // One after the other for a customer, so that two at once do not both pass.
        tenancy::service::lock_plan(&mut tx, tenant.id()).await?;
        let since = Millis(order.made_at.0 - ARCHIVE_EVERY_MS);
        if repo::count_archives(&mut tx, tenant.id(), since).await? > 0 {
            return Err(Problem::new(Code::ArchiveLimitReached).retry_after(3_600));
        }
    }
    if repo::count_kept(&mut tx, tenant.id()).await? >= MAX_KEPT {
        return Err(Problem::new(Code::ExportLimitReached).with("limit", MAX_KEPT));
    }
    if run.email_to.is_some() {
        mail::service::admit_export(app, &mut tx, tenant.id()).await?;
    }
    repo::insert(&mut tx, &run, None).await?;
    audit::service::record(app, &mut tx, told(AuditAction::ExportCreate, &run)).await?;
    tx.commit().await?;
    app.exports.bell.notify_one();
    Ok(job_out(&run, order.made_at, tenant.info.lang))
}

/// EXP-06: an address that exports may go to: one of the customer itself.
fn own_address(customer: &Customer, address: &str) -> Answer<String> {
    let mut checks = Checks::default();
    let asked = checks.email("/email_to", address);
    let own = tenancy::service::own_addresses(customer);
    let known = own.into_iter().find(|known| known.eq_ignore_ascii_case(&asked));
    if checks.errors.is_empty() && known.is_none() {
        checks.fail("/email_to", FieldCode::NotOwnAddress, &[]);
    }
    no_faults(checks)?;
    known.ok_or_else(|| Problem::new(Code::Internal))
}

/// What a mail about an export brings.
#[derive(Debug)]
pub enum Mailed {
    /// The file, with its media type.
    File(Vec<u8>, String),
    /// The address of the file.
    Link(String),
    /// Nothing: the export was deleted, or its time is over.
    Gone,
}

/// EXP-06: what the mail about an export brings now.
///
/// # Errors
/// When the database or the file cannot be read.
pub async fn mailed(app: &App, id: &str, attached: bool) -> Answer<Mailed> {
    let run = repo::find_any(&mut app.db.read(Scope::Installation).await?, id).await?;
    let Some(run) = run.filter(|run| state(run, app.clock.now()) == ExportState::Ready) else {
        return Ok(Mailed::Gone);
    };
    if !attached {
        let path = link::path(&app.keys, &run);
        return Ok(path.map_or(Mailed::Gone, |path| Mailed::Link(format!("{}{path}", app.config.address()))));
    }
    let (mut file, _) = files::open(&app.config.export_dir(), &run.id, run.attempts).await?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .await
        .map_err(|error| Problem::new(Code::StorageUnavailable).caused_by(&error))?;
    let kind = format_of(&run.format).unwrap_or_default().media_type();
    Ok(Mailed::File(bytes, kind.to_owned()))
}

/// EXP-06: the complete export that a link from a mail names.
///
/// # Errors
/// `not_found` for what is no link of ours and for customers that are stopped, `export_expired`.
pub async fn linked(app: &App, token: &str) -> Answer<Run> {
    let missing = || Problem::new(Code::NotFound);
    let id = link::export_of(token).ok_or_else(missing)?;
    let run = repo::find_any(&mut app.db.read(Scope::Installation).await?, &id).await?;
    let run = run.filter(|run| link::is_genuine(&app.keys, token, run)).ok_or_else(missing)?;
    let customer = app.customer(CustomerId(run.customer_id)).await?.ok_or_else(missing)?;
    match customer.status {
        CustomerStatus::Active | CustomerStatus::ReadOnly | CustomerStatus::Closing => {}
        CustomerStatus::Suspended | CustomerStatus::Closed => return Err(missing()),
    }
    match state(&run, app.clock.now()) {
        ExportState::Ready => Ok(run),
        _ => Err(Problem::new(Code::ExportExpired)),
    }
}

/// An export that the caller may see.
///
/// # Errors
/// `not_found`.
pub async fn find<P>(tenant: &Tenant<P>, id: &str) -> Answer<Run> {
    let missing = || Problem::new(Code::NotFound);
    let known = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !known {
        return Err(missing());
    }
    let viewer = viewer(tenant);
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    repo::find(&mut conn, tenant.id(), seen_by(viewer.as_ref()), id).await?.ok_or_else(missing)
}

/// A job that the caller may see.
///
/// # Errors
/// `not_found`.
pub async fn find_job<P>(tenant: &Tenant<P>, id: &str) -> Answer<JobOut> {
    let run = find(tenant, id).await?;
    if !run.job {
        return Err(Problem::new(Code::NotFound));
    }
    Ok(job_out(&run, tenant.app.clock.now(), tenant.info.lang))
}

/// Exports that the caller may see, newest first, older than one.
///
/// # Errors
/// When the database fails.
pub async fn list<P>(tenant: &Tenant<P>, before: &str, limit: i64) -> Answer<Vec<ExportOut>> {
    let viewer = viewer(tenant);
    let now = tenant.app.clock.now();
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    let runs = repo::list(&mut conn, tenant.id(), seen_by(viewer.as_ref()), before, limit).await?;
    Ok(runs.iter().map(|run| export_out(run, now)).collect())
}

/// Stops a job that waits or runs; a finished one loses its file. Twice is no harm.
///
/// # Errors
/// `not_found`, or what the database says.
pub async fn cancel<P>(tenant: &Tenant<P>, id: &str) -> Answer<JobOut> {
    let run = find(tenant, id).await?;
    if !run.job {
        return Err(Problem::new(Code::NotFound));
    }
    let app = &tenant.app;
    let mut tx = app.db.write(Scope::Customer(tenant.id())).await?;
    if repo::update_cancelled(&mut tx, tenant.id(), &run.id, app.clock.now()).await? {
        let event = Event::of(AuditAction::ExportCancel, tenant.id()).target(&run.id);
        audit::service::record(app, &mut tx, event).await?;
    }
    tx.commit().await?;
    files::remove(&app.config.export_dir(), &run.id, run.attempts).await;
    find_job(tenant, id).await
}

/// The complete file of an export that the caller may see.
///
/// # Errors
/// `not_found`, `state_conflict` before it is complete, `export_expired`.
pub async fn finished<P>(tenant: &Tenant<P>, id: &str) -> Answer<Run> {
    let run = find(tenant, id).await?;
    match state(&run, tenant.app.clock.now()) {
        ExportState::Ready => Ok(run),
        ExportState::Expired => Err(Problem::new(Code::ExportExpired)),
        other => Err(Problem::new(Code::StateConflict).with("state", other.as_str())),
    }
}

/// What a complete export holds.
///
/// # Errors
/// `not_found`, `state_conflict` when it was never complete.
pub async fn manifest<P>(tenant: &Tenant<P>, id: &str) -> Answer<ManifestOut> {
    let run = find(tenant, id).await?;
    let (Some(sha256), Some(finished_at)) = (run.sha256.clone(), run.finished_at) else {
        return Err(
            Problem::new(Code::StateConflict).with("state", state(&run, tenant.app.clock.now()).as_str())
        );
    };
    let format = format_of(&run.format).unwrap_or_default();
    let numbers = run.first_id.zip(run.last_id).filter(|_| run.rows_done > 0);
    let seals = match run.test {
        false => seals::service::of_export(&tenant.app, tenant.id(), numbers).await?,
        true => ManifestSeals::default(),
    };
    Ok(ManifestOut {
        seals,
        schema: MANIFEST_SCHEMA.to_owned(),
        customer: ExportCustomer { id: run.customer_id, name: tenant.customer.name.clone() },
        test: run.test,
        file_name: run.file_name,
        media_type: format.media_type().to_owned(),
        dialect: dialect_of(&run.dialect).filter(|_| format == ExportFormat::Csv),
        format,
        q: run.query,
        from: run.occurred_from.map(Millis),
        to: run.occurred_to.map(Millis),
        time_zone: run.time_zone,
        language: Lang::from_code(&run.language).unwrap_or_default(),
        up_to: run.up_to,
        rows: run.rows_done,
        rows_total: run.rows_total,
        first_id: run.first_id,
        last_id: run.last_id,
        bytes: run.bytes,
        sha256,
        created_at: Millis(run.created_at),
        finished_at: Millis(finished_at),
        id: run.id,
    })
}

/// Where an export stands now: a file whose time is over is gone, whether it was swept or not.
fn state(run: &Run, now: Millis) -> ExportState {
    let stored = ExportState::ALL.into_iter().find(|state| state.as_str() == run.state);
    match stored.unwrap_or(ExportState::Failed) {
        ExportState::Ready if run.expires_at.is_some_and(|at| at <= now.0) => ExportState::Expired,
        state => state,
    }
}

/// Rows done of rows counted, in per cent; a job that still works on its file has not reached the end.
fn progress(run: &Run, now: Millis) -> u8 {
    match state(run, now) {
        ExportState::Ready | ExportState::Expired | ExportState::Sent => return 100,
        ExportState::Queued => return 0,
        ExportState::Running | ExportState::Failed | ExportState::Cancelled => {}
    }
    let limit = if run.format == ExportFormat::Pdf.as_str() {
        i64::try_from(MAX_PDF_ROWS).unwrap_or(i64::MAX)
    } else {
        i64::MAX
    };
    let total = run.rows_total.unwrap_or_default().min(limit).max(1);
    u8::try_from(run.rows_done.saturating_mul(100) / total).unwrap_or(99).min(99)
}

fn file_address(run: &Run) -> String {
    format!("{BASE}/exports/{}/file", run.id)
}

fn export_out(run: &Run, now: Millis) -> ExportOut {
    let state = state(run, now);
    ExportOut {
        id: run.id.clone(),
        job: run.job,
        state,
        progress: progress(run, now),
        actor: run.actor.clone(),
        role: run.role.clone(),
        test: run.test,
        format: format_of(&run.format).unwrap_or_default(),
        q: run.query.clone(),
        from: run.occurred_from.map(Millis),
        to: run.occurred_to.map(Millis),
        file_name: run.file_name.clone(),
        rows: run.rows_done,
        bytes: run.bytes,
        sha256: run.sha256.clone(),
        created_at: Millis(run.created_at),
        finished_at: run.finished_at.map(Millis),
        expires_at: run.expires_at.map(Millis),
        href: (state == ExportState::Ready).then(|| file_address(run)),
        email_to: run.email_to.clone(),
    }
}

fn job_out(run: &Run, now: Millis, lang: Lang) -> JobOut {
    let state = state(run, now);
    let error = run.problem.as_deref().map(|code| {
        let known = Code::ALL.iter().find(|known| known.as_str() == code).copied();
        JobError { code: code.to_owned(), detail: Problem::new(known.unwrap_or(Code::Internal)).detail(lang) }
    });
    let result = match (&run.sha256, run.expires_at) {
        (Some(sha256), Some(expires_at)) if state == ExportState::Ready => Some(JobResult {
            href: file_address(run),
            manifest: format!("{BASE}/exports/{}/manifest", run.id),
            file_name: run.file_name.clone(),
            media_type: format_of(&run.format).unwrap_or_default().media_type().to_owned(),
            bytes: run.bytes,
            sha256: sha256.clone(),
            expires_at: Millis(expires_at),
        }),
        _ => None,
    };
    JobOut {
        id: run.id.clone(),
        kind: "export".to_owned(),
        state,
        progress: progress(run, now),
        rows_done: run.rows_done,
        rows_total: run.rows_total,
        created_at: Millis(run.created_at),
        started_at: run.started_at.map(Millis),
        finished_at: run.finished_at.map(Millis),
        result,
        error: error.filter(|_| state == ExportState::Failed),
    }
}

/// Exports of live logs that people took or had made, begun within a period.
///
/// # Errors
/// When the database fails.
pub async fn by_people(
    conn: &mut Conn,
    customer: CustomerId,
    period: (Millis, Millis),
) -> Result<i64, DbError> {
    repo::count_taken(conn, customer, period, false).await
}

/// Exports of live logs that were taken or made within a period; none where they are not kept so long.
///
/// # Errors
/// When the database fails.
pub async fn count_taken(
    conn: &mut Conn,
    customer: CustomerId,
    period: (Millis, Millis),
    now: Millis,
) -> Result<Option<i64>, DbError> {
    if period.0.0 < now.0 - super::KEEP_RECORD_MS {
        return Ok(None);
    }
    repo::count_taken(conn, customer, period, true).await.map(Some)
}

/// Forgets files and exports whose time is over, and says how many files were removed.
///
/// # Errors
/// When the database or the folder cannot be read.
pub async fn sweep(app: &App) -> Answer<u64> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    repo::update_expired(&mut tx, now).await?;
    repo::update_abandoned(&mut tx, now, now).await?;
    repo::delete_older(&mut tx, Millis(now.0 - super::KEEP_RECORD_MS)).await?;
    tx.commit().await?;
    files::sweep(app).await
}

/// LOG-10: what a customer erased is in no file any more: files that are ready go, those that are being made begin anew.
///
/// # Errors
/// When the database or the folder cannot be read.
pub async fn withdraw(app: &App, customer: CustomerId) -> Answer<()> {
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let some = repo::update_withdrawn(&mut tx, customer, app.clock.now()).await? > 0;
    tx.commit().await?;
    if some {
        files::sweep(app).await?;
    }
    Ok(())
}

/// Takes back what a process that is gone was working on. On SQLite there is one process, so whatever runs at the
/// start was interrupted; on PostgreSQL other servers are at work, and a lease that ends says the same.
///
/// # Errors
/// When the database fails.
pub async fn recover(app: &App) -> Answer<u64> {
    let mut tx = app.db.write(Scope::Installation).await?;
    let until = match tx.dialect() {
        crate::db::Dialect::Sqlite => Millis(i64::MAX),
        crate::db::Dialect::Postgres => app.clock.now(),
    };
    let back = repo::update_abandoned(&mut tx, until, app.clock.now()).await?;
    tx.commit().await?;
    Ok(back)
}
