//! Keyed digests, random secrets and the formats of access codes and API keys.
//!
//! High-entropy secrets are stored as keyed SHA-256 digests with the version of the key; passwords are not
//! handled here (see `domain::auth::password`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Reads random bytes from the operating system.
///
/// # Panics
/// Never in practice: an operating system without randomness cannot run the product, and the process ends.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if OsRng.try_fill_bytes(&mut bytes).is_err() {
        // Continuing with predictable secrets would be worse than stopping.
        std::process::abort();
    }
    bytes
}

/// Draws `len` characters of an alphabet without bias.
#[must_use]
pub fn random_text(alphabet: &[u8], len: usize) -> String {
    let limit = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(len);
    while text.len() < len {
        for byte in random::<64>() {
            if usize::from(byte) < limit && text.len() < len {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    text
}

/// SHA-256 as hexadecimal text.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// First 64 bits of SHA-256: tells bodies apart, guards nothing.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> i64 {
    let digest = Sha256::digest(bytes);
    digest.iter().take(8).fold(0_i64, |sum, byte| sum << 8 | i64::from(*byte))
}

/// Writes bytes as lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

/// Compares without telling by time where two texts differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// The purposes that keys are derived for; a digest of one purpose is worthless for another.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// Access codes of customers.
    AccessCode,
    /// API keys.
    ApiKey,
    /// Access tokens (JWT).
    AccessToken,
    /// Refresh tokens.
    RefreshToken,
    /// Cursors of lists.
    Cursor,
    /// Names of keyed requests.
    Idempotency,
    /// Sealing of their answers.
    IdempotentAnswer,
    /// Links to files that went out by mail.
    ExportLink,
    /// Chains of the audit log.
    Audit,
    /// Signatures of checkpoints of the audit log.
    AuditCheckpoint,
    /// Devices that somebody signed in with before.
    Device,
    /// Links that let somebody in once.
    AccessLink,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::AccessCode => b"mvai-connexx/access-code/1",
            Self::ApiKey => b"mvai-connexx/api-key/1",
            Self::AccessToken => b"mvai-connexx/access-token/1",
            Self::RefreshToken => b"mvai-connexx/refresh-token/1",
            Self::Cursor => b"mvai-connexx/cursor/1",
            Self::Idempotency => b"mvai-connexx/idempotency/1",
            Self::IdempotentAnswer => b"mvai-connexx/idempotent-answer/1",
            Self::ExportLink => b"mvai-connexx/export-link/1",
            Self::Audit => b"mvai-connexx/audit/1",
            Self::AuditCheckpoint => b"mvai-connexx/audit-checkpoint/1",
            Self::Device => b"mvai-connexx/device/1",
            Self::AccessLink => b"mvai-connexx/access-link/1",
        }
    }
}

/// One secret of the installation and its public version.
#[derive(Clone)]
pub struct RootKey {
    secret: SecretString,
    /// Eight characters that name the secret without revealing it.
    pub version: String,
}

impl RootKey {
    fn new(secret: SecretString) -> Self {
        let version =
            hex(&mac(secret.expose_secret().as_bytes(), &[b"mvai-connexx/version/1"]))[..8].to_owned();
        Self { secret, version }
    }

    /// The key for a purpose (HMAC-SHA-256 of its label under the secret).
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> [u8; 32] {
        mac(self.secret.expose_secret().as_bytes(), &[purpose.label()])
    }

    /// Keyed digest as hexadecimal text.
    #[must_use]
    pub fn digest(&self, purpose: Purpose, parts: &[&[u8]]) -> String {
        hex(&self.mac(purpose, parts))
    }

    /// Keyed digest, for use as a key.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.derive(purpose), parts)
    }
}

/// The secret in use and those that are still accepted for reading.
#[derive(Clone)]
pub struct Keyring {
    keys: Vec<RootKey>,
}

impl Keyring {
    /// Makes a ring; the first secret signs, all of them read.
    #[must_use]
    pub fn new(current: SecretString, previous: Vec<SecretString>) -> Self {
        Self { keys: std::iter::once(current).chain(previous).map(RootKey::new).collect() }
    }

    /// The secret that signs.
    #[must_use]
    pub fn current(&self) -> &RootKey {
        &self.keys[0]
    }

    /// All secrets that are accepted.
    pub fn all(&self) -> impl Iterator<Item = &RootKey> {
        self.keys.iter()
    }

    /// The secret of a version, if it is still accepted.
    #[must_use]
    pub fn by_version(&self, version: &str) -> Option<&RootKey> {
        self.keys.iter().find(|key| key.version == version)
    }
}

/// HMAC-SHA-256 over length-prefixed parts.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { std::process::abort() };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Base64 for URLs, without padding.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64 for URLs.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Crockford's base 32: no I, L, O, U.
const BASE32: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_CHARS: usize = 26;

