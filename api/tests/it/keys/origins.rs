//! Keys in pages of other web sites.

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::super::requests::rows;
use super::{DAY, KEYS, act, listed, make};
use crate::support::{Actor, Answer, TestApp};

const LOGS: &str = "/api/v1/logs";
const SHOP: &str = "https://shop.example";
const OTHER: &str = "https://other.example";

/// What a browser asks before a page of an origin sends a key.
async fn preflight(test: &TestApp, origin: &str) -> Answer {
    let browser = test
        .anon()
        .with("origin", origin)
        .with("access-control-request-method", "POST")
        .with("access-control-request-headers", "authorization,content-type,idempotency-key");
    browser.send(Method::OPTIONS, LOGS, None, Body::empty()).await
}

/// A header of an answer; empty when it is not there.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// Whose pages may read an answer.
fn reader(headers: &HeaderMap) -> &str {
    header(headers, "access-control-allow-origin")
}

/// Nothing may ever let a page use the cookie of a person.
fn without_cookies(headers: &HeaderMap) {
    assert!(!headers.contains_key("access-control-allow-credentials"));
    assert_ne!(reader(headers), "*");
}

async fn record(by: &Actor) -> Answer {
    by.post(LOGS, &json!({ "x": 1 })).await
}

/// API-08: without a list nothing is shared: no preflight is answered with yes and no answer may be read by a page.
/// Programs and our own pages notice nothing of all this.
#[tokio::test]
async fn nothing_is_shared_by_default() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    for origin in [SHOP, "null", "http://localhost:3000", "*", ""] {
        let answer = preflight(&test, origin).await;
        assert_eq!(reader(&answer.headers), "", "{origin}");
        without_cookies(&answer.headers);
        let answer = record(&key.with("origin", origin)).await.expect(StatusCode::CREATED);
        assert_eq!(reader(&answer.headers), "", "{origin}");
        assert_eq!(reader(&owner.with("origin", origin).get(LOGS).await.expect_ok().headers), "", "{origin}");
    }
    assert_eq!(reader(&record(&key).await.expect(StatusCode::CREATED).headers), "");
    let keys = owner.get(KEYS).await.expect_ok().json();
    assert_eq!(keys["keys"][0]["allowed_origins"], json!([]));
}

/// API-08: a page of a listed origin may ask, send and read: also what went wrong.
#[tokio::test]
async fn a_listed_origin_may_use_its_key() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let body = json!({ "name": "site", "scopes": ["logs:write"], "allowed_origins": ["https://Shop.example:443/", SHOP] });
    let made = make(&test, &owner, body).await;
    assert_eq!(made.out["allowed_origins"], json!([SHOP]));
    assert_eq!(listed(&owner, &made.id).await["allowed_origins"], json!([SHOP]));

    let answer = preflight(&test, SHOP).await;
    assert_eq!((answer.status, reader(&answer.headers)), (StatusCode::OK, SHOP));
    without_cookies(&answer.headers);
    assert_eq!(header(&answer.headers, "access-control-allow-methods"), "POST");
    for name in ["authorization", "content-type", "idempotency-key"] {
        assert!(header(&answer.headers, "access-control-allow-headers").contains(name), "{name}");
    }
    assert_eq!(header(&answer.headers, "access-control-max-age"), "600");
    assert!(header(&answer.headers, "vary").contains("origin"), "{}", header(&answer.headers, "vary"));

    let page = made.actor.with("origin", SHOP);
    let answer = record(&page).await;
    assert_eq!((answer.status, reader(&answer.headers)), (StatusCode::CREATED, SHOP));
    assert_eq!(header(&answer.headers, "access-control-expose-headers"), "*");
    without_cookies(&answer.headers);
    let refused = page.get(LOGS).await;
    assert_eq!(reader(&refused.headers), SHOP, "the page can tell what is wrong");
    refused.expect_problem(403, "insufficient_scope");
    let faulty = page.post_raw(LOGS, "application/json", "{").await;
    assert_eq!(reader(&faulty.headers), SHOP);
    faulty.expect_problem(400, "invalid_json");
    // A program with the same key sends no origin.
    assert_eq!(reader(&record(&made.actor).await.expect(StatusCode::CREATED).headers), "");
}

