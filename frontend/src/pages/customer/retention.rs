//! The form of how long logs are kept, all of them or those of a kind.

use leptos::ev;
use shared::erasure::{MAX_RETENTION_DAYS, MIN_RETENTION_DAYS, RetentionIn, RetentionOut};
use shared::time::Millis;
use shared::validate::Checks;

use crate::api::{AuthedApi, erasure};
use crate::i18n::{Texts, use_i18n};
use crate::pages::form::{Faults, given};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Checkbox, Icon, Load, TextField, note};

/// Days that count now; days that will, from when, and how many logs go then.
type Times = (Option<i64>, Option<(Option<i64>, Millis, i64)>);

/// Of all logs, or of a kind.
fn times(out: &RetentionOut, kind: Option<&str>) -> Times {
    let Some(kind) = kind else {
        return (out.days, out.next.map(|next| (Some(next.days), next.at, next.would_erase)));
    };
    let own = out.of_kind(kind);
    let next = own.and_then(|own| own.next).map(|next| (next.days, next.at, next.would_erase));
    (own.and_then(|own| own.days), next)
}

/// The form of how long logs are kept, or those of a kind.
pub fn retention_form(load: Load<RetentionOut>, api: AuthedApi, kind: Option<String>) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let faults = Faults::new(&[("/days", "days", |t| t.privacy.days)]);
    let (of_kind, kind) = (kind.is_some(), StoredValue::new(kind));
    let shown = move || {
        let kind = kind.get_value();
        load.data.with(|data| data.as_ref().map(|out| times(out, kind.as_deref()))).unwrap_or_default()
    };
    let in_field = |(days, next): Times| {
        next.map_or(days, |(days, ..)| days).map(|days| days.to_string()).unwrap_or_default()
    };
    let stored = untrack(shown);
    let days = RwSignal::new(in_field(stored));
    let keeps = load.data.with_untracked(|data| data.as_ref().is_some_and(|out| out.keep_totals));
    let totals = RwSignal::new(keeps);
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        let typed = given(days);
        // What is no number is outside every bound.
        let chosen = typed.map(|text| text.parse::<i64>().unwrap_or(-1));
        let mut checks = Checks::default();
        if let Some(days) = chosen {
            checks.range("/days", days, MIN_RETENTION_DAYS, MAX_RETENTION_DAYS);
        }
        if !faults.check(&checks.errors) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let kind_of = kind.get_value();
            let keep_totals = (!of_kind).then(|| totals.get_untracked());
            let chosen = RetentionIn { days: chosen, kind: kind_of, keep_totals };
            let result = erasure::choose_retention(&api, &chosen).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let t = &i18n.t_untracked().privacy;
                    let waits = times(&out, kind.get_value().as_deref()).1.is_some();
                    toasts.success(if waits { t.shorter_saved } else { t.saved });
                    load.data.set(Some(out));
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let withdraw = move |()| {
        spawn_local(async move {
            match erasure::withdraw_retention(&api, kind.get_value().as_deref()).await {
                Ok(out) => {
                    toasts.success(i18n.t_untracked().privacy.withdrawn);
                    days.set(in_field(times(&out, kind.get_value().as_deref())));
                    load.data.set(Some(out));
                }
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let present = move || {
        let fmt = i18n.fmt();
        match shown().0 {
            Some(days) => (i18n.t().privacy.kept)(&fmt.int(days)),
            None if of_kind => i18n.t().kinds.kept_as_all.to_owned(),
            None => i18n.t().privacy.unlimited.to_owned(),
        }
    };
    let next = move || {
        shown().1.map(|(days, at, would_erase)| {
            let text = move || {
                let (t, fmt) = (i18n.t(), i18n.fmt());
                let (at, n) = (fmt.date_time(at), fmt.int(would_erase));
                match days {
                    Some(days) => (t.privacy.next)(&at, &fmt.int(days), &n),
                    None => (t.kinds.next_as_all)(&at, &n),
                }
            };
            view! {
                <div class="spread">
                    {note(Icon::CLOCK, text)}
                    <Button on_press=withdraw>{i18n.tr(|t| t.privacy.withdraw)}</Button>
                </div>
            }
        })
    };
    let hint: fn(&'static Texts) -> &'static str =
        if of_kind { |t| t.kinds.days_hint } else { |t| t.privacy.days_hint };
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            <p>
                <strong>{present}</strong>
            </p>
            {next}
            <p class="sub2">{i18n.tr(|t| t.privacy.retention_text)}</p>
            <div class="narrow">
                <TextField
                    id="days"
                    label=i18n.tr(|t| t.privacy.days)
                    hint=i18n.tr(hint)
                    value=days
                    error=faults.of("/days")
                    inputmode="numeric"
                />
            </div>
            {(!of_kind)
                .then(|| {
                    view! {
                        <Checkbox
                            id="keep-totals"
                            label=i18n.tr(|t| t.privacy.keep_totals)
                            hint=i18n.tr(|t| t.privacy.keep_totals_hint)
                            checked=totals
                            on_change=move |on| totals.set(on)
                        />
                    }
                })}
            <div class="row">
                <Button submit=true busy>
                    {i18n.tr(|t| t.privacy.save)}
                </Button>
            </div>
        </form>
    }
}
