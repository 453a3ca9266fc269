//! The outbox: written with its cause, held without a mail server, told once, and what staff sees of it.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{newest, outbox};
use crate::support::{Actor, TestApp};

const DAY_MS: i64 = 86_400_000;

async fn make_key(owner: &Actor, body: &Value) -> (String, String) {
    let made = owner.post("/api/v1/keys", body).await.expect(StatusCode::CREATED).json();
    (made["id"].as_str().unwrap().to_owned(), made["api_key"].as_str().unwrap().to_owned())
}

fn kinds(mails: &[Value]) -> Vec<&str> {
    mails.iter().rev().map(|mail| mail["kind"].as_str().unwrap()).collect()
}

/// MAIL-01, KEY-08, I18N-01: making, replacing and revoking a key writes a mail in the same transaction, in the language of
/// the customer; what is refused writes none. Without a mail server it is held, staff reads it, and nothing fails.
#[tokio::test]
async fn keys_are_told_about_with_their_cause() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let (owner, admin) = (test.owner(&customer).await, test.admin().await);
    let (id, secret) = make_key(&owner, &json!({ "name": "Poort <b>3</b>" })).await;
    owner.post("/api/v1/keys", &json!({ "name": "Poort <b>3</b>" })).await.expect_problem(409, "name_taken");
    let created = newest(&admin).await;
    let mail = &created["mail"];
    assert_eq!(
        (&mail["kind"], &mail["state"], &mail["recipient"], &mail["customer_id"], &mail["language"]),
        (
            &json!("key_created"),
            &json!("held"),
            &json!("k0@klant.example"),
            &json!(customer.id),
            &json!("nl")
        )
    );
    assert_eq!(mail["subject"], "Nieuwe API-sleutel: Poort <b>3</b>");
    assert_eq!(
        (&mail["attempts"], &mail["next_attempt_at"], &mail["answer"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    let (text, html) = (created["text"].as_str().unwrap(), created["html"].as_str().unwrap());
    assert!(text.contains("Klant 0") && text.contains("22 nov 2027 13:00 (Europe/Amsterdam)"), "{text}");
    assert!(text.contains("http://localhost:5000/app/sleutels"));
    assert!(html.contains("Poort &lt;b&gt;3&lt;/b&gt;") && !html.contains("<b>"));
    assert!(text.contains(&secret[..18]) && !text.contains(&secret[18..40]), "the key itself is in no mail");

    // Mails of one instant have no order.
    test.clock.advance(1_000);
    owner.patch("/api/v1/me", &json!({ "language": "en" })).await.expect_ok();
    let rotate = format!("/api/v1/keys/{id}/rotate");
    let rotated =
        owner.post(&rotate, &json!({ "overlap_hours": 24 })).await.expect(StatusCode::CREATED).json();
    let told = newest(&admin).await;
    assert_eq!(told["mail"]["subject"], "API key replaced: Poort <b>3</b>");
    assert!(told["text"].as_str().unwrap().contains("The old key works until 23 Nov 2026 13:00"));
    test.clock.advance(1_000);
    let revoke = format!("/api/v1/keys/{}/revoke", rotated["id"].as_str().unwrap());
    owner.post(&revoke, &json!({})).await.expect_ok();
    owner.post(&revoke, &json!({})).await.expect_ok();
    test.clock.advance(1_000);
    // Staff can revoke as well, and the owner hears of it.
    let by_staff = format!("/api/v1/admin/customers/{}/keys/{id}/revoke", customer.id);
    admin.post(&by_staff, &json!({})).await.expect_ok();
    assert!(newest(&admin).await["text"].as_str().unwrap().contains("an administrator of MVAI Connexx"));
    let all = outbox(&admin, "").await;
    assert_eq!(kinds(&all), ["key_created", "key_rotated", "key_revoked", "key_revoked"], "once each");
    assert_eq!(super::send(&test).await, 0);
    let retry = format!("/api/v1/admin/mails/{}/retry", all[0]["id"].as_str().unwrap());
    admin.post(&retry, &json!({})).await.expect_problem(409, "mail_not_set_up");
    admin
        .post("/api/v1/admin/mail/tests", &json!({ "to": "a@b.example" }))
        .await
        .expect_problem(409, "mail_not_set_up");
}

/// MAIL-01: when the cause does not come about, neither does the mail, and the other way round.
#[tokio::test]
async fn cause_and_mail_stand_or_fall_together() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    test.run_sql("ALTER TABLE mail RENAME TO mail_away").await;
    let failed = owner.post("/api/v1/keys", &json!({ "name": "Een" })).await;
    assert!(failed.status.is_server_error());
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM api_key").await, 0);
    test.run_sql("ALTER TABLE mail_away RENAME TO mail").await;
    make_key(&owner, &json!({ "name": "Een" })).await;
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM mail").await, 1);
}

async fn warn(test: &TestApp) -> u64 {
    api::domain::keys::service::warn_expiring(&test.app).await.unwrap()
}

/// KEY-08: the owner is told 30, 7 and 1 days before a key ends, once each, whatever restarts and however many servers
/// look at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_end_of_a_key_is_told_once_each() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    make_key(&owner, &json!({ "name": "Poort", "expires_in_days": 60 })).await;
    let (revoked, _) = make_key(&owner, &json!({ "name": "Weg", "expires_in_days": 60 })).await;
    let (replaced, _) = make_key(&owner, &json!({ "name": "Oud", "expires_in_days": 60 })).await;
    make_key(&owner, &json!({ "name": "Eeuwig", "expires_in_days": null })).await;
    owner.post(&format!("/api/v1/keys/{revoked}/revoke"), &json!({})).await.expect_ok();
    let mut told = Vec::new();
    for day in 0..=61 {
        if day == 20 {
            // The key that replaces it has a life of its own.
            let owner = test.owner(&customer).await;
            owner
                .post(&format!("/api/v1/keys/{replaced}/rotate"), &json!({ "overlap_hours": 720 }))
                .await
                .expect(StatusCode::CREATED);
        }
        let servers: Vec<_> = (0..4)
            .map(|_| {
                let app = test.app.clone();
                tokio::spawn(async move { api::domain::keys::service::warn_expiring(&app).await.unwrap() })
            })
            .collect();
        let mut count = 0;
        for server in servers {
            count += server.await.unwrap();
        }
        if count > 0 {
            let owner_told = newest(&test.admin().await).await;
            told.push((day, count, owner_told["mail"]["subject"].as_str().unwrap().to_owned()));
        }
        test.clock.advance(DAY_MS);
    }
    let expected = [
        (30, "API-sleutel verloopt binnen 30 dagen: Poort"),
        (50, "API-sleutel verloopt binnen 30 dagen: Oud"),
        (53, "API-sleutel verloopt binnen 7 dagen: Poort"),
        (59, "API-sleutel verloopt binnen een dag: Poort"),
    ];
    let told: Vec<_> = told.iter().map(|(day, count, subject)| (*day, *count, subject.as_str())).collect();
    assert_eq!(told, expected.map(|(day, subject)| (day, 1, subject)));
}

