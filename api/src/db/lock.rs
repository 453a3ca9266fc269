//! One process per database file: a second one is refused before it touches anything.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Holds the lock until it is dropped (or the process ends).
#[derive(Debug)]
pub struct ProcessLock(#[expect(dead_code, reason = "held, not read: the lock ends with the handle")] File);

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process works on the file.
    #[error("another process uses this database; stop it first, or use PostgreSQL for several instances")]
    Taken,
    /// The lock file cannot be made.
    #[error("the lock file cannot be opened: {0}")]
    Io(#[from] std::io::Error),
}

impl ProcessLock {
    /// Takes the lock of a database file.
    ///
    /// # Errors
    /// When another process holds it, or the directory is not writable.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
