//! Ways to show an API key that shippers know and the product's own API does not: `Authorization: ApiKey` with the
//! key or with base64 of `id:key`, and Basic with any name and the key as password.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const PREFIX: &str = "mvai_";

/// Hands a key that is shown in one of these ways over as the product expects it.
pub fn translate(headers: &mut HeaderMap) {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(key);
    let value = shown.and_then(|key| HeaderValue::from_str(&key).ok());
    if let Some(mut value) = value.filter(|_| !headers.contains_key(API_KEY)) {
        value.set_sensitive(true);
        headers.insert(API_KEY, value);
    }
}

/// The key in an `Authorization` header.
fn key(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.trim().split_once(' ')?;
    let value = value.trim();
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    let text = match () {
        () if is("apikey") && value.starts_with(PREFIX) => value.to_owned(),
        () if is("apikey") || is("basic") => decode(value)?,
        () => return None,
    };
    let key = text.split_once(':').map_or(text.as_str(), |(_, key)| key);
    key.starts_with(PREFIX).then(|| key.to_owned())
}

fn decode(text: &str) -> Option<String> {
    let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
    let bytes = engines.iter().find_map(|engine| engine.decode(text).ok())?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// LOG-19, KEY-06: each way of shippers to show a key is read, and nothing else is taken for one.
    #[test]
    fn keys_are_found() {
        let pair = |text: &str| STANDARD.encode(text);
        for shown in [
            "ApiKey mvai_live_x".to_owned(),
            format!("apikey {}", pair("any:mvai_live_x")),
            format!("ApiKey {}", pair("mvai_live_x")),
            format!("Basic {}", pair("elastic:mvai_live_x")),
            format!("basic  {} ", pair(":mvai_live_x")),
        ] {
            assert_eq!(key(&shown).as_deref(), Some("mvai_live_x"), "{shown}");
        }
        for shown in ["Bearer mvai_live_x", "Basic ???", "Basic", "", "ApiKey x"] {
            assert_eq!(key(shown), None, "{shown}");
        }
        assert_eq!(key(&format!("Basic {}", pair("mvai_live_x:changeme"))), None);
        let mut headers = HeaderMap::new();
        headers.insert(API_KEY, HeaderValue::from_static("own"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("ApiKey mvai_live_x"));
        translate(&mut headers);
        assert_eq!(headers[API_KEY], "own", "a key of our own form goes first");
    }

    proptest! {
        /// LOG-19: any header is read or left alone.
        #[test]
        fn any_header_is_read_or_left_alone(text in "\\PC{0,60}") {
            prop_assert!(key(&text).is_none_or(|key| key.starts_with(PREFIX)));
        }
    }
}
