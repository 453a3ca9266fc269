//! The command line of `mvai-connexx`. Exit codes: 0 ok, 1 failure, 2 usage, 78 configuration.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::app::App;
use crate::config::{self, Config, Storage, Vars};
use crate::db::Db;
use crate::db::open::Opened;
use crate::domain::audit::{chain, checkpoints, verify};
use crate::domain::exports::archive;
use crate::domain::logs::seals;
use crate::http::acting::{self, Acting};
use crate::util::clock::Clock;
use crate::util::ids::CustomerId;
use crate::util::{crypto, telemetry};
use crate::{demo, domain, http, jobs, openapi, router, server};

mod security;

use security::SecurityCommand;

const CONFIGURATION: u8 = 78;
const FAILURE: u8 = 1;

/// Prints a line; a reader that has gone, such as `head`, is no failure.
fn say(text: impl Display) {
    put(format_args!("{text}\n"));
}

fn put(text: impl Display) {
    if let Err(error) = write!(std::io::stdout().lock(), "{text}")
        && error.kind() != ErrorKind::BrokenPipe
    {
        eprintln!("mvai-connexx: the output cannot be written: {error}");
    }
}

/// MVAI Connexx: records what happens in logistics.
#[derive(Debug, Parser)]
#[command(name = "mvai-connexx", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(Flags),
    /// Bring the database up to date
    Migrate(Flags),
    /// Fill the database with demonstration data
    SeedDemo {
        #[command(flatten)]
        flags: Flags,
        /// Same seed, same data
        #[arg(long, default_value_t = 42)]
        seed: u64,
        /// Last day of the history (YYYY-MM-DD); yesterday if absent
        #[arg(long)]
        until: Option<String>,
        /// Logs in all; about 40,000 if absent
        #[arg(long)]
        logs: Option<u64>,
        /// Also beside other customers, and in production
        #[arg(long)]
        force: bool,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Import a JSON file of the former edition
    ImportJson {
        #[command(flatten)]
        flags: Flags,
        /// The file
        file: PathBuf,
        /// Customer that gets the logs; "Legacy Data" if absent
        #[arg(long)]
        customer: Option<String>,
        /// Read times as local times of the installation instead of UTC
        #[arg(long)]
        local_times: bool,
        /// Read and report, store nothing
        #[arg(long)]
        dry_run: bool,
        /// Leave the file where it is
        #[arg(long)]
        keep: bool,
    },
    /// Bring the archive of a customer of another installation here, as a new customer
    ImportArchive {
        #[command(flatten)]
        flags: Flags,
        /// The archive
        file: PathBuf,
        /// Name of the new customer; that in the archive if absent
        #[arg(long)]
        name: Option<String>,
        /// Compare with the manifest and report, store nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Compute the seals of logs anew and compare; works beside a running server and changes nothing
    VerifySeals {
        #[command(flatten)]
        flags: Flags,
        /// Number of one customer; all if absent
        #[arg(long)]
        customer: Option<i64>,
        /// A seal that was kept elsewhere, to be looked for in the chain of the customer
        #[arg(long, requires = "customer")]
        seal: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// The audit log
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// What protects the server
    Security {
        #[command(subcommand)]
        command: SecurityCommand,
    },
    /// Check or show the settings
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print the OpenAPI document
    Openapi {
        /// For tools that do not read OpenAPI 3.1
        #[arg(long = "v3.0")]
        v3_0: bool,
    },
    /// Secrets of the installation
    Secret {
        #[command(subcommand)]
        command: SecretCommand,
    },
    /// Ask a running server whether it is ready
    Healthcheck(Flags),
    /// Print the version
    Version,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Recompute the audit log; works beside a running server and changes nothing
    Verify {
        #[command(flatten)]
        flags: Flags,
        /// Number of one customer, 0 for the installation; all if absent
        #[arg(long)]
        customer: Option<i64>,
        /// Verify an exported file (NDJSON) instead of the database
        #[arg(long, conflicts_with = "customer")]
        file: Option<PathBuf>,
        /// File of signed checkpoints; for a database that of the setting `AUDIT_CHECKPOINTS` if absent
        #[arg(long)]
        checkpoints: Option<PathBuf>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// List every problem
    Check,
    /// Print effective settings, secrets masked
    Show,
    /// Print the text of .env.example
    EnvExample,
    /// Print the table of the documentation
    Docs,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    /// Make a value for the setting `SECRET_KEY`
    Generate,
}

#[derive(Debug, Args)]
struct Flags {
    /// Address to listen on
    #[arg(long)]
    bind: Option<IpAddr>,
    /// Port to listen on
    #[arg(long)]
    port: Option<u16>,
    /// File of the embedded database
    #[arg(long)]
    database_path: Option<PathBuf>,
}

impl Flags {
    /// Flags go before the environment.
    fn over(&self, mut vars: Vars) -> Vars {
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                vars.insert(name.to_owned(), value);
            }
        };
        set("BIND", self.bind.map(|bind| bind.to_string()));
        set("PORT", self.port.map(|port| port.to_string()));
        if let Some(path) = &self.database_path {
            set("DATABASE_PATH", Some(path.display().to_string()));
            set("DATABASE_URL", Some(String::new()));
        }
        vars
    }
}

/// Why a command ended badly.
struct Failed {
    code: u8,
    text: String,
}

impl Failed {
    fn new(text: impl std::fmt::Display) -> Self {
        Self { code: FAILURE, text: text.to_string() }
    }

    fn configuration(text: impl std::fmt::Display) -> Self {
        Self { code: CONFIGURATION, text: text.to_string() }
    }
}

impl From<http::problem::Problem> for Failed {
    fn from(problem: http::problem::Problem) -> Self {
        let detail = problem.detail(shared::lang::Lang::En);
        Self::new(problem.cause().map_or_else(|| detail.clone(), |cause| format!("{detail} ({cause})")))
    }
}

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Failed::new(format!("no runtime: {error}"))),
    };
    // Whoever works at the command line stands in the audit log as that.
    match runtime.block_on(acting::scope(Acting::cli(), dispatch(cli.command))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => fail(&failed),
    }
}

