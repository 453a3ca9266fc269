//! Recording logs and getting them back.

use shared::analytics::{FacetsOut, HistogramOut};
use shared::logs::{AroundOut, BatchOut, LogCreatedOut, LogOut, LogsOut, SearchOut};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::download::{self, Progress, Saved};
use super::error::ApiError;
use super::params::Params;
use super::sse;

use crate::prelude::*;

/// Which logs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Query in the search grammar.
    pub q: String,
    /// From this moment (RFC 3339).
    pub from: String,
    /// Before this moment (RFC 3339).
    pub to: String,
    /// Type of log.
    pub kind: String,
    /// Level, by its stored name.
    pub level: String,
    /// Way in.
    pub source: String,
    /// Order: `-id`, `-occurred_at` or `occurred_at`.
    pub sort: String,
}

impl LogQuery {
    fn params(&self) -> Params {
        Params::new()
            .with("q", &self.q)
            .with("from", &self.from)
            .with("to", &self.to)
            .with("kind", &self.kind)
            .with("level", &self.level)
            .with("source", &self.source)
            .with("sort", &self.sort)
    }
}

/// How exactly to count the matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Count {
    /// Not at all.
    #[default]
    No,
    /// Up to 10,000.
    Capped,
    /// All.
    Exact,
}

impl Count {
    const fn as_str(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Capped => "capped",
            Self::Exact => "exact",
        }
    }
}

/// One page of a list of logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListParams {
    /// Which logs.
    pub query: LogQuery,
    /// Rows on a page; the server's default at 0.
    pub limit: u32,
    /// Position to continue at.
    pub cursor: Option<String>,
    /// How exactly to count the matches.
    pub count: Count,
}

/// One page of logs.
pub fn list(api: &AuthedApi, params: &ListParams) -> Reply<LogsOut> {
    let mut query = params.query.params();
    if params.limit > 0 {
        query = query.with_int("limit", i64::from(params.limit));
    }
    let query =
        query.with_some("cursor", params.cursor.as_deref()).with("count", params.count.as_str()).finish();
    api.fetch(Call::get(format!("/logs{query}")))
}

/// The first finds while somebody types; the server does not remember them as a search.
pub fn preview(api: &AuthedApi, words: &str, limit: u32) -> Reply<SearchOut> {
    let query =
        Params::new().with("q", words).with_int("limit", i64::from(limit)).with("preview", "true").finish();
    api.fetch(Call::get(format!("/logs/search{query}")))
}

/// Logs over time; the unit suits the range.
pub fn histogram(api: &AuthedApi, query: &LogQuery) -> Reply<HistogramOut> {
    let params = LogQuery { sort: String::new(), ..query.clone() }.params().finish();
    api.fetch(Call::get(format!("/logs/histogram{params}")))
}

/// The most frequent values of fields, separated by commas.
pub fn facets(api: &AuthedApi, query: &LogQuery, fields: &str, limit: i64) -> Reply<FacetsOut> {
    let params = LogQuery { sort: String::new(), ..query.clone() }.params();
    let params = params.with("fields", fields).with_int("limit", limit).finish();
    api.fetch(Call::get(format!("/logs/facets{params}")))
}

/// One log.
pub fn get(api: &AuthedApi, id: i64) -> Reply<LogOut> {
    api.fetch(Call::get(format!("/logs/{id}")))
}

/// The neighbours of a log in order of arrival.
pub fn around(api: &AuthedApi, id: i64) -> Reply<AroundOut> {
    api.fetch(Call::get(format!("/logs/{id}/around")))
}

/// Records one sentence.
///
/// A repeated call with the same `key` gets the first answer again and stores nothing.
pub fn create_text(api: &AuthedApi, text: &str, key: &str) -> Reply<LogCreatedOut> {
    api.fetch(create_call(&serde_json::json!({ "txt": text })).header("Idempotency-Key", key))
}

/// Records one JSON object.
pub fn create(api: &AuthedApi, body: &serde_json::Value) -> Reply<LogCreatedOut> {
    api.fetch(create_call(body))
}

/// Records JSON as it is written.
pub fn create_raw(api: &AuthedApi, body: String) -> Reply<LogCreatedOut> {
    api.fetch(Call::post("/logs").header("X-Mvai-Source", "web").text("application/json", body))
}

fn create_call(body: &serde_json::Value) -> Call {
    Call::post("/logs").header("X-Mvai-Source", "web").json(body)
}

/// Records many: `application/json`, `application/x-ndjson` or `text/csv`.
///
/// Fails as [`super::ApiError`] says; a batch of which nothing was stored is a problem `all_rejected`.
pub fn batch(api: &AuthedApi, media_type: &'static str, body: String) -> Reply<BatchOut> {
    let call =
        Call::post("/logs/batch").header("X-Mvai-Source", "web").text(media_type, body).without_timeout();
    api.fetch(call)
}

/// How to write an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExportFormat {
    /// Comma-separated values, locale-neutral.
    #[default]
    Csv,
    /// Semicolons and decimal commas, for Dutch Excel.
    CsvExcelNl,
    /// One JSON object per line.
    Ndjson,
    /// One JSON document.
    Json,
    /// Excel workbook.
    Xlsx,
    /// Report.
    Pdf,
}

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 6] = [Self::Csv, Self::CsvExcelNl, Self::Xlsx, Self::Pdf, Self::Ndjson, Self::Json];

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("csv", ""),
            Self::CsvExcelNl => ("csv", "excel-nl"),
            Self::Ndjson => ("ndjson", ""),
            Self::Json => ("json", ""),
            Self::Xlsx => ("xlsx", ""),
            Self::Pdf => ("pdf", ""),
        }
    }

    /// What it is called in short, in every language.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::CsvExcelNl => "CSV (NL)",
            Self::Ndjson => "NDJSON",
            Self::Json => "JSON",
            Self::Xlsx => "XLSX",
            Self::Pdf => "PDF",
        }
    }
}

/// Downloads the logs that a query finds and saves them under the server's file name.
///
/// # Errors
/// See [`ApiError`]; use [`AuthedApi::latest`] with a slot to make it stoppable.
pub async fn export(
    api: &AuthedApi,
    query: &LogQuery,
    format: ExportFormat,
    progress: impl Fn(Progress),
) -> Result<Saved, ApiError> {
    let (name, dialect) = format.names();
    let params = query.params().with("format", name).with("dialect", dialect).finish();
    let call = Call::get(format!("/logs/export{params}")).without_timeout();
    download::save(api, call, &format!("mvai-connexx-logs.{name}"), &progress).await
}

/// Follows new logs; reconnects by itself and continues after the last one seen.
///
/// `on_log` runs for every log in order. The stream ends with the owner (component) that started it, or by
/// [`sse::Live::stop`].
pub fn follow(
    api: AuthedApi,
    q: impl Into<String>,
    after_id: i64,
    on_log: impl Fn(LogOut) + 'static,
) -> sse::Live {
    let path = format!("/logs/stream{}", Params::new().with("q", &q.into()).finish());
    let live = sse::follow(api, path, (after_id > 0).then(|| after_id.to_string()), move |event| {
        if event.name == "log"
            && let Ok(log) = serde_json::from_str::<LogOut>(&event.data)
        {
            on_log(log);
        }
    });
    if Owner::current().is_some() {
        on_cleanup(move || live.stop());
    }
    live
}
