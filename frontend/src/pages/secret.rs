//! A secret that is shown exactly once: in the page, with a copy button, until the person says it is kept.
//!
//! While it is shown the browser asks before it leaves the page.

use leptos::ev;
use leptos::html;

use crate::prelude::*;
use crate::ui::{Button, CopyButton, Icon, Variant, dom, icon};

/// Shows a secret once.
#[component]
pub fn Secret(
    /// Heading.
    #[prop(into)]
    title: TextProp,
    /// Why it has to be stored now.
    #[prop(into)]
    warning: TextProp,
    /// What it is, for those who do not see the layout.
    #[prop(into)]
    label: TextProp,
    /// The secret.
    secret: String,
    /// Label of the copy button.
    #[prop(into)]
    copy: TextProp,
    /// Label of the button that ends it.
    #[prop(into)]
    kept: TextProp,
    /// Runs when the person has stored it.
    #[prop(into)]
    on_kept: Callback<()>,
    /// What helps to use it.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            dom::next_tick(move || drop(heading.focus()));
        }
    });
    ask_before_leaving();
    let id = dom::unique_id("secret");
    let labelledby = id.clone();
    view! {
        <section class="card secret" aria-labelledby=labelledby>
            <h2 id=id tabindex="-1" node_ref=heading>
                {icon(Icon::KEY_ROUND)}
                <span>{title}</span>
            </h2>
            <p class="secret-warn">{icon(Icon::TRIANGLE_ALERT)} <span>{warning}</span></p>
            <div class="secret-row">
                <output class="secret-value mono" aria-label=label>
                    {secret.clone()}
                </output>
                <CopyButton text=secret label=copy variant=Variant::Primary />
            </div>
            {children.map(|children| children())}
            <div class="row">
                <Button icon=Icon::CHECK on_press=on_kept>
                    {kept}
                </Button>
            </div>
        </section>
    }
}

fn ask_before_leaving() {
    let handle = window_event_listener(ev::beforeunload, |event| event.prevent_default());
    on_cleanup(move || handle.remove());
}
