//! Which address shows which page.

use leptos::ev;
use shared::access::Permission;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use crate::pages::customer::overview::OverviewPage;
use crate::pages::public::errors::{NotFoundPage, NotFoundPanel};
use crate::pages::public::landing::LandingPage;
use crate::pages::public::login::{LoginPage, StaffLoginPage};
use crate::parts::{self, Page, Part};
use crate::prelude::*;
use crate::router::use_router;
use crate::shell::{Frame, Portal};
use crate::state::session::use_session;
use crate::ui::dom;

/// The first page has come to rest after this time.
const IDLE_MS: i32 = 4_000;

/// Where the code of a page is.
#[derive(Clone, Copy)]
enum Code {
    /// In the main part, which is always there.
    Main(Page),
    /// In a part of its own.
    Part(Part),
}

/// The pages outside the portals.
static PUBLIC: [(&str, Code); 5] = [
    ("/", Code::Main(|_| view! { <LandingPage /> })),
    ("/login", Code::Main(|_| view! { <LoginPage /> })),
    ("/admin/login", Code::Main(|_| view! { <StaffLoginPage /> })),
    ("/welkom", Code::Part(Part::Entry)),
    ("/wachtwoord", Code::Part(Part::Entry)),
];

/// The pages of customers.
static CUSTOMER: [(&str, Code); 15] = [
    ("/app", Code::Main(|_| view! { <OverviewPage /> })),
    ("/app/logs", Code::Part(Part::Logs)),
    ("/app/logs/:id", Code::Part(Part::Logs)),
    ("/app/analyse", Code::Part(Part::Analytics)),
    ("/app/analyse/cohorten", Code::Part(Part::Analytics)),
    ("/app/analyse/trechter", Code::Part(Part::Analytics)),
    ("/app/soorten", Code::Part(Part::Kinds)),
    ("/app/quarantaine", Code::Part(Part::Kinds)),
    ("/app/sleutels", Code::Part(Part::Keys)),
    ("/app/sleutels/verzoeken", Code::Part(Part::Keys)),
    ("/app/gebruikers", Code::Part(Part::People)),
    ("/app/abonnement", Code::Part(Part::Account)),
    ("/app/account", Code::Part(Part::Account)),
    ("/app/account/privacy", Code::Part(Part::Account)),
    ("/app/account/audit", Code::Part(Part::Audit)),
];

/// The pages of staff.
static STAFF: [(&str, Code); 11] = [
    ("/admin", Code::Part(Part::Staff)),
    ("/admin/klanten", Code::Part(Part::Staff)),
    ("/admin/klanten/nieuw", Code::Part(Part::Staff)),
    ("/admin/klanten/:id", Code::Part(Part::Staff)),
    ("/admin/logs", Code::Part(Part::Across)),
    ("/admin/zoeken", Code::Part(Part::Across)),
    ("/admin/productcijfers", Code::Part(Part::Staff)),
    ("/admin/beveiliging", Code::Part(Part::Security)),
    ("/admin/systeem", Code::Part(Part::System)),
    ("/admin/audit", Code::Part(Part::Audit)),
    ("/admin/account", Code::Part(Part::Staff)),
];

/// What an address shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shown {
    /// The frame around the page.
    portal: Option<Portal>,
    /// Number of the page in its list; `None` when there is no such page.
    page: Option<usize>,
    /// The number in the address.
    id: Option<i64>,
}

impl Shown {
    fn at(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        let find = |pages: &[(&str, Code)]| {
            let fits =
                |(index, (pattern, _)): (usize, &(&str, Code))| fit(pattern, path).map(|id| (index, id));
            pages.iter().enumerate().find_map(fits)
        };
        if let Some((page, id)) = find(&PUBLIC) {
            return Self { portal: None, page: Some(page), id };
        }
        let below =
            |home: &str| path.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let (portal, found) = if below(Portal::Customer.home()) {
            (Some(Portal::Customer), find(&CUSTOMER))
        } else if below(Portal::Staff.home()) {
            (Some(Portal::Staff), find(&STAFF))
        } else {
            (None, None)
        };
        Self { portal, page: found.map(|(page, _)| page), id: found.and_then(|(_, id)| id) }
    }

