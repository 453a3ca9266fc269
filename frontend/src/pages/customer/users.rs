//! Users of the customer: inviting them, their roles, what the access code may do beside them, and sessions.

use leptos::ev;
use shared::access::{Permission, Role};
use shared::people::{
    CodeRoleIn, InvitationOut, USER_ROLES, UserIn, UserOut, UserPatch, UserState, UsersOut,
};
use shared::validate::Checks;

use crate::api::people::{self, Whose};
use crate::api::{ApiError, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::form::Faults;
use crate::pages::parts::{ago, role_name};
use crate::pages::public::errors::allowed;
use crate::pages::secret::Secret;
use crate::pages::sessions;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Choice, Dialog, DialogActions, EmptyState, Icon, IconButton, Load, PageHeader,
    SelectField, TableScroll, TextField, Tone, Variant, badge, note,
};

/// No role: nobody signs in with the access code.
const NOBODY: &str = "";

/// The page.
#[component]
pub fn UsersPage() -> AnyView {
    allowed(Permission::UsersManage, page)
}

#[derive(Clone, Copy)]
struct View {
    load: Load<UsersOut>,
    inviting: RwSignal<bool>,
    /// An invitation whose link is shown.
    fresh: RwSignal<Option<InvitationOut>>,
    changing: RwSignal<bool>,
    removing: RwSignal<bool>,
    /// The user that a dialog is about.
    subject: RwSignal<Option<UserOut>>,
}

impl View {
    fn is_full(self) -> bool {
        self.load.data.with(|data| data.as_ref().is_some_and(|out| out.count >= out.limit))
    }
}

fn page() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let view = View {
        load: Load::new(move || people::users(&api)),
        inviting: RwSignal::new(false),
        fresh: RwSignal::new(None),
        changing: RwSignal::new(false),
        removing: RwSignal::new(false),
        subject: RwSignal::new(None),
    };
    let full = Memo::new(move |_| view.is_full());
    let create = live(move || {
        (!full.get()).then(|| {
            view! {
                <Button variant=Variant::Primary icon=Icon::PLUS on_press=move |()| view.inviting.set(true)>
                    {i18n.tr(|t| t.people.invite)}
                </Button>
            }
        })
    });
    let room = live(move || {
        view.load.data.with(|data| {
            data.as_ref().map(|out| {
                let (count, limit) = (out.count, out.limit);
                view! {
                    <p class="sub2">
                        {move || {
                            let fmt = i18n.fmt();
                            (i18n.t().people.room)(&fmt.int(count), &fmt.int(limit))
                        }}
                    </p>
                }
            })
        })
    });
    view! {
        <PageHeader title=i18n.tr(|t| t.people.title)>{create}</PageHeader>
        {room}
        {live(move || view.fresh.get().map(|fresh| link(view, fresh)))}
        <section class="card flush" aria-labelledby="users-list">
            <div class="bar2">
                <h2 id="users-list">{i18n.tr(|t| t.people.list)}</h2>
            </div>
            <Async load=view.load view=move || table(view) />
        </section>
        {code(view)}
        {sessions::card(Whose::Customer, Memo::new(|_| true))}
        <Dialog open=view.inviting title=i18n.tr(|t| t.people.invite)>{move || invite_form(view)}</Dialog>
        <Dialog open=view.changing title=i18n.tr(|t| t.people.change)>{move || change_form(view)}</Dialog>
        <Dialog open=view.removing title=i18n.tr(|t| t.people.remove)>{move || remove_form(view)}</Dialog>
    }
}

/// The link of an invitation, shown until the person says it is kept.
fn link(view: View, fresh: InvitationOut) -> AnyView {
    let i18n = use_i18n();
    let (name, mailed) = (fresh.user.name.clone(), fresh.mailed);
    let warning = move || {
        let t = &i18n.t().people;
        if mailed { t.link_mailed } else { t.link_not_mailed }
    };
    view! {
        <Secret
            title=move || (i18n.t().people.link_for)(&name)
            warning
            label=i18n.tr(|t| t.people.link)
            secret=fresh.link
            copy=i18n.tr(|t| t.common.copy)
            kept=i18n.tr(|t| t.people.link_done)
            on_kept=move |()| view.fresh.set(None)
        />
    }
}

fn table(view: View) -> AnyView {
    let i18n = use_i18n();
    let none =
        Memo::new(move |_| view.load.data.with(|data| data.as_ref().is_some_and(|out| out.users.is_empty())));
    let rows = move || {
        let users =
            view.load.data.with(|data| data.as_ref().map(|out| out.users.clone()).unwrap_or_default());
        users.into_iter().map(|user| row(view, user)).collect_view()
    };
    live(move || {
        if none.get() {
            return view! {
                <EmptyState mark=Icon::USERS title=i18n.tr(|t| t.people.none) text=i18n.tr(|t| t.people.none_text) />
            };
        }
        view! {
            <TableScroll label=i18n.tr(|t| t.people.table)>
                <table class="data cards">
                    <caption class="vh">{i18n.tr(|t| t.people.table)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.common.name)}</th>
                            <th scope="col">{i18n.tr(|t| t.people.role)}</th>
                            <th scope="col">{i18n.tr(|t| t.common.status)}</th>
                            <th scope="col">{i18n.tr(|t| t.people.last_login)}</th>
                            <th scope="col">
                                <span class="vh">{i18n.tr(|t| t.common.actions)}</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableScroll>
        }
    })
}

