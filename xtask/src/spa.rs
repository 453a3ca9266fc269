//! Builds the web app into `dist/` with Trunk.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::tools;

/// How much work goes into the build.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// Quick to build, large to load.
    Debug,
    /// As it is shipped.
    Release,
}

/// What the web app is made from; a change in any of these makes `dist/` stale.
const SOURCES: [&str; 8] = [
    "frontend",
    "shared",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    ".cargo/config.toml",
    "rust-toolchain.toml",
    "xtask/src/spa.rs",
];

/// Makes `dist/` hold the current web app. A release build serves where a debug build is asked for.
pub fn ensure(workspace: &Workspace, profile: Profile) -> Done {
    if is_fresh(workspace, profile) {
        eprintln!("   {} is up to date", workspace.shown(&workspace.dist()));
        return Ok(());
    }
    build(workspace, profile)
}

fn build(workspace: &Workspace, profile: Profile) -> Done {
    tools::wasm_target(workspace)?;
    let trunk = tools::TRUNK.ensure(workspace)?;
    let wasm_bindgen = tools::WASM_BINDGEN.ensure(workspace)?;
    let mut folders = vec![trunk.as_path(), wasm_bindgen.as_path()];
    let node = match profile {
        Profile::Debug => None,
        // wasm-opt; it must come before an older one of the system on the search path.
        Profile::Release => Some(tools::node(workspace)?),
    };
    folders.extend(node.as_ref().map(|node| node.bin.as_path()));

    let stamp = stamp(workspace);
    remove_file(&stamp)?;
    let started = newest(workspace);
    let mut command = workspace.command("trunk");
    command.env("PATH", process::path_with(&folders)?).arg("build");
    if profile == Profile::Release {
        command.arg("--release");
    }
    process::run(&mut command)?;
    // A source that changed while Trunk was at work makes the next build run again.
    if newest(workspace) == started {
        write(&stamp, &format!("{profile:?}"))?;
    }
    Ok(())
}

/// Whether `dist/` was built from what the sources are now, and well enough.
fn is_fresh(workspace: &Workspace, profile: Profile) -> bool {
    let stamp = stamp(workspace);
    let Ok(built) = fs::read_to_string(&stamp) else {
        return false;
    };
    let enough = built == format!("{:?}", Profile::Release) || built == format!("{profile:?}");
    let stamped = fs::metadata(&stamp).and_then(|metadata| metadata.modified()).ok();
    enough && workspace.dist().join("index.html").is_file() && newest(workspace) < stamped
}

/// Remembers which build `dist/` holds. It lies in the checkout, as `dist/` does, wherever cargo builds.
fn stamp(workspace: &Workspace) -> PathBuf {
    workspace.root.join("target").join("spa-profile")
}

fn newest(workspace: &Workspace) -> Option<SystemTime> {
    SOURCES.iter().filter_map(|source| newest_below(&workspace.root.join(source))).max()
}

/// The newest change at or below a path; folders count too, so that a removed file is noticed.
fn newest_below(path: &Path) -> Option<SystemTime> {
    let metadata = fs::metadata(path).ok()?;
    let own = metadata.modified().ok();
    // The browser tests are no part of the app.
    if !metadata.is_dir() || path.ends_with("frontend/e2e") {
        return own.filter(|_| !metadata.is_dir());
    }
    let below = fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest_below(&entry.path()));
    below.chain(own).max()
}

fn remove_file(path: &Path) -> Done {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> Done {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(path, text).map_err(failed)
}
