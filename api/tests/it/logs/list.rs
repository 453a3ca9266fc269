//! Lists: order, pages, cursors, neighbours.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Actor, Dice, TestApp, encode, ids, record, upload};

/// LOG-09, SRCH-05: newest arrival first, or any of the other orders; equal times keep the order of arrival.
#[tokio::test]
async fn lists_are_in_the_order_asked_for() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    for hour in [9, 7, 9, 8, 7] {
        record(&key, &format!("{{\"occurred_at\":\"2026-11-22T0{hour}:00:00Z\"}}")).await;
    }
    for (sort, expected) in [
        ("", [5, 4, 3, 2, 1]),
        ("&sort=-id", [5, 4, 3, 2, 1]),
        ("&sort=id", [1, 2, 3, 4, 5]),
        ("&sort=-occurred_at", [3, 1, 4, 5, 2]),
        ("&sort=occurred_at", [2, 5, 4, 1, 3]),
    ] {
        assert_eq!(
            ids(&key.get(&format!("/api/v1/logs?limit=10{sort}")).await.expect_ok().json()),
            expected,
            "{sort}"
        );
        assert_eq!(
            ids(&key.get(&format!("/api/v1/logs/search?q=*{sort}")).await.expect_ok().json()),
            expected,
            "{sort}"
        );
    }
    key.get("/api/v1/logs?sort=kind").await.expect_problem(400, "invalid_parameter");
}

/// API-02, API-10: the documented lists read a strange `limit` as before; the limit in force stands in the answer.
#[tokio::test]
async fn a_strange_limit_is_read_as_documented() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    upload(&key, &vec!["1".to_owned(); 120]).await;
    for (limit, expected, count) in [
        ("", 100, 100),
        ("limit=abc", 100, 100),
        ("limit=", 100, 100),
        ("limit=7", 7, 7),
        ("limit=1000", 1_000, 120),
        ("limit=5000", 1_000, 120),
        ("limit=99999999999999999999999", 1_000, 120),
        ("limit=0", 1, 1),
        ("limit=-5", 1, 1),
        ("limit=10&unknown=1", 10, 10),
    ] {
        let list = key.get(&format!("/api/v1/logs?{limit}")).await.expect_ok().json();
        assert_eq!((&list["limit"], &list["count"]), (&json!(expected), &json!(count)), "{limit}");
        assert_eq!(
            (&list["has_more"], list["next_cursor"].is_string()),
            (&json!(count < 120), count < 120),
            "{limit}"
        );
    }
    assert_eq!(key.get("/api/v1/logs/search?q=*").await.expect_ok().json()["count"], 50);
}

/// API-02: `offset` works as documented up to 100,000; beyond it the answer says to use a cursor.
#[tokio::test]
async fn offsets_work_up_to_their_limit() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    upload(&key, &vec!["1".to_owned(); 25]).await;
    for (query, expected, offset) in [
        ("limit=3&offset=0", vec![25, 24, 23], 0),
        ("limit=3&offset=10", vec![15, 14, 13], 10),
        ("limit=3&offset=23", vec![2, 1], 23),
        ("limit=3&offset=25", vec![], 25),
        ("limit=3&offset=100000", vec![], 100_000),
        ("limit=3&offset=x", vec![25, 24, 23], 0),
        ("limit=3&offset=-4", vec![25, 24, 23], 0),
        ("limit=3&offset=10&sort=occurred_at", vec![11, 12, 13], 10),
    ] {
        let list = key.get(&format!("/api/v1/logs?{query}")).await.expect_ok().json();
        assert_eq!((ids(&list), &list["offset"]), (expected, &json!(offset)), "{query}");
    }
    for offset in ["100001", "99999999999"] {
        let problem =
            key.get(&format!("/api/v1/logs?offset={offset}")).await.expect_problem(400, "use_cursor");
        assert_eq!(problem["args"]["limit"], "100000");
    }
    // An offset page continues by cursor where it ended.
    let page = key.get("/api/v1/logs?limit=3&offset=10").await.expect_ok().json();
    let next = key
        .get(&format!("/api/v1/logs?limit=3&cursor={}", page["next_cursor"].as_str().unwrap()))
        .await
        .expect_ok()
        .json();
    assert_eq!(ids(&next), [12, 11, 10]);
}

