//! The frame of the public pages: the same header and footer as the static shell, in the same places.

use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::shell::{LanguageSwitch, ThemeSwitch};
use crate::ui::{LinkButton, logo};

/// Header and footer of a public page.
#[component]
pub fn PublicFrame(
    /// The content of `<main>`.
    children: Children,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <a class="skip" href="#main" rel="external">{i18n.tr(|t| t.shell.skip_link)}</a>
        <header class="top">
            <div class="wrap">
                <a href="/" class="brand">
                    {logo()}
                    <span>{i18n.tr(|t| t.common.product)}</span>
                </a>
                <div class="end">
                    <LanguageSwitch />
                    <ThemeSwitch />
                    <LinkButton href="/login">{i18n.tr(|t| t.landing.sign_in)}</LinkButton>
                </div>
            </div>
        </header>
        <main id="main" tabindex="-1">{children()}</main>
        <footer>
            <div class="wrap">
                <p>{i18n.tr(|t| t.landing.footer)}</p>
                <a href="/admin/login">{i18n.tr(|t| t.landing.staff)}</a>
            </div>
        </footer>
    }
}
