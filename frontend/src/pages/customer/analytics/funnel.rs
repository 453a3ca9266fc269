//! A funnel of the customer's own steps: how many orders, containers or shipments come from one step to the next, how
//! long that takes, and which stop. Everything that is asked stands in the address.

use shared::access::Permission;
use shared::analytics::{FunnelIn, FunnelOut, FunnelStepIn, FunnelStepOut};
use shared::query::field_term;
use shared::time::Millis;

use super::choices::{Named, chosen, name_of, options};
use super::tabs::{FUNNEL, tabs};
use crate::api::params::Params;
use crate::api::{ApiError, analytics, use_api};
use crate::i18n::format::now;
use crate::i18n::{I18n, use_i18n};
use crate::pages::customer::parts::share_bar;
use crate::pages::public::errors::NotAllowed;
use crate::prelude::*;
use crate::router::{Go, use_router};
use crate::state::session::use_session;
use crate::ui::{
    Async, Button, Card, EmptyState, Icon, IconButton, Load, PageHeader, Rows, SelectField, TextField,
    Variant, csv_button,
};

/// How many steps there may be.
const STEPS: std::ops::RangeInclusive<usize> = 2..=8;
const DAY_MS: i64 = 86_400_000;

/// Windows to choose from: name in the address, hours, text.
const WINDOWS: [Named<i64>; 5] = [
    ("1d", 24, |t| t.funnel.window_1),
    ("3d", 72, |t| t.funnel.window_3),
    ("7d", 168, |t| t.funnel.window_7),
    ("30d", 720, |t| t.funnel.window_30),
    ("90d", 2_160, |t| t.funnel.window_90),
];
const DEFAULT_WINDOW: &str = "7d";

/// Periods of the first step: name in the address, days back from now, text.
const PERIODS: [Named<i64>; 3] = [
    ("30d", 30, |t| t.analytics.days_30),
    ("90d", 90, |t| t.analytics.days_90),
    ("1j", 365, |t| t.analytics.days_365),
];
const DEFAULT_PERIOD: &str = "90d";

/// What is asked, as it stands in the address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Asked {
    field: String,
    steps: Vec<String>,
    window: String,
    period: String,
}

impl Asked {
    fn read(get: impl Fn(&str) -> String) -> Self {
        let steps = (1..=*STEPS.end()).map(|at| get(&format!("stap{at}")));
        Self {
            field: get("veld"),
            steps: steps.filter(|step| !step.trim().is_empty()).collect(),
            window: name_of(&WINDOWS, &get("binnen"), DEFAULT_WINDOW),
            period: name_of(&PERIODS, &get("tijd"), DEFAULT_PERIOD),
        }
    }

    fn address(&self) -> String {
        let except =
            |value: &str, default: &str| if value == default { String::new() } else { value.to_owned() };
        let mut params = Params::new().with("veld", self.field.trim());
        let steps = self.steps.iter().map(|step| step.trim()).filter(|step| !step.is_empty());
        for (at, step) in steps.enumerate() {
            params = params.with(&format!("stap{}", at + 1), step);
        }
        let params = params
            .with("binnen", &except(&self.window, DEFAULT_WINDOW))
            .with("tijd", &except(&self.period, DEFAULT_PERIOD));
        format!("{FUNNEL}{}", params.finish())
    }

    /// Whether there is enough to compute.
    fn is_complete(&self) -> bool {
        !self.field.trim().is_empty() && self.steps.len() >= *STEPS.start()
    }

    /// The steps that are no query, by place.
    fn fault(&self, at: usize, lang: &str) -> Option<String> {
        let fault = shared::query::parse(self.steps.get(at)?).err()?;
        Some(fault.message(lang))
    }

    fn body(&self, now: Millis) -> FunnelIn {
        let meant = |choices: &[Named<i64>], name: &str, default: &str| {
            chosen(choices, name, default).map_or(0, |(_, value, _)| value)
        };
        FunnelIn {
            field: self.field.trim().to_owned(),
            steps: self.steps.iter().map(|q| FunnelStepIn { q: q.clone() }).collect(),
            window_hours: meant(&WINDOWS, &self.window, DEFAULT_WINDOW),
            from: Some(Millis(now.0 - meant(&PERIODS, &self.period, DEFAULT_PERIOD) * DAY_MS)),
            to: None,
        }
    }
}

/// Ids of the boxes of the steps.
const STEP_IDS: [&str; 8] = ["step1", "step2", "step3", "step4", "step5", "step6", "step7", "step8"];

