//! The frame of a page: heading, document title, focus, cards and notes.

use std::cell::Cell;

use leptos::html;

use super::dom;
use super::icons::{Icon, icon};
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::session::use_session;

thread_local! {
    /// Whether a page was shown before: the first one leaves the focus where the browser put it.
    static SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// Heading of a page with its actions; names the document and takes the focus after a change of page.
#[component]
pub fn PageHeader(
    /// The heading.
    #[prop(into)]
    title: TextProp,
    /// Marks beside the heading.
    #[prop(optional, into)]
    marks: Option<ViewFn>,
    /// Buttons at the end.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let node = NodeRef::<html::H1>::new();
    name_document(title.clone());
    Effect::new(move |_| {
        let Some(heading) = node.get() else { return };
        if SHOWN.replace(true) {
            dom::next_tick(move || drop(heading.focus()));
        }
    });
    view! {
        <div class="ph">
            <h1 tabindex="-1" node_ref=node>{title}</h1>
            {marks.map(|marks| marks.run())}
            {children.map(|children| view! { <div class="acts">{children()}</div> })}
        </div>
    }
}

/// Keeps the document title at "Page · Customer · MVAI Connexx".
pub fn name_document(title: TextProp) {
    let session = use_session();
    let i18n = use_i18n();
    Effect::new(move |_| {
        let customer = session
            .me
            .with(|me| me.as_ref().and_then(|me| me.customer.as_ref()).map(|customer| customer.name.clone()));
        let mut parts: Vec<String> = vec![title.get().to_string()];
        parts.extend(customer);
        parts.push(i18n.t().common.product.to_owned());
        if let Some(document) = dom::document() {
            document.set_title(&parts.join(" · "));
        }
    });
}

/// A box on the page.
#[component]
pub fn Card(
    /// Heading.
    #[prop(optional, into)]
    title: Option<TextProp>,
    /// Content up to the edge, for tables.
    #[prop(optional)]
    flush: bool,
    /// Marks and buttons beside the heading.
    #[prop(optional, into)]
    tools: Option<ViewFn>,
    /// The content.
    children: Children,
) -> AnyView {
    let id = dom::unique_id("card");
    let heading = title.map(|title| {
        view! {
            <div class=if flush { "bar2" } else { "card-head" }>
                <h2 id=id.clone()>{title}</h2>
                {tools.map(|tools| tools.run())}
            </div>
        }
    });
    let labelledby = heading.is_some().then_some(id);
    view! {
        <section class=if flush { "card flush" } else { "card" } aria-labelledby=labelledby>
            {heading}
            {children()}
        </section>
    }
}

/// A quiet remark with an icon.
pub fn note(mark: Icon, text: impl Into<TextProp>) -> AnyView {
    let text = text.into();
    view! { <p class="note">{icon(mark)} <span>{text}</span></p> }
}
