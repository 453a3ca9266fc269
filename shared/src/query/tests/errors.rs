//! What is refused, where, and how it can be put right.

use super::super::*;
use super::error;

/// SRCH-07: an error has its kind, its place and a way out.
#[test]
fn errors_name_the_place_and_the_way_out() {
    use ErrorKind::*;
    for (input, kind, position, length, fixed) in [
        ("é \"dok 3", UnclosedQuote, 2, 6, Some("é \"dok 3\"")),
        ("\"a\\\"", UnclosedQuote, 0, 4, Some("\"a\\\"\"")),
        ("a (b c", UnclosedParen, 2, 4, Some("a (b c)")),
        ("a (", UnclosedParen, 2, 1, None),
        ("a) b", UnexpectedParen, 1, 1, Some("a b")),
        ("a ( ) b", EmptyGroup, 2, 3, Some("a b")),
        ("OR a", DanglingOr, 0, 2, Some("a")),
        ("a OF", DanglingOr, 2, 2, Some("a")),
        ("a OR OR b", DanglingOr, 2, 2, Some("a OR b")),
        ("(a OR) b", DanglingOr, 3, 2, Some("(a ) b")),
        ("dok - 3", DanglingNot, 4, 1, Some("dok 3")),
        ("a -", DanglingNot, 2, 1, Some("a")),
        ("-OR a", DanglingNot, 0, 1, Some("OR a")),
        ("kind:", MissingValue, 0, 5, None),
        ("kind: scan x", MissingValue, 0, 10, Some("kind:scan x")),
        ("t:> 8", MissingValue, 0, 5, Some("t:>8")),
        ("kind:(a)", MissingValue, 0, 5, None),
        ("a \"\"", MissingValue, 2, 2, None),
        ("after:2026-02-30", BadDate, 6, 10, Some("after:2026-02-28")),
        ("na:11-25-2026", BadDate, 3, 10, Some("na:2026-11-25")),
        ("na:1/11/2026", BadDate, 3, 9, Some("na:2026-11-01")),
        ("na:2026-11-01T14:30:00Z", BadDate, 3, 20, Some("na:2026-11-01T14:30:00")),
        ("voor:gisteren", BadDate, 5, 8, None),
        ("t:>8kg", BadNumber, 3, 3, Some("t:>8")),
        ("t:>1.234,5", BadNumber, 3, 7, Some("t:>1234,5")),
        ("t:>2026-02-30", BadDate, 3, 10, Some("t:>2026-02-28")),
        ("nummer:F-12", BadNumber, 0, 11, Some("data.nummer:F-12")),
        ("id:99999999999999999999", BadNumber, 0, 23, Some("data.id:99999999999999999999")),
        ("id:8..4", BadRange, 3, 4, Some("id:4..8")),
        ("t:8..4", BadRange, 2, 4, Some("t:4..8")),
        ("t:4..x", BadRange, 2, 4, None),
        ("t:2026-12..2026-11-30", BadRange, 2, 19, Some("t:2026-11-30..2026-12")),
        ("ip:203.0.113", BadIp, 3, 9, Some("ip:203.0.113.*")),
        ("adres:Kerkstraat", BadIp, 0, 16, Some("data.adres:Kerkstraat")),
        ("ip:1.2.3.4/33", BadIp, 0, 13, Some("data.ip:1.2.3.4/33")),
        ("a level:eror", UnknownLevel, 8, 4, Some("a level:error")),
        ("niveau:>=waarsch", UnknownLevel, 9, 7, Some("niveau:>=waarschuwing")),
        ("level:banaan", UnknownLevel, 6, 6, None),
    ] {
        let error = error(input);
        assert_eq!((error.kind, error.position, error.length), (kind, position, length), "{input}");
        assert_eq!(error.apply(input).as_deref(), fixed, "{input}");
        if let Some(fixed) = fixed.filter(|_| input != "-OR a") {
            assert!(parse(fixed).is_ok(), "{fixed}");
        }
        assert!(!error.expected.is_empty(), "{input}");
        assert_ne!(error.message("nl"), error.message("en"));
    }
    let text = error("niveau:foutt").message("nl");
    assert_eq!(
        text,
        "‘foutt’ is geen niveau. Kies debug, info, melding, waarschuwing, fout of kritiek. Bedoelt u fout?"
    );
}

/// SRCH-07: length and nesting are bounded.
#[test]
fn limits_hold() {
    assert!(parse(&"é".repeat(MAX_CHARS)).is_ok());
    assert_eq!(error(&"é".repeat(MAX_CHARS + 1)).kind, ErrorKind::TooLong);
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(error(&nested(MAX_DEPTH + 1)).kind, ErrorKind::TooDeep);
    assert!(parse(&format!("{}a", "-".repeat(MAX_DEPTH))).is_ok());
    assert_eq!(error(&format!("{}a", "-".repeat(MAX_DEPTH + 1))).kind, ErrorKind::TooDeep);
    assert_eq!(error(&"-(".repeat(MAX_DEPTH)).kind, ErrorKind::TooDeep);
    assert!(parse(&"-a ".repeat(1000)).is_ok() && parse(&"(-a) ".repeat(800)).is_ok());
}
