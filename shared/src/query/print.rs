//! Writes a query in its canonical form, which [`super::parse`] reads back as the same tree.

use super::fields::{builtin, is_bare_name, strip_data};
use super::lexer::{is_blank, is_quote};
use super::parser::single;
use super::{Expr, LevelTest, LocalDateTime, Mode, Op, Query, Test, Text, Value};
use std::fmt::{self, Display, Write};

/// Puts quotes around a text.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if c == '"' || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Makes any value safe to put behind `field:`, with quotes only where they are needed. Without quotes it
/// matches beginnings of words, with quotes as a phrase; see [`field_term`] for exactly this value.
pub fn quote(value: &str) -> String {
    let plain = |c: char| !is_blank(c) && !is_quote(c) && !matches!(c, '(' | ')');
    let first = |c: char| !matches!(c, '=' | '*' | '>' | '<' | '≥' | '≤' | '\\');
    // Together with the name it could look like an address: `ab:` + `cd:ef:01:23:45`.
    let address = value.contains(':') && value.chars().all(|c| c.is_ascii_hexdigit() || c == ':' || c == '.');
    let safe = value.chars().all(plain)
        && value.starts_with(first)
        && !value.starts_with("//")
        && !value.ends_with('*')
        && !value.contains("..")
        && !address;
    if safe { value.to_owned() } else { quoted(value) }
}

/// Writes the part before the value, with the colon.
fn head(name: &str) -> String {
    if !is_bare_name(name) {
        return format!("{}:", quoted(strip_data(name).unwrap_or(name)));
    }
    // `urn:x` is a word, `data.urn:x` is not.
    let word = matches!(single(&format!("{name}:x")), Some(Test::Word(_)));
    if word { format!("data.{name}:") } else { format!("{name}:") }
}

/// Writes the term "this field is exactly this value" as a facet needs it, excluded with a minus. `name` is
/// a built-in field or a path in the record (with `data.` if it is spelled like a built-in field), not empty. Fields that
/// hold text get `=`, so that `scan` does not include `scan_failed`.
pub fn field_term(name: &str, value: &str, exclude: bool) -> String {
    let exact = match builtin(name) {
        Some("kind" | "message" | "external_id") | None => "=",
        Some(_) => "",
    };
    format!("{}{}{exact}{}", if exclude { "-" } else { "" }, head(name), quote(value))
}

/// Writes the name of a field of the record so that it is read back as one.
fn data_head(name: &str) -> String {
    if !is_bare_name(name) {
        return format!("{}:", quoted(name));
    }
    let probe = single(&format!("{name}:x"));
    let plain = matches!(probe, Some(Test::Field { name: read, .. }) if read == name);
    if plain { format!("{name}:") } else { format!("data.{name}:") }
}

/// Writes a text test bare if it reads back as the same, else with quotes.
fn text_term(head: &str, text: &Text, test: &Test) -> String {
    let (before, after) = match text.mode {
        Mode::Prefix => ("", ""),
        Mode::Whole => ("=", ""),
        Mode::Anywhere => ("*", "*"),
        Mode::Phrase => return format!("{head}{}", quoted(&text.text)),
    };
    let bare = format!("{head}{before}{}{after}", text.text);
    if single(&bare).as_ref() == Some(test) {
        return bare;
    }
    let after = if text.mode == Mode::Prefix { "*" } else { after };
    format!("{head}{before}{}{after}", quoted(&text.text))
}

/// Writes the shortest text that is read back as the same number.
fn number(value: f64) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn ends<T: Display>(from: Option<T>, to: Option<T>) -> String {
    let write = |end: Option<T>| end.map(|end| end.to_string()).unwrap_or_default();
    format!("{}..{}", write(from), write(to))
}

fn field(name: &str, value: &Value, test: &Test) -> String {
    let head = data_head(name);
    let compared = |op: &Op, right: &str| format!("{head}{}{right}", op.symbol());
    match value {
        Value::Text(text) => text_term(&head, text, test),
        Value::Compare { op, number: right } => compared(op, &number(*right)),
        Value::CompareDate { op, date } => compared(op, &date.to_string()),
        Value::Between { from, to } => format!("{head}{}", ends(from.map(number), to.map(number))),
        Value::BetweenDates { from, to } => format!("{head}{}", ends::<LocalDateTime>(*from, *to)),
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Test::Word(text) => text_term("", text, self),
            Test::Kind(text) => text_term("kind:", text, self),
            Test::Message(text) => text_term("message:", text, self),
            Test::ExternalId(text) => text_term("external_id:", text, self),
            Test::Field { name, value } => field(name, value, self),
            Test::Has(name) => format!("has:{}", quote(name)),
            Test::Flag(name) => format!("flag:{}", quote(name)),
            Test::Source(name) => format!("source:{}", quote(name)),
            Test::Level(LevelTest::Is(level)) => format!("level:{level}"),
            Test::Level(LevelTest::Compare { op, level }) => format!("level:{}{level}", op.symbol()),
            Test::Ip(ip) => format!("ip:{ip}"),
            Test::Id(ids) => match (ids.from, ids.to) {
                (Some(from), Some(to)) if from == to => format!("id:{from}"),
                (from, to) => format!("id:{}", ends(from, to)),
            },
            Test::After(date) => format!("after:{date}"),
            Test::Before(date) => format!("before:{date}"),
        };
        f.write_str(&text)
    }
}

fn write_expr(expr: &Expr, f: &mut fmt::Formatter<'_>, inner: bool) -> fmt::Result {
    let (items, separator) = match expr {
        Expr::All => return f.write_char('*'),
        Expr::Term(term) => return write!(f, "{}", term.test),
        Expr::Not(negated) => {
            f.write_char('-')?;
            return write_expr(negated, f, true);
        }
        Expr::And(items) => (items, " "),
        Expr::Or(items) => (items, " OR "),
    };
    if inner {
        f.write_char('(')?;
    }
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        // Joining binds tighter than OR, so an And within an Or needs no brackets.
        let brackets = !matches!((expr, item), (Expr::Or(_), Expr::And(_)));
        write_expr(item, f, brackets)?;
    }
    if inner { f.write_char(')') } else { Ok(()) }
}

impl Display for Query {
    /// Writes the canonical text: English field names and levels, ISO dates; empty for [`Expr::All`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.expr {
            Expr::All => Ok(()),
            expr => write_expr(expr, f, false),
        }
    }
}
