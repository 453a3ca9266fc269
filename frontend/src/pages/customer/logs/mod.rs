//! The log explorer: search box, period, results, detail, live view and export. The address is its state.

mod correct;
mod detail;
mod erase;
mod explorer;
mod export;
mod fields;
mod filters;
mod json;
pub mod page;
mod query_box;
mod results;
mod searches;
mod side;
mod volume;

pub use correct::pretty;
pub use detail::{summary, time};
pub use export::count_text;

use leptos::ev;
use shared::access::Permission;

use self::erase::EraseDialog;
use self::explorer::Explorer;
use self::export::{Export, ExportDialog, export_buttons};
use self::query_box::QueryBox;
use self::results::Results;
use self::side::Side;
use crate::i18n::use_i18n;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::shell::use_shortcuts;
use crate::state::session::use_session;
use crate::ui::{Button, Icon, PageHeader, Variant, dom};

/// The page with all logs.
#[component]
pub fn LogsPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    if !untrack(|| session.can(Permission::LogsRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.logs.title) />
            <NotAllowed />
        };
    }
    let explorer = Explorer::new();
    let (exporting, erasing) = (RwSignal::new(false), RwSignal::new(false));
    let may_erase = Memo::new(move |_| session.can(Permission::LogsErase));
    let may_export = Memo::new(move |_| session.can(Permission::ExportRead));
    keys(explorer, exporting, may_export);
    let export = Export::new();
    let export_buttons = move || may_export.get().then(|| export_buttons(export, explorer, exporting));
    let erase = move || {
        may_erase.get().then(|| {
            view! {
                <Button variant=Variant::Ghost on_press=move |()| erasing.set(true)>
                    {i18n.tr(|t| t.erase.open)}
                </Button>
            }
        })
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.logs.title)>
            {erase}
            <Button
                icon=Icon::RADIO
                pressed=Signal::from(explorer.live)
                on_press=move |()| explorer.live.update(|live| *live = !*live)
            >
                {i18n.tr(|t| t.logs.live)}
            </Button>
            {export_buttons}
        </PageHeader>
        <QueryBox explorer />
        {volume::volume(explorer)}
        <div class="explore" class:open=move || explorer.open.get().is_some()>
            {fields::fields(explorer)}
            <Results explorer />
            <Side explorer />
        </div>
        <ExportDialog open=exporting filters=explorer.filters export />
        <EraseDialog open=erasing filters=explorer.filters done=Callback::new(move |()| explorer.forget()) />
    }
}

/// `j` and `k` move through the rows, `e` exports, `Escape` closes the detail; `Enter` is the button's own.
fn keys(explorer: Explorer, exporting: RwSignal<bool>, may_export: Memo<bool>) {
    let shortcuts = use_shortcuts();
    let handle = window_event_listener(ev::keydown, move |event| {
        let key = event.key();
        if key == "Escape" && dom::find("dialog:modal").is_none() && explorer.open.get_untracked().is_some() {
            explorer.close();
            return;
        }
        if !shortcuts.takes(&event) {
            return;
        }
        match key.as_str() {
            "j" => results::move_focus(explorer, 1),
            "k" => results::move_focus(explorer, -1),
            "e" if may_export.get_untracked() => exporting.set(true),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}
