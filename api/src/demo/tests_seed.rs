//! `seed-demo` against a database.

use shared::problem::Code;
use shared::tenancy::{CustomerIn, Plan};
use shared::time::Millis;

use super::company::COMPANIES;
use super::{SeedOptions, SeedReport, seed};
use crate::app::App;
use crate::config::{AppEnv, Config, Durability};
use crate::db::{Db, Scope, sql};
use crate::domain::auth::password;
use crate::domain::{auth, tenancy};
use crate::util::clock::Clock;
use crate::util::crypto;
use crate::util::ids::{CustomerId, LogId, Space};

pub(super) struct Place {
    pub(super) app: App,
    pub(super) dir: tempfile::TempDir,
}

pub(super) async fn place(change: impl FnOnce(&mut Config)) -> Place {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::development(dir.path().join("demo.db"));
    config.durability = Durability::Relaxed;
    change(&mut config);
    let opened = Db::open(&config.storage, config.durability, false).await.unwrap();
    let clock = Clock::fixed(Millis::from_rfc3339("2026-11-22T12:00:00Z").unwrap());
    Place { app: App::new(config, opened.db, clock).unwrap(), dir }
}

#[derive(sqlx::FromRow)]
struct Number {
    n: i64,
}

#[derive(sqlx::FromRow)]
struct Content {
    text: String,
}

async fn number(app: &App, text: &'static str) -> i64 {
    let mut conn = app.db.read(Scope::Installation).await.unwrap();
    sql(text).one::<Number>(&mut conn).await.unwrap().n
}

/// Content of all logs and roll-ups; numbers of customers begin anew with each seeding.
async fn digest(app: &App) -> String {
    let mut conn = app.db.read(Scope::Installation).await.unwrap();
    let mut all = String::new();
    for text in [
        "SELECT c.name || '|' || (l.id & 549755813887) || '|' || l.kind || '|' || l.level || '|' || coalesce(l.message, '') \
         || '|' || l.data || '|' || l.occurred_at || '|' || l.received_at || '|' || l.source || '|' || l.ip_address || '|' \
         || l.actor_ref || '|' || l.external_id || '|' || l.flags AS text \
         FROM log l JOIN customer c ON c.id = l.customer_id ORDER BY c.name, l.id",
        "SELECT c.name || '|' || h.hour || '|' || h.total || '|' || h.bytes AS text \
         FROM log_hour h JOIN customer c ON c.id = h.customer_id ORDER BY c.name, h.hour",
        "SELECT c.name || '|' || u.period || '|' || u.value AS text \
         FROM usage_counter u JOIN customer c ON c.id = u.customer_id ORDER BY c.name, u.period",
        "SELECT name || '|' || contact_email || '|' || plan || '|' || demo || '|' || created_at AS text FROM customer ORDER BY name",
    ] {
        for row in sql(text).all::<Content>(&mut conn).await.unwrap() {
            all.push_str(&row.text);
            all.push('\n');
        }
    }
    crypto::sha256_hex(all.as_bytes())
}

fn options(seed: u64, logs: u64) -> SeedOptions {
    SeedOptions { seed, until: None, logs: Some(logs), force: false }
}

async fn run(app: &App, options: &SeedOptions) -> Result<SeedReport, Code> {
    seed(app, options, &mut |done, total| assert!(done <= total)).await.map_err(|problem| problem.code)
}

/// OPS-12: five companies, one staff member, secrets that work, books and counters that agree with the logs.
#[tokio::test(flavor = "multi_thread")]
async fn demo_data_is_complete() {
    let place = place(|_| {}).await;
    let report = run(&place.app, &options(42, 2_000)).await.unwrap();
    let names: Vec<&str> = report.customers.iter().map(|customer| customer.name.as_str()).collect();
    assert_eq!(names, COMPANIES.each_ref().map(|company| company.name));
    for customer in &report.customers {
        assert!(crypto::parse_api_key(&customer.api_key).is_some_and(|key| !key.test));
        assert!(crypto::normalise_access_code(&customer.access_code).is_some());
    }
    let app = &place.app;
    let logs: u64 = report.customers.iter().map(|customer| customer.logs).sum();
    assert!((2_000..2_150).contains(&logs), "{logs}");
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM log").await, i64::try_from(logs).unwrap());
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM log WHERE source <> 'demo' OR test").await, 0);
    for (text, what) in [
        ("SELECT SUM(total) AS n FROM log_hour", "hours"),
        ("SELECT SUM(total) AS n FROM log_hour_kind", "kinds"),
        ("SELECT SUM(value) AS n FROM usage_counter", "usage"),
        ("SELECT SUM(total) AS n FROM log_book", "books"),
        ("SELECT COUNT(*) AS n FROM log_words WHERE log_words MATCH '\"#s:demo\"'", "words"),
    ] {
        assert_eq!(number(app, text).await, i64::try_from(logs).unwrap(), "{what}");
    }
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM customer WHERE NOT demo").await, 0);
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM customer c WHERE created_at > (SELECT MIN(occurred_at) FROM log WHERE customer_id = c.id)").await, 0);
    let trial = report.customers.last().unwrap();
    assert_eq!((trial.plan, trial.logs, trial.duplicates), (Plan::Demo, 87, 0));
    assert!(report.customers[0].duplicates >= 4);
    let mut conn = app.db.read(Scope::Installation).await.unwrap();
    let admin = auth::repo::find_staff(&mut conn, &report.admin.username).await.unwrap().unwrap();
    assert!(!admin.must_change_password && admin.role == "admin");
    drop(conn);
    assert!(
        password::verify(&app.hashing, report.admin.password.clone(), Some(admin.password_hash))
            .await
            .unwrap()
    );
    // Search finds what is hidden.
    let hidden =
        number(app, "SELECT COUNT(*) AS n FROM log_words WHERE log_words MATCH '\"#l:critical\"'").await;
    assert!(hidden >= 2, "{hidden}");
}

