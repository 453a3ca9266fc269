//! The rows that match: a table on wide screens, cards on a phone.

use shared::logs::LogOut;

use super::detail::{summary, time};
use super::explorer::Explorer;
use super::filters::{Filters, Range, chips};
use crate::api::sse::LiveState;
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::ui::{
    Async, Button, EmptyState, Icon, LinkButton, TableScroll, Tone, badge, dom, icon, level_badge,
};

type Pick = fn(&'static Texts) -> &'static str;

/// The results.
#[component]
pub fn Results(
    /// The explorer.
    explorer: Explorer,
) -> AnyView {
    let i18n = use_i18n();
    let view = move || {
        let none = Memo::new(move |_| explorer.rows.with(Vec::is_empty));
        move || {
            if none.get() { nothing(explorer) } else { table(explorer) }
        }
    };
    let body = move || {
        let unread = explorer.fault.get() && explorer.page.data.with_untracked(Option::is_none);
        if unread {
            // A link with a query that cannot be read; the box says what is wrong with it.
            return nothing(explorer);
        }
        view! { <Async load=explorer.page skeleton=skeleton view /> }
    };
    view! {
        <section class="card flush" aria-labelledby="results">
            <div class="bar2">
                <h2 id="results">{i18n.tr(|t| t.logs.results)}</h2>
                <span class="num sub2">{move || explorer.count_text()}</span>
                {move || live_mark(explorer)}
            </div>
            {pill(explorer)}
            <div class:dim=move || explorer.page.busy.get()>{body}</div>
        </section>
    }
}

fn live_mark(explorer: Explorer) -> Option<AnyView> {
    let i18n = use_i18n();
    let (tone, text): (Tone, Pick) = match explorer.live_state.get() {
        LiveState::Stopped => return None,
        LiveState::Live => (Tone::Ok, |t| t.overview.live),
        LiveState::Connecting => (Tone::Plain, |t| t.overview.live_connecting),
        LiveState::Waiting => (Tone::Warn, |t| t.overview.live_waiting),
        LiveState::Refused(_) => (Tone::Bad, |t| t.logs.live_refused),
    };
    Some(view! { <span class="push row" role="status">{badge(tone, None, move || i18n.tr(text)())}</span> })
}

fn pill(explorer: Explorer) -> AnyView {
    let some = Memo::new(move |_| !explorer.waiting.with(Vec::is_empty));
    live(move || {
        some.get().then(|| {
            view! {
                <div class="pill">
                    <Button small=true icon=Icon::ARROW_UP on_press=move |()| explorer.show_waiting()>
                        {move || explorer.waiting_text()}
                    </Button>
                </div>
            }
        })
    })
}

fn skeleton() -> AnyView {
    let line = |_| view! { <div class="bone"></div> };
    view! { <div class="bones tall" aria-hidden="true">{(0..12).map(line).collect_view()}</div> }
}

fn nothing(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    if explorer.filters.with(Filters::is_empty) {
        return view! {
            <EmptyState mark=Icon::SCROLL_TEXT title=i18n.tr(|t| t.logs.empty_title) text=i18n.tr(|t| t.logs.empty_text)>
                <LinkButton href="/app">{i18n.tr(|t| t.logs.to_overview)}</LinkButton>
            </EmptyState>
        };
    }
    let remove_last = move |()| {
        let mut filters = explorer.filters.get_untracked();
        match chips(&filters.q).ok().and_then(|mut chips| chips.pop()) {
            Some(last) => filters.q = last.without,
            None if shared::query::parse(&filters.q).is_err() => filters.q.clear(),
            None => filters.range = Range::All,
        }
        explorer.filter(&filters);
        dom::focus_later("#q");
    };
    let clear = move |()| {
        explorer.filter(&Filters::default());
        dom::focus_later("#q");
    };
    view! {
        <EmptyState mark=Icon::SEARCH_X title=i18n.tr(|t| t.logs.none_title) text=i18n.tr(|t| t.logs.none_text)>
            <div class="row">
                <Button icon=Icon::UNDO_2 on_press=remove_last>{i18n.tr(|t| t.logs.remove_last)}</Button>
                <Button on_press=clear>{i18n.tr(|t| t.logs.clear_all)}</Button>
            </div>
        </EmptyState>
    }
}

/// Marks the row of the open log: one effect for all rows, so that opening costs the same however many there are.
fn mark_open(explorer: Explorer) {
    Effect::new(move |before: Option<Option<i64>>| {
        let open = explorer.open.get();
        for (id, on) in [(before.flatten(), false), (open, true)] {
            let row = id.and_then(|id| dom::find(&format!("#rows [data-row=\"{id}\"]")));
            let Some(row) = row else { continue };
            drop(row.class_list().toggle_with_force("on", on));
            if let Ok(Some(button)) = row.query_selector(".rowbtn") {
                drop(button.set_attribute("aria-expanded", expanded(on)));
            }
        }
        open
    });
}

const fn expanded(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

fn table(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    mark_open(explorer);
    view! {
        <TableScroll label=i18n.tr(|t| t.logs.region)>
            <table class="data cards" role="table">
                <caption class="vh">{i18n.tr(|t| t.logs.caption)}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        {time_heading(explorer)} {heading(|t| t.logs.column_level, "")}
                        {heading(|t| t.logs.column_message, "")} {heading(|t| t.logs.column_kind, "")}
                        {heading(|t| t.logs.column_ip, "ip")}
                    </tr>
                </thead>
                <tbody role="rowgroup" id="rows">
                    {each(move || explorer.rows.get(), |log| log.id.to_string(), move |log| row(explorer, &log))}
                </tbody>
            </table>
        </TableScroll>
        {foot(explorer)}
    }
}

fn heading(text: Pick, class: &'static str) -> AnyView {
    let i18n = use_i18n();
    view! { <th role="columnheader" scope="col" class=class>{i18n.tr(text)}</th> }
}

fn time_heading(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let oldest_first = move || explorer.filters.with(|filters| filters.oldest_first);
    let turn = move |_| {
        let filters = explorer.filters.get_untracked();
        explorer.filter(&Filters { oldest_first: !filters.oldest_first, ..filters });
    };
    view! {
        <th role="columnheader" scope="col" aria-sort=move || if oldest_first() { "ascending" } else { "descending" }>
            <button type="button" class="th" title=i18n.tr(|t| t.logs.sort_toggle) on:click=turn>
                {i18n.tr(|t| t.logs.column_time)}
                {move || icon(if oldest_first() { Icon::ARROW_UP } else { Icon::CHEVRON_DOWN })}
            </button>
        </th>
    }
}

fn row(explorer: Explorer, log: &LogOut) -> AnyView {
    let i18n = use_i18n();
    let id = log.id;
    let is_open = move || explorer.open.get_untracked() == Some(id);
    let text = summary(log);
    let label = move || {
        if text.is_empty() { i18n.t().logs.no_message.to_owned() } else { text.clone() }
    };
    let press = move |_| {
        if is_open() {
            explorer.close();
        } else {
            explorer.open_log(id);
            dom::focus_later("#detail-title");
        }
    };
    view! {
        <tr role="row" class:on=is_open() data-row=id.to_string()>
            <td role="cell" class="num">{time(log.timestamp, true)}</td>
            <td role="cell" class="lvl">{level_badge(log.level)}</td>
            <td role="cell" class="msg">
                <button
                    type="button"
                    class="rowbtn"
                    class:mono=log.message.is_none()
                    aria-expanded=expanded(is_open())
                    on:click=press
                >
                    <span class="cut">{label}</span>
                </button>
            </td>
            <td role="cell" class="src">{log.kind.clone()}</td>
            <td role="cell" class="ip">
                <code>{log.ip_address.clone()}</code>
            </td>
        </tr>
    }
}

fn foot(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let shown = move || {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let count = fmt.int(i64::try_from(explorer.rows.with(Vec::len)).unwrap_or_default());
        if explorer.cursor.with(Option::is_none) {
            return t.logs.all_shown.to_owned();
        }
        if explorer.partial.get() {
            return t.logs.partial.to_owned();
        }
        match explorer.total.get() {
            Some(total) if !total.capped => (t.logs.shown)(&count, &fmt.int(total.value)),
            _ => (t.logs.shown_some)(&count),
        }
    };
    let more = move || {
        explorer.cursor.with(Option::is_some).then(|| {
            view! {
                <Button busy=explorer.more on_press=move |()| explorer.load_more()>
                    {i18n.tr(|t| t.logs.load_more)}
                </Button>
            }
        })
    };
    view! {
        <div class="foot">
            <span>{shown}</span>
            {more}
        </div>
    }
}

/// Moves the focus to the next or former row; an open detail follows.
pub fn move_focus(explorer: Explorer, step: i32) {
    use wasm_bindgen::JsCast;
    let Some(document) = dom::document() else { return };
    let Ok(list) = document.query_selector_all("#rows .rowbtn") else {
        return;
    };
    let buttons: Vec<web_sys::HtmlElement> =
        (0..list.length()).filter_map(|index| list.item(index)?.dyn_into().ok()).collect();
    let focused = document.active_element();
    let open = explorer.open.get_untracked();
    let at_row = |id: i64| explorer.rows.with_untracked(|rows| rows.iter().position(|row| row.id == id));
    let current = focused
        .and_then(|focused| buttons.iter().position(|button| button.is_same_node(Some(&focused))))
        .or_else(|| open.and_then(at_row));
    let last = i32::try_from(buttons.len()).unwrap_or_default() - 1;
    let next = match current {
        Some(current) => (i32::try_from(current).unwrap_or_default() + step).clamp(0, last.max(0)),
        None => 0,
    };
    let Some(index) = usize::try_from(next).ok() else {
        return;
    };
    let Some(button) = buttons.get(index) else { return };
    drop(button.focus());
    let id = explorer.rows.with_untracked(|rows| rows.get(index).map(|row| row.id));
    if let (Some(_), Some(id)) = (open, id) {
        explorer.open_log(id);
    }
}
