//! EXP-09: customers as a file.

use axum::response::Response;
use bytes::Bytes;
use shared::audit::AuditAction;
use shared::tenancy::CustomerOut;
use shared::time::Millis;

use super::model::CustomerFilter;
use super::service;
use crate::app::App;
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::domain::exports::text::csv_line;
use crate::http::attachment;
use crate::http::problem::Answer;

/// Customers of a portion.
const PORTION: i64 = 500;

const COLUMNS: [&str; 15] = [
    "id",
    "name",
    "contact_email",
    "vat_number",
    "country",
    "segment",
    "language",
    "time_zone",
    "plan",
    "status",
    "total_logs",
    "logs_this_month",
    "active_keys",
    "last_log_at",
    "created_at",
];

fn cells(customer: &CustomerOut) -> [String; 15] {
    [
        customer.id.to_string(),
        customer.name.clone(),
        customer.contact_email.clone(),
        customer.vat_number.clone().unwrap_or_default(),
        customer.country.clone(),
        customer.segment.as_str().to_owned(),
        customer.language.code().to_owned(),
        customer.time_zone.clone(),
        customer.plan.as_str().to_owned(),
        customer.status.as_str().to_owned(),
        customer.total_logs.to_string(),
        customer.logs_this_month.to_string(),
        customer.active_keys.to_string(),
        customer.last_log_at.map(Millis::to_rfc3339).unwrap_or_default(),
        customer.created_at.to_rfc3339(),
    ]
}

/// The customers that fit. That they are taken out is on record before the first leaves.
///
/// # Errors
/// When the database fails.
pub async fn stream(app: &App, filter: CustomerFilter) -> Answer<Response> {
    let event = Event::of_installation(AuditAction::CustomerExport)
        .changed("status", None, filter.status.map(|status| status.as_str()))
        .changed("plan", None, filter.plan.map(|plan| plan.as_str()))
        .typed("q", None, filter.q.as_deref());
    audit::service::record_alone(app, event).await?;
    let filter = CustomerFilter { limit: PORTION, ..filter };
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    let worker = app.clone();
    tokio::spawn(async move {
        let mut part = csv_line(&COLUMNS.map(str::to_owned));
        let mut cursor: Option<String> = None;
        loop {
            let page = service::list(&worker, &filter, cursor.as_deref()).await;
            let page = page.map_err(|problem| std::io::Error::other(problem.code.as_str()));
            let next = page.as_ref().ok().and_then(|page| page.next_cursor.clone());
            let sent = page.map(|page| {
                page.data.iter().for_each(|customer| part.extend(csv_line(&cells(customer))));
                Bytes::from(std::mem::take(&mut part))
            });
            // Whoever has gone, an error that cuts the connection, and the last page end it.
            if sender.send(sent).await.is_err() || next.is_none() {
                return;
            }
            cursor = next;
        }
    });
    Ok(attachment::streamed(receiver, "text/csv; charset=utf-8", ("customers", "csv"), app.clock.now()))
}
