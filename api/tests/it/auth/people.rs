//! Users of a customer from invitation to removal, what the access code may do beside them, and sessions.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp};

const PASSWORD: &str = "zeven blauwe vrachtwagens";
const OTHER: &str = "acht groene binnenschepen";
const DAY_MS: i64 = 86_400_000;

/// The token of a link.
fn token(link: &Value) -> String {
    link.as_str().unwrap().rsplit_once('#').unwrap().1.to_owned()
}

async fn invite(owner: &Actor, email: &str, role: &str) -> Value {
    let user = json!({ "email": email, "name": "Sanne de Wit", "role": role });
    owner.post("/api/v1/users", &user).await.expect(StatusCode::CREATED).json()
}

async fn choose(test: &TestApp, token: &str, password: &str) -> crate::support::Answer {
    let chosen = json!({ "token": token, "new_password": password });
    test.anon().post("/api/v1/auth/links/password", &chosen).await
}

async fn sign_in(test: &TestApp, email: &str, password: &str) -> crate::support::Answer {
    test.anon().post("/api/v1/auth/login", &json!({ "username": email, "password": password })).await
}

async fn signed_in(test: &TestApp, email: &str, password: &str) -> Actor {
    let token = sign_in(test, email, password).await.expect_ok().json();
    test.bearer(token["access_token"].as_str().unwrap())
}

/// A user who has come.
async fn joined(test: &TestApp, owner: &Actor, email: &str, role: &str) -> (String, Actor) {
    let invited = invite(owner, email, role).await;
    choose(test, &token(&invited["link"]), PASSWORD).await.expect(StatusCode::NO_CONTENT);
    (invited["user"]["id"].as_str().unwrap().to_owned(), signed_in(test, email, PASSWORD).await)
}

async fn code_role(owner: &Actor, role: Value) -> crate::support::Answer {
    owner.put("/api/v1/access-code/role", &json!({ "role": role })).await
}

/// ACC-14: an invitation works once, for 72 hours, with a password that is no easy guess; whoever comes acts by name.
#[tokio::test]
async fn somebody_is_invited_and_comes() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let invited = invite(&owner, "Sanne@Bedrijf.example", "member").await;
    assert_eq!((&invited["user"]["state"], &invited["mailed"]), (&json!("invited"), &json!(false)));
    let link = token(&invited["link"]);
    let anon = test.anon();
    let shown = anon.post("/api/v1/auth/links/check", &json!({ "token": link })).await.expect_ok().json();
    assert_eq!(
        (&shown["purpose"], &shown["email"], &shown["customer"]),
        (&json!("invitation"), &json!("Sanne@Bedrijf.example"), &json!(customer.name))
    );
    sign_in(&test, "sanne@bedrijf.example", PASSWORD).await.expect_problem(401, "invalid_credentials");
    for (easy, code) in [
        ("te kort", "length"),
        ("sanne rijdt elke dag naar venlo", "password_context"),
        ("wachtwoordwachtwoord", "password_common"),
    ] {
        let refused = choose(&test, &link, easy).await;
        assert_eq!(refused.expect_problem(422, "invalid_body")["errors"][0]["code"], code, "{easy}");
    }
    for (token, code) in [("x".repeat(129), "length"), ("\u{7}".to_owned(), "control_character")] {
        let refused = anon.post("/api/v1/auth/links/check", &json!({ "token": token })).await;
        assert_eq!(refused.expect_problem(422, "invalid_body")["errors"][0]["code"], code);
        choose(&test, &token, PASSWORD).await.expect_problem(422, "invalid_body");
    }
    choose(&test, "", PASSWORD).await.expect_problem(410, "link_spent");
    choose(&test, &link, PASSWORD).await.expect(StatusCode::NO_CONTENT);
    choose(&test, &link, OTHER).await.expect_problem(410, "link_spent");
    anon.post("/api/v1/auth/links/check", &json!({ "token": link })).await.expect_problem(410, "link_spent");
    let sanne = signed_in(&test, " SANNE@bedrijf.example", PASSWORD).await;
    let me = sanne.get("/api/v1/me").await.expect_ok().json();
    assert_eq!(
        (&me["name"], &me["role"], &me["email"], &me["customer"]["id"]),
        (&json!("Sanne de Wit"), &json!("member"), &json!("Sanne@Bedrijf.example"), &json!(customer.id))
    );
    let log = sanne.post("/api/v1/logs", &json!({ "message": "aangekomen" })).await;
    let log = log.expect(StatusCode::CREATED).json();
    let id = invited["user"]["id"].as_str().unwrap();
    let path = format!("/api/v1/logs/{}", log["log_id"]);
    assert_eq!(owner.get(&path).await.expect_ok().json()["actor_ref"], format!("user:{id}"));
    let audit = owner.get("/api/v1/audit?action=user").await.expect_ok().json();
    let told: Vec<_> = audit["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["action"].as_str().unwrap(), row["actor_name"].as_str()))
        .collect();
    assert_eq!(told, [("user.join", Some("Sanne de Wit")), ("user.invite", None)]);
}

