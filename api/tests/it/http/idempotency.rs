//! Sending a request again under the same key.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Actor, TestApp};

const LOGS: &str = "/api/v1/logs";
const KEYS: &str = "/api/v1/keys";

async fn total(test: &TestApp) -> i64 {
    test.number("SELECT count(*) AS n FROM log").await
}

fn keyed(actor: &Actor, key: &str) -> Actor {
    actor.with("idempotency-key", key)
}

/// GEN-08: the same request under the same key is carried out once and answered the same; without a key it is
/// carried out each time (the positive control).
#[tokio::test]
async fn a_repeated_request_is_carried_out_once() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let body = json!({"kind": "scan", "message": "Colli 7 gescand"});
    let first = keyed(&key, "colli-7").post(LOGS, &body).await.expect(StatusCode::CREATED);
    assert!(first.headers.get("idempotency-replayed").is_none());
    for _ in 0..3 {
        let again = keyed(&key, "colli-7").post(LOGS, &body).await.expect(StatusCode::CREATED);
        assert_eq!((again.text(), again.header("location")), (first.text(), first.header("location")));
        assert_eq!(
            (again.header("idempotency-replayed"), again.header("content-type")),
            ("true", "application/json")
        );
    }
    assert_eq!(total(&test).await, 1);
    for _ in 0..2 {
        key.post(LOGS, &body).await.expect(StatusCode::CREATED);
    }
    assert_eq!(total(&test).await, 3);
}

/// GEN-08: another body, address or parameter under a used key is refused, not answered with something else.
#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let caller = keyed(&key, "een");
    caller.post(LOGS, &json!({"n": 1})).await.expect(StatusCode::CREATED);
    caller.post(LOGS, &json!({"n": 2})).await.expect_problem(422, "idempotency_key_reused");
    let batch = json!({"logs": [{"n": 1}]});
    caller.post("/api/v1/logs/batch", &batch).await.expect(StatusCode::CREATED);
    caller.post("/api/v1/logs/batch?atomic=true", &batch).await.expect_problem(422, "idempotency_key_reused");
    // Another caller has keys of its own, another customer all the more.
    keyed(&owner, "een").post(LOGS, &json!({"n": 3})).await.expect(StatusCode::CREATED);
    let (_, _, other) = test.tenant().await;
    let own = keyed(&other, "een").post(LOGS, &json!({"n": 1})).await.expect(StatusCode::CREATED);
    assert!(own.headers.get("idempotency-replayed").is_none());
    assert_eq!(total(&test).await, 4);
}

/// GEN-08, KEY-01: a secret that is shown once is shown again to the one who asks again, and to nobody who reads
/// the database.
#[tokio::test]
async fn secrets_are_answered_again_and_kept_sealed() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let body = json!({"name": "Poort 4"});
    let first = keyed(&owner, "sleutel-1").post(KEYS, &body).await.expect(StatusCode::CREATED).json();
    let again = keyed(&owner, "sleutel-1").post(KEYS, &body).await.expect(StatusCode::CREATED).json();
    assert_eq!(first, again);
    assert_eq!(test.number("SELECT count(*) AS n FROM api_key").await, 1);
    let secret = first["api_key"].as_str().unwrap();
    for stored in
        test.texts("SELECT digest || fingerprint || coalesce(answer, '') AS text FROM idempotency").await
    {
        assert!(!stored.contains(secret) && !stored.contains("sleutel-1") && !stored.is_empty(), "{stored}");
    }
    // Somebody of the same customer with fewer rights gets nothing by the same key.
    let viewer = test.person(&customer, shared::access::Role::Viewer).await;
    keyed(&viewer, "sleutel-1").post(KEYS, &body).await.expect_problem(403, "forbidden");
}

/// GEN-08: what failed changed nothing; the same key works when the cause is gone.
#[tokio::test]
async fn a_failure_gives_the_key_back() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let caller = keyed(&admin, "klant-1");
    let wrong = json!({"name": "", "contact_email": "x"});
    caller.post("/api/v1/admin/customers", &wrong).await.expect_problem(422, "invalid_body");
    let right = json!({"name": "Kade 12", "contact_email": "a@kade.example"});
    let created = caller.post("/api/v1/admin/customers", &right).await.expect(StatusCode::CREATED).json();
    let again = caller.post("/api/v1/admin/customers", &right).await.expect(StatusCode::CREATED).json();
    assert_eq!(created, again);
    assert!(created["access_code"].is_string());
}

/// GEN-08: answers are kept for 24 hours and then deleted; the key is free again.
#[tokio::test]
async fn answers_are_kept_for_a_day() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let body = json!({"n": 1});
    keyed(&key, "dag").post(LOGS, &body).await.expect(StatusCode::CREATED);
    test.clock.advance(24 * 3_600_000 - 1);
    assert_eq!(api::jobs::forget_answers(&test.app).await.unwrap(), 0);
    let again = keyed(&key, "dag").post(LOGS, &body).await.expect(StatusCode::CREATED);
    assert_eq!(again.header("idempotency-replayed"), "true");
    test.clock.advance(1);
    keyed(&key, "dag").post(LOGS, &body).await.expect(StatusCode::CREATED);
    assert_eq!(total(&test).await, 2);
    test.clock.advance(24 * 3_600_000);
    assert_eq!(api::jobs::forget_answers(&test.app).await.unwrap(), 1);
}

