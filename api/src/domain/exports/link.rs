//! Links to files of exports that went out by mail (EXP-06): whoever has one can fetch that file, and nothing else, for as
//! long as it is kept. A link is the id of the export with a keyed digest, so it is neither guessed nor stored; deleting
//! the export ends it.

use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::repo::Run;
use crate::router::BASE;
use crate::util::crypto::{self, Keyring, Purpose, RootKey};

/// Bytes of an id.
const ID_BYTES: usize = 16;

/// The digest of an export and of who gets it.
fn digest(key: &RootKey, id: &[u8], email_to: &str) -> [u8; 32] {
    key.mac(Purpose::ExportLink, &[id, email_to.as_bytes()])
}

/// The path of the link to an export that goes out by mail; `None` for others.
#[must_use]
pub fn path(keys: &Keyring, run: &Run) -> Option<String> {
    let id = Uuid::parse_str(&run.id).ok()?;
    let mut token = id.as_bytes().to_vec();
    token.extend(digest(keys.current(), id.as_bytes(), run.email_to.as_deref()?));
    Some(format!("{BASE}/downloads/{}", crypto::base64url(&token)))
}

/// The export that a token names. Whether it is genuine, [`is_genuine`] says.
#[must_use]
pub fn export_of(token: &str) -> Option<String> {
    let bytes = crypto::from_base64url(token)?;
    let id: [u8; ID_BYTES] = bytes.get(..ID_BYTES)?.try_into().ok()?;
    Some(Uuid::from_bytes(id).to_string())
}

/// Whether a token is the link of an export; a former secret of the installation counts.
#[must_use]
pub fn is_genuine(keys: &Keyring, token: &str, run: &Run) -> bool {
    let (Some(bytes), Some(email_to)) = (crypto::from_base64url(token), run.email_to.as_deref()) else {
        return false;
    };
    let Some((id, given)) = bytes.split_at_checked(ID_BYTES) else { return false };
    keys.all().any(|key| digest(key, id, email_to).as_slice().ct_eq(given).into())
}
