//! Making keys, and where their secrets are.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{DAY, KEYS, act, make, named};
use crate::support::{TestApp, TestDatabase};

/// KEY-01, KEY-02: a key has its form, its defaults and its address; the secret is in this answer.
#[tokio::test]
async fn a_new_key_has_its_form_and_defaults() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let answer = owner.post(KEYS, &json!({ "name": "  Magazijn Venlo  " })).await.expect(StatusCode::CREATED);
    let out = answer.json();
    let secret = out["api_key"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("{KEYS}/{}", out["id"].as_str().unwrap()));
    assert!(
        secret.starts_with("mvai_live_")
            && secret.len() == 56
            && secret[10..].bytes().all(|b| b.is_ascii_alphanumeric()),
        "{secret}"
    );
    assert_eq!(out["key_value"], format!("{}…{}", &secret[..18], &secret[52..]));
    for (member, expected) in [
        ("name", json!("Magazijn Venlo")),
        ("mode", json!("live")),
        ("status", json!("active")),
        ("is_active", json!(true)),
        ("scopes", json!(["logs:read", "logs:write", "analytics:read", "export:read", "keys:read"])),
        ("cidrs", json!([])),
        ("created_at", json!("2026-11-22T12:00:00.000Z")),
        ("expires_at", json!("2027-11-22T12:00:00.000Z")),
        ("overlap_until", Value::Null),
        ("revoked_at", Value::Null),
        ("rotated_from", Value::Null),
        ("last_used_at", Value::Null),
        ("last_used_ip", Value::Null),
        ("usage_count", json!(0)),
    ] {
        assert_eq!(out[member], expected, "{member}");
    }
    assert_eq!(test.bearer(secret).get("/api/v1/me").await.expect_ok().json()["name"], "Magazijn Venlo");
}

/// KEY-02: name, mode, scopes, expiry and networks are as asked for.
#[tokio::test]
async fn a_key_is_made_as_asked() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let made = make(&test, &owner, json!({
        "name": "é".repeat(80), "mode": "test", "scopes": ["keys:manage", "logs:read", "logs:read"], "expires_in_days": 1,
        "cidrs": ["203.0.113.77/24", "2001:DB8::1", "198.51.100.7", "203.0.113.0/24", "::ffff:192.0.2.0/120"],
    }))
    .await;
    assert!(made.secret.starts_with("mvai_test_"));
    assert_eq!(made.out["mode"], "test");
    assert_eq!(
        made.out["scopes"],
        json!(["logs:read", "keys:manage"]),
        "each once, in the order of the catalogue"
    );
    assert_eq!(made.out["expires_at"], "2026-11-23T12:00:00.000Z");
    assert_eq!(
        made.out["cidrs"],
        json!(["203.0.113.0/24", "2001:db8::1/128", "198.51.100.7/32", "192.0.2.0/24"])
    );
    let endless = make(&test, &owner, json!({ "name": "zonder eind", "expires_in_days": 0 })).await;
    assert_eq!(endless.out["expires_at"], Value::Null);
    test.clock.advance(20_000 * DAY);
    endless.actor.get("/api/v1/me").await.expect_ok();
    made.actor.get("/api/v1/me").await.expect_problem(401, "invalid_api_key");
}

/// KEY-02, API-10: what cannot be is refused, each fault with its place, and no key is made.
#[tokio::test]
async fn impossible_keys_are_refused() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    for (body, faults) in [
        (json!({ "name": "" }), vec![("/name", "required")]),
        (json!({ "name": " \t " }), vec![("/name", "required")]),
        (json!({ "name": "x".repeat(81) }), vec![("/name", "length")]),
        (json!({ "name": "a\nb" }), vec![("/name", "control_character")]),
        (json!({ "name": "a\u{0}b" }), vec![("/name", "control_character")]),
        (json!({}), vec![("/name", "required")]),
        (json!({ "name": 1 }), vec![("/name", "wrong_type")]),
        (json!({ "name": "x", "mode": "prod" }), vec![("/mode", "one_of")]),
        (json!({ "name": "x", "scopes": [] }), vec![("/scopes", "out_of_range")]),
        (json!({ "name": "x", "scopes": ["logs:read", "root"] }), vec![("/scopes/1", "one_of")]),
        (json!({ "name": "x", "scopes": "logs:read" }), vec![("/scopes", "wrong_type")]),
        (json!({ "name": "x", "expires_in_days": 3651 }), vec![("/expires_in_days", "out_of_range")]),
        (json!({ "name": "x", "expires_in_days": -1 }), vec![("/expires_in_days", "syntax")]),
        (
            json!({ "name": "x", "cidrs": ["10.0.0.0/8", "10.0.0.0/33", "example.com", ""] }),
            vec![("/cidrs/1", "cidr"), ("/cidrs/2", "cidr"), ("/cidrs/3", "cidr")],
        ),
        (json!({ "name": "x", "cidrs": vec!["10.0.0.1"; 51] }), vec![("/cidrs", "out_of_range")]),
        (
            json!({ "name": "", "expires_in_days": 9999, "cidrs": ["x"] }),
            vec![("/name", "required"), ("/expires_in_days", "out_of_range"), ("/cidrs/0", "cidr")],
        ),
        (json!({ "name": "x", "customer_id": 2 }), vec![("/customer_id", "unknown_field")]),
        (json!({ "name": "x", "key_id": "AAAAAAAA" }), vec![("/key_id", "unknown_field")]),
    ] {
        let problem = owner.post(KEYS, &body).await.expect_problem(422, "invalid_body");
        let found: Vec<(&str, &str)> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, faults, "{body}");
        assert!(
            problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .all(|fault| !fault["fix"].as_str().unwrap().is_empty())
        );
    }
    assert_eq!(owner.get(KEYS).await.expect_ok().json()["count"], 0);
}