/// KEY-08: a key with a short life gets the notices that fit into it, and what a server missed while it was away is not
/// made up for twice.
#[tokio::test]
async fn short_lives_and_outages() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let (short, _) = make_key(&owner, &json!({ "name": "Kort", "expires_in_days": 5 })).await;
    make_key(&owner, &json!({ "name": "Lang", "expires_in_days": 90 })).await;
    assert_eq!(warn(&test).await, 0, "made a moment ago");
    test.clock.advance(4 * DAY_MS + 1);
    assert_eq!(warn(&test).await, 1);
    let days = "SELECT warned_days AS n FROM api_key WHERE name = 'Kort'";
    assert_eq!(test.number(days).await, 1);
    // Away until 12 hours before the end: one notice, the last one.
    test.clock.advance(85 * DAY_MS + DAY_MS / 2);
    assert_eq!((warn(&test).await, warn(&test).await), (1, 0));
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM mail WHERE kind = 'key_expiring'").await, 2);
    let subjects =
        test.texts("SELECT subject AS text FROM mail WHERE kind = 'key_expiring' ORDER BY id").await;
    assert_eq!(
        subjects,
        ["API-sleutel verloopt binnen een dag: Kort", "API-sleutel verloopt binnen een dag: Lang"]
    );
    // Nobody is told about a key that ended, or whose customer is gone.
    test.clock.advance(DAY_MS);
    assert_eq!(warn(&test).await, 0);
    test.run_sql(&format!(
        "UPDATE api_key SET expires_at = expires_at + 43200000000, warned_days = NULL WHERE id <> '{short}'"
    ))
    .await;
    test.run_sql("UPDATE customer SET status = 'closed'").await;
    test.clock.advance(480 * DAY_MS);
    assert_eq!(warn(&test).await, 0);
    test.run_sql("UPDATE customer SET status = 'active'").await;
    assert_eq!(warn(&test).await, 1, "the control: it was due");
}