/// API-08, KEY-06: an origin is exact. A page of another web site cannot use the key, and the owner sees that it tried.
#[tokio::test]
async fn other_origins_are_refused() {
    let test = TestApp::new().await;
    let (_, owner, other_key) = test.tenant().await;
    let made = make(&test, &owner, json!({ "name": "site", "allowed_origins": [SHOP] })).await;
    let close = [
        OTHER,
        "null",
        "http://shop.example",
        "https://shop.example:8443",
        "https://www.shop.example",
        "https://shop.example.evil.example",
        "https://shop.example/",
        "HTTPS://SHOP.EXAMPLE",
    ];
    for origin in close {
        assert_eq!(reader(&preflight(&test, origin).await.headers), "", "{origin}");
        let answer = record(&made.actor.with("origin", origin)).await;
        assert_eq!(reader(&answer.headers), "", "{origin}");
        answer.expect_problem(401, "invalid_api_key");
    }
    // A preflight knows no key; what may read the answer is up to the key that was sent.
    assert_eq!(
        reader(&record(&other_key.with("origin", SHOP)).await.expect(StatusCode::CREATED).headers),
        ""
    );
    let wrong = test.bearer(&format!("{}x", made.secret)).with("origin", SHOP);
    record(&wrong).await.expect_problem(401, "invalid_api_key");
    let rows = rows(&owner, "").await;
    let told = rows.iter().filter(|row| row["refused"] == "origin");
    assert_eq!(told.count(), close.len());
}

/// API-08: an origin is open as long as the key works, and from the next request on after a change.
#[tokio::test]
async fn origins_follow_their_key() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let made = make(&test, &owner, json!({ "name": "site", "expires_in_days": 30 })).await;
    let change = async |body: Value| owner.patch(&act(&made.id, ""), &body).await;
    assert_eq!(reader(&preflight(&test, SHOP).await.headers), "");
    let out = change(json!({ "allowed_origins": [SHOP, OTHER] })).await.expect_ok().json();
    assert_eq!(out["allowed_origins"], json!([SHOP, OTHER]));
    assert_eq!(reader(&preflight(&test, OTHER).await.headers), OTHER);
    change(json!({ "name": "winkel" })).await.expect_ok();
    assert_eq!(reader(&preflight(&test, OTHER).await.headers), OTHER, "a new name changes no web site");
    change(json!({ "allowed_origins": [SHOP] })).await.expect_ok();
    assert_eq!(reader(&preflight(&test, OTHER).await.headers), "");
    record(&made.actor.with("origin", OTHER)).await.expect_problem(401, "invalid_api_key");

    let next = owner.post(&act(&made.id, "/rotate"), &json!({})).await.expect(StatusCode::CREATED).json();
    assert_eq!(next["allowed_origins"], json!([SHOP]), "the successor is open to the same");
    let next_id = next["id"].as_str().unwrap();
    owner.post(&act(&made.id, "/revoke"), &json!({})).await.expect_ok();
    assert_eq!(reader(&preflight(&test, SHOP).await.headers), SHOP);
    owner.post(&act(next_id, "/revoke"), &json!({})).await.expect_ok();
    assert_eq!(reader(&preflight(&test, SHOP).await.headers), "", "a revoked key opens nothing");

    make(&test, &owner, json!({ "name": "kort", "expires_in_days": 1, "allowed_origins": [OTHER] })).await;
    assert_eq!(reader(&preflight(&test, OTHER).await.headers), OTHER);
    test.clock.advance(2 * DAY);
    // What is known of keys lives for a second, by the clock on the wall.
    test.app.auth.forget();
    assert_eq!(reader(&preflight(&test, OTHER).await.headers), "", "nor does one that has ended");
    let owner = test.owner(&customer).await;
    let audit = owner.get("/api/v1/audit?action=key.update").await.expect_ok().json();
    assert!(audit["data"].to_string().contains("https://other.example"), "{audit}");
}

