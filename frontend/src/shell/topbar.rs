//! The bar above the page: whose data this is, language and theme.

use leptos::prelude::*;
use shared::lang::Lang;

use super::Portal;
use super::shortcuts::use_shortcuts;
use crate::i18n::use_i18n;
use crate::state::preferences::{Theme, use_preferences};
use crate::state::session::use_session;
use crate::ui::{Icon, IconButton, Tone, badge};

/// The bar above the page.
#[component]
pub fn TopBar(
    /// The portal.
    portal: Portal,
) -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let shortcuts = use_shortcuts();
    let name = move || session.me.with(|me| me.as_ref().map(|me| me.name.clone()));
    let who = move || {
        name().map(|name| match portal {
            Portal::Customer => badge(Tone::Brand, None, name),
            Portal::Staff => view! {
                {badge(Tone::Plain, None, i18n.tr(|t| t.shell.staff))}
                <span class="who">{name}</span>
            }
            .into_any(),
        })
    };
    view! {
        <header class="bar1">
            {who}
            <span class="push"></span>
            <span class="hide-s">
                <IconButton
                    icon=Icon::COMMAND
                    label=i18n.tr(|t| t.shell.shortcuts)
                    shortcut="?"
                    on_press=move |()| shortcuts.sheet.set(true)
                />
            </span>
            <LanguageSwitch />
            <ThemeSwitch />
        </header>
    }
    .into_any()
}

/// Switches to the other language and keeps everything else as it is.
#[component]
pub fn LanguageSwitch() -> AnyView {
    let i18n = use_i18n();
    let preferences = use_preferences();
    let other = move || if i18n.lang() == Lang::Nl { Lang::En } else { Lang::Nl };
    view! {
        <button
            type="button"
            class="btn ghost"
            lang=move || other().code()
            on:click=move |_| preferences.set_lang(other())
        >
            {move || other().code().to_ascii_uppercase()}
            <span class="vh">{i18n.tr(|t| t.shell.switch_language)}</span>
        </button>
    }
    .into_any()
}

/// Switches between light and dark.
#[component]
pub fn ThemeSwitch() -> AnyView {
    let i18n = use_i18n();
    let preferences = use_preferences();
    let dark = Signal::derive(move || match preferences.theme() {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => system_is_dark(),
    });
    view! {
        <IconButton
            icon=Icon::SUN_MOON
            label=i18n.tr(|t| t.shell.dark_theme)
            shortcut="t"
            pressed=dark
            on_press=move |()| toggle_theme()
        />
    }
    .into_any()
}

/// Switches to the theme that is not on screen.
pub fn toggle_theme() {
    let preferences = use_preferences();
    let dark = match untrack(|| preferences.theme()) {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => system_is_dark(),
    };
    preferences.set_theme(if dark { Theme::Light } else { Theme::Dark });
}

fn system_is_dark() -> bool {
    web_sys::window()
        .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten())
        .is_some_and(|query| query.matches())
}
