//! The record of exports: those under way with their progress, those that can be fetched, and what became of the rest.

use shared::exports::{ExportOut, ExportState, ExportsOut};

use crate::api::{exports, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::files::tell_saved;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Icon, Load, Tone, badge, dom};

/// Pause between two looks while a job is under way.
const LOOK_MS: i32 = 1_500;

/// The list as others see and renew it.
pub type Exports = Load<ExportsOut>;

/// Fetches the list, and again as long as a job is under way and somebody looks.
#[must_use]
pub fn load() -> Exports {
    let api = use_api();
    let load = Load::new(move || exports::list(&api));
    let open = Memo::new(move |_| {
        load.data.with(|out| out.as_ref().is_some_and(|out| out.data.iter().any(is_open)))
    });
    Effect::new(move |_| {
        if open.get() {
            spawn_local(async move {
                // Until none is under way, or who looked has gone.
                while open.try_get_untracked() == Some(true) {
                    dom::sleep(LOOK_MS).await;
                    if load.data.try_with_untracked(|_| ()).is_some() {
                        load.reload();
                    }
                }
            });
        }
    });
    load
}

fn is_open(export: &ExportOut) -> bool {
    export.job && export.state.is_open()
}

/// Shows the list; with `jobs`, only what is under way or can be fetched.
pub fn view(load: Exports, jobs: bool) -> AnyView {
    let i18n = use_i18n();
    let rows = move || {
        let data = load.data.with(|out| out.as_ref().map(|out| out.data.clone())).unwrap_or_default();
        let kept = |export: &ExportOut| !jobs || is_open(export) || export.href.is_some();
        let rows: Vec<AnyView> = data.into_iter().filter(kept).map(|export| row(load, export)).collect();
        match (rows.is_empty(), jobs) {
            (true, true) => None,
            (true, false) => Some(view! { <p class="sub2">{i18n.tr(|t| t.exports.none)}</p> }),
            (false, _) => Some(
                view! { <ul class="stack" role="list" aria-label=i18n.tr(|t| t.exports.title)>{rows}</ul> },
            ),
        }
    };
    if jobs {
        return view! { <div>{rows}</div> };
    }
    view! { <Async load view=rows /> }
}

fn state(export: &ExportOut) -> AnyView {
    let i18n = use_i18n();
    let (tone, text): (_, fn(&'static Texts) -> &'static str) = match export.state {
        ExportState::Queued => (Tone::Plain, |t| t.exports.queued),
        ExportState::Running => (Tone::Info, |t| t.exports.running),
        ExportState::Ready => (Tone::Ok, |t| t.exports.ready),
        ExportState::Failed => (Tone::Bad, |t| t.exports.failed),
        ExportState::Expired => (Tone::Plain, |t| t.exports.expired),
        ExportState::Cancelled => (Tone::Plain, |t| t.exports.cancelled),
        ExportState::Sent => (Tone::Plain, |t| t.exports.sent),
    };
    badge(tone, None, i18n.tr(text))
}

fn row(load: Exports, export: ExportOut) -> AnyView {
    let i18n = use_i18n();
    let about = export.clone();
    let line = move || {
        let (t, fmt) = (&i18n.t().exports, i18n.fmt());
        let mut parts = vec![fmt.date_time(about.created_at)];
        let timed = about.from.is_some() || about.to.is_some();
        if !about.q.is_empty() {
            parts.push(about.q.clone());
        } else if !timed {
            parts.push(t.everything.to_owned());
        }
        if timed {
            let day = |at: Option<_>| at.map_or_else(|| "…".to_owned(), |at| fmt.date_medium(at));
            parts.push(format!("{} – {}", day(about.from), day(about.to)));
        }
        if !about.state.is_open() {
            parts.push((t.holds)(&fmt.int(about.rows), &fmt.bytes(about.bytes as f64)));
        }
        if let Some(at) = about.expires_at.filter(|_| about.href.is_some()) {
            parts.push((t.until)(&fmt.date_time(at)));
        }
        parts.join(" · ")
    };
    let percent = export.progress;
    let bar = is_open(&export).then(|| {
        let label = i18n.tr(|t| t.logs.export_progress_label);
        view! {
            <progress class="progress" max="100" value=percent.to_string() aria-label=label></progress>
        }
    });
    let name = export.file_name.clone();
    view! {
        <li class="spread">
            <div>
                <p>{name} " " {state(&export)}</p>
                <p class="sub2 num">{line}</p>
                {bar}
            </div>
            {acts(load, export)}
        </li>
    }
}

fn acts(load: Exports, export: ExportOut) -> Option<AnyView> {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let ready = export.href.is_some();
    if !ready && !is_open(&export) {
        return None;
    }
    let busy = RwSignal::new(false);
    let (id, file) = (export.id.clone(), export.file_name.clone());
    let remove = move |()| {
        let id = id.clone();
        spawn_local(async move {
            if let Err(error) = exports::remove(&api, &id).await {
                toasts.error(error.detail(i18n.t_untracked()));
            }
            load.reload();
        });
    };
    let fetch = move |()| {
        let export = export.clone();
        busy.set(true);
        spawn_local(async move {
            let result = exports::save(&api, &export, &|_| ()).await;
            busy.try_set(false);
            tell_saved(i18n, toasts, result);
        });
    };
    let shown = file.clone();
    let download = ready.then(|| {
        view! {
            <Button small=true icon=Icon::DOWNLOAD busy=busy on_press=fetch>
                {i18n.tr(|t| t.logs.export_start)} <span class="vh">" " {shown}</span>
            </Button>
        }
    });
    let text: fn(&'static Texts) -> &'static str =
        if ready { |t| t.exports.delete } else { |t| t.logs.export_stop };
    Some(view! {
        <div class="row">
            {download}
            <Button small=true on_press=remove>{i18n.tr(text)} <span class="vh">" " {file}</span></Button>
        </div>
    })
}
