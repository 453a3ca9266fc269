//! The quick log: type and it is saved. The row shows at once; what could not be saved is never lost in silence.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Board;
use crate::api::{logs, use_api};
use crate::i18n::use_i18n;
use crate::state::preferences;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, TextArea, Variant};

/// Key of the unsent draft in local storage.
const DRAFT_KEY: &str = "draft";

/// A quick log that is not stored yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// Its number in this tab.
    pub id: u64,
    /// What was typed.
    pub text: String,
    /// Why it was not stored; none while it is on its way.
    pub failed: Option<String>,
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
            send.with_value(|send| send.run(typed));
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
            window.navigator().platform().is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
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
    .into_any()
}

/// Makes the function that stores a text, from the first try on.
pub fn sender(board: Board) -> Callback<String> {
    let next = StoredValue::new(0_u64);
    let api = use_api();
    let toasts = use_toasts();
    let i18n = use_i18n();
    Callback::new(move |text: String| {
        let id = next.get_value();
        next.set_value(id + 1);
        board.pending.update(|pending| pending.insert(0, Pending { id, text: text.clone(), failed: None }));
        spawn_local(async move {
            match logs::create_text(&api, &text).await {
                Ok(created) => {
                    // The live stream usually brings it first.
                    let known = board.recent.with_untracked(|recent| recent.iter().any(|log| log.id == created.log_id));
                    if !known && let Ok(log) = logs::get(&api, created.log_id).await {
                        board.take(log);
                    }
                    board.pending.update(|pending| pending.retain(|row| row.id != id));
                    toasts.success(i18n.t_untracked().overview.quick_saved);
                }
                Err(error) => {
                    let reason = error.detail(i18n.t_untracked());
                    board.pending.update(|pending| {
                        if let Some(row) = pending.iter_mut().find(|row| row.id == id) {
                            row.failed = Some(reason);
                        }
                    });
                }
            }
        });
    })
}
