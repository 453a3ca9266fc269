//! The address in the browser: what it says, and going from one page to another without loading.
//!
//! `leptos_router` follows links and the buttons of the browser and writes the address. Its nested routes would be
//! compiled for each page; which address shows which page stands as a table in `routes.rs` instead. Links with
//! `rel="external"`, `target` or `download` are left to the browser.

use leptos_router::location::{BrowserUrl, LocationChange, LocationProvider, State, Url};
use web_sys::UrlSearchParams;

use crate::prelude::*;

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
    /// None where there is no browser.
    browser: StoredValue<Option<BrowserUrl>>,
    path: Memo<String>,
    query: Memo<String>,
}

impl Router {
    /// Follows links and the buttons of the browser from now on; once, at the root of the app.
    #[must_use]
    pub fn start() -> Self {
        let router = Self::new();
        if let Some(browser) = router.browser.get_value() {
            browser.init(None);
            // Pages are shown at once, so the address bar may follow as soon as the address has changed.
            Effect::new(move |_| {
                browser.as_url().track();
                browser.ready_to_complete();
            });
        }
        router
    }

    fn new() -> Self {
        let browser = BrowserUrl::new().ok();
        let url = browser.as_ref().map(|browser| browser.as_url().clone());
        let read = move |part: fn(&Url) -> String| {
            let url = url.clone();
            Memo::new(move |_| url.as_ref().map(|url| url.with(part)).unwrap_or_default())
        };
        let query = |url: &Url| match url.search() {
            "" => String::new(),
            search => format!("?{search}"),
        };
        Self {
            path: read(|url| url.path().to_owned()),
            query: read(query),
            browser: StoredValue::new(browser),
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
        let (Some(browser), Ok(url)) = (self.browser.get_value(), BrowserUrl::parse(target)) else { return };
        // The address first: what shows the page may ask the browser where it is.
        browser.complete_navigation(&LocationChange {
            value: target.to_owned(),
            replace: matches!(how, Go::Instead | Go::StateInstead),
            scroll: matches!(how, Go::Page | Go::Instead),
            state: State::default(),
        });
        if browser.as_url().with_untracked(|old| *old != url) {
            browser.as_url().set(url);
        }
    }
}

/// The address of the app.
#[must_use]
pub fn use_router() -> Router {
    use_context::<Router>().unwrap_or_else(Router::new)
}
