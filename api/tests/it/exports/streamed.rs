//! Taking logs out: complete, exact, and as they were when it began.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::program::Program;
use crate::support::{Actor, TestApp, TestDatabase, encode, ids, names, record, upload};

const COLUMNS: [&str; 9] =
    ["id", "timestamp", "received_at", "kind", "level", "message", "source", "ip_address", "data"];

const LOGS: [&str; 12] = [
    r#"{"kind":"scan","message":"gewoon","occurred_at":"2026-07-01T12:00:00Z"}"#,
    r#"{"kind":"scan","message":"komma, punt; \"aanhaling\"","n":1.10}"#,
    "{\"message\":\"regel een\\nregel twee\\r\\nregel drie\"}",
    r#"{"kind":"=cmd|' /C calc'!A0","message":"=1+1"}"#,
    r#"{"kind":"@import","message":"+31 20 123 45 67"}"#,
    r#"{"kind":"-lijst","message":"-5.2"}"#,
    r#"{"kind":"=HYPERLINK(\"http://x\")","message":"@SUM(A1)"}"#,
    "{ \"message\" : \"é€📦 مرحبا\" ,\n \"nested\" : [ 1 , 2 ] }",
    "\"=tekst\"",
    "-12.5",
    "\"\\t=1\"",
    r#"{"a":"\u0000\"","b":"\\"}"#,
];

async fn store(key: &Actor) -> Vec<Value> {
    for raw in LOGS {
        record(key, raw).await;
    }
    key.get("/api/v1/logs?sort=id&limit=1000").await.expect_ok().json()["logs"].as_array().unwrap().clone()
}

fn cells(log: &Value) -> Vec<String> {
    COLUMNS
        .map(|name| match &log[name] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        })
        .to_vec()
}

/// What a careful spreadsheet needs in front of a cell that would run.
fn guarded(cell: &str) -> String {
    let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    if runs { format!("'{cell}") } else { cell.to_owned() }
}

fn read(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(bytes);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// EXP-01, EXP-02, SEC-02: read back by a CSV reader, the export is the logs; only cells that would run are guarded, and
/// with `exact` not even those.
#[tokio::test]
async fn csv_read_back_is_the_logs() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let logs = store(&key).await;
    for exact in [false, true] {
        let answer = key.get(&format!("/api/v1/logs/export?format=csv&exact={exact}")).await.expect_ok();
        assert!(answer.header("content-type").starts_with("text/csv; charset=utf-8"));
        let rows = read(&answer.body, b',');
        assert_eq!(rows[0], COLUMNS);
        let expected: Vec<Vec<String>> = logs
            .iter()
            .map(|log| cells(log).into_iter().map(|cell| if exact { cell } else { guarded(&cell) }).collect())
            .collect();
        assert_eq!(rows[1..], expected);
        // RFC 4180: lines end with CRLF, the last one too; a lone line feed stands within quotes only.
        let text = answer.text();
        assert!(text.starts_with("id,timestamp,") && text.ends_with("\r\n"));
        // Header, logs, the end, and none for line breaks in messages: those are escaped in the data and plain in the message.
        assert!(text.matches("\r\n").count() > logs.len());
    }
    assert_eq!(
        read(&key.get("/api/v1/logs/export").await.expect_ok().body, b',').len(),
        LOGS.len() + 1,
        "CSV unless asked otherwise"
    );
}

