//! One row of the former edition's file as a log: `timestamp` and `ip` are taken out, everything else is kept as it
//! is written.

use std::fmt;
use std::net::IpAddr;

use jiff::tz::TimeZone;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use shared::lang::Lang;
use shared::logs::{LATE_AFTER_MS, MAX_FUTURE_MS, MAX_RECORD_DEPTH};
use shared::problem::Code;
use shared::time::Millis;

use crate::domain::logs::model::{Flag, NewLog};
use crate::domain::logs::reader::{self, Context};
use crate::domain::search::doc;
use crate::http::problem::Problem;
use crate::util::{crypto, zone};

/// No log is older than the year 1000.
const OLDEST: Millis = Millis(-30_610_224_000_000);
/// The last instant of the year 9999. The reader judges no time here: `timestamp` alone counts.
const NEVER: Millis = Millis(253_402_300_799_999);

/// What reading a row needs to know.
#[derive(Debug, Clone)]
pub struct Times {
    /// When the import began.
    pub now: Millis,
    /// Zone of the timestamps.
    pub zone: TimeZone,
}

/// A row that can be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The log; its external id is the hash of the row.
    pub log: NewLog,
    /// Address that it came from.
    pub ip: Option<String>,
}

/// OPS-13: reads a row.
///
/// # Errors
/// Why it cannot be stored, in words.
pub fn read(raw: &str, times: &Times) -> Result<Row, String> {
    let words = |problem: &Problem| problem.detail(Lang::En);
    if doc::depth(raw.as_bytes()) > MAX_RECORD_DEPTH {
        return Err(words(&Problem::new(Code::TooDeep).with("limit", MAX_RECORD_DEPTH)));
    }
    let members: Members<'_> =
        serde_json::from_str(raw).map_err(|_| "the row is not an object".to_owned())?;
    let (mut at, mut ip, mut rest) = (None, None, Vec::new());
    for (name, value) in members.0 {
        let text = serde_json::from_str::<String>(value.get()).ok();
        let text = text.as_deref().map(str::trim);
        let used = match name.as_str() {
            "timestamp" => {
                text.and_then(|text| instant(text, &times.zone)).map(|found| at = Some(found)).is_some()
            }
            "ip" => text.and_then(|text| text.parse::<IpAddr>().ok()).map(|found| ip = Some(found)).is_some(),
            _ => false,
        };
        // What cannot be used stays in the data, so that nothing is lost.
        let empty = matches!(name.as_str(), "timestamp" | "ip") && matches!(value.get(), "null" | "\"\"");
        if !used && !empty {
            rest.push(format!("{}:{}", quoted(&name), value.get()));
        }
    }
    let data = format!("{{{}}}", rest.join(","));
    let context = Context {
        now: NEVER,
        zone: times.zone.clone(),
        lang: Lang::En,
        retention: std::sync::Arc::default(),
    };
    let mut log = reader::read(data.as_bytes(), &context).map_err(|problem| words(&problem))?;
    let (occurred_at, ambiguous) = at.unwrap_or((times.now, false));
    if occurred_at.0 - times.now.0 > MAX_FUTURE_MS {
        let problem = Problem::new(Code::OccurredAtInFuture).with("value", occurred_at.to_rfc3339());
        return Err(words(&problem));
    }
    let flags = [
        (Flag::Late, times.now.0 - occurred_at.0 > LATE_AFTER_MS),
        (Flag::ClockSkew, occurred_at > times.now),
        (Flag::AmbiguousTime, ambiguous),
        (Flag::TimeMissing, at.is_none()),
    ];
    log.occurred_at = occurred_at;
    log.flags = flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag).collect();
    log.external_id = Some(hash(raw));
    Ok(Row { log, ip: ip.map(|ip| ip.to_canonical().to_string()) })
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// `YYYY-MM-DD HH:MM:SS`, with `T` and fractions too, in the zone; or RFC 3339 with an offset of its own. The flag
/// tells whether the local time exists twice or not at all.
fn instant(text: &str, zone: &TimeZone) -> Option<(Millis, bool)> {
    let found = match Millis::from_rfc3339(text) {
        Some(at) => (at, false),
        None => {
            let fraction = text.get(19..)?;
            let plain = fraction.strip_prefix('.').unwrap_or("0").bytes().all(|byte| byte.is_ascii_digit());
            if !plain || !(fraction.is_empty() || fraction.starts_with('.')) {
                return None;
            }
            let local: jiff::civil::DateTime = text.parse().ok()?;
            zone::resolve(zone, local)
        }
    };
    (OLDEST..=NEVER).contains(&found.0).then_some(found)
}

