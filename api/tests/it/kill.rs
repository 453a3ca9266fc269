//! The program is killed and stopped under load: nothing that was acknowledged is lost, nothing is stored by halves.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use api::config::{Durability, Storage};
use api::db::{Db, Scope, sql};
use serde_json::Value;

use crate::support::program::{self, Program};
use crate::support::{Dice, TestDatabase, audit, wire};

const WRITERS: u64 = 6;

/// What a sender knows: identifiers that it has sent together, and those that were acknowledged with their numbers.
#[derive(Default)]
struct Sent {
    together: Vec<(i64, Vec<String>)>,
    acknowledged: Vec<(i64, String, i64)>,
    failures: Vec<String>,
}

fn send(port: u16, key: &str, path: &str, kind: &str, body: &str) -> std::io::Result<wire::Reply> {
    let bearer = format!("Bearer {key}");
    wire::request(port, "POST", path, &[("Authorization", &bearer), ("Content-Type", kind)], body.as_bytes())
}

/// Writes by all ways in until the server is gone or the end is called.
fn write_on(port: u16, tenants: &[(i64, String)], names: &AtomicU64, seed: u64, end: &AtomicBool) -> Sent {
    let mut dice = Dice::new(seed);
    let mut sent = Sent::default();
    while !end.load(Ordering::Relaxed) {
        let (customer, key) = dice.pick(tenants).clone();
        let count = match dice.below(3) {
            0 => 1,
            1 => 1 + dice.below(30),
            _ => 1 + dice.below(200),
        };
        let ids: Vec<String> =
            (0..count).map(|_| format!("e-{}", names.fetch_add(1, Ordering::Relaxed))).collect();
        let logs: Vec<String> = ids
            .iter()
            .map(|id| {
                let kind = dice.pick(&["scan", "temp", "los"]);
                let hours = dice.below(400);
                let at = shared::time::Millis(1_795_348_800_000 - i64::try_from(hours).unwrap() * 3_600_000)
                    .to_rfc3339();
                format!(
                    "{{\"external_id\":\"{id}\",\"kind\":\"{kind}\",\"occurred_at\":\"{at}\",\"x\":\"{}\"}}",
                    "y".repeat(dice.below(120))
                )
            })
            .collect();
        let answer = match count {
            1 => send(port, &key, "/api/v1/logs", "application/json", &logs[0]),
            2..=30 => send(
                port,
                &key,
                "/api/v1/logs/batch?atomic=true",
                "application/json",
                &format!("[{}]", logs.join(",")),
            ),
            _ => send(port, &key, "/api/v1/logs/batch", "application/x-ndjson", &logs.join("\n")),
        };
        sent.together.push((customer, ids.clone()));
        match answer {
            Ok(reply) if reply.status == 201 => {
                let out: Value = reply.json();
                let numbers: Vec<i64> = match out["log_id"].as_i64() {
                    Some(number) => vec![number],
                    None => {
                        out["created_ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
                    }
                };
                assert_eq!(numbers.len(), ids.len());
                sent.acknowledged
                    .extend(ids.into_iter().zip(numbers).map(|(id, number)| (customer, id, number)));
            }
            // While stopping it says so; everything else is a fault.
            Ok(reply) if reply.status == 503 => return sent,
            Ok(reply) => {
                sent.failures.push(format!("{} {}", reply.status, String::from_utf8_lossy(&reply.body)))
            }
            Err(error)
                if error.kind() == std::io::ErrorKind::UnexpectedEof
                    && !error.to_string().contains("no head") =>
            {
                sent.failures.push(error.to_string());
                return sent;
            }
            Err(_) => return sent,
        }
    }
    sent
}

fn writers(
    port: u16,
    tenants: &Arc<Vec<(i64, String)>>,
    names: &Arc<AtomicU64>,
    seed: u64,
    end: &Arc<AtomicBool>,
) -> Vec<std::thread::JoinHandle<Sent>> {
    (0..WRITERS)
        .map(|writer| {
            let (tenants, names, end) = (Arc::clone(tenants), Arc::clone(names), Arc::clone(end));
            std::thread::spawn(move || write_on(port, &tenants, &names, seed * 100 + writer, &end))
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct Stored {
    customer_id: i64,
    id: i64,
    external_id: String,
}

#[derive(sqlx::FromRow)]
struct Text {
    text: String,
}

/// Opens the file of a server that has ended and compares it with what its senders know.
fn examine(dir: &Path, sent: &Sent) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let storage = Storage::Sqlite(program::database(dir));
        let opened = Db::open(&storage, Durability::Full, false).await.unwrap();
        let mut conn = opened.db.read(Scope::Installation).await.unwrap();
        let integrity: Vec<Text> =
            sql("SELECT integrity_check AS text FROM pragma_integrity_check").all(&mut conn).await.unwrap();
        assert_eq!(integrity.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(), ["ok"]);
        let foreign: Vec<Text> =
            sql("SELECT \"table\" AS text FROM pragma_foreign_key_check").all(&mut conn).await.unwrap();
        assert!(foreign.is_empty());
        let words = sql("INSERT INTO log_words (log_words) VALUES ('integrity-check')");
        let rows: Vec<Stored> =
            sql("SELECT customer_id, id, external_id FROM log WHERE external_id IS NOT NULL")
                .all(&mut conn)
                .await
                .unwrap();
        drop(conn);
        let mut tx = opened.db.write(Scope::Installation).await.unwrap();
        words.execute(&mut tx).await.expect("the word index is whole");
        drop(tx);
        let stored: HashMap<(i64, &str), i64> = rows
            .iter()
            .map(|row| ((row.customer_id, row.external_id.as_str()), api::util::ids::LogId(row.id).seq()))
            .collect();
        assert_eq!(stored.len(), rows.len(), "an event is stored twice");
        let lost: Vec<_> = sent
            .acknowledged
            .iter()
            .filter(|(customer, id, number)| stored.get(&(*customer, id.as_str())) != Some(number))
            .collect();
        assert!(
            lost.is_empty(),
            "{} acknowledged logs are lost or have another number: {:?}",
            lost.len(),
            &lost[..lost.len().min(5)]
        );
        for (customer, ids) in &sent.together {
            let present = ids.iter().filter(|id| stored.contains_key(&(*customer, id.as_str()))).count();
            assert!(present == 0 || present == ids.len(), "half a batch: {present} of {}", ids.len());
        }
        let known: HashSet<&str> =
            sent.together.iter().flat_map(|(_, ids)| ids.iter().map(String::as_str)).collect();
        assert!(rows.iter().all(|row| known.contains(row.external_id.as_str())));
        let count = audit(&opened.db).await;
        opened.db.close().await;
        count
    })
}

fn merge(all: &mut Sent, writers: Vec<std::thread::JoinHandle<Sent>>) {
    for writer in writers {
        let sent = writer.join().unwrap();
        all.together.extend(sent.together);
        all.acknowledged.extend(sent.acknowledged);
        all.failures.extend(sent.failures);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how often to kill is a matter of the run, not a setting of the product"
)]
fn kills() -> u64 {
    std::env::var("MVAI_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(5)
}

/// GEN-06, OPS-03, GEN-12, SRCH-03: killed at random moments under mixed load, the server keeps every acknowledged log under its
/// number, stores no half batch, and its counts and its index of parts are right.
#[test]
fn kill_nine_loses_nothing_that_was_acknowledged() {
    if TestDatabase::is_postgres() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut server = Program::start(dir.path(), &[]);
    let tenants: Arc<Vec<_>> = Arc::new((0..3).map(|n| server.tenant(&format!("Klant {n}"))).collect());
    let names = Arc::new(AtomicU64::new(0));
    let mut all = Sent::default();
    let mut dice = Dice::new(std::process::id().into());
    let rounds = kills();
    for round in 0..rounds {
        let end = Arc::new(AtomicBool::new(false));
        let writers = writers(server.port, &tenants, &names, round, &end);
        std::thread::sleep(Duration::from_millis(u64::try_from(dice.within(30, 900)).unwrap()));
        server.kill();
        end.store(true, Ordering::Relaxed);
        merge(&mut all, writers);
        if round % 25 == 24 || round + 1 == rounds {
            let count = examine(dir.path(), &all);
            eprintln!("{} kills: {} acknowledged, {count} stored", round + 1, all.acknowledged.len());
        }
        server = Program::start(dir.path(), &[]);
    }
    assert_eq!(all.failures, [""; 0]);
    assert!(all.acknowledged.len() > 100, "hardly anything was written: {}", all.acknowledged.len());
    // The index of parts goes on where it was; what it holds was compared each time.
    std::thread::sleep(Duration::from_millis(2_500));
    server.ask_to_stop();
    assert_eq!(server.ended().code(), Some(0), "{}", server.errors());
    examine(dir.path(), &all);
    assert!(indexed(dir.path()) > 0, "the follower has done nothing");
}

/// Logs in the index of parts.
fn indexed(dir: &Path) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let storage = Storage::Sqlite(program::database(dir));
        let opened = Db::open(&storage, Durability::Full, false).await.unwrap();
        let mut conn = opened.db.read(Scope::Installation).await.unwrap();
        let marks: Stored =
            sql("SELECT 0 AS customer_id, coalesce(SUM(seq), 0) AS id, '' AS external_id FROM log_part_mark")
                .one(&mut conn)
                .await
                .unwrap();
        drop(conn);
        opened.db.close().await;
        marks.id
    })
}

