//! What a key may do, from where, and what it may hand on.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use shared::access::Scope;

use super::{KEYS, act, make, named};
use crate::support::TestApp;

/// KEY-03: each scope opens its own operations; a missing one is named.
#[tokio::test]
async fn scopes_open_their_operations() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let operations = [
        ("logs:read", "/api/v1/logs"),
        ("logs:read", "/api/v1/status"),
        ("analytics:read", "/api/v1/analytics/stats"),
        ("export:read", "/api/v1/export/json"),
        ("keys:read", KEYS),
    ];
    for scope in Scope::ALL {
        let key =
            make(&test, &owner, json!({ "name": scope.as_str(), "scopes": [scope.as_str()] })).await.actor;
        for (needed, path) in operations {
            let answer = key.get(path).await;
            if needed == scope.as_str() {
                answer.expect_ok();
            } else {
                let problem = answer.expect_problem(403, "insufficient_scope");
                assert_eq!(problem["args"]["scope"], needed);
                assert!(problem["detail"].as_str().unwrap().contains(needed));
            }
        }
        let write = key.post("/api/v1/logs", &json!({ "x": 1 })).await;
        assert_eq!(write.status == StatusCode::CREATED, scope == Scope::LogsWrite);
        let create = key
            .post(KEYS, &json!({ "name": format!("door {}", scope.as_str()), "scopes": [scope.as_str()] }))
            .await;
        assert_eq!(create.status == StatusCode::CREATED, scope == Scope::KeysManage);
        key.get("/api/v1/me").await.expect_ok();
        // No scope opens what is for people.
        key.post("/api/v1/access-code/rotate", &json!({})).await.expect_problem(403, "forbidden");
        key.get("/api/v1/admin/overview").await.expect_problem(403, "forbidden");
    }
}

