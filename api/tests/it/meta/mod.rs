//! Tests about the whole: they find what somebody forgot.

mod catalogue;
mod dialect;
mod document;
mod layers;
mod matrix;
mod migrations;
mod row_security;
mod specification;