/// Hash of a row that does not depend on blanks, on the order of members or on how signs are escaped.
fn hash(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    canonical(raw, &mut text);
    crypto::sha256_hex(text.as_bytes())
}

/// Writes JSON in one certain way; numbers stay as they are written. Its depth has been checked.
fn canonical(raw: &str, out: &mut String) {
    let raw = raw.trim();
    match raw.as_bytes().first() {
        Some(b'{') => {
            let mut members =
                serde_json::from_str::<Members<'_>>(raw).map(|members| members.0).unwrap_or_default();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            list(out, ('{', '}'), members, |(name, value), out| {
                out.push_str(&quoted(&name));
                out.push(':');
                canonical(value.get(), out);
            });
        }
        Some(b'[') => {
            let items = serde_json::from_str::<Vec<&RawValue>>(raw).unwrap_or_default();
            list(out, ('[', ']'), items, |item, out| canonical(item.get(), out));
        }
        Some(b'"') => out.push_str(
            &serde_json::from_str::<String>(raw).map_or_else(|_| raw.to_owned(), |text| quoted(&text)),
        ),
        _ => out.push_str(raw),
    }
}

fn list<T>(
    out: &mut String,
    (open, close): (char, char),
    items: Vec<T>,
    mut write: impl FnMut(T, &mut String),
) {
    out.push(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}

/// The members of an object in their order, names that stand twice included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(zone: &str) -> Times {
        let now = Millis::from_rfc3339("2026-11-22T12:00:00Z").unwrap();
        Times { now, zone: crate::util::zone::find(zone).unwrap() }
    }

    fn row(json: &str) -> Row {
        read(json, &times("UTC")).unwrap()
    }

    /// OPS-13: time and address are taken out, all other members stay as written, numbers included.
    #[test]
    fn members_stay_as_written() {
        let row = row(
            r#"{"ip":"10.0.0.7","timestamp":"2024-03-01 08:09:10", "type":"scan", "kg": 1.50,"a":{ "b":[1, 2]}, "é":"\u00e9"}"#,
        );
        assert_eq!(row.log.data, r#"{"type":"scan","kg":1.50,"a":{ "b":[1, 2]},"é":"\u00e9"}"#);
        assert_eq!((row.ip.as_deref(), row.log.kind.as_str()), (Some("10.0.0.7"), "scan"));
        assert_eq!(
            (row.log.occurred_at.to_rfc3339().as_str(), row.log.flags.as_slice()),
            ("2024-03-01T08:09:10.000Z", &[Flag::Late][..])
        );
        assert_eq!(row.log.external_id.as_ref().map(String::len), Some(64));
    }

    /// OPS-13: times are UTC unless local ones are asked for; without a usable one the import time counts, flagged.
    #[test]
    fn times_are_read() {
        let read_at = |zone: &str, time: &str| {
            let row = read(&format!(r#"{{"timestamp":{time},"a":1}}"#), &times(zone)).unwrap();
            (row.log.occurred_at.to_rfc3339(), row.log.flags, row.log.data)
        };
        for (zone, time, at) in [
            ("UTC", "\"2024-07-01 08:00:00\"", "2024-07-01T08:00:00.000Z"),
            ("Europe/Amsterdam", "\"2024-07-01 08:00:00\"", "2024-07-01T06:00:00.000Z"),
            ("UTC", "\" 2024-07-01T08:00:00.123456 \"", "2024-07-01T08:00:00.123Z"),
            ("Europe/Amsterdam", "\"2024-07-01T08:00:00Z\"", "2024-07-01T08:00:00.000Z"),
        ] {
            assert_eq!(
                read_at(zone, time),
                (at.to_owned(), vec![Flag::Late], r#"{"a":1}"#.to_owned()),
                "{time}"
            );
        }
        let (at, flags, _) = read_at("Europe/Amsterdam", "\"2024-10-27 02:30:00\"");
        assert_eq!((at.as_str(), flags), ("2024-10-27T00:30:00.000Z", vec![Flag::Late, Flag::AmbiguousTime]));
        for wrong in [
            "\"gisteren\"",
            "\"2024-02-30 00:00:00\"",
            "\"2024-07-01\"",
            "7",
            "\"2024-07-01 08:00:00+01\"",
            "\"0012-01-01 00:00:00\"",
        ] {
            let (at, flags, data) = read_at("UTC", wrong);
            assert_eq!(
                (at.as_str(), flags),
                ("2026-11-22T12:00:00.000Z", vec![Flag::TimeMissing]),
                "{wrong}"
            );
            assert_eq!(data, format!(r#"{{"timestamp":{wrong},"a":1}}"#), "what cannot be used is kept");
        }
        assert_eq!(read_at("UTC", "null").2, r#"{"a":1}"#);
        // A time of another name is data here.
        let other = row(r#"{"a":1,"occurred_at":"2039-01-01T00:00:00Z","event_id":"7"}"#);
        assert_eq!((other.log.occurred_at, other.log.flags), (times("UTC").now, vec![Flag::TimeMissing]));
        assert_ne!(other.log.external_id.as_deref(), Some("7"));
    }

    /// OPS-13: an address that is none is no address.
    #[test]
    fn addresses_are_read() {
        for (ip, expected) in [
            ("\"::ffff:10.0.0.1\"", Some("10.0.0.1")),
            ("\"2001:DB8::1\"", Some("2001:db8::1")),
            ("\"localhost\"", None),
            ("null", None),
            ("1", None),
        ] {
            assert_eq!(row(&format!(r#"{{"ip":{ip},"a":1}}"#)).ip.as_deref(), expected, "{ip}");
        }
    }

    /// OPS-13: rows that cannot be stored say why.
    #[test]
    fn bad_rows_say_why() {
        let reason = |json: &str| read(json, &times("UTC")).unwrap_err();
        for json in ["7", "[1]", "null", "\"x\""] {
            assert_eq!(reason(json), "the row is not an object", "{json}");
        }
        assert!(!reason("{\"ip\":\"10.0.0.1\"}").is_empty());
        assert!(reason(&format!("{{\"a\":\"{}\"}}", "x".repeat(300_000))).contains("KiB"));
        assert!(reason(&format!("{{\"a\":{}1{}}}", "[".repeat(70), "]".repeat(70))).contains("64"));
        assert!(reason("{\"a\":1,\"timestamp\":\"2027-01-01 00:00:00\"}").contains("2027-01-01"));
    }

    proptest! {
        /// OPS-13: the hash of a row does not depend on how it is laid out, and other rows have other hashes.
        #[test]
        fn hashes_know_rows(a in "[a-zé\"]{0,8}", n in -1_000_i64..1_000, swap: bool, blanks in "[ \n\t]{0,3}") {
            let (a, b) = (format!("\"a\":{blanks}{}", quoted(&a)), format!("\"b\"{blanks}:[{n},{blanks}{{}}]"));
            let other = if swap { format!("{{{b},{blanks}{a}}}") } else { format!("{{{a},{b}{blanks}}}") };
            let one = format!("{{{a},{b}}}");
            prop_assert_eq!(hash(&one), hash(&other));
            prop_assert_ne!(hash(&one), hash(&one.replace("[", "[0,")));
        }
    }
}
