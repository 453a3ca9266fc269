//! What is unusual in the fields of the logs of one kind: outliers, shifts, rising shares. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::analytics::{Finding, FindingGroup, FindingKind};
use shared::logs::Level;
use shared::query::field_term;
use shared::time::Millis;

use super::sample::{Kind, Texts};
use super::shares::{self, Rise};
use super::{MOSTLY, numbers, term};
use crate::domain::analytics::statistics::proportion::wilson;
use crate::util::zone;

/// Standard deviations of the band that is shown for a share.
const BAND: f64 = 3.5;
/// Logarithm of the chance that any steady share of a kind is called a rise: for ordinary values, and for those
/// that go with trouble.
const LN_ALPHA: [f64; 2] = [-10.0, -4.6];
/// A value is a trouble when this part of its logs have the level of a warning or worse.
const TROUBLE: f64 = 0.8;
/// Groups that outliers are looked for in have at most so many values.
const MAX_GROUPS: usize = 12;
/// A text field may be an outcome, such as a result, with at most so many values.
const MAX_OUTCOMES: usize = 8;

/// What is unusual in the fields of the logs of a kind. Of fields that break out, drift or rise together the clearest
/// is told: the others go with it.
pub fn findings(name: &str, kind: &Kind, zone: &TimeZone) -> Vec<Finding> {
    let (mut outliers_found, mut shifts) = (Vec::new(), Vec::new());
    for (path, numbers) in &kind.numbers {
        outliers_found.extend(outliers(name, kind, path, &numbers.values));
        shifts.extend(shift(name, kind, path, &numbers.values, zone));
    }
    let mut found = apart(by_score(outliers_found));
    let rises =
        rises(name, kind, zone).into_iter().filter(|rise| !found.iter().any(|other| overlap(other, rise)));
    let rises: Vec<Finding> = rises.collect();
    found.extend(apart(by_score(shifts)));
    found.extend(rises);
    found
}

fn by_score(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| b.score.total_cmp(&a.score));
    findings
}

/// Whether two findings share a moment.
pub fn overlap(a: &Finding, b: &Finding) -> bool {
    a.from < b.to && b.from < a.to
}

/// Outliers of a field among all logs of the kind, and within groups.
fn outliers(name: &str, kind: &Kind, path: &str, values: &[(u32, f64)]) -> Vec<Finding> {
    let at = |row: u32| kind.times[row as usize];
    let mut found: Vec<Finding> = Vec::new();
    let mut look = |values: &[(u32, f64)], group: Option<FindingGroup>| {
        let mut timed: Vec<(i64, f64, u32)> =
            values.iter().map(|(row, value)| (at(*row), *value, *row)).collect();
        timed.sort_by_key(|(at, ..)| *at);
        let plain: Vec<(i64, f64)> = timed.iter().map(|(at, value, _)| (*at, *value)).collect();
        for cluster in numbers::clusters(&plain) {
            let rows: Vec<u32> = cluster.places.iter().map(|place| timed[*place].2).collect();
            let group = group.clone().or_else(|| common(kind, path, &rows));
            let above = cluster.extreme > cluster.usual;
            let bound =
                if above { format!(">{}", short(cluster.high)) } else { format!("<{}", short(cluster.low)) };
            let mut query = format!("{} {}", field_term("kind", name, false), number_term(path, &bound));
            if let Some(group) = &group {
                query.push(' ');
                query.push_str(&term(group));
            }
            found.push(Finding {
                kind: FindingKind::Outliers,
                from: Millis(cluster.from),
                to: Millis(cluster.to),
                field: Some(path.to_owned()),
                value: None,
                group,
                observed: cluster.extreme,
                usual: cluster.usual,
                low: cluster.low,
                high: cluster.high,
                n: rows.len() as i64,
                score: cluster.score,
                query,
                mostly: None,
                arrived_later: None,
            });
        }
    };
    look(values, None);
    for (field, texts) in &kind.texts {
        if !(2..=MAX_GROUPS).contains(&texts.distinct()) {
            continue;
        }
        for (value, number) in texts.names() {
            let rows: std::collections::HashSet<u32> =
                texts.values.iter().filter(|(_, other)| *other == number).map(|(row, _)| *row).collect();
            let part: Vec<(u32, f64)> =
                values.iter().copied().filter(|(row, _)| rows.contains(row)).collect();
            look(&part, Some(FindingGroup { field: field.clone(), value: value.to_owned() }));
        }
    }
    // The same values seen as a whole and in a group are one finding: the one with more logs, then the clearer one.
    found.sort_by(|a, b| b.n.cmp(&a.n).then(b.score.total_cmp(&a.score)));
    apart(found)
}

