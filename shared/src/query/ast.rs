//! The expression tree of a query: plain data, without a reference to the text it came from.

use super::{IpTest, LEVELS, LocalDateTime, edit};

/// A query that has been read.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The condition; [`Expr::All`] for blank input.
    pub expr: Expr,
}

/// A condition on a log.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// Every log: blank input, or a lone `*`.
    All,
    /// All of these (two or more).
    And(Vec<Expr>),
    /// At least one of these (two or more).
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// One test.
    Term(Term),
}

/// One test with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What is tested.
    pub test: Test,
    /// Where it stands, without a minus before it.
    pub span: Span,
}

/// A stretch of the input, in characters (not bytes): `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// What one term tests.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Text in message, kind, keys, values, external id or address.
    Word(Text),
    /// A field of the record.
    Field {
        /// Path with dots, in the case as typed, without `data.`.
        name: String,
        /// What the field must be.
        value: Value,
    },
    /// The field is there: a canonical name of [`super::FIELD_NAMES`], else a path in the record. A path
    /// that is spelled like one of those names keeps `data.` in front.
    Has(String),
    /// The log carries this flag (lower case).
    Flag(String),
    /// Kind.
    Kind(Text),
    /// Level.
    Level(LevelTest),
    /// Source (lower case; unknown sources are not refused).
    Source(String),
    /// Sender's address.
    Ip(IpTest),
    /// Number of the log.
    Id(IdRange),
    /// At or after the start of this moment.
    After(LocalDateTime),
    /// Before the start of this moment.
    Before(LocalDateTime),
    /// Text in the message only.
    Message(Text),
    /// Id given by the sender.
    ExternalId(Text),
}

/// Text to look for, as typed: folding of case and accents is left to the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text; empty only in `field:""` and its like.
    pub text: String,
    /// How it must match.
    pub mode: Mode,
}

/// How a [`Text`] matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A word begins with it: `laad`, `laad*`.
    Prefix,
    /// A whole word, or behind a field the whole value: `=laad`.
    Whole,
    /// Anywhere, inside words too: `*laad*`.
    Anywhere,
    /// These words in this order: `"dok 3"`.
    Phrase,
}

/// What a field of the record must be. A lone number (`temp:8`) is [`Value::Text`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(Text),
    /// `field:>8`; the number is finite.
    Compare {
        /// Comparison.
        op: Op,
        /// Right-hand side.
        number: f64,
    },
    /// `field:4..8`, both ends included, at least one given, `from <= to`.
    Between {
        /// Lowest value.
        from: Option<f64>,
        /// Highest value.
        to: Option<f64>,
    },
    /// `field:>2026-11-01`.
    CompareDate {
        /// Comparison.
        op: Op,
        /// Right-hand side.
        date: LocalDateTime,
    },
    /// `field:2026-11-01..2026-11-30`, up to and including the whole last day (month, minute).
    BetweenDates {
        /// First moment.
        from: Option<LocalDateTime>,
        /// Last unit of time that still counts.
        to: Option<LocalDateTime>,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Op {
    /// The sign as it is typed, valid in SQL as well.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    /// Tells whether `left op right` holds; false if they cannot be compared (NaN).
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
        }
    }
}

/// A test on the level; names are those of [`LEVELS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LevelTest {
    /// Exactly this level.
    Is(&'static str),
    /// Compared on severity, as in `level:>=warning`.
    Compare {
        /// Comparison.
        op: Op,
        /// Right-hand side.
        level: &'static str,
    },
}

impl LevelTest {
    /// Lists the levels that pass, lightest first; may be empty (`level:>critical`).
    pub fn levels(self) -> Vec<&'static str> {
        let rank = |name: &str| LEVELS.iter().position(|level| *level == name);
        let passes = |name: &str| match self {
            Self::Is(level) => level == name,
            Self::Compare { op, level } => op.holds(&rank(name), &rank(level)),
        };
        LEVELS.into_iter().filter(|name| passes(name)).collect()
    }

    /// Tells whether a level (lower-case English name) passes.
    pub fn matches(self, level: &str) -> bool {
        self.levels().contains(&level)
    }
}

/// Numbers of logs, both ends included, at least one given, `from <= to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// Lowest number.
    pub from: Option<u64>,
    /// Highest number.
    pub to: Option<u64>,
}

impl Expr {
    /// Joins conditions that must all hold, without nesting one [`Expr::And`] in another.
    pub fn and(items: Vec<Expr>) -> Expr {
        let mut flat = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Expr::And(inner) => flat.extend(inner),
                Expr::All => {}
                other => flat.push(other),
            }
        }
        match flat.pop() {
            None => Expr::All,
            Some(only) if flat.is_empty() => only,
            Some(last) => {
                flat.push(last);
                Expr::And(flat)
            }
        }
    }

    /// Joins conditions of which one must hold, without nesting one [`Expr::Or`] in another.
    pub fn or(items: Vec<Expr>) -> Expr {
        let mut flat = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Expr::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.pop() {
            None => Expr::All,
            Some(only) if flat.is_empty() => only,
            Some(last) => {
                flat.push(last);
                Expr::Or(flat)
            }
        }
    }

    fn collect<'a>(&'a self, out: &mut Vec<&'a Term>) {
        match self {
            Expr::All => {}
            Expr::And(items) | Expr::Or(items) => items.iter().for_each(|item| item.collect(out)),
            Expr::Not(inner) => inner.collect(out),
            Expr::Term(term) => out.push(term),
        }
    }
}

impl Query {
    /// Lists the terms in the order of the text, excluded ones too.
    pub fn terms(&self) -> Vec<&Term> {
        let mut out = Vec::new();
        self.expr.collect(&mut out);
        out
    }

    /// Returns `input` (the text of this query) without the term at `span`, and without the minus, `OR` and
    /// brackets that would be left with nothing. The other terms keep their spelling. A span that is not of
    /// a term changes nothing.
    pub fn without(&self, input: &str, span: Span) -> String {
        if !self.terms().iter().any(|term| term.span == span) {
            return input.to_owned();
        }
        edit::without(input, span).unwrap_or_else(|| input.to_owned())
    }
}
