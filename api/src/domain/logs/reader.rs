//! From JSON as sent to a log. Pure: the caller brings now and zone.
//!
//! Anything that is JSON and not empty becomes a log. Known members are read for the columns and stay where they
//! are; what cannot be used is named in a warning. Only a time far in the future is refused.

use std::sync::Arc;

use jiff::tz::TimeZone;
use shared::lang::Lang;
use shared::logs::{
    LATE_AFTER_MS, Level, LogWarning, MAX_EXTERNAL_ID_CHARS, MAX_FUTURE_MS, MAX_KIND_CHARS,
    MAX_MESSAGE_CHARS, MAX_RECORD_BYTES, MAX_RECORD_DEPTH,
};
use shared::problem::Code;
use shared::query::{Granularity, LocalDateTime};
use shared::time::Millis;

use super::model::{Flag, NewLog};
use crate::domain::search::doc::{self, Scalar, Sink};
use crate::http::auth::Keeping;
use crate::http::body::human_bytes;
use crate::http::problem::Problem;
use crate::util::zone;

/// What reading needs to know.
#[derive(Debug, Clone)]
pub struct Context {
    /// When the log was received.
    pub now: Millis,
    /// Zone of times without an offset.
    pub zone: TimeZone,
    /// Language of warnings.
    pub lang: Lang,
    /// How long logs are kept (LOG-11, LOG-15).
    pub retention: Arc<Keeping>,
}

/// What is known about a record beside the record itself, because a protocol says it elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Type of log, whatever the record says.
    pub kind: Option<String>,
    /// Type of log if the record names none.
    pub kind_otherwise: Option<String>,
    /// One sentence, whatever the record says.
    pub message: Option<String>,
    /// Level, whatever the record says.
    pub level: Option<Level>,
    /// Paths that hold a level if the usual members do not.
    pub level_paths: &'static [&'static str],
    /// When it happened, whatever the record says.
    pub occurred_at: Option<Millis>,
    /// Members that hold the time, asked before the usual ones.
    pub time_names: &'static [&'static str],
    /// Identifier, whatever the record says.
    pub external_id: Option<String>,
    /// What makes a repeated delivery the same one, if that is not the data byte for byte.
    pub same_as: Option<String>,
}

/// Names of members that are read, in order of preference.
const KIND: [&str; 4] = ["kind", "type", "event_type", "action"];
const MESSAGE: [&str; 3] = ["message", "msg", "txt"];
const LEVEL: [&str; 2] = ["level", "severity"];
const TIME: [&str; 3] = ["occurred_at", "timestamp", "time"];
const EXTERNAL_ID: [&str; 2] = ["external_id", "event_id"];
/// The member that names the log which this one corrects.
pub const CORRECTS: &str = "corrects_id";
/// Names whose text is the message, so that neither outlives the other.
pub const MESSAGE_NAMES: &[&str] = &MESSAGE;
/// Members that the kind is read from.
pub const KIND_NAMES: &[&str] = &KIND;
/// Members that the sender's own identifier is read from.
pub const EXTERNAL_ID_NAMES: &[&str] = &EXTERNAL_ID;
/// Numbers below this are seconds, above it milliseconds (the year 5138 in seconds, 1973 in milliseconds).
const SECONDS_BELOW: f64 = 100_000_000_000.0;
/// No event of logistics is older than the year 1000, or younger than the year 9999.
const OLDEST_MS: i64 = -30_610_224_000_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// Scalars of the data, and the members at its top.
#[derive(Default)]
struct Facts {
    fields: Vec<(String, String)>,
    /// Members at the top; an object or list is none that can be used.
    top: Vec<(String, Option<Scalar>)>,
    is_object: bool,
    any: bool,
}

impl Sink for Facts {
    fn scalar(&mut self, path: &str, depth: usize, scalar: Scalar) {
        self.any = true;
        self.fields.extend(scalar.texts().map(|text| (path.to_owned(), text.into_owned())));
        if depth == 1 && self.is_object {
            self.top.push((path.to_owned(), Some(scalar)));
        }
    }

