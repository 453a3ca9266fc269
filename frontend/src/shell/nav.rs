//! The main menu: a side bar on wide screens, a bar at the bottom with "More" on phones.

use shared::access::Permission;

use super::Portal;
use crate::api::{auth, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::router::use_router;
use crate::state::preferences::use_preferences;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Icon, icon, logo};
use shared::lang::Lang;

type Pick = fn(&'static Texts) -> &'static str;

/// One page in the menu.
pub struct Entry {
    /// Its address.
    pub href: &'static str,
    /// Its icon.
    pub icon: Icon,
    /// Its name.
    pub text: Pick,
    /// Letter that leads to it after `g`.
    pub key: &'static str,
    /// Only the address itself is this page, not those below it.
    pub exact: bool,
    /// Who may see it; `None` for everybody who is signed in.
    pub needs: Option<Permission>,
}

/// Pages in the bar of a phone; the others stand under "More".
const BAR: usize = 4;

static CUSTOMER: [Entry; 8] = [
    Entry {
        href: "/app",
        icon: Icon::LAYOUT_DASHBOARD,
        text: |t| t.shell.overview,
        key: "o",
        exact: true,
        needs: None,
    },
    Entry {
        href: "/app/logs",
        icon: Icon::SCROLL_TEXT,
        text: |t| t.shell.logs,
        key: "l",
        exact: false,
        needs: Some(Permission::LogsRead),
    },
    Entry {
        href: "/app/analyse",
        icon: Icon::CHART_LINE,
        text: |t| t.shell.analytics,
        key: "n",
        exact: false,
        needs: Some(Permission::AnalyticsRead),
    },
    Entry {
        href: "/app/sleutels",
        icon: Icon::KEY_ROUND,
        text: |t| t.shell.keys,
        key: "k",
        exact: false,
        needs: Some(Permission::KeysRead),
    },
    Entry {
        href: "/app/soorten",
        icon: Icon::LAYERS,
        text: |t| t.shell.kinds,
        key: "s",
        exact: false,
        needs: Some(Permission::LogsRead),
    },
    Entry {
        href: "/app/gebruikers",
        icon: Icon::USERS,
        text: |t| t.shell.users,
        key: "u",
        exact: false,
        needs: Some(Permission::UsersManage),
    },
    Entry {
        href: "/app/abonnement",
        icon: Icon::GAUGE,
        text: |t| t.shell.plan,
        key: "b",
        exact: false,
        needs: Some(Permission::AnalyticsRead),
    },
    Entry {
        href: "/app/account",
        icon: Icon::SETTINGS,
        text: |t| t.shell.account,
        key: "a",
        exact: false,
        needs: None,
    },
];

static STAFF: [Entry; 9] = [
    Entry {
        href: "/admin",
        icon: Icon::LAYOUT_DASHBOARD,
        text: |t| t.shell.overview,
        key: "o",
        exact: true,
        needs: None,
    },
    Entry {
        href: "/admin/klanten",
        icon: Icon::USERS,
        text: |t| t.shell.customers,
        key: "k",
        exact: false,
        needs: Some(Permission::CustomersRead),
    },
    Entry {
        href: "/admin/logs",
        icon: Icon::SCROLL_TEXT,
        text: |t| t.shell.logs,
        key: "l",
        exact: false,
        needs: Some(Permission::AllLogsRead),
    },
    Entry {
        href: "/admin/zoeken",
        icon: Icon::SEARCH,
        text: |t| t.shell.search,
        key: "z",
        exact: false,
        needs: Some(Permission::CustomersRead),
    },
    Entry {
        href: "/admin/productcijfers",
        icon: Icon::CHART_LINE,
        text: |t| t.shell.product,
        key: "p",
        exact: false,
        needs: Some(Permission::CustomersRead),
    },
    Entry {
        href: "/admin/beveiliging",
        icon: Icon::SHIELD_ALERT,
        text: |t| t.shell.security,
        key: "b",
        exact: false,
        needs: Some(Permission::SecurityRead),
    },
    Entry {
        href: "/admin/systeem",
        icon: Icon::MAIL,
        text: |t| t.shell.system,
        key: "s",
        exact: false,
        needs: Some(Permission::MailManage),
    },
    Entry {
        href: "/admin/audit",
        icon: Icon::SHIELD_CHECK,
        text: |t| t.shell.audit,
        key: "u",
        exact: false,
        needs: Some(Permission::AllAuditRead),
    },
    Entry {
        href: "/admin/account",
        icon: Icon::SETTINGS,
        text: |t| t.shell.account,
        key: "a",
        exact: false,
        needs: None,
    },
];

/// The pages of a portal.
#[must_use]
pub const fn entries(portal: Portal) -> &'static [Entry] {
    match portal {
        Portal::Customer => &CUSTOMER,
        Portal::Staff => &STAFF,
    }
}

