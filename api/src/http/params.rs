//! Query parameters: read one by one, each with its bounds; what is unknown is refused.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use shared::problem::Code;
use shared::time::Millis;

use super::problem::Problem;
use crate::util::zone::{self, Zone};

/// The query parameters of a request, in order.
#[derive(Debug, Clone, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Params {
    /// Reads a query string (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let pairs = query.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        });
        Self { pairs: pairs.collect() }
    }

    /// Refuses parameters that are not in the list. A trailing `.` in the list allows any name after it.
    ///
    /// # Errors
    /// `unknown_parameter` with the name and what is allowed.
    pub fn allow(&self, allowed: &[&str]) -> Result<&Self, Problem> {
        let known = |name: &str| {
            allowed.iter().any(|known| name == *known || (known.ends_with('.') && name.starts_with(known)))
        };
        match self.pairs.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(Problem::new(Code::UnknownParameter)
                .with("name", name)
                .with("allowed", allowed.join(", "))),
            None => Ok(self),
        }
    }

    /// The last value of a parameter that is not blank.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .rev()
            .find(|(key, value)| key == name && !value.trim().is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The last value that is not blank and has at most so many characters: what is longer could not be found anyway.
    ///
    /// # Errors
    /// `parameter_too_long` with the bound.
    pub fn text(&self, name: &str, longest: usize) -> Result<Option<&str>, Problem> {
        match self.get(name) {
            Some(value) if value.chars().count() > longest => {
                Err(Problem::new(Code::ParameterTooLong).with("name", name).with("limit", longest))
            }
            value => Ok(value),
        }
    }

    /// The parameters but for one.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        Self { pairs: self.pairs.iter().filter(|(key, _)| key != name).cloned().collect() }
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// `invalid_parameter` with the bounds.
    pub fn int(&self, name: &str, default: i64, min: i64, max: i64) -> Result<i64, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        let value = i64::from_str(text.trim()).ok().filter(|value| (min..=max).contains(value));
        value.ok_or_else(|| invalid(name, &format!("{min} – {max}")))
    }

    /// A truth value.
    ///
    /// # Errors
    /// `invalid_parameter` naming the two words.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            // Named without a value it is neither: nothing may happen that somebody meant to avoid.
            None if self.iter().any(|(given, _)| given == name) => Err(invalid(name, "true, false")),
            None => Ok(false),
            Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(_) => Err(invalid(name, "true, false")),
        }
    }

    /// One of several words.
    ///
    /// # Errors
    /// `invalid_parameter` naming the words.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| Some(*value));
        found.ok_or_else(|| {
            invalid(name, &choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "))
        })
    }

    /// The time zone of days and weeks: `tz`, or the one given.
    ///
    /// # Errors
    /// `invalid_parameter` with an example.
    pub fn zone(&self, default: Zone) -> Result<Zone, Problem> {
        match self.get("tz") {
            None => Ok(default),
            Some(name) => match zone::find(name) {
                Some(zone) => Ok(Zone { name: name.to_owned(), zone }),
                None => Err(invalid("tz", "Europe/Amsterdam")),
            },
        }
    }

    /// An instant (RFC 3339).
    ///
    /// # Errors
    /// `invalid_parameter` with an example.
    pub fn instant(&self, name: &str) -> Result<Option<Millis>, Problem> {
        let Some(text) = self.get(name) else {
            // Named without a value it is neither open nor closed: nothing may happen that somebody meant to limit.
            let named = self.iter().any(|(given, _)| given == name);
            return if named { Err(invalid(name, "2026-11-22T08:00:00Z")) } else { Ok(None) };
        };
        // A plus sign that was not encoded arrives as a blank.
        let text = text.trim().replace(' ', "+");
        Millis::from_rfc3339(&text).map(Some).ok_or_else(|| invalid(name, "2026-11-22T08:00:00Z"))
    }
}

/// A parameter whose value does not fit.
#[must_use]
pub fn invalid(name: &str, expected: &str) -> Problem {
    Problem::new(Code::InvalidParameter).with("name", name).with("expected", expected)
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = |offset: usize| bytes.get(at + offset).and_then(|b| char::from(*b).to_digit(16));
        match (byte, hex(1), hex(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', ..) => out.push(b' '),
            _ => out.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-10: unknown names and values out of bounds are refused with what is allowed.
    #[test]
    fn parameters_are_checked() {
        let params = Params::parse("limit=10&q=caf%C3%A9+x&bad=1&field.location=Venlo&live=true");
        assert_eq!(params.get("q"), Some("café x"));
        assert_eq!(params.allow(&["limit", "q", "field.", "live"]).unwrap_err().code, Code::UnknownParameter);
        assert!(params.allow(&["limit", "q", "field.", "bad", "live"]).is_ok());
        assert_eq!(params.int("limit", 50, 1, 1000).unwrap(), 10);
        assert_eq!(params.int("limit", 50, 1, 9).unwrap_err().code, Code::InvalidParameter);
        assert_eq!(params.int("missing", 50, 1, 9).unwrap(), 50);
        assert!(params.flag("live").unwrap());
        assert!(params.flag("q").is_err());
        assert!(Params::parse("live").flag("live").is_err() && Params::parse("live=").flag("live").is_err());
        assert!(Params::parse("to=").instant("to").is_err() && Params::parse("").instant("to").is_ok());
    }

    /// API-10: a value that could not be found anyway is refused with the bound, counted in characters.
    #[test]
    fn long_values_are_refused() {
        let params = Params::parse("kind=caf%C3%A9&empty=");
        assert_eq!(params.text("kind", 4).unwrap(), Some("café"));
        let refused = params.text("kind", 3).unwrap_err();
        assert_eq!(refused.code, Code::ParameterTooLong);
        assert_eq!((params.text("empty", 0).unwrap(), params.text("absent", 0).unwrap()), (None, None));
    }

    /// API-10: any query string is read.
    #[test]
    fn strange_query_strings_are_read() {
        for query in ["%", "%zz", "=", "&&&", "a=%ff%fe", "a", "%E2%82"] {
            assert!(Params::parse(query).get("a").is_none_or(|value| !value.is_empty()), "{query}");
        }
    }
}
