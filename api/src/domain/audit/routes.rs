//! `/audit` for owners, `/admin/audit` for staff.

use std::time::Duration;

use axum::response::Response;
use shared::audit::{AUDIT_PAGE, AuditAction, AuditActorKind, AuditCheckOut, AuditEventOut};
use shared::page::Page;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::export;
use super::repo::Filter;
use super::service::{self, Reader};
use super::verify::{self, Asked};
use crate::app::App;
use crate::http::Json;
use crate::http::attachment::LineForm;
use crate::http::auth::{AllAuditRead, AuditRead, Staff, Tenant};
use crate::http::extract::ValidPath;
use crate::http::page::NextPage;
use crate::http::params::{Params, invalid};
use crate::http::problem::Answer;

/// An answer comes within this; what is larger is verified by the command line.
const PATIENCE: Duration = Duration::from_secs(20);

/// Parameters that choose rows.
const FILTERS: [&str; 7] = ["action", "actor_kind", "actor", "target", "outcome", "from", "to"];

/// Routes of the area.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_audit))
        .routes(routes!(export_audit))
        .routes(routes!(get_audit_check))
        .routes(routes!(get_audit_event))
        .routes(routes!(list_all_audit))
        .routes(routes!(export_all_audit))
        .routes(routes!(get_all_audit_check))
        .routes(routes!(get_any_audit_event))
}

fn filter(params: &Params, more: &[&str]) -> Answer<Filter> {
    params.allow(&[FILTERS.as_slice(), more].concat())?;
    let text = |name: &str, longest: usize| -> Answer<Option<String>> {
        Ok(params.text(name, longest)?.map(|text| text.trim().to_owned()))
    };
    let action = text("action", 64)?;
    if let Some(name) = &action
        && !AuditAction::ALL.iter().any(|known| known.as_str() == name || known.subject() == name)
    {
        return Err(invalid("action", "key.create, key, session.refuse, …"));
    }
    let kinds = AuditActorKind::ALL.map(|kind| (kind.as_str(), kind));
    let outcome = params.choice("outcome", &[("ok", "ok"), ("refused", "refused")])?;
    let customer = match params.get("customer") {
        Some(_) => Some(params.int("customer", 0, 0, i64::MAX)?),
        None => None,
    };
    Ok(Filter {
        customer,
        action,
        actor_kind: params.choice("actor_kind", &kinds)?.map(|kind| kind.as_str().to_owned()),
        actor: text("actor", 64)?,
        target: text("target", 128)?,
        outcome: outcome.map(str::to_owned),
        from: params.instant("from")?,
        to: params.instant("to")?,
    })
}

async fn page(app: &App, reader: Reader, filter: &Filter, params: &Params) -> Answer<Response> {
    let limit = params.int("limit", AUDIT_PAGE, 1, 1_000)?;
    let page = service::list(app, reader, filter, params.get("cursor"), limit).await?;
    Ok(NextPage::mark(page.next_cursor.clone(), Json(page)))
}

async fn file(app: &App, reader: Reader, filter: Filter, params: &Params) -> Answer<Response> {
    let form = params.choice("format", &LineForm::CHOICES)?.unwrap_or_default();
    export::stream(app, reader, filter, form).await
}

async fn check(app: &App, only: Option<i64>) -> Answer<Json<AuditCheckOut>> {
    let asked = Asked { only, kept: &[], time: Some(PATIENCE) };
    verify::database(&app.db, &app.keys, &asked, app.clock.now()).await.map(Json)
}

/// The own audit log
///
/// Who did what, when and from where: every change, every sign-in, every export, newest first. What staff of the operator
/// did for this customer is in it. Texts that people typed and addresses are in `private`, which can be erased.
#[utoipa::path(get, path = "/audit", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("audit:read"))),
    params(("action" = Option<String>, Query, description = "What was done, such as `key.create`, or to what, such as `key`", max_length = 64, example = "key"),
        ("actor_kind" = Option<AuditActorKind>, Query, description = "Kind of who did it"),
        ("actor" = Option<String>, Query, description = "Identifier of who did it", max_length = 64),
        ("target" = Option<String>, Query, description = "Identifier of what it was done to", max_length = 128),
        ("outcome" = Option<String>, Query, description = "`ok` or `refused`", pattern = "^(ok|refused)$"),
        ("from" = Option<shared::time::Millis>, Query, description = "At or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Before"),
        ("limit" = Option<u32>, Query, description = "Rows on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024)),
    responses((status = 200, description = "A page of rows", body = Page<AuditEventOut>)))]
async fn list_audit(tenant: Tenant<AuditRead>, params: Params) -> Answer<Response> {
    let filter = filter(&params, &["limit", "cursor"])?;
    page(&tenant.app, Reader::Customer(tenant.id()), &filter, &params).await
}

/// Export the own audit log
///
/// The rows that fit, as CSV or NDJSON, newest first. The export is a row of the audit log itself.
#[utoipa::path(get, path = "/audit/export", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("audit:read"))),
    params(("format" = Option<String>, Query, description = "`csv` (default) or `ndjson`", pattern = "^(csv|ndjson)$"),
        ("action" = Option<String>, Query, description = "What was done, or to what", max_length = 64),
        ("actor_kind" = Option<AuditActorKind>, Query, description = "Kind of who did it"),
        ("actor" = Option<String>, Query, description = "Identifier of who did it", max_length = 64),
        ("target" = Option<String>, Query, description = "Identifier of what it was done to", max_length = 128),
        ("outcome" = Option<String>, Query, description = "`ok` or `refused`", pattern = "^(ok|refused)$"),
        ("from" = Option<shared::time::Millis>, Query, description = "At or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Before")),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson")))))]
