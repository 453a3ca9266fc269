//! The account of a member of staff: profile, preferences, password, session.

use leptos::ev;
use shared::auth::PasswordIn;
use shared::problem::{Code, FieldCode};
use shared::validate::Checks;

use crate::api::{account, auth, use_api};
use crate::i18n::use_i18n;
use crate::pages::account::{PreferencesCard, SessionCard};
use crate::pages::form::Faults;
use crate::pages::parts::{fact, moment, role_name};
use crate::pages::public::login::Peek;
use crate::prelude::*;
use crate::state::session::{EndReason, use_session};
use crate::state::toasts::use_toasts;
use crate::ui::{Button, Card, Icon, PageHeader, TextField, Variant, icon};

/// The page; with a one-time password it holds nothing but the form that replaces it.
#[component]
pub fn StaffAccountPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let forced =
        Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.must_change_password)));
    let title = move || {
        let t = &i18n.t().account;
        if forced.get() { t.password_forced_title } else { t.title }
    };
    view! {
        <PageHeader title />
        {move || {
            if forced.get() {
                view! {
                    <p class="banner warn">{icon(Icon::LOCK)} <span>{i18n.tr(|t| t.account.password_forced_text)}</span></p>
                    {password_card()}
                }
            } else {
                view! {
                    <Card title=i18n.tr(|t| t.account.profile)>{profile}</Card>
                    <PreferencesCard />
                    {password_card()}
                }
            }
        }}
        <SessionCard />
    }
}

fn profile() -> Option<AnyView> {
    let i18n = use_i18n();
    let me = use_session().me.get()?;
    let role = me.role;
    Some(view! {
        <dl class="facts">
            {fact(i18n.tr(|t| t.account.staff_name), me.name)}
            {me.username.map(|name| fact(i18n.tr(|t| t.login.username), name))}
            {fact(i18n.tr(|t| t.account.role), move || role_name(i18n.t(), role))}
            {me.session_expires_at.map(|at| fact(i18n.tr(|t| t.account.session_until), moment(at)))}
        </dl>
    })
}

fn password_card() -> AnyView {
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
    let username = move || use_session().me.with(|me| me.as_ref().and_then(|me| me.username.clone()));
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
