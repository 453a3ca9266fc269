//! Sending, over real sockets: what the mail server gets, and what becomes of a mail when the server will not have it.

use std::time::Duration;

use api::config::{Smtp, SmtpTls};
use api::domain::mail::message::{self, Parts};
use api::domain::mail::service;
use api::util::clock::Clock;
use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::time::Millis;

use super::{header, outbox, read, send, with_smtp};
use crate::support::program::{self, Program};
use crate::support::smtp::{MailServer, Manners, USER};
use crate::support::{Actor, TestApp, TestDatabase};

async fn make_key(owner: &Actor, name: &str) {
    owner.post("/api/v1/keys", &json!({ "name": name })).await.expect(StatusCode::CREATED);
}

/// A mail in the outbox.
async fn one(admin: &Actor) -> Value {
    let mails = outbox(admin, "").await;
    assert_eq!(mails.len(), 1);
    mails[0].clone()
}

/// MAIL-02, MAIL-03, I18N-04: a mail goes out protected, after signing in, and a mail program that is not ours reads the
/// words that staff sees, in both forms, with the name of the key as it was typed.
#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    for (tls, manners) in [
        (SmtpTls::StartTls, Manners { starttls: true, signs_in: true, ..Manners::default() }),
        (SmtpTls::Tls, Manners { tls: true, signs_in: true, ..Manners::default() }),
        (SmtpTls::None, Manners::default()),
    ] {
        let server = MailServer::start(manners.clone()).await;
        let mut smtp = server.smtp(tls);
        if manners.signs_in {
            smtp.credentials = Some((USER.0.to_owned(), USER.1.to_owned().into()));
        }
        let test = with_smtp(smtp).await;
        let customer = test.customer().await;
        let (owner, admin) = (test.owner(&customer).await, test.admin().await);
        let name = "Poort ‘één’ – €5 🚚 日本";
        make_key(&owner, name).await;
        assert_eq!(one(&admin).await["state"], "queued");
        assert_eq!((send(&test).await, send(&test).await), (1, 0), "once");
        let received = server.received();
        assert_eq!(received.len(), 1);
        assert_eq!(
            (received[0].from.as_str(), received[0].to.clone()),
            ("noreply@mvai.example", vec!["k0@klant.example".to_owned()])
        );
        assert_eq!(received[0].protected, tls != SmtpTls::None);
        let mail = read(&received[0]);
        assert_eq!(header(&mail, "Subject"), format!("Nieuwe API-sleutel: {name}"));
        assert_eq!(header(&mail, "From"), "MVAI Connexx <noreply@mvai.example>");
        assert_eq!(header(&mail, "To"), "k0@klant.example");
        assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
        assert_eq!(header(&mail, "Content-Language"), "nl");
        assert!(header(&mail, "Date").starts_with("Sun, 22 Nov 2026 12:00:00"));
        let sent = one(&admin).await;
        let id = sent["id"].as_str().unwrap();
        assert_eq!(header(&mail, "Message-ID"), format!("<{id}@mvai.example>"));
        let stored = admin.get(&format!("/api/v1/admin/mails/{id}")).await.expect_ok().json();
        let parts = mail["parts"].as_array().unwrap();
        assert_eq!(
            (parts.len(), &parts[0]["type"], &parts[1]["type"]),
            (2, &json!("text/plain"), &json!("text/html"))
        );
        for (part, form) in parts.iter().zip(["text", "html"]) {
            assert_eq!(
                part["text"].as_str().unwrap().replace("\r\n", "\n"),
                stored[form].as_str().unwrap(),
                "{form}"
            );
        }
        assert_eq!(
            (&sent["state"], &sent["attempts"], &sent["answer"], &sent["sent_at"]),
            (
                &json!("sent"),
                &json!(1),
                &json!("250 2.0.0 taken as 4711"),
                &json!("2026-11-22T12:00:00.000Z")
            )
        );
        // The password went over the protected way alone.
        assert!(server.said().iter().all(|(protected, said)| *protected || !said.starts_with("AUTH")));
        admin
            .post(&format!("/api/v1/admin/mails/{id}/retry"), &json!({}))
            .await
            .expect_problem(409, "state_conflict");
    }
}

