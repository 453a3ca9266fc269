//! What an archive says about itself.

use serde::{Deserialize, Serialize};
use shared::time::Millis;

/// What a manifest follows.
pub const SCHEMA: &str = "mvai.archive/1";
/// Where it stands in the archive.
pub const NAME: &str = "manifest.json";

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always [`SCHEMA`]; another one is read by another version.
    pub schema: String,
    /// Version of the product that made it.
    pub product_version: String,
    /// When it was asked for.
    pub made_at: Millis,
    /// Whose it is.
    pub customer: ArchivedCustomer,
    /// Number of the last log in it.
    pub up_to: i64,
    /// The files with data.
    pub files: Vec<ArchivedFile>,
}

/// Whose archive it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedCustomer {
    /// Number in the installation that made it.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// A file with data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedFile {
    /// Name within the archive, `data/log.ndjson`.
    pub name: String,
    /// Name of the schema of a line within the archive.
    pub schema: String,
    /// Lines.
    pub rows: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// SHA-256 of the unpacked bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Name of the file of an entity.
#[must_use]
pub fn data_name(entity: &str) -> String {
    format!("data/{entity}.ndjson")
}