/// API-08: what is no exact origin is refused with its place; nobody says "everywhere".
#[tokio::test]
async fn only_exact_origins_are_taken() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let made = make(&test, &owner, json!({ "name": "site", "allowed_origins": [SHOP] })).await;
    let wrong = [
        "*",
        "https://*.example",
        "null",
        "http://shop.example",
        "https://shop.example/pad",
        "shop.example",
        "",
    ];
    for (method, path) in [(Method::POST, KEYS.to_owned()), (Method::PATCH, act(&made.id, ""))] {
        for origin in wrong {
            let body = json!({ "name": "x", "allowed_origins": [SHOP, origin] }).to_string();
            let answer = owner.send(method.clone(), &path, Some("application/json"), Body::from(body)).await;
            let problem = answer.expect_problem(422, "invalid_body");
            assert_eq!(problem["errors"][0]["pointer"], "/allowed_origins/1", "{origin}");
            assert_eq!(problem["errors"][0]["code"], "origin");
        }
        let many: Vec<String> = (0..51).map(|n| format!("https://s{n}.example")).collect();
        let body = json!({ "name": "x", "allowed_origins": many }).to_string();
        let answer = owner.send(method.clone(), &path, Some("application/json"), Body::from(body)).await;
        assert_eq!(answer.expect_problem(422, "invalid_body")["errors"][0]["pointer"], "/allowed_origins");
    }
    assert_eq!(listed(&owner, &made.id).await["allowed_origins"], json!([SHOP]), "nothing was changed");
}

/// API-08, KEY-03: a key that is open to some web sites opens other keys to no more.
#[tokio::test]
async fn a_key_opens_no_more_than_it_is_open_to() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let all = ["keys:manage", "logs:read"];
    let by = make(&test, &owner, json!({ "name": "beheer", "scopes": all, "allowed_origins": [SHOP] }))
        .await
        .actor;
    let wide =
        make(&test, &owner, json!({ "name": "wijd", "scopes": ["logs:read"], "allowed_origins": [OTHER] }))
            .await;
    let problem = by
        .post(KEYS, &json!({ "name": "x", "scopes": ["logs:read"], "allowed_origins": [SHOP, OTHER] }))
        .await
        .expect_problem(422, "invalid_body");
    assert_eq!(problem["errors"][0]["pointer"], "/allowed_origins/1");
    by.patch(&act(&wide.id, ""), &json!({ "allowed_origins": [OTHER] }))
        .await
        .expect_problem(422, "invalid_body");
    by.post(&act(&wide.id, "/rotate"), &json!({})).await.expect_problem(403, "forbidden");
    by.patch(&act(&wide.id, ""), &json!({ "allowed_origins": [] })).await.expect_ok();
    by.post(KEYS, &json!({ "name": "y", "scopes": ["logs:read"], "allowed_origins": [SHOP] }))
        .await
        .expect(StatusCode::CREATED);
}

/// API-08: the installation can open itself to web sites, for all keys; the cookie of people stays out of it.
#[tokio::test]
async fn an_installation_lists_origins_for_all_keys() {
    let test =
        TestApp::with(|config| config.cors_origins = vec![api::http::cors::WebOrigin::parse(SHOP).unwrap()])
            .await;
    let (_, owner, key) = test.tenant().await;
    assert_eq!(reader(&preflight(&test, SHOP).await.headers), SHOP);
    assert_eq!(reader(&preflight(&test, OTHER).await.headers), "");
    assert_eq!(reader(&record(&key.with("origin", SHOP)).await.expect(StatusCode::CREATED).headers), SHOP);
    let made = make(&test, &owner, json!({ "name": "site", "allowed_origins": [OTHER] })).await;
    for origin in [SHOP, OTHER] {
        assert_eq!(
            reader(&record(&made.actor.with("origin", origin)).await.expect(StatusCode::CREATED).headers),
            origin
        );
    }
    // The cookie is for our own pages alone, whatever is listed.
    let refresh = test.anon().with("origin", SHOP).with("x-requested-with", "x");
    refresh.post("/api/v1/auth/refresh", &json!({})).await.expect_problem(403, "cross_site_request");
    // A plain OPTIONS is no preflight.
    let options = test.anon().with("origin", SHOP).send(Method::OPTIONS, LOGS, None, Body::empty()).await;
    options.expect_problem(405, "method_not_allowed");
}
