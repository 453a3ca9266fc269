//! A row and its change last together, or not at all.

use axum::http::StatusCode;
use serde_json::json;

use super::{LIST, check, newest, rows};
use crate::support::{TestApp, TestDatabase};

/// SEC-16: what cannot be written down does not happen.
#[tokio::test]
async fn no_row_no_change() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let before = test.number("SELECT COUNT(*) AS n FROM api_key").await;
    let refusing: &[&str] = if TestDatabase::is_postgres() {
        &[
            "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse()",
        ]
    } else {
        &["CREATE TRIGGER refuse BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no'); END"]
    };
    for statement in refusing {
        test.run_sql(statement).await;
    }
    owner.post("/api/v1/keys", &json!({ "name": "Een" })).await.expect_problem(500, "internal_error");
    owner
        .post("/api/v1/access-code/rotate", &json!({ "overlap_hours": 0 }))
        .await
        .expect_problem(500, "internal_error");
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM api_key").await, before);
    let on = if TestDatabase::is_postgres() { " ON audit_event" } else { "" };
    test.run_sql(&format!("DROP TRIGGER refuse{on}")).await;
    owner.post("/api/v1/keys", &json!({ "name": "Een" })).await.expect(StatusCode::CREATED);
    assert!(check(&test).await.intact);
}

/// SEC-16: a row tells what was there before and what is there now; of what did not change it says nothing.
#[tokio::test]
async fn rows_tell_before_and_after() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let admin = test.admin().await;
    let patch = json!({ "plan": "mkb", "contact_email": "nieuw@klant.example" });
    let path = format!("/api/v1/admin/customers/{}", customer.id);
    admin.with("if-match", "*").patch(&path, &patch).await.expect_ok();
    let row = newest(&owner).await;
    assert_eq!((&row["action"], &row["actor_kind"]), (&json!("customer.update"), &json!("staff")));
    assert_eq!(row["changes"], json!([{ "field": "plan", "before": "enterprise", "after": "mkb" }]));
    let typed =
        json!([{ "field": "contact_email", "before": "k0@klant.example", "after": "nieuw@klant.example" }]);
    assert_eq!(row["private"]["changes"], typed);
    assert!(
        row["actor_name"].is_null() && row["private"]["ip"].is_null(),
        "where staff work is theirs: {row}"
    );

    let key =
        owner.post("/api/v1/keys", &json!({ "name": "Magazijn" })).await.expect(StatusCode::CREATED).json();
    let key_path = format!("/api/v1/keys/{}", key["id"].as_str().unwrap());
    owner.patch(&key_path, &json!({ "scopes": ["logs:read"] })).await.expect_ok();
    let row = newest(&owner).await;
    assert_eq!(row["target"], key["id"]);
    assert_eq!(row["changes"][0]["after"], "logs:read");
    assert_eq!(row["changes"].as_array().unwrap().len(), 1);
    assert!(row["private"]["changes"].as_array().unwrap().is_empty(), "the name stayed");

    // What a system did is told by the name of its key.
    let manager = test.key(&owner, Some(&["keys:manage", "logs:read"])).await;
    let made = json!({ "name": "Door een systeem", "scopes": ["logs:read"] });
    manager.post("/api/v1/keys", &made).await.expect(StatusCode::CREATED);
    let row = newest(&owner).await;
    assert_eq!(row["actor_kind"], "key");
    assert!(row["actor_name"].as_str().unwrap().starts_with("Sleutel"));
    assert_eq!(row["request_id"].as_str().unwrap().len(), 32);

    // A retention that stays as it is, and a key that was revoked before, are no changes.
    let count = rows(&owner, LIST).await.len();
    owner.put("/api/v1/retention", &json!({ "days": null })).await.expect_ok();
    owner.post(&format!("{key_path}/revoke"), &json!({})).await.expect_ok();
    owner.post(&format!("{key_path}/revoke"), &json!({})).await.expect_ok();
    assert_eq!(rows(&owner, LIST).await.len(), count + 1);
}

/// SEC-16, GEN-08: a request that is repeated under its idempotency key is one row, by its sender.
#[tokio::test]
async fn a_repetition_is_one_row() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let repeated = owner.with("idempotency-key", "een");
    for _ in 0..3 {
        repeated.post("/api/v1/keys", &json!({ "name": "Eenmaal" })).await.expect(StatusCode::CREATED);
    }
    let made = rows(&owner, &format!("{LIST}?action=key.create")).await;
    assert_eq!(made.len(), 2, "that of the tenant and this one");
    assert_eq!(
        (&made[0]["actor_kind"], &made[0]["private"]["ip"]),
        (&json!("person"), &json!("203.0.113.7"))
    );
}

