//! The acts of the owner: create, edit, replace, revoke. Each says what it does before it does it.

use leptos::ev;
use shared::access::Scope;
use shared::keys::{KeyIn, KeyMode, KeyOut, KeyPatch, KeyRotateIn, KeyUseOut};
use shared::validate::Checks;

use super::Page;
use crate::api::{keys, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::form::Faults;
use crate::pages::parts::{RadioChoice, RadioGroup, moment, scope_texts};
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Checkbox, Choice, Dialog, DialogActions, Icon, Load, SelectField, TableScroll, TextArea,
    TextField, Variant, note,
};

type Pick = fn(&'static Texts) -> &'static str;

/// Which dialog is open, and for which key.
#[derive(Clone, Copy)]
pub struct Dialogs {
    /// New key.
    pub create: RwSignal<bool>,
    /// Edit this one.
    pub edit: RwSignal<Option<KeyOut>>,
    /// Replace this one.
    pub rotate: RwSignal<Option<KeyOut>>,
    /// Revoke this one.
    pub revoke: RwSignal<Option<KeyOut>>,
    /// Show who still uses this one.
    pub uses: RwSignal<Option<KeyOut>>,
}

impl Dialogs {
    /// All closed.
    pub fn new() -> Self {
        Self {
            create: RwSignal::new(false),
            edit: RwSignal::new(None),
            rotate: RwSignal::new(None),
            revoke: RwSignal::new(None),
            uses: RwSignal::new(None),
        }
    }
}

/// All dialogs of the page.
pub fn view(page: Page) -> AnyView {
    let i18n = use_i18n();
    let dialogs = page.dialogs;
    let of_key = move |key: RwSignal<Option<KeyOut>>, form: fn(Page, KeyOut, RwSignal<bool>) -> AnyView| {
        let open = opened_by(key);
        let name = move || key.with(|key| key.as_ref().map(|key| key.name.clone()).unwrap_or_default());
        let body = move || key.get_untracked().map(|key| form(page, key, open));
        (open, name, body)
    };
    let (edit, _, edit_body) = of_key(dialogs.edit, edit_form);
    let (rotate, _, rotate_body) = of_key(dialogs.rotate, rotate_form);
    let (revoke, revoke_name, revoke_body) = of_key(dialogs.revoke, revoke_form);
    let (uses, uses_name, uses_body) = of_key(dialogs.uses, |_, key, _| uses_list(&key));
    view! {
        <Dialog open=dialogs.create title=i18n.tr(|t| t.keys.form_title) wide=true>
            {create_form(page)}
        </Dialog>
        <Dialog open=edit title=i18n.tr(|t| t.keys.edit_title)>
            {edit_body()}
        </Dialog>
        <Dialog open=rotate title=i18n.tr(|t| t.keys.rotate_title)>
            {rotate_body()}
        </Dialog>
        <Dialog open=revoke title=move || (i18n.t().keys.revoke_title)(&revoke_name())>
            {revoke_body()}
        </Dialog>
        <Dialog open=uses title=move || (i18n.t().keys.uses_of)(&uses_name()) wide=true>
            {uses_body()}
        </Dialog>
    }
}

/// A dialog that is open while there is something for it to be about.
pub fn opened_by<T: Clone + Send + Sync + 'static>(subject: RwSignal<Option<T>>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(subject.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && subject.with_untracked(Option::is_some) {
            subject.set(None);
        }
    });
    open
}

/// Ticks for scopes.
fn scope_boxes(prefix: &'static str, offered: Vec<Scope>, chosen: RwSignal<Vec<Scope>>) -> AnyView {
    let i18n = use_i18n();
    let tick = move |scope: Scope| {
        view! {
            <Checkbox
                id=format!("{prefix}-{}", scope.as_str().replace(':', "-"))
                label=move || scope_texts(i18n.t(), scope).0
                hint=move || scope_texts(i18n.t(), scope).1
                checked=Signal::derive(move || chosen.with(|chosen| chosen.contains(&scope)))
                on_change=move |on| {
                    chosen
                        .update(|chosen| {
                            chosen.retain(|other| *other != scope);
                            if on {
                                chosen.push(scope);
                            }
                        });
                }
            />
        }
    };
    offered.into_iter().map(tick).collect_view().into_child()
}

fn scope_fieldset(
    id: &'static str,
    offered: Vec<Scope>,
    chosen: RwSignal<Vec<Scope>>,
    error: Signal<Option<String>>,
    hint: Option<Pick>,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <fieldset class="pick scopes" id=id tabindex="-1">
            <legend>{i18n.tr(|t| t.keys.form_scopes)}</legend>
            {hint.map(|hint| view! { <p class="hint">{i18n.tr(hint)}</p> })}
            {move || error.get().map(|error| view! { <p class="err">{error}</p> })}
            <div class="scope-grid">{scope_boxes(id, offered, chosen)}</div>
        </fieldset>
    }
}

