//! The button that takes a list out as a file.

use crate::api::Reply;
use crate::api::download::Saved;
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Icon, Variant};

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
            let t = i18n.t_untracked();
            match result {
                Ok(saved) => {
                    let size = i18n.fmt_untracked().bytes(saved.bytes);
                    toasts.success((t.logs.export_done)(&saved.file_name, &size));
                }
                Err(error) => toasts.error(error.detail(t)),
            }
        });
    };
    let name = format.to_uppercase();
    view! { <Button icon=Icon::DOWNLOAD variant=Variant::Ghost busy on_press=press>{name}</Button> }
}
