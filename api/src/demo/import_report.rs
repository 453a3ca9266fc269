//! What an import is asked for, what it answers, and why it may fail (OPS-13).

use std::path::PathBuf;

use serde::Serialize;
use shared::lang::Lang;

use crate::http::problem::Problem;

/// How a file is imported.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Customer that gets the logs; "Legacy Data" if absent.
    pub customer: Option<String>,
    /// Read times as local times of the installation instead of UTC.
    pub local_times: bool,
    /// Store nothing.
    pub dry_run: bool,
    /// Leave the file where it is.
    pub keep: bool,
}

/// What became of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Name of the customer.
    pub customer: String,
    /// Access code, where the customer was made for the import; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_code: Option<String>,
    /// Rows read.
    pub read: u64,
    /// Logs stored (in a dry run: that would be stored).
    pub created: u64,
    /// Rows that are stored already, or stand in the file twice.
    pub duplicates: u64,
    /// Rows that cannot be stored.
    pub rejected: Vec<Rejected>,
    /// Where the file is now.
    pub backup: Option<PathBuf>,
}

/// A row that cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its place in the list, from 0.
    pub index: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Why an import ends before the end of the file. Rows before it are stored and known the next time.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("{} cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not JSON of the former edition, or breaks off.
    #[error("the file cannot be read after {rows} row(s), which are imported: {source}")]
    Read {
        /// Rows before the fault.
        rows: u64,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The rows cannot be stored.
    #[error("{}", in_words(.0))]
    Refused(Problem),
    /// Everything is stored, but the file cannot be renamed.
    #[error("all rows are imported, but {} cannot be renamed: {source}", path.display())]
    Rename {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

fn in_words(problem: &Problem) -> String {
    let detail = problem.detail(Lang::En);
    problem.cause().map_or_else(|| detail.clone(), |cause| format!("{detail} ({cause})"))
}