/// ACC-14: links end in time, and with the next one; nobody is invited twice, nor above what the plan has room for.
#[tokio::test]
async fn invitations_end() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let (_, stranger, _) = test.tenant().await;
    let first = invite(&owner, "jan@bedrijf.example", "viewer").await;
    let taken = json!({ "email": "JAN@bedrijf.example", "name": "Jan", "role": "viewer" });
    for actor in [&owner, &stranger] {
        actor.post("/api/v1/users", &taken).await.expect_problem(409, "email_taken");
    }
    let again = format!("/api/v1/users/{}/invitations", first["user"]["id"].as_str().unwrap());
    let second = owner.post(&again, &json!({})).await.expect(StatusCode::CREATED).json();
    choose(&test, &token(&first["link"]), PASSWORD).await.expect_problem(410, "link_spent");
    test.clock.advance(3 * DAY_MS);
    choose(&test, &token(&second["link"]), PASSWORD).await.expect_problem(410, "link_spent");
    let owner = test.owner(&customer).await;
    let third = owner.post(&again, &json!({})).await.expect(StatusCode::CREATED).json();
    choose(&test, &token(&third["link"]), PASSWORD).await.expect(StatusCode::NO_CONTENT);
    owner.post(&again, &json!({})).await.expect_problem(409, "state_conflict");
    for body in [
        json!({ "email": "geen adres", "name": "x", "role": "viewer" }),
        json!({ "email": "a@b.example", "name": "", "role": "viewer" }),
        json!({ "email": "a@b.example", "name": "x", "role": "admin" }),
        json!({ "email": "a@b.example", "name": "x", "role": "key" }),
    ] {
        owner.post("/api/v1/users", &body).await.expect_problem(422, "invalid_body");
    }
    test.run_sql("UPDATE customer SET plan = 'starter'").await;
    test.app.auth.forget();
    invite(&owner, "b@bedrijf.example", "viewer").await;
    let last = invite(&owner, "c@bedrijf.example", "viewer").await;
    let more = json!({ "email": "d@bedrijf.example", "name": "D", "role": "viewer" });
    owner.post("/api/v1/users", &more).await.expect_problem(409, "user_limit_reached");
    // Whoever is kept out makes room, and does not come back into a full house.
    let path = format!("/api/v1/users/{}", last["user"]["id"].as_str().unwrap());
    owner.patch(&path, &json!({ "disabled": true })).await.expect_ok();
    choose(&test, &token(&last["link"]), PASSWORD).await.expect_problem(410, "link_spent");
    owner.post("/api/v1/users", &more).await.expect(StatusCode::CREATED);
    owner.patch(&path, &json!({ "disabled": false })).await.expect_problem(409, "user_limit_reached");
}

