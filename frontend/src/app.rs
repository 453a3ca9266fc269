//! Root of the app: what everything shares, the router, and the hand-over from the static shell.

use crate::api::Client;
use crate::html::show;
use crate::i18n::{I18n, Lang};
use crate::pages::customer::overview::Outbox;
use crate::prelude::*;
use crate::router::Router;
use crate::routes::Pages;
use crate::shell::{Announce, Announcer, Shortcuts};
use crate::state::preferences::Preferences;
use crate::state::session::Session;
use crate::state::toasts::Toasts;
use crate::ui::{ToastRegion, dom};

/// Puts the app in the page; the static shell leaves in the same frame, so that nothing moves.
pub fn start() {
    let Some(place) = dom::find("#app") else { return };
    // Leptos starts its executor and keeps the owner of everything; what is shown is ours.
    let app = place.clone();
    mount_to(place, move || show(App(), &app)).forget();
    if let Some(shell) = dom::find("#shell") {
        shell.remove();
    }
}

/// The whole app.
#[component]
pub fn App() -> AnyView {
    let i18n = I18n::new(Lang::default());
    let preferences = Preferences::restore(i18n);
    let session = Session::new();
    provide_context(i18n);
    provide_context(preferences);
    provide_context(session);
    provide_context(Toasts::new());
    provide_context(Client::new(session, i18n, preferences));
    provide_context(Shortcuts::new());
    provide_context(Router::start());
    provide_context(Announce::default());
    provide_context(Outbox::new());
    view! {
        <Pages />
        <ToastRegion />
        <Announcer />
    }
}
