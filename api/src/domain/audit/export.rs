//! Taking the audit log out: CSV or NDJSON, portion by portion.

use axum::response::Response;
use shared::audit::{AuditAction, AuditChange, AuditEventOut};

use super::model::{Event, INSTALLATION};
use super::repo::Filter;
use super::service::{self, Reader};
use crate::app::App;
use crate::domain::exports::lines::{LineFile, PORTION};
use crate::http::attachment::LineForm;
use crate::http::problem::Answer;

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
    let file = LineFile { name: "audit", form, columns: COLUMNS, cells, id: |row: &AuditEventOut| &row.id };
    let (now, app) = (app.clock.now(), app.clone());
    Ok(file.stream(now, move |before| {
        let (app, filter) = (app.clone(), filter.clone());
        async move { service::portion(&app, reader, &filter, &before, PORTION).await }
    }))
}