/// ACC-08, ACC-14: another role, keeping out and removing act on the next request, and end the sessions.
#[tokio::test]
async fn changes_of_a_user_act_at_once() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let (id, user) = joined(&test, &owner, "piet@bedrijf.example", "member").await;
    let path = format!("/api/v1/users/{id}");
    let record = json!({ "message": "een log" });
    user.post("/api/v1/logs", &record).await.expect(StatusCode::CREATED);
    let after =
        owner.patch(&path, &json!({ "role": "viewer", "name": "Piet Piersma" })).await.expect_ok().json();
    assert_eq!(
        (&after["role"], &after["name"], &after["sessions"]),
        (&json!("viewer"), &json!("Piet Piersma"), &json!(0))
    );
    user.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    let user = signed_in(&test, "piet@bedrijf.example", PASSWORD).await;
    user.post("/api/v1/logs", &record).await.expect_problem(403, "forbidden");
    user.get("/api/v1/users").await.expect_problem(403, "forbidden");
    owner.patch(&path, &json!({ "disabled": true })).await.expect_ok();
    user.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    sign_in(&test, "piet@bedrijf.example", PASSWORD).await.expect_problem(401, "invalid_credentials");
    let back = owner.patch(&path, &json!({ "disabled": false })).await.expect_ok().json();
    assert_eq!(back["state"], "active");
    let user = signed_in(&test, "piet@bedrijf.example", PASSWORD).await;
    owner.delete(&path).await.expect(StatusCode::NO_CONTENT);
    user.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    owner.get(&path).await.expect_problem(404, "not_found");
    sign_in(&test, "piet@bedrijf.example", PASSWORD).await.expect_problem(401, "invalid_credentials");
    // The address is free again, and what was done keeps its name.
    invite(&owner, "piet@bedrijf.example", "viewer").await;
    let audit = owner.get("/api/v1/audit?actor_kind=user").await.expect_ok().json();
    assert!(audit["data"].as_array().unwrap().iter().all(|row| row["actor_name"] == "Piet Piersma"));
}

/// ACC-14, §3 of the catalogue: the access code is an owner until there is one by name; then it has the role that the
/// owner chose, and somebody gets in at all times.
#[tokio::test]
async fn the_access_code_steps_back_for_an_owner_by_name() {
    let test = TestApp::new().await;
    let (customer, code, _) = test.tenant().await;
    code_role(&code, Value::Null).await.expect_problem(409, "last_way_in");
    let (id, owner) = joined(&test, &code, "baas@bedrijf.example", "owner").await;
    assert_eq!(code.get("/api/v1/me").await.expect_ok().json()["role"], "member");
    code.get("/api/v1/users").await.expect_problem(403, "forbidden");
    let users = owner.get("/api/v1/users").await.expect_ok().json();
    assert_eq!((&users["code_role"], &users["has_owner"]), (&json!("member"), &json!(true)));
    code_role(&owner, json!("viewer")).await.expect_ok();
    assert_eq!(code.get("/api/v1/me").await.expect_ok().json()["role"], "viewer");
    code_role(&owner, json!("admin")).await.expect_problem(422, "invalid_body");
    assert_eq!(code_role(&owner, Value::Null).await.expect_ok().json()["code_role"], Value::Null);
    code.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    let login = json!({ "access_code": customer.access_code });
    test.anon().post("/api/v1/auth/login", &login).await.expect_problem(401, "invalid_credentials");
    let path = format!("/api/v1/users/{id}");
    for change in [json!({ "role": "member" }), json!({ "disabled": true })] {
        owner.patch(&path, &change).await.expect_problem(409, "last_way_in");
    }
    owner.delete(&path).await.expect_problem(409, "last_way_in");
    owner.get("/api/v1/me").await.expect_ok();
    // A second owner lets the first one go; an invited one does not.
    let invited = invite(&owner, "tweede@bedrijf.example", "owner").await;
    owner.patch(&path, &json!({ "role": "member" })).await.expect_problem(409, "last_way_in");
    choose(&test, &token(&invited["link"]), PASSWORD).await.expect(StatusCode::NO_CONTENT);
    owner.patch(&path, &json!({ "role": "member" })).await.expect_ok();
}

