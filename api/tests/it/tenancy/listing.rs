//! Finding customers: search, filters, order and pages.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{CUSTOMERS, make};
use crate::support::{Actor, TestApp};

fn names(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

async fn list(admin: &Actor, query: &str) -> Value {
    admin.get(&format!("{CUSTOMERS}?{query}")).await.expect_ok().json()
}

/// All pages of a list, one after the other.
async fn walk(admin: &Actor, query: &str, limit: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(admin, &format!("{query}&limit={limit}{cursor}")).await;
        found.extend(names(&page));
        assert_eq!(page["has_more"].as_bool().unwrap(), page["next_cursor"].is_string());
        match page["next_cursor"].as_str() {
            Some(next) => {
                assert_eq!(page["data"].as_array().unwrap().len(), limit, "a page before the last is full");
                cursor = format!("&cursor={next}");
            }
            None => return found,
        }
    }
}

/// ADM-03: names, addresses and numbers are searched; what is typed is meant literally.
#[tokio::test]
async fn customers_are_searched() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for name in ["Van Dijk Transport", "De Vries 100%", "Élan_Logistiek", "Back\\slash BV", "O'Neil"] {
        make(&admin, name).await;
    }
    let mail = json!({ "name": "Zes", "contact_email": "Planning@Haven.example" });
    admin.post(CUSTOMERS, &mail).await.expect(axum::http::StatusCode::CREATED);
    for (q, expected) in [
        ("dijk", vec!["Van Dijk Transport"]),
        ("DIJK+tr", vec!["Van Dijk Transport"]),
        ("%C3%A9lan", vec!["Élan_Logistiek"]),
        ("%C3%89LAN", vec!["Élan_Logistiek"]),
        ("%25", vec!["De Vries 100%"]),
        ("_", vec!["Élan_Logistiek"]),
        ("%5C", vec!["Back\\slash BV"]),
        ("'", vec!["O'Neil"]),
        ("haven.example", vec!["Zes"]),
        ("planning@HAVEN", vec!["Zes"]),
        ("3", vec!["Élan_Logistiek"]),
        ("%27%20OR%201=1", vec![]),
        ("niets", vec![]),
    ] {
        assert_eq!(names(&list(&admin, &format!("q={q}")).await), expected, "{q}");
    }
    assert_eq!(names(&list(&admin, "q=").await).len(), 6, "an empty search finds all");
}

/// ADM-03: state and plan filter, three orders sort, and each shows what it promises.
#[tokio::test]
async fn customers_are_filtered_and_sorted() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for (name, plan, logs) in [("b", "mkb", 2), ("C", "demo", 1), ("a", "mkb", 0)] {
        test.clock.advance(1_000);
        let body = json!({ "name": name, "contact_email": "a@b.nl", "plan": plan });
        let made = admin.post(CUSTOMERS, &body).await.expect(axum::http::StatusCode::CREATED).json();
        let owner = crate::auth::sign_in(&test, made["access_code"].as_str().unwrap()).await.actor;
        for _ in 0..logs {
            owner.post("/api/v1/logs", &json!({ "x": 1 })).await.expect(axum::http::StatusCode::CREATED);
        }
    }
    test.run_sql("UPDATE customer SET status = 'suspended' WHERE name = 'a'").await;
    for (query, expected) in [
        ("", vec!["a", "b", "C"]),
        ("sort=name", vec!["a", "b", "C"]),
        ("sort=-created_at", vec!["a", "C", "b"]),
        ("sort=-logs", vec!["b", "C", "a"]),
        ("status=active", vec!["b", "C"]),
        ("status=suspended", vec!["a"]),
        ("status=closed", vec![]),
        ("plan=mkb", vec!["a", "b"]),
        ("plan=mkb&status=active", vec!["b"]),
        ("plan=mkb&sort=-logs&q=a", vec!["a", "b"]),
    ] {
        let mut found = names(&list(&admin, query).await);
        if query.contains("q=a") {
            found.sort();
        }
        assert_eq!(found, expected, "{query}");
    }
}

/// GEN-07: pages of any size give every customer once, in each order.
#[tokio::test]
async fn pages_give_every_customer_once() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for at in 0..13 {
        // Several share a moment and a number of logs, so the order needs a second key.
        test.clock.advance(i64::from(at % 3 == 0));
        make(&admin, &format!("Klant {at:02}")).await;
    }
    for sort in ["name", "-created_at", "-logs"] {
        let all = names(&list(&admin, &format!("sort={sort}")).await);
        assert_eq!(all.len(), 13);
        for limit in [1, 2, 5, 12, 13, 14, 1000] {
            assert_eq!(walk(&admin, &format!("sort={sort}"), limit).await, all, "{sort} {limit}");
        }
    }
}

