//! One customer: state and acts, figures, details, keys. Log content stays with the customer.

use leptos::ev;
use shared::access::Permission;
use shared::auth::AccessCodeOut;
use shared::keys::{KeyOut, KeyStatus, KeysOut};
use shared::problem::Code;
use shared::tenancy::{CustomerOut, CustomerStatus};
use shared::validate::Checks;

use super::edit;
use crate::api::admin::{self, Versioned};
use crate::api::people::Whose;
use crate::api::use_api;
use crate::i18n::use_i18n;
use crate::pages::customer::keys::{key_state, last_use, opened_by, revoke_view};
use crate::pages::form::Faults;
use crate::pages::parts::{ago, date, fact, lang_name, moment, plan_badge, segment_name, status_badge};
use crate::pages::public::errors::{NotFoundPanel, allowed};
use crate::pages::rotate_code;
use crate::pages::sessions;
use crate::prelude::*;
use crate::state::session::use_session;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Dialog, DialogActions, Icon, IconButton, Kpi, LinkButton, Load, Meter, PageHeader,
    Skeleton, TableScroll, TextArea, Variant, icon, note,
};

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    id: i64,
    load: Load<Versioned<CustomerOut>>,
    keys: Load<KeysOut>,
    may_write: Memo<bool>,
    may_revoke: Memo<bool>,
    fresh: RwSignal<Option<AccessCodeOut>>,
    editing: RwSignal<bool>,
    suspending: RwSignal<bool>,
    reactivating: RwSignal<bool>,
    rotating: RwSignal<bool>,
    revoking: RwSignal<Option<KeyOut>>,
}

impl View {
    fn with<T>(self, read: impl Fn(&CustomerOut) -> T) -> Option<T> {
        self.load.data.with(|data| data.as_ref().map(|version| read(&version.value)))
    }

    fn name(self) -> String {
        self.with(|customer| customer.name.clone()).unwrap_or_default()
    }

    /// Fetches the customer again with its version, and its keys.
    fn reload(self) {
        self.load.reload();
        self.keys.reload();
    }
}

/// The page.
#[component]
pub fn CustomerPage(
    /// Number of the customer.
    id: Option<i64>,
) -> AnyView {
    allowed(Permission::CustomersRead, move || id.map_or_else(|| view! { <NotFoundPanel /> }, page))
}

fn page(id: i64) -> AnyView {
    let session = use_session();
    let api = use_api();
    let view = View {
        id,
        load: Load::new(move || admin::customer(&api, id)),
        keys: Load::new(move || admin::customer_keys(&api, id)),
        may_write: Memo::new(move |_| session.can(Permission::CustomersWrite)),
        may_revoke: Memo::new(move |_| session.can(Permission::CustomerKeysRevoke)),
        fresh: RwSignal::new(None),
        editing: RwSignal::new(false),
        suspending: RwSignal::new(false),
        reactivating: RwSignal::new(false),
        rotating: RwSignal::new(false),
        revoking: RwSignal::new(None),
    };
    let missing = Memo::new(move |_| {
        view.load.error.with(|error| error.as_ref().is_some_and(|error| error.is(Code::NotFound)))
    });
    live(move || {
        if missing.get() {
            return view! { <NotFoundPanel /> };
        }
        view! { <Async load=view.load skeleton view=move || content(view) /> }
    })
}

fn skeleton() -> AnyView {
    let tile = |_| view! { <div class="card kpi"><Skeleton lines=2 /></div> };
    view! {
        <div class="ph"><div class="bone bone-h1"></div></div>
        <div class="kpis">{(0..4).map(tile).collect_view()}</div>
        <div class="card"><Skeleton lines=6 /></div>
    }
}

