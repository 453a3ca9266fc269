//! The command palette: every page and act within three keystrokes (dialog, combobox and listbox of the APG).

use leptos::ev;
use leptos::html;
use shared::access::Permission;
use shared::lang::Lang;
use web_sys::KeyboardEvent;

use super::Portal;
use super::finds::{Find, finds, number};
use super::nav::{Entry, entries};
use super::shortcuts::use_shortcuts;
use super::topbar::toggle_theme;
use crate::api::params::encode;
use crate::api::{auth, use_api};
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::preferences::use_preferences;
use crate::state::session::{Session, use_session};
use crate::state::toasts::use_toasts;
use crate::ui::{Icon, dom, icon};

/// What a command does.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Go(String),
    Theme,
    Language,
    Shortcuts,
    SignOut,
}

#[derive(Debug, Clone, PartialEq)]
struct Command {
    icon: Icon,
    text: String,
    /// Keys that do the same.
    keys: String,
    /// Remark at the end, such as a time.
    remark: String,
    act: Act,
}

/// The commands that match what was typed.
fn commands(i18n: I18n, session: Session, portal: Portal, typed: &str) -> Vec<Command> {
    let t = i18n.t();
    let page = |entry: &&Entry| entry.needs.is_none_or(|permission| session.can(permission));
    let command = |icon: Icon, text: &str, keys: &str, act: Act| Command {
        icon,
        text: text.to_owned(),
        keys: keys.to_owned(),
        remark: String::new(),
        act,
    };
    let mut all: Vec<Command> = entries(portal)
        .iter()
        .filter(page)
        .map(|entry| {
            let keys = format!("g {}", entry.key);
            command(entry.icon, &(t.shell.go_to)((entry.text)(t)), &keys, Act::Go(entry.href.to_owned()))
        })
        .collect();
    let reads_logs = portal == Portal::Customer && session.can(Permission::LogsRead);
    if reads_logs {
        let errors = format!("/app/logs?q={}", encode("level:>=error"));
        all.push(command(Icon::CIRCLE_X, t.shell.only_errors, "", Act::Go(errors)));
    }
    all.push(command(Icon::SUN_MOON, t.shell.key_theme, "t", Act::Theme));
    all.push(command(Icon::LANGUAGES, t.shell.other_language, "", Act::Language));
    all.push(command(Icon::COMMAND, t.shell.shortcuts, "?", Act::Shortcuts));
    all.push(command(Icon::LOG_OUT, t.shell.sign_out, "", Act::SignOut));
    let typed = typed.trim();
    let wanted = dom::lower_case(typed);
    all.retain(|command| dom::lower_case(&command.text).contains(&wanted));
    if let Some(number) = number(typed).filter(|_| reads_logs) {
        let text = (t.shell.open_log)(&number.to_string());
        all.insert(0, command(Icon::SCROLL_TEXT, &text, "", Act::Go(format!("/app/logs/{number}"))));
    }
    let search = match portal {
        Portal::Customer if reads_logs => Some("/app/logs"),
        Portal::Staff if session.can(Permission::CustomersRead) => Some("/admin/zoeken"),
        Portal::Customer | Portal::Staff => None,
    };
    if let Some(search) = search.filter(|_| !typed.is_empty()) {
        let href = format!("{search}?q={}", encode(typed));
        all.push(command(Icon::SEARCH, &(t.shell.search_for)(typed), "", Act::Go(href)));
    }
    all
}

/// A find as a command.
fn command_of(find: Find) -> Command {
    let Find { icon, text, remark, href } = find;
    Command { icon, text, keys: String::new(), remark, act: Act::Go(href) }
}

