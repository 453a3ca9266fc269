//! What the forms of the grammar mean.

use super::super::*;
use super::{canonical, ok, test};

fn text(text: &str, mode: Mode) -> Text {
    Text { text: text.to_owned(), mode }
}

fn word(value: &str, mode: Mode) -> Test {
    Test::Word(text(value, mode))
}

fn field(name: &str, value: &str, mode: Mode) -> Test {
    Test::Field { name: name.to_owned(), value: Value::Text(text(value, mode)) }
}

/// SRCH-01, SRCH-03: words, parts of words and phrases.
#[test]
fn words_have_four_ways_to_match() {
    for (input, value, mode) in [
        ("laad", "laad", Mode::Prefix),
        ("laad*", "laad", Mode::Prefix),
        ("=laad", "laad", Mode::Whole),
        ("*deel*", "deel", Mode::Anywhere),
        ("*deel", "deel", Mode::Anywhere),
        ("\"dok 3\"", "dok 3", Mode::Phrase),
        ("“dok 3”", "dok 3", Mode::Phrase),
        ("„dok 3“", "dok 3", Mode::Phrase),
        ("=\"dok 3\"", "dok 3", Mode::Whole),
        ("*\"dok 3\"*", "dok 3", Mode::Anywhere),
        ("\"dok 3\"*", "dok 3", Mode::Prefix),
        (r#""een \"b\" \\ c:\d""#, r#"een "b" \ c:\d"#, Mode::Phrase),
        ("100%_", "100%_", Mode::Prefix),
        ("5\"", "5\"", Mode::Prefix),
        ("la*d", "la*d", Mode::Prefix),
        ("=", "=", Mode::Prefix),
        ("=laad*", "laad*", Mode::Whole),
        (">8", ">8", Mode::Prefix),
        ("x-ray", "x-ray", Mode::Prefix),
        ("or", "or", Mode::Prefix),
        ("\"OR\"", "OR", Mode::Phrase),
        ("📦", "📦", Mode::Prefix),
        ("حاوية", "حاوية", Mode::Prefix),
    ] {
        assert_eq!(test(input), word(value, mode), "{input}");
    }
}

/// SRCH-01: a colon does not always make a field.
#[test]
fn words_may_contain_colons() {
    for input in [
        "12:30",
        "http://x.nl/a:b",
        "HTTPS://x.nl",
        "ftp://x",
        "urn:epc:id:sgtin:0614141.107346.2017",
        "mailto:a@b.nl",
        r"C:\logs\a.txt",
        "fe80::1",
        "2001:db8::1",
        "a4:5e:60:c1:22:0f",
        ":x",
        "@context:x",
        "3PL:x",
        "a+b:c",
    ] {
        assert_eq!(test(input), word(input, Mode::Prefix), "{input}");
    }
}

/// SRCH-01: field and value, nested names, quoted names, colons in values.
#[test]
fn fields_keep_their_name_and_value() {
    for (input, name, value, mode) in [
        ("location:Venlo", "location", "Venlo", Mode::Prefix),
        ("location:=Venlo", "location", "Venlo", Mode::Whole),
        ("location:*enl*", "location", "enl", Mode::Anywhere),
        ("location:Ven*", "location", "Ven", Mode::Prefix),
        ("location:\"Den Haag\"", "location", "Den Haag", Mode::Phrase),
        ("location:=“Den Haag”", "location", "Den Haag", Mode::Whole),
        ("data.location.city:venlo", "location.city", "venlo", Mode::Prefix),
        ("location.city:venlo", "location.city", "venlo", Mode::Prefix),
        ("data.kind:x", "kind", "x", Mode::Prefix),
        ("data.data.x:y", "data.x", "y", Mode::Prefix),
        ("\"kind\":x", "kind", "x", Mode::Prefix),
        ("\"ext1:float\":20", "ext1:float", "20", Mode::Prefix),
        ("\"@context\":x", "@context", "x", Mode::Prefix),
        ("data.urn:x", "urn", "x", Mode::Prefix),
        ("bizStep:urn:epc:x", "bizStep", "urn:epc:x", Mode::Prefix),
        ("time:14:30", "time", "14:30", Mode::Prefix),
        ("_x:-5", "_x", "-5", Mode::Prefix),
        ("gewicht:8", "gewicht", "8", Mode::Prefix),
        ("größe:x", "größe", "x", Mode::Prefix),
        ("x:\"\"", "x", "", Mode::Phrase),
        ("x:\"4..8\"", "x", "4..8", Mode::Phrase),
        ("x:../y", "x", "../y", Mode::Prefix),
        ("x:1.2.3..1.2.4", "x", "1.2.3..1.2.4", Mode::Prefix),
    ] {
        assert_eq!(test(input), field(name, value, mode), "{input}");
    }
    assert_eq!(test("location:*"), Test::Has("location".to_owned()));
}

/// SRCH-01: built-in fields under their Dutch and English names.
#[test]
fn built_in_fields_have_dutch_and_english_names() {
    for (input, expected) in [
        ("soort:container_arrived", "kind:container_arrived"),
        ("Kind:=scan", "kind:=scan"),
        ("niveau:fout", "level:error"),
        ("level:>=Waarschuwing", "level:>=warning"),
        ("niveau:<kritiek", "level:<critical"),
        ("niveau:melding", "level:notice"),
        ("bron:API", "source:api"),
        ("adres:203.0.113.*", "ip:203.0.113.0/24"),
        ("na:1-11-2026", "after:2026-11-01"),
        ("voor:\"2026-11-01 14:30\"", "before:2026-11-01T14:30"),
        ("heeft:data.temp", "has:temp"),
        ("heeft:bericht", "has:message"),
        ("has:data.kind", "has:data.kind"),
        ("\"kind\":*", "has:data.kind"),
        ("vlag:laat", "flag:late"),
        ("flag:late", "flag:late"),
        ("bericht:\"dok 3\"", "message:\"dok 3\""),
        ("nummer:120..180", "id:120..180"),
        ("id:=7", "id:7"),
        ("id:>7", "id:8.."),
        ("id:<=7", "id:..7"),
        ("extern_id:PO-1", "external_id:PO-1"),
        ("soort:*", "has:kind"),
    ] {
        assert_eq!(canonical(input), expected, "{input}");
    }
    assert_eq!(test("id:..9"), Test::Id(IdRange { from: None, to: Some(9) }));
    for (canonical, others) in FIELD_NAMES {
        assert!(others.iter().all(|name| fields::builtin(&name.to_uppercase()) == Some(canonical)));
    }
}

/// SRCH-01: joining binds tighter than OR; brackets group; minus touches what it excludes.
#[test]
fn operators_bind_as_documented() {
    for (input, expected) in [
        ("", ""),
        (" \u{200f}\n\0 ", ""),
        ("*", ""),
        ("a * b", "a b"),
        ("a b OR c", "a b OR c"),
        ("a (b OF c)", "a (b OR c)"),
        ("(a b) c", "a b c"),
        ("(a OR (b OR c))", "a OR b OR c"),
        ("-a -(b c) -\"d e\"", "-a -(b c) -\"d e\""),
        ("--a", "--a"),
        ("a-b", "a-b"),
        ("foo(bar)", "foo bar"),
        ("\"a\"\"b\"-c", "\"a\" \"b\" -c"),
        (
            "niveau:fout -bron:api ip:203.0.113.* \"dok 3\"",
            "level:error -source:api ip:203.0.113.0/24 \"dok 3\"",
        ),
    ] {
        assert_eq!(canonical(input), expected, "{input}");
    }
    assert_eq!(ok(""), Expr::All);
    assert!(
        matches!(ok("a b OR c"), Expr::Or(items) if matches!(items[0], Expr::And(_)) && items.len() == 2)
    );
    let spans: Vec<Span> = parse("é -kind:x (“a b”)").unwrap().terms().iter().map(|term| term.span).collect();
    assert_eq!(spans, [(0, 1), (3, 9), (11, 16)].map(|(start, end)| Span { start, end }));
}