/// MAIL-02: whoever is not the server that was meant hears neither password nor mail: unknown authority, another name, no
/// STARTTLS. The same server with the right name is the control.
#[tokio::test]
async fn only_the_right_server_hears_anything() {
    let user = Some((USER.0.to_owned(), USER.1.to_owned().into()));
    for tls in [SmtpTls::StartTls, SmtpTls::Tls] {
        let manners = Manners {
            starttls: tls == SmtpTls::StartTls,
            tls: tls == SmtpTls::Tls,
            signs_in: true,
            ..Manners::default()
        };
        let server = MailServer::start(manners.clone()).await;
        let good = Smtp { credentials: user.clone(), ..server.smtp(tls) };
        let unknown = Smtp { ca: None, ..good.clone() };
        let elsewhere = Smtp { server: "127.0.0.1".to_owned(), ..good.clone() };
        for (smtp, taken) in [(unknown, false), (elsewhere, false), (good.clone(), true)] {
            let test = with_smtp(smtp).await;
            let admin = test.admin().await;
            let tried = admin
                .post("/api/v1/admin/mail/tests", &json!({ "to": "beheer@mvai.example" }))
                .await
                .expect_ok()
                .json();
            assert_eq!(tried["accepted"], json!(taken), "{tried}");
            assert_eq!(tried["stage"], if taken { "taken" } else { "tls" }, "{tried}");
            if !taken {
                assert!(tried["answer"].as_str().unwrap().contains("certificate"), "{tried}");
                assert!(
                    server.said().iter().all(|(_, said)| said.starts_with("EHLO") || said == "STARTTLS"),
                    "{:?}",
                    server.said()
                );
            }
        }
        assert_eq!(server.received().len(), 1);
        // Somebody on the way who hides that the server offers it.
        if tls == SmtpTls::StartTls {
            server.behave(Manners { starttls: false, ..manners });
            let before = server.said().len();
            let test = with_smtp(good).await;
            let tried = test
                .admin()
                .await
                .post("/api/v1/admin/mail/tests", &json!({ "to": "a@b.example" }))
                .await
                .expect_ok()
                .json();
            assert_eq!((&tried["accepted"], &tried["stage"]), (&json!(false), &json!("tls")));
            assert!(server.said()[before..].iter().all(|(_, said)| said.starts_with("EHLO")));
        }
    }
}

/// MAIL-01: a mail that is not taken waits 1, 5 and 30 minutes, 2, 6 and 12 hours, and is given up then; staff has it tried
/// again, and it goes out once the server is back.
#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let port = program::free_port();
    let test = with_smtp(Smtp::local(port)).await;
    let customer = test.customer().await;
    let (owner, admin) = (test.owner(&customer).await, test.admin().await);
    make_key(&owner, "Een").await;
    let created = test.clock.now().0;
    let mut waited = Vec::new();
    loop {
        assert_eq!(send(&test).await, 1);
        let admin = test.admin().await;
        let mail = one(&admin).await;
        let Some(next) = mail["next_attempt_at"].as_str() else {
            assert_eq!((&mail["state"], &mail["attempts"]), (&json!("failed"), &json!(7)));
            break;
        };
        assert_eq!(mail["state"], "queued");
        assert!(!mail["answer"].as_str().unwrap().is_empty());
        let next = Millis::from_rfc3339(next).unwrap().0;
        let now = test.clock.now().0;
        waited.push((next - now) / 60_000);
        test.clock.advance(next - now - 1);
        assert_eq!(send(&test).await, 0, "not before its time");
        test.clock.advance(1);
    }
    assert_eq!(waited, [1, 5, 30, 120, 360, 720]);
    assert_eq!(test.clock.now().0 - created, waited.iter().sum::<i64>() * 60_000);
    drop(admin);
    let admin = test.admin().await;
    let id = one(&admin).await["id"].as_str().unwrap().to_owned();
    admin.post(&format!("/api/v1/admin/mails/{id}/retry"), &json!({})).await.expect_ok();
    let rows = admin.get("/api/v1/admin/audit?action=mail.retry").await.expect_ok().json();
    assert_eq!((rows["data"].as_array().unwrap().len(), &rows["data"][0]["target"]), (1, &json!(id)));
    // The same port, so that the settings are those of before.
    let server = MailServer::start_at(port, Manners::default()).await;
    assert_eq!(send(&test).await, 1);
    assert_eq!(one(&admin).await["state"], "sent");
    assert_eq!(server.received().len(), 1);
}

