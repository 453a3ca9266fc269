//! Taking the audit log out: CSV or NDJSON, portion by portion.

use axum::response::Response;
use bytes::Bytes;
use shared::audit::{AuditAction, AuditChange, AuditEventOut};

use super::model::{Event, INSTALLATION};
use super::repo::Filter;
use super::service::{self, NEWEST, Reader};
use crate::app::App;
use crate::domain::exports::text::csv_line;
use crate::http::attachment::{self, LineForm};
use crate::http::problem::Answer;

/// Rows of a portion.
const PORTION: i64 = 500;

const COLUMNS: [&str; 15] = [
    "id",
    "customer_id",
    "customer",
    "number",
    "at",
    "actor_kind",
    "actor_id",
    "actor",
    "action",
    "target",
    "outcome",
    "ip_address",
    "request_id",
    "changes",
    "hash",
];

fn told(changes: &[&AuditChange]) -> String {
    let one = |change: &&AuditChange| {
        let of = |value: Option<&String>| value.map_or_else(|| "–".to_owned(), Clone::clone);
        format!("{}: {} → {}", change.field, of(change.before.as_ref()), of(change.after.as_ref()))
    };
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn cells(row: &AuditEventOut) -> [String; 15] {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let private = row.private.as_ref();
    let changes: Vec<&AuditChange> =
        row.changes.iter().chain(private.iter().flat_map(|private| &private.changes)).collect();
    [
        row.id.clone(),
        row.customer_id.to_string(),
        text(row.customer_name.as_ref()),
        row.number.to_string(),
        row.at.to_rfc3339(),
        row.actor_kind.as_str().to_owned(),
        text(row.actor_id.as_ref()),
        text(row.actor_name.as_ref()),
        row.action.clone(),
        text(row.target.as_ref()),
        row.outcome.clone(),
        text(private.and_then(|private| private.ip.as_ref())),
        text(row.request_id.as_ref()),
        told(&changes),
        row.hash.clone(),
    ]
}

fn lines(form: LineForm, rows: &[AuditEventOut]) -> Result<Vec<u8>, std::io::Error> {
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

/// EXP-09, SEC-16: the rows as a file, newest first. That they are taken out is on record before the first leaves.
///
/// # Errors
/// When the database fails.
pub async fn stream(app: &App, reader: Reader, filter: Filter, form: LineForm) -> Answer<Response> {
    let customer = match reader {
        Reader::Customer(id) => id,
        Reader::Staff => INSTALLATION,
    };
    let mut event = Event::of(AuditAction::AuditExport, customer).with("format", form.name());
    if let Some(of) = filter.customer {
        event = event.with("customer_id", of);
    }
    service::record_alone(app, event).await?;
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
            let portion = service::portion(&worker, reader, &filter, &before, PORTION).await;
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
    Ok(attachment::streamed(receiver, form.media_type(), ("audit", form.name()), app.clock.now()))
}
