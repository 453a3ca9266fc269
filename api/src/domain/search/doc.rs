//! A log as a query sees it: its own members and every scalar of its data with a path.

use std::borrow::Cow;
use std::fmt;
use std::iter;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A number as it was written: `4.20` keeps its zero, and no digit of a long one is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numeral(String);

impl Numeral {
    /// The value; none beyond all bounds.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// The one notation that all numbers of this value share, where it is another.
    fn canonical(&self) -> Option<String> {
        let number: serde_json::Number = serde_json::from_str(&self.0).ok()?;
        Some(number.to_string()).filter(|text| *text != self.0)
    }
}

/// A scalar of JSON data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A number.
    Number(Numeral),
    /// A truth value.
    Bool(bool),
}

impl Scalar {
    /// The scalar as text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => &number.0,
            Self::Bool(value) => {
                if *value {
                    "true"
                } else {
                    "false"
                }
            }
        }
    }

    /// Under which texts the scalar is found: as written, and a number in its other notation.
    pub fn texts(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let canonical = match self {
            Self::Number(number) => number.canonical(),
            Self::Text(_) | Self::Bool(_) => None,
        };
        iter::once(Cow::Borrowed(self.text())).chain(canonical.map(Cow::Owned))
    }
}

/// Receives scalars with their paths (names joined by dots, positions in lists left out).
pub trait Sink {
    /// A scalar at a path.
    fn scalar(&mut self, path: &str, depth: usize, scalar: Scalar);
    /// A name without a scalar below it (an empty object, list or null).
    fn empty(&mut self, path: &str);
    /// A name of an object or list, before what is in it.
    fn group(&mut self, _path: &str, _depth: usize) {}
}

/// Walks JSON text and hands every scalar to the sink. Each level is read from its own text, because numbers are
/// wanted as they stand there; the caller bounds the nesting.
///
/// # Errors
/// When the text is not JSON.
pub fn walk(json: &str, sink: &mut dyn Sink) -> Result<(), serde_json::Error> {
    let raw: &RawValue = serde_json::from_str(json)?;
    Walker { path: String::new(), depth: 0, sink }.value(raw.get())
}

struct Walker<'a> {
    path: String,
    depth: usize,
    sink: &'a mut dyn Sink,
}

impl Walker<'_> {
    fn value(&mut self, raw: &str) -> Result<(), serde_json::Error> {
        let scalar = match raw.as_bytes().first() {
            Some(b'{' | b'[') => return self.group(raw),
            Some(b'n') => {
                self.sink.empty(&self.path);
                return Ok(());
            }
            Some(b'"') => Scalar::Text(text(raw)?),
            Some(b't' | b'f') => Scalar::Bool(raw == "true"),
            _ => Scalar::Number(Numeral(raw.to_owned())),
        };
        self.sink.scalar(&self.path, self.depth, scalar);
        Ok(())
    }

    fn group(&mut self, raw: &str) -> Result<(), serde_json::Error> {
        self.sink.group(&self.path, self.depth);
        let parts = parts(raw)?;
        if parts.is_empty() {
            self.sink.empty(&self.path);
        }
        self.depth += 1;
        for (name, value) in parts {
            let length = self.path.len();
            if let Some(name) = name {
                if length > 0 {
                    self.path.push('.');
                }
                self.path.push_str(&text(name.get())?);
            }
            self.value(value.get())?;
            self.path.truncate(length);
        }
        self.depth -= 1;
        Ok(())
    }
}

/// The text of a JSON string. Halves of surrogate pairs, which JSON may hold and no text can, become `\u{fffd}`.
///
/// # Errors
/// When it is not the text of a JSON string.
pub fn text(raw: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str(raw).or_else(|_| serde_json::from_str(&whole_pairs(raw)))
}

/// A JSON string with `\\ufffd` for halves of surrogate pairs.
fn whole_pairs(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        let code = |text: &str| {
            text.strip_prefix("\\u").and_then(|text| u32::from_str_radix(text.get(..4)?, 16).ok())
        };
        let taken = match (code(rest), rest.get(6..).and_then(code)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str("\\ufffd");
                rest = rest.get(6..).unwrap_or_default();
                continue;
            }
            _ if first == '\\' => rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at),
            _ => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(taken);
        out.push_str(piece);
        rest = after;
    }
    out
}

/// A member of an object (with its name) or list (without), each as it stands there.
pub type Part<'a> = (Option<&'a RawValue>, &'a RawValue);

/// What is in an object or list.
///
/// # Errors
/// When the text is neither.
pub fn parts(raw: &str) -> Result<Vec<Part<'_>>, serde_json::Error> {
    serde_json::from_str(raw).map(|Parts(parts)| parts)
}

/// What is in an object (with names) or list (without), each as it stands there.
struct Parts<'a>(Vec<Part<'a>>);

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some(value) = seq.next_element()? {
            parts.push((None, value));
        }
        Ok(Parts(parts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut parts = Vec::new();
        while let Some((name, value)) = map.next_entry()? {
            parts.push((Some(name), value));
        }
        Ok(Parts(parts))
    }

    fn visit_str<E: Error>(self, _value: &str) -> Result<Self::Value, E> {
        Err(E::custom("neither object nor list"))
    }
}

