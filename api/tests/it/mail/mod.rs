//! Outgoing mail: written with its cause, sent over real sockets, read by a mail program that is not ours.

mod exports;
mod outbox;
mod sending;

use std::io::Write;
use std::process::{Command, Stdio};

use api::config::Smtp;
use api::domain::mail::worker;
use serde_json::Value;

use crate::support::smtp::Received;
use crate::support::{Actor, TestApp};

/// An application that sends through a mail server.
async fn with_smtp(smtp: Smtp) -> TestApp {
    TestApp::with(|config| {
        config.smtp = Some(smtp);
        config.public_url = Some("https://mvai.example".to_owned());
    })
    .await
}

/// Mails in the outbox, newest first; `filter` is a query string.
async fn outbox(admin: &Actor, filter: &str) -> Vec<Value> {
    let page = admin.get(&format!("/api/v1/admin/mails?{filter}")).await.expect_ok().json();
    page["data"].as_array().unwrap().clone()
}

/// The words of the newest mail.
async fn newest(admin: &Actor) -> Value {
    let id = outbox(admin, "limit=1").await[0]["id"].as_str().unwrap().to_owned();
    admin.get(&format!("/api/v1/admin/mails/{id}")).await.expect_ok().json()
}

/// Sends what is due, and says how many mails were tried.
async fn send(test: &TestApp) -> usize {
    worker::work_off(&test.app).await.unwrap()
}

/// A message as Python's `email` reads it; it finds nothing wrong with it.
fn read(mail: &Received) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/mail/read.py");
    let mut reader = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 reads the messages");
    reader.stdin.take().unwrap().write_all(&mail.bytes).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success());
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read["defects"], serde_json::json!([]));
    read
}

/// A header of a message that was read.
fn header<'a>(read: &'a Value, name: &str) -> &'a str {
    let found = read["headers"].as_array().unwrap().iter().find(|pair| pair[0] == name);
    found.unwrap_or_else(|| panic!("no {name}"))[1].as_str().unwrap()
}
