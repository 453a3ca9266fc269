//! JSON Schema 2020-12 of data that customers describe, written by them and therefore not trusted.
//!
//! Ready-made validators bound neither the work of a schema that doubles itself at every reference, nor (all of them)
//! the memory of its patterns; one customer could stop the server for all. Here a schema is at most 64 KiB, refers to
//! itself alone, has patterns of a linear engine within a budget of memory, and looks at a log in a number of steps that
//! grows with the size of the log. What is not supported is refused when the schema is saved, never ignored:
//! references to elsewhere, `$id` below the top, `$dynamicRef`, `unevaluatedItems`, `unevaluatedProperties`, look-around
//! and back-references. `format`, `contentEncoding` and `contentMediaType` are remarks, as the standard has it.

mod check;
mod compile;
mod pattern;
mod value;

use std::collections::HashMap;

use serde_json::Value;
use shared::problem::FieldError;

use pattern::Pattern;

/// Faults that are told of one log, or of one schema.
pub const MAX_FAULTS: usize = 10;

/// Place of a subschema among the nodes.
type At = usize;

/// A schema that can be looked through.
#[derive(Debug)]
pub struct Schema {
    nodes: Vec<Node>,
    weight: usize,
}

/// A subschema.
#[derive(Debug)]
enum Node {
    /// Everything fits, or nothing.
    Always(bool),
    /// What fits all of these fits.
    Rules(Vec<Rule>),
}

/// One or more keywords that belong together.
#[derive(Debug)]
enum Rule {
    Type(Vec<&'static str>),
    Enum(Vec<Value>),
    Number(Bound, serde_json::Number),
    Length(u64, u64),
    Pattern(Pattern),
    Items { count: (u64, u64), unique: bool, first: Vec<At>, rest: Option<At> },
    Contains { schema: At, count: (u64, u64) },
    Members(Members),
    Names(At),
    All(Vec<At>),
    Any(Vec<At>),
    One(Vec<At>),
    Not(At),
    If { test: At, then: Option<At>, otherwise: Option<At> },
    Reference(At),
}

/// What is asked of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Least,
    Most,
    Above,
    Below,
    Multiple,
}

/// What is asked of an object.
#[derive(Debug, Default)]
struct Members {
    count: Option<(u64, u64)>,
    required: Vec<String>,
    named: HashMap<String, At>,
    by_pattern: Vec<(Pattern, At)>,
    other: Option<At>,
    then_required: Vec<(String, Vec<String>)>,
    then_fits: Vec<(String, At)>,
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// What is wrong with it; the pointers begin at the schema.
    pub fn read(text: &str) -> Result<Self, Vec<FieldError>> {
        compile::schema(text)
    }

    /// About how many bytes of memory it takes at most.
    #[must_use]
    pub const fn weight(&self) -> usize {
        self.weight
    }

    /// What is wrong with data, at most [`MAX_FAULTS`] faults; the pointers begin at the data. Data that is not JSON has
    /// no faults here.
    #[must_use]
    pub fn faults(&self, data: &str) -> Vec<FieldError> {
        match serde_json::from_str(data) {
            Ok(value) => check::faults(self, &value, data.len()),
            Err(_) => Vec::new(),
        }
    }
}

/// A name as a part of a pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A value in a message, shortened.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