/// KEY-02: names are unique among the working keys of a customer, without regard to case; other customers do not count.
#[tokio::test]
async fn names_are_unique_among_working_keys() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let first = named(&test, &owner, "Élan").await;
    for taken in ["Élan", "élan", " ÉLAN "] {
        let problem = owner.post(KEYS, &json!({ "name": taken })).await.expect_problem(409, "name_taken");
        assert!(problem["detail"].as_str().unwrap().contains(taken.trim()));
    }
    let second = named(&test, &owner, "Ander").await;
    owner.patch(&act(&second.id, ""), &json!({ "name": "élan" })).await.expect_problem(409, "name_taken");
    owner.patch(&act(&second.id, ""), &json!({ "name": "ANDER" })).await.expect_ok();
    named(&test, &test.owner(&test.customer().await).await, "Élan").await;
    owner.send(axum::http::Method::POST, &act(&first.id, "/revoke"), None, "".into()).await.expect_ok();
    named(&test, &owner, "élan").await;
}

/// KEY-02: the plan limits how many keys work at the same time; ended keys give their place back.
#[tokio::test]
async fn the_plan_limits_working_keys() {
    let test = TestApp::with(|config| config.default_plan = shared::tenancy::Plan::Starter).await;
    let owner = test.owner(&test.customer().await).await;
    let mut made = Vec::new();
    for name in ["een", "twee", "drie"] {
        made.push(make(&test, &owner, json!({ "name": name, "expires_in_days": 1 })).await);
    }
    let problem = owner.post(KEYS, &json!({ "name": "vier" })).await.expect_problem(409, "key_limit_reached");
    assert_eq!(problem["args"]["limit"], "3");
    let list = owner.get(KEYS).await.expect_ok().json();
    assert_eq!((&list["count"], &list["limit"]), (&json!(3), &json!(3)));
    owner.send(axum::http::Method::POST, &act(&made[0].id, "/revoke"), None, "".into()).await.expect_ok();
    named(&test, &owner, "vier").await;
    owner.post(KEYS, &json!({ "name": "vijf" })).await.expect_problem(409, "key_limit_reached");
    // Expired keys give their place back as well; a test key takes one.
    test.run_sql("UPDATE api_key SET expires_at = 1 WHERE name = 'twee'").await;
    make(&test, &owner, json!({ "name": "vijf", "mode": "test" })).await;
    owner.post(KEYS, &json!({ "name": "zes" })).await.expect_problem(409, "key_limit_reached");
}

