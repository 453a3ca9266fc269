//! The ledger of requirements: which test proves which requirement of the product catalogue.
//!
//! A test names what it proves in the line above it: `/// LOG-06: …` over a Rust test, `// LOG-06, J1: …`
//! over a browser test. From that, `docs/requirements.md` is written; an id that the catalogue does
//! not have is an error.

mod catalogue;
mod ledger;
mod proofs;

use std::fs;
use std::path::Path;

use crate::paths::Workspace;
use crate::process::Done;
use crate::steps::Outcome;

/// The product catalogue, beside the checkout.
const CATALOGUE: &str = "../shared/design/product.md";
const LEDGER: &str = "docs/requirements.md";

/// Where tests are.
const TEST_FOLDERS: [&str; 8] = [
    "api/src",
    "api/tests",
    "shared/src",
    "shared/tests",
    "frontend/src",
    "frontend/parts/src",
    "frontend/e2e",
    "xtask/src",
];

/// Writes the ledger, or with `--check` compares it with the committed one.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Done {
    match arguments {
        [] => {
            let Some(fresh) = produce(workspace)? else {
                println!("{CATALOGUE} does not exist here: {LEDGER} is left as it is");
                return Ok(());
            };
            let path = workspace.root.join(LEDGER);
            let failed = |error: std::io::Error| format!("{LEDGER}: {error}");
            path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
            fs::write(&path, &fresh).map_err(failed)?;
            println!("{LEDGER}: {}", ledger::headline(&fresh));
            Ok(())
        }
        [option] if option == "--check" => check(workspace).map(|outcome| {
            if let Outcome::Skipped(reason) = outcome {
                println!("{reason}");
            }
        }),
        _ => Err("usage: cargo xtask requirements [--check]".to_owned()),
    }
}

/// Fails when the committed ledger differs from what the tests say, or a test names an unknown id.
pub fn check(workspace: &Workspace) -> Done<Outcome> {
    let Some(fresh) = produce(workspace)? else {
        return Ok(Outcome::Skipped(format!("{CATALOGUE} does not exist here; {LEDGER} is left as it is")));
    };
    if fs::read_to_string(workspace.root.join(LEDGER)).is_ok_and(|committed| committed == fresh) {
        return Ok(Outcome::Passed);
    }
    Err(format!("{LEDGER} is stale; `cargo xtask requirements` writes it anew"))
}

/// The ledger as it should be, or nothing where the catalogue is not at hand.
fn produce(workspace: &Workspace) -> Done<Option<String>> {
    let Ok(text) = fs::read_to_string(workspace.root.join(CATALOGUE)) else {
        return Ok(None);
    };
    let catalogue = catalogue::parse(&text);
    if catalogue.requirements.is_empty() {
        return Err(format!("{CATALOGUE} has no table of requirements"));
    }
    let mut proofs = Vec::new();
    for folder in TEST_FOLDERS {
        collect(workspace, &workspace.root.join(folder), &catalogue, &mut proofs)?;
    }
    let unknown: Vec<String> = proofs
        .iter()
        .filter(|proof| catalogue.find(&proof.id).is_none())
        .map(|proof| format!("{} names {}", proof.place(), proof.id))
        .collect();
    if !unknown.is_empty() {
        return Err(format!("ids that {CATALOGUE} does not have:\n  {}", unknown.join("\n  ")));
    }
    Ok(Some(ledger::render(&catalogue, &proofs)))
}

/// Adds the proofs of every source file at or below a folder, in the order of their names.
fn collect(
    workspace: &Workspace,
    folder: &Path,
    catalogue: &catalogue::Catalogue,
    proofs: &mut Vec<proofs::Proof>,
) -> Done {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                collect(workspace, &path, catalogue, proofs)?;
            }
            continue;
        }
        let scan = match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.starts_with(workspace.root.join("api/tests/clients")) => proofs::in_program,
            Some("rs") => proofs::in_rust,
            Some("mjs" | "js") => proofs::in_script,
            _ => continue,
        };
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        proofs.extend(scan(&workspace.shown(&path).to_string(), &text, &catalogue.areas()));
    }
    Ok(())
}
