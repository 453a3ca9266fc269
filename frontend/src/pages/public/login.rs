//! Signing in: customers with an access code, staff with name and password.

use leptos::{ev, html};
use shared::auth::{LoginIn, MeOut};
use shared::problem::Code;
use shared::time::Millis;

use crate::api::{ApiError, auth, use_public_api};
use crate::i18n::format::now;
use crate::i18n::{I18n, use_i18n};
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::shell::{LanguageSwitch, Portal, ThemeSwitch};
use crate::state::session::{EndReason, use_session};
use crate::ui::{Button, Icon, PageHeader, TextField, Variant, icon, logo};

/// Where customers sign in.
#[component]
pub fn LoginPage() -> AnyView {
    let i18n = use_i18n();
    let router = use_router();
    let by_name = Memo::new(move |_| router.parameter("met").as_deref() == Some("wachtwoord"));
    gate(
        Portal::Customer,
        view! {
            <PageHeader title=i18n.tr(|t| t.login.title) />
            <p class="sub2">{move || if by_name.get() { i18n.t().login.user_lead } else { i18n.t().login.lead }}</p>
            {live(move || {
                if by_name.get() {
                    view! { <PasswordForm label=|t| t.common.email kind="email" missing=|t| t.login.email_empty wrong=|t| t.login.wrong_email /> }
                } else {
                    view! { <CodeForm /> }
                }
            })}
            <p class="gate-other">
                <a href=move || if by_name.get() { "/login" } else { "/login?met=wachtwoord" }>
                    {move || if by_name.get() { i18n.t().login.with_code } else { i18n.t().login.with_password }}
                </a>
                {live(move || by_name.get().then(|| view! { <a href="/wachtwoord">{i18n.tr(|t| t.login.forgot)}</a> }))}
            </p>
        },
        view! {
            <details class="help">
                <summary>{i18n.tr(|t| t.login.lost_title)}</summary>
                <p>{i18n.tr(|t| t.login.lost)}</p>
            </details>
            <a href="/admin/login">{i18n.tr(|t| t.login.to_staff)}</a>
        },
    )
}

/// Where staff sign in.
#[component]
pub fn StaffLoginPage() -> AnyView {
    let i18n = use_i18n();
    gate(
        Portal::Staff,
        view! {
            <PageHeader title=i18n.tr(|t| t.login.staff_title) />
            <p class="sub2">{i18n.tr(|t| t.login.staff_lead)}</p>
            <PasswordForm label=|t| t.login.username missing=|t| t.login.username_empty wrong=|t| t.login.wrong_password />
        },
        view! { <a href="/login">{i18n.tr(|t| t.login.to_customer)}</a> },
    )
}

/// The frame of both pages; leaves it as soon as somebody is signed in.
fn gate(portal: Portal, card: AnyView, below: AnyView) -> AnyView {
    let i18n = use_i18n();
    leave_when_in();
    view! {
        <main id="main" class="gate" tabindex="-1">
            <div class="gate-top">
                <a href="/" class="brand">
                    {logo()}
                    <span>{i18n.tr(|t| t.common.product)}</span>
                </a>
                <span class="push"></span>
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
            {reason(portal)}
            <section class="card gate-card">{card}</section>
            <div class="gate-foot">{below}</div>
        </main>
    }
}

/// Goes to the page that was asked for, or to the first page of the portal that fits the role.
fn leave_when_in() {
    let session = use_session();
    let router = use_router();
    Effect::new(move |_| {
        if let Some(me) = session.me.get() {
            let next = untrack(|| router.parameter("next"));
            let target = destination(&me, next.as_deref());
            router.go(&target, Go::Instead);
        }
    });
}

/// Where to go after signing in; only pages of this site that the role may see.
fn destination(me: &MeOut, next: Option<&str>) -> String {
    let portal = if me.role.is_staff() { Portal::Staff } else { Portal::Customer };
    if me.must_change_password {
        return "/admin/account".to_owned();
    }
    next.filter(|next| is_inside(next, portal.home()) && !is_inside(next, portal.sign_in()))
        .unwrap_or(portal.home())
        .to_owned()
}

