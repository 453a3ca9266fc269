//! `cargo xtask run`: the product with demo data on this machine.
//!
//! In the end the server takes the place of this process, so Ctrl-C and any other signal reach it
//! directly; a small second process waits until it answers and prints how to sign in.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::json;
use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::server;
use crate::spa::{self, Profile};

/// The hidden command of the second process.
pub const ANNOUNCE: &str = "announce-when-ready";

const PATIENCE: Duration = Duration::from_secs(120);

struct Options {
    port: u16,
    profile: Profile,
    fresh: bool,
}

/// Builds what is needed, fills the demo database once, and becomes the server.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Done {
    let options = parse(arguments)?;
    port_is_free(options.port)?;
    eprintln!("── web app");
    spa::ensure(workspace, options.profile)?;
    eprintln!("── server");
    let program = server::build_soon(workspace)?;
    let demo = Demo::at(workspace);
    if options.fresh {
        demo.remove()?;
    }
    demo.ensure(workspace, &program)?;

    let port = options.port.to_string();
    let database = demo.database.to_string_lossy().into_owned();
    let me = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let me_again = Command::new(me)
        .args([ANNOUNCE, &port, &std::process::id().to_string()])
        .current_dir(&workspace.root)
        .spawn();
    if let Err(error) = me_again {
        eprintln!("xtask: the address will not be announced: {error}");
    }
    let serve = ["serve", "--bind", "127.0.0.1", "--port", &port, "--database-path", &database];
    let error = server::command(workspace, &program, &serve).exec();
    Err(format!("{}: {error}", program.display()))
}

/// Waits until the server answers, then prints the address and how to sign in.
pub fn announce(workspace: &Workspace, arguments: &[String]) -> Done {
    let [port, server] = arguments else {
        return Err(format!("{ANNOUNCE} needs a port and a process"));
    };
    let port = parse_port(port)?;
    let start = Instant::now();
    // The server has the process that started this one; once it ends, somebody else is the parent.
    while parent_id().to_string() == *server {
        if healthy(port) {
            let logins = fs::read_to_string(&Demo::at(workspace).logins).ok();
            println!("{}", announcement(port, logins.as_deref()));
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("the server did not answer within {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn parse(arguments: &[String]) -> Done<Options> {
    let mut options = Options { port: 5000, profile: Profile::Debug, fresh: false };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => options.port = parse_port(arguments.next().ok_or("--port needs a number")?)?,
            "--release" => options.profile = Profile::Release,
            "--fresh" => options.fresh = true,
            unknown => return Err(format!("unexpected argument '{unknown}'")),
        }
    }
    Ok(options)
}

fn parse_port(text: &str) -> Done<u16> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| format!("'{text}' is no port (1 to 65535)"))
}

fn port_is_free(port: u16) -> Done {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(_) if healthy(port) => {
            Err(format!("port {port} is busy: the product seems to run already, see http://127.0.0.1:{port}"))
        }
        Err(error) => Err(format!(
            "port {port} is busy ({error}); choose another: cargo xtask run --port {}",
            other(port)
        )),
    }
}

fn other(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(5001)
}

/// Whether a server on that port says that it is ready.
fn healthy(port: u16) -> bool {
    let answer = || -> std::io::Result<Vec<u8>> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut start = vec![0; "HTTP/1.1 200".len()];
        stream.read_exact(&mut start)?;
        Ok(start)
    };
    answer().is_ok_and(|start| start == b"HTTP/1.1 200")
}

/// The demo database and what was printed when it was filled.
struct Demo {
    database: PathBuf,
    logins: PathBuf,
    /// Exists while the database is being filled, so that an interrupted run is noticed.
    unfinished: PathBuf,
}

impl Demo {
    fn at(workspace: &Workspace) -> Self {
        let data = workspace.root.join("data");
        Self {
            database: data.join("demo.db"),
            logins: data.join("demo-logins.json"),
            unfinished: data.join("demo.unfinished"),
        }
    }

    fn ensure(&self, workspace: &Workspace, program: &PathBuf) -> Done {
        if self.unfinished.exists() {
            self.remove()?;
        }
        if self.database.exists() {
            return Ok(());
        }
        eprintln!("── demo data (once)");
        if let Some(folder) = self.database.parent() {
            fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            // The server wants its data folder closed to others.
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
                .map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        write_private(&self.unfinished, "")?;
        let database = self.database.to_string_lossy();
        let seed = ["seed-demo", "--database-path", &database, "--seed", "42", "--json"];
        let logins = process::capture(&mut server::command(workspace, program, &seed))?;
        write_private(&self.logins, &logins)?;
        fs::remove_file(&self.unfinished).map_err(|error| format!("{}: {error}", self.unfinished.display()))
    }

    /// Removes the database with everything that lies beside it under the same name.
    fn remove(&self) -> Done {
        let Some(folder) = self.database.parent() else {
            return Ok(());
        };
        let Ok(entries) = fs::read_dir(folder) else {
            return Ok(());
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("demo.db") || name == "demo-logins.json" || name == "demo.unfinished" {
                let path = entry.path();
                let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                removed.map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        Ok(())
    }
}

fn write_private(path: &Path, text: &str) -> Done {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{}: {error}", path.display()))
}

fn announcement(port: u16, logins: Option<&str>) -> String {
    let rule = "═".repeat(72);
    let logins = match logins.map(json::parse) {
        Some(Ok(value)) => json::show(&value),
        Some(Err(error)) => format!("data/demo-logins.json: {error}"),
        None => {
            "The log-ins of data/demo.db are not known here; `cargo xtask run --fresh` makes new demo data."
                .to_owned()
        }
    };
    format!(
        "\n{rule}\n  MVAI Connexx   http://127.0.0.1:{port}\n  API documentation   http://127.0.0.1:{port}/api/docs\n\n\
         {logins}\n\n  Ctrl-C stops the server.\n{rule}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{announcement, other, parse, parse_port};

    #[test]
    fn options_have_defaults_and_unknown_ones_are_refused() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(parse(&[]).unwrap().port, 5000);
        assert_eq!(parse(&words("--port 8123 --fresh")).unwrap().port, 8123);
        assert!(parse(&words("--prot 1")).is_err());
        assert!(parse(&words("--port")).is_err());
    }

    #[test]
    fn a_port_is_a_number_from_1_to_65535() {
        assert_eq!(parse_port("65535"), Ok(65535));
        assert!(parse_port("0").is_err());
        assert!(parse_port("65536").is_err());
        assert_eq!(other(65535), 5001);
    }

    #[test]
    fn the_announcement_shows_every_log_in() {
        let text =
            announcement(5000, Some(r#"{"staff":{"name":"admin"},"customers":[{"name":"X","code":"c-1"}]}"#));
        assert!(text.contains("http://127.0.0.1:5000") && text.contains("admin") && text.contains("c-1"));
        assert!(announcement(5000, None).contains("--fresh"));
    }
}
