//! Search grammar of SRCH-01: from the text in the search box to an expression tree and back.
//!
//! Pure and total: any text gives a tree or a [`ParseError`] with its place, in linear time and with bounded
//! nesting. UI, API, saved searches, alert rules and the assistant all read a query through [`parse`].
//!
//! - `laad brug` both words; `"dok 3"` the exact phrase; `-brug` not; `a OR b` (`OF`) either. Joining words
//!   binds tighter than `OR`; brackets group.
//! - `laad` and `laad*` the beginning of a word, `=laad` the whole word, `*laad*` and `*laad` anywhere. The
//!   same forms work behind `field:` and around quotes (`="dok 3"`, `*"dok 3"*`).
//! - `field:value`, `field:>8`, `field:>=8,5`, `field:4..8`, `field:2026-11..`, `field:*` (has a value);
//!   `data.` before a field is dropped and names a field of the record even if it is called `kind` or `id`;
//!   a quoted name (`"ext1:float":20`) is taken literally.
//! - `kind: level: source: ip: id: after: before: has: flag: message: external_id:` and their Dutch names
//!   ([`FIELD_NAMES`]).
//! - `urn:…`, `http:…`, `https:…`, `mailto:…`, `x://…`, `C:\…`, MAC and IPv6 addresses are words.
//! - Curly quotes count as quotes. Control and text-direction characters separate words like a space.

mod ast;
mod date;
mod edit;
mod error;
mod fields;
mod lexer;
mod net;
mod parser;
mod print;
#[cfg(test)]
mod tests;
mod value;

pub use ast::{Expr, IdRange, LevelTest, Mode, Op, Query, Span, Term, Test, Text, Value};
pub use date::{Granularity, LocalDateTime};
pub use error::{ErrorKind, Expected, ParseError};
pub use fields::{FIELD_NAMES, LEVEL_NAMES, LEVELS};
pub use net::IpTest;
pub use print::{field_term, quote};

/// Longest query in characters.
pub const MAX_CHARS: usize = 4096;

/// Deepest nesting of brackets and minus signs.
pub const MAX_DEPTH: usize = 64;

/// Reads a query. Blank input is [`Expr::All`].
pub fn parse(input: &str) -> Result<Query, ParseError> {
    parser::parse(input)
}
