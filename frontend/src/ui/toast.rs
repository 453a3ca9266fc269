//! The region that shows short messages: successes leave by themselves, errors stay until closed.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::icons::{Icon, icon};
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::toasts::{Toast, ToastKind, use_toasts};

const STAY: Duration = Duration::from_millis(6_000);

/// Shows the messages of the app; stands once in the page.
#[component]
pub fn ToastRegion() -> AnyView {
    let toasts = use_toasts();
    let list = move |kind: ToastKind| {
        let of_kind = move || toasts.list().into_iter().filter(|toast| toast.kind == kind).collect();
        each(of_kind, |toast: &Toast| toast.id.to_string(), |toast| message(&toast))
    };
    view! {
        <div class="toasts">
            <div role="status">
                {list(ToastKind::Success)}
            </div>
            <div role="alert">
                {list(ToastKind::Error)}
            </div>
        </div>
    }
}

fn message(toast: &Toast) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let (id, error) = (toast.id, toast.kind == ToastKind::Error);
    // The clock stops while somebody points at the message or has the focus in it.
    let held = Rc::new(Cell::new(false));
    if !error {
        tick(id, Rc::clone(&held));
    }
    let (enter, leave) = (Rc::clone(&held), held);
    view! {
        <div
            class="toast"
            class:bad=error
            on:pointerenter=move |_| enter.set(true)
            on:pointerleave=move |_| leave.set(false)
        >
            {icon(if error { Icon::CIRCLE_X } else { Icon::CIRCLE_CHECK })}
            <span>{toast.text.clone()}</span>
            <button
                type="button"
                class="toast-x"
                aria-label=i18n.tr(|t| t.ui.close_message)
                on:click=move |_| toasts.dismiss(id)
            >
                {icon(Icon::X)}
            </button>
        </div>
    }
}

fn tick(id: u32, held: Rc<Cell<bool>>) {
    let toasts = use_toasts();
    set_timeout(
        move || {
            if held.get() {
                set_timeout(move || toasts.dismiss(id), STAY);
            } else {
                toasts.dismiss(id);
            }
        },
        STAY,
    );
}
