//! The fields of a customer, for the new one and for edits; the rules are those of the server.

use shared::lang::Lang;
use shared::tenancy::{CustomerIn, CustomerOut, CustomerPatch, Plan, Segment};
use shared::validate::{Checks, FieldCode};

use crate::i18n::{Texts, use_i18n};
use crate::pages::customer::account::zone_field;
use crate::pages::form::{Faults, Places, given};
use crate::pages::parts::{lang_name, plan_name, segment_name};
use crate::prelude::*;
use crate::ui::{Choice, SelectField, TextArea, TextField};

/// Which control shows the faults of which member.
pub const PLACES: Places = &[
    ("/name", "c-name", |t| t.common.name),
    ("/contact_email", "c-email", |t| t.admin.contact),
    ("/plan", "c-plan", |t| t.common.plan),
    ("/company_info", "c-info", |t| t.admin.info),
    ("/vat_number", "c-vat", |t| t.admin.vat),
    ("/country", "c-country", |t| t.admin.country),
    ("/segment", "c-segment", |t| t.admin.segment),
    ("/language", "c-language", |t| t.admin.language),
    ("/time_zone", "c-zone", |t| t.admin.zone),
];

/// What is typed.
#[derive(Clone, Copy)]
pub struct Fields {
    pub name: RwSignal<String>,
    pub email: RwSignal<String>,
    pub plan: RwSignal<String>,
    pub info: RwSignal<String>,
    pub vat: RwSignal<String>,
    pub country: RwSignal<String>,
    pub segment: RwSignal<String>,
    pub language: RwSignal<String>,
    pub zone: RwSignal<String>,
}

impl Fields {
    /// Empty, for a new customer; an empty choice leaves the matter to the installation.
    pub fn empty() -> Self {
        let text = |value: &str| RwSignal::new(value.to_owned());
        Self {
            name: text(""),
            email: text(""),
            plan: text(""),
            info: text(""),
            vat: text(""),
            country: text("NL"),
            segment: text("business"),
            language: text(""),
            zone: text(""),
        }
    }

    /// As they are, for an edit.
    pub fn of(customer: &CustomerOut) -> Self {
        let this = Self::empty();
        this.fill(customer);
        this
    }

    /// Takes over what a customer holds.
    pub fn fill(self, customer: &CustomerOut) {
        self.name.set(customer.name.clone());
        self.email.set(customer.contact_email.clone());
        self.plan.set(customer.plan.as_str().to_owned());
        self.info.set(customer.company_info.clone().unwrap_or_default());
        self.vat.set(customer.vat_number.clone().unwrap_or_default());
        self.country.set(customer.country.clone());
        self.segment.set(customer.segment.as_str().to_owned());
        self.language.set(customer.language.code().to_owned());
        self.zone.set(customer.time_zone.clone());
    }

    /// The faults that can be told before sending.
    pub fn faults(self) -> Checks {
        let mut checks = Checks::default();
        checks.text("/name", &self.name.get_untracked(), 1, 120);
        checks.email("/contact_email", &self.email.get_untracked());
        if let Some(info) = given(self.info) {
            checks.text("/company_info", &info, 0, 2_000);
        }
        if let Some(vat) = given(self.vat) {
            checks.text("/vat_number", &vat, 0, 32);
        }
        let country = self.country_code();
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            checks.fail("/country", FieldCode::Country, &[]);
        }
        checks
    }

    fn country_code(self) -> String {
        self.country.with_untracked(|country| country.trim().to_ascii_uppercase())
    }

    fn segment_value(self) -> Option<Segment> {
        self.segment.with_untracked(|name| {
            [Segment::Business, Segment::Consumer].into_iter().find(|segment| segment.as_str() == name)
        })
    }

    /// A new customer.
    pub fn create(self) -> CustomerIn {
        CustomerIn {
            name: given(self.name).unwrap_or_default(),
            contact_email: given(self.email).unwrap_or_default(),
            company_info: given(self.info),
            vat_number: given(self.vat),
            country: Some(self.country_code()),
            segment: self.segment_value(),
            language: self.language.with_untracked(|code| Lang::from_code(code)),
            time_zone: given(self.zone),
            plan: self.plan.with_untracked(|name| Plan::parse(name)),
        }
    }

    /// What differs from what the customer held.
    pub fn patch(self, base: &CustomerOut) -> CustomerPatch {
        fn changed<T: PartialEq>(new: Option<T>, old: &T) -> Option<T> {
            new.filter(|new| new != old)
        }
        let clearable = |value: RwSignal<String>, old: &Option<String>| {
            let new = given(value);
            (new != *old).then_some(new)
        };
        CustomerPatch {
            name: changed(Some(given(self.name).unwrap_or_default()), &base.name),
            contact_email: changed(Some(given(self.email).unwrap_or_default()), &base.contact_email),
            company_info: clearable(self.info, &base.company_info),
            vat_number: clearable(self.vat, &base.vat_number),
            country: changed(Some(self.country_code()), &base.country),
            segment: changed(self.segment_value(), &base.segment),
            language: changed(self.language.with_untracked(|code| Lang::from_code(code)), &base.language),
            time_zone: changed(given(self.zone), &base.time_zone),
            plan: changed(self.plan.with_untracked(|name| Plan::parse(name)), &base.plan),
        }
    }
}

