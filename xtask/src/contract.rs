//! `cargo xtask contract`: the specification before its linters, and the server before Schemathesis, which sends what the
//! specification allows and what it forbids and compares every answer.

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::server;
use crate::steps::Steps;
use crate::tools::{self, NodePackages};

const FOLDER: &str = "api/tests/clients/contract";
/// What is published; the second is a rendering of the first for tools that do not read OpenAPI 3.1.
const DOCUMENTS: [&str; 2] = ["openapi/openapi.json", "openapi/openapi-3.0.json"];
const LINTERS: NodePackages = NodePackages {
    name: "node-contract",
    manifest: include_str!("../../api/tests/clients/contract/node/package.json"),
    lock: include_str!("../../api/tests/clients/contract/node/package-lock.json"),
    proof: "node_modules/.bin/spectral",
};
const SCHEMATHESIS: &str = include_str!("../../api/tests/clients/contract/requirements.txt");

/// Runs the linters, and after them Schemathesis as a key, an owner and a member of staff. `--lint` stops before it;
/// names of callers (`key`, `owner`, `staff`) choose among them.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Done {
    let mut callers = Vec::new();
    let mut lint_alone = false;
    for argument in arguments {
        match argument.as_str() {
            "--lint" => lint_alone = true,
            "key" | "owner" | "staff" => callers.push(argument.as_str()),
            unknown => return Err(format!("unexpected argument '{unknown}'")),
        }
    }
    let mut steps = Steps::default();
    steps.must("Spectral", || spectral(workspace));
    steps.must("Redocly", || redocly(workspace));
    if !lint_alone {
        steps.must("Schemathesis", || schemathesis(workspace, &callers));
    }
    steps.finish()
}

fn spectral(workspace: &Workspace) -> Done {
    let tools = LINTERS.ensure(workspace)?;
    let mut lint = workspace.command(tools.bin.join("spectral"));
    lint.args(["lint", "--fail-severity", "hint", "--ruleset"]);
    process::run(lint.arg(workspace.root.join(FOLDER).join("spectral.yaml")).args(DOCUMENTS))
}

fn redocly(workspace: &Workspace) -> Done {
    let tools = LINTERS.ensure(workspace)?;
    let mut lint = workspace.command(tools.bin.join("redocly"));
    // Neither news of itself nor reports about its use leave this machine.
    lint.env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("REDOCLY_TELEMETRY", "off");
    lint.args(["lint", "--max-problems", "1000", "--config"]);
    process::run(lint.arg(workspace.root.join(FOLDER).join("redocly.yaml")).args(DOCUMENTS))
}

fn schemathesis(workspace: &Workspace, callers: &[&str]) -> Done {
    let program = server::build(workspace)?;
    let python = tools::python(workspace, SCHEMATHESIS)?;
    let mut test = workspace.command(python);
    test.arg(workspace.root.join(FOLDER).join("run.py")).args(callers);
    process::run(test.env("MVAI_BIN", &program))
}
