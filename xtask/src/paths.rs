//! Where things are: the workspace, its build folder and the tool cache of the user.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env;
use crate::process::Done;

/// The folders that every command works with; all paths are absolute.
pub struct Workspace {
    /// The root of the checkout.
    pub root: PathBuf,
    /// The build folder of cargo (`CARGO_TARGET_DIR`, else `target` in the root).
    pub target: PathBuf,
    /// Tools that serve every checkout of this user, one folder a tool and version.
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this helper was built from.
    pub fn find() -> Done<Self> {
        let manifest = env::path("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = manifest
            .parent()
            .filter(|root| root.join("Cargo.toml").is_file())
            .ok_or_else(|| format!("{} is not inside the workspace", manifest.display()))?
            .to_path_buf();
        let target = match env::path("CARGO_TARGET_DIR") {
            Some(given) => std::path::absolute(&given)
                .map_err(|error| format!("CARGO_TARGET_DIR={}: {error}", given.display()))?,
            None => root.join("target"),
        };
        let cache = match env::path("XDG_CACHE_HOME") {
            Some(cache) => cache,
            None => {
                env::path("HOME").ok_or("HOME is not set, so there is no place for tools")?.join(".cache")
            }
        };
        Ok(Self { root, target, cache: cache.join("mvai-connexx-tools") })
    }

    /// A command that runs in the root and builds into the same folder as everything else.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// `cargo` with arguments, given as they would be typed, in the root.
    pub fn cargo(&self, arguments: &str) -> Command {
        let mut command = self.command("cargo");
        command.args(arguments.split_whitespace());
        command
    }

    /// The built web app.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// A path as it is shown: relative to the root where it lies inside.
    pub fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
