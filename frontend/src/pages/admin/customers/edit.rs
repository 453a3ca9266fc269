//! Editing a customer without overwriting what somebody else changed in the meantime.

use leptos::ev;
use shared::problem::Code;
use shared::tenancy::{CustomerOut, CustomerPatch};

use super::fields::{Fields, PLACES, main_fields, more_fields};
use crate::api::admin::{self, Versioned};
use crate::api::{AuthedApi, use_api};
use crate::i18n::{I18n, use_i18n};
use crate::pages::form::Faults;
use crate::pages::parts::{lang_name, plan_name, segment_name};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, DialogActions, Variant};

/// What the server holds, when it is not what the form started from.
type Conflict = RwSignal<Option<Versioned<CustomerOut>>>;

/// The form in the dialog; `done` gets the new version.
pub fn form(
    start: Versioned<CustomerOut>,
    open: RwSignal<bool>,
    done: impl Fn(Versioned<CustomerOut>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let fields = Fields::of(&start.value);
    let faults = Faults::new(PLACES);
    let base = StoredValue::new(start);
    let conflict: Conflict = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let save = move || {
        if busy.get_untracked() || !faults.check(&fields.faults().errors) {
            return;
        }
        let start = base.get_value();
        let patch = fields.patch(&start.value);
        if patch == CustomerPatch::default() {
            toasts.success(i18n.t_untracked().admin.nothing_changed);
            open.set(false);
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = admin::update_customer(&api, start.value.id, &start.etag, &patch).await;
            match result {
                Ok(version) => {
                    toasts.success(i18n.t_untracked().common.saved);
                    open.set(false);
                    done(version);
                }
                Err(error) if error.is(Code::PreconditionFailed) => {
                    compare(api, start.value.id, conflict, faults).await;
                }
                Err(error) => faults.take(error),
            }
            busy.try_set(false);
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if conflict.with_untracked(Option::is_none) {
            save();
        }
    };
    let mine = move |()| {
        if let Some(theirs) = conflict.get_untracked() {
            // Only what was changed here goes on top of what the server now holds.
            base.update_value(|start| start.etag = theirs.etag);
            conflict.set(None);
            save();
        }
    };
    let take_theirs = move |()| {
        if let Some(theirs) = conflict.get_untracked() {
            fields.fill(&theirs.value);
            base.set_value(theirs.clone());
            conflict.set(None);
            done(theirs);
        }
    };
    let notice = move || {
        conflict.get().map(|theirs| {
            let lines = base.with_value(|start| differences(i18n, &start.value, &theirs.value));
            conflict_notice(lines, Callback::new(mine), Callback::new(take_theirs))
        })
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            {notice}
            {main_fields(fields, faults, false)}
            {more_fields(fields, faults, false)}
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.common.save)}
                </Button>
            </DialogActions>
        </form>
    }
}

/// Fetches what the server holds now.
async fn compare(api: AuthedApi, id: i64, conflict: Conflict, faults: Faults) {
    match admin::customer(&api, id).await {
        Ok(theirs) => {
            faults.clear();
            conflict.try_set(Some(theirs));
        }
        Err(error) => faults.take(error),
    }
}

fn conflict_notice(lines: Vec<String>, mine: Callback<()>, theirs: Callback<()>) -> AnyView {
    let i18n = use_i18n();
    let none = lines.is_empty();
    let items = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <div class="summary" role="alert">
            <p>{i18n.tr(|t| t.admin.conflict_title)}</p>
            {if none {
                view! { <p>{i18n.tr(|t| t.admin.conflict_same)}</p> }
            } else {
                view! {
                    <p>{i18n.tr(|t| t.admin.conflict_text)}</p>
                    <ul>{items}</ul>
                }
            }}
            <div class="row">
                <Button small=true on_press=theirs>
                    {i18n.tr(|t| t.admin.conflict_theirs)}
                </Button>
                <Button small=true on_press=mine>
                    {i18n.tr(|t| t.admin.conflict_mine)}
                </Button>
            </div>
        </div>
    }
}

/// The fields in which two versions differ, with the value of the second.
fn differences(i18n: I18n, before: &CustomerOut, after: &CustomerOut) -> Vec<String> {
    let t = i18n.t();
    let none = || t.common.none.to_owned();
    let rows = |customer: &CustomerOut| {
        [
            (t.common.name, customer.name.clone()),
            (t.admin.contact, customer.contact_email.clone()),
            (t.common.plan, plan_name(t, customer.plan).to_owned()),
            (t.admin.segment, segment_name(t, customer.segment).to_owned()),
            (t.admin.language, lang_name(t, customer.language).to_owned()),
            (t.admin.country, customer.country.clone()),
            (t.admin.vat, customer.vat_number.clone().unwrap_or_else(none)),
            (t.admin.zone, customer.time_zone.clone()),
            (t.admin.info, customer.company_info.clone().unwrap_or_else(none)),
        ]
    };
    let (old, new) = (rows(before), rows(after));
    old.iter()
        .zip(new)
        .filter(|((_, old), (_, new))| old != new)
        .map(|(_, (label, value))| (t.admin.conflict_now)(label, &value))
        .collect()
}
