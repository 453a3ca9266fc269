//! A log as a query sees it: its own members and every scalar of its data with a path.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// A scalar of JSON data.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A text.
    Text(String),
    /// A number, as written.
    Number(serde_json::Number),
    /// A truth value.
    Bool(bool),
}

impl Scalar {
    /// The scalar as text.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => number.to_string().into(),
            Self::Bool(value) => if *value { "true" } else { "false" }.into(),
        }
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
    /// Everything comes once more, from the start.
    fn clear(&mut self);
}

/// Walks JSON text once and hands every scalar to the sink.
///
/// # Errors
/// When the text is not JSON.
pub fn walk(json: &str, sink: &mut dyn Sink) -> Result<(), serde_json::Error> {
    let Err(error) = walk_once(json, sink) else {
        return Ok(());
    };
    // Valid JSON may hold numbers that no number type holds, and halves of surrogate pairs: those are read as texts.
    if serde_json::from_str::<&serde_json::value::RawValue>(json).is_err() {
        return Err(error);
    }
    sink.clear();
    walk_once(&tame(json), sink)
}

fn walk_once(json: &str, sink: &mut dyn Sink) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut path = String::new();
    Walker { path: &mut path, depth: 0, sink }.deserialize(&mut reader)?;
    reader.end()
}

/// The same JSON with numbers beyond all bounds as texts and `\\ufffd` for halves of surrogate pairs.
fn tame(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 16);
    let mut rest = json;
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let (piece, after) = if in_string && first == '\\' {
            let code = |text: &str| {
                text.strip_prefix("\\u").and_then(|text| u32::from_str_radix(text.get(..4)?, 16).ok())
            };
            let (high, low) = (code(rest), rest.get(6..).and_then(code));
            match (high, low) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => rest.split_at(12),
                (Some(0xD800..=0xDFFF), _) => {
                    out.push_str("\\ufffd");
                    ("", rest.get(6..).unwrap_or_default())
                }
                _ => rest.split_at(rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at)),
            }
        } else if !in_string && (first == '-' || first.is_ascii_digit()) {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E')))
                .unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            if number.parse::<f64>().is_ok_and(f64::is_finite) {
                (number, after)
            } else {
                out.push_str(&format!("\"{number}\""));
                ("", after)
            }
        } else {
            in_string ^= first == '"';
            rest.split_at(first.len_utf8())
        };
        out.push_str(piece);
        rest = after;
    }
    out
}

struct Walker<'a> {
    path: &'a mut String,
    depth: usize,
    sink: &'a mut dyn Sink,
}

impl<'de> DeserializeSeed<'de> for Walker<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Walker<'_> {
    fn put(self, scalar: Scalar) {
        self.sink.scalar(self.path, self.depth, scalar);
    }
}

impl<'de> Visitor<'de> for Walker<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(Scalar::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.put(Scalar::Number(value.into()));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.put(Scalar::Number(value.into()));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        if let Some(number) = serde_json::Number::from_f64(value) {
            self.put(Scalar::Number(number));
        }
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.put(Scalar::Text(value.to_owned()));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.sink.empty(self.path);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.sink.group(self.path, self.depth);
        let mut any = false;
        while seq
            .next_element_seed(Walker { path: self.path, depth: self.depth + 1, sink: self.sink })?
            .is_some()
        {
            any = true;
        }
        if !any {
            self.sink.empty(self.path);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.sink.group(self.path, self.depth);
        let length = self.path.len();
        let mut any = false;
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            any = true;
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&name);
            map.next_value_seed(Walker { path: self.path, depth: self.depth + 1, sink: self.sink })?;
            self.path.truncate(length);
        }
        if !any {
            self.sink.empty(self.path);
        }
        Ok(())
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

    fn clear(&mut self) {
        self.fields.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            doc.fields.iter().map(|(_, scalar)| scalar.as_ref().unwrap().text().into_owned()).collect();
        assert_eq!(
            texts,
            ["1e400", "-1E999", huge.as_str(), "0.0", "1e+30", "\u{fffd}x😀\\ud800\"", "1e400"]
        );
        for broken in [
            "1e400,",
            "[1e4000",
            r#""\ud800"#,
            r#"{"a":1e400 "b":2}"#,
            "1e400e5",
            "\"\\ud80\"",
            "0123456e400",
        ] {
            assert!(walk(broken, &mut Doc::default()).is_err(), "{broken}");
        }
    }

    /// LOG-05: nesting is counted outside of strings.
    #[test]
    fn nesting_is_counted() {
        assert_eq!(depth(br#"{"a":[[1]],"b":"[[[[\"[["}"#), 3);
        assert_eq!(depth(b"1"), 0);
    }
}
