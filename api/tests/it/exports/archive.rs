//! Everything of a customer in one file, and back again elsewhere.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use api::domain::exports::archive::{ImportOptions, import};
use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::access::Role;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::{job, work_off};
use crate::support::{Actor, TestApp, find, record, upload};

const ARCHIVE: &str = "/api/v1/exports/archive";
const DAY: i64 = 24 * 3_600_000;

type Files = BTreeMap<String, Vec<u8>>;

/// Has the archive made and fetches it.
async fn taken(test: &TestApp, owner: &Actor) -> Vec<u8> {
    let asked = owner.post(ARCHIVE, &json!({})).await.expect(StatusCode::ACCEPTED).json();
    assert_eq!(work_off(test).await, 1);
    let ready = job(owner, asked["id"].as_str().unwrap()).await;
    assert_eq!((&ready["state"], &ready["error"]), (&json!("ready"), &Value::Null));
    let file = owner.get(ready["result"]["href"].as_str().unwrap()).await.expect_ok();
    assert_eq!(file.header("content-type"), "application/zip");
    assert!(file.header("content-disposition").contains("_archive_20261122-1300.zip"));
    file.body.to_vec()
}

fn unpacked(bytes: &[u8]) -> Files {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Files::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

fn packed(files: &Files, path: &Path) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
}

