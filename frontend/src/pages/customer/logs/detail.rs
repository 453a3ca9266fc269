//! One log in full: its fields, its data set out or raw, and its surroundings.

use shared::access::Permission;
use shared::logs::{AroundOut, LogOut};
use shared::time::Millis;

use super::correct::correct;
use super::json;
use crate::api::{logs, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{Async, Button, CopyButton, Load, Variant, level_badge};

type Pick = fn(&'static Texts) -> &'static str;

/// Everything about a log. `on_filter` narrows the list to a query term, where there is a list; `alone` on a page
/// of its own, where headings are one level higher and the surroundings show at once.
pub fn detail(log: &LogOut, on_filter: Option<Callback<String>>, alone: bool) -> AnyView {
    let i18n = use_i18n();
    let id = log.id;
    let message = log.message.clone();
    let around = RwSignal::new(alone);
    view! {
        <div class="detail">
            <div class="row">{level_badge(log.level)}</div>
            {match message {
                Some(message) => view! { <p class="big">{message}</p> },
                None => view! { <p class="sub2">{i18n.tr(|t| t.logs.no_message)}</p> },
            }}
            {fields(log)} {actions(log, on_filter, around)}
            {log.data.clone().map(|data| data_view(data, alone))}
            {move || around.get().then(|| surroundings_of(id, alone))}
        </div>
    }
}

fn field(name: Pick, value: AnyView) -> AnyView {
    let i18n = use_i18n();
    view! {
        <dt>{i18n.tr(name)}</dt>
        <dd>{value}</dd>
    }
}

fn code(value: String) -> AnyView {
    view! { <code>{value}</code> }
}

/// An instant, with seconds, in the zone of the customer.
pub fn time(at: Millis, seconds: bool) -> AnyView {
    let i18n = use_i18n();
    let text = move || {
        let fmt = i18n.fmt();
        if seconds { fmt.date_time_seconds(at) } else { fmt.date_time(at) }
    };
    view! { <time class="num" datetime=at.to_rfc3339() title=move || i18n.zone().to_string()>{text}</time> }
}

fn fields(log: &LogOut) -> AnyView {
    let i18n = use_i18n();
    let (flags, corrects) = (log.flags.clone(), log.corrects_id);
    view! {
        <dl>
            {field(|t| t.logs.f_occurred, time(log.timestamp, true))}
            {field(|t| t.logs.f_received, time(log.received_at, true))}
            {field(|t| t.logs.f_kind, code(log.kind.clone()))} {field(|t| t.logs.f_source, code(log.source.clone()))}
            {log.ip_address.clone().map(|ip| field(|t| t.logs.f_ip, code(ip)))}
            {log.actor_ref.clone().map(|actor| field(|t| t.logs.f_actor, code(actor)))}
            {log.external_id.clone().map(|id| field(|t| t.logs.f_external, code(id)))}
            {corrects.map(|id| field(|t| t.logs.f_corrects, log_link(id)))} {corrected_by(log.id)}
            {(!flags.is_empty())
                .then(|| {
                    let words = move || flags.iter().map(|flag| flag_name(i18n.t(), flag)).collect::<Vec<_>>().join(", ");
                    field(|t| t.logs.f_flags, view! { {words} })
                })}
            {log.test.then(|| field(|t| t.logs.f_space, view! { {i18n.tr(|t| t.logs.test_space)} }))}
        </dl>
    }
}

fn log_link(id: i64) -> AnyView {
    let i18n = use_i18n();
    view! { <a href=format!("/app/logs/{id}")>{move || (i18n.t().logs.log_title)(&id.to_string())}</a> }
}

/// Links to the logs that correct this one, and when its day was sealed; a row of a list does not know them.
fn corrected_by(id: i64) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || logs::get(&api, id));
    let links = move || {
        let (ids, sealed, test) = load
            .data
            .with(|log| log.as_ref().map(|log| (log.corrected_by.clone(), log.sealed_at, log.test)))?;
        let sealed = match sealed {
            Some(at) => time(at, false),
            None => view! { {i18n.tr(|t| t.logs.not_sealed)} },
        };
        let links = (!ids.is_empty()).then(|| {
            let links = ids.into_iter().map(|id| view! { {log_link(id)} " " }).collect_view();
            field(|t| t.logs.f_corrected_by, view! { {links} })
        });
        Some(view! {
            {links}
            {(!test).then(|| field(|t| t.logs.f_sealed, sealed))}
        })
    };
    view! { {links} }
}

