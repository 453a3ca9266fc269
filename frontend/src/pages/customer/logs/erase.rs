//! Erasing what the explorer shows: first the exact number, then what and why, then that number typed.

use leptos::ev;
use shared::erasure::{ErasureIn, ErasureOut, ErasurePreviewOut, ErasureState};
use shared::time::Millis;

use super::count_text;
use super::filters::Filters;
use crate::api::logs::LogQuery;
use crate::api::{ApiError, AuthedApi, erasure, use_api};
use crate::i18n::format::now;
use crate::i18n::use_i18n;
use crate::pages::form::{Faults, given};
use crate::pages::parts::{RadioChoice, RadioGroup};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Dialog, DialogActions, Icon, Load, TextField, Variant, dom, note};

/// How often the state of a long erasure is asked for.
const ASK_EVERY_MS: i32 = 1_000;

/// The dialog; `done` runs when logs are out of sight.
#[component]
pub fn EraseDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Which logs.
    filters: Memo<Filters>,
    /// What follows.
    done: Callback<()>,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <Dialog open title=i18n.tr(|t| t.erase.title)>
            {move || content(open, filters, done)}
        </Dialog>
    }
}

fn content(open: RwSignal<bool>, filters: Memo<Filters>, done: Callback<()>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    // The stretch of time is fixed here, so that what was counted is what goes.
    let query = StoredValue::new(filters.get_untracked().to_query(now()));
    let load = Load::new(move || erasure::preview(&api, &query.get_value()));
    let everything = filters.with_untracked(Filters::is_empty);
    let cancel = move || {
        view! {
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
            </DialogActions>
        }
    };
    let view = move || {
        let seen = load.data.get()?;
        Some(if seen.count == 0 {
            view! {
                <div class="stack">
                    <p>{i18n.tr(|t| t.erase.nothing)}</p>
                    {cancel()}
                </div>
            }
        } else {
            form(open, &query.get_value(), &seen, everything, done)
        })
    };
    let skeleton = move || view! { <p class="sub2">{i18n.tr(|t| t.logs.export_counting)}</p> };
    view! {
        <div aria-live="polite">
            <Async load skeleton view=move || view! { {view()} } />
        </div>
    }
}

fn form(
    open: RwSignal<bool>,
    query: &LogQuery,
    seen: &ErasurePreviewOut,
    everything: bool,
    done: Callback<()>,
) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let (count, up_to) = (seen.count, seen.up_to);
    let span = seen.first_occurred_at.zip(seen.last_occurred_at);
    let (q, from, to) = (query.q.clone(), Millis::from_rfc3339(&query.from), Millis::from_rfc3339(&query.to));
    let faults = Faults::new(&[
        ("/fields", "erase-fields", |t| t.erase.fields),
        ("/reason", "erase-reason", |t| t.erase.reason),
        ("/expected_count", "erase-count", |t| t.erase.confirm),
    ]);
    let what = RwSignal::new("logs".to_owned());
    let (fields, reason, typed) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let by_field = Memo::new(move |_| what.with(|what| what == "fields"));
    let (busy, progress) = (RwSignal::new(false), RwSignal::new(None::<i64>));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        let t = i18n.t_untracked();
        let names =
            if by_field.get_untracked() { fields.with_untracked(|text| names(text)) } else { Vec::new() };
        if by_field.get_untracked() && names.is_empty() {
            faults.add("/fields", t.erase.fields_missing);
        }
        let number: String =
            typed.with_untracked(|typed| typed.chars().filter(char::is_ascii_digit).collect());
        if number != count.to_string() {
            faults.add("/expected_count", t.erase.mismatch);
        }
        if faults.any() {
            return;
        }
        busy.set(true);
        let body = ErasureIn {
            q: q.clone(),
            from,
            to,
            test: false,
            up_to,
            expected_count: count,
            fields: names,
            reason: given(reason),
        };
        spawn_local(async move {
            let result = carry_out(&api, &body, progress).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let shown = i18n.fmt_untracked().int(out.count);
                    let t = i18n.t_untracked();
                    toasts.success(match (out.fields.is_empty(), out.count) {
                        (true, 1) => t.erase.erased_one.to_owned(),
                        (true, _) => (t.erase.erased)(&shown),
                        (false, 1) => t.erase.redacted_one.to_owned(),
                        (false, _) => (t.erase.redacted)(&shown),
                    });
                    open.try_set(false);
                    done.run(());
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let shown = move || i18n.fmt().int(count);
    let headline = move || (i18n.t().erase.count)(&count_text(i18n.t(), count, &shown(), false));
    let period = move || {
        span.map(|(first, last)| {
            let fmt = i18n.fmt();
            (i18n.t().erase.period)(&fmt.date_time(first), &fmt.date_time(last))
        })
    };
    let choices = vec![
        RadioChoice::new("logs", i18n.tr(|t| t.erase.whole)),
        RadioChoice::new("fields", i18n.tr(|t| t.erase.some_fields)),
    ];
    let field_names = move || {
        by_field.get().then(|| {
            view! {
                <TextField
                    id="erase-fields"
                    label=i18n.tr(|t| t.erase.fields)
                    hint=i18n.tr(|t| t.erase.fields_hint)
                    value=fields
                    error=faults.of("/fields")
                    mono=true
                />
            }
        })
    };
    let going = move || {
        progress.get().map(|so_far| {
            let text = move || (i18n.t().erase.progress)(&i18n.fmt().int(so_far), &shown());
            view! { <p class="sub2 num" role="status">{text}</p> }
        })
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <p>
                <strong>{headline}</strong>
                " "
                {period}
            </p>
            {everything.then(|| note(Icon::TRIANGLE_ALERT, i18n.tr(|t| t.erase.everything)))}
            <RadioGroup
                name="erase-what"
                label=i18n.tr(|t| t.erase.what)
                value=what
                on_change=move |choice: &'static str| what.set(choice.to_owned())
                choices
            />
            {field_names}
            <TextField
                id="erase-reason"
                label=i18n.tr(|t| t.erase.reason)
                hint=i18n.tr(|t| t.erase.reason_hint)
                value=reason
                error=faults.of("/reason")
                maxlength=500
            />
            {note(Icon::TRIANGLE_ALERT, i18n.tr(|t| t.erase.effect))}
            <TextField
                id="erase-count"
                label=move || (i18n.t().erase.type_count)(&count.to_string())
                value=typed
                error=faults.of("/expected_count")
                inputmode="numeric"
                required=true
            />
            {going}
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Danger busy>
                    {i18n.tr(|t| t.erase.submit)}
                </Button>
            </DialogActions>
        </form>
    }
}

/// Erases, and waits until the last log is out of sight.
async fn carry_out(
    api: &AuthedApi,
    body: &ErasureIn,
    progress: RwSignal<Option<i64>>,
) -> Result<ErasureOut, ApiError> {
    let mut out = erasure::create(api, body).await?;
    while out.state == ErasureState::Hiding {
        progress.try_set(Some(out.count));
        dom::sleep(ASK_EVERY_MS).await;
        out = erasure::get(api, &out.id).await?;
    }
    Ok(out)
}

/// Names of fields as they are typed: with commas, blanks or both.
fn names(text: &str) -> Vec<String> {
    text.split([',', ' ', '\n']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-10: names of fields may be typed with commas, blanks or both.
    #[test]
    fn names_are_split() {
        assert_eq!(names(" driver.name, message  ip_address,,"), ["driver.name", "message", "ip_address"]);
        assert!(names(" , ").is_empty());
    }
}
