//! Limits on sign-in, and whose address counts.

use serde_json::json;

use super::{LOGIN, REFRESH, code};
use crate::support::{Actor, TestApp};

fn nets(list: &[&str]) -> Vec<ipnet::IpNet> {
    list.iter().map(|net| net.parse().unwrap()).collect()
}

/// With the limit on requests, and without what closes sign-in after a few failures.
fn limited(config: &mut api::config::Config) {
    config.ratelimit_enabled = true;
    config.sign_in_failures = 1_000;
}

/// Tries until the door closes; returns the number of attempts that were heard.
async fn exhaust(actor: &Actor) -> usize {
    for heard in 0..60 {
        let answer = actor.post(LOGIN, &code("MVAI-00000-00000-00000-00000-000000")).await;
        if answer.status == 429 {
            let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            let problem = answer.expect_problem(429, "rate_limited");
            assert_eq!(problem["args"]["seconds"], wait.to_string());
            return heard;
        }
        answer.expect_problem(401, "invalid_credentials");
    }
    panic!("the door never closes");
}

async fn is_open(actor: &Actor) -> bool {
    actor.post(LOGIN, &code("MVAI-0")).await.status != 429
}

/// ACC-10: many attempts from one address close the door for that address, for a time that is named, and for no other.
#[tokio::test]
async fn the_door_closes_for_one_address() {
    let test = TestApp::with(limited).await;
    let customer = test.customer().await;
    let heard = exhaust(&test.anon()).await;
    assert!((30..40).contains(&heard), "{heard}");
    let right = test.anon().post(LOGIN, &code(&customer.access_code)).await;
    right.expect_problem(429, "rate_limited");
    test.anon().post(REFRESH, &json!({})).await.expect_problem(429, "rate_limited");
    // Nothing else is closed, and nobody else is kept out.
    test.anon().get("/api/v1/health").await.expect_ok();
    test.anon().get("/api/v1/me").await.expect_problem(401, "unauthenticated");
    let elsewhere = test.anon().from("203.0.113.8:1");
    elsewhere.post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    // Another port of the same machine is the same address.
    assert!(!is_open(&test.anon().from("203.0.113.7:9999")).await);
}

/// ACC-10: who has sixty-four bits of addresses has one bucket; the next network has its own.
#[tokio::test]
async fn an_ipv6_network_is_one_client() {
    let test = TestApp::with(limited).await;
    exhaust(&test.anon().from("[2001:db8:1:2::1]:1")).await;
    for same in ["[2001:db8:1:2::2]:1", "[2001:db8:1:2:ffff:ffff:ffff:ffff]:1"] {
        assert!(!is_open(&test.anon().from(same)).await, "{same}");
    }
    assert!(is_open(&test.anon().from("[2001:db8:1:3::1]:1")).await);
    // An address of version 4 in the form of version 6 is the same client.
    exhaust(&test.anon().from("198.51.100.9:1")).await;
    assert!(!is_open(&test.anon().from("[::ffff:198.51.100.9]:1")).await);
}

/// ACC-10, SEC-03: a header names the client only if a trusted proxy sent it.
#[tokio::test]
async fn forwarded_addresses_count_behind_trusted_proxies_alone() {
    let test = TestApp::with(|config| {
        limited(config);
        config.trusted_proxies = nets(&["10.0.0.0/8", "fd00::/8"]);
    })
    .await;
    let direct = test.anon().from("203.0.113.50:1");
    exhaust(&direct.with("x-forwarded-for", "192.0.2.1")).await;
    for lie in ["192.0.2.2", "10.0.0.1", "203.0.113.99, 10.0.0.1"] {
        assert!(
            !is_open(&direct.with("x-forwarded-for", lie)).await,
            "an untrusted client names itself {lie}"
        );
    }
    let proxy = test.anon().from("10.1.2.3:1");
    exhaust(&proxy.with("x-forwarded-for", "192.0.2.7")).await;
    for same in
        ["192.0.2.7", "192.0.2.99, 192.0.2.7", "192.0.2.7, 10.9.9.9", "192.0.2.7:4711", "::ffff:192.0.2.7"]
    {
        assert!(!is_open(&proxy.with("x-forwarded-for", same)).await, "{same}");
    }
    assert!(is_open(&proxy.with("x-forwarded-for", "192.0.2.8")).await);
    assert!(is_open(&proxy).await, "the proxy itself");
    for other in ["forwarded", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip"] {
        assert!(!is_open(&direct.with(other, "192.0.2.200")).await, "{other} is never read");
    }
}

/// KEY-07, SEC-03: the address that is recorded with a log and a key is the one that counts.
#[tokio::test]
async fn recorded_addresses_are_those_of_clients() {
    let test = TestApp::with(|config| config.trusted_proxies = nets(&["10.0.0.0/8"])).await;
    let (_, owner, key) = test.tenant().await;
    for (peer, forwarded, expected) in [
        ("203.0.113.7:1", Some("192.0.2.1"), "203.0.113.7"),
        ("10.0.0.1:1", Some("192.0.2.1"), "192.0.2.1"),
        ("10.0.0.1:1", Some("nonsense, 192.0.2.1"), "192.0.2.1"),
        ("10.0.0.1:1", Some("192.0.2.1, nonsense"), "10.0.0.1"),
        ("10.0.0.1:1", None, "10.0.0.1"),
        ("[2001:db8::7]:1", None, "2001:db8::7"),
        ("[::ffff:198.51.100.1]:1", None, "198.51.100.1"),
    ] {
        let mut actor = key.from(peer);
        if let Some(list) = forwarded {
            actor = actor.with("x-forwarded-for", list);
        }
        let stored = actor
            .post("/api/v1/logs", &json!({ "x": peer }))
            .await
            .expect(axum::http::StatusCode::CREATED)
            .json();
        let log = owner.get(&format!("/api/v1/logs/{}", stored["log_id"])).await.expect_ok().json();
        assert_eq!(log["ip_address"], expected, "{peer} {forwarded:?}");
    }
}

/// ACC-10: with the limits switched off nobody is kept out.
#[tokio::test]
async fn limits_can_be_switched_off() {
    let test = TestApp::with(|config| {
        config.ratelimit_enabled = false;
        config.sign_in_failures = 1_000;
    })
    .await;
    for _ in 0..50 {
        test.anon().post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
}
