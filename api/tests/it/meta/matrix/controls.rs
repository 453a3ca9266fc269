//! The checker itself is checked: each fault that it is there for is planted, and it must say so.

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use shared::access::Permission;

use super::policy::{Guard, Verdict, Who, verdict};
use super::probe::{Id, leaks, probe};
use super::world::{Seat, World};
use super::{disagreements, guard_of};
use crate::meta::document::{Operation, document, operations};
use crate::support::{Actor, Answer};

fn operation(id: &str) -> Operation {
    operations(&document()).into_iter().find(|operation| operation.id == id).unwrap()
}

fn on(router: &Router, who: Who) -> Seat {
    Seat {
        who,
        actor: Actor::new(router.clone(), "203.0.113.7:1".parse().unwrap(), Some("x".to_owned())),
        side: Some(0),
        export_id: None,
    }
}

/// ACC-02: an operation without a line, a wrong permission and a wrong scheme are all noticed.
#[test]
fn planted_disagreements_are_found() {
    let mut planted = document();
    planted["paths"]["/api/v1/new"] = json!({ "get": { "operationId": "list_news", "responses": { "200": {} }, "security": [{ "bearer": [] }] } });
    assert!(
        disagreements(&planted)
            .iter()
            .any(|finding| finding.contains("list_news") && finding.contains("not in the policy table"))
    );

    let mut planted = document();
    planted["paths"]["/api/v1/keys"]["post"]["x-permission"] = json!("keys:read");
    assert!(
        disagreements(&planted)
            .iter()
            .any(|finding| finding.contains("create_key") && finding.contains("x-permission"))
    );

    let mut planted = document();
    planted["paths"]["/api/v1/keys"]["post"]["security"] = json!([{}]);
    assert!(
        disagreements(&planted)
            .iter()
            .any(|finding| finding.contains("create_key") && finding.contains("security"))
    );

    let mut planted = document();
    planted["paths"].as_object_mut().unwrap().remove("/api/v1/status");
    assert!(
        disagreements(&planted)
            .iter()
            .any(|finding| finding.contains("get_status") && finding.contains("not in the document"))
    );
}

/// ACC-02: the expected outcomes are not all the same; a few are written out.
#[test]
fn expected_outcomes_are_as_in_the_catalogue() {
    for (guard, who, expected) in [
        (Guard::Tenant(Permission::LogsRead), Who::Viewer, Verdict::Allowed),
        (Guard::Tenant(Permission::LogsWrite), Who::Viewer, Verdict::Refused(403, "forbidden")),
        (Guard::Tenant(Permission::LogsWrite), Who::Member, Verdict::Allowed),
        (Guard::Tenant(Permission::KeysManage), Who::Member, Verdict::Refused(403, "forbidden")),
        (Guard::Tenant(Permission::KeysManage), Who::Owner, Verdict::Allowed),
        (
            Guard::Tenant(Permission::KeysManage),
            Who::KeyWithoutUse,
            Verdict::Refused(403, "insufficient_scope"),
        ),
        (Guard::Tenant(Permission::AccountManage), Who::KeyWithAllScopes, Verdict::Refused(403, "forbidden")),
        (Guard::Tenant(Permission::LogsRead), Who::Admin, Verdict::Refused(403, "forbidden")),
        (Guard::Staff(Permission::CustomersRead), Who::Analyst, Verdict::Allowed),
        (Guard::Staff(Permission::CustomersWrite), Who::Analyst, Verdict::Refused(403, "forbidden")),
        (Guard::Staff(Permission::CustomerKeysRevoke), Who::Admin, Verdict::Allowed),
        (Guard::Staff(Permission::CustomersRead), Who::Owner, Verdict::Refused(403, "forbidden")),
        (Guard::SignedIn, Who::Anonymous, Verdict::Refused(401, "unauthenticated")),
    ] {
        assert_eq!(verdict(guard, who), expected, "{guard:?} {who:?}");
    }
}

