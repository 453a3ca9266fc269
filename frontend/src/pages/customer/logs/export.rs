//! Taking logs out: first how many, then the form, then the download with progress.

use super::filters::Filters;
use crate::api::logs::{self, Count, ExportFormat, ListParams};
use crate::api::{AbortSlot, ApiError, exports as jobs, use_api};
use crate::i18n::format::now;
use crate::i18n::{Texts, use_i18n};
use crate::pages::customer::exports;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Checkbox, Dialog, DialogActions, Icon, Load, Variant};

type Pick = fn(&'static Texts) -> &'static str;

const FORMATS: [(ExportFormat, Pick); 6] = [
    (ExportFormat::Csv, |t| t.logs.export_csv),
    (ExportFormat::CsvExcelNl, |t| t.logs.export_csv_nl),
    (ExportFormat::Xlsx, |t| t.logs.export_xlsx),
    (ExportFormat::Pdf, |t| t.logs.export_pdf),
    (ExportFormat::Ndjson, |t| t.logs.export_ndjson),
    (ExportFormat::Json, |t| t.logs.export_json),
];

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
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <Dialog open title=i18n.tr(|t| t.logs.export_title)>
            {move || content(open, filters)}
        </Dialog>
    }
}

fn content(open: RwSignal<bool>, filters: Memo<Filters>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let (count_slot, slot) = (AbortSlot::new(), AbortSlot::new());
    // The stretch of time is fixed here, so that the file holds what was counted.
    let query = StoredValue::new(filters.get_untracked().to_query(now()));
    let load = Load::new(move || {
        let params = ListParams { query: query.get_value(), limit: 1, cursor: None, count: Count::Exact };
        logs::list(&api.latest(count_slot), &params)
    });
    let format = RwSignal::new(ExportFormat::default());
    let received = RwSignal::new(None::<f64>);
    let running = Memo::new(move |_| received.with(Option::is_some));
    let toasts = use_toasts();
    let start = move |()| {
        received.set(Some(0.0));
        spawn_local(async move {
            let progress = move |progress: crate::api::download::Progress| {
                received.try_set(Some(progress.received));
            };
            let result =
                logs::export(&api.latest(slot), &query.get_value(), format.get_untracked(), progress).await;
            received.try_set(None);
            let t = i18n.t_untracked();
            match result {
                Ok(saved) => {
                    let size = i18n.fmt_untracked().bytes(saved.bytes);
                    toasts.success((t.logs.export_done)(&saved.file_name, &size));
                    open.try_set(false);
                }
                Err(ApiError::Aborted) => toasts.success(t.logs.export_stopped),
                Err(error) => toasts.error(error.detail(t)),
            }
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
            {move || running.get().then(|| progress_view(received))}
            {exports::view(made, true)}
            <DialogActions>
                {move || {
                    if running.get() {
                        view! {
                            <Button on_press=move |()| slot.abort()>{i18n.tr(|t| t.logs.export_stop)}</Button>
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

fn progress_view(received: RwSignal<Option<f64>>) -> AnyView {
    let i18n = use_i18n();
    let text = move || {
        let size = i18n.fmt().bytes(received.get().unwrap_or_default());
        (i18n.t().logs.export_progress)(&size)
    };
    view! {
        <div>
            <progress class="progress" aria-label=i18n.tr(|t| t.logs.export_progress_label)></progress>
            <p class="sub2 num">{text}</p>
        </div>
    }
}
