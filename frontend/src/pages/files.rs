//! Files that are saved: the button that fetches one, and what is told of it.

use crate::api::download::Saved;
use crate::api::{ApiError, Reply};
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::state::toasts::{Toasts, use_toasts};
use crate::ui::{Button, Icon, Variant};

/// Tells what became of a file that was fetched; nothing when somebody stopped it.
pub fn tell_saved(i18n: I18n, toasts: Toasts, result: Result<Saved, ApiError>) {
    let t = i18n.t_untracked();
    match result {
        Ok(saved) => {
            let size = i18n.fmt_untracked().bytes(saved.bytes);
            toasts.success((t.logs.export_done)(&saved.file_name, &size));
        }
        Err(ApiError::Aborted) => {}
        Err(error) => toasts.error(error.detail(t)),
    }
}

/// The button of a format. `fetch` saves the file; what became of it is told.
pub fn file_button(
    format: &'static str,
    fetch: impl Fn() -> Reply<Saved> + Send + Sync + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        let saving = untrack(&fetch);
        spawn_local(async move {
            let result = saving.await;
            busy.try_set(false);
            tell_saved(i18n, toasts, result);
        });
    };
    let name = format.to_uppercase();
    view! { <Button icon=Icon::DOWNLOAD variant=Variant::Ghost busy on_press=press>{name}</Button> }
}
