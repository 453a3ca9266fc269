//! Filters as plain parameters, alone and beside a query.

use serde_json::json;

use super::corpus;
use crate::support::{TestApp, encode, ids, record};

/// SRCH-02, SRCH-01: each parameter means what its term means, parameters and query join, and values are taken as they are.
#[tokio::test]
async fn parameters_mean_what_their_terms_mean() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    corpus::store(&key).await;
    record(&owner, r#"{"kind":"scan","message":"via de site","odd name":"één waarde","n":3.10,"occurred_at":"2026-11-21T00:00:00Z"}"#).await;
    for (parameters, expected) in [
        ("kind=scan".to_owned(), vec![41, 40, 10, 8, 7]),
        (format!("kind={}", encode("Laden gereed")), vec![33]),
        ("kind=laden_gereed".to_owned(), vec![34]),
        ("level=error".to_owned(), vec![31, 27, 6]),
        ("level=fout".to_owned(), vec![31, 27, 6]),
        ("source=web".to_owned(), vec![41]),
        ("source=api&kind=scan".to_owned(), vec![40, 10, 8, 7]),
        ("ip=203.0.113.0/24&kind=gate".to_owned(), vec![24, 23]),
        ("ip=203.0.113.7&kind=gate".to_owned(), vec![24, 23]),
        ("ip=::1".to_owned(), vec![]),
        ("from=2026-11-12T08:00:00Z&to=2026-11-12T09:00:00Z".to_owned(), vec![23]),
        ("from=2026-11-12T09:00:00%2B01:00&to=2026-11-12T10:00:00.001+01:00".to_owned(), vec![24, 23]),
        ("from=2026-11-13T00:00:00Z&to=2026-11-13T00:00:00Z".to_owned(), vec![]),
        ("to=1900-01-01T00:00:00Z".to_owned(), vec![]),
        ("from=2026-11-20T00:00:00Z&q=scan".to_owned(), vec![41, 40]),
        ("q=dok&kind=scan".to_owned(), vec![40]),
        ("q=na:2026-11-22&from=2026-11-01T00:00:00Z&kind=scan".to_owned(), vec![40]),
        ("field.gate=A1".to_owned(), vec![9, 7]),
        ("field.gate=a".to_owned(), vec![]),
        (format!("field.location.city={}", encode("Den Haag")), vec![4]),
        ("field.temperature_c=4.2".to_owned(), vec![1]),
        ("field.temperature_c=12.0".to_owned(), vec![11]),
        ("field.n=3.1".to_owned(), vec![41]),
        ("field.n=3.10".to_owned(), vec![41]),
        (format!("field.{}={}", encode("odd name"), encode("één waarde")), vec![41]),
        ("field.kind=scan".to_owned(), vec![41, 40, 10, 8, 7]),
        ("field.gate=A1&kind=scan".to_owned(), vec![7]),
        ("field.gate=B&field.plate=12-ABC-3".to_owned(), vec![23]),
        (format!("field.ref={}", encode("A_B%C")), vec![16]),
        (format!("field.ref={}", encode("*")), vec![]),
        (format!("field.gate={}", encode("A1 OR B")), vec![]),
        ("sort=id&kind=scan&level=info".to_owned(), vec![7, 8, 10, 40, 41]),
    ] {
        let list = key.get(&format!("/api/v1/logs?limit=100&{parameters}")).await.expect_ok().json();
        assert_eq!(ids(&list), expected, "{parameters}");
        let counted =
            key.get(&format!("/api/v1/logs?limit=1&count=exact&{parameters}")).await.expect_ok().json();
        assert_eq!(counted["total"], json!({"value": expected.len(), "capped": false}), "{parameters}");
        let export = key
            .get(&format!("/api/v1/logs/export?format=ndjson&{}", parameters.replace("sort=id&", "")))
            .await
            .expect_ok()
            .text();
        assert_eq!(export.lines().count(), expected.len(), "{parameters}");
    }
    for (parameters, code) in [
        ("level=loud", "invalid_parameter"),
        ("ip=banana", "invalid_parameter"),
        ("from=yesterday", "invalid_parameter"),
        ("to=2026-11-12", "invalid_parameter"),
        ("from=2026-11-13T00:00:00Z&to=2026-11-12T23:59:59.999Z", "invalid_parameter"),
        ("count=all", "invalid_parameter"),
        ("q=kind:", "invalid_query"),
    ] {
        let problem = key.get(&format!("/api/v1/logs?{parameters}")).await.expect_problem(400, code);
        assert!(!problem["detail"].as_str().unwrap().contains('{'), "{problem}");
    }
}

/// API-10: a period that ends before it begins is refused wherever one is asked for, and nothing is made or erased.
#[tokio::test]
async fn periods_that_end_before_they_begin_are_refused() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    record(&key, r#"{"kind":"scan"}"#).await;
    let wrong = "from=2026-11-13T00:00:00Z&to=2026-11-12T00:00:00Z";
    for path in
        ["logs", "logs/search", "logs/export", "logs/histogram", "logs/facets", "logs/erasures/preview"]
    {
        let path = format!("/api/v1/{path}?{wrong}&q=scan");
        let fields = if path.contains("facets") { "&fields=kind" } else { "" };
        owner.get(&format!("{path}{fields}")).await.expect_problem(400, "invalid_parameter");
        let right = path.replace("11-12", "11-14");
        owner.get(&format!("{right}{fields}")).await.expect_ok();
    }
    for (path, body) in [
        ("exports", json!({ "format": "csv" })),
        ("logs/erasures", json!({ "q": "", "up_to": 1, "expected_count": 1 })),
    ] {
        let mut body = body;
        (body["from"], body["to"]) = (json!("2026-11-23T00:00:00Z"), json!("2026-11-22T00:00:00Z"));
        let problem = owner.post(&format!("/api/v1/{path}"), &body).await.expect_problem(422, "invalid_body");
        assert_eq!(
            (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
            (&json!("/from"), &json!("order"))
        );
        (body["from"], body["to"]) = (json!("2026-11-22T00:00:00Z"), json!("2026-11-23T00:00:00Z"));
        let done = owner.post(&format!("/api/v1/{path}"), &body).await;
        assert!(done.status.is_success(), "the positive control: {}", done.status);
    }
}
