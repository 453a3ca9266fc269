//! Searches to go back to: saved by name, and those of before.

use leptos::ev;
use shared::access::Permission;
use shared::searches::{
    HistoryOut, MAX_NAME_CHARS, PastSearch, SavedSearchIn, SavedSearchOut, SavedSearchesOut,
};
use shared::validate::Checks;

use super::count_text;
use super::explorer::Explorer;
use super::filters::Filters;
use crate::api::{ApiError, searches, use_api};
use crate::i18n::use_i18n;
use crate::pages::form::Faults;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Async, Button, Checkbox, Icon, IconButton, Load, TextField, Variant};

/// A fold with saved and former searches; they are fetched when it opens.
pub fn fold(explorer: Explorer) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let session = use_session();
    // Keys have no part here, and staff do not search in this explorer.
    if !untrack(|| session.can(Permission::SearchesRead)) {
        return view! { "" };
    }
    let saved = Load::idle(move || searches::saved(&api));
    let past = Load::idle(move || searches::history(&api));
    let opened = RwSignal::new(false);
    let toggle = move |event: ev::Event| {
        let open = event_target::<web_sys::HtmlDetailsElement>(&event).open();
        opened.set(open);
        if open {
            saved.reload();
            past.reload();
        }
    };
    let content = move || {
        opened.get().then(|| {
            view! {
                <div class="stack">
                    {keep(explorer, saved)}
                    <Async load=saved view=move || view! { {move || kept(explorer, saved)} } />
                    <Async load=past view=move || view! { {move || former(explorer, past)} } />
                </div>
            }
        })
    };
    view! {
        <details class="help" on:toggle=toggle>
            <summary>{i18n.tr(|t| t.logs.searches)}</summary>
            {content}
        </details>
    }
}

fn run(explorer: Explorer, q: &str) {
    explorer.filter(&Filters { q: q.to_owned(), ..explorer.filters.get_untracked() });
}

/// The form that keeps the present search, for who may.
fn keep(explorer: Explorer, saved: Load<SavedSearchesOut>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let session = use_session();
    let faults = Faults::new(&[("/name", "search-name", |t| t.logs.search_name)]);
    let (name, shared) = (RwSignal::new(String::new()), RwSignal::new(false));
    let busy = RwSignal::new(false);
    let q = Memo::new(move |_| explorer.filters.with(|filters| filters.q.trim().to_owned()));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut checks = Checks::default();
        name.with_untracked(|name| checks.line("/name", name, 1, MAX_NAME_CHARS));
        if busy.get_untracked() || !faults.check(&checks.errors) {
            return;
        }
        busy.set(true);
        let body = SavedSearchIn {
            name: name.get_untracked(),
            q: q.get_untracked(),
            shared: shared.get_untracked(),
        };
        spawn_local(async move {
            let result = searches::save(&api, &body).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    toasts.success((i18n.t_untracked().logs.search_saved)(&out.name));
                    name.set(String::new());
                    saved.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let may = Memo::new(move |_| session.can(Permission::SearchesWrite) && !q.with(String::is_empty));
    let form = move || {
        may.get().then(|| {
            view! {
                <form class="stack narrow" on:submit=submit novalidate>
                    {faults.view()}
                    <p>
                        {i18n.tr(|t| t.logs.search_keep)} " " <code>{q}</code>
                    </p>
                    <TextField
                        id="search-name"
                        label=i18n.tr(|t| t.logs.search_name)
                        value=name
                        error=faults.of("/name")
                        maxlength=MAX_NAME_CHARS as u32
                    />
                    <Checkbox
                        id="search-shared"
                        label=i18n.tr(|t| t.logs.search_share)
                        checked=shared
                        on_change=move |on| shared.set(on)
                    />
                    <div class="row">
                        <Button submit=true busy>
                            {i18n.tr(|t| t.logs.search_save)}
                        </Button>
                    </div>
                </form>
            }
        })
    };
    view! { {form} }
}

fn kept(explorer: Explorer, saved: Load<SavedSearchesOut>) -> Option<AnyView> {
    let i18n = use_i18n();
    let out = saved.data.get()?;
    if out.searches.is_empty() {
        return Some(view! { <p class="sub2">{i18n.tr(|t| t.logs.searches_none)}</p> });
    }
    let rows = out.searches.iter().map(|search| kept_row(explorer, saved, search)).collect_view();
    Some(view! {
        <section>
            <h2>{i18n.tr(|t| t.logs.searches_saved)}</h2>
            <ul role="list" class="searches">
                {rows}
            </ul>
        </section>
    })
}

fn kept_row(explorer: Explorer, saved: Load<SavedSearchesOut>, search: &SavedSearchOut) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let (id, name, q, q_shown) = (search.id.clone(), search.name.clone(), search.q.clone(), search.q.clone());
    let spoken = name.clone();
    let forget = move |()| {
        let (id, api) = (id.clone(), api);
        spawn_local(async move {
            match searches::forget(&api, &id).await {
                Ok(()) | Err(ApiError::Aborted) => saved.reload(),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let button = search.own.then(|| {
        view! {
            <IconButton
                icon=Icon::X
                label=move || (i18n.t().logs.search_forget)(&spoken)
                on_press=forget
            />
        }
    });
    let by_others =
        (!search.own).then(|| view! { <span class="badge plain">{i18n.tr(|t| t.logs.search_shared)}</span> });
    view! {
        <li>
            <Button variant=Variant::Ghost on_press=move |()| run(explorer, &q)>
                {name}
            </Button>
            <code>{q_shown}</code>
            {by_others}
            {button}
        </li>
    }
}

fn former(explorer: Explorer, past: Load<HistoryOut>) -> Option<AnyView> {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let out = past.data.get()?;
    if out.searches.is_empty() {
        return None;
    }
    let row = move |search: &PastSearch| {
        let (q, shown) = (search.q.clone(), search.q.clone());
        let (hits, capped) = (search.hits, search.hits_capped);
        let found = move || count_text(i18n.t(), hits, &i18n.fmt().int(hits), capped);
        view! {
            <li>
                <Button variant=Variant::Ghost on_press=move |()| run(explorer, &q)>
                    <code>{shown}</code>
                </Button>
                <span class="sub2 num">{found}</span>
            </li>
        }
    };
    let forget = move |()| {
        spawn_local(async move {
            match searches::forget_history(&api).await {
                Ok(()) | Err(ApiError::Aborted) => past.reload(),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let rows = out.searches.iter().map(row).collect_view();
    Some(view! {
        <section>
            <h2>{i18n.tr(|t| t.logs.searches_past)}</h2>
            <ul role="list" class="searches">
                {rows}
            </ul>
            <Button small=true on_press=forget>
                {i18n.tr(|t| t.logs.searches_forget)}
            </Button>
        </section>
    })
}
