//! The list of keys: a table, cards on a phone; keys that no longer work fold away.

use shared::keys::{KeyMode, KeyOut, KeyStatus};

use super::{Page, is_current};
use crate::i18n::use_i18n;
use crate::pages::parts::{ago, date, scope_texts};
use crate::prelude::*;
use crate::ui::{Icon, IconButton, TableScroll, Tone, badge, dom};

/// The whole list.
pub fn view(page: Page) -> AnyView {
    let i18n = use_i18n();
    let current = move || keys(page, true);
    let earlier = move || keys(page, false);
    let some_earlier = Memo::new(move |_| !earlier().is_empty());
    let title = move || {
        let count = earlier().len();
        format!("{} ({})", i18n.t().keys.earlier, i18n.fmt().int(i64::try_from(count).unwrap_or(0)))
    };
    view! {
        {table(page, current)}
        {move || {
            some_earlier
                .get()
                .then(|| {
                    view! {
                        <details class="fold">
                            <summary>{title}</summary>
                            {table(page, earlier)}
                        </details>
                    }
                })
        }}
    }
}

fn keys(page: Page, current: bool) -> Vec<KeyOut> {
    page.load.data.with(|data| {
        data.as_ref().map_or_else(Vec::new, |out| {
            out.keys.iter().filter(|key| is_current(key) == current).cloned().collect()
        })
    })
}

