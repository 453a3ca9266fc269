//! Looks at parts of requests for what attacks look like.
//!
//! It is telemetry, and the refusal of plain attacks; it is not the protection. Bound parameters, escaping, typed routes
//! and permissions are. What customers store is never looked at here. Pure; linear in the length of a part.

mod atoms;
mod canonical;
mod rules;

use std::sync::LazyLock;

use canonical::Canonical;
pub use canonical::is_invisible;
use regex::bytes::{RegexSet, RegexSetBuilder};
use rules::{RULES, Rule, View, Weight};

/// Points from which a part makes its request a threat.
pub const EVENT: u32 = 5;
/// Points of sure rules from which a part has its request refused.
pub const REFUSAL: u32 = 10;

/// A path in one spelling: encodings undone, small letters, one kind of slash. For judging only.
#[must_use]
pub fn plain_path(path: &str) -> String {
    Canonical::of(path, false).path
}

/// What an attack aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// The language of databases.
    Sql,
    /// Programs in the pages of others.
    Script,
    /// Files outside of what is served.
    Traversal,
    /// Programs of the machine.
    Command,
    /// Languages of templates.
    Template,
    /// Look-ups of Java's naming service.
    Jndi,
    /// References to outside in XML.
    Xxe,
    /// Operators of document databases.
    NoSql,
    /// The prototype of all objects of JavaScript.
    Prototype,
    /// Lines of a header that somebody else wrote.
    Crlf,
    /// Filters of directories.
    Ldap,
    /// Addresses inside of the network.
    Ssrf,
}

/// Where something stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// A value or a name in the query.
    Query,
    /// The path, as it was sent.
    Path,
    /// The value of a header.
    Header,
    /// A member of a form.
    Field,
}

impl Part {
    /// Bytes that are looked at; what is behind them is not.
    #[must_use]
    pub const fn longest(self) -> usize {
        match self {
            Self::Query | Self::Path => 8 * 1024,
            Self::Header => 1024,
            Self::Field => 2 * 1024,
        }
    }
}

/// What was found in a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Points of all rules.
    pub score: u32,
    /// Points of the rules that are sure of themselves.
    pub sure: u32,
    /// The rules.
    pub rules: Vec<&'static str>,
}

impl Verdict {
    /// Whether it is worth telling.
    #[must_use]
    pub const fn is_event(&self) -> bool {
        self.score >= EVENT
    }

    /// Whether nobody honest sends it.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        self.sure >= REFUSAL
    }

    fn add(&mut self, rule: &'static str, weight: Weight) {
        self.score += weight.points();
        if weight == Weight::Critical {
            self.sure += weight.points();
        }
        self.rules.push(rule);
    }
}

/// The rules of a category that look at the same form of a value.
struct Group {
    category: Category,
    view: View,
    rules: Vec<&'static Rule>,
    patterns: RegexSet,
}

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(groups);

#[expect(clippy::expect_used, reason = "the patterns are constants; the tests read all of them")]
fn groups() -> Vec<Group> {
    let mut groups: Vec<(Category, View, Vec<&'static Rule>)> = Vec::new();
    for rule in RULES {
        match groups.iter_mut().find(|group| (group.0, group.1) == (rule.category, rule.view)) {
            Some(group) => group.2.push(rule),
            None => groups.push((rule.category, rule.view, vec![rule])),
        }
    }
    let compiled = groups.into_iter().map(|(category, view, rules)| {
        let patterns = RegexSetBuilder::new(rules.iter().map(|rule| rules::pattern(rule)))
            .unicode(false)
            .dot_matches_new_line(true)
            .size_limit(16 << 20)
            .dfa_size_limit(8 << 20)
            .build()
            .expect("patterns can be read");
        Group { category, view, rules, patterns }
    });
    compiled.collect()
}

/// Looks at one value.
#[must_use]
pub fn inspect(part: Part, value: &str) -> Verdict {
    judge(part, value, true)
}

/// Looks at one value; without `hurried` also for what no atom hints at, which finds the same.
fn judge(part: Part, value: &str, hurried: bool) -> Verdict {
    let mut verdict = Verdict::default();
    let mut corroborated = false;
    let value = value.get(..value.floor_char_boundary(part.longest())).unwrap_or(value);
    if hurried && atoms::is_plain(value) {
        return verdict;
    }
    let canonical = Canonical::of(value, part == Part::Query);
    let hints = atoms::hints(value, &canonical);
    for group in GROUPS.iter().filter(|group| !hurried || hints.contains(group.category)) {
        let text = match group.view {
            View::Text => &*canonical.text,
            View::Path => &canonical.path,
            View::Bare => &canonical.bare,
            View::Raw => value,
        };
        for at in group.patterns.matches(text.as_bytes()) {
            let rule = group.rules.get(at);
            if let Some(rule) = rule.filter(|rule| part != Part::Header || rule.is_for_headers()) {
                verdict.add(rule.id, rule.weight);
                corroborated |= rule.category == Category::Sql && rule.weight != Weight::Notice;
            }
        }
    }
    let mut forms = vec![value, &canonical.decoded, &canonical.text];
    forms.dedup();
    let worth = |category: Category| !hurried || hints.contains(category);
    if worth(Category::Sql)
        && forms.iter().any(|text| libinjectionrs::detect_sqli(text.as_bytes()).is_injection())
    {
        // By itself it takes some names of goods between double quotes for a query.
        corroborated |= canonical.text.contains('\'');
        verdict.add("sql/libinjection", if corroborated { Weight::Critical } else { Weight::Notice });
    }
    if worth(Category::Script)
        && forms.iter().any(|text| libinjectionrs::detect_xss(text.as_bytes()).is_injection())
    {
        verdict.add("script/libinjection", Weight::Critical);
    }
    if canonical.overlong > 1 {
        verdict.add("encoding/overlong", Weight::Critical);
    }
    if canonical.repeated {
        verdict.add("encoding/repeated", Weight::Notice);
    }
    verdict
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    const PARTS: [Part; 4] = [Part::Query, Part::Path, Part::Header, Part::Field];

    /// All patterns can be read, and names are given once.
    #[test]
    fn rules_are_in_order() {
        let mut names: Vec<&str> =
            GROUPS.iter().flat_map(|group| group.rules.iter().map(|rule| rule.id)).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!((count, names.len()), (RULES.len(), RULES.len()));
    }

    /// The quick look hides nothing that the slow one finds.
    #[test]
    fn the_quick_look_hides_nothing() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora/attack"));
        let mut hidden = Vec::new();
        for name in ["sqli", "xss", "traversal", "cmdi"] {
            let text = std::fs::read(folder.join(format!("attack-{name}.txt"))).unwrap();
            // Every seventh line: the slow look is slow without optimisation.
            for line in String::from_utf8_lossy(&text).split('\n').step_by(7) {
                let (quick, slow) = (judge(Part::Query, line, true), judge(Part::Query, line, false));
                if quick.is_event() != slow.is_event() || quick.is_refusal() != slow.is_refusal() {
                    hidden.push((line.to_owned(), slow.rules));
                }
            }
        }
        assert!(hidden.is_empty(), "{hidden:#?}");
    }

    proptest! {
        /// Whatever somebody sends is judged, and twice the same.
        #[test]
        fn anything_is_judged(value in "\\PC{0,200}|[%u0-9a-f&#x;<>'\"/.\\\\ ]{0,200}") {
            for part in PARTS {
                prop_assert_eq!(inspect(part, &value), inspect(part, &value));
            }
        }
    }
}
