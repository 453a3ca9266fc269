//! Following logs live: nothing missed, nothing twice, and an end when the right to read ends.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tokio_stream::StreamExt;

use crate::support::{Actor, TestApp, record, upload};

/// A stream that brings nothing for this long hangs.
const HANG: Duration = Duration::from_secs(20);

/// One event, or a comment.
#[derive(Debug, Default, Clone, PartialEq)]
struct Event {
    id: Option<i64>,
    event: String,
    data: String,
    comment: String,
    retry: String,
}

struct Events {
    body: BodyDataStream,
    buffer: String,
}

impl Events {
    async fn open(actor: &Actor, path: &str) -> Self {
        let response = actor.open(Method::GET, path, None, Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        Self::read(response)
    }

    fn read(response: Response) -> Self {
        Self { body: response.into_body().into_data_stream(), buffer: String::new() }
    }

    /// The next block; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let mut event = Event::default();
                for line in block.lines() {
                    match line.split_once(": ").unwrap_or((line, "")) {
                        ("id", value) => event.id = Some(value.parse().unwrap()),
                        ("event", value) => value.clone_into(&mut event.event),
                        ("data", value) => value.clone_into(&mut event.data),
                        ("retry", value) => value.clone_into(&mut event.retry),
                        ("", value) => value.clone_into(&mut event.comment),
                        other => panic!("no line of a stream: {other:?}"),
                    }
                }
                self.buffer = rest.to_owned();
                return Some(event);
            }
            let chunk =
                tokio::time::timeout(HANG, self.body.next()).await.expect("the stream brings something")?;
            self.buffer.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The next log; comments are skipped.
    async fn log(&mut self) -> Value {
        loop {
            let event = self.next().await.expect("the stream goes on");
            match event.event.as_str() {
                "" => {}
                "log" => {
                    let log: Value = serde_json::from_str(&event.data).unwrap();
                    assert_eq!(log["id"].as_i64(), event.id);
                    return log;
                }
                other => panic!("{other}: {}", event.data),
            }
        }
    }

    async fn number(&mut self) -> i64 {
        self.log().await["id"].as_i64().unwrap()
    }

    /// Reads up to the end and gives its reason.
    async fn end(&mut self) -> Value {
        let mut reason = None;
        while let Some(event) = self.next().await {
            if event.event == "end" {
                reason = Some(serde_json::from_str(&event.data).unwrap());
            }
        }
        reason.expect("the stream says why it ends")
    }
}

/// LOG-12, API-02: a new log arrives as the list shows it, with its number as id; what was there before does not.
#[tokio::test]
async fn a_new_log_arrives() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, _, stranger) = app.tenant().await;
    record(&key, r#"{"message":"ervoor"}"#).await;
    let response = owner.open(Method::GET, "/api/v1/logs/stream", None, Body::empty()).await;
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type"), header("cache-control"), header("x-accel-buffering")),
        ("text/event-stream".into(), "no-store".into(), "no".into())
    );
    let mut events = Events::read(response);
    assert_eq!(events.next().await.unwrap().retry, "2000");
    // The heartbeat is a comment.
    assert_eq!(events.next().await.unwrap().comment, "ping");
    record(&stranger, r#"{"message":"van een ander"}"#).await;
    record(&key, "{\"message\":\"nieuw\",\n\"n\":1.10}").await;
    let log = events.log().await;
    assert_eq!(log, key.get("/api/v1/logs/2").await.expect_ok().json());
    upload(&key, &["3".to_owned(), "4".to_owned()]).await;
    assert_eq!((events.number().await, events.number().await), (3, 4));
}

/// LOG-12, SRCH-01: a stream follows a filter, by query and by parameters; test keys follow their own space.
#[tokio::test]
async fn a_stream_respects_its_filter() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let made = owner
        .post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"}))
        .await
        .expect(StatusCode::CREATED)
        .json();
    let test = app.bearer(made["api_key"].as_str().unwrap());
    let mut scans = Events::open(&key, "/api/v1/logs/stream?q=kind:scan%20-fout&level=warning").await;
    let mut field = Events::open(&key, "/api/v1/logs/stream?field.gate=B").await;
    let mut tests = Events::open(&test, "/api/v1/logs/stream").await;
    let lines = [
        r#"{"kind":"scan"}"#,
        r#"{"kind":"scan","level":"warning"}"#,
        r#"{"kind":"scan","level":"warning","txt":"fout"}"#,
        r#"{"kind":"los","level":"warning"}"#,
        r#"{"kind":"scan","level":"warning","gate":"B"}"#,
        r#"{"gate":"B"}"#,
    ];
    record(&test, "1").await;
    for line in lines {
        record(&key, line).await;
    }
    assert_eq!((scans.number().await, scans.number().await), (2, 5));
    assert_eq!((field.number().await, field.number().await), (5, 6));
    assert_eq!(tests.log().await["test"], true);
    record(&test, "2").await;
    assert_eq!(tests.number().await, 2);
    key.get("/api/v1/logs/stream?q=kind:").await.expect_problem(400, "invalid_query");
    key.get("/api/v1/logs/stream?limit=5").await.expect_problem(400, "unknown_parameter");
    app.anon().get("/api/v1/logs/stream").await.expect_problem(401, "unauthenticated");
}

