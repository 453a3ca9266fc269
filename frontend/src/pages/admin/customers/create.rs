//! A new customer: one form, then the access code, once.

use leptos::ev;
use shared::access::Permission;
use shared::tenancy::CustomerCreatedOut;

use super::fields::{Fields, PLACES, main_fields, more_fields};
use crate::api::{admin, use_api};
use crate::i18n::use_i18n;
use crate::pages::customer::keys::origin;
use crate::pages::form::Faults;
use crate::pages::parts::status_badge;
use crate::pages::public::errors::NotAllowed;
use crate::pages::secret::Secret;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::ui::{Button, Icon, LinkButton, PageHeader, Variant};

/// The page.
#[component]
pub fn CreateCustomerPage() -> AnyView {
    let session = use_session();
    let may_create = Memo::new(move |_| session.can(Permission::CustomersWrite));
    let created = RwSignal::new(None::<CustomerCreatedOut>);
    live(move || {
        if !may_create.get() {
            return view! { <NotAllowed /> };
        }
        match created.get() {
            Some(out) => result(out, created),
            None => form(created),
        }
    })
}

fn form(created: RwSignal<Option<CustomerCreatedOut>>) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let fields = Fields::empty();
    let faults = Faults::new(PLACES);
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !faults.check(&fields.faults().errors) {
            return;
        }
        busy.set(true);
        let body = fields.create();
        spawn_local(async move {
            let result = admin::create_customer(&api, &body).await;
            busy.try_set(false);
            match result {
                Ok(out) => created.set(Some(out)),
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.admin.create_title) />
        <p class="sub2">{i18n.tr(|t| t.admin.create_lead)}</p>
        <section class="card">
            <form class="stack narrow" on:submit=submit novalidate>
                {faults.view()}
                <p class="hint">{i18n.tr(|t| t.common.required_hint)}</p>
                {main_fields(fields, faults, true)}
                {more_fields(fields, faults, true)}
                <div class="row">
                    <Button submit=true variant=Variant::Primary busy>
                        {i18n.tr(|t| t.admin.create_submit)}
                    </Button>
                    <LinkButton href="/admin/klanten">{i18n.tr(|t| t.common.cancel)}</LinkButton>
                </div>
            </form>
        </section>
    }
}

/// The result: the code stays until it is said to be kept, then the way to the customer opens.
fn result(out: CustomerCreatedOut, created: RwSignal<Option<CustomerCreatedOut>>) -> AnyView {
    let i18n = use_i18n();
    let name = out.customer.name.clone();
    let (id, status) = (out.customer.id, out.customer.status);
    let kept = RwSignal::new(false);
    let code = out.access_code;
    let login = format!("{}/login", origin());
    let panel = move || {
        if kept.get() {
            return view! {
                <section class="card">
                    <div class="row">
                        <LinkButton href=format!("/admin/klanten/{id}") variant=Variant::Primary>
                            {i18n.tr(|t| t.admin.created_open)}
                        </LinkButton>
                        <Button icon=Icon::PLUS on_press=move |()| created.set(None)>
                            {i18n.tr(|t| t.admin.created_another)}
                        </Button>
                    </div>
                </section>
            };
        }
        let login = login.clone();
        view! {
            <Secret
                title=i18n.tr(|t| t.account.code_new_title)
                warning=i18n.tr(|t| t.account.code_new_warning)
                label=i18n.tr(|t| t.admin.code_label)
                secret=code.clone()
                copy=i18n.tr(|t| t.account.code_copy)
                kept=i18n.tr(|t| t.account.code_kept)
                on_kept=move |()| kept.set(true)
            >
                <p>{i18n.tr(|t| t.admin.created_what)}</p>
                <p class="sub2">{i18n.tr(|t| t.admin.login_at)} " " <code>{login}</code></p>
            </Secret>
        }
    };
    view! {
        <PageHeader title=move || (i18n.t().admin.created_title)(&name) marks=move || status_badge(status) />
        {panel}
    }
}