/// Whether an address is a path of this site below a prefix; `//host`, `/\host` and the like are not.
fn is_inside(path: &str, prefix: &str) -> bool {
    let clean = !path.contains('\\') && !path.chars().any(char::is_control) && !path.contains("/../");
    clean
        && path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Why the person is here, when the app or the server sent them.
fn reason(_portal: Portal) -> AnyView {
    let i18n = use_i18n();
    let router = use_router();
    let text = move || {
        let (ended, next) = (router.parameter("reden"), router.parameter("next"));
        let t = &i18n.t().login;
        match ended.as_deref().and_then(EndReason::parse) {
            Some(EndReason::SignedOut) => Some(t.ended_signed_out),
            Some(EndReason::Expired) => Some(t.ended_expired),
            Some(EndReason::Suspended) => Some(t.ended_suspended),
            Some(EndReason::CodeReplaced) => Some(t.ended_code),
            Some(EndReason::PasswordChanged) => Some(t.ended_password),
            None => next.map(|_| t.asked),
        }
    };
    live(move || {
        text()
            .map(|text| view! { <p class="banner" role="status">{icon(Icon::INFO)} <span>{text}</span></p> })
    })
}

/// What a form of this page is doing.
#[derive(Clone, Copy)]
struct Attempt {
    busy: RwSignal<bool>,
    error: RwSignal<Option<(ApiError, Millis)>>,
}

impl Attempt {
    fn new() -> Self {
        Self { busy: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Sends credentials; `refused` runs when they were wrong.
    fn send(self, credentials: LoginIn, refused: impl FnOnce() + 'static) {
        let api = use_public_api();
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let result = auth::login(&api, &credentials).await;
            self.busy.try_set(false);
            if let Err(error) = result {
                self.error.try_set(Some((error, now())));
                refused();
            }
        });
    }

    /// The failure in words; the same for an unknown and a wrong secret.
    fn view(self, i18n: I18n, wrong: fn(&'static crate::i18n::Texts) -> &'static str) -> AnyView {
        let text = move || {
            self.error.with(|error| {
                let (error, at) = error.as_ref()?;
                let t = i18n.t();
                Some(if error.is(Code::InvalidCredentials) || error.status() == Some(422) {
                    wrong(t).to_owned()
                } else if let (Some(429), Some(seconds)) = (error.status(), error.wait_seconds()) {
                    wait_text(i18n, seconds, *at)
                } else {
                    error.detail(t)
                })
            })
        };
        // The region stands there from the beginning, so that what appears in it is read out.
        view! {
            <div role="alert">
                {move || text().map(|text| view! { <p class="gate-error">{icon(Icon::CIRCLE_X)} <span>{text}</span></p> })}
            </div>
        }
    }
}

/// How long to wait, rounded up, with the time of day, so that the sentence stays true while it stands there.
fn wait_text(i18n: I18n, seconds: i64, at: Millis) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    if seconds < 60 {
        return (t.login.wait_seconds)(seconds, &fmt.int(seconds));
    }
    let minutes = (seconds + 59) / 60;
    (t.login.wait)(minutes, &fmt.int(minutes), &fmt.time(Millis(at.0 + seconds * 1_000)))
}

#[component]
fn CodeForm() -> AnyView {
    let i18n = use_i18n();
    let code = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let missing = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    let attempt = Attempt::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if attempt.busy.get_untracked() {
            return;
        }
        // A password manager may have filled the field without telling.
        if let Some(input) = field.get_untracked() {
            code.set(input.value());
        }
        let value = code.with_untracked(|code| code.trim().to_owned());
        missing.set(value.is_empty());
        let focus = move || drop(field.get_untracked().map(|input| input.focus()));
        if value.is_empty() {
            focus();
            return;
        }
        attempt.send(LoginIn { access_code: Some(value), ..LoginIn::default() }, focus);
    };
    let error = Signal::derive(move || missing.get().then(|| i18n.t().login.code_empty.to_owned()));
    view! {
        <form class="stack" on:submit=submit novalidate>
            {attempt.view(i18n, |t| t.login.wrong_code)}
            <input
                class="vh"
                type="text"
                name="username"
                autocomplete="username"
                value="MVAI Connexx"
                tabindex="-1"
                aria-hidden="true"
                readonly
            />
            <div class="peek">
                <TextField
                    id="code"
                    label=i18n.tr(|t| t.login.code)
                    value=code
                    error
                    hint=i18n.tr(|t| t.login.code_hint)
                    kind=Signal::derive(move || if shown.get() { "text" } else { "password" })
                    autocomplete="current-password"
                    required=true
                    autofocus=true
                    mono=true
                    node=field
                />
                <Peek shown label=i18n.tr(|t| t.login.show_code) />
            </div>
            <Button submit=true variant=Variant::Primary busy=attempt.busy>
                {i18n.tr(|t| t.login.submit)}
            </Button>
        </form>
    }
}

