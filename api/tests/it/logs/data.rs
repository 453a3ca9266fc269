//! `data` is what was sent, byte for byte, by every way in and on every way out.

use std::path::Path;

use axum::http::StatusCode;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::{TestApp, encode, find, ids, names, record};

/// Valid JSON that a careless program changes on its way.
const NASTY: [&str; 33] = [
    r#"{"z":1,"a":2,"m":{"y":1,"b":[3,2,1],"a":null}}"#,
    r#"{"n":1234567890123456789012345678901234567890}"#,
    r#"{"n":-1234567890123456789012345678901234567890.1234567890123456789012345678901234567890}"#,
    r#"{"n":0.1000000000000000055511151231257827021181583404541015625}"#,
    r#"{"n":1.0,"m":1.10,"k":-0,"l":-0.0,"e":1e5,"E":1E+05,"f":5e-324}"#,
    r#"{"n":1e400,"m":-1E999,"k":1e-400}"#,
    r#"{"n":9007199254740993,"m":18446744073709551616,"k":-9223372036854775809}"#,
    r#"{"a":"\u00e9\u0041\/\b\f\n\r\t\"\\"}"#,
    r#"{"a":"é","b":"é","c":"ﬁ","d":"ẞ"}"#,
    r#"{"smile":"😀","pair":"\ud83d\ude00","PAIR":"\uD83D\uDE00"}"#,
    r#"{"a":"\u0000","b\u0000c":"d\u0000e\u0000"}"#,
    r#"{"a":"\u2028\u2029","b":"  ","c":"\ufeff"}"#,
    "{\"rtl\":\"مرحبا بالعالم\",\"bidi\":\"\u{202e}abc\u{202c}\",\"zw\":\"a\u{200b}b\"}",
    r#"{"a":1,"a":2,"a":{"a":3}}"#,
    r#"{ "spaced" : [ 1 ,  2 ] , "x" :  { } }"#,
    r#"{"":"empty name","a.b":1,"a":{"b":2}," ":3,"\"":4,"\\":5}"#,
    r#"{"__proto__":{"x":1},"constructor":null}"#,
    r#"{"sql":"'; drop table log; --","like":"50%_","html":"<script>alert(1)</script>"}"#,
    r#"{"$serde_json::private::Number":"1","$serde_json::private::RawValue":"2"}"#,
    r#"{"$serde_json::private::RawValue":"{\"x\":1}"}"#,
    r#"{"null":null,"true":true,"false":false}"#,
    r#""just a text""#,
    r#""\u0000""#,
    "12345678901234567890.123",
    "-0",
    "1E400",
    "true",
    "false",
    "[1,[2,[3,[]]],{}]",
    "[\"\",\"\"]",
    r#"[{"a":[{"b":[{"c":"d"}]}]}]"#,
    r#"{"edifact":"UNA:+.? 'UNB+UNOC:3+5412345678908:14'"}"#,
    r#"{"big":"0000000000000000000000000000000000000000","path":"C:\\temp\\new","url":"https:\/\/x.example\/?a=b&c=%20"}"#,
];

#[derive(serde::Deserialize)]
struct Expanded {
    payload: Box<RawValue>,
}

