//! Addresses of capture: documents, their jobs, and what capture can do.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::options;
use shared::logs::{MAX_UPLOAD_BYTES, MAX_UPLOAD_LINES};
use shared::problem::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::capture::{self, Behaviour, JobOut};
use super::repo;
use super::routes::{expect_version, next_link};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs::model::{Origin, Source};
use crate::domain::logs::service;
use crate::http::auth::{LogsRead, LogsWrite, SignedIn, Tenant};
use crate::http::extract::{ValidPath, expect_json};
use crate::http::page::ListKey;
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};
use crate::http::{Json, body};

/// Routes of capture.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_epcis_capture, list_epcis_captures))
        .routes(routes!(get_epcis_capture))
        .route("/epcis/v2/capture", options(discover))
}

async fn discover(_caller: SignedIn) -> Response {
    let headers = [
        (header::ALLOW, HeaderValue::from_static("GET, POST, OPTIONS")),
        (HeaderName::from_static("gs1-epcis-capture-limit"), HeaderValue::from(MAX_UPLOAD_LINES)),
        (HeaderName::from_static("gs1-epcis-capture-file-size-limit"), HeaderValue::from(MAX_UPLOAD_BYTES)),
        (
            HeaderName::from_static("gs1-capture-error-behaviour"),
            HeaderValue::from_static("rollback, proceed"),
        ),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// EPCIS: capture a document
///
/// An `EPCISDocument` (or `EPCISQueryDocument`) of EPCIS 2.0 in JSON-LD, up to 10,000 events and 32 MiB (unpacked).
/// `GS1-Capture-Error-Behaviour` says what happens when an event cannot be stored: `rollback` (default) or `proceed`.
/// The answer comes when the job is done; what became of it stands under `Location` for 30 days. The same document
/// again stores nothing twice. See the REST bindings of GS1 EPCIS 2.0; errors have their form.
#[utoipa::path(post, path = "/epcis/v2/capture", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:write"))),
    params(("GS1-Capture-Error-Behaviour" = Option<String>, Header, description = "`rollback` or `proceed`", pattern = "^(rollback|proceed)$"),
        ("GS1-EPCIS-Version" = Option<String>, Header, description = "`2.0` or `2.0.0`", pattern = r"^2(\.\d+)*$")),
    request_body(content = serde_json::Value, content_type = "application/json", example = json!({"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-22T08:00:00Z", "epcisBody": {"eventList": [{"type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE", "bizStep": "shipping", "epcList": ["urn:epc:id:sscc:0614141.1234567890"]}]}})),
    responses((status = 202, description = "The job is done; see `Location`", headers(("Location" = String, description = "Address of the job")))))]
async fn create_epcis_capture(tenant: Tenant<LogsWrite>, headers: HeaderMap, body: Body) -> Answer<Response> {
    expect_json(&headers)?;
    expect_version(&headers)?;
    let behaviour = Behaviour::of(&headers)?;
    let bytes = body::read(body, MAX_UPLOAD_BYTES).await?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::new(Code::EmptyBody));
    }
    let context = service::context(&tenant);
    let origin = Origin { way: "epcis", ..service::origin(&tenant, Source::Integration, context.now) };
    let id = capture::run(&tenant.app, &origin, context, bytes, behaviour).await?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, format!("/epcis/v2/capture/{id}"))]).into_response())
}

/// EPCIS: capture jobs
///
/// Newest first. Page on with the `Link` header.
#[utoipa::path(get, path = "/epcis/v2/capture", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("perPage" = Option<u32>, Query, description = "Jobs on a page", minimum = 1, maximum = 1000),
        ("nextPageToken" = Option<String>, Query, description = "Position of a former page", max_length = 512)),
    responses((status = 200, description = "Capture jobs", content_type = "application/json", body = serde_json::Value)))]
async fn list_epcis_captures(tenant: Tenant<LogsRead>, params: Params, uri: Uri) -> Answer<Response> {
    params.allow(&["perPage", "nextPageToken"])?;
    let limit = params.int("perPage", 30, 1, 1_000)?;
    let space = if tenant.space().is_test() { "test" } else { "live" };
    let list = ListKey::new(&["epcis_capture", &tenant.id().to_string(), space]);
    let before = list.before(&tenant.app.keys, params.get("nextPageToken"))?;
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    let jobs = repo::list(&mut conn, tenant.id(), tenant.space(), &before, limit + 1).await?;
    let page = list.page(&tenant.app.keys, jobs, limit, |job| &job.id);
    let out: Vec<JobOut> = page.data.into_iter().map(JobOut::from).collect();
    Ok(next_link(&uri, page.next_cursor, Json(out)))
}

/// EPCIS: a capture job
///
/// Whether all events were stored, and what was wrong with those that were not.
#[utoipa::path(get, path = "/epcis/v2/capture/{captureID}", tag = "ingest", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("logs:read"))),
    params(("captureID" = String, Path, description = "Id of the job", max_length = 64)),
    responses((status = 200, description = "The job", content_type = "application/json", body = serde_json::Value)))]
async fn get_epcis_capture(
    tenant: Tenant<LogsRead>,
    ValidPath(id): ValidPath<String>,
) -> Answer<Json<JobOut>> {
    let missing = || Problem::new(Code::NotFound);
    let known = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if !known {
        return Err(missing());
    }
    let mut conn = tenant.app.db.read(Scope::Customer(tenant.id())).await?;
    let job = repo::find(&mut conn, tenant.id(), tenant.space(), &id).await?;
    job.map(|job| Json(JobOut::from(job))).ok_or_else(missing)
}
