//! Logs of all customers: the same grammar, each log once, newest arrival first, and who looked.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::json;

use super::{ALL, find, noted, pairs, scan, value, walk, with_logs};
use crate::support::{self, TestApp, encode, record, upload};

/// ADM-07, ACC-02: staff who run the installation see logs across customers, each with number and name of its customer;
/// nobody else does, and test spaces are left out.
#[tokio::test]
async fn logs_of_several_customers_are_seen_by_admins_alone() {
    let test = TestApp::new().await;
    let (one, owner, key) = test.tenant().await;
    let (two, _, other) = test.tenant().await;
    record(&key, r#"{"message":"eerste"}"#).await;
    test.clock.advance(1_000);
    record(&other, r#"{"message":"tweede"}"#).await;
    test.clock.advance(1_000);
    record(&key, r#"{"message":"derde"}"#).await;
    let made = owner.post("/api/v1/keys", &json!({ "name": "Proef", "mode": "test" })).await;
    let made = made.expect(StatusCode::CREATED).json();
    record(&test.bearer(made["api_key"].as_str().unwrap()), r#"{"message":"proef"}"#).await;

    for actor in [&owner, &key, &test.person(&one, shared::access::Role::Viewer).await] {
        actor.get(ALL).await.expect_problem(403, "forbidden");
        actor.get(&format!("{ALL}/export")).await.expect_problem(403, "forbidden");
    }
    test.analyst().await.get(ALL).await.expect_problem(403, "forbidden");
    test.anon().get(ALL).await.expect_problem(401, "unauthenticated");

    let admin = test.admin().await;
    let page = admin.get(ALL).await.expect_ok().json();
    let rows: Vec<_> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["customer_name"].as_str().unwrap(), row["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [(one.name.as_str(), "derde"), (two.name.as_str(), "tweede"), (one.name.as_str(), "eerste")]
    );
    assert_eq!(pairs(&page), [(one.id, 2), (two.id, 1), (one.id, 1)]);
    assert_eq!((&page["has_more"], &page["partial"]), (&json!(false), &json!(false)));
    assert_eq!(find(&admin, "proef").await, [], "the word index knows the test space as well");
    let own = key.get("/api/v1/logs/2").await.expect_ok().json();
    for member in ["timestamp", "received_at", "kind", "level", "data", "source", "ip_address", "flags"] {
        assert_eq!(page["data"][0][member], own[member], "{member}");
    }
    let narrowed = admin.get(&format!("{ALL}?customer={}", two.id)).await.expect_ok().json();
    assert_eq!(pairs(&narrowed), [(two.id, 1)]);
    admin.get(&format!("{ALL}?customer=999999")).await.expect_problem(404, "not_found");
    for wrong in ["customer=0", "customer=x", "customer=-1", "limit=0", "limit=1001", "from=gisteren"] {
        admin.get(&format!("{ALL}?{wrong}")).await.expect_problem(400, "invalid_parameter");
    }
    admin.get(&format!("{ALL}?sort=id")).await.expect_problem(400, "unknown_parameter");
}

/// ADM-07, SRCH-02: a query or filter finds across customers what it finds in each of them.
#[tokio::test]
async fn queries_mean_the_same_across_customers() {
    let test = TestApp::new().await;
    let mut customers = Vec::new();
    for at in 0..3 {
        let lines: Vec<String> = (0..40).map(|n| scan(n * (at + 1) + at)).collect();
        customers.push(with_logs(&test, &lines).await);
        test.clock.advance(60_000);
    }
    test.index_parts(3).await;
    let admin = test.admin().await;
    let mut hits = 0;
    for query in [
        "q=",
        "q=venlo",
        "q=ven",
        "q=-venlo",
        "q=%22gelost in dok 3%22",
        "q=*4500012*",
        "q=*01*",
        "q=kind:scan",
        "q=soort:gate* rotterdam",
        "q=temp:>8",
        "q=temp:3..5 level:>=warning",
        "q=kind:scan OR -container:msku*",
        "q=id:3..9",
        "q=after:2026-11-10 before:2026-11-12",
        "q=has:container -temp:3",
        "q=onvindbaar",
        "kind=scan&level=info",
        "q=venlo&from=2026-11-05T00:00:00Z&to=2026-11-09T12:00:00Z",
        "field.temp=4",
        "ip=203.0.113.0/24&source=batch",
        "from=2026-11-21T00:00:00Z",
    ] {
        let query = query.replace(' ', "%20").replace('>', "%3E");
        let mut expected = BTreeSet::new();
        for (customer, owner, _) in &customers {
            let page = owner.get(&format!("/api/v1/logs?limit=1000&{query}")).await.expect_ok().json();
            let own: BTreeSet<_> = support::ids(&page).into_iter().map(|id| (customer.id, id)).collect();
            let narrowed = walk(&admin, &format!("{query}&customer={}", customer.id), 7).await;
            assert_eq!(narrowed.iter().copied().collect::<BTreeSet<_>>(), own, "{query}");
            expected.extend(own);
        }
        let found = walk(&admin, &query, 7).await;
        assert_eq!(found.len(), expected.len(), "{query}: each log once");
        hits += found.len();
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected, "{query}");
        // Customers came one after the other, so arrival is the order of customers, and within one that of numbers.
        assert!(found.is_sorted_by(|a, b| a > b), "{query}: {found:?}");
    }
    assert!(hits > 600, "the queries find something: {hits}");
}

/// SRCH-07, ADM-07: what cannot be read is refused as in a customer's own search, with place, words and suggestion, and is
/// no look.
#[tokio::test]
async fn faults_have_their_place() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let admin = test.admin().await;
    for q in ["kind:", "(scan gate", "level:waring", "temp:8..4", "📦é \"dok 3"] {
        let own = owner.get(&format!("/api/v1/logs/search?q={}", encode(q))).await;
        let own = own.expect_problem(400, "invalid_query");
        for path in [ALL, "/api/v1/admin/logs/export"] {
            let here = admin.get(&format!("{path}?q={}", encode(q))).await;
            let here = here.expect_problem(400, "invalid_query");
            assert_eq!((&here["args"], &here["detail"]), (&own["args"], &own["detail"]), "{q}");
        }
    }
    assert_eq!(noted(&admin, 0, "logs").await.len(), 0);
}

/// ADM-07, GEN-07: pages of any size follow each other without a gap and without a log coming twice, when many logs
/// arrive in the same instant, when others arrive meanwhile, and when the word index has more hits than are sorted.
#[tokio::test]
async fn pages_follow_each_other() {
    let test = TestApp::new().await;
    let (first, _, key) = test.tenant().await;
    let many: Vec<String> = (0..10_050).map(|n| format!(r#"{{"kind":"scan","n":{n}}}"#)).collect();
    for part in many.chunks(1_000) {
        upload(&key, part).await;
    }
    let (second, _, other) = with_logs(&test, &(0..30).map(scan).collect::<Vec<_>>()).await;
    test.clock.advance(5);
    upload(&other, &(30..60).map(scan).collect::<Vec<_>>()).await;
    let admin = test.admin().await;
    for (query, expected) in [("q=", 10_110), ("q=kind:scan", 10_070), ("q=kind:scan%20-n:3", 10_069)] {
        let found = walk(&admin, query, 997).await;
        let once: BTreeSet<_> = found.iter().copied().collect();
        assert_eq!((found.len(), once.len()), (expected, expected), "{query}");
        assert!(found.iter().all(|(customer, _)| [first.id, second.id].contains(customer)));
    }
    // What arrives while somebody reads on stands before what was read.
    let page = admin.get(&format!("{ALL}?limit=20")).await.expect_ok().json();
    test.clock.advance(5);
    record(&key, r#"{"message":"later"}"#).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = admin.get(&format!("{ALL}?limit=20&cursor={cursor}")).await.expect_ok();
    assert!(next.header("link").contains("/api/v1/admin/logs?limit=20&cursor="));
    let (before, after) = (pairs(&page), pairs(&next.json()));
    assert_eq!(before, (41..=60).rev().map(|id| (second.id, id)).collect::<Vec<_>>());
    assert_eq!(after, (21..=40).rev().map(|id| (second.id, id)).collect::<Vec<_>>());
    for other in ["q=venlo", &format!("customer={}", first.id)] {
        let path = format!("{ALL}?{other}&cursor={cursor}");
        admin.get(&path).await.expect_problem(400, "cursor_mismatch");
    }
    admin.get(&format!("{ALL}?cursor=x")).await.expect_problem(400, "invalid_cursor");
}

/// LOG-10, ADM-07: logs that were erased are in no list and no file from that moment on, before their rows are gone as well.
#[tokio::test]
async fn erased_logs_are_not_shown() {
    let test = TestApp::new().await;
    let lines: Vec<String> = (0..12).map(scan).collect();
    let (customer, owner, _) = with_logs(&test, &lines).await;
    let admin = test.admin().await;
    assert_eq!((find(&admin, "venlo").await.len(), find(&admin, "-rotterdam").await.len()), (6, 6));
    let body = json!({ "q": "venlo", "up_to": 12, "expected_count": 6 });
    owner.post("/api/v1/logs/erasures", &body).await.expect_ok();
    let left: Vec<_> = (1..=6).rev().map(|n| (customer.id, 2 * n)).collect();
    for moment in ["hidden", "purged"] {
        assert_eq!(find(&admin, "venlo").await, [], "{moment}");
        assert_eq!(find(&admin, "-rotterdam").await, [], "{moment}");
        assert_eq!(find(&admin, "").await, left, "{moment}");
        assert_eq!(walk(&admin, &format!("customer={}", customer.id), 4).await, left, "{moment}");
        let file = admin.get(&format!("{ALL}/export")).await.expect_ok().text();
        assert!(file.lines().count() == 7 && !file.contains("Venlo"), "{moment}: {file}");
        api::domain::logs::erasure::purge::run(&test.app).await.unwrap();
    }
}

/// ADM-07, SEC-16: each look is a row for the installation, and one that its owner sees for the customer that it was narrowed
/// to: what was asked for stands there, nothing of what was found.
#[tokio::test]
async fn each_look_is_on_record() {
    let test = TestApp::new().await;
    let (customer, owner, _) = with_logs(&test, &(0..5).map(scan).collect::<Vec<_>>()).await;
    let (other, _, _) = with_logs(&test, &(5..9).map(scan).collect::<Vec<_>>()).await;
    let admin = test.admin().await;
    let looked = async || noted(&admin, 0, "logs.search").await;
    let page = admin.get(&format!("{ALL}?q=dok&limit=2&kind=scan")).await.expect_ok().json();
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let rows = looked().await;
    assert_eq!(
        (rows.len(), &rows[0]["actor_kind"], &rows[0]["actor_name"]),
        (1, &json!("staff"), &json!("admin"))
    );
    assert_eq!(value(&rows[0], "q"), "dok kind:=scan", "a filter is a term of the grammar");
    assert!(noted(&admin, customer.id, "logs").await.is_empty());
    let cursor = page["next_cursor"].as_str().unwrap();
    admin.get(&format!("{ALL}?q=dok&limit=2&kind=scan&cursor={cursor}")).await.expect_ok();
    assert_eq!(value(&looked().await[0], "continued"), "true");

    let query = format!("q=venlo&customer={}&from=2026-11-01T00:00:00Z", customer.id);
    admin.get(&format!("{ALL}?{query}")).await.expect_ok();
    let all = looked().await;
    assert_eq!((all.len(), value(&all[0], "customer_id")), (3, json!(customer.id.to_string())));
    let seen = owner.get("/api/v1/audit?action=logs").await.expect_ok().json();
    let row = &seen["data"][0];
    assert_eq!(seen["data"].as_array().unwrap().len(), 1);
    assert_eq!((value(row, "q"), value(row, "from")), (json!("venlo"), json!("2026-11-01T00:00:00.000Z")));
    assert_eq!((&row["actor_kind"], &row["actor_name"]), (&json!("staff"), &json!(null)), "who stays theirs");
    assert!(noted(&admin, other.id, "logs").await.is_empty());
    let told = format!("{all:?} {seen}");
    assert!(!told.contains("gelost") && !told.contains("MSKU"), "{told}");
    // What is refused is no look.
    admin.get(&format!("{ALL}?q=dok&cursor=x")).await.expect_problem(400, "invalid_cursor");
    assert_eq!(looked().await.len(), 3);
}