/// EXP-02, GEN-02: the Dutch dialect has a byte order mark, semicolons and local times.
#[tokio::test]
async fn the_dutch_dialect_suits_a_dutch_spreadsheet() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let logs = store(&key).await;
    let answer = key.get("/api/v1/logs/export?dialect=excel-nl").await.expect_ok();
    assert!(answer.body.starts_with(b"\xEF\xBB\xBFid;timestamp;"));
    let rows = read(&answer.body[3..], b';');
    assert_eq!((rows.len(), rows[0].join(",")), (logs.len() + 1, COLUMNS.join(",")));
    assert_eq!(
        (rows[1][1].as_str(), rows[1][2].as_str()),
        ("01-07-2026 14:00:00", "22-11-2026 13:00:00"),
        "summer and winter time"
    );
    for (row, log) in rows[1..].iter().zip(&logs) {
        let expected = cells(log);
        assert_eq!(
            (&row[0], &row[5], &row[8]),
            (&expected[0], &guarded(&expected[5]), &guarded(&expected[8]))
        );
    }
    for bad in ["dialect=excel", "format=ods", "exact=maybe", "limit=5", "fields=id"] {
        let answer = key.get(&format!("/api/v1/logs/export?{bad}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[derive(serde::Deserialize)]
struct Line {
    id: i64,
    payload: Box<RawValue>,
}

/// EXP-03, API-04: NDJSON is one log a line with the value as it was sent.
#[tokio::test]
async fn ndjson_is_one_log_a_line() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let logs = store(&key).await;
    let answer = key.get("/api/v1/logs/export?format=ndjson").await.expect_ok();
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    let text = answer.text();
    // A value that was sent on several lines stands on one.
    let values: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert_eq!(values.len(), logs.len());
    for (line, log) in text.lines().zip(&logs) {
        let line: Line = serde_json::from_str(line).unwrap();
        assert_eq!(line.id, log["id"].as_i64().unwrap());
        let sent: Value = serde_json::from_str(log["data"].as_str().unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<Value>(line.payload.get()).unwrap(), sent);
    }
    let mut expected = logs[0].as_object().unwrap().clone();
    let payload = serde_json::from_str(expected.remove("data").unwrap().as_str().unwrap()).unwrap();
    expected.insert("payload".to_owned(), payload);
    assert_eq!(values[0], Value::Object(expected));
}

/// EXP-03, API-02: the documented document has customer, time, count and logs, and says when logs were left out.
#[tokio::test]
async fn the_document_has_the_documented_shape() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    let logs = store(&key).await;
    let mut document = key.get("/api/v1/export/json").await.expect_ok().json();
    assert_eq!(key.get("/api/v1/logs/export?format=json").await.expect_ok().json(), document);
    assert_eq!(names(&document), ["customer", "exported_at", "log_count", "logs", "truncated"]);
    // What a digest needs beside the log itself (LOG-16).
    for log in document["logs"].as_array_mut().unwrap() {
        assert_eq!(log.as_object_mut().unwrap().remove("seal_salt").unwrap().as_str().unwrap().len(), 16);
    }
    assert_eq!(document["customer"], json!({"id": customer.id, "name": customer.name}));
    assert_eq!(
        (&document["exported_at"], &document["log_count"], &document["truncated"]),
        (&json!(crate::support::NOW_MS), &json!(12), &json!(false))
    );
    assert_eq!(document["logs"], json!(logs));
    for (limit, truncated) in [(1, true), (11, true), (12, false), (13, false), (100_000, false)] {
        let document = key.get(&format!("/api/v1/export/json?limit={limit}")).await.expect_ok().json();
        assert_eq!(
            (&document["log_count"], &document["truncated"]),
            (&json!(limit.min(12)), &json!(truncated)),
            "{limit}"
        );
    }
    for limit in ["0", "-1", "100001", "abc", "1.5"] {
        key.get(&format!("/api/v1/export/json?limit={limit}")).await.expect_problem(400, "invalid_parameter");
    }
    let (other, _, empty) = app.tenant().await;
    let document = empty.get("/api/v1/export/json").await.expect_ok().json();
    let expected = json!({"customer": {"id": other.id, "name": other.name}, "exported_at": crate::support::NOW_MS, "log_count": 0, "truncated": false, "logs": []});
    assert_eq!(document, expected);
    assert_eq!(read(&empty.get("/api/v1/logs/export").await.expect_ok().body, b',').len(), 1);
    assert_eq!(empty.get("/api/v1/logs/export?format=ndjson").await.expect_ok().body.len(), 0);
}

/// EXP-01, EXP-03, SRCH-02: an export holds exactly what the same filter lists, oldest first, in every form.
#[tokio::test]
async fn the_filter_is_respected_over_many_portions() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let lines: Vec<String> = (1..=2_500)
        .map(|n| {
            format!(
                "{{\"kind\":\"{}\",\"n\":{n},\"occurred_at\":\"2026-11-{:02}T10:00:00Z\"}}",
                if n % 3 == 0 { "scan" } else { "temp" },
                1 + n % 20
            )
        })
        .collect();
    upload(&key, &lines).await;
    for (filter, fits) in [
        (String::new(), (|_| true) as fn(i64) -> bool),
        ("q=kind:scan".to_owned(), |n| n % 3 == 0),
        ("kind=scan&level=info".to_owned(), |n| n % 3 == 0),
        (format!("q={}", encode("-kind:scan n:>1000")), |n| n % 3 != 0 && n > 1_000),
        ("from=2026-11-05T00:00:00Z&to=2026-11-06T00:00:00Z".to_owned(), |n| n % 20 == 4),
        ("q=niets".to_owned(), |_| false),
    ] {
        let expected: Vec<i64> = (1..=2_500).filter(|n| fits(*n)).collect();
        let csv = read(&key.get(&format!("/api/v1/logs/export?{filter}")).await.expect_ok().body, b',');
        assert_eq!(
            csv[1..].iter().map(|row| row[0].parse::<i64>().unwrap()).collect::<Vec<_>>(),
            expected,
            "{filter}"
        );
        let ndjson = key.get(&format!("/api/v1/logs/export?format=ndjson&{filter}")).await.expect_ok().text();
        assert_eq!(
            ndjson.lines().map(|line| serde_json::from_str::<Line>(line).unwrap().id).collect::<Vec<_>>(),
            expected,
            "{filter}"
        );
        let document = key.get(&format!("/api/v1/logs/export?format=json&{filter}")).await.expect_ok().json();
        assert_eq!((ids(&document), &document["log_count"]), (expected, &json!(csv.len() - 1)), "{filter}");
    }
    let document = key.get("/api/v1/export/json?limit=1500").await.expect_ok().json();
    assert_eq!((ids(&document), &document["truncated"]), ((1..=1_500).collect(), &json!(true)));
}

