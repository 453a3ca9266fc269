//! Exports by jobs: made on the server, on record, gone in time, and taken up again after whatever happened.

use std::time::Duration;

use api::domain::exports::{service, worker};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ask, exports, files, job, work_off};
use crate::support::program::{self, Program};
use crate::support::{Actor, TestApp, TestDatabase, record, upload};

async fn delete(actor: &Actor, id: &str) -> Value {
    let path = format!("/api/v1/jobs/{id}");
    actor.send(Method::DELETE, &path, None, Body::empty()).await.expect_ok().json()
}

/// API-12, EXP-05, EXP-07: a job waits, is made, and is ready: its file is what the stream of the same filter is, as of the
/// moment when it was asked for; its manifest says how to check it.
#[tokio::test]
async fn a_job_makes_the_file_that_was_asked_for() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let lines: Vec<String> = (0..2_345)
        .map(|at| json!({ "kind": if at % 2 == 0 { "scan" } else { "los" }, "at": at, "occurred_at": "2026-11-20T10:00:00Z" }).to_string())
        .collect();
    upload(&owner, &lines).await;
    for format in ["csv", "ndjson", "json", "xlsx", "pdf"] {
        let input = json!({ "format": format, "q": "kind:scan", "from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z", "exact": true });
        let query = "q=kind:scan&from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&exact=true";
        let streamed = owner.get(&format!("/api/v1/logs/export?format={format}&{query}")).await.expect_ok();
        let id = ask(&owner, &input).await;
        let waiting = job(&owner, &id).await;
        assert_eq!(
            (&waiting["kind"], &waiting["state"], &waiting["progress"], &waiting["result"]),
            (&json!("export"), &json!("queued"), &json!(0), &Value::Null)
        );
        owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(409, "state_conflict");
        owner.get(&format!("/api/v1/exports/{id}/manifest")).await.expect_problem(409, "state_conflict");
        // What comes later is not in it.
        record(&owner, r#"{"kind":"scan","occurred_at":"2026-11-20T11:00:00Z"}"#).await;
        assert_eq!(work_off(&test).await, 1);
        let ready = job(&owner, &id).await;
        assert_eq!(
            (&ready["state"], &ready["progress"], &ready["error"]),
            (&json!("ready"), &json!(100), &Value::Null)
        );
        assert_eq!(ready["rows_total"], ready["rows_done"]);
        let result = &ready["result"];
        assert_eq!(result["expires_at"], "2026-11-25T12:00:00.000Z", "after 72 hours");
        let file = owner.get(result["href"].as_str().unwrap()).await.expect_ok();
        assert_eq!(file.header("content-type"), streamed.header("content-type"));
        assert_eq!(file.header("content-disposition"), streamed.header("content-disposition"));
        if matches!(format, "csv" | "ndjson" | "json") {
            assert!(file.body == streamed.body, "{format}");
        }
        let sha256 = api::util::crypto::sha256_hex(&file.body);
        let manifest = owner.get(result["manifest"].as_str().unwrap()).await.expect_ok().json();
        let up_to = manifest["up_to"].as_i64().unwrap();
        let expected = json!({
            "schema": "mvai.export/1", "id": id, "customer": { "id": customer.id, "name": customer.name }, "test": false,
            "file_name": result["file_name"], "format": format, "media_type": file.header("content-type"),
            "dialect": if format == "csv" { json!("rfc4180") } else { Value::Null }, "q": "kind:scan",
            "from": "2026-11-20T00:00:00.000Z", "to": "2026-11-21T00:00:00.000Z", "time_zone": "Europe/Amsterdam",
            "language": "nl", "up_to": up_to, "rows": ready["rows_done"], "rows_total": ready["rows_total"], "first_id": 1,
            "last_id": manifest["last_id"], "seals": { "newest": null, "days": [] }, "bytes": file.body.len(), "sha256": sha256,
            "created_at": ready["created_at"], "finished_at": ready["finished_at"],
        });
        assert_eq!(manifest, expected);
        let listed = exports(&owner).await.into_iter().find(|run| run["id"] == json!(id)).unwrap();
        assert_eq!((&listed["href"], &listed["job"]), (&result["href"], &json!(true)));
    }
    assert_eq!(files(&test).len(), 5);
    for bad in [json!({ "format": "ods" }), json!({ "format": "csv", "extra": 1 }), json!({})] {
        owner.post("/api/v1/exports", &bad).await.expect_problem(422, "invalid_body");
    }
    owner
        .post("/api/v1/exports", &json!({ "format": "csv", "q": "(" }))
        .await
        .expect_problem(400, "invalid_query");
}

