//! The plan of a customer and what was used of it this month.

use shared::usage::{AccountUsageOut, AtLimit, QuotaOut};

use super::keys::requests::link;
use super::overview::figures_skeleton;
use super::savings::savings_card;
use super::usage_months::months_card;
use crate::api::{usage, use_api};
use crate::i18n::{Texts, use_i18n};
use crate::pages::parts::{date, fact, plan_name};
use crate::prelude::*;
use crate::ui::{Async, Card, Kpi, Load, Meter, PageHeader};

type Page = Load<AccountUsageOut>;
/// One of the quotas.
type Pick = fn(&AccountUsageOut) -> QuotaOut;

/// The page.
#[component]
pub fn PlanPage() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let page: Page = Load::new(move || usage::account(&api));
    view! {
        <PageHeader title=i18n.tr(|t| t.plan.title)>{link(i18n)}</PageHeader>
        <Async load=page skeleton=figures_skeleton view=move || content(page) />
    }
}

fn content(page: Page) -> AnyView {
    let i18n = use_i18n();
    let bytes = move || page.data.with(|data| data.as_ref().map_or(0, |data| data.storage_bytes));
    let rate = move || {
        let of =
            |data: &AccountUsageOut| (i64::from(data.requests.per_minute), i64::from(data.requests.burst));
        page.data.with(|data| data.as_ref().map_or((0, 0), of))
    };
    let burst = move || (i18n.t().plan.burst)(&i18n.fmt().int(rate().1));
    let facts = move || {
        page.data.with(|data| {
            let data = data.as_ref()?;
            let (plan, period, reset) = (data.plan, data.period.clone(), data.reset_at);
            Some(view! {
                <dl class="facts">
                    {fact(i18n.tr(|t| t.common.plan), move || plan_name(i18n.t(), plan))}
                    {fact(i18n.tr(|t| t.plan.period), move || i18n.fmt().month(&period))}
                    {fact(i18n.tr(|t| t.plan.reset), date(reset))}
                </dl>
            })
        })
    };
    view! {
        <dl class="kpis">
            {quota(page, |t| t.plan.logs, |data| data.logs)}
            {quota(page, |t| t.plan.calls, |data| data.api_calls)}
            <Kpi
                label=i18n.tr(|t| t.plan.storage)
                value=move || i18n.fmt().bytes(bytes() as f64)
                sub=move || view! { <span>{i18n.tr(|t| t.plan.storage_text)}</span> }
            />
            <Kpi
                label=i18n.tr(|t| t.plan.rate)
                value=move || i18n.fmt().int(rate().0)
                of=i18n.tr(|t| t.plan.per_minute)
                sub=move || view! { <span>{burst}</span> }
            />
        </dl>
        <Card title=i18n.tr(|t| t.plan.facts)>{facts}</Card>
        {months_card(page)}
        {savings_card()}
    }
}

/// What was used of a quota, and what happens at its end.
fn quota(page: Page, label: fn(&'static Texts) -> &'static str, pick: Pick) -> AnyView {
    let i18n = use_i18n();
    let of = move || page.data.with(|data| data.as_ref().map(pick));
    let used = Signal::derive(move || of().map_or(0, |quota| quota.used));
    let limit = Signal::derive(move || of().map_or(0, |quota| quota.limit));
    let words = move || {
        let fmt = i18n.fmt();
        (i18n.t().plan.used)(&fmt.int(used.get()), &fmt.int(limit.get()))
    };
    let rest = move || {
        let (t, fmt) = (i18n.t(), i18n.fmt());
        let Some(quota) = of() else { return String::new() };
        let end = match quota.at_limit {
            AtLimit::Stops => t.plan.stops,
            AtLimit::Continues => t.plan.goes_on,
            AtLimit::ReadsStop => t.plan.reads_stop,
        };
        let left = match quota.overage {
            0 => (t.plan.left)(&fmt.int(quota.remaining)),
            over => (t.plan.over)(&fmt.int(over)),
        };
        format!("{left} {end}")
    };
    view! {
        <Kpi
            label=i18n.tr(label)
            value=move || i18n.fmt().int(used.get())
            of=move || (i18n.t().overview.of)(&i18n.fmt().int(limit.get()))
            sub=move || view! { <span>{rest}</span> }
            foot=move || view! { <Meter label=i18n.tr(label) value=used max=limit text=words /> }
        />
    }
}
