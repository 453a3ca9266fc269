//! Cuts a query into tokens, one at a time, left to right, reading each character a bounded number of times.

use super::error::{ErrorKind, Expected, ParseError};
use super::fields::{is_name_char, is_name_start};
use super::net::is_address;
use super::{Op, Span};

/// A token and its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Debug, Clone)]
pub(super) enum TokenKind {
    Open,
    Close,
    Not,
    Or,
    Term(RawTerm),
}

/// A term before its meaning is known.
#[derive(Debug, Clone)]
pub(super) struct RawTerm {
    pub(super) name: Option<RawName>,
    pub(super) value: RawValue,
}

#[derive(Debug, Clone)]
pub(super) struct RawName {
    pub(super) text: String,
    pub(super) quoted: bool,
}

/// A word or the part behind `field:`.
#[derive(Debug, Clone)]
pub(super) struct RawValue {
    pub(super) prefix: Prefix,
    /// Without prefix, quotes and closing star.
    pub(super) text: String,
    pub(super) quoted: bool,
    /// Ended with `*`.
    pub(super) star: bool,
    /// Place without the prefix.
    pub(super) at: Span,
}

/// Sign before a word or value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefix {
    None,
    Equal,
    Star,
    Compare(Op),
}

impl RawValue {
    /// The text with the signs that have no meaning for a plain name.
    pub(super) fn literal(&self) -> String {
        let before = match self.prefix {
            Prefix::None | Prefix::Equal => "",
            Prefix::Star => "*",
            Prefix::Compare(op) => op.symbol(),
        };
        format!("{before}{}{}", self.text, if self.star { "*" } else { "" })
    }
}

/// Separates words: white space, control characters and invisible direction marks that come with pasted text.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Opens a quotation; telephones and word processors make curly ones.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
}

fn ends_run(c: char) -> bool {
    is_blank(c) || c == '(' || c == ')'
}

