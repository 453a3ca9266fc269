//! Which words there are (SQLite): beginnings of words become whole words, which the index answers in an instant.
//!
//! For a beginning the full-text index collects the hits of everything that begins so, and only then sorts: at a
//! million logs a hundred times dearer than whole words. So the words that hold no digit are kept apart; of the
//! others, which are many and rarely common, the part before the first digit.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use super::repo;
use crate::db::{Conn, DbError, Dialect, Statement};

/// Beginnings with more words than this are left to the index.
const MAX_WORDS: usize = 64;
/// Entries that are remembered; more of them are offered to the table again and again, which is dearer and right.
const MAX_KNOWN: usize = 100_000;
/// Stands for a digit and what follows it.
const DIGITS: char = '#';
/// Stands in the table when logs are older than it.
pub const INCOMPLETE: &str = "";

/// Words that are known to be in the table.
#[derive(Debug)]
pub struct Vocabulary {
    known: Option<RwLock<HashSet<Box<str>>>>,
}

/// Where the value begins in a token: behind the name of the field, if it has one.
fn value_start(token: &str) -> usize {
    token.rfind(':').map_or(0, |at| at + 1)
}

/// A token as the table keeps it. Of what the product itself knows only kinds are asked for by their beginning.
fn entry(token: &str) -> Option<String> {
    if token.starts_with('#') && !token.starts_with("#k:") {
        return None;
    }
    let value = value_start(token);
    Some(match token[value..].find(|c: char| c.is_ascii_digit()) {
        Some(at) => format!("{}{DIGITS}", &token[..value + at]),
        None => token.to_owned(),
    })
}

impl Vocabulary {
    /// Nothing is known yet. PostgreSQL needs no vocabulary.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self { known: (dialect == Dialect::Sqlite).then(RwLock::default) }
    }

    /// Entries of tokens that are not known to be in the table.
    #[must_use]
    pub fn unknown(&self, tokens: &str) -> Vec<String> {
        let Some(known) = &self.known else { return Vec::new() };
        let known = known.read().unwrap_or_else(PoisonError::into_inner);
        let mut unknown: Vec<String> = Vec::new();
        for token in tokens.split(' ').filter(|token| !token.is_empty()) {
            // Most tokens are known as they are; only the others are looked at closely.
            if known.contains(token) {
                continue;
            }
            let Some(entry) = entry(token) else { continue };
            if !known.contains(entry.as_str()) && unknown.last() != Some(&entry) {
                unknown.push(entry);
            }
        }
        unknown
    }

    /// Forgets entries that are about to leave the table.
    pub fn forget(&self, entries: &[String]) {
        let Some(known) = &self.known else { return };
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            known.remove(entry.as_str());
        }
    }

    /// Remembers entries that are in the table.
    pub fn learn(&self, entries: impl IntoIterator<Item = String>) {
        let Some(known) = &self.known else { return };
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            if known.len() < MAX_KNOWN {
                known.insert(entry.into());
            }
        }
    }
}

/// Puts entries into the table.
#[must_use]
pub fn insert<'a>(dialect: Dialect, entries: impl Iterator<Item = &'a String>) -> Statement {
    repo::insert_entries(dialect, entries)
}

/// Entries that are looked at together.
const PORTION: usize = 500;

/// Whether a log still has the word of an entry. Of a beginning before digits any word that begins so counts.
async fn is_used(conn: &mut Conn, entry: &str) -> Result<bool, DbError> {
    match entry.strip_suffix(DIGITS) {
        // Every number would have to be looked at, and the sign tells nothing about any of them.
        Some(beginning) if beginning.is_empty() || beginning.ends_with(':') => Ok(true),
        Some(beginning) => repo::has_word(conn, beginning, true).await,
        None => repo::has_word(conn, entry, false).await,
    }
}

/// Of some entries behind one, those that no log has any more, and the entry to go on behind.
///
/// # Errors
/// When the database fails.
pub async fn unused(conn: &mut Conn, after: &str) -> Result<(Vec<String>, Option<String>), DbError> {
    let entries = repo::list_entries_after(conn, after, PORTION).await?;
    let last = entries.last().filter(|_| entries.len() == PORTION).cloned();
    let mut unused = Vec::new();
    for entry in entries {
        if entry != INCOMPLETE && !is_used(conn, &entry).await? {
            unused.push(entry);
        }
    }
    Ok((unused, last))
}

/// Deletes those of some entries that no log has any more.
///
/// # Errors
/// When the database fails.
pub async fn delete_unused(conn: &mut Conn, entries: &[String]) -> Result<(), DbError> {
    for entry in entries {
        if !is_used(conn, entry).await? {
            repo::delete_entry(conn, entry).await?;
        }
    }
    Ok(())
}

/// What whole words are wanted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Beginning {
    /// Words, or fields with a word, that begin so.
    Word(String),
    /// Fields whose names begin so.
    Name(String),
}

/// Whole words for beginnings.
pub type Expansions = HashMap<Beginning, Vec<String>>;

/// Finds the words for beginnings. A beginning without an entry here is left to the index: its words are too many,
/// or hold digits.
///
/// # Errors
/// When the database fails.
pub async fn expand(conn: &mut Conn, beginnings: &[Beginning]) -> Result<Expansions, DbError> {
    let mut found = Expansions::new();
    if conn.dialect() != Dialect::Sqlite {
        return Ok(found);
    }
    for beginning in beginnings {
        let (text, names) = match beginning {
            Beginning::Word(word) if word[value_start(word)..].contains(|c: char| c.is_ascii_digit()) => {
                continue;
            }
            Beginning::Word(word) => (word, false),
            Beginning::Name(name) => (name, true),
        };
        let entries = repo::list_entries(conn, text, names, MAX_WORDS + 1).await?;
        let whole = |entry: &String| entry != INCOMPLETE && !entry.ends_with(DIGITS);
        if entries.len() <= MAX_WORDS && entries.iter().all(whole) {
            found.insert(beginning.clone(), entries);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SRCH-03: words without digits are kept, of the others the part before the first digit; field names stay whole.
    #[test]
    fn entries_end_before_digits() {
        for (token, expected) in [
            ("rotterdam", "rotterdam"),
            ("msku1234567", "msku#"),
            ("88213", "#"),
            ("location:rotterdam", "location:rotterdam"),
            ("field2:abc", "field2:abc"),
            ("order:88213", "order:#"),
            ("#k:scan2", "#k:scan#"),
            ("order:", "order:"),
        ] {
            assert_eq!(entry(token).as_deref(), Some(expected));
        }
        // An address would leave an entry of its own for each sender.
        for token in ["#i:2001:db8:85a3::8a2e:370:7334", "#c:1", "#l:info", "#s:api", "#f:late"] {
            assert_eq!(entry(token), None, "{token}");
        }
    }

    /// SRCH-03: what was learnt is not offered again; PostgreSQL is offered nothing.
    #[test]
    fn known_words_are_not_offered_again() {
        let vocabulary = Vocabulary::new(Dialect::Sqlite);
        let unknown = vocabulary.unknown("dok msku1 msku2 order:88213");
        assert_eq!(unknown, ["dok", "msku#", "order:#"]);
        vocabulary.learn(unknown);
        assert_eq!(vocabulary.unknown("dok msku3 venlo order:1"), ["venlo"]);
        assert!(Vocabulary::new(Dialect::Postgres).unknown("dok").is_empty());
    }
}
