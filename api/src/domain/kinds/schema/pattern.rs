//! Patterns: the dialect of the standard (ECMA-262) in an engine whose time is linear, within a budget of memory.

use regex::{Regex, RegexBuilder};

/// Longest pattern in characters.
const MAX_CHARS: usize = 1_024;
/// Size of most compiled patterns, in bytes.
const SMALL: usize = 128 * 1024;
/// Size of the largest, in bytes.
const LARGE: usize = 1024 * 1024;
/// What the engine may remember while it looks, in bytes; without room it goes on more slowly.
const MEMORY: usize = 64 * 1024;

/// A pattern that can be looked for.
#[derive(Debug)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    engine: Regex,
}

/// What the patterns of a schema may take together, in bytes.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(8 * LARGE)
    }
}

impl Budget {
    /// What was used of it, in bytes.
    pub const fn used(&self) -> usize {
        8 * LARGE - self.0
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(text: &str, budget: &mut Budget) -> Result<Self, String> {
        if text.chars().count() > MAX_CHARS {
            return Err(format!("> {MAX_CHARS}"));
        }
        let ours = translated(text);
        let mut reason = String::new();
        for size in [SMALL, LARGE] {
            if budget.0 < size {
                return Err(format!("> {} MiB", 8));
            }
            match RegexBuilder::new(&ours).size_limit(size).dfa_size_limit(MEMORY).build() {
                Ok(engine) => {
                    budget.0 -= size;
                    return Ok(Self { text: text.to_owned(), engine });
                }
                Err(regex::Error::CompiledTooBig(_)) => reason = format!("> {} MiB", 1),
                Err(error) => {
                    let text = error.to_string();
                    // The engine draws the pattern and points into it; the last line says why.
                    let last = text.lines().last().unwrap_or_default();
                    reason = last.trim_start_matches("error: ").trim_end_matches('.').to_owned();
                    break;
                }
            }
        }
        Err(reason)
    }

    /// Whether a text holds it.
    pub fn fits(&self, text: &str) -> bool {
        self.engine.is_match(text)
    }
}

/// The pattern in the words of the engine: classes of letters and digits are those of ASCII, and signs that mean
/// something more in a set there mean themselves.
fn translated(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut in_set = false;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' => match signs.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[A-Za-z0-9_]"),
                Some('W') => out.push_str("[^A-Za-z0-9_]"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' if !in_set => {
                in_set = true;
                out.push('[');
                if signs.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            ']' if in_set => {
                in_set = false;
                out.push(']');
            }
            '[' | '&' | '~' if in_set => out.extend(['\\', sign]),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Pattern::read(pattern, &mut Budget::default()).unwrap().fits(text)
    }

    /// LOG-15: patterns mean what the standard says.
    #[test]
    fn patterns_mean_what_the_standard_says() {
        assert!(fits(r"^MSKU\d{7}$", "MSKU1234567") && !fits(r"^\d$", "٣"));
        assert!(fits("b", "abc"), "patterns are not anchored");
        assert!(fits(r"^[\w/]+$", "a/b_1") && !fits(r"^\w$", "é") && fits(r"^\p{L}$", "é"));
        assert!(fits("^[[&&~]+$", "[&&~") && fits(r"^a\/b\-c$", "a/b-c"));
        assert!(!fits("^a$", "a\n"));
    }

    /// LOG-15: what does not end, or is too large, is refused and not tried.
    #[test]
    fn dear_patterns_are_refused() {
        let refused = |pattern: &str| Pattern::read(pattern, &mut Budget::default()).is_err();
        for pattern in ["(?=a)b", r"(a)\1", "(", r"\w{1000}{1000}", "(((a{100}){100}){100}){100}"] {
            assert!(refused(pattern), "{pattern}");
        }
        assert!(refused(&"a".repeat(1_025)));
        let mut budget = Budget::default();
        let taken = (0..1_000).take_while(|_| Pattern::read("a{9}", &mut budget).is_ok()).count();
        assert_eq!(taken, 64);
    }

    /// LOG-15: the pattern that stops other engines is looked for in the time that its text takes.
    #[test]
    fn no_pattern_takes_exponential_time() {
        let text = format!("{}b", "a".repeat(100_000));
        assert!(!fits("^(a+)+$", &text));
    }
}
