//! Builds the tree from the tokens, with a stack of its own instead of recursion.

use super::error::{ErrorKind, Expected, ParseError};
use super::lexer::{Lexer, TokenKind};
use super::{Expr, MAX_CHARS, MAX_DEPTH, Query, Span, Term, Test, value};

/// What can begin a condition.
const START: [Expected; 4] = [Expected::Word, Expected::Phrase, Expected::Field, Expected::OpenParen];

/// One level of brackets.
#[derive(Default)]
struct Level {
    /// Place of the bracket.
    open: usize,
    /// Minus signs before the bracket.
    outer_nots: usize,
    /// Finished alternatives.
    branches: Vec<Expr>,
    /// Conditions of the alternative at hand; `*` counts.
    items: Vec<Expr>,
    /// Minus signs before the next condition.
    nots: usize,
    /// Place of the last minus.
    last_not: Option<Span>,
    /// Place of the last `OR`.
    last_or: Option<Span>,
}

impl Level {
    fn push(&mut self, expr: Expr) {
        let wrapped = (0..self.nots).fold(expr, |inner, _| Expr::Not(Box::new(inner)));
        self.nots = 0;
        self.items.push(wrapped);
    }

    /// Refuses a minus that has nothing behind it.
    fn check_not(&self) -> Result<(), ParseError> {
        match self.last_not {
            Some(span) if self.nots > 0 => Err(dangling(ErrorKind::DanglingNot, span, "-")),
            _ => Ok(()),
        }
    }

    /// Closes the alternative at hand; refuses an `OR` with nothing on this side of it.
    fn branch(&mut self, or: Option<Span>) -> Result<(), ParseError> {
        self.check_not()?;
        if let (true, Some(span)) = (self.items.is_empty(), self.last_or.or(or)) {
            return Err(dangling(ErrorKind::DanglingOr, span, "OR"));
        }
        self.branches.push(Expr::and(std::mem::take(&mut self.items)));
        self.last_or = or;
        Ok(())
    }

    fn finish(mut self) -> Result<Expr, ParseError> {
        self.branch(None)?;
        Ok(Expr::or(self.branches))
    }
}

fn dangling(kind: ErrorKind, span: Span, found: &str) -> ParseError {
    ParseError::new(kind, span, found).expecting(&START).suggest(String::new())
}

/// Reads a query.
pub(super) fn parse(input: &str) -> Result<Query, ParseError> {
    let chars: Vec<char> = input.chars().take(MAX_CHARS + 1).collect();
    if chars.len() > MAX_CHARS {
        let span = Span { start: MAX_CHARS, end: input.chars().count() };
        return Err(ParseError::new(ErrorKind::TooLong, span, "").expecting(&[Expected::End]));
    }
    let mut lexer = Lexer::new(&chars);
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    // Brackets and minus signs around the place at hand.
    let mut depth = 0;
    while let Some(token) = lexer.next_token()? {
        let span = token.span;
        if matches!(token.kind, TokenKind::Open | TokenKind::Not) {
            depth += 1;
            if depth > MAX_DEPTH {
                let found = if matches!(token.kind, TokenKind::Open) { "(" } else { "-" };
                return Err(ParseError::new(ErrorKind::TooDeep, span, found).expecting(&START[..3]));
            }
        }
        match token.kind {
            TokenKind::Not => {
                // A minus belongs to what touches it.
                let next = chars.get(span.end).copied();
                if next.is_none_or(|c| super::lexer::is_blank(c) || c == ')') {
                    return Err(dangling(ErrorKind::DanglingNot, span, "-"));
                }
                level.nots += 1;
                level.last_not = Some(span);
            }
            TokenKind::Or => level.branch(Some(span))?,
            TokenKind::Open => {
                let outer_nots = std::mem::take(&mut level.nots);
                outer.push(std::mem::take(&mut level));
                level = Level { open: span.start, outer_nots, ..Level::default() };
            }
            TokenKind::Close => {
                let Some(parent) = outer.pop() else {
                    let error = ParseError::new(ErrorKind::UnexpectedParen, span, ")").expecting(&START);
                    return Err(error.suggest(String::new()));
                };
                if level.items.is_empty() && level.branches.is_empty() && level.nots == 0 {
                    let whole = Span { start: level.open, end: span.end };
                    return Err(dangling(ErrorKind::EmptyGroup, whole, "()"));
                }
                let done = std::mem::replace(&mut level, parent);
                level.nots = done.outer_nots;
                depth = depth.saturating_sub(1 + level.nots);
                level.push(done.finish()?);
            }
            TokenKind::Term(raw) => {
                depth = depth.saturating_sub(level.nots);
                level.push(match value::test(raw, &lexer.slice(span.start, span.end), span)? {
                    Some(test) => Expr::Term(Term { test, span }),
                    None => Expr::All,
                });
            }
        }
    }
    if !outer.is_empty() {
        let span = Span { start: level.open, end: chars.len() };
        let text = lexer.slice(span.start, span.end);
        let mut expected = START.to_vec();
        if !level.items.is_empty() {
            expected.push(Expected::CloseParen);
        }
        let error = ParseError::new(ErrorKind::UnclosedParen, span, &text).expecting(&expected);
        return Err(if level.items.is_empty() {
            error
        } else {
            error.suggest(format!("{})", text.trim_end()))
        });
    }
    if level.items.is_empty() && level.branches.is_empty() && level.nots == 0 {
        return Ok(Query { expr: Expr::All });
    }
    Ok(Query { expr: level.finish()? })
}

/// Reads a text that is exactly one term.
pub(super) fn single(input: &str) -> Option<Test> {
    let chars: Vec<char> = input.chars().collect();
    let mut lexer = Lexer::new(&chars);
    let token = lexer.next_token().ok()??;
    let TokenKind::Term(raw) = token.kind else {
        return None;
    };
    if token.span.end != chars.len() {
        return None;
    }
    value::test(raw, input, token.span).ok()?
}
