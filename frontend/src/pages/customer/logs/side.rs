//! The detail beside the list: part of the page on wide screens, a modal sheet on small ones.

use leptos::html;
use shared::logs::LogOut;

use super::detail::detail;
use super::explorer::Explorer;
use crate::api::{AbortSlot, logs, use_api};
use crate::i18n::use_i18n;
use crate::prelude::*;
use crate::ui::{Async, Icon, IconButton, Load, dom};

/// Up to this width the detail covers the page; the style sheet has the same limit.
const SHEET: &str = "(max-width: 73.75rem)";

/// The detail of the open log.
#[component]
pub fn Side(
    /// The explorer.
    explorer: Explorer,
) -> AnyView {
    let i18n = use_i18n();
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if explorer.open.get().is_none() {
            dialog.close();
        } else if !dialog.open() {
            let sheet = web_sys::window().and_then(|window| window.match_media(SHEET).ok().flatten());
            if sheet.is_some_and(|sheet| sheet.matches()) {
                drop(dialog.show_modal());
            } else {
                dialog.show();
            }
        }
    });
    let close = move |()| explorer.close();
    let content = move || {
        explorer.open.get().map(|id| {
            // The sheet opens at once; what is in it follows behind the next paint, so that no press waits for it. Who
            // steps from log to log sees no gap.
            let there = RwSignal::new(node.get_untracked().is_some_and(|dialog| dialog.open()));
            if !there.get_untracked() {
                dom::after_paint(move || {
                    there.try_set(true);
                });
            }
            view! {
                <div class="dialog-head">
                    <h2 id="detail-title" tabindex="-1">{move || (i18n.t().logs.log_title)(&id.to_string())}</h2>
                    <span class="badge plain hide-s">{i18n.tr(|t| t.logs.row_keys)}</span>
                    <span class="push"></span>
                    <IconButton icon=Icon::X label=i18n.tr(|t| t.logs.close_detail) on_press=close />
                </div>
                <div class="in">{live(move || there.get().then(|| body(explorer, id)))}</div>
            }
        })
    };
    view! {
        <dialog
            class="drawer"
            aria-labelledby="detail-title"
            node_ref=node
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                explorer.close();
            }
        >
            {content}
        </dialog>
    }
}

fn body(explorer: Explorer, id: i64) -> AnyView {
    let filter = Callback::new(move |term: String| {
        explorer.add_term(&term);
        dom::focus_later("#q");
    });
    let known: Option<LogOut> =
        explorer.rows.with_untracked(|rows| rows.iter().find(|row| row.id == id).cloned());
    if let Some(log) = known {
        return detail(&log, Some(filter), false);
    }
    // A shared link may name a log that is not on this page.
    let api = use_api();
    let slot = AbortSlot::new();
    let load = Load::new(move || logs::get(&api.latest(slot), id));
    let view = move || load.data.get().map(|log| detail(&log, Some(filter), false));
    view! { <Async load view /> }
}
