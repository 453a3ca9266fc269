//! Deciding about a network.

use leptos::ev;
use shared::security::{DECISION_HOURS, DecisionAction, DecisionIn, DecisionScope};

use super::{View, words};
use crate::api::{security, use_api};
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::ui::{Button, Choice, Dialog, DialogActions, Icon, SelectField, TextField, Variant, note};

/// Hours that are offered.
const HOURS: [i64; 4] = [1, DECISION_HOURS, 24 * 7, 24 * 30];

pub fn dialog(view: View) -> AnyView {
    let i18n = use_i18n();
    view! {
        <Dialog open=view.deciding title=i18n.tr(|t| t.security.decide)>{move || form(view)}</Dialog>
    }
}

fn form(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let network = RwSignal::new(view.about.get_untracked());
    let reason = RwSignal::new(String::new());
    let action = RwSignal::new(DecisionAction::Deny.as_str().to_owned());
    let scope = RwSignal::new(DecisionScope::All.as_str().to_owned());
    let hours = RwSignal::new(DECISION_HOURS.to_string());
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let actions = Signal::derive(move || {
        let t = i18n.t();
        DecisionAction::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), words::action(t, *one)))
            .collect::<Vec<_>>()
    });
    let scopes = Signal::derive(move || {
        let t = i18n.t();
        DecisionScope::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), words::scope(t, *one)))
            .collect::<Vec<_>>()
    });
    let times = Signal::derive(move || {
        let fmt = i18n.fmt();
        HOURS
            .map(|hours| Choice::new(hours.to_string(), (i18n.t().security.hours_n)(hours, &fmt.int(hours))))
            .to_vec()
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        let decision = DecisionIn {
            network: network.get_untracked(),
            action: DecisionAction::parse(&action.get_untracked()).unwrap_or(DecisionAction::Deny),
            scope: DecisionScope::parse(&scope.get_untracked()).unwrap_or(DecisionScope::All),
            reason: reason.get_untracked(),
            hours: hours.get_untracked().parse().ok(),
            simulated: false,
            evidence: Vec::new(),
        };
        spawn_local(async move {
            let result = security::decide(&api, &decision).await;
            busy.try_set(false);
            match result {
                Ok(made) => {
                    view.deciding.set(false);
                    view.tell(made);
                }
                Err(error) => drop(failed.try_set(Some(error.detail(i18n.t_untracked())))),
            }
        });
    };
    let said = live(move || failed.get().map(|text| note(Icon::CIRCLE_X, move || text.clone())));
    view! {
        <form class="stack" on:submit=submit novalidate>
            <TextField id="decide-network" label=i18n.tr(|t| t.security.network) value=network hint=i18n.tr(|t| t.security.network_hint) required=true />
            <SelectField id="decide-action" label=i18n.tr(|t| t.security.action) value=action on_change=move |chosen| action.set(chosen) options=actions />
            <SelectField id="decide-scope" label=i18n.tr(|t| t.security.place) value=scope on_change=move |chosen| scope.set(chosen) options=scopes />
            <SelectField id="decide-hours" label=i18n.tr(|t| t.security.how_long) value=hours on_change=move |chosen| hours.set(chosen) options=times />
            <TextField id="decide-reason" label=i18n.tr(|t| t.security.reason) value=reason required=true />
            <div role="alert">{said}</div>
            <DialogActions>
                <Button on_press=move |()| view.deciding.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button variant=Variant::Primary submit=true busy>{i18n.tr(|t| t.security.save)}</Button>
            </DialogActions>
        </form>
    }
}
