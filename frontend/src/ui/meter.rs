//! A measured share of a whole.

use leptos::html;

use super::dom;

use crate::prelude::*;

/// A bar with its value in words for those who do not see it.
#[component]
pub fn Meter(
    /// What is measured.
    #[prop(into)]
    label: TextProp,
    /// The value.
    #[prop(into)]
    value: Signal<i64>,
    /// The whole.
    #[prop(into)]
    max: Signal<i64>,
    /// The value in words.
    #[prop(into)]
    text: TextProp,
) -> AnyView {
    let bar = NodeRef::<html::Span>::new();
    let share = move || {
        let (value, max) = (value.get(), max.get().max(1));
        (value as f64 / max as f64).clamp(0.0, 1.0)
    };
    Effect::new(move |_| {
        if let Some(bar) = bar.get() {
            dom::set_property(&bar, "--w", &format!("{:.1}%", share() * 100.0));
        }
    });
    let tone = move || match share() {
        share if share >= 1.0 => "meter full",
        share if share >= 0.9 => "meter high",
        _ => "meter",
    };
    view! {
        <span
            class=tone
            role="meter"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax=move || max.get().to_string()
            aria-valuenow=move || value.get().min(max.get()).to_string()
            aria-valuetext=text
        >
            <span node_ref=bar></span>
        </span>
    }
}