/// Makes an access code such as `MVAI-7K3F9-…` with 130 random bits.
#[must_use]
pub fn new_access_code() -> String {
    let text = random_text(BASE32, CODE_CHARS);
    let groups: Vec<&str> =
        [0..5, 5..10, 10..15, 15..20, 20..26].into_iter().map(|range| &text[range]).collect();
    format!("MVAI-{}", groups.join("-"))
}

/// Brings a typed access code into the form that digests are made of: case, spaces, hyphens and look-alikes
/// do not matter. `None` when it cannot be a code.
#[must_use]
pub fn normalise_access_code(typed: &str) -> Option<String> {
    if typed.len() > 256 {
        return None;
    }
    let compact: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !"-‐‑‒–—_.".contains(*c))
        .collect::<String>()
        .to_uppercase();
    let body = compact.strip_prefix("MVAI")?;
    let folded: String = body
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        })
        .collect();
    (folded.len() == CODE_CHARS && folded.bytes().all(|b| BASE32.contains(&b))).then_some(folded)
}

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An API key in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyText<'a> {
    /// The eight characters by which the key is found.
    pub key_id: &'a str,
    /// Whether it says that it is a test key.
    pub test: bool,
    /// The whole key.
    pub full: &'a str,
}

/// Makes a key: prefix, 8 characters of id, 32 random ones, 6 of checksum.
#[must_use]
pub fn new_api_key(test: bool) -> String {
    let prefix = if test { "mvai_test_" } else { "mvai_live_" };
    let body = format!("{prefix}{}", random_text(BASE62, 40));
    let checksum = checksum(&body);
    format!("{body}{checksum}")
}

/// Reads a key; `None` when its shape or checksum is wrong, which needs no look-up.
#[must_use]
pub fn parse_api_key(text: &str) -> Option<KeyText<'_>> {
    let test = text.starts_with("mvai_test_");
    if !(test || text.starts_with("mvai_live_")) || text.len() != 56 || !text.is_ascii() {
        return None;
    }
    let (body, sum) = text.split_at(50);
    let shaped = text[10..].bytes().all(|byte| byte.is_ascii_alphanumeric());
    (shaped && checksum(body) == sum).then(|| KeyText { key_id: &text[10..18], test, full: text })
}

/// CRC-32 (ISO-HDLC) as six characters of base 62.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// ACC-03: 26 characters in groups, and every way of typing them leads to the same code.
    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = new_access_code();
        assert_eq!(code.len(), 4 + 1 + 26 + 4);
        let canonical = normalise_access_code(&code).unwrap();
        assert_eq!(canonical.len(), 26);
        for typed in
            [code.to_lowercase(), code.replace('-', " "), code.replace('-', ""), format!("  {code}\n")]
        {
            assert_eq!(normalise_access_code(&typed).as_ref(), Some(&canonical), "{typed}");
        }
        let zero = "MVAI-00000-11111-VVVVV-22222-333333";
        assert_eq!(normalise_access_code(zero), normalise_access_code("mvai oooool1iIluuuuu22222333333"));
        for wrong in [
            "",
            "MVAI",
            "MVAI-123",
            "XXXX-00000-00000-00000-00000-000000",
            "MVAI-!0000-00000-00000-00000-000000",
        ] {
            assert_eq!(normalise_access_code(wrong), None, "{wrong}");
        }
    }

    /// KEY-01: format, and a wrong checksum is refused.
    #[test]
    fn keys_carry_their_checksum() {
        for test in [false, true] {
            let key = new_api_key(test);
            assert_eq!(key.len(), 56);
            let parsed = parse_api_key(&key).unwrap();
            assert_eq!((parsed.test, parsed.key_id), (test, &key[10..18]));
            for at in 0..key.len() {
                let mut broken = key.clone().into_bytes();
                broken[at] = if broken[at] == b'x' { b'y' } else { b'x' };
                assert_eq!(parse_api_key(std::str::from_utf8(&broken).unwrap()), None, "{at}");
            }
        }
    }

    proptest! {
        /// KEY-01: random texts are not taken for keys.
        #[test]
        fn random_texts_are_no_keys(text in "mvai_live_[0-9A-Za-z]{46}") {
            prop_assert_eq!(parse_api_key(&text), None);
        }

        /// ACC-03: no text makes the reader of codes fail hard.
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            prop_assert!(normalise_access_code(&text).is_none_or(|code| code.len() == 26));
            prop_assert!(parse_api_key(&text).is_none());
        }
    }

    /// KEY-01: digests differ by purpose and secret.
    #[test]
    fn digests_are_keyed() {
        let ring = Keyring::new("a".repeat(32).into(), vec!["b".repeat(32).into()]);
        let digests: Vec<String> = ring
            .all()
            .flat_map(|key| [key.digest(Purpose::ApiKey, &[b"x"]), key.digest(Purpose::AccessCode, &[b"x"])])
            .collect();
        for (i, digest) in digests.iter().enumerate() {
            assert!(!digests[i + 1..].contains(digest));
        }
    }
}