/// The page.
#[component]
pub fn FunnelPage() -> AnyView {
    let i18n = use_i18n();
    let session = use_session();
    if !untrack(|| session.can(Permission::AnalyticsRead)) {
        return view! {
            <PageHeader title=i18n.tr(|t| t.funnel.title) />
            <NotAllowed />
        };
    }
    let router = use_router();
    let api = use_api();
    let asked = Memo::new(move |_| Asked::read(|name| router.parameter(name).unwrap_or_default()));
    let load = Load::idle(move || {
        let asked = asked.get_untracked();
        let sound = (0..asked.steps.len()).all(|at| asked.fault(at, "nl").is_none());
        if !asked.is_complete() || !sound {
            return Box::pin(std::future::ready(Err(ApiError::Aborted)));
        }
        analytics::funnel(&api, &asked.body(now()))
    });
    Effect::new(move |_| {
        if asked.with(Asked::is_complete) {
            load.reload();
        }
    });
    let result = move || live(move || load.data.with(|data| data.as_ref().map(|data| content(i18n, data))));
    let file = move || load.data.with(|data| data.as_ref().map(|data| rows(i18n, data))).unwrap_or_default();
    let below = move || {
        if asked.with(Asked::is_complete) {
            view! {
                <Card title=i18n.tr(|t| t.funnel.result)>
                    <Async load view=result />
                    {csv_button("trechter.csv", file)}
                </Card>
            }
        } else {
            view! {
                <EmptyState mark=Icon::LIST_FILTER title=i18n.tr(|t| t.funnel.none_title) text=i18n.tr(|t| t.funnel.none_text) />
            }
        }
    };
    view! {
        <PageHeader title=i18n.tr(|t| t.funnel.title) />
        {tabs()}
        <p class="sub2">{i18n.tr(|t| t.funnel.lead)}</p>
        {form(i18n, asked)}
        {live(below)}
    }
}

/// What is typed; nothing is computed before it is submitted.
fn form(i18n: I18n, asked: Memo<Asked>) -> AnyView {
    let router = use_router();
    let field = RwSignal::new(String::new());
    let steps = RwSignal::new(Vec::<RwSignal<String>>::new());
    let (window, period) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        let asked = asked.get();
        let empty = STEPS.start().saturating_sub(asked.steps.len());
        let texts = asked.steps.into_iter().chain(std::iter::repeat_n(String::new(), empty));
        field.set(asked.field);
        steps.set(texts.map(RwSignal::new).collect());
        window.set(asked.window);
        period.set(asked.period);
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = Asked {
            field: field.get_untracked(),
            steps: steps.get_untracked().into_iter().map(|step| step.get_untracked()).collect(),
            window: window.get_untracked(),
            period: period.get_untracked(),
        };
        router.go(&typed.address(), Go::State);
    };
    let row = move |(at, step): (usize, RwSignal<String>)| {
        let error = Signal::derive(move || asked.with(|asked| asked.fault(at, i18n.lang().code())));
        let removable = steps.with(Vec::len) > *STEPS.start();
        let remove = move |()| {
            steps.update(|steps| {
                steps.remove(at);
            });
        };
        let label = move || (i18n.t().funnel.step)(&i18n.fmt().int(at as i64 + 1));
        let button = removable.then(|| {
            view! {
                <IconButton
                    icon=Icon::X
                    label=move || (i18n.t().funnel.remove)(&i18n.fmt().int(at as i64 + 1))
                    on_press=remove
                />
            }
        });
        view! {
            <li>
                <TextField
                    id=STEP_IDS.get(at).copied().unwrap_or_default()
                    label
                    placeholder=i18n.tr(|t| t.logs.query_placeholder)
                    value=step
                    error
                    mono=true
                />
                {button}
            </li>
        }
    };
    let rows = move || steps.get().into_iter().enumerate().map(row).collect_view();
    let add = move |()| {
        steps.update(|steps| {
            if steps.len() < *STEPS.end() {
                steps.push(RwSignal::new(String::new()));
            }
        });
    };
    view! {
        <form class="card query" on:submit=submit novalidate>
            <div class="dates">
                <TextField
                    id="field"
                    label=i18n.tr(|t| t.funnel.field)
                    placeholder=i18n.tr(|t| t.funnel.field_example)
                    value=field
                    mono=true
                />
                <SelectField
                    id="window"
                    label=i18n.tr(|t| t.funnel.window)
                    value=window
                    on_change=move |value: String| window.set(value)
                    options=options(i18n, &WINDOWS)
                />
                <SelectField
                    id="period"
                    label=i18n.tr(|t| t.funnel.period)
                    value=period
                    on_change=move |value: String| period.set(value)
                    options=options(i18n, &PERIODS)
                />
            </div>
            <ol class="funnel-steps" role="list">
                {live(rows)}
            </ol>
            <div class="row">
                <Button icon=Icon::PLUS on_press=add>{i18n.tr(|t| t.funnel.add)}</Button>
                <Button submit=true variant=Variant::Primary>{i18n.tr(|t| t.funnel.compute)}</Button>
            </div>
        </form>
    }
}

/// The steps as rows of a file.
fn rows(i18n: I18n, data: &FunnelOut) -> Rows {
    let t = &i18n.t().funnel;
    let head =
        [t.csv_step, t.csv_query, t.csv_reached, t.csv_share, t.csv_median, t.csv_dropped, t.csv_waiting];
    let row = |(at, step): (usize, &FunnelStepOut)| {
        vec![
            (at + 1).to_string(),
            step.q.clone(),
            step.reached.to_string(),
            step.share.map(|share| share.to_string()).unwrap_or_default(),
            step.median_ms.map(|ms| ms.to_string()).unwrap_or_default(),
            step.dropped_count.to_string(),
            step.waiting.to_string(),
        ]
    };
    std::iter::once(head.map(str::to_owned).to_vec()).chain(data.steps.iter().enumerate().map(row)).collect()
}