    /// The address as it stands in its list, and where the code of its page is.
    fn entry(self) -> Option<(&'static str, Code)> {
        let pages: &[(&'static str, Code)] = match self.portal {
            None => &PUBLIC,
            Some(Portal::Customer) => &CUSTOMER,
            Some(Portal::Staff) => &STAFF,
        };
        pages.get(self.page?).copied()
    }

    /// The part with the code of the page, when it is not the main one.
    fn part(self) -> Option<Part> {
        match self.entry()? {
            (_, Code::Part(part)) => Some(part),
            (_, Code::Main(_)) => None,
        }
    }

    fn view(self) -> AnyView {
        match (self.entry(), self.portal) {
            (Some((_, Code::Main(page))), _) => page(self.id),
            (Some((address, Code::Part(part))), _) => parts::show(part, address, self.id),
            (None, Some(_)) => view! { <NotFoundPanel /> },
            (None, None) => view! { <NotFoundPage /> },
        }
    }
}

/// Whether a path has the form of a pattern, with the number at `:id`; a word there is no number, and no page
/// of a thing is found.
fn fit(pattern: &str, path: &str) -> Option<Option<i64>> {
    match pattern.strip_suffix(":id") {
        None => (pattern.trim_end_matches('/') == path).then_some(None),
        Some(before) => {
            let rest = path.strip_prefix(before).filter(|rest| !rest.is_empty() && !rest.contains('/'))?;
            Some(rest.parse().ok().filter(|id| *id > 0))
        }
    }
}

/// The page that the address names, in the frame of its portal; the frame stays while the page changes.
#[component]
pub fn Pages() -> AnyView {
    let router = use_router();
    let shown = Memo::new(move |_| Shown::at(&router.path()));
    let portal = Memo::new(move |_| shown.get().portal);
    load_early(shown, portal);
    let page = move || live(move || shown.get().view());
    live(move || match portal.get() {
        None => page(),
        Some(portal) => view! { <Frame portal>{page()}</Frame> },
    })
}

/// Loads parts before they are needed: that of the page while it is found out who is there, that of a link when
/// somebody points at it, and the explorer once the first page of a customer has come to rest.
fn load_early(shown: Memo<Shown>, portal: Memo<Option<Portal>>) {
    let load = |part: Option<Part>| part.into_iter().for_each(Part::prefetch);
    Effect::new(move |_| load(shown.get().part()));
    let point = move |target: Option<EventTarget>| {
        let element = target.and_then(|target| target.dyn_into::<Element>().ok());
        let link = element.and_then(|element| element.closest("a[href^='/']").ok().flatten());
        let address = link.and_then(|link| link.get_attribute("href"));
        let path = address.as_deref().and_then(|address| address.split(['?', '#']).next());
        load(path.and_then(|path| Shown::at(path).part()));
    };
    let over = window_event_listener(ev::pointerover, move |event| point(event.target()));
    let focus = window_event_listener(ev::focusin, move |event| point(event.target()));
    on_cleanup(move || {
        over.remove();
        focus.remove();
    });
    let session = use_session();
    Effect::new(move |_| {
        if portal.get() == Some(Portal::Customer) {
            spawn_local(async move {
                dom::sleep(IDLE_MS).await;
                if untrack(|| session.can(Permission::LogsRead)) {
                    Part::Logs.prefetch();
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PERF-03: every page that is not in the main part is among those that its part hands over, and no other is.
    #[test]
    fn parts_have_the_pages_of_their_addresses() {
        let mut found = 0;
        for (address, code) in PUBLIC.iter().chain(&CUSTOMER).chain(&STAFF) {
            let Code::Part(part) = code else { continue };
            let pages = parts::tests::pages(*part);
            assert!(pages.iter().any(|(known, _)| known == address), "{part:?} lacks {address}");
            found += 1;
        }
        let all = [
            Part::Logs,
            Part::Analytics,
            Part::Keys,
            Part::Kinds,
            Part::Account,
            Part::Staff,
            Part::Audit,
            Part::Across,
            Part::System,
            Part::Security,
            Part::People,
            Part::Entry,
        ];
        assert_eq!(found, all.into_iter().map(|part| parts::tests::pages(part).len()).sum::<usize>());
    }

    fn shown(path: &str) -> (Option<Portal>, Option<&'static str>, Option<i64>) {
        let shown = Shown::at(path);
        (shown.portal, shown.entry().map(|(address, _)| address), shown.id)
    }

    /// UI-01: every address leads to one page, in the portal that it belongs to.
    #[test]
    fn addresses_lead_to_pages() {
        let (customer, staff) = (Some(Portal::Customer), Some(Portal::Staff));
        for (path, expected) in [
            ("/", (None, Some("/"), None)),
            ("/login/", (None, Some("/login"), None)),
            ("/admin/login", (None, Some("/admin/login"), None)),
            ("/nergens", (None, None, None)),
            ("/application", (None, None, None)),
            ("/app", (customer, Some("/app"), None)),
            ("/app/logs/7", (customer, Some("/app/logs/:id"), Some(7))),
            ("/app/logs/zeven", (customer, Some("/app/logs/:id"), None)),
            ("/app/logs/7/8", (customer, None, None)),
            ("/admin/", (staff, Some("/admin"), None)),
            ("/admin/klanten/nieuw", (staff, Some("/admin/klanten/nieuw"), None)),
            ("/app/sleutels/verzoeken", (customer, Some("/app/sleutels/verzoeken"), None)),
            ("/admin/productcijfers", (staff, Some("/admin/productcijfers"), None)),
            ("/admin/klanten/3", (staff, Some("/admin/klanten/:id"), Some(3))),
        ] {
            assert_eq!(shown(path), expected, "{path}");
        }
    }
}
