//! Whether an event fits a query, exactly: what the word index finds may only sound alike. Pure.

use serde_json::Value;
use shared::query::{Expr, Mode, Span, Term, Test, Text, Value as Wanted};
use shared::time::Millis;

use super::vocabulary;

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// They are the same.
    Exact,
    /// They are the same value of the core business vocabulary.
    Vocabulary,
    /// They are the same, or the one asked for is a pattern of EPCs.
    Pattern,
}

/// A condition on an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// One of the members has one of the values.
    Any {
        /// Paths of members; positions in lists are left out.
        paths: Vec<String>,
        /// Values.
        values: Vec<String>,
        /// How they are compared.
        compare: Compare,
    },
    /// One element of a list has this type and one of the values.
    Typed {
        /// The list.
        list: &'static str,
        /// The member of its elements with the value.
        member: &'static str,
        /// The type.
        kind: String,
        /// Values.
        values: Vec<String>,
    },
    /// The member is there.
    Exists(&'static str),
    /// The member's time lies within bounds: from (included) and to (excluded).
    Time {
        /// Path of the member.
        path: &'static str,
        /// From.
        from: Option<Millis>,
        /// To.
        to: Option<Millis>,
    },
}

impl Condition {
    /// Whether an event fits.
    #[must_use]
    pub fn holds(&self, event: &Value) -> bool {
        match self {
            Self::Any { paths, values, compare } => paths.iter().any(|path| {
                any_text(event, path, &|have| values.iter().any(|want| compare.holds(want, have)))
            }),
            Self::Typed { list, member, kind, values } => {
                let fits = |element: &Value| {
                    let text = |name: &str| element.get(name).and_then(Value::as_str);
                    text("type").is_some_and(|have| vocabulary::same(have, kind))
                        && text(member).is_some_and(|have| values.iter().any(|want| want == have))
                };
                match event.get(list) {
                    Some(Value::Array(list)) => list.iter().any(fits),
                    Some(one) => fits(one),
                    None => false,
                }
            }
            Self::Exists(name) => event.get(name).is_some(),
            Self::Time { path, from, to } => any_text(event, path, &|have| {
                Millis::from_rfc3339(have)
                    .is_some_and(|at| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to))
            }),
        }
    }

    /// What the word index can say about it: everything that fits is found, and perhaps more.
    #[must_use]
    pub fn term(&self) -> Expr {
        match self {
            Self::Any { paths, values, compare } => any_of(
                paths
                    .iter()
                    .flat_map(|path| values.iter().map(move |value| field(path, compare.words(value))))
                    .collect(),
            ),
            Self::Typed { list, member, values, .. } => {
                any_of(values.iter().map(|value| field(&format!("{list}.{member}"), value)).collect())
            }
            Self::Exists(name) => term(Test::Has(format!("data.{name}"))),
            Self::Time { path, .. } => {
                let name = path.split('.').next().unwrap_or_default();
                term(Test::Has(format!("data.{name}")))
            }
        }
    }
}

impl Compare {
    fn holds(self, want: &str, have: &str) -> bool {
        match self {
            Self::Exact => want == have,
            Self::Vocabulary => vocabulary::same(want, have),
            Self::Pattern => want == have || pattern_holds(want, have),
        }
    }

    /// The part of a value whose words stand in every value that fits.
    fn words(self, value: &str) -> &str {
        match self {
            Self::Exact => value,
            Self::Vocabulary => vocabulary::bare(value),
            Self::Pattern => match value.strip_prefix("urn:epc:idpat:") {
                Some(pattern) => pattern.split('*').next().unwrap_or_default(),
                None => value,
            },
        }
    }
}

/// Patterns of the tag data standard, `urn:epc:idpat:sgtin:0614141.107346.*`, match identifiers and classes.
fn pattern_holds(want: &str, have: &str) -> bool {
    let Some(pattern) = want.strip_prefix("urn:epc:idpat:") else {
        return false;
    };
    let have =
        ["urn:epc:id:", "urn:epc:class:", "urn:epc:idpat:"].iter().find_map(|base| have.strip_prefix(base));
    let Some((have, (scheme, fields))) = have.zip(pattern.split_once(':')) else {
        return false;
    };
    let Some((have_scheme, have_fields)) = have.split_once(':') else {
        return false;
    };
    let (mut want, mut have) = (fields.split('.'), have_fields.split('.'));
    // The scheme `lgtin` of classes and others are compared as they are.
    scheme == have_scheme
        && loop {
            match (want.next(), have.next()) {
                (None, None) => break true,
                (Some("*"), Some(_)) => {}
                (Some(want), Some(have)) if want == have => {}
                _ => break false,
            }
        }
}

