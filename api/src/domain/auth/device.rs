//! Devices that somebody signed in with before (ACC-10). What slows and stops strangers does not hold for them, so that
//! nobody can lock an account out from outside. A device has attempts of its own, and loses its standing with them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue};
use shared::time::Millis;

use super::cookie;
use crate::util::crypto::{self, Keyring, Purpose};

const NAME: &str = "__Host-mvai_device";
/// Browsers keep a cookie no longer.
const KEEP_S: i64 = 400 * 86_400;
/// A device that failed too often is a stranger for this long.
const DISTRUST_MS: i64 = 24 * 3_600_000;
/// Devices whose distrust is remembered.
const MAX_DISTRUSTED: usize = 50_000;

/// A device, and who signed in with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Whose it is: `staff:<id>` or `customer:<number>`.
    pub subject: String,
    /// Its own name.
    pub id: String,
}

impl Device {
    /// A device that somebody signs in with for the first time.
    #[must_use]
    pub fn new(subject: String) -> Self {
        Self { subject, id: crypto::base64url(&crypto::random::<16>()) }
    }

    /// The device of a request, if we made its cookie.
    #[must_use]
    pub fn read(headers: &HeaderMap, keys: &Keyring) -> Option<Self> {
        let text = cookie::value(headers, NAME)?;
        let (rest, tag) = text.rsplit_once('.')?;
        let (subject, id) = rest.rsplit_once('.')?;
        let genuine = keys
            .all()
            .any(|key| crypto::same(&key.digest(Purpose::Device, &[subject.as_bytes(), id.as_bytes()]), tag));
        genuine.then(|| Self { subject: subject.to_owned(), id: id.to_owned() })
    }

    /// The cookie that makes it known.
    #[must_use]
    pub fn cookie(&self, keys: &Keyring) -> Option<HeaderValue> {
        let Self { subject, id } = self;
        let tag = keys.current().digest(Purpose::Device, &[subject.as_bytes(), id.as_bytes()]);
        let text = format!(
            "{NAME}={subject}.{id}.{tag}; Path=/; Max-Age={KEEP_S}; HttpOnly; Secure; SameSite=Strict"
        );
        HeaderValue::from_str(&text).ok()
    }
}

/// Devices that are strangers for a while.
#[derive(Debug, Default)]
pub struct Distrusted(Mutex<HashMap<String, Millis>>);

impl Distrusted {
    /// A device failed too often.
    pub fn add(&self, id: &str, now: Millis) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_DISTRUSTED {
            all.retain(|_, since| now.0 - since.0 < DISTRUST_MS);
        }
        all.insert(id.to_owned(), now);
    }

    /// Whether a device is one of them.
    #[must_use]
    pub fn has(&self, id: &str, now: Millis) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(id).is_some_and(|since| now.0 - since.0 < DISTRUST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-10: a cookie that we did not make, or one of somebody else, makes no device known.
    #[test]
    fn devices_are_not_forged() {
        let keys = Keyring::new("a".repeat(40).into(), Vec::new());
        let device = Device::new("staff:7".to_owned());
        let cookie = device.cookie(&keys).unwrap();
        let text = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let read = |text: &str, keys: &Keyring| {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", text.parse().unwrap());
            Device::read(&headers, keys)
        };
        assert_eq!(read(&text, &keys), Some(device));
        assert_eq!(read(&text.replace("staff:7", "staff:8"), &keys), None);
        assert_eq!(read(&format!("{text}x"), &keys), None);
        assert_eq!(read(&text, &Keyring::new("b".repeat(40).into(), Vec::new())), None);
        for odd in ["__Host-mvai_device=", "__Host-mvai_device=..", "__Host-mvai_device=a.b"] {
            assert_eq!(read(odd, &keys), None, "{odd}");
        }
    }
}