fn content(i18n: I18n, data: &FunnelOut) -> AnyView {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let entered = data.steps.first().map_or(0, |step| step.reached);
    let mut summary = match data.converted {
        Some(share) => {
            let done = data.steps.last().map_or(0, |step| step.reached);
            (t.funnel.summary)(&fmt.int(entered), &fmt.int(done), &fmt.percent(share))
        }
        None if data.complete => t.funnel.nobody.to_owned(),
        // What was read in time says nothing about the whole.
        None => String::new(),
    };
    summary.push(' ');
    summary.push_str(&(t.funnel.read)(&fmt.int(data.n), &fmt.date_medium(data.from)));
    if !data.complete {
        summary.push(' ');
        summary.push_str(t.cohorts.incomplete);
    }
    let step = |(at, step): (usize, &FunnelStepOut)| stage(i18n, data, at, step, entered);
    view! {
        <p class="sub">{summary}</p>
        <ol class="funnel" role="list">
            {data.steps.iter().enumerate().map(step).collect_view()}
        </ol>
    }
}

/// One step: how many reached it, out of how many, after how long, and who did not.
fn stage(i18n: I18n, data: &FunnelOut, at: usize, step: &FunnelStepOut, entered: i64) -> AnyView {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let width = if entered == 0 { 0.0 } else { step.reached as f64 / entered as f64 };
    let mut facts: Vec<String> = Vec::new();
    if let Some(share) = step.share.filter(|_| at > 0) {
        facts.push((t.funnel.of_before)(&fmt.percent(share)));
    }
    if let Some(ms) = step.median_ms {
        facts.push((t.funnel.median)(&fmt.duration(ms)));
    }
    if step.waiting > 0 {
        facts.push((t.funnel.waiting)(&fmt.int(step.waiting)));
    }
    let dropped = (step.dropped_count > 0).then(|| dropped(i18n, data, step));
    let address =
        Params::new().with("q", &step.q).with("tijd", "precies").with("van", &data.from.to_rfc3339());
    let href = format!("/app/logs{}", address.with("tot", &data.to.to_rfc3339()).finish());
    view! {
        <li>
            <div class="spread">
                <a href=href><code>{step.q.clone()}</code></a>
                <strong class="num">{fmt.int(step.reached)}</strong>
            </div>
            {share_bar(width)}
            <p class="sub2">{facts.join(" · ")}</p>
            {dropped}
        </li>
    }
}

fn dropped(i18n: I18n, data: &FunnelOut, step: &FunnelStepOut) -> AnyView {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let count = fmt.int(step.dropped_count);
    let shown = i64::try_from(step.dropped.len()).unwrap_or(0);
    let more = (step.dropped_count > shown).then(|| {
        let text = (t.funnel.dropped_more)(&fmt.int(shown));
        view! { <p class="sub2">{text}</p> }
    });
    let link = |value: &String| {
        let query = Params::new().with("q", &field_term(&data.field, value, false)).finish();
        view! {
            <li>
                <a href=format!("/app/logs{query}")>{value.clone()}</a>
            </li>
        }
    };
    view! {
        <details>
            <summary>{(t.funnel.dropped)(&count)}</summary>
            {more}
            <ul role="list">{step.dropped.iter().map(link).collect_view()}</ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ANA-11, ANA-16: what is asked can be read back from the address, without empty steps.
    #[test]
    fn the_address_holds_the_question() {
        let asked = Asked {
            field: " order ".to_owned(),
            steps: ["kind:created", " ", "kind:delivered & more"].map(str::to_owned).to_vec(),
            window: "3d".to_owned(),
            period: DEFAULT_PERIOD.to_owned(),
        };
        let address = asked.address();
        assert_eq!(
            address,
            "/app/analyse/trechter?veld=order&stap1=kind%3Acreated&stap2=kind%3Adelivered%20%26%20more&binnen=3d"
        );
        let read = Asked::read(|name| match name {
            "veld" => "order".to_owned(),
            "stap1" => "kind:created".to_owned(),
            "stap2" => "kind:delivered & more".to_owned(),
            "binnen" => "3d".to_owned(),
            _ => String::new(),
        });
        assert_eq!(read.address(), address);
        assert!(read.is_complete() && !Asked::default().is_complete());
        assert_eq!(
            (read.body(Millis(0)).window_hours, read.body(Millis(0)).from),
            (72, Some(Millis(-90 * DAY_MS)))
        );
    }

    /// ANA-11: an unknown choice in the address is the default, and a step that is no query is told by place.
    #[test]
    fn strange_addresses_are_read() {
        let read = Asked::read(|name| if name == "stap3" { "\"open".to_owned() } else { "x9".to_owned() });
        assert_eq!((read.window.as_str(), read.period.as_str()), (DEFAULT_WINDOW, DEFAULT_PERIOD));
        assert_eq!(
            (read.fault(2, "nl").is_some(), read.fault(0, "nl"), read.fault(99, "nl")),
            (true, None, None)
        );
    }
}
