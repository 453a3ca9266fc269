//! The second wall on PostgreSQL: a connection sees the rows of the customer that it names. SQLite has no such
//! wall; there each of these tests returns at once, and says so.

use api::db::{Conn, Db, Scope, sql, sql_owned};
use api::domain::logs::repo;
use api::util::ids::CustomerId;
use serde_json::json;

use crate::support::{TestApp, TestDatabase};

fn skipped() -> bool {
    if !TestDatabase::is_postgres() {
        println!("skipped: row-level security exists on PostgreSQL alone");
    }
    !TestDatabase::is_postgres()
}

/// Tables that belong to the installation and not to a customer.
const OF_THE_INSTALLATION: [&str; 5] = ["decision", "security_state", "setting", "staff", "_sqlx_migrations"];

#[derive(sqlx::FromRow)]
struct Wall {
    name: String,
    enabled: bool,
    forced: bool,
    policies: i64,
    with_check: i64,
    own: bool,
}

async fn walls(conn: &mut Conn) -> Vec<Wall> {
    let text = "SELECT CAST(c.relname AS TEXT) AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced, \
        (SELECT COUNT(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL) AS policies, \
        (SELECT COUNT(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polwithcheck IS NOT NULL) AS with_check, \
        EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'customer_id') OR c.relname = 'customer' AS own \
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1";
    sql(text).all(conn).await.unwrap()
}

/// The index of words: open to reading, or searches could not use it; closed to writing, changing and deleting. What
/// words lead to is read from `log`.
const OPEN_TO_READ: &str = "log_words";

fn gaps(walls: &[Wall]) -> Vec<String> {
    let open = walls.iter().filter(|wall| {
        let policies = if wall.name == OPEN_TO_READ { (3, 2) } else { (1, 1) };
        wall.own && !(wall.enabled && wall.forced && (wall.policies, wall.with_check) == policies)
    });
    open.map(|wall| wall.name.clone()).collect()
}

/// ACC-01: every table with a customer has the wall, for its owner as well, for reading and for writing.
#[tokio::test]
async fn every_tenant_table_has_the_wall() {
    if skipped() {
        return;
    }
    let test = TestApp::new().await;
    let mut tx = test.app.db.write(Scope::Installation).await.unwrap();
    let found = walls(&mut tx).await;
    assert!(found.iter().filter(|wall| wall.own).count() >= 10);
    assert_eq!(gaps(&found), Vec::<String>::new());
    for wall in &found {
        assert!(
            wall.own || OF_THE_INSTALLATION.contains(&wall.name.as_str()),
            "{} belongs to nobody",
            wall.name
        );
    }
    // A wall that is taken down is noticed.
    for change in [
        "ALTER TABLE api_key NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE session DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON log_book",
        "CREATE TABLE note (customer_id BIGINT)",
    ] {
        sql_owned(change.to_owned()).execute(&mut tx).await.unwrap();
    }
    assert_eq!(gaps(&walls(&mut tx).await), ["api_key", "log_book", "note", "session"]);
}

#[derive(sqlx::FromRow)]
struct Rights {
    superuser: bool,
    bypass: bool,
}

/// ACC-01: the role of the application cannot step over the wall.
#[tokio::test]
async fn the_role_cannot_bypass_the_wall() {
    if skipped() {
        return;
    }
    let test = TestApp::new().await;
    let mut conn = test.app.db.read(Scope::Installation).await.unwrap();
    let rights: Rights = sql(
        "SELECT rolsuper AS superuser, rolbypassrls AS bypass FROM pg_roles WHERE rolname = current_user",
    )
    .one(&mut conn)
    .await
    .unwrap();
    assert!(!rights.superuser && !rights.bypass);
}

#[derive(sqlx::FromRow)]
struct Seen {
    n: i64,
    foreign_rows: i64,
}

