//! The search box: what is typed, what is wrong with it and where, the period, and a chip for each filter.

use leptos::html;
use shared::query::ParseError;
use shared::time::Millis;

use super::explorer::Explorer;
use super::filters::{Chip, Filters, Range, chips};
use super::searches;
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::ui::{Button, Choice, Icon, SelectField, TextField, Variant, dom, icon};

type Pick = fn(&'static Texts) -> &'static str;

/// The search box.
#[component]
pub fn QueryBox(
    /// The explorer.
    explorer: Explorer,
) -> AnyView {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<ParseError>);
    // A link or the back button brings its own query.
    Effect::new(move |_| {
        explorer.filters.with(|filters| {
            typed.set(filters.q.clone());
            error.set(shared::query::parse(&filters.q).err());
        });
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        search(explorer, typed, error);
    };
    let suggestion = move || error.with(Option::is_some).then(|| readable(&typed.get())).flatten();
    let use_suggestion = move |()| {
        if let Some(better) = untrack(suggestion) {
            typed.set(better);
            search(explorer, typed, error);
        }
    };
    view! {
        <search>
            <div class="card query">
            <form class="query" on:submit=submit novalidate>
                <div class="qrow">
                    {input(typed, error)} {range_choice(explorer)}
                    <Button variant=Variant::Primary submit=true icon=Icon::SEARCH>
                        {i18n.tr(|t| t.logs.search)}
                    </Button>
                </div>
                {move || {
                    suggestion()
                        .map(|better| {
                            view! {
                                <p class="row">
                                    <code>{better}</code>
                                    <Button small=true on_press=use_suggestion>{i18n.tr(|t| t.logs.use_suggestion)}</Button>
                                </p>
                            }
                        })
                }}
                {move || (explorer.filters.with(|filters| filters.range) == Range::Custom).then(|| dates(explorer))}
                {move || chip_list(explorer)}
                {help()}
            </form>
            {searches::fold(explorer)}
            </div>
        </search>
    }
}

/// What was probably meant: the suggestions put in one after the other until the query can be read.
fn readable(typed: &str) -> Option<String> {
    const MOST: usize = 8;
    let mut text = typed.to_owned();
    for _ in 0..MOST {
        match shared::query::parse(&text) {
            Ok(_) => return Some(text).filter(|text| !text.trim().is_empty() && text != typed),
            Err(error) => text = error.apply(&text)?,
        }
    }
    None
}

/// Runs what is typed; a query that cannot be read stays in the box and the old results stay too.
fn search(explorer: Explorer, typed: RwSignal<String>, error: RwSignal<Option<ParseError>>) {
    let q = typed.get_untracked().trim().to_owned();
    match shared::query::parse(&q) {
        Ok(_) => {
            error.set(None);
            let filters = explorer.filters.get_untracked();
            if filters.q.trim() == q {
                explorer.reload();
            } else {
                explorer.filter(&Filters { q, ..filters });
            }
        }
        Err(fault) => {
            mark(&q, &fault);
            error.set(Some(fault));
        }
    }
}

/// Selects the piece that is wrong in the box.
fn mark(q: &str, fault: &ParseError) {
    use wasm_bindgen::JsCast;
    let units = |chars: usize| q.chars().take(chars).map(char::len_utf16).sum::<usize>() as u32;
    let (from, to) = (units(fault.position), units(fault.position + fault.length));
    if let Some(field) = dom::find("#q").and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok())
    {
        drop(field.focus());
        drop(field.set_selection_range(from, to));
    }
}

fn input(typed: RwSignal<String>, error: RwSignal<Option<ParseError>>) -> AnyView {
    let i18n = use_i18n();
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = node.get() {
            drop(field.set_attribute("data-search", ""));
            drop(field.set_attribute("aria-keyshortcuts", "/"));
        }
    });
    let message = Signal::derive(move || {
        let lang = i18n.lang().code();
        error.with(|error| error.as_ref().map(|error| error.message(lang)))
    });
    view! {
        <TextField
            id="q"
            label=i18n.tr(|t| t.logs.query_label)
            hint=i18n.tr(|t| t.logs.query_hint)
            placeholder=i18n.tr(|t| t.logs.query_placeholder)
            value=typed
            error=message
            mono=true
            node
        />
    }
}

fn range_choice(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let name = |range: Range| -> Pick {
        match range {
            Range::All => |t| t.logs.range_all,
            Range::Hour => |t| t.logs.range_hour,
            Range::Day => |t| t.logs.range_day,
            Range::Week => |t| t.logs.range_week,
            Range::Month => |t| t.logs.range_month,
            Range::Custom | Range::Exact => |t| t.logs.range_custom,
        }
    };
    let options: Vec<Choice> =
        Range::ALL.into_iter().map(|range| Choice::new(range.as_str(), i18n.tr(name(range)))).collect();
    let value = Signal::derive(move || {
        let range = explorer.filters.with(|filters| filters.range);
        // A stretch of the histogram has its chip; in the list it is one of one's own choice.
        if range == Range::Exact { Range::Custom } else { range }.as_str().to_owned()
    });
    let change = move |value: String| {
        let range = Range::parse(&value);
        let filters = explorer.filters.get_untracked();
        // Moments are no days.
        let (from, to) =
            if filters.range == Range::Exact { Default::default() } else { (filters.from, filters.to) };
        explorer.filter(&Filters { range, from, to, ..filters });
    };
    view! { <SelectField id="range" label=i18n.tr(|t| t.logs.range_label) value on_change=change options /> }
}

