//! A modal dialog: the native element traps focus, closes on Escape and returns the focus by itself.

use leptos::html;

use super::button::IconButton;
use super::dom;
use super::icons::Icon;
use crate::i18n::use_i18n;
use crate::prelude::*;

/// A modal dialog. Its content exists only while it is open, so that it starts afresh each time.
///
/// Put `autofocus` on the control that gets the focus; in a destructive dialog that is Cancel.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Heading.
    #[prop(into)]
    title: TextProp,
    /// More room.
    #[prop(optional)]
    wide: bool,
    /// Keeps it open on Escape, for a secret that is shown once.
    #[prop(optional, into)]
    sticky: Signal<bool>,
    /// The content.
    children: ChildrenFn,
) -> AnyView {
    let i18n = use_i18n();
    let node = NodeRef::<html::Dialog>::new();
    let id = dom::unique_id("dialog");
    let labelledby = id.clone();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            if !dialog.open() {
                // The content is rendered in the same tick, the focus has to come after it.
                dom::next_tick(move || {
                    drop(dialog.show_modal());
                    focus_inside(&dialog);
                });
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    let close = move |()| open.set(false);
    let content = move || {
        let (children, title) = (children.clone(), title.clone());
        open.get().then(|| {
            view! {
                <div class="dialog-head">
                    <h2 id=id.clone()>{title}</h2>
                    <IconButton icon=Icon::X label=i18n.tr(|t| t.ui.close) on_press=close />
                </div>
                {children()}
            }
        })
    };
    view! {
        <dialog
            node_ref=node
            aria-labelledby=labelledby
            class:wide=wide
            on:cancel=move |event: web_sys::Event| {
                if sticky.get_untracked() {
                    event.prevent_default();
                }
            }
            on:close=move |_| open.set(false)
        >
            {content}
        </dialog>
    }
}

/// Focuses what asks for it, else the first field, else the first button of the row (Cancel).
fn focus_inside(dialog: &web_sys::HtmlDialogElement) {
    use wasm_bindgen::JsCast;
    let targets =
        ["[autofocus]", "form :is(input, select, textarea)", "input, select, textarea", ".row.end button"];
    let found = targets.into_iter().find_map(|selector| dialog.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(element.focus());
    }
}

/// The row of buttons at the end of a dialog.
#[component]
pub fn DialogActions(
    /// The buttons, the main one last.
    children: Children,
) -> AnyView {
    view! { <div class="row end">{children()}</div> }
}
