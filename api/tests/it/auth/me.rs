//! Who one is, and what one may do.

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::access::{MATRIX, Role};

use crate::support::TestApp;

/// ACC-02: each caller learns its role, its customer and exactly the permissions of the matrix.
#[tokio::test]
async fn callers_learn_who_they_are() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    let narrow = test.key(&owner, Some(&["logs:write"])).await;
    let of = |role: Role| {
        MATRIX
            .iter()
            .filter(|grant| grant.roles.contains(&role))
            .map(|grant| grant.permission.as_str())
            .collect::<Vec<_>>()
    };
    for (actor, role, permissions) in [
        (owner, Role::Owner, of(Role::Owner)),
        (test.person(&customer, Role::Member).await, Role::Member, of(Role::Member)),
        (test.person(&customer, Role::Viewer).await, Role::Viewer, of(Role::Viewer)),
        (test.admin().await, Role::Admin, of(Role::Admin)),
        (test.analyst().await, Role::Analyst, of(Role::Analyst)),
        (key, Role::Key, vec!["logs:read", "logs:write", "analytics:read", "export:read", "keys:read"]),
        (narrow, Role::Key, vec!["logs:write"]),
    ] {
        let me = actor.get("/api/v1/me").await.expect_ok().json();
        assert_eq!((&me["role"], &me["permissions"]), (&json!(role.as_str()), &json!(permissions)));
        if role.is_staff() {
            assert_eq!((&me["customer"], &me["username"]), (&Value::Null, &json!(role.as_str())));
        } else {
            assert_eq!(
                (&me["customer"]["id"], &me["customer"]["name"], &me["username"]),
                (&json!(customer.id), &json!(customer.name), &Value::Null)
            );
        }
        assert_eq!(me["session_expires_at"].is_null(), role == Role::Key);
    }
}

/// ACC-02: the matrix is published as it is, and it says the same as the catalogue.
#[tokio::test]
async fn the_matrix_is_published() {
    let test = TestApp::new().await;
    let published = test.anon().get("/api/v1/permissions").await.expect_ok().json();
    let rows = published["permissions"].as_array().unwrap();
    assert_eq!(rows.len(), MATRIX.len());
    for (row, grant) in rows.iter().zip(MATRIX) {
        let roles: Vec<&str> = grant.roles.iter().map(|role| role.as_str()).collect();
        let scope = grant.scope.map(|scope| scope.as_str());
        assert_eq!(*row, json!({ "permission": grant.permission.as_str(), "roles": roles, "scope": scope }));
    }
    // The table of the product catalogue, written out once more.
    for (permission, roles, scope) in [
        ("logs:read", "viewer member owner", Some("logs:read")),
        ("logs:write", "member owner", Some("logs:write")),
        ("analytics:read", "viewer member owner", Some("analytics:read")),
        ("export:read", "viewer member owner", Some("export:read")),
        ("keys:read", "viewer member owner", Some("keys:read")),
        ("keys:manage", "owner", Some("keys:manage")),
        ("account:manage", "owner", None),
        ("customers:read", "analyst admin", None),
        ("customers:write", "admin", None),
        ("customer-keys:revoke", "admin", None),
    ] {
        let roles: Vec<&str> = roles.split(' ').collect();
        assert!(
            rows.contains(&json!({ "permission": permission, "roles": roles, "scope": scope })),
            "{permission}"
        );
    }
}

/// ACC-19: the owner changes language and time zone of the account, with effect on the next request.
#[tokio::test]
async fn the_owner_changes_language_and_time_zone() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    let me = owner
        .patch("/api/v1/me", &json!({ "language": "en", "time_zone": "Asia/Kathmandu" }))
        .await
        .expect_ok()
        .json();
    assert_eq!(
        (&me["customer"]["language"], &me["customer"]["time_zone"]),
        (&json!("en"), &json!("Asia/Kathmandu"))
    );
    let seen = key.get("/api/v1/me").await.expect_ok().json();
    assert_eq!(seen["customer"], me["customer"]);
    let me = owner.patch("/api/v1/me", &json!({ "language": "nl" })).await.expect_ok().json();
    assert_eq!(me["customer"]["time_zone"], "Asia/Kathmandu", "what is absent stays");
    for zone in ["Amsterdam", "", "Europe/Nowhere", "../etc/passwd"] {
        let problem = owner
            .patch("/api/v1/me", &json!({ "time_zone": zone }))
            .await
            .expect_problem(422, "invalid_body");
        assert_eq!(
            (&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]),
            (&json!("time_zone"), &json!("/time_zone"))
        );
    }
    let problem =
        owner.patch("/api/v1/me", &json!({ "language": "fr" })).await.expect_problem(422, "invalid_body");
    assert_eq!(
        (&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]),
        (&json!("one_of"), &json!("/language"))
    );
    let member = test.person(&customer, Role::Member).await;
    member.patch("/api/v1/me", &json!({ "language": "en" })).await.expect_problem(403, "forbidden");
    owner.patch("/api/v1/me", &json!({})).await.expect(StatusCode::OK);
}
