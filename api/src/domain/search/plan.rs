//! What of a query the word index and the numbers can answer before a log is read.

use std::collections::HashSet;

use shared::query::{Expr, LevelTest, Mode, Query, Test, Text, Value};

use super::eval::instant;
use super::parts::Parts;
use super::vocabulary::{Beginning, Expansions};
use super::words::{self, Known, MAX_PATH, MAX_WORD, known_token, path_token};
use crate::db::Dialect;

/// How candidates are found and whether each must be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Condition for the word index.
    pub words: Option<String>,
    /// Condition for the index of parts of words.
    pub parts: Option<Parts>,
    /// Whether the index alone decides; else each candidate is tested.
    pub exact: bool,
    /// Lowest and highest number of a log.
    pub seq: (i64, i64),
    /// When it happened: from (included) and to (excluded).
    pub occurred: (i64, i64),
    /// Beginnings of words that the condition leaves to the index.
    pub beginnings: Vec<Beginning>,
}

/// Conditions of the indexes that every match fulfils, and whether nothing else fulfils that of the words.
struct Part {
    words: Option<String>,
    parts: Option<Parts>,
    exact: bool,
}

impl Part {
    const UNKNOWN: Self = Self { words: None, parts: None, exact: false };

    fn words(words: String, exact: bool) -> Self {
        Self { words: Some(words), parts: None, exact }
    }

    /// Of a text that stands anywhere in another.
    fn anywhere(text: &Text) -> Self {
        Self { parts: Parts::of(&text.text), ..Self::UNKNOWN }
    }
}

/// What fulfils all conditions.
fn all(conditions: impl Iterator<Item = Parts>) -> Option<Parts> {
    conditions.reduce(Parts::and)
}

/// How conditions of the index are written.
struct Terms<'a> {
    dialect: Dialect,
    expansions: &'a Expansions,
    beginnings: Vec<Beginning>,
}

impl Terms<'_> {
    /// A token, or what begins with it.
    fn word(&mut self, token: &str, prefix: bool) -> String {
        if prefix {
            self.beginning(token, Beginning::Word(token.to_owned()))
        } else {
            self.dialect.word(token, false)
        }
    }

    fn part(&mut self, token: &str, prefix: bool, exact: bool) -> Part {
        Part::words(self.word(token, prefix), exact)
    }

    fn beginning(&mut self, token: &str, beginning: Beginning) -> String {
        match self.expansions.get(&beginning) {
            Some(words) if words.is_empty() => self.dialect.word(token, false),
            Some(words) => {
                let words: Vec<String> = words.iter().map(|word| self.dialect.word(word, false)).collect();
                self.dialect.join_words(false, &words)
            }
            None => {
                self.beginnings.push(beginning);
                self.dialect.word(token, true)
            }
        }
    }
}

/// Plans a query, with the whole words for beginnings as far as they are known.
#[must_use]
pub fn plan(query: &Query, dialect: Dialect, expansions: &Expansions, zone: &jiff::tz::TimeZone) -> Plan {
    let terms = &mut Terms { dialect, expansions, beginnings: Vec::new() };
    let mut plan = Plan {
        words: None,
        parts: None,
        exact: true,
        seq: (1, i64::MAX),
        occurred: (i64::MIN, i64::MAX),
        beginnings: Vec::new(),
    };
    let top: Vec<&Expr> = match &query.expr {
        Expr::All => vec![],
        Expr::And(parts) => parts.iter().collect(),
        other => vec![other],
    };
    let (mut conditions, mut parts) = (Vec::new(), Vec::new());
    for expr in top {
        if narrow(expr, &mut plan, zone) {
            continue;
        }
        let part = index(expr, terms);
        plan.exact &= part.exact;
        conditions.extend(part.words);
        parts.extend(part.parts);
    }
    plan.parts = all(parts.into_iter());
    let conditions = once(conditions.into_iter());
    if !conditions.is_empty() {
        plan.words = Some(dialect.join_words(true, &conditions));
    }
    plan.beginnings = std::mem::take(&mut terms.beginnings);
    plan
}

/// Bounds of number and time are taken out of the query; they are conditions of the candidates.
fn narrow(expr: &Expr, plan: &mut Plan, zone: &jiff::tz::TimeZone) -> bool {
    let Expr::Term(term) = expr else { return false };
    match &term.test {
        Test::Id(range) => {
            let bound = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            plan.seq.0 = plan.seq.0.max(range.from.map_or(1, bound));
            plan.seq.1 = plan.seq.1.min(range.to.map_or(i64::MAX, bound));
        }
        Test::After(at) => plan.occurred.0 = plan.occurred.0.max(instant(at, zone)),
        Test::Before(at) => plan.occurred.1 = plan.occurred.1.min(instant(at, zone)),
        _ => return false,
    }
    true
}

