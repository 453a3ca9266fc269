//! Lists, rows by their address, and files.

use axum::http::StatusCode;
use serde_json::json;

use super::{ALL, LIST, rows};
use crate::support::{ADMIN_PASSWORD, TestApp};

/// SEC-16: an owner finds the rows of the own customer by who, what, to what and when; pages follow each other.
#[tokio::test]
async fn rows_are_found() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let start = test.clock.now();
    test.clock.advance(60_000);
    let key = owner.post("/api/v1/keys", &json!({ "name": "Twee" })).await.expect(StatusCode::CREATED).json();
    let id = key["id"].as_str().unwrap();
    owner.post(&format!("/api/v1/keys/{id}/revoke"), &json!({})).await.expect_ok();
    for (query, expected) in [
        ("action=key.create", 2),
        ("action=key", 3),
        ("action=session", 1),
        (format!("target={id}").as_str(), 2),
        ("actor_kind=person", 4),
        ("actor_kind=staff", 0),
        ("outcome=refused", 0),
        (format!("from={}", start.to_rfc3339()).as_str(), 5),
        (format!("to={}", shared::time::Millis(start.0 + 1).to_rfc3339()).as_str(), 3),
        (format!("from={}", shared::time::Millis(start.0 + 1).to_rfc3339()).as_str(), 2),
    ] {
        assert_eq!(rows(&owner, &format!("{LIST}?{query}")).await.len(), expected, "{query}");
    }
    let actor = rows(&owner, LIST).await[0]["actor_id"].as_str().unwrap().to_owned();
    assert_eq!(rows(&owner, &format!("{LIST}?actor={actor}")).await.len(), 4);
    let (mut path, mut seen) = (format!("{LIST}?limit=2"), Vec::new());
    loop {
        let page = owner.get(&path).await.expect_ok().json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["number"].as_i64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{LIST}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1], "each row once, newest first");
    owner.get(&format!("{LIST}?action=nonsense")).await.expect_problem(400, "invalid_parameter");
    owner.get(&format!("{LIST}?customer=1")).await.expect_problem(400, "unknown_parameter");
}

/// SEC-16, ACC-01, ACC-02: a row has a permanent address; another customer, other roles and keys do not see it, staff do.
#[tokio::test]
async fn rows_are_seen_by_owners_and_staff_alone() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    let (_, stranger, _) = test.tenant().await;
    let row = rows(&owner, LIST).await.remove(0);
    let id = row["id"].as_str().unwrap();
    assert_eq!(owner.get(&format!("{LIST}/{id}")).await.expect_ok().json(), row);
    stranger.get(&format!("{LIST}/{id}")).await.expect_problem(404, "not_found");
    assert!(rows(&stranger, LIST).await.iter().all(|other| other["customer_id"] != row["customer_id"]));
    key.get(LIST).await.expect_problem(403, "forbidden");
    test.person(&customer, shared::access::Role::Member)
        .await
        .get(LIST)
        .await
        .expect_problem(403, "forbidden");
    test.analyst().await.get(ALL).await.expect_problem(403, "forbidden");
    let admin = test.admin().await;
    let seen = admin.get(&format!("{ALL}/{id}")).await.expect_ok().json();
    assert_eq!((&seen["customer_name"], &seen["hash"]), (&json!(customer.name), &row["hash"]));
    admin.get(LIST).await.expect_problem(403, "forbidden");
    let all = rows(&admin, &format!("{ALL}?limit=1000")).await;
    let mut customers: Vec<i64> = all.iter().map(|row| row["customer_id"].as_i64().unwrap()).collect();
    customers.sort_unstable();
    customers.dedup();
    assert_eq!(customers.len(), 3, "two customers and the installation");
    assert_eq!(rows(&admin, &format!("{ALL}?customer={}", customer.id)).await.len(), 3);
}

/// SEC-16: the audit log is taken out as CSV and NDJSON, more rows than a portion as well; that is a row itself, and
/// no cell is a formula.
#[tokio::test]
async fn the_log_is_taken_out() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    owner.post("/api/v1/keys", &json!({ "name": "=1+1;x" })).await.expect(StatusCode::CREATED);
    let answer = owner.get(&format!("{LIST}/export?action=key.create")).await.expect_ok();
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert!(answer.header("content-disposition").contains("mvai_audit_"));
    let text = answer.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(cells.len(), 2);
    assert!(cells[0].iter().any(|cell| cell.contains("name: – → =1+1;x")), "{cells:?}");
    assert!(cells.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    let taken = rows(&owner, &format!("{LIST}?action=audit.export")).await;
    assert_eq!(taken.len(), 1);

    // From many addresses and not all at once, or sign-in closes.
    for at in 0..520 {
        let wrong = json!({ "access_code": format!("MVAI-{at}") });
        let somebody = test.anon().from(&format!("198.51.{}.{}:1", 100 + at / 250, at % 250));
        somebody.post("/api/v1/auth/login", &wrong).await.expect_problem(401, "invalid_credentials");
        test.clock.advance(2_000);
    }
    let admin = test.admin().await;
    let text = admin.get(&format!("{ALL}/export?format=ndjson")).await.expect_ok().text();
    let stored = test.number("SELECT COUNT(*) AS n FROM audit_event").await;
    let ids: std::collections::BTreeSet<String> = text
        .lines()
        .map(|line| serde_json::from_str::<shared::audit::AuditEventOut>(line).unwrap().id)
        .collect();
    assert_eq!((ids.len(), text.lines().count()), (usize::try_from(stored).unwrap(), ids.len()));
    assert!(text.contains(&customer.name) && stored > 520);
    assert!(!text.contains(ADMIN_PASSWORD));
}

/// SEC-16: staff take customers out as CSV, all pages of them, by filter; that is a row, and no cell is a formula.
#[tokio::test]
async fn customers_are_taken_out() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let evil = json!({ "name": "=HYPERLINK(1)", "contact_email": "a@b.example", "plan": "mkb" });
    admin.post("/api/v1/admin/customers", &evil).await.expect(StatusCode::CREATED);
    for _ in 0..510 {
        test.run_sql(
            "INSERT INTO customer (name, name_key, contact_email, country, segment, language, time_zone, plan, status, demo, \
             version, created_at, updated_at) SELECT 'K' || (MAX(id) + 1), 'k' || (MAX(id) + 1), 'k@k.example', 'NL', 'business', \
             'nl', 'Europe/Amsterdam', 'demo', 'active', true, 1, 1, 1 FROM customer",
        )
        .await;
    }
    let answer = admin.get("/api/v1/admin/customers/export").await.expect_ok();
    assert!(answer.header("content-disposition").contains("mvai_customers_"));
    let text = answer.text();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let ids: std::collections::BTreeSet<&str> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!((rows.len(), ids.len()), (511, 511));
    assert!(rows.iter().any(|row| &row[1] == "'=HYPERLINK(1)"));
    let one = admin.get("/api/v1/admin/customers/export?plan=mkb").await.expect_ok().text();
    assert_eq!(one.lines().count(), 2);
    assert_eq!(rows_of_exports(&admin).await, 2);
    test.analyst().await.get("/api/v1/admin/customers/export").await.expect_problem(403, "forbidden");
    assert_eq!(rows_of_exports(&admin).await, 2);
}

async fn rows_of_exports(admin: &crate::support::Actor) -> usize {
    rows(admin, &format!("{ALL}?customer=0&action=customer.export")).await.len()
}