/// LOG-01, API-04, GEN-13: single, batch and upload keep every byte, and detail, list, search, export and payload give it.
#[tokio::test]
async fn data_is_kept_byte_for_byte_by_every_way_in() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let mut expected: Vec<String> = Vec::new();
    for raw in NASTY {
        record(&key, raw).await;
        // What surrounds the value was sent as well.
        record(&owner, &format!(" {raw}\r\n")).await;
        expected.push(raw.to_owned());
        expected.push(format!(" {raw}\r\n"));
    }
    let batch = format!("{{ \"logs\" : [ {} ] }}", NASTY.join(" ,\n"));
    let list = format!("[{}]", NASTY.join(","));
    for body in [batch, list] {
        key.post_raw("/api/v1/logs/batch", "application/json", body).await.expect(StatusCode::CREATED);
        expected.extend(NASTY.map(str::to_owned));
    }
    for body in [NASTY.join("\n"), NASTY.join("\r\n") + "\r\n"] {
        key.post_raw("/api/v1/logs/batch", "application/x-ndjson", body).await.expect(StatusCode::CREATED);
        expected.extend(NASTY.map(str::to_owned));
    }
    let logs = key.get("/api/v1/logs?limit=1000&sort=id").await.expect_ok().json();
    let stored: Vec<&str> =
        logs["logs"].as_array().unwrap().iter().map(|log| log["data"].as_str().unwrap()).collect();
    assert_eq!(stored, expected);
    let export = key.get("/api/v1/logs/export?format=ndjson").await.expect_ok().text();
    for (line, raw) in export.lines().zip(&expected) {
        let out: Expanded = serde_json::from_str(line).unwrap();
        assert_eq!(out.payload.get(), raw.trim());
    }
    assert_eq!(export.lines().count(), expected.len());
    for (at, raw) in NASTY.iter().enumerate() {
        let id = at * 2 + 1;
        let log = key.get(&format!("/api/v1/logs/{id}")).await.expect_ok().json();
        assert_eq!(log["data"], *raw);
        let text = key.get(&format!("/api/v1/logs/{id}?expand=payload")).await.expect_ok().text();
        let out: Expanded = serde_json::from_str(&text).unwrap();
        assert_eq!(out.payload.get(), *raw);
    }
    crate::support::audit(&app.app.db).await;
}

/// LOG-01, GEN-13: an escaped NUL is kept in the data on both engines; as message, kind or id it is warned about.
#[tokio::test]
async fn an_escaped_nul_is_kept_and_never_breaks_a_database() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let raw = r#"{"message":"a\u0000b","kind":"k\u0000","external_id":"e\u0000","level":"\u0000","dock\u0000x":"rood\u0000blauw"}"#;
    let out = key.post_raw("/api/v1/logs", "application/json", raw).await.expect(StatusCode::CREATED).json();
    let pointers: Vec<&str> = out["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/kind", "/message", "/level", "/external_id"]);
    let log = key.get("/api/v1/logs/1").await.expect_ok().json();
    assert_eq!(
        (&log["data"], &log["message"], &log["kind"], &log["external_id"]),
        (&json!(raw), &Value::Null, &json!("note"), &Value::Null)
    );
    for query in [
        "blauw",
        "rood",
        "*ood*",
        "dock",
        "\"rood\u{0}blauw\"",
        "has:message",
        "\"dock\u{0}x\":rood",
        "kind:\"a\u{0}b\"",
        "source:\"a\u{0}b\"",
        "message:\"a\u{0}b\"",
    ] {
        key.get(&format!("/api/v1/logs/search?q={}", encode(query))).await.expect_ok();
    }
    assert_eq!(find(&key, "blauw").await, [1]);
    assert_eq!(
        ids(&key.get("/api/v1/logs?field.x=%00&kind=%00a&q=%00").await.expect_ok().json()),
        [0_i64; 0]
    );
}

/// LOG-04, GEN-05: what is no JSON or no UTF-8 is refused with its place, and nothing is stored.
#[tokio::test]
async fn what_is_no_json_is_refused() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for raw in [
        "{",
        "{\"a\":1,}",
        "{'a':1}",
        "nul",
        "{\"a\":1} {\"b\":2}",
        "01",
        "1.",
        ".5",
        "+1",
        "NaN",
        "Infinity",
        "\"a",
        "\"\n\"",
        "{\"a\":\"\\x\"}",
        "[1,]",
        "{1:2}",
        "\u{b}1",
    ] {
        let problem =
            key.post_raw("/api/v1/logs", "application/json", raw).await.expect_problem(400, "invalid_json");
        assert!(problem["args"]["line"].is_string(), "{raw}: {problem}");
    }
    for raw in [
        &b"{\"a\":\"\xff\"}"[..],
        b"\xff\xfe{\x00}\x00",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"\xc0\x80\"}",
    ] {
        key.post_raw("/api/v1/logs", "application/json", raw.to_vec())
            .await
            .expect_problem(400, "invalid_utf8");
        key.post_raw("/api/v1/logs/batch", "application/json", [b"[", raw, b"]"].concat())
            .await
            .expect_problem(400, "invalid_utf8");
    }
    key.post_raw("/api/v1/logs", "text/plain", "{\"a\":1}")
        .await
        .expect_problem(415, "unsupported_media_type");
    key.post_raw("/api/v1/logs", "application/x-www-form-urlencoded", "a=1")
        .await
        .expect_problem(415, "unsupported_media_type");
    assert_eq!(key.get("/api/v1/logs").await.expect_ok().json()["last_id"], 0);
}

