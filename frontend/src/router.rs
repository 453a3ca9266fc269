//! The address in the browser: what it says, and going from one page to another without loading.
//!
//! Every `<a href>` of this site is followed here, unless it has `rel="external"`, `target` or `download`. Which
//! address shows which page stands in `routes.rs`.

use leptos::ev;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent, Url, UrlSearchParams, Window};

use crate::prelude::*;
use crate::ui::dom;

/// Path and query of an address of this site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Address {
    path: String,
    query: String,
}

impl Address {
    /// Where the browser is.
    fn current() -> Self {
        let location = web_sys::window().map(|window| window.location());
        let part = |read: fn(&web_sys::Location) -> Result<String, JsValue>| {
            location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
        };
        Self { path: part(web_sys::Location::pathname), query: part(web_sys::Location::search) }
    }
}

/// How to go somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// To another page; "back" leads here again.
    Page,
    /// To another page instead of this one.
    Instead,
    /// To another state of this page: nothing scrolls; "back" leads here again.
    State,
    /// To another state of this page instead of this one.
    StateInstead,
}

/// Handle on the address; cheap to copy, reactive when read.
#[derive(Debug, Clone, Copy)]
pub struct Router {
    address: RwSignal<Address>,
    path: Memo<String>,
    query: Memo<String>,
}

impl Router {
    /// Follows links and the buttons of the browser from now on; once, at the root of the app.
    #[must_use]
    pub fn start() -> Self {
        let router = Self::new();
        let clicks = window_event_listener(ev::click, move |event| {
            if let Some(target) = followed(&event) {
                event.prevent_default();
                router.go(&target, Go::Page);
            }
        });
        let returns = window_event_listener(ev::popstate, move |_| router.address.set(Address::current()));
        on_cleanup(move || {
            clicks.remove();
            returns.remove();
        });
        router
    }

    fn new() -> Self {
        let address = RwSignal::new(Address::current());
        Self {
            address,
            path: Memo::new(move |_| address.with(|address| address.path.clone())),
            query: Memo::new(move |_| address.with(|address| address.query.clone())),
        }
    }

    /// The path (tracked), such as `/app/logs`.
    #[must_use]
    pub fn path(self) -> String {
        self.path.get()
    }

    /// The path (not tracked).
    #[must_use]
    pub fn path_untracked(self) -> String {
        self.path.get_untracked()
    }

    /// The query with its question mark (not tracked); empty without parameters.
    #[must_use]
    pub fn query_untracked(self) -> String {
        self.query.get_untracked()
    }

    /// The value of a parameter (tracked).
    #[must_use]
    pub fn parameter(self, name: &str) -> Option<String> {
        self.query.with(|query| UrlSearchParams::new_with_str(query).ok()?.get(name))
    }

    /// Goes to an address of this site: path with query and fragment.
    pub fn go(self, target: &str, how: Go) {
        let Some(window) = web_sys::window() else { return };
        let Ok(history) = window.history() else { return };
        // The address first: what shows the page may ask the browser where it is.
        drop(match how {
            Go::Page | Go::State => history.push_state_with_url(&JsValue::NULL, "", Some(target)),
            Go::Instead | Go::StateInstead => {
                history.replace_state_with_url(&JsValue::NULL, "", Some(target))
            }
        });
        let address = Address::current();
        if self.address.with_untracked(|old| *old != address) {
            self.address.set(address);
        }
        if matches!(how, Go::Page | Go::Instead) {
            scroll(&window);
        }
    }
}

/// Shows the place that the fragment of the address names, else the top of the page.
fn scroll(window: &Window) {
    let fragment = window.location().hash().unwrap_or_default();
    let place = fragment.strip_prefix('#').filter(|id| !id.is_empty()).and_then(|id| {
        let id = js_sys::decode_uri(id).map_or_else(|_| id.to_owned(), String::from);
        dom::document()?.get_element_by_id(&id)
    });
    match place {
        Some(place) => place.scroll_into_view(),
        None => window.scroll_to_with_x_and_y(0.0, 0.0),
    }
}

/// The address that a click leads to when it is ours to follow.
fn followed(event: &MouseEvent) -> Option<String> {
    let modified = event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key();
    if event.default_prevented() || event.button() != 0 || modified {
        return None;
    }
    let path = event.composed_path();
    let link = path.iter().find_map(|node| node.dyn_into::<HtmlAnchorElement>().ok())?;
    let left_alone = link.has_attribute("download")
        || !link.target().is_empty()
        || link.rel().split_ascii_whitespace().any(|word| word == "external");
    if left_alone || !link.has_attribute("href") {
        return None;
    }
    let url = Url::new(&link.href()).ok()?;
    let own = web_sys::window()?.location().origin().ok()?;
    (url.origin() == own).then(|| format!("{}{}{}", url.pathname(), url.search(), url.hash()))
}

/// The address of the app.
#[must_use]
pub fn use_router() -> Router {
    use_context::<Router>().unwrap_or_else(Router::new)
}
