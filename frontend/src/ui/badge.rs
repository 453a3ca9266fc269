//! Short marks: a state in one word, never by colour alone.

use shared::logs::Level;

use super::icons::{Icon, icon};
use crate::i18n::use_i18n;
use crate::prelude::*;

/// What a badge says about its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// Good.
    Ok,
    /// Worth a look.
    Warn,
    /// Bad.
    Bad,
    /// For information.
    Info,
    /// Ours.
    Brand,
    /// Not real data.
    Sample,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "badge plain",
            Self::Ok => "badge ok",
            Self::Warn => "badge warn",
            Self::Bad => "badge bad",
            Self::Info => "badge info",
            Self::Brand => "badge brand",
            Self::Sample => "badge sample",
        }
    }
}

/// Shows a badge, with an icon where one helps.
pub fn badge(tone: Tone, mark: Option<Icon>, text: impl Into<TextProp>) -> AnyView {
    let text = text.into();
    view! { <span class=tone.class()>{mark.map(icon)} <span>{text}</span></span> }
}

/// A dot in the colour of the text around it.
pub fn status_dot() -> AnyView {
    view! { <span class="dot" aria-hidden="true"></span> }
}

/// Shows the level of a log in words, icon and colour.
pub fn level_badge(level: Level) -> AnyView {
    let i18n = use_i18n();
    let (tone, mark) = match level {
        Level::Debug => (Tone::Plain, Icon::BUG),
        Level::Info => (Tone::Info, Icon::INFO),
        Level::Notice => (Tone::Brand, Icon::INFO),
        Level::Warning => (Tone::Warn, Icon::TRIANGLE_ALERT),
        Level::Error => (Tone::Bad, Icon::CIRCLE_X),
        Level::Critical => (Tone::Bad, Icon::OCTAGON_ALERT),
    };
    badge(tone, Some(mark), move || level_name(i18n.t(), level))
}

/// The name of a level.
#[must_use]
pub const fn level_name(t: &'static crate::i18n::Texts, level: Level) -> &'static str {
    match level {
        Level::Debug => t.ui.level_debug,
        Level::Info => t.ui.level_info,
        Level::Notice => t.ui.level_notice,
        Level::Warning => t.ui.level_warning,
        Level::Error => t.ui.level_error,
        Level::Critical => t.ui.level_critical,
    }
}
