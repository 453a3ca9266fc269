//! Creating, editing, stopping and starting customers.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{CUSTOMERS, faults, make, of};
use crate::support::{Actor, TestApp};

async fn post(admin: &Actor, path: &str) -> crate::support::Answer {
    admin.send(Method::POST, path, None, "".into()).await
}

/// ACC-11: a new customer has the defaults of the installation, an address, and a code that is shown once.
#[tokio::test]
async fn a_new_customer_has_the_defaults_of_the_installation() {
    let test = TestApp::with(|config| {
        config.default_plan = shared::tenancy::Plan::Demo;
        config.time_zone = "Europe/Brussels".to_owned();
    })
    .await;
    let admin = test.admin().await;
    let body = json!({ "name": "  Van Dijk Transport BV ", "contact_email": " planning@vandijk.example " });
    let answer = admin.post(CUSTOMERS, &body).await.expect(StatusCode::CREATED);
    let out = answer.json();
    assert_eq!(answer.header("location"), of(&out, ""));
    for (member, expected) in [
        ("name", json!("Van Dijk Transport BV")),
        ("contact_email", json!("planning@vandijk.example")),
        ("company_info", Value::Null),
        ("vat_number", Value::Null),
        ("country", json!("NL")),
        ("segment", json!("business")),
        ("language", json!("nl")),
        ("time_zone", json!("Europe/Brussels")),
        ("plan", json!("demo")),
        ("status", json!("active")),
        ("status_reason", Value::Null),
        ("total_logs", json!(0)),
        ("logs_this_month", json!(0)),
        ("last_log_at", Value::Null),
        ("last_login_at", Value::Null),
        ("active_keys", json!(0)),
        ("created_at", json!("2026-11-22T12:00:00.000Z")),
        ("updated_at", json!("2026-11-22T12:00:00.000Z")),
    ] {
        assert_eq!(out[member], expected, "{member}");
    }
    let code = out["access_code"].as_str().unwrap();
    assert_eq!(out["access_code_hint"], code[31..]);
    let owner = crate::auth::sign_in(&test, code).await;
    assert_eq!(owner.token["me"]["customer"]["id"], out["id"]);
    let found = admin.get(&of(&out, "")).await.expect_ok();
    assert_eq!(found.header("etag"), "\"1\"");
    assert_eq!(found.json()["last_login_at"], "2026-11-22T12:00:00.000Z");
    assert!(found.json().get("access_code").is_none());
}

/// ACC-11, API-10: everything that can be said about a customer is kept, and what cannot be is refused with its place.
#[tokio::test]
async fn customers_are_judged() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let full = json!({
        "name": "Ü".repeat(120), "contact_email": "a@b.nl", "company_info": "regel 1\nregel 2", "vat_number": "NL001234567B01",
        "country": "BE", "segment": "consumer", "language": "en", "time_zone": "Asia/Kathmandu", "plan": "professional",
    });
    let out = admin.post(CUSTOMERS, &full).await.expect(StatusCode::CREATED).json();
    for (member, value) in full.as_object().unwrap() {
        assert_eq!(&out[member], value, "{member}");
    }
    let with = |member: &str, value: Value| {
        let mut body = json!({ "name": "x", "contact_email": "a@b.nl" });
        body[member] = value;
        body
    };
    for (body, expected) in [
        (with("name", json!("")), vec![("/name", "required")]),
        (with("name", json!("x".repeat(121))), vec![("/name", "length")]),
        (with("name", json!("a\u{7}b")), vec![("/name", "control_character")]),
        (with("name", json!("a\nb")), vec![("/name", "control_character")]),
        (with("contact_email", json!("geen adres")), vec![("/contact_email", "email")]),
        (with("contact_email", json!("")), vec![("/contact_email", "required")]),
        (with("contact_email", json!(format!("{}@b.nl", "a".repeat(65)))), vec![("/contact_email", "email")]),
        (with("company_info", json!("x".repeat(2_001))), vec![("/company_info", "length")]),
        (with("vat_number", json!("x".repeat(33))), vec![("/vat_number", "length")]),
        (with("country", json!("nl")), vec![("/country", "country")]),
        (with("country", json!("NLD")), vec![("/country", "country")]),
        (with("segment", json!("other")), vec![("/segment", "one_of")]),
        (with("language", json!("de")), vec![("/language", "one_of")]),
        (with("time_zone", json!("CET")), vec![("/time_zone", "time_zone")]),
        (with("plan", json!("gold")), vec![("/plan", "one_of")]),
        (with("status", json!("active")), vec![("/status", "unknown_field")]),
        (with("id", json!(7)), vec![("/id", "unknown_field")]),
        (with("access_code", json!("x")), vec![("/access_code", "unknown_field")]),
        (
            json!({ "name": "", "contact_email": "x", "country": "x", "time_zone": "x" }),
            vec![
                ("/name", "required"),
                ("/contact_email", "email"),
                ("/country", "country"),
                ("/time_zone", "time_zone"),
            ],
        ),
    ] {
        let problem = admin.post(CUSTOMERS, &body).await.expect_problem(422, "invalid_body");
        assert_eq!(faults(&problem), expected, "{body}");
    }
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM customer").await, 1);
}

