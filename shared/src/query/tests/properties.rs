//! Properties of the search grammar that hold for any input.

use super::super::lexer::{Lexer, TokenKind, is_blank};
use super::super::*;
use proptest::prelude::*;

/// Removes what does not count when trees are compared.
fn bare(expr: &Expr) -> Expr {
    match expr {
        Expr::All => Expr::All,
        Expr::And(items) => Expr::And(items.iter().map(bare).collect()),
        Expr::Or(items) => Expr::Or(items.iter().map(bare).collect()),
        Expr::Not(inner) => Expr::Not(Box::new(bare(inner))),
        Expr::Term(term) => term_of(term.test.clone()),
    }
}

fn term_of(test: Test) -> Expr {
    Expr::Term(Term { test, span: Span { start: 0, end: 0 } })
}

/// The tree without one term; `None` if nothing is left.
fn pruned(expr: &Expr, span: Span) -> Option<Expr> {
    match expr {
        Expr::All => Some(Expr::All),
        Expr::And(items) => joined(items, span).map(Expr::and),
        Expr::Or(items) => joined(items, span).map(Expr::or),
        Expr::Not(inner) => pruned(inner, span).map(|inner| Expr::Not(Box::new(inner))),
        Expr::Term(term) => (term.span != span).then(|| expr.clone()),
    }
}

fn joined(items: &[Expr], span: Span) -> Option<Vec<Expr>> {
    let left: Vec<Expr> = items.iter().filter_map(|item| pruned(item, span)).collect();
    (!left.is_empty()).then_some(left)
}

/// Text full of characters that mean something.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("“".to_owned()),
        Just("..".to_owned()),
        Just("OR".to_owned()),
        Just("data.".to_owned()),
        Just("urn".to_owned()),
        Just("//".to_owned()),
        Just("\u{202e}\0".to_owned()),
        "[ ()=*<>:.@%_-]{1,3}",
        "[0-9a-f]{1,4}",
        "[a-zA-Zé]{1,5}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// Pieces of queries, right and wrong.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "OR",
        "OF",
        "(",
        ")",
        "-",
        "\"",
        "*",
        "=",
        "kind:",
        "soort:x",
        "level:>=fout",
        "level:x",
        "id:3..9",
        "id:>4",
        "t:>8",
        "t:4..8",
        "t:..",
        "ip:10.*",
        "ip:::1",
        "na:2026-11-01",
        "na:x",
        "has:y",
        "\"x y\":z",
        "12:30",
        "urn:a",
        "\\",
        "“",
        "🚚",
        "\u{202e}",
        "\0",
        "data.id:4",
        ":",
        "..",
        ">",
        "5\"",
    ]);
    let spaced =
        (piece, prop::sample::select(vec!["", " ", "  "])).prop_map(|(text, gap)| format!("{text}{gap}"));
    prop::collection::vec(spaced, 0..24).prop_map(|pieces| pieces.concat())
}

fn date() -> impl Strategy<Value = LocalDateTime> {
    let parts = (1_i16..=9999, 1_i8..=12, 1_i8..=31, 0_i8..24, 0_i8..60, 0_i8..60, 0..5);
    parts.prop_filter_map("day exists", |(year, month, day, hour, minute, second, shape)| {
        LocalDateTime::day(year, month, day)?;
        LocalDateTime::parse(&match shape {
            0 => format!("{year:04}"),
            1 => format!("{year:04}-{month:02}"),
            2 => format!("{day}-{month}-{year:04}"),
            3 => format!("{year:04}-{month:02}-{day:02}T{hour}:{minute:02}"),
            _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
        })
    })
}

/// A date that cannot be read as a number.
fn full_date() -> impl Strategy<Value = LocalDateTime> {
    date().prop_filter("not a lone year", |date| date.granularity != Granularity::Year)
}

fn op() -> impl Strategy<Value = Op> {
    prop::sample::select(vec![Op::Lt, Op::Le, Op::Gt, Op::Ge])
}

fn text(from: impl Strategy<Value = String>) -> impl Strategy<Value = Text> {
    let modes = prop::sample::select(vec![Mode::Prefix, Mode::Whole, Mode::Anywhere, Mode::Phrase]);
    (from, modes).prop_map(|(text, mode)| Text { text, mode })
}