fn content(view: View) -> AnyView {
    let i18n = use_i18n();
    // A closure inside: the header asks once, the marks change with the customer.
    let marks = move || {
        move || {
            view.with(|customer| (customer.status, customer.plan)).map(|(status, plan)| {
                view! {
                    {status_badge(status)}
                    {plan_badge(plan)}
                }
            })
        }
    };
    let reason = move || {
        let limited = view.with(|customer| customer.status != CustomerStatus::Active)?;
        let reason = view.with(|customer| customer.status_reason.clone())??;
        limited.then(|| {
            view! {
                <p class="banner warn">
                    {icon(Icon::INFO)} <span>{i18n.tr(|t| t.admin.reason)} ": " {reason}</span>
                </p>
            }
        })
    };
    let new_code = move || {
        view.fresh.get().map(|out| {
            let title = move || (i18n.t().admin.code_new_title)(&view.name());
            rotate_code::shown(title, out, move || view.fresh.set(None))
        })
    };
    view! {
        <PageHeader title=move || view.name() marks=move || marks>
            {move || view.may_write.get().then(|| acts(view))}
        </PageHeader>
        {reason}
        {new_code}
        {kpis(view)}
        <Card title=i18n.tr(|t| t.admin.facts)>{move || facts(view)}</Card>
        {keys_card(view)}
        {sessions::card(Whose::Of(view.id), view.may_write)}
        {move || view.may_write.get().then(|| dialogs(view))}
        {move || view.may_revoke.get().then(|| revoke_dialog(view))}
    }
}

fn acts(view: View) -> AnyView {
    let i18n = use_i18n();
    let status = Memo::new(move |_| view.with(|customer| customer.status));
    let reactivate = move || {
        matches!(status.get(), Some(CustomerStatus::Suspended | CustomerStatus::ReadOnly)).then(|| {
            view! {
                <Button icon=Icon::CIRCLE_CHECK on_press=move |()| view.reactivating.set(true)>
                    {i18n.tr(|t| t.admin.reactivate)}
                </Button>
            }
        })
    };
    let suspend = move || {
        let running = [CustomerStatus::Active, CustomerStatus::ReadOnly, CustomerStatus::Closing];
        status.get().is_some_and(|status| running.contains(&status)).then(|| {
            view! {
                <Button icon=Icon::BAN on_press=move |()| view.suspending.set(true)>
                    {i18n.tr(|t| t.admin.suspend)}
                </Button>
            }
        })
    };
    let logs = untrack(|| use_session().can(Permission::AllLogsRead)).then(|| {
        view! {
            <LinkButton href=format!("/admin/logs?customer={}", view.id) icon=Icon::SCROLL_TEXT>
                {i18n.tr(|t| t.shell.logs)}
            </LinkButton>
        }
    });
    view! {
        {logs}
        {reactivate}
        {suspend}
        <Button icon=Icon::REFRESH_CW on_press=move |()| view.rotating.set(true)>
            {i18n.tr(|t| t.admin.rotate_code)}
        </Button>
        <Button icon=Icon::PENCIL variant=Variant::Primary on_press=move |()| view.editing.set(true)>
            {i18n.tr(|t| t.admin.edit)}
        </Button>
    }
}

fn kpis(view: View) -> AnyView {
    let i18n = use_i18n();
    let figure =
        move |read: fn(&CustomerOut) -> i64| Signal::derive(move || view.with(read).unwrap_or_default());
    let used = figure(|customer| customer.logs_this_month);
    let included = figure(|customer| customer.plan.logs_included());
    let keys = figure(|customer| customer.active_keys);
    let allowed = figure(|customer| customer.plan.active_keys());
    let total = figure(|customer| customer.total_logs);
    let in_words = move || {
        let fmt = i18n.fmt();
        (i18n.t().admin.usage_text)(&fmt.int(used.get()), &fmt.int(included.get()))
    };
    let meter = move || {
        view! { <Meter label=i18n.tr(|t| t.admin.kpi_month) value=used max=included text=in_words /> }
    };
    let since = move |read: fn(&CustomerOut) -> Option<shared::time::Millis>| {
        move || match view.with(read).flatten() {
            Some(at) => ago(at),
            None => view! { <span>{i18n.tr(|t| t.common.never)}</span> },
        }
    };
    let last_log = since(|customer| customer.last_log_at);
    let last_login = since(|customer| customer.last_login_at);
    view! {
        <dl class="kpis">
            <Kpi
                label=i18n.tr(|t| t.admin.kpi_month)
                value=move || i18n.fmt().int(used.get())
                of=move || (i18n.t().admin.of_included)(&i18n.fmt().int(included.get()))
                foot=meter
            />
            <Kpi
                label=i18n.tr(|t| t.admin.kpi_total)
                value=move || i18n.fmt().int(total.get())
                sub=move || view! { <span>{i18n.tr(|t| t.admin.kpi_last_log)} ": " {last_log}</span> }
            />
            <Kpi
                label=i18n.tr(|t| t.admin.kpi_keys)
                value=move || i18n.fmt().int(keys.get())
                of=move || (i18n.t().admin.keys_of)(&i18n.fmt().int(allowed.get()))
            />
            <div class="card kpi">
                <dt>{i18n.tr(|t| t.admin.kpi_last_login)}</dt>
                <dd>
                    <span class="val val-text">{last_login}</span>
                </dd>
            </div>
        </dl>
    }
}