async fn whole_history(key: &Actor, filter: &str, limit: usize, mut between: impl AsyncFnMut()) -> Vec<i64> {
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = key.get(&format!("/api/v1/logs?limit={limit}{filter}{cursor}")).await.expect_ok().json();
        seen.extend(ids(&page));
        assert_eq!(page["has_more"].as_bool().unwrap(), page["next_cursor"].is_string());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return seen,
        }
        between().await;
    }
}

/// LOG-09, GEN-07: the whole history is paged exactly once in every order and under every filter, while logs are added.
#[tokio::test]
async fn the_whole_history_is_paged_exactly_once() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let mut dice = Dice::new(7);
    let lines: Vec<String> = (0..110).map(|n| {
        // Many logs at the same instant.
        let minute = dice.below(40);
        format!("{{\"n\":{n},\"kind\":\"{}\",\"message\":\"pallet {}\",\"occurred_at\":\"2026-11-2{}T10:{minute:02}:00Z\"}}", ["scan", "lading"][n % 2], n % 3, dice.below(2))
    }).collect();
    upload(&key, &lines).await;
    for sort in ["-id", "id", "-occurred_at", "occurred_at"] {
        for (query, fits) in
            [("", 1), ("kind:scan", 2), ("-pallet", 0), ("n:>=0", 1), ("\"pallet 1\" OR n:<50", 3)]
        {
            let wanted: BTreeSet<i64> = (1..=110)
                .filter(|id| {
                    let n = id - 1;
                    match fits {
                        1 => true,
                        2 => n % 2 == 0,
                        3 => n % 3 == 1 || n < 50,
                        _ => false,
                    }
                })
                .collect();
            let filter = format!("&sort={sort}&q={}", encode(query));
            for limit in [1_000, 23] {
                let late = key.clone();
                let seen = whole_history(&key, &filter, limit, async || {
                    // In the middle of the order of time, and at the end of that of arrival.
                    record(
                        &late,
                        r#"{"kind":"scan","n":0,"later":true,"occurred_at":"2026-11-20T10:20:00Z"}"#,
                    )
                    .await;
                })
                .await;
                let own: Vec<i64> = seen.iter().copied().filter(|id| *id <= 110).collect();
                assert_eq!(own.len(), wanted.len(), "{sort} {query} {limit}: doubles or gaps");
                assert_eq!(own.iter().copied().collect::<BTreeSet<_>>(), wanted, "{sort} {query} {limit}");
                assert_eq!(
                    seen.iter().collect::<BTreeSet<_>>().len(),
                    seen.len(),
                    "{sort} {query} {limit}: doubles among new logs"
                );
                if sort == "-id" {
                    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{sort}");
                }
            }
        }
    }
}

