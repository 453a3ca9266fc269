//! Exports that are streamed to the caller at once. Each is recorded, whether it arrives in full or not.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use shared::access::Permission;
use shared::audit::AuditAction;
use shared::exports::{CsvDialect, ExportFormat, ExportState};
use shared::problem::Code;
use shared::time::Millis;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use super::make::{Go, Meter, Taker, make};
use super::order::{Form, Order, disposition};
use super::repo::{self, End, Run};
use super::service;
use super::slots::Slot;
use crate::app::App;
use crate::db::Scope;
use crate::domain::audit;
use crate::domain::logs::finder::{self, connect};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::service as logs;
use crate::http::acting;
use crate::http::auth::{ExportRead, Tenant};
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::CustomerId;
use crate::util::swallow::OrLog;

/// How long a download waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(45);
/// Reading waits for its record no longer than this; the record is made all the same (KEY-07, EXP-07).
const RECORDING: Duration = Duration::from_secs(1);
/// A stream that was not ended within this time has died with its server.
const HELD_MS: i64 = 24 * 3_600_000;
/// Up to which log a stream goes, so that a download that was cut can be continued without later logs.
pub const UP_TO: HeaderName = HeaderName::from_static("x-export-up-to");

/// Hands the file to the caller.
struct Caller {
    tenant: Tenant<ExportRead>,
    sender: mpsc::Sender<Result<Bytes, std::io::Error>>,
}

impl Taker for Caller {
    async fn take(&mut self, bytes: Bytes) -> Answer<Go> {
        Ok(if self.sender.send(Ok(bytes)).await.is_err() { Go::Stop } else { Go::On })
    }

    async fn go(&self) -> Answer<Go> {
        if self.sender.is_closed() {
            return Ok(Go::Stop);
        }
        // Who loses the right to it stops in the middle as well.
        self.tenant.app.still(&self.tenant.principal, Permission::ExportRead).await?;
        Ok(Go::On)
    }
}

/// The form that was asked for.
fn form(params: &Params) -> Answer<Form> {
    let dialect = params.choice("dialect", &CsvDialect::ALL.map(|dialect| (dialect.as_str(), dialect)))?;
    let exact = params.flag("exact")?;
    let format = params.choice("format", &ExportFormat::OF_LOGS.map(|format| (format.as_str(), format)))?;
    Ok(Form { format: format.unwrap_or_default(), dialect: dialect.unwrap_or_default(), exact })
}

/// The filtered logs as a file.
///
/// # Errors
/// `invalid_query`, `invalid_parameter`, `overloaded` while other exports take too long, or what the database says.
pub async fn filtered(tenant: Tenant<ExportRead>, params: &Params) -> Answer<Response> {
    let form = form(params)?;
    let continued = ["after", "up_to"].into_iter().find(|name| params.get(name).is_some());
    let by_line = matches!(form.format, ExportFormat::Csv | ExportFormat::Ndjson);
    if let Some(name) = continued.filter(|_| !by_line) {
        return Err(invalid(name, "format=csv, format=ndjson"));
    }
    let after = params.int("after", 0, 0, i64::MAX)?;
    let up_to = params.int("up_to", i64::MAX, 0, i64::MAX)?;
    respond(tenant, params, form, usize::MAX, (after, up_to)).await
}

/// The documented JSON export.
///
/// # Errors
/// What the database says.
pub async fn document(tenant: Tenant<ExportRead>, limit: usize) -> Answer<Response> {
    let form = Form { format: ExportFormat::Json, dialect: CsvDialect::default(), exact: false };
    respond(tenant, &Params::default(), form, limit, (0, i64::MAX)).await
}

