//! Signing in and out, and what must never be on record.

use axum::http::StatusCode;
use serde_json::json;

use super::{ALL, LIST, newest, rows};
use crate::support::{ADMIN_PASSWORD, TestApp};

const LOGIN: &str = "/api/v1/auth/login";

/// SEC-16: signing in, failing to, signing out and a new password are rows with who, from where and how it ended.
#[tokio::test]
async fn signing_in_and_out_is_on_record() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let started = rows(&owner, &format!("{LIST}?action=session.start")).await.remove(0);
    assert_eq!((&started["actor_kind"], &started["outcome"]), (&json!("person"), &json!("ok")));
    assert_eq!(started["actor_id"], started["target"], "the session");
    assert_eq!(started["private"]["ip"], "203.0.113.7");
    let login = json!({ "access_code": customer.access_code });
    let second = test.anon().with("user-agent", "Proef/1").post(LOGIN, &login).await.expect_ok().json();
    let second = test.bearer(second["access_token"].as_str().unwrap());
    assert_eq!(newest(&owner).await["private"]["client"], "Proef/1");
    let out = second.post("/api/v1/auth/logout", &json!({})).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT, "{}", String::from_utf8_lossy(&out.body));
    let ended = newest(&owner).await;
    assert_eq!(ended["action"], "session.end");

    // A code that was replaced: its customer is known. A code that nobody has, and a wrong password: nobody is.
    let new =
        owner.post("/api/v1/access-code/rotate", &json!({ "overlap_hours": 0 })).await.expect_ok().json();
    test.anon().post(LOGIN, &login).await.expect_problem(401, "invalid_credentials");
    let wrong = json!({ "access_code": "MVAI-00000-00000-00000-00000-000000" });
    test.anon().post(LOGIN, &wrong).await.expect_problem(401, "invalid_credentials");
    let wrong = json!({ "username": "admin", "password": "geheim-dat-niemand-mag-zien" });
    test.anon().post(LOGIN, &wrong).await.expect_problem(401, "invalid_credentials");
    let unknown = json!({ "username": "wachtwoord-in-verkeerd-vak", "password": "x" });
    test.anon().post(LOGIN, &unknown).await.expect_problem(401, "invalid_credentials");
    let owner = test.bearer(
        test.anon().post(LOGIN, &json!({ "access_code": new["access_code"] })).await.expect_ok().json()["access_token"]
            .as_str()
            .unwrap(),
    );
    let refused = rows(&owner, &format!("{LIST}?outcome=refused")).await;
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (&refused[0]["action"], &refused[0]["actor_kind"]),
        (&json!("session.refuse"), &json!("anonymous"))
    );

    let admin = test.admin().await;
    let words = json!({ "current_password": ADMIN_PASSWORD, "new_password": "heel andere woorden vandaag" });
    admin.post("/api/v1/me/password", &words).await.expect(StatusCode::NO_CONTENT);
    let of_staff = rows(&admin, &format!("{ALL}?customer=0")).await;
    let actions: Vec<&str> = of_staff.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "staff.password",
            "session.start",
            "session.refuse",
            "session.refuse",
            "session.refuse",
            "staff.create"
        ]
    );
    assert_eq!(of_staff[0]["actor_name"], "admin");
    let targets: Vec<bool> = of_staff[2..5].iter().map(|row| row["target"].is_string()).collect();
    assert_eq!(targets, [false, true, false], "the staff member whose password was tried is named");
    assert_eq!(of_staff[5]["actor_kind"], "system");
}

/// ACC-07, SEC-16: a spent refresh token that comes back is a row of its customer.
#[tokio::test]
async fn a_reused_token_is_on_record() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let answer = test.anon().post(LOGIN, &json!({ "access_code": customer.access_code })).await.expect_ok();
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let browser = test.anon().with("cookie", &cookie);
    for _ in 0..2 {
        let again = browser.post("/api/v1/auth/refresh", &json!({})).await;
        assert_eq!(again.status, StatusCode::OK, "{}", String::from_utf8_lossy(&again.body));
    }
    test.clock.advance(60_000);
    browser.post("/api/v1/auth/refresh", &json!({})).await.expect_problem(401, "invalid_token");
    let owner = test.owner(&customer).await;
    let row = rows(&owner, &format!("{LIST}?action=session.reuse")).await.remove(0);
    assert_eq!((&row["outcome"], &row["actor_kind"]), (&json!("refused"), &json!("anonymous")));
    // Staying signed in is no row: three of them would be the same story.
    assert_eq!(rows(&owner, LIST).await.len(), 4, "made, signed in, reused, signed in again");
}

/// SEC-19: no code, key, password, token or cookie that went in or out is anywhere in the audit log; what people typed is,
/// so the search is not blind.
#[tokio::test]
async fn no_secret_is_on_record() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let mut secrets = vec![customer.access_code.clone(), ADMIN_PASSWORD.to_owned()];
    let answer = test.anon().post(LOGIN, &json!({ "access_code": customer.access_code })).await.expect_ok();
    let cookie = answer.header("set-cookie").split(';').next().unwrap().split_once('=').unwrap().1.to_owned();
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let owner = test.bearer(&token);
    secrets.extend([cookie, token]);
    let key = owner
        .post("/api/v1/keys", &json!({ "name": "Kanarienaam" }))
        .await
        .expect(StatusCode::CREATED)
        .json();
    secrets.push(key["api_key"].as_str().unwrap().to_owned());
    let path = format!("/api/v1/keys/{}/rotate", key["id"].as_str().unwrap());
    let key = owner.post(&path, &json!({ "overlap_hours": 1 })).await.expect(StatusCode::CREATED).json();
    secrets.push(key["api_key"].as_str().unwrap().to_owned());
    let code =
        owner.post("/api/v1/access-code/rotate", &json!({ "overlap_hours": 1 })).await.expect_ok().json();
    secrets.push(code["access_code"].as_str().unwrap().to_owned());
    let typed = json!({ "username": "geheime-naam", "password": "geheim-wachtwoord-99" });
    test.anon().post(LOGIN, &typed).await.expect_problem(401, "invalid_credentials");
    secrets.extend(["geheime-naam".to_owned(), "geheim-wachtwoord-99".to_owned()]);
    let admin = test.admin().await;
    secrets.push(admin.credential.clone().unwrap());
    let digests = test
        .texts("SELECT digest AS text FROM api_key UNION ALL SELECT digest AS text FROM access_code")
        .await;
    secrets.extend(digests);
    let all = admin.get(&format!("{ALL}/export?format=ndjson")).await.expect_ok().text();
    let stored = test.texts("SELECT data AS text FROM audit_private").await.join("\n")
        + &test.texts("SELECT changes AS text FROM audit_event").await.join("\n");
    for secret in &secrets {
        // The parts of a code without its prefix as well.
        let part = secret.strip_prefix("MVAI-").unwrap_or(secret);
        assert!(!all.contains(part) && !stored.contains(part), "{part} is on record");
    }
    assert!(secrets.len() > 10 && all.contains("key.create") && stored.contains("Kanarienaam"));
    assert!(!all.contains("Kanarienaam"), "what customers type is not for staff");
}