/// MAIL-01: a server that puts off (greylisting), at any step, gets the mail later, once.
#[tokio::test]
async fn a_server_that_puts_off_gets_it_later() {
    let later = Some("451 4.7.1 greylisted, come back");
    for manners in [
        Manners { greeting: Some("421 4.3.2 busy"), ..Manners::default() },
        Manners { sender: later, ..Manners::default() },
        Manners { recipient: later, ..Manners::default() },
        Manners { content: later, ..Manners::default() },
        Manners { leaves: true, ..Manners::default() },
    ] {
        let server = MailServer::start(manners).await;
        let test = with_smtp(server.smtp(SmtpTls::None)).await;
        let customer = test.customer().await;
        let (owner, admin) = (test.owner(&customer).await, test.admin().await);
        make_key(&owner, "Een").await;
        assert_eq!(send(&test).await, 1);
        assert_eq!(one(&admin).await["state"], "queued");
        server.behave(Manners::default());
        test.clock.advance(60_000);
        assert_eq!(send(&test).await, 1);
        assert_eq!(one(&admin).await["state"], "sent");
        assert_eq!(server.received().len(), 1);
    }
}

/// MAIL-01: an address that does not exist gets no more mail, and the server is not even asked, until staff says otherwise;
/// a refusal for another reason gives the mail up and leaves the address alone.
#[tokio::test]
async fn refusals_for_good() {
    for (manners, state) in [
        (Manners { recipient: Some("550 5.1.1 no such user"), ..Manners::default() }, "suppressed"),
        (Manners { recipient: Some("550 5.7.1 relaying denied"), ..Manners::default() }, "failed"),
        (Manners { content: Some("554 5.6.0 not like this"), ..Manners::default() }, "failed"),
        (Manners { sender: Some("550 5.1.8 who are you"), ..Manners::default() }, "failed"),
    ] {
        let server = MailServer::start(manners).await;
        let test = with_smtp(server.smtp(SmtpTls::None)).await;
        let customer = test.customer().await;
        let (owner, admin) = (test.owner(&customer).await, test.admin().await);
        make_key(&owner, "Een").await;
        assert_eq!(send(&test).await, 1);
        let mail = one(&admin).await;
        assert_eq!((&mail["state"], &mail["attempts"]), (&json!(state), &json!(1)), "{mail}");
        assert!(mail["answer"].as_str().unwrap().starts_with("55"), "{mail}");
        server.behave(Manners::default());
        let asked = server.connections();
        make_key(&owner, "Twee").await;
        let gone_out = send(&test).await;
        if state == "failed" {
            assert_eq!((gone_out, server.received().len()), (1, 1), "the address may still be written to");
            continue;
        }
        assert_eq!((gone_out, server.connections()), (0, asked));
        assert_eq!(outbox(&admin, "state=suppressed").await.len(), 2);
        let id = mail["id"].as_str().unwrap();
        admin.post(&format!("/api/v1/admin/mails/{id}/retry"), &json!({})).await.expect_ok();
        make_key(&owner, "Drie").await;
        assert_eq!((send(&test).await, server.received().len()), (2, 2), "the address got another chance");
        assert_eq!(outbox(&admin, "state=suppressed").await.len(), 0);
    }
}

/// MAIL-01: a server that falls silent at any step costs its time and no more; requests go on meanwhile.
#[tokio::test]
async fn a_silent_server_is_given_up() {
    for silent_at in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let server = MailServer::start(Manners { silent_at: Some(silent_at), ..Manners::default() }).await;
        let smtp = Smtp { patience: Duration::from_millis(150), ..server.smtp(SmtpTls::None) };
        let test = with_smtp(smtp).await;
        let customer = test.customer().await;
        let (owner, admin) = (test.owner(&customer).await, test.admin().await);
        make_key(&owner, "Een").await;
        let app = test.app.clone();
        let sending = tokio::spawn(async move { api::domain::mail::worker::work_off(&app).await.unwrap() });
        while server.connections() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        owner.get("/api/v1/keys").await.expect_ok();
        make_key(&owner, "Twee").await;
        let tried = tokio::time::timeout(Duration::from_secs(20), sending).await.unwrap().unwrap();
        assert!(tried >= 1);
        let mails = outbox(&admin, "state=queued").await;
        assert_eq!(mails.len(), 2, "{silent_at}");
        let tried = mails.iter().find(|mail| mail["attempts"] == 1).unwrap();
        assert!(tried["answer"].as_str().unwrap().starts_with("no answer within"), "{tried}");
    }
}