/// Reads tokens from the characters of a query.
pub(super) struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(chars: &'a [char]) -> Self {
        Self { chars, at: 0 }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// The text of a place, cut to the input.
    pub(super) fn slice(&self, start: usize, end: usize) -> String {
        self.chars.get(start..end.min(self.chars.len())).unwrap_or_default().iter().collect()
    }

    /// End of the stretch from `start` without blanks and brackets.
    fn run_end(&self, start: usize) -> usize {
        let rest = self.chars.get(start..).unwrap_or_default();
        rest.iter().position(|c| ends_run(*c)).map_or(self.chars.len(), |length| start + length)
    }

    /// Reads the next token; `None` at the end.
    pub(super) fn next_token(&mut self) -> Result<Option<Token>, ParseError> {
        while self.peek(0).is_some_and(is_blank) {
            self.at += 1;
        }
        let start = self.at;
        let Some(first) = self.peek(0) else {
            return Ok(None);
        };
        let sign = match first {
            '(' => Some(TokenKind::Open),
            ')' => Some(TokenKind::Close),
            '-' => Some(TokenKind::Not),
            _ => None,
        };
        let kind = match sign {
            Some(kind) => {
                self.at += 1;
                kind
            }
            None => self.word_or_field(first)?,
        };
        Ok(Some(Token { kind, span: Span { start, end: self.at } }))
    }

    fn word_or_field(&mut self, first: char) -> Result<TokenKind, ParseError> {
        let start = self.at;
        if is_quote(first) {
            let text = self.quotation()?;
            if self.peek(0) == Some(':') {
                return self.field(start, RawName { text, quoted: true });
            }
            let star = self.take('*');
            let at = Span { start, end: self.at };
            let value = RawValue { prefix: Prefix::None, text, quoted: true, star, at };
            return Ok(TokenKind::Term(RawTerm { name: None, value }));
        }
        let end = self.run_end(start);
        if let Some(text) = self.bare_name(first, end) {
            self.at += text.chars().count();
            return self.field(start, RawName { text, quoted: false });
        }
        if end - start == 2 && matches!(self.slice(start, end).as_str(), "OR" | "OF") {
            self.at = end;
            return Ok(TokenKind::Or);
        }
        let value = self.value(false)?;
        Ok(TokenKind::Term(RawTerm { name: None, value }))
    }

    /// The name before a colon, unless the run is a word that happens to have a colon.
    fn bare_name(&self, first: char, end: usize) -> Option<String> {
        let run = self.chars.get(self.at..end)?;
        let colon = run.iter().position(|c| !is_name_char(*c)).filter(|at| run.get(*at) == Some(&':'))?;
        let name: String = run.get(..colon)?.iter().collect();
        let scheme = ["urn", "http", "https", "mailto"].iter().any(|s| s.eq_ignore_ascii_case(&name));
        let path = match (run.get(colon + 1), run.get(colon + 2)) {
            (Some('/'), Some('/')) => true,
            (next, _) => next == Some(&'\\'),
        };
        let plain = !is_name_start(first) || scheme || path || is_address(&run.iter().collect::<String>());
        (!plain).then_some(name)
    }

    /// Reads the value behind the colon at the current place.
    fn field(&mut self, start: usize, name: RawName) -> Result<TokenKind, ParseError> {
        self.at += 1;
        let value = self.value(true)?;
        let all = value.prefix == Prefix::Star || value.quoted || !value.text.is_empty();
        if all && !(name.quoted && name.text.is_empty()) {
            return Ok(TokenKind::Term(RawTerm { name: Some(name), value }));
        }
        Err(self.missing_value(start))
    }

    /// `kind: scan` was probably meant as `kind:scan`.
    fn missing_value(&self, start: usize) -> ParseError {
        let head = self.slice(start, self.at);
        let blanks =
            self.chars.get(self.at..).unwrap_or_default().iter().take_while(|c| is_blank(**c)).count();
        let value_start = self.at + blanks;
        let value_end = self.run_end(value_start);
        let next = self.slice(value_start, value_end);
        let joins = blanks > 0 && next.starts_with(char::is_alphanumeric) && !next.contains(is_quote);
        let end = if joins { value_end } else { self.at };
        let error = ParseError::new(ErrorKind::MissingValue, Span { start, end }, &head)
            .expecting(&[Expected::Value, Expected::Phrase]);
        if joins { error.suggest(format!("{head}{next}")) } else { error }
    }

    /// Reads `=`, `*` or a comparison, then a quotation or a run.
    fn value(&mut self, in_field: bool) -> Result<RawValue, ParseError> {
        let begin = self.at;
        let mut prefix = match self.peek(0) {
            Some('=') => Prefix::Equal,
            Some('*') => Prefix::Star,
            Some('>') if in_field && self.peek(1) == Some('=') => Prefix::Compare(Op::Ge),
            Some('<') if in_field && self.peek(1) == Some('=') => Prefix::Compare(Op::Le),
            Some('>') if in_field => Prefix::Compare(Op::Gt),
            Some('<') if in_field => Prefix::Compare(Op::Lt),
            Some('≥') if in_field => Prefix::Compare(Op::Ge),
            Some('≤') if in_field => Prefix::Compare(Op::Le),
            _ => Prefix::None,
        };
        self.at += match (prefix, self.peek(1)) {
            (Prefix::None, _) => 0,
            (Prefix::Compare(Op::Ge | Op::Le), Some('=')) => 2,
            _ => 1,
        };
        let mut start = self.at;
        if self.peek(0).is_some_and(is_quote) {
            let text = self.quotation()?;
            let star = matches!(prefix, Prefix::None | Prefix::Star) && self.take('*');
            let at = Span { start, end: self.at };
            return Ok(RawValue { prefix, text, quoted: true, star, at });
        }
        self.at = self.run_end(start);
        // A lone `=` is a word.
        if !in_field && prefix == Prefix::Equal && self.at == start {
            prefix = Prefix::None;
            start = begin;
        }
        let mut text = self.slice(start, self.at);
        let star = matches!(prefix, Prefix::None | Prefix::Star) && text.ends_with('*');
        if star {
            text.pop();
        }
        Ok(RawValue { prefix, text, quoted: false, star, at: Span { start, end: self.at } })
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek(0) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Reads from an opening quote; `\"` and `\\` stand for `"` and `\`.
    fn quotation(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        let straight = self.peek(0) == Some('"');
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek(0) {
            self.at += 1;
            if c == '"' || (!straight && is_quote(c)) {
                return Ok(text);
            }
            match self.peek(0) {
                Some(next) if c == '\\' && (next == '\\' || is_quote(next)) => {
                    if next != '\\' && next != '"' {
                        text.push(c);
                    }
                    text.push(next);
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        let span = Span { start, end: self.at };
        let error = ParseError::new(ErrorKind::UnclosedQuote, span, &self.slice(start, self.at));
        Err(error.expecting(&[Expected::Quote]).suggest(super::print::quoted(&text)))
    }
}
