//! Cuts the web app into parts: Trunk runs this at the end of each build (`Trunk.toml`).
//!
//! Trunk knows one WASM file. What it made of it is replaced: the linked program is split where `parts.rs` of the
//! web app says, `wasm-bindgen` makes the main module ready for the browser, `wasm-opt` shrinks each module, and
//! code that several parts need is put into one file. All names carry a hash of what is inside, so that the same
//! program gives the same names.

mod files;
mod link;
mod merge;
mod page;
mod program;

use std::path::PathBuf;

use files::Folder;
use program::Program;

/// What a step gives: a value, or why there is none.
type Done<T = ()> = Result<T, String>;

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("frontend-parts: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Done {
    let staging = Folder(path("TRUNK_STAGING_DIR")?);
    let release = std::env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    // This program lies in `<target>/<profile>/`, beside the folder of the target for browsers.
    let me = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let target = me.ancestors().nth(2).ok_or("this program is not in a build folder")?;
    let built = target
        .join("wasm32-unknown-unknown")
        .join(if release { "wasm-release" } else { "debug" })
        .join("frontend.wasm");
    let work = Folder(target.join("parts").join(if release { "release" } else { "debug" }));

    let program = Program::split(&files::read(&built)?, &work, release)?;
    let mut index = page::Page::read(&staging)?;
    // The parts have their names first: the script names them, and the page names the script.
    let script = program.script(&staging)?;
    let script = staging.add("frontend", ".js", script.as_bytes())?;
    let main = staging.add("frontend", "_bg.wasm", &program.main)?;
    index.replace(&staging, &script, &main)
}

fn path(variable: &str) -> Done<PathBuf> {
    let value = std::env::var_os(variable);
    value.map(PathBuf::from).ok_or_else(|| format!("{variable} is not set: Trunk calls this program"))
}
