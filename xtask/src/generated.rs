//! The committed files that the server itself writes.

use std::fs;
use std::path::PathBuf;

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::server;

/// Path in the workspace, and the sub-command that prints what belongs there.
const FILES: [(&str, &[&str]); 4] = [
    ("openapi/openapi.json", &["openapi"]),
    ("openapi/openapi-3.0.json", &["openapi", "--v3.0"]),
    (".env.example", &["config", "env-example"]),
    ("docs/configuration.md", &["config", "docs"]),
];

/// Writes every generated file anew.
pub fn write(workspace: &Workspace) -> Done {
    let program = server::build(workspace)?;
    for (file, arguments) in FILES {
        let path = workspace.root.join(file);
        let fresh = generate(workspace, &program, arguments)?;
        if fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
            println!("{file}: unchanged");
            continue;
        }
        let failed = |error: std::io::Error| format!("{file}: {error}");
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
        fs::write(&path, fresh).map_err(failed)?;
        println!("{file}: written");
    }
    Ok(())
}

/// Fails when a committed file differs from what the server would write.
pub fn check(workspace: &Workspace) -> Done {
    let program = server::build(workspace)?;
    let mut stale = Vec::new();
    for (file, arguments) in FILES {
        let fresh = generate(workspace, &program, arguments)?;
        let committed = fs::read_to_string(workspace.root.join(file)).unwrap_or_default();
        if committed != fresh {
            stale.push(format!("{file} ({})", first_difference(&committed, &fresh)));
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("stale: {}; `cargo xtask openapi` writes them anew", stale.join(", ")))
}

fn generate(workspace: &Workspace, program: &PathBuf, arguments: &[&str]) -> Done<String> {
    let mut text = process::capture(&mut server::command(workspace, program, arguments))?;
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(text)
}

fn first_difference(committed: &str, fresh: &str) -> String {
    if committed.is_empty() {
        return "missing".to_owned();
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(old, new)| old == new).count();
    format!("from line {}", same + 1)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_difference_is_named_by_its_line() {
        assert_eq!(first_difference("", "a"), "missing");
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), "from line 2");
        assert_eq!(first_difference("a\n", "a\nb\n"), "from line 2");
    }
}
