//! The only place that reads the wall clock; tests set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use shared::time::Millis;

/// A source of now.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The clock of the machine.
    #[default]
    System,
    /// A clock that only moves when told to, in milliseconds.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// Makes a clock that stands at an instant.
    #[must_use]
    pub fn fixed(at: Millis) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Millis {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Millis(jiff::Timestamp::now().as_millisecond()),
            Self::Fixed(at) => Millis(at.load(Ordering::Relaxed)),
        }
    }

    /// Moves a fixed clock forward; the clock of the machine does not listen.
    pub fn advance(&self, ms: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(ms, Ordering::Relaxed);
        }
    }
}