/// A text value that all of these logs share and not most others.
fn common(kind: &Kind, path: &str, rows: &[u32]) -> Option<FindingGroup> {
    let best = kind.texts.iter().filter(|(field, _)| *field != path).filter_map(|(field, texts)| {
        let value = |row: &u32| {
            texts.values.binary_search_by_key(row, |(row, _)| *row).ok().map(|place| texts.values[place].1)
        };
        let first = value(rows.first()?)?;
        let all = rows.iter().all(|row| value(row) == Some(first));
        let usual = texts.values.iter().filter(|(_, other)| *other == first).count() as f64
            / kind.times.len().max(1) as f64;
        let (name, _) = texts.names().find(|(_, number)| *number == first)?;
        (all && usual < MOSTLY)
            .then(|| (usual, FindingGroup { field: field.clone(), value: name.to_owned() }))
    });
    // The place is told rather than anything that merely goes with it: the least frequent value, then by name.
    best.min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1))).map(|(_, group)| group)
}

fn shift(name: &str, kind: &Kind, path: &str, values: &[(u32, f64)], zone: &TimeZone) -> Option<Finding> {
    if values.len() < numbers::LEAST_VALUES {
        return None;
    }
    let mut days: BTreeMap<Date, (f64, f64)> = BTreeMap::new();
    for (row, value) in values {
        let day = days.entry(zone::date_of(zone, Millis(kind.times[*row as usize]))).or_default();
        *day = (day.0 + value, day.1 + 1.0);
    }
    let day = |(date, (sum, n)): (&Date, &(f64, f64))| numbers::Day {
        from: zone::start_of(zone, *date).0,
        to: zone::start_of(zone, zone::add_days(*date, 1)).0,
        sum: *sum,
        n: *n,
    };
    let days: Vec<numbers::Day> = days.iter().map(day).collect();
    let shift = numbers::shift(&days)?;
    Some(Finding {
        kind: FindingKind::Shift,
        from: Millis(shift.from),
        to: Millis(shift.to),
        field: Some(path.to_owned()),
        value: None,
        group: None,
        observed: shift.now,
        usual: shift.before,
        low: shift.low,
        high: shift.high,
        n: shift.n as i64,
        score: shift.score,
        query: format!("{} has:{}", field_term("kind", name, false), has_name(path)),
        mostly: None,
        arrived_later: None,
    })
}

/// Values that became more frequent, overall or in a group. Values that go with trouble are what somebody watches;
/// they are judged among themselves, so that the many others do not drown them.
fn rises(name: &str, kind: &Kind, zone: &TimeZone) -> Vec<Finding> {
    let dates: Vec<Date> = kind.times.iter().map(|at| zone::date_of(zone, Millis(*at))).collect();
    let Some(first) = dates.iter().min().copied() else { return Vec::new() };
    let day = |date: &Date| {
        usize::try_from(date.since(first).map_or(0, |span| span.get_days())).unwrap_or_default()
    };
    let calendar = Calendar {
        days: dates.iter().map(day).collect(),
        monday: usize::try_from((7 - first.weekday().to_monday_zero_offset()) % 7).unwrap_or_default(),
    };
    let start = |day: usize| Millis(zone::start_of(zone, zone::add_days(first, day as i64)).0);
    let mut tried = [0_usize; 2];
    let mut all: Vec<Candidate> = Vec::new();
    for (field, outcome) in &kind.texts {
        if (2..=MAX_OUTCOMES).contains(&outcome.distinct()) {
            all.extend(candidates(kind, field, outcome, &calendar, &mut tried));
        }
    }
    all.retain(|found| {
        let family = usize::from(found.trouble);
        found.rise.ln_chance < LN_ALPHA[family] - (tried[family].max(1) as f64).ln()
    });
    // Several fields often say the same, a result and the level that goes with it: one finding for one time, and
    // rather a field of the customer than the level.
    all.sort_by(|a, b| {
        let clear = |found: &Candidate| found.rise.ln_chance.round();
        let level = |found: &Candidate| found.field == "level";
        clear(a)
            .total_cmp(&clear(b))
            .then_with(|| level(a).cmp(&level(b)))
            .then_with(|| (&a.field, &a.value, &a.group).cmp(&(&b.field, &b.value, &b.group)))
    });
    let finding = |found: Candidate| {
        let Candidate { field, value, group, rise, .. } = found;
        let mut query = format!("{} {}", field_term("kind", name, false), field_term(&field, &value, false));
        if let Some(group) = &group {
            query.push(' ');
            query.push_str(&term(group));
        }
        let (low, high) = wilson(rise.usual * rise.n, rise.n, BAND).unwrap_or_default();
        Finding {
            kind: FindingKind::Share,
            from: start(rise.first),
            to: start(rise.last + 1),
            field: Some(field),
            value: Some(value),
            group,
            observed: rise.share,
            usual: rise.usual,
            low,
            high,
            n: rise.n as i64,
            score: rise.score,
            query,
            mostly: None,
            arrived_later: None,
        }
    };
    apart(all.into_iter().map(finding).collect())
}

