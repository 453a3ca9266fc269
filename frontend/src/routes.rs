//! Which address shows which page.

use crate::pages::admin::account::StaffAccountPage;
use crate::pages::admin::customers::{CreateCustomerPage, CustomerPage, CustomersPage};
use crate::pages::admin::overview::AdminOverviewPage;
use crate::pages::admin::product::ProductPage;
use crate::pages::customer::account::AccountPage;
use crate::pages::customer::analytics::{AnalyticsPage, CohortsPage, FunnelPage};
use crate::pages::customer::keys::KeysPage;
use crate::pages::customer::keys::requests::RequestsPage;
use crate::pages::customer::kinds::{KindsPage, QuarantinePage};
use crate::pages::customer::logs::LogsPage;
use crate::pages::customer::logs::page::LogPage;
use crate::pages::customer::overview::OverviewPage;
use crate::pages::customer::plan::PlanPage;
use crate::pages::customer::privacy::PrivacyPage;
use crate::pages::public::errors::{NotFoundPage, NotFoundPanel};
use crate::pages::public::landing::LandingPage;
use crate::pages::public::login::{LoginPage, StaffLoginPage};
use crate::prelude::*;
use crate::router::use_router;
use crate::shell::{Frame, Portal};

/// Makes a page; a page of one thing gets the number that stands at `:id`.
type Page = fn(Option<i64>) -> AnyView;

/// The pages outside the portals.
static PUBLIC: [(&str, Page); 3] = [
    ("/", |_| view! { <LandingPage /> }),
    ("/login", |_| view! { <LoginPage /> }),
    ("/admin/login", |_| view! { <StaffLoginPage /> }),
];

/// The pages of customers.
static CUSTOMER: [(&str, Page); 13] = [
    ("/app", |_| view! { <OverviewPage /> }),
    ("/app/logs", |_| view! { <LogsPage /> }),
    ("/app/logs/:id", |id| view! { <LogPage id /> }),
    ("/app/analyse", |_| view! { <AnalyticsPage /> }),
    ("/app/analyse/cohorten", |_| view! { <CohortsPage /> }),
    ("/app/analyse/trechter", |_| view! { <FunnelPage /> }),
    ("/app/soorten", |_| view! { <KindsPage /> }),
    ("/app/quarantaine", |_| view! { <QuarantinePage /> }),
    ("/app/sleutels", |_| view! { <KeysPage /> }),
    ("/app/sleutels/verzoeken", |_| view! { <RequestsPage /> }),
    ("/app/abonnement", |_| view! { <PlanPage /> }),
    ("/app/account", |_| view! { <AccountPage /> }),
    ("/app/account/privacy", |_| view! { <PrivacyPage /> }),
];

/// The pages of staff.
static STAFF: [(&str, Page); 6] = [
    ("/admin", |_| view! { <AdminOverviewPage /> }),
    ("/admin/klanten", |_| view! { <CustomersPage /> }),
    ("/admin/klanten/nieuw", |_| view! { <CreateCustomerPage /> }),
    ("/admin/klanten/:id", |id| view! { <CustomerPage id /> }),
    ("/admin/productcijfers", |_| view! { <ProductPage /> }),
    ("/admin/account", |_| view! { <StaffAccountPage /> }),
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
        let find = |pages: &[(&str, Page)]| {
            let fits =
                |(index, (pattern, _)): (usize, &(&str, Page))| fit(pattern, path).map(|id| (index, id));
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

    fn view(self) -> AnyView {
        let pages: &[(&str, Page)] = match self.portal {
            None => &PUBLIC,
            Some(Portal::Customer) => &CUSTOMER,
            Some(Portal::Staff) => &STAFF,
        };
        match (self.page.and_then(|page| pages.get(page)), self.portal) {
            (Some((_, page)), _) => page(self.id),
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
    let page = move || live(move || shown.get().view());
    live(move || match portal.get() {
        None => page(),
        Some(portal) => view! { <Frame portal>{page()}</Frame> },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str) -> (Option<Portal>, Option<&'static str>, Option<i64>) {
        let Shown { portal, page, id } = Shown::at(path);
        let pages: &[(&'static str, Page)] = match portal {
            None => &PUBLIC,
            Some(Portal::Customer) => &CUSTOMER,
            Some(Portal::Staff) => &STAFF,
        };
        (portal, page.map(|page| pages[page].0), id)
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
