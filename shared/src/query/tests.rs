//! Tests of the search grammar.

mod errors;
mod grammar;
mod properties;
mod text;
mod values;

use super::{Expr, ParseError, Test, parse};

fn ok(input: &str) -> Expr {
    parse(input).unwrap_or_else(|error| panic!("{input}: {error}")).expr
}

fn test(input: &str) -> Test {
    match ok(input) {
        Expr::Term(term) => term.test,
        other => panic!("{input}: {other:?}"),
    }
}

fn canonical(input: &str) -> String {
    parse(input).unwrap_or_else(|error| panic!("{input}: {error}")).to_string()
}

fn error(input: &str) -> ParseError {
    parse(input).expect_err(input)
}
