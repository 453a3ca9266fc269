//! API-08: pages of other web sites. Off unless a key lists their origin, or the installation does (`CORS_ORIGINS`);
//! cookies are never among what they may use.
//!
//! A browser asks before it sends a key (the preflight), and names no key then: it gets a yes for every origin that some
//! working key lists. The request itself is judged by its own key.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tower::{Layer, ServiceExt};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};
use url::{Host, Url};

use super::auth::{self, Credential};
use super::frame::RequestInfo;
use crate::app::App;
use crate::util::crypto;

/// How long a browser may remember the answer to a preflight.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Scheme, host and port of a web page, as browsers write them (RFC 6454 §6.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebOrigin(String);

impl WebOrigin {
    /// Reads an origin: `https` and a host, without path; `http` for this machine alone. There are no wildcards.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let local = match url.host()? {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let safe = url.scheme() == "https" || (url.scheme() == "http" && local);
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let wild = url.host_str().is_some_and(|host| host.contains('*'));
        (safe && bare && !wild).then(|| Self(url.origin().ascii_serialization()))
    }

    /// The text that browsers send.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// By its text, which hashes as it does itself.
impl Borrow<str> for WebOrigin {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an `Origin` is that of this installation.
#[must_use]
pub fn is_own(origin: &str, headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let same = origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host));
    same || public_url == Some(origin)
}

/// The origin of another web site that a request comes from.
#[must_use]
pub fn foreign_origin(headers: &HeaderMap, public_url: Option<&str>) -> Option<Arc<str>> {
    let origin = headers.get(header::ORIGIN)?;
    // What cannot be read is nobody's origin, and not ours either.
    let origin = origin.to_str().unwrap_or("null");
    (!is_own(origin, headers, public_url)).then(|| origin.into())
}

/// Answers preflights, and tells browsers which pages may read an answer. Requests of our own pages, of pages that may
/// not and of programs that are no browser pass untouched.
pub async fn share(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let asks = request.method() == Method::OPTIONS;
    let preflight = asks && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let foreign = request.extensions().get::<RequestInfo>().and_then(|info| info.foreign_origin.clone());
    let origin = headers.get(header::ORIGIN).cloned();
    let (Some(page), Some(origin)) = (foreign.filter(|_| preflight || !asks), origin) else {
        return next.run(request).await;
    };
    let shown = auth::credential(headers, request.uri().query()).ok();
    if !may_read(&app, &page, preflight, shown).await {
        return next.run(request).await;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::exact(origin))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(ExposeHeaders::any())
        .max_age(REMEMBERED);
    match layer.layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Whether a page may read what is answered to a credential, or to a preflight.
async fn may_read(app: &App, page: &str, preflight: bool, shown: Option<Credential>) -> bool {
    let is_it = |listed: &WebOrigin| listed.as_str() == page;
    if app.config.cors_origins.iter().any(is_it) {
        return true;
    }
    if preflight {
        return app.origins_of_keys().await.is_ok_and(|known| known.contains(page));
    }
    // People sign in on our own pages.
    let Some(Credential::Key(text)) = shown else { return false };
    let Some(parsed) = crypto::parse_api_key(&text) else { return false };
    let key = app.stored_key(parsed.key_id).await;
    key.is_ok_and(|key| key.is_some_and(|key| key.origins.iter().any(is_it)))
}

/// Origins that working keys list.
pub type Origins = Arc<HashSet<WebOrigin>>;

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// API-08: an origin is scheme, host and port, as a browser writes it; nothing wider can be said.
    #[test]
    fn origins_are_exact() {
        for (given, read) in [
            ("https://shop.example", Some("https://shop.example")),
            (" https://Shop.Example/ ", Some("https://shop.example")),
            ("https://shop.example:443", Some("https://shop.example")),
            ("https://shop.example:8443", Some("https://shop.example:8443")),
            ("https://bücher.example", Some("https://xn--bcher-kva.example")),
            ("https://[2001:DB8::1]:8443", Some("https://[2001:db8::1]:8443")),
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("http://shop.example", None),
            ("https://*.example", None),
            ("https://*", None),
            ("*", None),
            ("null", None),
            ("", None),
            ("shop.example", None),
            ("//shop.example", None),
            ("https://shop.example/pad", None),
            ("https://shop.example?x", None),
            ("https://shop.example#x", None),
            ("https://jan@shop.example", None),
            ("https://jan:geheim@shop.example", None),
            ("file:///etc/passwd", None),
            ("ftp://shop.example", None),
            ("javascript:alert(1)", None),
            ("https://shop.example https://evil.example", None),
            ("https://shop.example,https://evil.example", None),
        ] {
            let origin = WebOrigin::parse(given);
            assert_eq!(origin.as_ref().map(WebOrigin::as_str), read, "{given}");
        }
    }

    /// API-08: our own pages are not another web site, whatever name they have.
    #[test]
    fn own_pages_are_known() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:5000"));
        let foreign = |origin: &'static str| {
            let mut headers = headers.clone();
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            foreign_origin(&headers, Some("https://connexx.example")).is_some()
        };
        assert!(foreign_origin(&headers, None).is_none(), "no browser");
        assert!(!foreign("http://127.0.0.1:5000") && !foreign("https://connexx.example"));
        assert!(foreign("http://127.0.0.1:5001") && foreign("https://connexx.example.evil.example"));
        assert!(foreign("null") && foreign("") && foreign("127.0.0.1:5000"));
    }
}
