//! The installation: outgoing mail with its outbox, its previews and a test.

use leptos::ev;
use shared::access::Permission;
use shared::lang::Lang;
use shared::mail::{
    MailDetailOut, MailKind, MailOut, MailPreviewOut, MailSetupOut, MailStage, MailState, MailTestOut,
};
use shared::page::Page;

use crate::api::{mail, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::more;
use crate::pages::parts::ago;
use crate::pages::public::errors::allowed;
use crate::prelude::*;
use crate::state::toasts::use_toasts;
use crate::ui::{
    Async, Button, Card, Choice, Dialog, EmptyState, Icon, Load, PageHeader, SelectField, Skeleton,
    TableScroll, TextField, Tone, badge, note,
};

/// What the page shares with its parts.
#[derive(Clone, Copy)]
struct View {
    state: RwSignal<String>,
    kind: RwSignal<String>,
    setup: Load<MailSetupOut>,
    mails: Load<Page<MailOut>>,
    /// The mail that is read.
    shown: RwSignal<String>,
    open: RwSignal<bool>,
    detail: Load<MailDetailOut>,
}

/// The page.
#[component]
pub fn SystemPage() -> AnyView {
    allowed(Permission::MailManage, page)
}

fn page() -> AnyView {
    let i18n = use_i18n();
    let (api, lister, reader) = (use_api(), use_api(), use_api());
    let (state, kind) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let shown = RwSignal::new(String::new());
    let view = View {
        state,
        kind,
        setup: Load::new(move || mail::setup(&api)),
        mails: Load::idle(move || mail::list(&lister, &state.get_untracked(), &kind.get_untracked(), None)),
        shown,
        open: RwSignal::new(false),
        detail: Load::idle(move || mail::read(&reader, &shown.get_untracked())),
    };
    Effect::new(move |_| {
        state.track();
        kind.track();
        view.mails.reload();
    });
    view! {
        <PageHeader title=i18n.tr(|t| t.system.title) />
        {way_out(view)}
        {outbox(view)}
        {previews()}
        <Dialog open=view.open title=i18n.tr(|t| t.system.mail)>
            {move || view! { <Async load=view.detail view=move || words(view) /> }}
        </Dialog>
    }
}

fn kind_name(t: &'static Texts, kind: MailKind) -> &'static str {
    match kind {
        MailKind::KeyCreated => t.system.k_key_created,
        MailKind::KeyRotated => t.system.k_key_rotated,
        MailKind::KeyRevoked => t.system.k_key_revoked,
        MailKind::KeyExpiring => t.system.k_key_expiring,
        MailKind::ExportReady => t.system.k_export_ready,
        MailKind::UserInvite => t.system.k_user_invite,
        MailKind::PasswordReset => t.system.k_password_reset,
        MailKind::PasswordChanged => t.system.k_password_changed,
        MailKind::Test => t.system.k_test,
    }
}

fn state_name(t: &'static Texts, state: MailState) -> &'static str {
    match state {
        MailState::Queued => t.system.queued,
        MailState::Sent => t.system.sent,
        MailState::Failed => t.system.failed,
        MailState::Suppressed => t.system.suppressed,
        MailState::Held => t.system.held,
    }
}

fn stage_name(t: &'static Texts, stage: MailStage) -> &'static str {
    match stage {
        MailStage::Connect => t.system.s_connect,
        MailStage::Tls => t.system.s_tls,
        MailStage::SignIn => t.system.s_sign_in,
        MailStage::Sender => t.system.s_sender,
        MailStage::Recipient => t.system.s_recipient,
        MailStage::Content => t.system.s_content,
        MailStage::Taken => t.system.s_taken,
    }
}

/// How mail leaves the installation, and the test.
fn way_out(view: View) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let (to, busy) = (RwSignal::new(String::new()), RwSignal::new(false));
    let tested = RwSignal::new(None::<MailTestOut>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        tested.set(None);
        spawn_local(async move {
            let result = mail::test(&api, to.get_untracked()).await;
            busy.try_set(false);
            match result {
                Ok(out) => drop(tested.try_set(Some(out))),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
        });
    };
    let words = move || {
        let t = &i18n.t().system;
        view.setup.data.with(|setup| {
            let setup = setup.as_ref()?;
            Some(match (&setup.server, &setup.from) {
                (Some(server), Some(from)) => {
                    (t.through)(server, setup.security.as_deref().unwrap_or_default(), from)
                }
                _ => t.no_server.to_owned(),
            })
        })
    };
    let said = move || {
        tested.get().map(|out| {
            let mark = if out.accepted { Icon::CIRCLE_CHECK } else { Icon::CIRCLE_X };
            note(mark, move || format!("{} {}", stage_name(i18n.t(), out.stage), out.answer))
        })
    };
    let has_server =
        Memo::new(move |_| view.setup.data.with(|setup| setup.as_ref().is_some_and(|s| s.server.is_some())));
    let form = move || {
        has_server.get().then(|| {
            view! {
                <form class="stack narrow" on:submit=submit novalidate>
                    <TextField id="test-to" label=i18n.tr(|t| t.system.test_to) value=to kind="email" />
                    <div class="row">
                        <Button submit=true busy>{i18n.tr(|t| t.system.test)}</Button>
                    </div>
                </form>
            }
        })
    };
    view! {
        <Card title=i18n.tr(|t| t.system.way_out)>
            <Async load=view.setup view=move || view! { <p>{words}</p> } />
            {form}
            <div aria-live="polite">{said}</div>
        </Card>
    }
}

fn outbox(view: View) -> AnyView {
    let i18n = use_i18n();
    let states = Signal::derive(move || {
        let t = i18n.t();
        let count = |state: MailState| {
            let n = view.setup.data.with(|setup| {
                let counts = setup.as_ref().map(|setup| setup.counts.clone()).unwrap_or_default();
                counts.into_iter().find(|found| found.state == state).map(|found| found.count)
            });
            format!("{} ({})", state_name(t, state), i18n.fmt().int(n.unwrap_or_default()))
        };
        let mut all = vec![Choice::new("", t.common.all)];
        all.extend(MailState::ALL.map(|state| Choice::new(state.as_str(), count(state))));
        all
    });
    let kinds = Signal::derive(move || {
        let t = i18n.t();
        let mut all = vec![Choice::new("", t.common.all)];
        all.extend(MailKind::ALL.map(|kind| Choice::new(kind.as_str(), kind_name(t, kind))));
        all
    });
    view! {
        <Card title=i18n.tr(|t| t.system.outbox) flush=true>
            <div class="filters">
                <SelectField id="mail-state" label=i18n.tr(|t| t.common.status) value=view.state on_change=move |chosen| view.state.set(chosen) options=states />
                <SelectField id="mail-kind" label=i18n.tr(|t| t.system.kind) value=view.kind on_change=move |chosen| view.kind.set(chosen) options=kinds />
            </div>
            <Async load=view.mails skeleton=|| view! { <Skeleton lines=6 /> } view=move || list(view) />
        </Card>
    }
}

fn list(view: View) -> AnyView {
    let i18n = use_i18n();
    let rows =
        move || view.mails.data.with(|page| page.as_ref().map(|page| page.data.clone()).unwrap_or_default());
    let empty = Memo::new(move |_| rows().is_empty());
    live(move || {
        if empty.get() {
            return view! {
                <EmptyState mark=Icon::MAIL title=i18n.tr(|t| t.system.none) text=i18n.tr(|t| t.system.none_text) />
            };
        }
        view! {
            <TableScroll label=i18n.tr(|t| t.system.table)>
                <table class="data cards">
                    <caption class="vh">{i18n.tr(|t| t.system.table)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{i18n.tr(|t| t.system.mail)}</th>
                            <th scope="col">{i18n.tr(|t| t.common.status)}</th>
                            <th scope="col">{i18n.tr(|t| t.common.created)}</th>
                            <th scope="col" class="r">{i18n.tr(|t| t.system.attempts)}</th>
                            <th scope="col">{i18n.tr(|t| t.system.answer)}</th>
                            <th scope="col"><span class="vh">{i18n.tr(|t| t.common.actions)}</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        {each(rows, |mail| format!("{} {} {}", mail.id, mail.state.as_str(), mail.attempts), move |mail| row(view, mail))}
                    </tbody>
                </table>
            </TableScroll>
            {more(view)}
        }
    })
}

fn row(view: View, mail: MailOut) -> AnyView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let (state, attempts, id) = (mail.state, mail.attempts, mail.id.clone());
    let tone = match state {
        MailState::Queued => Tone::Info,
        MailState::Sent => Tone::Ok,
        MailState::Failed | MailState::Suppressed => Tone::Bad,
        MailState::Held => Tone::Warn,
    };
    let retry = move |()| {
        let id = id.clone();
        spawn_local(async move {
            match mail::retry(&api, &id).await {
                Ok(_) => toasts.success(i18n.t_untracked().system.will_retry),
                Err(error) => toasts.error(error.detail(i18n.t_untracked())),
            }
            view.mails.reload();
            view.setup.reload();
        });
    };
    let id = mail.id;
    let read = move |()| {
        view.shown.set(id.clone());
        view.detail.clear();
        view.detail.reload();
        view.open.set(true);
    };
    let again = state.can_retry().then(|| {
        view! { <Button small=true on_press=retry>{i18n.tr(|t| t.system.retry)}</Button> }
    });
    view! {
        <tr>
            <th scope="row" class="full">
                {mail.subject}
                <div class="sub2">{mail.recipient}</div>
            </th>
            <td data-label=i18n.tr(|t| t.common.status)>{badge(tone, None, move || state_name(i18n.t(), state))}</td>
            <td data-label=i18n.tr(|t| t.common.created)>{ago(mail.created_at)}</td>
            <td class="r num" data-label=i18n.tr(|t| t.system.attempts)>{move || i18n.fmt().int(attempts)}</td>
            <td data-label=i18n.tr(|t| t.system.answer)>{mail.answer.unwrap_or_else(|| "–".to_owned())}</td>
            <td>
                <div class="row">
                    <Button small=true on_press=read>{i18n.tr(|t| t.system.read)}</Button>
                    {again}
                </div>
            </td>
        </tr>
    }
}

/// Fetches the mails behind the last one.
fn more(view: View) -> AnyView {
    let api = use_api();
    let fetch = move |cursor: &str| {
        let (state, kind) = (view.state.get_untracked(), view.kind.get_untracked());
        mail::list(&api, &state, &kind, Some(cursor))
    };
    more::more(view.mails, |t| t.privacy.more, |a, b| a.id == b.id, fetch)
}

/// The words of a mail, as plain text.
fn words(view: View) -> AnyView {
    let text = move || view.detail.data.with(|mail| mail.as_ref().map(|mail| mail.text.clone()));
    let subject = move || view.detail.data.with(|mail| mail.as_ref().map(|mail| mail.mail.subject.clone()));
    letter(subject, text)
}

fn letter(
    subject: impl Fn() -> Option<String> + 'static,
    text: impl Fn() -> Option<String> + 'static,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <p><strong>{subject}</strong></p>
        <pre class="json" tabindex="0" role="region" aria-label=i18n.tr(|t| t.system.words)>{text}</pre>
    }
}

fn previews() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let kind = RwSignal::new(MailKind::KeyCreated.as_str().to_owned());
    let language = RwSignal::new(Lang::Nl.code().to_owned());
    let load: Load<MailPreviewOut> =
        Load::idle(move || mail::preview(&api, &kind.get_untracked(), &language.get_untracked()));
    Effect::new(move |_| {
        kind.track();
        language.track();
        load.reload();
    });
    let kinds = Signal::derive(move || {
        let t = i18n.t();
        MailKind::ALL.map(|kind| Choice::new(kind.as_str(), kind_name(t, kind))).to_vec()
    });
    let languages = Signal::derive(move || {
        let names = &i18n.t().names;
        vec![Choice::new("nl", names.lang_nl), Choice::new("en", names.lang_en)]
    });
    let subject = move || load.data.with(|mail| mail.as_ref().map(|mail| mail.subject.clone()));
    let text = move || load.data.with(|mail| mail.as_ref().map(|mail| mail.text.clone()));
    view! {
        <Card title=i18n.tr(|t| t.system.previews)>
            <div class="filters">
                <SelectField id="preview-kind" label=i18n.tr(|t| t.system.kind) value=kind on_change=move |chosen| kind.set(chosen) options=kinds />
                <SelectField id="preview-language" label=i18n.tr(|t| t.system.language) value=language on_change=move |chosen| language.set(chosen) options=languages />
            </div>
            <Async load view=move || letter(subject, text) />
        </Card>
    }
}
