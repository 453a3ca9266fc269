//! The newest logs, live, with quick logs on their way on top.

use shared::logs::LogOut;

use super::Board;
use super::quick::{Draft, Pending, sender};
use crate::api::sse::LiveState;
use crate::i18n::{Texts, use_i18n};
use crate::pages::customer::logs::{summary, time};
use crate::prelude::*;
use crate::ui::{Button, Icon, LinkButton, TableScroll, Tone, Variant, badge, level_badge, status_dot};

type Pick = fn(&'static Texts) -> &'static str;

/// The table.
#[component]
pub fn Recent(
    /// The page.
    board: Board,
) -> AnyView {
    let i18n = use_i18n();
    let send = sender(board);
    let any = Memo::new(move |_| !board.recent.with(Vec::is_empty) || !board.outbox.is_empty());
    let heading = move |text: Pick, class: &'static str| {
        view! { <th role="columnheader" scope="col" class=class>{i18n.tr(text)}</th> }
    };
    let table = move || {
        view! {
            <TableScroll label=i18n.tr(|t| t.overview.recent_region)>
                <table class="data cards" role="table">
                    <caption class="vh">{i18n.tr(|t| t.overview.recent_caption)}</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            {heading(|t| t.logs.column_time, "")} {heading(|t| t.logs.column_level, "")}
                            {heading(|t| t.logs.column_message, "")} {heading(|t| t.logs.column_kind, "")}
                            {heading(|t| t.logs.column_ip, "ip")}
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        {each(
                            move || board.outbox.rows(),
                            |row| format!("{}{}", row.id, row.failed.is_some()),
                            move |row| pending_row(board, send, row),
                        )}
                        {each(move || board.recent.get(), |log| log.id.to_string(), |log| log_row(&log))}
                    </tbody>
                </table>
            </TableScroll>
        }
    };
    live(move || {
        any.get().then(|| {
            view! {
                <section class="card flush" aria-labelledby="recent">
                    <div class="bar2">
                        <h2 id="recent">{i18n.tr(|t| t.overview.recent_title)}</h2>
                        {move || live_mark(board)}
                        <span class="push"></span>
                        <LinkButton href="/app/logs" variant=Variant::Ghost>
                            {i18n.tr(|t| t.overview.all_logs)}
                        </LinkButton>
                    </div>
                    {table()}
                </section>
            }
        })
    })
}

/// How the live view is doing, in words.
fn live_mark(board: Board) -> AnyView {
    let i18n = use_i18n();
    let (class, text): (&'static str, Pick) = match board.live.get() {
        LiveState::Live => ("badge ok", |t| t.overview.live),
        LiveState::Connecting => ("badge plain", |t| t.overview.live_connecting),
        LiveState::Waiting => ("badge warn", |t| t.overview.live_waiting),
        LiveState::Stopped | LiveState::Refused(_) => ("badge plain", |t| t.overview.live_off),
    };
    view! { <span class=class>{status_dot()} <span>{i18n.tr(text)}</span></span> }
}

fn log_row(log: &LogOut) -> AnyView {
    let i18n = use_i18n();
    let text = summary(log);
    let label = move || {
        if text.is_empty() { i18n.t().logs.no_message.to_owned() } else { text.clone() }
    };
    view! {
        <tr role="row">
            <td role="cell" class="num">{time(log.timestamp, false)}</td>
            <td role="cell" class="lvl">{level_badge(log.level)}</td>
            <td role="cell" class="msg">
                <a href=format!("/app/logs?id={}", log.id) class="rowbtn" class:mono=log.message.is_none()>
                    <span class="cut">{label}</span>
                </a>
            </td>
            <td role="cell" class="src">{log.kind.clone()}</td>
            <td role="cell" class="ip">
                <code>{log.ip_address.clone()}</code>
            </td>
        </tr>
    }
}

fn pending_row(board: Board, send: Callback<Draft>, row: Pending) -> AnyView {
    let i18n = use_i18n();
    let Pending { id, draft, failed } = row;
    let drop_row = move || board.outbox.remove(id);
    let text = draft.text.clone();
    let state = match &failed {
        None => badge(Tone::Plain, None, i18n.tr(|t| t.overview.quick_saving)),
        Some(_) => badge(Tone::Bad, Some(Icon::CIRCLE_X), i18n.tr(|t| t.overview.quick_failed)),
    };
    let actions = failed.map(|reason| {
        let draft = draft.clone();
        view! {
            <span class="err" role="alert">{reason}</span>
            <span class="row">
                <Button
                    small=true
                    icon=Icon::ROTATE_CW
                    on_press=move |()| {
                        drop_row();
                        send.run(draft.clone());
                    }
                >
                    {i18n.tr(|t| t.overview.quick_again)}
                </Button>
                <Button small=true variant=Variant::Ghost on_press=move |()| drop_row()>
                    {i18n.tr(|t| t.overview.quick_drop)}
                </Button>
            </span>
        }
    });
    view! {
        <tr role="row" class="pending">
            <td role="cell" class="num">{i18n.tr(|t| t.overview.now)}</td>
            <td role="cell" class="lvl">{state}</td>
            <td role="cell" class="msg">{text} {actions}</td>
            <td role="cell" class="src"></td>
            <td role="cell" class="ip">{i18n.tr(|t| t.overview.this_device)}</td>
        </tr>
    }
}
