//! Analysis: what is unusual, logs over time beside an earlier period, the week's pattern, top lists and a forecast.
//! Period, comparison and query stand in the address.

mod choices;
mod cohorts;
mod findings;
mod forecast;
mod funnel;
mod pattern;
mod scope;
mod tabs;
mod top;
mod trend;

use shared::access::Permission;

pub use self::cohorts::CohortsPage;
pub use self::funnel::FunnelPage;
use self::scope::Scope;
use crate::i18n::use_i18n;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::PageHeader;

/// The page.
#[component]
pub fn AnalyticsPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    if !untrack(|| session.can(Permission::AnalyticsRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.analytics.title) />
            <NotAllowed />
        };
    }
    let scope = Scope::new();
    view! {
        <PageHeader title=i18n.tr(|t| t.analytics.title) />
        {tabs::tabs()}
        {scope::bar(scope)}
        {findings::findings()}
        {trend::trend(scope)}
        {pattern::pattern(scope)}
        {top::top(scope)}
        {forecast::forecast(scope)}
    }
}
