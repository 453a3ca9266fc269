//! Exports by mail: to the customer itself alone, with the file or with a link to that file.

use api::config::SmtpTls;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use base64::Engine;
use serde_json::{Value, json};

use super::{header, newest, outbox, read, send, with_smtp};
use crate::exports::{ask, work_off};
use crate::support::smtp::{MailServer, Manners};
use crate::support::{Actor, TestApp, upload};

const HOUR_MS: i64 = 3_600_000;

/// An application, its mail server, an owner with logs, and the administrator.
async fn scene(big: bool) -> (TestApp, MailServer, Actor, Actor) {
    let server = MailServer::start(Manners::default()).await;
    let test = with_smtp(server.smtp(SmtpTls::None)).await;
    let customer = test.customer().await;
    let (owner, admin) = (test.owner(&customer).await, test.admin().await);
    let words = "kanariegeheim ".repeat(if big { 250 } else { 1 });
    let lines: Vec<String> = (0..if big { 2_000 } else { 20 })
        .map(|at| json!({ "kind": "scan", "message": format!("{at} {words}") }).to_string())
        .collect();
    for part in lines.chunks(500) {
        upload(&owner, part).await;
    }
    (test, server, owner, admin)
}

fn by_mail() -> Value {
    json!({ "format": "csv", "email_to": "K0@klant.example" })
}

async fn deleted(owner: &Actor, id: &str) {
    owner.send(Method::DELETE, &format!("/api/v1/jobs/{id}"), None, Body::empty()).await.expect_ok();
}

/// The path of the link in a mail.
fn link(mail: &Value) -> String {
    let text = mail["parts"][0]["text"].as_str().unwrap();
    let line = text.lines().find(|line| line.contains("/downloads/")).unwrap_or_else(|| panic!("{text}"));
    assert!(mail["parts"][1]["text"].as_str().unwrap().contains(&format!("href=\"{}\"", line.trim())));
    line.trim().strip_prefix("https://mvai.example").unwrap().to_owned()
}

/// EXP-06: a small export travels with the mail, byte for byte the file that can be fetched; the mail is written in the
/// transaction that makes the file ready, and says nothing of what is in it.
#[tokio::test]
async fn a_small_export_travels_with_the_mail() {
    let (test, server, owner, admin) = scene(false).await;
    let id = ask(&owner, &by_mail()).await;
    assert_eq!(outbox(&admin, "").await.len(), 0, "not before the file is there");
    work_off(&test).await;
    let waiting = newest(&admin).await;
    assert_eq!(
        (&waiting["mail"]["kind"], &waiting["mail"]["recipient"]),
        (&json!("export_ready"), &json!("k0@klant.example"))
    );
    let name = waiting["mail"]["attachment"].as_str().unwrap().to_owned();
    assert!(!waiting.to_string().contains("kanariegeheim"));
    assert_eq!(send(&test).await, 1);
    let file = owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_ok();
    let mail = read(&server.received()[0]);
    let attached = &mail["parts"][2];
    assert_eq!((&attached["file_name"], &attached["type"]), (&json!(name), &json!("text/csv")));
    let bytes =
        base64::engine::general_purpose::STANDARD.decode(attached["base64"].as_str().unwrap()).unwrap();
    assert!(bytes == file.body && file.text().contains("kanariegeheim"));
    assert_eq!(header(&mail, "Subject"), "Uw export is klaar");
    assert!(!mail["parts"][0]["text"].as_str().unwrap().contains("/downloads/"));
    let listed = owner.get("/api/v1/exports").await.expect_ok().json();
    assert_eq!(listed["data"][0]["email_to"], "k0@klant.example");
    // Without `email_to` there is no mail.
    ask(&owner, &json!({ "format": "csv" })).await;
    work_off(&test).await;
    assert_eq!(outbox(&admin, "").await.len(), 1);
}

