//! Passwords of staff: first ones, one-time ones, changed ones.

use api::domain::auth::{password as rules, repo, service};
use argon2::password_hash::PasswordHasher;
use axum::http::StatusCode;
use serde_json::json;
use shared::access::Role;

use super::{LOGIN, browser, password};
use crate::support::{ADMIN_PASSWORD, TestApp};

const CHANGE: &str = "/api/v1/me/password";
const NEW: &str = "zeven paarden lopen achteruit";

fn change(current: &str, new: &str) -> serde_json::Value {
    json!({ "current_password": current, "new_password": new })
}

/// ACC-05: a one-time password opens the change of the password and nothing else.
#[tokio::test]
async fn a_one_time_password_must_be_changed_first() {
    let test = TestApp::new().await;
    let hash = rules::hash_async("een eenmalig wachtwoord".to_owned()).await.unwrap();
    let mut tx = test.app.db.write(api::db::Scope::Installation).await.unwrap();
    repo::insert_staff(
        &mut tx,
        "019a9e3c-0000-7000-8000-000000000001",
        "nieuw",
        Role::Admin,
        &hash,
        true,
        test.clock.now(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let staff = browser(&test, test.anon().post(LOGIN, &password("nieuw", "een eenmalig wachtwoord")).await);
    assert_eq!(staff.token["me"]["must_change_password"], true);
    for path in ["overview", "customers", "customers/1", "customers/1/keys"] {
        staff
            .actor
            .get(&format!("/api/v1/admin/{path}"))
            .await
            .expect_problem(403, "password_change_required");
    }
    let body = json!({ "name": "X", "contact_email": "x@x.nl" });
    staff.actor.post("/api/v1/admin/customers", &body).await.expect_problem(403, "password_change_required");
    staff.actor.get("/api/v1/me").await.expect_ok();
    let refreshed = browser(&test, super::refresh(&test, &staff.cookie).await);
    assert_eq!(refreshed.token["me"]["must_change_password"], true, "a new token does not lift it");

    staff.actor.post(CHANGE, &change("een eenmalig wachtwoord", NEW)).await.expect(StatusCode::NO_CONTENT);
    staff.actor.get("/api/v1/admin/overview").await.expect_ok();
    let again = browser(&test, test.anon().post(LOGIN, &password("nieuw", NEW)).await);
    assert_eq!(again.token["me"]["must_change_password"], false);
    test.anon()
        .post(LOGIN, &password("nieuw", "een eenmalig wachtwoord"))
        .await
        .expect_problem(401, "invalid_credentials");
}

/// ACC-08: a changed password ends the other sessions of that person, and of nobody else.
#[tokio::test]
async fn a_changed_password_ends_other_sessions() {
    let test = TestApp::new().await;
    let sign_in =
        || async { browser(&test, test.anon().post(LOGIN, &password("admin", ADMIN_PASSWORD)).await) };
    let (here, there) = (sign_in().await, sign_in().await);
    let analyst = test.analyst().await;
    here.actor.post(CHANGE, &change(ADMIN_PASSWORD, NEW)).await.expect(StatusCode::NO_CONTENT);
    here.actor.get("/api/v1/admin/overview").await.expect_ok();
    there.actor.get("/api/v1/admin/overview").await.expect_problem(401, "invalid_token");
    super::refresh(&test, &there.cookie).await.expect_problem(401, "invalid_token");
    super::refresh(&test, &here.cookie).await.expect_ok();
    analyst.get("/api/v1/admin/overview").await.expect_ok();
}

/// ACC-06: the policy judges length and guessability, names the place and the fix, and leaves the password as it was.
#[tokio::test]
async fn new_passwords_are_judged() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let long = "é".repeat(64) + &"w".repeat(65);
    for (new, codes) in [
        ("veertien teke.", vec!["length"]),
        ("", vec!["length"]),
        (long.as_str(), vec!["length"]),
        ("aaaaaaaaaaaaaaaaaaaa", vec!["password_common"]),
        ("QazWsxEdcRfvTgb", vec!["password_common"]),
        ("123456789qwerty2026!", vec!["password_common"]),
        ("mijn baan bij Connexx", vec!["password_context"]),
        ("de admin heeft gelijk", vec!["password_context"]),
    ] {
        let problem =
            admin.post(CHANGE, &change(ADMIN_PASSWORD, new)).await.expect_problem(422, "invalid_body");
        let found: Vec<_> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["code"].as_str().unwrap())
            .collect();
        assert_eq!(found, codes, "{new}");
        assert_eq!(problem["errors"][0]["pointer"], "/new_password");
        assert!(
            !problem.to_string().contains(ADMIN_PASSWORD)
                && (new.is_empty() || !problem.to_string().contains(new)),
            "the password is not repeated"
        );
    }
    let problem =
        admin.post(CHANGE, &change("niet het wachtwoord", NEW)).await.expect_problem(422, "invalid_body");
    assert_eq!(
        (&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]),
        (&json!("password_wrong"), &json!("/current_password"))
    );
    test.anon().post(LOGIN, &password("admin", ADMIN_PASSWORD)).await.expect_ok();
    let mut current = ADMIN_PASSWORD.to_owned();
    let longest: String = (100..131).map(|number| format!("{number} ")).collect();
    assert_eq!(longest.trim().len(), 123);
    for new in [
        "日本語のとても長いパスワードです".to_owned(),
        "kort wachtwoord".to_owned(),
        longest.trim().to_owned(),
    ] {
        admin.post(CHANGE, &change(&current, &new)).await.expect(StatusCode::NO_CONTENT);
        test.anon().post(LOGIN, &password("admin", &new)).await.expect_ok();
        current = new;
    }
}

