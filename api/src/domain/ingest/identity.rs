//! Names for records of protocols that have none, so that a repeated delivery is recognised.
//!
//! A name is made of everything that makes a record that record: its labels or resource, its time to the nanosecond,
//! its text, and its place among equal records of the same request. A delivery that is repeated gives the same names
//! and is stored once; equal records in one request are all kept. Two requests with a record that is equal to the
//! nanosecond count as one delivery, as they do in Loki. A record without any time has no name: then nothing tells a
//! repetition from a second event, and losing an event is worse than keeping one twice.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use shared::logs::MAX_EXTERNAL_ID_CHARS;

use crate::util::crypto;

/// Names the records of one request.
#[derive(Debug)]
pub struct Namer {
    protocol: &'static str,
    seen: HashMap<[u8; 32], u64>,
}

impl Namer {
    /// Starts with a request of a protocol.
    #[must_use]
    pub fn new(protocol: &'static str) -> Self {
        Self { protocol, seen: HashMap::new() }
    }

    /// The name of the next record, from its parts.
    pub fn name(&mut self, parts: &[&[u8]]) -> String {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let place = self.seen.entry(digest).or_default();
        let mut hash = Sha256::new();
        hash.update(digest);
        hash.update(place.to_be_bytes());
        *place += 1;
        let named = hash.finalize();
        format!("{}:{}", self.protocol, crypto::base64url(&named[..20]))
    }
}

/// An id of another system as external id: as it is, or a digest of one that is too long.
#[must_use]
pub fn external_id(id: &str) -> String {
    if id.chars().count() <= MAX_EXTERNAL_ID_CHARS {
        return id.to_owned();
    }
    format!("sha-256:{}", crypto::hex(&Sha256::digest(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-19, LOG-08: the same request gives the same names; equal records in it have names of their own.
    #[test]
    fn names_are_stable_and_unique() {
        let names = || {
            let mut namer = Namer::new("loki");
            [["a", "b"], ["a", "b"], ["ab", ""], ["", "ab"]]
                .map(|[x, y]| namer.name(&[x.as_bytes(), y.as_bytes()]))
        };
        assert_eq!(names(), names());
        let unique: std::collections::HashSet<String> = names().into_iter().collect();
        assert_eq!(unique.len(), 4);
        assert!(unique.iter().all(|name| name.starts_with("loki:") && name.len() <= 40));
    }
}