fn cancel(open: RwSignal<bool>) -> AnyView {
    let i18n = use_i18n();
    view! { <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button> }
}

/// In the order of the product, not of the clicks.
fn sorted(chosen: RwSignal<Vec<Scope>>) -> Vec<Scope> {
    let mut scopes = chosen.get_untracked();
    scopes.sort_unstable();
    scopes
}

const EXPIRIES: [(&str, Pick); 5] = [
    ("30", |t| t.keys.expiry_30),
    ("90", |t| t.keys.expiry_90),
    ("365", |t| t.keys.expiry_365),
    ("730", |t| t.keys.expiry_730),
    ("0", |t| t.keys.expiry_none),
];

fn choices(list: &'static [(&'static str, Pick)]) -> Vec<Choice> {
    let i18n = use_i18n();
    list.iter().map(|(value, text)| Choice::new(*value, i18n.tr(*text))).collect()
}

fn create_form(page: Page) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let open = page.dialogs.create;
    let faults = Faults::new(&[
        ("/name", "key-name", |t| t.keys.form_name),
        ("/scopes", "key-scopes", |t| t.keys.form_scopes),
        ("/expires_in_days", "key-expiry", |t| t.keys.form_expiry),
        ("/cidrs", "key-cidrs", |t| t.keys.form_cidrs),
        ("/allowed_origins", "key-origins", |t| t.keys.form_origins),
    ]);
    let [name, cidrs, origins] = [(); 3].map(|()| RwSignal::new(String::new()));
    let (mode, expiry) = (RwSignal::new("live".to_owned()), RwSignal::new("365".to_owned()));
    let scopes = RwSignal::new(Scope::DEFAULT.to_vec());
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let body = KeyIn {
            name: name.get_untracked(),
            mode: if mode.with_untracked(|mode| mode == "test") { KeyMode::Test } else { KeyMode::Live },
            scopes: Some(sorted(scopes)),
            expires_in_days: expiry.with_untracked(|days| days.parse().ok()),
            cidrs: Some(cidrs.with_untracked(|text| lines(text))),
            allowed_origins: Some(origins.with_untracked(|text| lines(text))),
        };
        let mut checks = Checks::default();
        checks.text("/name", &body.name, 1, 80);
        let named = faults.check(&checks.errors);
        let empty = scopes.with_untracked(Vec::is_empty);
        if empty {
            faults.add("/scopes", i18n.t_untracked().keys.form_scopes_empty);
        }
        if busy.get_untracked() || !named || empty {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = keys::create(&api, &body).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    toasts.success((i18n.t_untracked().keys.created_done)(&out.key.name));
                    open.set(false);
                    page.created(out, None);
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let no_end = Memo::new(move |_| expiry.with(|days| days == "0"));
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <TextField
                id="key-name"
                label=i18n.tr(|t| t.keys.form_name)
                hint=i18n.tr(|t| t.keys.form_name_hint)
                value=name
                error=faults.of("/name")
                required=true
                autofocus=true
                maxlength=80
            />
            {scope_fieldset("key-scopes", offered(), scopes, faults.of("/scopes"), None)}
            <div class="pair">
                <RadioGroup
                    name="key-mode"
                    label=i18n.tr(|t| t.keys.form_mode)
                    value=mode
                    on_change=move |value: &'static str| mode.set(value.to_owned())
                    choices=vec![
                        RadioChoice::new("live", i18n.tr(|t| t.names.mode_live))
                            .hint(i18n.tr(|t| t.keys.form_mode_live_hint)),
                        RadioChoice::new("test", i18n.tr(|t| t.names.mode_test))
                            .hint(i18n.tr(|t| t.keys.form_mode_test_hint)),
                    ]
                />
                <div class="stack">
                    <SelectField
                        id="key-expiry"
                        label=i18n.tr(|t| t.keys.form_expiry)
                        value=expiry
                        on_change=move |days| expiry.set(days)
                        options=Signal::stored(choices(&EXPIRIES))
                        error=faults.of("/expires_in_days")
                    />
                    {move || {
                        no_end.get().then(|| note(Icon::TRIANGLE_ALERT, i18n.tr(|t| t.keys.expiry_none_warning)))
                    }}
                </div>
            </div>
            <TextArea
                id="key-cidrs"
                label=move || format!("{} ({})", i18n.t().keys.form_cidrs, i18n.t().common.optional)
                hint=i18n.tr(|t| t.keys.form_cidrs_hint)
                value=cidrs
                error=faults.of("/cidrs")
            />
            {origins_field("key-origins", origins, faults)}
            <DialogActions>
                {cancel(open)}
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.keys.form_submit)}
                </Button>
            </DialogActions>
        </form>
    }
}

