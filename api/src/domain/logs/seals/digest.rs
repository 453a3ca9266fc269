//! What is hashed, byte for byte. Pure; the module above says it in words.

use sha2::{Digest, Sha256};
use shared::time::Millis;

use crate::domain::logs::repo::LogRow;
use crate::util::crypto;
use crate::util::ids::{CustomerId, LogId};

/// A digest.
pub type Hash = [u8; 32];

/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// Digests of a block have marks of as many bytes.
pub const MARK_BYTES: usize = 3;

/// What is mixed into the digest of a new log.
#[must_use]
pub fn new_salt() -> String {
    crypto::base64url(&crypto::random::<12>())
}

/// Reads a stored or given digest.
#[must_use]
pub fn read(text: &str) -> Option<Hash> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

/// Fields on their way into a digest.
struct Fields(Sha256);

impl Fields {
    fn new(leaf: bool, form: &str) -> Self {
        let mut hash = Sha256::new();
        if leaf {
            hash.update([0]);
        }
        Self(hash).text(form)
    }

    fn optional(mut self, text: Option<&str>) -> Self {
        match text {
            None => self.0.update([0]),
            Some(text) => {
                self.0.update([1]);
                self.0.update((text.len() as u64).to_be_bytes());
                self.0.update(text.as_bytes());
            }
        }
        self
    }

    fn text(self, text: &str) -> Self {
        self.optional(Some(text))
    }

    fn number(self, number: i64) -> Self {
        self.text(&number.to_string())
    }

    fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The leaf of a log.
#[must_use]
pub fn leaf(row: &LogRow) -> Hash {
    Fields::new(true, "mvai.log/1")
        .number(LogId(row.id).customer().0)
        .number(LogId(row.id).seq())
        .text(&row.kind)
        .text(&row.level)
        .optional(row.message.as_deref())
        .text(&row.data)
        .optional(row.metadata.as_deref())
        .number(row.occurred_at)
        .number(row.received_at)
        .text(&row.source)
        .optional(row.ip_address.as_deref())
        .optional(row.actor_ref.as_deref())
        .optional(row.external_id.as_deref())
        .optional(row.corrects_id.map(|id| id.to_string()).as_deref())
        .text(&row.flags)
        .optional(row.salt.as_deref())
        .finish()
}

/// The leaf of a number that had no log when its day was sealed.
#[must_use]
pub fn gap(customer: CustomerId, number: i64) -> Hash {
    Fields::new(true, "mvai.gap/1").number(customer.0).number(number).finish()
}

/// What a seal says, beside its digest.
#[derive(Debug, Clone, Copy)]
pub struct SealText<'a> {
    /// Whose.
    pub customer: CustomerId,
    /// Place in the chain, from 1.
    pub position: i64,
    /// Unix day.
    pub day: i64,
    /// First number.
    pub first: i64,
    /// How many numbers.
    pub total: i64,
    /// Root of the tree, hexadecimal.
    pub root: &'a str,
    /// Digest of the seal before, hexadecimal; empty for the first.
    pub previous: &'a str,
    /// When it was made.
    pub sealed_at: i64,
}

/// The digest of a seal.
#[must_use]
pub fn seal(text: &SealText<'_>) -> Hash {
    Fields::new(false, "mvai.seal/1")
        .number(text.customer.0)
        .number(text.position)
        .text(&date(text.day))
        .number(text.first)
        .number(text.total)
        .text(text.root)
        .optional(Some(text.previous).filter(|previous| !previous.is_empty()))
        .number(text.sealed_at)
        .finish()
}

/// A unix day as `YYYY-MM-DD`.
#[must_use]
pub fn date(day: i64) -> String {
    let text = Millis(day.saturating_mul(DAY_MS)).to_rfc3339();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// The beginning of a leaf, by which a changed log is named.
#[must_use]
pub fn mark(leaf: &Hash) -> &[u8] {
    &leaf[..MARK_BYTES]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-16: digests are read as they are written, and nothing else is.
    #[test]
    fn digests_are_read_as_written() {
        let hash = gap(CustomerId(7), 12);
        assert_eq!(read(&crypto::hex(&hash)), Some(hash));
        for wrong in ["", "ab", &"g".repeat(64), &"é".repeat(32), &"0".repeat(63)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    /// LOG-16: the bytes of a seal are those of the description.
    #[test]
    fn a_seal_is_hashed_as_described() {
        let field = |text: &str| [&[1][..], &(text.len() as u64).to_be_bytes(), text.as_bytes()].concat();
        let (root, previous) = ("ab".repeat(32), "cd".repeat(32));
        let text = SealText {
            customer: CustomerId(7),
            position: 2,
            day: 20_779,
            first: 101,
            total: 5,
            root: &root,
            previous: &previous,
            sealed_at: 1_795_000_000_000,
        };
        let fields = ["mvai.seal/1", "7", "2", "2026-11-22", "101", "5", &root, &previous, "1795000000000"];
        let bytes: Vec<u8> = fields.iter().flat_map(|text| field(text)).collect();
        assert_eq!(crypto::hex(&seal(&text)), crypto::sha256_hex(&bytes));
        let first = [&bytes[..bytes.len() - 22 - 73][..], &[0], &field("1795000000000")].concat();
        assert_eq!(crypto::hex(&seal(&SealText { previous: "", ..text })), crypto::sha256_hex(&first));
    }
}