/// MAIL-01, GEN-07: the outbox is filtered and read page by page; sent, failed and held mails go after 90 days.
#[tokio::test]
async fn staff_reads_the_outbox() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let (owner, admin) = (test.owner(&customer).await, test.admin().await);
    for at in 0..5 {
        let (id, _) = make_key(&owner, &json!({ "name": format!("Sleutel {at}") })).await;
        owner.post(&format!("/api/v1/keys/{id}/revoke"), &json!({})).await.expect_ok();
        test.clock.advance(1_000);
    }
    let created = outbox(&admin, "kind=key_created").await;
    assert_eq!(created.len(), 5);
    assert_eq!((outbox(&admin, "state=held").await.len(), outbox(&admin, "state=sent").await.len()), (10, 0));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/admin/mails?kind=key_created&limit=2{cursor}");
        let page = admin.get(&path).await.expect_ok().json();
        seen.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, created);
    admin.get(&format!("/api/v1/admin/mails?kind=test{cursor}")).await.expect_problem(400, "cursor_mismatch");
    for bad in ["state=lost", "kind=spam", "limit=0", "who=1"] {
        assert_eq!(
            admin.get(&format!("/api/v1/admin/mails?{bad}")).await.status,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
    let setup = admin.get("/api/v1/admin/mail").await.expect_ok().json();
    assert_eq!((&setup["server"], &setup["from"]), (&Value::Null, &Value::Null));
    let held = setup["counts"].as_array().unwrap().iter().find(|count| count["state"] == "held").unwrap();
    assert_eq!(held["count"], 10);
    // Nobody but administrators: codes of customers and addresses are in it.
    test.analyst().await.get("/api/v1/admin/mails").await.expect_problem(403, "forbidden");
    assert_eq!(api::domain::mail::service::forget_old(&test.app).await.unwrap(), 0);
    test.clock.advance(90 * DAY_MS);
    assert!(api::domain::mail::service::forget_old(&test.app).await.unwrap() >= 8);
}

/// MAIL-03, I18N-01: every kind can be seen in both languages before it goes out to anybody.
#[tokio::test]
async fn every_kind_has_a_preview() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for kind in shared::mail::MailKind::ALL.map(shared::mail::MailKind::as_str) {
        let mut subjects = Vec::new();
        for language in ["nl", "en"] {
            let path = format!("/api/v1/admin/mail/preview?kind={kind}&language={language}");
            let preview = admin.get(&path).await.expect_ok().json();
            assert_eq!((&preview["kind"], &preview["language"]), (&json!(kind), &json!(language)));
            let (text, html) = (preview["text"].as_str().unwrap(), preview["html"].as_str().unwrap());
            assert!(html.contains(&format!("<html lang=\"{language}\">")));
            for word in ["<img", "<script", "src=", "url(", "[[link]]"] {
                assert!(!html.contains(word) && !text.contains(word), "{kind} {language}: {word}");
            }
            subjects.push(preview["subject"].as_str().unwrap().to_owned());
        }
        assert_ne!(subjects[0], subjects[1], "{kind}");
    }
    for bad in ["", "kind=spam", "kind=test&language=de"] {
        let path = format!("/api/v1/admin/mail/preview?{bad}");
        admin.get(&path).await.expect_problem(400, "invalid_parameter");
    }
}
