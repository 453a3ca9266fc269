//! Finds tests that say which requirement they prove.

use super::catalogue::{is_id, is_journey};

/// A test that proves a requirement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    /// The requirement.
    pub id: String,
    /// The file, relative to the root.
    pub file: String,
    /// The name of the test.
    pub test: String,
}

impl Proof {
    /// File and test, as the ledger shows them.
    pub fn place(&self) -> String {
        format!("{}::{}", self.file, self.test)
    }
}

/// Finds the tests of a Rust file. A test that is ignored proves nothing.
pub fn in_rust(file: &str, text: &str, areas: &[&str]) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let mut above = Above::default();
    for line in text.lines().map(str::trim) {
        if above.open_brackets > 0 {
            above.attribute(line);
        } else if let Some(doc) = line.strip_prefix("///") {
            above.ids.extend(ids(doc, areas));
        } else if line.starts_with("#[") {
            above.attribute(line);
        } else if let Some(name) = function(line).filter(|_| above.is_test && !above.is_ignored) {
            let ids = std::mem::take(&mut above.ids);
            proofs.extend(ids.into_iter().map(|id| Proof {
                id,
                file: file.to_owned(),
                test: name.to_owned(),
            }));
            above = Above::default();
        } else if !line.starts_with("//") {
            above = Above::default();
        }
    }
    proofs
}

/// Finds the tests of a browser script: a call of `test` or `journey` below comment lines.
pub fn in_script(file: &str, text: &str, areas: &[&str]) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let mut above: Vec<String> = Vec::new();
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        if let Some(comment) = line.strip_prefix("//") {
            above.extend(ids(comment, areas));
            continue;
        }
        if let Some(arguments) = call(line) {
            // The name may stand on the line below.
            let name = quoted(arguments).or_else(|| lines.peek().copied().and_then(quoted));
            let name = name.unwrap_or("unnamed test");
            proofs.extend(above.drain(..).map(|id| Proof {
                id,
                file: file.to_owned(),
                test: name.to_owned(),
            }));
        }
        above.clear();
    }
    proofs
}

/// A program that as a whole is a test says so in its first line, whatever its language.
pub fn in_program(file: &str, text: &str, areas: &[&str]) -> Vec<Proof> {
    let first = text.lines().next().unwrap_or_default().trim_start_matches(['/', '!', '"', '#', ' ']);
    let proof = |id| Proof { id, file: file.to_owned(), test: "the program".to_owned() };
    ids(first, areas).into_iter().map(proof).collect()
}

/// What stands directly above a function.
#[derive(Default)]
struct Above {
    ids: Vec<String>,
    is_test: bool,
    is_ignored: bool,
    open_brackets: usize,
}

impl Above {
    fn attribute(&mut self, line: &str) {
        if let Some(inner) = line.strip_prefix("#[") {
            let path = inner.split(['(', ']', ' ', '=']).next().unwrap_or_default();
            let name = path.rsplit("::").next().unwrap_or_default();
            self.is_test |= name == "test" || name.ends_with("_test");
            self.is_ignored |= name == "ignore";
        }
        let opened = self.open_brackets + line.matches('[').count();
        self.open_brackets = opened.saturating_sub(line.matches(']').count());
    }
}

/// The ids at the start of a comment, `LOG-06, J1: …`; none where the comment does not have that form.
fn ids(comment: &str, areas: &[&str]) -> Vec<String> {
    let Some((list, _)) = comment.split_once(':') else {
        return Vec::new();
    };
    let words: Vec<&str> = list.split(',').map(str::trim).collect();
    let is_known_form = |word: &&str| {
        let area = word.split_once('-').map(|(area, number)| areas.contains(&area) || number.len() == 2);
        is_journey(word) || (is_id(word) && area == Some(true))
    };
    if words.iter().all(is_known_form) { words.into_iter().map(str::to_owned).collect() } else { Vec::new() }
}

fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_qualifier = |word: &str| matches!(word, "async" | "const") || word.starts_with("pub");
    if !before.split_whitespace().all(is_qualifier) {
        return None;
    }
    let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    after.get(..end)
}

