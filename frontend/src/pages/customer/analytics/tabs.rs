//! The pages of analysis beside each other.

use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::router::use_router;

type Pick = fn(&'static Texts) -> &'static str;

/// Address of the page with all figures.
pub const FIGURES: &str = "/app/analyse";
/// Address of the cohorts.
pub const COHORTS: &str = "/app/analyse/cohorten";
/// Address of the funnel.
pub const FUNNEL: &str = "/app/analyse/trechter";

static TABS: [(&str, Pick); 3] =
    [(FIGURES, |t| t.analytics.figures), (COHORTS, |t| t.cohorts.title), (FUNNEL, |t| t.funnel.title)];

/// Links to the pages of analysis.
pub fn tabs() -> AnyView {
    let i18n = use_i18n();
    let router = use_router();
    let link = |&(href, text): &(&'static str, Pick)| {
        let current = move || (router.path().trim_end_matches('/') == href).then_some("page");
        view! {
            <a href=href aria-current=current>
                {i18n.tr(text)}
            </a>
        }
    };
    view! {
        <nav class="tabs" aria-label=i18n.tr(|t| t.analytics.title)>
            {TABS.iter().map(link).collect_view()}
        </nav>
    }
}
