//! Web app.
fn main() {}
