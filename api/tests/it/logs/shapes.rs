//! The documented shapes: names, nesting and values, so that a client of the former edition keeps working.

use axum::http::StatusCode;
use serde_json::json;
use shared::access::Role;

use crate::support::{NOW_MS, TestApp, names, record};

const LOG: [&str; 16] = [
    "actor_ref",
    "corrects_id",
    "customer_id",
    "data",
    "external_id",
    "flags",
    "id",
    "ip_address",
    "kind",
    "level",
    "message",
    "metadata",
    "received_at",
    "source",
    "test",
    "timestamp",
];

/// API-02, LOG-01: the answer to a log names its number, both times and its address.
#[tokio::test]
async fn a_stored_log_is_answered_with_its_number_and_address() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let answer = key.post("/api/v1/logs", &json!({"kind": "scan"})).await.expect(StatusCode::CREATED);
    assert_eq!(answer.header("location"), "/api/v1/logs/1");
    let expected = json!({
        "success": true, "log_id": 1, "timestamp": NOW_MS, "received_at": NOW_MS, "duplicate": false, "warnings": [],
    });
    assert_eq!(answer.json(), expected);
}

/// API-02, API-04, LOG-01: a log has every documented member; `data` is the text as sent.
#[tokio::test]
async fn a_log_has_the_documented_members() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    let raw = r#"{"kind":"scan", "level":"warn","message":" Pallet 7 ","external_id":"e-1","timestamp":"2026-11-20 10:00","dock":3.10}"#;
    assert_eq!(record(&key, raw).await, 1);
    let key_id =
        owner.get("/api/v1/keys").await.expect_ok().json()["keys"][0]["id"].as_str().unwrap().to_owned();
    let expected = json!({
        "id": 1, "customer_id": customer.id, "timestamp": "2026-11-20T09:00:00.000Z", "received_at": NOW_MS, "kind": "scan",
        "level": "warning", "message": "Pallet 7", "data": raw, "metadata": null, "source": "api", "ip_address": "203.0.113.7",
        "actor_ref": format!("key:{key_id}"), "external_id": "e-1", "corrects_id": null, "flags": ["late"], "test": false,
    });
    assert_eq!(names(&expected), LOG);
    assert_eq!(key.get("/api/v1/logs/1").await.expect_ok().json(), expected);

    let list = key.get("/api/v1/logs").await.expect_ok().json();
    let envelope = json!({
        "logs": [expected], "count": 1, "limit": 100, "offset": 0, "next_cursor": null, "has_more": false, "last_id": 1,
        "partial": false,
    });
    assert_eq!(list, envelope);

    let found = key.get("/api/v1/logs/search?q=pallet").await.expect_ok().json();
    let envelope = json!({
        "query": "pallet", "results": [expected], "count": 1, "next_cursor": null, "has_more": false, "partial": false,
    });
    assert_eq!(found, envelope);
}

/// API-02: a batch is answered with counts, numbers, errors and a verdict for each item.
#[tokio::test]
async fn a_batch_has_the_documented_members() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let answer = key
        .post("/api/v1/logs/batch", &json!({"logs": [{"a": 1}, {}]}))
        .await
        .expect(StatusCode::MULTI_STATUS)
        .json();
    assert_eq!(
        names(&answer),
        [
            "atomic",
            "created_count",
            "created_ids",
            "duplicates",
            "errors",
            "received_count",
            "rejected_count",
            "success",
            "verdicts"
        ]
    );
    assert_eq!(
        (&answer["success"], &answer["created_count"], &answer["created_ids"]),
        (&json!(false), &json!(1), &json!([1]))
    );
    assert_eq!(names(&answer["errors"][0]), ["code", "detail", "error", "index", "pointer"]);
    assert_eq!(answer["errors"][0]["detail"], answer["errors"][0]["error"]);
    assert_eq!(
        (&answer["errors"][0]["index"], &answer["errors"][0]["code"]),
        (&json!(1), &json!("empty_body"))
    );
    assert_eq!(answer["verdicts"][0], json!({"index": 0, "status": "created", "log_id": 1}));
}

