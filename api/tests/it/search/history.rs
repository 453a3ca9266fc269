//! What was looked for: shown to who did, forgotten on demand and after a while, and counted.

use api::domain::searches::service::{flush, forget_old};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, TestDatabase, encode, find, record};

const HISTORY: &str = "/api/v1/searches/history";
const DAY: i64 = 86_400_000;

async fn get(actor: &Actor, path: &str) -> Value {
    actor.get(path).await.expect_ok().json()
}

/// The queries of a history.
async fn past(actor: &Actor) -> Vec<String> {
    let out = get(actor, HISTORY).await;
    out["searches"].as_array().unwrap().iter().map(|one| one["q"].as_str().unwrap().to_owned()).collect()
}

/// SRCH-09: each executed search is remembered with its hits, newest first, each once, before and after it is written;
/// further pages, the empty query, what could not be read and what is still being typed (SRCH-14) are none.
#[tokio::test]
async fn searches_are_remembered() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    for n in 0..3 {
        record(&key, &format!(r#"{{"kind":"a","n":{n}}}"#)).await;
    }
    for written in [false, true] {
        for q in ["kind:a", "nergens", "kind:a n:1", "kind:a"] {
            app.clock.advance(1_000);
            owner.get(&format!("/api/v1/logs?count=capped&q={}", encode(q))).await.expect_ok();
        }
        owner.get("/api/v1/logs?q=").await.expect_ok();
        let typed = get(&owner, "/api/v1/logs/search?q=kind:a&preview=true&limit=2").await;
        assert_eq!(typed["count"], 2);
        owner.get("/api/v1/logs").await.expect_ok();
        owner.get("/api/v1/logs?q=kind:(").await.expect_problem(400, "invalid_query");
        app.clock.advance(1_000);
        let page = get(&owner, "/api/v1/logs/search?limit=2&q=n:*").await;
        let cursor = page["next_cursor"].as_str().unwrap();
        get(&owner, &format!("/api/v1/logs/search?limit=2&q=n:*&cursor={cursor}")).await;
        if written {
            flush(&app.app).await;
        }
        let out = get(&owner, HISTORY).await;
        assert_eq!(past(&owner).await, ["n:*", "kind:a", "kind:a n:1", "nergens"], "{written}");
        let hits: Vec<_> = out["searches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["hits"], &one["hits_capped"]))
            .collect();
        let (no, yes) = (json!(false), json!(true));
        assert_eq!(hits, [(&json!(2), &yes), (&json!(3), &no), (&json!(1), &no), (&json!(0), &no)]);
    }
    assert!(past(&key).await.is_empty(), "a key has a history of its own");
    for n in 0..30 {
        app.clock.advance(1_000);
        find(&owner, &format!("woord{n}")).await;
    }
    assert_eq!(past(&owner).await.len(), 20);
}

/// SRCH-09: who searched can have it forgotten; a customer can switch it off, which forgets everybody's; after ninety
/// days it goes by itself; the test space leaves no trace.
#[tokio::test]
async fn searches_are_forgotten() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    let (_, stranger, _) = app.tenant().await;
    for actor in [&owner, &key, &stranger] {
        find(actor, "eerst").await;
        flush(&app.app).await;
        find(actor, "daarna").await;
    }
    owner.delete(HISTORY).await.expect(StatusCode::NO_CONTENT);
    assert!(past(&owner).await.is_empty());
    assert_eq!((past(&key).await.len(), past(&stranger).await.len()), (2, 2));
    owner.patch("/api/v1/me", &json!({ "search_history": false })).await.expect_ok();
    find(&key, "stil").await;
    assert!(past(&key).await.is_empty());
    assert_eq!(get(&key, HISTORY).await["enabled"], false);
    owner.patch("/api/v1/me", &json!({ "search_history": true })).await.expect_ok();
    find(&key, "weer").await;
    assert_eq!(past(&key).await, ["weer"]);
    let made = owner.post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"})).await;
    let test = app.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    find(&test, "proef").await;
    assert!(past(&test).await.is_empty());
    flush(&app.app).await;
    app.clock.advance(91 * DAY);
    assert_eq!(forget_old(&app.app).await.unwrap(), 3);
    assert!(past(&app.owner(&customer).await).await.is_empty());
}

/// SRCH-09, KEY-07: searching takes no write lock: it works while somebody else holds it.
#[tokio::test]
async fn searching_does_not_write() {
    if TestDatabase::is_postgres() {
        return;
    }
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    let held = app.app.db.write(api::db::Scope::Installation).await.unwrap();
    let work = async {
        find(&owner, "woord").await;
        get(&owner, "/api/v1/analytics/searches").await;
        past(&owner).await
    };
    let past = tokio::time::timeout(std::time::Duration::from_secs(5), work).await;
    assert_eq!(past.expect("a search waits for a writer"), ["woord"]);
    drop(held);
}

/// ANA-13, GEN-01: the most frequent queries, those that found nothing, and the median of durations; none is no number.
#[tokio::test]
async fn what_is_looked_for_is_counted() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, stranger, _) = app.tenant().await;
    let none = get(&owner, "/api/v1/analytics/searches").await;
    assert_eq!((&none["n"], &none["median_ms"], &none["top"]), (&json!(0), &json!(null), &json!([])));
    record(&key, r#"{"kind":"a"}"#).await;
    for (actor, q, times) in [
        (&owner, "kind:a", 3),
        (&key, "kind:a", 4),
        (&owner, "niets", 2),
        (&owner, "leeg", 1),
        (&stranger, "geheim", 9),
    ] {
        for _ in 0..times {
            app.clock.advance(1_000);
            find(actor, q).await;
        }
        if times == 4 {
            flush(&app.app).await;
        }
    }
    let out = get(&owner, "/api/v1/analytics/searches?days=7").await;
    assert_eq!((&out["n"], &out["distinct"], &out["empty"]), (&json!(10), &json!(3), &json!(3)));
    let list = |name: &str| -> Vec<(String, i64, i64)> {
        let rows = out[name].as_array().unwrap().iter();
        rows.map(|row| {
            (
                row["q"].as_str().unwrap().to_owned(),
                row["times"].as_i64().unwrap(),
                row["empty"].as_i64().unwrap(),
            )
        })
        .collect()
    };
    let (niets, leeg) = (("niets".to_owned(), 2, 2), ("leeg".to_owned(), 1, 1));
    assert_eq!(list("top"), [("kind:a".to_owned(), 7, 0), niets.clone(), leeg.clone()]);
    assert_eq!(list("nothing_found"), [niets, leeg]);
    assert!(out["median_ms"].as_i64().unwrap() >= 0);
    app.clock.advance(8 * DAY);
    let (_, _, _) = app.tenant().await;
    assert_eq!(get(&key, "/api/v1/analytics/searches?days=7").await["n"], 0);
}

/// ANA-13: over all customers figures are told from five searching customers on, and never their queries.
#[tokio::test]
async fn few_customers_are_not_told_about() {
    let app = TestApp::new().await;
    let admin = app.admin().await;
    for n in 1..=5 {
        let (_, owner, _) = app.tenant().await;
        find(&owner, "geheim woord").await;
        find(&owner, "geheim woord").await;
        flush(&app.app).await;
        let out = admin.get("/api/v1/admin/searches").await.expect_ok();
        assert!(!out.text().contains("geheim"));
        let out = out.json();
        if n < 5 {
            assert_eq!(
                (&out["n"], &out["customers"], &out["reason"]),
                (&json!(null), &json!(null), &json!("too_few"))
            );
        } else {
            assert_eq!((&out["n"], &out["customers"], &out["reason"]), (&json!(10), &json!(5), &json!(null)));
        }
    }
}