/// GEN-07: rows that are added while somebody pages neither move nor repeat the others.
#[tokio::test]
async fn pages_are_stable_while_rows_are_added() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for at in 0..10 {
        test.clock.advance(1_000);
        make(&admin, &format!("Klant {at}")).await;
    }
    for sort in ["name", "-created_at", "-logs"] {
        let before: HashSet<String> = names(&list(&admin, "limit=1000").await).into_iter().collect();
        let mut seen = Vec::new();
        let mut cursor = String::new();
        let mut added = 0;
        loop {
            let page = list(&admin, &format!("sort={sort}&limit=3{cursor}")).await;
            seen.extend(names(&page));
            test.clock.advance(1_000);
            for name in ["AAA", "Klant 5", "zzz"] {
                added += 1;
                make(&admin, &format!("{name} {sort} {added}")).await;
            }
            match page["next_cursor"].as_str() {
                Some(next) if added < 60 => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        let unique: HashSet<&String> = seen.iter().collect();
        assert_eq!(unique.len(), seen.len(), "{sort}: nothing comes twice");
        if sort != "name" || added < 60 {
            assert!(before.iter().all(|name| unique.contains(name)), "{sort}: nothing is left out");
        }
    }
}

/// GEN-07: a cursor belongs to its list; a changed one is not ours.
#[tokio::test]
async fn cursors_belong_to_their_list() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for at in 0..4 {
        make(&admin, &format!("Lijst klant {at}")).await;
    }
    let page = list(&admin, "limit=2&q=klant").await;
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();
    for same in ["q=klant", "q=KLANT&limit=1", "q=klant&sort=name"] {
        list(&admin, &format!("{same}&cursor={cursor}")).await;
    }
    for other in ["", "q=klan", "q=klant&status=active", "q=klant&plan=mkb", "q=klant&sort=-logs"] {
        admin
            .get(&format!("{CUSTOMERS}?{other}&cursor={cursor}"))
            .await
            .expect_problem(400, "cursor_mismatch");
    }
    let logs = {
        let (_, owner, key) = test.tenant().await;
        for _ in 0..2 {
            key.post("/api/v1/logs", &json!({ "x": 1 })).await.expect(axum::http::StatusCode::CREATED);
        }
        owner.get("/api/v1/logs?limit=1").await.expect_ok().json()["next_cursor"].as_str().unwrap().to_owned()
    };
    admin.get(&format!("{CUSTOMERS}?cursor={logs}")).await.expect_problem(400, "cursor_mismatch");
    let mut flipped = cursor.clone().into_bytes();
    flipped[20] = if flipped[20] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(flipped).unwrap();
    for strange in [
        "x",
        "0",
        "bnVsbA",
        &flipped,
        &cursor[..cursor.len() - 2],
        &format!("{cursor}A"),
        &"A".repeat(2_000),
        "%00",
        "eyJhdCI6WzFdfQ",
    ] {
        admin
            .get(&format!("{CUSTOMERS}?q=klant&cursor={strange}"))
            .await
            .expect_problem(400, "invalid_cursor");
    }
}

/// API-10: parameters are checked by name and bounds; nothing is clipped in silence.
#[tokio::test]
async fn parameters_of_the_list_are_checked() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=-5", "limit"),
        ("limit=1.5", "limit"),
        ("status=gone", "status"),
        ("status=Active", "status"),
        ("plan=gold", "plan"),
        ("sort=email", "sort"),
        ("sort=name;drop", "sort"),
        ("q=%00", "q"),
    ] {
        let problem =
            admin.get(&format!("{CUSTOMERS}?{query}")).await.expect_problem(400, "invalid_parameter");
        assert_eq!(problem["args"]["name"], name, "{query}");
        assert!(!problem["args"]["expected"].as_str().unwrap().is_empty());
    }
    let long = "x".repeat(201);
    admin.get(&format!("{CUSTOMERS}?q={long}")).await.expect_problem(400, "invalid_parameter");
    for unknown in ["offset=1", "Limit=5", "filter=x", "page=2"] {
        let problem =
            admin.get(&format!("{CUSTOMERS}?{unknown}")).await.expect_problem(400, "unknown_parameter");
        assert!(problem["args"]["allowed"].as_str().unwrap().contains("cursor"), "{unknown}");
    }
}
