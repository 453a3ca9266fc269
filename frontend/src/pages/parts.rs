//! Parts that pages of several areas share: names of things, times, facts, choices by radio button.

use shared::access::{Role, Scope};
use shared::tenancy::{CustomerStatus, Plan, Segment};
use shared::time::Millis;

use crate::i18n::format::now;
use crate::i18n::{Lang, Texts, use_i18n};
use crate::prelude::*;
use crate::ui::{Icon, Tone, badge};

/// The name of a plan.
#[must_use]
pub const fn plan_name(t: &'static Texts, plan: Plan) -> &'static str {
    match plan {
        Plan::Demo => t.names.plan_demo,
        Plan::Particulier => t.names.plan_particulier,
        Plan::Starter => t.names.plan_starter,
        Plan::Mkb => t.names.plan_mkb,
        Plan::Professional => t.names.plan_professional,
        Plan::Enterprise => t.names.plan_enterprise,
    }
}

/// The name of a customer's state.
#[must_use]
pub const fn status_name(t: &'static Texts, status: CustomerStatus) -> &'static str {
    match status {
        CustomerStatus::Active => t.names.status_active,
        CustomerStatus::ReadOnly => t.names.status_read_only,
        CustomerStatus::Suspended => t.names.status_suspended,
        CustomerStatus::Closing => t.names.status_closing,
        CustomerStatus::Closed => t.names.status_closed,
    }
}

/// The name of a role.
#[must_use]
pub const fn role_name(t: &'static Texts, role: Role) -> &'static str {
    match role {
        Role::Viewer => t.names.role_viewer,
        Role::Member => t.names.role_member,
        Role::Owner => t.names.role_owner,
        Role::Key => t.names.role_key,
        Role::Analyst => t.names.role_analyst,
        Role::Admin => t.names.role_admin,
    }
}

/// The name of a kind of customer.
#[must_use]
pub const fn segment_name(t: &'static Texts, segment: Segment) -> &'static str {
    match segment {
        Segment::Business => t.names.segment_business,
        Segment::Consumer => t.names.segment_consumer,
    }
}

/// The name of a language, in that language.
#[must_use]
pub const fn lang_name(t: &'static Texts, lang: Lang) -> &'static str {
    match lang {
        Lang::Nl => t.names.lang_nl,
        Lang::En => t.names.lang_en,
    }
}

/// Name and meaning of a scope.
#[must_use]
pub const fn scope_texts(t: &'static Texts, scope: Scope) -> (&'static str, &'static str) {
    let n = &t.names;
    match scope {
        Scope::LogsRead => (n.scope_logs_read, n.scope_logs_read_hint),
        Scope::LogsWrite => (n.scope_logs_write, n.scope_logs_write_hint),
        Scope::AnalyticsRead => (n.scope_analytics_read, n.scope_analytics_read_hint),
        Scope::ExportRead => (n.scope_export_read, n.scope_export_read_hint),
        Scope::KeysRead => (n.scope_keys_read, n.scope_keys_read_hint),
        Scope::AssistantUse => (n.scope_assistant_use, n.scope_assistant_use_hint),
        Scope::WebhooksManage => (n.scope_webhooks_manage, n.scope_webhooks_manage_hint),
        Scope::KeysManage => (n.scope_keys_manage, n.scope_keys_manage_hint),
    }
}

/// Shows the state of a customer.
pub fn status_badge(status: CustomerStatus) -> AnyView {
    let i18n = use_i18n();
    let (tone, mark) = match status {
        CustomerStatus::Active => (Tone::Ok, Icon::CIRCLE_CHECK),
        CustomerStatus::ReadOnly => (Tone::Warn, Icon::EYE),
        CustomerStatus::Suspended => (Tone::Bad, Icon::BAN),
        CustomerStatus::Closing => (Tone::Warn, Icon::CLOCK),
        CustomerStatus::Closed => (Tone::Plain, Icon::LOCK),
    };
    badge(tone, Some(mark), move || status_name(i18n.t(), status))
}

/// Shows a plan.
pub fn plan_badge(plan: Plan) -> AnyView {
    let i18n = use_i18n();
    badge(Tone::Plain, None, move || plan_name(i18n.t(), plan))
}

/// A moment as a date with time; the zone and the exact moment on hover.
pub fn moment(at: Millis) -> AnyView {
    let i18n = use_i18n();
    view! {
        <time datetime=at.to_rfc3339() title=move || zone_title(at)>
            {move || i18n.fmt().date_time(at)}
        </time>
    }
}

/// A moment as a date.
pub fn date(at: Millis) -> AnyView {
    let i18n = use_i18n();
    view! {
        <time datetime=at.to_rfc3339() title=move || zone_title(at)>
            {move || i18n.fmt().date_medium(at)}
        </time>
    }
}

/// How long ago a moment was.
pub fn ago(at: Millis) -> AnyView {
    let i18n = use_i18n();
    view! {
        <time datetime=at.to_rfc3339() title=move || zone_title(at)>
            {move || i18n.fmt().relative(at, now())}
        </time>
    }
}

fn zone_title(at: Millis) -> String {
    let i18n = use_i18n();
    let (time, zone) = (i18n.fmt().date_time_seconds(at), i18n.zone());
    let zone = if zone.is_empty() {
        crate::i18n::format::browser_zone().unwrap_or_default()
    } else {
        zone.as_ref().to_owned()
    };
    format!("{time} {zone}").trim_end().to_owned()
}

/// One line of a list of facts; stands in a `<dl class="facts">`.
pub fn fact(label: impl Into<TextProp>, value: impl IntoChild) -> AnyView {
    let label = label.into();
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
}

/// One choice of a [`RadioGroup`].
#[derive(Clone)]
pub struct RadioChoice {
    /// The value.
    pub value: &'static str,
    /// The text.
    pub label: TextProp,
    /// Help under the text.
    pub hint: Option<TextProp>,
    /// Language of the text, when it is not that of the page.
    pub lang: Option<&'static str>,
}

impl RadioChoice {
    /// Makes a choice.
    pub fn new(value: &'static str, label: impl Into<TextProp>) -> Self {
        Self { value, label: label.into(), hint: None, lang: None }
    }

    /// Adds help.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<TextProp>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says in which language the text is.
    #[must_use]
    pub const fn lang(mut self, code: &'static str) -> Self {
        self.lang = Some(code);
        self
    }
}

/// A choice out of two or three that are all visible.
#[component]
pub fn RadioGroup(
    /// Name of the group, unique on the page.
    name: &'static str,
    /// Label.
    #[prop(into)]
    label: TextProp,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Takes a new choice.
    #[prop(into)]
    on_change: Callback<&'static str>,
    /// The choices.
    choices: Vec<RadioChoice>,
    /// Help under the group.
    #[prop(optional, into)]
    hint: Option<TextProp>,
) -> AnyView {
    let item = move |choice: RadioChoice| {
        let RadioChoice { value: own, label, hint, lang } = choice;
        let id = format!("{name}-{own}");
        let hint_id = hint.as_ref().map(|_| format!("{id}-hint"));
        view! {
            <div class="check">
                <input
                    type="radio"
                    id=id.clone()
                    name=name
                    value=own
                    aria-describedby=hint_id.clone()
                    prop:checked=move || value.with(|value| value == own)
                    on:change=move |_| on_change.run(own)
                />
                <label for=id lang=lang>
                    {label}
                </label>
                {hint.map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> })}
            </div>
        }
    };
    let hint_id = hint.as_ref().map(|_| format!("{name}-hint"));
    view! {
        <fieldset class="pick" aria-describedby=hint_id.clone()>
            <legend>{label}</legend>
            {choices.into_iter().map(item).collect_view()}
            {hint.map(|hint| view! { <p class="hint" id=hint_id.clone()>{hint}</p> })}
        </fieldset>
    }
}