/// EXP-01: what is recorded while an export runs is not in it, however slowly it is read.
#[tokio::test]
async fn an_export_is_as_of_its_start() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    // More portions than the server prepares ahead of a slow reader.
    upload(&key, &vec!["1".to_owned(); 9_000]).await;
    let response = key.open(Method::GET, "/api/v1/logs/export?format=ndjson", None, Body::empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.len() < 1_000 * 500);
    upload(&key, &vec!["2".to_owned(); 500]).await;
    let rest = body.collect().await.unwrap().to_bytes();
    let whole = [first, rest].concat();
    let text = String::from_utf8(whole).unwrap();
    let numbers: Vec<i64> = text.lines().map(|line| serde_json::from_str::<Line>(line).unwrap().id).collect();
    assert_eq!(numbers, (1..=9_000).collect::<Vec<_>>());
}

/// EXP-07, SEC-02: the file is named after customer, content and local time, in a plain and a full form.
#[tokio::test]
async fn the_file_is_named_for_people() {
    let app = TestApp::new().await;
    let input = shared::tenancy::CustomerIn {
        name: "Müller & Zn. \"Spoed\" 7/8 📦".to_owned(),
        contact_email: "k@klant.example".to_owned(),
        ..Default::default()
    };
    let (_, code) = api::domain::tenancy::service::create(&app.app, input, false).await.unwrap();
    let token = app.anon().post("/api/v1/auth/login", &json!({"access_code": code})).await.expect_ok().json();
    let owner = app.bearer(token["access_token"].as_str().unwrap());
    for (path, ending) in [
        ("/api/v1/logs/export", "csv"),
        ("/api/v1/logs/export?format=ndjson", "ndjson"),
        ("/api/v1/export/json", "json"),
    ] {
        let answer = owner.get(path).await.expect_ok();
        let plain = format!("mvai_M-ller---Zn---Spoed--7-8--_logs_20261122-1300.{ending}");
        let full = format!("mvai_M%C3%BCller---Zn---Spoed--7-8--_logs_20261122-1300.{ending}");
        assert_eq!(
            answer.header("content-disposition"),
            format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
        );
    }
}

