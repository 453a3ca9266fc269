//! Access codes and passwords at the door.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{HOUR, LOGIN, browser, code, password, sign_in};
use crate::support::{ADMIN_PASSWORD, Answer, TestApp};

/// ACC-03: a code works however it is typed, and gives a session of ten-minute tokens with the role of an owner.
#[tokio::test]
async fn a_code_works_however_it_is_typed() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let shown = customer.access_code.clone();
    assert_eq!(shown.len(), 35);
    let bare = shown.replace('-', "");
    let spaced: String = bare.chars().flat_map(|c| [c, ' ']).collect();
    let look_alikes = shown[5..].replace('0', "O").replace('1', "l").replace('V', "u");
    for typed in [
        shown.clone(),
        shown.to_lowercase(),
        bare.clone(),
        bare.to_lowercase(),
        shown.replace('-', " "),
        shown.replace('-', "–"),
        shown.replace('-', "_"),
        format!("  {shown}\r\n"),
        spaced,
        format!("mvai-{look_alikes}"),
        shown.replace('1', "I"),
    ] {
        let token = test.anon().post(LOGIN, &code(&typed)).await.expect_ok().json();
        assert_eq!(
            (&token["me"]["role"], &token["me"]["customer"]["id"]),
            (&json!("owner"), &json!(customer.id)),
            "{typed}"
        );
        assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(600)));
        assert_eq!(token["session_expires_at"], "2026-11-23T12:00:00.000Z");
    }
}

/// What an answer consists of, but for the number of the request.
fn without_number(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    body["request_id"] = Value::Null;
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status.as_u16(), body.to_string(), headers)
}

/// ACC-03, ACC-05: wrong, expired, revoked, unknown, closed, malformed: one answer, byte for byte.
#[tokio::test]
async fn every_refused_sign_in_gets_the_same_answer() {
    let test = TestApp::with(|config| config.sign_in_failures = 1_000).await;
    let admin = test.admin().await;
    let rotate = |id: i64, hours: u32| {
        let (admin, path) = (admin.clone(), format!("/api/v1/admin/customers/{id}/rotate-code"));
        async move { admin.post(&path, &json!({ "overlap_hours": hours })).await.expect_ok().json() }
    };
    let revoked = test.customer().await;
    rotate(revoked.id, 0).await;
    let expired = test.customer().await;
    rotate(expired.id, 1).await;
    let closed = test.customer().await;
    test.run_sql(&format!("UPDATE customer SET status = 'closed' WHERE id = {}", closed.id)).await;
    test.analyst().await;
    test.run_sql("UPDATE staff SET status = 'disabled' WHERE username = 'analyst'").await;
    test.clock.advance(HOUR);
    let good = test.customer().await.access_code;
    let mut wrong = good.clone();
    wrong.replace_range(34..35, if good.ends_with('7') { "8" } else { "7" });
    let bodies = [
        ("wrong", code(&wrong)),
        ("unknown", code("MVAI-00000-00000-00000-00000-000000")),
        ("revoked", code(&revoked.access_code)),
        ("expired", code(&expired.access_code)),
        ("closed", code(&closed.access_code)),
        ("too short", code("MVAI-1")),
        ("empty", code("")),
        ("no prefix", code(&good[5..])),
        ("too long", code(&good.repeat(20))),
        ("hostile", code("MVAI-' OR 1=1 --")),
        ("not latin", code("МVАІ-00000-00000-00000-00000-000000")),
        ("a key", code("mvai_live_0123456789012345678901234567890123456789012345")),
        ("wrong password", password("admin", "een heel ander wachtwoord")),
        ("unknown staff", password("nobody", ADMIN_PASSWORD)),
        ("disabled staff", password("analyst", "analist met een lang woord")),
        ("empty password", password("admin", "")),
        ("empty username", password("", ADMIN_PASSWORD)),
        ("password with a blank", password("admin", &format!("{ADMIN_PASSWORD} "))),
        ("capital letter", password("admin", &ADMIN_PASSWORD.to_uppercase())),
    ];
    let mut first = None;
    for (what, body) in bodies {
        let answer = test.anon().post(LOGIN, &body).await;
        assert!(answer.headers.get("set-cookie").is_none(), "{what}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"mvai-connexx\"");
        let seen = without_number(&answer);
        answer.expect_problem(401, "invalid_credentials");
        assert_eq!(*first.get_or_insert_with(|| seen.clone()), seen, "{what}");
    }
    test.anon().post(LOGIN, &code(&good)).await.expect_ok();
}

