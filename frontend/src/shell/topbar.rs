//! The bar above the page: whose data this is, language and theme.

use shared::lang::Lang;

use super::Portal;
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::preferences::{Preferences, Theme, use_preferences};
use crate::state::session::use_session;
use crate::ui::{Icon, IconButton, Tone, badge, icon};

/// The bar above the page.
#[component]
pub fn TopBar(
    /// The portal.
    portal: Portal,
    /// Whether the palette is open.
    palette: RwSignal<bool>,
) -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let name = move || session.me.with(|me| me.as_ref().map(|me| me.name.clone()));
    let who = move || {
        name().map(|name| match portal {
            Portal::Customer => badge(Tone::Brand, None, name),
            Portal::Staff => view! {
                {badge(Tone::Plain, None, i18n.tr(|t| t.shell.staff))}
                <span class="who">{name}</span>
            },
        })
    };
    view! {
        <header class="bar1">
            {who}
            <button
                type="button"
                class="btn secondary pal"
                aria-haspopup="dialog"
                aria-keyshortcuts="Control+K Meta+K"
                on:click=move |_| palette.set(true)
            >
                {icon(Icon::SEARCH)}
                <span class="t">{i18n.tr(|t| t.shell.palette)}</span>
                <span class="kbd" aria-hidden="true">"Ctrl K"</span>
            </button>
            <LanguageSwitch />
            <ThemeSwitch />
        </header>
    }
}

/// Switches to the other language and keeps everything else as it is.
#[component]
pub fn LanguageSwitch() -> AnyView {
    let i18n = use_i18n();
    let preferences = use_preferences();
    let other = move || {
        if i18n.lang() == Lang::Nl { Lang::En } else { Lang::Nl }
    };
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
            on_press=move |()| toggle_theme(preferences)
        />
    }
}

/// Switches to the theme that is not on screen.
pub fn toggle_theme(preferences: Preferences) {
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
