//! Tests on the text of a query: taking terms out, making terms.

use super::super::*;

/// SRCH-08: a term can be dropped from the text.
#[test]
fn a_term_can_be_taken_out() {
    for (input, drop, rest) in [
        ("niveau:fout -bron:api  \"dok 3\"", "bron:api", "niveau:fout \"dok 3\""),
        ("a OR b", "a", "b"),
        ("a OR b OR c", "b", "a OR c"),
        ("a (b OR c)", "c", "a (b)"),
        ("a OR -(b) OR c", "b", "a OR c"),
        ("--a", "a", ""),
        ("((a)) b", "a", "b"),
        ("na:1-11-2026 x", "x", "na:1-11-2026"),
    ] {
        let query = parse(input).unwrap();
        let start = input.find(drop).unwrap();
        let span = Span { start, end: start + drop.len() };
        assert_eq!(query.without(input, span), rest, "{input}");
    }
    let query = parse("a  b").unwrap();
    assert_eq!(query.without("a  b", Span { start: 1, end: 2 }), "a  b");
}

/// SRCH-06: a facet value makes a term that means exactly that value.
#[test]
fn facet_terms_are_exact() {
    for (name, value, exclude, expected) in [
        ("kind", "scan", false, "kind:=scan"),
        ("source", "api", true, "-source:api"),
        ("level", "error", false, "level:error"),
        ("ip", "203.0.113.7", false, "ip:203.0.113.7"),
        ("location.city", "Den Haag", true, "-location.city:=\"Den Haag\""),
        ("data.kind", "x", false, "data.kind:=x"),
        ("data.ext1:float", "20", false, "\"ext1:float\":=20"),
        ("urn", "x", false, "data.urn:=x"),
        ("url", "https://x.nl/a", false, "url:=https://x.nl/a"),
    ] {
        assert_eq!(field_term(name, value, exclude), expected);
        assert!(parse(expected).is_ok(), "{expected}");
    }
}

/// SRCH-01: a quoted value has no signs with a meaning.
#[test]
fn values_are_quoted_where_needed() {
    for (value, expected) in [
        ("Venlo", "Venlo"),
        ("-5", "-5"),
        ("/api/x", "/api/x"),
        ("Den Haag", "\"Den Haag\""),
        ("", "\"\""),
        ("4..8", "\"4..8\""),
        (">8", "\">8\""),
        ("a*", "\"a*\""),
        ("//x", "\"//x\""),
        ("14:30", "\"14:30\""),
        ("a\\\"b", "\"a\\\\\\\"b\""),
    ] {
        assert_eq!(quote(value), expected);
        let read = parse(&format!("x:{expected}"))
            .map(|query| query.terms().into_iter().cloned().collect::<Vec<_>>());
        let Ok([Term { test: Test::Field { value: Value::Text(text), .. }, .. }]) = read.as_deref() else {
            panic!("{read:?}");
        };
        assert_eq!(text.text, value);
    }
}
