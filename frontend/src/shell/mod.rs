//! The frame of both portals: side bar, top bar, phone bar, guard, banners and shortcuts.

mod announcer;
mod banners;
pub mod finds;
mod guard;
mod nav;
mod palette;
mod shortcuts;
mod topbar;

pub use announcer::{Announce, Announcer, use_announce};
pub use shortcuts::{Shortcuts, use_shortcuts};
pub use topbar::{LanguageSwitch, ThemeSwitch};

use crate::i18n::use_i18n;
use crate::prelude::*;
use banners::Banners;
use guard::Guard;
use nav::SideNav;
use palette::Palette;
use shortcuts::ShortcutSheet;
use topbar::TopBar;

/// One of the two portals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portal {
    /// What customers use.
    Customer,
    /// What staff use.
    Staff,
}

impl Portal {
    /// Its first page.
    #[must_use]
    pub const fn home(self) -> &'static str {
        match self {
            Self::Customer => "/app",
            Self::Staff => "/admin",
        }
    }

    /// Where one signs in.
    #[must_use]
    pub const fn sign_in(self) -> &'static str {
        match self {
            Self::Customer => "/login",
            Self::Staff => "/admin/login",
        }
    }
}

/// The frame of a portal around its pages.
#[component]
pub fn Frame(
    /// The portal.
    portal: Portal,
    /// The pages.
    children: ChildrenFn,
) -> AnyView {
    let i18n = use_i18n();
    let palette = RwSignal::new(false);
    shortcuts::listen(portal);
    view! {
        <a class="skip" href="#main" rel="external">{i18n.tr(|t| t.shell.skip_link)}</a>
        <div class="app">
            <SideNav portal />
            <div>
                <TopBar portal palette />
                <main id="main" tabindex="-1">
                    <Banners />
                    <Guard portal>{children()}</Guard>
                </main>
            </div>
        </div>
        <Palette portal open=palette />
        <ShortcutSheet portal />
    }
}
