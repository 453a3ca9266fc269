//! How much is going on: the level with its reasons, events per hour, the networks they come from.

use shared::security::{SecurityHour, SecurityLevel, SecurityOut, SecuritySource};

use super::{View, words};
use crate::api::{security, use_api};
use crate::charts::{Point, TimeSeries};
use crate::i18n::{Formats, Texts, use_i18n};
use crate::pages::parts::{ago, fact};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Card, Icon, Skeleton, TableScroll, Tone, badge};

fn part<T>(view: View, read: impl Fn(&SecurityOut) -> T) -> Option<T> {
    view.overview.data.with(|data| data.as_ref().map(read))
}

/// The level, and the figures that it rests on, each with its bound.
pub fn card(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let level = Memo::new(move |_| part(view, |out| out.level));
    let mark = live(move || {
        level.get().map(|level| {
            let (tone, icon) = match level.level {
                SecurityLevel::Normal => (Tone::Ok, Icon::CIRCLE_CHECK),
                SecurityLevel::Raised => (Tone::Warn, Icon::TRIANGLE_ALERT),
                SecurityLevel::High => (Tone::Bad, Icon::TRIANGLE_ALERT),
            };
            badge(tone, Some(icon), move || words::level(i18n.t(), level.level))
        })
    });
    let why = move || {
        let t = &i18n.t().security;
        level.get().map(|level| match level.level {
            SecurityLevel::Normal => t.why_normal,
            SecurityLevel::Raised => t.why_raised,
            SecurityLevel::High => t.why_high,
        })
    };
    let figure = move |read: fn(&SecurityOut) -> i64| move || part(view, read).map(|n| i18n.fmt().int(n));
    let seen = move |()| {
        spawn_local(async move {
            // The newest event of all: whoever presses has the list in sight.
            let newest = security::events(&api, "", "", None).await;
            let done = match newest.map(|page| page.data.into_iter().next()) {
                Ok(Some(event)) => security::acknowledge(&api, event.id).await.map(drop),
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => toasts.success(i18n.t_untracked().security.acknowledged),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            view.reload();
        });
    };
    let open = Memo::new(move |_| level.get().is_some_and(|level| level.open_critical > 0));
    let button = live(move || {
        (open.get() && view.may_manage.get()).then(|| {
            view! { <div class="row"><Button on_press=seen>{i18n.tr(|t| t.security.acknowledge)}</Button></div> }
        })
    });
    view! {
        <Card title=i18n.tr(|t| t.security.level)>
            <p>{mark} " " {why}</p>
            <dl class="facts">
                {fact(i18n.tr(|t| t.security.f_critical), figure(|out| out.level.open_critical))}
                {fact(i18n.tr(|t| t.security.f_high), figure(|out| out.level.high))}
                {fact(i18n.tr(|t| t.security.f_logins), figure(|out| out.level.failed_logins))}
                {fact(i18n.tr(|t| t.security.f_honeypot), figure(|out| out.honeypot))}
                {fact(i18n.tr(|t| t.security.f_denied), figure(|out| out.denied))}
            </dl>
            {button}
        </Card>
    }
}

/// Events per hour, in words by severity.
pub fn chart(view: View) -> AnyView {
    let i18n = use_i18n();
    let points = Memo::new(move |_| {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        part(view, |out| {
            let last = out.hours.len().saturating_sub(1);
            out.hours
                .iter()
                .enumerate()
                .map(|(at, hour)| point(t, &fmt, hour, at == last))
                .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let summary = move || {
        let fmt = i18n.fmt();
        part(view, |out| {
            let all = |read: fn(&SecurityHour) -> i64| fmt.int(out.hours.iter().map(read).sum());
            (i18n.t().security.hours_sum)(&all(total), &all(|hour| hour.critical), &all(|hour| hour.high))
        })
        .unwrap_or_default()
    };
    let columns = Signal::derive(move || {
        let t = &i18n.t().security;
        (t.hour.to_owned(), t.events.to_owned())
    });
    view! {
        <TimeSeries id="security-hours" title=i18n.tr(|t| t.security.hours) summary columns points file_name="mvai-connexx-beveiliging-per-uur.csv" bars=true />
    }
}

const fn total(hour: &SecurityHour) -> i64 {
    hour.low + hour.medium + hour.high + hour.critical
}

fn point(t: &'static Texts, fmt: &Formats, hour: &SecurityHour, running: bool) -> Point {
    Point {
        key: hour.at.to_rfc3339(),
        label: fmt.time(hour.at),
        name: fmt.date_time(hour.at),
        value: total(hour),
        text: (t.security.hour_text)(
            &fmt.int(total(hour)),
            &fmt.int(hour.critical),
            &fmt.int(hour.high),
            &fmt.int(hour.medium),
            &fmt.int(hour.low),
        ),
        running,
        band: None,
        before: None,
    }
}

/// The networks with most events.
pub fn sources(view: View) -> AnyView {
    let i18n = use_i18n();
    let rows = Memo::new(move |_| part(view, |out| out.sources.clone()).unwrap_or_default());
    let yours = Memo::new(move |_| part(view, |out| out.your_address.clone()).unwrap_or_default());
    let row = move |source: SecuritySource| {
        let SecuritySource { network, events, worst, last_at, decision } = source;
        let own = network.clone();
        let is_yours = Memo::new(move |_| yours.get() == own);
        let (show, block) = (network.clone(), network.clone());
        let act = live(move || {
            if is_yours.get() {
                return badge(Tone::Info, None, i18n.tr(|t| t.security.yours));
            }
            if let Some(action) = decision {
                return badge(Tone::Plain, None, move || words::action(i18n.t(), action));
            }
            let block = block.clone();
            view.may_manage.get().then(move || {
                view! { <Button small=true on_press=move |()| view.decide(&block)>{i18n.tr(|t| t.security.block_this)}</Button> }
            }).into_child()
        });
        view! {
            <tr>
                <th scope="row" class="full">
                    <button type="button" class="link mono" on:click=move |_| view.network.set(show.clone())>{network}</button>
                </th>
                <td class="r num" data-label=i18n.tr(|t| t.security.events)>{move || i18n.fmt().int(events)}</td>
                <td data-label=i18n.tr(|t| t.security.worst)>{badge(words::tone(worst), None, move || words::severity(i18n.t(), worst))}</td>
                <td data-label=i18n.tr(|t| t.security.last)>{ago(last_at)}</td>
                <td>{act}</td>
            </tr>
        }
    };
    let table = move || {
        live(move || {
            if rows.get().is_empty() {
                return view! { <p class="bar-note">{i18n.tr(|t| t.security.no_sources)}</p> };
            }
            view! {
                <TableScroll label=i18n.tr(|t| t.security.sources_table)>
                    <table class="data cards">
                        <caption class="vh">{i18n.tr(|t| t.security.sources_table)}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{i18n.tr(|t| t.security.network)}</th>
                                <th scope="col" class="r">{i18n.tr(|t| t.security.events)}</th>
                                <th scope="col">{i18n.tr(|t| t.security.worst)}</th>
                                <th scope="col">{i18n.tr(|t| t.security.last)}</th>
                                <th scope="col"><span class="vh">{i18n.tr(|t| t.common.actions)}</span></th>
                            </tr>
                        </thead>
                        <tbody>{each(move || rows.get(), |source| format!("{source:?}"), row)}</tbody>
                    </table>
                </TableScroll>
            }
        })
    };
    view! {
        <Card title=i18n.tr(|t| t.security.sources) flush=true>
            <Async load=view.overview skeleton=|| view! { <Skeleton lines=5 /> } view=table />
        </Card>
    }
}