/// EXP-01, ACC-11: the owner of a suspended customer still takes everything out, over many portions; keys do not.
#[tokio::test]
async fn a_suspended_customer_takes_everything_out() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    upload(&key, &vec!["1".to_owned(); 2_500]).await;
    let admin = app.admin().await;
    admin
        .post(
            &format!("/api/v1/admin/customers/{}/suspend", customer.id),
            &json!({"reason": "factuur 2026-014"}),
        )
        .await
        .expect_ok();
    key.get("/api/v1/logs/export").await.expect_problem(403, "customer_suspended");
    let owner = app.owner(&customer).await;
    owner.get("/api/v1/logs").await.expect_problem(403, "customer_suspended");
    let response = owner.open(Method::GET, "/api/v1/logs/export?format=ndjson", None, Body::empty()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let text = response.into_body().collect().await.expect("the export is complete").to_bytes();
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 2_500);
}

/// EXP-03, EXP-02: a workbook holds every log with local times, texts that begin like a formula as texts, and what it
/// is about on its first sheet, in the language of the caller.
#[tokio::test]
async fn workbooks_hold_every_log() {
    use calamine::{Data, Reader, Xlsx};
    let test = TestApp::new().await;
    let (customer, _, key) = test.tenant().await;
    let lines: Vec<String> = (0..1_234)
        .map(|at| {
            json!({"kind": "scan", "message": format!("=1+{at}"), "occurred_at": "2026-07-01T10:00:00.250Z"})
                .to_string()
        })
        .collect();
    upload(&key, &lines).await;
    record(&key, r#"{"kind": "anders", "occurred_at": "1850-01-01T00:00:00Z", "note": "日本 🚚"}"#).await;
    let answer = key.with("accept-language", "nl").get("/api/v1/logs/export?format=xlsx").await.expect_ok();
    assert_eq!(
        answer.header("content-type"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    );
    assert!(answer.header("content-disposition").contains(".xlsx"));
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(answer.body.to_vec())).unwrap();
    assert_eq!(book.sheet_names(), ["Over dit bestand", "Logs"]);
    let about = book.worksheet_range("Over dit bestand").unwrap();
    let told: Vec<String> = about.rows().map(|row| row[1].to_string()).collect();
    assert_eq!(
        (told[0].as_str(), told[1].as_str(), told[2].as_str()),
        (customer.name.as_str(), "alle logs", "1235")
    );
    let logs = book.worksheet_range("Logs").unwrap();
    let rows: Vec<&[Data]> = logs.rows().collect();
    assert_eq!(rows.len(), 1_236);
    assert_eq!(rows[1][5], Data::String("=1+0".to_owned()));
    assert_eq!(rows[1234][0], Data::Float(1_234.0));
    // 1 July 2026, 12:00:00.250 in Amsterdam.
    let Data::DateTime(at) = rows[1][1] else { panic!("{:?}", rows[1][1]) };
    assert!((at.as_f64() - (46_204.5 + 0.25 / 86_400.0)).abs() < 1e-6, "{at}");
    assert_eq!(rows[1235][1], Data::String("1850-01-01T00:00:00.000Z".to_owned()));
    assert!(rows[1235][8].to_string().contains("日本 🚚"));

    let part = key
        .with("accept-language", "en")
        .get("/api/v1/logs/export?format=xlsx&q=kind:anders")
        .await
        .expect_ok();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(part.body.to_vec())).unwrap();
    let about = book.worksheet_range("About this file").unwrap();
    assert_eq!(about.get_value((1, 1)).unwrap().to_string(), "kind:anders");
    assert_eq!(book.worksheet_range("Logs").unwrap().rows().count(), 2);
    let none = key.get("/api/v1/logs/export?format=xlsx&q=niets").await.expect_ok();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(none.body.to_vec())).unwrap();
    assert_eq!(book.worksheet_range("Logs").unwrap().rows().count(), 1);
}

/// EXP-03: a workbook grows in the folder of exports, never in one that every program of the machine looks into;
/// nothing of it stays behind.
#[test]
fn a_workbook_grows_in_the_folder_of_exports() {
    if TestDatabase::is_postgres() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let server = Program::start(dir.path(), &[("TMPDIR", "/this folder does not exist")]);
    let (_, key) = server.tenant("Klant");
    server.send("POST", "/api/v1/logs", &key, "application/json", br#"{"kind":"scan"}"#).unwrap();
    let reply = server.send("GET", "/api/v1/logs/export?format=xlsx", &key, "application/json", b"").unwrap();
    assert_eq!(reply.status, 200, "{}", server.errors());
    assert_eq!(std::fs::read_dir(dir.path().join("data/exports")).unwrap().count(), 0);
}
