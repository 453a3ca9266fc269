//! Links that let a user in once: for an invitation or a new password. A link is its identifier with a keyed digest, so
//! what the database holds opens nothing. It stands behind `#`, where no log and no other site sees it.

use shared::people::LinkPurpose;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::util::crypto::{self, Keyring, Purpose, RootKey};

/// Bytes of an identifier.
const ID_BYTES: usize = 16;

fn digest(key: &RootKey, id: &[u8], purpose: LinkPurpose) -> [u8; 32] {
    key.mac(Purpose::AccessLink, &[id, purpose.as_str().as_bytes()])
}

/// The path of a link.
#[must_use]
pub fn path(keys: &Keyring, id: &str, purpose: LinkPurpose) -> Option<String> {
    let id = Uuid::parse_str(id).ok()?;
    let mut token = id.as_bytes().to_vec();
    token.extend(digest(keys.current(), id.as_bytes(), purpose));
    let page = match purpose {
        LinkPurpose::Invitation => "welkom",
        LinkPurpose::Reset => "wachtwoord",
    };
    Some(format!("/{page}#{}", crypto::base64url(&token)))
}

/// The identifier that a token names, and what it is for, if we made it.
#[must_use]
pub fn read(keys: &Keyring, token: &str) -> Option<(String, LinkPurpose)> {
    let bytes = crypto::from_base64url(token)?;
    let (id, given) = bytes.split_at_checked(ID_BYTES)?;
    let genuine = |purpose: &LinkPurpose| {
        keys.all().any(|key| digest(key, id, *purpose).as_slice().ct_eq(given).into())
    };
    let purpose = [LinkPurpose::Invitation, LinkPurpose::Reset].into_iter().find(genuine)?;
    Some((Uuid::from_slice(id).ok()?.to_string(), purpose))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::ids::new_id;
    use shared::time::Millis;

    /// ACC-14: a link is read as what it was made for; none is made up or turned into another.
    #[test]
    fn links_are_not_forged() {
        let keys = Keyring::new("a".repeat(40).into(), Vec::new());
        let id = new_id(Millis(1_795_348_800_000));
        let link = path(&keys, &id, LinkPurpose::Reset).unwrap();
        let token = link.strip_prefix("/wachtwoord#").unwrap();
        assert_eq!(read(&keys, token), Some((id.clone(), LinkPurpose::Reset)));
        assert_eq!(read(&Keyring::new("b".repeat(40).into(), Vec::new()), token), None);
        let own = crypto::from_base64url(token).unwrap();
        for at in 0..own.len() {
            let mut bytes = own.clone();
            bytes[at] ^= 1;
            assert_eq!(read(&keys, &crypto::base64url(&bytes)), None, "{at}");
        }
        for odd in ["", "A", &token[1..], &format!("{token}A")] {
            assert_eq!(read(&keys, odd), None, "{odd}");
        }
        assert_eq!(path(&keys, "no-id", LinkPurpose::Reset), None);
    }
}
