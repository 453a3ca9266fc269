//! API-13: the customer sees the latest requests with its keys.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{REQUESTS, brief, rows};
use crate::support::{TestApp, TestDatabase, encode, names};

const DAY: i64 = 24 * 3_600_000;

async fn stored(test: &TestApp) -> i64 {
    test.number("SELECT COUNT(*) AS n FROM api_request").await
}

/// API-13: each request with a key is there with time, route, status, duration, key, number and code; bodies, values of
/// parameters and addresses are not.
#[tokio::test]
async fn requests_are_listed_with_what_is_safe_to_show() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    key.post("/api/v1/logs", &json!({ "message": "geheim" })).await.expect(StatusCode::CREATED);
    test.clock.advance(1_000);
    let missing = key.get("/api/v1/logs/4711").await.expect(StatusCode::NOT_FOUND);
    test.clock.advance(1_000);
    key.get("/api/v1/logs/search?q=geheim").await.expect_ok();
    let (listed, id) = {
        let keys = owner.get("/api/v1/keys").await.expect_ok().json();
        (keys["keys"][0]["name"].clone(), keys["keys"][0]["id"].clone())
    };
    for when in ["waiting", "written"] {
        let found = rows(&owner, "").await;
        assert_eq!(
            brief(&found),
            ["GET /api/v1/logs/search 200", "GET /api/v1/logs/{id} 404", "POST /api/v1/logs 201"],
            "{when}"
        );
        let row = &found[1];
        assert_eq!(
            names(row),
            [
                "at",
                "code",
                "duration_ms",
                "id",
                "key_id",
                "key_name",
                "method",
                "request_id",
                "route",
                "status",
                "test"
            ]
        );
        assert_eq!((&row["at"], &row["code"]), (&json!("2026-11-22T12:00:01.000Z"), &json!("log_not_found")));
        assert_eq!(row["request_id"].as_str().unwrap(), missing.header("x-request-id"));
        assert_eq!((&row["key_id"], &row["key_name"], &row["test"]), (&id, &listed, &json!(false)));
        assert!(row["duration_ms"].as_f64().unwrap() > 0.0 && found[0]["code"] == Value::Null);
        let text = json!(found).to_string();
        assert!(!text.contains("geheim") && !text.contains("4711") && !text.contains("203.0.113"), "{text}");
        assert_eq!(stored(&test).await, if when == "waiting" { 0 } else { 3 }, "a request writes nothing");
        api::domain::requests::service::flush(&test.app).await;
    }
}

/// API-13, KEY-06: a genuine key that is turned away is in the list with the reason, which its sender does not hear. A
/// key that never existed is nobody's.
#[tokio::test]
async fn keys_that_are_turned_away_are_listed_with_the_reason() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let make = async |body: Value| {
        let made = owner.post("/api/v1/keys", &body).await.expect(StatusCode::CREATED).json();
        (made["id"].as_str().unwrap().to_owned(), test.bearer(made["api_key"].as_str().unwrap()))
    };
    let (revoked, first) = make(json!({ "name": "a" })).await;
    let (_, second) = make(json!({ "name": "b", "cidrs": ["192.0.2.0/24"] })).await;
    let (_, third) = make(json!({ "name": "c", "expires_in_days": 1 })).await;
    let (_, fourth) = make(json!({ "name": "d", "scopes": ["webhooks:manage"] })).await;
    owner.post(&format!("/api/v1/keys/{revoked}/revoke"), &json!({})).await.expect_ok();
    first.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    second.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    fourth.get("/api/v1/logs").await.expect_problem(403, "insufficient_scope");
    test.clock.advance(DAY);
    third.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    test.bearer("mvai_live_00000000").get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    let owner = test.owner(&customer).await;
    let found: Vec<_> =
        rows(&owner, "").await.iter().map(|row| (row["code"].clone(), row["refused"].clone())).collect();
    assert_eq!(
        found,
        [
            (json!("invalid_api_key"), json!("expired")),
            (json!("insufficient_scope"), Value::Null),
            (json!("invalid_api_key"), json!("network")),
            (json!("invalid_api_key"), json!("revoked")),
        ]
    );
}

/// API-13: people in the web app leave nothing in the list, nor do requests without a credential.
#[tokio::test]
async fn people_are_not_listed() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    owner.get("/api/v1/logs").await.expect_ok();
    test.anon().get("/api/v1/logs").await.expect_problem(401, "unauthenticated");
    test.anon().get("/api/v1/health").await.expect_ok();
    assert!(rows(&owner, "").await.is_empty());
    key.get("/api/v1/me").await.expect_ok();
    assert_eq!(brief(&rows(&owner, "").await), ["GET /api/v1/me 200"]);
}

