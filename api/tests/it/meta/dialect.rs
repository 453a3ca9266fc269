//! Contract of what the engines say differently: every entry, on the engine under test, with the same results.

use api::db::{Conn, Dialect, Scope, sql, sql_owned};
use serde_json::json;

use crate::support::{TestApp, TestDatabase};

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Cells {
    a: Option<String>,
    b: Option<String>,
    n: Option<i64>,
    t: Option<bool>,
}

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Id {
    id: i64,
}

#[derive(sqlx::FromRow)]
struct Text {
    text: String,
}

async fn rows(conn: &mut Conn, json: &serde_json::Value) -> Vec<Cells> {
    let text = format!(
        "SELECT v ->> 0 AS a, v ->> 1 AS b, CAST(v ->> 2 AS BIGINT) AS n, CAST(v ->> 3 AS BOOLEAN) AS t FROM {}",
        conn.dialect().json_rows()
    );
    sql_owned(text).bind(json.to_string()).all(conn).await.unwrap()
}

/// GEN-13: the engine of a connection is the one under test.
#[tokio::test]
async fn the_dialect_is_that_of_the_engine() {
    let test = TestApp::new().await;
    let expected = if TestDatabase::is_postgres() { Dialect::Postgres } else { Dialect::Sqlite };
    assert_eq!(test.app.db.dialect(), expected);
    for scope in [Scope::Installation, Scope::Customer(api::util::ids::CustomerId(1))] {
        assert_eq!(test.app.db.read(scope).await.unwrap().dialect(), expected);
        assert_eq!(test.app.db.write(scope).await.unwrap().dialect(), expected);
        assert_eq!(test.app.db.snapshot(scope).await.unwrap().dialect(), expected);
    }
}

/// GEN-13: rows of a JSON array keep order, nulls, all of Unicode, quotes, large numbers and large texts.
#[tokio::test]
async fn json_rows_are_read_alike() {
    let test = TestApp::new().await;
    let mut conn = test.app.db.read(Scope::Installation).await.unwrap();
    let strange = "日本 é e\u{301} \u{1F69A} \" ' \\ \t \n \u{1} ; -- $1 % _ {}";
    let huge = "x".repeat(300_000);
    let given = json!([
        [strange, null, i64::MAX, true],
        ["", huge, i64::MIN, false],
        [null, "null", 0, null],
        ["{\"a\": [1, 2]}", "[]", -1, true],
    ]);
    let cell = |a: Option<&str>, b: Option<&str>, n, t| Cells {
        a: a.map(str::to_owned),
        b: b.map(str::to_owned),
        n: Some(n),
        t,
    };
    let expected = vec![
        cell(Some(strange), None, i64::MAX, Some(true)),
        cell(Some(""), Some(&huge), i64::MIN, Some(false)),
        cell(None, Some("null"), 0, None),
        cell(Some("{\"a\": [1, 2]}"), Some("[]"), -1, Some(true)),
    ];
    assert_eq!(rows(&mut conn, &given).await, expected);
    assert_eq!(rows(&mut conn, &json!([])).await, Vec::new());
    let many: Vec<_> = (0..10_000).map(|n| json!(["a", "b", n, true])).collect();
    let read = rows(&mut conn, &json!(many)).await;
    assert_eq!(read.iter().map(|row| row.n.unwrap()).collect::<Vec<_>>(), (0..10_000).collect::<Vec<_>>());
}

/// GEN-13: a JSON array can be joined, filtered and written from, with its values as texts and numbers.
#[tokio::test]
async fn json_rows_can_be_written_from() {
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let text = format!(
        "INSERT INTO usage_counter (customer_id, period, metric, value) SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, 'logs', \
         CAST(v ->> 2 AS BIGINT) FROM {} WHERE true ON CONFLICT (customer_id, period, metric) \
         DO UPDATE SET value = usage_counter.value + excluded.value",
        tx.dialect().json_rows()
    );
    for (given, touched) in
        [(json!([[1, "2026-11", 5], [2, "2026-11", 7]]), 2), (json!([[1, "2026-11", 10]]), 1), (json!([]), 0)]
    {
        assert_eq!(sql_owned(text.clone()).bind(given.to_string()).execute(&mut tx).await.unwrap(), touched);
    }
    tx.commit().await.unwrap();
    assert_eq!(test.number("SELECT value AS n FROM usage_counter WHERE customer_id = 1").await, 15);
}

