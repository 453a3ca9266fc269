//! `cargo xtask test --clients`: foreign clients against the real program. Log shippers send while it is killed, and the
//! clients that are generated from the specification make a first visit.

use std::fs;
use std::path::{Path, PathBuf};

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::server;
use crate::tools::{self, NodePackages};

/// The entry point of the tests with log shippers.
const SHIPPERS: &str = "api/tests/clients/shippers.py";
/// Packages of these tests, and the clients that they bring. Two versions of a package have an environment each.
const PYTHON: [(&str, &[&str]); 2] = [
    (
        include_str!("../../api/tests/clients/requirements.txt"),
        &[
            "elasticsearch",
            "opensearch",
            "opentelemetry",
            "opentelemetry-js",
            "winston-loki",
            "epcis2.js",
            "rsyslog",
            "syslog-ng",
        ],
    ),
    (include_str!("../../api/tests/clients/requirements-elasticsearch-8.txt"), &["elasticsearch"]),
];
/// Packages for JavaScript.
const NODE: NodePackages = NodePackages {
    name: "node-clients",
    manifest: include_str!("../../api/tests/clients/node/package.json"),
    lock: include_str!("../../api/tests/clients/node/package-lock.json"),
    proof: "node_modules/.bin/tsc",
};
/// Programs that read exports, and the test with them.
const READERS: &str = include_str!("../../api/tests/clients/exports/requirements.txt");
const EXPORTS: &str = "api/tests/clients/exports/run.py";
/// What makes the Python client.
const GENERATOR: &str = include_str!("../../api/tests/clients/generated/requirements.txt");
/// First visits by generated clients.
const VISITS: &str = "api/tests/clients/generated";
const SPECIFICATION: &str = "openapi/openapi.json";

/// Log shippers, while the program is killed and comes back.
pub fn shippers(workspace: &Workspace) -> Done {
    let program = server::build(workspace)?;
    let node = NODE.ensure(workspace)?;
    // Modules are looked for beside the file that names them.
    let script = node.home.join("shippers.mjs");
    copy(&workspace.root.join("api/tests/clients/shippers.mjs"), &script)?;
    let syslog_ng = tools::debian(workspace, "syslog-ng", &["syslog-ng-core", "syslog-ng-mod-http"])?;
    for (requirements, names) in PYTHON {
        let python = tools::python(workspace, requirements)?;
        let mut test = workspace.command(python);
        test.arg(SHIPPERS)
            .args(names)
            .env("MVAI_BIN", &program)
            .env("SHIPPERS_JS", &script)
            .env("SYSLOG_NG", &syslog_ng);
        process::run(&mut test)?;
    }
    Ok(())
}

/// Exports of so many logs, read back by the programs that people use.
pub fn exports(workspace: &Workspace, rows: u64) -> Done {
    let program = server::build(workspace)?;
    let python = tools::python(workspace, READERS)?;
    let mut test = workspace.command(python);
    process::run(test.arg(EXPORTS).arg(rows.to_string()).env("MVAI_BIN", &program))
}

/// A first visit by each client that is generated from the specification (API-14).
pub fn generated(workspace: &Workspace) -> Done {
    let program = server::build(workspace)?;
    let folder = workspace.target.join("clients");
    let python = tools::python(workspace, GENERATOR)?;
    let bin = python.parent().ok_or("Python has no folder")?;
    let visits = [
        ("Python", python_client(workspace, &folder, &python)?),
        ("TypeScript", typescript_client(workspace, &folder)?),
        ("Rust", rust_client(workspace)?),
    ];
    for (language, command) in visits {
        println!("{language}");
        let mut visit = workspace.command(&python);
        visit.arg(workspace.root.join(VISITS).join("run.py")).args(&command);
        visit.env("MVAI_BIN", &program).env("PYTHONPATH", folder.join("python"));
        process::run(visit.env("PATH", process::path_with(&[bin])?))?;
    }
    Ok(())
}

fn python_client(workspace: &Workspace, folder: &Path, python: &Path) -> Done<Vec<PathBuf>> {
    let package = folder.join("python/mvai_connexx");
    let bin = python.parent().ok_or("Python has no folder")?;
    let mut generate = workspace.command(python);
    generate.arg(workspace.root.join(VISITS).join("generate.py")).arg(workspace.root.join(SPECIFICATION));
    // The generator tidies up with a program of its own, which it looks for on the search path.
    generate.arg(&package).env("PATH", process::path_with(&[bin])?);
    make(&folder.join("python"))?;
    process::run(&mut generate)?;
    Ok(vec![python.to_path_buf(), workspace.root.join(VISITS).join("journey.py")])
}

fn typescript_client(workspace: &Workspace, folder: &Path) -> Done<Vec<PathBuf>> {
    let node = NODE.ensure(workspace)?;
    let home = folder.join("typescript");
    make(&home)?;
    let modules = home.join("node_modules");
    if !modules.exists() {
        std::os::unix::fs::symlink(&node.modules, &modules)
            .map_err(|error| format!("{}: {error}", modules.display()))?;
    }
    let source = workspace.root.join(VISITS);
    copy(&source.join("journey.ts"), &home.join("journey.ts"))?;
    copy(&source.join("tsconfig.json"), &home.join("tsconfig.json"))?;
    write(&home.join("package.json"), "{\"type\":\"module\"}\n")?;
    let mut generate = workspace.command(node.bin.join("openapi-typescript"));
    generate.arg(workspace.root.join(SPECIFICATION)).arg("--output").arg(home.join("api.ts"));
    process::run(&mut generate)?;
    process::run(workspace.command(node.bin.join("tsc")).arg("--project").arg(&home))?;
    Ok(vec!["node".into(), home.join("built/journey.js")])
}

fn rust_client(workspace: &Workspace) -> Done<Vec<PathBuf>> {
    let target = workspace.target.join("clients/rust");
    let mut build = workspace.cargo("build --locked --quiet");
    build.arg("--manifest-path").arg(workspace.root.join(VISITS).join("rust/Cargo.toml"));
    process::run(build.arg("--target-dir").arg(&target))?;
    Ok(vec![target.join("debug/journey")])
}

fn make(folder: &Path) -> Done {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn copy(from: &Path, to: &Path) -> Done {
    fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", to.display()))
}

fn write(path: &Path, text: &str) -> Done {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
