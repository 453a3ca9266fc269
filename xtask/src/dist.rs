//! `cargo xtask dist`: one optimised program with the web app inside.

use std::fs;

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::server;
use crate::size;
use crate::spa::{self, Profile};

/// The largest program that the design allows.
const BUDGET: u64 = 40_000_000;

/// Builds the web app and the program around it, and prints how large they are.
pub fn build(workspace: &Workspace) -> Done {
    spa::ensure(workspace, Profile::Release)?;
    size::check(workspace)?;
    process::run(&mut workspace.cargo("build --locked --release --package api --features embed"))?;
    let program = server::program(workspace, "release")?;
    let bytes = fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?.len();
    println!("{}: {}", program.display(), size::kilobytes(bytes));
    if bytes > BUDGET { Err(format!("the program is {bytes} bytes, the budget {BUDGET}")) } else { Ok(()) }
}