fn index(expr: &Expr, terms: &mut Terms<'_>) -> Part {
    match expr {
        Expr::All => Part { exact: true, ..Part::UNKNOWN },
        Expr::Term(term) => index_term(&term.test, terms),
        // What is not there cannot be looked up; the log decides.
        Expr::Not(_) => Part::UNKNOWN,
        Expr::And(parts) => {
            let parts: Vec<Part> = parts.iter().map(|part| index(part, terms)).collect();
            let exact = parts.iter().all(|part| part.exact);
            let own = all(parts.iter().filter_map(|part| part.parts.clone()));
            let words = once(parts.into_iter().filter_map(|part| part.words));
            let words = (!words.is_empty()).then(|| terms.dialect.join_words(true, &words));
            Part { words, parts: own, exact }
        }
        Expr::Or(parts) => {
            let parts: Vec<Part> = parts.iter().map(|part| index(part, terms)).collect();
            // One branch without a condition lets everything through.
            let any =
                parts.iter().map(|part| part.parts.clone()).reduce(|any, next| any?.or(next?)).flatten();
            let words: Option<Vec<String>> = parts.iter().map(|part| part.words.clone()).collect();
            let exact = words.is_some() && parts.iter().all(|part| part.exact);
            let words = words.map(|words| terms.dialect.join_words(false, &once(words.into_iter())));
            Part { words, parts: any, exact }
        }
    }
}

/// Each condition once, in order: what is said twice is not looked up twice.
fn once(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    words.filter(|word| seen.insert(word.clone())).collect()
}

fn index_term(test: &Test, terms: &mut Terms<'_>) -> Part {
    match test {
        Test::Word(text) => index_text("", text, terms, true),
        Test::Field { name, value } => {
            let path = path_token(name);
            let whole_path = path.len() < MAX_PATH;
            match value {
                Value::Text(text) => {
                    let number = text.text.parse::<f64>().is_ok();
                    // Behind a field `=` asks for the whole value, of which the index knows the words alone.
                    let decidable = whole_path && !number && text.mode != Mode::Whole;
                    let mut part = index_text(&format!("{path}:"), text, terms, decidable);
                    if part.words.is_none() || (number && !is_canonical(&text.text)) {
                        part.words = Some(terms.word(&format!("{path}:"), false));
                    }
                    part
                }
                _ => terms.part(&format!("{path}:"), false, false),
            }
        }
        Test::Has(name) => match name.as_str() {
            "message" | "external_id" | "ip" => Part::UNKNOWN,
            // A field with fields below has no token of its own.
            other => {
                let path = path_token(other.strip_prefix("data.").unwrap_or(other));
                if path.is_empty() {
                    return Part::UNKNOWN;
                }
                Part::words(terms.beginning(&path, Beginning::Name(path.clone())), false)
            }
        },
        // Flags and sources are compared as they are, tokens without accents.
        Test::Flag(flag) => terms.part(&known_token(Known::Flag, flag), false, flag.is_ascii()),
        Test::Kind(text) => {
            let name = known_token(Known::Kind, &text.text);
            // Signs that tokens do not hold were replaced: then the log decides.
            let plain =
                words::fold(&text.text).chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
            match text.mode {
                Mode::Prefix => terms.part(&name, true, plain && name.len() < MAX_PATH),
                Mode::Whole | Mode::Phrase => terms.part(&name, false, plain && name.len() < MAX_PATH),
                Mode::Anywhere => Part::anywhere(text),
            }
        }
        Test::Level(LevelTest::Is(level)) => terms.part(&known_token(Known::Level, level), false, true),
        Test::Level(level) => {
            let all: Vec<String> = level
                .levels()
                .into_iter()
                .map(|name| terms.word(&known_token(Known::Level, name), false))
                .collect();
            if all.is_empty() {
                Part::UNKNOWN
            } else {
                Part::words(terms.dialect.join_words(false, &all), true)
            }
        }
        Test::Source(source) => terms.part(&known_token(Known::Source, source), false, source.is_ascii()),
        Test::Ip(ip) if ip.is_single() => {
            terms.part(&known_token(Known::Ip, &ip.network.to_string()), false, false)
        }
        Test::Message(text) => Part { exact: false, ..index_text("", text, terms, false) },
        Test::ExternalId(text) => Part { exact: false, ..index_text("", text, terms, false) },
        Test::Ip(_) | Test::Id(_) | Test::After(_) | Test::Before(_) => Part::UNKNOWN,
    }
}

/// Whether a number is written as the index writes it: `4.20` is found under `4.2`, and only the log knows.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let whole = all_digits && digits.len() <= 15 && (digits == "0" || !digits.starts_with('0'));
    let printed =
        || text.parse().ok().and_then(serde_json::Number::from_f64).map(|number| number.to_string());
    whole || printed().is_some_and(|printed| printed == text && !printed.ends_with(".0"))
}