/// ACC-05: customers and keys have no password to change.
#[tokio::test]
async fn only_staff_change_passwords() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    for actor in [owner, key] {
        actor.post(CHANGE, &change("x", NEW)).await.expect_problem(403, "forbidden");
    }
    test.anon().post(CHANGE, &change("x", NEW)).await.expect_problem(401, "unauthenticated");
}

/// ACC-06: passwords are stored as argon2id with the parameters of the design, and weaker ones are renewed at sign-in.
#[tokio::test]
async fn stored_hashes_have_the_parameters_of_the_design() {
    const START: &str = "$argon2id$v=19$m=19456,t=2,p=1$";
    let test = TestApp::new().await;
    let stored = || test.texts("SELECT password_hash AS text FROM staff WHERE username = 'admin'");
    assert!(stored().await[0].starts_with(START));
    let weak = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        argon2::Params::new(4096, 1, 1, None).unwrap(),
    );
    let weak = weak.hash_password(ADMIN_PASSWORD.as_bytes()).unwrap().to_string();
    test.run_sql(&format!("UPDATE staff SET password_hash = '{weak}' WHERE username = 'admin'")).await;
    assert!(!stored().await[0].starts_with(START));
    test.anon()
        .post(LOGIN, &password("admin", "een heel ander wachtwoord"))
        .await
        .expect_problem(401, "invalid_credentials");
    assert_eq!(stored().await[0], weak, "a wrong password renews nothing");
    test.anon().post(LOGIN, &password("admin", ADMIN_PASSWORD)).await.expect_ok();
    assert!(stored().await[0].starts_with(START));
    test.anon().post(LOGIN, &password("admin", ADMIN_PASSWORD)).await.expect_ok();
}

/// ACC-05: there is no default password: without one in the settings a one-time password is made, once.
#[tokio::test]
async fn the_first_admin_gets_a_one_time_password() {
    let test = TestApp::with(|config| config.admin_password = None).await;
    assert_eq!(service::first_admin(&test.app).await.unwrap(), None, "the harness has made the first one");
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM staff").await, 1);
    test.run_sql("DELETE FROM staff").await;
    let made = service::first_admin(&test.app).await.unwrap().unwrap();
    assert!(made.len() >= 20, "{made}");
    let staff = browser(&test, test.anon().post(LOGIN, &password("admin", &made)).await);
    assert_eq!(staff.token["me"]["must_change_password"], true);
    for guess in ["admin", "password", "", "admin1234", ADMIN_PASSWORD] {
        test.anon().post(LOGIN, &password("admin", guess)).await.expect_problem(401, "invalid_credentials");
    }
    test.run_sql("DELETE FROM session").await;
    test.run_sql("DELETE FROM staff").await;
    assert_ne!(service::first_admin(&test.app).await.unwrap().unwrap(), made);
}