/// Deepest nesting of JSON text; strings are skipped.
#[must_use]
pub fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A stored log as a query sees it.
#[derive(Debug, Clone, Default)]
pub struct Doc {
    /// Number.
    pub seq: i64,
    /// Kind.
    pub kind: String,
    /// Level.
    pub level: String,
    /// Way in.
    pub source: String,
    /// Message.
    pub message: Option<String>,
    /// The sender's identifier.
    pub external_id: Option<String>,
    /// Address of the sender.
    pub ip: Option<String>,
    /// Observations.
    pub flags: Vec<String>,
    /// When it happened, unix milliseconds.
    pub occurred_at: i64,
    /// Scalars of the data with their paths.
    pub fields: Vec<(String, Option<Scalar>)>,
}

impl Sink for Doc {
    fn scalar(&mut self, path: &str, _depth: usize, scalar: Scalar) {
        self.fields.push((path.to_owned(), Some(scalar)));
    }

    fn empty(&mut self, path: &str) {
        self.fields.push((path.to_owned(), None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SRCH-01: nested fields have dotted paths, lists do not count.
    #[test]
    fn scalars_have_paths() {
        let mut doc = Doc::default();
        walk(r#"{"a":{"b":[1,{"c":"x"}]},"d":null,"e":{},"f":true}"#, &mut doc).unwrap();
        let paths: Vec<&str> = doc.fields.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a.b", "a.b.c", "d", "e", "f"]);
    }

    /// LOG-01, LOG-04: numbers beyond all bounds and halves of pairs are no reason to refuse JSON.
    #[test]
    fn wild_json_is_read() {
        let mut doc = Doc::default();
        let huge = "9".repeat(400);
        let json = format!(
            r#"{{"a":1e400,"b":[-1E999,{huge},1e-999,1e30],"c":"\ud800x\uD83D\uDE00\\ud800\"","d":"1e400"}}"#
        );
        walk(&json, &mut doc).unwrap();
        let texts: Vec<String> =
            doc.fields.iter().map(|(_, scalar)| scalar.as_ref().unwrap().text().to_owned()).collect();
        assert_eq!(
            texts,
            ["1e400", "-1E999", huge.as_str(), "1e-999", "1e30", "\u{fffd}x😀\\ud800\"", "1e400"]
        );
        for broken in [
            "1e400,",
            "[1e4000",
            r#""\ud800"#,
            r#"{"a":1e400 "b":2}"#,
            "1e400e5",
            "\"\\ud80\"",
            "\"\\x\"",
            "\"a\nb\"",
            "0123456e400",
        ] {
            assert!(walk(broken, &mut Doc::default()).is_err(), "{broken}");
        }
    }

    /// SRCH-03: a number is found as it was written and in the notation that its value has.
    #[test]
    fn numbers_have_two_notations() {
        let texts = |number: &str| {
            let scalar = Scalar::Number(Numeral(number.to_owned()));
            scalar.texts().map(Cow::into_owned).collect::<Vec<_>>()
        };
        assert_eq!(texts("4.20"), ["4.20", "4.2"]);
        assert_eq!(texts("42"), ["42"]);
        assert_eq!(texts("42e-1"), ["42e-1", "4.2"]);
        assert_eq!(texts("12345678901234567890123"), ["12345678901234567890123", "1.2345678901234568e+22"]);
        assert_eq!(texts("1e400"), ["1e400"]);
        assert_eq!(Numeral("1e400".to_owned()).as_f64(), None);
    }

    proptest! {
        /// LOG-04: what is valid JSON is walked, what is not is refused, and texts and numbers arrive unchanged.
        #[test]
        fn every_scalar_arrives(texts in proptest::collection::vec("\\PC{0,12}", 0..6), number in -1e12_f64..1e12) {
            let json = serde_json::json!({ "t": texts, "n": { "x": number } }).to_string();
            let mut doc = Doc::default();
            walk(&json, &mut doc).unwrap();
            let found: Vec<&str> = doc.fields.iter().filter(|(path, _)| path == "t").filter_map(|(_, s)| Some(s.as_ref()?.text())).collect();
            prop_assert_eq!(found, texts);
            let Some((_, Some(Scalar::Number(numeral)))) = doc.fields.iter().find(|(path, _)| path == "n.x") else { panic!() };
            prop_assert_eq!(numeral.as_f64(), Some(number));
        }

        /// LOG-04: any text is walked if, and only if, it is JSON.
        #[test]
        fn any_text_is_walked_or_refused(text in "[\\[\\]{}:,\"0-9a-fnrtulse.+\\\\ -]{0,24}") {
            let valid = serde_json::from_str::<&RawValue>(&text).is_ok();
            prop_assert_eq!(walk(&text, &mut Doc::default()).is_ok(), valid, "{}", text);
        }
    }

    /// LOG-05: nesting is counted outside of strings.
    #[test]
    fn nesting_is_counted() {
        assert_eq!(depth(br#"{"a":[[1]],"b":"[[[[\"[["}"#), 3);
        assert_eq!(depth(b"1"), 0);
    }
}
