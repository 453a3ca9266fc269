//! Finding logs: from text to words, from a query to a plan, and the test of a log against a query.
//!
//! Everything here is pure. The word index narrows the candidates; what it cannot decide is decided by reading
//! the log, so that both engines give the same answer.

pub mod doc;
pub mod eval;
pub mod parts;
pub mod plan;
pub mod postings;
pub mod repo;
pub mod vocabulary;
pub mod words;
