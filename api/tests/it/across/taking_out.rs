//! Files of logs of all customers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ALL, noted, scan, value, with_logs};
use crate::support::{TestApp, record, upload};

fn read(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
}

/// ADM-07, EXP-02: the file holds every log of every customer once, more than a portion of them, newest arrival first, with
/// the customer in front; no cell is a formula; a filter narrows it.
#[tokio::test]
async fn all_logs_are_taken_out() {
    let test = TestApp::new().await;
    let (one, _, key) = with_logs(&test, &(0..700).map(scan).collect::<Vec<_>>()).await;
    test.clock.advance(1);
    let (two, _, _) = with_logs(&test, &(0..650).map(scan).collect::<Vec<_>>()).await;
    record(&key, r#"{"kind":"=cmd|' /C calc'!A0","message":"@SUM(A1)","n":1.10}"#).await;
    test.run_sql("UPDATE customer SET name = '=HYPERLINK(1)' WHERE id = 1").await;
    let admin = test.admin().await;

    let answer = admin.get(&format!("{ALL}/export")).await.expect_ok();
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.header("content-disposition").contains("mvai_logs_"));
    let text = answer.text();
    assert!(text.starts_with("customer,customer_id,id,timestamp,received_at,kind,level,message,"));
    let rows = read(&text);
    let ids: BTreeSet<(String, String)> =
        rows.iter().map(|row| (row[1].to_owned(), row[2].to_owned())).collect();
    let stored = test.number("SELECT COUNT(*) AS n FROM log WHERE NOT test").await;
    assert_eq!((rows.len(), ids.len()), (1_351, usize::try_from(stored).unwrap()));
    assert!(rows.is_sorted_by(|a, b| a[4] >= b[4]), "newest arrival first");
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    assert!(rows.iter().any(|row| &row[0] == "'=HYPERLINK(1)" && &row[7] == "'@SUM(A1)"));

    let text = admin.get(&format!("{ALL}/export?format=ndjson")).await.expect_ok().text();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), rows.len());
    for (line, row) in lines.iter().zip(&rows) {
        assert_eq!(
            (line["customer_id"].to_string(), line["id"].to_string()),
            (row[1].to_owned(), row[2].to_owned())
        );
    }
    assert_eq!(lines[1_350]["customer_name"], "=HYPERLINK(1)");
    assert!(text.contains(r#""payload":{"kind":"=cmd|' /C calc'!A0","message":"@SUM(A1)","n":1.10}"#));

    let narrow = admin.get(&format!("{ALL}/export?q=kind:scan&customer={}", two.id)).await.expect_ok().text();
    let narrow = read(&narrow);
    assert_eq!(narrow.len(), 217);
    assert!(narrow.iter().all(|row| row[1] == *two.id.to_string() && &row[5] == "scan"));
    assert_eq!(read(&admin.get(&format!("{ALL}/export?q=onvindbaar")).await.expect_ok().text()).len(), 0);
    assert_ne!(one.id, two.id);
}

/// ADM-07: a file that was cut is continued behind its last whole line, without later logs.
#[tokio::test]
async fn a_cut_file_is_continued() {
    let test = TestApp::new().await;
    let (_, _, key) = with_logs(&test, &(0..150).map(scan).collect::<Vec<_>>()).await;
    let (customer, _, _) = with_logs(&test, &(0..150).map(scan).collect::<Vec<_>>()).await;
    let admin = test.admin().await;
    for query in ["", "q=venlo&", "q=-venlo&", &format!("customer={}&", customer.id)] {
        let whole = admin.get(&format!("{ALL}/export?{query}format=csv")).await.expect_ok().text();
        let rows = read(&whole);
        test.clock.advance(10);
        upload(&key, &[scan(1)]).await;
        let last = &rows[60];
        let after = format!("{},{},{}", &last[4], &last[1], &last[2]);
        let rest = admin.get(&format!("{ALL}/export?{query}after={after}")).await.expect_ok().text();
        let head: usize = whole.split_inclusive("\r\n").take(62).map(str::len).sum();
        assert!(whole[head..] == rest, "{query}");
    }
    for wrong in ["x", "1", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z,1", "2026-11-22T12:00:00Z,1,0"] {
        let problem = admin.get(&format!("{ALL}/export?after={wrong}")).await;
        problem.expect_problem(400, "invalid_parameter");
    }
    admin.get(&format!("{ALL}/export?format=pdf")).await.expect_problem(400, "invalid_parameter");
    admin.get(&format!("{ALL}/export?cursor=x")).await.expect_problem(400, "unknown_parameter");
}

/// ADM-07, SEC-16: taking logs out is on record before the first of them leaves; without a record nothing leaves.
#[tokio::test]
async fn taking_out_is_on_record_first() {
    let test = TestApp::new().await;
    let (customer, owner, _) = with_logs(&test, &(0..3).map(scan).collect::<Vec<_>>()).await;
    let admin = test.admin().await;
    let open =
        async |path: &str| admin.open(axum::http::Method::GET, path, None, axum::body::Body::empty()).await;
    // The body is not read.
    let response = open(&format!("{ALL}/export?q=dok&format=ndjson&customer={}", customer.id)).await;
    assert_eq!(response.status(), 200);
    let rows = noted(&admin, 0, "logs.export").await;
    assert_eq!(
        (rows.len(), value(&rows[0], "q"), value(&rows[0], "format")),
        (1, "dok".into(), "ndjson".into())
    );
    let seen = owner.get("/api/v1/audit?action=logs.export").await.expect_ok().json();
    assert_eq!(seen["data"].as_array().unwrap().len(), 1);
    drop(response);
    test.run_sql("ALTER TABLE audit_event RENAME TO audit_elsewhere").await;
    for path in [format!("{ALL}/export"), ALL.to_owned()] {
        let refused = crate::support::Answer::read(path.clone(), open(&path).await).await;
        assert!(
            refused.status.is_server_error() && !String::from_utf8_lossy(&refused.body).contains("dok"),
            "{path}"
        );
    }
}