fn fail(failed: &Failed) -> ExitCode {
    eprintln!("mvai-connexx: {}", failed.text);
    ExitCode::from(failed.code)
}

async fn dispatch(command: Command) -> Result<(), Failed> {
    match command {
        Command::Serve(flags) => serve(&flags).await,
        Command::Migrate(flags) => {
            let (_, opened) = open(&flags).await?;
            say(format_args!("database is up to date ({})", opened.version));
            opened.db.close().await;
            Ok(())
        }
        Command::SeedDemo { flags, seed, until, logs, force, json } => {
            let until = until
                .map(|text| text.parse().map_err(|error| Failed::new(format!("--until {text}: {error}"))))
                .transpose()?;
            seed_demo(&flags, &demo::SeedOptions { seed, until, logs, force }, json).await
        }
        Command::ImportJson { flags, file, customer, local_times, dry_run, keep } => {
            let options = demo::ImportOptions { customer, local_times, dry_run, keep };
            let app = application(&flags).await?;
            let report = demo::import_json(&app, &file, &options).await.map_err(Failed::new);
            app.close().await;
            say(serde_json::to_string_pretty(&report?).unwrap_or_default());
            Ok(())
        }
        Command::ImportArchive { flags, file, name, dry_run } => {
            let options = archive::ImportOptions { name, dry_run };
            let app = application(&flags).await?;
            let report = archive::import(&app, &file, &options).await.map_err(Failed::new);
            app.close().await;
            say(serde_json::to_string_pretty(&report?).unwrap_or_default());
            Ok(())
        }
        Command::VerifySeals { flags, customer, seal, json } => {
            verify_seals(&flags, customer, seal.as_deref(), json).await
        }
        Command::Audit { command: AuditCommand::Verify { flags, customer, file, checkpoints, json } } => {
            verify_audit(&flags, customer, file.as_deref(), checkpoints, json).await
        }
        Command::Security { command } => security::run(command).await,
        Command::Config { command } => show_config(&command),
        Command::Openapi { v3_0 } => {
            print_openapi(v3_0);
            Ok(())
        }
        Command::Secret { command: SecretCommand::Generate } => {
            say(crypto::base64url(&crypto::random::<48>()));
            Ok(())
        }
        Command::Healthcheck(flags) => healthcheck(&flags).await,
        Command::Version => {
            say(format_args!("mvai-connexx {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    }
}

fn read_config(flags: &Flags) -> Result<Config, Failed> {
    let vars = flags.over(config::environment());
    let config = Config::read(&vars).map_err(|problems| {
        let lines: Vec<String> =
            problems.iter().map(|problem| format!("  {} {}", problem.name, problem.detail)).collect();
        Failed::configuration(format!("{} problem(s) in the settings:\n{}", problems.len(), lines.join("\n")))
    })?;
    telemetry::start(&config);
    for name in Config::unknown_names(&vars) {
        tracing::warn!(event = "unknown_setting", name, "no setting has this name");
    }
    Ok(config)
}

async fn open(flags: &Flags) -> Result<(Config, Opened), Failed> {
    let config = read_config(flags)?;
    let opened = Db::open(&config.storage, config.durability, config.is_production())
        .await
        .map_err(Failed::configuration)?;
    Ok((config, opened))
}

/// The application for commands that work on the database while no server does.
async fn application(flags: &Flags) -> Result<App, Failed> {
    let (config, opened) = open(flags).await?;
    // The lock ends with the process.
    std::mem::forget(opened.lock);
    App::new(config, opened.db, Clock::System).map_err(Failed::configuration)
}

/// The application beside a running server, for a few small changes.
async fn beside(flags: &Flags) -> Result<App, Failed> {
    let config = read_config(flags)?;
    let db = Db::beside(&config.storage).await.map_err(Failed::configuration)?;
    App::new(config, db, Clock::System).map_err(Failed::configuration)
}

async fn serve(flags: &Flags) -> Result<(), Failed> {
    let started = std::time::Instant::now();
    let config = read_config(flags)?;
    let address = SocketAddr::from((config.bind, config.port));
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| {
        Failed::configuration(format!(
            "cannot listen on {address}: {error}; stop the other program or choose another PORT"
        ))
    })?;
    let opened = Db::open(&config.storage, config.durability, config.is_production())
        .await
        .map_err(Failed::configuration)?;
    let database = match &config.storage {
        Storage::Sqlite(path) => format!("SQLite {} at {}", opened.version, path.display()),
        Storage::Postgres(_) => format!("PostgreSQL {}", opened.version),
    };
    let app = App::new(config, opened.db, Clock::System).map_err(Failed::configuration)?;
    if let Some(password) = domain::auth::service::first_admin(&app).await? {
        eprintln!(
            "\n  First start: staff member `admin`, one-time password {password}\n  It is shown only now and must be replaced at the first sign-in.\n"
        );
    }
    jobs::start(&app);
    let router = router::router(app.clone());
    let address = listener.local_addr().unwrap_or(address);
    let ready_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(event = "ready", version = env!("CARGO_PKG_VERSION"), %address, database, ready_ms);
    let stopped = server::serve(app.clone(), router, listener, server::Caps::default(), stop_signal()).await;
    app.close().await;
    drop(opened.lock);
    tracing::info!(event = "stopped");
    stopped.map_err(Failed::new)
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt => {}
                }
                return;
            }
            Err(error) => tracing::warn!(%error, "SIGTERM cannot be heard"),
        }
    }
    if let Err(error) = interrupt.await {
        tracing::warn!(%error, "interrupt cannot be heard");
        std::future::pending::<()>().await;
    }
}

