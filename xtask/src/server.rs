//! Builds the server and runs its sub-commands.

use std::path::PathBuf;
use std::process::Command;

use crate::paths::Workspace;
use crate::process::{self, Done};

/// The name of the program.
pub const NAME: &str = "mvai-connexx";

/// Builds the server for development and returns the path of the program.
pub fn build(workspace: &Workspace) -> Done<PathBuf> {
    process::run(&mut workspace.cargo("build --package api"))?;
    program(workspace, "debug")
}

/// The same for who waits for the first start: dependencies are not optimised, which tests want and one person does not
/// notice.
pub fn build_soon(workspace: &Workspace) -> Done<PathBuf> {
    let mut build = workspace.cargo("build --package api --config");
    process::run(build.arg("profile.dev.package.\"*\".opt-level=0"))?;
    program(workspace, "debug")
}

/// The program that an earlier build left in the folder of that profile.
pub fn program(workspace: &Workspace, profile: &str) -> Done<PathBuf> {
    let path = workspace.target.join(profile).join(NAME);
    if path.is_file() { Ok(path) } else { Err(format!("{} was not built", path.display())) }
}

/// A sub-command of the program, in the root of the workspace.
pub fn command(workspace: &Workspace, program: &PathBuf, arguments: &[&str]) -> Command {
    let mut command = workspace.command(program);
    command.args(arguments);
    command
}