/// The palette; `Ctrl K` or `⌘ K` opens it.
#[component]
pub fn Palette(
    /// The portal.
    portal: Portal,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let node = NodeRef::<html::Dialog>::new();
    let typed = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let server = finds(portal, typed, open);
    let found = Memo::new(move |_| {
        let local = if open.get() { commands(i18n, session, portal, &typed.get()) } else { Vec::new() };
        // What is found later stands below, so that nothing moves under the cursor.
        local.into_iter().chain(server.get().into_iter().map(command_of)).collect::<Vec<_>>()
    });
    let handle = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && event.key().eq_ignore_ascii_case("k")
        {
            event.prevent_default();
            if dom::find("dialog:modal").is_none() {
                open.set(true);
            }
        }
    });
    on_cleanup(move || handle.remove());
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            typed.set(String::new());
            at.set(0);
            drop(dialog.show_modal());
        } else if !open.get() {
            dialog.close();
        }
    });
    let run = runner(open);
    let choose = move || {
        let chosen =
            found.with_untracked(|found| found.get(at.get_untracked()).map(|command| command.act.clone()));
        if let Some(act) = chosen {
            run.run(act);
        }
    };
    let keydown = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" => choose(),
            _ => return,
        }
        event.prevent_default();
    };
    let input = move |event: web_sys::Event| {
        typed.set(event_target_value(&event));
        at.set(0);
    };
    let count = move || match found.with(Vec::len) {
        1 => i18n.t().shell.command_one.to_owned(),
        count => (i18n.t().shell.commands)(&count.to_string()),
    };
    view! {
        <dialog
            class="palette"
            aria-label=i18n.tr(|t| t.shell.palette)
            node_ref=node
            on:close=move |_| open.set(false)
            on:click=move |event| {
                // A click on the backdrop is a click on the dialog itself.
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-autocomplete="list"
                aria-activedescendant=move || format!("palette-{}", at.get())
                aria-label=i18n.tr(|t| t.shell.palette)
                placeholder=i18n.tr(|t| t.shell.palette_hint)
                autocomplete="off"
                spellcheck="false"
                autofocus
                prop:value=typed
                on:input=input
                on:keydown=keydown
            />
            <p class="none" hidden=move || !found.with(Vec::is_empty)>{i18n.tr(|t| t.shell.palette_none)}</p>
            <ul role="listbox" id="palette-list" aria-label=i18n.tr(|t| t.shell.palette_list)>
                {move || found.get().into_iter().enumerate().map(|(index, command)| option(index, command, at, run)).collect_view()}
            </ul>
            <span class="vh" role="status">{count}</span>
        </dialog>
    }
}

fn option(index: usize, command: Command, at: RwSignal<usize>, run: Callback<Act>) -> AnyView {
    let Command { icon: mark, text, keys, remark, act } = command;
    let node = NodeRef::<html::Li>::new();
    Effect::new(move |_| {
        if let (Some(item), true) = (node.get(), at.get() == index) {
            item.scroll_into_view_with_bool(false);
        }
    });
    view! {
        <li
            role="option"
            id=format!("palette-{index}")
            node_ref=node
            aria-selected=move || if at.get() == index { "true" } else { "false" }
            on:click=move |_| run.run(act.clone())
        >
            {icon(mark)}
            <span>{text}</span>
            {(!keys.is_empty()).then(|| view! { <span class="kbd">{keys}</span> })}
            {(!remark.is_empty()).then(|| view! { <span class="sub2">{remark}</span> })}
        </li>
    }
}

/// Makes the function that runs a command after the palette is closed.
fn runner(open: RwSignal<bool>) -> Callback<Act> {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let preferences = use_preferences();
    let shortcuts = use_shortcuts();
    let router = use_router();
    Callback::new(move |act: Act| {
        open.set(false);
        match act {
            Act::Go(href) => router.go(&href, Go::Page),
            Act::Theme => toggle_theme(preferences),
            Act::Language => {
                preferences.set_lang(if i18n.lang_untracked() == Lang::Nl { Lang::En } else { Lang::Nl });
            }
            Act::Shortcuts => shortcuts.sheet.set(true),
            Act::SignOut => spawn_local(async move {
                if let Err(error) = auth::logout(&api).await {
                    toasts.error(error.detail(i18n.t_untracked()));
                }
            }),
        }
    })
}