/// The main menu of a portal.
#[component]
pub fn SideNav(
    /// The portal.
    portal: Portal,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <nav class="side" aria-label=i18n.tr(|t| t.shell.menu)>
            <div class="side-in">
                <a href=portal.home() class="brand">
                    {logo()}
                    <span>{i18n.tr(|t| t.common.product)}</span>
                </a>
                <ul role="list">
                    {entries(portal).iter().enumerate().map(|(at, entry)| item(entry, at >= BAR)).collect_view()}
                    <li class="hide-l">
                        <button type="button" popovertarget="more" aria-haspopup="true">
                            {icon(Icon::ELLIPSIS)}
                            <span>{i18n.tr(|t| t.common.more)}</span>
                        </button>
                    </li>
                </ul>
                <div class="side-end">
                    <SignOut />
                </div>
                <div class="more" id="more" popover="auto">
                    <ul role="list">
                        {entries(portal).iter().skip(BAR).map(|entry| item(entry, false)).collect_view()}
                        <li>{language_item()}</li>
                        <li>
                            <SignOut />
                        </li>
                    </ul>
                </div>
            </div>
        </nav>
    }
}

/// A page in the menu; `wide` ones have no place in the bar of a phone.
fn item(entry: &'static Entry, wide: bool) -> AnyView {
    let i18n = use_i18n();
    let router = use_router();
    let session = use_session();
    // Until the session is known nothing is taken away, so that the bar does not move.
    let unknown = Memo::new(move |_| session.me.with(Option::is_none));
    let here = move || {
        router
            .path()
            .strip_prefix(entry.href)
            .is_some_and(|rest| rest.is_empty() || rest == "/" || (!entry.exact && rest.starts_with('/')))
    };
    let visible = move || unknown.get() || entry.needs.is_none_or(|permission| session.can(permission));
    live(move || {
        visible().then(|| {
            view! {
                <li class:hide-s=wide>
                    <a href=entry.href aria-current=move || here().then_some("page")>
                        {icon(entry.icon)}
                        <span>{i18n.tr(entry.text)}</span>
                    </a>
                </li>
            }
        })
    })
}

/// Ends the session.
#[component]
fn SignOut() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    let toasts = use_toasts();
    let press = move |_| {
        spawn_local(async move {
            if let Err(error) = auth::logout(&api).await {
                toasts.error(error.detail(i18n.t_untracked()));
            }
        });
    };
    let signed_in = Memo::new(move |_| session.me.with(Option::is_some));
    live(move || {
        signed_in.get().then(|| {
            view! {
                <button type="button" on:click=press>
                    {icon(Icon::LOG_OUT)}
                    <span>{i18n.tr(|t| t.shell.sign_out)}</span>
                </button>
            }
        })
    })
}

fn language_item() -> AnyView {
    let i18n = use_i18n();
    let preferences = use_preferences();
    let other = move || {
        if i18n.lang() == Lang::Nl { Lang::En } else { Lang::Nl }
    };
    view! {
        <button type="button" lang=move || other().code() on:click=move |_| preferences.set_lang(other())>
            {icon(Icon::LANGUAGES)}
            <span>{i18n.tr(|t| t.shell.other_language)}</span>
        </button>
    }
}