    fn empty(&mut self, path: &str) {
        if !path.is_empty() {
            self.any = true;
            self.fields.push((path.to_owned(), String::new()));
        }
    }

    fn group(&mut self, path: &str, depth: usize) {
        if depth == 1 && self.is_object {
            self.top.push((path.to_owned(), None));
        }
    }
}

/// The scalars of stored data with their paths, as the index takes them.
///
/// # Errors
/// When the text is not JSON.
pub fn fields(data: &str) -> Result<Vec<(String, String)>, serde_json::Error> {
    let mut facts = Facts::default();
    doc::walk(data, &mut facts)?;
    Ok(facts.fields)
}

/// Reads one record.
///
/// # Errors
/// A problem that names what is wrong with it: too large, too deep, not JSON, empty, or in the future.
pub fn read(raw: &[u8], context: &Context) -> Result<NewLog, Problem> {
    read_with(raw, context, Hints::default())
}

/// Reads one record of a protocol that says more about it than the record does.
///
/// # Errors
/// As [`read`].
pub fn read_with(raw: &[u8], context: &Context, hints: Hints) -> Result<NewLog, Problem> {
    let raw = raw.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(raw);
    if raw.len() > MAX_RECORD_BYTES {
        let problem = Problem::new(Code::RecordTooLarge);
        return Err(problem
            .with("size", human_bytes(raw.len()))
            .with("limit", human_bytes(MAX_RECORD_BYTES)));
    }
    let text = std::str::from_utf8(raw).map_err(|_| Problem::new(Code::InvalidUtf8))?;
    let trimmed = text.trim();
    if matches!(trimmed, "" | "{}" | "[]" | "null" | "\"\"") {
        return Err(Problem::new(Code::EmptyBody));
    }
    if doc::depth(raw) > MAX_RECORD_DEPTH {
        return Err(Problem::new(Code::TooDeep).with("limit", MAX_RECORD_DEPTH));
    }
    let mut facts = Facts { is_object: trimmed.starts_with('{'), ..Facts::default() };
    doc::walk(text, &mut facts).map_err(|error| crate::http::extract::syntax(&error))?;
    if !facts.any {
        return Err(Problem::new(Code::EmptyBody));
    }
    let mut members = Members { top: &facts.top, lang: context.lang, warnings: Vec::new() };
    let kind = hints.kind.and_then(|kind| short(&kind, MAX_KIND_CHARS)).or_else(|| {
        members.pick(&KIND, "a text of 1 to 64 characters", "een tekst van 1 tot 64 tekens", |scalar| {
            match scalar {
                Scalar::Text(text) => short(text, MAX_KIND_CHARS),
                _ => None,
            }
        })
    });
    let kind = kind.or_else(|| hints.kind_otherwise.and_then(|kind| short(&kind, MAX_KIND_CHARS)));
    let message = hints.message.and_then(|message| short(&message, MAX_MESSAGE_CHARS)).or_else(|| {
        members.pick(
            &MESSAGE,
            "a text of 1 to 8,192 characters",
            "een tekst van 1 tot 8.192 tekens",
            |scalar| match scalar {
                Scalar::Text(text) => short(text, MAX_MESSAGE_CHARS),
                _ => None,
            },
        )
    });
    let levels = "debug, info, notice, warning, error, critical";
    let level = hints.level.or_else(|| {
        members.pick(&LEVEL, levels, levels, |scalar| match scalar {
            Scalar::Text(text) => Level::parse(text),
            _ => None,
        })
    });
    let level = level.or_else(|| {
        let named = facts.fields.iter().filter(|(path, _)| hints.level_paths.contains(&path.as_str()));
        named.filter_map(|(_, text)| Level::parse(text)).next()
    });
    let external_id = hints.external_id.or_else(|| {
        members.pick(
            &EXTERNAL_ID,
            "a text of 1 to 128 characters",
            "een tekst van 1 tot 128 tekens",
            |scalar| match scalar {
                Scalar::Bool(_) => None,
                other => short(other.text(), MAX_EXTERNAL_ID_CHARS),
            },
        )
    });
    let number = "the number of a log";
    let corrects_id = members.pick(&[CORRECTS], number, "het nummer van een log", |scalar| {
        scalar.text().parse().ok().filter(|seq: &i64| *seq > 0)
    });
    let form = "2026-11-22T08:00:00Z, 2026-11-22 09:00, 1795334400";
    let time = hints.occurred_at.filter(|at| at.0 >= OLDEST_MS).map(|at| (at, false)).or_else(|| {
        let names = [hints.time_names, &TIME].concat();
        members.pick(&names, form, form, |scalar| instant(scalar, &context.zone))
    });
    let warnings = members.warnings;
    let (occurred_at, ambiguous) = time.unwrap_or((context.now, false));
    if occurred_at.0 - context.now.0 > MAX_FUTURE_MS {
        return Err(Problem::new(Code::OccurredAtInFuture).with("value", occurred_at.to_rfc3339()));
    }
    let kind = kind.unwrap_or_else(|| "note".to_owned());
    if let Some(days) = context.retention.days_of(&kind)
        && occurred_at.0 < context.now.0 - days * DAY_MS
    {
        let problem = Problem::new(Code::OccurredBeforeRetention).with("value", occurred_at.to_rfc3339());
        return Err(problem.with("days", days));
    }
    let flags = [
        (Flag::Late, context.now.0 - occurred_at.0 > LATE_AFTER_MS),
        (Flag::ClockSkew, occurred_at > context.now),
        (Flag::AmbiguousTime, ambiguous),
    ];
    Ok(NewLog {
        kind,
        level: level.unwrap_or_default(),
        message,
        data: text.to_owned(),
        occurred_at,
        external_id,
        same_as: hints.same_as,
        corrects_id,
        flags: flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag).collect(),
        warnings,
        fields: facts.fields,
    })
}