fn flag_name(t: &'static Texts, flag: &str) -> String {
    match flag {
        "late" => t.logs.flag_late.to_owned(),
        "clock_skew" => t.logs.flag_clock_skew.to_owned(),
        "ambiguous_time" => t.logs.flag_ambiguous_time.to_owned(),
        "redacted" => t.logs.flag_redacted.to_owned(),
        "schema_mismatch" => t.kinds.flag_mismatch.to_owned(),
        "quarantine_replayed" => t.kinds.flag_replayed.to_owned(),
        other => other.to_owned(),
    }
}

fn actions(log: &LogOut, on_filter: Option<Callback<String>>, around: RwSignal<bool>) -> AnyView {
    let i18n = use_i18n();
    let id = log.id;
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    let kind = log.kind.clone();
    let session = use_session();
    let may_write = !log.test && untrack(|| session.can(Permission::LogsWrite));
    view! {
        <div class="chips">
            {on_filter
                .map(|filter| {
                    let (shown, term) = (kind.clone(), shared::query::field_term("kind", &kind, false));
                    view! {
                        <Button small=true on_press=move |()| filter.run(term.clone())>
                            {move || (i18n.t().logs.only_kind)(&shown)}
                        </Button>
                    }
                })}
            <Button small=true pressed=Signal::from(around) on_press=move |()| around.update(|around| *around = !*around)>
                {i18n.tr(|t| t.logs.around)}
            </Button>
            {may_write.then(|| correct(log))}
            <CopyButton small=true text=id.to_string() label=i18n.tr(|t| t.logs.copy_number) />
            <CopyButton small=true text=format!("{origin}/app/logs/{id}") label=i18n.tr(|t| t.logs.copy_link) />
        </div>
    }
}

fn heading(alone: bool, text: Pick) -> AnyView {
    let i18n = use_i18n();
    if alone {
        view! { <h2>{i18n.tr(text)}</h2> }
    } else {
        view! { <h3>{i18n.tr(text)}</h3> }
    }
}

fn data_view(data: String, alone: bool) -> AnyView {
    let i18n = use_i18n();
    let raw = RwSignal::new(false);
    let copied = data.clone();
    let choice = move |value: bool, text: Pick| {
        view! {
            <button
                type="button"
                aria-pressed=move || if raw.get() == value { "true" } else { "false" }
                on:click=move |_| raw.set(value)
            >
                {i18n.tr(text)}
            </button>
        }
    };
    let shown = move || {
        if raw.get() {
            return view! { <code>{data.clone()}</code> };
        }
        let piece = |(kind, text): (json::Piece, String)| match kind.class() {
            Some(class) => view! { <span class=class>{text}</span> },
            None => text.into_child(),
        };
        view! { <code>{json::pretty(&data).into_iter().map(piece).collect_view()}</code> }
    };
    view! {
        <div class="stack">
            <div class="row">
                {heading(alone, |t| t.logs.data)}
                <div class="seg push">
                    {choice(false, |t| t.logs.formatted)} {choice(true, |t| t.logs.raw)}
                </div>
                <CopyButton small=true variant=Variant::Ghost text=copied label=i18n.tr(|t| t.logs.copy_data) />
            </div>
            <pre class="json" tabindex="0" role="region" aria-label=i18n.tr(|t| t.logs.json_region)>
                {shown}
            </pre>
        </div>
    }
}

fn surroundings_of(id: i64, alone: bool) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || logs::around(&api, id));
    let view = move || {
        let AroundOut { before, after } =
            load.data.get().unwrap_or(AroundOut { before: Vec::new(), after: Vec::new() });
        let before: Vec<AnyView> = before.iter().map(neighbour).collect();
        let after: Vec<AnyView> = after.iter().map(neighbour).collect();
        view! {
            <ol role="list" class="near">
                {before}
                <li class="on" aria-current="true">
                    <span class="num">{id.to_string()}</span>
                    <span>{i18n.tr(|t| t.logs.around_this)}</span>
                </li>
                {after}
            </ol>
        }
    };
    view! {
        <div class="stack">
            {heading(alone, |t| t.logs.around)}
            <Async load view />
        </div>
    }
}

fn neighbour(log: &LogOut) -> AnyView {
    let i18n = use_i18n();
    let at = log.timestamp;
    let text = summary(log);
    let label = move || {
        if text.is_empty() { i18n.t().logs.no_message.to_owned() } else { text.clone() }
    };
    view! {
        <li>
            <span class="num">{move || i18n.fmt().time_seconds(at)}</span>
            <a href=format!("/app/logs/{}", log.id)>{label}</a>
        </li>
    }
}

/// One line about a log: its message, else the beginning of its data; empty without either.
#[must_use]
pub fn summary(log: &LogOut) -> String {
    const LONGEST: usize = 160;
    let text = log.message.as_deref().or(log.data.as_deref()).unwrap_or_default();
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}
