//! Bodies and path values that are checked before a handler sees them.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use shared::problem::{Args, Code, FieldCode, FieldError};

use super::body::{self, CONTROL_LIMIT};
use super::problem::Problem;

/// A JSON body of a control route (at most 2 MiB).
#[derive(Debug, Clone)]
pub struct ValidJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ValidJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        expect_json(request.headers())?;
        let bytes = body::read(request.into_body(), CONTROL_LIMIT).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::new(Code::EmptyBody));
        }
        parse(&bytes).map(Self)
    }
}

/// `Option<ValidJson<T>>` is a body that may be left out, or be `null`.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for ValidJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Option<Self>, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, CONTROL_LIMIT).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        expect_json(&parts.headers)?;
        parse::<Option<T>>(&bytes).map(|value| value.map(Self))
    }
}

/// Requires a JSON media type.
///
/// # Errors
/// `unsupported_media_type`.
pub fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = media_type(headers);
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    Err(Problem::new(Code::UnsupportedMediaType).with("actual", kind).with("expected", "application/json"))
}

/// The media type of a request without its parameters, in lower case.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Parses JSON into a type; every fault has its place.
///
/// # Errors
/// `invalid_json` for syntax, `invalid_body` for the rest.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::new(Code::InvalidUtf8));
    }
    // A list would be taken for an object's members in their order; a body is an object.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        let whole = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
        return Err(whole.map_or_else(|error| syntax(&error), |_| wrong_type("", "sequence", "object")));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        fault(&pointer, error.inner(), bytes)
    })?;
    reader.end().map_err(|error| syntax(&error))?;
    Ok(value)
}

/// A name as a part of a pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut text, segment| {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("/{index}")),
            Segment::Map { key } => text.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        text
    })
}

/// A syntax error with its place.
#[must_use]
pub fn syntax(error: &serde_json::Error) -> Problem {
    Problem::new(Code::InvalidJson).with("line", error.line()).with("column", error.column())
}

fn fault(pointer: &str, error: &serde_json::Error, bytes: &[u8]) -> Problem {
    if !error.is_data() {
        return misplaced(pointer, bytes).unwrap_or_else(|| syntax(error));
    }
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
    let quoted = |from: &str| from.split('`').nth(1).unwrap_or_default().to_owned();
    let names = |from: &str| from.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", ");
    let (code, args, pointer) = if let Some(rest) = text.strip_prefix("missing field ") {
        (FieldCode::Required, vec![], format!("{pointer}/{}", quoted(rest)))
    } else if let Some(rest) = text.strip_prefix("unknown field ") {
        let (name, allowed) = rest.split_once(", ").unwrap_or((rest, ""));
        let args = vec![("actual", quoted(name)), ("allowed", names(allowed))];
        let own = format!("/{}", escaped(&quoted(name)));
        let place = if pointer.ends_with(&own) { pointer.to_owned() } else { format!("{pointer}{own}") };
        (FieldCode::UnknownField, args, place)
    } else if let Some(rest) = text.strip_prefix("unknown variant ") {
        let (name, allowed) = rest.split_once(", ").unwrap_or((rest, ""));
        (FieldCode::OneOf, vec![("actual", quoted(name)), ("allowed", names(allowed))], pointer.to_owned())
    } else if let Some((actual, expected)) =
        text.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        // Names of our types mean nothing to a caller.
        let expected = if expected.starts_with("struct ") { "object" } else { expected };
        let args = vec![("actual", actual.chars().take(60).collect()), ("expected", expected.to_owned())];
        (FieldCode::WrongType, args, pointer.to_owned())
    } else {
        (FieldCode::Syntax, vec![("reason", text.chars().take(120).collect())], pointer.to_owned())
    };
    let args: Args = args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Problem::new(Code::InvalidBody).faults(vec![FieldError { pointer, code, args }])
}

/// A value of another type where a word of a list belongs; the parser takes it for broken JSON, which it is not.
fn misplaced(pointer: &str, bytes: &[u8]) -> Option<Problem> {
    let whole: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let actual: String = whole.pointer(pointer)?.to_string().chars().take(60).collect();
    Some(wrong_type(pointer, &actual, "string"))
}

fn wrong_type(pointer: &str, actual: &str, expected: &str) -> Problem {
    let args =
        Args::from([("actual".to_owned(), actual.to_owned()), ("expected".to_owned(), expected.to_owned())]);
    let error = FieldError { pointer: pointer.to_owned(), code: FieldCode::WrongType, args };
    Problem::new(Code::InvalidBody).faults(vec![error])
}

/// One value of the path. What cannot be read does not exist.
#[derive(Debug, Clone)]
pub struct ValidPath<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for ValidPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(Code::NotFound);
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
        let (_, text) =
            params.iter().next().filter(|(_, text)| !text.starts_with('+')).ok_or_else(missing)?;
        text.parse().map(Self).map_err(|_| missing())
    }
}

/// Two values of the path.
#[derive(Debug, Clone)]
pub struct ValidPath2<A, B>(pub A, pub B);

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for ValidPath2<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(Code::NotFound);
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| missing())?;
        let mut values = params.iter().map(|(_, value)| value);
        let (first, second) = (values.next().ok_or_else(missing)?, values.next().ok_or_else(missing)?);
        Ok(Self(first.parse().map_err(|_| missing())?, second.parse().map_err(|_| missing())?))
    }
}

/// Turns collected faults into an answer.
///
/// # Errors
/// `invalid_body` when there is any fault.
pub fn no_faults(checks: shared::validate::Checks) -> Result<(), Problem> {
    if checks.errors.is_empty() { Ok(()) } else { Err(Problem::new(Code::InvalidBody).faults(checks.errors)) }
}