/// SEC-16: lines of the quarantine that are stored after all are a row with how many.
#[tokio::test]
async fn replaying_is_on_record() {
    let test = TestApp::new().await;
    let (_, owner, _) = test.tenant().await;
    let kind = json!({ "name": "maat", "mode": "reject", "schema": "{\"required\": [\"maat\"]}" });
    let made = owner.post("/api/v1/kinds", &kind).await.expect(StatusCode::CREATED).json();
    for at in 0..3 {
        owner
            .post("/api/v1/logs", &json!({ "kind": "maat", "note": at }))
            .await
            .expect_problem(422, "quarantined");
    }
    let path = format!("/api/v1/kinds/{}", made["id"].as_str().unwrap());
    let off = json!({ "mode": "off", "schema": null });
    owner.with("if-match", "*").patch(&path, &off).await.expect_ok();
    owner.post("/api/v1/quarantine/replay", &json!({ "kind": "maat" })).await.expect_ok();
    let row = newest(&owner).await;
    assert_eq!(row["action"], "quarantine.replay");
    assert_eq!(row["changes"], json!([{ "field": "lines", "before": null, "after": "3" }]));
}

/// SEC-17, GEN-13: many changes at once, on two servers where the engine has them, are one chain without a gap.
#[tokio::test(flavor = "multi_thread")]
async fn changes_at_once_are_one_chain() {
    let test = TestApp::new().await;
    let (customer, owner, _) = test.tenant().await;
    let mut owners = vec![owner.clone()];
    if TestDatabase::is_postgres() {
        let opened =
            api::db::Db::open(&test.database.storage(), api::config::Durability::Full, false).await.unwrap();
        let other = api::app::App::new(test.app.config.clone(), opened.db, test.clock.clone()).unwrap();
        let router = api::router::router(other);
        owners.push(crate::support::Actor::new(router, test.peer, owner.credential.clone()));
    }
    let before = rows(&owner, LIST).await.len();
    let work = (0..24).map(|at| {
        let owner = owners[at % owners.len()].clone();
        tokio::spawn(async move {
            let search = json!({ "name": format!("Zoek {at}"), "q": "kind:scan" });
            owner.post("/api/v1/searches", &search).await.expect(StatusCode::CREATED);
        })
    });
    for done in work.collect::<Vec<_>>() {
        done.await.unwrap();
    }
    let all = rows(&owner, &format!("{LIST}?limit=1000")).await;
    assert_eq!(all.len(), before + 24);
    let mut numbers: Vec<i64> = all.iter().map(|row| row["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>(), "of {}", customer.id);
    let found = check(&test).await;
    assert!(found.intact && found.complete && found.rows >= 26, "{found:?}");
}

/// EXP-07, SEC-16: an export is on record when it begins, with its filter, and when it ends, with rows, bytes and checksum;
/// a file of a job also when it is made and fetched.
#[tokio::test]
async fn exports_are_on_record() {
    let test = TestApp::new().await;
    let (_, owner, key) = test.tenant().await;
    key.post("/api/v1/logs", &json!({ "kind": "scan", "message": "een" })).await.expect(StatusCode::CREATED);
    key.get("/api/v1/logs/export?format=csv&q=kind:scan").await.expect_ok();
    let found = rows(&owner, &format!("{LIST}?action=export")).await;
    let actions: Vec<&str> = found.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["export.finish", "export.start"]);
    assert!(found.iter().all(|row| row["actor_kind"] == "key" && row["target"] == found[0]["target"]));
    assert_eq!(found[1]["private"]["changes"][0]["after"], "kind:scan");
    let value = |name: &str| {
        let all = found[0]["changes"].as_array().unwrap();
        all.iter().find(|change| change["field"] == name).unwrap()["after"].as_str().unwrap().to_owned()
    };
    assert_eq!((value("rows").as_str(), value("sha256").len(), value("state").as_str()), ("1", 64, "sent"));

    let job =
        owner.post("/api/v1/exports", &json!({ "format": "csv" })).await.expect(StatusCode::ACCEPTED).json();
    api::domain::exports::worker::work_off(&test.app).await.unwrap();
    owner.get(&format!("/api/v1/exports/{}/file", job["id"].as_str().unwrap())).await.expect_ok();
    let found = rows(&owner, &format!("{LIST}?target={}", job["id"].as_str().unwrap())).await;
    let told: Vec<_> = found
        .iter()
        .map(|row| (row["action"].as_str().unwrap(), row["actor_kind"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("export.download", "person"), ("export.finish", "system"), ("export.create", "person")]
    );
}
