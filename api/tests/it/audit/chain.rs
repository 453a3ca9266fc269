//! Whatever is done to stored rows past the product is noticed.

use api::domain::audit::verify;
use api::domain::audit::{chain, checkpoints};
use serde_json::{Value, json};
use shared::audit::{AuditEventOut, AuditFault};

use super::{ALL, check, unguard};
use crate::support::program::{self, PASSWORD, Program, SECRET, run};
use crate::support::{Dice, TestApp};

async fn busy() -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoints.ndjson");
    let test = TestApp::with(|config| config.audit_checkpoints = Some(path)).await;
    let (_, owner, _) = test.tenant().await;
    for at in 0..12 {
        let search = json!({ "name": format!("Zoek {at}"), "q": "kind:scan" });
        owner.post("/api/v1/searches", &search).await.expect(axum::http::StatusCode::CREATED);
        test.clock.advance(1_000);
    }
    test.tenant().await;
    (test, folder)
}

/// SEC-17 (G1 of the security goals): rows that are edited, deleted, inserted, moved, cut off at the end or stamped anew in
/// the database are noticed, with the first row that does not fit; a chain that was left alone is intact.
#[tokio::test]
async fn changes_in_the_database_are_noticed() {
    for (statement, fault) in [
        (
            "UPDATE audit_event SET outcome = 'refused' WHERE customer_id = 1 AND number = 3",
            AuditFault::Changed,
        ),
        ("UPDATE audit_event SET at = at - 1 WHERE customer_id = 1 AND number = 3", AuditFault::Changed),
        ("UPDATE audit_event SET target = NULL WHERE customer_id = 1 AND number = 3", AuditFault::Changed),
        (
            "UPDATE audit_event SET changes = changes || ' ' WHERE customer_id = 1 AND number = 3",
            AuditFault::Changed,
        ),
        (
            "UPDATE audit_event SET actor_kind = 'unheard' WHERE customer_id = 1 AND number = 1",
            AuditFault::Changed,
        ),
        (
            "UPDATE audit_event SET key_version = 'x' WHERE customer_id = 1 AND number = 3",
            AuditFault::UnknownKey,
        ),
        ("DELETE FROM audit_event WHERE customer_id = 1 AND number = 3", AuditFault::Missing),
        ("DELETE FROM audit_event WHERE customer_id = 1 AND number = 1", AuditFault::Missing),
        ("DELETE FROM audit_event WHERE customer_id = 1 AND number > 5", AuditFault::Truncated),
        ("DELETE FROM audit_event WHERE customer_id = 1", AuditFault::Truncated),
        (
            "UPDATE audit_event SET customer_id = 77 WHERE customer_id = 1 AND number > 5",
            AuditFault::Truncated,
        ),
        (
            "UPDATE audit_chain SET mark_hash = hash || '0' WHERE customer_id = 1",
            AuditFault::CheckpointForged,
        ),
        ("DELETE FROM audit_chain WHERE customer_id = 1", AuditFault::Truncated),
    ] {
        let (test, _folder) = busy().await;
        checkpoints::run(&test.app).await.unwrap();
        let before = check(&test).await;
        assert!(before.intact && before.rows > 15 && before.chains == 3, "{before:?}");
        unguard(&test).await;
        assert!(test.run_sql(statement).await > 0, "{statement}");
        let found = check(&test).await;
        assert!(!found.intact, "{statement}");
        assert_eq!((found.findings[0].customer_id, found.findings[0].fault), (1, fault), "{statement}");
    }
}

/// SEC-17: rows at the end that go together with every trace in the database are missed by the checkpoints outside; without
/// those they are not, which is why they leave the machine.
#[tokio::test]
async fn a_cut_end_is_known_outside() {
    let (test, _folder) = busy().await;
    checkpoints::run(&test.app).await.unwrap();
    unguard(&test).await;
    test.run_sql("DELETE FROM audit_event WHERE customer_id = 1 AND number > 5").await;
    test.run_sql(
        "UPDATE audit_chain SET number = 5, mark_number = 0, hash = (SELECT e.hash FROM audit_event e \
         WHERE e.customer_id = 1 AND e.number = 5) WHERE customer_id = 1",
    )
    .await;
    let found = check(&test).await;
    assert_eq!((found.findings[0].customer_id, found.findings[0].fault), (1, AuditFault::Truncated));
    let asked = verify::Asked { only: None, kept: &[], time: None };
    let blind = verify::database(&test.app.db, &test.app.keys, &asked, test.app.clock.now()).await.unwrap();
    assert!(blind.intact, "{blind:?}");
    // A whole customer that goes.
    test.run_sql("DELETE FROM audit_event WHERE customer_id = 2").await;
    test.run_sql("DELETE FROM audit_chain WHERE customer_id = 2").await;
    let found = check(&test).await;
    assert_eq!(found.findings.iter().map(|finding| finding.customer_id).collect::<Vec<_>>(), [1, 2]);
}

