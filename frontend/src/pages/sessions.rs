//! Sessions that live, and ending them.

use shared::people::{SessionOut, SessionsOut};

use crate::api::people::{self, Whose};
use crate::api::use_api;
use crate::i18n::{Texts, use_i18n};
use crate::pages::parts::{ago, moment};
use crate::prelude::*;
use crate::state::session::EndReason;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Card, Icon, IconButton, Load, TableScroll, Tone, badge};

type Pick = fn(&'static Texts) -> &'static str;

/// The sessions of somebody, with a way to end each of them.
pub fn card(whose: Whose, may_end: Memo<bool>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || people::sessions(&api, whose));
    let (title, text): (Pick, Pick) = match whose {
        Whose::Mine => (|t| t.people.my_sessions, |t| t.people.my_sessions_text),
        Whose::Customer | Whose::Of(_) => (|t| t.people.all_sessions, |t| t.people.all_sessions_text),
    };
    view! {
        <Card title=i18n.tr(title)>
            <div class="stack">
                <p class="sub2">{i18n.tr(text)}</p>
                <Async load view=move || table(load, whose, may_end) />
                {(whose == Whose::Mine).then(|| end_others(load))}
            </div>
        </Card>
    }
}

fn end_others(load: Load<SessionsOut>) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let busy = RwSignal::new(false);
    let press = move |()| {
        let ending = people::end_others(&api);
        busy.set(true);
        spawn_local(async move {
            let result = ending.await;
            busy.try_set(false);
            let t = i18n.t_untracked();
            match result {
                Ok(out) => {
                    toasts.success((t.people.ended_n)(out.ended, &i18n.fmt().int(out.ended)));
                    load.reload();
                }
                Err(error) => toasts.error(error.detail(t)),
            }
        });
    };
    let some =
        Memo::new(move |_| load.data.with(|data| data.as_ref().is_some_and(|out| out.sessions.len() > 1)));
    live(move || {
        some.get().then(|| {
            view! {
                <div class="row">
                    <Button icon=Icon::LOG_OUT busy on_press=press>
                        {i18n.tr(|t| t.people.end_others)}
                    </Button>
                </div>
            }
        })
    })
}

fn table(load: Load<SessionsOut>, whose: Whose, may_end: Memo<bool>) -> AnyView {
    let i18n = use_i18n();
    let rows = move || {
        let sessions =
            load.data.with(|data| data.as_ref().map(|out| out.sessions.clone()).unwrap_or_default());
        sessions.into_iter().map(|session| row(load, whose, may_end, session)).collect_view()
    };
    view! {
        <TableScroll label=i18n.tr(|t| t.people.sessions_table)>
            <table class="data cards">
                <caption class="vh">{i18n.tr(|t| t.people.sessions_table)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.people.device)}</th>
                        <th scope="col">{i18n.tr(|t| t.people.address)}</th>
                        <th scope="col">{i18n.tr(|t| t.people.since)}</th>
                        <th scope="col">{i18n.tr(|t| t.people.used)}</th>
                        <th scope="col">
                            <span class="vh">{i18n.tr(|t| t.common.actions)}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableScroll>
    }
}

fn row(load: Load<SessionsOut>, whose: Whose, may_end: Memo<bool>, session: SessionOut) -> AnyView {
    let i18n = use_i18n();
    let SessionOut { id, current, who, client, ip_address, created_at, last_seen_at, .. } = session;
    let agent = client.unwrap_or_default();
    let title = agent.clone();
    let (browser, system) = device(&agent);
    let name = move || {
        let t = &i18n.t().people;
        match (browser, system) {
            (Some(browser), Some(system)) => (t.browser_on)(browser, system),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => t.unknown_device.to_owned(),
        }
    };
    let person = (whose != Whose::Mine)
        .then(|| view! { <span class="hint">{move || who.clone().unwrap_or_else(|| i18n.t().people.by_code.to_owned())}</span> });
    let (api, toasts) = (use_api(), use_toasts());
    let end = move |()| {
        let (api, id) = (api, id.clone());
        spawn_local(async move {
            match people::end_session(&api, whose, &id).await {
                Ok(()) if current => api.client().end(Some(EndReason::SignedOut)),
                Ok(()) => {
                    toasts.success(i18n.t_untracked().people.session_ended);
                    load.reload();
                }
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    view! {
        <tr>
            <th scope="row">
                <div class="stacked">
                    <span title=title>{name}</span>
                    {person}
                    {current.then(|| badge(Tone::Ok, None, i18n.tr(|t| t.people.this_device)))}
                </div>
            </th>
            <td data-label=i18n.tr(|t| t.people.address) class="mono">{ip_address.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label=i18n.tr(|t| t.people.since)>{moment(created_at)}</td>
            <td data-label=i18n.tr(|t| t.people.used)>{ago(last_seen_at)}</td>
            <td>
                {live(move || {
                    let end = end.clone();
                    may_end
                        .get()
                        .then(|| {
                            view! {
                                <div class="acts">
                                    <IconButton icon=Icon::LOG_OUT label=i18n.tr(|t| t.people.end_session) on_press=end />
                                </div>
                            }
                        })
                })}
            </td>
        </tr>
    }
}

/// Browser and system in what a client calls itself. What pretends to be others comes first.
fn device(agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name)
    };
    (find(&BROWSERS), find(&SYSTEMS))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-09: devices in words, whatever their browsers pretend to be.
    #[test]
    fn devices_in_words() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
                (Some("Edge"), Some("Windows")),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                (Some("Safari"), Some("macOS")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
                (Some("Chrome"), Some("Android")),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/131.0 Mobile Safari/605.1.15",
                (Some("Firefox"), Some("iPhone")),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
                (Some("Firefox"), Some("Linux")),
            ),
            ("curl/8.9", (None, None)),
            ("", (None, None)),
        ] {
            assert_eq!(device(agent), expected, "{agent}");
        }
    }
}
