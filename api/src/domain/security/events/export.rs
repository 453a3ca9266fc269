//! Taking security events out: CSV or NDJSON, portion by portion (SEC-15).

use axum::response::Response;
use bytes::Bytes;
use shared::audit::AuditAction;
use shared::security::SecurityEventOut;

use super::repo::Filter;
use super::service;
use crate::app::App;
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::exports::text::csv_line;
use crate::http::attachment::{self, LineForm};
use crate::http::problem::Answer;

/// Rows of a portion.
const PORTION: i64 = 500;
/// Above every id.
const NEWEST: &str = "g";

const COLUMNS: [&str; 17] = [
    "id",
    "at",
    "last_at",
    "times",
    "kind",
    "severity",
    "outcome",
    "ip_address",
    "network",
    "method",
    "path",
    "client",
    "part",
    "score",
    "rules",
    "customer_id",
    "request_id",
];

fn cells(row: &SecurityEventOut) -> [String; 17] {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        row.id.clone(),
        row.at.to_rfc3339(),
        row.last_at.to_rfc3339(),
        row.times.to_string(),
        row.kind.as_str().to_owned(),
        row.severity.as_str().to_owned(),
        row.outcome.as_str().to_owned(),
        row.ip_address.clone(),
        row.network.clone(),
        text(row.method.as_ref()),
        text(row.path.as_ref()),
        text(row.client.as_ref()),
        text(row.part.as_ref()),
        number(row.score),
        row.rules.join(" "),
        number(row.customer_id),
        text(row.request_id.as_ref()),
    ]
}

fn lines(form: LineForm, rows: &[SecurityEventOut]) -> Result<Vec<u8>, std::io::Error> {
    let mut out = Vec::new();
    for row in rows {
        match form {
            LineForm::Csv => out.extend(csv_line(&cells(row))),
            LineForm::Ndjson => {
                serde_json::to_writer(&mut out, row)?;
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}

/// The events as a file, newest first. That they are taken out is on record before the first leaves.
///
/// # Errors
/// When the database fails.
pub async fn stream(app: &App, filter: Filter, form: LineForm) -> Answer<Response> {
    let event = Event::of_installation(AuditAction::SecurityExport).with("format", form.name());
    audit::service::record_alone(app, event).await?;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    let worker = app.clone();
    tokio::spawn(async move {
        let mut before = NEWEST.to_owned();
        if form == LineForm::Csv {
            let heading = Bytes::from(format!("{}\r\n", COLUMNS.join(",")));
            if sender.send(Ok(heading)).await.is_err() {
                return;
            }
        }
        loop {
            let portion = service::list(&worker, &filter, &before, PORTION).await;
            let rows = portion.map_err(|problem| std::io::Error::other(problem.code.as_str()));
            let last = rows.as_ref().ok().and_then(|rows| rows.last()).map(|row| row.id.clone());
            let part = rows.and_then(|rows| lines(form, &rows)).map(Bytes::from);
            let broken = part.is_err();
            // Whoever has gone, or an error that cuts the connection, ends it.
            if sender.send(part).await.is_err() || broken {
                return;
            }
            match last {
                Some(last) => before = last,
                None => return,
            }
        }
    });
    Ok(attachment::streamed(receiver, form.media_type(), ("security", form.name()), app.clock.now()))
}
