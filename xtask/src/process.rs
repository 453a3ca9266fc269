//! Starting other programs, and saying what went wrong with them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::env;

/// What a command of this helper returns: a value, or a sentence for the user.
pub type Done<T = ()> = Result<T, String>;

/// Runs a program with its output on the terminal; anything but exit code 0 is an error.
pub fn run(command: &mut Command) -> Done {
    let shown = shown(command);
    eprintln!("  $ {shown}");
    let status = command.status().map_err(|error| format!("{shown}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}

/// Runs a program and returns what it wrote to standard output; on failure its errors are in the message.
pub fn capture(command: &mut Command) -> Done<String> {
    let shown = shown(command);
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{shown}: {}\n{}", output.status, both_streams(&output)));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{shown}: {error}"))
}

/// Runs a program without showing its output unless it fails.
pub fn run_quietly(command: &mut Command) -> Done {
    capture(command).map(drop)
}

/// The first program of that name on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    env::search_path().into_iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A search path that begins with the given folders.
pub fn path_with(first: &[&Path]) -> Done<OsString> {
    let mut folders: Vec<PathBuf> = first.iter().map(|folder| folder.to_path_buf()).collect();
    folders.extend(env::search_path());
    std::env::join_paths(folders).map_err(|error| format!("cannot build a search path: {error}"))
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
        if text.len() > 200 {
            text.push('…');
            break;
        }
    }
    text
}

fn both_streams(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text.trim_end().to_owned()
}