/// LOG-10: the number to correct belongs to no log.
#[must_use]
pub fn unknown_correction(lang: Lang) -> LogWarning {
    let detail = match lang {
        Lang::Nl => "Er is geen log met dit nummer; de log is bewaard zonder verwijzing.",
        Lang::En => "There is no log with this number; the log was stored without a reference.",
    };
    LogWarning {
        pointer: format!("/{CORRECTS}"),
        code: "log_not_found".to_owned(),
        detail: detail.to_owned(),
    }
}

struct Members<'a> {
    top: &'a [(String, Option<Scalar>)],
    lang: Lang,
    warnings: Vec<LogWarning>,
}

impl Members<'_> {
    /// The first usable member of several names; those that are unusable leave a warning.
    fn pick<T>(
        &mut self,
        names: &[&str],
        en: &str,
        nl: &str,
        read: impl Fn(&Scalar) -> Option<T>,
    ) -> Option<T> {
        for name in names {
            // Of a name that stands twice the last one counts, as in every JSON reader.
            let Some((_, scalar)) = self.top.iter().rev().find(|(path, _)| path == name) else {
                continue;
            };
            if let Some(value) = scalar.as_ref().and_then(&read) {
                return Some(value);
            }
            let detail = match self.lang {
                Lang::Nl => format!("Dit veld is niet gebruikt; verwacht is {nl}."),
                Lang::En => format!("This member was not used; expected is {en}."),
            };
            self.warnings.push(LogWarning {
                pointer: format!("/{name}"),
                code: "unusable_value".to_owned(),
                detail,
            });
        }
        None
    }
}

/// A text within a number of characters, without characters that no database stores.
fn short(text: &str, max: usize) -> Option<String> {
    let trimmed = text.trim();
    let fits = !trimmed.is_empty() && trimmed.chars().count() <= max && !trimmed.contains('\0');
    fits.then(|| trimmed.to_owned())
}

/// Reads a time: RFC 3339, a local date with or without a time, unix seconds or milliseconds. The flag tells
/// whether the local time exists twice or not at all.
fn instant(scalar: &Scalar, zone: &TimeZone) -> Option<(Millis, bool)> {
    let found = match scalar {
        Scalar::Bool(_) => None,
        Scalar::Number(number) => unix(number.as_f64()?).map(|at| (at, false)),
        Scalar::Text(text) => {
            let text = text.trim();
            Millis::from_rfc3339(text).map(|at| (at, false)).or_else(|| local(text, zone)).or_else(|| {
                let digits = text.len() >= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| text.parse().ok().and_then(unix).map(|at| (at, false))).flatten()
            })
        }
    };
    found.filter(|(at, _)| at.0 >= OLDEST_MS)
}