/// API-13, ACC-01: nobody sees requests of another customer; a test key sees those of test keys.
#[tokio::test]
async fn requests_of_others_are_not_seen() {
    let test = TestApp::new().await;
    let (_, first, first_key) = test.tenant().await;
    let (_, second, second_key) = test.tenant().await;
    first_key.get("/api/v1/me").await.expect_ok();
    second_key.get("/api/v1/status").await.expect_ok();
    api::domain::requests::service::flush(&test.app).await;
    second_key.get("/api/v1/logs").await.expect_ok();
    assert_eq!(brief(&rows(&first, "").await), ["GET /api/v1/me 200"]);
    assert_eq!(brief(&rows(&second, "").await), ["GET /api/v1/logs 200", "GET /api/v1/status 200"]);
    let foreign = rows(&second, "").await[0]["key_id"].as_str().unwrap().to_owned();
    assert!(rows(&first, &format!("?key_id={foreign}")).await.is_empty());
    let made = first.post("/api/v1/keys", &json!({ "name": "t", "mode": "test" })).await;
    let tester = test.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    tester.get("/api/v1/status").await.expect_ok();
    assert_eq!(brief(&rows(&tester, "").await), ["GET /api/v1/status 200"]);
    let all = rows(&first, "").await;
    assert_eq!(
        all.iter().map(|row| row["test"].clone()).collect::<Vec<_>>(),
        [json!(true), json!(true), json!(false)]
    );
}

/// API-13, GEN-07: pages follow each other without gap or repetition, also while requests come in and are written; the
/// cursor belongs to its filter.
#[tokio::test]
async fn pages_follow_each_other() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    for number in 0..25 {
        if number == 12 {
            api::domain::requests::service::flush(&test.app).await;
        }
        key.get(&format!("/api/v1/logs/{}", number + 1)).await.expect(StatusCode::NOT_FOUND);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = owner.get(&format!("{REQUESTS}?status=4xx&limit=10{cursor}")).await.expect_ok();
        let link = answer.headers.get("link").map(|link| link.to_str().unwrap().to_owned());
        let page = answer.json();
        seen.extend(
            page["data"].as_array().unwrap().iter().map(|row| row["request_id"].as_str().unwrap().to_owned()),
        );
        assert_eq!(page["has_more"], json!(link.is_some()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={}", encode(next));
        key.get("/api/v1/logs/99").await.expect(StatusCode::NOT_FOUND);
        api::domain::requests::service::flush(&test.app).await;
        let other = owner.get(&format!("{REQUESTS}?status=2xx&limit=10{cursor}")).await;
        other.expect_problem(400, "cursor_mismatch");
    }
    assert_eq!(seen.len(), 25);
    assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 25);
    owner.get(&format!("{REQUESTS}?cursor=abc")).await.expect_problem(400, "invalid_cursor");
}

/// API-13, API-10: filters narrow, alone and together; what is no filter is refused.
#[tokio::test]
async fn filters_narrow() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let other = test.key(&owner, None).await;
    key.post("/api/v1/logs", &json!({ "message": "een" })).await.expect(StatusCode::CREATED);
    test.clock.advance(60_000);
    key.get("/api/v1/logs/7").await.expect(StatusCode::NOT_FOUND);
    test.clock.advance(60_000);
    other.get("/api/v1/logs/1").await.expect_ok();
    let second = rows(&owner, "").await[0]["key_id"].as_str().unwrap().to_owned();
    for (query, expected) in [
        ("status=4xx".to_owned(), vec!["GET /api/v1/logs/{id} 404"]),
        ("status=5xx".to_owned(), vec![]),
        ("method=POST".to_owned(), vec!["POST /api/v1/logs 201"]),
        (
            format!("route={}", encode("logs/{id}")),
            vec!["GET /api/v1/logs/{id} 200", "GET /api/v1/logs/{id} 404"],
        ),
        (format!("key_id={second}"), vec!["GET /api/v1/logs/{id} 200"]),
        (format!("key_id={second}&status=4xx"), vec![]),
        (
            "after=2026-11-22T12:00:00Z".to_owned(),
            vec!["GET /api/v1/logs/{id} 200", "GET /api/v1/logs/{id} 404"],
        ),
        ("before=2026-11-22T12:01:00Z".to_owned(), vec!["POST /api/v1/logs 201"]),
        (
            "after=2026-11-22T12:00:00Z&before=2026-11-22T12:02:00Z".to_owned(),
            vec!["GET /api/v1/logs/{id} 404"],
        ),
    ] {
        assert_eq!(brief(&rows(&owner, &format!("?{query}")).await), expected, "{query}");
    }
    for (query, code) in [
        ("status=404", "invalid_parameter"),
        ("key_id=abc", "invalid_parameter"),
        ("method=HEAD", "invalid_parameter"),
        ("after=gisteren", "invalid_parameter"),
        ("limit=0", "invalid_parameter"),
        ("q=x", "unknown_parameter"),
    ] {
        owner.get(&format!("{REQUESTS}?{query}")).await.expect_problem(400, code);
    }
}