/// KEY-02, GEN-14: requests at the same moment do not pass the limit of the plan together.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_requests_keep_to_the_limit() {
    let test = TestApp::with(|config| config.default_plan = shared::tenancy::Plan::Mkb).await;
    let owner = test.owner(&test.customer().await).await;
    let tasks: Vec<_> = (0..30)
        .map(|at| {
            let owner = owner.clone();
            // Every second pair asks for the same name.
            tokio::spawn(async move {
                owner.post(KEYS, &json!({ "name": format!("naam {}", at / 2) })).await.status.as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 10, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert_eq!(test.number("SELECT COUNT(DISTINCT name) AS n FROM api_key").await, 10);
}

/// KEY-02: the secret is in no later answer, to anybody.
#[tokio::test]
async fn a_secret_is_shown_once() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let made =
        make(&test, &owner, json!({ "name": "geheim", "scopes": ["keys:manage", "keys:read", "logs:read"] }))
            .await;
    let admin = test.admin().await;
    let rotated = owner
        .post(&act(&made.id, "/rotate"), &json!({ "overlap_hours": 24 }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    let new = rotated["api_key"].as_str().unwrap();
    let mut texts = vec![
        owner.get(KEYS).await.expect_ok().text(),
        made.actor.get(KEYS).await.expect_ok().text(),
        made.actor.get("/api/v1/me").await.expect_ok().text(),
        owner.patch(&act(&made.id, ""), &json!({ "name": "anders" })).await.expect_ok().text(),
        admin.get(&format!("/api/v1/admin/customers/{}/keys", customer.id)).await.expect_ok().text(),
        admin.get(&format!("/api/v1/admin/customers/{}", customer.id)).await.expect_ok().text(),
        owner.get("/api/v1/export/json").await.expect_ok().text(),
    ];
    texts.push(
        owner
            .send(axum::http::Method::POST, &act(&made.id, "/revoke"), None, "".into())
            .await
            .expect_ok()
            .text(),
    );
    for text in &texts {
        for secret in [made.secret.as_str(), new] {
            assert!(!text.contains(secret) && !text.contains(&secret[18..52]), "{text}");
        }
    }
    assert!(texts[0].contains(&made.secret[..18]), "the beginning is shown");
}

/// KEY-01, ACC-03: no code, key, token or password stands in the database as it is, nor in its write-ahead log.
#[tokio::test]
async fn secrets_are_not_stored_as_they_are() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let mine = crate::auth::sign_in(&test, &customer.access_code).await;
    let made = named(&test, &mine.actor, "zichtbare naam").await;
    made.actor
        .post("/api/v1/logs", &json!({ "message": "zichtbare inhoud" }))
        .await
        .expect(StatusCode::CREATED);
    test.admin().await;
    crate::auth::refresh(&test, &mine.cookie).await.expect_ok();
    api::jobs::flush_key_usage(&test.app).await;
    let bare = customer.access_code.replace('-', "");
    let secrets = [
        customer.access_code.clone(),
        bare[4..].to_owned(),
        bare[4..].to_lowercase(),
        made.secret.clone(),
        made.secret[18..50].to_owned(),
        mine.token["access_token"].as_str().unwrap().rsplit('.').next().unwrap().to_owned(),
        mine.cookie.clone(),
        mine.cookie.rsplit('.').next().unwrap().to_owned(),
        crate::support::ADMIN_PASSWORD.to_owned(),
        "0123456789abcdef0123456789abcdef".to_owned(),
    ];
    let stored = stored_bytes(&test).await;
    let holds = |text: &str| stored.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(
        holds("zichtbare naam") && holds("zichtbare inhoud") && holds(&customer.name),
        "the test sees what is stored"
    );
    assert!(holds(&made.secret[10..18]), "the identifier of a key is stored");
    for secret in &secrets {
        assert!(!holds(secret), "{secret}");
    }
}

/// Everything that is stored: the files of SQLite, or all rows of PostgreSQL as text.
async fn stored_bytes(test: &TestApp) -> Vec<u8> {
    if let Some(file) = test.database.file() {
        let mut bytes = std::fs::read(&file).unwrap();
        let wal = file.with_file_name("test.db-wal");
        bytes.extend(std::fs::read(wal).unwrap());
        return bytes;
    }
    assert!(TestDatabase::is_postgres());
    let tables = test.texts("SELECT CAST(table_name AS TEXT) AS text FROM information_schema.tables WHERE table_schema = current_schema()").await;
    let mut bytes = Vec::new();
    for table in tables {
        for row in test.texts(&format!("SELECT CAST(t AS TEXT) AS text FROM {table} t")).await {
            bytes.extend(row.bytes());
            bytes.push(b'\n');
        }
    }
    bytes
}

/// KEY-04: the list shows newest first, of its own customer alone.
#[tokio::test]
async fn keys_are_listed_newest_first() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let (_, other, _) = test.tenant().await;
    for name in ["a", "b", "c"] {
        test.clock.advance(1_000);
        named(&test, &owner, name).await;
    }
    let names = |list: Value| {
        list["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let list = owner.get(KEYS).await.expect_ok().json();
    assert_eq!(list["count"], 4);
    assert_eq!(names(list)[..3], ["c", "b", "a"]);
    assert_eq!(other.get(KEYS).await.expect_ok().json()["count"], 1);
}
