//! Programs that come from the operating system: Node, Python, a browser, fonts, a database server.
//!
//! Where they are missing on a Debian-like system and we may, they are installed; anywhere else the
//! user gets the exact command.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env;
use crate::process::{self, Done};

/// Something that the operating system has to provide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Node and npm: wasm-opt and the browser tests.
    Node,
    /// A browser that can run without a screen.
    Chromium,
    /// Fonts, so that text has the same size wherever the tests run.
    Fonts,
    /// The database server `postgres`.
    Postgres,
    /// Python with virtual environments: foreign clients.
    Python,
    /// Log shippers: rsyslog with its way to Elasticsearch, and what syslog-ng needs, which cannot be installed beside it.
    Syslog,
}

impl Need {
    /// Everything that any command needs.
    pub const ALL: [Self; 6] =
        [Self::Node, Self::Chromium, Self::Fonts, Self::Postgres, Self::Python, Self::Syslog];

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Node => &["nodejs", "npm"],
            Self::Chromium => &["chromium"],
            Self::Fonts => &["fonts-liberation", "fonts-noto-color-emoji"],
            Self::Postgres => &["postgresql"],
            Self::Python => &["python3", "python3-venv"],
            Self::Syslog => &["rsyslog-elasticsearch", "libivykis0", "libnet1", "libpcre3", "libwrap0"],
        }
    }

    fn is_present(self) -> bool {
        match self {
            Self::Node => process::find("node").is_some() && process::find("npm").is_some(),
            Self::Chromium => chromium().is_some(),
            // Only Debian needs them by name; a desktop system has fonts of its own.
            Self::Fonts => !is_debian() || Path::new("/usr/share/fonts/truetype/liberation").is_dir(),
            Self::Postgres => postgres_programs().is_some(),
            Self::Python => {
                process::capture(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
            }
            Self::Syslog => [
                "rsyslog/omelasticsearch.so",
                "libivykis.so.0",
                "libnet.so.1",
                "libpcre.so.3",
                "libwrap.so.0",
            ]
            .iter()
            .all(|library| ["/usr/lib", "/lib"].iter().any(|base| has_library(base, library))),
        }
    }
}

/// Whether a folder with libraries, or the one for this kind of machine below it, holds a file.
fn has_library(base: &str, name: &str) -> bool {
    let machine = format!("{base}/{}-linux-gnu", std::env::consts::ARCH);
    [base, &machine].iter().any(|folder| Path::new(folder).join(name).exists())
}

/// Makes sure that everything named is there, or says how to get it.
pub fn ensure(needs: &[Need]) -> Done {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.is_present()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages()).copied().collect();
    let install = format!("apt-get install -y --no-install-recommends {}", packages.join(" "));
    if !is_debian() {
        return Err(format!("please install: {} (Debian: {install})", packages.join(", ")));
    }
    if !is_root()? {
        return Err(format!("please run: sudo apt-get update && sudo {install}"));
    }
    eprintln!("── setting up {}", packages.join(", "));
    process::run(apt().arg("update"))?;
    process::run(apt().args(["install", "-y", "--no-install-recommends"]).args(&packages))?;
    match missing.iter().find(|need| !need.is_present()) {
        None => Ok(()),
        Some(need) => Err(format!("still not found after installing: {}", need.packages().join(", "))),
    }
}

/// The browser: `CHROME_PATH`, else the first one known on the search path.
pub fn chromium() -> Option<PathBuf> {
    let known = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    env::path("CHROME_PATH")
        .filter(|path| path.is_file())
        .or_else(|| known.into_iter().find_map(process::find))
}

/// The folder with `initdb`, `pg_ctl`, `postgres` and `psql` of one version.
pub fn postgres_programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|program| folder.join(program).is_file())
    };
    // A link on the search path leads to the folder where the other programs are.
    let on_path = process::find("initdb")
        .and_then(|path| path.canonicalize().ok())
        .and_then(|path| path.parent().map(Path::to_path_buf));
    let mut installed: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    installed.sort();
    on_path
        .into_iter()
        .filter(complete)
        .chain(installed.into_iter().rev().map(|(_, folder)| folder).filter(complete))
        .next()
}

/// Whether this process runs as the super-user.
pub fn is_root() -> Done<bool> {
    Ok(process::capture(Command::new("id").arg("-u"))?.trim() == "0")
}

fn is_debian() -> bool {
    process::find("apt-get").is_some()
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
    command
}