/// ACC-05: staff sign in by username, whatever its case, and password.
#[tokio::test]
async fn staff_sign_in_with_a_password() {
    let test = TestApp::new().await;
    for name in ["admin", "Admin", " ADMIN "] {
        let token = test.anon().post(LOGIN, &password(name, ADMIN_PASSWORD)).await.expect_ok().json();
        assert_eq!((&token["me"]["role"], &token["me"]["username"]), (&json!("admin"), &json!("admin")));
        assert_eq!(
            (&token["me"]["customer"], &token["me"]["must_change_password"]),
            (&Value::Null, &json!(false))
        );
    }
    test.analyst().await;
    let analyst =
        test.anon().post(LOGIN, &password("analyst", "analist met een lang woord")).await.expect_ok().json();
    assert_eq!(analyst["me"]["role"], "analyst");
    assert_eq!(analyst["me"]["permissions"], json!(["customers:read", "security:read"]));
}

/// ACC-05: a staff member who is disabled is out on the next request.
#[tokio::test]
async fn disabled_staff_are_out() {
    let test = TestApp::new().await;
    let analyst = browser(&test, {
        test.analyst().await;
        test.anon().post(LOGIN, &password("analyst", "analist met een lang woord")).await
    });
    analyst.actor.get("/api/v1/admin/overview").await.expect_ok();
    test.run_sql("UPDATE staff SET status = 'disabled' WHERE username = 'analyst'").await;
    analyst.actor.get("/api/v1/admin/overview").await.expect_problem(401, "invalid_token");
    super::refresh(&test, &analyst.cookie).await.expect_problem(401, "invalid_token");
}

/// ACC-03: exactly one kind of credential is given, and nothing else.
#[tokio::test]
async fn sign_in_takes_one_kind_of_credential() {
    let test = TestApp::new().await;
    for body in [
        json!({}),
        json!({ "access_code": "x", "username": "admin", "password": "x" }),
        json!({ "username": "admin" }),
        json!({ "password": "x" }),
        json!({ "access_code": "x", "password": "x" }),
        json!({ "access_code": null }),
    ] {
        let problem = test.anon().post(LOGIN, &body).await.expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["code"], "one_credential", "{body}");
    }
    for (body, status, problem) in [
        ("[]", 422, "invalid_body"),
        ("{\"access_code\": 7}", 422, "invalid_body"),
        ("{\"access_code\": \"x\", \"role\": \"admin\"}", 422, "invalid_body"),
        ("{", 400, "invalid_json"),
        ("", 400, "empty_body"),
    ] {
        test.anon().post_raw(LOGIN, "application/json", body).await.expect_problem(status, problem);
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        test.anon()
            .post_raw(LOGIN, kind, "access_code=x")
            .await
            .expect_problem(415, "unsupported_media_type");
    }
}