fn facts(view: View) -> Option<AnyView> {
    let i18n = use_i18n();
    let customer = view.with(CustomerOut::clone)?;
    let (segment, language) = (customer.segment, customer.language);
    Some(view! {
        <dl class="facts">
            {fact(i18n.tr(|t| t.admin.number), customer.id.to_string())}
            {fact(i18n.tr(|t| t.admin.contact), customer.contact_email)}
            {fact(i18n.tr(|t| t.admin.segment), move || segment_name(i18n.t(), segment))}
            {fact(i18n.tr(|t| t.admin.country), customer.country)}
            {fact(i18n.tr(|t| t.admin.language), move || lang_name(i18n.t(), language))}
            {fact(i18n.tr(|t| t.admin.zone), customer.time_zone)}
            {customer.vat_number.map(|vat| fact(i18n.tr(|t| t.admin.vat), vat))}
            {customer
                .access_code_hint
                .map(|hint| fact(i18n.tr(|t| t.admin.code_ends), view! { <code>{format!("…{hint}")}</code> }))}
            {fact(i18n.tr(|t| t.admin.col_created), date(customer.created_at))}
            {fact(i18n.tr(|t| t.admin.updated), moment(customer.updated_at))}
            {customer
                .company_info
                .map(|info| fact(i18n.tr(|t| t.admin.info), view! { <span class="pre">{info}</span> }))}
        </dl>
    })
}

fn keys_card(view: View) -> AnyView {
    let i18n = use_i18n();
    let keys = view.keys;
    let list = move || {
        let rows = keys.data.with(|data| data.as_ref().map(|out| out.keys.clone()).unwrap_or_default());
        if rows.is_empty() {
            return view! { <p class="bar-note">{i18n.tr(|t| t.admin.keys_empty)}</p> };
        }
        view! {
            <TableScroll label=i18n.tr(|t| t.keys.table)>
                <table class="data cards keys-table">
                    <caption class="vh">{i18n.tr(|t| t.admin.keys_title)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.keys.col_key)}</th>
                            <th scope="col">{i18n.tr(|t| t.keys.col_state)}</th>
                            <th scope="col">{i18n.tr(|t| t.keys.col_used)}</th>
                            <th scope="col">
                                <span class="vh">{i18n.tr(|t| t.common.actions)}</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows.iter().map(|key| key_row(view, key)).collect_view()}</tbody>
                </table>
            </TableScroll>
        }
    };
    view! {
        <section class="card flush" aria-labelledby="keys">
            <div class="bar2">
                <h2 id="keys">{i18n.tr(|t| t.admin.keys_title)}</h2>
            </div>
            <Async load=keys skeleton=|| view! { <Skeleton lines=3 /> } view=move || live(list) />
        </section>
    }
}

fn key_row(view: View, key: &KeyOut) -> AnyView {
    let i18n = use_i18n();
    let works = matches!(key.status, KeyStatus::Active | KeyStatus::Rotating);
    let stored = StoredValue::new(key.clone());
    let revoke = move || {
        (works && view.may_revoke.get()).then(|| {
            view! {
                <IconButton
                    icon=Icon::BAN
                    label=move || (i18n.t().keys.revoke_of)(&stored.with_value(|key| key.name.clone()))
                    on_press=move |()| view.revoking.set(Some(stored.get_value()))
                />
            }
        })
    };
    view! {
        <tr>
            <th scope="row" class="k-name">
                <span class="k-title">{key.name.clone()}</span>
                <code class="k-value">{key.key_value.clone()}</code>
            </th>
            <td class="k-state">{key_state(key)}</td>
            <td class="k-used" data-label=i18n.tr(|t| t.keys.col_used)>{last_use(key)}</td>
            <td class="k-acts">
                <div class="acts">{revoke}</div>
            </td>
        </tr>
    }
}

