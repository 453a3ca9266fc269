//! Lines above the page about things that touch every page: no connection, or an account that is limited.

use leptos::ev;
use shared::tenancy::CustomerStatus;

use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{Icon, icon};

/// The banners in force.
#[component]
pub fn Banners() -> AnyView {
    let i18n = use_i18n();
    let online = RwSignal::new(web_sys::window().is_none_or(|window| window.navigator().on_line()));
    let listeners = [
        window_event_listener(ev::online, move |_| online.set(true)),
        window_event_listener(ev::offline, move |_| online.set(false)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    let offline = move || {
        (!online.get()).then(|| {
            view! { <p class="banner warn" role="status">{icon(Icon::WIFI_OFF)} <span>{i18n.tr(|t| t.shell.offline)}</span></p> }
        })
    };
    view! {
        {offline}
        {account}
    }
}

/// Says what a limited account cannot do, and why.
fn account() -> Option<AnyView> {
    let i18n = use_i18n();
    let session = use_session();
    let (status, reason) = session.me.with(|me| {
        let customer = me.as_ref()?.customer.as_ref()?;
        Some((customer.status, customer.status_reason.clone()))
    })?;
    let t = i18n.t();
    let text = match status {
        CustomerStatus::Active | CustomerStatus::Closed => return None,
        CustomerStatus::ReadOnly => t.shell.read_only,
        CustomerStatus::Suspended => t.shell.suspended,
        CustomerStatus::Closing => t.shell.closing,
    };
    let reason = reason.map(|reason| (t.shell.reason)(&reason));
    Some(view! { <p class="banner warn">{icon(Icon::LOCK)} <span>{text} " " {reason}</span></p> })
}