/// MAIL-01: several servers share the work: each mail goes out once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_servers_send_each_mail_once() {
    let server = MailServer::start(Manners::default()).await;
    let test = with_smtp(server.smtp(SmtpTls::None)).await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    for at in 0..30 {
        make_key(&owner, &format!("Sleutel {at}")).await;
    }
    // Servers of their own on the same database, each with its own locks.
    let mut servers = vec![test.app.clone()];
    for _ in 0..2 {
        let opened = match &test.database {
            TestDatabase::Sqlite(..) => test.app.db.clone(),
            TestDatabase::Postgres { .. } => {
                api::db::Db::open(&test.app.config.storage, api::config::Durability::Relaxed, false)
                    .await
                    .unwrap()
                    .db
            }
        };
        let clock = Clock::fixed(test.clock.now());
        servers.push(api::app::App::new(test.app.config.clone(), opened, clock).unwrap());
    }
    let working: Vec<_> = servers
        .into_iter()
        .map(|app| tokio::spawn(async move { api::domain::mail::worker::work_off(&app).await.unwrap() }))
        .collect();
    let mut tried = 0;
    for work in working {
        tried += work.await.unwrap();
    }
    let mut ids: Vec<_> = server.received().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!((tried, ids.len()), (30, 30));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 30);
}

/// MAIL-01, OPS-02: the real program is killed in the middle of handing a mail over: after the restart it goes out, once. Only
/// when it is killed between the server's yes and writing it down does it go out again, and then under the same number.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_in_the_middle_loses_and_doubles_nothing() {
    if TestDatabase::is_postgres() {
        println!("skipped: the program under test keeps its data in a file");
        return;
    }
    let server = MailServer::start(Manners { silent_at: Some("DATA"), ..Manners::default() }).await;
    let folder = tempfile::tempdir().unwrap();
    let (dir, port) = (folder.path().to_owned(), server.port.to_string());
    let watched = server.clone();
    tokio::task::spawn_blocking(move || {
        let vars = [
            ("SMTP_SERVER", "127.0.0.1"),
            ("SMTP_PORT", port.as_str()),
            ("SMTP_FROM_EMAIL", "noreply@mvai.example"),
            ("SMTP_TLS", "none"),
        ];
        let mut first = Program::start(&dir, &vars);
        first.tenant("Klant");
        let until = std::time::Instant::now() + Duration::from_secs(30);
        while !watched.said().iter().any(|(_, said)| said == "DATA") {
            assert!(std::time::Instant::now() < until, "{}", first.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
        first.kill();
        watched.behave(Manners::default());
        // The lease of the dead server ends; nobody waits ten minutes for that here.
        let database = rusqlite::Connection::open(program::database(&dir)).unwrap();
        let held = database
            .execute("UPDATE mail SET lease_until = 1 WHERE state = 'queued' AND lease IS NOT NULL", [])
            .unwrap();
        assert_eq!(held, 1, "the dead server had it");
        drop(database);
        let second = Program::start(&dir, &vars);
        while watched.received().is_empty() {
            assert!(std::time::Instant::now() < until + Duration::from_secs(30), "{}", second.errors());
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_secs(4));
        drop(second);
    })
    .await
    .unwrap();
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert!(read(&received[0])["parts"][0]["text"].as_str().unwrap().contains("Sleutel"));
}

/// MAIL-01: a mail whose going out was not written down goes out again with the number that it had.
#[tokio::test]
async fn a_second_time_has_the_same_number() {
    let server = MailServer::start(Manners::default()).await;
    let test = with_smtp(server.smtp(SmtpTls::None)).await;
    let customer = test.customer().await;
    make_key(&test.owner(&customer).await, "Een").await;
    assert_eq!(send(&test).await, 1);
    test.run_sql("UPDATE mail SET state = 'queued', lease = 'x', lease_until = next_attempt_at + 600000")
        .await;
    assert_eq!(send(&test).await, 0, "as long as the lease holds");
    test.clock.advance(600_000);
    assert_eq!(send(&test).await, 1);
    let numbers: Vec<_> = server.received().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!((numbers.len(), &numbers[0]), (2, &numbers[1]));
}

/// MAIL-03, I18N-04: dots at the beginning of lines, lines without an end, and every sign of Unicode arrive as they are.
#[tokio::test]
async fn words_arrive_as_they_are() {
    let server = MailServer::start(Manners::default()).await;
    let test = TestApp::new().await;
    let smtp = server.smtp(SmtpTls::None);
    let way = service::way(&test.app.config, &smtp).unwrap();
    let long = format!("{} {}", "x".repeat(5_000), "één ".repeat(400));
    let texts = [
        ".\n..\n.a\n\n.\n".to_owned(),
        format!("{long}\n.{long}\n"),
        "QUIT\nMAIL FROM:<a@b.example>\nFrom begin\n= =3D =\n \u{a0}einde \n".to_owned(),
        "日本語 العربية עברית 🚚 \u{feff}é e\u{301}\n".to_owned(),
    ];
    for (at, text) in texts.iter().enumerate() {
        let subject = format!("{at} {}", text.lines().next().unwrap().chars().take(300).collect::<String>());
        let parts = Parts {
            id: "1",
            recipient: "k@klant.example",
            language: "nl",
            subject: &subject,
            text,
            html: text,
        };
        let file = message::AttachedFile {
            name: "één bestand.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            bytes: text.clone().into_bytes(),
        };
        let message = message::build(&smtp, &parts, Some(file), test.clock.now()).unwrap();
        way.deliver(&message).await.unwrap();
        let mail = read(&server.received()[at]);
        let found: Vec<_> = mail["parts"].as_array().unwrap().clone();
        for part in &found[..2] {
            assert_eq!(part["text"].as_str().unwrap().replace("\r\n", "\n"), *text);
        }
        assert_eq!(found[2]["file_name"], "één bestand.csv");
        let bytes = base64::Engine::decode(
            &base64::engine::general_purpose::STANDARD,
            found[2]["base64"].as_str().unwrap(),
        )
        .unwrap();
        assert_eq!(bytes, text.as_bytes());
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(header(&mail, "Subject")), squeezed(&subject));
    }
}

