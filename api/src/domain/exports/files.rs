//! Finished files on disk: written under another name first, for the server's own eyes only, and gone when nobody
//! wants them any more. A file that is dropped before it is complete removes itself.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use shared::problem::Code;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

use super::make::{Go, Taker};
use super::repo;
use crate::app::App;
use crate::db::Scope;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::swallow::OrLog;

/// Ending of a file that is still being written.
const PART: &str = "part";
/// Ending of a complete file.
const DONE: &str = "done";

/// A disk that is full or does not work, as an answer.
pub(super) fn broken(error: &std::io::Error) -> Problem {
    let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    Problem::new(if full { Code::StorageFull } else { Code::StorageUnavailable }).caused_by(error)
}

fn name(id: &str, attempt: i64, ending: &str) -> String {
    format!("{id}.{attempt}.{ending}")
}

/// Id and attempt of a file of ours.
fn read_name(name: &str) -> Option<(&str, i64)> {
    let mut parts = name.split('.');
    let (id, attempt, ending) = (parts.next()?, parts.next()?, parts.next()?);
    let known = id.len() == 36
        && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && [PART, DONE].contains(&ending)
        && parts.next().is_none();
    known.then_some((id, attempt.parse().ok()?))
}

/// A file that is being written.
#[derive(Debug)]
pub struct Draft {
    file: File,
    folder: PathBuf,
    part: PathBuf,
    done: PathBuf,
    complete: bool,
}

impl Draft {
    /// Begins the file of an attempt.
    ///
    /// # Errors
    /// `storage_full`, `storage_unavailable`.
    pub async fn begin(folder: &Path, id: &str, attempt: i64) -> Answer<Self> {
        let made = folder.to_owned();
        blocking(move || make_folder(&made).map_err(|error| broken(&error))).await?;
        let part = folder.join(name(id, attempt, PART));
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&part).await.map_err(|error| broken(&error))?;
        let done = folder.join(name(id, attempt, DONE));
        Ok(Self { file, folder: folder.to_owned(), part, done, complete: false })
    }

    /// Makes the file last, under its own name.
    ///
    /// # Errors
    /// `storage_full`, `storage_unavailable`.
    pub async fn finish(mut self) -> Answer<()> {
        let io = |error: std::io::Error| broken(&error);
        self.file.flush().await.map_err(io)?;
        self.file.sync_all().await.map_err(io)?;
        tokio::fs::rename(&self.part, &self.done).await.map_err(io)?;
        self.complete = true;
        let folder = self.folder.clone();
        blocking(move || std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)).await
    }
}

impl Taker for Draft {
    async fn take(&mut self, bytes: Bytes) -> Answer<Go> {
        self.file.write_all(&bytes).await.map_err(|error| broken(&error))?;
        Ok(Go::On)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.complete {
            std::fs::remove_file(&self.part).or_log("removing a file that was not completed");
        }
    }
}

/// Makes the folder of exports, closed to others.
///
/// # Errors
/// When the disk refuses.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Opens the complete file of an attempt, with its size.
///
/// # Errors
/// `storage_unavailable` when it is not here: another server may have made it.
pub async fn open(folder: &Path, id: &str, attempt: i64) -> Answer<(File, u64)> {
    let file = File::open(folder.join(name(id, attempt, DONE))).await.map_err(|error| broken(&error))?;
    let size = file.metadata().await.map_err(|error| broken(&error))?.len();
    Ok((file, size))
}

/// Removes the complete file of an attempt, if it is here.
pub async fn remove(folder: &Path, id: &str, attempt: i64) {
    match tokio::fs::remove_file(folder.join(name(id, attempt, DONE))).await {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, id, "an export's file cannot be removed; it is tried again");
        }
        _ => {}
    }
}

/// Removes files that nobody wants any more, and says how many: expired, cancelled, of customers that were erased, or
/// left by a process that died. Files that are not ours stay.
///
/// # Errors
/// When the folder or the database cannot be read.
pub async fn sweep(app: &App) -> Answer<u64> {
    let folder = app.config.export_dir();
    let mut entries = match tokio::fs::read_dir(&folder).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(|error| broken(&error))?,
    };
    let mut removed = 0;
    while let Some(entry) = entries.next_entry().await.map_err(|error| broken(&error))? {
        let file_name = entry.file_name();
        let Some((id, attempt)) = file_name.to_str().and_then(read_name) else { continue };
        let mut conn = app.db.read(Scope::Installation).await?;
        if !repo::has_file(&mut conn, id, attempt).await? {
            drop(conn);
            removed +=
                u64::from(tokio::fs::remove_file(entry.path()).await.or_log("removing an export").is_some());
        }
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-07: a sweep knows its own files and touches no other.
    #[test]
    fn names_are_read_back() {
        let id = "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e";
        for ending in [PART, DONE] {
            assert_eq!(read_name(&name(id, 3, ending)), Some((id, 3)));
        }
        for other in ["mvai_connexx.db", "a.1.done", &format!("{id}.1.csv"), &format!("{id}.x.done"), id] {
            assert_eq!(read_name(other), None, "{other}");
        }
    }

    /// EXP-04: a file that is given up leaves nothing behind, and no other user of the machine reads one.
    #[tokio::test]
    async fn a_draft_removes_itself() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("exports");
        let id = "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e";
        let mut draft = Draft::begin(&inner, id, 1).await.unwrap();
        draft.take(Bytes::from_static(b"half")).await.unwrap();
        assert_eq!(std::fs::read_dir(&inner).unwrap().count(), 1);
        drop(draft);
        assert_eq!(std::fs::read_dir(&inner).unwrap().count(), 0);
        let mut draft = Draft::begin(&inner, id, 2).await.unwrap();
        draft.take(Bytes::from_static(b"whole")).await.unwrap();
        draft.finish().await.unwrap();
        let (_, size) = open(&inner, id, 2).await.unwrap();
        assert_eq!(size, 5);
        assert!(open(&inner, id, 1).await.is_err());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&inner), mode(&inner.join(name(id, 2, DONE)))), (0o700, 0o600));
        }
        remove(&inner, id, 2).await;
        remove(&inner, id, 2).await;
        assert_eq!(std::fs::read_dir(&inner).unwrap().count(), 0);
    }
}
