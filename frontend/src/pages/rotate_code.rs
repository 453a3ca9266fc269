//! Replacing an access code: for owners their own, for staff that of a customer.

use std::pin::Pin;

use leptos::ev;
use shared::auth::{AccessCodeOut, RotateCodeIn};

use crate::api::ApiError;
use crate::i18n::{Texts, use_i18n};
use crate::pages::form::Faults;
use crate::pages::secret::Secret;
use crate::prelude::*;
use crate::ui::{Button, Checkbox, Choice, DialogActions, SelectField, Variant};

type Pick = fn(&'static Texts) -> &'static str;

/// A rotation under way.
pub type Rotating = Pin<Box<dyn Future<Output = Result<AccessCodeOut, ApiError>>>>;

const OVERLAPS: [(&str, Pick); 4] = [
    ("0", |t| t.keys.overlap_0),
    ("1", |t| t.keys.overlap_1),
    ("24", |t| t.keys.overlap_24),
    ("72", |t| t.keys.overlap_72),
];

/// The form in the dialog; `done` gets the new code.
pub fn form(
    effect: Pick,
    open: RwSignal<bool>,
    rotate: impl Fn(RotateCodeIn) -> Rotating + 'static,
    done: impl Fn(AccessCodeOut) + Copy + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let faults = Faults::new(&[
        ("/overlap_hours", "code-overlap", |t| t.account.code_overlap),
        ("/confirm", "code-confirm", |t| t.account.code_confirm),
    ]);
    let overlap = RwSignal::new("0".to_owned());
    let confirmed = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        if !confirmed.get_untracked() {
            faults.add("/confirm", i18n.t_untracked().account.code_confirm_missing);
            return;
        }
        busy.set(true);
        let hours = overlap.with_untracked(|hours| hours.parse().unwrap_or(0));
        let future = rotate(RotateCodeIn { overlap_hours: hours });
        spawn_local(async move {
            let result = future.await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    open.set(false);
                    done(out);
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let choices =
        OVERLAPS.iter().map(|(value, text)| Choice::new(*value, i18n.tr(*text))).collect::<Vec<_>>();
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <p>{i18n.tr(effect)}</p>
            <SelectField
                id="code-overlap"
                label=i18n.tr(|t| t.account.code_overlap)
                value=overlap
                on_change=move |hours| overlap.set(hours)
                options=Signal::stored(choices)
                error=faults.of("/overlap_hours")
            />
            <Checkbox
                id="code-confirm"
                label=i18n.tr(|t| t.account.code_confirm)
                checked=confirmed
                on_change=move |on| confirmed.set(on)
            />
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Danger busy>
                    {i18n.tr(|t| t.account.code_rotate)}
                </Button>
            </DialogActions>
        </form>
    }
}

/// Shows the new code once.
pub fn shown(
    title: impl Into<TextProp>,
    out: AccessCodeOut,
    kept: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let until = out.previous_valid_until;
    let old = move || match until {
        Some(at) => (i18n.t().account.code_old_until)(&i18n.fmt().date_time(at)),
        None => i18n.t().account.code_old_stopped.to_owned(),
    };
    let title: TextProp = title.into();
    view! {
        <Secret
            title
            warning=i18n.tr(|t| t.account.code_new_warning)
            label=i18n.tr(|t| t.admin.code_label)
            secret=out.access_code
            copy=i18n.tr(|t| t.account.code_copy)
            kept=i18n.tr(|t| t.account.code_kept)
            on_kept=move |()| kept()
        >
            <p class="sub2">{old}</p>
        </Secret>
    }
}
