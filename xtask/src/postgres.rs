//! A database server of our own for the tests, gone when they are done.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::env;
use crate::process::{self, Done};
use crate::system::{self, Need};
use crate::tools;

/// The variable that the test-suite reads; where it is set already, that server is used.
pub const VARIABLE: &str = "TEST_DATABASE_URL";

const FOLDER_PREFIX: &str = "mvai-connexx-postgres-";

/// A server for tests; dropping it stops a server that was started here and removes its files.
pub struct Postgres {
    /// The address for `TEST_DATABASE_URL`.
    pub url: String,
    _own: Option<Cluster>,
}

impl Postgres {
    /// Uses the server of `TEST_DATABASE_URL`, else starts one.
    pub fn start() -> Done<Self> {
        if let Some(url) = env::variable(VARIABLE) {
            eprintln!("   using the server of {VARIABLE}");
            return Ok(Self { url, _own: None });
        }
        system::ensure(&[Need::Postgres])?;
        let (cluster, url) = Cluster::start()?;
        Ok(Self { url, _own: Some(cluster) })
    }
}

struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<Owner>,
    server: Option<Child>,
}

/// The account that runs the server where we are root, as the server refuses to run as root.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Cluster {
    fn start() -> Done<(Self, String)> {
        let programs = system::postgres_programs().ok_or("PostgreSQL was not found")?;
        let owner = if system::is_root()? { Some(owner()?) } else { None };
        sweep();
        // Not in the build folder: the account of the server may not be allowed to enter the checkout.
        let folder = std::env::temp_dir().join(format!("{FOLDER_PREFIX}{}", std::process::id()));
        let mut cluster = Self { programs, folder, owner, server: None };
        let failed = |error: std::io::Error| format!("{}: {error}", cluster.folder.display());
        fs::create_dir(&cluster.folder).map_err(failed)?;
        fs::set_permissions(&cluster.folder, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        if let Some(owner) = owner {
            std::os::unix::fs::chown(&cluster.folder, Some(owner.user), Some(owner.group)).map_err(failed)?;
        }
        let data = cluster.data();
        let initdb =
            ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"];
        process::run_quietly(cluster.program("initdb").args(initdb).arg(&data))?;
        let port = free_port()?;
        cluster.serve(port)?;
        cluster.wait(port)?;
        // The role that the tests get can do no more than the one in production: it is subject to
        // row-level security. It may only create databases, one a test.
        cluster.sql(port, "CREATE ROLE mvai_test LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS")?;
        cluster.sql(port, "CREATE DATABASE mvai_test OWNER mvai_test")?;
        let url = format!("postgres://mvai_test@127.0.0.1:{port}/mvai_test");
        eprintln!("   PostgreSQL at {url}");
        Ok((cluster, url))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.folder);
        if let Some(owner) = self.owner {
            command.uid(owner.user).gid(owner.group);
        }
        command
    }

    /// Starts the server. The data is thrown away in the end, so nothing is flushed to disk.
    fn serve(&mut self, port: u16) -> Done {
        let log = self.folder.join("server.log");
        let failed = |error: std::io::Error| format!("PostgreSQL: {error}");
        let output = fs::File::create(&log).map_err(failed)?;
        let settings = [
            "listen_addresses=127.0.0.1",
            "max_connections=200",
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "shared_buffers=64MB",
        ];
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data()).arg("-p").arg(port.to_string()).arg("-k").arg(&self.folder);
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        command.stdin(std::process::Stdio::null()).stdout(output.try_clone().map_err(failed)?).stderr(output);
        self.server = Some(command.spawn().map_err(failed)?);
        Ok(())
    }

    fn wait(&mut self, port: u16) -> Done {
        let start = Instant::now();
        while self.sql(port, "SELECT 1").is_err() {
            let ended = self.server.as_mut().and_then(|server| server.try_wait().ok().flatten());
            if ended.is_some() || start.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
                return Err(format!("PostgreSQL did not start:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn sql(&self, port: u16, statement: &str) -> Done {
        let port = port.to_string();
        let where_to = ["-X", "-q", "-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", "postgres", "-c"];
        process::run_quietly(self.program("psql").args(where_to).arg(statement))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let mut stop = self.program("pg_ctl");
            report(process::run_quietly(stop.args(["stop", "-m", "immediate", "-w", "-D"]).arg(self.data())));
            report(server.wait().map(drop).map_err(|error| format!("waiting for PostgreSQL: {error}")));
        }
        report(tools::remove(&self.folder));
    }
}

/// Removes what earlier runs left behind that were killed before they could clean up.
fn sweep() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(maker) = name.strip_prefix(FOLDER_PREFIX) else {
            continue;
        };
        if arguments_of(maker).is_some() {
            continue;
        }
        let folder = entry.path();
        let server = first_line(&folder.join("data/postmaster.pid")).unwrap_or_default();
        // The number may belong to another program by now; ours names its folder.
        if arguments_of(&server).is_some_and(|line| line.contains(&*folder.to_string_lossy())) {
            report(process::run_quietly(Command::new("kill").args(["-QUIT", &server])));
        }
        report(tools::remove(&folder));
    }
}

/// Says what went wrong while cleaning up, where it must not hide how the tests went.
fn report(result: Done) {
    if let Err(message) = result {
        eprintln!("xtask: {message}");
    }
}

/// The command line of a running process.
fn arguments_of(process: &str) -> Option<String> {
    if Path::new("/proc/self").exists() {
        return fs::read_to_string(format!("/proc/{process}/cmdline")).ok();
    }
    process::capture(Command::new("ps").args(["-o", "args=", "-p", process])).ok()
}

fn first_line(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()?.lines().next().map(str::to_owned)
}

fn owner() -> Done<Owner> {
    let id = |option: &str| -> Done<u32> {
        let text = process::capture(Command::new("id").args([option, "postgres"])).map_err(|message| {
            format!("PostgreSQL does not run as root and needs the account 'postgres': {message}")
        })?;
        text.trim().parse().map_err(|_| format!("`id {option} postgres` printed '{text}'"))
    };
    Ok(Owner { user: id("-u")?, group: id("-g")? })
}

fn free_port() -> Done<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{Cluster, process, system};

    #[test]
    fn the_server_answers_and_leaves_nothing_behind() {
        if system::postgres_programs().is_none() {
            return; // `cargo xtask test --postgres` installs it
        }
        let (cluster, url) = Cluster::start().unwrap();
        let folder = cluster.folder.clone();
        let question = "SELECT rolcreatedb AND NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = current_user";
        let answer = process::capture(cluster.program("psql").args(["-X", "-t", "-A", "-c", question, &url]));
        drop(cluster);
        assert_eq!(answer.as_deref().map(str::trim), Ok("t"));
        assert!(!folder.exists());
    }
}