/// Words of a text, each of which must be there; a single word is decided by the index alone.
fn index_text(before: &str, text: &Text, terms: &mut Terms<'_>, decidable: bool) -> Part {
    if text.mode == Mode::Anywhere {
        return Part::anywhere(text);
    }
    let wanted = words::words(&text.text);
    let Some(last) = wanted.len().checked_sub(1) else {
        return Part::UNKNOWN;
    };
    let conditions: Vec<String> = wanted
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let open = (at == last && text.mode == Mode::Prefix) || word.len() > MAX_WORD;
            terms.word(&format!("{before}{}", words::cut(word, MAX_WORD)), open)
        })
        .collect();
    // A word of that length in the index may have been cut.
    let whole = wanted.iter().all(|word| word.len() < MAX_WORD);
    Part::words(terms.dialect.join_words(true, &conditions), decidable && whole && last == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::util::zone;

    fn planned_with(query: &str, expansions: &Expansions) -> Plan {
        plan(
            &shared::query::parse(query).unwrap(),
            Dialect::Sqlite,
            expansions,
            &zone::find("Europe/Amsterdam").unwrap(),
        )
    }

    fn planned(query: &str) -> Plan {
        planned_with(query, &Expansions::new())
    }

    /// SRCH-03: a beginning becomes the words that are known for it, and what no word begins with finds nothing.
    #[test]
    fn beginnings_become_words() {
        let known = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let expansions = Expansions::from([
            (Beginning::Word("laad".to_owned()), known(&["laadklep", "laadperron"])),
            (Beginning::Word("xyz".to_owned()), vec![]),
        ]);
        let plan = planned_with("laad xyz dok", &expansions);
        let expected = "(((\"laadklep\" OR \"laadperron\")) AND (\"xyz\") AND (\"dok\" *))";
        assert_eq!(
            (plan.words.as_deref(), plan.beginnings),
            (Some(expected), vec![Beginning::Word("dok".to_owned())])
        );
        assert!(plan.exact);
    }

    /// SRCH-01: words and fields are answered by the index, bounds by numbers, the rest by the log.
    #[test]
    fn plans_use_the_index() {
        let plan = planned("laad location:Rotterdam kind:scan");
        assert!(plan.exact);
        assert_eq!(
            plan.words.as_deref(),
            Some("((\"laad\" *) AND (\"location:rotterdam\" *) AND \"#k:scan\" *)")
        );
        let bounded = planned("id:120..180 after:2026-03-01 before:2026-04-01");
        assert_eq!((bounded.words, bounded.exact, bounded.seq), (None, true, (120, 180)));
        assert_eq!(
            (bounded.occurred.1 - bounded.occurred.0) / 3_600_000,
            31 * 24 - 1,
            "March has the spring change"
        );
        for residual in ["-laad", "\"dok 3\"", "temp:>8", "*part*", "temp:8", "a OR -b", "ip:10.0.0.0/8"] {
            assert!(!planned(residual).exact, "{residual}");
        }
        assert_eq!(planned("a OR -b").words, None);
    }

    /// SRCH-03: the index of parts answers a part wherever it stands in a query that every match must hold.
    #[test]
    fn plans_use_the_index_of_parts() {
        let parts = |query: &str| planned(query).parts;
        let part = |text: &str| Parts::of(text).unwrap();
        for (query, expected) in [
            ("*4567*", Some(part("4567"))),
            ("kind:scan *4567*", Some(part("4567"))),
            ("container:*4567*", Some(part("4567"))),
            ("message:*uren*", Some(part("uren"))),
            ("kind:*uren*", Some(part("uren"))),
            ("external_id:*uren*", Some(part("uren"))),
            ("*4567* *uren*", Some(part("4567").and(part("uren")))),
            ("*4567* (*uren* laad)", Some(part("4567").and(part("uren")))),
            ("*4567* OR *uren*", part("4567").or(part("uren"))),
            ("*45*", None),
            ("4567", None),
            ("-*4567*", None),
            ("*4567* OR laad", None),
            ("*4567* OR *45*", None),
        ] {
            assert_eq!(parts(query), expected, "{query}");
            assert!(!expected.is_some_and(|_| planned(query).exact), "{query}");
        }
        assert_eq!(planned("container:*4567*").words.as_deref(), Some("(\"container:\")"));
    }

    /// SRCH-07: what a query holds cannot leave its quotes.
    #[test]
    fn hostile_words_stay_words() {
        assert_eq!(Dialect::Sqlite.word("a\"b", false), "\"a\"\"b\"");
        assert_eq!(Dialect::Postgres.word("a'b\\", true), "'a''b\\\\':*");
    }
}