async fn export_audit(tenant: Tenant<AuditRead>, params: Params) -> Answer<Response> {
    let filter = filter(&params, &["format"])?;
    file(&tenant.app, Reader::Customer(tenant.id()), filter, &params).await
}

/// Verify the own audit log
///
/// Recomputes the chain of the customer and compares it with its signed checkpoint.
#[utoipa::path(get, path = "/audit/verification", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("audit:read"))),
    responses((status = 200, description = "What it has come to", body = AuditCheckOut)))]
async fn get_audit_check(tenant: Tenant<AuditRead>) -> Answer<Json<AuditCheckOut>> {
    check(&tenant.app, Some(tenant.id().0)).await
}

/// A row of the own audit log
///
/// By its permanent identifier.
#[utoipa::path(get, path = "/audit/{id}", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("audit:read"))),
    params(("id" = String, Path, description = "Identifier of the row", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The row", body = AuditEventOut)))]
async fn get_audit_event(
    tenant: Tenant<AuditRead>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<AuditEventOut>> {
    service::find(&tenant.app, Reader::Customer(tenant.id()), &id.to_string()).await.map(Json)
}

/// The audit log of everybody
///
/// Of all customers and of the installation (customer 0), newest first.
#[utoipa::path(get, path = "/admin/audit", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("all-audit:read"))),
    params(("customer" = Option<i64>, Query, description = "Number of a customer; 0 for the installation", minimum = 0),
        ("action" = Option<String>, Query, description = "What was done, such as `key.create`, or to what, such as `key`", max_length = 64, example = "session"),
        ("actor_kind" = Option<AuditActorKind>, Query, description = "Kind of who did it"),
        ("actor" = Option<String>, Query, description = "Identifier of who did it", max_length = 64),
        ("target" = Option<String>, Query, description = "Identifier of what it was done to", max_length = 128),
        ("outcome" = Option<String>, Query, description = "`ok` or `refused`", pattern = "^(ok|refused)$"),
        ("from" = Option<shared::time::Millis>, Query, description = "At or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Before"),
        ("limit" = Option<u32>, Query, description = "Rows on a page", minimum = 1, maximum = 1000, example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", max_length = 1024)),
    responses((status = 200, description = "A page of rows", body = Page<AuditEventOut>)))]
async fn list_all_audit(staff: Staff<AllAuditRead>, params: Params) -> Answer<Response> {
    let filter = filter(&params, &["customer", "limit", "cursor"])?;
    page(&staff.app, Reader::Staff, &filter, &params).await
}

/// Export the audit log of everybody
///
/// `mvai-connexx audit verify --file` verifies the chain in NDJSON. What persons and keys of customers typed is left out here
/// and so not compared; a customer's own export has it.
#[utoipa::path(get, path = "/admin/audit/export", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("all-audit:read"))),
    params(("format" = Option<String>, Query, description = "`csv` (default) or `ndjson`", pattern = "^(csv|ndjson)$"),
        ("customer" = Option<i64>, Query, description = "Number of a customer; 0 for the installation", minimum = 0),
        ("action" = Option<String>, Query, description = "What was done, or to what", max_length = 64),
        ("actor_kind" = Option<AuditActorKind>, Query, description = "Kind of who did it"),
        ("actor" = Option<String>, Query, description = "Identifier of who did it", max_length = 64),
        ("target" = Option<String>, Query, description = "Identifier of what it was done to", max_length = 128),
        ("outcome" = Option<String>, Query, description = "`ok` or `refused`", pattern = "^(ok|refused)$"),
        ("from" = Option<shared::time::Millis>, Query, description = "At or after"),
        ("to" = Option<shared::time::Millis>, Query, description = "Before")),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson")))))]
async fn export_all_audit(staff: Staff<AllAuditRead>, params: Params) -> Answer<Response> {
    let filter = filter(&params, &["customer", "format"])?;
    file(&staff.app, Reader::Staff, filter, &params).await
}

/// Verify the audit log
///
/// Recomputes every chain and compares it with its signed checkpoint, for up to 20 seconds.
#[utoipa::path(get, path = "/admin/audit/verification", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("all-audit:read"))),
    responses((status = 200, description = "What it has come to", body = AuditCheckOut)))]
async fn get_all_audit_check(staff: Staff<AllAuditRead>) -> Answer<Json<AuditCheckOut>> {
    check(&staff.app, None).await
}

/// A row of the audit log
///
/// Of any customer, by its permanent identifier.
#[utoipa::path(get, path = "/admin/audit/{id}", tag = "audit", security(("bearer" = [])), extensions(("x-permission" = json!("all-audit:read"))),
    params(("id" = String, Path, description = "Identifier of the row", format = "uuid", example = json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e"))),
    responses((status = 200, description = "The row", body = AuditEventOut)))]
async fn get_any_audit_event(
    staff: Staff<AllAuditRead>,
    ValidPath(id): ValidPath<Uuid>,
) -> Answer<Json<AuditEventOut>> {
    service::find(&staff.app, Reader::Staff, &id.to_string()).await.map(Json)
}
