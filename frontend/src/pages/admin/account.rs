//! The account of a member of staff: profile, preferences, password, session.

use crate::api::people::Whose;
use crate::i18n::use_i18n;
use crate::pages::account::{PasswordCard, PreferencesCard, SessionCard};
use crate::pages::parts::{fact, moment, role_name};
use crate::pages::sessions;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{Card, Icon, PageHeader, icon};

/// The page; with a one-time password it holds nothing but the form that replaces it.
#[component]
pub fn StaffAccountPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let forced =
        Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.must_change_password)));
    let title = move || {
        let t = &i18n.t().account;
        if forced.get() { t.password_forced_title } else { t.title }
    };
    view! {
        <PageHeader title />
        {move || {
            if forced.get() {
                view! {
                    <p class="banner warn">{icon(Icon::LOCK)} <span>{i18n.tr(|t| t.account.password_forced_text)}</span></p>
                    <PasswordCard />
                }
            } else {
                view! {
                    <Card title=i18n.tr(|t| t.account.profile)>{profile}</Card>
                    <PreferencesCard />
                    <PasswordCard />
                    {sessions::card(Whose::Mine, Memo::new(|_| true))}
                }
            }
        }}
        <SessionCard />
    }
}

fn profile() -> Option<AnyView> {
    let i18n = use_i18n();
    let me = use_session().me.get()?;
    let role = me.role;
    Some(view! {
        <dl class="facts">
            {fact(i18n.tr(|t| t.account.staff_name), me.name)}
            {me.username.map(|name| fact(i18n.tr(|t| t.login.username), name))}
            {fact(i18n.tr(|t| t.account.role), move || role_name(i18n.t(), role))}
            {me.session_expires_at.map(|at| fact(i18n.tr(|t| t.account.session_until), moment(at)))}
        </dl>
    })
}
