//! A button that copies a text and says so.

use super::button::{Button, Variant};
use super::dom;
use super::icons::Icon;
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::toasts::use_toasts;

/// Copies a text to the clipboard.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: TextProp,
    /// Label of the button; "Copy" if absent.
    #[prop(optional, into)]
    label: Option<TextProp>,
    /// How loud it is.
    #[prop(optional)]
    variant: Variant,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let label = label.unwrap_or_else(|| i18n.tr(|t| t.common.copy).into());
    let press = move |()| {
        let text = text.get().to_string();
        spawn_local(async move {
            let t = i18n.t_untracked();
            if dom::copy_text(&text).await {
                toasts.success(t.common.copied);
            } else {
                toasts.error(t.ui.copy_failed);
            }
        });
    };
    view! {
        <Button variant small icon=Icon::COPY on_press=press>
            {label}
        </Button>
    }
}
