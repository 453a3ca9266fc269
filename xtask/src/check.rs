//! `cargo xtask check` and `fix`: everything about the code that is no test.

use crate::audit;
use crate::compatibility;
use crate::generated;
use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::requirements;
use crate::steps::Steps;
use crate::tools;

const WASM: &str = "wasm32-unknown-unknown";

/// Runs every check, also after a failure, and fails if any failed.
pub fn check(workspace: &Workspace) -> Done {
    tools::wasm_target(workspace)?;
    let mut steps = Steps::default();
    steps.must("format", || {
        process::run(&mut workspace.cargo("fmt --all --check"))
            .map_err(|message| format!("{message}; `cargo xtask fix` formats"))
    });
    steps.must("lock file", || {
        process::run_quietly(&mut workspace.cargo("metadata --locked --format-version 1"))
            .map_err(|message| format!("Cargo.lock does not fit Cargo.toml: {message}"))
    });
    steps.must("lints", || {
        process::run(&mut workspace.cargo("clippy --workspace --all-targets --quiet -- -D warnings"))
    });
    steps.must("lints of the web app", || {
        process::run(
            &mut workspace
                .cargo(&format!("clippy --package frontend --target {WASM} --quiet -- -D warnings")),
        )
    });
    steps.must("documentation", || {
        let mut command = workspace.cargo("doc --no-deps --package api --package shared --quiet");
        process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.must("bans, licences, sources", || {
        let folder = tools::DENY.ensure(workspace)?;
        // Quiet unless it fails: crates that are there twice are a warning each, with a tree.
        let mut command = workspace.cargo("deny --workspace check bans licenses sources");
        process::run_quietly(command.env("PATH", process::path_with(&[&folder])?))
    });
    steps.step("advisories", || audit::advisories(workspace));
    steps.must("hand list", || audit::hand_list(workspace));
    steps.must("generated files", || generated::check(workspace));
    steps.must("no break since the last release", || compatibility::check(workspace, None));
    steps.step("requirements", || requirements::check(workspace));
    steps.finish()
}

/// Repairs what can be repaired without a thought.
pub fn fix(workspace: &Workspace) -> Done {
    let mut steps = Steps::default();
    steps.must("lints", || {
        let arguments = "clippy --fix --workspace --all-targets --allow-dirty --allow-staged --quiet";
        process::run(&mut workspace.cargo(arguments))
    });
    steps.must("format", || process::run(&mut workspace.cargo("fmt --all")));
    steps.must("generated files", || generated::write(workspace));
    steps.must("requirements", || requirements::run(workspace, &[]));
    steps.finish()
}
