//! Searches that are kept by name.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::access::Role;

use crate::support::{Actor, TestApp};

const SEARCHES: &str = "/api/v1/searches";

async fn save(actor: &Actor, name: &str, q: &str, shared: bool) -> Value {
    let body = json!({ "name": name, "q": q, "shared": shared });
    actor.post(SEARCHES, &body).await.expect(StatusCode::CREATED).json()
}

async fn names(actor: &Actor) -> Vec<String> {
    let out = actor.get(SEARCHES).await.expect_ok().json();
    out["searches"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// SRCH-11, GEN-09: a search is saved, listed by name, changed by who knows its version, and forgotten.
#[tokio::test]
async fn searches_are_saved_changed_and_forgotten() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    let second = save(&owner, "Venlo", "location:Venlo", false).await;
    save(&owner, " afkeur ", "result:AFKEUR", true).await;
    assert_eq!(names(&owner).await, ["afkeur", "Venlo"]);
    let at = format!("{SEARCHES}/{}", second["id"].as_str().unwrap());
    let found = owner.get(&at).await.expect_ok();
    let etag = found.header("etag").to_owned();
    assert_eq!(found.json(), second);
    owner.patch(&at, &json!({ "name": "X" })).await.expect_problem(428, "precondition_required");
    let knowing = owner.with("if-match", &etag);
    let changed = knowing.patch(&at, &json!({ "q": "location:Venlo result:AFKEUR", "shared": true })).await;
    let changed = changed.expect_ok().json();
    assert_eq!(
        (&changed["name"], &changed["q"], &changed["shared"]),
        (&json!("Venlo"), &json!("location:Venlo result:AFKEUR"), &json!(true))
    );
    knowing.patch(&at, &json!({ "name": "X" })).await.expect_problem(412, "precondition_failed");
    owner.delete(&at).await.expect(StatusCode::NO_CONTENT);
    owner.get(&at).await.expect_problem(404, "not_found");
    owner.delete(&at).await.expect_problem(404, "not_found");
    assert_eq!(names(&owner).await, ["afkeur"]);
}

/// SRCH-11, ACC-02: what is shared is seen by all of the customer and changed by its owner alone; what is not shared
/// is seen by nobody else; viewers save nothing.
#[tokio::test]
async fn sharing_shows_and_does_not_give_away() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    let (_, stranger, _) = app.tenant().await;
    let viewer = app.person(&customer, Role::Viewer).await;
    let (open, closed) = (save(&owner, "Open", "a", true).await, save(&owner, "Dicht", "b", false).await);
    // People get names later; until then all sessions of a customer are one person, so the owner of a row is changed.
    app.run_sql("UPDATE saved_search SET owner = 'user:1'").await;
    assert_eq!(names(&viewer).await, ["Open"]);
    assert!(names(&stranger).await.is_empty());
    let at = |search: &Value| format!("{SEARCHES}/{}", search["id"].as_str().unwrap());
    assert_eq!(owner.get(&at(&open)).await.expect_ok().json()["own"], false);
    let knowing = owner.with("if-match", "*");
    knowing.patch(&at(&open), &json!({ "name": "X" })).await.expect_problem(403, "not_yours");
    owner.delete(&at(&open)).await.expect_problem(403, "not_yours");
    knowing.patch(&at(&closed), &json!({ "name": "X" })).await.expect_problem(404, "not_found");
    stranger.get(&at(&open)).await.expect_problem(404, "not_found");
    let body = json!({ "name": "Y", "q": "y" });
    viewer.post(SEARCHES, &body).await.expect_problem(403, "forbidden");
    key.get(SEARCHES).await.expect_problem(403, "forbidden");
}

/// SRCH-11, API-10: a name is needed and stands once, a query must be readable.
#[tokio::test]
async fn what_is_saved_is_judged() {
    let app = TestApp::new().await;
    let (_, owner, _) = app.tenant().await;
    save(&owner, "Één", "a", false).await;
    for (body, status, code) in [
        (json!({ "name": "één", "q": "b" }), 409, "name_taken"),
        (json!({ "name": " ", "q": "b" }), 422, "invalid_body"),
        (json!({ "name": "x".repeat(81), "q": "b" }), 422, "invalid_body"),
        (json!({ "name": "a\nb", "q": "b" }), 422, "invalid_body"),
        (json!({ "name": "B", "q": "kind:(" }), 400, "invalid_query"),
        (json!({ "name": "B", "q": "x".repeat(4_097) }), 422, "invalid_body"),
        (json!({ "name": "B" }), 422, "invalid_body"),
    ] {
        owner.post(SEARCHES, &body).await.expect_problem(status, code);
    }
    assert_eq!(names(&owner).await, ["Één"]);
}

/// SRCH-11: the plan limits how many a customer keeps, also when they come at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_plan_limits_how_many_are_kept() {
    let app = TestApp::with(|config| config.default_plan = shared::tenancy::Plan::Demo).await;
    let customer = app.customer().await;
    let owner = app.owner(&customer).await;
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let owner = owner.clone();
            tokio::spawn(async move {
                owner.post(SEARCHES, &json!({ "name": format!("Z{n}"), "q": "a" })).await.status.as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 409, 409, 409, 409, 409]);
    owner
        .post(SEARCHES, &json!({ "name": "Meer", "q": "a" }))
        .await
        .expect_problem(409, "search_limit_reached");
    assert_eq!(names(&owner).await.len(), 3);
}