/// LOG-12: a reader that comes back again and again while others write gets every log once, in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resuming_brings_every_log_once() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let key = key.clone();
            tokio::spawn(async move {
                for n in 0..25 {
                    if n % 5 == writer {
                        upload(&key, &vec!["1".to_owned(); 6]).await;
                    } else {
                        record(&key, "2").await;
                    }
                }
            })
        })
        .collect();
    let all = 4 * (5 * 6 + 20);
    let mut seen: Vec<i64> = Vec::new();
    let mut round = 0;
    while seen.len() < all {
        let last = seen.last().copied().unwrap_or_default();
        // By header and by parameter.
        let mut events = if round % 2 == 0 {
            Events::open(&owner.with("last-event-id", &last.to_string()), "/api/v1/logs/stream").await
        } else {
            Events::open(&owner, &format!("/api/v1/logs/stream?last_event_id={last}")).await
        };
        for _ in 0..(7 + round % 20).min(all - seen.len()) {
            seen.push(events.number().await);
        }
        round += 1;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen, (1..=i64::try_from(all).unwrap()).collect::<Vec<_>>());
    // With a filter, numbers that do not fit are passed over and not looked at again.
    record(&key, r#"{"kind":"scan"}"#).await;
    let mut events = Events::open(&owner.with("last-event-id", "0"), "/api/v1/logs/stream?q=kind:scan").await;
    assert_eq!(events.number().await, i64::try_from(all).unwrap() + 1);
    for strange in ["", "abc", "-5", "99999999999999999999"] {
        let mut events = Events::open(&owner, &format!("/api/v1/logs/stream?last_event_id={strange}")).await;
        let number = record(&key, "3").await;
        assert_eq!(events.number().await, number, "{strange}: only what is new");
    }
}

/// LOG-12, ACC-11, KEY-04: a stream ends, saying why, when its customer is suspended, its key revoked or its session ended.
#[tokio::test]
async fn a_stream_ends_with_the_right_to_read() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    let stream = "/api/v1/logs/stream";

    let (_, owner, key) = app.tenant().await;
    let mut events = Events::open(&key, stream).await;
    let mut other = Events::open(&owner, stream).await;
    let id = owner.get("/api/v1/keys").await.expect_ok().json()["keys"][0]["id"].as_str().unwrap().to_owned();
    let revoked = owner.post(&format!("/api/v1/keys/{id}/revoke"), &json!({})).await;
    assert!(revoked.status.is_success(), "{}", revoked.status);
    assert_eq!(events.end().await["code"], "invalid_api_key");
    record(&owner, "1").await;
    assert_eq!(other.number().await, 1, "other streams of the customer go on");

    let english = owner.with("accept-language", "en");
    let mut events = Events::open(&english, stream).await;
    owner.send(Method::POST, "/api/v1/auth/logout", None, Body::empty()).await.expect(StatusCode::NO_CONTENT);
    let reason = events.end().await;
    assert_eq!(
        (&reason["code"], reason["reason"].as_str().is_some_and(|text| text.starts_with("Your session"))),
        (&json!("invalid_token"), true),
        "{reason}"
    );
    assert_eq!(other.end().await["code"], "invalid_token");

    let (customer, owner, key) = app.tenant().await;
    let mut streams = [Events::open(&key, stream).await, Events::open(&owner, stream).await];
    admin
        .post(&format!("/api/v1/admin/customers/{}/suspend", customer.id), &json!({"reason": "onbetaald"}))
        .await
        .expect_ok();
    for (events, codes) in
        streams.iter_mut().zip([["customer_suspended", ""], ["customer_suspended", "invalid_token"]])
    {
        let reason = events.end().await;
        assert!(codes.contains(&reason["code"].as_str().unwrap()), "{reason}");
    }
}

/// LOG-12, OPS-03: a stream ends, saying so, when the server stops.
#[tokio::test]
async fn a_stream_ends_when_the_server_stops() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let mut events = Events::open(&key, "/api/v1/logs/stream").await;
    record(&key, "1").await;
    assert_eq!(events.number().await, 1);
    app.app.stopping.send_replace(true);
    assert_eq!(events.end().await["code"], "stopping");
}

/// LOG-12, SEC-21, GEN-14: streams that nobody reads hold nothing that others need.
#[tokio::test]
async fn streams_that_nobody_reads_hold_nothing_back() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    upload(&key, &vec![r#"{"kind":"scan"}"#.to_owned(); 600]).await;
    let mut streams = Vec::new();
    for _ in 0..24 {
        streams.push(Events::open(&key.with("last-event-id", "0"), "/api/v1/logs/stream").await);
    }
    // Each of them is full and waits; there are more of them than connections to either database.
    for stream in &mut streams {
        assert_eq!(stream.number().await, 1);
    }
    for _ in 0..3 {
        let answer = tokio::time::timeout(HANG, key.get("/api/v1/logs?limit=1")).await.expect("an answer");
        assert_eq!(answer.expect_ok().json()["count"], 1);
    }
    record(&key, "1").await;
    // And they go on where they were.
    for stream in streams.iter_mut().take(3) {
        for number in 2..=601 {
            assert_eq!(stream.number().await, number);
        }
    }
}
