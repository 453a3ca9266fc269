//! One box over customers, logs and the audit log.

use serde_json::{Value, json};

use super::{noted, pairs, scan, with_logs};
use crate::support::{Actor, TestApp, encode};

async fn look(actor: &Actor, q: &str) -> Value {
    actor.get(&format!("/api/v1/admin/search?q={}", encode(q))).await.expect_ok().json()
}

fn names(found: &Value) -> Vec<&str> {
    found["customers"]["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

fn actions(found: &Value) -> Vec<&str> {
    found["audit"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect()
}

/// ADM-07: customers are found by name, address and number, logs by the grammar, rows of the audit log by identifier, staff
/// member and action; six of each, with the way to more.
#[tokio::test]
async fn one_box_finds_everything() {
    let test = TestApp::new().await;
    let (one, owner, _) = with_logs(&test, &(0..20).map(scan).collect::<Vec<_>>()).await;
    let (two, _, _) = with_logs(&test, &(20..40).map(scan).collect::<Vec<_>>()).await;
    let admin = test.admin().await;
    assert_eq!(names(&look(&admin, &one.name.to_uppercase()).await), [one.name.as_str()]);
    assert_eq!(names(&look(&admin, "@klant.example").await).len(), 2);
    assert!(names(&look(&admin, &two.id.to_string()).await).contains(&two.name.as_str()));

    let found = look(&admin, "venlo").await;
    assert_eq!(
        (found["logs"]["data"].as_array().unwrap().len(), &found["logs"]["has_more"]),
        (6, &json!(true))
    );
    assert!(found["logs"]["data"][0]["customer_name"].is_string());
    let cursor = found["logs"]["next_cursor"].as_str().unwrap();
    let more = admin.get(&format!("/api/v1/admin/logs?q=venlo&cursor={cursor}")).await.expect_ok().json();
    assert_eq!(pairs(&more).len(), 14);
    assert_eq!((names(&found).len(), actions(&found).len()), (0, 0));

    let key = owner.get("/api/v1/keys").await.expect_ok().json();
    let id = key["keys"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(actions(&look(&admin, &id).await), ["key.create"]);
    assert!(actions(&look(&admin, "key").await).iter().all(|action| *action == "key.create"));
    assert_eq!(actions(&look(&admin, "key.create").await).len(), 2);
    assert_eq!(actions(&look(&admin, "Admin").await).len(), 6, "what this staff member did");
    assert_eq!(actions(&look(&admin, "%").await), [""; 0]);
    let row = look(&admin, &id).await["audit"][0].clone();
    assert_eq!(look(&admin, row["id"].as_str().unwrap()).await["audit"][0], row);
}

/// ACC-02, SEC-16: an analyst finds customers and nothing of logs or the audit log, and that is no look; the look of an admin
/// is on record; what is no query is told and stops nothing else.
#[tokio::test]
async fn everybody_finds_what_they_may_see() {
    let test = TestApp::new().await;
    let (one, owner, key) = with_logs(&test, &(0..4).map(scan).collect::<Vec<_>>()).await;
    let (analyst, admin) = (test.analyst().await, test.admin().await);
    let found = look(&analyst, "klant").await;
    assert_eq!(names(&found), [one.name.as_str()]);
    assert_eq!((&found["logs"], &found["audit"]), (&Value::Null, &Value::Null));
    assert_eq!(look(&analyst, "dok").await["logs"], Value::Null);
    assert_eq!(noted(&admin, 0, "logs").await.len(), 0);
    assert_eq!(look(&admin, "dok").await["logs"]["data"].as_array().unwrap().len(), 4);
    assert_eq!(noted(&admin, 0, "logs.search").await.len(), 1);

    let fault = look(&admin, "klant (").await;
    assert!(fault["logs"].is_null() && fault["logs_fault"].as_str().unwrap().contains('7'), "{fault}");
    assert_eq!(noted(&admin, 0, "logs.search").await.len(), 1);
    for actor in [&owner, &key] {
        actor.get("/api/v1/admin/search?q=dok").await.expect_problem(403, "forbidden");
    }
    admin.get("/api/v1/admin/search").await.expect_problem(400, "missing_query");
    admin
        .get(&format!("/api/v1/admin/search?q={}", "x".repeat(201)))
        .await
        .expect_problem(400, "invalid_parameter");
    admin.get("/api/v1/admin/search?q=a&limit=3").await.expect_problem(400, "unknown_parameter");
}
