//! The most frequent values of fields, each to include or exclude.

use shared::analytics::{FacetOut, ValueCount};

use super::explorer::Explorer;
use crate::i18n::use_i18n;
use crate::pages::customer::parts::{field_name, share_bar, value_name};
use crate::prelude::*;
use crate::ui::{Async, Button, Icon, IconButton, TextField, dom};

/// The fields.
pub fn fields(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let load = explorer.values;
    let none =
        move || !explorer.counts() || load.data.with(|data| data.as_ref().is_some_and(|data| data.n == 0));
    let lists = move || {
        move || {
            load.data.with(|data| {
                let facets = data.as_ref().map(|data| data.facets.clone()).unwrap_or_default();
                facets.into_iter().map(|facet| list(explorer, facet)).collect_view()
            })
        }
    };
    let partial = move || {
        let partial = load.data.with(|data| data.as_ref().is_some_and(|data| !data.complete));
        partial.then(|| view! { <p class="note">{i18n.tr(|t| t.logs.newest_only)}</p> })
    };
    view! {
        <section class="card facets" aria-labelledby="fields" hidden=none>
            <details open=dom::is_wide()>
                <summary>
                    <h2 id="fields">{i18n.tr(|t| t.logs.fields)}</h2>
                </summary>
                {partial}
                {move || explorer.counts().then(|| view! { <Async load view=lists /> })}
                {other(explorer)}
            </details>
        </section>
    }
}

fn list(explorer: Explorer, facet: FacetOut) -> AnyView {
    let i18n = use_i18n();
    let name = facet.field.clone();
    let rest = (facet.other > 0).then(|| {
        let count = i18n.fmt().int(facet.other);
        view! { <p class="sub2">{move || (i18n.t().logs.other_values)(&count)}</p> }
    });
    let empty = facet.values.is_empty().then(|| {
        view! { <p class="sub2">{i18n.tr(|t| t.logs.field_unused)}</p> }
    });
    let field = facet.field.clone();
    view! {
        <h3>{move || field_name(i18n.t(), &name)}</h3>
        <ul role="list">
            {facet.values.into_iter().map(|value| row(explorer, &field, value)).collect_view()}
        </ul>
        {empty}
        {rest}
    }
}

fn row(explorer: Explorer, field: &str, value: ValueCount) -> AnyView {
    let i18n = use_i18n();
    let shown = value_name(i18n, field, &value.value);
    let (only, without) = (shown.clone(), shown.clone());
    let excluded = format!("-{}", value.term);
    let term = value.term;
    let add = move |term: String| {
        explorer.add_term(&term);
        dom::focus_later("#fields");
    };
    view! {
        <li>
            <span class="v" title=value.value>{shown}</span>
            <span class="num">{i18n.fmt().int(value.count)}</span>
            <IconButton
                icon=Icon::PLUS
                label=move || (i18n.t().logs.only_value)(&only)
                on_press=move |()| add(term.clone())
            />
            <IconButton
                icon=Icon::MINUS
                label=move || (i18n.t().logs.without_value)(&without)
                on_press=move |()| add(excluded.clone())
            />
            {share_bar(value.share)}
        </li>
    }
}

/// Any field of the customer's own data can be counted.
fn other(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| typed.set(explorer.field.get()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        explorer.count_field(typed.get_untracked().trim().trim_end_matches(':'));
    };
    view! {
        <form on:submit=submit novalidate>
            <TextField
                id="veld"
                label=i18n.tr(|t| t.logs.other_field)
                hint=i18n.tr(|t| t.logs.other_field_hint)
                value=typed
                maxlength=128
                mono=true
            />
            <Button small=true submit=true>{i18n.tr(|t| t.logs.count_field)}</Button>
        </form>
    }
}