/// A new password by a link that works once, for half an hour; the answer tells nothing, and guesses are over.
#[tokio::test]
async fn a_new_password_by_mail() {
    let test = TestApp::with(|config| config.smtp = Some(api::config::Smtp::local(9))).await;
    let (_, owner, _) = test.tenant().await;
    let email = "sanne@bedrijf.example";
    let (_, user) = joined(&test, &owner, email, "member").await;
    let ask = |email: &'static str| {
        let anon = test.anon();
        async move { anon.post("/api/v1/auth/password-resets", &json!({ "email": email })).await }
    };
    let (known, unknown) = (ask(email).await, ask("niemand@bedrijf.example").await);
    assert_eq!((known.status, &known.body), (StatusCode::ACCEPTED, &unknown.body));
    assert_eq!(known.status, unknown.status);
    ask("geen adres").await.expect_problem(422, "invalid_body");
    let link = |number: i64| {
        let test = &test;
        async move {
            test.until("SELECT COUNT(*) AS n FROM access_link WHERE purpose = 'reset'", number).await;
            let id =
                test.texts("SELECT MAX(id) AS text FROM access_link WHERE purpose = 'reset'").await.remove(0);
            let path = api::domain::auth::link::path(&test.app.keys, &id, shared::people::LinkPurpose::Reset);
            token(&json!(path.unwrap()))
        }
    };
    let first = link(1).await;
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM mail WHERE kind = 'password_reset'").await, 1);
    let written =
        test.texts("SELECT body_text AS text FROM mail WHERE kind = 'password_reset'").await.remove(0);
    assert!(
        written.contains("[[link]]") && !written.contains(&first),
        "the outbox holds no way in: {written}"
    );
    ask(email).await.expect(StatusCode::ACCEPTED);
    let second = link(2).await;
    choose(&test, &first, OTHER).await.expect_problem(410, "link_spent");
    test.clock.advance(30 * 60_000);
    choose(&test, &second, OTHER).await.expect_problem(410, "link_spent");
    ask(email).await.expect(StatusCode::ACCEPTED);
    let third = link(3).await;
    let both = tokio::join!(choose(&test, &third, OTHER), choose(&test, &third, OTHER));
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 410], "of two at once one chooses");
    user.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    sign_in(&test, email, PASSWORD).await.expect_problem(401, "invalid_credentials");
    signed_in(&test, email, OTHER).await;
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM mail WHERE kind = 'password_changed'").await, 1);
    // Nobody fills a mailbox: five links an hour.
    for _ in 0..6 {
        ask(email).await.expect(StatusCode::ACCEPTED);
    }
    let links = link(5).await;
    assert!(!links.is_empty());
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM access_link WHERE purpose = 'reset'").await, 5);
}

/// ACC-06, ACC-08: a user replaces the own password; the other sessions end and this one stays.
#[tokio::test]
async fn a_user_replaces_the_password() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let (_, here) = joined(&test, &owner, "sanne@bedrijf.example", "member").await;
    let there = signed_in(&test, "sanne@bedrijf.example", PASSWORD).await;
    let change = |current: &str| json!({ "current_password": current, "new_password": OTHER });
    here.post("/api/v1/me/password", &change("iets anders")).await.expect_problem(422, "invalid_body");
    owner.post("/api/v1/me/password", &change(PASSWORD)).await.expect_problem(403, "forbidden");
    here.post("/api/v1/me/password", &change(PASSWORD)).await.expect(StatusCode::NO_CONTENT);
    here.get("/api/v1/me").await.expect_ok();
    there.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    signed_in(&test, "sanne@bedrijf.example", OTHER).await;
}

