//! Replacing access codes.

use serde_json::{Value, json};

use super::{HOUR, LOGIN, code, sign_in};
use crate::support::TestApp;

const ROTATE: &str = "/api/v1/access-code/rotate";

/// ACC-04, ACC-08: without an overlap the old code and all sessions made with it end at once.
#[tokio::test]
async fn rotation_ends_the_old_code_and_its_sessions() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let (here, elsewhere) =
        (sign_in(&test, &customer.access_code).await, sign_in(&test, &customer.access_code).await);
    let made = here.actor.post(ROTATE, &json!({})).await.expect_ok().json();
    assert_eq!(made["previous_valid_until"], Value::Null);
    for browser in [&here, &elsewhere] {
        browser.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
        super::refresh(&test, &browser.cookie).await.expect_problem(401, "invalid_token");
    }
    test.anon().post(LOGIN, &code(&customer.access_code)).await.expect_problem(401, "invalid_credentials");
    let new = made["access_code"].as_str().unwrap();
    let again = sign_in(&test, new).await;
    assert_eq!(again.token["me"]["customer"]["id"], customer.id);
    assert_eq!(
        test.texts(&format!(
            "SELECT revoke_reason AS text FROM session WHERE customer_id = {} AND revoked_at IS NOT NULL",
            customer.id
        ))
        .await,
        ["code_rotated", "code_rotated"]
    );
}

/// ACC-04: with an overlap the old code lets people in until the last moment, and not after it.
#[tokio::test]
async fn the_old_code_works_during_its_overlap() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let made = owner.post(ROTATE, &json!({ "overlap_hours": 72 })).await.expect_ok().json();
    assert_eq!(made["previous_valid_until"], "2026-11-25T12:00:00.000Z");
    owner.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    test.clock.advance(72 * HOUR - 1);
    sign_in(&test, &customer.access_code).await;
    sign_in(&test, made["access_code"].as_str().unwrap()).await;
    test.clock.advance(1);
    test.anon().post(LOGIN, &code(&customer.access_code)).await.expect_problem(401, "invalid_credentials");
    sign_in(&test, made["access_code"].as_str().unwrap()).await;
}

/// ACC-04: at most one code is active and one in overlap; a second rotation ends the oldest.
#[tokio::test]
async fn only_one_code_is_in_overlap() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let customer = test.customer().await;
    let rotate = |hours: u32| {
        let (admin, path) = (admin.clone(), format!("/api/v1/admin/customers/{}/rotate-code", customer.id));
        async move {
            admin.post(&path, &json!({ "overlap_hours": hours })).await.expect_ok().json()["access_code"]
                .as_str()
                .unwrap()
                .to_owned()
        }
    };
    let second = rotate(24).await;
    let third = rotate(24).await;
    let works = |code_text: String| {
        let anon = test.anon();
        async move { anon.post(LOGIN, &code(&code_text)).await.status == 200 }
    };
    assert_eq!(
        (works(customer.access_code.clone()).await, works(second.clone()).await, works(third.clone()).await),
        (false, true, true)
    );
    let fourth = rotate(0).await;
    assert_eq!((works(second).await, works(third).await, works(fourth).await), (false, false, true));
}

/// ACC-04: rotations at the same moment leave exactly one code that works.
#[tokio::test]
async fn simultaneous_rotations_leave_one_code() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let customer = test.customer().await;
    let path = format!("/api/v1/admin/customers/{}/rotate-code", customer.id);
    let mut tasks = Vec::new();
    for _ in 0..10 {
        let (admin, path) = (admin.clone(), path.clone());
        tasks.push(tokio::spawn(async move {
            admin.post(&path, &json!({})).await.expect_ok().json()["access_code"].as_str().unwrap().to_owned()
        }));
    }
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    let mut working = 0;
    for one in &made {
        working += i32::from(test.anon().post(LOGIN, &code(one)).await.status == 200);
    }
    assert_eq!(working, 1);
    let active = format!(
        "SELECT COUNT(*) AS n FROM access_code WHERE customer_id = {} AND revoked_at IS NULL",
        customer.id
    );
    assert_eq!(test.number(&active).await, 1);
}

/// ACC-04, API-10: an overlap beyond 72 hours is refused with its bounds, and nothing changes.
#[tokio::test]
async fn overlaps_have_bounds() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    for hours in [json!(73), json!(-1), json!(1.5), json!("24"), json!(4_294_967_296_i64)] {
        let problem =
            owner.post(ROTATE, &json!({ "overlap_hours": hours })).await.expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], "/overlap_hours", "{hours}");
    }
    owner.get("/api/v1/me").await.expect_ok();
    sign_in(&test, &customer.access_code).await;
}

/// ACC-04: a code is in the answer that makes it, and afterwards only its last four characters are shown.
#[tokio::test]
async fn a_code_is_shown_once() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let body = json!({ "name": "Van Dijk", "contact_email": "a@vandijk.example" });
    let made =
        admin.post("/api/v1/admin/customers", &body).await.expect(axum::http::StatusCode::CREATED).json();
    let (id, shown) = (made["id"].as_i64().unwrap(), made["access_code"].as_str().unwrap().to_owned());
    let bare = shown.replace('-', "");
    for path in ["", "/keys"] {
        let text = admin.get(&format!("/api/v1/admin/customers/{id}{path}")).await.expect_ok().text();
        assert!(!text.contains(&shown) && !text.contains(&bare[4..]), "{path}");
    }
    let seen = admin.get(&format!("/api/v1/admin/customers/{id}")).await.expect_ok().json();
    assert_eq!(seen["access_code_hint"], shown[31..]);
    let list = admin.get("/api/v1/admin/customers").await.expect_ok().text();
    assert!(!list.contains(&shown));
}