fn dates(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let field = move |id: &'static str,
                      label: Pick,
                      value: fn(&Filters) -> &String,
                      set: fn(&mut Filters, String)| {
        view! {
            <div class="field">
                <label for=id>{i18n.tr(label)}</label>
                <input
                    id=id
                    type="date"
                    prop:value=move || explorer.filters.with(|filters| value(filters).clone())
                    on:change=move |event| {
                        let mut filters = explorer.filters.get_untracked();
                        set(&mut filters, event_target_value(&event));
                        explorer.filter(&filters);
                    }
                />
            </div>
        }
    };
    let order = move || {
        explorer.filters.with(|filters| {
            let wrong = !filters.from.is_empty() && !filters.to.is_empty() && filters.to < filters.from;
            wrong.then(|| view! { <p class="err" role="alert">{i18n.tr(|t| t.logs.date_order)}</p> })
        })
    };
    view! {
        <div class="dates">
            {field("van", |t| t.logs.from, |filters| &filters.from, |filters, day| filters.from = day)}
            {field("tot", |t| t.logs.to, |filters| &filters.to, |filters, day| filters.to = day)} {order}
        </div>
    }
}

fn chip_list(explorer: Explorer) -> Option<AnyView> {
    let i18n = use_i18n();
    let filters = explorer.filters.get();
    let terms = chips(&filters.q).unwrap_or_default();
    let range = range_text(i18n.t(), &i18n.fmt(), &filters);
    if terms.is_empty() && range.is_none() {
        return None;
    }
    let term_chip = |Chip { text, excluded, without }: Chip| {
        let shown = if excluded { format!("-{text}") } else { text };
        chip(shown, excluded, move || {
            explorer.filter(&Filters { q: without.clone(), ..explorer.filters.get_untracked() });
        })
    };
    let range_chip = |text: String| {
        chip(text, false, move || {
            explorer.filter(&Filters { range: Range::All, ..explorer.filters.get_untracked() });
        })
    };
    Some(view! {
        <ul role="list" class="chips" aria-label=i18n.t().logs.chips_label>
            {terms.into_iter().map(term_chip).collect_view()} {range.map(range_chip)}
        </ul>
    })
}

fn range_text(t: &'static Texts, fmt: &crate::i18n::Formats, filters: &Filters) -> Option<String> {
    Some(match filters.range {
        Range::All => return None,
        Range::Hour => t.logs.range_hour.to_owned(),
        Range::Day => t.logs.range_day.to_owned(),
        Range::Week => t.logs.range_week.to_owned(),
        Range::Month => t.logs.range_month.to_owned(),
        Range::Exact => {
            let at = |text: &str| Millis::from_rfc3339(text).map(|at| fmt.date_time(at)).unwrap_or_default();
            (t.logs.span_chip)(&at(&filters.from), &at(&filters.to))
        }
        Range::Custom => {
            let (from, to) = (fmt.day_medium(&filters.from), fmt.day_medium(&filters.to));
            match (filters.from.is_empty(), filters.to.is_empty()) {
                (true, true) => return None,
                (false, true) => (t.logs.since_chip)(&from),
                (true, false) => (t.logs.until_chip)(&to),
                (false, false) => (t.logs.range_chip)(&from, &to),
            }
        }
    })
}

/// One filter; pressing it takes it away and gives the focus to the box.
fn chip(text: String, excluded: bool, remove: impl Fn() + 'static) -> AnyView {
    let i18n = use_i18n();
    view! {
        <li>
            <button
                type="button"
                class="chip"
                class:not=excluded
                on:click=move |_| {
                    remove();
                    dom::focus_later("#q");
                }
            >
                <span class="vh">{i18n.tr(|t| t.logs.remove_filter)} " "</span>
                <span class="t">{text}</span>
                {icon(Icon::X)}
            </button>
        </li>
    }
}

fn help() -> AnyView {
    let i18n = use_i18n();
    let rows: [(Pick, Pick); 7] = [
        (|t| t.logs.ex_words, |t| t.logs.help_words),
        (|t| t.logs.ex_phrase, |t| t.logs.help_phrase),
        (|t| t.logs.ex_field, |t| t.logs.help_field),
        (|t| t.logs.ex_not, |t| t.logs.help_not),
        (|t| t.logs.ex_range, |t| t.logs.help_range),
        (|t| t.logs.ex_or, |t| t.logs.help_or),
        (|t| t.logs.ex_after, |t| t.logs.help_after),
    ];
    let row = |(example, meaning): (Pick, Pick)| {
        view! {
            <div>
                <dt>
                    <code>{i18n.tr(example)}</code>
                </dt>
                <dd>{i18n.tr(meaning)}</dd>
            </div>
        }
    };
    view! {
        <details class="help">
            <summary>{i18n.tr(|t| t.logs.help)}</summary>
            <dl>{rows.into_iter().map(row).collect_view()}</dl>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    /// UI-06: what is offered can be read, whatever was typed.
    #[test]
    fn only_queries_that_can_be_read_are_offered() {
        for typed in ["dok --", "--", "dok -", "level:", "(dok OR", "dok AND", "\"dok", "a:>", "- -", "OR OR"]
        {
            if let Some(better) = readable(typed) {
                assert!(shared::query::parse(&better).is_ok(), "{typed} → {better}");
                assert!(!better.trim().is_empty(), "{typed} → nothing");
            }
        }
        assert_eq!(readable("dok --").as_deref(), Some("dok"));
        assert_eq!(readable("dok"), None);
    }
}
