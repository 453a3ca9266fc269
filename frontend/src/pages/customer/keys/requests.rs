//! API-13: the latest requests with the own keys. Filters stand in the address.

use shared::keys::KeysOut;
use shared::requests::{Refusal, RequestOut, RequestsOut};

use super::speed;
use crate::api::requests::{self, RequestQuery};
use crate::api::{AbortSlot, keys, params::Params, use_api};
use crate::i18n::{I18n, Texts, use_i18n};
use crate::pages::parts::moment;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::ui::{
    Async, Button, Choice, EmptyState, Icon, LinkButton, Load, PageHeader, Rows, SelectField, Skeleton,
    TableScroll, TextField, Tone, badge, csv_button,
};

/// Rows that are fetched first; pressing "more" fetches all there are.
const FEW: i64 = 50;
const ALL: i64 = 1_000;

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    filters: Memo<RequestQuery>,
    load: Load<RequestsOut>,
    keys: Load<KeysOut>,
    limit: RwSignal<i64>,
    change: Callback<RequestQuery>,
}

fn address(query: &RequestQuery) -> String {
    Params::new()
        .with("key_id", &query.key)
        .with("status", &query.status)
        .with("route", &query.route)
        .finish()
}

/// The page.
#[component]
pub fn RequestsPage() -> AnyView {
    let i18n = use_i18n();
    let (api, keys_api) = (use_api(), use_api());
    let router = use_router();
    let limit = RwSignal::new(FEW);
    let filters = Memo::new(move |_| {
        let get = |name: &str| router.parameter(name).unwrap_or_default();
        RequestQuery { key: get("key_id"), status: get("status"), route: get("route"), limit: limit.get() }
    });
    let slot = AbortSlot::new();
    let load = Load::idle(move || filters.with_untracked(|query| requests::list(&api.latest(slot), query)));
    Effect::new(move |_| {
        filters.track();
        load.reload();
    });
    let change = Callback::new(move |query: RequestQuery| {
        limit.set(FEW);
        router.go(&format!("{}{}", router.path_untracked(), address(&query)), Go::StateInstead);
    });
    let (figures, chart) = speed::view();
    let view = View { filters, load, keys: Load::new(move || keys::list(&keys_api)), limit, change };
    view! {
        <PageHeader title=i18n.tr(|t| t.requests.title)>
            <LinkButton href="/app/sleutels" icon=Icon::KEY_ROUND>{i18n.tr(|t| t.shell.keys)}</LinkButton>
        </PageHeader>
        <p class="sub2">{i18n.tr(|t| t.requests.lead)}</p>
        {figures}
        {toolbar(view)}
        <section class="card flush" aria-labelledby="requests">
            <div class="bar2">
                <h2 id="requests">{i18n.tr(|t| t.requests.list)}</h2>
                <span class="push">{csv_button("api-verzoeken.csv", move || file(view, i18n.t()))}</span>
                <Button small=true icon=Icon::REFRESH_CW on_press=move |()| load.reload()>
                    {i18n.tr(|t| t.requests.refresh)}
                </Button>
            </div>
            <div class:dim=move || load.busy.get() && load.data.with(Option::is_some)>
                <Async load skeleton=|| view! { <Skeleton lines=8 /> } view=move || content(view) />
            </div>
        </section>
        {chart}
    }
}

fn toolbar(view: View) -> AnyView {
    let i18n = use_i18n();
    let View { filters, change, keys, .. } = view;
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| typed.set(filters.with(|query| query.route.clone())));
    let of = move |read: fn(&RequestQuery) -> &String| {
        Signal::derive(move || filters.with(|query| read(query).clone()))
    };
    let statuses = Signal::derive(move || {
        let t = &i18n.t().requests;
        [("", t.all_statuses), ("2xx", t.good), ("4xx", t.refused), ("5xx", t.failed)]
            .map(|(value, text)| Choice::new(value, text))
            .to_vec()
    });
    let senders = Signal::derive(move || {
        let mut all = vec![Choice::new("", i18n.t().requests.all_keys)];
        keys.data.with(|data| {
            let known = data.iter().flat_map(|out| &out.keys);
            all.extend(known.map(|key| Choice::new(key.id.clone(), named(&key.name, &key.key_value))));
        });
        all
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let route = typed.with_untracked(|route| route.trim().to_owned());
        change.run(RequestQuery { route, ..filters.get_untracked() });
    };
    view! {
        <search>
            <form class="card query" on:submit=submit novalidate>
                <div class="qrow">
                    <TextField id="route" label=i18n.tr(|t| t.requests.route) placeholder=|| "/logs" value=typed mono=true />
                    <SelectField
                        id="status"
                        label=i18n.tr(|t| t.common.status)
                        value=of(|query| &query.status)
                        on_change=move |status| change.run(RequestQuery { status, ..filters.get_untracked() })
                        options=statuses
                    />
                    <SelectField
                        id="key"
                        label=i18n.tr(|t| t.requests.key)
                        value=of(|query| &query.key)
                        on_change=move |key| change.run(RequestQuery { key, ..filters.get_untracked() })
                        options=senders
                    />
                    <Button submit=true icon=Icon::LIST_FILTER>{i18n.tr(|t| t.analytics.apply)}</Button>
                </div>
            </form>
        </search>
    }
}