/// Scopes that a key can use today; the others have nothing to open yet.
fn offered() -> Vec<Scope> {
    let mut scopes = Scope::DEFAULT.to_vec();
    scopes.push(Scope::KeysManage);
    scopes
}

/// Web sites whose pages may use the key.
fn origins_field(id: &'static str, value: RwSignal<String>, faults: Faults) -> AnyView {
    let i18n = use_i18n();
    view! {
        <TextArea
            id=id
            label=move || format!("{} ({})", i18n.t().keys.form_origins, i18n.t().common.optional)
            hint=i18n.tr(|t| t.keys.form_origins_hint)
            value
            error=faults.of("/allowed_origins")
        />
    }
}

/// The parts of a text, one a line or separated by commas.
fn lines(text: &str) -> Vec<String> {
    text.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn edit_form(page: Page, key: KeyOut, open: RwSignal<bool>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let faults = Faults::new(&[
        ("/name", "edit-name", |t| t.keys.form_name),
        ("/scopes", "edit-scopes", |t| t.keys.form_scopes),
        ("/allowed_origins", "edit-origins", |t| t.keys.form_origins),
    ]);
    let name = RwSignal::new(key.name.clone());
    let scopes = RwSignal::new(key.scopes.clone());
    let origins = RwSignal::new(key.allowed_origins.join("\n"));
    let busy = RwSignal::new(false);
    let held = key.scopes.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut checks = Checks::default();
        let new_name = checks.text("/name", &name.get_untracked(), 1, 80);
        let named = faults.check(&checks.errors);
        let remaining = sorted(scopes);
        if remaining.is_empty() {
            faults.add("/scopes", i18n.t_untracked().keys.form_scopes_empty);
        }
        if busy.get_untracked() || !named || remaining.is_empty() {
            return;
        }
        let patch = KeyPatch {
            name: (new_name != key.name).then_some(new_name),
            scopes: (remaining.len() != key.scopes.len()).then_some(remaining),
            allowed_origins: Some(origins.with_untracked(|text| lines(text)))
                .filter(|origins| *origins != key.allowed_origins),
        };
        if patch == KeyPatch::default() {
            open.set(false);
            return;
        }
        busy.set(true);
        let id = key.id.clone();
        spawn_local(async move {
            let result = keys::update(&api, &id, &patch).await;
            busy.try_set(false);
            match result {
                Ok(_) => {
                    toasts.success(i18n.t_untracked().common.saved);
                    open.set(false);
                    page.load.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <TextField
                id="edit-name"
                label=i18n.tr(|t| t.keys.form_name)
                value=name
                error=faults.of("/name")
                required=true
                autofocus=true
                maxlength=80
            />
            {scope_fieldset("edit-scopes", held, scopes, faults.of("/scopes"), Some(|t| t.keys.edit_scopes_hint))}
            {origins_field("edit-origins", origins, faults)}
            <DialogActions>
                {cancel(open)}
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.common.save)}
                </Button>
            </DialogActions>
        </form>
    }
}

const OVERLAPS: [(&str, Pick); 5] = [
    ("0", |t| t.keys.overlap_0),
    ("1", |t| t.keys.overlap_1),
    ("24", |t| t.keys.overlap_24),
    ("168", |t| t.keys.overlap_168),
    ("720", |t| t.keys.overlap_720),
];

fn rotate_form(page: Page, key: KeyOut, open: RwSignal<bool>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let faults = Faults::new(&[("/overlap_hours", "overlap", |t| t.keys.rotate_overlap)]);
    let overlap = RwSignal::new("24".to_owned());
    let busy = RwSignal::new(false);
    let name = key.name.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let id = key.id.clone();
        let hours: Option<u32> = overlap.with_untracked(|hours| hours.parse().ok());
        spawn_local(async move {
            let result = keys::rotate(&api, &id, &KeyRotateIn { overlap_hours: hours }).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    open.set(false);
                    let until = crate::i18n::format::now().0 + i64::from(hours.unwrap_or(0)) * 3_600_000;
                    let old_until = hours.filter(|hours| *hours > 0).map(|_| shared::time::Millis(until));
                    page.created(out, old_until);
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let at_once = Memo::new(move |_| overlap.with(|hours| hours == "0"));
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <p>
                <strong>{name}</strong>
            </p>
            <p>{i18n.tr(|t| t.keys.rotate_text)}</p>
            <SelectField
                id="overlap"
                label=i18n.tr(|t| t.keys.rotate_overlap)
                value=overlap
                on_change=move |hours| overlap.set(hours)
                options=Signal::stored(choices(&OVERLAPS))
                error=faults.of("/overlap_hours")
            />
            {move || at_once.get().then(|| note(Icon::TRIANGLE_ALERT, i18n.tr(|t| t.keys.rotate_now_warning)))}
            <DialogActions>
                {cancel(open)}
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.keys.rotate_submit)}
                </Button>
            </DialogActions>
        </form>
    }
}

fn revoke_form(page: Page, key: KeyOut, open: RwSignal<bool>) -> AnyView {
    let api = use_api();
    let done = move || page.load.reload();
    revoke_view(key.name.clone(), open, done, move || {
        let id = key.id.clone();
        keys::revoke(&api, &id)
    })
}

/// KEY-10: who still uses a key that is being replaced.
fn uses_list(key: &KeyOut) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let id = key.id.clone();
    let load = Load::new(move || keys::uses(&api, &id));
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    let row = move |used: &KeyUseOut| {
        view! {
            <tr>
                <th scope="row"><code>{known(&used.ip)}</code></th>
                <td class="msg" data-label=i18n.tr(|t| t.keys.col_client)>{known(&used.client)}</td>
                <td class="msg" data-label=i18n.tr(|t| t.keys.col_route)><code>{used.route.clone()}</code></td>
                <td data-label=i18n.tr(|t| t.keys.col_used)>{moment(used.last_used_at)}</td>
                <td class="r num" data-label=i18n.tr(|t| t.keys.col_times)>{i18n.fmt().int(used.times)}</td>
            </tr>
        }
    };
    let table = move || {
        let rows =
            load.data.with(|data| data.iter().flat_map(|data| &data.uses).map(row).collect::<Vec<_>>());
        let truncated = load.data.with(|data| data.as_ref().is_some_and(|data| data.truncated));
        if rows.is_empty() {
            return view! { <p>{i18n.tr(|t| t.keys.uses_none)}</p> };
        }
        view! {
            <TableScroll label=i18n.tr(|t| t.keys.uses_table)>
                <table class="data cards">
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.keys.col_address)}</th>
                            <th scope="col">{i18n.tr(|t| t.keys.col_client)}</th>
                            <th scope="col">{i18n.tr(|t| t.keys.col_route)}</th>
                            <th scope="col">{i18n.tr(|t| t.keys.col_used)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.keys.col_times)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableScroll>
            {truncated.then(|| view! { <p class="sub2">{i18n.tr(|t| t.keys.uses_more)}</p> })}
        }
    };
    view! {
        <p class="sub2">{i18n.tr(|t| t.keys.uses_text)}</p>
        <Async load view=move || live(table) />
    }
}