/// OPS-03, GEN-06: asked to stop under load, the server finishes what it began, cuts no answer off, ends with 0 and loses nothing.
#[test]
fn stopping_under_load_loses_and_cuts_nothing() {
    if TestDatabase::is_postgres() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut server = Program::start(dir.path(), &[]);
    let tenants: Arc<Vec<_>> = Arc::new((0..2).map(|n| server.tenant(&format!("Klant {n}"))).collect());
    let names = Arc::new(AtomicU64::new(0));
    let mut all = Sent::default();
    for round in 0..3 {
        let end = Arc::new(AtomicBool::new(false));
        let writers = writers(server.port, &tenants, &names, 500 + round, &end);
        std::thread::sleep(Duration::from_millis(400));
        server.ask_to_stop();
        assert_eq!(server.ended().code(), Some(0), "{}", server.errors());
        end.store(true, Ordering::Relaxed);
        merge(&mut all, writers);
        examine(dir.path(), &all);
        let wal = program::database(dir.path()).with_extension("db-wal");
        assert!(std::fs::metadata(&wal).map_or(0, |meta| meta.len()) == 0, "the log was folded in");
        if round < 2 {
            server = Program::start(dir.path(), &[]);
        }
    }
    assert_eq!(all.failures, [""; 0]);
    assert!(all.acknowledged.len() > 100, "hardly anything was written: {}", all.acknowledged.len());
}
