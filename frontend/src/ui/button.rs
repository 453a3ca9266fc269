//! Buttons and links that look like buttons. A busy button keeps its label and ignores further presses.

use super::icons::{Icon, icon as draw};

use crate::prelude::*;

/// How loud a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// The one act of the page.
    Primary,
    /// An act beside it.
    #[default]
    Secondary,
    /// An act in the background.
    Ghost,
    /// An act that destroys.
    Danger,
}

fn class(variant: Variant, small: bool, large: bool) -> String {
    let look = match variant {
        Variant::Primary => "btn primary",
        Variant::Secondary => "btn secondary",
        Variant::Ghost => "btn ghost",
        Variant::Danger => "btn danger",
    };
    let size = if small {
        " sm"
    } else if large {
        " lg"
    } else {
        ""
    };
    format!("{look}{size}")
}

/// A button with text.
#[component]
pub fn Button(
    /// How loud it is.
    #[prop(optional)]
    variant: Variant,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
    /// Icon before the text.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Sends the form that it stands in.
    #[prop(optional)]
    submit: bool,
    /// Whether its act is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// State of a switch; `None` for an ordinary button.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// What it does.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
    /// The text.
    children: Children,
) -> AnyView {
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class(variant, small, false)
            aria-busy=move || busy.get().then_some("true")
            aria-pressed=move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" })
            on:click=move |event| {
                if busy.get_untracked() {
                    event.prevent_default();
                } else if let Some(act) = on_press {
                    act.run(());
                }
            }
        >
            {icon.map(draw)}
            <span>{children()}</span>
        </button>
    }
}

/// A square button with an icon; its label is read out and shown on hover.
#[component]
pub fn IconButton(
    /// The icon.
    icon: Icon,
    /// What it does, in words.
    #[prop(into)]
    label: TextProp,
    /// Shortcut, as in `aria-keyshortcuts`.
    #[prop(optional)]
    shortcut: Option<&'static str>,
    /// State of a switch; `None` for an ordinary button.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// What it does.
    #[prop(into)]
    on_press: Callback<()>,
) -> AnyView {
    let title = label.clone();
    view! {
        <button
            type="button"
            class="btn ghost square"
            aria-label=label
            title=title
            aria-keyshortcuts=shortcut
            aria-pressed=move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" })
            on:click=move |_| on_press.run(())
        >
            {draw(icon)}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// How loud it is.
    #[prop(optional)]
    variant: Variant,
    /// For rows and toolbars.
    #[prop(optional)]
    small: bool,
    /// For the start page.
    #[prop(optional)]
    large: bool,
    /// Icon before the text.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// The text.
    children: Children,
) -> AnyView {
    view! {
        <a href=href class=class(variant, small, large)>
            {icon.map(draw)}
            <span>{children()}</span>
        </a>
    }
}