/// ACC-11: a name that exists is refused without regard to case, at creation and at renaming, also at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn names_are_unique() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let first = make(&admin, "Élan Vrachtwagens").await;
    let second = make(&admin, "Ander").await;
    for taken in ["Élan Vrachtwagens", "élan vrachtwagens", "ÉLAN VRACHTWAGENS", " élan vrachtwagens "] {
        let body = json!({ "name": taken, "contact_email": "a@b.nl" });
        admin.post(CUSTOMERS, &body).await.expect_problem(409, "name_taken");
        let patch = admin.with("if-match", "*").patch(&of(&second, ""), &json!({ "name": taken })).await;
        patch.expect_problem(409, "name_taken");
    }
    admin
        .with("if-match", "*")
        .patch(&of(&first, ""), &json!({ "name": "élan vrachtwagens" }))
        .await
        .expect_ok();
    let tasks: Vec<_> = (0..8)
        .map(|at| {
            let admin = admin.clone();
            let name = if at % 2 == 0 { "Tegelijk" } else { "TEGELIJK" };
            tokio::spawn(async move {
                admin
                    .post(CUSTOMERS, &json!({ "name": name, "contact_email": "a@b.nl" }))
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

/// GEN-09: a change needs the version that was fetched; nobody overwrites what somebody else has changed.
#[tokio::test]
async fn changes_need_the_version_that_was_fetched() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let customer = make(&admin, "Versie").await;
    let path = of(&customer, "");
    let patch = |tag: Option<&str>, body: Value| {
        let actor = tag.map_or_else(|| admin.clone(), |tag| admin.with("if-match", tag));
        let path = path.clone();
        async move { actor.patch(&path, &body).await }
    };
    patch(None, json!({ "plan": "mkb" })).await.expect_problem(428, "precondition_required");
    for stale in ["\"0\"", "\"2\"", "1", "\"x\"", "", "W/\"9\"", "\"1"] {
        patch(Some(stale), json!({ "plan": "mkb" })).await.expect_problem(412, "precondition_failed");
    }
    assert_eq!(admin.get(&path).await.expect_ok().json()["plan"], "enterprise");
    test.clock.advance(5_000);
    let changed = patch(Some("\"1\""), json!({ "plan": "mkb" })).await.expect_ok();
    assert_eq!(changed.header("etag"), "\"2\"");
    let out = changed.json();
    assert_eq!(
        (&out["plan"], &out["updated_at"], &out["created_at"]),
        (&json!("mkb"), &json!("2026-11-22T12:00:05.000Z"), &json!("2026-11-22T12:00:00.000Z"))
    );
    patch(Some("\"1\""), json!({ "plan": "demo" })).await.expect_problem(412, "precondition_failed");
    for good in ["\"2\"", "W/\"3\"", "\"7\", \"4\"", "*"] {
        patch(Some(good), json!({ "company_info": good })).await.expect_ok();
    }
    assert_eq!(admin.get(&path).await.expect_ok().header("etag"), "\"6\"");
    // A suspension is a change as well.
    admin.post(&of(&customer, "/suspend"), &json!({ "reason": "proef" })).await.expect_ok();
    patch(Some("\"6\""), json!({ "plan": "demo" })).await.expect_problem(412, "precondition_failed");
    patch(Some("\"7\""), json!({ "plan": "demo" })).await.expect_ok();
    // Two editors with the same version: one wins.
    let statuses = tokio::join!(
        patch(Some("\"8\""), json!({ "plan": "mkb" })),
        patch(Some("\"8\""), json!({ "plan": "starter" }))
    );
    let mut statuses = [statuses.0.status.as_u16(), statuses.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

/// ADM-03, API-10: absent members stay, null clears what may be empty, and a faulty patch changes nothing.
#[tokio::test]
async fn patches_merge() {
    let test = TestApp::new().await;
    let admin = test.admin().await.with("if-match", "*");
    let body =
        json!({ "name": "Samen", "contact_email": "a@b.nl", "company_info": "info", "vat_number": "NL1" });
    let customer = admin.post(CUSTOMERS, &body).await.expect(StatusCode::CREATED).json();
    let path = of(&customer, "");
    let out = admin.patch(&path, &json!({ "company_info": null, "language": "en" })).await.expect_ok().json();
    assert_eq!(
        (&out["company_info"], &out["vat_number"], &out["language"], &out["name"]),
        (&Value::Null, &json!("NL1"), &json!("en"), &json!("Samen"))
    );
    for (patch, expected) in [
        (json!({ "name": "" }), vec![("/name", "required")]),
        (
            json!({ "country": "x", "contact_email": "x" }),
            vec![("/contact_email", "email"), ("/country", "country")],
        ),
        (json!({ "plan": "gold" }), vec![("/plan", "one_of")]),
        (json!({ "status": "closed" }), vec![("/status", "unknown_field")]),
        (json!({ "time_zone": "Nowhere" }), vec![("/time_zone", "time_zone")]),
    ] {
        let problem = admin.patch(&path, &patch).await.expect_problem(422, "invalid_body");
        assert_eq!(faults(&problem), expected, "{patch}");
    }
    let mut after = admin.get(&path).await.expect_ok().json();
    assert_eq!(after, out);
    let changed = admin.patch(&path, &json!({})).await.expect_ok().json();
    after["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, after);
    admin.patch(&format!("{CUSTOMERS}/999"), &json!({})).await.expect_problem(404, "not_found");
}

/// ACC-11: a changed plan and time zone count from the next request on.
#[tokio::test]
async fn changes_count_from_the_next_request() {
    let test = TestApp::with(|config| config.default_plan = shared::tenancy::Plan::Demo).await;
    let admin = test.admin().await.with("if-match", "*");
    let (customer, owner, _key) = test.tenant().await;
    owner.post("/api/v1/keys", &json!({ "name": "twee" })).await.expect_problem(409, "key_limit_reached");
    let path = format!("{CUSTOMERS}/{}", customer.id);
    admin
        .patch(&path, &json!({ "plan": "particulier", "time_zone": "Asia/Tokyo", "name": "Nieuwe naam" }))
        .await
        .expect_ok();
    owner.post("/api/v1/keys", &json!({ "name": "twee" })).await.expect(StatusCode::CREATED);
    let me = owner.get("/api/v1/me").await.expect_ok().json();
    assert_eq!(
        (&me["customer"]["plan"], &me["customer"]["time_zone"], &me["name"]),
        (&json!("particulier"), &json!("Asia/Tokyo"), &json!("Nieuwe naam"))
    );
    // A smaller plan ends no key; it lets none be added.
    admin.patch(&path, &json!({ "plan": "demo" })).await.expect_ok();
    assert_eq!(
        owner.get("/api/v1/keys").await.expect_ok().json()["keys"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["is_active"] == true)
            .count(),
        2
    );
}

/// ACC-11: states change along the allowed ways alone, with a reason, and say what they did.
#[tokio::test]
async fn states_change_along_the_allowed_ways() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let (customer, owner, _key) = test.tenant().await;
    test.owner(&customer).await;
    test.key(&owner, None).await;
    test.tenant().await;
    let path = format!("{CUSTOMERS}/{}", customer.id);
    for reason in ["", "  ", "ab", &"x".repeat(501)] {
        let problem = admin
            .post(&format!("{path}/suspend"), &json!({ "reason": reason }))
            .await
            .expect_problem(422, "invalid_body");
        assert_eq!(faults(&problem)[0].0, "/reason");
    }
    admin.post(&format!("{path}/suspend"), &json!({})).await.expect_problem(422, "invalid_body");
    post(&admin, &format!("{path}/reactivate")).await.expect_problem(409, "state_conflict");
    let out = admin
        .post(&format!("{path}/suspend"), &json!({ "reason": " rekening 2026-014 " }))
        .await
        .expect_ok()
        .json();
    assert_eq!(
        (&out["status"], &out["status_reason"], &out["sessions_ended"], &out["keys_affected"]),
        (&json!("suspended"), &json!("rekening 2026-014"), &json!(2), &json!(2))
    );
    let problem = admin
        .post(&format!("{path}/suspend"), &json!({ "reason": "nogmaals" }))
        .await
        .expect_problem(409, "state_conflict");
    assert_eq!(problem["args"]["state"], "suspended");
    let out = post(&admin, &format!("{path}/reactivate")).await.expect_ok().json();
    assert_eq!(
        (&out["status"], &out["status_reason"], &out["sessions_ended"], &out["keys_affected"]),
        (&json!("active"), &Value::Null, &json!(0), &json!(2))
    );
    for (state, suspends, reactivates) in
        [("read_only", 200, 200), ("closing", 200, 409), ("closed", 409, 409)]
    {
        for (verb, expected) in [("reactivate", reactivates), ("suspend", suspends)] {
            test.run_sql(&format!("UPDATE customer SET status = '{state}' WHERE id = {}", customer.id)).await;
            let answer = admin.post(&format!("{path}/{verb}"), &json!({ "reason": "proef" })).await;
            assert_eq!(answer.status.as_u16(), expected, "{state} {verb}");
        }
    }
    test.run_sql(&format!("UPDATE customer SET status = 'closed' WHERE id = {}", customer.id)).await;
    admin
        .with("if-match", "*")
        .patch(&path, &json!({ "plan": "mkb" }))
        .await
        .expect_problem(409, "state_conflict");
    admin.post(&format!("{path}/rotate-code"), &json!({})).await.expect_problem(409, "state_conflict");
    for verb in ["suspend", "reactivate"] {
        admin
            .post(&format!("{CUSTOMERS}/999/{verb}"), &json!({ "reason": "proef" }))
            .await
            .expect_problem(404, "not_found");
    }
}

/// ACC-04, ACC-11: staff replaces a customer's code; the owner's sessions end, and the hint is the new one's.
#[tokio::test]
async fn staff_replaces_a_customers_code() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let path = format!("{CUSTOMERS}/{}", customer.id);
    let made = admin.post(&format!("{path}/rotate-code"), &json!({})).await.expect_ok().json();
    let code = made["access_code"].as_str().unwrap();
    owner.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    assert_eq!(admin.get(&path).await.expect_ok().json()["access_code_hint"], code[31..]);
    crate::auth::sign_in(&test, code).await;
    admin.post(&format!("{CUSTOMERS}/999/rotate-code"), &json!({})).await.expect_problem(404, "not_found");
    let problem = admin
        .post(&format!("{path}/rotate-code"), &json!({ "overlap_hours": 73 }))
        .await
        .expect_problem(422, "invalid_body");
    assert_eq!(faults(&problem), [("/overlap_hours", "out_of_range")]);
}

/// KEY-04, ACC-01: staff sees a customer's keys without secrets and may revoke them; the key must be that customer's.
#[tokio::test]
async fn staff_revokes_a_customers_key() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let (customer, _, key) = test.tenant().await;
    let (other, _, _) = test.tenant().await;
    let list = admin.get(&format!("{CUSTOMERS}/{}/keys", customer.id)).await.expect_ok().json();
    assert_eq!(list["count"], 1);
    let id = list["keys"][0]["id"].as_str().unwrap();
    admin
        .post(&format!("{CUSTOMERS}/{}/keys/{id}/revoke", other.id), &json!({}))
        .await
        .expect_problem(404, "not_found");
    key.get("/api/v1/me").await.expect_ok();
    let out = admin
        .post(&format!("{CUSTOMERS}/{}/keys/{id}/revoke", customer.id), &json!({}))
        .await
        .expect_ok()
        .json();
    assert_eq!(out["status"], "revoked");
    key.get("/api/v1/me").await.expect_problem(401, "invalid_api_key");
    admin.get(&format!("{CUSTOMERS}/999/keys")).await.expect_problem(404, "not_found");
    admin
        .post(&format!("{CUSTOMERS}/999/keys/{id}/revoke"), &json!({}))
        .await
        .expect_problem(404, "not_found");
}

/// ACC-02: analysts read about customers and change nothing.
#[tokio::test]
async fn analysts_change_nothing() {
    let test = TestApp::new().await;
    let (customer, _, _) = test.tenant().await;
    let analyst = test.analyst().await.with("if-match", "*");
    let path = format!("{CUSTOMERS}/{}", customer.id);
    for read in
        [CUSTOMERS.to_owned(), path.clone(), format!("{path}/keys"), "/api/v1/admin/overview".to_owned()]
    {
        analyst.get(&read).await.expect_ok();
    }
    let keys = analyst.get(&format!("{path}/keys")).await.expect_ok().json();
    let revoke = format!("{path}/keys/{}/revoke", keys["keys"][0]["id"].as_str().unwrap());
    analyst.patch(&path, &json!({ "plan": "mkb" })).await.expect_problem(403, "forbidden");
    for (write, permission) in [
        (CUSTOMERS.to_owned(), "customers:write"),
        (format!("{path}/suspend"), "customers:write"),
        (format!("{path}/reactivate"), "customers:write"),
        (format!("{path}/rotate-code"), "customers:write"),
        (revoke, "customer-keys:revoke"),
    ] {
        let problem = analyst
            .post(&write, &json!({ "reason": "proef", "name": "x" }))
            .await
            .expect_problem(403, "forbidden");
        assert_eq!(problem["args"]["permission"], permission, "{write}");
    }
    assert_eq!(analyst.get(&path).await.expect_ok().json()["status"], "active");
}
