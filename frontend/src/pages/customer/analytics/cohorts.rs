//! Cohorts: the values of a field by the month of their first log, and which of them came back in later months. Field
//! and query stand in the address.

use shared::access::Permission;
use shared::analytics::{CohortRow, CohortsOut};

use super::scope::query_field;
use super::tabs::{COHORTS, tabs};
use crate::api::params::Params;
use crate::api::{ApiError, analytics, use_api};
use crate::i18n::{I18n, use_i18n};
use crate::pages::cohort_table::{Cohort, cohort_rows, cohort_table};
use crate::pages::customer::parts::field_name;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::use_session;
use crate::ui::{Async, Button, Card, EmptyState, Icon, Load, PageHeader, TextField, csv_button};

/// The field that nobody chose.
const DEFAULT_FIELD: &str = "kind";

/// The page.
#[component]
pub fn CohortsPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    if !untrack(|| session.can(Permission::AnalyticsRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.cohorts.title) />
            <NotAllowed />
        };
    }
    let router = use_router();
    let api = use_api();
    let field = Memo::new(move |_| {
        router.parameter("veld").filter(|field| !field.is_empty()).unwrap_or_else(|| DEFAULT_FIELD.to_owned())
    });
    let q = Memo::new(move |_| router.parameter("q").unwrap_or_default());
    let load = Load::idle(move || {
        let (field, q) = (field.get_untracked(), q.get_untracked());
        if shared::query::parse(&q).is_err() {
            // The box says what is wrong; what was there stays.
            return Box::pin(std::future::ready(Err(ApiError::Aborted)));
        }
        analytics::cohorts(&api, &field, &q)
    });
    Effect::new(move |_| {
        field.track();
        q.track();
        load.reload();
    });
    let table = move || live(move || load.data.with(|data| data.as_ref().map(|data| content(i18n, data))));
    let file = move || {
        load.data.with(|data| data.as_ref().map(|data| cohort_rows(i18n, &cohorts(data)))).unwrap_or_default()
    };
    // The field of what is shown, which is that of the address a moment later.
    let shown = move || load.data.with(|data| data.as_ref().map(|data| data.field.clone()));
    let title = move || {
        let field = shown().unwrap_or_else(|| field.get());
        (i18n.t().cohorts.of_field)(&field_name(i18n.t(), &field))
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.cohorts.title) />
        {tabs()}
        <p class="sub2">{i18n.tr(|t| t.cohorts.lead)}</p>
        {form(i18n, field, q)}
        <Card title=title>
            <Async load view=table />
            {csv_button("cohorten.csv", file)}
        </Card>
    }
}

fn form(i18n: I18n, field: Memo<String>, q: Memo<String>) -> AnyView {
    let router = use_router();
    let (typed_field, typed_q) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| typed_field.set(field.get()));
    Effect::new(move |_| typed_q.set(q.get()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let query = Params::new()
            .with("veld", typed_field.get_untracked().trim())
            .with("q", typed_q.get_untracked().trim())
            .finish();
        router.go(&format!("{COHORTS}{query}"), Go::State);
    };
    view! {
        <search>
            <form class="card query" on:submit=submit novalidate>
                <div class="qrow">
                    {query_field(q, typed_q)}
                    <TextField id="field" label=i18n.tr(|t| t.cohorts.field) value=typed_field mono=true />
                    <Button submit=true icon=Icon::LIST_FILTER>{i18n.tr(|t| t.analytics.apply)}</Button>
                </div>
            </form>
        </search>
    }
}

fn cohorts(data: &CohortsOut) -> Vec<Cohort> {
    let cohort = |row: &CohortRow| Cohort {
        month: row.month.clone(),
        size: row.size,
        cells: row.cells.iter().map(|cell| (Some(cell.active), cell.provisional)).collect(),
    };
    data.rows.iter().map(cohort).collect()
}

fn content(i18n: I18n, data: &CohortsOut) -> AnyView {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    if data.rows.is_empty() {
        return view! {
            <EmptyState mark=Icon::LAYERS title=i18n.tr(|t| t.cohorts.none_title) text=i18n.tr(|t| t.cohorts.none_text) />
        };
    }
    let size: i64 = data.rows.iter().map(|row| row.size).sum();
    let mut summary = (t.cohorts.summary)(&fmt.int(size), &fmt.int(data.n), &back(data, &fmt));
    if !data.complete {
        summary.push(' ');
        summary.push_str(t.cohorts.incomplete);
    }
    summary.push(' ');
    summary.push_str(&(t.overview.zone)(&data.time_zone));
    view! {
        <p class="sub">{summary}</p>
        {cohort_table(i18n, &cohorts(data))}
    }
}

/// The share of all values that came back in the month after their first one, over the cohorts whose next month is
/// complete; a dash when there is none.
fn back(data: &CohortsOut, fmt: &crate::i18n::Formats) -> String {
    let complete = |row: &&CohortRow| row.cells.get(1).is_some_and(|cell| !cell.provisional);
    let (active, size) = data
        .rows
        .iter()
        .filter(complete)
        .fold((0, 0), |(active, size), row| (active + row.cells[1].active, size + row.size));
    if size == 0 { "–".to_owned() } else { fmt.percent(active as f64 / size as f64) }
}