fn optional(text: fn(&'static Texts) -> &'static str) -> impl Fn() -> String + Send + Sync + 'static {
    let i18n = use_i18n();
    move || format!("{} ({})", text(i18n.t()), i18n.t().common.optional)
}

fn select(
    id: &'static str,
    label: fn(&'static Texts) -> &'static str,
    value: RwSignal<String>,
    choices: impl Fn(&'static Texts) -> Vec<Choice> + Send + Sync + 'static,
    error: Signal<Option<String>>,
) -> AnyView {
    let i18n = use_i18n();
    view! {
        <SelectField
            id
            label=i18n.tr(label)
            value
            on_change=move |chosen| value.set(chosen)
            options=Signal::derive(move || choices(i18n.t()))
            error
        />
    }
}

/// Name, address and plan.
pub fn main_fields(fields: Fields, faults: Faults, is_new: bool) -> AnyView {
    let i18n = use_i18n();
    let plans = move |t: &'static Texts| {
        let default = is_new.then(|| Choice::new("", t.admin.default));
        default
            .into_iter()
            .chain(Plan::ALL.map(|plan| Choice::new(plan.as_str(), plan_name(t, plan))))
            .collect()
    };
    view! {
        <TextField
            id="c-name"
            label=i18n.tr(|t| t.common.name)
            value=fields.name
            error=faults.of("/name")
            required=true
            autofocus=true
            maxlength=120
        />
        <TextField
            id="c-email"
            label=i18n.tr(|t| t.admin.contact)
            value=fields.email
            error=faults.of("/contact_email")
            kind="email"
            inputmode="email"
            required=true
            maxlength=254
        />
        {select("c-plan", |t| t.common.plan, fields.plan, plans, faults.of("/plan"))}
    }
}

/// The rest.
pub fn more_fields(fields: Fields, faults: Faults, is_new: bool) -> AnyView {
    let i18n = use_i18n();
    let languages = move |t: &'static Texts| {
        let default = is_new.then(|| Choice::new("", t.admin.default));
        default
            .into_iter()
            .chain(Lang::ALL.map(|lang| Choice::new(lang.code(), lang_name(t, lang))))
            .collect()
    };
    let segments = |t: &'static Texts| {
        [Segment::Business, Segment::Consumer]
            .map(|segment| Choice::new(segment.as_str(), segment_name(t, segment)))
            .to_vec()
    };
    let zone = if is_new {
        view! {
            <TextField
                id="c-zone"
                label=optional(|t| t.admin.zone)
                hint=i18n.tr(|t| t.admin.zone_hint)
                value=fields.zone
                error=faults.of("/time_zone")
                maxlength=64
            />
        }
    } else {
        zone_field("c-zone", fields.zone, faults.of("/time_zone"), i18n.tr(|t| t.admin.zone_hint))
    };
    view! {
        <div class="pair">
            {select("c-segment", |t| t.admin.segment, fields.segment, segments, faults.of("/segment"))}
            {select("c-language", |t| t.admin.language, fields.language, languages, faults.of("/language"))}
        </div>
        <div class="pair">
            <TextField
                id="c-country"
                label=i18n.tr(|t| t.admin.country)
                hint=i18n.tr(|t| t.admin.country_hint)
                value=fields.country
                error=faults.of("/country")
                maxlength=2
            />
            <TextField
                id="c-vat"
                label=optional(|t| t.admin.vat)
                value=fields.vat
                error=faults.of("/vat_number")
                maxlength=32
            />
        </div>
        {zone}
        <TextArea
            id="c-info"
            label=optional(|t| t.admin.info)
            value=fields.info
            error=faults.of("/company_info")
            rows=3
        />
    }
}
