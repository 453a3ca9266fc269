//! Headers that every answer has.

use axum::http::{HeaderMap, Method};
use serde_json::json;

use crate::support::{Actor, Answer, TestApp};

/// One answer of every kind: data, errors of every origin, pages, files, documents, streams.
async fn kinds(test: &TestApp) -> Vec<(String, HeaderMap)> {
    let (_, owner, key) = test.tenant().await;
    let anon = test.anon();
    let page = anon.with("accept", "text/html");
    let get = |actor: &Actor, path: &str| {
        let (actor, path) = (actor.clone(), path.to_owned());
        async move {
            let response = actor.open(Method::GET, &path, None, "".into()).await;
            (format!("GET {path}"), response.headers().clone())
        }
    };
    let mut found = vec![
        get(&anon, "/api/v1/health").await,
        get(&anon, "/api/v1/health/live").await,
        get(&anon, "/health").await,
        get(&anon, "/api/v1/permissions").await,
        get(&anon, "/api/v1/openapi.json").await,
        get(&anon, "/api/docs/").await,
        get(&anon, "/api/docs").await,
        get(&anon, "/api/v1/me").await,
        get(&anon, "/api/v1/nothing").await,
        get(&anon, "/nothing").await,
        get(&page, "/").await,
        get(&page, "/app/logs").await,
        get(&page, "/nothing").await,
        get(&owner, "/api/v1/me").await,
        get(&owner, "/api/v1/admin/overview").await,
        get(&key, "/api/v1/logs").await,
        get(&key, "/api/v1/logs/stream").await,
        get(&key, "/api/v1/logs/export").await,
        get(&key, "/api/v1/export/json").await,
        get(&key, "/api/v1/analytics/overview").await,
        get(&key, &format!("/api/v1/logs?x={}", "a".repeat(17_000))).await,
    ];
    let mut add = |name: &str, answer: Answer| found.push((name.to_owned(), answer.headers));
    add("DELETE /api/v1/logs", owner.send(Method::DELETE, "/api/v1/logs", None, "".into()).await);
    add("wrong media type", owner.post_raw("/api/v1/keys", "text/plain", "x").await);
    add(
        "unknown encoding",
        owner.with("content-encoding", "x").post_raw("/api/v1/keys", "application/json", "x").await,
    );
    add("too large", owner.post_raw("/api/v1/keys", "application/json", vec![b' '; 3 << 20]).await);
    add("created", owner.post("/api/v1/keys", &json!({ "name": "kop" })).await);
    add("refused sign-in", anon.post("/api/v1/auth/login", &json!({ "access_code": "x" })).await);
    add("sign-out", anon.post("/api/v1/auth/logout", &json!({})).await);
    let planted = futures_util::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<axum::body::Bytes, std::io::Error>>> { panic!("planted") },
    );
    add(
        "panic",
        owner
            .send(
                Method::POST,
                "/api/v1/keys",
                Some("application/json"),
                axum::body::Body::from_stream(planted),
            )
            .await,
    );
    found
}

/// SEC-04: answers of every kind, errors included, carry the security headers.
#[tokio::test]
async fn every_kind_of_answer_has_the_security_headers() {
    let test = TestApp::new().await;
    for (name, headers) in kinds(&test).await {
        for (header, expected) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ] {
            assert_eq!(headers.get_all(header).iter().collect::<Vec<_>>(), [expected], "{header} of {name}");
        }
        let policies: Vec<_> = headers.get_all("content-security-policy").iter().collect();
        assert_eq!(policies.len(), 1, "{name}");
        let policy = policies[0].to_str().unwrap();
        for needed in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(needed), "{name}: {policy}");
        }
        let swagger = name.contains("/api/docs");
        assert!(
            !policy.contains("unsafe-eval'") || policy.contains("'wasm-unsafe-eval'"),
            "{name}: {policy}"
        );
        assert!(
            !policy.contains("'unsafe-eval'")
                && (swagger || !policy.contains("unsafe-inline"))
                && !policy.contains('*'),
            "{name}: {policy}"
        );
        assert!(!headers.contains_key("strict-transport-security"), "not in development");
        assert!(!headers.contains_key("server") && !headers.contains_key("x-powered-by"), "{name}");
        assert!(!headers.contains_key("access-control-allow-origin"), "{name}: no cross-origin reading");
    }
}

/// SEC-04: what belongs to a customer is stored by no cache, and answers say what they depend on.
#[tokio::test]
async fn customer_data_is_not_cached() {
    let test = TestApp::new().await;
    for (name, headers) in kinds(&test)
        .await
        .into_iter()
        .filter(|(name, _)| name.contains("/api/v1/") && !name.contains("openapi"))
    {
        let control = headers["cache-control"].to_str().unwrap();
        assert!(
            control == "no-store" || (name.contains("analytics/overview") && control == "private, no-cache"),
            "{name}: {control}"
        );
        let vary = headers
            .get_all("vary")
            .iter()
            .map(|value| value.to_str().unwrap().to_lowercase())
            .collect::<Vec<_>>()
            .join(",");
        for needed in ["authorization", "x-api-key", "accept-language"] {
            assert!(vary.contains(needed), "{name}: {vary}");
        }
    }
}

/// SEC-04: in production every answer insists on encryption.
#[tokio::test]
async fn production_insists_on_encryption() {
    let test = TestApp::with(|config| config.app_env = api::config::AppEnv::Production).await;
    for (name, headers) in kinds(&test).await {
        assert_eq!(headers["strict-transport-security"], "max-age=63072000; includeSubDomains", "{name}");
    }
}

/// API-08: other origins get no permission to read, whatever they ask for.
#[tokio::test]
async fn other_origins_get_no_permission() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for origin in ["https://evil.example", "null", "http://localhost:3000"] {
        let asking = owner
            .with("origin", origin)
            .with("access-control-request-method", "POST")
            .with("access-control-request-headers", "authorization");
        for path in ["/api/v1/logs", "/api/v1/auth/login", "/api/v1/health", "/"] {
            for method in [Method::OPTIONS, Method::GET] {
                let answer = asking.send(method, path, None, "".into()).await;
                assert!(
                    answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")),
                    "{origin} {path}"
                );
            }
        }
    }
}

/// API-09: answers are compressed when the client reads that, and small or streamed ones stay readable.
#[tokio::test]
async fn answers_are_compressed_on_request() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for n in 0..20 {
        owner
            .post("/api/v1/logs", &json!({ "n": n, "text": "veel van hetzelfde ".repeat(20) }))
            .await
            .expect(axum::http::StatusCode::CREATED);
    }
    let plain = owner.get("/api/v1/logs").await.expect_ok();
    assert!(!plain.headers.contains_key("content-encoding"));
    for encoding in ["gzip", "br", "zstd"] {
        let packed = owner.with("accept-encoding", encoding).get("/api/v1/logs").await.expect_ok();
        assert_eq!(packed.header("content-encoding"), encoding);
        assert!(
            packed.body.len() * 4 < plain.body.len(),
            "{encoding}: {} of {}",
            packed.body.len(),
            plain.body.len()
        );
        let refused = owner.with("accept-encoding", encoding).get("/api/v1/logs/999").await;
        assert_eq!(refused.status, 404, "{encoding}");
    }
    let stream = owner
        .with("accept-encoding", "gzip, br, zstd")
        .open(Method::GET, "/api/v1/logs/stream", None, "".into())
        .await;
    assert!(!stream.headers().contains_key("content-encoding"), "events are not held back by a compressor");
}
