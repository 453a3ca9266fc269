//! Form fields: label above, hint, and an error that is tied to the control.

use leptos::html;

use crate::prelude::*;

/// Links a control to its hint and error.
fn described(id: &str, hint: bool) -> String {
    if hint { format!("{id}-hint {id}-error") } else { format!("{id}-error") }
}

fn frame(
    id: &'static str,
    label: TextProp,
    hint: Option<TextProp>,
    error: Signal<Option<String>>,
    control: AnyView,
) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            <span class="err" id=format!("{id}-error") hidden=move || error.with(Option::is_none)>
                {error}
            </span>
            {hint.map(|hint| view! { <span class="hint" id=format!("{id}-hint")>{hint}</span> })}
        </div>
    }
}

/// A field of one line.
#[component]
pub fn TextField(
    /// Id of the control, unique on the page.
    id: &'static str,
    /// Label.
    #[prop(into)]
    label: TextProp,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Help under the control.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// Type of the control, such as `password` or `email`.
    #[prop(default = Signal::stored("text"), into)]
    kind: Signal<&'static str>,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Keyboard of a phone.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Example.
    #[prop(optional, into)]
    placeholder: Option<TextProp>,
    /// Whether it has to be filled in.
    #[prop(optional)]
    required: bool,
    /// Most characters that can be typed.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// Gets the focus when it appears.
    #[prop(optional)]
    autofocus: bool,
    /// Fixed-width letters, for codes.
    #[prop(optional)]
    mono: bool,
    /// Runs when the focus leaves.
    #[prop(optional, into)]
    on_blur: Option<Callback<()>>,
    /// The control, to focus it.
    #[prop(optional)]
    node: NodeRef<html::Input>,
) -> AnyView {
    let describedby = described(id, hint.is_some());
    let control = view! {
        <input
            node_ref=node
            id=id
            name=id
            class:mono=mono
            type=kind
            autocomplete=autocomplete
            autocapitalize=mono.then_some("off")
            spellcheck=if mono { "false" } else { "true" }
            inputmode=inputmode
            autofocus=autofocus
            maxlength=maxlength.map(|length| length.to_string())
            placeholder=move || placeholder.as_ref().map(TextProp::get)
            aria-required=required.then_some("true")
            aria-describedby=describedby
            aria-invalid=move || error.with(Option::is_some).then_some("true")
            prop:value=value
            on:input=move |event| value.set(event_target_value(&event))
            on:blur=move |_| {
                if let Some(run) = on_blur {
                    run.run(());
                }
            }
        />
    };
    frame(id, label, hint, error, control)
}

/// A field of several lines.
#[component]
pub fn TextArea(
    /// Id of the control, unique on the page.
    id: &'static str,
    /// Label.
    #[prop(into)]
    label: TextProp,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Help under the control.
    #[prop(optional, into)]
    hint: Option<TextProp>,
    /// Height in lines.
    #[prop(default = 2)]
    rows: u32,
    /// Whether it has to be filled in.
    #[prop(optional)]
    required: bool,
    /// The control, to focus it.
    #[prop(optional)]
    node: NodeRef<html::Textarea>,
) -> AnyView {
    let describedby = described(id, hint.is_some());
    let control = view! {
        <textarea
            node_ref=node
            id=id
            name=id
            rows=rows.to_string()
            aria-required=required.then_some("true")
            aria-describedby=describedby
            aria-invalid=move || error.with(Option::is_some).then_some("true")
            prop:value=value
            on:input=move |event| value.set(event_target_value(&event))
        ></textarea>
    };
    frame(id, label, hint, error, control)
}

/// One choice of a [`SelectField`].
#[derive(Clone)]
pub struct Choice {
    /// The value.
    pub value: String,
    /// The text.
    pub label: TextProp,
}

impl Choice {
    /// Makes a choice.
    pub fn new(value: impl Into<String>, label: impl Into<TextProp>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A choice out of a few.
#[component]
pub fn SelectField(
    /// Id of the control, unique on the page.
    id: &'static str,
    /// Label.
    #[prop(into)]
    label: TextProp,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Takes a new choice.
    #[prop(into)]
    on_change: Callback<String>,
    /// The choices.
    #[prop(into)]
    options: Signal<Vec<Choice>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Help under the control.
    #[prop(optional, into)]
    hint: Option<TextProp>,
) -> AnyView {
    let describedby = described(id, hint.is_some());
    let choices = move || {
        let choice = |option: Choice| {
            let Choice { value: name, label } = option;
            let own = name.clone();
            view! {
                <option value=name selected=move || value.with(|value| *value == own)>
                    {label}
                </option>
            }
        };
        options.get().into_iter().map(choice).collect_view()
    };
    let control = view! {
        <select
            id=id
            name=id
            aria-describedby=describedby
            aria-invalid=move || error.with(Option::is_some).then_some("true")
            prop:value=value
            on:change=move |event| on_change.run(event_target_value(&event))
        >
            {choices}
        </select>
    };
    frame(id, label, hint, error, control)
}

/// A box to tick.
#[component]
pub fn Checkbox(
    /// Id of the control, unique on the page.
    #[prop(into)]
    id: String,
    /// Label.
    #[prop(into)]
    label: TextProp,
    /// Whether it is ticked.
    #[prop(into)]
    checked: Signal<bool>,
    /// Takes a change.
    #[prop(into)]
    on_change: Callback<bool>,
    /// Help under the label.
    #[prop(optional, into)]
    hint: Option<TextProp>,
) -> AnyView {
    let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
    view! {
        <div class="check">
            <input
                type="checkbox"
                id=id.clone()
                aria-describedby=hint_id.clone()
                prop:checked=checked
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> })}
        </div>
    }
}

/// The faults of a form in one place; it takes the focus when there are any.
#[component]
pub fn ErrorSummary(
    /// What to do, in one sentence.
    #[prop(into)]
    title: TextProp,
    /// Id of the control and what is wrong with it; an empty id names no control.
    #[prop(into)]
    errors: Signal<Vec<(String, String)>>,
) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (Some(summary), false) = (node.get(), errors.with(Vec::is_empty)) {
            super::dom::next_tick(move || drop(summary.focus()));
        }
    });
    let row = |(id, text): (String, String)| {
        if id.is_empty() {
            view! { <li>{text}</li> }
        } else {
            view! { <li><a href=format!("#{id}") rel="external">{text}</a></li> }
        }
    };
    view! {
        <div class="summary" role="alert" tabindex="-1" node_ref=node hidden=move || errors.with(Vec::is_empty)>
            <p>{title}</p>
            <ul>{move || errors.get().into_iter().map(row).collect_view()}</ul>
        </div>
    }
}
