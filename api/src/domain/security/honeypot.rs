//! Traps: paths that no honest client visits (SEC-11). Whoever asks for one gets what any unknown path gets.

use super::detector::plain_path;

/// The paths; each stands for everything below it.
const TRAPS: [&str; 35] = [
    "/admin.php",
    "/wp-login.php",
    "/wp-admin",
    "/wp-content",
    "/wp-includes",
    "/xmlrpc.php",
    "/.env",
    "/.git",
    "/.svn",
    "/.aws",
    "/.ssh",
    "/config.php",
    "/configuration.php",
    "/backup.sql",
    "/dump.sql",
    "/database.sql",
    "/backup.zip",
    "/admin/config.json",
    "/admin/phpmyadmin",
    "/phpmyadmin",
    "/pma",
    "/adminer.php",
    "/administrator",
    "/cgi-bin",
    "/server-status",
    "/actuator",
    "/vendor/phpunit",
    "/solr",
    "/jenkins",
    "/boaform",
    "/owa",
    "/autodiscover",
    "/shell.php",
    "/id_rsa",
    "/wp-json",
];
/// Below these nothing is a trap.
const HONEST: [&str; 4] = ["/.well-known/", "/api/", "/app/", "/assets/"];

/// All traps, with those of the installation.
pub fn all(own: &[String]) -> impl Iterator<Item = &str> {
    TRAPS.into_iter().chain(own.iter().map(String::as_str))
}

/// The trap that a path leads to, whatever its letters and however they are written.
#[must_use]
pub fn trap<'a>(path: &str, own: &'a [String]) -> Option<&'a str> {
    if HONEST.iter().any(|honest| path.starts_with(honest)) {
        return None;
    }
    let plain = plain_path(path);
    all(own).find(|trap| {
        plain.strip_prefix(trap).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '?']))
    })
}

/// Reads a path that an installation makes a trap.
#[must_use]
pub fn parse_own(text: &str) -> Option<String> {
    let path = text.trim().trim_end_matches('/').to_lowercase();
    let good = path.len() > 1
        && path.starts_with('/')
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !b"%?#*".contains(&byte))
        && !HONEST.iter().any(|honest| format!("{path}/").starts_with(honest))
        && !crate::http::spa::PAGES.iter().any(|page| *page == path || page.starts_with(&format!("{path}/")));
    good.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::spa::PAGES;

    /// SEC-11: letters, encodings and what lies below do not matter; borders of segments and honest places do.
    #[test]
    fn traps_are_recognised() {
        for path in
            ["/wp-login.php", "/WP-Admin/setup", "/%2eenv", "/.env.bak", "/.git/config", "/Admin/PhpMyAdmin/"]
        {
            assert!(trap(path, &[]).is_some(), "{path}");
        }
        let honest = [
            "/",
            "/admin",
            "/admin/klanten",
            "/owaspect",
            "/.environment",
            "/api/.env",
            "/app/.git",
            "/.well-known/.env",
        ];
        for path in honest {
            assert_eq!(trap(path, &[]), None, "{path}");
        }
        assert_eq!(trap("/geheim/x", &["/geheim".to_owned()]), Some("/geheim"));
    }

    /// SEC-11: no page and no base of an interface is a trap, and none can be made one.
    #[test]
    fn no_honest_path_is_a_trap() {
        let others = [
            "/health",
            "/docs/problems",
            "/es",
            "/epcis/v2/capture",
            "/loki/api/v1/push",
            "/otlp/v1/logs",
            "/otm/v5",
        ];
        for path in PAGES.iter().copied().chain(others).chain(["/robots.txt", "/favicon.ico", "/sitemap.xml"])
        {
            assert_eq!(trap(path, &[]), None, "{path}");
        }
        for path in ["/app", "/api", "/admin", "/", "", "wp", "/.well-known", "/a b", "/x%20"] {
            assert_eq!(parse_own(path), None, "{path}");
        }
        assert_eq!(parse_own(" /Geheim/ ").as_deref(), Some("/geheim"));
    }
}
