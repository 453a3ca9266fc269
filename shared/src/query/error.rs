//! What is wrong with a query, where, and how to put it right, in plain words.

use super::{MAX_CHARS, MAX_DEPTH, Span};
use std::fmt;

/// Why a query cannot be read. `position..position + length` is the piece that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// First character of the piece that is wrong, counted in characters from 0.
    pub position: usize,
    /// Length of that piece in characters; 0 is never used.
    pub length: usize,
    /// What is wrong.
    pub kind: ErrorKind,
    /// What stands there, cut to 60 characters.
    pub found: String,
    /// What could stand there instead.
    pub expected: Vec<Expected>,
    /// Text to put in the place of the piece; empty to take the piece out. See [`Self::apply`].
    pub suggestion: Option<String>,
}

/// What is wrong with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Longer than [`MAX_CHARS`].
    TooLong,
    /// Brackets and minus signs nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// A quotation mark without its other half.
    UnclosedQuote,
    /// `(` without `)`.
    UnclosedParen,
    /// `)` without `(`.
    UnexpectedParen,
    /// `()`.
    EmptyGroup,
    /// `OR` with nothing on one side.
    DanglingOr,
    /// `-` with nothing behind it.
    DanglingNot,
    /// `field:` or `""` without a value.
    MissingValue,
    /// Not a date, or a day that does not exist.
    BadDate,
    /// Not a number.
    BadNumber,
    /// Not an address or network.
    BadIp,
    /// A range with an unreadable end, without ends, or from high to low.
    BadRange,
    /// Not the name of a level.
    UnknownLevel,
}

impl ErrorKind {
    /// Stable name for the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooDeep => "too_deep",
            Self::UnclosedQuote => "unclosed_quote",
            Self::UnclosedParen => "unclosed_paren",
            Self::UnexpectedParen => "unexpected_paren",
            Self::EmptyGroup => "empty_group",
            Self::DanglingOr => "dangling_or",
            Self::DanglingNot => "dangling_not",
            Self::MissingValue => "missing_value",
            Self::BadDate => "bad_date",
            Self::BadNumber => "bad_number",
            Self::BadIp => "bad_ip",
            Self::BadRange => "bad_range",
            Self::UnknownLevel => "unknown_level",
        }
    }
}

/// What could have stood at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A word.
    Word,
    /// Words between quotes.
    Phrase,
    /// `field:value`.
    Field,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `"`
    Quote,
    /// A value behind `field:`.
    Value,
    /// A number.
    Number,
    /// A date, with or without time.
    Date,
    /// An address or network.
    Address,
    /// `4..8`, `4..` or `..8`.
    Range,
    /// A level.
    Level,
    /// The end of the query.
    End,
}

impl Expected {
    /// Stable name for the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Phrase => "phrase",
            Self::Field => "field",
            Self::OpenParen => "(",
            Self::CloseParen => ")",
            Self::Quote => "\"",
            Self::Value => "value",
            Self::Number => "number",
            Self::Date => "date",
            Self::Address => "address",
            Self::Range => "range",
            Self::Level => "level",
            Self::End => "end",
        }
    }

    /// Words for the screen; English unless `lang` is `nl`.
    pub fn label(self, lang: &str) -> &'static str {
        let (nl, en) = match self {
            Self::Word => ("een woord", "a word"),
            Self::Phrase => ("tekst tussen aanhalingstekens", "text in quotation marks"),
            Self::Field => ("veld:waarde", "field:value"),
            Self::Value => ("een waarde", "a value"),
            Self::Number => ("een getal", "a number"),
            Self::Date => ("een datum", "a date"),
            Self::Address => ("een IP-adres", "an IP address"),
            Self::Range => ("een bereik zoals 4..8", "a range such as 4..8"),
            Self::Level => ("een niveau", "a level"),
            Self::End => ("het einde", "the end"),
            Self::OpenParen | Self::CloseParen | Self::Quote => (self.code(), self.code()),
        };
        if lang == "nl" { nl } else { en }
    }
}

impl ParseError {
    pub(super) fn new(kind: ErrorKind, span: Span, found: &str) -> Self {
        let found = match found.char_indices().nth(60) {
            Some((cut, _)) => format!("{}…", found.get(..cut).unwrap_or_default()),
            None => found.to_owned(),
        };
        let length = span.end.saturating_sub(span.start).max(1);
        Self { position: span.start, length, kind, found, expected: Vec::new(), suggestion: None }
    }

    pub(super) fn expecting(self, expected: &[Expected]) -> Self {
        Self { expected: expected.to_vec(), ..self }
    }

    pub(super) fn suggest(self, text: String) -> Self {
        Self { suggestion: Some(text), ..self }
    }

    pub(super) fn covering(self, span: Span) -> Self {
        Self { position: span.start, length: span.end.saturating_sub(span.start).max(1), ..self }
    }

    /// Returns the input with the suggestion put in; it may still have a next error.
    pub fn apply(&self, input: &str) -> Option<String> {
        let suggestion = self.suggestion.as_ref()?;
        let before: String = input.chars().take(self.position).collect();
        let after: String = input.chars().skip(self.position.saturating_add(self.length)).collect();
        let text = format!("{before}{suggestion}{after}");
        Some(if suggestion.is_empty() { text.trim().replace("  ", " ") } else { text })
    }