async fn seed_demo(flags: &Flags, options: &demo::SeedOptions, json: bool) -> Result<(), Failed> {
    let app = application(flags).await?;
    let mut shown = 0;
    let mut progress = |done: u64, total: u64| {
        let percent = (done * 100).checked_div(total).unwrap_or(100);
        if percent >= shown + 10 {
            shown = percent;
            eprintln!("{percent} % ({done} of {total} logs)");
        }
    };
    let report = demo::seed(&app, options, &mut progress).await;
    app.close().await;
    let report = report?;
    if json {
        say(serde_json::to_string(&report).unwrap_or_default());
        return Ok(());
    }
    say(format_args!("Staff: {} / {}", report.admin.username, report.admin.password));
    for customer in &report.customers {
        say(format_args!(
            "{:<26} {:<13} {}  {}",
            customer.name,
            customer.plan.as_str(),
            customer.access_code,
            customer.api_key
        ));
    }
    Ok(())
}

/// LOG-16. Exit code 1 when something was changed past the product, or a seal is not in its chain.
async fn verify_seals(
    flags: &Flags,
    customer: Option<i64>,
    seal: Option<&str>,
    json: bool,
) -> Result<(), Failed> {
    let config = read_config(flags)?;
    let db = Db::look_into(&config.storage).await.map_err(Failed::configuration)?;
    let only = customer.map(CustomerId);
    let report = seals::report::make(&db, only, seal, |line| {
        if !json {
            say(line);
        }
    })
    .await;
    db.close().await;
    let report = report?;
    if json {
        say(serde_json::to_string(&report).unwrap_or_default());
    }
    report.verdict().map_err(Failed::new)
}

