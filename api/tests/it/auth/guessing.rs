//! Guessing: what closes, for whom, for how long, and for whom it never does.

use serde_json::{Value, json};

use super::{LOGIN, code};
use crate::support::{Actor, Answer, TestApp};

const RIGHT: &str = crate::support::ADMIN_PASSWORD;

async fn staff(actor: &Actor, password: &str) -> Answer {
    actor.post(LOGIN, &json!({ "username": "admin", "password": password })).await
}

/// Everything of an answer that could tell two of them apart.
fn told(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status.as_u16(), names, body)
}

/// A client at an address of its own.
fn at(test: &TestApp, number: usize) -> Actor {
    test.anon().from(&format!("198.51.{}.{}:1", 100 + number / 250, number % 250))
}

/// ACC-10: five failures of one network within ten minutes close sign-in for it for a day, and nothing else; the fourth
/// does not, others get in, sessions go on, and staff opens it earlier.
#[tokio::test]
async fn five_failures_close_sign_in_for_a_network() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let there = at(&test, 1);
    let token = there.post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    let mut session = there.clone();
    session.credential = Some(token.json()["access_token"].as_str().unwrap().to_owned());
    for _ in 0..4 {
        there.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
    there.post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    there.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    let closed = there.post(LOGIN, &code(&customer.access_code)).await;
    assert_eq!(closed.headers["retry-after"], "86400");
    let problem = closed.expect_problem(429, "sign_in_closed");
    assert_eq!(problem["args"]["hours"], "24");
    session.get("/api/v1/me").await.expect_ok();
    there.get("/api/v1/permissions").await.expect_ok();
    at(&test, 2).post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    let admin = test.admin().await;
    let found = admin.get("/api/v1/admin/security/decisions?origin=login").await.expect_ok().json();
    assert_eq!(
        (&found["data"][0]["scope"], &found["data"][0]["network"]),
        (&json!("login"), &json!("198.51.100.1/32"))
    );
    let id = found["data"][0]["id"].as_str().unwrap();
    admin.delete(&format!("/api/v1/admin/security/decisions/{id}")).await.expect_ok();
    there.post(LOGIN, &code(&customer.access_code)).await.expect_ok();

    // By itself it opens after a day, and failures far apart do not close it.
    let other = at(&test, 3);
    for _ in 0..5 {
        other.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
    other.post(LOGIN, &code(&customer.access_code)).await.expect_problem(429, "sign_in_closed");
    test.clock.advance(86_400_000);
    for _ in 0..8 {
        other.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
        test.clock.advance(150_000);
    }
}

/// ACC-10: networks that staff trusts are not closed.
#[tokio::test]
async fn trusted_networks_are_not_closed() {
    let test = TestApp::with(|config| {
        config.trusted_ips = vec![api::http::client_ip::parse_net("198.51.100.0/24").unwrap()];
    })
    .await;
    let trusted = at(&test, 7);
    for _ in 0..8 {
        trusted.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
}

/// ACC-10: a device that signed in before gets in while its network is closed and its account is under attack; a cookie
/// of somebody else does not help, and a device that fails itself becomes a stranger.
#[tokio::test]
async fn known_devices_get_in() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let home = at(&test, 1);
    let cookie = |answer: &crate::support::Expected| {
        let cookies =
            answer.headers.get_all("set-cookie").into_iter().map(|value| value.to_str().unwrap().to_owned());
        let found: Vec<String> = cookies.filter(|text| text.starts_with("__Host-mvai_device=")).collect();
        found.first().map(|text| {
            assert!(text.contains("HttpOnly; Secure; SameSite=Strict") && text.contains("Path=/;"), "{text}");
            text.split(';').next().unwrap().to_owned()
        })
    };
    let own = cookie(&home.post(LOGIN, &code(&customer.access_code)).await.expect_ok()).unwrap();
    let foreign = cookie(&staff(&at(&test, 9), RIGHT).await.expect_ok()).unwrap();
    for _ in 0..5 {
        home.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
    home.post(LOGIN, &code(&customer.access_code)).await.expect_problem(429, "sign_in_closed");
    home.with("cookie", &foreign)
        .post(LOGIN, &code(&customer.access_code))
        .await
        .expect_problem(429, "sign_in_closed");
    let known = home.with("cookie", &own);
    let again = known.post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    assert_eq!(cookie(&again), None, "it is known already");
    for _ in 0..5 {
        known.post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
    known.post(LOGIN, &code(&customer.access_code)).await.expect_problem(429, "sign_in_closed");

    // Staff: the account is stopped for strangers, from wherever they come, and not for its own device.
    for number in 20..60 {
        staff(&at(&test, number), "verkeerd wachtwoord").await.expect_problem(401, "invalid_credentials");
        test.clock.advance(10_000);
    }
    staff(&at(&test, 500), RIGHT).await.expect_problem(401, "invalid_credentials");
    staff(&at(&test, 501).with("cookie", &foreign), RIGHT).await.expect_ok();
    // Whoever signed in clears the count.
    staff(&at(&test, 502), RIGHT).await.expect_ok();
}

/// ACC-10: from the fifth failure the account of a member of staff waits, whatever is typed; many at once are no way
/// around; the answers of right, wrong and unknown are the same while it waits.
#[tokio::test]
async fn an_account_waits_longer_and_longer() {
    let test = TestApp::new().await;
    for number in 0..5 {
        staff(&at(&test, number), "verkeerd wachtwoord").await.expect_problem(401, "invalid_credentials");
    }
    let right = told(&staff(&at(&test, 10), RIGHT).await);
    let wrong = told(&staff(&at(&test, 11), "verkeerd wachtwoord").await);
    let unknown =
        told(&at(&test, 12).post(LOGIN, &json!({ "username": "niemand", "password": RIGHT })).await);
    assert_eq!((&right, &right), (&wrong, &unknown));
    assert_eq!(right.0, 401);
    test.clock.advance(1_000);
    staff(&at(&test, 13), RIGHT).await.expect_ok();

    // Sixty at once: four and one are heard, the others are not.
    let guesses = (0..60).map(|number| {
        let actor = at(&test, 100 + number);
        async move { staff(&actor, "verkeerd wachtwoord").await.status }
    });
    for status in futures_util::future::join_all(guesses).await {
        assert_eq!(status, 401);
    }
    let mut conn = test.app.db.read(api::db::Scope::Installation).await.unwrap();
    let failures: Failures = api::db::sql("SELECT failures AS n FROM staff WHERE username_key = 'admin'")
        .one(&mut conn)
        .await
        .unwrap();
    assert_eq!(failures.n, 5, "only these were compared with the password");
}

/// ACC-10: five hundred failures from everywhere within ten minutes keep strangers out for a minute and are a critical
/// signal; known devices get in meanwhile.
#[tokio::test]
async fn a_storm_of_guesses_is_ridden_out() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let first = at(&test, 0).post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    let mut cookies = first.headers.get_all("set-cookie").into_iter().map(|value| value.to_str().unwrap());
    let device = cookies.rfind(|text| text.starts_with("__Host-mvai_device=")).unwrap();
    let known = at(&test, 1).with("cookie", device.split(';').next().unwrap());
    for number in 0..499 {
        at(&test, 10 + number).post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    }
    at(&test, 600).post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    at(&test, 601).post(LOGIN, &code("MVAI-0")).await.expect_problem(401, "invalid_credentials");
    let kept_out = at(&test, 602).post(LOGIN, &code(&customer.access_code)).await;
    assert_eq!(kept_out.headers["retry-after"], "60");
    kept_out.expect_problem(429, "rate_limited");
    known.post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    test.clock.advance(60_000);
    at(&test, 603).post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    let admin = test.admin().await;
    api::domain::security::events::service::flush(&test.app).await;
    let page = admin.get("/api/v1/admin/security").await.expect_ok().json();
    assert_eq!((&page["level"]["level"], &page["level"]["failed_logins"]), (&json!("high"), &json!(501)));
}

#[derive(sqlx::FromRow)]
struct Failures {
    n: i64,
}