    /// Says what is wrong and what to do, in Dutch for `nl`, else in English. Positions count from 1.
    pub fn message(&self, lang: &str) -> String {
        let nl = lang == "nl";
        let found = &self.found;
        let at = self.position + 1;
        let text = if nl { self.dutch(found, at) } else { self.english(found, at) };
        let worth_showing = !matches!(self.kind, ErrorKind::UnclosedQuote | ErrorKind::UnclosedParen);
        match self.suggestion.as_deref() {
            Some(meant) if worth_showing && !meant.is_empty() && meant.len() <= 80 => {
                let question = if nl { "Bedoelt u" } else { "Did you mean" };
                format!("{text} {question} {meant}?")
            }
            _ => text,
        }
    }

    fn dutch(&self, found: &str, at: usize) -> String {
        match self.kind {
            ErrorKind::TooLong => {
                format!("De zoekopdracht is te lang. Gebruik hoogstens {MAX_CHARS} tekens.")
            }
            ErrorKind::TooDeep => {
                format!(
                    "Bij teken {at} zijn haakjes of mintekens meer dan {MAX_DEPTH} keer genest. Gebruik er minder."
                )
            }
            ErrorKind::UnclosedQuote => {
                format!(
                    "Het aanhalingsteken bij teken {at} is niet gesloten. Zet er nog een achter de tekst."
                )
            }
            ErrorKind::UnclosedParen => {
                format!("Het haakje bij teken {at} is niet gesloten. Zet er ) achter.")
            }
            ErrorKind::UnexpectedParen => {
                format!("Bij teken {at} staat een ) te veel. Haal het weg of zet er een ( voor.")
            }
            ErrorKind::EmptyGroup => {
                format!("Tussen de haakjes bij teken {at} staat niets. Vul iets in of haal ze weg.")
            }
            ErrorKind::DanglingOr => {
                format!(
                    "Bij teken {at} ontbreekt een voorwaarde voor of achter OF. Vul die in of haal OF weg."
                )
            }
            ErrorKind::DanglingNot => {
                format!(
                    "Achter het minteken bij teken {at} staat niets. Zet het direct voor een woord of haal het weg."
                )
            }
            ErrorKind::MissingValue => {
                format!("Bij ‘{found}’ ontbreekt de waarde. Zet die er direct achter.")
            }
            ErrorKind::BadDate => {
                format!(
                    "‘{found}’ is geen datum. Schrijf bijvoorbeeld 2026-11-01, 1-11-2026 of 2026-11-01T14:30."
                )
            }
            ErrorKind::BadNumber => format!("‘{found}’ is geen getal. Gebruik alleen cijfers."),
            ErrorKind::BadIp => {
                format!(
                    "‘{found}’ is geen IP-adres. Schrijf bijvoorbeeld 203.0.113.7, 203.0.113.* of 203.0.113.0/24."
                )
            }
            ErrorKind::BadRange => {
                format!(
                    "‘{found}’ is geen bereik. Schrijf van laag naar hoog, bijvoorbeeld 4..8, 4.. of ..8."
                )
            }
            ErrorKind::UnknownLevel => {
                format!("‘{found}’ is geen niveau. Kies debug, info, melding, waarschuwing, fout of kritiek.")
            }
        }
    }

    fn english(&self, found: &str, at: usize) -> String {
        match self.kind {
            ErrorKind::TooLong => format!("The query is too long. Use at most {MAX_CHARS} characters."),
            ErrorKind::TooDeep => {
                format!(
                    "Brackets or minus signs are nested more than {MAX_DEPTH} deep at character {at}. Use fewer."
                )
            }
            ErrorKind::UnclosedQuote => {
                format!(
                    "The quotation mark at character {at} is not closed. Put another one behind the text."
                )
            }
            ErrorKind::UnclosedParen => {
                format!("The bracket at character {at} is not closed. Put ) behind it.")
            }
            ErrorKind::UnexpectedParen => {
                format!("There is a ) too many at character {at}. Remove it or put a ( before it.")
            }
            ErrorKind::EmptyGroup => {
                format!("There is nothing between the brackets at character {at}. Fill them or remove them.")
            }
            ErrorKind::DanglingOr => {
                format!("A condition is missing before or after OR at character {at}. Add it or remove OR.")
            }
            ErrorKind::DanglingNot => {
                format!(
                    "Nothing follows the minus at character {at}. Put it right before a word or remove it."
                )
            }
            ErrorKind::MissingValue => format!("‘{found}’ has no value. Put it right behind it."),
            ErrorKind::BadDate => {
                format!(
                    "‘{found}’ is not a date. Write for example 2026-11-01, 1-11-2026 or 2026-11-01T14:30."
                )
            }
            ErrorKind::BadNumber => format!("‘{found}’ is not a number. Use digits only."),
            ErrorKind::BadIp => {
                format!(
                    "‘{found}’ is not an IP address. Write for example 203.0.113.7, 203.0.113.* or 203.0.113.0/24."
                )
            }
            ErrorKind::BadRange => {
                format!("‘{found}’ is not a range. Write it from low to high, for example 4..8, 4.. or ..8.")
            }
            ErrorKind::UnknownLevel => {
                format!("‘{found}’ is not a level. Choose debug, info, notice, warning, error or critical.")
            }
        }
    }
}

impl fmt::Display for ParseError {
    /// Writes the English message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message("en"))
    }
}

impl std::error::Error for ParseError {}