/// The arguments of a call of `test` or `journey`; a test that is skipped is none.
fn call(line: &str) -> Option<&str> {
    let line = line.strip_prefix("await ").unwrap_or(line);
    let line = line.strip_prefix("journey").or_else(|| line.strip_prefix("test"))?;
    line.strip_prefix('(')
}

fn quoted(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    text.get(1..)?.split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::{Proof, in_program, in_rust, in_script};

    const AREAS: [&str; 2] = ["LOG", "GEN"];

    #[test]
    fn a_program_names_ids_in_its_first_line() {
        for sign in ["\"\"\"", "// ", "//! "] {
            let found = in_program(
                "a.py",
                &text(&[&format!("{sign}LOG-01, GEN-02: all of it"), "// LOG-03: no"]),
                &AREAS,
            );
            let ids: Vec<&str> = found.iter().map(|proof| proof.id.as_str()).collect();
            assert_eq!(ids, ["LOG-01", "GEN-02"]);
        }
        assert_eq!(in_program("a.py", "import json", &AREAS), []);
    }

    /// Lines joined here, so that this file does not itself look like the tests in them.
    fn text(lines: &[&str]) -> String {
        lines.join("\n")
    }

    fn found(proofs: &[Proof]) -> Vec<String> {
        proofs.iter().map(|proof| format!("{} {}", proof.id, proof.test)).collect()
    }

    #[test]
    fn a_rust_test_proves_the_ids_above_it() {
        let source = text(&[
            "/// LOG-06: stored as sent.",
            "#[test]",
            "fn first() {}",
            "    /// J1, LOG-02: two ids.",
            "    /// More: words.",
            "    #[tokio::test(flavor = \"multi_thread\")]",
            "    async fn second() {}",
        ]);
        let proofs = in_rust("a.rs", &source, &AREAS);
        assert_eq!(found(&proofs), ["LOG-06 first", "J1 second", "LOG-02 second"]);
        assert_eq!(proofs[0].place(), "a.rs::first");
    }

    #[test]
    fn attributes_may_stand_between_or_before() {
        let source = text(&[
            "#[cfg(unix)]",
            "/// GEN-01: long attribute.",
            "#[test_case::case(",
            "    \"x\",",
            ")]",
            "// why",
            "#[test]",
            "pub(crate) fn third() {",
        ]);
        assert_eq!(found(&in_rust("a.rs", &source, &AREAS)), ["GEN-01 third"]);
    }

    #[test]
    fn what_is_no_test_or_is_ignored_proves_nothing() {
        let source = text(&[
            "/// LOG-01: a helper.",
            "fn helper() {}",
            "/// LOG-02: not run.",
            "#[test]",
            "#[ignore = \"slow\"]",
            "fn ignored() {}",
            "/// LOG-03: not directly above.",
            "",
            "#[test]",
            "fn apart() {}",
        ]);
        assert!(in_rust("a.rs", &source, &AREAS).is_empty());
    }

    #[test]
    fn an_unknown_number_is_reported_but_other_words_are_not() {
        let source = text(&[
            "/// LOG-999: no such.",
            "/// UTF-8: text.",
            "/// XYZ-01: no area.",
            "#[test]",
            "fn f() {}",
        ]);
        assert_eq!(found(&in_rust("a.rs", &source, &AREAS)), ["LOG-999 f", "XYZ-01 f"]);
    }

    #[test]
    fn a_script_names_ids_above_the_call() {
        let source = text(&[
            "// LOG-02, J1: in the browser",
            "await journey(\"saves a log\", async () => {",
            "// GEN-01: below",
            "test(",
            "  'name on the next line',",
            "// LOG-01: apart",
            "const x = 1;",
            "test(`last`, f);",
            "// LOG-03: skipped",
            "test.skip('no', f);",
        ]);
        let expected = ["LOG-02 saves a log", "J1 saves a log", "GEN-01 name on the next line"];
        assert_eq!(found(&in_script("a.mjs", &source, &AREAS)), expected);
    }
}
