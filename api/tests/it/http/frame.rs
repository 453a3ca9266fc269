//! Paths, methods, numbers of requests and the failures of the frame itself.

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, TestApp};

/// GEN-04: paths that do not exist are problems, for programs and under the API for browsers too.
#[tokio::test]
async fn unknown_paths_are_problems() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for actor in [test.anon(), owner] {
        for path in [
            "/api/v1/nothing",
            "/api/v1",
            "/api/v1/",
            "/api/",
            "/api/v2/logs",
            "/api/v1/logs/",
            "/api/v1//logs",
            "/api/v1/Logs",
            "/api/v1/keys/x/y/z",
            "/nothing",
            "/api/v1/logs%2f1",
            "/api/v1/..%2flogs",
        ] {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let answer = actor.send(method.clone(), path, None, "".into()).await;
                let problem = answer.expect_problem(404, "not_found");
                assert_eq!(problem["instance"], path, "{method}");
            }
        }
        actor.with("accept", "text/html").get("/api/v1/nothing").await.expect_problem(404, "not_found");
    }
}

/// GEN-04: a browser that asks for a page that does not exist gets a page with status 404.
#[tokio::test]
async fn unknown_pages_keep_their_status() {
    let test = TestApp::new().await;
    let page = test.anon().with("accept", "text/html,application/xhtml+xml");
    let has_app = api::http::assets::find("index.html").is_some();
    for path in ["/nothing", "/app/nothing", "/nothing.php"] {
        let answer = page.get(path).await;
        assert!(answer.status == 404 || !has_app, "{path}");
        let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("text/html") || !has_app, "{path}: {kind}");
    }
    for path in ["/", "/app", "/app/logs", "/admin/klanten/3", "/login"] {
        assert_eq!(page.get(path).await.status, 200, "{path}");
        let answer = page.send(Method::POST, path, None, "".into()).await;
        assert_eq!(answer.headers["allow"], "GET, HEAD", "{path}");
        answer.expect_problem(405, "method_not_allowed");
    }
}

/// GEN-04: a method that a path does not know is refused with those that it knows.
#[tokio::test]
async fn wrong_methods_name_the_right_ones() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    for (path, allowed) in [
        ("/api/v1/logs", "GET HEAD POST"),
        ("/api/v1/logs/1", "GET HEAD"),
        ("/api/v1/logs/batch", "POST"),
        ("/api/v1/keys", "GET HEAD POST"),
        ("/api/v1/keys/x", "PATCH"),
        ("/api/v1/keys/x/revoke", "POST"),
        ("/api/v1/me", "GET HEAD PATCH"),
        ("/api/v1/auth/login", "POST"),
        ("/api/v1/health", "GET HEAD"),
        ("/api/v1/openapi.json", "GET HEAD"),
        ("/health", "GET HEAD"),
    ] {
        for method in [Method::PUT, Method::DELETE, Method::TRACE, Method::from_bytes(b"BREW").unwrap()] {
            let answer = owner.send(method.clone(), path, None, "".into()).await;
            let mut found: Vec<&str> =
                answer.headers["allow"].to_str().unwrap().split(',').map(str::trim).collect();
            found.sort_unstable();
            assert_eq!(found.join(" "), allowed, "{method} {path}");
            let problem = answer.expect_problem(405, "method_not_allowed");
            assert_eq!(problem["args"]["method"], method.as_str());
        }
    }
}

/// GEN-05: an address beyond sixteen kilobytes is refused before anything reads it.
#[tokio::test]
async fn long_addresses_are_refused() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let path = |size: usize| format!("/api/v1/logs?x={}", "a".repeat(size - "/api/v1/logs?x=".len()));
    owner.get(&path(16_384)).await.expect_ok();
    for size in [16_385, 60_000] {
        owner.get(&path(size)).await.expect_problem(414, "uri_too_long");
        test.anon().get(&path(size)).await.expect_problem(414, "uri_too_long");
        test.anon().get(&format!("/{}", "a".repeat(size))).await.expect_problem(414, "uri_too_long");
    }
}

