//! A customer's account: profile, preferences, time zone, access code, session.

use leptos::ev;
use shared::access::Permission;
use shared::auth::{AccessCodeOut, AccountPatch};

use crate::api::download::Progress;
use crate::api::logs::{self, ExportFormat, LogQuery};
use crate::api::people::Whose;
use crate::api::{AbortSlot, account, use_api, use_client};
use crate::i18n::format::known_zones;
use crate::i18n::use_i18n;
use crate::pages::account::{PasswordCard, PreferencesCard, SessionCard};
use crate::pages::customer::exports;
use crate::pages::files::tell_saved;
use crate::pages::form::Faults;
use crate::pages::parts::{fact, moment, plan_name, role_name, status_badge};
use crate::pages::{rotate_code, sessions};
use crate::prelude::*;
use crate::state::session::{EndReason, use_session};
use crate::state::toasts::use_toasts;
use crate::ui::{
    Button, Card, Choice, Dialog, Icon, LinkButton, PageHeader, SelectField, TextField, Variant,
};

/// The page.
#[component]
pub fn AccountPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let fresh = RwSignal::new(None::<AccessCodeOut>);
    let may_manage = Memo::new(move |_| session.can(Permission::AccountManage));
    let may_read = Memo::new(move |_| session.can(Permission::LogsRead));
    let may_audit = Memo::new(move |_| session.can(Permission::AuditRead));
    let may_export = Memo::new(move |_| session.can(Permission::ExportRead));
    let has_password =
        Memo::new(move |_| session.me.with(|me| me.as_ref().is_some_and(|me| me.email.is_some())));
    let only_export =
        Memo::new(move |_| session.can(Permission::ExportRead) && !session.can(Permission::LogsRead));
    view! {
        <PageHeader title=i18n.tr(|t| t.account.title) />
        {move || match fresh.get() {
            // The rotation has ended the session: nothing else may call the server before the code is kept.
            Some(out) => new_code(out),
            None => {
                view! {
                    <Card title=i18n.tr(|t| t.account.profile)>{profile}</Card>
                    {move || only_export.get().then(export_card)}
                    {move || may_export.get().then(exports_card)}
                    <PreferencesCard />
                    {move || may_manage.get().then(zone_card)}
                    {move || may_read.get().then(privacy_card)}
                    {move || may_audit.get().then(audit_card)}
                    {move || may_manage.get().then(|| code_card(fresh))}
                    {move || has_password.get().then(|| view! { <PasswordCard /> })}
                    {sessions::card(Whose::Mine, Memo::new(|_| true))}
                    <SessionCard />
                }
            }
        }}
    }
}

fn audit_card() -> AnyView {
    let i18n = use_i18n();
    view! {
        <Card title=i18n.tr(|t| t.audit.title)>
            <div class="spread">
                <p class="sub2">{i18n.tr(|t| t.audit.lead)}</p>
                <LinkButton href="/app/account/audit" icon=Icon::SHIELD_CHECK>{i18n.tr(|t| t.audit.open)}</LinkButton>
            </div>
        </Card>
    }
}

fn privacy_card() -> AnyView {
    let i18n = use_i18n();
    view! {
        <Card title=i18n.tr(|t| t.privacy.title)>
            <div class="spread">
                <p>{i18n.tr(|t| t.privacy.lead)}</p>
                <LinkButton href="/app/account/privacy" variant=Variant::Secondary>
                    {i18n.tr(|t| t.privacy.open)}
                </LinkButton>
            </div>
        </Card>
    }
}

fn new_code(out: AccessCodeOut) -> AnyView {
    let i18n = use_i18n();
    let client = use_client();
    rotate_code::shown(i18n.tr(|t| t.account.code_new_title), out, move || {
        client.end(Some(EndReason::CodeReplaced));
    })
}

/// What was taken out, by whom, and what can still be fetched.
fn exports_card() -> AnyView {
    let i18n = use_i18n();
    let load = exports::load();
    let may_archive = untrack(|| use_session().can(Permission::AccountManage));
    view! {
        <Card title=i18n.tr(|t| t.exports.title)>
            <div class="stack">
                {may_archive.then(|| archive(load))}
                {exports::view(load, false)}
            </div>
        </Card>
    }
}

/// Asks for everything of the customer in one file.
fn archive(load: exports::Exports) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            let result = crate::api::exports::create_archive(&api).await;
            busy.try_set(false);
            match result {
                Ok(_) => {
                    toasts.success(i18n.t_untracked().exports.archive_asked);
                    load.reload();
                }
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    view! {
        <div class="spread">
            <p>{i18n.tr(|t| t.exports.archive_text)}</p>
            <Button icon=Icon::DOWNLOAD busy on_press=press>
                {i18n.tr(|t| t.exports.archive)}
            </Button>
        </div>
    }
}

