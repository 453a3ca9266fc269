//! Logs: recording them and getting them back.

use serde::{Deserialize, Serialize};

use crate::time::Millis;

/// A record in JSON with its nesting may be this large, in bytes (LOG-05).
pub const MAX_RECORD_BYTES: usize = 256 * 1024;
/// Deepest nesting of a record (LOG-05).
pub const MAX_RECORD_DEPTH: usize = 64;
/// Most records in a JSON batch (LOG-05).
pub const MAX_BATCH_ITEMS: usize = 1_000;
/// Most lines in an upload (LOG-05).
pub const MAX_UPLOAD_LINES: usize = 10_000;
/// Largest upload in bytes, decompressed (LOG-05).
pub const MAX_UPLOAD_BYTES: usize = 32 * 1024 * 1024;
/// Longest kind, in characters.
pub const MAX_KIND_CHARS: usize = 64;
/// Longest message, in characters.
pub const MAX_MESSAGE_CHARS: usize = 8_192;
/// Longest external id, in characters.
pub const MAX_EXTERNAL_ID_CHARS: usize = 128;
/// A log may lie this far in the future (LOG-07).
pub const MAX_FUTURE_MS: i64 = 24 * 3_600_000;
/// A log that is older than this on arrival is flagged `late` (LOG-07).
pub const LATE_AFTER_MS: i64 = 24 * 3_600_000;

/// How serious a log is, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For developers.
    Debug,
    /// Ordinary.
    #[default]
    Info,
    /// Worth a look.
    Notice,
    /// May go wrong.
    Warning,
    /// Went wrong.
    Error,
    /// Needs action now.
    Critical,
}

impl Level {
    /// All levels, mildest first.
    pub const ALL: [Self; 6] =
        [Self::Debug, Self::Info, Self::Notice, Self::Warning, Self::Error, Self::Critical];

    /// The stored and published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// Reads a level, common spellings of other systems and Dutch ones included.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name.trim().to_ascii_lowercase().as_str() {
            "debug" | "trace" | "verbose" => Self::Debug,
            "info" | "information" | "informatie" => Self::Info,
            "notice" | "melding" => Self::Notice,
            "warning" | "warn" | "waarschuwing" => Self::Warning,
            "error" | "err" | "fout" => Self::Error,
            "critical" | "crit" | "fatal" | "alert" | "emergency" | "kritiek" => Self::Critical,
            _ => return None,
        })
    }
}

/// A stored log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogOut {
    /// The customer's own number of the log: 1, 2, 3 …
    pub id: i64,
    /// Number of the customer.
    pub customer_id: i64,
    /// When it happened (documented name of `occurred_at`).
    pub timestamp: Millis,
    /// When it was stored.
    pub received_at: Millis,
    /// Type of log.
    pub kind: String,
    /// How serious it is.
    pub level: Level,
    /// One sentence about it.
    pub message: Option<String>,
    /// The JSON exactly as sent, as a string; absent with `expand=payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The JSON as sent, parsed; only with `expand=payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<serde_json::Value>))]
    pub payload: Option<Payload>,
    /// What was recorded about the record, such as warnings of the reader.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<serde_json::Value>,
    /// Way in: `web`, `api`, `batch`, `upload`, `integration`, `webhook_in`, `import` or `demo`.
    pub source: String,
    /// Address of the sender.
    pub ip_address: Option<String>,
    /// Session or key that sent it.
    pub actor_ref: Option<String>,
    /// The sender's own identifier.
    pub external_id: Option<String>,
    /// Number of the log that this one corrects.
    pub corrects_id: Option<i64>,
    /// Numbers of the logs that correct this one; only with a single log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrected_by: Vec<i64>,
    /// When the day on which it was received was sealed; only with a single log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_at: Option<Millis>,
    /// What goes into its digest beside its members (see seals); only in exports as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_salt: Option<String>,
    /// Observations such as `late`, `clock_skew` or `ambiguous_time`.
    pub flags: Vec<String>,
    /// Whether it lies in the test space.
    pub test: bool,
}

/// JSON that travels exactly as it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(pub Box<serde_json::value::RawValue>);

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// One page of logs (documented shape).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogsOut {
    /// The logs, newest arrival first unless sorted otherwise.
    pub logs: Vec<LogOut>,
    /// Logs on this page.
    pub count: usize,
    /// Limit in force.
    pub limit: u32,
    /// Offset in force (documented; a cursor is better).
    pub offset: u32,
    /// Position behind the last log.
    pub next_cursor: Option<String>,
    /// Whether logs follow.
    pub has_more: bool,
    /// Number of the newest log when the page was read; the live stream continues after it.
    pub last_id: i64,
    /// Logs that match in all, up to 10,000; only with `count=capped` or `count=exact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// Whether the time budget ended before the page was full; the cursor continues.
    pub partial: bool,
}