/// OPS-12: whatever belongs to a customer goes with it; a new table that is forgotten fails here.
#[tokio::test]
async fn every_table_of_a_customer_is_emptied() {
    let place = place(|_| {}).await;
    let mut conn = place.app.db.read(Scope::Installation).await.unwrap();
    let tables: Vec<Content> =
        sql("SELECT m.name AS text FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.name = 'customer_id' ORDER BY m.name")
        .all(&mut conn)
        .await
        .unwrap();
    // What was done, by whom, stays on record (SEC-17); what may be about a person goes.
    let stays = ["audit_chain", "audit_event"];
    let mut expected: Vec<&str> = super::repo::OF_CUSTOMER.into_iter().chain(["log"]).chain(stays).collect();
    expected.sort_unstable();
    assert_eq!(tables.iter().map(|table| table.text.as_str()).collect::<Vec<_>>(), expected);
}

/// OPS-12: seeding again replaces the demo customers, gives the same content and new secrets, and leaves nothing of
/// the old ones behind.
#[tokio::test(flavor = "multi_thread")]
async fn seeding_again_replaces() {
    let place = place(|_| {}).await;
    let app = &place.app;
    let first = run(app, &options(42, 1_000)).await.unwrap();
    let before = digest(app).await;
    // What a customer has gathered since goes with it.
    let old = CustomerId(first.customers[0].id);
    let mut tx = app.db.write(Scope::Installation).await.unwrap();
    sql("INSERT INTO session (id, customer_id, access_code_id, role, generation, rotated_at, created_at, last_seen_at, expires_at) \
         SELECT 's', customer_id, id, 'owner', 1, 1, 1, 1, 1 FROM access_code WHERE customer_id = $1")
        .bind(old)
        .execute(&mut tx)
        .await
        .unwrap();
    sql("INSERT INTO log_erasure (id, customer_id, test, cause, fields, query, up_to, actor, expected, done, position, state, \
         leased_until, created_at) VALUES ('e', $1, FALSE, 'request', '[]', '', 1, 'x', 0, 0, 0, 'done', 0, 1)")
        .bind(old)
        .execute(&mut tx)
        .await
        .unwrap();
    for text in [
        "INSERT INTO key_use (customer_id, key_id, ip, client, route, times, last_used_at) VALUES ($1, 'k', '', '', '', 1, 1)",
        "INSERT INTO activity_day (customer_id, day, actor, feature, is_system, requests, actions, last_at) \
         VALUES ($1, '2026-11-01', 'a', '', FALSE, 1, 1, 1)",
        "INSERT INTO saving_assumption (customer_id, version, updated_at) VALUES ($1, 1, 1)",
    ] {
        sql(text).bind(old).execute(&mut tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    // LOG-16: the history is sealed day by day like any other.
    assert!(crate::domain::logs::seals::sealing::run(app).await.unwrap() > 100);
    let again = run(app, &options(42, 1_000)).await.unwrap();
    for table in ["log_seal", "log_seal_block", "log_seal_head", "log_erasure"] {
        let text: &'static str = Box::leak(format!("SELECT COUNT(*) AS n FROM {table}").into_boxed_str());
        assert_eq!(number(app, text).await, 0, "{table}");
    }
    assert_eq!(digest(app).await, before);
    assert_ne!(first.admin.password, again.admin.password);
    assert_ne!(first.customers[0].access_code, again.customers[0].access_code);
    assert_ne!(first.customers[0].id, again.customers[0].id);
    let logs = number(app, "SELECT COUNT(*) AS n FROM log").await;
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM log_words").await, logs);
    assert_eq!(
        number(app, "SELECT COUNT(*) AS n FROM log_words WHERE log_words MATCH '\"#s:demo\"'").await,
        logs
    );
    for (table, due) in
        [("customer", 5), ("log_book", 10), ("api_key", 5), ("access_code", 5), ("session", 0), ("staff", 1)]
    {
        let text: &'static str = Box::leak(format!("SELECT COUNT(*) AS n FROM {table}").into_boxed_str());
        assert_eq!(number(app, text).await, due, "{table}");
    }
    let (low, high) = LogId::range(old, Space::Live);
    let mut conn = app.db.read(Scope::Installation).await.unwrap();
    for text in [
        "SELECT COUNT(*) AS n FROM log WHERE id BETWEEN $1 AND $2",
        "SELECT COUNT(*) AS n FROM log_words WHERE rowid BETWEEN $1 AND $2",
    ] {
        assert_eq!(sql(text).bind(low).bind(high).one::<Number>(&mut conn).await.unwrap().n, 0, "{text}");
    }
    drop(conn);
    run(app, &options(43, 1_000)).await.unwrap();
    assert_ne!(digest(app).await, before);
}

async fn real_customer(app: &App, name: &str) -> CustomerId {
    let input = CustomerIn {
        name: name.to_owned(),
        contact_email: "a@b.example".to_owned(),
        ..CustomerIn::default()
    };
    CustomerId(tenancy::service::create(app, input, false).await.unwrap().0.id)
}

/// OPS-12: a database with customers of its own is refused, or they are left alone; so is production.
#[tokio::test(flavor = "multi_thread")]
async fn real_customers_are_left_alone() {
    let place = place(|config| config.app_env = AppEnv::Production).await;
    let app = &place.app;
    assert_eq!(run(app, &options(42, 1_000)).await.err(), Some(Code::StateConflict));
    let forced = SeedOptions { force: true, ..options(42, 1_000) };
    run(app, &forced).await.unwrap();
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM staff WHERE must_change_password").await, 1);
    let id = real_customer(app, "Van Dijk").await;
    assert_eq!(run(app, &options(42, 1_000)).await.err(), Some(Code::StateConflict));
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM customer").await, 6);
    run(app, &forced).await.unwrap();
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM customer").await, 6);
    let mut tx = app.db.write(Scope::Installation).await.unwrap();
    assert!(!super::repo::delete(&mut tx, id).await.unwrap(), "a real customer is never deleted here");
    drop(tx);
    assert!(tenancy::service::find(app, id).await.is_ok());
    // A real customer with the name of a demo company stops everything before anything is deleted.
    let mut tx = app.db.write(Scope::Installation).await.unwrap();
    sql("UPDATE customer SET demo = $1 WHERE name_key = 'ecofreight europe'")
        .bind(false)
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(run(app, &forced).await.err(), Some(Code::NameTaken));
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM customer WHERE demo").await, 4);
}

/// OPS-12: days that are not over and sizes that cannot be are refused, and nothing is made.
#[tokio::test(flavor = "multi_thread")]
async fn impossible_wishes_are_refused() {
    let place = place(|_| {}).await;
    let app = &place.app;
    for (until, logs) in
        [(Some("2026-11-22"), None), (Some("1999-12-31"), None), (None, Some(999)), (None, Some(u64::MAX))]
    {
        let options =
            SeedOptions { seed: 1, until: until.map(|day| day.parse().unwrap()), logs, force: true };
        assert_eq!(run(app, &options).await.err(), Some(Code::InvalidParameter), "{until:?} {logs:?}");
    }
    assert_eq!(number(app, "SELECT COUNT(*) AS n FROM staff").await, 0);
}

/// OPS-12: logs count in the month in which they were received, in the customer's zone.
#[tokio::test(flavor = "multi_thread")]
async fn logs_count_in_the_month_of_arrival() {
    let place = place(|_| {}).await;
    let app = &place.app;
    let report = run(app, &options(42, 4_000)).await.unwrap();
    let over = number(
        app,
        "SELECT u.value AS n FROM usage_counter u JOIN customer c ON c.id = u.customer_id \
                            WHERE c.plan = 'starter' AND u.period = '2026-11'",
    )
    .await;
    assert!((98..110).contains(&over), "a tenth of the usual 1,043: {over}");
    let trial = number(
        app,
        "SELECT u.value AS n FROM usage_counter u JOIN customer c ON c.id = u.customer_id \
                             WHERE c.plan = 'demo' AND u.period = '2026-11'",
    )
    .await;
    assert_eq!(trial, 87);
    let wrong = "SELECT COUNT(*) AS n FROM usage_counter u WHERE u.period = '2026-11' AND u.value <> (SELECT COUNT(*) \
                 FROM log l WHERE l.customer_id = u.customer_id \
                 AND strftime('%Y-%m', l.received_at / 1000, 'unixepoch', '+1 hour') = u.period)";
    assert_eq!(number(app, wrong).await, 0);
    let months = number(app, "SELECT COUNT(DISTINCT period) AS n FROM usage_counter").await;
    assert!((6..=7).contains(&months) && report.customers.len() == 5, "{months}");
}
