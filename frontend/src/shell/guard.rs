//! Lets nobody in who is not signed in, and nobody into the other portal.

use super::Portal;
use crate::api::params::encode;
use crate::api::use_client;
use crate::i18n::use_i18n;
use crate::pages::public::errors::ForbiddenPanel;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::{EndReason, Phase, use_session};
use crate::ui::{Button, EmptyState, Icon, PageHeader, Skeleton};

/// What the page may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Waiting,
    Open,
    Wrong,
    Unreachable,
}

/// Shows its content to those who belong here; others go to the sign-in page and come back afterwards.
#[component]
pub fn Guard(
    /// The portal that is guarded.
    portal: Portal,
    /// The pages.
    children: ChildrenFn,
) -> AnyView {
    let session = use_session();
    let client = use_client();
    client.restore();
    go_to_sign_in(portal);
    let gate = Memo::new(move |_| match session.phase.get() {
        Phase::In => session.me.with(|me| match me {
            Some(me) if me.role.is_staff() == (portal == Portal::Staff) => Gate::Open,
            Some(_) => Gate::Wrong,
            None => Gate::Waiting,
        }),
        Phase::Unreachable => Gate::Unreachable,
        Phase::Unknown | Phase::Restoring | Phase::Out => Gate::Waiting,
    });
    move_to_password(portal);
    live(move || match gate.get() {
        Gate::Open => children(),
        Gate::Wrong => view! { <ForbiddenPanel portal /> },
        Gate::Unreachable => unreachable_panel(),
        Gate::Waiting => view! { <div class="late" aria-busy="true"><Skeleton lines=8 /></div> },
    })
}

/// Sends people who are signed out to the sign-in page, with the way back.
fn go_to_sign_in(portal: Portal) {
    let session = use_session();
    let router = use_router();
    Effect::new(move |_| {
        if session.phase.get() != Phase::Out {
            return;
        }
        let (path, search) = (router.path_untracked(), router.query_untracked());
        let mut target = String::from(portal.sign_in());
        let mut sign = '?';
        let by_choice = session.ended.get_untracked() == Some(EndReason::SignedOut);
        if !by_choice && (path.trim_end_matches('/') != portal.home() || !search.is_empty()) {
            target = format!("{target}{sign}next={}", encode(&format!("{path}{search}")));
            sign = '&';
        }
        if let Some(reason) = session.ended.get_untracked() {
            target = format!("{target}{sign}reden={}", reason.as_str());
        }
        router.go(&target, Go::Instead);
    });
}

/// Staff with a one-time password see nothing but the page that replaces it.
fn move_to_password(portal: Portal) {
    const PAGE: &str = "/admin/account";
    if portal != Portal::Staff {
        return;
    }
    let session = use_session();
    let router = use_router();
    Effect::new(move |_| {
        let has_to = session.me.with(|me| me.as_ref().is_some_and(|me| me.must_change_password));
        if has_to && router.path() != PAGE {
            router.go(PAGE, Go::Instead);
        }
    });
}

fn unreachable_panel() -> AnyView {
    let i18n = use_i18n();
    let client = use_client();
    view! {
        <PageHeader title=i18n.tr(|t| t.errors.offline_title) />
        <section class="card flush">
            <EmptyState mark=Icon::WIFI_OFF title=i18n.tr(|t| t.errors.offline_what) text=i18n.tr(|t| t.errors.offline_text)>
                <Button icon=Icon::REFRESH_CW on_press=move |()| client.restore()>
                    {i18n.tr(|t| t.common.retry)}
                </Button>
            </EmptyState>
        </section>
    }
}
