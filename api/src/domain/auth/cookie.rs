//! The refresh token's cookie, and who may use it.

use axum::http::{HeaderMap, HeaderValue, header};
use shared::problem::Code;

use crate::http::cors;
use crate::http::extract::media_type;
use crate::http::problem::Problem;

const NAME: &str = "__Host-mvai_refresh";
/// Header that our own web app sends along; another site cannot without our consent.
const OWN_HEADER: &str = "x-requested-with";

/// The cookie that carries a refresh token.
#[must_use]
pub fn set(token: &str, seconds: i64) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!(
        "{NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict"
    ))
    .ok()
}

/// The cookie that removes it.
#[must_use]
pub fn clear() -> HeaderValue {
    HeaderValue::from_static("__Host-mvai_refresh=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict")
}

/// The refresh token of a request.
#[must_use]
pub fn read(headers: &HeaderMap) -> Option<String> {
    value(headers, NAME)
}

/// What a cookie of a request holds.
#[must_use]
pub fn value(headers: &HeaderMap, wanted: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == wanted && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Refuses what another site makes a browser send. Browsers name the origin of every POST; then the body must
/// be JSON and our own header must be there. Programs that are no browser send neither and carry no foreign cookie.
///
/// # Errors
/// `cross_site_request`, `unsupported_media_type`.
pub fn same_site_only(headers: &HeaderMap, public_url: Option<&str>) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refused = || Err(Problem::new(Code::CrossSite));
    let (origin, site) = (text("origin"), text("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return refused();
    }
    if origin.is_some_and(|origin| !cors::is_own(origin, headers, public_url)) {
        return refused();
    }
    let kind = media_type(headers);
    if (origin.is_some() || site.is_some()) && (text(OWN_HEADER).is_none() || kind != "application/json") {
        return refused();
    }
    if !kind.is_empty() && kind != "application/json" {
        return Err(Problem::new(Code::UnsupportedMediaType)
            .with("actual", kind)
            .with("expected", "application/json"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        same_site_only(&headers, Some("https://connexx.example")).is_ok()
    }

    /// ACC-07: the cookie works for our own pages and for programs, never for another site.
    #[test]
    fn other_sites_are_refused() {
        let json = ("content-type", "application/json");
        let own = ("x-requested-with", "mvai-connexx");
        let host = ("host", "127.0.0.1:5000");
        assert!(judge(&[
            host,
            json,
            own,
            ("origin", "http://127.0.0.1:5000"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(judge(&[host, json, own, ("origin", "https://connexx.example")]));
        assert!(judge(&[host]), "a program without a body");
        assert!(judge(&[host, json]), "a program");
        assert!(!judge(&[host, json, own, ("origin", "https://evil.example")]));
        assert!(!judge(&[host, json, own, ("origin", "null")]));
        assert!(!judge(&[host, json, own, ("sec-fetch-site", "cross-site")]));
        assert!(!judge(&[host, json, own, ("sec-fetch-site", "same-site")]));
        assert!(!judge(&[host, json, ("origin", "http://127.0.0.1:5000")]), "a form cannot send our header");
        assert!(!judge(&[host, own, ("content-type", "text/plain"), ("origin", "http://127.0.0.1:5000")]));
        assert!(!judge(&[host, ("content-type", "text/plain")]));
    }
}