/// MAIL-02, SEC-16: the test button says how far it got and what the server said, and keeps nothing.
#[tokio::test]
async fn the_test_button_tells_what_the_server_said() {
    let refuse = Some("550 5.7.1 not from here");
    for (manners, stage, answer) in [
        (Manners::default(), "taken", "250 2.0.0 taken as 4711"),
        (Manners { greeting: Some("554 no service"), ..Manners::default() }, "connect", "554 no service"),
        (Manners { signs_in: true, ..Manners::default() }, "sender", "530 5.7.0 sign in first"),
        (Manners { sender: refuse, ..Manners::default() }, "sender", "550 5.7.1 not from here"),
        (Manners { recipient: refuse, ..Manners::default() }, "recipient", "550 5.7.1 not from here"),
        (Manners { content: refuse, ..Manners::default() }, "content", "550 5.7.1 not from here"),
    ] {
        let server = MailServer::start(manners).await;
        let test = with_smtp(server.smtp(SmtpTls::None)).await;
        let admin = test.admin().await;
        let tried = admin
            .post("/api/v1/admin/mail/tests", &json!({ "to": "beheer@mvai.example" }))
            .await
            .expect_ok()
            .json();
        assert_eq!(tried, json!({ "accepted": stage == "taken", "stage": stage, "answer": answer }));
        assert_eq!(outbox(&admin, "").await.len(), 0);
        let rows = admin.get("/api/v1/admin/audit?action=mail.test").await.expect_ok().json();
        let accepted =
            json!([{ "field": "accepted", "before": null, "after": (stage == "taken").to_string() }]);
        assert_eq!((rows["data"].as_array().unwrap().len(), &rows["data"][0]["changes"]), (1, &accepted));
        for bad in ["", "x", "a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example,c@d.example"] {
            admin
                .post("/api/v1/admin/mail/tests", &json!({ "to": bad }))
                .await
                .expect_problem(422, "invalid_body");
        }
    }
    // Signing in with the wrong password.
    let server = MailServer::start(Manners { starttls: true, signs_in: true, ..Manners::default() }).await;
    let wrong = Some((USER.0.to_owned(), "hunter2".to_owned().into()));
    let test = with_smtp(Smtp { credentials: wrong, ..server.smtp(SmtpTls::StartTls) }).await;
    let tried = test
        .admin()
        .await
        .post("/api/v1/admin/mail/tests", &json!({ "to": "a@b.example" }))
        .await
        .expect_ok()
        .json();
    assert_eq!((&tried["stage"], &tried["answer"]), (&json!("sign_in"), &json!("535 5.7.8 no")));
    let setup = test.admin().await.get("/api/v1/admin/mail").await.expect_ok();
    assert!(setup.text().contains("\"security\":\"starttls\"") && !setup.text().contains("hunter2"));
}
