//! Tamper evidence: what is sealed can be computed by anybody, what is changed past the product is named, and what is
//! erased by it is not mistaken for that.

use std::time::Duration;

use api::domain::logs::erasure::{purge, retention};
use api::domain::logs::seals::verify::{Limits, Place, verify};
use api::domain::logs::seals::{sealing, thin};
use api::util::crypto::{hex, sha256_hex};
use api::util::ids::{CustomerId, LogId, Space};
use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::time::Millis;

use crate::support::{Actor, TestApp, TestCustomer, TestDatabase, record, upload};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn get(actor: &Actor, path: &str) -> Value {
    actor.get(path).await.expect_ok().json()
}

/// Seals what is due, and says how many seals were made.
async fn seal(app: &TestApp) -> u64 {
    sealing::run(&app.app).await.unwrap()
}

/// Verifies to the end; the answers' days one after the other.
async fn days(actor: &Actor) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let out = get(actor, &format!("/api/v1/seals/verification{cursor}")).await;
        all.extend(out["data"].as_array().unwrap().clone());
        match out["next_cursor"].as_str() {
            Some(next) => cursor = format!("?cursor={next}"),
            None => return all,
        }
    }
}

/// What verifying finds: place, kind, count, ids.
async fn findings(actor: &Actor) -> Vec<(i64, String, i64, Vec<i64>)> {
    let mut found = Vec::new();
    for day in days(actor).await {
        let list = day["findings"].as_array().unwrap();
        assert_eq!(day["state"] == "changed", !list.is_empty(), "{day}");
        for finding in list {
            let ids = finding["ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
            let kind = finding["kind"].as_str().unwrap().to_owned();
            found.push((
                day["position"].as_i64().unwrap_or(0),
                kind,
                finding["count"].as_i64().unwrap(),
                ids,
            ));
        }
    }
    found
}

async fn states(actor: &Actor) -> Vec<String> {
    days(actor).await.iter().map(|day| day["state"].as_str().unwrap().to_owned()).collect()
}

fn intact(count: usize) -> Vec<String> {
    vec!["intact".to_owned(); count]
}

async fn seals(actor: &Actor) -> Vec<Value> {
    let mut all = get(actor, "/api/v1/seals?limit=1000").await["data"].as_array().unwrap().clone();
    all.reverse();
    all
}

fn id_of(customer: &TestCustomer, number: i64) -> i64 {
    LogId::new(CustomerId(customer.id), Space::Live, number).unwrap().0
}

// The description of `domain/logs/seals`, written down a second time.

fn fields(leaf: bool, fields: &[Option<String>]) -> String {
    let mut bytes = if leaf { vec![0] } else { Vec::new() };
    for field in fields {
        match field {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend((text.len() as u64).to_be_bytes());
                bytes.extend(text.as_bytes());
            }
        }
    }
    sha256_hex(&bytes)
}

fn instant(value: &Value) -> String {
    Millis::from_rfc3339(value.as_str().unwrap()).unwrap().0.to_string()
}