/// ACC-10: guesses at a user wait longer and longer, as those at staff do, and stop at a hundred.
#[tokio::test]
async fn guesses_at_a_user_wait() {
    let test = TestApp::with(|config| config.sign_in_failures = 1_000).await;
    let (_, owner, _) = test.tenant().await;
    joined(&test, &owner, "sanne@bedrijf.example", "member").await;
    for _ in 0..5 {
        sign_in(&test, "sanne@bedrijf.example", OTHER).await.expect_problem(401, "invalid_credentials");
    }
    sign_in(&test, "sanne@bedrijf.example", PASSWORD).await.expect_problem(401, "invalid_credentials");
    test.clock.advance(1_001);
    sign_in(&test, "sanne@bedrijf.example", PASSWORD).await.expect_ok();
    test.run_sql("UPDATE person SET failures = 100").await;
    sign_in(&test, "sanne@bedrijf.example", PASSWORD).await.expect_problem(401, "invalid_credentials");
    api::domain::auth::accounts::unlock(&test.app, "sanne@bedrijf.example").await.unwrap();
    sign_in(&test, "sanne@bedrijf.example", PASSWORD).await.expect_ok();
}

/// ACC-09: people see their own sessions and end one or all others, owners those of everybody of the customer; never
/// those of another customer.
#[tokio::test]
async fn sessions_are_seen_and_ended() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    let (_, stranger, _) = test.tenant().await;
    let (id, here) = joined(&test, &owner, "sanne@bedrijf.example", "member").await;
    let there = signed_in(&test, "sanne@bedrijf.example", PASSWORD).await;
    let phone = signed_in(&test, "sanne@bedrijf.example", PASSWORD).await;
    let list = |actor: Actor| async move {
        actor.get("/api/v1/me/sessions").await.expect_ok().json()["sessions"].as_array().unwrap().clone()
    };
    let mine = list(here.clone()).await;
    assert_eq!(mine.len(), 3);
    assert_eq!(mine.iter().filter(|one| one["current"] == true).count(), 1);
    assert!(mine.iter().all(|one| one["who"] == "Sanne de Wit"));
    let elsewhere = list(there.clone()).await;
    let there_id =
        elsewhere.iter().find(|one| one["current"] == true).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/me/sessions/{there_id}");
    for other in [&owner, &stranger] {
        other.delete(&path).await.expect_problem(404, "not_found");
    }
    stranger.delete(&format!("/api/v1/sessions/{there_id}")).await.expect_problem(404, "not_found");
    here.delete(&format!("/api/v1/sessions/{there_id}")).await.expect_problem(403, "forbidden");
    key.get("/api/v1/me/sessions").await.expect_problem(403, "forbidden");
    here.delete(&path).await.expect(StatusCode::NO_CONTENT);
    there.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    here.delete(&path).await.expect_problem(404, "not_found");
    assert_eq!(here.delete("/api/v1/me/sessions").await.expect_ok().json()["ended"], 1);
    phone.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    let all = owner.get("/api/v1/sessions").await.expect_ok().json();
    let who: Vec<_> = all["sessions"].as_array().unwrap().iter().map(|one| one["who"].clone()).collect();
    assert!(who.contains(&json!("Sanne de Wit")) && who.contains(&Value::Null) && who.len() == 2, "{who:?}");
    assert_eq!(owner.delete(&format!("/api/v1/users/{id}/sessions")).await.expect_ok().json()["ended"], 1);
    here.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    let admin = test.admin().await;
    let staff = list(admin.clone()).await;
    assert!(staff.iter().all(|one| one["who"] == "admin") && !staff.is_empty());
    // Staff sees those of any customer and ends them; the code's session is the only one left.
    let path = format!("/api/v1/admin/customers/{}/sessions", customer.id);
    let seen = admin.get(&path).await.expect_ok().json();
    let left: Vec<_> =
        seen["sessions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(left.len(), 1);
    test.analyst().await.delete(&format!("{path}/{}", left[0])).await.expect_problem(403, "forbidden");
    admin.delete(&format!("{path}/{}", left[0])).await.expect(StatusCode::NO_CONTENT);
    owner.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    let owner = test.owner(&customer).await;
    let audit = owner.get("/api/v1/audit?action=session.revoke").await.expect_ok().json();
    assert_eq!(audit["data"].as_array().unwrap().len(), 4, "one row each");
}