/// API-13: the last thousand stay, whether they wait or are written; of another customer nothing goes.
#[tokio::test]
async fn the_last_thousand_stay() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    let (_, quiet, quiet_key) = test.tenant().await;
    quiet_key.get("/api/v1/me").await.expect_ok();
    for number in 0..1_030 {
        key.get(&format!("/api/v1/logs/{}", number + 1)).await.expect(StatusCode::NOT_FOUND);
        if number % 400 == 399 {
            api::domain::requests::service::flush(&test.app).await;
        }
    }
    let waiting = rows(&owner, "?limit=1000").await;
    api::domain::requests::service::flush(&test.app).await;
    let written = rows(&owner, "?limit=1000").await;
    assert_eq!((waiting.len(), &waiting), (1_000, &written));
    assert_eq!(stored(&test).await, 1_001);
    assert_eq!(rows(&quiet, "").await.len(), 1);
}

/// API-13: after seven days a request is shown to nobody, and removed by the next run.
#[tokio::test]
async fn after_seven_days_nothing_is_left() {
    let test = TestApp::new().await;
    let (customer, _, key) = test.tenant().await;
    key.get("/api/v1/me").await.expect_ok();
    test.clock.advance(DAY);
    key.get("/api/v1/status").await.expect_ok();
    api::domain::requests::service::flush(&test.app).await;
    test.clock.advance(6 * DAY);
    let owner = test.owner(&customer).await;
    assert_eq!(rows(&owner, "").await.len(), 2, "seven days to the millisecond");
    api::domain::requests::service::forget_old(&test.app).await.unwrap();
    assert_eq!(stored(&test).await, 2);
    test.clock.advance(1);
    assert_eq!(brief(&rows(&owner, "").await), ["GET /api/v1/status 200"]);
    api::domain::requests::service::forget_old(&test.app).await.unwrap();
    assert_eq!(stored(&test).await, 1);
}

/// API-13, ANA-14: what cannot be written is kept and written the next time; a normal stop writes everything, and it is
/// there after a restart.
#[tokio::test]
async fn a_stop_loses_nothing() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    for _ in 0..3 {
        key.get("/api/v1/me").await.expect_ok();
    }
    test.run_sql("ALTER TABLE request_latency RENAME TO away").await;
    api::domain::requests::service::flush(&test.app).await;
    assert_eq!(stored(&test).await, 0, "all or nothing");
    assert_eq!(rows(&owner, "").await.len(), 3);
    test.run_sql("ALTER TABLE away RENAME TO request_latency").await;
    api::domain::requests::service::flush(&test.app).await;
    assert_eq!(stored(&test).await, 3);
    let counted = "SELECT CAST(SUM(n) AS BIGINT) AS n FROM request_latency WHERE key_id <> ''";
    assert_eq!(test.number(counted).await, 3);
    key.get("/api/v1/me").await.expect_ok();
    test.app.close().await;
    let opened =
        api::db::Db::open(&test.database.storage(), api::config::Durability::Relaxed, false).await.unwrap();
    let mut conn = opened.db.read(api::db::Scope::Installation).await.unwrap();
    #[derive(sqlx::FromRow)]
    struct Count {
        n: i64,
        visits: i64,
    }
    let text = "SELECT COUNT(*) AS n, (SELECT COUNT(*) FROM visit) AS visits FROM api_request";
    let found: Count = api::db::sql(text).one(&mut conn).await.unwrap();
    assert_eq!((found.n, found.visits), (4, 1));
}

/// API-13, KEY-07: five hundred requests make no commit; one write takes them all.
#[tokio::test]
async fn no_request_writes() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    // Every commit of SQLite makes the log of the file longer; on PostgreSQL rows tell which transaction wrote them.
    let log =
        || test.database.file().map(|file| std::fs::metadata(file.with_extension("db-wal")).unwrap().len());
    let before = log();
    for _ in 0..250 {
        key.get("/api/v1/me").await.expect_ok();
        owner.get("/api/v1/logs").await.expect_ok();
    }
    assert_eq!(log(), before, "nothing was committed");
    for table in ["api_request", "request_latency", "activity_day", "visit"] {
        assert_eq!(test.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
    api::domain::requests::service::flush(&test.app).await;
    assert_eq!(stored(&test).await, 250);
    if TestDatabase::is_postgres() {
        let commits = "SELECT COUNT(DISTINCT xmin::text) AS n FROM api_request";
        assert_eq!(test.number(commits).await, 1, "one transaction wrote them");
    } else {
        assert!(log() > before, "the measure sees a commit");
    }
}
