//! Downloads that were cut go on where they ended, without a gap and without anything twice.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{ask, work_off};
use crate::support::{Actor, Expected, TestApp, upload};

/// Reads some of a download and hangs up; gives what arrived and up to which log the export goes.
async fn cut(key: &Actor, path: &str, frames: usize) -> (Vec<u8>, String) {
    let response = key.open(Method::GET, path, None, Body::empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let up_to = response.headers()["x-export-up-to"].to_str().unwrap().to_owned();
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    for _ in 0..frames {
        bytes.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
    }
    (bytes, up_to)
}

/// EXP-05: a CSV or NDJSON that was cut anywhere, even within a line, continues behind the last whole line; together the
/// parts are the file, byte for byte, without what was recorded in between.
#[tokio::test]
async fn streams_that_were_cut_continue_by_number() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let lines: Vec<String> = (0..9_000)
        .map(|at| json!({ "kind": if at % 3 == 0 { "scan" } else { "los" }, "at": at, "message": format!("a\n\"{at}\", b") }).to_string())
        .collect();
    upload(&key, &lines).await;
    for (query, spare) in [
        ("format=ndjson", 7),
        ("format=ndjson&q=kind:los", 1),
        ("format=csv", 11),
        ("format=csv&dialect=excel-nl&exact=true&q=kind:los", 300),
    ] {
        let path = format!("/api/v1/logs/export?{query}");
        let whole = key.get(&path).await.expect_ok().body;
        let (mut bytes, up_to) = cut(&key, &path, 2).await;
        assert!(bytes.len() > spare && bytes.len() < whole.len());
        upload(&key, &vec![r#"{"kind":"los"}"#.to_owned(); 50]).await;
        bytes.truncate(bytes.len() - spare);
        // What a client knows: the last line that arrived whole, and the number of the log in it.
        let (kept, last) = if query.starts_with("format=ndjson") {
            let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
            let start = bytes[..end - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
            let line: Value = serde_json::from_slice(&bytes[start..end]).unwrap();
            (end, line["id"].as_i64().unwrap())
        } else {
            last_record(&bytes, if query.contains("excel-nl") { b';' } else { b',' })
        };
        bytes.truncate(kept);
        let rest = key.get(&format!("{path}&after={last}&up_to={up_to}")).await.expect_ok();
        assert_eq!(rest.header("x-export-up-to"), up_to);
        bytes.extend(&rest.body);
        assert!(bytes == whole, "{query}: the parts are not the whole");
        // Behind the end there is nothing, not even a heading.
        let nothing = key.get(&format!("{path}&after={up_to}&up_to={up_to}")).await.expect_ok();
        assert_eq!(nothing.body.len(), 0);
    }
    for bad in ["after=-1", "after=x", "up_to=-1", "format=json&after=1", "format=xlsx&up_to=5"] {
        key.get(&format!("/api/v1/logs/export?{bad}")).await.expect_problem(400, "invalid_parameter");
    }
}

/// Where the last whole record of a CSV ends, and the number in it.
fn last_record(bytes: &[u8], delimiter: u8) -> (usize, i64) {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).flexible(true).from_reader(bytes);
    let (mut record, mut found) = (csv::ByteRecord::new(), (0, 0));
    while reader.read_byte_record(&mut record).unwrap() {
        let end = usize::try_from(reader.position().byte()).unwrap();
        // The reader stops behind the return; the record ends with the line feed.
        let end = if bytes.get(end) == Some(&b'\n') { end + 1 } else { end };
        if record.len() == 9 && bytes[..end].ends_with(b"\r\n") {
            let number = String::from_utf8_lossy(&record[0]).parse().unwrap_or(0);
            found = (end, number);
        }
    }
    found
}

fn part(answer: &Expected, whole: &[u8], from: usize, to: usize) {
    assert_eq!(answer.body, whole[from..to]);
    assert_eq!(answer.header("content-range"), format!("bytes {from}-{}/{}", to - 1, whole.len()));
    assert_eq!(answer.header("content-length"), (to - from).to_string());
}

/// EXP-05: a finished file is fetched in parts; its name is strong, and a part of another file is never given.
#[tokio::test]
async fn finished_files_are_fetched_in_parts() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    upload(&key, &(0..3_000).map(|at| at.to_string()).collect::<Vec<_>>()).await;
    let id = ask(&key, &json!({ "format": "ndjson" })).await;
    assert_eq!(work_off(&test).await, 1);
    let path = format!("/api/v1/exports/{id}/file");
    let whole = key.with("accept-encoding", "gzip, br, zstd").get(&path).await.expect_ok();
    assert_eq!(whole.headers.get("content-encoding"), None, "parts of something packed do not fit together");
    let etag = whole.header("etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", api::util::crypto::sha256_hex(&whole.body)));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("content-length"), whole.body.len().to_string());
    let size = whole.body.len();
    assert!(size > 200_000);
    // A connection that is cut in the middle: what arrived, and the rest.
    let (mut bytes, middle) = {
        let response = key.open(Method::GET, &path, None, Body::empty()).await;
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap().to_vec();
        let middle = first.len();
        (first, middle)
    };
    assert!(middle < size);
    let rest = key
        .with("range", &format!("bytes={middle}-"))
        .with("if-range", &etag)
        .get(&path)
        .await
        .expect(StatusCode::PARTIAL_CONTENT);
    part(&rest, &whole.body, middle, size);
    bytes.extend(&rest.body);
    assert_eq!(bytes, whole.body);
    for (range, from, to) in [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=-5", size - 5, size)]
    {
        let answer = key.with("range", range).get(&path).await.expect(StatusCode::PARTIAL_CONTENT);
        part(&answer, &whole.body, from, to);
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
    }
    let other = key.with("range", "bytes=5-").with("if-range", "\"other\"").get(&path).await.expect_ok();
    assert_eq!(other.body, whole.body);
    let beyond = key.with("range", &format!("bytes={size}-")).get(&path).await;
    assert_eq!(beyond.headers["content-range"], format!("bytes */{size}"));
    beyond.expect_problem(416, "range_not_satisfiable");
    let known = key.with("if-none-match", &etag).get(&path).await.expect(StatusCode::NOT_MODIFIED);
    assert_eq!(known.body.len(), 0);
}
