//! Exports by jobs: asking, looking, stopping, fetching.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::audit::AuditAction;
use shared::exports::{ExportIn, JobOut};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::repo::Run;
use super::{files, order, range, service};
use crate::app::App;
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::http::Json;
use crate::http::auth::{AccountManage, ExportRead, PublicForm, Tenant};
use crate::http::extract::{ValidJson, ValidPath};
use crate::http::problem::Answer;
use crate::router::BASE;
use crate::util::ids::CustomerId;

/// Routes of jobs.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_export))
        .routes(routes!(create_archive))
        .routes(routes!(get_job, delete_job))
        .routes(routes!(get_export_file))
        .routes(routes!(get_download))
}

/// Export logs by a job
///
/// For large exports: the file is made on the server, kept for 72 hours, and can be fetched in parts. It holds the logs
/// that were there when it was asked for. `Location` is the job. Up to 20 exports of a customer may wait, run or be ready.
///
/// With `email_to` the file goes out by mail as well, to an address of the customer itself: the contact address. Up to 5 MiB
/// it travels with the mail; of a larger one the mail has a link that works until the file goes, and no longer than the
/// export exists. At most 20 mails in an hour.
#[utoipa::path(post, path = "/exports", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    request_body(content = ExportIn, example = json!({"format": "csv", "q": "kind:scan"})),
    responses((status = 202, description = "The job", body = JobOut, headers(("Location" = String, description = "Address of the job")))))]
async fn create_export(
    tenant: Tenant<ExportRead>,
    ValidJson(input): ValidJson<ExportIn>,
) -> Answer<Response> {
    let job = service::create(&tenant, &input).await?;
    let location = [(header::LOCATION, format!("{BASE}/jobs/{}", job.id))];
    Ok((StatusCode::ACCEPTED, location, Json(job)).into_response())
}

/// Archive of everything
///
/// Everything of the customer as one ZIP, made by a job: logs of both spaces, kinds, saved searches, keys without their
/// secrets, registers and figures, each as NDJSON with its JSON Schema, and a manifest with the SHA-256 of every file. Another
/// installation can import it. One a day.
#[utoipa::path(post, path = "/exports/archive", tag = "exports", security(("bearer" = [])), extensions(("x-permission" = json!("account:manage"))),
    responses((status = 202, description = "The job", body = JobOut, headers(("Location" = String, description = "Address of the job"))),
        (status = 429, description = "There was one in the last 24 hours", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn create_archive(tenant: Tenant<AccountManage>) -> Answer<Response> {
    let job = service::create_archive(&tenant).await?;
    let location = [(header::LOCATION, format!("{BASE}/jobs/{}", job.id))];
    Ok((StatusCode::ACCEPTED, location, Json(job)).into_response())
}

/// A job
///
/// `queued`, `running`, `ready`, `failed`, `expired` or `cancelled`, with its progress in per cent; once it is ready, where
/// the file is and until when. Jobs survive a restart of the server: one that was interrupted starts again by itself.
#[utoipa::path(get, path = "/jobs/{id}", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("id" = String, Path, description = "Id of the job", max_length = 64)),
    responses((status = 200, description = "The job", body = JobOut)))]
async fn get_job(tenant: Tenant<ExportRead>, ValidPath(id): ValidPath<String>) -> Answer<Json<JobOut>> {
    service::find_job(&tenant, &id).await.map(Json)
}

/// Stop a job
///
/// One that waits or runs is cancelled; one that is ready loses its file. Twice is no harm.
#[utoipa::path(delete, path = "/jobs/{id}", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("id" = String, Path, description = "Id of the job", max_length = 64)),
    responses((status = 200, description = "The job as it is now", body = JobOut)))]
async fn delete_job(tenant: Tenant<ExportRead>, ValidPath(id): ValidPath<String>) -> Answer<Json<JobOut>> {
    service::cancel(&tenant, &id).await.map(Json)
}

/// File of an export
///
/// The finished file of a job, whole or one range of bytes. `ETag` is its SHA-256: with `If-Range` a download that was cut
/// goes on where it ended.
#[utoipa::path(get, path = "/exports/{id}/file", tag = "exports", security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("export:read"))),
    params(("id" = String, Path, description = "Id of the export", max_length = 64),
        ("Range" = Option<String>, Header, description = "One range of bytes; what cannot be read is ignored", max_length = 128, example = "bytes=1000-"),
        ("If-Range" = Option<String>, Header, description = "`ETag` of the file that the range belongs to", max_length = 128)),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/pdf"), (Vec<u8> = "application/zip"))),
        (status = 206, description = "The part, of the same media type", content((String = "text/csv"), (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/pdf"), (Vec<u8> = "application/zip"))),
        (status = 304, description = "It is the file that the caller has"),
        (status = 409, description = "The file is not complete", body = shared::problem::ProblemOut, content_type = "application/problem+json"),
        (status = 410, description = "The file is gone", body = shared::problem::ProblemOut, content_type = "application/problem+json"),
        (status = 416, description = "The part does not lie within the file", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn get_export_file(
    tenant: Tenant<ExportRead>,
    ValidPath(id): ValidPath<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let run = service::finished(&tenant, &id).await?;
    send(&tenant.app, &run, &headers).await
}

/// File of an export, by the link from a mail
///
/// Whoever has the link gets the file, whole or one range of bytes, without signing in. It works for 72 hours, unless the
/// export is deleted before; it opens nothing else. An address may ask for 50 in an hour.
#[utoipa::path(get, path = "/downloads/{token}", tag = "exports", security(()),
    params(("token" = String, Path, description = "The link from the mail", max_length = 128),
        ("Range" = Option<String>, Header, description = "One range of bytes; what cannot be read is ignored", max_length = 128, example = "bytes=1000-"),
        ("If-Range" = Option<String>, Header, description = "`ETag` of the file that the range belongs to", max_length = 128)),
    responses((status = 200, description = "The file", content((String = "text/csv"), (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/pdf"))),
        (status = 206, description = "The part, of the same media type", content((String = "text/csv"), (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "application/pdf"))),
        (status = 304, description = "It is the file that the caller has"),
        (status = 410, description = "The file is gone", body = shared::problem::ProblemOut, content_type = "application/problem+json"),
        (status = 416, description = "The part does not lie within the file", body = shared::problem::ProblemOut, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = shared::problem::ProblemOut, content_type = "application/problem+json")))]
async fn get_download(
    form: PublicForm,
    ValidPath(token): ValidPath<String>,
    headers: HeaderMap,
) -> Answer<Response> {
    let run = service::linked(&form.app, &token).await?;
    send(&form.app, &run, &headers).await
}

/// The complete file of an export.
async fn send(app: &App, run: &Run, headers: &HeaderMap) -> Answer<Response> {
    let (file, size) = files::open(&app.config.export_dir(), &run.id, run.attempts).await?;
    let sha256 = run.sha256.as_deref().unwrap_or_default();
    let mut response = range::serve(headers, file, size, sha256).await?;
    if response.status().is_success() {
        let event = Event::of(AuditAction::ExportDownload, CustomerId(run.customer_id)).target(&run.id);
        let event =
            event.with("bytes", run.bytes).with("part", response.status() == StatusCode::PARTIAL_CONTENT);
        audit::service::record_alone(app, event).await?;
        let kind = order::format_of(&run.format).unwrap_or_default().media_type();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(value) = order::disposition(&run.file_name) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
    }
    Ok(response)
}