fn any_text() -> impl Strategy<Value = Text> {
    text(prop_oneof![5 => hostile(), 1 => Just(String::new())])
}

fn name() -> impl Strategy<Value = String> {
    let known =
        prop::sample::select(vec!["kind", "na", "data.x", "data.", "urn", "OR", "ab", "location.city"]);
    prop_oneof![hostile(), known.prop_map(str::to_owned)]
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![-1e4..1e4, any::<f64>().prop_filter("finite", |x| x.is_finite())]
}

fn value() -> impl Strategy<Value = Value> {
    use Value::{Between, BetweenDates, Compare, CompareDate};
    let numbers = (finite(), finite(), 0..3).prop_map(|(a, b, shape)| match shape {
        0 => Between { from: Some(a), to: None },
        1 => Between { from: None, to: Some(b) },
        _ => Between { from: Some(a.min(b)), to: Some(a.max(b)) },
    });
    let dates = (full_date(), full_date(), 0..3).prop_map(|(a, b, shape)| match shape {
        0 => BetweenDates { from: Some(a), to: None },
        1 => BetweenDates { from: None, to: Some(b) },
        _ => BetweenDates { from: Some(a.min(b)), to: Some(a.max(b)) },
    });
    prop_oneof![
        any_text().prop_map(Value::Text),
        (op(), finite()).prop_map(|(op, number)| Compare { op, number }),
        (op(), full_date()).prop_map(|(op, date)| CompareDate { op, date }),
        numbers,
        dates,
    ]
}

fn level_test() -> impl Strategy<Value = LevelTest> {
    let level = || prop::sample::select(LEVELS.to_vec());
    prop_oneof![
        level().prop_map(LevelTest::Is),
        (op(), level()).prop_map(|(op, level)| LevelTest::Compare { op, level }),
    ]
}

fn address() -> impl Strategy<Value = IpTest> {
    let four = (any::<[u8; 4]>(), 0_u8..=32).prop_map(|(ip, prefix)| IpTest::new(ip.into(), prefix));
    let six = (any::<[u8; 16]>(), 0_u8..=128).prop_map(|(ip, prefix)| IpTest::new(ip.into(), prefix));
    prop_oneof![four, six].prop_map(Option::unwrap)
}

fn a_test() -> impl Strategy<Value = Test> {
    let ids = (any::<u64>(), any::<u64>(), 0..3).prop_map(|(a, b, shape)| IdRange {
        from: (shape != 0).then_some(a.min(b)),
        to: (shape != 1).then_some(a.max(b)),
    });
    let lower = || hostile().prop_map(|text| text.to_ascii_lowercase());
    prop_oneof![
        4 => text(hostile()).prop_map(Test::Word),
        4 => (name(), value()).prop_map(|(name, value)| Test::Field { name, value }),
        1 => name().prop_map(|name| Test::Has(fields::has_name(&name))),
        1 => lower().prop_map(Test::Flag),
        1 => lower().prop_map(Test::Source),
        1 => any_text().prop_map(Test::Kind),
        1 => any_text().prop_map(Test::Message),
        1 => any_text().prop_map(Test::ExternalId),
        1 => level_test().prop_map(Test::Level),
        1 => address().prop_map(Test::Ip),
        1 => ids.prop_map(Test::Id),
        1 => date().prop_map(Test::After),
        1 => date().prop_map(Test::Before),
    ]
}

fn tree() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![12 => a_test().prop_map(term_of), 1 => Just(Expr::All)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::and),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::or),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

/// Checks what must hold for any input.
fn check_total(input: &str) -> Result<(), TestCaseError> {
    let length = input.chars().count();
    match parse(input) {
        Ok(query) => {
            let chars: Vec<char> = input.chars().collect();
            for term in query.terms() {
                let piece: String = chars[term.span.start..term.span.end].iter().collect();
                prop_assert_eq!(parser::single(&piece), Some(term.test.clone()));
                prop_assert!(parse(&query.without(input, term.span)).is_ok());
            }
            let again = parse(&query.to_string());
            prop_assert_eq!(again.map(|query| bare(&query.expr)), Ok(bare(&query.expr)));
        }
        Err(error) => {
            prop_assert!(error.length > 0 && error.position + error.length <= length);
            prop_assert!(!error.message("nl").is_empty() && !error.message("en").is_empty());
            prop_assert!(error.apply(input).is_none_or(|fixed| fixed != input));
        }
    }
    Ok(())
}