/// LOG-01: a byte order mark before the JSON is no part of it.
#[tokio::test]
async fn a_byte_order_mark_is_left_out() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    record(&key, "\u{feff}{\"a\":1}").await;
    key.post_raw("/api/v1/logs/batch", "application/x-ndjson", "\u{feff}{\"a\":1}\n{\"a\":1}\n")
        .await
        .expect(StatusCode::CREATED);
    let logs = key.get("/api/v1/logs").await.expect_ok().json();
    assert!(logs["logs"].as_array().unwrap().iter().all(|log| log["data"] == "{\"a\":1}"), "{logs}");
}

fn epcis() -> Vec<String> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/epcis/events.ndjson"));
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; the folder `shared` with the examples of GS1 EPCIS stands beside the repository",
            path.display()
        )
    });
    text.lines().map(str::to_owned).collect()
}

/// LOG-01, LOG-06, LOG-08, SRCH-01: the 54 example events of GS1 EPCIS are accepted unchanged and found by step, word and
/// urn; with ids of their own, sending them again stores nothing.
#[tokio::test]
async fn epcis_events_are_stored_found_and_recognised() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let events = epcis();
    assert_eq!(events.len(), 54);
    let out = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", events.join("\n"))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!((&out["created_count"], &out["success"]), (&json!(54), &json!(true)));
    let logs = key.get("/api/v1/logs?limit=1000&sort=id").await.expect_ok().json();
    let logs = logs["logs"].as_array().unwrap();
    let values: Vec<Value> = events.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for ((log, line), value) in logs.iter().zip(&events).zip(&values) {
        assert_eq!(log["data"], *line);
        assert_eq!(log["kind"], value["type"]);
    }
    let newest_first = |fits: &dyn Fn(&Value) -> bool| -> Vec<i64> {
        (1..=54_usize).rev().filter(|id| fits(&values[id - 1])).map(|id| i64::try_from(id).unwrap()).collect()
    };
    let mut steps: Vec<&str> = values.iter().filter_map(|value| value["bizStep"].as_str()).collect();
    steps.sort_unstable();
    steps.dedup();
    assert!(steps.len() > 3, "{steps:?}");
    for step in steps {
        let expected =
            newest_first(&|value| value["bizStep"].as_str().is_some_and(|have| have.starts_with(step)));
        assert_eq!(find(&key, &format!("bizStep:{step}")).await, expected, "{step}");
        let by_word = find(&key, step).await;
        assert!(expected.iter().all(|id| by_word.contains(id)), "{step}");
    }
    let urn = "urn:epc:id:grai:4012345.55555.987";
    let expected = newest_first(&|value| value.to_string().contains(urn));
    assert!(!expected.is_empty());
    assert_eq!(find(&key, urn).await, expected);

    let with_ids: Vec<String> = events
        .iter()
        .enumerate()
        .map(|(at, line)| format!("{{\"external_id\":\"epcis-{at}\",{}", &line[1..]))
        .collect();
    let first = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", with_ids.join("\n"))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(first["created_count"], 54);
    let again = key
        .post_raw("/api/v1/logs/batch", "application/x-ndjson", with_ids.join("\n"))
        .await
        .expect(StatusCode::CREATED)
        .json();
    assert_eq!(
        (&again["created_count"], &again["duplicates"], &again["success"]),
        (&json!(0), &json!(54), &json!(true))
    );
    let numbers = |out: &Value| -> Vec<Value> {
        out["verdicts"].as_array().unwrap().iter().map(|verdict| verdict["log_id"].clone()).collect()
    };
    assert_eq!(numbers(&first), numbers(&again));
    assert_eq!(names(&again["verdicts"][0]), ["index", "line", "log_id", "status"]);
    assert_eq!(crate::support::audit(&app.app.db).await, 108);
}