/// ACC-08, ACC-11: suspension acts on the very next request of session and key, and after reactivation both ways in work.
#[tokio::test]
async fn suspension_acts_on_the_next_request() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let customer = test.customer().await;
    let before = sign_in(&test, &customer.access_code).await;
    let key = test.key(&before.actor, None).await;
    let path = format!("/api/v1/admin/customers/{}", customer.id);
    before.actor.get("/api/v1/logs").await.expect_ok();
    key.get("/api/v1/logs").await.expect_ok();

    let done = admin
        .post(&format!("{path}/suspend"), &json!({ "reason": "misbruik gemeld" }))
        .await
        .expect_ok()
        .json();
    assert_eq!(
        (&done["status"], &done["sessions_ended"], &done["keys_affected"]),
        (&json!("suspended"), &json!(1), &json!(1))
    );
    before.actor.get("/api/v1/logs").await.expect_problem(401, "invalid_token");
    super::refresh(&test, &before.cookie).await.expect_problem(401, "invalid_token");
    for (method, route) in [
        ("GET", "/api/v1/logs"),
        ("POST", "/api/v1/logs"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/export/json"),
    ] {
        let body = if method == "POST" { "{\"x\":1}" } else { "" };
        let problem = key
            .send(method.parse().unwrap(), route, Some("application/json"), body.into())
            .await
            .expect_problem(403, "customer_suspended");
        assert!(problem["detail"].as_str().unwrap().contains("misbruik gemeld"));
    }

    // The owner still gets in: to read the reason and to take the data out.
    let during = sign_in(&test, &customer.access_code).await;
    assert_eq!(during.token["me"]["customer"]["status_reason"], "misbruik gemeld");
    assert_eq!(during.token["me"]["permissions"], json!(["export:read"]));
    during.actor.get("/api/v1/export/json").await.expect_ok();
    during.actor.get("/api/v1/logs").await.expect_problem(403, "customer_suspended");

    let done = admin
        .send(axum::http::Method::POST, &format!("{path}/reactivate"), None, "".into())
        .await
        .expect_ok()
        .json();
    assert_eq!(
        (&done["status"], &done["status_reason"], &done["keys_affected"]),
        (&json!("active"), &Value::Null, &json!(1))
    );
    key.get("/api/v1/logs").await.expect_ok();
    during.actor.get("/api/v1/logs").await.expect_ok();
    before.actor.get("/api/v1/logs").await.expect_problem(401, "invalid_token");
    let after = sign_in(&test, &customer.access_code).await;
    after.actor.post("/api/v1/logs", &json!({ "x": 1 })).await.expect(StatusCode::CREATED);
}

/// ACC-11: each state lets in and keeps out what the catalogue says.
#[tokio::test]
async fn states_have_their_effects() {
    let test = TestApp::new().await;
    for (state, code_name, reads, writes) in [
        ("active", "", true, true),
        ("read_only", "customer_read_only", true, false),
        ("closing", "customer_closing", true, false),
    ] {
        let (customer, owner, key) = test.tenant().await;
        let manager = test.key(&owner, Some(&["keys:manage", "logs:read"])).await;
        test.run_sql(&format!(
            "UPDATE customer SET status = '{state}', status_reason = 'proef' WHERE id = {}",
            customer.id
        ))
        .await;
        let fresh = sign_in(&test, &customer.access_code).await.actor;
        for actor in [&owner, &fresh, &key] {
            assert_eq!(actor.get("/api/v1/logs").await.status == StatusCode::OK, reads, "{state}");
            assert_eq!(actor.get("/api/v1/export/json").await.status == StatusCode::OK, reads, "{state}");
            let answer = actor.post("/api/v1/logs", &json!({ "x": 1 })).await;
            if writes {
                answer.expect(StatusCode::CREATED);
            } else {
                answer.expect_problem(403, code_name);
            }
        }
        // Keys only read in these states; the owner still manages keys.
        let by_key =
            manager.post("/api/v1/keys", &json!({ "name": "via sleutel", "scopes": ["logs:read"] })).await;
        if writes {
            by_key.expect(StatusCode::CREATED);
        } else {
            by_key.expect_problem(403, code_name);
        }
        owner.post("/api/v1/keys", &json!({ "name": "via eigenaar" })).await.expect(StatusCode::CREATED);
    }
    let (customer, owner, key) = test.tenant().await;
    let browser = sign_in(&test, &customer.access_code).await;
    test.run_sql(&format!("UPDATE customer SET status = 'closed' WHERE id = {}", customer.id)).await;
    owner.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    key.get("/api/v1/me").await.expect_problem(401, "invalid_api_key");
    super::refresh(&test, &browser.cookie).await.expect_problem(401, "invalid_token");
}
