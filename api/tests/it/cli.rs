//! The program on the command line: exit codes, messages, and files that it writes itself.

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use crate::support::program::{self, Program, SECRET, run};

const CONFIGURATION: Option<i32> = Some(78);

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn failed(output: &Output, code: Option<i32>) -> String {
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), code, "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    errors
}

#[track_caller]
fn worked(output: &Output) -> String {
    assert!(output.status.success(), "{:?} {}", output.status, text(&output.stderr));
    text(&output.stdout)
}

/// OPS-02, OPS-05, SEC-19: `config check` and `serve` list every problem at once, show no secret, and end with 78.
#[test]
fn all_problems_of_the_settings_are_listed_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = [
        ("APP_ENV", "production"),
        ("SECRET_KEY", "changeme-changeme-changeme-changeme"),
        ("ADMIN_PASSWORD", "kort"),
        ("PORT", "70000"),
        ("BIND", "nergens"),
        ("DATABASE_URL", "mysql://user:hunter2@host/db"),
        ("DURABILITY", "relaxed"),
        ("PUBLIC_URL", "http://x.example"),
        ("DEFAULT_LANGUAGE", "de"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TRUSTED_PROXIES", "banaan"),
        ("SESSION_LIFETIME_HOURS", "169"),
        ("RATELIMIT_ENABLED", "false"),
        ("DEFAULT_PRICING_TIER", "goud"),
        ("LOG_LEVEL", "hard"),
        ("LOG_FORMAT", "xml"),
    ];
    for arguments in [&["config", "check"][..], &["serve"], &["migrate"]] {
        let errors = failed(&run(dir.path(), arguments, &wrong), CONFIGURATION);
        for (name, _) in &wrong[1..] {
            assert!(errors.contains(name), "{name} is not named:\n{errors}");
        }
        for secret in ["changeme-", "kort", "hunter2"] {
            assert!(!errors.contains(secret), "{secret} is shown:\n{errors}");
        }
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
    worked(&run(dir.path(), &["config", "check"], &[]));
    let good = [("APP_ENV", "production"), ("SECRET_KEY", SECRET)];
    worked(&run(dir.path(), &["config", "check"], &good));
    let shown = worked(&run(dir.path(), &["config", "show"], &good));
    assert!(shown.contains("SECRET_KEY=********") && !shown.contains(SECRET), "{shown}");
}

/// OPS-05: settings in `.env` count outside production, the environment goes before them, and flags before both.
#[test]
fn flags_go_before_the_environment_and_that_before_the_file() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(".env"), "# ours\nPORT=70000\nLOG_LEVEL='warn'\n").unwrap();
    assert!(failed(&run(dir.path(), &["config", "check"], &[]), CONFIGURATION).contains("PORT"));
    worked(&run(dir.path(), &["config", "check"], &[("PORT", "5001")]));
    worked(&run(dir.path(), &["config", "check"], &[("APP_ENV", "production"), ("SECRET_KEY", SECRET)]));
    let file = dir.path().join("hier").join("mvai.db");
    let database = file.to_str().unwrap();
    let elsewhere = dir.path().join("daar.db");
    worked(&run(
        dir.path(),
        &["migrate", "--database-path", database, "--port", "5001"],
        &[("DATABASE_PATH", elsewhere.to_str().unwrap())],
    ));
    assert!(file.exists() && !elsewhere.exists());
}

/// OPS-02, OPS-14: a port in use is named with what to do, and nothing is started half.
#[test]
fn a_port_in_use_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let vars = [
        ("BIND", "127.0.0.1"),
        ("PORT", port.as_str()),
        ("SECRET_KEY", SECRET),
        ("DATABASE_PATH", "data/mvai.db"),
    ];
    let errors = failed(&run(dir.path(), &["serve"], &vars), CONFIGURATION);
    assert!(errors.contains(&format!("127.0.0.1:{port}")) && errors.contains("PORT"), "{errors}");
    assert!(!dir.path().join("data").exists(), "the database was not touched");
}

