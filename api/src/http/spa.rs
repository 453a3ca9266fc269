//! Pages and files of the web app. Unknown pages keep their status 404; API paths never become pages.

use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use sha2::{Digest, Sha256};
use shared::lang::Lang;
use shared::problem::{Code, ProblemOut};

use super::assets::{self, Asset};
use super::frame::RequestInfo;
use super::problem::Problem;

/// Addresses that the web app answers; `*` stands for one segment. The app's own routes are tested against it.
pub const PAGES: &[&str] = &[
    "/",
    "/login",
    "/app",
    "/app/logs",
    "/app/logs/*",
    "/app/analyse",
    "/app/analyse/cohorten",
    "/app/analyse/trechter",
    "/app/soorten",
    "/app/quarantaine",
    "/app/sleutels",
    "/app/sleutels/verzoeken",
    "/app/gebruikers",
    "/app/abonnement",
    "/app/account",
    "/app/account/privacy",
    "/app/account/audit",
    "/admin",
    "/admin/login",
    "/welkom",
    "/wachtwoord",
    "/admin/klanten",
    "/admin/klanten/nieuw",
    "/admin/klanten/*",
    "/admin/logs",
    "/admin/zoeken",
    "/admin/productcijfers",
    "/admin/beveiliging",
    "/admin/systeem",
    "/admin/audit",
    "/admin/account",
];

/// Whether an address is a page of the web app.
#[must_use]
pub fn is_page(path: &str) -> bool {
    let path = path.strip_suffix('/').filter(|rest| !rest.is_empty() && !rest.ends_with('/')).unwrap_or(path);
    PAGES.iter().any(|page| {
        let (mut have, mut want) = (path.split('/'), page.split('/'));
        loop {
            match (have.next(), want.next()) {
                (None, None) => return true,
                (Some(segment), Some("*")) if !segment.is_empty() => {}
                (Some(segment), Some(wanted)) if segment == wanted => {}
                _ => return false,
            }
        }
    })
}

/// Whether a browser asks for a page.
#[must_use]
pub fn wants_page(request: &Request) -> bool {
    let accept =
        request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/html") && !request.uri().path().starts_with("/api/")
}

/// Answers everything that no route answers: a file, a page, or `not found`.
pub async fn serve(request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return Problem::new(Code::NotFound).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        if !is_page(path) {
            return Problem::new(Code::NotFound).into_response();
        }
        let mut response =
            Problem::new(Code::MethodNotAllowed).with("method", request.method()).into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let name = path.trim_start_matches('/');
    if !name.is_empty()
        && name != "index.html"
        && let Some(asset) = assets::find(name)
    {
        return file(name, asset, request.headers());
    }
    let status = if is_page(path) { StatusCode::OK } else { StatusCode::NOT_FOUND };
    if status == StatusCode::NOT_FOUND && !wants_page(&request) {
        return Problem::new(Code::NotFound).into_response();
    }
    match assets::find("index.html") {
        Some(asset) => page(status, path, asset, request.headers()),
        None => (StatusCode::OK, "The web app is not built. Run `cargo xtask run`, or `trunk build`.\n")
            .into_response(),
    }
}

/// The page for a browser that is turned away: it says what the problem says, needs no file, and runs nothing.
#[must_use]
pub fn refusal(problem: &ProblemOut, info: &RequestInfo) -> Response {
    let number = match info.lang {
        Lang::Nl => "Nummer van de aanvraag",
        Lang::En => "Number of the request",
    };
    let html = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{1}</title><main><h1>{1}</h1><p>{2}</p><p>{number}: <code>{3}</code></p></main>",
        info.lang.code(),
        escaped(&problem.title),
        escaped(&problem.detail),
        escaped(&info.id),
    );
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = (status, html).into_response();
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    set.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn page(status: StatusCode, path: &str, asset: Asset, headers: &HeaderMap) -> Response {
    let policy = content_policy(&asset.plain);
    let mut response = encoded(asset, headers, "text/html; charset=utf-8");
    *response.status_mut() = status;
    let set = response.headers_mut();
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(value) = HeaderValue::from_str(&policy) {
        set.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    if path.starts_with("/app") || path.starts_with("/admin") || status == StatusCode::NOT_FOUND {
        set.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
    response
}

fn file(name: &str, asset: Asset, headers: &HeaderMap) -> Response {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let kind = match ending {
        "wasm" => "application/wasm",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "woff2" => "font/woff2",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let mut response = encoded(asset, headers, kind);
    let cache = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

/// Trunk puts a hash into the names of what it builds: `app-0123456789abcdef.js`.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '.', '_'])
        .any(|part| part.len() >= 14 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn encoded(asset: Asset, headers: &HeaderMap, kind: &'static str) -> Response {
    let accept =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |name: &str| accept.split(',').any(|part| part.trim().split(';').next() == Some(name));
    let (body, encoding) = match asset {
        Asset { br: Some(bytes), .. } if accepts("br") => (Body::from(bytes), Some("br")),
        Asset { gzip: Some(bytes), .. } if accepts("gzip") => (Body::from(bytes), Some("gzip")),
        Asset { plain, .. } => (Body::from(plain.into_owned()), None),
    };
    let mut response = Response::new(body);
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    set.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some(name) = encoding {
        set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// The content security policy of a page: own files, WebAssembly, and the inline scripts that the build made.
fn content_policy(html: &[u8]) -> String {
    static POLICY: OnceLock<String> = OnceLock::new();
    let make = || {
        let text = String::from_utf8_lossy(html);
        let hashes: String =
            inline(&text, "script").iter().map(|body| format!(" '{}'", hash(body))).collect();
        let styles: String = inline(&text, "style").iter().map(|body| format!(" '{}'", hash(body))).collect();
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'{styles}; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'; object-src 'none'"
        )
    };
    if cfg!(feature = "embed") { POLICY.get_or_init(make).clone() } else { make() }
}

/// Bodies of inline elements of a page.
fn inline<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, tail)) = rest.split_once(open.as_str()) {
        let Some((attributes, tail)) = tail.split_once('>') else {
            break;
        };
        let Some((body, tail)) = tail.split_once(close.as_str()) else {
            break;
        };
        if !attributes.contains("src=") && !body.is_empty() {
            found.push(body);
        }
        rest = tail;
    }
    found
}

fn hash(body: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GEN-04: only addresses of the web app are pages.
    #[test]
    fn pages_are_known() {
        for path in ["/", "/app", "/app/", "/app/logs/17", "/admin/klanten/3"] {
            assert!(is_page(path), "{path}");
        }
        for path in ["/app/nothing", "/wp-login.php", "/app/logs/1/2", "/admin/klanten//", "//"] {
            assert!(!is_page(path), "{path}");
        }
    }

    /// F2 of the security goals: inline scripts are allowed by their hash, and by nothing else.
    #[test]
    fn inline_scripts_are_hashed() {
        let html = b"<script src=\"/a.js\"></script><script type=\"module\">go()</script><style>a{}</style>";
        let policy = content_policy(html);
        assert_eq!(policy.matches("sha256-").count(), 2);
        assert!(policy.contains(&hash("go()")) && !policy.contains("unsafe-inline"));
    }

    /// API-01: names of built files carry a hash.
    #[test]
    fn hashed_names_are_told_apart() {
        assert!(
            is_hashed("frontend-1a2b3c4d5e6f7a8b_bg.wasm")
                && !is_hashed("robots.txt")
                && !is_hashed("fonts/geist.woff2")
        );
    }
}
