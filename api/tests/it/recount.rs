//! Figures against a recount, after everything that may come between them: late logs, repeated ones, erasures,
//! redactions, retention, and a server that is killed amid all of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::config::Storage;
use api::domain::logs::erasure::{purge, retention, service};
use api::util::clock::Clock;
use api::util::ids::CustomerId;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use shared::time::Millis;

use crate::support::program::{self, Program};
use crate::support::{Actor, Dice, TestApp, TestDatabase, audit_erased, encode};

const DAY: i64 = 86_400_000;
const KILLS: u64 = 6;
/// Where many logs happen: both changes of the clock in Amsterdam, both of Lord Howe by half an hour, and an ordinary week.
const TIMES: [(&str, i64); 5] = [
    ("2025-03-29T20:00:00Z", 36),
    ("2025-10-25T18:00:00Z", 36),
    ("2025-04-05T06:00:00Z", 24),
    ("2025-10-04T06:00:00Z", 24),
    ("2025-11-10T00:00:00Z", 168),
];
const ZONES: [&str; 4] = ["Europe/Amsterdam", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"];
const DRIVERS: [&str; 4] = ["Jansen", "Bakker", "Visser", "Smit"];

fn at(text: &str) -> i64 {
    Millis::from_rfc3339(text).unwrap().0
}

/// An event is the same whenever it is sent, so that it is often sent twice.
fn event(n: usize) -> String {
    let mut dice = Dice::new(u64::try_from(n).unwrap());
    let (start, hours) = TIMES[n % TIMES.len()];
    let happened = Millis(at(start) + dice.within(0, hours * 3_600_000)).to_rfc3339();
    json!({
        "external_id": format!("e-{n}"), "occurred_at": happened, "n": n,
        "kind": dice.pick(&["scan", "temp", "laad bon"]), "level": dice.pick(&["info", "warning", "error"]),
        "driver": dice.pick(&DRIVERS), "place": dice.pick(&["Venlo", "Breda", "Tilburg"]),
    })
    .to_string()
}

/// Sends events of any time by all ways in until the server is gone.
fn write_on(port: u16, key: &str, seed: u64, end: &AtomicBool) {
    let mut dice = Dice::new(seed);
    while !end.load(Ordering::Relaxed) {
        let lines: Vec<String> = (0..=dice.below(60)).map(|_| event(dice.below(3_000))).collect();
        let (path, kind, body) = match dice.below(4) {
            0 => ("logs", "application/json", lines[0].clone()),
            1 => ("logs/batch?atomic=true", "application/json", format!("[{}]", lines.join(","))),
            _ => ("logs/batch", "application/x-ndjson", lines.join("\n")),
        };
        if call(port, "POST", path, key, kind, &body).is_none() {
            return;
        }
    }
}

/// Erases logs and fields of logs until the server is gone; says how many were confirmed.
fn erase_on(port: u16, owner: &str, seed: u64, end: &AtomicBool) -> i64 {
    let (mut dice, mut erased) = (Dice::new(seed), 0);
    while !end.load(Ordering::Relaxed) {
        let q = format!("driver:{} n:<{}", dice.pick(&DRIVERS), dice.below(1_500));
        let preview = format!("logs/erasures/preview?q={}", encode(&q));
        let Some(seen) = call(port, "GET", &preview, owner, "", "") else { return erased };
        if seen["count"].as_i64().is_some_and(|count| count > 0) {
            let mut order = json!({ "q": q, "up_to": seen["up_to"], "expected_count": seen["count"] });
            if dice.below(3) > 0 {
                order["fields"] = json!(["driver"]);
            }
            let path = "logs/erasures";
            match call(port, "POST", path, owner, "application/json", &order.to_string()) {
                Some(done) => erased += done["count"].as_i64().unwrap_or_default(),
                None => return erased,
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    erased
}

/// An answer of a server that may be killed at any moment; a fault of its own ends the test.
fn call(port: u16, method: &str, path: &str, credential: &str, kind: &str, body: &str) -> Option<Value> {
    let bearer = format!("Bearer {credential}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
    let headers = if kind.is_empty() { &headers[..1] } else { &headers[..] };
    let path = format!("/api/v1/{path}");
    let reply = crate::support::wire::request(port, method, &path, headers, body.as_bytes()).ok()?;
    let text = String::from_utf8_lossy(&reply.body);
    assert!(reply.status < 500 || reply.status == 503, "{path}: {} {text}", reply.status);
    Some(serde_json::from_slice(&reply.body).unwrap_or_default())
}

/// Runs the server, has it killed amid writing and erasing, and gives the number of the customer and its access code.
fn amid_kills(dir: &std::path::Path, vars: &[(&str, &str)]) -> (i64, String) {
    let mut server = Program::start(dir, vars);
    let (id, code) = server.customer("Klant");
    let key = server.key(&server.sign_in(&code));
    let mut erased = 0;
    for round in 0..KILLS {
        let owner = server.sign_in(&code);
        let end = Arc::new(AtomicBool::new(false));
        let port = server.port;
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let (key, end) = (key.clone(), Arc::clone(&end));
                std::thread::spawn(move || write_on(port, &key, round * 10 + writer, &end))
            })
            .collect();
        let eraser = {
            let end = Arc::clone(&end);
            std::thread::spawn(move || erase_on(port, &owner, round, &end))
        };
        std::thread::sleep(Duration::from_millis(500 + 150 * round));
        server.kill();
        end.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
        erased += eraser.join().unwrap();
        server = Program::start(dir, vars);
    }
    server.ask_to_stop();
    assert_eq!(server.ended().code(), Some(0), "{}", server.errors());
    assert!(erased > 50, "hardly anything was erased: {erased}");
    (id, code)
}

/// All logs, page by page.
async fn all(actor: &Actor) -> Vec<Value> {
    let (mut logs, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/logs?limit=1000&expand=payload{cursor}");
        let page = actor.get(&path).await.expect_ok().json();
        logs.extend(page["logs"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return logs,
        }
    }
}

/// When logs happened, in order.
fn times(logs: &[&Value]) -> Vec<i64> {
    let mut times: Vec<i64> = logs.iter().map(|log| at(log["timestamp"].as_str().unwrap())).collect();
    times.sort_unstable();
    times
}

fn count_in(times: &[i64], from: &Value, to: &Value) -> usize {
    let before = |end: &Value| times.partition_point(|time| *time < at(end.as_str().unwrap()));
    before(to) - before(from)
}

/// A figure and what counting one by one gives.
struct Recount<'a> {
    actor: &'a Actor,
    wrong: Vec<String>,
    compared: usize,
}

impl Recount<'_> {
    fn compare(&mut self, what: &str, said: &Value, counted: impl Into<Value>) {
        let counted = counted.into();
        self.compared += 1;
        if *said != counted {
            self.wrong.push(format!("{what}: {said}, counted {counted}"));
        }
    }

    async fn get(&self, path: &str) -> Value {
        self.actor.get(&format!("/api/v1/{path}")).await.expect_ok().json()
    }

    /// Counts over time: each bucket, the sum, and where local days begin.
    async fn over_time(&mut self, times: &[i64], q: &str, range: &str, unit: &str, zone: &str) {
        let rest = format!("q={}&unit={unit}&tz={}&{range}", encode(q), encode(zone));
        let path = format!("logs/histogram?{rest}");
        let out = self.get(&path).await;
        self.compare(&format!("{path} n"), &out["n"], count_in(times, &out["from"], &out["to"]));
        let zone = TimeZone::get(zone).unwrap();
        for (place, bucket) in out["buckets"].as_array().unwrap().iter().enumerate() {
            let counted = count_in(times, &bucket["from"], &bucket["to"]);
            self.compare(&format!("{path} {}", bucket["from"]), &bucket["count"], counted);
            if unit == "day" && place > 0 {
                let begin = jiff::Timestamp::from_millisecond(at(bucket["from"].as_str().unwrap())).unwrap();
                let local = begin.to_zoned(zone.clone());
                self.compare(
                    &format!("{path} midnight"),
                    &json!([local.hour(), local.minute()]),
                    json!([0, 0]),
                );
            }
        }
        let path = format!("analytics/series?{rest}");
        let out = self.get(&path).await;
        for bucket in out["current"]["buckets"].as_array().unwrap() {
            let counted = count_in(times, &bucket["from"], &bucket["to"]);
            self.compare(&format!("{path} {}", bucket["from"]), &bucket["count"], counted);
        }
    }

    /// Counts by value, with those that have none.
    async fn by_value(&mut self, logs: &[&Value], q: &str, fields: &str) {
        let path = format!("logs/facets?limit=20&fields={fields}&q={}", encode(q));
        let out = self.get(&path).await;
        self.compare(&path, &out["n"], logs.len());
        for facet in out["facets"].as_array().unwrap() {
            let field = facet["field"].as_str().unwrap();
            let (mut counts, mut missing): (BTreeMap<&str, i64>, i64) = (BTreeMap::new(), 0);
            for log in logs {
                let place =
                    if matches!(field, "kind" | "level") { &log[field] } else { &log["payload"][field] };
                match place.as_str() {
                    Some(value) => *counts.entry(value).or_default() += 1,
                    None => missing += 1,
                }
            }
            let said: BTreeMap<&str, i64> = facet["values"]
                .as_array()
                .unwrap()
                .iter()
                .map(|value| (value["value"].as_str().unwrap(), value["count"].as_i64().unwrap()))
                .collect();
            self.compare(&format!("{path} {field}"), &json!(said), json!(counts));
            self.compare(&format!("{path} {field} missing"), &facet["missing"], missing);
        }
    }

    /// The week: hours of the clock on the wall, both passes of a double hour in one.
    async fn by_hour(&mut self, times: &[i64], zone: &str) {
        let period = "from=2025-03-01T00:00:00Z&to=2025-12-01T00:00:00Z";
        let path = format!("analytics/pattern?tz={}&{period}", encode(zone));
        let out = self.get(&path).await;
        let zone = TimeZone::get(zone).unwrap();
        let mut counts = vec![vec![0_i64; 24]; 7];
        for time in times {
            let when = jiff::Timestamp::from_millisecond(*time).unwrap();
            let local = when.to_zoned(zone.clone());
            let (day, hour) = (local.weekday().to_monday_zero_offset(), local.hour());
            counts[usize::try_from(day).unwrap()][usize::try_from(hour).unwrap()] += 1;
        }
        self.compare(&path, &out["cells"], json!(counts));
    }
}

/// Compares every figure over the logs with the logs; gives what disagrees and how much was compared.
async fn disagreements(actor: &Actor, zones: &[&str]) -> (Vec<String>, usize, usize) {
    let logs = all(actor).await;
    let mut recount = Recount { actor, wrong: Vec::new(), compared: 0 };
    let every = times(&logs.iter().collect::<Vec<_>>());
    let year = "from=2025-03-01T00:00:00Z&to=2025-12-01T00:00:00Z";
    let changes = [
        "from=2025-03-29T00:00:00Z&to=2025-03-31T12:00:00Z",
        "from=2025-10-25T00:00:00Z&to=2025-10-27T12:00:00Z",
        "from=2025-10-04T00:30:00Z&to=2025-10-05T17:15:00Z",
    ];
    for zone in zones {
        for unit in ["day", "week", "month"] {
            recount.over_time(&every, "", year, unit, zone).await;
        }
        for change in changes {
            recount.over_time(&every, "", change, "hour", zone).await;
        }
        recount.by_hour(&every, zone).await;
    }
    for q in ["", "kind:scan", "driver:Bakker", "place:Venlo -level:error", "n:>=1000"] {
        let fits = |log: &&Value| match q {
            "kind:scan" => log["kind"] == "scan",
            "driver:Bakker" => log["payload"]["driver"] == "Bakker",
            "place:Venlo -level:error" => log["payload"]["place"] == "Venlo" && log["level"] != "error",
            "n:>=1000" => log["payload"]["n"].as_i64().is_some_and(|n| n >= 1_000),
            _ => true,
        };
        let found: Vec<&Value> = logs.iter().filter(fits).collect();
        // The first can be told from the roll-up alone, the other one cannot.
        for fields in ["kind,level", "kind,level,driver,place"] {
            recount.by_value(&found, q, fields).await;
        }
        recount.over_time(&times(&found), q, year, "day", "Europe/Amsterdam").await;
        let counted = recount.get(&format!("logs?limit=1&count=exact&q={}", encode(q))).await;
        recount.compare(&format!("{q} counted"), &counted["total"]["value"], found.len());
    }
    let stats = recount.get("analytics/stats").await;
    recount.compare("total", &stats["total_logs"], logs.len());
    (recount.wrong, recount.compared, logs.len())
}

/// GEN-12, SRCH-06, ANA-02, ANA-03, LOG-10, LOG-11, GEN-02: after late and repeated logs, erasures, redactions, six kills
/// amid them and a night of retention, every histogram, series, facet, weekly pattern and total equals the logs counted
/// one by one, around both changes of the clock and in four zones; a figure that is off by one is noticed.
#[test]
fn figures_equal_a_recount_after_kills_erasures_and_retention() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (dir, database) = (tempfile::tempdir().unwrap(), runtime.block_on(TestDatabase::create()));
    let storage = match database.storage() {
        Storage::Sqlite(_) => Storage::Sqlite(program::database(dir.path())),
        postgres => postgres,
    };
    let url = match &storage {
        Storage::Postgres(url) => url.expose_secret().to_owned(),
        Storage::Sqlite(_) => String::new(),
    };
    let vars = if url.is_empty() { vec![] } else { vec![("DATABASE_URL", url.as_str())] };
    let (id, code) = amid_kills(dir.path(), &vars);
    runtime.block_on(afterwards(storage, id, &code));
}

async fn afterwards(storage: Storage, id: i64, code: &str) {
    let test = TestApp::with(|config| {
        config.storage = storage;
        config.secret_key = Some(program::SECRET.to_owned().into());
    })
    .await;
    // The server's clock was that of the machine.
    test.clock.advance(Clock::System.now().0 - test.clock.now().0);
    let owner = async || {
        let login = json!({ "access_code": code });
        let token = test.anon().post("/api/v1/auth/login", &login).await.expect_ok().json();
        test.bearer(token["access_token"].as_str().unwrap())
    };
    // What the kills have cut off goes on.
    test.clock.advance(120_000);
    service::resume(&test.app).await.unwrap();
    purge::run(&test.app).await.unwrap();
    let (wrong, compared, stored) = disagreements(&owner().await, &ZONES).await;
    assert!(wrong.is_empty(), "{} of {compared}: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
    assert!(stored > 300 && compared > 1_000, "{stored} logs, {compared} figures");
    assert_eq!(audit_erased(&test.app.db).await, stored);

    // A night of retention takes the spring and leaves the autumn.
    let days = (test.clock.now().0 + 8 * DAY - at("2025-08-01T00:00:00Z")) / DAY;
    owner().await.put("/api/v1/retention", &json!({ "days": days })).await.expect_ok();
    test.clock.advance(8 * DAY);
    let local = test.clock.now().0 % DAY;
    // Three in the night, in Amsterdam or an hour later.
    test.clock.advance((26 * 3_600_000 - local) % DAY);
    retention::run(&test.app).await.unwrap();
    purge::run(&test.app).await.unwrap();
    let (wrong, _, kept) = disagreements(&owner().await, &ZONES[..2]).await;
    assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
    assert!(kept > 100 && kept < stored, "{kept} of {stored}");
    assert_eq!(audit_erased(&test.app.db).await, kept);

    // Each planted disagreement is noticed, and undone.
    let customer = CustomerId(id);
    for (there, back) in [
        ("log_hour SET total = total + 1", "log_hour SET total = total - 1"),
        ("log_hour_kind SET total = total + 1", "log_hour_kind SET total = total - 1"),
        ("log_book SET total = total + 1", "log_book SET total = total - 1"),
        ("log SET occurred_at = occurred_at + 3600000", "log SET occurred_at = occurred_at - 3600000"),
    ] {
        for (statement, disagrees) in [(there, true), (back, false)] {
            test.run_sql(&format!("UPDATE {statement} WHERE customer_id = {customer}")).await;
            // What is kept for a moment is over.
            test.clock.advance(120_000);
            let (wrong, ..) = disagreements(&owner().await, &ZONES[..1]).await;
            assert_eq!(!wrong.is_empty(), disagrees, "{statement}: {:?}", wrong.first());
        }
    }
}