async fn seen(conn: &mut Conn, table: &str, own: i64) -> (i64, i64) {
    let column = if table == "customer" { "id" } else { "customer_id" };
    let text = format!(
        "SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE {column} IS DISTINCT FROM {own}) AS foreign_rows FROM {table}"
    );
    let seen: Seen = sql_owned(text).one(conn).await.unwrap();
    (seen.n, seen.foreign_rows)
}

/// ACC-01: without a scope a query sees nothing; with a customer's it sees that customer's rows alone.
#[tokio::test]
async fn a_query_sees_the_rows_of_its_scope() {
    if skipped() {
        return;
    }
    let test = TestApp::new().await;
    let (first, first_owner, key) = test.tenant().await;
    let (_second, second_owner, other_key) = test.tenant().await;
    for sender in [&key, &other_key] {
        sender
            .with("idempotency-key", "een")
            .post("/api/v1/logs", &json!({ "message": "een log" }))
            .await
            .expect(axum::http::StatusCode::CREATED);
        let document = json!({ "@context": [], "type": "EPCISDocument", "epcisBody": { "eventList": [] } });
        sender.post("/epcis/v2/capture", &document).await.expect(axum::http::StatusCode::ACCEPTED);
        sender.get("/api/v1/logs/export").await.expect_ok();
    }
    for owner in [&first_owner, &second_owner] {
        let nothing = json!({ "q": "id:1", "up_to": 1, "expected_count": 1, "fields": ["afwezig"] });
        owner.post("/api/v1/logs/erasures", &nothing).await.expect_ok();
        let unique = api::util::crypto::hex(&api::util::crypto::random::<6>());
        let user = json!({ "email": format!("{unique}@klant.example"), "name": "Een", "role": "viewer" });
        owner.post("/api/v1/users", &user).await.expect(axum::http::StatusCode::CREATED);
        let search = json!({ "name": "Een", "q": "een" });
        owner.post("/api/v1/searches", &search).await.expect(axum::http::StatusCode::CREATED);
        owner.get("/api/v1/logs/search?q=een").await.expect_ok();
        let kind = json!({ "name": "maat", "mode": "reject", "schema": "{\"required\": [\"maat\"]}" });
        let minutes = json!({ "minutes_per_search": 4 });
        owner.with("if-match", "*").put("/api/v1/usage/savings", &minutes).await.expect_ok();
        owner.post("/api/v1/kinds", &kind).await.expect(axum::http::StatusCode::CREATED);
        owner.post("/api/v1/logs", &json!({ "kind": "maat" })).await.expect_problem(422, "quarantined");
    }
    for (owner, sender) in [(&first_owner, &key), (&second_owner, &other_key)] {
        let keys = owner.get("/api/v1/keys").await.expect_ok().json();
        let path = format!("/api/v1/keys/{}/rotate", keys["keys"][0]["id"].as_str().unwrap());
        owner.post(&path, &json!({ "overlap_hours": 24 })).await.expect(axum::http::StatusCode::CREATED);
        sender.get("/api/v1/me").await.expect_ok();
        sender.get("/.env").await.expect(axum::http::StatusCode::NOT_FOUND);
    }
    api::domain::security::events::service::flush(&test.app).await;
    api::jobs::flush_key_usage(&test.app).await;
    api::domain::requests::service::flush(&test.app).await;
    api::domain::activity::service::flush(&test.app).await;
    api::domain::searches::service::flush(&test.app).await;
    api::domain::logs::parts::follow::bring_in(&test.app, 1).await.unwrap();
    test.clock.advance(86_400_000);
    assert_eq!(api::domain::logs::seals::sealing::run(&test.app).await.unwrap(), 2);
    test.run_sql("INSERT INTO log_kept (customer_id, quarter, total) SELECT id, 1, 1 FROM customer").await;
    test.run_sql(
        "INSERT INTO log_leaf (id, customer_id, cause, digest) SELECT id, id, 'gap', '' FROM customer",
    )
    .await;
    test.run_sql("INSERT INTO log_hidden (id, customer_id) SELECT id, id FROM customer").await;
    let tables: Vec<String> = walls(&mut test.app.db.read(Scope::Installation).await.unwrap())
        .await
        .into_iter()
        .filter(|wall| wall.own && wall.name != OPEN_TO_READ)
        .map(|wall| wall.name)
        .collect();
    let Db::Postgres(pool) = &test.app.db else { panic!("not PostgreSQL") };
    for table in &tables {
        // A connection that names nobody, and one that was used for somebody before.
        for _ in 0..3 {
            let mut unscoped = Conn::Postgres(pool.begin().await.unwrap());
            assert_eq!(seen(&mut unscoped, table, first.id).await.0, 0, "{table} without a scope");
        }
        let mut own = test.app.db.read(Scope::Customer(CustomerId(first.id))).await.unwrap();
        let (count, foreign) = seen(&mut own, table, first.id).await;
        // A customer's rows lie in one partition; the others are empty for it.
        let partition = table.contains("_p") && table.starts_with("log_");
        assert!((count > 0 || partition) && foreign == 0, "{table}: {count} rows, {foreign} of others");
        drop(own);
        let mut nobody = test.app.db.snapshot(Scope::Customer(CustomerId(999_999))).await.unwrap();
        assert_eq!(
            seen(&mut nobody, table, first.id).await.0,
            0,
            "{table} of a customer that does not exist"
        );
        drop(nobody);
        let mut all = test.app.db.read(Scope::Installation).await.unwrap();
        assert!(seen(&mut all, table, first.id).await.1 > 0, "{table}: the installation sees all");
    }
}