/// SEC-17. Exit code 1 when a row was changed, moved, added or removed past the product.
async fn verify_audit(
    flags: &Flags,
    only: Option<i64>,
    file: Option<&Path>,
    checkpoints: Option<PathBuf>,
    json: bool,
) -> Result<(), Failed> {
    let config = read_config(flags)?;
    let keys = crate::app::keyring(&config).map_err(Failed::configuration)?;
    let unreadable = |path: &Path, error: std::io::Error| Failed::new(format!("{}: {error}", path.display()));
    let kept = match (checkpoints, file) {
        // A file that was named must be there.
        (Some(path), _) => checkpoints::read(&path).map_err(|error| unreadable(&path, error))?,
        // The checkpoints of today know rows that an older file cannot have.
        (None, Some(_)) => Vec::new(),
        (None, None) => {
            let path = config.audit_checkpoints();
            // Before the first minute nothing was signed.
            if path.exists() {
                checkpoints::read(&path).map_err(|error| unreadable(&path, error))?
            } else {
                Vec::new()
            }
        }
    };
    let now = Clock::System.now();
    let check = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
            verify::file(&keys, &text, &kept, now)
        }
        None => {
            let db = Db::look_into(&config.storage).await.map_err(Failed::configuration)?;
            let asked = verify::Asked { only, kept: &kept, time: None };
            let check = verify::database(&db, &keys, &asked, now).await;
            db.close().await;
            check?
        }
    };
    let report = verify::Report { check, public_key: chain::public_key(keys.current()) };
    if json {
        say(serde_json::to_string(&report).unwrap_or_default());
    } else {
        report.lines().iter().for_each(say);
    }
    if report.check.intact {
        return Ok(());
    }
    Err(Failed::new(
        "the audit log was changed past the product. Keep a copy of the database as it is now, and compare with a backup",
    ))
}

fn show_config(command: &ConfigCommand) -> Result<(), Failed> {
    match command {
        ConfigCommand::EnvExample => put(config::env_example()),
        ConfigCommand::Docs => put(config::markdown()),
        ConfigCommand::Show => put(Config::show(&config::environment())),
        ConfigCommand::Check => {
            let flags = Flags { bind: None, port: None, database_path: None };
            read_config(&flags)?;
            say("the settings are right");
        }
    }
    Ok(())
}

fn print_openapi(v3_0: bool) {
    let document = router::document();
    put(if v3_0 { openapi::to_json_3_0(&document) } else { openapi::to_json(&document) });
}

async fn healthcheck(flags: &Flags) -> Result<(), Failed> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let config = Config::read(&flags.over(config::environment()))
        .map_err(|_| Failed::configuration("the settings are not right"))?;
    let host = if config.bind.is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { config.bind };
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect((host, config.port)).await?;
        stream
            .write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await?;
        Ok::<_, std::io::Error>(head.ends_with(b"200"))
    };
    match tokio::time::timeout(std::time::Duration::from_secs(5), ask).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Failed::new("not ready")),
        Ok(Err(error)) => Err(Failed::new(error)),
        Err(_) => Err(Failed::new("no answer within 5 s")),
    }
}
