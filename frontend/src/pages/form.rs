//! What forms have in common: faults by field, wherever they were found, and the summary above the form.

use shared::problem::{Code, FieldError, FieldErrorOut};

use crate::api::ApiError;
use crate::i18n::{I18n, Texts, use_i18n};
use crate::prelude::*;
use crate::ui::ErrorSummary;

/// Which control shows the faults of which member: pointer (RFC 6901), id and label.
pub type Places = &'static [(&'static str, &'static str, fn(&'static Texts) -> &'static str)];

/// The faults of a form.
#[derive(Clone, Copy)]
pub struct Faults {
    places: Places,
    fields: RwSignal<Vec<FieldErrorOut>>,
    whole: RwSignal<Option<ApiError>>,
    i18n: I18n,
}

impl Faults {
    /// Starts without faults.
    #[must_use]
    pub fn new(places: Places) -> Self {
        Self { places, fields: RwSignal::new(Vec::new()), whole: RwSignal::new(None), i18n: use_i18n() }
    }

    /// Forgets all faults.
    pub fn clear(self) {
        self.fields.set(Vec::new());
        self.whole.set(None);
    }

    /// Takes faults that were found before sending; tells whether there are none.
    pub fn check(self, errors: &[FieldError]) -> bool {
        let lang = self.i18n.lang_untracked();
        self.whole.set(None);
        self.fields.set(errors.iter().map(|error| error.render(lang)).collect());
        errors.is_empty()
    }

    /// Takes one fault in words.
    pub fn add(self, pointer: &str, detail: &str) {
        self.fields.update(|fields| {
            fields.push(FieldErrorOut {
                pointer: pointer.to_owned(),
                code: String::new(),
                detail: detail.to_owned(),
                fix: String::new(),
            });
        });
    }

    /// Whether there are faults of single members (untracked).
    #[must_use]
    pub fn any(self) -> bool {
        self.fields.with_untracked(|fields| !fields.is_empty())
    }

    /// Takes the refusal of the server.
    pub fn take(self, error: ApiError) {
        if error == ApiError::Aborted {
            return;
        }
        self.clear();
        if error.is(Code::NameTaken) {
            self.add("/name", &error.detail(self.i18n.t_untracked()));
        } else if error.fields().is_empty() {
            self.whole.set(Some(error));
        } else {
            self.fields.set(error.fields().to_vec());
        }
    }

    /// What is wrong with a member (tracked through the signal); parts of lists count as the list.
    #[must_use]
    pub fn of(self, pointer: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.fields.with(|fields| {
                let texts: Vec<String> =
                    fields.iter().filter(|fault| belongs(&fault.pointer, pointer)).map(words).collect();
                (!texts.is_empty()).then(|| texts.join(" "))
            })
        })
    }

    /// All faults with the ids of their controls, for the summary.
    fn summary(self) -> Vec<(String, String)> {
        let mut rows: Vec<(String, String)> = self.fields.with(|fields| {
            let row = |fault: &FieldErrorOut| {
                let place = self.places.iter().find(|(pointer, ..)| belongs(&fault.pointer, pointer));
                match place {
                    Some((_, id, label)) => {
                        ((*id).to_owned(), format!("{}: {}", label(self.i18n.t()), words(fault)))
                    }
                    None => (String::new(), words(fault)),
                }
            };
            fields.iter().map(row).collect()
        });
        if let Some(error) = self.whole.get() {
            let request = error.request_id().map(|id| format!(" ({id})")).unwrap_or_default();
            rows.push((String::new(), format!("{}{request}", error.detail(self.i18n.t()))));
        }
        rows
    }

    fn title(self) -> String {
        let t = self.i18n.t();
        self.whole
            .with(|whole| whole.as_ref().map(|error| error.title(t)))
            .unwrap_or_else(|| t.common.summary.to_owned())
    }

    /// The summary; takes the focus when there are faults.
    pub fn view(self) -> AnyView {
        view! {
            <ErrorSummary title=move || self.title() errors=Signal::derive(move || self.summary()) />
        }
    }
}

fn belongs(fault: &str, pointer: &str) -> bool {
    fault.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn words(fault: &FieldErrorOut) -> String {
    format!("{} {}", fault.detail, fault.fix).trim_end().to_owned()
}

/// A text that may be absent: trimmed, or nothing.
#[must_use]
pub fn given(value: RwSignal<String>) -> Option<String> {
    value.with_untracked(|value| Some(value.trim()).filter(|value| !value.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-05: a fault inside a list is shown at the list, and one member is not taken for another.
    #[test]
    fn faults_find_their_field() {
        for (fault, pointer, expected) in [
            ("/cidrs/1", "/cidrs", true),
            ("/cidrs", "/cidrs", true),
            ("/name_of_other", "/name", false),
            ("/scopes/0", "/cidrs", false),
        ] {
            assert_eq!(belongs(fault, pointer), expected, "{fault} at {pointer}");
        }
    }
}