/// ACC-01: a connection of one customer can neither write nor change nor delete rows of another.
#[tokio::test]
async fn a_statement_changes_the_rows_of_its_scope_alone() {
    if skipped() {
        return;
    }
    let test = TestApp::new().await;
    let (first, _, first_key) = test.tenant().await;
    let (second, _, second_key) = test.tenant().await;
    for key in [first_key, second_key] {
        key.post("/api/v1/logs", &json!({ "message": "een log" }))
            .await
            .expect(axum::http::StatusCode::CREATED);
    }
    let mut tx = test.app.db.write(Scope::Customer(CustomerId(first.id))).await.unwrap();
    for text in [
        "UPDATE api_key SET name = 'x' WHERE customer_id = $1",
        "DELETE FROM session WHERE customer_id = $1",
        "UPDATE customer SET name = 'x' WHERE id = $1",
        "UPDATE log_words SET id = id WHERE customer_id = $1",
        "DELETE FROM log_words WHERE customer_id = $1",
    ] {
        assert_eq!(sql_owned(text.to_owned()).bind(second.id).execute(&mut tx).await.unwrap(), 0, "{text}");
        assert!(sql_owned(text.to_owned()).bind(first.id).execute(&mut tx).await.unwrap() > 0, "{text}");
    }
    drop(tx);
    let insert =
        "INSERT INTO usage_counter (customer_id, period, metric, value) VALUES ($1, '2026-11', 'test', 1)";
    let move_away = "UPDATE log_book SET customer_id = $1";
    for text in [insert, move_away] {
        let mut tx = test.app.db.write(Scope::Customer(CustomerId(first.id))).await.unwrap();
        let refused = sql_owned(text.to_owned()).bind(second.id).execute(&mut tx).await;
        assert!(refused.unwrap_err().to_string().contains("row-level security"), "{text}");
    }
}

#[derive(sqlx::FromRow)]
struct Step {
    #[sqlx(rename = "QUERY PLAN")]
    step: String,
}