fn dialogs(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let id = view.id;
    let edit_form = move || {
        view.load
            .data
            .get_untracked()
            .map(|start| edit::form(start, view.editing, move |version| view.load.data.set(Some(version))))
    };
    let rotate_form = move || {
        rotate_code::form(
            |t| t.admin.code_effect,
            view.rotating,
            move |body| admin::rotate_code(&api, id, &body),
            move |out| {
                view.fresh.set(Some(out));
                view.reload();
            },
        )
    };
    view! {
        <Dialog open=view.editing title=move || (i18n.t().admin.edit_of)(&view.name()) wide=true>
            {edit_form()}
        </Dialog>
        <Dialog open=view.suspending title=move || (i18n.t().admin.suspend_title)(&view.name())>
            {suspend_form(view)}
        </Dialog>
        <Dialog open=view.reactivating title=move || (i18n.t().admin.reactivate_title)(&view.name())>
            {reactivate_form(view)}
        </Dialog>
        <Dialog open=view.rotating title=move || (i18n.t().admin.code_title)(&view.name())>
            {rotate_form()}
        </Dialog>
    }
}

fn suspend_form(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let faults = Faults::new(&[("/reason", "suspend-reason", |t| t.admin.suspend_reason)]);
    let reason = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let open = view.suspending;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut checks = Checks::default();
        let text = checks.text("/reason", &reason.get_untracked(), 3, 500);
        if busy.get_untracked() || !faults.check(&checks.errors) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = admin::suspend(&api, view.id, &text).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let (t, fmt) = (i18n.t_untracked(), i18n.fmt_untracked());
                    let (sessions, keys) = (out.sessions_ended, out.keys_affected);
                    toasts.success((t.admin.suspended)(sessions, &fmt.int(sessions), keys, &fmt.int(keys)));
                    open.set(false);
                    view.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            {note(Icon::TRIANGLE_ALERT, i18n.tr(|t| t.admin.suspend_effect))}
            <TextArea
                id="suspend-reason"
                label=i18n.tr(|t| t.admin.suspend_reason)
                hint=i18n.tr(|t| t.admin.suspend_reason_hint)
                value=reason
                error=faults.of("/reason")
                required=true
            />
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Danger busy>
                    {i18n.tr(|t| t.admin.suspend_submit)}
                </Button>
            </DialogActions>
        </form>
    }
}

fn reactivate_form(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let faults = Faults::new(&[]);
    let busy = RwSignal::new(false);
    let open = view.reactivating;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let result = admin::reactivate(&api, view.id).await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    let (t, fmt) = (i18n.t_untracked(), i18n.fmt_untracked());
                    toasts.success((t.admin.reactivated)(out.keys_affected, &fmt.int(out.keys_affected)));
                    open.set(false);
                    view.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form on:submit=submit novalidate>
            {faults.view()}
            <p>{i18n.tr(|t| t.admin.reactivate_effect)}</p>
            <DialogActions>
                <Button on_press=move |()| open.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button submit=true variant=Variant::Primary busy>
                    {i18n.tr(|t| t.admin.reactivate_submit)}
                </Button>
            </DialogActions>
        </form>
    }
}

fn revoke_dialog(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let open = opened_by(view.revoking);
    let name = move || view.revoking.with(|key| key.as_ref().map(|key| key.name.clone()).unwrap_or_default());
    let form = move || {
        view.revoking.get_untracked().map(|key| {
            let id = view.id;
            revoke_view(
                key.name.clone(),
                open,
                move || view.reload(),
                move || {
                    let key_id = key.id.clone();
                    admin::revoke_key(&api, id, &key_id)
                },
            )
        })
    };
    view! {
        <Dialog open title=move || (i18n.t().keys.revoke_title)(&name())>
            {form()}
        </Dialog>
    }
}
