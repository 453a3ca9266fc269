//! Parts of the app: the code of pages that a first visit does not need, loaded when somebody goes there.
//!
//! The program is cut at the functions that carry `wasm_split` (`frontend/parts` does it, at the end of a build):
//! what is reached from one of them alone is in the file of that part, what several reach in the common one, the
//! rest in the main one. A part hands over its pages, so nothing here names them outside of it.

use std::cell::Cell;
use std::pin::Pin;

use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::api::{ApiError, AuthedApi, Call, PublicApi, Reply, use_public_api};
use crate::i18n::{Formats, bring_parts, use_i18n};
use crate::pages::admin::account::StaffAccountPage;
use crate::pages::admin::customers::{CreateCustomerPage, CustomerPage, CustomersPage};
use crate::pages::admin::logs::AllLogsPage;
use crate::pages::admin::lookup::LookupPage;
use crate::pages::admin::overview::AdminOverviewPage;
use crate::pages::admin::product::ProductPage;
use crate::pages::admin::security::SecurityPage;
use crate::pages::admin::system::SystemPage;
use crate::pages::audit::{AllAuditPage, AuditPage};
use crate::pages::customer::account::AccountPage;
use crate::pages::customer::analytics::{AnalyticsPage, CohortsPage, FunnelPage};
use crate::pages::customer::keys::KeysPage;
use crate::pages::customer::keys::requests::RequestsPage;
use crate::pages::customer::kinds::{KindsPage, QuarantinePage};
use crate::pages::customer::logs::LogsPage;
use crate::pages::customer::logs::page::LogPage;
use crate::pages::customer::plan::PlanPage;
use crate::pages::customer::privacy::PrivacyPage;
use crate::pages::customer::users::UsersPage;
use crate::pages::entry::{PasswordPage, WelcomePage};
use crate::prelude::*;
use crate::shell::finds::{self, Find};
use crate::ui::{Async, Load, PageHeader, dom};

/// Makes a page; a page of one thing gets the number that stands at `:id`.
pub type Page = fn(Option<i64>) -> AnyView;

/// Pages with their addresses, as they stand in `routes.rs`.
pub type Pages = &'static [(&'static str, Page)];

/// A part that is on its way.
type Coming = Pin<Box<dyn Future<Output = Result<Pages, SplitLoaderError>>>>;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The log explorer and one log.
    Logs,
    /// Analysis.
    Analytics,
    /// API keys and their requests.
    Keys,
    /// Kinds of logs and what was rejected.
    Kinds,
    /// Plan, account and privacy.
    Account,
    /// The portal of staff.
    Staff,
    /// Logs, and what is looked for, across customers.
    Across,
    /// The audit log, of a customer and of all.
    Audit,
    /// How mail leaves the installation.
    System,
    /// Security of the installation.
    Security,
    /// Users of the customer.
    People,
    /// Where links from mails lead.
    Entry,
}

const COUNT: usize = 12;

thread_local! {
    /// The pages of the parts that are there.
    static THERE: Cell<[Option<Pages>; COUNT]> = const { Cell::new([None; COUNT]) };
}

static LOGS: [(&str, Page); 2] =
    [("/app/logs", |_| view! { <LogsPage /> }), ("/app/logs/:id", |id| view! { <LogPage id /> })];

#[wasm_split(logs, fallible)]
fn logs() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&LOGS))
}

static ANALYTICS: [(&str, Page); 3] = [
    ("/app/analyse", |_| view! { <AnalyticsPage /> }),
    ("/app/analyse/cohorten", |_| view! { <CohortsPage /> }),
    ("/app/analyse/trechter", |_| view! { <FunnelPage /> }),
];

#[wasm_split(analytics, fallible)]
fn analytics() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&ANALYTICS))
}

static KEYS: [(&str, Page); 2] = [
    ("/app/sleutels", |_| view! { <KeysPage /> }),
    ("/app/sleutels/verzoeken", |_| view! { <RequestsPage /> }),
];

#[wasm_split(keys, fallible)]
fn keys() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&KEYS))
}

static KINDS: [(&str, Page); 2] =
    [("/app/soorten", |_| view! { <KindsPage /> }), ("/app/quarantaine", |_| view! { <QuarantinePage /> })];

#[wasm_split(kinds, fallible)]
fn kinds() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&KINDS))
}

static ACCOUNT: [(&str, Page); 3] = [
    ("/app/abonnement", |_| view! { <PlanPage /> }),
    ("/app/account", |_| view! { <AccountPage /> }),
    ("/app/account/privacy", |_| view! { <PrivacyPage /> }),
];

#[wasm_split(account, fallible)]
fn account() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&ACCOUNT))
}

static STAFF: [(&str, Page); 6] = [
    ("/admin", |_| view! { <AdminOverviewPage /> }),
    ("/admin/klanten", |_| view! { <CustomersPage /> }),
    ("/admin/klanten/nieuw", |_| view! { <CreateCustomerPage /> }),
    ("/admin/klanten/:id", |id| view! { <CustomerPage id /> }),
    ("/admin/productcijfers", |_| view! { <ProductPage /> }),
    ("/admin/account", |_| view! { <StaffAccountPage /> }),
];

#[wasm_split(staff, fallible)]
fn staff() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&STAFF))
}

static ACROSS: [(&str, Page); 2] =
    [("/admin/logs", |_| view! { <AllLogsPage /> }), ("/admin/zoeken", |_| view! { <LookupPage /> })];

