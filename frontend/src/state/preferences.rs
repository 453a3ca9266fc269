//! How the person likes it: theme and language, kept in this browser.

use shared::lang::Lang;

use crate::i18n::I18n;
use crate::prelude::*;

/// Light, dark, or what the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All themes.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The stored name, also the value of `data-theme`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Finds a theme by its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == name)
    }
}

/// Key of the theme in local storage.
pub const THEME_KEY: &str = "theme";
/// Key of the language in local storage.
pub const LANG_KEY: &str = "lang";

/// Handle on the preferences.
#[derive(Clone, Copy)]
pub struct Preferences {
    theme: RwSignal<Theme>,
    i18n: I18n,
}

impl Preferences {
    /// Reads the stored preferences and applies them to `<html>`.
    #[must_use]
    pub fn restore(i18n: I18n) -> Self {
        let theme = read(THEME_KEY).as_deref().and_then(Theme::parse).unwrap_or_default();
        let this = Self { theme: RwSignal::new(theme), i18n };
        apply_theme(theme);
        if let Some(lang) = read(LANG_KEY).as_deref().and_then(Lang::from_code) {
            i18n.set_lang(lang);
        }
        apply_lang(i18n.lang_untracked());
        this
    }

    /// The theme in force (tracked).
    #[must_use]
    pub fn theme(self) -> Theme {
        self.theme.get()
    }

    /// Changes the theme and remembers it.
    pub fn set_theme(self, theme: Theme) {
        self.theme.set(theme);
        apply_theme(theme);
        write(THEME_KEY, theme.as_str());
    }

    /// The language in force (tracked).
    #[must_use]
    pub fn lang(self) -> Lang {
        self.i18n.lang()
    }

    /// Changes the language and remembers it.
    pub fn set_lang(self, lang: Lang) {
        self.i18n.set_lang(lang);
        apply_lang(lang);
        write(LANG_KEY, lang.code());
    }

    /// Takes over the language of a profile, unless the person chose one in this browser.
    pub fn suggest_lang(self, lang: Lang) {
        if read(LANG_KEY).is_none() {
            self.i18n.set_lang(lang);
            apply_lang(lang);
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Reads a stored preference; `None` where storage is closed.
#[must_use]
pub fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Stores a preference; where storage is closed it lasts until reload.
pub fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        drop(storage.set_item(key, value));
    }
}

fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}

fn apply_theme(theme: Theme) {
    let Some(root) = root() else { return };
    let result = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        chosen => root.set_attribute("data-theme", chosen.as_str()),
    };
    drop(result);
}

fn apply_lang(lang: Lang) {
    if let Some(root) = root() {
        drop(root.set_attribute("lang", lang.code()));
    }
}

/// The preferences of the app.
#[must_use]
pub fn use_preferences() -> Preferences {
    use_context::<Preferences>().unwrap_or_else(|| Preferences::restore(crate::i18n::use_i18n()))
}
