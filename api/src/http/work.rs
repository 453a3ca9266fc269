//! Work that would hold up other requests, done beside them.

use shared::problem::Code;

use super::problem::{Answer, Problem};

/// Bodies above this are read beside the requests, which would have to wait.
const INLINE_BYTES: usize = 64 * 1024;

/// Runs work on a thread that may wait.
///
/// # Errors
/// What the work says.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?
}

/// Runs work on a body of some size where it keeps nobody waiting.
///
/// # Errors
/// What the work says.
pub async fn beside<T: Send + 'static>(
    size: usize,
    work: impl FnOnce() -> Answer<T> + Send + 'static,
) -> Answer<T> {
    if size <= INLINE_BYTES { work() } else { blocking(work).await }
}
