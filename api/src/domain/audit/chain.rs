//! What is hashed and signed, byte by byte. Pure.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use shared::audit::{AuditChange, AuditEventOut, AuditPrivate};
use shared::time::Millis;

use crate::util::crypto::{self, Purpose, RootKey};

/// Version of the form of rows; a change of form gets another one.
const FORM: &[u8] = b"1";

/// An optional field: what is absent differs from what is empty.
fn optional(text: Option<&str>) -> Vec<u8> {
    text.map(|text| [b"=", text.as_bytes()].concat()).unwrap_or_default()
}

/// Changes as they are stored and hashed.
#[must_use]
pub fn changes_text(changes: &[AuditChange]) -> String {
    serde_json::to_string(changes).unwrap_or_default()
}

/// What may be about a person, as it is stored and digested.
#[must_use]
pub fn private_text(private: &AuditPrivate) -> String {
    serde_json::to_string(private).unwrap_or_default()
}

/// Digest of what may be about a person.
#[must_use]
pub fn private_digest(salt: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    for part in [salt.as_bytes(), text.as_bytes()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    crypto::hex(&hash.finalize())
}

/// Hash of a row; its own `hash`, and what is shown beside it, are left out.
#[must_use]
pub fn hash_of(key: &RootKey, row: &AuditEventOut) -> String {
    let changes = changes_text(&row.changes);
    let parts: [&[u8]; 15] = [
        &row.number.to_be_bytes(),
        row.prev_hash.as_bytes(),
        FORM,
        &row.customer_id.to_be_bytes(),
        row.id.as_bytes(),
        &row.at.0.to_be_bytes(),
        row.actor_kind.as_str().as_bytes(),
        &optional(row.actor_id.as_deref()),
        &optional(row.impersonator.as_deref()),
        row.action.as_bytes(),
        &optional(row.target.as_deref()),
        row.outcome.as_bytes(),
        &optional(row.request_id.as_deref()),
        changes.as_bytes(),
        &optional(row.private_digest.as_deref()),
    ];
    key.digest(Purpose::Audit, &parts)
}

/// A signed place in a chain: whoever holds it can tell later that rows up to it are missing or were rewritten.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoint {
    /// Chain: number of the customer, 0 for the installation.
    pub customer_id: i64,
    /// Number of the row.
    pub number: i64,
    /// Hash of the row.
    pub hash: String,
    /// When it was signed.
    pub at: Millis,
    /// Version of the secret that the signing key is made of.
    pub key_version: String,
    /// Ed25519 over the fields above, base64url.
    pub signature: String,
}

impl Checkpoint {
    /// Signs a place.
    #[must_use]
    pub fn sign(key: &RootKey, customer_id: i64, number: i64, hash: &str, at: Millis) -> Self {
        let mut made = Self {
            customer_id,
            number,
            hash: hash.to_owned(),
            at,
            key_version: key.version.clone(),
            signature: String::new(),
        };
        made.signature = crypto::base64url(&signing(key).sign(&made.bytes()).to_bytes());
        made
    }

    /// Whether a secret of the installation signed it.
    #[must_use]
    pub fn is_signed_by(&self, key: &RootKey) -> bool {
        let signature = crypto::from_base64url(&self.signature);
        let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
        let public = signing(key).verifying_key();
        signature.is_some_and(|signature| public.verify_strict(&self.bytes(), &signature).is_ok())
    }

    fn bytes(&self) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            b"mvai-connexx audit checkpoint 1",
            &self.customer_id.to_be_bytes(),
            &self.number.to_be_bytes(),
            self.hash.as_bytes(),
            &self.at.0.to_be_bytes(),
        ];
        parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part].concat()).collect()
    }
}

fn signing(key: &RootKey) -> SigningKey {
    SigningKey::from_bytes(&key.derive(Purpose::AuditCheckpoint))
}

/// The public key of checkpoints, base64url: whoever keeps it verifies checkpoints without a secret.
#[must_use]
pub fn public_key(key: &RootKey) -> String {
    let public: VerifyingKey = signing(key).verifying_key();
    crypto::base64url(public.as_bytes())
}