fn unix(number: f64) -> Option<Millis> {
    let ms = if number.abs() < SECONDS_BELOW { number * 1_000.0 } else { number };
    (number.is_finite() && ms.abs() < 253_402_300_800_000.0).then_some(Millis(ms as i64))
}

/// `YYYY-MM-DD[ HH:MM[:SS[.fff]]]` in the customer's zone.
fn local(text: &str, zone: &TimeZone) -> Option<(Millis, bool)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction))
            if whole.len() == 19 && fraction.bytes().all(|b| b.is_ascii_digit()) && !fraction.is_empty() =>
        {
            (whole, format!("{fraction:0<3}"))
        }
        _ => (text, "000".to_owned()),
    };
    let starts_with_year = whole.len() >= 10 && whole.as_bytes()[4] == b'-';
    let parsed = starts_with_year.then(|| LocalDateTime::parse(whole)).flatten()?;
    if matches!(parsed.granularity, Granularity::Year | Granularity::Month) {
        return None;
    }
    let date = jiff::civil::DateTime::new(
        parsed.year,
        parsed.month,
        parsed.day,
        parsed.hour,
        parsed.minute,
        parsed.second,
        0,
    )
    .ok()?;
    let (at, flagged) = zone::resolve(zone, date);
    let ms: i64 = fraction.get(..3)?.parse().ok()?;
    // A bare date that begins in a clock change is still that date.
    Some((Millis(at.0 + ms), flagged && parsed.granularity != Granularity::Day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn context() -> Context {
        let now = Millis::from_rfc3339("2026-11-22T12:00:00Z").unwrap();
        Context {
            now,
            zone: zone::find("Europe/Amsterdam").unwrap(),
            lang: Lang::En,
            retention: std::sync::Arc::default(),
        }
    }

    fn read_text(json: &str) -> Result<NewLog, Code> {
        read(json.as_bytes(), &context()).map_err(|problem| problem.code)
    }

    /// LOG-04: known members fill the columns, in order of preference, and stay in the data.
    #[test]
    fn known_members_are_read() {
        let json = r#"{ "type":"container_arrived","action":"x","msg":"Hallo","severity":"WARN","event_id":12,"time":"2026-11-22T10:00:00+01:00"}"#;
        let log = read_text(json).unwrap();
        assert_eq!(
            (log.kind.as_str(), log.message.as_deref(), log.level),
            ("container_arrived", Some("Hallo"), Level::Warning)
        );
        assert_eq!(
            (log.external_id.as_deref(), log.occurred_at.to_rfc3339().as_str()),
            (Some("12"), "2026-11-22T09:00:00.000Z")
        );
        assert_eq!(log.data, json);
        assert!(log.warnings.is_empty() && log.flags.is_empty());
    }

    /// LOG-04: what cannot be used is ignored with a warning, and the next name is tried.
    #[test]
    fn unusable_members_are_warned_about() {
        let long = "x".repeat(65);
        let log = read_text(&format!(
            r#"{{"kind":"{long}","type":"scan","level":"loud","message":7,"time":"14:30"}}"#
        ))
        .unwrap();
        assert_eq!((log.kind.as_str(), log.level, log.message), ("scan", Level::Info, None));
        let pointers: Vec<&str> = log.warnings.iter().map(|warning| warning.pointer.as_str()).collect();
        assert_eq!(pointers, ["/kind", "/message", "/level", "/time"]);
        assert_eq!(log.occurred_at, context().now);
    }

    /// LOG-04: any value that is not empty is a log; nothing at all is none.
    #[test]
    fn any_value_but_nothing_is_a_log() {
        for json in ["1", "true", "\"tekst\"", "[1]", r#"{"a":null}"#, r#"{"a":{}}"#, " [[1]] "] {
            let log = read_text(json).unwrap();
            assert_eq!((log.kind.as_str(), log.data.as_str()), ("note", json));
        }
        for json in ["", "  ", "{}", "[]", "null", " { } ", "[[]]", "\"\""] {
            assert_eq!(read_text(json), Err(Code::EmptyBody), "{json}");
        }
        for json in ["{", "{\"a\":1,}", "nul", "{\"a\":1} x", "{'a':1}", "\"\u{1}\""] {
            assert_eq!(read_text(json), Err(Code::InvalidJson), "{json}");
        }
        assert_eq!(read(b"{\"a\":\"\xff\"}", &context()).unwrap_err().code, Code::InvalidUtf8);
    }

    /// LOG-05: size and nesting have limits, and reaching them is no fault.
    #[test]
    fn limits_hold() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read_text(&deep(64)).is_ok());
        assert_eq!(read_text(&deep(65)), Err(Code::TooDeep));
        assert_eq!(read_text(&deep(100_000)), Err(Code::TooDeep));
        let text = |size: usize| format!("\"{}\"", "x".repeat(size - 2));
        assert!(read_text(&text(MAX_RECORD_BYTES)).is_ok());
        assert_eq!(read_text(&text(MAX_RECORD_BYTES + 1)), Err(Code::RecordTooLarge));
    }

    /// LOG-07: late, skewed and ambiguous times are flagged; far in the future is refused.
    #[test]
    fn times_are_judged() {
        for (time, occurred, flags) in [
            ("\"2026-11-21T11:59:59Z\"", "2026-11-21T11:59:59.000Z", &[Flag::Late][..]),
            ("\"2026-11-21T12:00:00Z\"", "2026-11-21T12:00:00.000Z", &[]),
            ("\"2026-11-23T12:00:00Z\"", "2026-11-23T12:00:00.000Z", &[Flag::ClockSkew]),
            ("\"2026-10-25 02:30\"", "2026-10-25T00:30:00.000Z", &[Flag::Late, Flag::AmbiguousTime]),
            ("\"2026-03-29 02:30:00\"", "2026-03-29T01:30:00.000Z", &[Flag::Late, Flag::AmbiguousTime]),
            ("\"2026-11-22\"", "2026-11-21T23:00:00.000Z", &[]),
            ("\"2026-11-22 12:30:05.5\"", "2026-11-22T11:30:05.500Z", &[]),
            ("1795334400", "2026-11-22T08:00:00.000Z", &[]),
            ("1795334400123", "2026-11-22T08:00:00.123Z", &[]),
            ("\"1795334400\"", "2026-11-22T08:00:00.000Z", &[]),
        ] {
            let log = read_text(&format!(r#"{{"occurred_at":{time}}}"#)).unwrap();
            assert_eq!(
                (log.occurred_at.to_rfc3339().as_str(), log.flags.as_slice()),
                (occurred, flags),
                "{time}"
            );
        }
        assert_eq!(read_text(r#"{"occurred_at":"2026-11-23T12:00:00.001Z"}"#), Err(Code::OccurredAtInFuture));
        for useless in ["\"gisteren\"", "\"2026-13-01\"", "true", "1e300", "\"2026\"", "{}", "-1e14"] {
            let log = read_text(&format!(r#"{{"a":1,"occurred_at":{useless}}}"#)).unwrap();
            assert_eq!(log.occurred_at, context().now, "{useless}");
        }
    }

    proptest! {
        /// LOG-01: data is kept byte for byte, numbers and escapes included.
        #[test]
        fn data_is_kept(number in "-?[1-9][0-9]{0,40}(\\.[0-9]{1,30})?", text in "[a-z\\\\u00e9é€📦 ]{0,20}") {
            let text = text.replace('\\', "");
            let json = format!("{{\"z\": {number} ,\"a\":\"{text}\\u00e9\",\"a\":2}}");
            prop_assert_eq!(read_text(&json).unwrap().data, json);
        }

        /// LOG-04: any bytes are read or refused.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(log) = read(&bytes, &context()) {
                prop_assert_eq!(log.data.as_bytes(), bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes));
            }
        }
    }
}