fn table(page: Page, rows: impl Fn() -> Vec<KeyOut> + Send + Sync + 'static) -> AnyView {
    let i18n = use_i18n();
    let body = move || rows().into_iter().map(|key| row(page, key)).collect_view();
    view! {
        <TableScroll label=i18n.tr(|t| t.keys.table)>
            <table class="data cards keys-table">
                <caption class="vh">{i18n.tr(|t| t.keys.list)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{i18n.tr(|t| t.keys.col_key)}</th>
                        <th scope="col">{i18n.tr(|t| t.keys.col_state)}</th>
                        <th scope="col">{i18n.tr(|t| t.keys.col_scopes)}</th>
                        <th scope="col">{i18n.tr(|t| t.keys.col_used)}</th>
                        <th scope="col">{i18n.tr(|t| t.keys.col_expires)}</th>
                        <th scope="col">
                            <span class="vh">{i18n.tr(|t| t.common.actions)}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </TableScroll>
    }
}

fn row(page: Page, key: KeyOut) -> AnyView {
    let i18n = use_i18n();
    let (created, networks) = (key.created_at, key.cidrs.clone());
    let scopes = key.scopes.clone();
    let from = move || match networks.as_slice() {
        [] => i18n.t().keys.everywhere.to_owned(),
        some => (i18n.t().keys.only_from)(&some.join(", ")),
    };
    let origins = key.allowed_origins.join(", ");
    let pages = (!origins.is_empty())
        .then(|| view! { <span class="hint">{move || (i18n.t().keys.in_pages_of)(&origins)}</span> });
    let rights = move || {
        let t = i18n.t();
        let names: Vec<String> =
            scopes.iter().map(|scope| dom::lower_case(scope_texts(t, *scope).0)).collect();
        capital(&i18n.fmt().list(&names))
    };
    view! {
        <tr>
            <th scope="row" class="k-name">
                <span class="k-title">{key.name.clone()} {mode_badge(key.mode)}</span>
                <code class="k-value">{key.key_value.clone()}</code>
                <span class="hint">{move || (i18n.t().keys.created_at)(&i18n.fmt().date_medium(created))}</span>
            </th>
            <td class="k-state">{state(&key)}</td>
            <td class="k-scopes">
                <span>{rights}</span>
                <span class="hint">{from}</span>
                {pages}
            </td>
            <td class="k-used" data-label=i18n.tr(|t| t.keys.col_used)>{last_use(&key)}</td>
            <td class="k-expires" data-label=i18n.tr(|t| t.keys.col_expires)>{expiry(&key)}</td>
            <td class="k-acts">{acts(page, key)}</td>
        </tr>
    }
}

/// Makes a sentence begin with a capital.
fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Live keys need no mark; test keys do.
fn mode_badge(mode: KeyMode) -> Option<AnyView> {
    let i18n = use_i18n();
    (mode == KeyMode::Test).then(|| badge(Tone::Sample, None, i18n.tr(|t| t.names.mode_test)))
}

/// Shows the state of a key, with its date where one belongs to it.
pub fn state(key: &KeyOut) -> AnyView {
    let i18n = use_i18n();
    let (tone, mark, text): (_, _, fn(&'static crate::i18n::Texts) -> &'static str) = match key.status {
        KeyStatus::Active => (Tone::Ok, Icon::CIRCLE_CHECK, |t| t.names.key_active),
        KeyStatus::Rotating => (Tone::Warn, Icon::REFRESH_CW, |t| t.names.key_rotating),
        KeyStatus::Expired => (Tone::Plain, Icon::CLOCK, |t| t.names.key_expired),
        KeyStatus::Revoked => (Tone::Bad, Icon::BAN, |t| t.names.key_revoked),
    };
    let (status, overlap, expires, revoked) = (key.status, key.overlap_until, key.expires_at, key.revoked_at);
    let since = move || {
        let (t, fmt) = (&i18n.t().keys, i18n.fmt());
        match status {
            KeyStatus::Active => None,
            KeyStatus::Rotating => overlap.map(|at| (t.overlap_until)(&fmt.date_time(at))),
            KeyStatus::Expired => overlap.or(expires).map(|at| (t.expired_at)(&fmt.date_medium(at))),
            KeyStatus::Revoked => revoked.map(|at| (t.revoked_at)(&fmt.date_medium(at))),
        }
    };
    view! {
        {badge(tone, Some(mark), i18n.tr(text))}
        {move || since().map(|text| view! { <span class="hint">{text}</span> })}
    }
}

/// Shows when, from where and how often a key was used.
pub fn last_use(key: &KeyOut) -> AnyView {
    let i18n = use_i18n();
    let (address, route, count) = (key.last_used_ip.clone(), key.last_used_route.clone(), key.usage_count);
    let how = move || {
        let (t, fmt) = (&i18n.t().keys, i18n.fmt());
        let mut parts = vec![(t.used_times)(count, &fmt.int(count))];
        parts.extend(address.as_deref().map(|address| (t.used_from)(address)));
        parts.extend(route.clone());
        parts.join(", ")
    };
    match key.last_used_at {
        Some(at) => view! {
            <span>{ago(at)}</span>
            <span class="hint">{how}</span>
        },
        None => view! { <span>{i18n.tr(|t| t.keys.unused)}</span> },
    }
}

fn expiry(key: &KeyOut) -> AnyView {
    let i18n = use_i18n();
    match key.expires_at {
        Some(at) => date(at),
        None => view! { <span>{i18n.tr(|t| t.keys.no_expiry)}</span> },
    }
}

fn acts(page: Page, key: KeyOut) -> AnyView {
    let i18n = use_i18n();
    let (active, rotating) = (key.status == KeyStatus::Active, key.status == KeyStatus::Rotating);
    if !is_current(&key) {
        return ().into_child();
    }
    let key = StoredValue::new(key);
    let name = move || key.with_value(|key| key.name.clone());
    let dialogs = page.dialogs;
    let buttons = move || {
        view! {
            {rotating
                .then(|| {
                    view! {
                        <IconButton
                            icon=Icon::EYE
                            label=move || (i18n.t().keys.uses_of)(&name())
                            on_press=move |()| dialogs.uses.set(Some(key.get_value()))
                        />
                    }
                })}
            {active
                .then(|| {
                    view! {
                        <IconButton
                            icon=Icon::PENCIL
                            label=move || (i18n.t().keys.edit_of)(&name())
                            on_press=move |()| dialogs.edit.set(Some(key.get_value()))
                        />
                        <IconButton
                            icon=Icon::REFRESH_CW
                            label=move || (i18n.t().keys.rotate_of)(&name())
                            on_press=move |()| dialogs.rotate.set(Some(key.get_value()))
                        />
                    }
                })}
            <IconButton
                icon=Icon::BAN
                label=move || (i18n.t().keys.revoke_of)(&name())
                on_press=move |()| dialogs.revoke.set(Some(key.get_value()))
            />
        }
    };
    live(move || page.may_manage.get().then(|| view! { <div class="acts">{buttons()}</div> }))
}
