//! What the page is about: period, comparison and query, as they stand in the address.

use shared::time::Millis;

use super::choices::{Named, chosen, name_of, options};
use crate::api::analytics::Asked;
use crate::api::params::Params;
use crate::api::{ApiError, AuthedApi, Reply, use_api};
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::ui::{Button, Icon, Load, SelectField, TextField};

/// Periods to choose from: name in the address, days with today, text.
const PERIODS: [Named<i64>; 4] = [
    ("7d", 7, |t| t.analytics.days_7),
    ("30d", 30, |t| t.analytics.days_30),
    ("90d", 90, |t| t.analytics.days_90),
    ("1j", 365, |t| t.analytics.days_365),
];
/// Earlier periods to compare with: name in the address, name for the API, text.
const EARLIER: [Named<&str>; 3] = [
    ("", "previous", |t| t.analytics.compare_previous),
    ("jaar", "year", |t| t.analytics.compare_year),
    ("nee", "", |t| t.analytics.compare_none),
];
/// The period that nobody chose.
const DEFAULT: &str = "30d";

/// Handle on the state of the page.
#[derive(Clone, Copy)]
pub struct Scope {
    /// What is asked for.
    pub asked: Memo<Asked>,
    period: Memo<String>,
    q: Memo<String>,
    earlier: Memo<String>,
    api: AuthedApi,
    go: Callback<String>,
}

impl Scope {
    /// Reads the address.
    pub fn new() -> Self {
        let router = use_router();
        let get = move |name: &str| router.parameter(name).unwrap_or_default();
        let period = Memo::new(move |_| name_of(&PERIODS, &get("tijd"), DEFAULT));
        let q = Memo::new(move |_| get("q"));
        let earlier = Memo::new(move |_| name_of(&EARLIER, &get("vergelijk"), ""));
        let asked = Memo::new(move |_| Asked {
            q: q.get(),
            days: chosen(&PERIODS, &period.get(), DEFAULT).map_or(30, |(_, days, _)| days),
            compare: chosen(&EARLIER, &earlier.get(), "").map_or("", |(_, compare, _)| compare),
        });
        let go = Callback::new(move |query: String| router.go(&format!("/app/analyse{query}"), Go::State));
        Self { asked, period, q, earlier, api: use_api(), go }
    }

    /// Fetches something now and whenever period, comparison or query change.
    pub fn load<T: 'static>(self, fetch: impl Fn(&AuthedApi, &Asked) -> Reply<T> + 'static) -> Load<T> {
        let load = Load::idle(move || {
            let asked = self.asked.get_untracked();
            if shared::query::parse(&asked.q).is_err() {
                // The box says what is wrong; what was there stays.
                return Box::pin(std::future::ready(Err(ApiError::Aborted)));
            }
            fetch(&self.api, &asked)
        });
        Effect::new(move |_| {
            self.asked.track();
            load.reload();
        });
        load
    }

    fn show(self, period: &str, earlier: &str, q: &str) {
        let query = Params::new()
            .with("tijd", if period == DEFAULT { "" } else { period })
            .with("vergelijk", earlier)
            .with("q", q.trim())
            .finish();
        self.go.run(query);
    }

    /// Narrows the page to what a term finds.
    pub fn add_term(self, term: &str) {
        let q = self.q.get_untracked();
        let q = if q.trim().is_empty() { term.to_owned() } else { format!("{} {term}", q.trim()) };
        self.show(&self.period.get_untracked(), &self.earlier.get_untracked(), &q);
    }

    /// The address of the explorer with these logs.
    #[must_use]
    pub fn logs(q: &str, from: Millis, to: Millis) -> String {
        let query = Params::new()
            .with("q", q)
            .with("tijd", "precies")
            .with("van", &from.to_rfc3339())
            .with("tot", &to.to_rfc3339())
            .finish();
        format!("/app/logs{query}")
    }
}

/// The box of a query: what is typed, and what is wrong with the query in the address.
pub fn query_field(q: Memo<String>, typed: RwSignal<String>) -> AnyView {
    let i18n = use_i18n();
    let error = Signal::derive(move || {
        let fault = shared::query::parse(&q.get()).err()?;
        Some(fault.message(i18n.lang().code()))
    });
    view! {
        <TextField
            id="q"
            label=i18n.tr(|t| t.analytics.query_label)
            hint=i18n.tr(|t| t.analytics.query_hint)
            placeholder=i18n.tr(|t| t.logs.query_placeholder)
            value=typed
            error
            mono=true
        />
    }
}

/// Period, comparison and query.
pub fn bar(scope: Scope) -> AnyView {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| typed.set(scope.q.get()));
    let choose = move |period: String| {
        scope.show(&period, &scope.earlier.get_untracked(), &scope.q.get_untracked());
    };
    let compare = move |earlier: String| {
        scope.show(&scope.period.get_untracked(), &earlier, &scope.q.get_untracked());
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        scope.show(&scope.period.get_untracked(), &scope.earlier.get_untracked(), &typed.get_untracked());
    };
    view! {
        <search>
            <form class="card query" on:submit=submit novalidate>
                <div class="qrow">
                    {query_field(scope.q, typed)}
                    <SelectField
                        id="period"
                        label=i18n.tr(|t| t.logs.range_label)
                        value=Signal::derive(move || scope.period.get())
                        on_change=choose
                        options=options(i18n, &PERIODS)
                    />
                    <Button submit=true icon=Icon::LIST_FILTER>{i18n.tr(|t| t.analytics.apply)}</Button>
                </div>
                <div class="dates">
                    <SelectField
                        id="compare"
                        label=i18n.tr(|t| t.analytics.compare)
                        value=Signal::derive(move || scope.earlier.get())
                        on_change=compare
                        options=options(i18n, &EARLIER)
                    />
                </div>
            </form>
        </search>
    }
}
