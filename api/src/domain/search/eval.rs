//! The test of one log against a query.

use shared::query::{Expr, Mode, Op, Query, Test, Text, Value};

use super::doc::{Doc, Scalar};
use super::words::{self, fold, path_token};
use crate::util::zone;

/// Whether a log fits a query; times without a zone are read in the customer's.
#[must_use]
pub fn matches(query: &Query, doc: &Doc, zone: &jiff::tz::TimeZone) -> bool {
    holds(&query.expr, doc, zone)
}

fn holds(expr: &Expr, doc: &Doc, zone: &jiff::tz::TimeZone) -> bool {
    match expr {
        Expr::All => true,
        Expr::And(parts) => parts.iter().all(|part| holds(part, doc, zone)),
        Expr::Or(parts) => parts.iter().any(|part| holds(part, doc, zone)),
        Expr::Not(part) => !holds(part, doc, zone),
        Expr::Term(term) => term_holds(&term.test, doc, zone),
    }
}

fn term_holds(test: &Test, doc: &Doc, zone: &jiff::tz::TimeZone) -> bool {
    match test {
        Test::Word(text) => {
            let own = [
                Some(doc.kind.as_str()),
                doc.message.as_deref(),
                doc.external_id.as_deref(),
                doc.ip.as_deref(),
            ];
            own.into_iter().flatten().any(|have| text_fits(text, have))
                || doc.fields.iter().any(|(path, scalar)| {
                    text_fits(text, path)
                        || scalar
                            .as_ref()
                            .is_some_and(|scalar| scalar.texts().any(|have| text_fits(text, &have)))
                })
        }
        Test::Field { name, value } => {
            let wanted = path_token(name);
            doc.fields.iter().any(|(path, scalar)| {
                path_token(path) == wanted
                    && scalar.as_ref().is_some_and(|scalar| value_fits(value, scalar, zone))
            })
        }
        Test::Has(name) => {
            let own = match name.as_str() {
                "message" => Some(doc.message.is_some()),
                "external_id" => Some(doc.external_id.is_some()),
                "ip" => Some(doc.ip.is_some()),
                _ => None,
            };
            let wanted = path_token(name.strip_prefix("data.").unwrap_or(name));
            let below = format!("{wanted}.");
            own.unwrap_or_else(|| {
                doc.fields.iter().any(|(path, _)| {
                    let path = path_token(path);
                    path == wanted || path.starts_with(&below)
                })
            })
        }
        Test::Flag(flag) => doc.flags.iter().any(|have| have == flag),
        Test::Kind(text) => known_fits(text, &doc.kind),
        Test::Level(level) => level.matches(&doc.level),
        Test::Source(source) => doc.source == *source,
        Test::Ip(ip) => {
            doc.ip.as_deref().and_then(|have| have.parse().ok()).is_some_and(|addr| ip.contains(addr))
        }
        Test::Id(range) => {
            let seq = u64::try_from(doc.seq).unwrap_or_default();
            range.from.is_none_or(|from| seq >= from) && range.to.is_none_or(|to| seq <= to)
        }
        Test::After(at) => doc.occurred_at >= instant(at, zone),
        Test::Before(at) => doc.occurred_at < instant(at, zone),
        Test::Message(text) => doc.message.as_deref().is_some_and(|have| field_fits(text, have)),
        Test::ExternalId(text) => doc.external_id.as_deref().is_some_and(|have| field_fits(text, have)),
    }
}

/// The instant of a local time in the customer's zone.
#[must_use]
pub fn instant(at: &shared::query::LocalDateTime, zone: &jiff::tz::TimeZone) -> i64 {
    let local = jiff::civil::DateTime::new(at.year, at.month, at.day, at.hour, at.minute, at.second, 0);
    local.map(|local| zone::resolve(zone, local).0.0).unwrap_or_default()
}

/// Whether a text holds what is asked: words in a row (the last may be a beginning), or letters anywhere.
#[must_use]
pub fn text_fits(asked: &Text, have: &str) -> bool {
    if is_too_long(&asked.text, have) {
        return false;
    }
    if asked.mode == Mode::Anywhere {
        return fold(have).contains(&fold(&asked.text));
    }
    let wanted = words::words(&asked.text);
    let Some((last, before)) = wanted.split_last() else {
        // Only signs that are no words, such as `--`: they are looked for as they stand.
        return fold(have).contains(&fold(&asked.text));
    };
    let folded = fold(have);
    let mut found = Vec::new();
    words::each_word(&folded, |word| found.push(word));
    found.windows(wanted.len()).any(|window| {
        let Some((end, start)) = window.split_last() else {
            return false;
        };
        let complete = if asked.mode == Mode::Prefix { end.starts_with(last.as_str()) } else { end == last };
        complete && start.iter().zip(before).all(|(have, want)| have == want)
    })
}

/// Whether a text is so much longer than another that it cannot stand in it, told without folding either: folding makes
/// a text eleven times as long at most, and a letter a quarter of its bytes. A query of thousands of signs costs next to
/// nothing this way.
const fn is_too_long(asked: &str, have: &str) -> bool {
    asked.len() > 44 * have.len() + 64
}

/// Behind a field `=` asks for the whole value.
fn field_fits(asked: &Text, have: &str) -> bool {
    if asked.mode != Mode::Whole {
        return text_fits(asked, have);
    }
    match words::words(&asked.text) {
        // Only signs that are no words.
        wanted if wanted.is_empty() => fold(have).trim() == fold(&asked.text).trim(),
        wanted => wanted == words::words(have),
    }
}