/// KEY-03: a key makes keys with no scope, network or mode that it lacks itself, and bound where it is bound.
#[tokio::test]
async fn a_key_hands_on_no_more_than_it_has() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let limited = make(
        &test,
        &owner,
        json!({ "name": "beheer", "scopes": ["keys:manage", "logs:read"], "cidrs": ["203.0.113.0/24"] }),
    )
    .await;
    let by = limited.actor;
    for scope in Scope::ALL.iter().filter(|scope| !matches!(scope, Scope::KeysManage | Scope::LogsRead)) {
        let problem = by
            .post(KEYS, &json!({ "name": "x", "scopes": ["logs:read", scope.as_str()] }))
            .await
            .expect_problem(403, "insufficient_scope");
        assert_eq!(problem["args"]["scope"], scope.as_str());
    }
    by.post(KEYS, &json!({ "name": "x" })).await.expect_problem(403, "insufficient_scope");
    for outside in ["198.51.100.0/24", "203.0.0.0/16", "0.0.0.0/0", "::/0"] {
        let problem = by
            .post(KEYS, &json!({ "name": "x", "scopes": ["logs:read"], "cidrs": [outside] }))
            .await
            .expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], "/cidrs/0");
    }
    let inherits = by
        .post(KEYS, &json!({ "name": "erft", "scopes": ["logs:read"] }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(inherits["cidrs"], json!(["203.0.113.0/24"]));
    let narrower = by
        .post(KEYS, &json!({ "name": "smaller", "scopes": ["logs:read"], "cidrs": ["203.0.113.7"] }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(narrower["cidrs"], json!(["203.0.113.7/32"]));
    // By replacing a stronger key it would get that key's secret.
    let strong = named(&test, &owner, "sterk").await;
    by.post(&act(&strong.id, "/rotate"), &json!({})).await.expect_problem(403, "insufficient_scope");
    let wide = make(&test, &owner, json!({ "name": "overal", "scopes": ["logs:read"] })).await;
    by.post(&act(&wide.id, "/rotate"), &json!({})).await.expect_problem(403, "forbidden");
    strong.actor.get("/api/v1/me").await.expect_ok();
}

/// KEY-03, KEY-09: a test key never makes, changes or ends a live key.
#[tokio::test]
async fn a_test_key_reaches_test_keys_alone() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let tester = make(&test, &owner, json!({ "name": "proef", "mode": "test", "scopes": all })).await.actor;
    let live = named(&test, &owner, "echt").await;
    let problem =
        tester.post(KEYS, &json!({ "name": "x", "mode": "live" })).await.expect_problem(422, "invalid_body");
    assert_eq!(
        (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
        (&json!("/mode"), &json!("one_of"))
    );
    for verb in ["/revoke", "/rotate"] {
        tester.post(&act(&live.id, verb), &json!({})).await.expect_problem(403, "forbidden");
    }
    tester.patch(&act(&live.id, ""), &json!({ "name": "x" })).await.expect_problem(403, "forbidden");
    let child = tester
        .post(KEYS, &json!({ "name": "kind", "mode": "test" }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    tester
        .send(Method::POST, &act(child["id"].as_str().unwrap(), "/revoke"), None, "".into())
        .await
        .expect_ok();
    live.actor.get("/api/v1/logs").await.expect_ok();
}

/// KEY-02, KEY-06: a key works from its networks alone, whatever a client claims.
#[tokio::test]
async fn a_key_works_from_its_networks_alone() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let key = make(
        &test,
        &owner,
        json!({ "name": "net", "cidrs": ["203.0.113.0/24", "2001:db8:1::/48", "::ffff:198.51.100.0/120"] }),
    )
    .await
    .actor;
    for (peer, inside) in [
        ("203.0.113.0:1", true),
        ("203.0.113.255:1", true),
        ("203.0.114.0:1", false),
        ("203.0.112.255:1", false),
        ("[::ffff:203.0.113.9]:1", true),
        ("[2001:db8:1:ffff::1]:1", true),
        ("[2001:db8:2::1]:1", false),
        ("198.51.100.200:1", true),
        ("127.0.0.1:1", false),
    ] {
        let from = key.from(peer);
        for actor in [
            from.clone(),
            from.with("x-forwarded-for", "203.0.113.7")
                .with("x-real-ip", "203.0.113.7")
                .with("forwarded", "for=203.0.113.7"),
        ] {
            let answer = actor.get("/api/v1/logs").await;
            if inside {
                answer.expect_ok();
            } else {
                answer.expect_problem(401, "invalid_api_key");
            }
        }
    }
}

/// KEY-06: unknown, malformed, revoked, expired, foreign and misplaced keys get one answer; the suspended customer's its own.
#[tokio::test]
async fn keys_that_do_not_work_get_one_answer() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let revoked = named(&test, &owner, "ingetrokken").await;
    owner.send(Method::POST, &act(&revoked.id, "/revoke"), None, "".into()).await.expect_ok();
    let expired = named(&test, &owner, "verlopen").await;
    test.run_sql(&format!("UPDATE api_key SET expires_at = 1 WHERE id = '{}'", expired.id)).await;
    let elsewhere = make(&test, &owner, json!({ "name": "elders", "cidrs": ["192.0.2.0/24"] })).await;
    let good = named(&test, &owner, "goed").await.secret;
    let mut changed = good.clone();
    changed.replace_range(20..21, if &good[20..21] == "a" { "b" } else { "a" });
    // The right identifier and a right checksum around another secret.
    let same_id =
        with_checksum(&format!("{}{}", &good[..18], &api::util::crypto::new_api_key(false)[18..50]));
    let test_for_live = with_checksum(&format!("mvai_test_{}", &good[10..50]));
    let mut first: Option<(Value, Vec<String>)> = None;
    for (what, secret) in [
        ("revoked", revoked.secret),
        ("expired", expired.secret),
        ("from elsewhere", elsewhere.secret),
        ("unknown", api::util::crypto::new_api_key(false)),
        ("another secret", same_id),
        ("changed", changed),
        ("test for live", test_for_live),
        ("short", good[..55].to_owned()),
        ("long", format!("{good}0")),
        ("lower case", good.to_lowercase()),
        ("prefix alone", "mvai_live_".to_owned()),
        ("former form", format!("mvai_{}", "a".repeat(43))),
        ("hostile", "mvai_live_' OR '1'='1".to_owned()),
        ("huge", format!("mvai_live_{}", "a".repeat(100_000))),
    ] {
        for actor in [test.bearer(&secret), test.anon().with("x-api-key", &secret)] {
            let answer = actor.get("/api/v1/logs").await;
            let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            let mut problem = answer.expect_problem(401, "invalid_api_key");
            problem["request_id"] = Value::Null;
            let seen = (problem, names);
            assert_eq!(*first.get_or_insert_with(|| seen.clone()), seen, "{what}");
        }
    }
    assert_eq!(first.unwrap().0["error"], "Invalid or missing API key", "the documented words");
    test.bearer(&good).get("/api/v1/logs").await.expect_ok();
    test.run_sql(&format!("UPDATE customer SET status = 'suspended' WHERE id = {}", customer.id)).await;
    test.bearer(&good).get("/api/v1/logs").await.expect_problem(403, "customer_suspended");
}

/// A key of this body with the checksum that belongs to it.
fn with_checksum(body: &str) -> String {
    const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(body.as_bytes()) as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    format!("{body}{}", std::str::from_utf8(&digits).unwrap())
}

/// API-01: a key works in both headers, and in no address.
#[tokio::test]
async fn keys_are_read_from_headers_alone() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let secret = named(&test, &owner, "sleutel").await.secret;
    test.bearer(&secret).get("/api/v1/logs").await.expect_ok();
    test.anon().with("x-api-key", &secret).get("/api/v1/logs").await.expect_ok();
    test.anon().with("X-API-Key", &format!(" {secret} ")).get("/api/v1/logs").await.expect_ok();
    for name in ["api_key", "key", "X-Api-Key"] {
        let problem = test
            .anon()
            .get(&format!("/api/v1/logs?limit=5&{name}={secret}"))
            .await
            .expect_problem(401, "key_in_url");
        assert!(!problem.to_string().contains(&secret), "the key is not repeated");
        test.bearer(&secret)
            .get(&format!("/api/v1/logs?{name}={secret}"))
            .await
            .expect_problem(401, "key_in_url");
    }
    // An empty parameter of that name holds no key.
    test.bearer(&secret).get("/api/v1/logs?key=").await.expect_ok();
}
