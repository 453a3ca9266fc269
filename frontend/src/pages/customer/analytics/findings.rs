//! What is unusual: each finding in a sentence, with the band it left and the way to its logs.

use shared::analytics::{Finding, FindingKind, FindingsOut, Reason};

use super::scope::Scope;
use crate::api::{analytics, use_api};
use crate::i18n::{I18n, Texts, use_i18n};
use crate::prelude::*;
use crate::ui::{Async, Card, Icon, LinkButton, Load, Rows, Tone, badge, csv_button, note};

/// Findings that are shown before the rest is asked for.
const SHOWN: usize = 8;

/// The findings. They do not follow the period of the page: what is unusual is so beside all of the last quarter.
pub fn findings() -> AnyView {
    let i18n = use_i18n();
    let api = use_api();
    let load = Load::new(move || analytics::findings(&api));
    let view = move || live(move || load.data.with(|data| data.as_ref().map(|data| list(i18n, data))));
    view! {
        <Card title=i18n.tr(|t| t.analytics.findings_title)>
            <p class="sub">{i18n.tr(|t| t.analytics.findings_lead)}</p>
            <Async load view />
            {csv_button("opvallend.csv", move || load.data.with(|data| data.as_ref().map(|data| rows(i18n, data))).unwrap_or_default())}
        </Card>
    }
}

/// The findings as rows of a file.
fn rows(i18n: I18n, data: &FindingsOut) -> Rows {
    let t = i18n.t();
    let a = &t.analytics;
    let head = [
        a.csv_kind,
        a.csv_from,
        a.csv_to,
        a.csv_what,
        a.csv_observed,
        a.csv_usual,
        a.csv_low,
        a.csv_high,
        a.csv_query,
    ];
    let row = |finding: &Finding| {
        vec![
            look(t, finding.kind).2.to_owned(),
            finding.from.to_rfc3339(),
            finding.to.to_rfc3339(),
            sentence(i18n, finding),
            finding.observed.to_string(),
            finding.usual.to_string(),
            finding.low.to_string(),
            finding.high.to_string(),
            finding.query.clone(),
        ]
    };
    std::iter::once(head.map(str::to_owned).to_vec()).chain(data.findings.iter().map(row)).collect()
}

fn list(i18n: I18n, data: &FindingsOut) -> AnyView {
    let t = i18n.t();
    let days = i18n.fmt().int(data.days);
    let remark = match data.reason {
        Some(Reason::NoData) => Some(t.analytics.findings_no_data.to_owned()),
        Some(_) => Some((t.analytics.findings_too_few)(&days)),
        None if data.findings.is_empty() => Some((t.analytics.findings_none)(&days)),
        None => None,
    };
    let count = data.findings.len() as i64;
    let summary = (count > 0).then(|| (t.analytics.findings_summary)(count, &i18n.fmt().int(count), &days));
    let partial =
        (!data.complete).then(|| note(Icon::INFO, (t.analytics.fields_newest)(&i18n.fmt().int(data.n))));
    let (first, rest) = data.findings.split_at(data.findings.len().min(SHOWN));
    let rows = |part: &[Finding]| {
        let rows = part.iter().map(|finding| row(i18n, finding)).collect_view();
        view! { <ul role="list" class="findings">{rows}</ul> }
    };
    let more = (!rest.is_empty()).then(|| {
        let label = (t.analytics.more_findings)(&i18n.fmt().int(rest.len() as i64));
        view! {
            <details>
                <summary>{label}</summary>
                {rows(rest)}
            </details>
        }
    });
    view! {
        {remark.map(|text| note(Icon::INFO, text))}
        {summary.map(|text| view! { <p class="sub">{text}</p> })}
        {partial}
        {(!first.is_empty()).then(|| rows(first))}
        {more}
    }
}

fn row(i18n: I18n, finding: &Finding) -> AnyView {
    let t = i18n.t();
    let (tone, icon, name) = look(t, finding.kind);
    let to = Scope::logs(&finding.query, finding.from, finding.to);
    view! {
        <li>
            {badge(tone, Some(icon), name)}
            <p>
                <strong>{sentence(i18n, finding)}</strong>
                " "
                <span class="sub">{band(i18n, finding)}</span>
            </p>
            <LinkButton href=to small=true>{t.analytics.see_logs}</LinkButton>
        </li>
    }
}

fn look(t: &'static Texts, kind: FindingKind) -> (Tone, Icon, &'static str) {
    match kind {
        FindingKind::Busy => (Tone::Info, Icon::ARROW_UP_RIGHT, t.analytics.kind_busy),
        FindingKind::Quiet => (Tone::Warn, Icon::ARROW_DOWN_RIGHT, t.analytics.kind_quiet),
        FindingKind::Gap => (Tone::Bad, Icon::WIFI_OFF, t.analytics.kind_gap),
        FindingKind::Outliers => (Tone::Bad, Icon::TRIANGLE_ALERT, t.analytics.kind_outliers),
        FindingKind::Shift => (Tone::Warn, Icon::CHART_LINE, t.analytics.kind_shift),
        FindingKind::Share => (Tone::Warn, Icon::GAUGE, t.analytics.kind_share),
    }
}

/// What happened, when and where.
fn sentence(i18n: I18n, finding: &Finding) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let period = (t.analytics.from_to)(&fmt.date_time(finding.from), &fmt.date_time(finding.to));
    let count = |value: f64| fmt.int(value.round() as i64);
    let field = finding.field.clone().unwrap_or_default();
    let place = finding
        .group
        .as_ref()
        .map(|group| format!(" {}", (t.analytics.at_group)(&group.field, &group.value)));
    let place = place.unwrap_or_default();
    match finding.kind {
        FindingKind::Busy | FindingKind::Quiet => {
            let mut text = (t.analytics.counted)(&count(finding.observed), &count(finding.usual), &period);
            if let Some(mostly) = &finding.mostly {
                text.push(' ');
                text.push_str(&(t.analytics.mostly)(&mostly.field, &mostly.value));
            }
            text
        }
        FindingKind::Gap => {
            let mut text = (t.analytics.nothing_received)(&period, &count(finding.usual));
            if let Some(late) = finding.arrived_later.filter(|late| *late > 0) {
                text.push(' ');
                text.push_str(&(t.analytics.arrived_later)(&fmt.int(late)));
            }
            text
        }
        FindingKind::Outliers => (t.analytics.outliers)(
            &fmt.int(finding.n),
            &field,
            &fmt.decimal(finding.observed),
            &place,
            &period,
        ),
        FindingKind::Shift => (t.analytics.shifted)(
            &field,
            &fmt.decimal(finding.usual),
            &fmt.decimal(finding.observed),
            &place,
            &fmt.date_medium(finding.from),
        ),
        FindingKind::Share => {
            let value = format!("{field} {}", finding.value.clone().unwrap_or_default());
            let (share, usual) = (fmt.percent(finding.observed), fmt.percent(finding.usual));
            (t.analytics.share_rose)(&value, &share, &usual, &place, &period)
        }
    }
}

/// What would have been usual, and how far off it is.
fn band(i18n: I18n, finding: &Finding) -> String {
    let (t, fmt) = (i18n.t(), i18n.fmt());
    let show = |value: f64| match finding.kind {
        FindingKind::Share => fmt.percent(value),
        FindingKind::Busy | FindingKind::Quiet | FindingKind::Gap => fmt.int(value.round() as i64),
        FindingKind::Outliers | FindingKind::Shift => fmt.decimal(value),
    };
    (t.analytics.band)(&show(finding.low), &show(finding.high), &fmt.decimal(finding.score))
}
