//! The only place of this helper that reads the environment.

use std::path::PathBuf;

/// The value of an environment variable; empty counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the ban keeps the settings of the server in one place; this helper is not the server"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The value of an environment variable as a path.
pub fn path(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

/// The command line after the name of the program.
pub fn arguments() -> Vec<String> {
    std::env::args().skip(1).collect()
}

/// The folders of the search path for programs.
pub fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|value| std::env::split_paths(&value).collect()).unwrap_or_default()
}