/// The way out for the data of a suspended customer, whose other pages are closed.
fn export_card() -> AnyView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let api = use_api().latest(AbortSlot::new());
    let received = RwSignal::new(None::<f64>);
    let press = move |()| {
        received.set(Some(0.0));
        spawn_local(async move {
            let progress = move |progress: Progress| {
                received.try_set(Some(progress.received));
            };
            let result = logs::export(&api, &LogQuery::default(), ExportFormat::Csv, progress).await;
            received.try_set(None);
            tell_saved(i18n, toasts, result);
        });
    };
    let state = move || received.get().map(|bytes| (i18n.t().account.export_busy)(&i18n.fmt().bytes(bytes)));
    view! {
        <Card title=i18n.tr(|t| t.account.export_title)>
            <div class="spread">
                <p>{i18n.tr(|t| t.account.export_text)} " " <span>{state}</span></p>
                <Button
                    icon=Icon::DOWNLOAD
                    busy=Signal::derive(move || received.with(Option::is_some))
                    on_press=press
                >
                    {i18n.tr(|t| t.account.export)}
                </Button>
            </div>
        </Card>
    }
}

fn profile() -> Option<AnyView> {
    let i18n = use_i18n();
    let me = use_session().me.get()?;
    let customer = me.customer?;
    let (role, plan) = (me.role, customer.plan);
    let zone = customer.time_zone.clone();
    Some(view! {
        <dl class="facts">
            {fact(i18n.tr(|t| t.account.customer), customer.name)}
            {fact(i18n.tr(|t| t.account.number), customer.id.to_string())}
            {fact(i18n.tr(|t| t.account.contact), customer.contact_email)}
            {fact(i18n.tr(|t| t.common.plan), move || plan_name(i18n.t(), plan))}
            {fact(i18n.tr(|t| t.common.status), status_badge(customer.status))}
            {fact(i18n.tr(|t| t.account.role), move || role_name(i18n.t(), role))}
            {fact(i18n.tr(|t| t.account.zone), zone)}
            {me.session_expires_at.map(|at| fact(i18n.tr(|t| t.account.session_until), moment(at)))}
        </dl>
    })
}

/// The zone of the customer: a list where the browser has one, a text field otherwise.
fn zone_card() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    let toasts = use_toasts();
    let faults = Faults::new(&[("/time_zone", "zone", |t| t.account.zone)]);
    let stored = move || {
        session
            .me
            .with_untracked(|me| Some(me.as_ref()?.customer.as_ref()?.time_zone.clone()))
            .unwrap_or_default()
    };
    let zone = RwSignal::new(stored());
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        faults.clear();
        busy.set(true);
        let patch = AccountPatch { time_zone: Some(zone.get_untracked()), ..AccountPatch::default() };
        spawn_local(async move {
            let result = account::update(&api, &patch).await;
            busy.try_set(false);
            match result {
                Ok(_) => toasts.success(i18n.t_untracked().account.zone_saved),
                Err(error) => faults.take(error),
            }
        });
    };
    let control = zone_field("zone", zone, faults.of("/time_zone"), i18n.tr(|t| t.account.zone_hint));
    view! {
        <Card title=i18n.tr(|t| t.account.zone_title)>
            <form class="stack narrow" on:submit=submit novalidate>
                {faults.view()}
                {control}
                <div class="row">
                    <Button submit=true busy>
                        {i18n.tr(|t| t.account.zone_save)}
                    </Button>
                </div>
            </form>
        </Card>
    }
}

/// A control for an IANA zone.
pub fn zone_field(
    id: &'static str,
    zone: RwSignal<String>,
    error: Signal<Option<String>>,
    hint: impl Into<TextProp>,
) -> AnyView {
    let i18n = use_i18n();
    let hint: TextProp = hint.into();
    let mut zones = known_zones();
    if zones.is_empty() {
        return view! { <TextField id label=i18n.tr(|t| t.account.zone) value=zone error hint /> };
    }
    let current = zone.get_untracked();
    if !current.is_empty() && !zones.contains(&current) {
        zones.push(current);
    }
    let choices: Vec<Choice> =
        zones.into_iter().map(|zone| Choice::new(zone.clone(), move || zone.replace('_', " "))).collect();
    view! {
        <SelectField
            id
            label=i18n.tr(|t| t.account.zone)
            value=zone
            on_change=move |chosen| zone.set(chosen)
            options=Signal::stored(choices)
            error
            hint
        />
    }
}

fn code_card(fresh: RwSignal<Option<AccessCodeOut>>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let open = RwSignal::new(false);
    let form = move || {
        rotate_code::form(
            |t| t.account.code_effect,
            open,
            move |body| account::rotate_code(&api, &body),
            move |out| fresh.set(Some(out)),
        )
    };
    view! {
        <Card title=i18n.tr(|t| t.account.code_title)>
            <div class="spread">
                <p>{i18n.tr(|t| t.account.code_text)}</p>
                <Button icon=Icon::REFRESH_CW on_press=move |()| open.set(true)>
                    {i18n.tr(|t| t.account.code_rotate)}
                </Button>
            </div>
        </Card>
        <Dialog open title=i18n.tr(|t| t.account.code_rotate_title)>
            {form()}
        </Dialog>
    }
}