fn number(answer: &Answer) -> String {
    answer.headers["x-request-id"].to_str().unwrap().to_owned()
}

/// API-09: every answer has a number; one that is brought along counts from a trusted proxy alone.
#[tokio::test]
async fn requests_have_numbers() {
    let test = TestApp::with(|config| config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()]).await;
    let anon = test.anon();
    let proxy = anon.from("10.0.0.1:1");
    let own = |id: &str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (first, second) =
        (number(&anon.get("/api/v1/health").await), number(&anon.get("/api/v1/health").await));
    assert!(own(&first) && own(&second) && first != second);
    assert!(own(&number(&anon.with("x-request-id", "from-outside-1").get("/api/v1/health").await)));
    for good in ["abcdefgh", "req-2026.11_22", &"a".repeat(128)] {
        let answer = proxy.with("x-request-id", good).get("/api/v1/me").await;
        assert_eq!(number(&answer), good);
        assert_eq!(answer.expect_problem(401, "unauthenticated")["request_id"], good);
    }
    for bad in [
        "short",
        &"a".repeat(129),
        "with blank 1",
        "quote\"quote",
        "new\tline-123",
        "<script>alert(1)",
        "%0d%0aset-cookie",
        "id=1234567890",
    ] {
        assert!(own(&number(&proxy.with("x-request-id", bad).get("/api/v1/health").await)), "{bad}");
    }
    // The number is in the answer of every kind.
    for path in
        ["/api/v1/nothing", "/", "/health", "/api/docs/", "/api/v1/openapi.json", "/api/v1/logs/stream"]
    {
        assert!(own(&number(&anon.get(path).await)), "{path}");
    }
}

/// API-09: the trace of a caller is honoured when it is well formed.
#[tokio::test]
async fn traces_are_honoured() {
    let test = TestApp::new().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let with = |value: String| test.anon().with("traceparent", &value);
    for good in [
        format!("00-{trace}-00f067aa0ba902b7-01"),
        format!("00-{trace}-00f067aa0ba902b7-00"),
        format!("01-{trace}-00f067aa0ba902b7-01-more"),
    ] {
        assert_eq!(number(&with(good).get("/api/v1/health").await), trace);
    }
    for bad in [
        format!("ff-{trace}-00f067aa0ba902b7-01"),
        format!("zz-{trace}-00f067aa0ba902b7-01"),
        format!("0-{trace}-00f067aa0ba902b7-01"),
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{trace}-0000000000000000-01"),
        format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
        format!("00-{}-00f067aa0ba902b7-01", &trace[1..]),
        format!("00-{trace}"),
        trace.to_owned(),
        "x".to_owned(),
    ] {
        assert_ne!(number(&with(bad.clone()).get("/api/v1/health").await), trace, "{bad}");
    }
}

/// GEN-04: errors of storage are problems that say when to come back, and hold no cause.
#[tokio::test]
async fn a_failing_database_is_a_problem_without_its_cause() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    owner.get("/api/v1/me").await.expect_ok();
    test.app.db.close().await;
    test.app.auth.forget();
    for actor in [&owner, &key] {
        for path in ["/api/v1/me", "/api/v1/logs", "/api/v1/keys"] {
            let answer = actor.get(path).await;
            assert_eq!(answer.headers["retry-after"], "2");
            let problem = answer.expect_problem(503, "storage_unavailable");
            let text = problem.to_string().to_lowercase();
            for word in ["sqlx", "pool", "sqlite", "postgres", "select"] {
                assert!(!text.contains(word), "{text}");
            }
        }
    }
    let health =
        test.anon().get("/api/v1/health").await.expect(axum::http::StatusCode::SERVICE_UNAVAILABLE).json();
    assert_eq!((&health["status"], &health["database"]), (&json!("unhealthy"), &json!("disconnected")));
    test.anon().get("/api/v1/health/live").await.expect_ok();
}
