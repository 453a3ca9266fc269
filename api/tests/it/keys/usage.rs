//! Counting the use of keys without writing at every request.

use api::db::{Scope, sql};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{KEYS, act, listed, make, named};
use crate::support::{TestApp, TestDatabase};

/// KEY-07: use is counted in memory and written now and then: time, address, operation, number.
#[tokio::test]
async fn use_is_counted_and_written_later() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let key = named(&test, &owner, "teller").await;
    for peer in ["203.0.113.1:1", "203.0.113.2:1"] {
        test.clock.advance(1_000);
        key.actor.from(peer).get("/api/v1/logs?limit=1").await.expect_ok();
    }
    test.clock.advance(1_000);
    key.actor.from("[2001:db8::9]:1").get("/api/v1/logs/7").await.expect_problem(404, "log_not_found");
    let before = listed(&owner, &key.id).await;
    assert_eq!((&before["usage_count"], &before["last_used_at"]), (&json!(0), &Value::Null));
    api::jobs::flush_key_usage(&test.app).await;
    let after = listed(&owner, &key.id).await;
    assert_eq!(
        (&after["usage_count"], &after["last_used_at"]),
        (&json!(3), &json!("2026-11-22T12:00:03.000Z"))
    );
    assert_eq!(
        (&after["last_used_ip"], &after["last_used_route"]),
        (&json!("2001:db8::9"), &json!("GET /api/v1/logs/{id}"))
    );
    api::jobs::flush_key_usage(&test.app).await;
    assert_eq!(listed(&owner, &key.id).await["usage_count"], 3, "nothing is counted twice");
    for _ in 0..10 {
        key.actor.get("/api/v1/me").await.expect_ok();
    }
    api::jobs::flush_key_usage(&test.app).await;
    let after = listed(&owner, &key.id).await;
    assert_eq!((&after["usage_count"], &after["last_used_route"]), (&json!(13), &json!("GET /api/v1/me")));
}

/// KEY-07: requests that were let in count, even where the scope was missing; refused keys leave no trace of use.
#[tokio::test]
async fn refused_keys_are_not_counted() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let key =
        make(&test, &owner, json!({ "name": "smal", "scopes": ["logs:read"], "cidrs": ["203.0.113.0/24"] }))
            .await;
    key.actor.get(KEYS).await.expect_problem(403, "insufficient_scope");
    key.actor.from("192.0.2.1:1").get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    owner.post(&act(&key.id, "/revoke"), &json!({})).await.expect_ok();
    key.actor.get("/api/v1/logs").await.expect_problem(401, "invalid_api_key");
    api::jobs::flush_key_usage(&test.app).await;
    let seen = listed(&owner, &key.id).await;
    assert_eq!((&seen["usage_count"], &seen["last_used_ip"]), (&json!(1), &json!("203.0.113.7")));
}

/// KEY-07: what cannot be written is kept and written the next time; a normal stop writes it as well.
#[tokio::test]
async fn nothing_counted_is_lost() {
    let test = TestApp::new().await;
    let owner = test.owner(&test.customer().await).await;
    let key = named(&test, &owner, "teller").await;
    key.actor.get("/api/v1/me").await.expect_ok();
    test.run_sql("ALTER TABLE api_key RENAME TO api_key_away").await;
    api::jobs::flush_key_usage(&test.app).await;
    test.run_sql("ALTER TABLE api_key_away RENAME TO api_key").await;
    key.actor.get("/api/v1/me").await.expect_ok();
    api::jobs::flush_key_usage(&test.app).await;
    assert_eq!(listed(&owner, &key.id).await["usage_count"], 2);
    key.actor.get("/api/v1/me").await.expect_ok();
    let storage = test.database.storage();
    test.app.close().await;
    let count = match test.database.file() {
        Some(file) => {
            let url = format!("sqlite://{}?mode=ro", file.display());
            let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
            sqlx::query_scalar::<_, i64>("SELECT usage_count FROM api_key").fetch_one(&pool).await.unwrap()
        }
        None => {
            let opened = api::db::Db::open(&storage, api::config::Durability::Relaxed, false).await.unwrap();
            let mut conn = opened.db.read(Scope::Installation).await.unwrap();
            #[derive(sqlx::FromRow)]
            struct Count {
                n: i64,
            }
            sql("SELECT usage_count AS n FROM api_key").one::<Count>(&mut conn).await.unwrap().n
        }
    };
    assert_eq!(count, 3);
}

/// KEY-07: reading works while somebody else holds the write lock, so no read writes.
#[tokio::test]
async fn reading_takes_no_write_lock() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let owner = test.owner(&customer).await;
    let key = named(&test, &owner, "lezer").await;
    key.actor.post("/api/v1/logs", &json!({ "message": "een" })).await.expect(StatusCode::CREATED);
    let admin = test.admin().await;
    let mut writer = test.app.db.write(Scope::Installation).await.unwrap();
    if TestDatabase::is_postgres() {
        for table in
            ["api_key", "session", "customer", "log", "log_book", "access_code", "usage_counter", "staff"]
        {
            api::db::sql_owned(format!("LOCK TABLE {table} IN EXCLUSIVE MODE"))
                .execute(&mut writer)
                .await
                .unwrap();
        }
    }
    let patience = std::time::Duration::from_secs(5);
    for path in [
        "logs",
        "logs/1",
        "logs/1/around",
        "search?q=een",
        "status",
        "analytics/stats",
        "analytics/daily",
        "analytics/overview",
        "keys",
        "me",
        "export/json",
        "logs/export",
    ] {
        let path = format!("/api/v1/{path}");
        for actor in [&key.actor, &owner] {
            let answer = tokio::time::timeout(patience, actor.get(&path)).await;
            answer.unwrap_or_else(|_| panic!("{path} waits for the write lock")).expect_ok();
        }
    }
    for path in [
        "overview",
        "customers",
        &format!("customers/{}", customer.id),
        &format!("customers/{}/keys", customer.id),
    ] {
        let answer = tokio::time::timeout(patience, admin.get(&format!("/api/v1/admin/{path}"))).await;
        answer.unwrap_or_else(|_| panic!("{path} waits for the write lock")).expect_ok();
    }
    drop(writer);
}