/// OPS-02, OPS-08, OPS-10: a second server on the same file is refused by name; `healthcheck` tells a ready server from none.
#[test]
fn a_second_server_on_the_same_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Program::start(dir.path(), &[]);
    let database = program::database(dir.path());
    let port = program::free_port().to_string();
    let vars = [
        ("BIND", "127.0.0.1"),
        ("PORT", port.as_str()),
        ("SECRET_KEY", SECRET),
        ("DATABASE_PATH", database.to_str().unwrap()),
    ];
    for command in ["serve", "migrate"] {
        let errors = failed(&run(dir.path(), &[command], &vars), CONFIGURATION);
        assert!(errors.contains("another process uses this database"), "{errors}");
    }
    let own = first.port.to_string();
    worked(&run(dir.path(), &["healthcheck"], &[("BIND", "0.0.0.0"), ("PORT", own.as_str())]));
    worked(&run(dir.path(), &["healthcheck", "--port", &own], &[]));
    failed(&run(dir.path(), &["healthcheck"], &[("PORT", port.as_str())]), Some(1));
    first.ask_to_stop();
    assert_eq!(first.ended().code(), Some(0), "{}", first.errors());
    failed(&run(dir.path(), &["healthcheck"], &[("PORT", own.as_str())]), Some(1));
    worked(&run(dir.path(), &["migrate"], &vars));
}

/// LOG-16, OPS-02: seals are verified beside a running server and without one: 0 when all is as it was sealed, 1 with the
/// day and the log when it is not, or when a seal that was kept is not in the chain, 78 without a database.
#[test]
fn seals_are_verified_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let database = program::database(dir.path());
    let path = database.to_str().unwrap();
    let verify = |more: &[&str]| {
        let arguments = [&["verify-seals", "--database-path", path], more].concat();
        run(dir.path(), &arguments, &[("SECRET_KEY", SECRET)])
    };
    assert!(failed(&verify(&[]), CONFIGURATION).contains("database"));
    assert!(!database.exists(), "nothing was made");
    let mut server = Program::start(dir.path(), &[]);
    let (customer, key) = server.tenant("Zegel BV");
    for _ in 0..3 {
        let stored =
            server.send("POST", "/api/v1/logs", &key, "application/json", b"{\"kind\":\"scan\"}").unwrap();
        assert_eq!(stored.status, 201);
    }
    let beside = worked(&verify(&[]));
    assert!(
        beside.contains("Zegel BV): intact; 0 days sealed, 0 logs compared, 3 not sealed yet"),
        "{beside}"
    );
    server.ask_to_stop();
    assert_eq!(server.ended().code(), Some(0), "{}", server.errors());
    drop(server);
    // The logs become those of a day that is over; the server seals it when it runs again.
    let conn = rusqlite::Connection::open(&database).unwrap();
    conn.execute("UPDATE log SET received_at = received_at - 172800000", []).unwrap();
    drop(conn);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut config = api::config::Config::development(database.clone());
        config.secret_key = Some(SECRET.to_owned().into());
        let opened = api::db::Db::open(&config.storage, config.durability, false).await.unwrap();
        let app = api::app::App::new(config, opened.db, api::util::clock::Clock::System).unwrap();
        assert_eq!(api::domain::logs::seals::sealing::run(&app).await.unwrap(), 1);
        app.close().await;
    });
    let clean = worked(&verify(&[]));
    assert!(clean.contains("intact; 1 days sealed, 3 logs compared, 0 not sealed yet"), "{clean}");
    let number = customer.to_string();
    let report: serde_json::Value =
        serde_json::from_str(&worked(&verify(&["--customer", &number, "--json"]))).unwrap();
    let newest = report["customers"][0]["newest"].as_str().unwrap().to_owned();
    assert_eq!((&report["state"], &report["customers"][0]["logs"]), (&"intact".into(), &3.into()));
    assert!(worked(&verify(&["--customer", &number, "--seal", &newest])).contains("number 1 of the chain"));
    let errors = failed(&verify(&["--customer", &number, "--seal", &"0".repeat(64)]), Some(1));
    assert!(errors.contains("not in the chain"), "{errors}");
    failed(&verify(&["--seal", &newest]), Some(2));
    let conn = rusqlite::Connection::open(&database).unwrap();
    conn.execute("UPDATE log SET kind = 'los' WHERE id % 4 = 2", []).unwrap();
    drop(conn);
    let output = verify(&[]);
    let lines = text(&output.stdout);
    assert!(lines.contains("CHANGED") && lines.contains("1 logs are not as they were sealed: 2"), "{lines}");
    assert!(failed(&output, Some(1)).contains("changed past the product"));
    let output = verify(&["--json"]);
    let report: serde_json::Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(report["customers"][0]["changed"][0]["findings"][0]["kind"], "log_changed");
    failed(&output, Some(1));
}