#[wasm_split(across, fallible)]
fn across() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&ACROSS))
}

static AUDIT: [(&str, Page); 2] =
    [("/app/account/audit", |_| view! { <AuditPage /> }), ("/admin/audit", |_| view! { <AllAuditPage /> })];

#[wasm_split(audit, fallible)]
fn audit() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&AUDIT))
}

static SYSTEM: [(&str, Page); 1] = [("/admin/systeem", |_| view! { <SystemPage /> })];

#[wasm_split(system, fallible)]
fn system() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&SYSTEM))
}

static SECURITY: [(&str, Page); 1] = [("/admin/beveiliging", |_| view! { <SecurityPage /> })];

#[wasm_split(security, fallible)]
fn security() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&SECURITY))
}

static PEOPLE: [(&str, Page); 1] = [("/app/gebruikers", |_| view! { <UsersPage /> })];

#[wasm_split(people, fallible)]
fn people() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&PEOPLE))
}

static ENTRY: [(&str, Page); 2] =
    [("/welkom", |_| view! { <WelcomePage /> }), ("/wachtwoord", |_| view! { <PasswordPage /> })];

#[wasm_split(entry, fallible)]
fn entry() -> Result<Pages, SplitLoaderError> {
    Ok(ready(&ENTRY))
}

/// What the palette finds among own logs; the code comes with the explorer.
#[wasm_split(logs, fallible)]
pub fn find_logs(api: AuthedApi, words: String, fmt: Formats) -> Result<Reply<Vec<Find>>, SplitLoaderError> {
    Ok(finds::logs(api, words, fmt))
}

/// What the palette finds among customers; the code comes with the portal of staff.
#[wasm_split(staff, fallible)]
pub fn find_customers(api: AuthedApi, words: String) -> Result<Reply<Vec<Find>>, SplitLoaderError> {
    Ok(finds::customers(api, words))
}

/// Pages with their texts.
fn ready(pages: Pages) -> Pages {
    bring_parts();
    pages
}

impl Part {
    fn fetch(self) -> Coming {
        match self {
            Self::Logs => Box::pin(logs()),
            Self::Analytics => Box::pin(analytics()),
            Self::Keys => Box::pin(keys()),
            Self::Kinds => Box::pin(kinds()),
            Self::Account => Box::pin(account()),
            Self::Staff => Box::pin(staff()),
            Self::Across => Box::pin(across()),
            Self::Audit => Box::pin(audit()),
            Self::System => Box::pin(system()),
            Self::Security => Box::pin(security()),
            Self::People => Box::pin(people()),
            Self::Entry => Box::pin(entry()),
        }
    }

    fn pages(self) -> Option<Pages> {
        THERE.get().get(self as usize).copied().flatten()
    }

    /// The page at an address, once the part is there.
    fn page(self, address: &str) -> Option<Page> {
        self.pages()?.iter().find(|(known, _)| *known == address).map(|(_, page)| *page)
    }

    async fn load(self) -> Result<(), SplitLoaderError> {
        let pages = self.fetch().await?;
        let mut there = THERE.get();
        if let Some(place) = there.get_mut(self as usize) {
            *place = Some(pages);
        }
        THERE.set(there);
        Ok(())
    }

    /// Loads the part before somebody needs it; a failure is told to those who do.
    pub fn prefetch(self) {
        if self.pages().is_none() {
            spawn_local(async move { drop(self.load().await) });
        }
    }
}

/// Shows a page of a part: at once when the part is there; else grey lines, or why it does not come.
pub fn show(part: Part, address: &'static str, id: Option<i64>) -> AnyView {
    let page = move || part.page(address).map(|page| page(id));
    if let Some(page) = page() {
        return page;
    }
    let i18n = use_i18n();
    let api = use_public_api();
    let failed_before = StoredValue::new(false);
    let load = Load::new(move || attempt(part, api, failed_before));
    let header = move || {
        let title = load.error.with(|error| error.as_ref().map(|error| error.title(i18n.t())));
        title.map(|title| view! { <PageHeader title /> })
    };
    view! {
        {header}
        <Async load view=move || page().into_child() />
    }
}

/// Loads a part for somebody who waits for it.
///
/// A server that answers but does not have the file has a newer version of the app. That is said first; whoever then
/// tries again gets that version.
fn attempt(part: Part, api: PublicApi, failed_before: StoredValue<bool>) -> Reply<()> {
    Box::pin(async move {
        if part.load().await.is_ok() {
            return Ok(());
        }
        api.call(Call::get("/health")).await?;
        if failed_before.try_get_value() == Some(true) {
            dom::reload();
        }
        failed_before.try_update_value(|failed| *failed = true);
        Err(ApiError::Decode)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The pages of a part, as they are handed over.
    pub(crate) const fn pages(part: Part) -> Pages {
        match part {
            Part::Logs => &LOGS,
            Part::Analytics => &ANALYTICS,
            Part::Keys => &KEYS,
            Part::Kinds => &KINDS,
            Part::Account => &ACCOUNT,
            Part::Staff => &STAFF,
            Part::Across => &ACROSS,
            Part::Audit => &AUDIT,
            Part::System => &SYSTEM,
            Part::Security => &SECURITY,
            Part::People => &PEOPLE,
            Part::Entry => &ENTRY,
        }
    }
}
