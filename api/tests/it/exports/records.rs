//! Each export is on record, and the owner sees them all.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use shared::access::Role;

use super::{ask, exports, work_off};
use crate::support::{TestApp, names, record, upload};

/// EXP-07: an export that is streamed is recorded with who, filter, rows, bytes and checksum, whatever its form.
#[tokio::test]
async fn streamed_exports_are_recorded() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    upload(&key, &vec![r#"{"kind":"scan"}"#.to_owned(); 1_500]).await;
    record(&key, r#"{"kind":"anders"}"#).await;
    for (path, format, q, rows) in [
        ("/api/v1/logs/export?q=kind:scan&from=2026-01-01T00:00:00Z", "csv", "kind:scan", 1_500),
        ("/api/v1/logs/export?format=ndjson", "ndjson", "", 1_501),
        ("/api/v1/export/json?limit=1200", "json", "", 1_200),
        ("/api/v1/logs/export?format=xlsx&kind=anders", "xlsx", "kind:=anders", 1),
        ("/api/v1/logs/export?format=pdf", "pdf", "", 1_501),
        ("/api/v1/logs/export?format=csv&q=niets", "csv", "niets", 0),
    ] {
        let before = exports(&owner).await;
        let answer = key.get(path).await.expect_ok();
        let mut seen = exports(&owner).await;
        seen.retain(|run| !before.iter().any(|known| known["id"] == run["id"]));
        let run = &seen[0];
        assert_eq!(
            (&run["state"], &run["format"], &run["q"], &run["rows"], &run["job"]),
            (&json!("sent"), &json!(format), &json!(q), &json!(rows), &json!(false)),
            "{path}"
        );
        assert_eq!(run["bytes"], json!(answer.body.len()));
        assert_eq!(run["sha256"], json!(api::util::crypto::sha256_hex(&answer.body)));
        assert!(run["actor"].as_str().unwrap().starts_with("key:") && run["role"] == "key");
        let name = run["file_name"].as_str().unwrap();
        assert!(name.starts_with("mvai_Klant-") && name.ends_with(&format!("_logs_20261122-1300.{format}")));
        assert_eq!((&run["href"], &run["expires_at"]), (&Value::Null, &Value::Null));
    }
    let seen = exports(&owner).await;
    let narrowed = seen.iter().find(|run| run["q"] == "kind:scan").unwrap();
    assert_eq!((seen.len(), &narrowed["from"]), (6, &json!("2026-01-01T00:00:00.000Z")));
    let path = format!("/api/v1/exports/{}/manifest", narrowed["id"].as_str().unwrap());
    assert_eq!(owner.get(&path).await.expect_ok().json()["sha256"], narrowed["sha256"]);
    // There is no job and no file.
    let id = seen[0]["id"].as_str().unwrap();
    owner.get(&format!("/api/v1/jobs/{id}")).await.expect_problem(404, "not_found");
    owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(409, "state_conflict");
}

/// EXP-07: an export that the receiver breaks off is recorded as such, with what was sent.
#[tokio::test]
async fn an_export_that_is_broken_off_is_recorded() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    upload(&key, &vec!["1".to_owned(); 9_000]).await;
    let response = key.open(Method::GET, "/api/v1/logs/export?format=ndjson", None, Body::empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    assert_eq!(exports(&owner).await[0]["state"], "running");
    drop(body);
    let mut run = Value::Null;
    for _ in 0..100 {
        run = exports(&owner).await[0].clone();
        if run["state"] != "running" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!((&run["state"], &run["sha256"]), (&json!("cancelled"), &Value::Null));
    let rows = run["rows"].as_i64().unwrap();
    assert!((100..9_000).contains(&rows), "{rows}");
    let manifest = owner.get(&format!("/api/v1/exports/{}/manifest", run["id"].as_str().unwrap())).await;
    manifest.expect_problem(409, "state_conflict");
}

/// EXP-07, ACC-01: the owner sees the exports of everybody; others see their own, another customer none.
#[tokio::test]
async fn the_owner_sees_everybodys_exports() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    let viewer = test.person(&customer, Role::Viewer).await;
    let (_, stranger, _) = test.tenant().await;
    record(&key, "1").await;
    key.get("/api/v1/logs/export").await.expect_ok();
    viewer.get("/api/v1/logs/export").await.expect_ok();
    let by_owner = ask(&owner, &json!({ "format": "ndjson" })).await;
    assert_eq!(work_off(&test).await, 1);
    let count = |list: Vec<Value>| list.len();
    assert_eq!(count(exports(&owner).await), 3);
    assert_eq!(count(exports(&key).await), 1);
    assert_eq!(count(exports(&viewer).await), 1);
    assert_eq!(count(exports(&stranger).await), 0);
    for other in [&key, &viewer, &stranger] {
        for path in ["exports/{}/file", "exports/{}/manifest", "jobs/{}"] {
            let path = format!("/api/v1/{}", path.replace("{}", &by_owner));
            other.get(&path).await.expect_problem(404, "not_found");
        }
        let path = format!("/api/v1/jobs/{by_owner}");
        other.send(Method::DELETE, &path, None, Body::empty()).await.expect_problem(404, "not_found");
    }
    owner.get(&format!("/api/v1/exports/{by_owner}/file")).await.expect_ok();
    // A page ends where it is told to and goes on where it ended.
    let first = owner.get("/api/v1/exports?limit=2").await.expect_ok().json();
    assert_eq!(names(&first), ["data", "has_more", "next_cursor"]);
    let next = first["next_cursor"].as_str().unwrap();
    let second = owner.get(&format!("/api/v1/exports?limit=2&cursor={next}")).await.expect_ok().json();
    assert_eq!((count(second["data"].as_array().unwrap().clone()), &second["has_more"]), (1, &json!(false)));
    stranger.get(&format!("/api/v1/exports?cursor={next}")).await.expect_problem(400, "cursor_mismatch");
}

/// EXP-07: records are forgotten after 400 days, not before.
#[tokio::test]
async fn records_are_kept_for_400_days() {
    let test = TestApp::new().await;
    let (customer, _, key) = test.tenant().await;
    key.get("/api/v1/logs/export").await.expect_ok();
    for (days, left) in [(399, 1), (2, 0)] {
        test.clock.advance(days * 86_400_000);
        api::domain::exports::service::sweep(&test.app).await.unwrap();
        let text = format!("SELECT COUNT(*) AS n FROM export_run WHERE customer_id = {}", customer.id);
        assert_eq!(test.number(&text).await, left, "after {days} more days");
    }
}
