//! `cargo xtask bench`: dispatches to the benchmark of the server.

use crate::paths::Workspace;
use crate::process::{self, Done};

/// Runs the product benchmark of the `api` crate with the given arguments.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Done {
    let mut command = workspace.cargo("bench --package api --bench product --");
    process::run(command.args(arguments))
}
