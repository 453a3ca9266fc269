//! Which address shows which page.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Routes};
use leptos_router::path;

use crate::pages::admin::account::StaffAccountPage;
use crate::pages::admin::customers::{CreateCustomerPage, CustomerPage, CustomersPage};
use crate::pages::admin::overview::AdminOverviewPage;
use crate::pages::customer::account::AccountPage;
use crate::pages::customer::keys::KeysPage;
use crate::pages::customer::logs::LogsPage;
use crate::pages::customer::logs::page::LogPage;
use crate::pages::customer::overview::OverviewPage;
use crate::pages::public::errors::{NotFoundPage, NotFoundPanel};
use crate::pages::public::landing::LandingPage;
use crate::pages::public::login::{LoginPage, StaffLoginPage};
use crate::shell::{CustomerShell, StaffShell};

/// All pages.
#[component]
pub fn Pages() -> AnyView {
    view! {
        <Routes fallback=NotFoundPage>
            <Route path=path!("/") view=LandingPage />
            <Route path=path!("/login") view=LoginPage />
            <Route path=path!("/admin/login") view=StaffLoginPage />
            <ParentRoute path=path!("/app") view=CustomerShell>
                <Route path=path!("") view=OverviewPage />
                <Route path=path!("logs") view=LogsPage />
                <Route path=path!("logs/:id") view=LogPage />
                <Route path=path!("sleutels") view=KeysPage />
                <Route path=path!("account") view=AccountPage />
                <Route path=path!("*any") view=NotFoundPanel />
            </ParentRoute>
            <ParentRoute path=path!("/admin") view=StaffShell>
                <Route path=path!("") view=AdminOverviewPage />
                <Route path=path!("klanten") view=CustomersPage />
                <Route path=path!("klanten/nieuw") view=CreateCustomerPage />
                <Route path=path!("klanten/:id") view=CustomerPage />
                <Route path=path!("account") view=StaffAccountPage />
                <Route path=path!("*any") view=NotFoundPanel />
            </ParentRoute>
        </Routes>
    }
    .into_any()
}