type Pick = fn(&'static crate::i18n::Texts) -> &'static str;

#[component]
fn PasswordForm(
    /// What one signs in with beside the password.
    label: Pick,
    /// Type of its control.
    #[prop(default = "text")]
    kind: &'static str,
    /// Said when it is missing.
    missing: Pick,
    /// Said when something is wrong.
    wrong: Pick,
) -> AnyView {
    let no_name = missing;
    let wrong_text = wrong;
    let i18n = use_i18n();
    let (username, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let shown = RwSignal::new(false);
    let checked = RwSignal::new(false);
    let (name_field, password_field) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let attempt = Attempt::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if attempt.busy.get_untracked() {
            return;
        }
        for (field, value) in [(name_field, username), (password_field, password)] {
            if let Some(input) = field.get_untracked() {
                value.set(input.value());
            }
        }
        checked.set(true);
        let name = username.with_untracked(|name| name.trim().to_owned());
        let secret = password.get_untracked();
        let wrong = if name.is_empty() { name_field } else { password_field };
        let focus = move || drop(wrong.get_untracked().map(|input| input.focus()));
        if name.is_empty() || secret.is_empty() {
            focus();
            return;
        }
        let credentials = LoginIn { username: Some(name), password: Some(secret), ..LoginIn::default() };
        attempt.send(credentials, focus);
    };
    let missing = move |value: RwSignal<String>, text: fn(&'static crate::i18n::Texts) -> &'static str| {
        Signal::derive(move || {
            (checked.get() && value.with(|value| value.trim().is_empty())).then(|| text(i18n.t()).to_owned())
        })
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            {attempt.view(i18n, wrong_text)}
            <TextField
                id="username"
                label=i18n.tr(label)
                value=username
                error=missing(username, no_name)
                kind
                autocomplete="username"
                required=true
                autofocus=true
                mono=true
                node=name_field
            />
            <div class="peek">
                <TextField
                    id="password"
                    label=i18n.tr(|t| t.login.password)
                    value=password
                    error=missing(password, |t| t.login.password_empty)
                    kind=Signal::derive(move || if shown.get() { "text" } else { "password" })
                    autocomplete="current-password"
                    required=true
                    node=password_field
                />
                <Peek shown label=i18n.tr(|t| t.login.show_password) />
            </div>
            <Button submit=true variant=Variant::Primary busy=attempt.busy>
                {i18n.tr(|t| t.login.submit)}
            </Button>
        </form>
    }
}

/// Shows or hides what is typed; the label stays, the state says which.
#[component]
pub fn Peek(
    /// Whether it is shown.
    shown: RwSignal<bool>,
    /// What it shows.
    #[prop(into)]
    label: TextProp,
) -> AnyView {
    let title = label.clone();
    view! {
        <button
            type="button"
            class="btn ghost square peek-btn"
            aria-label=label
            title=title
            aria-pressed=move || if shown.get() { "true" } else { "false" }
            on:click=move |_| shown.update(|shown| *shown = !*shown)
        >
            <span hidden=shown>{icon(Icon::EYE)}</span>
            <span hidden=move || !shown.get()>{icon(Icon::EYE_OFF)}</span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::access::Role;

    fn me(role: Role, must_change_password: bool) -> MeOut {
        MeOut {
            role,
            name: String::new(),
            customer: None,
            username: None,
            email: None,
            must_change_password,
            permissions: Vec::new(),
            session_expires_at: None,
        }
    }

    /// ACC-03: after signing in one returns to the asked page, but never to another site or portal.
    #[test]
    fn only_own_pages_are_returned_to() {
        for (next, expected) in [
            (None, "/app"),
            (Some("/app/logs?q=niveau%3Afout"), "/app/logs?q=niveau%3Afout"),
            (Some("/app"), "/app"),
            (Some("/apple"), "/app"),
            (Some("/admin/klanten"), "/app"),
            (Some("//evil.example/app"), "/app"),
            (Some("/\\evil.example"), "/app"),
            (Some("/app/\\evil.example"), "/app"),
            (Some("https://evil.example/app"), "/app"),
            (Some("javascript:alert(1)"), "/app"),
            (Some("/app/../admin"), "/app"),
            (Some("/app\n/x"), "/app"),
        ] {
            assert_eq!(destination(&me(Role::Owner, false), next), expected, "{next:?}");
        }
    }

    /// ACC-05: staff land in the back office, and with a one-time password on the page that replaces it.
    #[test]
    fn staff_land_in_the_back_office() {
        for (forced, next, expected) in [
            (false, None, "/admin"),
            (false, Some("/admin/klanten/7"), "/admin/klanten/7"),
            (false, Some("/admin/login"), "/admin"),
            (false, Some("/app"), "/admin"),
            (true, Some("/admin/klanten"), "/admin/account"),
        ] {
            assert_eq!(destination(&me(Role::Admin, forced), next), expected, "{next:?}");
        }
    }
}
