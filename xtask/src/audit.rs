//! Checks the dependencies: known advisories, and the hand list of what the advisories lack.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::steps::Outcome;
use crate::tools;

/// The snapshot of the advisory database, beside the checkout.
const SNAPSHOT: &str = "../shared/advisory-db.tar.gz";

/// What the audit must find in the control.
const CONTROL_FINDING: &str = "RUSTSEC-2026-0009";

/// Crates whose older versions have flaws that the advisory database does not list.
const HAND_LIST: [(&str, [u64; 3]); 2] = [("jsonwebtoken", [10, 3, 0]), ("libsqlite3-sys", [0, 37, 0])];

/// Findings that do not concern the product: id, last day that this holds, reason.
const IGNORED: [(&str, &str, &str); 1] = [(
    "RUSTSEC-2023-0071",
    "2027-05-31",
    "rsa: timing of operations with an RSA private key; it comes with jsonwebtoken, the product has no RSA key",
)];

/// Compares `Cargo.lock` with the snapshot of the advisory database.
pub fn advisories(workspace: &Workspace) -> Done<Outcome> {
    let snapshot = workspace.root.join(SNAPSHOT);
    if !snapshot.is_file() {
        return Ok(Outcome::Skipped(format!("{SNAPSHOT} does not exist")));
    }
    let folder = tools::AUDIT.ensure(workspace)?;
    let database = unpack(workspace, &snapshot)?;
    let control = workspace.target.join("advisory-control.lock");
    fs::write(&control, control_lock(&read_lock(workspace)?)?)
        .map_err(|error| format!("{}: {error}", control.display()))?;
    let ignored = ignored(&today()?);
    let audit = |lock: &Path| {
        let mut command = workspace.command("cargo");
        command
            .args(["audit", "--no-fetch", "--no-yanked", "--quiet", "--db"])
            .arg(&database)
            .arg("--file")
            .arg(lock)
            .args(ignored.iter().flat_map(|id| ["--ignore", id]));
        command
    };
    let path = process::path_with(&[&folder])?;
    match process::capture(audit(&control).env("PATH", &path)) {
        Err(message) if message.contains(CONTROL_FINDING) => {}
        Err(message) => return Err(message),
        Ok(_) => return Err("the control was not found, so this audit proves nothing".to_owned()),
    }
    process::run(audit(&workspace.root.join("Cargo.lock")).env("PATH", &path)).map(|()| Outcome::Passed)
}

/// Checks the hand list.
pub fn hand_list(workspace: &Workspace) -> Done {
    let found = too_old(&read_lock(workspace)?);
    if found.is_empty() { Ok(()) } else { Err(format!("too old: {}", found.join(", "))) }
}

/// The findings that are ignored on a day, written as year, month and day.
fn ignored(today: &str) -> Vec<&'static str> {
    IGNORED.iter().filter(|(_, until, _)| today <= *until).map(|(id, ..)| *id).collect()
}

fn today() -> Done<String> {
    let mut date = Command::new("date");
    process::capture(date.args(["-u", "+%Y-%m-%d"])).map(|text| text.trim().to_owned())
}

fn read_lock(workspace: &Workspace) -> Done<String> {
    fs::read_to_string(workspace.root.join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))
}

/// A lock file with a known finding: an audit that passes it proves nothing.
fn control_lock(lock: &str) -> Done<String> {
    let source =
        lock.lines().find(|line| line.starts_with("source = ")).ok_or("Cargo.lock names no source")?;
    Ok(format!("version = 4\n\n[[package]]\nname = \"time\"\nversion = \"0.3.46\"\n{source}\n"))
}

/// Crates of the hand list that are older in the lock file than they may be.
fn too_old(lock: &str) -> Vec<String> {
    let mut found = Vec::new();
    for package in lock.split("[[package]]") {
        let value = |key: &str| {
            package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
        };
        let (Some(name), Some(version)) = (value("name"), value("version")) else {
            continue;
        };
        let least = HAND_LIST.iter().find(|(listed, _)| *listed == name);
        if let Some((_, least)) = least.filter(|(_, least)| numbers(version).as_slice() < least.as_slice()) {
            found.push(format!("{name} {version} (at least {}.{}.{})", least[0], least[1], least[2]));
        }
    }
    found
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['-', '+'])
        .next()
        .unwrap_or_default()
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

fn unpack(workspace: &Workspace, snapshot: &Path) -> Done<PathBuf> {
    let database = workspace.target.join("advisory-db");
    tools::remove(&database)?;
    fs::create_dir_all(&database).map_err(|error| format!("{}: {error}", database.display()))?;
    let mut tar = workspace.command("tar");
    tar.arg("-xzf").arg(snapshot).arg("-C").arg(&database).arg("--strip-components=1");
    process::run_quietly(&mut tar)?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    use super::{ignored, today, too_old};

    #[test]
    fn an_ignored_finding_comes_back_after_its_day() {
        assert_eq!(ignored("2026-12-01"), ["RUSTSEC-2023-0071"]);
        assert!(ignored("2099-01-01").is_empty());
        assert_eq!(today().map(|day| day.len()), Ok("2026-12-01".len()));
    }

    #[test]
    fn the_hand_list_finds_old_versions_only() {
        let lock =
            |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        assert_eq!(too_old(&lock("jsonwebtoken", "10.2.0")), ["jsonwebtoken 10.2.0 (at least 10.3.0)"]);
        assert_eq!(too_old(&lock("libsqlite3-sys", "0.36.9")).len(), 1);
        assert!(too_old(&lock("jsonwebtoken", "11.1.0")).is_empty());
        assert!(too_old(&lock("libsqlite3-sys", "0.37.0")).is_empty());
        assert!(too_old(&lock("serde", "0.1.0")).is_empty());
    }
}