async fn found(conn: &mut Conn, expression: &str, ascending: bool, ids: (i64, i64), limit: i64) -> Vec<i64> {
    let text = conn.dialect().ids_with_words(ascending);
    let rows: Vec<Id> = sql_owned(text)
        .bind(expression)
        .bind(7_i64)
        .bind(ids.0)
        .bind(ids.1)
        .bind(limit)
        .all(conn)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

/// GEN-13, SRCH-01: the word index finds words, beginnings and combinations, in both orders, within a range.
#[tokio::test]
async fn words_are_found_alike() {
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let d = tx.dialect();
    let words = json!([
        [7, 101, "container rotterdam kind:scan"],
        [7, 102, "containers venlo kind:scan msku1234567"],
        [7, 103, "rotterdam venlo 日本 café a.b@c.nl x_y #7"],
        [7, 104, "and or not near kind"],
        [8, 201, "container rotterdam"],
    ]);
    assert_eq!(sql_owned(d.insert_words()).bind(words.to_string()).execute(&mut tx).await.unwrap(), 5);
    let all = (100, 199);
    let word = |token: &str| d.word(token, false);
    let start = |token: &str| d.word(token, true);
    let both = |a: &str, b: &str| d.join_words(true, &[word(a), word(b)]);
    let either = |a: &str, b: &str| d.join_words(false, &[word(a), word(b)]);
    for (expression, expected) in [
        (word("container"), vec![101]),
        (start("container"), vec![101, 102]),
        (word("rotterdam"), vec![101, 103]),
        (both("rotterdam", "venlo"), vec![103]),
        (either("msku1234567", "café"), vec![102, 103]),
        (word("日本"), vec![103]),
        (start("日"), vec![103]),
        (word("a.b@c.nl"), vec![103]),
        (word("x_y"), vec![103]),
        (word("#7"), vec![103]),
        (word("kind:scan"), vec![101, 102]),
        (word("and"), vec![104]),
        (word("near"), vec![104]),
        (start("no"), vec![104]),
        (word("kind"), vec![104]),
        (word("nothing"), vec![]),
        (
            d.join_words(true, &[start("cont"), either("venlo", "rotterdam"), word("kind:scan")]),
            vec![101, 102],
        ),
    ] {
        assert_eq!(found(&mut tx, &expression, true, all, 10).await, expected, "{expression}");
        let reversed: Vec<i64> = expected.into_iter().rev().collect();
        assert_eq!(found(&mut tx, &expression, false, all, 10).await, reversed, "{expression}");
    }
    let rotterdam = word("rotterdam");
    assert_eq!(found(&mut tx, &rotterdam, true, all, 1).await, [101]);
    assert_eq!(found(&mut tx, &rotterdam, false, all, 1).await, [103]);
    assert_eq!(found(&mut tx, &rotterdam, true, (102, 199), 10).await, [103]);
    assert_eq!(found(&mut tx, &rotterdam, true, (300, 400), 10).await, Vec::<i64>::new());
}

/// GEN-13, SRCH-01: no token, however it is written, breaks out of its quotes and finds what it should not.
#[tokio::test]
async fn hostile_tokens_stay_tokens() {
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let insert = tx.dialect().insert_words();
    sql_owned(insert)
        .bind(json!([[7, 101, "geheim"], [7, 102, "anders"]]).to_string())
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for token in [
        "x' | 'geheim",
        "x\" OR \"geheim",
        "x' & !'y",
        "' | geheim | '",
        "*",
        "geheim*",
        "^geheim",
        "words:geheim",
        "NEAR(geheim)",
        "(geheim)",
        "a\\' | geheim --",
        "\\",
        "'",
        "\"",
        "''",
        "\"\"",
        "-geheim",
        "{geheim}",
        ";",
    ] {
        for prefix in [false, true] {
            let mut conn = test.app.db.read(Scope::Installation).await.unwrap();
            let d = conn.dialect();
            let text = d.ids_with_words(true);
            let rows = sql_owned(text)
                .bind(d.word(token, prefix))
                .bind(7_i64)
                .bind(1_i64)
                .bind(999_i64)
                .bind(10_i64)
                .all::<Id>(&mut conn)
                .await;
            // A token that no log can hold may be refused; it must not be read as a condition.
            let hits: Vec<i64> =
                rows.map(|rows| rows.into_iter().map(|row| row.id).collect()).unwrap_or_default();
            let literal = token.chars().filter(|c| c.is_alphanumeric()).collect::<String>() == "geheim";
            assert!(hits.is_empty() || (literal && hits == [101]), "{token} finds {hits:?}");
        }
    }
}

/// GEN-13, ADM-07: words are found over all customers, and no more of them than asked for.
#[tokio::test]
async fn words_of_all_customers_are_found_alike() {
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let d = tx.dialect();
    let words = json!([[7, 101, "dok venlo"], [7, 102, "dokken"], [8, 201, "dok"], [9, 301, "gate"]]);
    sql_owned(d.insert_words()).bind(words.to_string()).execute(&mut tx).await.unwrap();
    for (expression, limit, expected) in [
        (d.word("dok", false), 10, 2),
        (d.word("dok", true), 10, 3),
        (d.word("dok", true), 2, 2),
        (d.join_words(true, &[d.word("dok", false), d.word("venlo", false)]), 10, 1),
        (d.word("onvindbaar", false), 10, 0),
    ] {
        let text = d.all_ids_with_words().to_owned();
        let rows: Vec<Id> =
            sql_owned(text).bind(expression.as_str()).bind(i64::from(limit)).all(&mut tx).await.unwrap();
        assert_eq!(rows.len(), expected, "{expression}");
        assert!(rows.iter().all(|row| [101, 102, 201].contains(&row.id)));
    }
}

/// GEN-13: word lists of a range of ids are deleted, and no others.
#[tokio::test]
async fn words_are_deleted_by_range() {
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let d = tx.dialect();
    let words = json!([[7, 101, "a"], [7, 102, "a"], [7, 103, "a"], [7, 104, "a"]]);
    sql_owned(d.insert_words()).bind(words.to_string()).execute(&mut tx).await.unwrap();
    sql(d.delete_words()).bind(7_i64).bind(102_i64).bind(103_i64).execute(&mut tx).await.unwrap();
    let expression = d.word("a", false);
    assert_eq!(found(&mut tx, &expression, true, (1, 999), 10).await, [101, 104]);
}

/// GEN-13, LOG-10: word lists of certain ids are deleted, and no others.
#[tokio::test]
async fn words_are_deleted_by_id() {
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let d = tx.dialect();
    let words = json!([[7, 101, "a"], [7, 102, "a"], [7, 103, "a"], [7, 104, "a"]]);
    sql_owned(d.insert_words()).bind(words.to_string()).execute(&mut tx).await.unwrap();
    let ids = json!([[101], [103], [999]]);
    sql_owned(d.delete_words_of()).bind(ids.to_string()).bind(7_i64).execute(&mut tx).await.unwrap();
    assert_eq!(found(&mut tx, &d.word("a", false), true, (1, 999), 10).await, [102, 104]);
}

#[derive(sqlx::FromRow)]
struct Page {
    page: String,
}

/// GEN-13: rows cross as one JSON list in the order asked for, with nulls, all of Unicode, JSON in texts and large
/// numbers as they are; no rows are an empty list.
#[tokio::test]
async fn pages_are_read_alike() {
    let test = TestApp::new().await;
    let mut conn = test.app.db.read(Scope::Installation).await.unwrap();
    let given = json!([
        ["日本 e\u{301} \u{1F69A} \" ' \\ \t \n", null, i64::MAX],
        ["{\"a\": [1, 2.50]}", "", i64::MIN],
        [null, "null", 3],
    ]);
    let cells = format!(
        "SELECT v ->> 0 AS a, v ->> 1 AS b, CAST(v ->> 2 AS BIGINT) AS n FROM {}",
        conn.dialect().json_rows()
    );
    let page = async |conn: &mut Conn, rows: &str, order: &str| -> serde_json::Value {
        let text = conn.dialect().page("l.a, l.b, l.n", rows, order);
        let found: Page = sql_owned(text).bind(given.to_string()).one(conn).await.unwrap();
        serde_json::from_str(&found.page).unwrap()
    };
    let ordered = |places: [usize; 3]| json!(places.map(|place| given[place].clone()));
    assert_eq!(page(&mut conn, &cells, "l.n DESC").await, ordered([0, 2, 1]));
    assert_eq!(page(&mut conn, &cells, "l.n ASC").await, ordered([1, 2, 0]));
    assert_eq!(page(&mut conn, &format!("{cells} WHERE 1 = 2"), "l.n").await, json!([]));
}

/// GEN-06: statements of one transaction are stored together or not at all, and a failure hinders nobody after it;
/// what is dropped before its commit is gone.
#[tokio::test]
async fn transactions_are_whole() {
    let test = TestApp::new().await;
    let db = &test.app.db;
    let put = |name: &str| {
        sql("INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3)")
            .bind(name)
            .bind("x")
            .bind(1_i64)
    };
    let count = async || test.number("SELECT count(*) AS n FROM setting WHERE value = 'x'").await;
    for _ in 0..2 {
        assert!(db.transact(None, vec![put("a"), put("b"), put("a")]).await.is_err());
        assert_eq!(count().await, 0);
    }
    db.transact(None, vec![put("a"), put("b")]).await.unwrap();
    let looked = db.look(Scope::Installation).await.unwrap();
    db.transact(Some(looked), vec![put("c")]).await.unwrap();
    db.transact(None, Vec::new()).await.unwrap();
    assert_eq!(count().await, 3);
    let mut dropped = db.write(Scope::Installation).await.unwrap();
    put("d").execute(&mut dropped).await.unwrap();
    drop(dropped);
    // Given up on the way, at a different place each time: all or nothing, and the next one is not hindered.
    for polls in 1..30 {
        let mut work =
            Box::pin(db.transact(None, vec![put(&format!("x{polls}")), put(&format!("y{polls}"))]));
        for _ in 0..polls {
            tokio::select! {
                biased;
                _ = &mut work => break,
                () = tokio::task::yield_now() => {}
            }
        }
    }
    db.transact(None, vec![put("e")]).await.unwrap();
    let halves = "SELECT count(*) AS n FROM setting s WHERE s.name LIKE 'x%' AND NOT EXISTS \
                  (SELECT 1 FROM setting t WHERE t.name = 'y' || substr(s.name, 2))";
    assert_eq!(test.number(halves).await, 0);
    assert_eq!(test.number("SELECT count(*) AS n FROM setting WHERE name IN ('d', 'e')").await, 1);
}

/// GEN-13: the smaller and the larger of two values.
#[tokio::test]
async fn the_smaller_and_the_larger_are_told() {
    let test = TestApp::new().await;
    let (least, greatest) = test.app.db.dialect().least_greatest();
    for (a, b) in [(1_i64, 2_i64), (2, 1), (-5, 5), (i64::MIN, i64::MAX), (7, 7)] {
        let pick = |name: &str| format!("SELECT {name}(CAST('{a}' AS BIGINT), CAST('{b}' AS BIGINT)) AS n");
        assert_eq!(test.number(&pick(least)).await, a.min(b));
        assert_eq!(test.number(&pick(greatest)).await, a.max(b));
    }
}

/// GEN-14: a row that is locked for a change is not changed by another until the first is done.
#[tokio::test]
async fn locked_rows_wait() {
    let test = TestApp::new().await;
    test.run_sql("INSERT INTO setting (name, value, updated_at) VALUES ('n', '0', 0)").await;
    let lock = test.app.db.dialect().for_update();
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let db = test.app.db.clone();
        tasks.push(tokio::spawn(async move {
            let mut tx = db.write(Scope::Installation).await.unwrap();
            let read: Text = sql_owned(format!("SELECT value AS text FROM setting WHERE name = 'n'{lock}"))
                .one(&mut tx)
                .await
                .unwrap();
            tokio::task::yield_now().await;
            let next = read.text.parse::<i64>().unwrap() + 1;
            sql("UPDATE setting SET value = $1 WHERE name = 'n'")
                .bind(next.to_string())
                .execute(&mut tx)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(test.texts("SELECT value AS text FROM setting").await, ["8"]);
}

/// GEN-13, OPS-02: the version of the engine is told, and SQLite is new enough.
#[tokio::test]
async fn the_version_is_told() {
    let test = TestApp::new().await;
    let version = test.texts(test.app.db.dialect().version()).await.remove(0);
    assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{version}");
    assert!(TestDatabase::is_postgres() || api::db::open::is_supported(&version), "{version}");
    for (old, good) in
        [("3.51.2", false), ("3.51.3", true), ("3.52.0", true), ("4.0", true), ("3.7.17", false), ("", false)]
    {
        assert_eq!(api::db::open::is_supported(old), good, "{old}");
    }
}