/// API-12: a file goes when its time is over, at once for those who ask and soon from the disk.
#[tokio::test]
async fn files_expire() {
    let test = TestApp::new().await;
    // A key: sessions end long before.
    let (_, _, key) = test.tenant().await;
    record(&key, "1").await;
    let id = ask(&key, &json!({ "format": "csv" })).await;
    work_off(&test).await;
    let file = format!("/api/v1/exports/{id}/file");
    test.clock.advance(72 * 3_600_000 - 1);
    service::sweep(&test.app).await.unwrap();
    key.get(&file).await.expect_ok();
    test.clock.advance(1);
    key.get(&file).await.expect_problem(410, "export_expired");
    assert_eq!(job(&key, &id).await["state"], "expired");
    assert_eq!(files(&test).len(), 1);
    assert_eq!(service::sweep(&test.app).await.unwrap(), 1);
    assert_eq!(files(&test).len(), 0);
    let run = &exports(&key).await[0];
    assert_eq!((&run["state"], &run["rows"], &run["href"]), (&json!("expired"), &json!(1), &Value::Null));
    key.get(&format!("/api/v1/exports/{id}/manifest")).await.expect_ok();
}

/// API-12: a job is stopped while it waits, while it runs, and when it is ready; nothing of it stays on disk.
#[tokio::test]
async fn jobs_are_cancelled() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    upload(&owner, &vec!["1".to_owned(); 10_000]).await;
    let waiting = ask(&owner, &json!({ "format": "csv" })).await;
    assert_eq!(delete(&owner, &waiting).await["state"], "cancelled");
    assert_eq!(delete(&owner, &waiting).await["state"], "cancelled", "twice is no harm");
    assert_eq!(work_off(&test).await, 0);

    let running = ask(&owner, &json!({ "format": "xlsx" })).await;
    let working = tokio::spawn({
        let app = test.app.clone();
        async move { worker::work_off(&app).await.unwrap() }
    });
    for _ in 0..200 {
        if job(&owner, &running).await["state"] == "running" && !files(&test).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let state = delete(&owner, &running).await["state"].clone();
    assert_eq!(working.await.unwrap(), 1);
    assert!(state == "cancelled" || state == "expired", "{state}");
    assert_eq!(job(&owner, &running).await["state"], state, "what was stopped stays so");
    assert_eq!(files(&test), Vec::<String>::new());

    let ready = ask(&owner, &json!({ "format": "csv" })).await;
    work_off(&test).await;
    assert_eq!(files(&test).len(), 1);
    assert_eq!(delete(&owner, &ready).await["state"], "expired");
    assert_eq!(files(&test).len(), 0);
    owner.get(&format!("/api/v1/exports/{ready}/file")).await.expect_problem(410, "export_expired");
}

/// API-12: a job whose server died is made by another one when its lease is over, not before; the one that was taken over
/// cannot end it any more, and what it left on disk is swept away.
#[tokio::test]
async fn a_job_whose_server_died_starts_again() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    record(&owner, "1").await;
    let id = ask(&owner, &json!({ "format": "csv" })).await;
    // As a server that has taken it and is gone would leave it.
    let until = test.clock.now().0 + 60_000;
    test.run_sql(&format!(
        "UPDATE export_run SET state = 'running', attempts = 1, lease = 'other', lease_until = {until} WHERE id = '{id}'"
    ))
    .await;
    let folder = test.app.config.export_dir();
    std::fs::create_dir_all(&folder).unwrap();
    let left = format!("{id}.1.part");
    std::fs::write(folder.join(&left), "half").unwrap();
    std::fs::write(folder.join("README"), "not ours").unwrap();
    service::sweep(&test.app).await.unwrap();
    assert!(files(&test).contains(&left), "somebody may still be writing it");
    assert_eq!(work_off(&test).await, 0);
    test.clock.advance(60_001);
    assert_eq!(work_off(&test).await, 1);
    assert_eq!(job(&owner, &id).await["state"], "ready");
    service::sweep(&test.app).await.unwrap();
    let mut expected = [format!("{id}.2.done"), "README".to_owned()];
    expected.sort();
    assert_eq!(files(&test), expected);
    owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_ok();
}

