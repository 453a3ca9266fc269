//! The stored answer, sealed: it may hold a secret that is shown once, such as a new API key.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};

use crate::util::crypto;

/// An answer that can be given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers that belong to the answer.
    pub headers: Vec<(String, String)>,
    /// The body, which is text in all of this API.
    pub body: String,
}

const NONCE: usize = 24;

/// Seals an answer; `None` when it cannot be written.
pub fn seal(key: &[u8; 32], answer: &Answer) -> Option<String> {
    let nonce = crypto::random::<NONCE>();
    let plain = serde_json::to_vec(answer).ok()?;
    let sealed = XChaCha20Poly1305::new(key.into()).encrypt(&XNonce::from(nonce), plain.as_slice()).ok()?;
    Some(crypto::base64url(&[nonce.as_slice(), &sealed].concat()))
}

/// Opens an answer; `None` when the key is another or the text was changed.
pub fn open(key: &[u8; 32], text: &str) -> Option<Answer> {
    let bytes = crypto::from_base64url(text)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let plain = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::from(*nonce), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GEN-08, SEC-18: an answer opens under its own key alone, and not after a change.
    #[test]
    fn answers_are_sealed() {
        let answer = Answer { status: 201, headers: vec![], body: "mvai_live_secret".to_owned() };
        let text = seal(&[7; 32], &answer).unwrap();
        assert_eq!(open(&[7; 32], &text), Some(answer.clone()));
        assert!(!text.contains("secret"));
        assert_ne!(text, seal(&[7; 32], &answer).unwrap(), "the same answer is sealed anew");
        assert_eq!(open(&[8; 32], &text), None);
        for at in 0..text.len() {
            let mut broken = text.clone().into_bytes();
            broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
            let broken = String::from_utf8(broken).unwrap();
            assert!(open(&[7; 32], &broken).is_none() || broken == text, "{at}");
        }
        assert_eq!(open(&[7; 32], ""), None);
    }
}
