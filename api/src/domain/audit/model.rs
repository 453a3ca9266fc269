//! What happened, before it is a row.

use std::fmt::Display;

use shared::audit::{AuditAction, AuditChange, MAX_AUDIT_TEXT};

use crate::http::acting::Actor;
use crate::util::ids::CustomerId;

/// The chain of what concerns no customer.
pub const INSTALLATION: CustomerId = CustomerId(0);

/// Something that happened. Secrets are never put in; texts that people typed go in with [`Event::typed`], which keeps
/// them where they can be erased.
#[derive(Debug, Clone)]
pub struct Event {
    pub(super) customer: CustomerId,
    pub(super) action: AuditAction,
    pub(super) target: Option<String>,
    pub(super) refused: bool,
    pub(super) by: Option<Actor>,
    pub(super) changes: Vec<AuditChange>,
    pub(super) typed: Vec<AuditChange>,
}

impl Event {
    /// Something that was done to a customer, or for one.
    #[must_use]
    pub const fn of(action: AuditAction, customer: CustomerId) -> Self {
        Self {
            customer,
            action,
            target: None,
            refused: false,
            by: None,
            changes: Vec::new(),
            typed: Vec::new(),
        }
    }

    /// Something that concerns no customer.
    #[must_use]
    pub const fn of_installation(action: AuditAction) -> Self {
        Self::of(action, INSTALLATION)
    }

    /// To which one: an identifier.
    #[must_use]
    pub fn target(mut self, id: impl Into<String>) -> Self {
        self.target = Some(id.into());
        self
    }

    /// By somebody else than the sender of the request.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.by = Some(actor);
        self
    }

    /// It was tried and refused.
    #[must_use]
    pub const fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// A value of the product (a number, a word of ours, an identifier): never a text that somebody typed.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Display) -> Self {
        self.changes.push(change(field, None, Some(value.to_string())));
        self
    }

    /// A value of the product before and after, if it differs.
    #[must_use]
    pub fn changed<T: Display>(mut self, field: &str, before: Option<T>, after: Option<T>) -> Self {
        let (before, after) = (before.map(|value| value.to_string()), after.map(|value| value.to_string()));
        if before != after {
            self.changes.push(change(field, before, after));
        }
        self
    }

    /// A text that somebody typed, before and after, if it differs.
    #[must_use]
    pub fn typed(mut self, field: &str, before: Option<&str>, after: Option<&str>) -> Self {
        if before != after {
            self.typed.push(change(field, before.map(cut), after.map(cut)));
        }
        self
    }
}

fn change(field: &str, before: Option<String>, after: Option<String>) -> AuditChange {
    AuditChange { field: field.to_owned(), before, after }
}

/// A text up to what is kept of it.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_AUDIT_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-16: what did not change is not told, and long texts are cut.
    #[test]
    fn changes_are_what_differs() {
        let event = Event::of_installation(AuditAction::CustomerUpdate)
            .changed("plan", Some("mkb"), Some("mkb"))
            .changed("days", None, Some(30))
            .typed("name", Some("a"), Some("a"))
            .typed("notes", None, Some(&"é".repeat(600)));
        assert_eq!(event.changes, [change("days", None, Some("30".to_owned()))]);
        let kept = event.typed[0].after.clone().unwrap();
        assert!(event.typed.len() == 1 && kept.chars().count() == MAX_AUDIT_TEXT + 1 && kept.ends_with('…'));
    }
}