/// API-12: several workers at once make each job once.
#[tokio::test]
async fn each_job_is_made_once() {
    let test = TestApp::new().await;
    let mut asked = Vec::new();
    for _ in 0..3 {
        let (_, owner, _) = test.tenant().await;
        upload(&owner, &vec!["1".to_owned(); 1_200]).await;
        for _ in 0..3 {
            asked.push((owner.clone(), ask(&owner, &json!({ "format": "ndjson" })).await));
        }
    }
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let app = test.app.clone();
            tokio::spawn(async move { worker::work_off(&app).await.unwrap() })
        })
        .collect();
    let mut taken = 0;
    for worker in workers {
        taken += worker.await.unwrap();
    }
    taken += work_off(&test).await;
    assert_eq!(taken, 9);
    for (owner, id) in asked {
        assert_eq!(job(&owner, &id).await["state"], "ready");
    }
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM export_run WHERE attempts <> 1").await, 0);
}

/// API-12, EXP-04: a job that cannot be made says why and leaves nothing behind.
#[tokio::test]
async fn a_job_that_fails_says_why() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    record(&owner, "1").await;
    // Where the folder should be is a file.
    std::fs::write(test.app.config.export_dir(), "in the way").unwrap();
    let id = ask(&owner, &json!({ "format": "csv" })).await;
    assert_eq!(work_off(&test).await, 1);
    let failed = job(&owner, &id).await;
    assert_eq!((&failed["state"], &failed["result"]), (&json!("failed"), &Value::Null));
    assert_eq!(failed["error"]["code"], "storage_unavailable");
    assert!(failed["error"]["detail"].as_str().unwrap().len() > 20);
    assert_eq!(work_off(&test).await, 0, "it is not tried for ever");
    std::fs::remove_file(test.app.config.export_dir()).unwrap();
    let id = ask(&owner, &json!({ "format": "csv" })).await;
    work_off(&test).await;
    assert_eq!(job(&owner, &id).await["state"], "ready", "the next one works again");
    // A file that is not here may be on the disk of another server.
    std::fs::remove_dir_all(test.app.config.export_dir()).unwrap();
    owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(503, "storage_unavailable");
}

/// EXP-05: twenty exports of a customer wait, run or are ready; the next is refused until one is gone.
#[tokio::test]
async fn kept_exports_are_limited() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let mut first = None;
    for _ in 0..20 {
        first.get_or_insert(ask(&owner, &json!({ "format": "csv" })).await);
    }
    let refused = owner.post("/api/v1/exports", &json!({ "format": "csv" })).await;
    assert_eq!(refused.expect_problem(409, "export_limit_reached")["args"]["limit"], "20");
    let (_, other, _) = test.tenant().await;
    ask(&other, &json!({ "format": "csv" })).await;
    delete(&owner, &first.unwrap()).await;
    ask(&owner, &json!({ "format": "csv" })).await;
}

/// EXP-05: two exports of a customer run at a time; the third begins when one of them has ended.
#[tokio::test]
async fn the_third_export_waits() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let (_, _, other) = test.tenant().await;
    upload(&key, &vec!["1".to_owned(); 9_000]).await;
    let open = || key.open(Method::GET, "/api/v1/logs/export?format=ndjson", None, Body::empty());
    let (first, _second) = (open().await, open().await);
    let third = tokio::time::timeout(Duration::from_millis(500), open()).await;
    assert!(third.is_err(), "it has to wait");
    other.get("/api/v1/logs/export").await.expect_ok();
    drop(first);
    let third = tokio::time::timeout(Duration::from_secs(20), open()).await.expect("one has ended");
    assert_eq!(third.status(), StatusCode::OK);
}

/// EXP-07: with a customer go its files, whether it is closed or erased.
#[tokio::test]
async fn files_go_with_their_customer() {
    let test = TestApp::new().await;
    for change in [
        "UPDATE customer SET status = 'closed' WHERE id = {}",
        "DELETE FROM export_run WHERE customer_id = {}",
    ] {
        let (customer, owner, _) = test.tenant().await;
        let id = ask(&owner, &json!({ "format": "csv" })).await;
        work_off(&test).await;
        service::sweep(&test.app).await.unwrap();
        assert_eq!(files(&test), [format!("{id}.1.done")]);
        test.run_sql(&change.replace("{}", &customer.id.to_string())).await;
        assert_eq!(service::sweep(&test.app).await.unwrap(), 1);
        assert_eq!(files(&test).len(), 0);
    }
}

