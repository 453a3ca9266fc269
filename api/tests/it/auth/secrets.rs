//! Replacing the secret of the installation, and keeping secrets out of what is stored and logged.

use std::io::Write;
use std::sync::{Arc, Mutex};

use api::app::App;
use axum::http::StatusCode;
use serde_json::json;

use super::{LOGIN, REFRESH, code, password, sign_in};
use crate::support::{ADMIN_PASSWORD, Actor, TestApp};

fn restarted(test: &TestApp, secret: &str, previous: &[&str]) -> axum::Router {
    let mut config = test.app.config.clone();
    config.secret_key = Some(secret.to_owned().into());
    config.secret_key_previous = previous.iter().map(|one| (*one).to_owned().into()).collect();
    api::router::router(App::new(config, test.app.db.clone(), test.clock.clone()).unwrap())
}

/// ACC-03, KEY-01: with the former secret kept for reading, codes, keys and sessions survive its replacement; without it none do.
#[tokio::test]
async fn secrets_of_the_installation_can_be_replaced() {
    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let mine = sign_in(&test, &customer.access_code).await;
    let key = test.key(&mine.actor, None).await.credential.unwrap();
    let token = mine.token["access_token"].as_str().unwrap().to_owned();
    let cookie = format!("__Host-mvai_refresh={}", mine.cookie);
    for (router, works) in
        [(restarted(&test, NEW, &[OLD]), true), (restarted(&test, NEW, &["x".repeat(40).as_str()]), false)]
    {
        let actor =
            |credential: Option<&str>| Actor::new(router.clone(), test.peer, credential.map(str::to_owned));
        let statuses = [
            actor(Some(&token)).get("/api/v1/me").await.status,
            actor(Some(&key)).get("/api/v1/me").await.status,
            actor(None).post(LOGIN, &code(&customer.access_code)).await.status,
            actor(None).with("cookie", &cookie).post(REFRESH, &json!({})).await.status,
        ];
        assert_eq!(statuses, [if works { StatusCode::OK } else { StatusCode::UNAUTHORIZED }; 4]);
    }
    // What is made under the new secret is not read by the old program.
    let router = restarted(&test, NEW, &[OLD]);
    let fresh = Actor::new(router, test.peer, None)
        .post(LOGIN, &code(&customer.access_code))
        .await
        .expect_ok()
        .json();
    test.bearer(fresh["access_token"].as_str().unwrap())
        .get("/api/v1/me")
        .await
        .expect_problem(401, "invalid_token");
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// KEY-01, ACC-03: at the most talkative level the server's logs hold requests and refusals, but no secret and no body.
#[tokio::test]
async fn the_servers_logs_hold_no_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let mine = sign_in(&test, &customer.access_code).await;
    let key = test.key(&mine.actor, None).await;
    test.admin().await;
    super::refresh(&test, &mine.cookie).await.expect_ok();
    key.post("/api/v1/logs", &json!({ "message": "alleen voor de klant" })).await.expect(StatusCode::CREATED);
    test.anon()
        .post(LOGIN, &password("admin", "mijn verkeerde wachtwoord"))
        .await
        .expect_problem(401, "invalid_credentials");
    test.anon()
        .post(LOGIN, &code("MVAI-22222-22222-22222-22222-222222"))
        .await
        .expect_problem(401, "invalid_credentials");
    test.bearer("mvai_live_verkeerdesleutel").get("/api/v1/me").await.expect_problem(401, "invalid_api_key");
    test.anon()
        .get(&format!("/api/v1/me?api_key={}", key.credential.as_ref().unwrap()))
        .await
        .expect_problem(401, "key_in_url");
    drop(guard);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("invalid_credentials") && text.contains("request_id"),
        "the test sees what is logged"
    );
    let secrets = [
        customer.access_code.as_str(),
        key.credential.as_ref().unwrap(),
        mine.token["access_token"].as_str().unwrap(),
        &mine.cookie,
        ADMIN_PASSWORD,
        "mijn verkeerde wachtwoord",
        "22222-22222",
        "mvai_live_verkeerdesleutel",
        "alleen voor de klant",
        "0123456789abcdef0123456789abcdef",
    ];
    for secret in secrets {
        assert!(
            !text.contains(secret),
            "{secret} is in the logs: {}",
            text.lines().find(|line| line.contains(secret)).unwrap()
        );
    }
}