async fn respond(
    tenant: Tenant<ExportRead>,
    params: &Params,
    form: Form,
    limit: usize,
    (after, up_to): (i64, i64),
) -> Answer<Response> {
    let mut asked = logs::asked(params, tenant.info.lang)?;
    asked.order = finder::Order::OldestArrival;
    let app = tenant.app.clone();
    let waiting = tokio::time::timeout(PATIENCE, app.exports.wait(tenant.id())).await;
    let slot = waiting.ok().flatten().ok_or_else(|| Problem::new(Code::Overloaded).retry_after(30))?;
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let newest = logs::book(&mut connect(&app, key).await?, key.customer, key.space).await?.seq;
    let order = Order {
        customer: tenant.customer.clone(),
        key,
        asked,
        form,
        limit,
        after,
        up_to: up_to.min(newest),
        lang: tenant.info.lang,
        zone: tenant.customer.local(),
        made_at: app.clock.now(),
    };
    let file_name = order.file_name();
    let up_to = order.up_to;
    let body = stream(tenant, order, slot).await;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.format.media_type()));
    headers.insert(UP_TO, HeaderValue::from(up_to));
    if let Some(value) = disposition(&file_name) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn stream(tenant: Tenant<ExportRead>, order: Order, slot: Slot) -> Body {
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    let app = tenant.app.clone();
    let mut record = tokio::spawn(acting::carried(begin(app.clone(), run(&tenant, &order), order.made_at)));
    let begun = tokio::time::timeout(RECORDING, &mut record).await.ok();
    tokio::spawn(acting::carried(async move {
        let meter = Meter::default();
        let mut caller = Caller { tenant, sender };
        let made = make(&app, &order, &meter, &mut caller).await;
        if let Err(problem) = &made {
            tracing::error!(event = "export_broken", code = problem.code.as_str(), cause = problem.cause());
        }
        let broken = made.is_err();
        let recording = tokio::spawn(acting::carried(async move {
            let id = match begun {
                Some(begun) => begun,
                None => record.await,
            };
            if let Some(id) = id.or_log("recording an export").flatten() {
                end(&app, &order, &id, &meter, &made).await.or_log("ending an export");
            }
        }));
        drop(tokio::time::timeout(RECORDING, recording).await);
        if broken {
            // Cutting the connection tells the reader that the file is not complete.
            drop(caller.sender.send(Err(std::io::Error::other("export broken off"))).await);
        }
        drop(slot);
    }));
    Body::from_stream(
        ReceiverStream::new(receiver)
            .map(|chunk| chunk.map_err(Box::<dyn std::error::Error + Send + Sync>::from)),
    )
}

/// The record of an export that begins.
fn run(tenant: &Tenant<ExportRead>, order: &Order) -> Run {
    let mut run = service::run_of(tenant, order, false);
    run.state = ExportState::Running.as_str().to_owned();
    run.started_at = Some(order.made_at.0);
    run.attempts = 1;
    run
}

/// Records that an export begins. A disk that is full must not keep customers from taking their data out: then the
/// server's own log says what the record would have said.
async fn begin(app: App, run: Run, made_at: Millis) -> Option<String> {
    let until = Millis(made_at.0 + HELD_MS);
    let kept = async {
        let mut tx = app.db.write(Scope::Customer(CustomerId(run.customer_id))).await?;
        repo::insert(&mut tx, &run, Some((&run.id, until))).await?;
        audit::service::record(&app, &mut tx, service::told(AuditAction::ExportStart, &run)).await?;
        tx.commit().await
    };
    if kept.await.or_log("recording an export").is_none() {
        tracing::error!(
            event = "export_unrecorded",
            customer = run.customer_id,
            actor = run.actor,
            format = run.format,
            query = run.query
        );
        return None;
    }
    Some(run.id)
}

async fn end(app: &App, order: &Order, id: &str, meter: &Meter, made: &Answer<Option<String>>) -> Answer<()> {
    let (rows, bytes) = meter.done();
    let (state, sha256, problem) = match made {
        Ok(Some(sha256)) => (ExportState::Sent, Some(sha256.as_str()), None),
        Ok(None) => (ExportState::Cancelled, None, None),
        Err(problem) => (ExportState::Failed, None, Some(problem.code.as_str())),
    };
    let end = End {
        state: state.as_str(),
        rows,
        bytes,
        sha256,
        ids: meter.ids(),
        problem,
        at: app.clock.now(),
        expires_at: None,
    };
    let mut tx = app.db.write(Scope::Customer(order.key.customer)).await?;
    if repo::update_ended(&mut tx, id, id, &end).await? {
        audit::service::record(app, &mut tx, service::told_end(order.key.customer, id, &end)).await?;
    }
    Ok(tx.commit().await?)
}
