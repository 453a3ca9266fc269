//! Where links from mails lead: choosing a password for the first time, or a new one, and asking for such a link.

use leptos::ev;
use shared::people::{LinkOut, LinkPasswordIn, LinkPurpose};
use shared::validate::Checks;

use crate::api::{people, use_public_api};
use crate::i18n::use_i18n;
use crate::pages::form::Faults;
use crate::pages::parts::fact;
use crate::pages::public::frame::PublicFrame;
use crate::pages::public::login::Peek;
use crate::prelude::*;
use crate::ui::{Async, Button, Icon, LinkButton, Load, PageHeader, TextField, Variant, dom, note};

/// Where an invitation leads.
#[component]
pub fn WelcomePage() -> AnyView {
    let token = dom::fragment();
    frame(move || by_link(token.clone()))
}

/// Where a link for a new password leads; without a link, where one asks for it.
#[component]
pub fn PasswordPage() -> AnyView {
    let token = dom::fragment();
    frame(move || if token.is_empty() { ask() } else { by_link(token.clone()) })
}

fn frame(content: impl Fn() -> AnyView + 'static) -> AnyView {
    view! {
        <PublicFrame>
            <div class="wrap lone">{content()}</div>
        </PublicFrame>
    }
}

fn by_link(token: String) -> AnyView {
    let i18n = use_i18n();
    let api = use_public_api();
    let asked = token.clone();
    let load = Load::new(move || people::check_link(&api, asked.clone()));
    let done = RwSignal::new(false);
    let failed = Memo::new(move |_| load.error.with(Option::is_some));
    let title = move || {
        let t = &i18n.t().people;
        match load.data.with(|data| data.as_ref().map(|link| link.purpose)) {
            _ if done.get() => t.chosen_title,
            Some(LinkPurpose::Invitation) => t.welcome_title,
            _ => t.new_title,
        }
    };
    let way_on = live(move || {
        failed.get().then(|| {
            view! { <p><LinkButton href="/wachtwoord">{i18n.tr(|t| t.people.ask_title)}</LinkButton></p> }
        })
    });
    view! {
        <PageHeader title />
        {live(move || {
            if done.get() {
                return chosen();
            }
            let token = token.clone();
            view! { <Async load view=move || form(load, token.clone(), done) /> }
        })}
        {way_on}
    }
}

fn chosen() -> AnyView {
    let i18n = use_i18n();
    view! {
        <section class="card stack">
            <p>{i18n.tr(|t| t.people.chosen_text)}</p>
            <p>
                <LinkButton href="/login?met=wachtwoord" variant=Variant::Primary>{i18n.tr(|t| t.login.submit)}</LinkButton>
            </p>
        </section>
    }
}

fn form(load: Load<LinkOut>, token: String, done: RwSignal<bool>) -> AnyView {
    let i18n = use_i18n();
    let Some(link) = load.data.get_untracked() else { return ().into_child() };
    let api = use_public_api();
    let faults = Faults::new(&[("/new_password", "new-password", |t| t.account.password_new)]);
    let password = RwSignal::new(String::new());
    let (shown, busy) = (RwSignal::new(false), RwSignal::new(false));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        busy.set(true);
        let chosen = LinkPasswordIn { token: token.clone(), new_password: password.get_untracked() };
        spawn_local(async move {
            let result = people::choose_password(&api, &chosen).await;
            busy.try_set(false);
            match result {
                Ok(()) => drop(done.try_set(true)),
                Err(error) => faults.take(error),
            }
        });
    };
    let email = link.email.clone();
    view! {
        <section class="card">
            <form class="stack" on:submit=submit novalidate>
                {faults.view()}
                <dl class="facts">
                    {fact(i18n.tr(|t| t.people.organisation), link.customer)}
                    {fact(i18n.tr(|t| t.common.name), link.name)}
                    {fact(i18n.tr(|t| t.common.email), link.email)}
                </dl>
                <input class="vh" type="text" autocomplete="username" value=email tabindex="-1" aria-hidden="true" readonly />
                <div class="peek">
                    <TextField
                        id="new-password"
                        label=i18n.tr(|t| t.account.password_new)
                        hint=i18n.tr(|t| t.account.password_hint)
                        value=password
                        error=faults.of("/new_password")
                        kind=Signal::derive(move || if shown.get() { "text" } else { "password" })
                        autocomplete="new-password"
                        required=true
                        autofocus=true
                    />
                    <Peek shown label=i18n.tr(|t| t.account.show_passwords) />
                </div>
                <div class="row">
                    <Button submit=true variant=Variant::Primary busy>{i18n.tr(|t| t.people.choose)}</Button>
                </div>
            </form>
        </section>
    }
}

fn ask() -> AnyView {
    let i18n = use_i18n();
    let api = use_public_api();
    let faults = Faults::new(&[("/email", "reset-email", |t| t.common.email)]);
    let email = RwSignal::new(String::new());
    let (busy, asked) = (RwSignal::new(false), RwSignal::new(false));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut checks = Checks::default();
        let address = checks.email("/email", &email.get_untracked());
        if busy.get_untracked() || !faults.check(&checks.errors) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = people::ask_reset(&api, address).await;
            busy.try_set(false);
            match result {
                Ok(()) => drop(asked.try_set(true)),
                Err(error) => faults.take(error),
            }
        });
    };
    let told = live(move || asked.get().then(|| note(Icon::MAIL, i18n.tr(|t| t.people.asked))));
    view! {
        <PageHeader title=i18n.tr(|t| t.people.ask_title) />
        <p class="sub2">{i18n.tr(|t| t.people.ask_text)}</p>
        <section class="card">
            <form class="stack" on:submit=submit novalidate>
                {faults.view()}
                <TextField id="reset-email" label=i18n.tr(|t| t.common.email) value=email error=faults.of("/email") kind="email" autocomplete="username" required=true autofocus=true />
                <div role="status">{told}</div>
                <div class="row">
                    <Button submit=true variant=Variant::Primary busy>{i18n.tr(|t| t.people.ask)}</Button>
                    <a href="/login?met=wachtwoord">{i18n.tr(|t| t.people.to_login)}</a>
                </div>
            </form>
        </section>
    }
}