/// Whether a text at a path fits; lists on the way are looked through.
fn any_text(value: &Value, path: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    if let Value::Array(items) = value {
        return items.iter().any(|item| any_text(item, path, fits));
    }
    if path.is_empty() {
        return match value {
            Value::String(text) => fits(text),
            Value::Number(number) => fits(&number.to_string()),
            Value::Bool(value) => fits(if *value { "true" } else { "false" }),
            _ => false,
        };
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    value.get(name).is_some_and(|inner| any_text(inner, rest, fits))
}

/// A single test of the search grammar.
#[must_use]
pub fn term(test: Test) -> Expr {
    Expr::Term(Term { test, span: Span { start: 0, end: 0 } })
}

/// One of several conditions.
#[must_use]
pub fn any_of(mut options: Vec<Expr>) -> Expr {
    match options.len() {
        1 => options.remove(0),
        _ => Expr::Or(options),
    }
}

fn field(path: &str, words: &str) -> Expr {
    let text = Text { text: words.to_owned(), mode: Mode::Phrase };
    term(Test::Field { name: path.to_owned(), value: Wanted::Text(text) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// LOG-18: patterns of EPCs match field by field, and only within their scheme.
    #[test]
    fn patterns_match_field_by_field() {
        for (pattern, epc, expected) in [
            ("urn:epc:idpat:sgtin:0614141.107346.*", "urn:epc:id:sgtin:0614141.107346.2018", true),
            ("urn:epc:idpat:sgtin:0614141.*.*", "urn:epc:id:sgtin:0614141.107346.2018", true),
            ("urn:epc:idpat:sgtin:0614141.107346.*", "urn:epc:id:sgtin:0614141.1073467.1", false),
            ("urn:epc:idpat:sscc:0614141.*", "urn:epc:id:sgtin:0614141.107346.2018", false),
            ("urn:epc:idpat:sgtin:0614141.*", "urn:epc:id:sgtin:0614141.107346.2018", false),
            ("urn:x:1", "urn:x:1", true),
            ("urn:x:*", "urn:x:1", false),
        ] {
            assert_eq!(Compare::Pattern.holds(pattern, epc), expected, "{pattern} {epc}");
        }
    }

    /// LOG-18: conditions look through lists, and types belong to the same element as values.
    #[test]
    fn conditions_look_through_lists() {
        let event = json!({
            "quantityList": [{ "epcClass": "urn:c:1" }, { "epcClass": "urn:c:2" }], "readPoint": { "id": "urn:r" },
            "bizTransactionList": [{ "type": "po", "bizTransaction": "urn:t:1" }, { "type": "inv", "bizTransaction": "urn:t:2" }],
            "errorDeclaration": { "declarationTime": "2026-11-22T08:00:00Z" },
        });
        let any = |path: &str, value: &str| {
            let condition = Condition::Any {
                paths: vec![path.to_owned()],
                values: vec![value.to_owned()],
                compare: Compare::Exact,
            };
            condition.holds(&event)
        };
        assert!(any("quantityList.epcClass", "urn:c:2") && any("readPoint.id", "urn:r"));
        assert!(
            !any("quantityList.epcClass", "urn:c:3") && !any("readPoint", "urn:r") && !any("epcList", "x")
        );
        let typed = |kind: &str, value: &str| {
            let (kind, values) = (kind.to_owned(), vec![value.to_owned()]);
            Condition::Typed { list: "bizTransactionList", member: "bizTransaction", kind, values }
                .holds(&event)
        };
        assert!(
            typed("po", "urn:t:1")
                && typed("urn:epcglobal:cbv:btt:inv", "urn:t:2")
                && !typed("po", "urn:t:2")
        );
        let at = |text: &str| Millis::from_rfc3339(text);
        let time =
            |from, to| Condition::Time { path: "errorDeclaration.declarationTime", from, to }.holds(&event);
        assert!(time(at("2026-11-22T09:00:00+01:00"), None) && !time(None, at("2026-11-22T08:00:00Z")));
    }
}
