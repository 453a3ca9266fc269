//! Exports: files of logs, made at once or by a job.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::seals::ManifestSeals;
use crate::time::Millis;

/// Logs in the table of a PDF report (EXP-04); the report says how many there are in all.
pub const MAX_PDF_ROWS: usize = 5_000;
/// Exports that run at the same time for one customer (EXP-05); the next one waits.
pub const MAX_RUNNING: usize = 2;
/// Jobs of one customer that wait, run or hold a file.
pub const MAX_KEPT: i64 = 20;
/// How long a finished file can be fetched, in milliseconds.
pub const KEEP_FILE_MS: i64 = 72 * 3_600_000;
/// How long after an archive the next one can be asked for, in milliseconds.
pub const ARCHIVE_EVERY_MS: i64 = 24 * 3_600_000;
/// What a manifest follows.
pub const MANIFEST_SCHEMA: &str = "mvai.export/1";

/// Form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A line of cells for each log.
    #[default]
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// One JSON document.
    Json,
    /// Excel workbook.
    Xlsx,
    /// Report with figures, charts and the first logs.
    Pdf,
    /// Everything of the customer, a ZIP with a manifest; for owners alone.
    Archive,
}

impl ExportFormat {
    /// All forms.
    pub const ALL: [Self; 6] = [Self::Csv, Self::Ndjson, Self::Json, Self::Xlsx, Self::Pdf, Self::Archive];
    /// Forms of a search: all but the archive, which always holds everything.
    pub const OF_LOGS: [Self; 5] = [Self::Csv, Self::Ndjson, Self::Json, Self::Xlsx, Self::Pdf];

    /// The ending of the file.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Archive => "zip",
            other => other.as_str(),
        }
    }

    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Archive => "archive",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
            Self::Archive => "application/zip",
        }
    }
}

/// Kind of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CsvDialect {
    /// Commas, times in UTC.
    #[default]
    #[serde(rename = "rfc4180")]
    Rfc4180,
    /// Byte order mark, semicolons, local times.
    #[serde(rename = "excel-nl")]
    ExcelNl,
}

impl CsvDialect {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Rfc4180, Self::ExcelNl];

    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc4180 => "rfc4180",
            Self::ExcelNl => "excel-nl",
        }
    }
}

/// An export to be made by a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ExportIn {
    /// Form of the file.
    pub format: ExportFormat,
    /// Kind of CSV.
    #[serde(default)]
    pub dialect: CsvDialect,
    /// Whether cells of a CSV that begin like a formula stay as they are.
    #[serde(default)]
    pub exact: bool,
    /// What to take out, in the search grammar; everything if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 4096, example = "kind:scan result:AFKEUR"))]
    pub q: Option<String>,
    /// Happened at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// Happened before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Millis>,
    /// Who gets the file by mail once it is ready: an address of the customer itself. Up to 5 MiB the file travels with the
    /// mail; of a larger one the mail has a link that works for as long as the file is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 254, example = "planning@vandijk.example"))]
    pub email_to: Option<String>,
}

/// Where an export stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ExportState {
    /// Waits for its turn.
    Queued,
    /// Is being made.
    Running,
    /// The file can be fetched.
    Ready,
    /// Broke off.
    Failed,
    /// The file is gone.
    Expired,
    /// Stopped by a person or, when streamed, by the receiver.
    Cancelled,
    /// Streamed to the receiver in full.
    Sent,
}

impl ExportState {
    /// All states.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Running, Self::Ready, Self::Failed, Self::Expired, Self::Cancelled, Self::Sent];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Sent => "sent",
        }
    }

    /// Whether something will still happen by itself.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// An export in the list of exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportOut {
    /// Its id; of a job as well.
    pub id: String,
    /// Whether it was made by a job; otherwise it was streamed.
    pub job: bool,
    /// Where it stands.
    pub state: ExportState,
    /// Rows done of rows counted, 0 to 100.
    pub progress: u8,
    /// Who asked for it: `access_code`, or `key:` with the id of the key.
    pub actor: String,
    /// Role of who asked for it.
    pub role: String,
    /// Whether it holds logs of the test space.
    pub test: bool,
    /// Form of the file.
    pub format: ExportFormat,
    /// The filter, in the search grammar; empty for all logs.
    pub q: String,
    /// Happened at or after.
    pub from: Option<Millis>,
    /// Happened before.
    pub to: Option<Millis>,
    /// Name of the file.
    pub file_name: String,
    /// Logs in the file so far.
    pub rows: i64,
    /// Size of the file so far, in bytes.
    pub bytes: i64,
    /// SHA-256 of the file, once it is complete.
    pub sha256: Option<String>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// When the file goes.
    pub expires_at: Option<Millis>,
    /// Address of the file, while it can be fetched.
    pub href: Option<String>,
    /// Who gets the file by mail.
    pub email_to: Option<String>,
}

/// One page of exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportsOut {
    /// The exports, newest first.
    pub data: Vec<ExportOut>,
    /// Opaque, signed position behind the last one; absent on the last page.
    pub next_cursor: Option<String>,
    /// Whether exports follow.
    pub has_more: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobOut {
    /// Its id.
    pub id: String,
    /// What it does: `export`.
    pub kind: String,
    /// Where it stands.
    pub state: ExportState,
    /// Rows done of rows counted, 0 to 100.
    pub progress: u8,
    /// Rows done.
    pub rows_done: i64,
    /// Rows counted; absent until they are.
    pub rows_total: Option<i64>,
    /// When it was asked for.
    pub created_at: Millis,
    /// When it began.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// What it made, while that can be fetched.
    pub result: Option<JobResult>,
    /// Why it failed.
    pub error: Option<JobError>,
}

/// What a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobResult {
    /// Address of the file.
    pub href: String,
    /// Address of its manifest.
    pub manifest: String,
    /// Name of the file.
    pub file_name: String,
    /// Media type of the file.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// When the file goes.
    pub expires_at: Millis,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobError {
    /// Stable code.
    pub code: String,
    /// In words.
    pub detail: String,
}

/// The customer of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportCustomer {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// What a file holds and how to check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestOut {
    /// What this document follows: `mvai.export/1`.
    pub schema: String,
    /// Id of the export.
    pub id: String,
    /// The customer.
    pub customer: ExportCustomer,
    /// Whether it holds logs of the test space.
    pub test: bool,
    /// Name of the file.
    pub file_name: String,
    /// Form of the file.
    pub format: ExportFormat,
    /// Media type of the file.
    pub media_type: String,
    /// Kind of CSV, where it is one.
    pub dialect: Option<CsvDialect>,
    /// The filter, in the search grammar; empty for all logs.
    pub q: String,
    /// Happened at or after.
    pub from: Option<Millis>,
    /// Happened before.
    pub to: Option<Millis>,
    /// Zone of local times in the file and of days in the filter.
    pub time_zone: String,
    /// Language of words in the file.
    pub language: Lang,
    /// Logs with a higher number came later and are not in it.
    pub up_to: i64,
    /// Logs in the file.
    pub rows: i64,
    /// Logs that fit the filter; more than `rows` where the form has a limit.
    pub rows_total: Option<i64>,
    /// Number of the first log in the file.
    pub first_id: Option<i64>,
    /// Number of the last log in the file.
    pub last_id: Option<i64>,
    /// Size in bytes.
    pub bytes: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// When the export was asked for.
    pub created_at: Millis,
    /// When the file was complete.
    pub finished_at: Millis,
    /// The seals of the logs in the file; empty for the test space.
    pub seals: ManifestSeals,
}
