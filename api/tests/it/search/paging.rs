//! Counts, and searches that cannot finish at once.

use std::time::Duration;

use api::domain::logs::finder::{Order, Search, connect};
use api::domain::logs::model::BookKey;
use api::util::ids::{CustomerId, Space};
use api::util::zone;
use serde_json::json;

use crate::support::{TestApp, encode, upload};

/// SRCH-05, GEN-10: totals are exact up to 10,000, above it say so, and are exact when asked, for every kind of query.
#[tokio::test]
async fn totals_are_capped_at_ten_thousand_and_exact_on_demand() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    let line = |kind: &str| format!("{{\"kind\":\"{kind}\",\"n\":8}}");
    upload(&key, &vec![line("scan"); 5_300]).await;
    upload(&key, &vec![line("scan"); 5_200]).await;
    upload(&key, &vec![line("lading"); 300]).await;
    let book = BookKey { customer: CustomerId(customer.id), space: Space::Live };
    let zone = zone::find("Europe/Amsterdam").unwrap();
    let mut conn = connect(&app.app, book).await.unwrap();
    // Where logs have to be read, counting up to the cap ends with the time budget: here it has all the time it needs.
    for (query, matches, by_index) in [
        ("", 10_800, true),
        ("scan", 10_500, true),
        ("kind:scan", 10_500, true),
        ("lading", 300, true),
        ("niets", 0, true),
        ("id:1..10400", 10_400, true),
        ("id:101..10100", 10_000, true),
        ("-lading", 10_500, false),
        ("n:>7 scan", 10_500, false),
        ("-scan", 300, false),
        ("*lad*", 300, false),
        ("na:2026-11-22 scan", 10_500, false),
        ("-n:8", 0, false),
        ("-lading id:101..10100", 10_000, false),
    ] {
        let total = async |how: &str| {
            let path = format!("/api/v1/logs?limit=1&count={how}&q={}", encode(query));
            key.get(&path).await.expect_ok().json()["total"].clone()
        };
        let capped = json!({"value": matches.min(10_000), "capped": matches > 10_000});
        if by_index {
            assert_eq!(total("capped").await, capped, "{query}");
            assert_eq!(total("estimate").await, capped, "{query}");
        }
        let parsed = shared::query::parse(query).unwrap();
        let search = Search {
            key: book,
            query: &parsed,
            zone: &zone,
            occurred: (i64::MIN, i64::MAX),
            order: Order::NewestArrival,
            after: None,
            up_to: None,
            kinds: None,
            budget: Duration::from_secs(3_600),
        };
        assert_eq!(json!(search.count(&mut conn, Some(10_000)).await.unwrap()), capped, "{query}");
        assert_eq!(total("exact").await, json!({"value": matches, "capped": false}), "{query}");
    }
    assert!(key.get("/api/v1/logs?limit=1").await.expect_ok().json().get("total").is_none());
}

/// SRCH-04, GEN-10: a search whose time is up gives what it has, says `partial`, and its position continues without gap
/// or double until everything is found.
#[tokio::test]
async fn a_search_whose_time_is_up_continues_where_it_stopped() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    let lines: Vec<String> = (1..=3_000)
        .map(|n| format!("{{\"txt\":\"rit {}\"}}", if n % 500 == 0 { "gevonden" } else { "leeg" }))
        .collect();
    upload(&key, &lines).await;
    let book = BookKey { customer: CustomerId(customer.id), space: Space::Live };
    let query = shared::query::parse("*evond*").unwrap();
    let zone = zone::find("Europe/Amsterdam").unwrap();
    for order in [Order::NewestArrival, Order::OldestArrival, Order::LatestOccurrence] {
        let mut search = Search {
            key: book,
            query: &query,
            zone: &zone,
            occurred: (i64::MIN, i64::MAX),
            order,
            after: None,
            up_to: None,
            kinds: None,
            budget: Duration::ZERO,
        };
        let mut conn = connect(&app.app, book).await.unwrap();
        let (mut found, mut partial) = (0, 0);
        for _ in 0..3_000 {
            let page = search.page(&mut conn, 4).await.unwrap();
            found += page.rows.len();
            partial += usize::from(page.partial);
            assert!(!page.partial || page.next.is_some(), "a partial page can be continued");
            match page.next {
                Some(next) => search.after = Some(next),
                None => break,
            }
        }
        assert_eq!(found, 6, "{order:?}");
        assert!(partial > 3, "{order:?} {partial}");
    }
    let whole = key.get("/api/v1/logs/search?q=*evond*").await.expect_ok().json();
    assert_eq!((&whole["count"], &whole["partial"]), (&json!(6), &json!(false)));
}

/// GEN-07, RFC 8288: the `Link` header leads through all pages of a list, each log once; the last page has none.
#[tokio::test]
async fn links_lead_through_all_pages() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let lines: Vec<String> = (0..7).map(|n| format!("{{\"kind\":\"scan\",\"n\":{n}}}")).collect();
    upload(&key, &lines).await;
    for (start, list) in
        [("/api/v1/logs?q=kind%3Ascan&limit=3", "logs"), ("/api/v1/logs/search?q=scan&limit=3", "results")]
    {
        let (mut path, mut seen) = (start.to_owned(), Vec::new());
        loop {
            let page = key.get(&path).await.expect_ok();
            seen.extend(page.json()[list].as_array().unwrap().iter().map(|log| log["id"].as_i64().unwrap()));
            let Some(link) = page.headers.get("link") else { break };
            let link = link.to_str().unwrap();
            path = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
            assert!(path.starts_with(start), "{link}");
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1]);
    }
}