/// OPS-04, OPS-02: migrating twice changes nothing; a newer schema, a damaged file and a directory that cannot be
/// written are refused with their reason, and the file stays as it is.
#[test]
fn files_that_cannot_be_used_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let vars = [("SECRET_KEY", SECRET), ("DATABASE_PATH", "data/mvai.db")];
    let file = dir.path().join("data").join("mvai.db");
    assert!(worked(&run(dir.path(), &["migrate"], &vars)).contains("up to date"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(dir.path().join("data")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "others cannot look in");
    }
    worked(&run(dir.path(), &["migrate"], &vars));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{Connection, Executor};
        let mut conn = sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        conn.execute("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999999, 'newer', 1, x'00', 0)").await.unwrap();
        conn.close().await.unwrap();
    });
    let errors = failed(&run(dir.path(), &["migrate"], &vars), CONFIGURATION);
    assert!(errors.contains("migration"), "{errors}");

    let nonsense = dir.path().join("nonsense.db");
    std::fs::write(&nonsense, "this is no database, but it is all that somebody has".repeat(100)).unwrap();
    let before = std::fs::read(&nonsense).unwrap();
    for command in ["migrate", "serve"] {
        let port = program::free_port().to_string();
        let vars = [
            ("SECRET_KEY", SECRET),
            ("DATABASE_PATH", "nonsense.db"),
            ("BIND", "127.0.0.1"),
            ("PORT", port.as_str()),
        ];
        let errors = failed(&run(dir.path(), &[command], &vars), CONFIGURATION);
        assert!(!errors.trim().is_empty());
    }
    assert_eq!(std::fs::read(&nonsense).unwrap(), before);
    let errors = failed(
        &run(
            dir.path(),
            &["migrate"],
            &[("SECRET_KEY", SECRET), ("DATABASE_PATH", "nonsense.db/below/mvai.db")],
        ),
        CONFIGURATION,
    );
    assert!(errors.contains("nonsense.db"), "{errors}");
}

/// API-05: the committed documents are what the program prints, and the served one is the same.
#[tokio::test]
async fn the_printed_document_is_the_committed_and_the_served_one() {
    let dir = tempfile::tempdir().unwrap();
    let app = crate::support::TestApp::new().await;
    for (arguments, file, path) in [
        (&["openapi"][..], "openapi.json", "/api/v1/openapi.json"),
        (&["openapi", "--v3.0"], "openapi-3.0.json", "/api/v1/openapi-3.0.json"),
    ] {
        let printed = worked(&run(dir.path(), arguments, &[]));
        let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(app.anon().get(path).await.expect_ok().json(), value, "{path}");
        let committed = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi")).join(file);
        let committed = std::fs::read_to_string(&committed)
            .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask openapi`", committed.display()));
        assert!(
            committed.trim_end() == printed.trim_end(),
            "openapi/{file} is stale; run `cargo xtask openapi`"
        );
    }
}

/// OPS-01: the small commands say what they should; what is misspelt ends with 2 and the usage.
#[test]
fn small_commands_work() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        worked(&run(dir.path(), &["version"], &[])),
        format!("mvai-connexx {}\n", env!("CARGO_PKG_VERSION"))
    );
    let (first, second) = (
        worked(&run(dir.path(), &["secret", "generate"], &[])),
        worked(&run(dir.path(), &["secret", "generate"], &[])),
    );
    assert!(first.trim().len() >= 32 && first != second);
    worked(&run(
        dir.path(),
        &["config", "check"],
        &[("APP_ENV", "production"), ("SECRET_KEY", first.trim())],
    ));
    assert!(worked(&run(dir.path(), &["--help"], &[])).contains("seed-demo"));
    for arguments in [&[][..], &["srve"], &["serve", "--prot", "1"], &["serve", "--port", "x"]] {
        assert!(!failed(&run(dir.path(), arguments, &[]), Some(2)).is_empty());
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "nothing was made");
}
