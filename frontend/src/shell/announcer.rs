//! One polite region that tells screen readers what changed without showing it.

use crate::prelude::*;
use crate::ui::dom;

/// Handle on the region.
#[derive(Debug, Clone, Copy)]
pub struct Announce(RwSignal<String>);

impl Announce {
    /// Says something; the same words twice are said twice.
    pub fn say(self, text: impl Into<String>) {
        let (signal, text) = (self.0, text.into());
        signal.set(String::new());
        dom::next_tick(move || {
            signal.try_set(text);
        });
    }
}

/// The region; the app provides its handle to all pages through a signal that lives as long as the app.
#[component]
pub fn Announcer() -> AnyView {
    let announce = use_announce();
    view! { <p class="vh" role="status" id="announcer">{move || announce.0.get()}</p> }
}

/// The handle of the app.
#[must_use]
pub fn use_announce() -> Announce {
    use_context::<Announce>().unwrap_or_else(|| Announce(RwSignal::new(String::new())))
}

impl Default for Announce {
    fn default() -> Self {
        Self(RwSignal::new(String::new()))
    }
}
