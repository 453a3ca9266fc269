//! Failures that may not stop the work at hand are named and logged, never dropped in silence.

use std::fmt::Display;

/// Turns a failure into a log line.
pub trait OrLog<T> {
    /// Returns the value, or logs what failed.
    fn or_log(self, doing: &'static str) -> Option<T>;
}

impl<T, E: Display> OrLog<T> for Result<T, E> {
    fn or_log(self, doing: &'static str) -> Option<T> {
        self.map_err(|error| tracing::warn!(%error, doing, "swallowed")).ok()
    }
}