/// EXP-06: nothing goes to anybody but the customer itself, whoever asks.
#[tokio::test]
async fn exports_go_to_own_addresses_alone() {
    let (test, _, owner, admin) = scene(false).await;
    let other = test.customer().await;
    for address in ["k1@klant.example", "iemand@elders.example", "k0@klant.example.evil.example"] {
        let input = json!({ "format": "csv", "email_to": address });
        let refused = owner.post("/api/v1/exports", &input).await.expect_problem(422, "invalid_body");
        assert_eq!(
            (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
            (&json!("/email_to"), &json!("not_own_address"))
        );
    }
    for address in ["", "x", "k0@klant.example\r\nBcc: x@y.example", "k0@klant.example, x@y.example"] {
        let input = json!({ "format": "csv", "email_to": address });
        owner.post("/api/v1/exports", &input).await.expect_problem(422, "invalid_body");
    }
    let key = test.key(&owner, Some(&["export:read"])).await;
    ask(&key, &by_mail()).await;
    ask(&test.owner(&other).await, &json!({ "format": "csv", "email_to": "k1@klant.example" })).await;
    work_off(&test).await;
    let mails = outbox(&admin, "kind=export_ready").await;
    let to: Vec<_> = mails
        .iter()
        .map(|mail| (mail["customer_id"].as_i64().unwrap(), mail["recipient"].as_str().unwrap()))
        .collect();
    assert_eq!(to.len(), 2);
    assert!(to.contains(&(1, "k0@klant.example")) && to.contains(&(other.id, "k1@klant.example")));
}

/// EXP-06: a large export comes by a link that needs no sign-in, opens that file alone, in parts as well, as often as it is
/// asked for, until the export is deleted. What looks like a link and is none finds nothing.
#[tokio::test]
async fn a_large_export_comes_by_a_link() {
    let (test, server, owner, admin) = scene(true).await;
    let id = ask(&owner, &by_mail()).await;
    work_off(&test).await;
    assert_eq!(send(&test).await, 1);
    let mail = read(&server.received()[0]);
    assert_eq!(mail["parts"].as_array().unwrap().len(), 2, "no attachment");
    let path = link(&mail);
    let file = owner.get(&format!("/api/v1/exports/{id}/file")).await.expect_ok();
    assert!(file.body.len() > 5 * 1024 * 1024);
    let anybody = test.anon();
    for _ in 0..3 {
        let head = anybody.send(Method::HEAD, &path, None, Body::empty()).await.expect_ok();
        assert!(head.body.is_empty());
        let fetched = anybody.get(&path).await.expect_ok();
        assert!(fetched.body == file.body);
        assert_eq!(fetched.header("content-disposition"), file.header("content-disposition"));
        assert_eq!(fetched.header("cache-control"), "no-store");
    }
    let part = anybody.with("range", "bytes=100-199").get(&path).await.expect(StatusCode::PARTIAL_CONTENT);
    assert!(part.body == file.body[100..200]);
    // The link is nowhere but in the mail: staff sees dots, the database holds no trace of it.
    let token = path.rsplit('/').next().unwrap();
    let shown = newest(&admin).await;
    assert!(!shown.to_string().contains(token) && shown["text"].as_str().unwrap().contains("••••••••"));
    for text in test.texts("SELECT body_text || body_html || COALESCE(answer, '') AS text FROM mail").await {
        assert!(!text.contains(&token[22..]));
    }
    for at in [0, 10, 30, 60] {
        let mut wrong = token.to_owned().into_bytes();
        wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
        let wrong = String::from_utf8(wrong).unwrap();
        anybody.get(&format!("/api/v1/downloads/{wrong}")).await.expect_problem(404, "not_found");
    }
    for wrong in ["x", &token[..22], &token[..63], &format!("{token}AA"), id.as_str()] {
        anybody.get(&format!("/api/v1/downloads/{wrong}")).await.expect_problem(404, "not_found");
    }
    // It is no credential for anything else.
    test.bearer(token).get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(401, "invalid_token");
    anybody.get(&format!("/api/v1/exports/{id}/file")).await.expect_problem(401, "unauthenticated");
    deleted(&owner, &id).await;
    anybody.get(&path).await.expect_problem(410, "export_expired");
}

/// EXP-06: a link ends with its 72 hours, and does not work while the customer is stopped.
#[tokio::test]
async fn a_link_ends() {
    let (test, server, owner, admin) = scene(true).await;
    ask(&owner, &by_mail()).await;
    work_off(&test).await;
    send(&test).await;
    let path = link(&read(&server.received()[0]));
    let anybody = test.anon();
    admin.post("/api/v1/admin/customers/1/suspend", &json!({ "reason": "rekening" })).await.expect_ok();
    anybody.get(&path).await.expect_problem(404, "not_found");
    admin.post("/api/v1/admin/customers/1/reactivate", &json!({})).await.expect_ok();
    test.clock.advance(72 * HOUR_MS - 1);
    anybody.get(&path).await.expect_ok();
    test.clock.advance(1);
    anybody.get(&path).await.expect_problem(410, "export_expired");
}

/// EXP-06, LOG-10: what was deleted or erased before the mail went out is not sent.
#[tokio::test]
async fn what_is_gone_is_not_sent() {
    let (test, server, owner, admin) = scene(false).await;
    let id = ask(&owner, &by_mail()).await;
    work_off(&test).await;
    deleted(&owner, &id).await;
    assert_eq!(send(&test).await, 1);
    let mail = newest(&admin).await;
    assert_eq!(
        (&mail["mail"]["state"], &mail["mail"]["answer"]),
        (&json!("failed"), &json!("the export is gone"))
    );
    assert_eq!(server.connections(), 0);
    ask(&owner, &by_mail()).await;
    work_off(&test).await;
    assert_eq!((send(&test).await, server.received().len()), (1, 1), "the control");
}

/// EXP-06: at most 20 mails about exports in an hour, so that nobody fills a mailbox with a key.
#[tokio::test]
async fn mails_about_exports_are_limited() {
    let (test, _, owner, _) = scene(false).await;
    // Its token would not last an hour.
    let key = test.key(&owner, Some(&["export:read"])).await;
    for _ in 0..20 {
        let id = ask(&owner, &by_mail()).await;
        work_off(&test).await;
        deleted(&owner, &id).await;
    }
    let refused = owner.post("/api/v1/exports", &by_mail()).await;
    refused.expect_problem(429, "rate_limited");
    ask(&owner, &json!({ "format": "csv" })).await;
    test.clock.advance(HOUR_MS + 1);
    ask(&key, &by_mail()).await;
}

/// EXP-06, API-06: links are not tried at will: an address may ask so often, whatever it asks for.
#[tokio::test]
async fn guessing_is_limited_by_address() {
    let test = TestApp::with(|config| config.ratelimit_enabled = true).await;
    let guess = |at: usize| format!("/api/v1/downloads/{at:064}");
    for at in 0..50 {
        test.anon().get(&guess(at)).await.expect_problem(404, "not_found");
    }
    test.anon().get(&guess(50)).await.expect_problem(429, "rate_limited");
    test.anon().from("198.51.100.9:4711").get(&guess(51)).await.expect_problem(404, "not_found");
}
