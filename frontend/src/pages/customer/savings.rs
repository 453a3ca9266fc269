//! What searches and exports save, by the customer's own minutes, against the price of the plan. Nothing is assumed.

use leptos::ev;
use shared::access::Permission;
use shared::analytics::Reason;
use shared::savings::{SavingsIn, SavingsMonth, SavingsOut};

use crate::api::{AuthedApi, usage, use_api};
use crate::i18n::{I18n, use_i18n};
use crate::pages::form::{Faults, given};
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Card, Load, Rows, TextField, csv_button};

/// The card.
pub fn savings_card() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || usage::savings(&api));
    view! {
        <Card title=i18n.tr(|t| t.savings.title) tools=move || csv_button("besparing.csv", move || file(i18n, load))>
            <div class="stack">
                <p class="sub2">{i18n.tr(|t| t.savings.lead)}</p>
                <Async load view=move || content(load, api) />
            </div>
        </Card>
    }
}

fn content(load: Load<SavingsOut>, api: AuthedApi) -> AnyView {
    let i18n = use_i18n();
    let may_change = untrack(|| use_session().can(Permission::AccountManage));
    let months = move || {
        live(move || {
            let shown = load.data.get()?;
            let months = shown.months.iter().map(|month| line(i18n, &shown, month)).collect_view();
            Some(view! {
                <ul role="list" class="stack">
                    {months}
                </ul>
            })
        })
    };
    view! {
        <div class="stack">
            {months()}
            {may_change.then(|| form(load, api))}
        </div>
    }
}

/// The months as rows of a file; what is not known is empty.
fn file(i18n: I18n, load: Load<SavingsOut>) -> Rows {
    let t = i18n.t();
    let s = &t.savings;
    let head = [t.plan.period, s.csv_searches, s.csv_exports, s.csv_hours, s.csv_cents_per_hour];
    let text = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let row = |month: &SavingsMonth| {
        let hours = month.hours.map(|hours| hours.to_string()).unwrap_or_default();
        let cents = text(month.cents_per_hour);
        vec![month.period.clone(), text(month.searches), text(month.exports), hours, cents]
    };
    let rows = load.data.with(|data| data.as_ref().map(|data| data.months.iter().map(row).collect::<Rows>()));
    std::iter::once(head.map(str::to_owned).to_vec()).chain(rows.unwrap_or_default()).collect()
}

/// One month in words.
fn line(i18n: I18n, shown: &SavingsOut, month: &SavingsMonth) -> AnyView {
    let (t, fmt) = (&i18n.t().savings, i18n.fmt());
    let counted = month
        .searches
        .zip(month.exports)
        .map(|(searches, exports)| (t.counted)(&fmt.int(searches), &fmt.int(exports)));
    let since = month.counted_from.as_ref().map(|day| (t.since)(&fmt.day_medium(day)));
    let saved = match (month.hours, month.reason) {
        (Some(hours), _) => (t.hours)(&fmt.decimal(hours)),
        (None, Some(Reason::NoData)) => t.not_counted.to_owned(),
        (None, _) => t.no_assumption.to_owned(),
    };
    let price = month.cents_per_hour.map(|cents| (t.price)(&fmt.euro(shown.plan_cents), &fmt.euro(cents)));
    let running = (!month.complete).then(|| t.running.to_owned());
    let words: Vec<String> = [counted, since, Some(saved), price, running].into_iter().flatten().collect();
    view! {
        <li>
            <strong>{fmt.month(&month.period)}</strong>
            <p>{words.join(" ")}</p>
        </li>
    }
}

fn form(load: Load<SavingsOut>, api: AuthedApi) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let faults = Faults::new(&[
        ("/minutes_per_search", "minutes-search", |t| t.savings.per_search),
        ("/minutes_per_export", "minutes-export", |t| t.savings.per_export),
    ]);
    let stored =
        load.data.with_untracked(|data| data.as_ref().map(|data| data.assumptions).unwrap_or_default());
    let typed =
        |minutes: Option<i64>| RwSignal::new(minutes.map(|minutes| minutes.to_string()).unwrap_or_default());
    let (search, export) = (typed(stored.minutes_per_search), typed(stored.minutes_per_export));
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        // What is no number is outside every bound.
        let minutes = |value: RwSignal<String>| given(value).map(|text| text.parse::<i64>().unwrap_or(-1));
        let input = SavingsIn { minutes_per_search: minutes(search), minutes_per_export: minutes(export) };
        if !faults.check(&input.check().errors) {
            return;
        }
        let version = load.data.with_untracked(|data| data.as_ref().map_or(0, |data| data.version));
        busy.set(true);
        spawn_local(async move {
            let result = usage::update_savings(&api, version, &input).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    toasts.success(i18n.t_untracked().common.saved);
                    load.data.set(Some(out));
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            <div class="dates">
                <TextField
                    id="minutes-search"
                    label=i18n.tr(|t| t.savings.per_search)
                    value=search
                    error=faults.of("/minutes_per_search")
                    inputmode="numeric"
                />
                <TextField
                    id="minutes-export"
                    label=i18n.tr(|t| t.savings.per_export)
                    value=export
                    error=faults.of("/minutes_per_export")
                    inputmode="numeric"
                />
            </div>
            <div class="row">
                <Button submit=true busy>{i18n.tr(|t| t.common.save)}</Button>
            </div>
        </form>
    }
}
