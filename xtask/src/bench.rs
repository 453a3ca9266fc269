//! `cargo xtask bench`: the benchmark of the server, and once more on a disk that flushes slowly.

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::size;
use crate::spa::{self, Profile};

/// Runs the product benchmark of the `api` crate with the given arguments; without any, all of it, and with `--huge` at
/// ten million rows as well.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Done {
    spa::ensure(workspace, Profile::Release)?;
    let bytes = size::first_visit(workspace)?;
    let bench = || {
        let mut command = workspace.cargo("bench --locked --package api --bench product --features embed --");
        command.arg(format!("--web-app-bytes={bytes}"));
        command
    };
    process::run(bench().args(arguments))?;
    if arguments.iter().any(|argument| argument != "--huge") {
        return Ok(());
    }
    let shim = workspace.target.join("slow_flush.so");
    let source = workspace.root.join("api/benches/product/slow_flush.c");
    process::run(workspace.command("cc").args(["-shared", "-fPIC", "-O2", "-o"]).arg(&shim).arg(source))?;
    process::run(bench().args(["singles", "--slow-disk"]).env("LD_PRELOAD", shim))
}
