//! Taking logs out: at one press in the form that was used last; or first how many, then the form, then the download.

use super::explorer::Explorer;
use super::filters::Filters;
use crate::api::logs::{self, Count, ExportFormat, ListParams, LogQuery};
use crate::api::{AbortSlot, ApiError, AuthedApi, exports as jobs, use_api};
use crate::i18n::format::now;
use crate::i18n::{I18n, Texts, use_i18n};
use crate::pages::customer::exports;
use crate::pages::files::tell_saved;
use crate::prelude::*;
use crate::state::preferences;
use crate::state::session::use_session;
use crate::state::toasts::{Toasts, use_toasts};
use crate::ui::{Async, Button, Checkbox, Dialog, DialogActions, Icon, IconButton, Load, Variant};

type Pick = fn(&'static Texts) -> &'static str;

const FORMATS: [(ExportFormat, Pick); 6] = [
    (ExportFormat::Csv, |t| t.logs.export_csv),
    (ExportFormat::CsvExcelNl, |t| t.logs.export_csv_nl),
    (ExportFormat::Xlsx, |t| t.logs.export_xlsx),
    (ExportFormat::Pdf, |t| t.logs.export_pdf),
    (ExportFormat::Ndjson, |t| t.logs.export_ndjson),
    (ExportFormat::Json, |t| t.logs.export_json),
];

/// Key of the form that was used last, in local storage.
const FORMAT_KEY: &str = "mvai.export";

/// A download of logs: its form, and how far it is.
#[derive(Clone, Copy)]
pub struct Export {
    api: AuthedApi,
    i18n: I18n,
    toasts: Toasts,
    slot: AbortSlot,
    format: RwSignal<ExportFormat>,
    /// Bytes that have come; `None` while none is under way.
    received: RwSignal<Option<f64>>,
}

impl Export {
    /// In the form that was used last.
    #[must_use]
    pub fn new() -> Self {
        let stored = preferences::read(FORMAT_KEY);
        let known = ExportFormat::ALL.into_iter().find(|format| Some(format.short()) == stored.as_deref());
        Self {
            api: use_api(),
            i18n: use_i18n(),
            toasts: use_toasts(),
            slot: AbortSlot::new(),
            format: RwSignal::new(known.unwrap_or_default()),
            received: RwSignal::new(None),
        }
    }

    fn running(self) -> bool {
        self.received.with(Option::is_some)
    }

    /// Downloads what a query finds, tells what came of it, and goes on with `done` when the file is there.
    fn start(self, query: LogQuery, done: impl FnOnce() + 'static) {
        let Self { api, i18n, toasts, slot, format, received } = self;
        let format = format.get_untracked();
        preferences::write(FORMAT_KEY, format.short());
        received.set(Some(0.0));
        spawn_local(async move {
            let progress = move |progress: crate::api::download::Progress| {
                received.try_set(Some(progress.received));
            };
            let result = logs::export(&api.latest(slot), &query, format, progress).await;
            received.try_set(None);
            match &result {
                Ok(_) => done(),
                Err(ApiError::Aborted) => toasts.success(i18n.t_untracked().logs.export_stopped),
                Err(_) => {}
            }
            tell_saved(i18n, toasts, result);
        });
    }

    fn stop(self) {
        self.slot.abort();
    }

    /// What has come so far, in words.
    fn so_far(self) -> String {
        let size = self.i18n.fmt().bytes(self.received.get().unwrap_or_default());
        (self.i18n.t().logs.export_progress)(&size)
    }
}

/// Takes what the explorer shows out at one press, or opens the dialog with everything else that can be chosen.
pub fn export_buttons(export: Export, explorer: Explorer, open: RwSignal<bool>) -> AnyView {
    let i18n = export.i18n;
    let running = Memo::new(move |_| export.running());
    let main = move || {
        if running.get() {
            view! {
                <Button icon=Icon::X on_press=move |()| export.stop()>
                    {i18n.tr(|t| t.logs.export_stop)} " " <span class="num">{move || export.so_far()}</span>
                </Button>
            }
        } else {
            let start = move |()| {
                export.start(explorer.filters.get_untracked().to_query(now()), || {});
            };
            view! {
                <Button icon=Icon::DOWNLOAD on_press=start>
                    {i18n.tr(|t| t.logs.export)} " " <span class="num">{move || explorer.total_number()}</span> " "
                    <span class="sub2">{move || export.format.get().short()}</span>
                </Button>
            }
        }
    };
    view! {
        <span class="joined">
            {main}
            <IconButton
                icon=Icon::CHEVRON_DOWN
                label=i18n.tr(|t| t.logs.export_more)
                shortcut="e"
                on_press=move |()| open.set(true)
            />
        </span>
    }
}

/// "1 log", "1.234 logs", "meer dan 10.000 logs".
#[must_use]
pub fn count_text(t: &'static Texts, value: i64, shown: &str, capped: bool) -> String {
    match (capped, value) {
        (true, _) => (t.logs.count_capped)(shown),
        (false, 1) => t.logs.count_one.to_owned(),
        (false, _) => (t.logs.count)(shown),
    }
}

/// The export of what the explorer shows.
#[component]
pub fn ExportDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What is exported.
    filters: Memo<Filters>,
    /// How it is downloaded.
    export: Export,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <Dialog open title=i18n.tr(|t| t.logs.export_title)>
            {move || content(open, filters, export)}
        </Dialog>
    }
}