fn lines(files: &Files, entity: &str) -> Vec<Value> {
    let content = std::str::from_utf8(&files[&format!("data/{entity}.ndjson")]).unwrap();
    content.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn manifest(files: &Files) -> Value {
    serde_json::from_slice(&files["manifest.json"]).unwrap()
}

/// A customer with something of everything.
async fn lived(test: &TestApp) -> (crate::support::TestCustomer, Actor, Actor) {
    let (customer, owner, key) = test.tenant().await;
    for raw in [
        r#"{"kind":"scan","level":"warning","message":"Dok 3: deur open","external_id":"x-1","temp":1.10}"#,
        r#"{"kind":"scan","external_id":"x-2","note":"tab\tregel\u000aeinde \ud83d\ude9a","big":123456789012345678901234567890}"#,
        r#"{"kind":"rit","occurred_at":"2026-03-29T03:30:00+02:00","route":["A2","A12"]}"#,
        r#"  {"kind": "rit" , "x":null,"timestamp":"2026-10-25T02:30:00"}"#,
    ] {
        record(&key, raw).await;
    }
    owner
        .post("/api/v1/logs", &json!({ "kind": "scan", "corrects_id": 1, "message": "Dok 3: deur dicht" }))
        .await
        .expect(StatusCode::CREATED);
    let many: Vec<String> = (0..2_500).map(|at| format!(r#"{{"kind":"puls","n":{at}}}"#)).collect();
    upload(&key, &many).await;
    let preview = owner.get("/api/v1/logs/erasures/preview?q=n:7").await.expect_ok().json();
    let erasure = json!({ "q": "n:7", "up_to": preview["up_to"], "expected_count": preview["count"], "reason": "verzoek" });
    owner.post("/api/v1/logs/erasures", &erasure).await.expect_ok();
    let made = owner.post("/api/v1/keys", &json!({ "name": "Proef", "mode": "test" })).await;
    let test_key = made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap().to_owned();
    record(&test.bearer(&test_key), r#"{"kind":"proef"}"#).await;
    let kind = json!({ "name": "scan", "title_nl": "Scan", "schema": "{\"required\":[\"kind\"]}", "mode": "warn",
        "limits": [{ "field": "temp", "lower": 2.0, "upper": 8.0, "unit": "°C" }] });
    owner.post("/api/v1/kinds", &kind).await.expect(StatusCode::CREATED);
    let search = json!({ "name": "Open deuren", "q": "deur level:warning", "shared": true });
    owner.post("/api/v1/searches", &search).await.expect(StatusCode::CREATED);
    owner
        .with("if-match", "\"0\"")
        .put("/api/v1/usage/savings", &json!({ "minutes_per_search": 4 }))
        .await
        .expect_ok();
    owner.put("/api/v1/retention", &json!({ "days": 3_000, "keep_totals": true })).await.expect_ok();
    owner.put("/api/v1/retention", &json!({ "kind": "puls", "days": 900 })).await.expect_ok();
    test.clock.advance(8 * DAY);
    api::domain::logs::erasure::retention::run(&test.app).await.unwrap();
    test.clock.advance(-8 * DAY);
    // What retention left of logs of before.
    test.run_sql(&format!(
        "INSERT INTO log_kept (customer_id, quarter, total) VALUES ({}, 1900000, 12)",
        customer.id
    ))
    .await;
    let owner = test.owner(&customer).await;
    (customer, owner, key)
}

/// EXP-08, LEG-06: the archive holds every table of the customer that is its own; every file is what the manifest and
/// its schema say; nothing that would let somebody in and nothing of other customers is in it.
#[tokio::test]
async fn the_archive_holds_everything_but_secrets() {
    let test = TestApp::new().await;
    let (_, stranger, foreign) = test.tenant().await;
    record(&foreign, r#"{"kind":"vreemd","note":"KANARIE-DER-ANDEREN"}"#).await;
    stranger
        .post("/api/v1/searches", &json!({ "name": "KANARIE-DER-ANDEREN", "q": "x" }))
        .await
        .expect(StatusCode::CREATED);
    let (customer, owner, key) = lived(&test).await;
    let files = unpacked(&taken(&test, &owner).await);
    let manifest = manifest(&files);
    assert_eq!(
        (&manifest["schema"], &manifest["customer"], &manifest["up_to"]),
        (&json!("mvai.archive/1"), &json!({ "id": customer.id, "name": customer.name }), &json!(2_505))
    );
    // Every table with own content, and both spaces of logs.
    let mut expected: Vec<String> =
        api::db::registry::own().map(|table| format!("data/{}.ndjson", table.name)).collect();
    expected.push("data/log_test.ndjson".to_owned());
    expected.sort();
    let mut found: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    for file in manifest["files"].as_array().unwrap() {
        let content = &files[file["name"].as_str().unwrap()];
        assert_eq!(file["bytes"], content.len());
        assert_eq!(file["sha256"], api::util::crypto::sha256_hex(content));
        assert_eq!(file["rows"], content.iter().filter(|byte| **byte == b'\n').count());
        let schema: Value = serde_json::from_slice(&files[file["schema"].as_str().unwrap()]).unwrap();
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        compiler.add_resource("https://archive.example/schema.json", schema).unwrap();
        let compiled = compiler.compile("https://archive.example/schema.json", &mut schemas).unwrap();
        for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line: Value = serde_json::from_slice(line).unwrap();
            schemas.validate(&line, compiled).unwrap_or_else(|error| panic!("{}: {error}", file["name"]));
        }
        if file["name"] == "data/log.ndjson" {
            let strange = json!({ "id": "one" });
            assert!(schemas.validate(&strange, compiled).is_err(), "the schema is one that can fail");
        }
    }
    // As stored: exact data, times that people can read, rows of all that was done above.
    let logs = lines(&files, "log");
    assert_eq!(logs.len(), 2_504, "one of them was erased");
    let as_sent = key.get("/api/v1/logs/2").await.expect_ok().json();
    assert_eq!(logs[1]["data"], as_sent["data"]);
    assert!(logs[1]["seal_salt"].is_string());
    assert_eq!(logs[2]["timestamp"], "2026-03-29T01:30:00.000Z");
    assert_eq!(lines(&files, "log_test").len(), 1);
    assert_eq!(lines(&files, "log_kind")[0]["created_at"], "2026-11-22T12:00:00.000Z");
    assert_eq!(lines(&files, "customer")[0]["demo"], false);
    assert_eq!(lines(&files, "log_erasure")[0]["reason"], "verzoek");
    for (entity, rows) in
        [("api_key", 2), ("saved_search", 1), ("saving_assumption", 1), ("session", 2), ("access_code", 1)]
    {
        assert_eq!(lines(&files, entity).len(), rows, "{entity}");
    }
    // Secrets, and what is others'.
    let mut secrets = vec!["KANARIE-DER-ANDEREN".to_owned(), customer.access_code.clone()];
    for text in ["SELECT digest AS text FROM access_code", "SELECT digest AS text FROM api_key"] {
        secrets.extend(test.texts(text).await);
    }
    assert!(secrets.len() > 6, "{}", secrets.len());
    for (name, content) in &files {
        let text = String::from_utf8_lossy(content);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{name} holds {secret}");
        }
    }
}

/// EXP-08, LEG-06: imported into another installation a customer has the same logs byte for byte, with corrections, times,
/// senders and flags, the same kinds, searches, assumptions and times of keeping; figures and searches find them.
#[tokio::test]
async fn another_installation_takes_it_over() {
    let (here, there) = (TestApp::new().await, TestApp::new().await);
    let (_, owner, key) = lived(&here).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    let before = taken(&here, &owner).await;
    std::fs::write(&path, &before).unwrap();
    // Numbers are different there.
    there.customer().await;
    let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
    let told = import(&there.app, &path, &dry).await.unwrap();
    assert_eq!((told.logs, told.test_logs, told.kinds, told.searches, told.number), (2_504, 1, 1, 1, None));
    let named = |name: &str| ImportOptions { name: Some(name.to_owned()), dry_run: false };
    let report = import(&there.app, &path, &named("Overgenomen")).await.unwrap();
    assert_eq!((report.logs, report.test_logs, report.kinds, report.searches), (2_504, 1, 1, 1));
    assert_eq!(report.rejected, Vec::<String>::new());
    assert!(report.left_out.iter().any(|(entity, rows)| entity == "api_key" && *rows == 2));
    let login = json!({ "access_code": report.access_code.unwrap() });
    let token = there.anon().post("/api/v1/auth/login", &login).await.expect_ok().json();
    let new_owner = there.bearer(token["access_token"].as_str().unwrap());
    let new_key = there.key(&new_owner, None).await;
    // The same logs, whose numbers have no gap any more.
    let plain = |mut log: Value| {
        for member in ["id", "customer_id", "seal_salt", "corrects_id"] {
            log.as_object_mut().unwrap().remove(member);
        }
        log
    };
    let again = unpacked(&taken(&there, &new_owner).await);
    let before = unpacked(&before);
    for entity in ["log", "log_test"] {
        let (old, new) = (lines(&before, entity), lines(&again, entity));
        assert_eq!(
            new.iter().map(|log| log["id"].as_i64().unwrap()).collect::<Vec<_>>(),
            (1..=i64::try_from(old.len()).unwrap()).collect::<Vec<_>>()
        );
        assert_eq!(
            new[..].iter().cloned().map(plain).collect::<Vec<_>>(),
            old.into_iter().map(plain).collect::<Vec<_>>()
        );
    }
    let totals = |files: &Files| {
        let rows = lines(files, "log_kept").into_iter();
        rows.map(|row| (row["quarter"].clone(), row["total"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(totals(&again), totals(&before));
    assert!(totals(&before).contains(&(json!(1_900_000), json!(12))));
    let correction = new_key.get("/api/v1/logs/5").await.expect_ok().json();
    assert_eq!(
        (&correction["corrects_id"], &correction["message"]),
        (&json!(1), &json!("Dok 3: deur dicht"))
    );
    assert_eq!(new_key.get("/api/v1/logs/1").await.expect_ok().json()["corrected_by"], json!([5]));
    for query in ["deur", "kind:puls", "temp:1.1", "level:warning", "n:2499", "*unt*"] {
        assert_eq!(find(&new_key, query).await.len(), find(&key, query).await.len(), "{query}");
    }
    let same = async |path: &str, members: &[&str]| {
        let (old, new) =
            (owner.get(path).await.expect_ok().json(), new_owner.get(path).await.expect_ok().json());
        for member in members {
            assert_eq!(new[member], old[member], "{path} {member}");
        }
    };
    same("/api/v1/analytics/stats", &["total_logs", "first_log", "last_log", "logs_today"]).await;
    same("/api/v1/retention", &["days", "kinds", "keep_totals"]).await;
    same("/api/v1/usage/savings", &["assumptions"]).await;
    same("/api/v1/usage/months", &["time_zone"]).await;
    let members = ["name", "title_nl", "title_en", "schema", "mode", "limits"];
    let kind = |kinds: &Value| members.map(|member| kinds["kinds"][0][member].clone());
    let (old, new) = (
        owner.get("/api/v1/kinds").await.expect_ok().json(),
        new_owner.get("/api/v1/kinds").await.expect_ok().json(),
    );
    assert_eq!(kind(&new), kind(&old));
    let search = |found: &Value| ["name", "q", "shared"].map(|member| found["data"][0][member].clone());
    let (old, new) = (
        owner.get("/api/v1/searches").await.expect_ok().json(),
        new_owner.get("/api/v1/searches").await.expect_ok().json(),
    );
    assert_eq!(search(&new), search(&old));
    // A second time the name is taken.
    let error = import(&there.app, &path, &named("overgenomen")).await.unwrap_err().to_string();
    assert!(error.contains("nothing is stored"), "{error}");
    assert_eq!(import(&there.app, &path, &named("Tweede")).await.unwrap().customer, "Tweede");
}

/// EXP-08, GEN-10: what is no archive, was changed, breaks off, names other places or unpacks to more than it says is refused
/// with the reason, and nothing is stored.
#[tokio::test]
async fn changed_archives_are_refused() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    record(&key, r#"{"kind":"scan"}"#).await;
    let whole = taken(&test, &owner).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.zip");
    let customers = test.number("SELECT COUNT(*) AS n FROM customer").await;
    let refused = async |what: &str| {
        let error = import(&test.app, &path, &ImportOptions::default()).await.unwrap_err().to_string();
        assert!(error.contains(what) && error.contains("nothing is stored"), "{what}: {error}");
    };
    let edited = |edit: &dyn Fn(&mut Files)| {
        let mut files = unpacked(&whole);
        edit(&mut files);
        packed(&files, &path);
    };
    let in_manifest = |edit: &dyn Fn(&mut Value)| {
        edited(&|files| {
            let mut told = manifest(files);
            edit(&mut told);
            files.insert("manifest.json".to_owned(), told.to_string().into_bytes());
        });
    };
    edited(&|files| {
        let logs = files.get_mut("data/log.ndjson").unwrap();
        let at = logs.windows(4).position(|bytes| bytes == b"scan").unwrap();
        logs[at] = b'S';
    });
    refused("data/log.ndjson is not what the manifest says").await;
    edited(&|files| files.get_mut("data/log.ndjson").unwrap().extend(b"{}\n"));
    refused("data/log.ndjson is not what the manifest says").await;
    edited(&|files| files.get_mut("data/log.ndjson").unwrap().extend(vec![b'0'; 40_000_000]));
    refused("data/log.ndjson is not what the manifest says").await;
    edited(&|files| drop(files.remove("data/session.ndjson")));
    refused("data/session.ndjson is not what the manifest says").await;
    edited(&|files| drop(files.remove("manifest.json")));
    refused("manifest.json is not in it").await;
    in_manifest(&|told| told["schema"] = json!("mvai.archive/9"));
    refused("mvai.archive/9").await;
    in_manifest(&|told| told["files"][0]["name"] = json!("data/../../etc/passwd"));
    refused("data/../../etc/passwd").await;
    in_manifest(&|told| {
        let twice = told["files"][0].clone();
        told["files"].as_array_mut().unwrap().push(twice);
    });
    refused("which no archive has").await;
    in_manifest(&|told| {
        told["files"].as_array_mut().unwrap().retain(|file| file["name"] != "data/log.ndjson")
    });
    refused("data/log.ndjson is not in it").await;
    for broken in [&b"PK\x03\x04 nothing"[..], b"", &whole[..whole.len() / 2]] {
        std::fs::write(&path, broken).unwrap();
        refused("it cannot be read").await;
    }
    std::fs::remove_file(&path).unwrap();
    refused("it cannot be read").await;
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM customer").await, customers);
    // Unchanged it is taken, under another name.
    std::fs::write(&path, &whole).unwrap();
    let options = ImportOptions { name: Some("Overgenomen".to_owned()), dry_run: false };
    assert_eq!(import(&test.app, &path, &options).await.unwrap().logs, 1);
}

/// LEG-06, ACC-02, EXP-07: owners have it made, once a day, which two requests at once do not get round; others do not see it.
/// What was erased since is in none.
#[tokio::test]
async fn owners_take_one_a_day() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    record(&key, r#"{"kind":"scan"}"#).await;
    let member = test.person(&customer, Role::Member).await;
    for other in [&member, &test.person(&customer, Role::Viewer).await, &key] {
        other.post(ARCHIVE, &json!({})).await.expect(StatusCode::FORBIDDEN);
    }
    owner.post("/api/v1/exports", &json!({ "format": "archive" })).await.expect_problem(422, "invalid_body");
    owner.get("/api/v1/logs/export?format=archive").await.expect_problem(400, "invalid_parameter");
    let body = json!({});
    let both = tokio::join!(owner.post(ARCHIVE, &body), owner.post(ARCHIVE, &body));
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 429]);
    work_off(&test).await;
    owner.post(ARCHIVE, &body).await.expect_problem(429, "archive_limit_reached");
    let listed = owner.get("/api/v1/exports").await.expect_ok().json();
    let id = listed["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed["data"][0]["format"], "archive");
    member.get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(404, "not_found");
    // Erasing takes the file away, and a new one may be made.
    let preview = owner.get("/api/v1/logs/erasures/preview?q=kind:scan").await.expect_ok().json();
    let erasure = json!({ "q": "kind:scan", "up_to": preview["up_to"], "expected_count": preview["count"] });
    owner.post("/api/v1/logs/erasures", &erasure).await.expect_ok();
    owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(410, "export_expired");
    let files = unpacked(&taken(&test, &owner).await);
    assert_eq!(files["data/log.ndjson"], b"");
    owner.post(ARCHIVE, &body).await.expect_problem(429, "archive_limit_reached");
    test.clock.advance(DAY);
    let owner = test.owner(&customer).await;
    owner.post(ARCHIVE, &body).await.expect(StatusCode::ACCEPTED);
}
