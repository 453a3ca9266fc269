//! The real program as a process of its own, on a file of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::wire;

pub const SECRET: &str = "kJ8s0d9f7g6h5j4k3l2m1n0b9v8c7x6z";
pub const PASSWORD: &str = "vier woorden op een rij";

/// The program with an environment that holds nothing but what is given.
pub fn command(dir: &Path, arguments: &[&str], vars: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mvai-connexx"));
    command.args(arguments).current_dir(dir).env_clear().envs(vars.iter().copied()).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run(dir: &Path, arguments: &[&str], vars: &[(&str, &str)]) -> Output {
    command(dir, arguments, vars).output().unwrap()
}

/// A port that is free at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// A running server; killed when it is dropped.
pub struct Program {
    child: Child,
    pub port: u16,
    errors: Arc<Mutex<String>>,
}

impl Program {
    /// Starts the server and waits until it is ready.
    pub fn start(dir: &Path, more: &[(&str, &str)]) -> Self {
        for _ in 0..5 {
            let mut program = Self::launch(dir, free_port(), more);
            if program.is_ready() {
                return program;
            }
            eprintln!("the server did not start:\n{}", program.errors());
        }
        panic!("the server does not start");
    }

    fn launch(dir: &Path, port: u16, more: &[(&str, &str)]) -> Self {
        let (port_text, database) = (port.to_string(), dir.join("data").join("mvai.db"));
        let mut vars = vec![
            ("APP_ENV", "development"),
            ("SECRET_KEY", SECRET),
            ("ADMIN_PASSWORD", PASSWORD),
            ("BIND", "127.0.0.1"),
            ("PORT", &port_text),
            ("DATABASE_PATH", database.to_str().unwrap()),
            ("RATELIMIT_ENABLED", "false"),
            ("DEFAULT_PRICING_TIER", "enterprise"),
            ("LOG_LEVEL", "warn"),
        ];
        vars.extend_from_slice(more);
        let mut child =
            command(dir, &["serve"], &vars).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let errors = Arc::clone(&errors);
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    errors.lock().unwrap().push_str(&format!("{line}\n"));
                }
            });
        }
        Self { child, port, errors }
    }

    fn is_ready(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until && self.child.try_wait().unwrap().is_none() {
            if wire::request(self.port, "GET", "/api/v1/health", &[], b"")
                .is_ok_and(|reply| reply.status == 200)
            {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// What the server has written so far.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Memory of the server that is no file, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Ends the server without a warning.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks the server to stop.
    pub fn ask_to_stop(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Waits for the end of a server that was asked to stop.
    pub fn ended(&mut self) -> ExitStatus {
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not stop:\n{}", self.errors());
    }

    /// Sends a request with JSON and a credential.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        credential: &str,
        kind: &str,
        body: &[u8],
    ) -> std::io::Result<wire::Reply> {
        let bearer = format!("Bearer {credential}");
        let mut headers = vec![("Content-Type", kind)];
        if !credential.is_empty() {
            headers.push(("Authorization", &bearer));
        }
        wire::request(self.port, method, path, &headers, body)
    }

    fn json(&self, path: &str, credential: &str, body: &serde_json::Value) -> serde_json::Value {
        let reply =
            self.send("POST", path, credential, "application/json", body.to_string().as_bytes()).unwrap();
        assert!(reply.status < 300, "{path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
        reply.json()
    }

    /// Makes a customer; gives its number and its access code.
    pub fn customer(&self, name: &str) -> (i64, String) {
        let staff = serde_json::json!({ "username": "admin", "password": PASSWORD });
        let admin = text(&self.json("/api/v1/auth/login", "", &staff)["access_token"]);
        let customer = serde_json::json!({ "name": name, "contact_email": "a@b.example" });
        let made = self.json("/api/v1/admin/customers", &admin, &customer);
        (made["id"].as_i64().unwrap(), text(&made["access_code"]))
    }

    /// Signs an owner in; gives the token.
    pub fn sign_in(&self, access_code: &str) -> String {
        let login = serde_json::json!({ "access_code": access_code });
        text(&self.json("/api/v1/auth/login", "", &login)["access_token"])
    }

    /// Makes a key of the customer that is signed in.
    pub fn key(&self, owner: &str) -> String {
        text(&self.json("/api/v1/keys", owner, &serde_json::json!({ "name": "Sleutel" }))["api_key"])
    }

    /// Makes a customer with a key; gives its number and the key.
    pub fn tenant(&self, name: &str) -> (i64, String) {
        let (id, code) = self.customer(name);
        (id, self.key(&self.sign_in(&code)))
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The database file of a server started here.
pub fn database(dir: &Path) -> PathBuf {
    dir.join("data").join("mvai.db")
}
