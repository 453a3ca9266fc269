//! The own account: what customers and staff have in common.

use leptos::ev;
use shared::access::Permission;
use shared::auth::{AccountPatch, PasswordIn};
use shared::problem::{Code, FieldCode};
use shared::validate::Checks;

use crate::api::{account, auth, use_api};
use crate::i18n::{Lang, use_i18n};
use crate::pages::form::Faults;
use crate::pages::parts::{RadioChoice, RadioGroup, lang_name};
use crate::pages::public::login::Peek;
use crate::prelude::*;
use crate::state::preferences::{Theme, use_preferences};
use crate::state::session::{EndReason, use_session};
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Card, Icon, TextField, Variant};

/// Language and theme; both apply at once.
#[component]
pub fn PreferencesCard() -> AnyView {
    let i18n = use_i18n();
    view! {
        <Card title=i18n.tr(|t| t.account.preferences)>
            <div class="pair">{language()} {theme()}</div>
        </Card>
    }
}

fn language() -> AnyView {
    let i18n = use_i18n();
    let preferences = use_preferences();
    let session = use_session();
    let api = use_api();
    let toasts = use_toasts();
    let is_owner = Memo::new(move |_| session.can(Permission::AccountManage));
    let change = move |code: &'static str| {
        let Some(lang) = Lang::from_code(code) else { return };
        preferences.set_lang(lang);
        if is_owner.get_untracked() {
            let patch = AccountPatch { language: Some(lang), ..AccountPatch::default() };
            spawn_local(async move {
                if let Err(error) = account::update(&api, &patch).await {
                    toasts.error(error.detail(i18n.t_untracked()));
                }
            });
        }
    };
    let choice =
        |lang: Lang| RadioChoice::new(lang.code(), move || lang_name(i18n.t(), lang)).lang(lang.code());
    let hint = move || {
        let t = &i18n.t().account;
        if is_owner.get() { t.language_owner_hint } else { t.language_hint }
    };
    view! {
        <RadioGroup
            name="language"
            label=i18n.tr(|t| t.account.language)
            value=Signal::derive(move || preferences.lang().code().to_owned())
            on_change=change
            choices=Lang::ALL.map(choice).to_vec()
            hint
        />
    }
}

fn theme() -> AnyView {
    let i18n = use_i18n();
    let preferences = use_preferences();
    let choice = |theme: Theme| {
        RadioChoice::new(theme.as_str(), move || {
            let t = &i18n.t().names;
            match theme {
                Theme::System => t.theme_system,
                Theme::Light => t.theme_light,
                Theme::Dark => t.theme_dark,
            }
        })
    };
    let change = move |name: &'static str| {
        if let Some(theme) = Theme::parse(name) {
            preferences.set_theme(theme);
        }
    };
    view! {
        <RadioGroup
            name="theme"
            label=i18n.tr(|t| t.account.theme)
            value=Signal::derive(move || preferences.theme().as_str().to_owned())
            on_change=change
            choices=Theme::ALL.map(choice).to_vec()
        />
    }
}

/// Ends the session.
#[component]
pub fn SessionCard() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            let result = auth::logout(&api).await;
            busy.try_set(false);
            if let Err(error) = result {
                toasts.error(error.detail(i18n.t_untracked()));
            }
        });
    };
    view! {
        <Card title=i18n.tr(|t| t.account.session)>
            <div class="spread">
                <p>{i18n.tr(|t| t.account.sign_out_text)}</p>
                <Button icon=Icon::LOG_OUT busy on_press=press>
                    {i18n.tr(|t| t.account.sign_out)}
                </Button>
            </div>
        </Card>
    }
}

/// Replaces the own password.
#[component]
pub fn PasswordCard() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let faults = Faults::new(&[
        ("/current_password", "current-password", |t| t.account.password_current),
        ("/new_password", "new-password", |t| t.account.password_new),
    ]);
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (shown, busy) = (RwSignal::new(false), RwSignal::new(false));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let body =
            PasswordIn { current_password: current.get_untracked(), new_password: new.get_untracked() };
        if busy.get_untracked() || !faults.check(&faults_of(&body)) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = auth::change_password(&api, &body).await;
            busy.try_set(false);
            if let Err(error) = result {
                faults.take(error);
                return;
            }
            toasts.success(i18n.t_untracked().account.password_saved);
            current.try_set(String::new());
            new.try_set(String::new());
            // The server may have ended this session too; then the sign-in page takes over.
            if account::me(&api).await.is_err_and(|error| error.is(Code::InvalidToken)) {
                api.client().end(Some(EndReason::Expired));
            }
        });
    };
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    let username = move || {
        use_session()
            .me
            .with(|me| me.as_ref().and_then(|me| me.username.clone().or_else(|| me.email.clone())))
    };
    view! {
        <Card title=i18n.tr(|t| t.account.password_title)>
            <form class="stack narrow" on:submit=submit novalidate>
                {faults.view()}
                <input
                    class="vh"
                    type="text"
                    autocomplete="username"
                    value=username
                    tabindex="-1"
                    aria-hidden="true"
                    readonly
                />
                <TextField
                    id="current-password"
                    label=i18n.tr(|t| t.account.password_current)
                    value=current
                    error=faults.of("/current_password")
                    kind
                    autocomplete="current-password"
                    required=true
                />
                <div class="peek">
                    <TextField
                        id="new-password"
                        label=i18n.tr(|t| t.account.password_new)
                        hint=i18n.tr(|t| t.account.password_hint)
                        value=new
                        error=faults.of("/new_password")
                        kind
                        autocomplete="new-password"
                        required=true
                    />
                    <Peek shown label=i18n.tr(|t| t.account.show_passwords) />
                </div>
                <div class="row">
                    <Button submit=true variant=Variant::Primary busy>
                        {i18n.tr(|t| t.account.password_save)}
                    </Button>
                </div>
            </form>
        </Card>
    }
}

/// Faults that can be told before sending; passwords are not trimmed.
fn faults_of(body: &PasswordIn) -> Vec<shared::problem::FieldError> {
    let mut checks = Checks::default();
    if body.current_password.is_empty() {
        checks.fail("/current_password", FieldCode::Required, &[]);
    }
    let length = body.new_password.chars().count();
    if length == 0 {
        checks.fail("/new_password", FieldCode::Required, &[]);
    } else if !(15..=128).contains(&length) {
        let args = [("min", "15".to_owned()), ("max", "128".to_owned()), ("actual", length.to_string())];
        checks.fail("/new_password", FieldCode::Length, &args);
    }
    checks.errors
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-06: a short password is refused before it is sent, spaces count.
    #[test]
    fn short_passwords_are_refused() {
        for (current, new, faults) in
            [("x", "vier losse woorden", 0), ("x", "               ", 0), ("x", "te kort", 1), ("", "", 2)]
        {
            let body = PasswordIn { current_password: current.to_owned(), new_password: new.to_owned() };
            assert_eq!(faults_of(&body).len(), faults, "{new}");
        }
    }
}
