//! The quick log: type and it is saved. The row shows at once; what could not be saved is never lost in silence.

use leptos::html;

use super::Board;
use crate::api::{logs, use_api};
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::preferences;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, TextArea, Variant, dom};

/// Key of the unsent draft in local storage.
const DRAFT_KEY: &str = "draft";

/// A filled form: what was typed, and the key by which the server knows it again when the answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What was typed.
    pub text: String,
    key: String,
}

/// A quick log that is not stored yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// Its number in this tab.
    pub id: u64,
    /// What was typed.
    pub draft: Draft,
    /// Why it was not stored; none while it is on its way.
    pub failed: Option<String>,
}

/// Quick logs that are not stored yet; they outlive the page, so that none is lost by leaving it.
#[derive(Clone, Copy)]
pub struct Outbox {
    rows: RwSignal<Vec<Pending>>,
    next: StoredValue<u64>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Outbox {
    /// Creates an empty one; once, at the root of the app.
    #[must_use]
    pub fn new() -> Self {
        Self { rows: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// The rows, newest first (tracked).
    #[must_use]
    pub fn rows(self) -> Vec<Pending> {
        self.rows.get()
    }

    /// Whether nothing waits (tracked).
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.rows.with(Vec::is_empty)
    }

    /// Takes a row away.
    pub fn remove(self, id: u64) {
        self.rows.update(|rows| rows.retain(|row| row.id != id));
    }

    fn add(self, draft: &Draft) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.rows.update(|rows| rows.insert(0, Pending { id, draft: draft.clone(), failed: None }));
        id
    }

    fn fail(self, id: u64, reason: String) {
        self.rows.update(|rows| {
            if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
                row.failed = Some(reason);
            }
        });
    }
}

/// The outbox of the app.
#[must_use]
pub fn use_outbox() -> Outbox {
    use_context::<Outbox>().unwrap_or_default()
}

/// The form.
#[component]
pub fn QuickLog(
    /// The page.
    board: Board,
) -> AnyView {
    let i18n = use_i18n();
    let text = RwSignal::new(preferences::read(DRAFT_KEY).unwrap_or_default());
    let error = RwSignal::new(false);
    let node = NodeRef::<html::Textarea>::new();
    Effect::new(move |before: Option<()>| {
        let draft = text.get();
        if before.is_some() {
            preferences::write(DRAFT_KEY, &draft);
        }
        if !draft.trim().is_empty() {
            error.set(false);
        }
    });
    let send = StoredValue::new(sender(board));
    let save = move || {
        let typed = text.get_untracked().trim().to_owned();
        if typed.is_empty() {
            error.set(true);
        } else {
            text.set(String::new());
            send.with_value(|send| send.run(Draft { text: typed, key: dom::random_uuid() }));
        }
        if let Some(field) = node.get_untracked() {
            drop(field.focus());
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        save();
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) && !event.repeat() {
            event.prevent_default();
            save();
        }
    };
    let hint = move || {
        let mac = web_sys::window().is_some_and(|window| {
            window
                .navigator()
                .platform()
                .is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
        });
        if mac { i18n.t().overview.quick_hint_mac } else { i18n.t().overview.quick_hint }
    };
    let message = Signal::derive(move || error.get().then(|| i18n.t().overview.quick_empty.to_owned()));
    view! {
        <form class="card quick" on:submit=submit on:keydown=keydown novalidate>
            <TextArea id="quick" label=i18n.tr(|t| t.overview.quick_label) hint value=text error=message node />
            <Button variant=Variant::Primary submit=true>
                {i18n.tr(|t| t.overview.quick_save)}
            </Button>
        </form>
    }
}

/// Makes the function that stores a text, from the first try on.
pub fn sender(board: Board) -> Callback<Draft> {
    let outbox = use_outbox();
    let api = use_api();
    let toasts = use_toasts();
    let i18n = use_i18n();
    Callback::new(move |draft: Draft| {
        let id = outbox.add(&draft);
        spawn_local(async move {
            match logs::create_text(&api, &draft.text, &draft.key).await {
                Ok(created) => {
                    // The live stream usually brings it first.
                    let known = board
                        .recent
                        .try_with_untracked(|recent| recent.iter().any(|log| log.id == created.log_id));
                    if known == Some(false)
                        && let Ok(log) = logs::get(&api, created.log_id).await
                    {
                        board.take(&log);
                    }
                    outbox.remove(id);
                    toasts.success(i18n.t_untracked().overview.quick_saved);
                }
                Err(error) => {
                    let t = i18n.t_untracked();
                    outbox.fail(id, error.detail(t));
                    // Whoever has left the page hears of it there.
                    if board.recent.try_with_untracked(|_| ()).is_none() {
                        toasts.error(t.overview.quick_failed_elsewhere);
                    }
                }
            }
        });
    })
}