proptest! {
    /// SRCH-07: any text gives a tree or an error within the text, and what is understood can be printed.
    #[test]
    fn any_text_is_harmless(input in any::<String>(), hostile in hostile(), soup in soup()) {
        check_total(&input)?;
        check_total(&hostile)?;
        check_total(&soup)?;
    }

    /// SRCH-07: long input is harmless too.
    #[test]
    fn long_text_is_harmless(piece in soup(), times in 1..400_usize) {
        if let Err(error) = parse(&piece.repeat(times)) {
            prop_assert!(!error.message("nl").is_empty());
        }
    }

    /// SRCH-01: a printed tree is read back as the same tree.
    #[test]
    fn printing_and_reading_gives_the_same_tree(expr in tree()) {
        let printed = Query { expr: expr.clone() }.to_string();
        let read = parse(&printed).map(|query| bare(&query.expr));
        prop_assert_eq!(read, Ok(bare(&expr)), "{}", printed);
    }

    /// SRCH-08: taking a term out of the text takes it out of the tree, and nothing else.
    #[test]
    fn without_removes_one_term(expr in tree()) {
        let printed = Query { expr }.to_string();
        let query = parse(&printed).unwrap();
        for term in query.terms() {
            let rest = query.without(&printed, term.span);
            let wanted = pruned(&query.expr, term.span).unwrap_or(Expr::All);
            prop_assert_eq!(parse(&rest).map(|query| bare(&query.expr)), Ok(bare(&wanted)), "{}", rest);
        }
    }

    /// SRCH-01: white space between terms, brackets and OR has no meaning.
    #[test]
    fn added_white_space_changes_nothing(expr in tree(), blank in "[ \t\n\u{a0}\u{200f}]{1,3}") {
        let printed = Query { expr: expr.clone() }.to_string();
        let chars: Vec<char> = printed.chars().collect();
        let mut lexer = Lexer::new(&chars);
        let mut spaced = blank.clone();
        while let Some(token) = lexer.next_token().unwrap() {
            spaced.push_str(&lexer.slice(token.span.start, token.span.end));
            if !matches!(token.kind, TokenKind::Not) {
                spaced.push_str(&blank);
            }
        }
        prop_assert!(blank.chars().all(is_blank));
        prop_assert_eq!(parse(&spaced).map(|query| bare(&query.expr)), Ok(bare(&expr)), "{}", spaced);
    }

    /// SRCH-06: any value can be put behind a field, exactly.
    #[test]
    fn any_value_can_be_quoted(any in any::<String>(), hostile in hostile(), exclude in any::<bool>()) {
        for value in [any, hostile] {
            let query = parse(&format!("ab:{}", quote(&value))).unwrap();
            let Test::Field { name, value: Value::Text(read) } = &query.terms()[0].test else {
                panic!("{query:?}");
            };
            prop_assert_eq!((name.as_str(), read.text.as_str()), ("ab", value.as_str()));
            let text = Text { text: value.clone(), mode: Mode::Whole };
            let term = term_of(Test::Field { name: "x".to_owned(), value: Value::Text(text) });
            let wanted = if exclude { Expr::Not(Box::new(term)) } else { term };
            let read = parse(&field_term("x", &value, exclude)).map(|query| bare(&query.expr));
            prop_assert_eq!(read, Ok(wanted));
        }
    }

    /// SRCH-01: dates are read as printed, and end after they begin.
    #[test]
    fn dates_are_read_as_printed(date in date()) {
        prop_assert_eq!(LocalDateTime::parse(&date.to_string()), Some(date));
        let end = date.end();
        prop_assert!(end > date || end.year == 9999);
        prop_assert!(LocalDateTime::day(end.year, end.month, end.day).is_some());
    }

    /// SRCH-07: any field name can be used.
    #[test]
    fn any_field_name_can_be_used(name in name()) {
        let path = format!("data.{name}");
        prop_assert!(parse(&field_term(&path, "x y", false)).is_ok());
    }
}
