//! What the detector may do, and how the installation is set up.

use shared::security::{DetectorMode, DetectorModes, SecuritySetup};

use super::{View, words};
use crate::api::{security, use_api};
use crate::i18n::use_i18n;
use crate::pages::parts::fact;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Card, Choice, SelectField, Skeleton};

pub fn card(view: View) -> AnyView {
    let i18n = use_i18n();
    view! {
        <Card title=i18n.tr(|t| t.security.modes)>
            <Async load=view.overview skeleton=|| view! { <Skeleton lines=4 /> } view=move || setup(view) />
        </Card>
    }
}

fn setup(view: View) -> AnyView {
    let i18n = use_i18n();
    let known = view.overview.data.with_untracked(|out| out.as_ref().map(|out| out.setup.clone()));
    let Some(SecuritySetup {
        modes,
        threat_detection,
        honeypot,
        threshold,
        deny_hours,
        honeypot_hours,
        trusted,
        proxies,
        ..
    }) = known
    else {
        return ().into_child();
    };
    let switch = move |on: bool| move || if on { i18n.t().security.on } else { i18n.t().security.off };
    let list = move |nets: Vec<String>| if nets.is_empty() { "–".to_owned() } else { nets.join(", ") };
    view! {
        <p>{i18n.tr(|t| t.security.modes_text)}</p>
        {choices(view, modes)}
        <dl class="facts">
            {fact(i18n.tr(|t| t.security.detection), switch(threat_detection))}
            {fact(i18n.tr(|t| t.security.threshold), move || (i18n.t().security.threshold_n)(&i18n.fmt().int(threshold.into()), &i18n.fmt().int(deny_hours.into())))}
            {fact(i18n.tr(|t| t.security.traps), switch(honeypot))}
            {fact(i18n.tr(|t| t.security.trap_hours), move || i18n.fmt().int(honeypot_hours.into()))}
            {fact(i18n.tr(|t| t.security.trusted), list(trusted))}
            {fact(i18n.tr(|t| t.security.proxies), list(proxies))}
        </dl>
    }
}

fn choices(view: View, modes: DetectorModes) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let anonymous = RwSignal::new(modes.anonymous.as_str().to_owned());
    let signed_in = RwSignal::new(modes.signed_in.as_str().to_owned());
    let options = Signal::derive(move || {
        let t = i18n.t();
        DetectorMode::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), words::mode(t, *one)))
            .collect::<Vec<_>>()
    });
    let send = move || {
        let read = |signal: RwSignal<String>| {
            DetectorMode::parse(&signal.get_untracked()).unwrap_or(DetectorMode::Observe)
        };
        let modes = DetectorModes { anonymous: read(anonymous), signed_in: read(signed_in) };
        spawn_local(async move {
            match security::set_modes(&api, modes).await {
                Ok(_) => toasts.success(i18n.t_untracked().security.modes_set),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            view.overview.reload();
        });
    };
    live(move || {
        if !view.may_manage.get() {
            let name = move |mode: DetectorMode| move || words::mode(i18n.t(), mode);
            return view! {
                <dl class="facts">
                    {fact(i18n.tr(|t| t.security.anonymous), name(modes.anonymous))}
                    {fact(i18n.tr(|t| t.security.signed_in), name(modes.signed_in))}
                </dl>
            };
        }
        view! {
            <div class="filters">
                <SelectField id="mode-anonymous" label=i18n.tr(|t| t.security.anonymous) value=anonymous on_change=move |chosen| { anonymous.set(chosen); send(); } options=options />
                <SelectField id="mode-signed-in" label=i18n.tr(|t| t.security.signed_in) value=signed_in on_change=move |chosen| { signed_in.set(chosen); send(); } options=options />
            </div>
        }
    })
}