/// GEN-08: while the first request runs the second is told to wait; a claim whose process died is taken over.
#[tokio::test]
async fn a_running_request_is_not_run_twice() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let body = json!({"n": 1});
    keyed(&key, "bezig").post(LOGS, &body).await.expect(StatusCode::CREATED);
    // As if the process had died between the work and its answer.
    test.run_sql("UPDATE idempotency SET answer = NULL").await;
    let answer = keyed(&key, "bezig").post(LOGS, &body).await;
    assert_eq!(answer.headers["retry-after"], "1");
    answer.expect_problem(409, "idempotency_in_progress");
    test.clock.advance(90_000);
    keyed(&key, "bezig").post(LOGS, &body).await.expect(StatusCode::CREATED);
    let again = keyed(&key, "bezig").post(LOGS, &body).await.expect(StatusCode::CREATED);
    assert_eq!(again.header("idempotency-replayed"), "true");
}

/// GEN-08: of many at the same time one is carried out.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_carried_out() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let caller = keyed(&key, "tegelijk");
    let sent: Vec<_> = (0..20)
        .map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move { caller.post(LOGS, &json!({"n": 1})).await.status.as_u16() })
        })
        .collect();
    for answer in sent {
        assert!([201, 409].contains(&answer.await.unwrap()));
    }
    assert_eq!(total(&test).await, 1);
}

/// GEN-08: a caller that goes away before the answer finds it when it asks again.
#[tokio::test]
async fn the_work_goes_on_when_the_caller_has_gone() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let caller = keyed(&key, "weg");
    let body = json!({"n": 1});
    let count =
        async |what: &str| test.number(&format!("SELECT count(*) AS n FROM idempotency {what}")).await;
    // Given up at a different place each time, until one of them had begun at least.
    for polls in 1..2_000 {
        let mut request = Box::pin(caller.post(LOGS, &body));
        for _ in 0..polls {
            tokio::select! {
                biased;
                _ = &mut request => break,
                () = tokio::task::yield_now() => {}
            }
        }
        drop(request);
        if polls >= 40 && count("").await > 0 {
            break;
        }
    }
    for _ in 0..100 {
        if count("WHERE answer IS NOT NULL").await > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let answer = caller.post(LOGS, &body).await.expect(StatusCode::CREATED);
    assert_eq!(answer.header("idempotency-replayed"), "true");
    assert_eq!(total(&test).await, 1);
}

/// GEN-08, LOG-04: only a dry run is not kept: whoever says that it is none, or says it where there is none, is as safe
/// from doubles as anybody.
#[tokio::test]
async fn a_dry_run_alone_is_not_kept() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let body = json!({"n": 1});
    for _ in 0..2 {
        keyed(&key, "droog").post(&format!("{LOGS}?dry_run=true"), &body).await.expect_ok();
        keyed(&key, "echt").post(&format!("{LOGS}?dry_run=false"), &body).await.expect(StatusCode::CREATED);
        let made = keyed(&owner, "sleutel").post("/api/v1/keys?dry_run=true", &json!({"name": "Een"})).await;
        made.expect(StatusCode::CREATED);
    }
    assert_eq!(total(&test).await, 1);
    assert_eq!(test.number("SELECT count(*) AS n FROM api_key WHERE name = 'Een'").await, 1);
    let wrong = keyed(&key, "é").post(&format!("{LOGS}?dry_run=true"), &body).await;
    wrong.expect_problem(400, "invalid_idempotency_key");
}

/// GEN-08: keys have 1 to 255 visible characters; reading takes none, and who may not come in learns nothing.
#[tokio::test]
async fn keys_have_a_form() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let body = json!({"n": 1});
    for wrong in ["", &"x".repeat(256), "é", "tab\there"] {
        let problem =
            keyed(&key, wrong).post(LOGS, &body).await.expect_problem(400, "invalid_idempotency_key");
        assert_eq!(problem["args"]["limit"], "255", "{wrong}");
    }
    keyed(&key, &"x".repeat(255)).post(LOGS, &body).await.expect(StatusCode::CREATED);
    keyed(&key, "lezen").get(LOGS).await.expect_ok();
    keyed(&key, "lezen").get("/api/v1/status").await.expect_ok();
    keyed(&test.anon(), "wie").post(LOGS, &body).await.expect_problem(401, "unauthenticated");
    assert_eq!(test.number("SELECT count(*) AS n FROM idempotency").await, 1);
}

/// GEN-08, KEY-07: a request under a key counts once as use of an API key.
#[tokio::test]
async fn a_keyed_request_is_one_use_of_the_api_key() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    keyed(&key, "telt").post(LOGS, &json!({"n": 1})).await.expect(StatusCode::CREATED);
    api::jobs::flush_key_usage(&test.app).await;
    assert_eq!(test.number("SELECT usage_count AS n FROM api_key").await, 1);
}

/// GEN-08, ACC-07: a session is never answered from memory; every refresh turns the token, with or without a key.
#[tokio::test]
async fn sessions_are_not_kept() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let login = json!({ "access_code": customer.access_code });
    let owner = test.owner(&customer).await;
    for actor in [test.anon(), owner] {
        let caller = keyed(&actor, "aanmelden");
        let first = caller.post("/api/v1/auth/login", &login).await.expect_ok();
        let second = caller.post("/api/v1/auth/login", &login).await.expect_ok();
        assert_ne!(first.header("set-cookie"), second.header("set-cookie"));
        assert!(second.headers.get("idempotency-replayed").is_none());
    }
    assert_eq!(test.number("SELECT count(*) AS n FROM idempotency").await, 0);
}
