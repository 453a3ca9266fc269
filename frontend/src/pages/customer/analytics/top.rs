//! The most frequent values of fields; pressing one narrows the page to it.

use shared::analytics::{FacetOut, FacetsOut, ValueCount};

use super::scope::Scope;
use crate::api::analytics;
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::parts::{field_name, share_bar, value_name};
use crate::prelude::*;
use crate::ui::{Async, Card, Rows, csv_button};

/// The top lists.
pub fn top(scope: Scope) -> AnyView {
    let i18n = use_i18n();
    let load = scope.load(analytics::top);
    let view =
        move || live(move || load.data.with(|data| data.as_ref().map(|data| lists(i18n, scope, data))));
    view! {
        <Card title=i18n.tr(|t| t.analytics.top_title)>
            <Async load view />
            {csv_button("meest-voorkomend.csv", move || load.data.with(|data| data.as_ref().map(|data| rows(i18n, data))).unwrap_or_default())}
        </Card>
    }
}

/// The lists as rows of a file: the values, what is beyond them, and the logs without the field.
fn rows(i18n: I18n, data: &FacetsOut) -> Rows {
    let t = &i18n.t().analytics;
    let mut rows = vec![[t.csv_field, t.csv_value, t.csv_count].map(str::to_owned).to_vec()];
    for facet in &data.facets {
        let field = field_name(i18n.t(), &facet.field);
        let row = |value: &str, count: i64| vec![field.to_string(), value.to_owned(), count.to_string()];
        rows.extend(facet.values.iter().map(|value| row(&value.value, value.count)));
        rows.push(row(t.csv_other, facet.other));
        rows.push(row(t.csv_missing, facet.missing));
    }
    rows
}

fn lists(i18n: I18n, scope: Scope, data: &FacetsOut) -> AnyView {
    let used = data.facets.iter().filter(|facet| !facet.values.is_empty());
    let lists = used.map(|facet| list(i18n, scope, facet)).collect_view();
    view! {
        <p class="sub">{sentence(i18n, data)}</p>
        <div class="facets beside">{lists}</div>
    }
}

/// Which value stands above all others.
fn sentence(i18n: I18n, data: &FacetsOut) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let values = data.facets.iter().flat_map(|facet| facet.values.iter().map(move |value| (facet, value)));
    let Some((facet, most)) = values.max_by_key(|(_, value)| value.count) else {
        return t.overview.daily_none.to_owned();
    };
    let (field, value) = (field_name(t, &facet.field), value_name(i18n, &facet.field, &most.value));
    let mut text = (t.analytics.top_summary)(&fmt.int(data.n), &field, &value, &fmt.percent(most.share));
    if !data.complete {
        text.push(' ');
        text.push_str(t.logs.newest_only);
    }
    text
}

fn list(i18n: I18n, scope: Scope, facet: &FacetOut) -> AnyView {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let row = |value: &ValueCount| {
        let shown = value_name(i18n, &facet.field, &value.value);
        let label = (t.logs.only_value)(&shown);
        let term = value.term.clone();
        view! {
            <li>
                <button type="button" class="v link" title=label on:click=move |_| scope.add_term(&term)>
                    {shown}
                </button>
                <span class="num">{fmt.int(value.count)}</span>
                <span class="num sub2">{fmt.percent(value.share)}</span>
                {share_bar(value.share)}
            </li>
        }
    };
    let rows = facet.values.iter().map(row).collect_view();
    let mut distinct = fmt.int(facet.distinct);
    if facet.distinct_capped {
        distinct.push('+');
    }
    let foot = (t.analytics.distinct)(&distinct, &fmt.int(facet.other), &fmt.int(facet.missing));
    view! {
        <div>
            <h3>{field_name(t, &facet.field)}</h3>
            <ul role="list">{rows}</ul>
            <p class="sub2">{foot}</p>
        </div>
    }
}
