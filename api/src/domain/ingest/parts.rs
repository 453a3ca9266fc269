//! How much a message may hold. A few bytes on the wire can become an object of hundreds in memory, so parts are
//! counted before anything is built.

use shared::logs::MAX_UPLOAD_BYTES;
use shared::problem::Code;

use super::unreadable;
use crate::http::body::human_bytes;
use crate::http::problem::{Answer, Problem};

/// Most objects and lists of one request: 10,000 records with dozens of attributes.
const MAX_PARTS: usize = 500_000;
/// Deepest nesting of messages; Protocol Buffers itself stops at 100.
const MAX_DEPTH: usize = 100;

/// Where a message of Protocol Buffers holds other messages: numbers of fields and what lies there.
#[derive(Debug)]
pub struct Shape(pub &'static [(u64, &'static Shape)]);

/// A message that holds no others.
pub static LEAF: Shape = Shape(&[]);

fn too_many() -> Problem {
    Problem::new(Code::TooManyItems).with("actual", format!("> {MAX_PARTS}")).with("limit", MAX_PARTS)
}

/// Counts objects and lists of JSON.
///
/// # Errors
/// `too_many_items`.
pub fn count_json(bytes: &[u8]) -> Answer<()> {
    let (mut count, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => count += 1,
            _ => {}
        }
    }
    if count > MAX_PARTS { Err(too_many()) } else { Ok(()) }
}

/// Counts the messages within a message, and finds where it breaks off.
///
/// # Errors
/// `too_many_items`, `invalid_message`.
pub fn count_messages(bytes: &[u8], shape: &Shape, standard: &str) -> Answer<()> {
    let mut left = MAX_PARTS;
    walk(bytes, shape, &mut left, 0).map_err(|fault| match fault {
        Fault::TooMany => too_many(),
        Fault::Broken => unreadable(standard, "the message is broken off or has no valid structure"),
    })
}

enum Fault {
    TooMany,
    Broken,
}

fn walk(mut bytes: &[u8], shape: &Shape, left: &mut usize, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::Broken);
    }
    while !bytes.is_empty() {
        let key = varint(&mut bytes).ok_or(Fault::Broken)?;
        let length = match key & 7 {
            0 => {
                varint(&mut bytes).ok_or(Fault::Broken)?;
                0
            }
            1 => 8,
            2 => varint(&mut bytes).and_then(|length| usize::try_from(length).ok()).ok_or(Fault::Broken)?,
            5 => 4,
            _ => return Err(Fault::Broken),
        };
        let (value, rest) = bytes.split_at_checked(length).ok_or(Fault::Broken)?;
        bytes = rest;
        let inner = shape.0.iter().find(|(number, _)| key & 7 == 2 && *number == key >> 3);
        if let Some((_, inner)) = inner {
            *left = left.checked_sub(1).ok_or(Fault::TooMany)?;
            walk(value, inner, left, depth + 1)?;
        }
    }
    Ok(())
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for at in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// What all records of a request may weigh together. What they share, such as a resource, is kept with each of them.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_UPLOAD_BYTES)
    }
}

impl Budget {
    /// Takes what a record needs.
    ///
    /// # Errors
    /// `body_too_large`.
    pub fn take(&mut self, bytes: usize) -> Answer<()> {
        let left = self.0.checked_sub(bytes);
        self.0 = left
            .ok_or_else(|| Problem::new(Code::BodyTooLarge).with("limit", human_bytes(MAX_UPLOAD_BYTES)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static LIST: Shape = Shape(&[(1, &LIST)]);

    /// LOG-05, LOG-19: huge counts are refused before anything is built; strings do not count.
    #[test]
    fn parts_are_counted() {
        assert!(count_json("\"[[{{\\\"[\"".repeat(100_000).as_bytes()).is_ok());
        assert!(count_json("[".repeat(MAX_PARTS).as_bytes()).is_ok());
        assert_eq!(count_json("{".repeat(MAX_PARTS + 1).as_bytes()).unwrap_err().code, Code::TooManyItems);
        let empty = [0x0a, 0x00];
        assert!(count_messages(&empty.repeat(MAX_PARTS), &LIST, "x").is_ok());
        let code = |bytes: &[u8]| count_messages(bytes, &LIST, "x").unwrap_err().code;
        assert_eq!(code(&empty.repeat(MAX_PARTS + 1)), Code::TooManyItems);
        for broken in [&[0x0a][..], &[0x0a, 0x05, 0x00], &[0x80; 11], &[0x0b], &[0x09, 1, 2]] {
            assert_eq!(code(broken), Code::InvalidMessage, "{broken:?}");
        }
    }

    proptest! {
        /// LOG-19: any bytes are counted or refused.
        #[test]
        fn any_bytes_are_counted_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(count_messages(&bytes, &LIST, "x"));
            drop(count_json(&bytes));
        }
    }
}
