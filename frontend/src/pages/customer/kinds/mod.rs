//! Kinds of logs: what they are called, what their data must look like, and what did not fit.

mod form;
mod quarantine;

use shared::access::Permission;
use shared::erasure::RetentionOut;
use shared::kinds::{KindCount, KindMode, KindOut, KindsOut};

use crate::api::{ApiError, erasure, kinds, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::customer::retention::retention_form;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Dialog, EmptyState, Icon, IconButton, LinkButton, Load, PageHeader, TableScroll,
    Tone, Variant, badge, note,
};

pub use quarantine::QuarantinePage;

/// What the form is about.
#[derive(Clone)]
enum Subject {
    /// A kind that is not described yet, by its name if it has one.
    New(String),
    /// A kind by its id.
    Known(String),
}

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct Kinds {
    load: Load<KindsOut>,
    subject: RwSignal<Option<Subject>>,
    open: RwSignal<bool>,
    may_manage: bool,
    /// How long logs are kept; kinds may have a time of their own.
    kept: Load<RetentionOut>,
    /// The kind whose time is being chosen.
    kept_kind: RwSignal<Option<String>>,
    kept_open: RwSignal<bool>,
    may_erase: bool,
}

impl Kinds {
    fn begin(self, subject: Subject) {
        self.subject.set(Some(subject));
        self.open.set(true);
    }
}

/// The page.
#[component]
pub fn KindsPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    if !untrack(|| session.can(Permission::LogsRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.kinds.title) />
            <NotAllowed />
        };
    }
    let page = Kinds {
        load: Load::new(move || kinds::list(&api)),
        subject: RwSignal::new(None),
        open: RwSignal::new(false),
        may_manage: untrack(|| session.can(Permission::KindsManage)),
        kept: Load::new(move || erasure::retention(&api)),
        kept_kind: RwSignal::new(None),
        kept_open: RwSignal::new(false),
        may_erase: untrack(|| session.can(Permission::LogsErase)),
    };
    let create = page.may_manage.then(|| {
        view! {
            <Button
                variant=Variant::Primary
                icon=Icon::PLUS
                on_press=move |()| page.begin(Subject::New(String::new()))
            >
                {i18n.tr(|t| t.kinds.describe)}
            </Button>
        }
    });
    let times = move || {
        let kind = page.kept_kind.get_untracked()?;
        Some(
            view! { <Async load=page.kept view=move || retention_form(page.kept, api, Some(kind.clone())) /> },
        )
    };
    let of_kind = move || {
        let title = i18n.t().privacy.retention_title;
        page.kept_kind.get().map_or(title.to_owned(), |kind| format!("{title}: {kind}"))
    };
    let body = move || page.subject.get_untracked().map(|subject| form::view(page, subject));
    view! {
        <PageHeader title=i18n.tr(|t| t.kinds.title)>
            <LinkButton href="/app/quarantaine" icon=Icon::LAYERS>
                {i18n.tr(|t| t.kinds.quarantine)}
            </LinkButton>
            {create}
        </PageHeader>
        <p class="sub2">{i18n.tr(|t| t.kinds.lead)}</p>
        <Async load=page.load view=move || view! { {move || content(page)} } />
        <Dialog open=page.open title=i18n.tr(|t| t.kinds.describe) wide=true>
            {body()}
        </Dialog>
        <Dialog open=page.kept_open title=of_kind>
            {times()}
        </Dialog>
    }
}

fn content(page: Kinds) -> Option<AnyView> {
    let i18n = use_i18n();
    let out = page.load.data.get()?;
    let (open, full) = (out.quarantine.open, out.quarantine.open >= out.quarantine.limit);
    let full = full || out.quarantine.bytes >= out.quarantine.bytes_limit;
    let waiting = (open > 0).then(|| {
        let text = move || {
            let count = i18n.fmt().int(open);
            if full { (i18n.t().kinds.full)(&count) } else { (i18n.t().kinds.waiting)(&count) }
        };
        note(if full { Icon::TRIANGLE_ALERT } else { Icon::INFO }, text)
    });
    let described = if out.kinds.is_empty() {
        view! {
            <EmptyState mark=Icon::LAYERS title=i18n.tr(|t| t.kinds.none_title) text=i18n.tr(|t| t.kinds.none_text) />
        }
    } else {
        table(page, out.kinds)
    };
    let others = (!out.undescribed.is_empty()).then(|| {
        let rows = out.undescribed.into_iter().map(|kind| other(page, kind)).collect_view();
        view! {
            <Card title=i18n.tr(|t| t.kinds.others)>
                <ul role="list" class="stack">
                    {rows}
                </ul>
            </Card>
        }
    });
    Some(view! {
        {waiting}
        {described}
        {others}
    })
}

