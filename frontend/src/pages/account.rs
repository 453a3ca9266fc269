//! The own account: what customers and staff have in common.

use shared::access::Permission;
use shared::auth::AccountPatch;

use crate::api::{account, auth, use_api};
use crate::i18n::{Lang, use_i18n};
use crate::pages::parts::{RadioChoice, RadioGroup, lang_name};
use crate::prelude::*;
use crate::state::preferences::{Theme, use_preferences};
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Card, Icon};

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
