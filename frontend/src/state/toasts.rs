//! Short messages about what just happened; the region that shows them is part of the design system.

use crate::prelude::*;

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// It worked; leaves by itself.
    Success,
    /// It did not; stays until closed.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Number of the message.
    pub id: u32,
    /// What kind of message it is.
    pub kind: ToastKind,
    /// The message, in the language of the moment.
    pub text: String,
}

/// At most this many messages are shown.
pub const MAX_TOASTS: usize = 3;

/// Handle on the messages.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

impl Toasts {
    /// Creates an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// The messages, oldest first (tracked).
    #[must_use]
    pub fn list(self) -> Vec<Toast> {
        self.list.get()
    }

    /// Says that something worked.
    pub fn success(self, text: impl Into<String>) {
        self.push(ToastKind::Success, text.into());
    }

    /// Says that something did not work.
    pub fn error(self, text: impl Into<String>) {
        self.push(ToastKind::Error, text.into());
    }

    /// Takes a message away.
    pub fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }

    /// Takes the latest message away.
    pub fn dismiss_latest(self) {
        self.list.update(|list| {
            list.pop();
        });
    }

    fn push(self, kind: ToastKind, text: String) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|list| {
            list.retain(|toast| toast.text != text);
            if list.len() >= MAX_TOASTS {
                list.remove(0);
            }
            list.push(Toast { id, kind, text });
        });
    }
}

/// The messages of the app.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context::<Toasts>().unwrap_or_default()
}
