//! EXP-09: logs of all customers as a file, portion by portion.

use std::sync::Arc;

use axum::response::Response;
use bytes::Bytes;
use shared::access::Permission;
use shared::audit::AuditAction;
use shared::logs::CustomerLogOut;
use shared::time::Millis;
use tokio::sync::mpsc::Sender;

use super::service::{Portion, Wanted};
use crate::app::App;
use crate::domain::exports::make::{FIRST_PORTION, fitting};
use crate::domain::exports::text::{csv_line, ndjson_line};
use crate::domain::logs::finder::Position;
use crate::domain::logs::service::expand;
use crate::http::attachment::{self, LineForm};
use crate::http::auth::Principal;
use crate::http::params::{Params, invalid};
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::ids::{CustomerId, LogId, Space};

const COLUMNS: [&str; 11] = [
    "customer",
    "customer_id",
    "id",
    "timestamp",
    "received_at",
    "kind",
    "level",
    "message",
    "source",
    "ip_address",
    "data",
];

fn cells(CustomerLogOut { customer_name, log }: CustomerLogOut) -> [String; 11] {
    [
        customer_name,
        log.customer_id.to_string(),
        log.id.to_string(),
        log.timestamp.to_rfc3339(),
        log.received_at.to_rfc3339(),
        log.kind,
        log.level.as_str().to_owned(),
        log.message.unwrap_or_default(),
        log.source,
        log.ip_address.unwrap_or_default(),
        log.data.unwrap_or_default(),
    ]
}

fn lines(form: LineForm, logs: Vec<CustomerLogOut>) -> Answer<Bytes> {
    let mut out = Vec::new();
    for mut log in logs {
        match form {
            LineForm::Csv => out.extend(csv_line(&cells(log))),
            LineForm::Ndjson => {
                expand(std::slice::from_mut(&mut log.log));
                ndjson_line(&mut out, &log)?;
            }
        }
    }
    Ok(Bytes::from(out))
}

/// Reads `after`: arrival, customer and number of the last log that arrived whole, as they stand in its line.
///
/// # Errors
/// `invalid_parameter` with an example.
pub fn after(params: &Params) -> Answer<Option<Position>> {
    let Some(text) = params.get("after") else { return Ok(None) };
    let mut parts = text.splitn(3, ',').map(str::trim);
    let mut read = || {
        let at = Millis::from_rfc3339(parts.next()?)?;
        let customer = CustomerId(parts.next()?.parse().ok()?);
        let id = LogId::new(customer, Space::Live, parts.next()?.parse().ok()?)?;
        Some((at.0, id.0))
    };
    read().map(Some).ok_or_else(|| invalid("after", "2026-11-22T08:00:00.000Z,7,1201"))
}

/// The logs as a file, newest arrival first, those that had arrived when it began. That they are taken out is on record
/// before the first leaves.
///
/// # Errors
/// When the database fails.
pub async fn stream(
    app: &App,
    principal: Arc<Principal>,
    wanted: Wanted,
    form: LineForm,
    after: Option<Position>,
) -> Answer<Response> {
    let continued = after.is_some();
    let mut told = vec![("format", form.name())];
    told.extend(continued.then_some(("continued", "true")));
    wanted.note(app, AuditAction::LogsExport, &told).await?;
    let now = app.clock.now();
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    let worker = app.clone();
    tokio::spawn(async move {
        // A file that is continued has its heading already.
        if form == LineForm::Csv && !continued {
            let heading = csv_line(&COLUMNS.map(str::to_owned));
            if sender.send(Ok(Bytes::from(heading))).await.is_err() {
                return;
            }
        }
        let start = after.unwrap_or((now.0, i64::MAX));
        if let Err(problem) = send(&worker, &principal, &wanted, form, start, &sender).await {
            tracing::error!(event = "export_broken", code = problem.code.as_str(), cause = problem.cause());
            // Cutting the connection tells the reader that the file is not complete.
            drop(sender.send(Err(std::io::Error::other(problem.code.as_str()))).await);
        }
    });
    Ok(attachment::streamed(receiver, form.media_type(), ("logs", form.name()), now))
}

/// Sends portion after portion until there is no more, or nobody takes it any more.
async fn send(
    app: &App,
    principal: &Principal,
    wanted: &Wanted,
    form: LineForm,
    mut after: Position,
    sender: &Sender<Result<Bytes, std::io::Error>>,
) -> Result<(), Problem> {
    let mut size = FIRST_PORTION;
    loop {
        // Who loses the right to it stops in the middle as well.
        app.still(principal, Permission::AllLogsRead).await?;
        let Portion { logs, next, .. } = wanted.portion(app, Some(after), size).await?;
        size = fitting(logs.iter().map(|log| &log.log), size);
        let part = blocking(move || lines(form, logs)).await?;
        if sender.send(Ok(part)).await.is_err() {
            return Ok(());
        }
        match next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}