/// Changes one thing of a file of rows, in one of many ways.
fn spoil(lines: &[String], dice: &mut Dice) -> Vec<String> {
    let mut lines = lines.to_vec();
    let at = dice.below(lines.len());
    let mut row: Value = serde_json::from_str(&lines[at]).unwrap();
    match dice.below(9) {
        0 => drop(lines.remove(at)),
        1 => {
            row["number"] = json!(row["number"].as_i64().unwrap() + 1);
            lines.insert(at, row.to_string());
        }
        2 => {
            // A row written anew by somebody who knows the form but not the key.
            row["action"] = json!("key.revoke");
            row["hash"] = json!(api::util::crypto::sha256_hex(row.to_string().as_bytes()));
            lines[at] = row.to_string();
        }
        3 => {
            let other = dice.below(lines.len());
            let there: Value = serde_json::from_str(&lines[other]).unwrap();
            let (mut here, mut gone) = (row.clone(), there.clone());
            for name in ["number", "prev_hash"] {
                (here[name], gone[name]) = (there[name].clone(), row[name].clone());
            }
            if here == row {
                lines.truncate(at);
            } else {
                (lines[at], lines[other]) = (here.to_string(), gone.to_string());
            }
        }
        other => {
            let field = *dice.pick(&[
                "id",
                "actor_id",
                "target",
                "request_id",
                "outcome",
                "prev_hash",
                "hash",
                "private_digest",
            ]);
            row[field] = match other {
                4 => json!("iets anders"),
                _ if field == "request_id" => json!("0"),
                5 => json!(format!("{}x", row[field].as_str().unwrap_or_default())),
                6 => {
                    row["at"] = json!("2020-01-01T00:00:00Z");
                    row[field].clone()
                }
                7 => {
                    row["changes"] = json!([{ "field": "x", "before": null, "after": "y" }]);
                    row[field].clone()
                }
                _ => {
                    row["actor_kind"] = json!(if row["actor_kind"] == "system" { "cli" } else { "system" });
                    row[field].clone()
                }
            };
            lines[at] = row.to_string();
        }
    }
    lines
}

/// SEC-17 (G1 of the security goals): of 1,000 changes of an exported file all are noticed; the file itself, in any order,
/// is intact.
#[tokio::test]
async fn a_thousand_changes_of_a_file_are_noticed() {
    let (test, _folder) = busy().await;
    let admin = test.admin().await;
    checkpoints::run(&test.app).await.unwrap();
    let kept = checkpoints::read(&test.app.config.audit_checkpoints()).unwrap();
    let text = admin.get(&format!("{ALL}/export?format=ndjson")).await.expect_ok().text();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // The row of this export came after the checkpoint, and a file may well end before it was written.
    lines.retain(|line| !line.contains("audit.export"));
    let now = test.app.clock.now();
    let judge = |lines: &[String]| verify::file(&test.app.keys, &lines.join("\n"), &kept, now);
    let whole = judge(&lines);
    assert!(whole.intact && whole.rows == i64::try_from(lines.len()).unwrap(), "{whole:?}");
    let mut dice = Dice::new(7);
    let mut shuffled = lines.clone();
    shuffled.reverse();
    assert!(judge(&shuffled).intact);
    for _ in 0..1_000 {
        let spoilt = spoil(&lines, &mut dice);
        let first = |lines: &[String]| lines.iter().filter(|line| line.contains("\"number\":1,")).count();
        // A file may begin late: one that lacks the beginning of a chain alone is a shorter file.
        let begins_late = spoilt.len() < lines.len() && first(&spoilt) < first(&lines);
        assert!(begins_late || !judge(&spoilt).intact, "{spoilt:#?}");
    }
}

