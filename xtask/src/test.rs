//! `cargo xtask test`: every test, on both databases, in a browser and with foreign clients.

use std::process::Command;

use crate::clients;
use crate::paths::Workspace;
use crate::postgres::{self, Postgres};
use crate::process::{self, Done};
use crate::server;
use crate::size;
use crate::spa::{self, Profile};
use crate::steps::{Outcome, Steps, Work};
use crate::system::{self, Need};
use crate::tools;

/// What to run.
#[derive(Default, Debug, PartialEq)]
struct Choice {
    sqlite: bool,
    postgres: bool,
    wasm: bool,
    browser: bool,
    clients: bool,
    exports: bool,
    /// Logs that are exported; as many as a run of everything has time for if not given.
    rows: Option<u64>,
    nextest: Vec<String>,
}

/// Logs that a run of everything exports.
const ROWS: u64 = 100_000;

/// The entry point of the browser tests.
const JOURNEYS: &str = "frontend/e2e/run.mjs";

/// Runs the chosen tests, all of them without a choice, and fails if any failed.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Done {
    let choice = parse(arguments)?;
    set_up(workspace, &choice)?;
    let mut steps = Steps::default();
    if choice.sqlite {
        steps.must("rust tests (SQLite)", || sqlite(workspace, &choice.nextest));
        steps.must("rust tests of the web app", || {
            process::run(
                nextest(workspace, &["frontend", "frontend-parts"])?
                    .arg("--no-tests=pass")
                    .args(&choice.nextest),
            )
        });
    }
    if choice.postgres {
        steps.must("rust tests (PostgreSQL)", || on_postgres(workspace, &choice.nextest));
    }
    if choice.wasm || choice.browser {
        steps.must("web app", || spa::ensure(workspace, Profile::Release));
    }
    if choice.wasm {
        steps.must("size of the web app", || size::check(workspace));
    }
    if choice.browser {
        steps.step("browser tests", || browser(workspace));
    }
    let mut foreign: Vec<(&str, Work)> = Vec::new();
    if choice.clients {
        foreign.push(("log shippers", Box::new(|| clients::shippers(workspace))));
        foreign.push(("generated clients", Box::new(|| clients::generated(workspace))));
    }
    if choice.exports {
        let rows = choice.rows.unwrap_or(ROWS);
        foreign.push(("exports read by others", Box::new(move || clients::exports(workspace, rows))));
    }
    steps.together(foreign);
    steps.finish()
}

fn parse(arguments: &[String]) -> Done<Choice> {
    let mut choice = Choice::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--sqlite" => choice.sqlite = true,
            "--postgres" => choice.postgres = true,
            "--wasm" => choice.wasm = true,
            "--browser" => choice.browser = true,
            "--clients" => choice.clients = true,
            "--exports" => choice.exports = true,
            "--rows" => {
                let rows = arguments.next().ok_or("--rows needs a number")?;
                choice.rows = Some(rows.parse().map_err(|_| format!("'{rows}' is no number of logs"))?);
                choice.exports = true;
            }
            "--" => break,
            unknown => {
                return Err(format!("unexpected argument '{unknown}'; arguments for nextest go after --"));
            }
        }
    }
    choice.nextest = arguments.cloned().collect();
    let Choice { sqlite, postgres, wasm, browser, clients, exports, .. } = choice;
    if !(sqlite || postgres || wasm || browser || clients || exports) {
        // Arguments for nextest mean the Rust tests alone.
        let all = choice.nextest.is_empty();
        (choice.sqlite, choice.postgres) = (true, true);
        (choice.wasm, choice.browser, choice.clients, choice.exports) = (all, all, all, all);
    }
    Ok(choice)
}

/// Everything that can be missing is set up first, so that no test waits for an install.
fn set_up(workspace: &Workspace, choice: &Choice) -> Done {
    let mut needs = Vec::new();
    if choice.postgres {
        needs.push(Need::Postgres);
    }
    if choice.wasm || choice.browser {
        needs.push(Need::Node);
    }
    if choice.browser {
        needs.extend([Need::Chromium, Need::Fonts]);
    }
    if choice.exports {
        needs.push(Need::Python);
    }
    if choice.clients {
        needs.extend([Need::Node, Need::Python, Need::Syslog]);
    }
    system::ensure(&needs)?;
    if choice.sqlite || choice.postgres {
        tools::NEXTEST.ensure(workspace)?;
    }
    Ok(())
}

fn sqlite(workspace: &Workspace, arguments: &[String]) -> Done {
    process::run(
        nextest(workspace, &["api", "shared", "xtask"])?.env_remove(postgres::VARIABLE).args(arguments),
    )
}

/// The tests of the server again, on `PostgreSQL`. The packages are those of the first run, so that
/// nothing is compiled twice; the filter leaves out what knows no database: other packages, and tests inside the library.
fn on_postgres(workspace: &Workspace, arguments: &[String]) -> Done {
    let postgres = Postgres::start()?;
    let mut command = nextest(workspace, &["api", "shared", "xtask"])?;
    command.env(postgres::VARIABLE, &postgres.url).args(["--filterset", "package(api) & kind(test)"]);
    process::run(command.args(arguments))
}

fn browser(workspace: &Workspace) -> Done<Outcome> {
    if !workspace.root.join(JOURNEYS).is_file() {
        return Ok(Outcome::Skipped(format!("{JOURNEYS} does not exist")));
    }
    let tools = tools::node(workspace)?;
    let chromium = system::chromium().ok_or("no browser was found")?;
    let program = server::build(workspace)?;
    let mut node = workspace.command("node");
    node.arg(JOURNEYS)
        .env("NODE_PATH", &tools.modules)
        .env("NODE_TOOLS", &tools.home)
        .env("MVAI_BIN", program)
        .env("CHROME_PATH", chromium);
    process::run(&mut node).map(|()| Outcome::Passed)
}

fn nextest(workspace: &Workspace, packages: &[&str]) -> Done<Command> {
    let folder = tools::NEXTEST.ensure(workspace)?;
    let mut command = workspace.cargo("nextest run --no-fail-fast");
    command.env("PATH", process::path_with(&[&folder])?);
    for package in packages {
        command.args(["--package", package]);
    }
    if crate::env::variable("CI").is_some() {
        command.args(["--profile", "ci"]);
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::{Choice, parse};

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn without_a_choice_everything_runs() {
        let all = Choice {
            sqlite: true,
            postgres: true,
            wasm: true,
            browser: true,
            clients: true,
            exports: true,
            rows: None,
            nextest: vec![],
        };
        assert_eq!(parse(&[]), Ok(all));
    }

    #[test]
    fn a_choice_leaves_the_rest_out() {
        let choice = parse(&words("--postgres -- logs --no-capture")).unwrap();
        assert!(choice.postgres && !choice.sqlite && !choice.wasm && !choice.browser && !choice.clients);
        assert_eq!(choice.nextest, words("logs --no-capture"));
    }

    #[test]
    fn a_filter_alone_means_the_rust_tests() {
        let choice = parse(&words("-- logs")).unwrap();
        assert!(choice.sqlite && choice.postgres && !choice.browser);
    }

    #[test]
    fn a_number_of_logs_means_the_exports() {
        let choice = parse(&words("--rows 1000000")).unwrap();
        assert!(choice.exports && !choice.clients && choice.rows == Some(1_000_000));
        assert!(parse(&words("--rows")).is_err() && parse(&words("--rows many")).is_err());
    }

    #[test]
    fn a_typing_error_is_refused() {
        assert!(parse(&words("--sqllite")).is_err());
    }
}
