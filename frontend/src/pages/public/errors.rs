//! Pages for what is not there or not allowed, each with a way on.

use shared::access::Permission;

use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::router::use_router;
use crate::shell::Portal;
use crate::state::session::use_session;
use crate::ui::{Icon, LinkButton, PageHeader, Variant, icon};

use super::frame::PublicFrame;

/// An address that leads nowhere, outside the portals.
#[component]
pub fn NotFoundPage() -> AnyView {
    view! {
        <PublicFrame>
            <div class="wrap lone">
                <NotFoundPanel />
            </div>
        </PublicFrame>
    }
}

/// An address that leads nowhere, inside a portal.
#[component]
pub fn NotFoundPanel() -> AnyView {
    let i18n = use_i18n();
    let router = use_router();
    let home = move || {
        let session = use_session();
        let path = router.path();
        if path.starts_with("/admin") {
            Portal::Staff.home()
        } else if session.me.with(Option::is_some) || path.starts_with("/app") {
            Portal::Customer.home()
        } else {
            "/"
        }
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.errors.not_found_title) />
        <section class="card none-box">
            <span class="ib">{icon(Icon::SEARCH_X)}</span>
            <p>{i18n.tr(|t| t.errors.not_found_text)}</p>
            <p>
                <code>{move || router.path()}</code>
            </p>
            {move || {
                view! {
                    <LinkButton variant=Variant::Primary href=home()>
                        {i18n.tr(|t| t.errors.to_start)}
                    </LinkButton>
                }
            }}
        </section>
    }
}

/// A portal that belongs to others.
#[component]
pub fn ForbiddenPanel(
    /// The portal that was asked for.
    portal: Portal,
) -> AnyView {
    let i18n = use_i18n();
    let (own, text): (_, fn(&'static crate::i18n::Texts) -> &'static str) = match portal {
        Portal::Customer => (Portal::Staff, |t| t.errors.forbidden_customer),
        Portal::Staff => (Portal::Customer, |t| t.errors.forbidden_staff),
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.errors.forbidden_title) />
        <section class="card none-box">
            <span class="ib">{icon(Icon::LOCK)}</span>
            <p>{i18n.tr(text)}</p>
            <LinkButton variant=Variant::Primary href=own.home()>
                {i18n.tr(|t| t.errors.to_own_portal)}
            </LinkButton>
        </section>
    }
}

/// A page for those with a permission; others read who can change that. It follows a change of the role.
pub fn allowed(permission: Permission, page: impl Fn() -> AnyView + 'static) -> AnyView {
    let session = use_session();
    let may_see = Memo::new(move |_| session.can(permission));
    live(move || {
        if may_see.get() {
            page()
        } else {
            view! { <NotAllowed /> }
        }
    })
}

/// A part of a page that the role may not see; says who can change that.
#[component]
pub fn NotAllowed() -> AnyView {
    let i18n = use_i18n();
    view! {
        <section class="card none-box">
            <span class="ib">{icon(Icon::LOCK)}</span>
            <h2>{i18n.tr(|t| t.errors.not_allowed_title)}</h2>
            <p>{i18n.tr(|t| t.errors.not_allowed_text)}</p>
        </section>
    }
}
