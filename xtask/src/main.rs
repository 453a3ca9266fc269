//! The commands of the project: `cargo xtask <command>`.
//!
//! Standard library only, so that it builds in seconds on a machine that has nothing but rustup.
//! Whatever a command needs beyond that, the command sets up itself.

mod audit;
mod bench;
mod check;
mod clients;
mod compatibility;
mod contract;
mod dist;
mod env;
mod generated;
mod json;
mod migration;
mod mutants;
mod paths;
mod postgres;
mod process;
mod requirements;
mod run;
mod server;
mod size;
mod spa;
mod steps;
mod system;
mod table;
mod test;
mod tools;

use std::process::ExitCode;

use paths::Workspace;
use process::Done;

const HELP: &str = "\
usage: cargo xtask <command> [options]

  run [--port N] [--release] [--fresh]
                  build everything and start the product with demo data, in the foreground
                  (--fresh throws the demo data away first)
  test [--sqlite] [--postgres] [--wasm] [--browser] [--clients] [--exports] [-- nextest arguments]
                  run the tests; without a choice all of them (--rows N: logs of --exports)
  contract [--lint] [key] [owner] [staff]
                  the specification before Spectral and Redocly, the server before Schemathesis
  check           format, lints, dependencies, documentation, freshness of generated files
  fix             format, apply what clippy can, regenerate
  openapi [--against REVISION]
                  regenerate openapi/, .env.example and docs/configuration.md, or say what the
                  specification breaks since a revision (check does so since the last release)
  requirements [--check]
                  regenerate docs/requirements.md: which test proves which requirement
  migration NAME  create the next migration, empty, for both databases
  mutants [WORD]  drop one tenant filter at a time in a copy: the permission matrix must notice
  bench [arguments]
                  run the product benchmark
  dist            build the program with the web app inside it, optimised
  size            measure the web app in dist/ against its budget
  setup           install every tool that the commands above need
";

fn main() -> ExitCode {
    let arguments = env::arguments();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Done {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    if matches!(command.as_str(), "help" | "--help" | "-h")
        || rest.first().is_some_and(|first| first == "--help")
    {
        print!("{HELP}");
        return Ok(());
    }
    let workspace = Workspace::find()?;
    match command.as_str() {
        "run" => run::run(&workspace, rest),
        run::ANNOUNCE => run::announce(&workspace, rest),
        "test" => test::run(&workspace, rest),
        "check" => none(rest).and_then(|()| check::check(&workspace)),
        "fix" => none(rest).and_then(|()| check::fix(&workspace)),
        "openapi" => match rest {
            [against, revision] if against == "--against" => compatibility::check(&workspace, Some(revision)),
            rest => none(rest).and_then(|()| generated::write(&workspace)),
        },
        "requirements" => requirements::run(&workspace, rest),
        "migration" => migration::create(&workspace, rest),
        "contract" => contract::run(&workspace, rest),
        "mutants" => mutants::run(&workspace, rest),
        "bench" => bench::run(&workspace, rest),
        "dist" => none(rest).and_then(|()| dist::build(&workspace)),
        "size" => none(rest).and_then(|()| size::check(&workspace)),
        "setup" => none(rest).and_then(|()| tools::install_all(&workspace)),
        unknown => Err(format!("there is no command '{unknown}'; `cargo xtask help` lists them")),
    }
}

/// Refuses arguments where a command takes none, so that a typing error is not ignored.
fn none(rest: &[String]) -> Done {
    match rest.first() {
        None => Ok(()),
        Some(first) => Err(format!("unexpected argument '{first}'; `cargo xtask help` lists the options")),
    }
}