/// API-02, GEN-05: nothing at all is refused as `empty_body`, in the words of the caller and with the legacy members.
#[tokio::test]
async fn empty_logs_are_refused() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for body in ["", " \n", "{}", "[]", "null", " { } ", "\"\"", "[[],{}]"] {
        let problem =
            key.post_raw("/api/v1/logs", "application/json", body).await.expect_problem(400, "empty_body");
        assert_eq!((&problem["error"], &problem["message"]), (&problem["title"], &problem["detail"]));
    }
    let english = key.with("accept-language", "en-GB,en;q=0.9");
    let problem =
        english.post_raw("/api/v1/logs", "application/json", "{}").await.expect_problem(400, "empty_body");
    assert_eq!(problem["error"], "No content");
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["count"], 0);
}

/// API-02, GEN-05: a log that is not there has the documented text in every language, whatever its number looks like.
#[tokio::test]
async fn missing_logs_have_the_documented_answer() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    for n in 0..5 {
        record(&other, &format!("{{\"n\":{n}}}")).await;
    }
    record(&key, "1").await;
    for id in ["0", "-1", "2", "abc", "1.5", "99999999999999999999", "%31%00", "1e0", "%20"] {
        for path in [format!("/api/v1/logs/{id}"), format!("/api/v1/logs/{id}/around")] {
            for language in ["nl", "en"] {
                let answer = key.with("accept-language", language).get(&path).await;
                assert_eq!(answer.expect_problem(404, "log_not_found")["error"], "Log not found", "{path}");
            }
        }
    }
    // A number of somebody else's log and a number that nobody has give the same answer.
    let text = |answer: crate::support::Answer| {
        let mut problem = answer.expect_problem(404, "log_not_found");
        problem["request_id"] = json!("");
        problem["instance"] = json!("");
        problem.to_string()
    };
    assert_eq!(text(key.get("/api/v1/logs/4").await), text(key.get("/api/v1/logs/400").await));
}

/// API-03: the former addresses answer what the present ones answer.
#[tokio::test]
async fn former_addresses_work() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let made = key
        .post("/api/v1/log", &json!({"kind": "scan", "message": "Dok 3"}))
        .await
        .expect(StatusCode::CREATED);
    assert_eq!((made.header("location"), &made.json()["log_id"]), ("/api/v1/logs/1", &json!(1)));
    for (former, present) in [
        ("/api/v1/log?limit=5", "/api/v1/logs?limit=5"),
        ("/api/v1/search?q=dok", "/api/v1/logs/search?q=dok"),
        ("/api/v1/analytics", "/api/v1/analytics/stats"),
    ] {
        assert_eq!(
            key.get(former).await.expect_ok().json(),
            key.get(present).await.expect_ok().json(),
            "{former}"
        );
    }
    key.get("/api/v1/search").await.expect_problem(400, "missing_query");
    key.get("/api/v1/logs/search?q=%20").await.expect_problem(400, "missing_query");
    key.post("/api/v1/log", &json!({})).await.expect_problem(400, "empty_body");
}

/// API-04: `expand=payload` gives the value instead of the text, digit for digit; `fields` chooses members.
#[tokio::test]
async fn payload_and_fields_are_given_on_request() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let raw = r#"{"z":1.10,"a":12345678901234567890123456789012345678901234567890,"\u00e9":"\/"}"#;
    record(&key, raw).await;
    for path in [
        "/api/v1/logs/1?expand=payload",
        "/api/v1/logs?expand=payload",
        "/api/v1/logs/search?q=*&expand=payload",
    ] {
        let text = key.get(path).await.expect_ok().text();
        assert!(text.contains(&format!("\"payload\":{raw}")), "{path}: {text}");
        assert!(!text.contains("\"data\""), "{path}");
    }
    key.get("/api/v1/logs?expand=everything").await.expect_problem(400, "invalid_parameter");
    assert_eq!(names(&key.get("/api/v1/logs/1?fields=id,%20kind").await.expect_ok().json()), ["id", "kind"]);
    let list = key.get("/api/v1/logs?fields=data").await.expect_ok().json();
    assert_eq!((names(&list["logs"][0]), list["count"].as_i64()), (vec!["data"], Some(1)));
    key.get("/api/v1/logs?fields=id,password").await.expect_problem(400, "invalid_parameter");
}