/// A key in a list of choices: names are not unique over the years.
fn named(name: &str, value: &str) -> String {
    let end: String = value.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{name} …{end}")
}

fn content(view: View) -> AnyView {
    let i18n = use_i18n();
    let empty =
        Memo::new(move |_| view.load.data.with(|data| data.as_ref().is_none_or(|page| page.data.is_empty())));
    let narrow = move || view.filters.with_untracked(|query| !address(query).is_empty());
    live(move || match (empty.get(), narrow()) {
        (false, _) => table(view),
        (true, true) => view! {
            <EmptyState mark=Icon::SEARCH_X title=i18n.tr(|t| t.requests.no_match_title) text=i18n.tr(|t| t.requests.no_match_text)>
                <Button on_press=move |()| view.change.run(RequestQuery::default())>
                    {i18n.tr(|t| t.admin.filter_clear)}
                </Button>
            </EmptyState>
        },
        (true, false) => view! {
            <EmptyState mark=Icon::KEY_ROUND title=i18n.tr(|t| t.requests.none_title) text=i18n.tr(|t| t.requests.none_text) />
        },
    })
}

fn table(view: View) -> AnyView {
    let i18n = use_i18n();
    let rows =
        move || view.load.data.with(|data| data.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    let more = move || {
        let more = view.load.data.with(|data| data.as_ref().is_some_and(|page| page.has_more));
        more.then(|| {
            view! {
                <div class="foot">
                    <Button busy=view.load.busy on_press=move |()| view.limit.set(ALL)>
                        {i18n.tr(|t| t.requests.more)}
                    </Button>
                </div>
            }
        })
    };
    view! {
        <TableScroll label=i18n.tr(|t| t.requests.table)>
            <table class="data cards">
                <caption class="vh">{i18n.tr(|t| t.requests.list)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.requests.time)}</th>
                        <th scope="col">{i18n.tr(|t| t.requests.request)}</th>
                        <th scope="col">{i18n.tr(|t| t.common.status)}</th>
                        <th scope="col" class="r">{i18n.tr(|t| t.requests.ms)}</th>
                        <th scope="col">{i18n.tr(|t| t.requests.key)}</th>
                        <th scope="col">{i18n.tr(|t| t.requests.number)}</th>
                    </tr>
                </thead>
                <tbody>{each(rows, |row| row.id.clone(), row)}</tbody>
            </table>
        </TableScroll>
        {more}
    }
}

fn row(request: RequestOut) -> AnyView {
    let i18n = use_i18n();
    let tone = match request.status {
        500.. => Tone::Bad,
        400.. => Tone::Warn,
        _ => Tone::Ok,
    };
    let (ms, code, refused) = (request.duration_ms, request.code.clone(), request.refused);
    let why = move || {
        let mut parts: Vec<String> = code.iter().cloned().collect();
        parts.extend(refused.map(|refused| refusal(i18n.t(), refused).to_owned()));
        (!parts.is_empty()).then(|| view! { <span class="hint">{parts.join(" · ")}</span> })
    };
    let key = request.key_name.unwrap_or(request.key_id);
    let test = request.test.then(|| badge(Tone::Sample, None, i18n.tr(|t| t.names.mode_test)));
    view! {
        <tr>
            <td>{moment(request.at)}</td>
            <th scope="row" class="msg"><code>{request.method} " " {request.route}</code></th>
            <td>{badge(tone, None, request.status.to_string())} {why}</td>
            <td class="r num" data-label=i18n.tr(|t| t.requests.ms)>{move || speed::ms(i18n, Some(ms))}</td>
            <td data-label=i18n.tr(|t| t.requests.key)>{key} " " {test}</td>
            <td class="ip"><code>{request.request_id}</code></td>
        </tr>
    }
}

fn refusal(t: &'static Texts, refused: Refusal) -> &'static str {
    match refused {
        Refusal::Revoked => t.requests.was_revoked,
        Refusal::Expired => t.requests.was_expired,
        Refusal::Network => t.requests.was_network,
        Refusal::Origin => t.requests.was_origin,
    }
}

/// What is shown, as rows of a file.
fn file(view: View, t: &'static Texts) -> Rows {
    let names = &t.requests;
    let head = [names.time, names.request, t.common.status, names.ms, names.key, names.number, names.code];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let row = |request: &RequestOut| {
        vec![
            request.at.to_rfc3339(),
            format!("{} {}", request.method, request.route),
            request.status.to_string(),
            request.duration_ms.to_string(),
            request.key_name.clone().unwrap_or_else(|| request.key_id.clone()),
            request.request_id.clone(),
            request.code.clone().unwrap_or_default(),
        ]
    };
    view.load.data.with(|data| rows.extend(data.iter().flat_map(|page| &page.data).map(row)));
    rows
}

/// The link to this page.
pub fn link(i18n: I18n) -> AnyView {
    view! {
        <LinkButton href="/app/sleutels/verzoeken" icon=Icon::SCROLL_TEXT>{i18n.tr(|t| t.requests.title)}</LinkButton>
    }
}