/// SEC-17: a row is bound to the form that it was hashed in; checkpoints are verified with the public key of the secret.
#[tokio::test]
async fn hashes_and_signatures_have_a_fixed_form() {
    let test = TestApp::new().await;
    let key = test.app.keys.current();
    let row: AuditEventOut = serde_json::from_value(json!({
        "id": "019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e", "customer_id": 7, "customer_name": null, "number": 3,
        "at": "2026-11-22T08:00:00Z", "actor_kind": "key", "actor_id": "k", "actor_name": null, "impersonator": null,
        "action": "key.create", "target": "t", "outcome": "ok", "request_id": null, "changes": [], "private": null,
        "private_digest": null, "private_salt": null, "key_version": "x", "prev_hash": "p", "hash": "",
    }))
    .unwrap();
    // Computed by another program.
    let hash = chain::hash_of(key, &row);
    assert_eq!(hash, "4ac24a990b0bfc629548f0ddbf6006e8d9a366147fa9a9a5b9f47853f75a5e38");
    let differs = AuditEventOut { actor_id: None, target: Some("kt".to_owned()), ..row };
    assert_ne!(chain::hash_of(key, &differs), hash);
    let signed = chain::Checkpoint::sign(key, 7, 3, &hash, shared::time::Millis(5));
    assert!(signed.is_signed_by(key));
    for spoilt in [
        chain::Checkpoint { number: 2, ..signed.clone() },
        chain::Checkpoint { at: shared::time::Millis(6), ..signed.clone() },
        chain::Checkpoint { customer_id: 8, ..signed.clone() },
        chain::Checkpoint { hash: "0".to_owned(), ..signed.clone() },
        chain::Checkpoint { signature: chain::public_key(key), ..signed },
    ] {
        assert!(!spoilt.is_signed_by(key), "{spoilt:?}");
    }
}

/// SEC-17: `audit verify` ends with 0 for an intact log, beside a running server and over an exported file, and with
/// 1 when something was changed, naming the row.
#[test]
fn the_command_line_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Program::start(dir.path(), &[]);
    let (_, code) = server.customer("Klant");
    server.key(&server.sign_in(&code));
    let login = json!({ "username": "admin", "password": PASSWORD }).to_string();
    let reply = server.send("POST", "/api/v1/auth/login", "", "application/json", login.as_bytes()).unwrap();
    let admin = reply.json()["access_token"].as_str().unwrap().to_owned();
    let reply = server.send("GET", "/api/v1/admin/audit?limit=1000", &admin, "", b"").unwrap().json();
    let lines: Vec<String> = reply["data"].as_array().unwrap().iter().map(Value::to_string).collect();
    let path = dir.path().join("audit.ndjson");
    std::fs::write(&path, lines.join("\n")).unwrap();
    let database = program::database(dir.path());
    let vars = [("SECRET_KEY", SECRET), ("DATABASE_PATH", database.to_str().unwrap())];
    let verify = |more: &[&str]| {
        let done = run(dir.path(), &[&["audit", "verify"], more].concat(), &vars);
        let text =
            String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        (done.status.code(), text)
    };
    let (code, text) = verify(&[]);
    assert!(code == Some(0) && text.contains("intact") && text.contains("2 chains"), "{text}");
    let (code, text) = verify(&["--file", path.to_str().unwrap()]);
    assert!(code == Some(0) && text.contains("intact"), "{text}");
    let changed = lines.join("\n").replace("\"key.create\"", "\"key.revoke\"");
    std::fs::write(&path, changed).unwrap();
    let (code, text) = verify(&["--file", path.to_str().unwrap(), "--json"]);
    assert!(code == Some(1) && text.contains("\"fault\":\"changed\""), "{text}");
    assert_eq!(verify(&["--checkpoints", "nowhere"]).0, Some(1));
    server.kill();
    let conn = rusqlite::Connection::open(&database).unwrap();
    conn.execute_batch(
        "DROP TRIGGER audit_event_is_cut; DELETE FROM audit_event WHERE action = 'key.create'",
    )
    .unwrap();
    drop(conn);
    let (code, text) = verify(&[]);
    assert!(code == Some(1) && text.contains("chain 1, row"), "{text}");
}