/// ACC-01: an answer that holds another customer's data is reported, whether in the body or in a header.
#[tokio::test]
async fn planted_leaks_are_found() {
    let mut world = World::new().await;
    let pair = world.pair().await;
    let forbidden = world.forbidden(Who::Owner, Some(&pair.sides[0]));
    let (own, other) = (pair.sides[0].content.clone(), pair.sides[1].clone());
    let respond = |body: String, header: String| {
        Response::builder().header("x-note", header).body(Body::from(body)).unwrap()
    };
    for (body, header, count) in [
        (own.clone(), own.clone(), 0),
        (other.content.clone(), String::new(), 1),
        (String::new(), other.profile.to_uppercase(), 1),
        (format!("{} {}", other.secrets[0], other.profile), String::new(), 2),
    ] {
        let answer = Answer::read(String::new(), respond(body, header)).await;
        assert_eq!(leaks(&answer, &forbidden).len(), count);
    }
}

/// ACC-01: a handler whose tenant filter is gone is reported by the same probe that runs over the product.
#[tokio::test]
async fn a_missing_tenant_filter_is_found() {
    let mut world = World::new().await;
    let pair = world.pair().await;
    let app = world.test.app.clone();
    let owners = [pair.sides[0].owner.clone(), pair.sides[1].owner.clone()];
    let stolen = pair.sides[1].clone();
    // Lists the logs of all customers, and the keys of one that the caller does not belong to.
    let all_logs = move || {
        let owners = owners.clone();
        async move {
            let mut texts = Vec::new();
            for owner in owners {
                texts.push(owner.get("/api/v1/logs").await.expect_ok().text());
            }
            texts.concat()
        }
    };
    let foreign_keys = move || {
        let (app, id) = (app.clone(), api::util::ids::CustomerId(stolen.customer.id));
        async move {
            let keys = api::domain::keys::service::list(
                &app,
                api::db::Scope::Installation,
                id,
                shared::tenancy::Plan::Demo,
            )
            .await
            .unwrap();
            serde_json::to_string(&keys).unwrap()
        }
    };
    let leaky = Router::new().route("/api/v1/logs", get(all_logs)).route("/api/v1/keys", get(foreign_keys));
    let forbidden = world.forbidden(Who::Owner, Some(&pair.sides[0]));
    for id in ["list_logs", "list_keys"] {
        let (_, findings) =
            probe(&operation(id), &on(&leaky, Who::Owner), Id::Own, &pair, Verdict::Allowed, &forbidden)
                .await;
        assert!(findings.iter().any(|finding| finding.contains("leaks kanarie")), "{id}: {findings:?}");
    }
    let seat = world.seat(Who::Owner, &pair).await;
    for id in ["list_logs", "list_keys"] {
        let (_, findings) = probe(&operation(id), &seat, Id::Own, &pair, Verdict::Allowed, &forbidden).await;
        assert!(findings.is_empty(), "the product passes the same probe: {findings:?}");
    }
}

/// ACC-02: a door that lets everybody in is reported for each guarded operation, and an undocumented status as well.
#[tokio::test]
async fn an_open_door_is_found() {
    let mut world = World::new().await;
    let pair = world.pair().await;
    let open = Router::new().fallback(|| async { (StatusCode::OK, "{}").into_response() });
    let (mut guarded, mut found) = (0, 0);
    for operation in operations(&document()) {
        let verdict = verdict(guard_of(&operation.id).unwrap(), Who::Anonymous);
        if verdict == Verdict::Allowed {
            continue;
        }
        guarded += 1;
        let (_, findings) = probe(&operation, &on(&open, Who::Anonymous), Id::Own, &pair, verdict, &[]).await;
        found += usize::from(findings.iter().any(|finding| finding.contains("expected [(401")));
    }
    assert!(guarded >= 34 && guarded == found, "{found} of {guarded}");

    let teapot = Router::new().fallback(|| async { StatusCode::IM_A_TEAPOT.into_response() });
    let (_, findings) =
        probe(&operation("list_logs"), &on(&teapot, Who::Owner), Id::Own, &pair, Verdict::Allowed, &[]).await;
    assert!(findings.iter().any(|finding| finding.contains("418 is not documented")), "{findings:?}");
}
