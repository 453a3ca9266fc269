//! The start page. It repeats the static shell of `index.html` word for word, so that nothing moves.

use super::frame::PublicFrame;
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::ui::{Icon, LinkButton, Variant, icon};

type Pick = fn(&'static Texts) -> &'static str;

const FEATURES: [(Icon, Pick, Pick); 4] = [
    (Icon::SCROLL_TEXT, |t| t.landing.record_title, |t| t.landing.record_text),
    (Icon::SEARCH, |t| t.landing.find_title, |t| t.landing.find_text),
    (Icon::CHART_LINE, |t| t.landing.figures_title, |t| t.landing.figures_text),
    (Icon::LAYERS, |t| t.landing.apart_title, |t| t.landing.apart_text),
];

/// The start page.
#[component]
pub fn LandingPage() -> AnyView {
    let i18n = use_i18n();
    crate::ui::name_document(i18n.tr(|t| t.landing.title).into());
    view! {
        <PublicFrame>
            <section class="hero">
                <div class="wrap">
                    <h1>{i18n.tr(|t| t.landing.title)}</h1>
                    <p class="lede">{i18n.tr(|t| t.landing.lede)}</p>
                    <div class="cta">
                        <LinkButton variant=Variant::Primary large=true href="/login">
                            {i18n.tr(|t| t.landing.sign_in)}
                        </LinkButton>
                    </div>
                </div>
            </section>
            <section class="wrap feats" aria-labelledby="feats">
                <h2 id="feats">{i18n.tr(|t| t.landing.features)}</h2>
                <ul role="list">{FEATURES.into_iter().map(feature).collect_view()}</ul>
            </section>
        </PublicFrame>
    }
}

fn feature((mark, title, text): (Icon, Pick, Pick)) -> AnyView {
    let i18n = use_i18n();
    view! {
        <li class="card">
            <span class="ib">{icon(mark)}</span>
            <h3>{i18n.tr(title)}</h3>
            <p>{i18n.tr(text)}</p>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, texts_of};

    /// UI brief §11: the static shell says what the app says, in both languages, with the same pictures.
    #[test]
    fn the_static_shell_equals_the_page() {
        const SHELL: &str = include_str!("../../../index.html");
        for lang in Lang::ALL {
            let t = texts_of(lang);
            let mut texts = vec![t.landing.title, t.landing.lede, t.landing.sign_in, t.landing.features];
            texts.extend([t.landing.footer, t.landing.staff]);
            texts.extend(FEATURES.iter().flat_map(|(_, title, text)| [title(t), text(t)]));
            for text in texts {
                let element = format!("<span lang=\"{}\">{text}</span>", lang.code());
                assert!(SHELL.contains(&element), "{element}");
            }
        }
        for (mark, ..) in FEATURES {
            assert!(SHELL.contains(mark.path()), "{}", mark.path());
        }
        assert!(SHELL.contains(Icon::LOGO.path()));
    }
}