/// Kinds are names: a beginning of the whole name, the whole name, or a part of it.
fn known_fits(asked: &Text, have: &str) -> bool {
    let (asked_text, have) = (fold(&asked.text), fold(have));
    match asked.mode {
        Mode::Prefix => have.starts_with(&asked_text),
        Mode::Whole | Mode::Phrase => have == asked_text,
        Mode::Anywhere => have.contains(&asked_text),
    }
}

fn value_fits(value: &Value, scalar: &Scalar, zone: &jiff::tz::TimeZone) -> bool {
    match value {
        Value::Text(text) => match (scalar, text.text.parse::<f64>()) {
            // A number asked for is that number, not the numbers that begin with it.
            (Scalar::Number(have), Ok(wanted)) if matches!(text.mode, Mode::Prefix | Mode::Whole) => {
                have.as_f64() == Some(wanted)
            }
            _ => scalar.texts().any(|have| field_fits(text, &have)),
        },
        Value::Compare { op, number } => numeric(scalar).is_some_and(|have| op.holds(&have, number)),
        Value::Between { from, to } => numeric(scalar)
            .is_some_and(|have| from.is_none_or(|from| have >= from) && to.is_none_or(|to| have <= to)),
        Value::CompareDate { op, date } => {
            let (start, end) = (instant(date, zone), instant(&date.end(), zone));
            moment(scalar, zone).is_some_and(|have| match op {
                Op::Lt => have < start,
                Op::Le => have < end,
                Op::Gt => have >= end,
                Op::Ge => have >= start,
            })
        }
        Value::BetweenDates { from, to } => moment(scalar, zone).is_some_and(|have| {
            from.as_ref().is_none_or(|from| have >= instant(from, zone))
                && to.as_ref().is_none_or(|to| have < instant(&to.end(), zone))
        }),
    }
}

fn numeric(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(number) => number.as_f64(),
        Scalar::Text(text) => text.trim().parse().ok().filter(|value: &f64| value.is_finite()),
        Scalar::Bool(_) => None,
    }
}

fn moment(scalar: &Scalar, zone: &jiff::tz::TimeZone) -> Option<i64> {
    let Scalar::Text(text) = scalar else { return None };
    let fixed = shared::time::Millis::from_rfc3339(text).map(|at| at.0);
    fixed.or_else(|| shared::query::LocalDateTime::parse(text).map(|local| instant(&local, zone)))
}

#[cfg(test)]
mod tests {
    use super::super::doc::walk;
    use super::*;

    fn doc() -> Doc {
        let mut doc = Doc {
            seq: 150,
            kind: "container_arrived".to_owned(),
            level: "warning".to_owned(),
            source: "api".to_owned(),
            message: Some("Container MSKU1234567 aangekomen bij dok 31, 4.2 °C".to_owned()),
            external_id: Some("evt-9".to_owned()),
            ip: Some("203.0.113.14".to_owned()),
            flags: vec!["late".to_owned()],
            occurred_at: 1_772_600_000_000,
            fields: vec![],
        };
        walk(r#"{"location":{"city":"Den Haag"},"temperature_c":8.0,"order":"88213-A","ok":true,"eta":"2026-03-09","tags":["koel","spoed"],"price":12.50,"sscc":98765432109876543210,"dock":"0070"}"#, &mut doc).unwrap();
        doc
    }

    /// SRCH-01, SRCH-03: the meaning of each form of the grammar, on one log.
    #[test]
    fn queries_mean_what_they_say() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let doc = doc();
        for (query, expected) in [
            ("", true),
            ("contain", true),
            ("=contain", false),
            ("=container", true),
            ("AANGEKOMEN msku", true),
            ("1234567", false),
            ("*1234567*", true),
            ("\"dok 31\"", true),
            ("\"dok 3\"", false),
            ("dok 3", true),
            ("-dok", false),
            ("-trein", true),
            ("trein OR dok", true),
            ("trein OR (dok -31)", false),
            ("°C", true),
            ("4.2", true),
            ("4.3", false),
            ("0070", true),
            ("12.50", true),
            ("12.5", true),
            ("price:12.5", true),
            ("price:12.500", true),
            ("98765432109876543210", true),
            ("98765432109876543211", false),
            ("temperature_c:8", true),
            ("temperature_c:80", false),
            ("temperature_c:>8", false),
            ("temperature_c:>=8", true),
            ("temperature_c:4..8", true),
            ("location.city:haag", true),
            ("location.city:\"den haag\"", true),
            ("location.city:Haa", true),
            ("location:haag", false),
            ("order:88213", true),
            ("order:882", true),
            ("ok:true", true),
            ("tags:spoed", true),
            ("location.city:=haag", false),
            ("location.city:=\"den haag\"", true),
            ("message:=container", false),
            ("temperature_c:8.00", true),
            ("temperature_c:=08", true),
            ("eta:>=2026-03-09", true),
            ("eta:>2026-03-09", false),
            ("kind:container_arrived", true),
            ("soort:container", true),
            ("kind:arrived", false),
            ("level:warning", true),
            ("niveau:fout", false),
            ("source:api", true),
            ("ip:203.0.113.0/24", true),
            ("ip:203.0.114.0/24", false),
            ("id:120..180", true),
            ("id:151..180", false),
            ("after:2026-03-04", true),
            ("before:2026-03-04", false),
            ("has:order", true),
            ("has:location", true),
            ("has:weight", false),
            ("flag:late", true),
            ("flag:clock_skew", false),
            ("'; drop table log; \"--\"", false),
        ] {
            let parsed = shared::query::parse(query).unwrap();
            assert_eq!(matches(&parsed, &doc, &zone), expected, "{query}");
        }
    }
}