/// A log with the name of its customer, for staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerLogOut {
    /// Name of the customer.
    pub customer_name: String,
    /// The log.
    #[serde(flatten)]
    pub log: LogOut,
}

/// One page of logs across customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AllLogsOut {
    /// The logs, newest arrival first.
    pub data: Vec<CustomerLogOut>,
    /// Position behind the last log that was looked at; absent on the last page.
    pub next_cursor: Option<String>,
    /// Whether logs may follow.
    pub has_more: bool,
    /// Whether the time budget ended before the page was full; the cursor continues.
    pub partial: bool,
}

/// How many logs match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Total {
    /// The number counted.
    pub value: i64,
    /// Whether there are more than that.
    pub capped: bool,
}

/// Search results (documented shape).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchOut {
    /// The query as it was understood.
    pub query: String,
    /// The logs, newest arrival first.
    pub results: Vec<LogOut>,
    /// Logs on this page.
    pub count: usize,
    /// Position behind the last log.
    pub next_cursor: Option<String>,
    /// Whether logs follow.
    pub has_more: bool,
    /// Logs that match in all; only with `count=capped` or `count=exact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Total>,
    /// Whether the time budget ended before the page was full; the cursor continues.
    pub partial: bool,
}

/// A log with its neighbours in order of arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AroundOut {
    /// Up to ten logs before, oldest first.
    pub before: Vec<LogOut>,
    /// Up to ten logs after, oldest first.
    pub after: Vec<LogOut>,
}

/// Answer to a single log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogCreatedOut {
    /// Always true.
    pub success: bool,
    /// Number of the log.
    pub log_id: i64,
    /// When it happened.
    pub timestamp: Millis,
    /// When it was stored.
    pub received_at: Millis,
    /// Whether the same log had been stored before under this number.
    pub duplicate: bool,
    /// Members that could not be used and were left in `data` alone.
    pub warnings: Vec<LogWarning>,
}

/// A member that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogWarning {
    /// Place of the member (RFC 6901).
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What is wrong with it.
    pub detail: String,
}

/// What became of one item or line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum VerdictStatus {
    /// Stored.
    Created,
    /// Had been stored before.
    Duplicate,
    /// Not stored.
    Rejected,
}

/// Verdict about one item or line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verdict {
    /// Position among the items, from 0.
    pub index: usize,
    /// Line of the upload, from 1; absent for JSON batches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What became of it.
    pub status: VerdictStatus,
    /// Number of the stored log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_id: Option<i64>,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Place of the fault within the item (RFC 6901).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Why it was rejected, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Members that could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<LogWarning>,
    /// How the item was understood; only with `dry_run=true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<ParsedLog>,
}

/// A log as it was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ParsedLog {
    /// Type of log.
    pub kind: String,
    /// How serious it is.
    pub level: Level,
    /// One sentence about it.
    pub message: Option<String>,
    /// When it happened.
    pub timestamp: Millis,
    /// The sender's own identifier.
    pub external_id: Option<String>,
    /// Observations such as `late`, `clock_skew` or `ambiguous_time`.
    pub flags: Vec<String>,
}

/// Answer to a single log with `dry_run=true`: what would become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRunOut {
    /// Always true: nothing was stored.
    pub dry_run: bool,
    /// Whether the same log was stored before.
    pub duplicate: bool,
    /// Number of the log that was stored before.
    pub log_id: Option<i64>,
    /// How the log was understood.
    pub log: ParsedLog,
    /// Members that could not be used.
    pub warnings: Vec<LogWarning>,
}

/// An item that was not stored (documented shape).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchError {
    /// Position among the items, from 0.
    pub index: usize,
    /// Line of the upload, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Why, in words.
    pub detail: String,
    /// The same as `detail`, under its former name.
    pub error: String,
    /// Why, as stable code.
    pub code: String,
    /// Place of the fault within the item (RFC 6901).
    pub pointer: String,
}

/// Answer to a batch or upload: nothing is lost in silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchOut {
    /// Whether every item was stored or known.
    pub success: bool,
    /// Items received.
    pub received_count: usize,
    /// Items stored.
    pub created_count: usize,
    /// Numbers of the stored logs, in order of the items.
    pub created_ids: Vec<i64>,
    /// Items that had been stored before.
    pub duplicates: usize,
    /// Items that were not stored.
    pub rejected_count: usize,
    /// The rejected items.
    pub errors: Vec<BatchError>,
    /// One verdict for each item.
    pub verdicts: Vec<Verdict>,
    /// Whether all or nothing was asked for.
    pub atomic: bool,
    /// Whether nothing was stored because only the verdicts were asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}
