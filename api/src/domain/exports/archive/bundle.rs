//! The ZIP as it grows on disk: one file after the other, each measured.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::time::Millis;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::{ArchivedCustomer, ArchivedFile, Manifest, NAME, data_name};
use super::words::README;
use crate::domain::exports::files;
use crate::http::problem::{Answer, Problem};
use crate::util::crypto;

/// Quick rather than small: what fills an archive is read once.
const LEVEL: i64 = 1;

/// An archive that grows.
pub struct Bundle {
    /// It holds what is being packed and is far too large to be moved about.
    zip: Box<ZipWriter<File>>,
    /// The file that is being written.
    present: Option<(ArchivedFile, Sha256)>,
    files: Vec<ArchivedFile>,
    schemas: Vec<(String, String)>,
    line: Vec<u8>,
}

fn broken(error: impl Into<std::io::Error>) -> Problem {
    files::broken(&error.into())
}

fn options() -> SimpleFileOptions {
    // Files may become larger than 4 GiB.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .large_file(true)
        .unix_permissions(0o600)
}

impl Bundle {
    /// An empty archive in a folder; it removes itself unless it is finished.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn new(folder: &Path) -> Answer<Self> {
        files::make_folder(folder).map_err(broken)?;
        let file = tempfile::tempfile_in(folder).map_err(broken)?;
        Ok(Self {
            zip: Box::new(ZipWriter::new(file)),
            present: None,
            files: Vec::new(),
            schemas: Vec::new(),
            line: Vec::new(),
        })
    }

    /// Begins the file of an entity.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn begin(mut self, entity: &str, schema: &str) -> Answer<Self> {
        let file = ArchivedFile {
            name: data_name(entity),
            schema: format!("schemas/{entity}.schema.json"),
            rows: 0,
            bytes: 0,
            sha256: String::new(),
        };
        self.zip.start_file(&file.name, options()).map_err(broken)?;
        self.schemas.push((file.schema.clone(), schema.to_owned()));
        self.present = Some((file, Sha256::new()));
        Ok(self)
    }

    /// Adds lines to the file.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn add_lines<L: Serialize>(mut self, lines: &[L]) -> Answer<Self> {
        let Some((file, hash)) = &mut self.present else { return Ok(self) };
        self.line.clear();
        for line in lines {
            serde_json::to_writer(&mut self.line, line).map_err(broken)?;
            self.line.push(b'\n');
        }
        hash.update(&self.line);
        file.rows += lines.len() as u64;
        file.bytes += self.line.len() as u64;
        self.zip.write_all(&self.line).map_err(broken)?;
        Ok(self)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// None; it fits the others.
    pub fn end(mut self) -> Answer<Self> {
        if let Some((mut file, hash)) = self.present.take() {
            file.sha256 = crypto::hex(&hash.finalize());
            self.files.push(file);
        }
        Ok(self)
    }

    fn put(&mut self, name: &str, text: &str) -> Answer<()> {
        self.zip.start_file(name, options()).map_err(broken)?;
        self.zip.write_all(text.as_bytes()).map_err(broken)
    }

    /// Adds what the archive says about itself, and gives the finished file.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn finish(
        mut self,
        schema: &str,
        customer: ArchivedCustomer,
        made_at: Millis,
        up_to: i64,
    ) -> Answer<File> {
        for (name, text) in std::mem::take(&mut self.schemas) {
            self.put(&name, &text)?;
        }
        let manifest = Manifest {
            schema: schema.to_owned(),
            product_version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            customer,
            up_to,
            files: std::mem::take(&mut self.files),
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(broken)?;
        self.put(NAME, &text)?;
        self.put("README.txt", README)?;
        let mut file = self.zip.finish().map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        Ok(file)
    }
}
