//! Taking security events out: CSV or NDJSON, portion by portion (SEC-15).

use axum::response::Response;
use shared::audit::AuditAction;
use shared::security::SecurityEventOut;

use super::repo::Filter;
use super::service;
use crate::app::App;
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::exports::lines::{LineFile, PORTION};
use crate::http::attachment::LineForm;
use crate::http::problem::Answer;

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

/// The events as a file, newest first. That they are taken out is on record before the first leaves.
///
/// # Errors
/// When the database fails.
pub async fn stream(app: &App, filter: Filter, form: LineForm) -> Answer<Response> {
    let event = Event::of_installation(AuditAction::SecurityExport).with("format", form.name());
    audit::service::record_alone(app, event).await?;
    let file =
        LineFile { name: "security", form, columns: COLUMNS, cells, id: |row: &SecurityEventOut| &row.id };
    let (now, app) = (app.clock.now(), app.clone());
    Ok(file.stream(now, move |before| {
        let (app, filter) = (app.clone(), filter.clone());
        async move { service::list(&app, &filter, &before, PORTION).await }
    }))
}