/// The leaf of a log of the JSON export.
fn leaf(log: &Value) -> String {
    let text = |name: &str| log[name].as_str().map(str::to_owned);
    let number = |name: &str| log[name].as_i64().map(|number| number.to_string());
    let flags: Vec<&str> =
        log["flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect();
    fields(
        true,
        &[
            Some("mvai.log/1".to_owned()),
            number("customer_id"),
            number("id"),
            text("kind"),
            text("level"),
            text("message"),
            text("data"),
            text("metadata"),
            Some(instant(&log["timestamp"])),
            Some(instant(&log["received_at"])),
            text("source"),
            text("ip_address"),
            text("actor_ref"),
            text("external_id"),
            number("corrects_id"),
            Some(flags.join(" ")),
            text("seal_salt"),
        ],
    )
}

fn bytes(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn node(left: &str, right: &str) -> String {
    hex(&Sha256::digest([&[1][..], &bytes(left), &bytes(right)].concat()))
}

fn root(leaves: &[String]) -> String {
    if leaves.len() == 1 {
        return leaves[0].clone();
    }
    let mut split = 1;
    while split * 2 < leaves.len() {
        split *= 2;
    }
    node(&root(&leaves[..split]), &root(&leaves[split..]))
}

/// The root that a proof leads to, from the size of the tree and the place in it.
fn led(leaf: &str, index: usize, total: usize, path: &[String]) -> String {
    if total == 1 {
        assert!(path.is_empty());
        return leaf.to_owned();
    }
    let mut split = 1;
    while split * 2 < total {
        split *= 2;
    }
    let (top, below) = path.split_last().unwrap();
    if index < split {
        node(&led(leaf, index, split, below), top)
    } else {
        node(top, &led(leaf, index - split, total - split, below))
    }
}

fn digest(customer: i64, seal: &Value) -> String {
    let number = |name: &str| Some(seal[name].as_i64().unwrap().to_string());
    let text = |name: &str| seal[name].as_str().map(str::to_owned);
    fields(
        false,
        &[
            Some("mvai.seal/1".to_owned()),
            Some(customer.to_string()),
            number("position"),
            text("day"),
            number("first_id"),
            number("logs"),
            text("root"),
            text("previous"),
            Some(instant(&seal["sealed_at"])),
        ],
    )
}

const KINDS: [&str; 6] = [
    r#"{"kind":"scan","message":"Ångström \u00e9 €","level":"error","external_id":"e-1","temp":4.20}"#,
    r#"  {"a" : [1, 2.50, null]} "#,
    r#""tekst""#,
    r#"{"kind":"rit","occurred_at":"2026-11-01T08:00:00Z","message":""}"#,
    r#"{"kind":"rit","corrects_id":1,"data":"y"}"#,
    "42",
];

/// LOG-16: from the JSON export anybody computes leaf, root, seal and chain; each log has a proof that leads to its
/// seal; what is received today is not sealed yet; the manifest carries the seals.
#[tokio::test]
async fn a_seal_is_what_the_description_says() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    for sender in [&owner, &key] {
        for text in KINDS {
            record(
                sender,
                &text.replace("e-1", if sender.credential == key.credential { "e-2" } else { "e-1" }),
            )
            .await;
        }
    }
    assert_eq!(seal(&app).await, 0, "the day is not over");
    app.clock.advance(12 * HOUR);
    assert_eq!(seal(&app).await, 0, "what is being stored may belong to it");
    let open = get(&key, "/api/v1/logs/3/proof").await;
    assert_eq!((&open["seal"], &open["fits"], &open["path"]), (&json!(null), &json!(false), &json!([])));
    app.clock.advance(5 * 60_000);
    record(&key, r#"{"kind":"morgen"}"#).await;
    assert_eq!((seal(&app).await, seal(&app).await), (1, 0), "once");
    for n in 0..5 {
        record(&key, &format!(r#"{{"n":{n}}}"#)).await;
    }
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 1);
    record(&key, r#"{"kind":"vandaag"}"#).await;

    let document = get(&key, "/api/v1/export/json").await;
    let logs = document["logs"].as_array().unwrap();
    let leaves: Vec<String> = logs.iter().map(leaf).collect();
    assert_eq!(leaves.len(), 19);
    let seals = seals(&key).await;
    let told: Vec<_> =
        seals.iter().map(|seal| (&seal["day"], &seal["first_id"], &seal["last_id"], &seal["logs"])).collect();
    assert_eq!(
        told,
        [
            (&json!("2026-11-22"), &json!(1), &json!(12), &json!(12)),
            (&json!("2026-11-23"), &json!(13), &json!(18), &json!(6))
        ]
    );
    assert_eq!((&seals[0]["previous"], &seals[1]["previous"]), (&json!(null), &seals[0]["digest"]));
    for (seal, leaves) in seals.iter().zip([&leaves[..12], &leaves[12..18]]) {
        assert_eq!(seal["root"], root(leaves));
        assert_eq!(seal["digest"], digest(customer.id, seal));
    }
    for (number, log) in (1..).zip(logs) {
        let proof = get(&key, &format!("/api/v1/logs/{number}/proof")).await;
        assert_eq!(proof["leaf"], leaf(log), "{log}");
        assert_eq!(proof["salt"], log["seal_salt"]);
        let single = get(&key, &format!("/api/v1/logs/{number}")).await;
        if number > 18 {
            assert_eq!((&proof["seal"], single.get("sealed_at")), (&json!(null), None));
            continue;
        }
        let path: Vec<String> = serde_json::from_value(proof["path"].clone()).unwrap();
        let (index, total) = (proof["index"].as_u64().unwrap(), proof["seal"]["logs"].as_u64().unwrap());
        let led = led(&leaf(log), usize::try_from(index).unwrap(), usize::try_from(total).unwrap(), &path);
        assert_eq!((&json!(led), &proof["fits"]), (&proof["seal"]["root"], &json!(true)));
        assert_eq!(single["sealed_at"], proof["seal"]["sealed_at"]);
        assert!(single.get("seal_salt").is_none());
    }
    key.get("/api/v1/logs/20/proof").await.expect_problem(404, "log_not_found");

    let job = key.post("/api/v1/exports", &json!({ "format": "csv", "q": "id:14..19" })).await;
    let job = job.expect(StatusCode::ACCEPTED).json();
    api::domain::exports::worker::work_off(&app.app).await.unwrap();
    let manifest = get(&key, &format!("/api/v1/exports/{}/manifest", job["id"].as_str().unwrap())).await;
    assert_eq!(manifest["seals"], json!({ "newest": seals[1], "days": [seals[1]] }));

    let out = get(&key, "/api/v1/seals/verification").await;
    assert_eq!(
        (&out["state"], &out["seals"], &out["unsealed"], &out["newest"], &out["has_more"]),
        (&json!("intact"), &json!(2), &json!(1), &seals[1], &json!(false))
    );
    assert_eq!(states(&key).await, intact(2));
}

/// Three days with ten logs each, sealed, and two logs of today.
async fn three_days(app: &TestApp) -> (TestCustomer, Actor, Actor) {
    let (customer, owner, key) = app.tenant().await;
    for day in 0..3 {
        let lines: Vec<String> =
            (0..10).map(|n| format!(r#"{{"kind":"scan","driver":"Jansen {day} {n}","n":{n}}}"#)).collect();
        upload(&key, &lines).await;
        app.clock.advance(DAY);
    }
    assert!(seal(app).await >= 3, "and what others have of these days");
    upload(&key, &["1".to_owned(), "2".to_owned()]).await;
    assert_eq!(states(&key).await, intact(3));
    (customer, owner, key)
}

/// LOG-16: whatever is changed in a row of a log, and a row that is taken away or put in, is found and named.
#[tokio::test]
async fn changed_logs_are_named() {
    let app = TestApp::new().await;
    let (customer, _, key) = three_days(&app).await;
    let row = id_of(&customer, 14);
    app.run_sql("CREATE TABLE log_before AS SELECT * FROM log").await;
    let restore = async || {
        app.run_sql("DELETE FROM log").await;
        app.run_sql("INSERT INTO log SELECT * FROM log_before").await;
        assert_eq!(states(&key).await, intact(3), "as it was");
    };
    for change in [
        "kind = 'los'",
        "level = 'error'",
        "message = 'later bedacht'",
        "data = data || ' '",
        "metadata = '{}'",
        "occurred_at = occurred_at + 1",
        "received_at = received_at - 1",
        "source = 'web'",
        "ip_address = NULL",
        "actor_ref = 'x'",
        "external_id = 'x'",
        "corrects_id = 1",
        "flags = 'late'",
        "salt = NULL",
    ] {
        assert_eq!(app.run_sql(&format!("UPDATE log SET {change} WHERE id = {row}")).await, 1);
        let expected = [(2, "log_changed".to_owned(), 1, vec![14])];
        assert_eq!(findings(&key).await, expected, "{change}");
        assert_eq!(get(&key, "/api/v1/logs/14/proof").await["fits"], false, "{change}");
        restore().await;
    }
    // The digest of duplicates is no part of what anybody sees.
    app.run_sql(&format!("DELETE FROM log WHERE id IN ({row}, {})", id_of(&customer, 30))).await;
    let gone = |place, id| (place, "log_missing".to_owned(), 1, vec![id]);
    assert_eq!(findings(&key).await, [gone(2, 14), gone(3, 30)]);
    restore().await;
    app.run_sql(&format!("DELETE FROM log WHERE id = {}", id_of(&customer, 31))).await;
    assert_eq!(findings(&key).await, [gone(0, 31)], "before it is sealed as well");
    restore().await;
    app.run_sql(&format!("UPDATE log SET id = id + 1000 WHERE id = {}", id_of(&customer, 32))).await;
    let added = (0, "log_added".to_owned(), 1, vec![1_032]);
    assert_eq!(findings(&key).await, [added, gone(0, 32)]);
    restore().await;
    // Two logs change places.
    let (a, b) = (row, row + 1);
    app.run_sql(&format!(
        "UPDATE log SET data = (SELECT x.data FROM log_before x WHERE x.id = {a} + {b} - log.id) WHERE id IN ({a}, {b})"
    ))
    .await;
    assert_eq!(findings(&key).await, [(2, "log_changed".to_owned(), 2, vec![14, 15])]);
    restore().await;
}

/// LOG-16: a seal that is edited, taken away or put in is found and named, and so are changed digests beside the logs.
#[tokio::test]
async fn changed_seals_are_named() {
    let app = TestApp::new().await;
    let (customer, _, key) = three_days(&app).await;
    let tables = ["log_seal", "log_seal_block", "log_seal_head"];
    for table in tables {
        app.run_sql(&format!("CREATE TABLE before_{table} AS SELECT * FROM {table}")).await;
    }
    let x = "ab".repeat(32);
    let find =
        |kind: &str, place: i64, ids: &[i64]| (place, kind.to_owned(), ids.len().max(1) as i64, ids.to_vec());
    let digests = |place| find("digests_changed", place, &[]);
    for (change, expected) in [
        ("log_seal SET day = day + 1 WHERE position = 2", vec![find("seal_edited", 2, &[2])]),
        ("log_seal SET sealed_at = sealed_at + 1 WHERE position = 2", vec![find("seal_edited", 2, &[2])]),
        (
            &format!("log_seal SET root = '{x}' WHERE position = 2"),
            vec![digests(2), find("seal_edited", 2, &[2])],
        ),
        (
            &format!("log_seal SET previous = '{x}' WHERE position = 2"),
            vec![find("chain_broken", 2, &[2]), find("seal_edited", 2, &[2])],
        ),
        (
            &format!("log_seal SET digest = '{x}' WHERE position = 2"),
            vec![find("seal_edited", 2, &[2]), find("chain_broken", 3, &[3])],
        ),
        (
            &format!("log_seal SET digest = '{x}' WHERE position = 3"),
            vec![find("seal_edited", 3, &[3]), find("chain_broken", 3, &[3])],
        ),
        (
            "log_seal SET position = 7 WHERE position = 3",
            vec![
                (3, "seal_missing".to_owned(), 4, vec![3, 4, 5, 6]),
                find("seal_edited", 7, &[7]),
                find("chain_broken", 7, &[7]),
            ],
        ),
        (
            &format!("log_seal_block SET digest = '{x}' WHERE first_number = 11"),
            vec![(2, "digests_changed".to_owned(), 2, vec![])],
        ),
        (&format!("log_seal_head SET digest = '{x}'"), vec![find("chain_broken", 3, &[3])]),
        ("log_seal_head SET position = 5", vec![find("seal_missing", 4, &[4, 5])]),
        ("log_seal_head SET position = 2", vec![find("chain_broken", 3, &[3])]),
        ("-log_seal WHERE position = 1", vec![find("seal_missing", 1, &[1])]),
        ("-log_seal WHERE position = 2", vec![find("seal_missing", 2, &[2])]),
        ("-log_seal WHERE position = 3", vec![find("seal_missing", 3, &[3])]),
        ("-log_seal", vec![find("seal_missing", 1, &[1, 2, 3])]),
        ("-log_seal_head", vec![find("chain_broken", 3, &[3])]),
        ("-log_seal_block WHERE first_number = 21", vec![(3, "digests_changed".to_owned(), 2, vec![])]),
    ] {
        let text = match change.strip_prefix('-') {
            Some(rows) => format!("DELETE FROM {rows}"),
            None => format!("UPDATE {change}"),
        };
        assert!(app.run_sql(&text).await > 0, "{text}");
        assert_eq!(findings(&key).await, expected, "{text}");
        for table in tables {
            app.run_sql(&format!("DELETE FROM {table}")).await;
            app.run_sql(&format!("INSERT INTO {table} SELECT * FROM before_{table}")).await;
        }
        assert_eq!(states(&key).await, intact(3), "as it was");
    }
    // A log that is changed together with the digests beside it still does not lead to the seal.
    let row = id_of(&customer, 14);
    app.run_sql(&format!("UPDATE log SET message = 'x' WHERE id = {row}")).await;
    app.run_sql("UPDATE log_seal_block SET marks = '' WHERE first_number = 11").await;
    assert_eq!(findings(&key).await, [digests(2)]);
}

/// LOG-16: whoever writes the whole chain anew is found out by a seal that was kept elsewhere.
#[tokio::test]
async fn a_kept_seal_shows_that_a_chain_was_written_anew() {
    let app = TestApp::new().await;
    let (customer, _, key) = three_days(&app).await;
    let (_, _, stranger) = three_days(&app).await;
    let kept = seals(&key).await[1]["digest"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/seals/verification?seal={}", kept.to_uppercase());
    let found = get(&key, &path).await;
    assert_eq!(found["kept"], json!({ "found": true, "position": 2, "day": "2026-11-23" }));
    let none = json!({ "found": false, "position": null, "day": null });
    assert_eq!(get(&stranger, &path).await["kept"], none);
    app.run_sql(&format!("UPDATE log SET message = 'x' WHERE id = {}", id_of(&customer, 2))).await;
    for table in ["log_seal", "log_seal_block", "log_seal_head"] {
        app.run_sql(&format!("DELETE FROM {table} WHERE customer_id = {}", customer.id)).await;
    }
    assert_eq!(seal(&app).await, 4);
    let found = get(&key, &path).await;
    assert_eq!((&found["state"], &found["kept"]), (&json!("intact"), &none));
    for wrong in ["abc", &"g".repeat(64)] {
        let path = format!("/api/v1/seals/verification?seal={wrong}");
        key.get(&path).await.expect_problem(400, "invalid_parameter");
    }
    key.get("/api/v1/seals/verification?zegel=1").await.expect_problem(400, "unknown_parameter");
}

/// Erases as the web app does.
async fn erase(app: &TestApp, customer: &TestCustomer, q: &str, fields: &[&str]) -> i64 {
    let owner = app.owner(customer).await;
    let path = format!("/api/v1/logs/erasures/preview?q={}", crate::support::encode(q));
    let seen = get(&owner, &path).await;
    let body = json!({ "q": q, "up_to": seen["up_to"], "expected_count": seen["count"], "fields": fields });
    owner.post("/api/v1/logs/erasures", &body).await.expect_ok().json()["count"].as_i64().unwrap()
}

async fn purged(app: &TestApp) {
    purge::run(&app.app).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_hidden").await, 0);
}

/// LOG-10, LOG-16: erasing logs and fields, before and after their day is sealed and both after each other, keeps every
/// seal right; the content is gone from the file, and so is what would let anybody guess at it. What was erased by
/// nobody on record, comes back, or is changed after it was redacted, is found.
#[tokio::test]
async fn erasing_keeps_the_leaf_and_not_the_content() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    let lines: Vec<String> =
        (0..10).map(|n| format!(r#"{{"kind":"k{n}","driver":"geheimpje{n}","x":{n}}}"#)).collect();
    upload(&key, &lines).await;
    let before = get(&key, "/api/v1/export/json").await;
    let leaves: Vec<String> = before["logs"].as_array().unwrap().iter().map(leaf).collect();
    let salts: Vec<String> = before["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["seal_salt"].as_str().unwrap().to_owned())
        .collect();
    // Before the day is sealed: 1 goes, 2 loses a field, 3 loses a field and goes.
    assert_eq!(erase(&app, &customer, "kind:k0", &[]).await, 1);
    assert_eq!(erase(&app, &customer, "id:2..3", &["driver"]).await, 2);
    assert_eq!(erase(&app, &customer, "id:3", &[]).await, 1);
    assert_eq!(states(&key).await, Vec::<String>::new());
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 1);
    let key = app.key(&app.owner(&customer).await, None).await;
    assert_eq!(seals(&key).await[0]["root"], root(&leaves), "of the logs as they were received");
    assert_eq!(states(&key).await, intact(1));
    // After it: 4 goes, 5 loses a field, 6 a field twice, 7 a field and all of it.
    assert_eq!(erase(&app, &customer, "id:4", &[]).await, 1);
    assert_eq!(states(&key).await, intact(1), "out of sight");
    assert_eq!(erase(&app, &customer, "id:5..7", &["driver"]).await, 3);
    assert_eq!(erase(&app, &customer, "id:6", &["x"]).await, 1);
    assert_eq!(erase(&app, &customer, "id:7", &[]).await, 1);
    purged(&app).await;
    purge::clean(&app.app).await.unwrap();
    let day = days(&key).await.remove(0);
    assert_eq!(
        (&day["state"], &day["logs"], &day["erased"], &day["redacted"]),
        (&json!("intact"), &json!(6), &json!(4), &json!(3)),
        "{day}"
    );
    key.get("/api/v1/logs/4/proof").await.expect_problem(404, "log_not_found");
    for number in [2, 5, 6, 8] {
        let proof = get(&key, &format!("/api/v1/logs/{number}/proof")).await;
        assert_eq!((&proof["leaf"], &proof["fits"]), (&json!(leaves[number - 1]), &json!(true)));
        assert_eq!((&proof["redacted"], proof["salt"].is_null()), (&json!(number < 8), number < 8));
    }
    if let Some(file) = app.database.file() {
        let mut all = std::fs::read(&file).unwrap();
        all.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
        let holds = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
        for (n, salt) in salts.iter().enumerate() {
            let whole = n >= 7;
            assert_eq!((holds(salt), holds(&format!("geheimpje{n}"))), (whole, whole), "{n}");
        }
    }
    // Each kind of pretence is found.
    for table in ["log", "log_leaf", "log_erasure"] {
        app.run_sql(&format!("CREATE TABLE before_{table} AS SELECT * FROM {table}")).await;
    }
    let row = |number| id_of(&customer, number);
    let copy = format!("UPDATE log SET id = {} WHERE id = {}", row(4), row(10));
    let one = |kind: &str, id: i64| (1, kind.to_owned(), 1, vec![id]);
    for (change, expected) in [
        (copy, vec![one("log_added", 4), one("log_missing", 10)]),
        (format!("UPDATE log SET data = '{{}}' WHERE id = {}", row(5)), vec![one("log_changed", 5)]),
        (format!("DELETE FROM log WHERE id = {}", row(6)), vec![one("log_missing", 6)]),
        (
            format!("UPDATE log_leaf SET digest = '{}' WHERE id = {}", "ab".repeat(32), row(4)),
            vec![one("log_changed", 4)],
        ),
        (format!("DELETE FROM log_leaf WHERE id = {}", row(4)), vec![one("log_missing", 4)]),
        (format!("DELETE FROM log_leaf WHERE id = {}", row(5)), vec![one("log_changed", 5)]),
        ("DELETE FROM log_erasure WHERE query = 'id:4'".to_owned(), vec![one("erasure_unknown", 4)]),
        (
            "UPDATE log_erasure SET fields = '[]' WHERE query = 'id:2..3'".to_owned(),
            vec![one("erasure_unknown", 2)],
        ),
    ] {
        assert!(app.run_sql(&change).await > 0, "{change}");
        assert_eq!(findings(&key).await, expected, "{change}");
        for table in ["log", "log_leaf", "log_erasure"] {
            app.run_sql(&format!("DELETE FROM {table}")).await;
            app.run_sql(&format!("INSERT INTO {table} SELECT * FROM before_{table}")).await;
        }
        assert_eq!(states(&key).await, intact(1), "as it was");
    }
    // A log that is taken away in the shape of an erasure, without one.
    app.run_sql(&format!("DELETE FROM log WHERE id = {}", row(9))).await;
    app.run_sql(&format!(
        "INSERT INTO log_leaf (id, customer_id, cause, digest) VALUES ({}, {}, 'erased', '{}')",
        row(9),
        customer.id,
        leaves[8]
    ))
    .await;
    assert_eq!(findings(&key).await, [one("erasure_unknown", 9)]);
}

/// LOG-11, LOG-16: when retention has taken all logs of a day, its seal stays and what was kept beside it goes; the
/// chain is verified on, and nobody can say of another day that retention took it.
#[tokio::test]
async fn seals_outlive_what_retention_takes() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    upload(&key, &vec![r#"{"kind":"oud"}"#.to_owned(); 300]).await;
    app.clock.advance(10 * DAY);
    upload(&key, &["1".to_owned(), r#"{"occurred_at":"2026-11-20"}"#.to_owned()]).await;
    app.clock.advance(15 * HOUR);
    assert_eq!(seal(&app).await, 2);
    let sealed = seals(&key).await;
    app.run_sql(&format!("UPDATE customer SET retention_days = 30 WHERE id = {}", customer.id)).await;
    app.clock.advance(22 * DAY);
    retention::run(&app.app).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log").await, 1, "of the second day one is left");
    assert_eq!(states(&key).await, intact(2), "what is kept of the others fits");
    assert_eq!(thin::run(&app.app).await.unwrap(), 1);
    assert_eq!(thin::run(&app.app).await.unwrap(), 0, "once");
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_leaf").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_seal_block").await, 1);
    assert_eq!(states(&key).await, ["removed", "intact"]);
    let left = seals(&key).await;
    assert_eq!((&left[0]["digest"], &left[1]), (&sealed[0]["digest"], &sealed[1]));
    assert!(left[0]["removed_at"].is_string());
    // Nobody says of another day that it went this way.
    app.run_sql("DELETE FROM log").await;
    app.run_sql("UPDATE log_seal SET removed_at = 1, removed_by = 'x' WHERE position = 2").await;
    assert_eq!(findings(&key).await, [(2, "erasure_unknown".to_owned(), 2, vec![])]);
    app.run_sql("UPDATE log_seal SET removed_at = NULL, removed_by = NULL WHERE position = 2").await;
    assert_eq!(thin::run(&app.app).await.unwrap(), 0, "a day that somebody has emptied is not thinned");
    assert_eq!(findings(&key).await, [(2, "log_missing".to_owned(), 1, vec![301])]);
}

/// LOG-07, LOG-16: after days away each day gets its seal; a late log belongs to the day on which it is received; what
/// was numbered late, or under a clock that was wrong, is sealed with what surrounds it, and nothing changes a seal.
#[tokio::test]
async fn late_logs_and_wrong_clocks_change_no_seal() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    for _ in 0..3 {
        record(&key, r#"{"kind":"a"}"#).await;
        app.clock.advance(2 * DAY);
    }
    assert_eq!((seal(&app).await, seal(&app).await), (3, 0));
    let told = |seals: &[Value]| -> Vec<(String, i64)> {
        let one =
            |seal: &Value| (seal["day"].as_str().unwrap().to_owned(), seal["last_id"].as_i64().unwrap());
        seals.iter().map(one).collect()
    };
    let days_of = |days: &[(&str, i64)]| -> Vec<(String, i64)> {
        days.iter().map(|(day, last)| (format!("2026-11-{day}"), *last)).collect()
    };
    let first = seals(&key).await;
    assert_eq!(told(&first), days_of(&[("22", 1), ("24", 2), ("26", 3)]), "a day without logs has none");
    // 28 November: about last week, and one that was received just before a midnight that has passed.
    record(&key, r#"{"occurred_at":"2026-11-22T09:00:00Z"}"#).await;
    record(&key, "1").await;
    app.run_sql(&format!(
        "UPDATE log SET received_at = received_at - {} WHERE id = {}",
        2 * DAY,
        id_of(&customer, 4)
    ))
    .await;
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 2, "the 26th has its seal: the first of them belongs to the next day");
    // 29 November: the clock runs ahead for one log.
    record(&key, "2").await;
    let ahead = record(&key, "3").await;
    app.run_sql(&format!(
        "UPDATE log SET received_at = received_at + {} WHERE id = {}",
        400 * DAY,
        id_of(&customer, ahead)
    ))
    .await;
    record(&key, "4").await;
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 1);
    // 30 November: the clock runs ahead for a round of sealing, and goes back. Nothing is held up for good.
    record(&key, "5").await;
    app.clock.advance(40 * DAY);
    assert_eq!(seal(&app).await, 1);
    app.clock.advance(-40 * DAY);
    record(&key, "6").await;
    assert_eq!(seal(&app).await, 0);
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 0, "the 30th has its seal");
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 1);
    let all = seals(&key).await;
    assert_eq!(&all[..3], &first[..], "what is sealed stays");
    let last = ("2026-12-01".to_owned(), 10);
    let expected = days_of(&[("27", 4), ("28", 5), ("29", 8), ("30", 9)]).into_iter().chain([last]);
    assert_eq!(told(&all[3..]), expected.collect::<Vec<_>>());
    assert_eq!(states(&key).await, intact(8));
}

/// LOG-16: several servers, or several rounds at once, make one chain; a log that somebody takes away before its day is
/// sealed leaves a gap that is sealed and named.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_chain_is_made_once() {
    let app = std::sync::Arc::new(TestApp::new().await);
    let (customer, _, key) = app.tenant().await;
    for _ in 0..4 {
        upload(&key, &vec!["1".to_owned(); 600]).await;
        app.clock.advance(DAY);
    }
    app.run_sql(&format!("DELETE FROM log WHERE id = {}", id_of(&customer, 5))).await;
    let rounds: Vec<_> = (0..4)
        .map(|_| {
            let app = std::sync::Arc::clone(&app);
            tokio::spawn(async move { seal(&app).await })
        })
        .collect();
    let mut made = 0;
    for round in rounds {
        made += round.await.unwrap();
    }
    assert_eq!(made, 4);
    assert_eq!(findings(&key).await, [(1, "log_missing".to_owned(), 1, vec![5])]);
    assert_eq!(seals(&key).await.len(), 4);
    // Whoever stopped in the middle is followed by somebody else once that is certain.
    upload(&key, &vec!["1".to_owned(); 10]).await;
    app.clock.advance(DAY);
    app.run_sql(&format!("UPDATE log_seal_head SET leased_until = {}", app.clock.now().0 + 30_000)).await;
    assert_eq!(seal(&app).await, 0);
    app.clock.advance(31_000);
    assert_eq!(seal(&app).await, 1);
}

/// LOG-16: a large day is sealed and verified in portions while others write; a verification can be cut anywhere and
/// goes on there; of thousands the one that was changed is named, and each has its proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_large_day_goes_in_portions() {
    let app = std::sync::Arc::new(TestApp::new().await);
    let (customer, _, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    let lines: Vec<String> =
        (0..5_000).map(|n| format!(r#"{{"n":{n},"x":"{}"}}"#, "y".repeat(n % 700))).collect();
    upload(&key, &lines).await;
    app.clock.advance(DAY);
    let writer = tokio::spawn(async move {
        for n in 0..200 {
            record(&other, &n.to_string()).await;
        }
    });
    assert_eq!(seal(&app).await, 1);
    writer.await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_seal_block").await, 20);
    app.run_sql(&format!("UPDATE log SET message = 'x' WHERE id = {}", id_of(&customer, 3_777))).await;
    let limits = Limits { time: Duration::ZERO, days: 10 };
    let (mut place, mut answers, mut logs, mut named) = (Some(Place::START), 0, 0, Vec::new());
    while let Some(from) = place {
        let found = verify(&app.app.db, CustomerId(customer.id), from, limits).await.unwrap();
        for check in found.checks {
            logs += check.logs;
            named.extend(check.findings.into_iter().flat_map(|finding| finding.ids));
        }
        (place, answers) = (found.next, answers + 1);
    }
    assert_eq!((logs, named), (5_000, vec![3_777]));
    assert!(answers >= 20, "{answers}");
    for number in [1, 2, 255, 256, 257, 4_999, 5_000] {
        let proof = get(&key, &format!("/api/v1/logs/{number}/proof")).await;
        assert_eq!(proof["fits"], true, "{number}");
        assert!(proof["path"].as_array().unwrap().len() <= 13);
    }
}

/// LOG-16, ACC-01, KEY-09: chains of customers have nothing to do with each other, and the test space has none and tells
/// nothing of the live one; pages of seals go through all of them.
#[tokio::test]
async fn chains_are_of_one_customer_and_of_live_logs() {
    let app = TestApp::new().await;
    let (customer, _, key) = three_days(&app).await;
    let (_, owner, other) = three_days(&app).await;
    let (own, foreign) = (seals(&key).await, seals(&other).await);
    assert!(own.iter().all(|seal| foreign.iter().all(|other| other["root"] != seal["root"])));
    let first = get(&key, "/api/v1/seals?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = get(&key, &format!("/api/v1/seals?limit=2&cursor={cursor}")).await;
    assert_eq!((&first["data"], &rest["data"]), (&json!([own[3], own[2]]), &json!([own[1], own[0]])));
    assert_eq!((&first["has_more"], &rest["has_more"]), (&json!(true), &json!(false)));
    other.get(&format!("/api/v1/seals?cursor={cursor}")).await.expect_problem(400, "cursor_mismatch");
    app.run_sql(&format!("DELETE FROM log WHERE customer_id = {}", customer.id)).await;
    assert_eq!(states(&other).await, intact(3), "what happens to others does not matter");
    assert_eq!(findings(&key).await.len(), 4);
    drop(owner);
    let owner = app.tenant().await.1;
    let made = owner.post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"})).await;
    let test = app.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    record(&test, "1").await;
    app.clock.advance(DAY);
    assert_eq!(seal(&app).await, 1, "today's logs of the other one");
    assert_eq!(get(&test, "/api/v1/logs/1/proof").await["seal"], json!(null));
    assert_eq!(get(&test, "/api/v1/seals").await["data"], json!([]));
    let out = get(&test, "/api/v1/seals/verification").await;
    assert_eq!((&out["state"], &out["seals"], &out["newest"]), (&json!("intact"), &json!(0), &json!(null)));
    assert!(TestDatabase::is_postgres() || app.database.file().is_some());
}
