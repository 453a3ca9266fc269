//! Cursors: signed positions that belong to one filter.

use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shared::page::Page;
use shared::problem::Code;

use super::problem::Problem;
use crate::util::crypto::{self, Keyring, Purpose};

/// A position in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Sort values of the last row, most significant first.
    pub at: Vec<Position>,
}

/// One sort value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Position {
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
}

impl Cursor {
    /// A cursor behind one number.
    #[must_use]
    pub fn after(value: i64) -> Self {
        Self { at: vec![Position::Int(value)] }
    }

    /// The number at a place.
    #[must_use]
    pub fn int(&self, place: usize) -> Option<i64> {
        match self.at.get(place) {
            Some(Position::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The text at a place.
    #[must_use]
    pub fn text(&self, place: usize) -> Option<&str> {
        match self.at.get(place) {
            Some(Position::Text(value)) => Some(value),
            _ => None,
        }
    }
}

/// Above every identifier: none begins with a letter behind `f`, and letters follow digits in every collation.
pub const NEWEST: &str = "g";

/// Marks the answer of a list that goes on; `frame` makes the `Link` header of it (RFC 8288).
#[derive(Debug, Clone)]
pub struct NextPage(pub String);

impl NextPage {
    /// Marks an answer, if the list goes on.
    #[must_use]
    pub fn mark(cursor: Option<String>, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        if let Some(cursor) = cursor {
            response.extensions_mut().insert(Self(cursor));
        }
        response
    }

    /// The header for a request: the same address with the cursor of the next page.
    #[must_use]
    pub fn link(&self, path: &str, query: &str) -> Option<HeaderValue> {
        let kept = query.split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && !["cursor", "offset"].contains(&name)
        });
        let mut target = format!("{path}?");
        for pair in kept {
            target.push_str(pair);
            target.push('&');
        }
        HeaderValue::from_str(&format!("<{target}cursor={}>; rel=\"next\"", self.0)).ok()
    }
}

/// A list as cursors see it: who asks, for what, in which order.
#[derive(Debug, Clone)]
pub struct ListKey {
    digest: [u8; 8],
}

impl ListKey {
    /// Names a list by its parts (operation, customer, filter, order).
    #[must_use]
    pub fn new(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut digest = [0; 8];
        digest.copy_from_slice(&hash.finalize()[..8]);
        Self { digest }
    }

    /// Writes a cursor of this list.
    #[must_use]
    pub fn write(&self, keys: &Keyring, cursor: &Cursor) -> String {
        let mut bytes = self.digest.to_vec();
        bytes.extend(serde_json::to_vec(cursor).unwrap_or_default());
        let tag = keys.current().digest(Purpose::Cursor, &[&bytes]);
        bytes.extend(tag.bytes().take(16));
        crypto::base64url(&bytes)
    }

    /// The identifier before which a page begins, in a list that shows the newest first.
    ///
    /// # Errors
    /// `invalid_cursor`, `cursor_mismatch`.
    pub fn before(&self, keys: &Keyring, cursor: Option<&str>) -> Result<String, Problem> {
        let cursor = cursor.map(|text| self.read(keys, text)).transpose()?;
        Ok(cursor.as_ref().and_then(|cursor| cursor.text(0)).unwrap_or(NEWEST).to_owned())
    }

    /// The page of rows of which one more was read than it holds, in a list in order of identifiers.
    pub fn page<T>(&self, keys: &Keyring, mut data: Vec<T>, limit: i64, id: impl Fn(&T) -> &str) -> Page<T> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = data.len() > wanted;
        data.truncate(wanted);
        let last = data.last().filter(|_| has_more).map(|row| Position::Text(id(row).to_owned()));
        let next_cursor = last.map(|last| self.write(keys, &Cursor { at: vec![last] }));
        Page { data, next_cursor, has_more }
    }

    /// Reads a cursor of this list.
    ///
    /// # Errors
    /// `invalid_cursor` when it is not ours, `cursor_mismatch` when it belongs to another list.
    pub fn read(&self, keys: &Keyring, text: &str) -> Result<Cursor, Problem> {
        let invalid = || Problem::new(Code::InvalidCursor);
        let bytes = crypto::from_base64url(text).filter(|bytes| bytes.len() > 24).ok_or_else(invalid)?;
        let (signed, tag) = bytes.split_at(bytes.len() - 16);
        let genuine = keys.all().any(|key| {
            let expected = key.digest(Purpose::Cursor, &[signed]);
            crypto::same(&expected[..16], std::str::from_utf8(tag).unwrap_or_default())
        });
        if !genuine {
            return Err(invalid());
        }
        let (digest, json) = signed.split_at(8);
        if digest != self.digest {
            return Err(Problem::new(Code::CursorMismatch));
        }
        serde_json::from_slice(json).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring() -> Keyring {
        Keyring::new("0123456789abcdef0123456789abcdef".to_owned().into(), vec![])
    }

    /// GEN-07: a cursor works on its own list alone, and cannot be changed.
    #[test]
    fn cursors_belong_to_their_list() {
        let (list, other) = (ListKey::new(&["logs", "1", "q=a"]), ListKey::new(&["logs", "2", "q=a"]));
        let text = list.write(&ring(), &Cursor::after(42));
        assert_eq!(list.read(&ring(), &text).unwrap().int(0), Some(42));
        assert_eq!(other.read(&ring(), &text).unwrap_err().code, Code::CursorMismatch);
        let foreign = Keyring::new("another-secret-another-secret-aa".to_owned().into(), vec![]);
        assert_eq!(list.read(&foreign, &text).unwrap_err().code, Code::InvalidCursor);
        for at in 0..text.len() {
            let mut broken = text.clone().into_bytes();
            broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
            let broken = String::from_utf8(broken).unwrap();
            assert!(list.read(&ring(), &broken).is_err() || broken == text, "{at}");
        }
    }

    /// GEN-07: the link to the next page keeps what was asked for and replaces the position.
    #[test]
    fn links_keep_the_question() {
        let next = NextPage("abc".to_owned());
        let link = |query| next.link("/api/v1/logs", query).unwrap().to_str().unwrap().to_owned();
        assert_eq!(link(""), "</api/v1/logs?cursor=abc>; rel=\"next\"");
        assert_eq!(
            link("q=a%20b&cursor=old&limit=2&offset=3"),
            "</api/v1/logs?q=a%20b&limit=2&cursor=abc>; rel=\"next\""
        );
    }

    proptest! {
        /// GEN-07: no text makes the reader fail hard.
        #[test]
        fn any_text_is_refused(text in "\\PC{0,80}") {
            prop_assert!(ListKey::new(&["x"]).read(&ring(), &text).is_err());
        }
    }
}
