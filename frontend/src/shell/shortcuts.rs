//! Keys that work on every page, all listed and all to be switched off (WCAG 2.1.4).

use std::cell::Cell;

use leptos::ev;
use web_sys::KeyboardEvent;

use super::Portal;
use super::nav::entries;
use super::topbar::toggle_theme;
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::preferences::{self, use_preferences};
use crate::ui::{Checkbox, Dialog, dom};

/// Key of the switch in local storage.
const SHORTCUTS_KEY: &str = "shortcuts";
/// What is stored there when single keys are switched off.
const OFF: &str = "off";

/// Handle on the shortcuts.
#[derive(Debug, Clone, Copy)]
pub struct Shortcuts {
    /// Whether single keys work.
    pub enabled: RwSignal<bool>,
    /// Whether the list of shortcuts is open.
    pub sheet: RwSignal<bool>,
}

impl Default for Shortcuts {
    fn default() -> Self {
        Self::new()
    }
}

impl Shortcuts {
    /// Creates the handle; once, at the root of the app.
    #[must_use]
    pub fn new() -> Self {
        let on = preferences::read(SHORTCUTS_KEY).as_deref() != Some(OFF);
        Self { enabled: RwSignal::new(on), sheet: RwSignal::new(false) }
    }

    /// Switches single keys on or off and remembers it.
    fn enable(self, on: bool) {
        self.enabled.set(on);
        preferences::write(SHORTCUTS_KEY, if on { "on" } else { OFF });
    }

    /// Whether a key press may run a single-key shortcut: switched on, no text control, no dialog, no modifier.
    #[must_use]
    pub fn takes(self, event: &KeyboardEvent) -> bool {
        self.enabled.get_untracked()
            && !event.ctrl_key()
            && !event.meta_key()
            && !event.alt_key()
            && !event.default_prevented()
            && !dom::in_text_control(event)
            && dom::find("dialog:modal").is_none()
    }
}

/// The shortcuts of the app.
#[must_use]
pub fn use_shortcuts() -> Shortcuts {
    use_context::<Shortcuts>().unwrap_or_default()
}

type Pick = fn(&'static Texts) -> &'static str;

/// Listens for the shortcuts of a portal as long as its frame stands.
pub fn listen(portal: Portal) {
    let shortcuts = use_shortcuts();
    let router = use_router();
    let preferences = use_preferences();
    // A `g` waits for the letter that says where to.
    let after_g = Cell::new(false);
    let handle = window_event_listener(ev::keydown, move |event| {
        if !shortcuts.takes(&event) {
            return;
        }
        let key = event.key();
        if after_g.replace(false) {
            if let Some(entry) = entries(portal).iter().find(|entry| entry.key == key) {
                event.prevent_default();
                router.go(entry.href, Go::Page);
            }
            return;
        }
        match key.as_str() {
            "g" => after_g.set(true),
            "?" => shortcuts.sheet.set(true),
            "t" => toggle_theme(preferences),
            "/" => {
                if let Some(field) = dom::find("[data-search]") {
                    event.prevent_default();
                    drop(field.focus());
                } else if portal == Portal::Customer {
                    event.prevent_default();
                    router.go("/app/logs", Go::Page);
                    dom::focus_later("[data-search]");
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// The list of shortcuts.
#[component]
pub fn ShortcutSheet(
    /// The portal.
    portal: Portal,
) -> AnyView {
    let i18n = use_i18n();
    let shortcuts = use_shortcuts();
    let row = move |keys: &'static str, text: Pick| {
        view! {
            <div>
                <dt>{keys.split(' ').map(|key| view! { <kbd class="kbd">{key}</kbd> " " }).collect_view()}</dt>
                <dd>{i18n.tr(text)}</dd>
            </div>
        }
    };
    let go = move || {
        entries(portal)
            .iter()
            .map(|entry| {
                view! {
                    <div>
                        <dt><kbd class="kbd">"g"</kbd> " " <kbd class="kbd">{entry.key}</kbd></dt>
                        <dd>{i18n.tr(entry.text)}</dd>
                    </div>
                }
            })
            .collect_view()
    };
    let own: &'static [(&'static str, Pick)] = match portal {
        Portal::Customer => &[
            ("/", |t| t.shell.key_search),
            ("j k", |t| t.shell.key_rows),
            ("Enter", |t| t.shell.key_open),
            ("e", |t| t.shell.key_export),
        ],
        Portal::Staff => &[("/", |t| t.shell.key_search)],
    };
    view! {
        <Dialog open=shortcuts.sheet title=i18n.tr(|t| t.shell.shortcuts)>
            <dl class="keys">
                {go()}
                {own.iter().map(|(keys, text)| row(keys, *text)).collect_view()}
                {row("Ctrl K", |t| t.shell.palette)} {row("t", |t| t.shell.key_theme)}
                {row("Esc", |t| t.shell.key_escape)}
                {row("?", |t| t.shell.key_sheet)}
            </dl>
            <Checkbox
                id="shortcuts-on"
                label=i18n.tr(|t| t.shell.keys_on)
                hint=i18n.tr(|t| t.shell.keys_on_hint)
                checked=shortcuts.enabled
                on_change=move |on| shortcuts.enable(on)
            />
        </Dialog>
    }
}