/// The local day of each log, counted from the first one, and which of them is the first Monday.
struct Calendar {
    days: Vec<usize>,
    monday: usize,
}

/// A rise that may be chance.
struct Candidate {
    field: String,
    value: String,
    group: Option<FindingGroup>,
    trouble: bool,
    rise: Rise,
}

/// The least likely rise of each rarer value of a field, with the group in which it is. `tried` counts the windows
/// of ordinary values and of those that go with trouble.
fn candidates(
    kind: &Kind,
    field: &str,
    outcome: &Texts,
    calendar: &Calendar,
    tried: &mut [usize; 2],
) -> Vec<Candidate> {
    let days = &calendar.days;
    let length = days.iter().max().map_or(0, |last| last + 1);
    let outcomes = outcome.column(days.len());
    let troubles = troubles(kind, outcome, &outcomes);
    let mut best: BTreeMap<usize, (Option<FindingGroup>, Rise)> = BTreeMap::new();
    let everybody = Texts::default();
    let grouped = kind.texts.iter().filter(|(other, texts)| *other != field && texts.distinct() > 1);
    let grouped = grouped.map(|(name, texts)| (Some(name), texts));
    for (group_field, texts) in std::iter::once((None, &everybody)).chain(grouped) {
        let members = match group_field {
            Some(_) => texts.column(days.len()),
            None => vec![Some(0); days.len()],
        };
        // Logs by group, value and day, in one pass.
        let (groups, values) = (texts.distinct().max(1), outcome.distinct());
        let mut hits = vec![0_f64; groups * values * length];
        let mut logs = vec![0_f64; groups * length];
        for ((group, value), day) in members.iter().zip(&outcomes).zip(days) {
            if let (Some(group), Some(value)) = (group, value) {
                let group = usize::from(*group);
                hits[(group * values + usize::from(*value)) * length + day] += 1.0;
                logs[group * length + day] += 1.0;
            }
        }
        for (at, hits) in hits.chunks(length.max(1)).enumerate() {
            let (group, value) = (at / values, at % values);
            let logs = &logs[group * length..(group + 1) * length];
            // The rarer values are what somebody watches: rejects, not approvals.
            if hits.iter().sum::<f64>() * 2.0 > logs.iter().sum::<f64>() {
                continue;
            }
            let series: Vec<shares::Day> =
                hits.iter().zip(logs).map(|(hits, n)| shares::Day { hits: *hits, n: *n }).collect();
            let trouble = troubles[value];
            let rise = shares::rise(&series, calendar.monday, &mut tried[usize::from(trouble)]);
            if let Some(rise) = rise
                && best.get(&value).is_none_or(|(_, best)| rise.ln_chance < best.ln_chance)
            {
                let named = group_field
                    .map(|field| FindingGroup { field: field.clone(), value: texts.name(group).to_owned() });
                best.insert(value, (named, rise));
            }
        }
    }
    let candidate = |(value, (group, rise)): (usize, (Option<FindingGroup>, Rise))| Candidate {
        field: field.to_owned(),
        value: outcome.name(value).to_owned(),
        group,
        trouble: troubles[value],
        rise,
    };
    best.into_iter().map(candidate).collect()
}

/// Which values of a field go with the level of a warning or worse.
fn troubles(kind: &Kind, outcome: &Texts, values: &[Option<u16>]) -> Vec<bool> {
    let mut counts = vec![(0_f64, 0_f64); outcome.distinct()];
    for (value, level) in values.iter().zip(&kind.levels) {
        if let Some(count) = value.and_then(|value| counts.get_mut(usize::from(value))) {
            count.0 += f64::from(u8::from(*level >= Level::Warning));
            count.1 += 1.0;
        }
    }
    counts.into_iter().map(|(bad, all)| all > 0.0 && bad >= TROUBLE * all).collect()
}

/// Leaves out what overlaps in time with something before it.
fn apart(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        if !kept.iter().any(|other| overlap(other, &finding)) {
            kept.push(finding);
        }
    }
    kept
}

/// A comparison with a number, as the search grammar writes it.
fn number_term(path: &str, bound: &str) -> String {
    let whole = field_term(path, "x", false);
    let head = whole.trim_end_matches(['=', 'x']);
    format!("{head}{bound}")
}

/// The name of a field as `has:` takes it.
fn has_name(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if plain { path.to_owned() } else { format!("\"{}\"", path.replace('"', "")) }
}

/// A number with three significant digits.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let digits = (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.digits$}")
}
