//! Exports by jobs, and the record of all exports.

use shared::exports::{CsvDialect, ExportFormat as Format, ExportIn, ExportOut, ExportsOut, JobOut};
use shared::time::Millis;

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::download::{self, Progress, Saved};
use super::error::ApiError;
use super::logs::{ExportFormat, LogQuery};
use super::params::encode;

/// The newest exports.
pub fn list(api: &AuthedApi) -> Reply<ExportsOut> {
    api.fetch(Call::get("/exports?limit=20"))
}

/// Asks for an export by a job; the file goes to an address of the customer as well, if one is named.
pub fn create(
    api: &AuthedApi,
    query: &LogQuery,
    format: ExportFormat,
    email_to: Option<String>,
) -> Reply<JobOut> {
    let instant = |text: &str| Millis::from_rfc3339(text);
    let (format, dialect) = match format {
        ExportFormat::Csv => (Format::Csv, CsvDialect::Rfc4180),
        ExportFormat::CsvExcelNl => (Format::Csv, CsvDialect::ExcelNl),
        ExportFormat::Ndjson => (Format::Ndjson, CsvDialect::Rfc4180),
        ExportFormat::Json => (Format::Json, CsvDialect::Rfc4180),
        ExportFormat::Xlsx => (Format::Xlsx, CsvDialect::Rfc4180),
        ExportFormat::Pdf => (Format::Pdf, CsvDialect::Rfc4180),
    };
    let input = ExportIn {
        format,
        dialect,
        exact: false,
        q: Some(query.q.clone()).filter(|q| !q.is_empty()),
        from: instant(&query.from),
        to: instant(&query.to),
        email_to,
    };
    api.fetch(Call::post("/exports").json(&input))
}

/// Asks for everything of the customer in one file.
pub fn create_archive(api: &AuthedApi) -> Reply<JobOut> {
    api.fetch(Call::post("/exports/archive"))
}

/// Stops a job; a finished one loses its file.
pub fn remove(api: &AuthedApi, id: &str) -> Reply<JobOut> {
    api.fetch(Call::delete(format!("/jobs/{}", encode(id))))
}

/// Downloads the file of a job and saves it.
///
/// # Errors
/// See [`ApiError`].
pub async fn save(
    api: &AuthedApi,
    export: &ExportOut,
    progress: &dyn Fn(Progress),
) -> Result<Saved, ApiError> {
    let call = Call::get(format!("/exports/{}/file", encode(&export.id))).without_timeout();
    download::save(api, call, &export.file_name, progress).await
}
