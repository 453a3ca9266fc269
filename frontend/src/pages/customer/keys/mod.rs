//! API keys: the list, and the acts of the owner. A secret is shown once, in the page, never again.

mod dialogs;
mod list;
pub mod requests;
mod samples;
mod speed;

use shared::access::{Permission, Scope};
use shared::keys::{KeyCreatedOut, KeyOut, KeyStatus, KeysOut};
use shared::time::Millis;

use crate::api::{keys, use_api};
use crate::i18n::use_i18n;
use crate::pages::public::errors::allowed;
use crate::pages::secret::Secret;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{Async, Button, EmptyState, Icon, Load, PageHeader, Skeleton, Variant, icon};

pub use dialogs::{opened_by, revoke_view};
pub use list::{last_use, state as key_state};
pub use samples::origin;

use dialogs::Dialogs;
use samples::Samples;

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct Page {
    load: Load<KeysOut>,
    /// The key whose secret is on screen.
    fresh: RwSignal<Option<Fresh>>,
    dialogs: Dialogs,
    may_manage: Memo<bool>,
}

/// A secret that is shown now.
#[derive(Clone)]
struct Fresh {
    secret: String,
    may_write: bool,
    old_until: Option<Millis>,
}

impl Page {
    /// Takes a new key over: its secret on screen, the list up to date.
    fn created(self, out: KeyCreatedOut, old_until: Option<Millis>) {
        self.fresh.set(Some(Fresh {
            may_write: out.key.scopes.contains(&Scope::LogsWrite),
            secret: out.api_key,
            old_until,
        }));
        self.load.reload();
    }

    /// Keys that count against the plan, and how many may.
    fn used(self) -> Option<(i64, i64)> {
        self.load.data.with(|data| {
            let out = data.as_ref()?;
            let used = out.keys.iter().filter(|key| takes_place(key, &out.keys)).count();
            Some((i64::try_from(used).unwrap_or(i64::MAX), out.limit))
        })
    }

    fn is_full(self) -> bool {
        self.used().is_some_and(|(used, limit)| used >= limit)
    }
}

/// The page.
#[component]
pub fn KeysPage() -> AnyView {
    allowed(Permission::KeysRead, page)
}

fn page() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    let page = Page {
        load: Load::new(move || keys::list(&api)),
        fresh: RwSignal::new(None),
        dialogs: Dialogs::new(),
        may_manage: Memo::new(move |_| session.can(Permission::KeysManage)),
    };
    let may_create = Memo::new(move |_| page.may_manage.get() && !page.is_full());
    let create = move || {
        may_create.get().then(|| {
            view! {
                <Button variant=Variant::Primary icon=Icon::PLUS on_press=move |()| page.dialogs.create.set(true)>
                    {i18n.tr(|t| t.keys.create)}
                </Button>
            }
        })
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.keys.title)>{requests::link(i18n)} {create}</PageHeader>
        <p class="sub2">{i18n.tr(|t| t.keys.lead)}</p>
        {move || page.fresh.get().map(|fresh| secret(page, fresh))}
        <section class="card flush" aria-labelledby="keys-list">
            <div class="bar2">
                <h2 id="keys-list">{i18n.tr(|t| t.keys.list)}</h2>
                <span class="sub2 push">{move || count_text(page)}</span>
            </div>
            {move || {
                (page.may_manage.get() && page.is_full())
                    .then(|| view! { <p class="bar-note">{icon(Icon::INFO)} <span>{i18n.tr(|t| t.keys.limit_reached)}</span></p> })
            }}
            <Async load=page.load skeleton=|| view! { <Skeleton lines=6 /> } view=move || content(page) />
        </section>
        {move || page.may_manage.get().then(|| dialogs::view(page))}
    }
}

fn count_text(page: Page) -> String {
    let i18n = use_i18n();
    let fmt = i18n.fmt();
    page.used()
        .map(|(used, limit)| (i18n.t().keys.count)(used, &fmt.int(used), &fmt.int(limit)))
        .unwrap_or_default()
}

fn content(page: Page) -> AnyView {
    let is_empty =
        Memo::new(move |_| page.load.data.with(|data| data.as_ref().is_none_or(|out| out.keys.is_empty())));
    live(move || if is_empty.get() { empty(page) } else { list::view(page) })
}

fn empty(page: Page) -> AnyView {
    let i18n = use_i18n();
    if !page.may_manage.get_untracked() {
        return view! {
            <EmptyState mark=Icon::KEY_ROUND title=i18n.tr(|t| t.keys.empty_title) text=i18n.tr(|t| t.keys.empty_viewer) />
        };
    }
    let command =
        move || samples::curl(&origin(), i18n.t().keys.placeholder, true, i18n.t().keys.sample_text_log);
    view! {
        <EmptyState mark=Icon::KEY_ROUND title=i18n.tr(|t| t.keys.empty_title) text=i18n.tr(|t| t.keys.empty_text)>
            <pre class="json code-line" tabindex="0">
                <code>{command}</code>
            </pre>
            <Button icon=Icon::PLUS on_press=move |()| page.dialogs.create.set(true)>
                {i18n.tr(|t| t.keys.create)}
            </Button>
        </EmptyState>
    }
}

fn secret(page: Page, fresh: Fresh) -> AnyView {
    let i18n = use_i18n();
    let Fresh { secret, may_write, old_until } = fresh;
    let key = secret.clone();
    let old = move || old_until.map(|at| (i18n.t().keys.old_until)(&i18n.fmt().date_time(at)));
    view! {
        <Secret
            title=i18n.tr(|t| t.keys.secret_title)
            warning=i18n.tr(|t| t.keys.secret_warning)
            label=i18n.tr(|t| t.keys.secret_label)
            secret
            copy=i18n.tr(|t| t.keys.secret_copy)
            kept=i18n.tr(|t| t.keys.secret_kept)
            on_kept=move |()| page.fresh.set(None)
        >
            {move || old().map(|text| view! { <p class="sub2">{text}</p> })}
            <Samples api_key=key.clone() may_write />
        </Secret>
    }
}

/// Whether a key still works or will for a while.
fn is_current(key: &KeyOut) -> bool {
    matches!(key.status, KeyStatus::Active | KeyStatus::Rotating)
}

/// Whether a key takes one of the plan's places: a replaced key and its active successor take one together.
fn takes_place(key: &KeyOut, all: &[KeyOut]) -> bool {
    match key.status {
        KeyStatus::Active => true,
        KeyStatus::Rotating => !all
            .iter()
            .any(|next| next.status == KeyStatus::Active && next.rotated_from.as_ref() == Some(&key.id)),
        KeyStatus::Expired | KeyStatus::Revoked => false,
    }
}