fn content(open: RwSignal<bool>, filters: Memo<Filters>, export: Export) -> AnyView {
    let Export { api, i18n, toasts, format, .. } = export;
    let count_slot = AbortSlot::new();
    // The stretch of time is fixed here, so that the file holds what was counted.
    let query = StoredValue::new(filters.get_untracked().to_query(now()));
    let load = Load::new(move || {
        let params = ListParams { query: query.get_value(), limit: 1, cursor: None, count: Count::Exact };
        logs::list(&api.latest(count_slot), &params)
    });
    let running = Memo::new(move |_| export.running());
    let start = move |()| {
        export.start(query.get_value(), move || {
            open.try_set(false);
        });
    };
    let made = exports::load();
    let asked = RwSignal::new(false);
    let by_mail = RwSignal::new(false);
    let session = use_session();
    let address = Memo::new(move |_| {
        session.me.with(|me| Some(me.as_ref()?.customer.as_ref()?.contact_email.clone())).unwrap_or_default()
    });
    let ask = move |()| {
        asked.set(true);
        let email_to = by_mail.get_untracked().then(|| address.get_untracked());
        spawn_local(async move {
            let result = jobs::create(&api, &query.get_value(), format.get_untracked(), email_to).await;
            asked.try_set(false);
            let t = i18n.t_untracked();
            match result {
                Ok(_) => toasts.success(t.exports.started),
                Err(error) => toasts.error(error.detail(t)),
            }
            made.reload();
        });
    };
    let count = move || {
        let total = load.data.with(|data| data.as_ref().and_then(|data| data.total));
        total.map(|total| {
            let shown = i18n.fmt().int(total.value);
            (i18n.t().logs.export_count)(&count_text(i18n.t(), total.value, &shown, total.capped))
        })
    };
    let everything = move || filters.with(Filters::is_empty);
    let view = move || {
        view! {
            <p><strong>{count}</strong></p>
            <p class="sub2">
                {move || if everything() { i18n.t().logs.export_everything } else { i18n.t().logs.export_filter }}
            </p>
        }
    };
    let skeleton = move || view! { <p class="sub2">{i18n.tr(|t| t.logs.export_counting)}</p> };
    view! {
        <div class="stack">
            <div aria-live="polite">
                <Async load skeleton view />
            </div>
            {choices(format)}
            <p class="sub2">{i18n.tr(|t| t.exports.hint)}</p>
            <Checkbox
                id="export-mail"
                label=move || (i18n.t().exports.mail_to)(&address.get())
                checked=by_mail
                on_change=move |chosen| by_mail.set(chosen)
                hint=i18n.tr(|t| t.exports.mail_hint)
            />
            {move || running.get().then(|| progress_view(export))}
            {exports::view(made, true)}
            <DialogActions>
                {move || {
                    if running.get() {
                        view! {
                            <Button on_press=move |()| export.stop()>{i18n.tr(|t| t.logs.export_stop)}</Button>
                        }
                    } else {
                        view! {
                            <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                            <Button busy=asked on_press=ask>{i18n.tr(|t| t.exports.make)}</Button>
                            <Button variant=Variant::Primary icon=Icon::DOWNLOAD on_press=start>
                                {i18n.tr(|t| t.logs.export_start)}
                            </Button>
                        }
                    }
                }}
            </DialogActions>
        </div>
    }
}

fn choices(format: RwSignal<ExportFormat>) -> AnyView {
    let i18n = use_i18n();
    let choice = move |(value, text): (ExportFormat, Pick)| {
        view! {
            <label>
                <input
                    type="radio"
                    name="export-format"
                    prop:checked=move || format.get() == value
                    on:change=move |_| format.set(value)
                />
                <span>{i18n.tr(text)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="pick">
            <legend>{i18n.tr(|t| t.logs.export_format)}</legend>
            {FORMATS.into_iter().map(choice).collect_view()}
        </fieldset>
    }
}

fn progress_view(export: Export) -> AnyView {
    view! {
        <div>
            <progress class="progress" aria-label=export.i18n.tr(|t| t.logs.export_progress_label)></progress>
            <p class="sub2 num">{move || export.so_far()}</p>
        </div>
    }
}