type Revoking = std::pin::Pin<Box<dyn Future<Output = Result<KeyOut, crate::api::ApiError>>>>;

/// The form that ends a key after its name was typed; staff use it too.
pub fn revoke_view(
    name: String,
    open: RwSignal<bool>,
    done: impl Fn() + Copy + 'static,
    revoke: impl Fn() -> Revoking + 'static,
) -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let faults = Faults::new(&[("/name", "revoke-name", |t| t.common.name)]);
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let shown = name.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        if typed.with_untracked(|typed| typed.trim() != name.trim()) {
            faults.add("/name", i18n.t_untracked().keys.revoke_mismatch);
            return;
        }
        busy.set(true);
        let (future, name) = (revoke(), name.clone());
        spawn_local(async move {
            let result = future.await;
            busy.try_set(false);
            match result {
                Ok(_) => {
                    toasts.success((i18n.t_untracked().keys.revoked)(&name));
                    open.set(false);
                    done();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            {note(Icon::TRIANGLE_ALERT, i18n.tr(|t| t.keys.revoke_effect))}
            <TextField
                id="revoke-name"
                label=i18n.tr(|t| t.keys.revoke_type)
                hint=shown
                value=typed
                error=faults.of("/name")
                required=true
            />
            <DialogActions>
                {cancel(open)}
                <Button submit=true variant=Variant::Danger busy>
                    {i18n.tr(|t| t.keys.revoke_submit)}
                </Button>
            </DialogActions>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// KEY-02: networks may be typed one a line or with commas.
    #[test]
    fn networks_are_split() {
        assert_eq!(
            lines(" 203.0.113.0/24\n\n2001:db8::/32, 10.0.0.1 "),
            ["203.0.113.0/24", "2001:db8::/32", "10.0.0.1"]
        );
        assert!(lines(" \n ").is_empty());
    }
}