/// EXP-01, API-12: memory does not grow with an export: files far larger than what is held are made and sent.
#[test]
fn exports_do_not_grow_memory() {
    if TestDatabase::is_postgres() {
        println!("skipped: what is measured is the same code");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Program::start(dir.path(), &[]);
    let (_, key) = server.tenant("Geheugen BV");
    let send = |method: &str, path: &str, kind: &str, body: &[u8]| {
        server.send(method, path, &key, kind, body).unwrap()
    };
    let line = format!("{{\"kind\":\"scan\",\"x\":\"{}\"}}", "y".repeat(4_000));
    let upload = vec![line; 5_000].join("\n");
    for _ in 0..6 {
        let stored = send("POST", "/api/v1/logs/batch", "application/x-ndjson", upload.as_bytes());
        assert_eq!(stored.status, 201);
    }
    let make = |format: &str| {
        let body = format!("{{\"format\":\"{format}\"}}");
        let asked = send("POST", "/api/v1/exports", "application/json", body.as_bytes()).json();
        let path = format!("/api/v1/jobs/{}", asked["id"].as_str().unwrap());
        let mut most = 0;
        for look in 0..12_000 {
            most = server.memory_kib().max(most);
            std::thread::sleep(Duration::from_millis(10));
            if look % 20 != 0 {
                continue;
            }
            let job = send("GET", &path, "", b"").json();
            if job["state"] == "ready" {
                return (job["result"]["bytes"].as_u64().unwrap(), most);
            }
        }
        panic!("{}", server.errors());
    };
    // Whatever is made once is made before: connections keep up to 4 MiB of pages each, the allocator what it had.
    for _ in 0..3 {
        make("ndjson");
    }
    for format in ["ndjson", "csv", "xlsx"] {
        let before = server.memory_kib();
        let (size, most) = make(format);
        let grown = most.saturating_sub(before);
        println!("{format}: {size} bytes, grown by {grown} KiB from {before} KiB");
        assert!(format == "xlsx" || size > 120_000_000, "{format} has {size} bytes");
        // A file held whole would be twice this, and a copy of it four times.
        assert!(grown < 60 * 1024, "{format} of {size} bytes: grown by {grown} KiB");
    }
}

/// API-12: a program that is killed in the middle of a job takes it up again when it starts; the file is whole, and there
/// is no other.
#[test]
fn a_killed_program_takes_its_jobs_up_again() {
    if TestDatabase::is_postgres() {
        println!("skipped: the same with leases is proved by a_job_whose_server_died_starts_again");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut server = Program::start(dir.path(), &[]);
    let (_, key) = server.tenant("Export BV");
    let bearer = format!("Bearer {key}");
    let send = |port: u16, method: &str, path: &str, kind: &str, body: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        crate::support::wire::request(port, method, path, &headers, body.as_bytes()).unwrap()
    };
    let lines: Vec<String> =
        (0..10_000).map(|at| format!("{{\"at\":{at},\"x\":\"{}\"}}", "y".repeat(300))).collect();
    for _ in 0..3 {
        assert_eq!(
            send(server.port, "POST", "/api/v1/logs/batch", "application/x-ndjson", &lines.join("\n")).status,
            201
        );
    }
    let ask = |port| {
        let reply = send(port, "POST", "/api/v1/exports", "application/json", r#"{"format":"xlsx"}"#);
        assert_eq!(reply.status, 202);
        reply.json()["id"].as_str().unwrap().to_owned()
    };
    let state = |port, id: &str| send(port, "GET", &format!("/api/v1/jobs/{id}"), "", "").json();
    let id = ask(server.port);
    let folder = program::database(dir.path()).parent().unwrap().join("exports");
    let begun = || folder.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    for _ in 0..2_000 {
        if begun() {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(begun(), "the job has begun");
    server.kill();
    let server = Program::start(dir.path(), &[]);
    let mut last = Value::Null;
    for _ in 0..600 {
        last = state(server.port, &id);
        if last["state"] == "ready" {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!((&last["state"], &last["rows_done"]), (&json!("ready"), &json!(30_000)), "{last}");
    let file = send(server.port, "GET", last["result"]["href"].as_str().unwrap(), "", "");
    assert_eq!(api::util::crypto::sha256_hex(&file.body), last["result"]["sha256"].as_str().unwrap());
    // The part that the killed program left is swept away soon after the start.
    for _ in 0..100 {
        if folder.read_dir().unwrap().count() == 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{:?}", folder.read_dir().unwrap().collect::<Vec<_>>());
}
