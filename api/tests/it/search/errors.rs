//! Queries that cannot be read: what is wrong, where, and what was probably meant.

use serde_json::json;

use crate::support::{TestApp, encode};

/// SRCH-07: each error has its place (counted in characters from 1), a suggestion that can be read, and words in both
/// languages.
#[tokio::test]
async fn errors_have_a_place_a_suggestion_and_words() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for (query, position, length, suggestion) in [
        ("kind:", 1, 5, None),
        ("scan kind:", 6, 5, None),
        ("kind: scan", 1, 10, Some("kind:scan")),
        ("\"dok 3", 1, 6, Some("\"dok 3\"")),
        ("📦é \"dok 3", 4, 6, Some("📦é \"dok 3\"")),
        ("(scan gate", 1, 10, Some("(scan gate)")),
        ("scan)", 5, 1, Some("scan")),
        ("level:waring", 7, 6, Some("level:warning")),
        ("niveau:fatel", 8, 5, None),
        ("na:2026-02-30", 4, 10, Some("na:2026-02-28")),
        ("after:1/2/2026", 7, 8, Some("after:2026-02-01")),
        ("temp:>8kg", 7, 3, Some("temp:>8")),
        ("temp:8..4", 6, 4, Some("temp:4..8")),
        ("ip:203.0.113", 4, 9, Some("ip:203.0.113.*")),
        ("id:x", 1, 4, Some("data.id:x")),
        ("scan OR", 6, 2, None),
        ("scan -", 6, 1, None),
        ("()", 1, 2, None),
    ] {
        let mut words = Vec::new();
        for language in ["nl", "en"] {
            let path = format!("/api/v1/logs/search?q={}", encode(query));
            let problem =
                key.with("accept-language", language).get(&path).await.expect_problem(400, "invalid_query");
            let args = &problem["args"];
            assert_eq!(
                (&args["position"], &args["length"]),
                (&json!(position.to_string()), &json!(length.to_string())),
                "{query}: {problem}"
            );
            if let Some(suggestion) = suggestion {
                assert_eq!(args["suggestion"], suggestion, "{query}");
                key.get(&format!("/api/v1/logs/search?q={}", encode(suggestion))).await.expect_ok();
            }
            let detail = problem["detail"].as_str().unwrap().to_owned();
            assert!(
                detail.contains(&position.to_string())
                    && !detail.contains('{')
                    && !args["expected"].as_str().unwrap_or("x").is_empty(),
                "{problem}"
            );
            words.push(detail);
            // The same reading everywhere.
            for other in
                ["/api/v1/logs?q=", "/api/v1/search?q=", "/api/v1/logs/export?q=", "/api/v1/logs/stream?q="]
            {
                key.get(&format!("{other}{}", encode(query))).await.expect_problem(400, "invalid_query");
            }
        }
        assert_ne!(words[0], words[1], "{query} is not translated");
    }
}

/// SRCH-07: 4,096 characters are read, one more is refused, and so is nesting without end.
#[tokio::test]
async fn long_and_deep_queries_have_a_limit() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    crate::support::record(&key, r#"{"message":"doel"}"#).await;
    let search = async |query: String| key.get(&format!("/api/v1/logs/search?q={}", encode(&query))).await;
    for query in [
        "x".repeat(4_096),
        "é".repeat(2_000),
        "a ".repeat(2_048),
        "-a ".repeat(1_365),
        "x OR ".repeat(818) + "doel",
        format!("\"{}\"", "w ".repeat(2_000)),
        "*".repeat(4_000),
        "a:b ".repeat(1_024),
        "📦".repeat(1_000),
    ] {
        search(query).await.expect_ok();
    }
    search("x".repeat(4_097)).await.expect_problem(400, "invalid_query");
    search("(".repeat(64) + "doel" + &")".repeat(64)).await.expect_ok();
    for deep in ["(".repeat(65) + "a" + &")".repeat(65), "-".repeat(4_000) + "a", "(".repeat(4_000)] {
        search(deep).await.expect_problem(400, "invalid_query");
    }
    search("📦".repeat(4_097)).await.expect_problem(414, "uri_too_long");
}