fn row(view: View, user: UserOut) -> AnyView {
    let i18n = use_i18n();
    let (role, state, until) = (user.role, user.state, user.invited_until);
    let (tone, mark, text): (_, _, fn(&'static Texts) -> &'static str) = match state {
        UserState::Active => (Tone::Ok, Icon::CIRCLE_CHECK, |t| t.people.active),
        UserState::Invited => (Tone::Info, Icon::MAIL, |t| t.people.invited),
        UserState::Disabled => (Tone::Plain, Icon::BAN, |t| t.people.disabled),
    };
    let waits = move || {
        let at = until?;
        let (t, fmt) = (&i18n.t().people, i18n.fmt());
        let text = if at > crate::i18n::format::now() {
            (t.until)(&fmt.date_time(at))
        } else {
            t.too_late.to_owned()
        };
        Some(view! { <span class="hint">{text}</span> })
    };
    let last = user.last_login_at.map_or_else(|| view! { <span>{i18n.tr(|t| t.common.never)}</span> }, ago);
    let (name, email) = (user.name.clone(), user.email.clone());
    view! {
        <tr>
            <th scope="row">
                <div class="stacked">
                    <span>{name}</span>
                    <span class="hint">{email}</span>
                </div>
            </th>
            <td data-label=i18n.tr(|t| t.people.role)>{move || role_name(i18n.t(), role)}</td>
            <td>
                <div class="stacked">{badge(tone, Some(mark), i18n.tr(text))} {waits}</div>
            </td>
            <td data-label=i18n.tr(|t| t.people.last_login)>{last}</td>
            <td>{acts(view, user)}</td>
        </tr>
    }
}

fn acts(view: View, user: UserOut) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let state = user.state;
    let user = StoredValue::new(user);
    let name = move || user.with_value(|user| user.name.clone());
    let again = move |()| {
        let sending = people::invite_again(&api, &user.with_value(|user| user.id.clone()));
        spawn_local(async move {
            match sending.await {
                Ok(out) => {
                    view.fresh.set(Some(out));
                    view.load.reload();
                }
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let open = move |dialog: RwSignal<bool>| {
        view.subject.set(Some(user.get_value()));
        dialog.set(true);
    };
    view! {
        <div class="acts">
            {(state == UserState::Invited)
                .then(|| {
                    view! { <IconButton icon=Icon::MAIL label=move || (i18n.t().people.again_for)(&name()) on_press=again /> }
                })}
            <IconButton icon=Icon::PENCIL label=move || (i18n.t().people.change_of)(&name()) on_press=move |()| open(view.changing) />
            <IconButton icon=Icon::X label=move || (i18n.t().people.remove_of)(&name()) on_press=move |()| open(view.removing) />
        </div>
    }
}

/// The choices of a role, each with what it may do.
fn roles(t: &'static Texts) -> Vec<Choice> {
    let what = |role| match role {
        Role::Owner => t.people.owner_may,
        Role::Viewer => t.people.viewer_may,
        _ => t.people.member_may,
    };
    USER_ROLES
        .iter()
        .map(|role| Choice::new(role.as_str(), format!("{}: {}", role_name(t, *role), what(*role))))
        .collect()
}

fn invite_form(view: View) -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let faults = Faults::new(&[
        ("/email", "user-email", |t| t.common.email),
        ("/name", "user-name", |t| t.common.name),
        ("/role", "user-role", |t| t.people.role),
    ]);
    let (email, name) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let role = RwSignal::new(Role::Member.as_str().to_owned());
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut checks = Checks::default();
        let user = UserIn {
            email: checks.email("/email", &email.get_untracked()),
            name: checks.line("/name", &name.get_untracked(), 1, shared::people::MAX_NAME),
            role: Role::parse(&role.get_untracked()).unwrap_or(Role::Viewer),
            language: None,
        };
        if busy.get_untracked() || !faults.check(&checks.errors) {
            return;
        }
        busy.set(true);
        let sending = people::invite(&api, &user);
        spawn_local(async move {
            let result = sending.await;
            busy.try_set(false);
            match result {
                Ok(out) => {
                    view.inviting.set(false);
                    view.fresh.set(Some(out));
                    view.load.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            <TextField id="user-email" label=i18n.tr(|t| t.common.email) value=email error=faults.of("/email") kind="email" required=true autofocus=true />
            <TextField id="user-name" label=i18n.tr(|t| t.common.name) value=name error=faults.of("/name") required=true />
            <SelectField
                id="user-role"
                label=i18n.tr(|t| t.people.role)
                value=role
                on_change=move |chosen| role.set(chosen)
                options=Signal::derive(move || roles(i18n.t()))
            />
            <p class="hint">{i18n.tr(|t| t.people.invite_text)}</p>
            <DialogActions>
                <Button on_press=move |()| view.inviting.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button variant=Variant::Primary submit=true busy>{i18n.tr(|t| t.people.send)}</Button>
            </DialogActions>
        </form>
    }
}

fn change_form(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let Some(user) = view.subject.get_untracked() else { return ().into_child() };
    let faults = Faults::new(&[
        ("/name", "change-name", |t| t.common.name),
        ("/role", "change-role", |t| t.people.role),
    ]);
    let name = RwSignal::new(user.name.clone());
    let role = RwSignal::new(user.role.as_str().to_owned());
    let access = RwSignal::new((user.state == UserState::Disabled).to_string());
    let busy = RwSignal::new(false);
    let id = user.id.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let patch = UserPatch {
            name: Some(name.get_untracked()),
            role: Role::parse(&role.get_untracked()),
            disabled: Some(access.get_untracked() == "true"),
        };
        busy.set(true);
        let saving = people::update(&api, &id, &patch);
        spawn_local(async move {
            let result = saving.await;
            busy.try_set(false);
            match result {
                Ok(_) => {
                    view.changing.set(false);
                    toasts.success(i18n.t_untracked().common.saved);
                    view.load.reload();
                }
                Err(error) => faults.take(error),
            }
        });
    };
    let accesses = Signal::derive(move || {
        let t = i18n.t();
        vec![Choice::new("false", t.people.may_sign_in), Choice::new("true", t.people.kept_out)]
    });
    view! {
        <form class="stack" on:submit=submit novalidate>
            {faults.view()}
            <TextField id="change-name" label=i18n.tr(|t| t.common.name) value=name error=faults.of("/name") required=true autofocus=true />
            <SelectField
                id="change-role"
                label=i18n.tr(|t| t.people.role)
                value=role
                on_change=move |chosen| role.set(chosen)
                options=Signal::derive(move || roles(i18n.t()))
            />
            <SelectField
                id="change-access"
                label=i18n.tr(|t| t.people.access)
                value=access
                on_change=move |chosen| access.set(chosen)
                options=accesses
                hint=i18n.tr(|t| t.people.change_text)
            />
            <DialogActions>
                <Button on_press=move |()| view.changing.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button variant=Variant::Primary submit=true busy>{i18n.tr(|t| t.common.save)}</Button>
            </DialogActions>
        </form>
    }
}

fn remove_form(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let Some(user) = view.subject.get_untracked() else { return ().into_child() };
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(None::<ApiError>));
    let name = user.name.clone();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (api, id) = (api, user.id.clone());
        spawn_local(async move {
            let result = people::remove(&api, &id).await;
            busy.try_set(false);
            match result {
                Ok(()) => {
                    view.removing.set(false);
                    toasts.success(i18n.t_untracked().people.removed);
                    view.load.reload();
                }
                Err(error) => drop(failed.try_set(Some(error))),
            }
        });
    };
    let said = live(move || {
        failed
            .with(|failed| failed.as_ref().map(|error| error.detail(i18n.t())))
            .map(|text| note(Icon::CIRCLE_X, move || text.clone()))
    });
    view! {
        <form class="stack" on:submit=submit novalidate>
            <p>{move || (i18n.t().people.remove_text)(&name)}</p>
            <div role="alert">{said}</div>
            <DialogActions>
                <Button on_press=move |()| view.removing.set(false)>{i18n.tr(|t| t.common.cancel)}</Button>
                <Button variant=Variant::Danger submit=true busy>{i18n.tr(|t| t.people.remove)}</Button>
            </DialogActions>
        </form>
    }
}

/// What the access code may do.
fn code(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let role = Signal::derive(move || {
        view.load.data.with(|data| {
            data.as_ref()
                .and_then(|out| out.code_role)
                .map_or(NOBODY.to_owned(), |role| role.as_str().to_owned())
        })
    });
    let has_owner =
        Memo::new(move |_| view.load.data.with(|data| data.as_ref().is_some_and(|out| out.has_owner)));
    let change = move |chosen: String| {
        let saving = people::set_code_role(&api, CodeRoleIn { role: Role::parse(&chosen) });
        spawn_local(async move {
            match saving.await {
                Ok(out) => {
                    view.load.data.set(Some(out));
                    toasts.success(i18n.t_untracked().common.saved);
                }
                Err(error) => {
                    toasts.error(error.detail(i18n.t_untracked()));
                    view.load.reload();
                }
            }
        });
    };
    let options = Signal::derive(move || {
        let t = i18n.t();
        let mut all = roles(t);
        all.push(Choice::new(NOBODY, t.people.code_nobody));
        all
    });
    let text = move || {
        let t = &i18n.t().people;
        if has_owner.get() { t.code_text } else { t.code_owner_text }
    };
    view! {
        <Card title=i18n.tr(|t| t.people.code)>
            <div class="stack narrow">
                <p class="sub2">{text}</p>
                {live(move || {
                    has_owner
                        .get()
                        .then(|| {
                            view! {
                                <SelectField
                                    id="code-role"
                                    label=i18n.tr(|t| t.people.code_role)
                                    value=role
                                    on_change=change
                                    options
                                />
                            }
                        })
                })}
            </div>
        </Card>
    }
}
