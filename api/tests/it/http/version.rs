//! Versions of the API.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::TestApp;

const HEADER: &str = "mvai-version";

/// API-11: every answer says which version it is of, errors as well; one that does not exist is refused with those that do,
/// and nothing is done; pages, files and other protocols know no versions.
#[tokio::test]
async fn a_version_answers() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let made = key.post("/api/v1/logs", &json!({ "note": "haven" })).await.expect(StatusCode::CREATED);
    assert_eq!(made.header(HEADER), "2026-11-01");
    let asked = key.with(HEADER, "2026-11-01");
    assert_eq!(asked.get("/api/v1/logs/1").await.expect_ok().header(HEADER), "2026-11-01");
    assert_eq!(key.get("/api/v1/logs/9").await.expect(StatusCode::NOT_FOUND).header(HEADER), "2026-11-01");
    assert_eq!(app.anon().get("/api/v1/health").await.expect_ok().header(HEADER), "2026-11-01");
    for wrong in ["2026-11-02", "1", "", "2026-11-01, 2026-11-01"] {
        let refused = key.with(HEADER, wrong).post("/api/v1/logs", &json!({ "note": "twee" })).await;
        let problem = refused.expect_problem(400, "unknown_version");
        assert!(problem["detail"].as_str().unwrap().contains("2026-11-01"));
    }
    key.with(HEADER, "2026-11-01")
        .post("/api/v1/logs", &json!({ "note": "twee" }))
        .await
        .expect(StatusCode::CREATED);
    assert_eq!(key.get("/api/v1/analytics/stats").await.expect_ok().json()["total_logs"], 2);
    for path in ["/", "/api/docs/", "/nothing"] {
        let page = app.anon().with(HEADER, "9999").open(Method::GET, path, None, "".into()).await;
        assert!(page.headers().get(HEADER).is_none(), "{path}");
    }
    let keys = owner.get("/api/v1/keys").await.expect_ok().json();
    assert_eq!(keys["keys"][0]["api_version"], "2026-11-01");
}

/// API-11, API-03: former addresses say so and name what replaces them, beside the link to a next page; others do not.
#[tokio::test]
async fn former_addresses_say_so() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for note in ["een", "twee"] {
        key.post("/api/v1/logs", &json!({ "note": note })).await.expect(StatusCode::CREATED);
    }
    for (former, present) in [
        ("/api/v1/log?limit=1", "/api/v1/logs"),
        ("/api/v1/search?q=een", "/api/v1/logs/search"),
        ("/api/v1/analytics", "/api/v1/analytics/stats"),
    ] {
        let response = key.open(Method::GET, former, None, "".into()).await;
        let headers = response.headers();
        assert_eq!(headers["deprecation"], "@1793491200", "{former}");
        let links: Vec<&str> = headers.get_all("link").iter().map(|link| link.to_str().unwrap()).collect();
        assert!(
            links.contains(&format!("<{present}>; rel=\"successor-version\"").as_str()),
            "{former}: {links:?}"
        );
        assert_eq!(
            links.iter().any(|link| link.contains("rel=\"next\"")),
            former.contains("limit=1"),
            "{links:?}"
        );
        assert!(headers.get("sunset").is_none(), "no last day is known");
    }
    let present = key.open(Method::GET, "/api/v1/logs?limit=1", None, "".into()).await;
    assert!(present.headers().get("deprecation").is_none());
}
