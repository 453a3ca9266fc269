//! Parts of words: found wherever they stand and however far the index of parts is, and found by it.

use api::db::{Dialect, Scope, sql_owned};
use api::domain::logs::parts::{follow, repo};
use api::util::ids::CustomerId;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, audit, audit_parts, encode, find, ids, record, upload};

/// Logs of two blocks and a bit.
const MANY: i64 = 8_500;

fn container(n: i64) -> String {
    format!("MSKU{:07}", n * 7_919 % 10_000_000)
}

fn kind(n: i64) -> &'static str {
    ["scan", "laden", "gate"][usize::try_from(n % 3).unwrap()]
}

async fn store_many(key: &Actor) {
    let lines: Vec<String> = (1..=MANY)
        .map(|n| format!(r#"{{"kind":"{}","container":"{}","n":{n}}}"#, kind(n), container(n)))
        .collect();
    for lines in lines.chunks(2_000) {
        upload(key, lines).await;
    }
}

/// Numbers of the logs that hold a part, in the container or in the number, newest first.
fn holders(part: &str) -> Vec<i64> {
    let holds = |n: &i64| container(*n).contains(part) || n.to_string().contains(part);
    (1..=MANY).rev().filter(holds).collect()
}

/// All pages of a list.
async fn pages(key: &Actor, path: &str) -> Vec<i64> {
    let (mut next, mut seen) = (String::new(), Vec::new());
    loop {
        let page = key.get(&format!("{path}{next}")).await.expect_ok().json();
        seen.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { return seen };
        next = format!("&cursor={cursor}");
    }
}

/// SRCH-03, SRCH-04: whether the index has nothing, something or everything of a history of several blocks: the same logs, on
/// every page, in every order, in counts and in figures.
#[tokio::test]
async fn parts_are_found_wherever_the_mark_is() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    store_many(&key).await;
    let expected = holders("456");
    let scans: Vec<i64> = expected.iter().copied().filter(|n| kind(*n) == "scan").collect();
    let contained: Vec<i64> = scans.iter().copied().filter(|n| container(*n).contains("456")).collect();
    let common: Vec<i64> = holders("7");
    assert!(expected.len() > 8 && scans.len() > 2 && common.len() > 3_000, "{}", expected.len());
    let all = |part: &str| format!("/api/v1/logs?limit=7&q={}", encode(part));
    for mark in [0, 1, 4_095, 4_096, 4_097, 8_192, MANY] {
        app.index_more_parts(mark).await;
        assert_eq!(pages(&key, &all("*456*")).await, expected, "{mark}");
        assert_eq!(pages(&key, &all("kind:scan *456*")).await, scans, "{mark}");
        assert_eq!(pages(&key, &all("container:*456* kind:*can*")).await, contained, "{mark}");
        let oldest: Vec<i64> = expected.iter().rev().copied().collect();
        assert_eq!(pages(&key, &format!("{}&sort=id", all("*456*"))).await, oldest, "{mark}");
        let timed = pages(&key, &format!("{}&sort=-occurred_at", all("*456*"))).await;
        assert_eq!(timed, expected, "{mark}");
        let within: Vec<i64> = expected.iter().copied().filter(|n| (900..=5_000).contains(n)).collect();
        assert_eq!(pages(&key, &all("*456* id:900..5000")).await, within, "{mark}");
        let counted = key.get(&format!("{}&count=exact", all("*456*"))).await.expect_ok().json();
        assert_eq!(counted["total"], json!({ "value": expected.len(), "capped": false }), "{mark}");
        let facets = key.get("/api/v1/logs/facets?fields=kind&q=*456*").await.expect_ok().json();
        assert_eq!(facets["n"], json!(expected.len()), "{mark}");
        let many = key.get("/api/v1/logs?limit=1000&q=*U*7*%20kind:scan").await;
        assert!(many.status.is_success() || many.status.as_u16() == 400);
    }
    // Common and rare together: the word index narrows what the index of parts leaves.
    for (q, wanted) in [
        ("*MSK* n:>8495", (8_496..=MANY).rev().collect::<Vec<i64>>()),
        ("*msku* n:4100", vec![4_100]),
        ("kind:gate *SKU* n:4100", vec![4_100].into_iter().filter(|n| kind(*n) == "gate").collect()),
    ] {
        assert_eq!(find(&key, q).await, wanted, "{q}");
    }
    assert_eq!(audit_parts(&app.app.db).await, usize::try_from(MANY).unwrap());
    assert_eq!(audit(&app.app.db).await, usize::try_from(MANY).unwrap());
}

/// SRCH-03: it is the index that answers: what is taken out of it is not found before the mark, and found behind it.
#[tokio::test]
async fn the_index_is_asked() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    for n in 1..=20 {
        record(&key, &format!(r#"{{"container":"{}"}}"#, container(n))).await;
    }
    let part = format!("*{}*", &container(5)[6..]);
    app.index_parts(20).await;
    assert_eq!(find(&key, &part).await, [5]);
    app.run_sql("DELETE FROM log_part").await;
    assert_eq!(find(&key, &part).await, Vec::<i64>::new(), "the logs before the mark are not read");
    let by_time = key.get(&format!("/api/v1/logs?sort=occurred_at&q={part}")).await.expect_ok().json();
    assert_eq!(ids(&by_time), Vec::<i64>::new());
    let of = format!("customer_id = {}", customer.id);
    app.run_sql(&format!("UPDATE log_part_mark SET seq = 4 WHERE {of}")).await;
    assert_eq!(find(&key, &part).await, [5], "the logs behind the mark are");
    // A part that is too short for the index is read for.
    app.run_sql(&format!("UPDATE log_part_mark SET seq = 20 WHERE {of}")).await;
    assert_eq!(find(&key, "*SK*").await.len(), 20);
    // What is damaged is said, and not passed off as nothing.
    app.run_sql(&format!(
        "INSERT INTO log_part (customer_id, test, block, gram, ids) VALUES ({}, (1 = 0), 0, {}, '~')",
        customer.id,
        api::domain::search::parts::EVERY
    ))
    .await;
    key.get(&format!("/api/v1/logs?q={part}")).await.expect_problem(500, "internal_error");
}

#[derive(sqlx::FromRow)]
struct SqliteStep {
    detail: String,
}

#[derive(sqlx::FromRow)]
struct PostgresStep {
    #[sqlx(rename = "QUERY PLAN")]
    step: String,
}

/// SRCH-03, PERF-02: the engine goes to each pair of block and gram by the primary key; on PostgreSQL behind the wall of
/// row-level security as well, where an operator that may leak would not be let at an index.
#[tokio::test]
async fn pairs_are_looked_up_by_the_primary_key() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    upload(&key, &(1..=400).map(|n| format!(r#"{{"container":"{}"}}"#, container(n))).collect::<Vec<_>>())
        .await;
    app.index_parts(400).await;
    let mut tx = app.app.db.write(Scope::Customer(CustomerId(customer.id))).await.unwrap();
    let text = repo::postings_text(tx.dialect());
    let explain = |how: &str| {
        let statement = sql_owned(format!("{how} {text}"));
        statement.bind("[[0,1],[0,2]]").bind(customer.id).bind(false)
    };
    let plan = match tx.dialect() {
        Dialect::Sqlite => {
            let steps: Vec<SqliteStep> = explain("EXPLAIN QUERY PLAN").all(&mut tx).await.unwrap();
            steps.into_iter().map(|row| row.detail).collect::<Vec<_>>().join("\n")
        }
        Dialect::Postgres => {
            sql_owned("ANALYZE log_part".to_owned()).execute(&mut tx).await.unwrap();
            // So few rows are read as a whole otherwise; what is asked here is whether the wall lets it at the index.
            for how in ["seqscan", "hashjoin", "mergejoin", "bitmapscan", "material"] {
                sql_owned(format!("SET LOCAL enable_{how} = off")).execute(&mut tx).await.unwrap();
            }
            let steps: Vec<PostgresStep> = explain("EXPLAIN").all(&mut tx).await.unwrap();
            steps.into_iter().map(|row| row.step).collect::<Vec<_>>().join("\n")
        }
    };
    let wanted = match tx.dialect() {
        Dialect::Sqlite => "SEARCH p USING PRIMARY KEY (customer_id=? AND test=? AND block=? AND gram=?)",
        Dialect::Postgres => "(block = r.block) AND (gram = r.gram)",
    };
    let condition = plan.lines().find(|line| line.contains(wanted)).unwrap_or_else(|| panic!("{plan}"));
    assert!(condition.contains("Index Cond") || condition.contains("SEARCH p USING PRIMARY KEY"), "{plan}");
}

/// SRCH-03, GEN-06, GEN-14: while logs are stored, erased and redacted, the follower puts in what stands there by then and
/// nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_follower_keeps_up_with_changes() {
    let app = std::sync::Arc::new(TestApp::new().await);
    let (_, owner, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    let end = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let followers: Vec<_> = (0..2)
        .map(|_| {
            let (app, end) = (std::sync::Arc::clone(&app), std::sync::Arc::clone(&end));
            tokio::spawn(async move {
                while !end.load(std::sync::atomic::Ordering::Relaxed) {
                    follow::bring_in(&app.app, 1).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let writers: Vec<_> = [key.clone(), other]
        .into_iter()
        .map(|actor| {
            tokio::spawn(async move {
                for round in 0..12_i64 {
                    let lines = (0..40).map(|n| {
                        let n = round * 40 + n;
                        format!(r#"{{"container":"{}","driver":"geheim{n}","part":{}}}"#, container(n), n % 8)
                    });
                    upload(&actor, &lines.collect::<Vec<_>>()).await;
                }
            })
        })
        .collect();
    let mut erased = 0;
    for round in 0.. {
        let q = format!("part:{}", round % 8);
        let path = format!("/api/v1/logs/erasures/preview?q={}", encode(&q));
        let seen = owner.get(&path).await.expect_ok().json();
        if seen["count"] != 0 {
            let fields: Value = if round % 3 == 0 { json!([]) } else { json!(["driver"]) };
            let body =
                json!({ "q": q, "up_to": seen["up_to"], "expected_count": seen["count"], "fields": fields });
            let out = owner.post("/api/v1/logs/erasures", &body).await.expect_ok().json();
            erased += out["count"].as_i64().unwrap();
        }
        // However slow the writers are beside it: enough has to be erased to say something.
        if round > 16 && erased > 100 && writers.iter().all(tokio::task::JoinHandle::is_finished) {
            break;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    end.store(true, std::sync::atomic::Ordering::Relaxed);
    for follower in followers {
        follower.await.unwrap();
    }
    follow::bring_in(&app.app, 1).await.unwrap();
    assert!(erased > 100, "{erased}");
    assert_eq!(app.number("SELECT CAST(SUM(seq) AS BIGINT) AS n FROM log_part_mark").await, 960);
    assert!(audit_parts(&app.app.db).await > 480);
}

/// SRCH-03, OPS-11: staff sees how many logs the index does not have yet; a few are left to wait.
#[tokio::test]
async fn staff_sees_what_waits() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let (_, _, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    upload(&key, &vec![r#"{"a":1}"#.to_owned(); 200]).await;
    upload(&other, &vec![r#"{"a":1}"#.to_owned(); 9]).await;
    let waiting = async || {
        let overview = admin.get("/api/v1/admin/overview").await.expect_ok().json();
        overview["logs_to_index"].as_i64().unwrap()
    };
    assert_eq!(waiting().await, 209);
    follow::run(&app.app).await.unwrap();
    assert_eq!(waiting().await, 9);
    follow::bring_in(&app.app, 1).await.unwrap();
    assert_eq!(waiting().await, 0);
}

/// SRCH-03, GEN-10: a log with more words than are kept, and one with more letters in a row than are kept, are found.
#[tokio::test]
async fn very_large_logs_are_found() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let long = format!("{}naald{}", "x".repeat(300), "y".repeat(300));
    record(&key, &json!({ "t": long }).to_string()).await;
    let wild: String = (0..30_000).map(|n| format!("{n:x} ")).collect();
    record(&key, &json!({ "t": wild, "u": "zoekmij" }).to_string()).await;
    record(&key, &json!({ "t": "gewoon" }).to_string()).await;
    for mark in [0, 3] {
        app.index_parts(mark).await;
        for (q, wanted) in [
            ("*naald*", vec![1]),
            ("*xnaaldy*", vec![1]),
            ("*oekmi*", vec![2]),
            ("*752f*", vec![2]),
            ("*ewoo*", vec![3]),
        ] {
            assert_eq!(find(&key, q).await, wanted, "{q} {mark}");
        }
    }
}
