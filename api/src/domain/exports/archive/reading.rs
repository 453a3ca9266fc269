//! Opening an archive that somebody brings: nothing in it is believed before it was compared with its manifest, and
//! nothing is unpacked to disk.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::manifest::{ArchivedFile, Manifest, NAME, SCHEMA, data_name};
use super::{LOGS, TEST_LOGS};
use crate::util::crypto;

/// Bytes of a manifest at most.
const MANIFEST_BYTES: u64 = 1024 * 1024;
/// Bytes of a line at most: the largest log with every character escaped.
const LINE_BYTES: u64 = 16 * 1024 * 1024;
/// Rows of what is kept in memory at most, of one entity.
const ROWS: usize = 10_000;
/// The same of kept totals, which are small: ten years and more of quarters of an hour.
const TOTALS: usize = 400_000;

/// What is wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It cannot be read.
    #[error("it cannot be read ({0})")]
    Unreadable(String),
    /// A file that belongs in it is not there.
    #[error("{0} is not in it")]
    Missing(&'static str),
    /// It follows another schema.
    #[error("it follows the schema “{0}”, and this version reads “{SCHEMA}”")]
    OtherSchema(String),
    /// The manifest names a file that archives do not have.
    #[error("its manifest names “{0}”, which no archive has")]
    Strange(String),
    /// A file is not what the manifest says.
    #[error("{0} is not what the manifest says: it was changed or damaged")]
    Changed(String),
}

/// What was kept in memory of a verified archive.
#[derive(Debug, Default)]
pub struct Contents {
    rows: HashMap<String, Vec<Map<String, Value>>>,
    /// Numbers of logs that others correct.
    pub corrected: HashSet<i64>,
}

impl Contents {
    /// Rows of an entity.
    pub fn rows(&self, entity: &str) -> &[Map<String, Value>] {
        self.rows.get(entity).map_or(&[], Vec::as_slice)
    }
}

impl Manifest {
    /// Rows of an entity.
    pub fn rows(&self, entity: &str) -> u64 {
        let name = data_name(entity);
        self.files.iter().find(|file| file.name == name).map_or(0, |file| file.rows)
    }
}

impl ArchivedFile {
    /// Name of the entity; none for a name that archives do not have.
    pub fn entity(&self) -> Option<&str> {
        let entity = self.name.strip_prefix("data/")?.strip_suffix(".ndjson")?;
        let known =
            !entity.is_empty() && entity.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        known.then_some(entity)
    }
}

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::Unreadable(error.to_string())
}

/// Opens the ZIP.
///
/// # Errors
/// [`Fault::Unreadable`].
pub fn open(path: &Path) -> Result<ZipArchive<File>, Fault> {
    ZipArchive::new(File::open(path).map_err(unreadable)?).map_err(unreadable)
}

/// Compares every file with the manifest and keeps the rows of some entities.
///
/// # Errors
/// What is wrong with it.
pub fn verify(path: &Path, kept: &[&str]) -> Result<(Manifest, Contents), Fault> {
    let mut archive = open(path)?;
    let mut text = Vec::new();
    let file = archive.by_name(NAME).map_err(|_| Fault::Missing(NAME))?;
    file.take(MANIFEST_BYTES).read_to_end(&mut text).map_err(unreadable)?;
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_slice(&text).map_err(unreadable)?;
    if head.schema != SCHEMA {
        return Err(Fault::OtherSchema(head.schema));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(unreadable)?;
    for needed in ["data/customer.ndjson", "data/log.ndjson", "data/log_test.ndjson"] {
        if !manifest.files.iter().any(|file| file.name == needed) {
            return Err(Fault::Missing(needed));
        }
    }
    let mut contents = Contents::default();
    let mut seen = HashSet::new();
    for file in &manifest.files {
        let entity = file.entity().filter(|entity| seen.insert(*entity));
        let entity = entity.ok_or_else(|| Fault::Strange(file.name.clone()))?;
        compare(&mut archive, file, entity, kept.contains(&entity), &mut contents)?;
    }
    Ok((manifest, contents))
}

fn compare(
    archive: &mut ZipArchive<File>,
    file: &ArchivedFile,
    entity: &str,
    kept: bool,
    contents: &mut Contents,
) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Correction {
        corrects_id: Option<i64>,
    }
    let changed = || Fault::Changed(file.name.clone());
    let (mut hash, mut rows, mut bytes) = (Sha256::new(), 0_u64, 0_u64);
    let most = if entity == "log_kept" { TOTALS } else { ROWS };
    let are_logs = [LOGS, TEST_LOGS].contains(&entity);
    read_lines(archive, entity, &mut |line| {
        hash.update(line);
        (rows, bytes) = (rows + 1, bytes + line.len() as u64);
        // More than the manifest says is a bomb or a mistake, and is not read to its end.
        if bytes > file.bytes || rows > file.rows {
            return Err(changed());
        }
        if are_logs {
            let log: Correction = serde_json::from_slice(line).map_err(|_| changed())?;
            contents.corrected.extend(log.corrects_id);
        } else if kept {
            let row = serde_json::from_slice(line).map_err(|_| changed())?;
            let all = contents.rows.entry(entity.to_owned()).or_default();
            all.push(row);
            if all.len() > most {
                return Err(changed());
            }
        }
        Ok(true)
    })?;
    let same = (rows, bytes) == (file.rows, file.bytes) && crypto::hex(&hash.finalize()) == file.sha256;
    if same { Ok(()) } else { Err(changed()) }
}

/// Hands over the lines of an entity with their line break, as long as they are wanted.
///
/// # Errors
/// What is wrong with it, or what `take` says.
pub fn read_lines(
    archive: &mut ZipArchive<File>,
    entity: &str,
    take: &mut dyn FnMut(&[u8]) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let name = data_name(entity);
    let file = archive.by_name(&name).map_err(|_| Fault::Changed(name.clone()))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            return Ok(());
        }
        if line.last() != Some(&b'\n') {
            return Err(Fault::Changed(name));
        }
        if !take(&line)? {
            return Ok(());
        }
    }
}
