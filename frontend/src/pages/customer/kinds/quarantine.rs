//! Lines that did not fit: correcting and storing them, or deciding against them.

use leptos::ev;
use shared::access::Permission;
use shared::kinds::{KindsOut, QuarantinedOut, QuarantinedState};
use shared::page::Page;
use shared::problem::FieldErrorOut;

use crate::api::{ApiError, kinds, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::customer::logs::pretty;
use crate::pages::form::Faults;
use crate::pages::parts::moment;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Choice, Dialog, DialogActions, EmptyState, Icon, LinkButton, Load, PageHeader,
    SelectField, TextArea, Tone, Variant, badge,
};

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct Lines {
    load: Load<Page<QuarantinedOut>>,
    /// The line that is corrected.
    chosen: RwSignal<Option<String>>,
    open: RwSignal<bool>,
    may_replay: bool,
    may_discard: bool,
}

/// The page.
#[component]
pub fn QuarantinePage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let (api, toasts) = (use_api(), use_toasts());
    let can = |permission| untrack(|| session.can(permission));
    if !can(Permission::LogsRead) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.kinds.quarantine) />
            <NotAllowed />
        };
    }
    let (kind, state) =
        (RwSignal::new(String::new()), RwSignal::new(QuarantinedState::Open.as_str().to_owned()));
    let known = Load::new(move || kinds::list(&api));
    let load = Load::new(move || {
        kind.with_untracked(|kind| state.with_untracked(|state| kinds::lines(&api, kind, state, None)))
    });
    let page = Lines {
        load,
        chosen: RwSignal::new(None),
        open: RwSignal::new(false),
        may_replay: can(Permission::LogsWrite),
        may_discard: can(Permission::LogsErase),
    };
    let pick = move |signal: RwSignal<String>| {
        move |value: String| {
            signal.set(value);
            load.reload();
        }
    };
    let names = Signal::derive(move || {
        let t = i18n.t();
        let mut choices = vec![Choice::new("", t.kinds.all_kinds)];
        choices.extend(named(known.data.get()));
        choices
    });
    let states = Signal::derive(move || {
        let t = i18n.t();
        let mut choices = vec![Choice::new("", t.common.all)];
        choices.extend(QuarantinedState::ALL.map(|state| Choice::new(state.as_str(), state_name(t, state))));
        choices
    });
    let busy = RwSignal::new(false);
    let replay_all = move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let name = kind.get_untracked();
        spawn_local(async move {
            let result = kinds::replay_all(&api, &name).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let fmt = i18n.fmt_untracked();
                    let stored = fmt.int(out.stored + out.duplicates);
                    let left = fmt.int(out.refused + out.remaining);
                    toasts.success((i18n.t_untracked().kinds.replayed_all)(&stored, &left));
                }
                Err(ApiError::Aborted) => {}
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            load.reload();
        });
    };
    let all_of_kind = move || {
        (page.may_replay && !kind.with(String::is_empty)).then(|| {
            view! {
                <Button busy on_press=replay_all>
                    {i18n.tr(|t| t.kinds.replay_all)}
                </Button>
            }
        })
    };
    let body = move || page.chosen.get_untracked().map(|id| correct(page, &id));
    view! {
        <PageHeader title=i18n.tr(|t| t.kinds.quarantine)>
            <LinkButton href="/app/soorten" variant=Variant::Ghost icon=Icon::CHEVRON_LEFT>
                {i18n.tr(|t| t.kinds.title)}
            </LinkButton>
        </PageHeader>
        <p class="sub2">{i18n.tr(|t| t.kinds.quarantine_lead)}</p>
        <div class="row">
            <SelectField id="line-kind" label=i18n.tr(|t| t.kinds.kind) value=kind on_change=pick(kind) options=names />
            <SelectField
                id="line-state"
                label=i18n.tr(|t| t.kinds.state)
                value=state
                on_change=pick(state)
                options=states
            />
            {all_of_kind}
        </div>
        <Async load view=move || view! { {move || rows(page, kind, state)} } />
        <Dialog open=page.open title=i18n.tr(|t| t.kinds.correct) wide=true>
            {body()}
        </Dialog>
    }
}

/// Kinds with lines, by their titles.
fn named(out: Option<KindsOut>) -> Vec<Choice> {
    let i18n = use_i18n();
    let choice =
        |kind: &shared::kinds::KindOut| Choice::new(kind.name.clone(), kind.title(i18n.lang()).to_owned());
    out.map(|out| out.kinds.iter().map(choice).collect()).unwrap_or_default()
}