/// GEN-07: a cursor belongs to its list: another filter, order or customer is a mismatch, a changed one is invalid.
#[tokio::test]
async fn a_cursor_belongs_to_its_list() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, _, stranger) = app.tenant().await;
    for actor in [&key, &stranger] {
        upload(actor, &vec![r#"{"kind":"scan","level":"error"}"#.to_owned(); 9]).await;
    }
    let page = key.get("/api/v1/logs?limit=2&q=kind:scan").await.expect_ok().json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for same in ["q=kind:scan", "q=%20soort:scan", "q=kind:scan&limit=5"] {
        assert_eq!(
            ids(&key.get(&format!("/api/v1/logs?{same}&cursor={cursor}")).await.expect_ok().json())[0],
            7,
            "{same}"
        );
    }
    assert_eq!(
        ids(&owner.get(&format!("/api/v1/logs?q=kind:scan&cursor={cursor}")).await.expect_ok().json())[0],
        7,
        "the same customer"
    );
    for other in [
        "",
        "q=kind:sca",
        "q=kind:scan&level=error",
        "q=kind:scan&sort=id",
        "q=kind:scan&from=2026-01-01T00:00:00Z",
        "q=kind:scan&to=2027-01-01T00:00:00Z",
        "q=kind:scan&field.a=1",
    ] {
        key.get(&format!("/api/v1/logs?{other}&cursor={cursor}"))
            .await
            .expect_problem(400, "cursor_mismatch");
    }
    stranger
        .get(&format!("/api/v1/logs?q=kind:scan&cursor={cursor}"))
        .await
        .expect_problem(400, "cursor_mismatch");
    let mut forged = cursor.to_owned();
    let last = if forged.ends_with('A') { 'B' } else { 'A' };
    forged.replace_range(20..21, &last.to_string());
    for bad in ["x", "%00", "%E2%82%AC", &"A".repeat(400), &cursor[..cursor.len() - 4], forged.as_str()] {
        key.get(&format!("/api/v1/logs?q=kind:scan&cursor={bad}"))
            .await
            .expect_problem(400, "invalid_cursor");
    }
}

/// LOG-09: the neighbours of a log are up to ten before and ten after it, in order of arrival, whatever their times.
#[tokio::test]
async fn around_gives_ten_before_and_ten_after() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let (_, _, stranger) = app.tenant().await;
    let lines: Vec<String> =
        (0..25).map(|n| format!("{{\"occurred_at\":\"2026-11-{:02}\"}}", 22 - n % 20)).collect();
    upload(&key, &lines).await;
    upload(&stranger, &lines).await;
    let list = |value: &serde_json::Value| -> Vec<i64> {
        value.as_array().unwrap().iter().map(|log| log["id"].as_i64().unwrap()).collect()
    };
    for (id, before, after) in [(1, 1..1, 2..12), (5, 1..5, 6..16), (13, 3..13, 14..24), (25, 15..25, 26..26)]
    {
        let out = key.get(&format!("/api/v1/logs/{id}/around")).await.expect_ok().json();
        assert_eq!((list(&out["before"]), list(&out["after"])), (before.collect(), after.collect()), "{id}");
    }
    assert!(key.get("/api/v1/logs/13/around").await.expect_ok().json()["after"][0]["customer_id"].is_i64());
}

/// KEY-09, LOG-09: the test space has numbers and lists of its own; neither side sees the other.
#[tokio::test]
async fn the_test_space_is_apart() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let made = owner
        .post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"}))
        .await
        .expect(axum::http::StatusCode::CREATED)
        .json();
    let test = app.bearer(made["api_key"].as_str().unwrap());
    for n in 0..3 {
        assert_eq!(record(&test, r#"{"message":"proefrit"}"#).await, n + 1);
    }
    assert_eq!(record(&key, r#"{"message":"echte rit"}"#).await, 1);
    assert_eq!(ids(&test.get("/api/v1/logs/search?q=proefrit").await.expect_ok().json()), [3, 2, 1]);
    assert_eq!(ids(&key.get("/api/v1/logs/search?q=proefrit").await.expect_ok().json()), [0_i64; 0]);
    assert_eq!(ids(&owner.get("/api/v1/logs").await.expect_ok().json()), [1]);
    key.get("/api/v1/logs/2").await.expect_problem(404, "log_not_found");
    assert_eq!(test.get("/api/v1/logs/2").await.expect_ok().json()["test"], true);
    assert_eq!(owner.get("/api/v1/analytics/stats").await.expect_ok().json()["total_logs"], 1);
    let overview = owner.get("/api/v1/analytics/overview").await.expect_ok().json();
    assert_eq!((&overview["usage"]["logs_used"], &overview["last_id"]), (&json!(1), &json!(1)));
    // Half-hour zones count single logs: the test space must not leak into them.
    for path in ["/api/v1/analytics/stats?tz=Asia/Kolkata", "/api/v1/analytics/daily?days=3&tz=Asia/Kolkata"]
    {
        let text = test.get(path).await.expect_ok().text();
        assert!(!text.contains(":-"), "{text}");
    }
    let daily = test.get("/api/v1/analytics/daily?days=3&tz=Asia/Kolkata").await.expect_ok().json();
    assert_eq!(daily["n"], 0);
    crate::support::audit(&app.app.db).await;
}