fn other(page: Kinds, kind: KindCount) -> AnyView {
    let i18n = use_i18n();
    let KindCount { name, logs } = kind;
    let (shown, spoken) = (name.clone(), name.clone());
    let describe = page.may_manage.then(|| {
        view! {
            <Button small=true on_press=move |()| page.begin(Subject::New(name.clone()))>
                {i18n.tr(|t| t.kinds.describe)}
                <span class="vh">" " {spoken}</span>
            </Button>
        }
    });
    view! {
        <li class="spread">
            <span>
                <code>{shown}</code>
                " "
                <span class="sub2 num">{move || (i18n.t().logs.count)(&i18n.fmt().int(logs))}</span>
            </span>
            {describe}
        </li>
    }
}

fn table(page: Kinds, kinds: Vec<KindOut>) -> AnyView {
    let i18n = use_i18n();
    let rows = kinds.into_iter().map(|kind| row(page, kind)).collect_view();
    view! {
        <section class="card flush">
            <TableScroll label=i18n.tr(|t| t.kinds.table)>
                <table class="data cards">
                    <caption class="vh">{i18n.tr(|t| t.kinds.table)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.kinds.kind)}</th>
                            <th scope="col">{i18n.tr(|t| t.kinds.mode)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.kinds.logs)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.kinds.quarantine)}</th>
                            <th scope="col">
                                <span class="vh">{i18n.tr(|t| t.common.actions)}</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableScroll>
        </section>
    }
}

/// The name of a mode.
fn mode_name(t: &'static Texts, mode: KindMode) -> &'static str {
    match mode {
        KindMode::Off => t.kinds.mode_off,
        KindMode::Warn => t.kinds.mode_warn,
        KindMode::Reject => t.kinds.mode_reject,
    }
}

fn row(page: Kinds, kind: KindOut) -> AnyView {
    let i18n = use_i18n();
    let tone = match kind.mode {
        KindMode::Off => Tone::Plain,
        KindMode::Warn => Tone::Warn,
        KindMode::Reject => Tone::Info,
    };
    let (mode, logs, lines, lost) = (kind.mode, kind.logs, kind.quarantined, kind.not_kept);
    let (named, name) = (kind.clone(), kind.name.clone());
    let timed = kind.name.clone();
    let own = move || {
        let of = |out: &RetentionOut| out.of_kind(&timed)?.days;
        let days = page.kept.data.with(|out| out.as_ref().and_then(of));
        days.map(|days| (i18n.t().privacy.kept)(&i18n.fmt().int(days)))
    };
    let not_kept = (lost > 0).then(|| {
        view! { <div class="sub2">{move || (i18n.t().kinds.not_kept)(&i18n.fmt().int(lost))}</div> }
    });
    view! {
        <tr>
            <th scope="row">
                <span class="k-title">{move || named.title(i18n.lang()).to_owned()}</span>
                " "
                <code>{name}</code>
                <div class="sub2">{own}</div>
            </th>
            <td data-label=i18n.tr(|t| t.kinds.mode)>{badge(tone, None, move || mode_name(i18n.t(), mode))}</td>
            <td class="r num" data-label=i18n.tr(|t| t.kinds.logs)>{move || i18n.fmt().int(logs)}</td>
            <td class="r num" data-label=i18n.tr(|t| t.kinds.quarantine)>
                {move || i18n.fmt().int(lines)} {not_kept}
            </td>
            <td>{(page.may_manage || page.may_erase).then(|| acts(page, kind))}</td>
        </tr>
    }
}

fn acts(page: Kinds, kind: KindOut) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let KindOut { id, name, .. } = kind;
    let (edited, removed) = (name.clone(), name);
    let known = id.clone();
    let forget = move |()| {
        let id = id.clone();
        spawn_local(async move {
            match kinds::forget(&api, &id).await {
                Ok(()) => toasts.success(i18n.t_untracked().kinds.forgotten),
                Err(ApiError::Aborted) => {}
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            page.load.reload();
        });
    };
    let (timed, spoken) = (edited.clone(), edited.clone());
    let keep = page.may_erase.then(|| {
        view! {
            <IconButton
                icon=Icon::CLOCK
                label=move || format!("{} {spoken}", i18n.t().privacy.retention_title)
                on_press=move |()| {
                    page.kept_kind.set(Some(timed.clone()));
                    page.kept_open.set(true);
                }
            />
        }
    });
    if !page.may_manage {
        return view! { <div class="acts">{keep}</div> };
    }
    view! {
        <div class="acts">
            {keep}
            <IconButton
                icon=Icon::PENCIL
                label=move || format!("{} {edited}", i18n.t().common.edit)
                on_press=move |()| page.begin(Subject::Known(known.clone()))
            />
            <IconButton
                icon=Icon::X
                label=move || (i18n.t().kinds.forget)(&removed)
                on_press=forget
            />
        </div>
    }
}