/// LOG-01, LOG-13: a log says how it came in, from whom and from which address; a forged header changes nothing.
#[tokio::test]
async fn source_sender_and_address_are_recorded() {
    let app = TestApp::with(|config| config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]).await;
    let (customer, owner, key) = app.tenant().await;
    let member = app.person(&customer, Role::Member).await;
    let spoofed = key
        .with("x-forwarded-for", "198.51.100.9")
        .with("x-real-ip", "198.51.100.9")
        .with("forwarded", "for=198.51.100.9");
    record(&owner, "1").await;
    record(&member, "2").await;
    record(&spoofed, "3").await;
    record(&spoofed.from("10.1.2.3:5"), "4").await;
    record(&key.from("[2001:db8::7]:9"), "5").await;
    key.post("/api/v1/logs/batch", &json!([6])).await.expect(StatusCode::CREATED);
    key.post_raw("/api/v1/logs/batch", "application/x-ndjson", "7").await.expect(StatusCode::CREATED);
    key.post_raw("/api/v1/logs/batch", "text/csv", "a\n8\n").await.expect(StatusCode::CREATED);
    let logs = key.get("/api/v1/logs?sort=id").await.expect_ok().json();
    let seen: Vec<(String, String, String)> = logs["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| {
            let text = |name: &str| log[name].as_str().unwrap().to_owned();
            let actor = text("actor_ref");
            (text("source"), actor.split(':').next().unwrap().to_owned(), text("ip_address"))
        })
        .collect();
    let expected = [
        ("web", "access_code", "203.0.113.7"),
        ("web", "user", "203.0.113.7"),
        ("api", "key", "203.0.113.7"),
        ("api", "key", "198.51.100.9"),
        ("api", "key", "2001:db8::7"),
        ("batch", "key", "203.0.113.7"),
        ("upload", "key", "203.0.113.7"),
        ("upload", "key", "203.0.113.7"),
    ];
    assert_eq!(seen, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
}

/// LOG-01, ACC-11: a customer that is read-only stores nothing by any way in, and still reads, searches and exports.
#[tokio::test]
async fn a_read_only_customer_reads_but_does_not_write() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    record(&key, r#"{"message":"voor de tijd"}"#).await;
    for (status, code) in [("read_only", "customer_read_only"), ("closing", "customer_closing")] {
        let mut tx = app.app.db.write(api::db::Scope::Installation).await.unwrap();
        api::db::sql("UPDATE customer SET status = $1 WHERE id = $2")
            .bind(status)
            .bind(customer.id)
            .execute(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        app.app.auth.forget();
        for actor in [&owner, &key] {
            actor.post("/api/v1/logs", &json!({"a": 1})).await.expect_problem(403, code);
            actor.post("/api/v1/log", &json!({"a": 1})).await.expect_problem(403, code);
            actor.post("/api/v1/logs/batch", &json!([1])).await.expect_problem(403, code);
            actor.post_raw("/api/v1/logs/batch", "text/csv", "a\n1\n").await.expect_problem(403, code);
            for path in [
                "/api/v1/logs",
                "/api/v1/logs/1",
                "/api/v1/logs/search?q=tijd",
                "/api/v1/analytics/stats",
                "/api/v1/logs/export",
                "/api/v1/export/json",
                "/api/v1/status",
            ] {
                actor.get(path).await.expect_ok();
            }
        }
    }
    assert_eq!(owner.get("/api/v1/status").await.expect_ok().json()["stats"]["total_logs"], 1);
    let viewer = app.person(&customer, Role::Viewer).await;
    viewer.get("/api/v1/logs").await.expect_ok();
}