/// How a statement would be run if reading whole tables were dear, as it is with millions of logs.
async fn plan(conn: &mut Conn, text: &str, binds: &[&str]) -> String {
    for how in ["seqscan", "hashjoin", "mergejoin", "material"] {
        sql_owned(format!("SET LOCAL enable_{how} = off")).execute(conn).await.unwrap();
    }
    let mut text = text.to_owned();
    for (at, value) in binds.iter().enumerate().rev() {
        text = text.replace(&format!("${}", at + 1), value);
    }
    let steps: Vec<Step> = sql_owned(format!("EXPLAIN (COSTS OFF) {text}")).all(conn).await.unwrap();
    steps.into_iter().map(|row| row.step).collect::<Vec<_>>().join("\n")
}

/// ACC-01, SRCH-03, LOG-08: the wall lets searches at the index of words, and ingest at that of external identifiers; a
/// policy that reads rows keeps the former away. What the words of another customer lead to stays out of reach.
#[tokio::test]
async fn indexes_are_used_behind_the_wall() {
    if skipped() {
        return;
    }
    let test = TestApp::new().await;
    let (first, _, _) = test.tenant().await;
    let (second, _, second_key) = test.tenant().await;
    second_key
        .post("/api/v1/logs", &json!({ "message": "geheim" }))
        .await
        .expect(axum::http::StatusCode::CREATED);
    let mut conn = test.app.db.write(Scope::Customer(CustomerId(first.id))).await.unwrap();
    let dialect = conn.dialect();
    let own = first.id.to_string();
    let binds = ["'geheim'", own.as_str(), "0", "9000000000000000000", "50"];
    // A few words are found by the numbers of their logs; that way is taken away.
    sql("ALTER TABLE log_words DROP CONSTRAINT log_words_pkey").execute(&mut conn).await.unwrap();
    let found = plan(&mut conn, &dialect.ids_with_words(false), &binds).await;
    assert!(found.contains("Index Cond: (words @@"), "{found}");
    let asked = format!("'[[{own},false,\"a\"]]'");
    let external = repo::external_text(dialect);
    let uses =
        |plan: &str| plan.lines().any(|line| line.contains("Index Cond") && line.contains("external_id ="));
    let found = plan(&mut conn, &external, &[&asked]).await;
    assert!(uses(&found), "{found}");
    // Without the fence the identifiers are compared one by one.
    let found = plan(&mut conn, &external.replace(dialect.fence(), ""), &[&asked]).await;
    assert!(!uses(&found), "{found}");
    sql("DROP POLICY read ON log_words").execute(&mut conn).await.unwrap();
    sql("CREATE POLICY read ON log_words FOR SELECT USING (mvai_sees(customer_id))")
        .execute(&mut conn)
        .await
        .unwrap();
    let found = plan(&mut conn, &dialect.ids_with_words(false), &binds).await;
    assert!(!found.contains("Index Cond: (words @@"), "{found}");
    drop(conn);

    let (range, words) = ((0, i64::MAX), dialect.word("geheim", false));
    for (scope, expected) in [(first.id, 0), (second.id, 1)] {
        let mut conn = test.app.db.read(Scope::Customer(CustomerId(scope))).await.unwrap();
        let whose = CustomerId(second.id);
        let found = repo::list_with_words(&mut conn, whose, &words, range, false, 50).await.unwrap();
        assert_eq!(found.len(), expected, "words of {} for {scope}", second.id);
    }
}

/// ACC-01: the scope of a transaction ends with it; the next user of the connection starts without one.
#[tokio::test]
async fn a_scope_ends_with_its_transaction() {
    if skipped() {
        return;
    }
    let test = TestApp::new().await;
    test.customer().await;
    let Db::Postgres(pool) = &test.app.db else { panic!("not PostgreSQL") };
    for _ in 0..20 {
        let scoped = test.app.db.write(Scope::Installation).await.unwrap();
        scoped.commit().await.unwrap();
        let mut bare = Conn::Postgres(pool.begin().await.unwrap());
        assert_eq!(seen(&mut bare, "customer", 0).await.0, 0);
    }
}