fn state_name(t: &'static Texts, state: QuarantinedState) -> &'static str {
    match state {
        QuarantinedState::Open => t.kinds.state_open,
        QuarantinedState::Replayed => t.kinds.state_replayed,
        QuarantinedState::Discarded => t.kinds.state_discarded,
    }
}

fn rows(page: Lines, kind: RwSignal<String>, state: RwSignal<String>) -> Option<AnyView> {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let out = page.load.data.get()?;
    if out.data.is_empty() {
        return Some(view! {
            <EmptyState mark=Icon::CIRCLE_CHECK title=i18n.tr(|t| t.kinds.clear_title) text=i18n.tr(|t| t.kinds.clear_text) />
        });
    }
    let more = move |()| {
        let Some(cursor) = page.load.data.with_untracked(|page| page.as_ref()?.next_cursor.clone()) else {
            return;
        };
        let answer = kind.with_untracked(|kind| {
            state.with_untracked(|state| kinds::lines(&api, kind, state, Some(&cursor)))
        });
        spawn_local(async move {
            match answer.await {
                Ok(next) => page.load.data.update(|page| {
                    if let Some(page) = page {
                        page.data.extend(next.data);
                        (page.next_cursor, page.has_more) = (next.next_cursor, next.has_more);
                    }
                }),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let button = out.has_more.then(|| view! { <Button on_press=more>{i18n.tr(|t| t.common.more)}</Button> });
    let list = out.data.iter().map(|line| row(page, line)).collect_view();
    Some(view! {
        <Card title=i18n.tr(|t| t.kinds.lines)>
            <ul role="list" class="stack">
                {list}
            </ul>
            {button}
        </Card>
    })
}

fn reasons(all: &[FieldErrorOut]) -> AnyView {
    let rows = all.iter().map(|fault| {
        let text = format!(" {}", fault.detail);
        view! {
            <li>
                <code>{fault.pointer.clone()}</code>
                {text}
            </li>
        }
    });
    view! { <ul>{rows.collect_view()}</ul> }
}

fn row(page: Lines, line: &QuarantinedOut) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let is_open = line.state == QuarantinedState::Open;
    let tone = match line.state {
        QuarantinedState::Open => Tone::Warn,
        QuarantinedState::Replayed => Tone::Ok,
        QuarantinedState::Discarded => Tone::Plain,
    };
    let (state, times, expires, way) = (line.state, line.times, line.expires_at, line.way.clone());
    let about = move || {
        let fmt = i18n.fmt();
        let mut parts = vec![way.clone()];
        if times > 1 {
            parts.push((i18n.t().kinds.times)(&fmt.int(times)));
        }
        if is_open {
            parts.push((i18n.t().kinds.until)(&fmt.date_medium(expires)));
        }
        parts.join(" · ")
    };
    let stored = line.log_id.map(|id| {
        view! {
            <a href=format!("/app/logs/{id}")>"#" {id.to_string()}</a>
        }
    });
    let (edited, dropped) = (line.id.clone(), line.id.clone());
    let begin = move |()| {
        page.chosen.set(Some(edited.clone()));
        page.open.set(true);
    };
    let discard = move |()| {
        let id = dropped.clone();
        spawn_local(async move {
            match kinds::discard(&api, &id).await {
                Ok(()) => toasts.success(i18n.t_untracked().kinds.discarded),
                Err(ApiError::Aborted) => {}
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            page.load.reload();
        });
    };
    let correct = (is_open && page.may_replay)
        .then(|| view! { <Button small=true on_press=begin>{i18n.tr(|t| t.kinds.correct)}</Button> });
    let drop_it = (is_open && page.may_discard)
        .then(|| view! { <Button small=true on_press=discard>{i18n.tr(|t| t.kinds.discard)}</Button> });
    view! {
        <li class="spread">
            <div>
                <p>
                    <code>{line.kind.clone()}</code>
                    " "
                    {badge(tone, None, move || state_name(i18n.t(), state))}
                    " "
                    {moment(line.received_at)}
                    " "
                    {stored}
                </p>
                {reasons(&line.reasons)}
                <p class="sub2">{about}</p>
            </div>
            <div class="row">{correct} {drop_it}</div>
        </li>
    }
}

/// The form that corrects a line; its data comes first.
fn correct(page: Lines, id: &str) -> AnyView {
    let api = use_api();
    let id = id.to_owned();
    let load = Load::new(move || kinds::line(&api, &id));
    let body = move || Some(form(page, &load.data.get_untracked()?));
    view! { <Async load view=move || view! { {body()} } /> }
}

fn form(page: Lines, line: &QuarantinedOut) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let faults = Faults::new(&[("", "line-data", |t| t.logs.data)]);
    let text = RwSignal::new(pretty(line.data.as_deref().unwrap_or_default()));
    let busy = RwSignal::new(false);
    let id = line.id.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let answer = kinds::replay(&api, &id, text.get_untracked());
        spawn_local(async move {
            let result = answer.await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    toasts.success((i18n.t_untracked().kinds.replayed)(&out.log_id.to_string()));
                    page.open.try_set(false);
                    page.load.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            {reasons(&line.reasons)}
            <TextArea
                id="line-data"
                label=i18n.tr(|t| t.logs.data)
                value=text
                error=faults.of("")
                rows=14
            />
            <DialogActions>
                <Button on_press=move |()| page.open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.kinds.replay)}
                </Button>
            </DialogActions>
        </form>
    }
}
