//! `cargo xtask mutants`: drops one tenant filter at a time in a copy of the sources and sees whether the matrix of
//! permissions notices. Built once: a hook in the copy changes the text of the statement that a run is about.

use std::fs;
use std::path::Path;

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::table;
use crate::tools;

const LIST: &str = "api/tests/mutants/list.txt";
const HOOK: &str = "api/tests/mutants/hook.rs";
/// Where every statement passes.
const STATEMENTS: &str = "api/src/db/query.rs";
/// What is replaced there.
const CHANGES: [(&str, &str); 2] = [
    ("AssertSqlSafe(self.text.clone().into_owned())", "AssertSqlSafe(mutant(&self.text))"),
    (
        "let mut parts = statement.text.split('$');",
        "let own = mutant(&statement.text); let mut parts = own.split('$');",
    ),
];
/// The tests that must notice; on SQLite, where no second wall hides a filter that is missing.
const TESTS: &str = "test(meta::matrix)";

/// Runs the mutants whose names hold one of the words, all of them without words. Fails when one survives.
pub fn run(workspace: &Workspace, words: &[String]) -> Done {
    let text = read(&workspace.root.join(LIST))?;
    let mutants: Vec<(&str, &str)> = parse(&text)
        .filter(|(name, _)| words.is_empty() || words.iter().any(|word| name.contains(word.as_str())))
        .collect();
    let copy = workspace.target.join("mutants");
    make_copy(workspace, &copy)?;
    let result = examine(workspace, &copy, &mutants);
    let removed = git(workspace, &["worktree", "remove", "--force"], &copy);
    result.and(removed)
}

fn examine(workspace: &Workspace, copy: &Path, mutants: &[(&str, &str)]) -> Done {
    if !passes(workspace, copy, "")? {
        return Err("the tests fail without any mutant".to_owned());
    }
    let (mut rows, mut survivors) = (Vec::new(), Vec::new());
    for (name, part) in mutants {
        let survives = passes(workspace, copy, part)?;
        eprintln!("{name}: {}", if survives { "SURVIVES" } else { "noticed" });
        rows.push(vec![(*name).to_owned(), if survives { "SURVIVES" } else { "noticed" }.to_owned()]);
        if survives {
            survivors.push(*name);
        }
    }
    println!("{}", table::render(&["filter that is dropped", "result"], &rows));
    if survivors.is_empty() { Ok(()) } else { Err(format!("nobody notices: {}", survivors.join(", "))) }
}

/// Names and parts of statements.
fn parse(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('|')).map(|(name, part)| (name.trim(), part.trim()))
}

/// The sources of the last commit, with the hook in them.
fn make_copy(workspace: &Workspace, copy: &Path) -> Done {
    if copy.exists() {
        git(workspace, &["worktree", "remove", "--force"], copy)?;
    }
    git(workspace, &["worktree", "add", "--detach"], copy)?;
    let place = copy.join(STATEMENTS);
    let mut text = read(&place)?;
    for (from, to) in CHANGES {
        if text.matches(from).count() != 1 {
            return Err(format!("{STATEMENTS} does not hold '{from}' once"));
        }
        text = text.replace(from, to);
    }
    text.push_str(&read(&workspace.root.join(HOOK))?);
    fs::write(&place, text).map_err(|error| format!("{}: {error}", place.display()))
}

fn git(workspace: &Workspace, arguments: &[&str], copy: &Path) -> Done {
    process::run_quietly(workspace.command("git").args(arguments).arg(copy))
}

/// Whether the tests pass with a mutant in place; none is an empty text. Building is not part of the verdict.
fn passes(workspace: &Workspace, copy: &Path, mutant: &str) -> Done<bool> {
    let folder = tools::NEXTEST.ensure(workspace)?;
    let nextest = |more: &str| -> Done<std::process::Command> {
        let mut command = workspace.cargo(&format!("nextest run --package api --test it {more}"));
        // The same build folder: dependencies are compiled already, and the copy is a package of its own in it.
        command.current_dir(copy);
        command.env("PATH", process::path_with(&[&folder])?).env_remove(crate::postgres::VARIABLE);
        command.env("MUTANT", mutant);
        Ok(command)
    };
    process::run_quietly(&mut nextest("--no-run")?)?;
    let mut tests = nextest("--fail-fast --status-level none --failure-output never --filterset")?;
    Ok(process::run_quietly(tests.arg(TESTS)).is_ok())
}

fn read(path: &Path) -> Done<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{CHANGES, LIST, STATEMENTS, parse};

    const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

    #[test]
    fn the_hook_has_its_places() {
        let text = std::fs::read_to_string(format!("{ROOT}/{STATEMENTS}")).unwrap();
        for (from, _) in CHANGES {
            assert_eq!(text.matches(from).count(), 1, "{from}");
        }
    }

    #[test]
    fn every_mutant_has_a_name_of_its_own() {
        let text = std::fs::read_to_string(format!("{ROOT}/{LIST}")).unwrap();
        let mut names: Vec<&str> = parse(&text).map(|(name, _)| name).collect();
        assert!(names.len() >= 8);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), parse(&text).count());
    }
}
