//! Security of the installation: how much is going on and why, who it comes from, what was decided about them.

mod decisions;
mod events;
mod form;
mod level;
mod modes;
mod words;

use std::time::Duration;

use shared::access::Permission;
use shared::page::Page;
use shared::security::{DecisionOut, SecurityEventOut, SecurityOut};

use crate::api::{security, use_api};
use crate::i18n::use_i18n;
use crate::pages::public::errors::allowed;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Icon, Load, PageHeader, Skeleton, Variant};

/// How long a decision can be taken back with one press.
const UNDO: Duration = Duration::from_secs(10);

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    overview: Load<SecurityOut>,
    events: Load<Page<SecurityEventOut>>,
    decisions: Load<Page<DecisionOut>>,
    /// Kind of the events that are shown.
    kind: RwSignal<String>,
    /// Network of the events that are shown.
    network: RwSignal<String>,
    /// Whether decisions in force are shown, or those that ended.
    active: RwSignal<bool>,
    /// Part of the network or the reason of decisions that are shown.
    words: RwSignal<String>,
    /// Whether somebody decides now, and about which network.
    deciding: RwSignal<bool>,
    about: RwSignal<String>,
    /// The decision that was just made.
    made: RwSignal<Option<DecisionOut>>,
    may_manage: Memo<bool>,
}

impl View {
    fn reload(self) {
        self.overview.reload();
        self.events.reload();
        self.decisions.reload();
    }

    /// Opens the form for a decision about a network.
    fn decide(self, network: &str) {
        self.about.set(network.to_owned());
        self.deciding.set(true);
    }

    /// Shows a decision that was just made, for as long as it is taken back with one press.
    fn tell(self, decision: DecisionOut) {
        let id = decision.id.clone();
        self.made.set(Some(decision));
        self.reload();
        set_timeout(
            move || {
                if self.made.try_with_untracked(|made| made.as_ref().is_some_and(|made| made.id == id))
                    == Some(true)
                {
                    self.made.set(None);
                }
            },
            UNDO,
        );
    }
}

/// The page.
#[component]
pub fn SecurityPage() -> AnyView {
    allowed(Permission::SecurityRead, page)
}

fn page() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let (glance, lister, decider) = (use_api(), use_api(), use_api());
    let (kind, network) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (active, words) = (RwSignal::new(true), RwSignal::new(String::new()));
    let view = View {
        overview: Load::new(move || security::overview(&glance)),
        events: Load::idle(move || {
            security::events(&lister, &kind.get_untracked(), &network.get_untracked(), None)
        }),
        decisions: Load::idle(move || {
            security::decisions(&decider, active.get_untracked(), &words.get_untracked(), None)
        }),
        kind,
        network,
        active,
        words,
        deciding: RwSignal::new(false),
        about: RwSignal::new(String::new()),
        made: RwSignal::new(None),
        may_manage: Memo::new(move |_| session.can(Permission::SecurityManage)),
    };
    Effect::new(move |_| {
        kind.track();
        network.track();
        view.events.reload();
    });
    Effect::new(move |_| {
        active.track();
        words.track();
        view.decisions.reload();
    });
    let decide = move || {
        view.may_manage.get().then(|| {
            view! {
                <Button variant=Variant::Primary icon=Icon::BAN on_press=move |()| view.decide("")>
                    {i18n.tr(|t| t.security.block)}
                </Button>
            }
        })
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.security.title)>
            <Button on_press=move |()| view.reload()>{i18n.tr(|t| t.security.refresh)}</Button>
            {decide}
        </PageHeader>
        {undo(view)}
        <Async load=view.overview skeleton=|| view! { <div class="card"><Skeleton lines=8 /></div> } view=move || glance_of(view) />
        <div class="halves">{level::sources(view)} {events::card(view)}</div>
        {decisions::card(view)}
        {modes::card(view)}
        {form::dialog(view)}
    }
}

fn glance_of(view: View) -> AnyView {
    view! {
        {level::card(view)}
        {level::chart(view)}
    }
}

/// Takes back the decision that was just made.
fn undo(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let press = move |()| {
        let Some(made) = view.made.get_untracked() else { return };
        view.made.set(None);
        spawn_local(async move {
            match security::lift(&api, &made.id).await {
                Ok(_) => toasts.success(i18n.t_untracked().security.undone),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            view.reload();
        });
    };
    let bar = move || {
        view.made.get().map(|made| {
            let said = move || {
                let t = &i18n.t().security;
                let end = made.expires_at.map(|end| i18n.fmt().date_time(end));
                (t.made)(
                    &made.network,
                    words::action(i18n.t(), made.action),
                    end.as_deref().unwrap_or(t.no_end),
                )
            };
            view! {
                <div class="card row">
                    <span>{said}</span>
                    <Button small=true on_press=press>{i18n.tr(|t| t.security.undo)}</Button>
                </div>
            }
        })
    };
    view! { <div role="status">{live(bar)}</div> }
}
